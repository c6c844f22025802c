"""The four tasks by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from ..annotations.annotation import Annotation
from ..corpus.document import Document
from ..corpus.errors import UnknownNameError
from . import coreference, deals, mentions, relations
from .measures import Floats


class Task(msgspec.Struct, frozen=True):
    """A task: counts per document, under one list of measures, one of which (or their mean) is the headline.

    ``submitted`` says whether an annotation holds the layers that the task scores; ``count`` gives the counts of one
    document from gold and prediction, of shape (measures, 4).
    """

    name: str
    headline: str
    measures: tuple[str, ...]
    submitted: Callable[[Annotation], bool]
    count: Callable[[Document, Annotation, Annotation], Floats]


TASKS: dict[str, Task] = {
    module.NAME: Task(module.NAME, module.HEADLINE, module.MEASURES, module.submitted, module.count)
    for module in (mentions, coreference, relations, deals)
}


def tasks_named(names: Iterable[str]) -> tuple[Task, ...]:
    """The tasks of these names (none: all) in their order; raises UnknownNameError."""
    chosen = set(names)
    for name in sorted(chosen):
        if name not in TASKS:
            raise UnknownNameError("task", name, TASKS)
    return tuple(task for name, task in TASKS.items() if not chosen or name in chosen)
