"""The four tasks by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import ModuleType

import msgspec
import numpy as np

from ..annotations.annotation import Annotation
from ..corpus.document import Document
from ..corpus.errors import UnknownNameError
from . import coreference, deals, mentions, relations
from .count_coreference import count_coreference
from .count_mentions import count_mentions
from .measures import Floats, Rates, rates


class Task(msgspec.Struct, frozen=True):
    """A task: counts per document, under one list of measures, one of which (or their mean) is the headline.

    ``submitted`` says whether an annotation holds the layers that the task scores; ``count`` gives the counts of
    documents from these, their gold and their predictions, all in one order, of shape (documents, measures, 4).
    ``derived`` are the measures that are no ratio of such counts but come of the rates of several, a mean: each from
    sums of shape (..., measures, 4) to its rates. ``learn`` gives what ``count`` takes as ``known`` from the documents
    of train and their gold, for measures of what is new.
    """

    name: str
    headline: str
    measures: tuple[str, ...]
    submitted: Callable[[Annotation], bool]
    count: Callable[..., Floats]
    derived: Mapping[str, Callable[[Floats], Rates]] = {}
    learn: Callable[[Iterable[tuple[Document, Annotation]]], frozenset[relations.Fact]] | None = None

    def headline_f1(self, sums: Floats) -> Floats:
        """The headline for sums of counts of shape (..., measures, 4); NaN where it is not measured."""
        if self.headline in self.derived:
            return self.derived[self.headline](sums)[2]
        f1: Floats = rates(sums[..., self.measures.index(self.headline), :])[2]
        return f1

    def statistic(self, sums: Floats) -> Floats:
        """The headline for tests of significance: 0 where it is not measured."""
        return np.nan_to_num(self.headline_f1(sums))


_COUNT: dict[str, Callable[..., Floats]] = {
    mentions.NAME: lambda documents, gold, predicted: count_mentions(gold, predicted),
    coreference.NAME: lambda documents, gold, predicted: count_coreference(gold, predicted),
    relations.NAME: relations.count,
    deals.NAME: deals.count,
}


def _task(module: ModuleType) -> Task:
    """The task that a module defines by its names."""
    return Task(
        module.NAME,
        module.HEADLINE,
        module.MEASURES,
        module.submitted,
        _COUNT[module.NAME],
        getattr(module, "DERIVED", {}),
        getattr(module, "facts", None),
    )


TASKS: dict[str, Task] = {module.NAME: _task(module) for module in (mentions, coreference, relations, deals)}


class Measure(msgspec.Struct, frozen=True):
    """One measure of one task; prints as ``task/name`` (``mentions/strict:GPE``) and :func:`parse_measure` reads it."""

    task: str
    name: str

    def __str__(self) -> str:
        """``task/name``."""
        return f"{self.task}/{self.name}"


def measures(tasks: Iterable[Task]) -> tuple[Measure, ...]:
    """Every measure of ``tasks``, task by task, means first."""
    return tuple(Measure(task.name, name) for task in tasks for name in (*task.derived, *task.measures))


def parse_measure(text: str, tasks: Iterable[Task] = TASKS.values()) -> Measure:
    """The measure of ``tasks`` that prints as ``text``; raises UnknownNameError with the nearest for any other."""
    known = {str(measure): measure for measure in measures(tasks)}
    if text not in known:
        raise UnknownNameError("measure", text, known)
    return known[text]


def tasks_named(names: Iterable[str]) -> tuple[Task, ...]:
    """The tasks of these names (none: all) in their order; raises UnknownNameError."""
    chosen = set(names)
    for name in sorted(chosen):
        if name not in TASKS:
            raise UnknownNameError("task", name, TASKS)
    return tuple(task for name, task in TASKS.items() if not chosen or name in chosen)
