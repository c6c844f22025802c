"""From gold and predictions to scores: count per document, add, divide, resample."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from .._version import __version__
from ..annotations.annotation import Annotation
from ..annotations.release import RELEASE, Release, gold_digest
from ..corpus.document import COLLECTIONS, Collection, Document, Split
from .bootstrap import percentile_interval, resampled_sums
from .measures import Floats, Rates, Score, TaskCounts, optional, rates
from .signature import DEFAULT_RESAMPLES, DEFAULT_SEED, Signature
from .tasks import Task, tasks_named


class TaskScore(msgspec.Struct, frozen=True, kw_only=True):
    """The scores of one task on one collection. ``measures[headline]`` is the number for the leaderboard."""

    task: str
    collection: str
    split: str
    headline: str
    documents: int
    stories: int
    measures: dict[str, Score]
    signature: str

    @property
    def score(self) -> Score:
        """The headline."""
        return self.measures[self.headline]


def score_predictions(
    release: Release,
    predictions: Mapping[str, Annotation],
    *,
    split: Split = "test",
    collections: Iterable[Collection] = COLLECTIONS,
    tasks: Iterable[str] = (),
    resamples: int = DEFAULT_RESAMPLES,
    seed: int = DEFAULT_SEED,
    train: Release | None = None,
    progress: Callable[[str], None] = lambda message: None,
) -> list[TaskScore]:
    """Score ``predictions`` (by document id) against the gold of ``release``, by task and collection.

    A task is scored on a collection if a prediction for one of its documents holds the task's layers; a document
    without a prediction, or whose prediction lacks the layers, counts as empty, and the signature says how many did.
    Predictions must hold together (:func:`armsbench.annotations.structure.structure_faults` finds nothing);
    :func:`armsbench.benchmark.submission.read_submission` and the runner see to that.
    ``resamples`` 0 makes no intervals; ``train`` as for :func:`count_predictions`.
    """
    counted = count_predictions(
        release, predictions, split=split, collections=collections, tasks=tasks, train=train, progress=progress
    )
    return [score_counted(each, release, resamples=resamples, seed=seed) for each in counted]


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of one task on one collection and split; the documents ``missing`` had no prediction for it."""

    task: Task
    collection: str
    split: str
    missing: tuple[str, ...]
    counts: TaskCounts


def count_predictions(
    release: Release,
    predictions: Mapping[str, Annotation],
    *,
    split: Split = "test",
    collections: Iterable[Collection] = COLLECTIONS,
    tasks: Iterable[str] = (),
    train: Release | None = None,
    progress: Callable[[str], None] = lambda message: None,
) -> list[Counted]:
    """What :func:`score_predictions` divides: the counts of every task and collection that can be scored.

    ``train`` is the release that holds the documents of train, if ``release`` is only a part of it.
    """
    counted = []
    for collection in collections:
        documents = release.select(collection, split)
        for task in tasks_named(tasks):
            missing = lacking(task, documents, predictions)
            if len(missing) < len(documents):
                progress(f"{collection}: {task.name}")
                counts = count_task(task, documents, release.gold, predictions, known=known_of(task, train or release))
                counted.append(Counted(task=task, collection=collection, split=split, missing=missing, counts=counts))
    return counted


def lacking(task: Task, documents: Iterable[Document], predictions: Mapping[str, Annotation]) -> tuple[str, ...]:
    """The ids of the documents of which ``predictions`` hold no layers that ``task`` scores."""
    return tuple(d.id for d in documents if d.id not in predictions or not task.submitted(predictions[d.id]))


def score_counted(counted: Counted, release: Release, *, resamples: int, seed: int) -> TaskScore:
    """The scores that counts come to, with their signature."""
    signature = signature_of(
        release.gold,
        counted.task,
        [release.documents[doc_id] for doc_id in counted.counts.doc_ids],
        counted.collection,
        counted.split,
        missing=len(counted.missing),
        resamples=resamples,
        seed=seed,
    )
    return score_counts(counted.task, counted.counts, signature)


def signature_of(
    gold: Mapping[str, Annotation],
    task: Task,
    documents: Sequence[Document],
    collection: str,
    split: str,
    *,
    missing: int = 0,
    resamples: int,
    seed: int,
) -> Signature:
    """The signature of scoring ``task`` against ``gold`` on ``documents``, of which ``missing`` had no prediction."""
    return Signature(
        task=task.name,
        match=task.headline,
        collection=collection,
        split=split,
        release=RELEASE,
        docs=len(documents),
        missing=missing,
        gold=gold_digest(gold[d.id] for d in documents),
        boot=resamples,
        seed=seed,
        version=__version__,
    )


def known_of(task: Task, release: Release) -> frozenset[Any] | None:
    """What train's gold teaches ``task``; None if it does not ask, or if a text of train is not here.

    Equal signatures mean comparable numbers.
    """
    if task.learn is None or not release.holds_all("train"):
        return None
    return task.learn((d, release.gold[d.id]) for d in release.select(split="train"))


def count_task(
    task: Task,
    documents: Sequence[Document],
    gold: Mapping[str, Annotation],
    predictions: Mapping[str, Annotation],
    *,
    known: frozenset[Any] | None = None,
) -> TaskCounts:
    """The counts of ``task`` for every document; one without the task's layers in its prediction counts as empty."""
    extra = () if known is None else (known,)
    given = [
        p if (p := predictions.get(d.id)) is not None and task.submitted(p) else empty_annotation(d.id)
        for d in documents
    ]
    values = task.count(documents, [gold[d.id] for d in documents], given, *extra)
    return TaskCounts(
        measures=task.measures,
        doc_ids=tuple(d.id for d in documents),
        stories=tuple(d.story for d in documents),
        values=values,
    )


def empty_annotation(doc_id: str) -> Annotation:
    """What stands for a prediction that is missing."""
    return Annotation(doc_id=doc_id, mentions=(), entities=(), relations=())


def score_counts(task: Task, counts: TaskCounts, signature: Signature) -> TaskScore:
    """Divide the summed counts, and put 95 % percentile bootstrap intervals over stories around every F1."""
    total, by_story = counts.total(), counts.by_story()
    precision, recall, f1 = rates(total)
    low: Floats = np.full(len(f1), np.nan)
    high: Floats = low
    drawn = None
    if signature.boot and len(by_story) > 1:
        drawn = resampled_sums(by_story, signature.boot, signature.seed)
        low, high = percentile_interval(rates(drawn)[2])
    measures = {name: _derived_score(derived, total, drawn) for name, derived in task.derived.items()}
    for i, name in enumerate(counts.measures):
        correct_predicted, predicted, correct_gold, gold = (optional(x) for x in total[i])
        measures[name] = Score(
            precision=optional(precision[i]),
            recall=optional(recall[i]),
            f1=optional(f1[i]),
            low=optional(low[i]),
            high=optional(high[i]),
            predicted=predicted,
            gold=gold,
            correct_predicted=correct_predicted,
            correct_gold=correct_gold,
        )
    return TaskScore(
        task=task.name,
        collection=signature.collection,
        split=signature.split,
        headline=task.headline,
        documents=len(counts.doc_ids),
        stories=len(by_story),
        measures=measures,
        signature=str(signature),
    )


def _derived_score(derived: Callable[[Floats], Rates], total: Floats, drawn: Floats | None) -> Score:
    """A measure without counts of its own, from the sums and, if there are any, the resampled sums."""
    precision, recall, f1 = (optional(rate.item()) for rate in derived(total))
    low, high = (np.nan, np.nan)
    if drawn is not None:
        low, high = (end.item() for end in percentile_interval(derived(drawn)[2][:, None]))
    return Score(
        precision=precision,
        recall=recall,
        f1=f1,
        low=optional(low),
        high=optional(high),
        predicted=None,
        gold=None,
        correct_predicted=None,
        correct_gold=None,
    )
