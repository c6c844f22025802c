"""Compare two submissions on the same documents: difference of the headlines, its interval, its significance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
import numpy as np

from ..annotations.annotation import Annotation
from ..annotations.release import Release
from ..corpus.document import COLLECTIONS, Split
from .measures import TaskCounts
from .scoring import count_task, lacking, signature_of
from .signature import DEFAULT_RESAMPLES, DEFAULT_SEED, DEFAULT_TRIALS, Signature, parse_signature
from .significance import difference_interval, holm, randomisation_p
from .tasks import Task, tasks_named
from .two_files import TwoFiles


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """How the first of two submissions differs from the second on one task and collection.

    ``difference`` is first minus second in headline F1, ``low`` and ``high`` its 95 % interval over stories; None with
    fewer than two stories, or where the headline is not measured. ``p`` is of approximate randomisation with ``trials``
    exchanges, ``p_holm`` corrected over the tasks of the collection. The signature's ``missing`` counts documents that
    either submission lacks.
    """

    task: str
    collection: str
    split: str
    documents: int
    stories: int
    first: float | None
    second: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    p_holm: float | None
    trials: int
    signature: str


def compare_predictions(
    release: Release,
    first: Mapping[str, Annotation],
    second: Mapping[str, Annotation],
    *,
    split: Split = "test",
    tasks: Iterable[str] = (),
    resamples: int = DEFAULT_RESAMPLES,
    trials: int = DEFAULT_TRIALS,
    seed: int = DEFAULT_SEED,
) -> list[Comparison]:
    """Every task and collection that both submissions can be scored on; see :class:`Comparison`."""
    found = []
    for collection in COLLECTIONS:
        documents = release.select(collection, split)
        its: list[Comparison] = []
        for task in tasks_named(tasks):
            sides = (first, second)
            missing = [set(lacking(task, documents, side)) for side in sides]
            if any(len(its) == len(documents) for its in missing):
                continue
            either = len(missing[0] | missing[1])
            signature = signature_of(
                release.gold, task, documents, collection, split, missing=either, resamples=resamples, seed=seed
            )
            one, other = (count_task(task, documents, release.gold, side) for side in sides)
            its.append(_compare(task, one, other, signature, trials))
        found += _corrected(its)
    return found


def compare_files(first: TwoFiles, second: TwoFiles, *, resamples: int, trials: int, seed: int) -> list[Comparison]:
    """Every task that both were counted on, against the same gold file."""
    others = {counted.task.name: counted for counted in second.counted}
    found = []
    for one in first.counted:
        if one.task.name in others:
            other = others[one.task.name]
            either = tuple({*one.missing, *other.missing})
            signature = first.signature(one, either, resamples=resamples, seed=seed)
            found.append(_compare(one.task, one.counts, other.counts, signature, trials))
    return _corrected(found)


def _compare(task: Task, first: TaskCounts, second: TaskCounts, signature: Signature, trials: int) -> Comparison:
    """Compare counts of the same documents."""
    task, (first, second) = _headline_alone(task, (first, second))
    one, other = first.by_story(), second.by_story()
    f1 = [task.headline_f1(counts.total()).item() for counts in (first, second)]
    measured = not np.isnan(f1).any()
    tested = measured and len(one) > 1
    low, high = None, None
    if tested and signature.boot:
        low, high = difference_interval(one, other, task.statistic, signature.boot, signature.seed)
    return Comparison(
        task=task.name,
        collection=signature.collection,
        split=signature.split,
        documents=len(first.doc_ids),
        stories=len(one),
        first=f1[0] if measured else None,
        second=f1[1] if measured else None,
        difference=f1[0] - f1[1] if measured else None,
        low=low,
        high=high,
        p=randomisation_p(one, other, task.statistic, trials, signature.seed) if tested else None,
        p_holm=None,
        trials=trials,
        signature=str(signature),
    )


def _headline_alone(task: Task, counts: tuple[TaskCounts, TaskCounts]) -> tuple[Task, tuple[TaskCounts, TaskCounts]]:
    """Task and counts with the headline as only measure, so that labels which one side lacks play no part."""
    if task.headline in task.derived:
        return task, counts
    alone = (task.headline,)
    first, second = (
        msgspec.structs.replace(each, measures=alone, values=each.values[:, [each.measures.index(task.headline)]])
        for each in counts
    )
    return msgspec.structs.replace(task, measures=alone, derived={}), (first, second)


def _corrected(comparisons: list[Comparison]) -> list[Comparison]:
    """``comparisons`` of one collection with their p-values corrected for being several."""
    corrected = holm([c.p for c in comparisons if c.p is not None])
    left = iter(corrected)
    found = []
    for c in comparisons:
        signature = msgspec.structs.replace(parse_signature(c.signature), trials=c.trials, holm=len(corrected))
        p_holm = None if c.p is None else next(left)
        found.append(msgspec.structs.replace(c, p_holm=p_holm, signature=str(signature)))
    return found
