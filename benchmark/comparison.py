"""Compare two submissions on the same documents: difference of the headlines, its interval, its significance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
import numpy as np

from ..annotations.annotation import Annotation
from ..annotations.release import Release
from ..corpus.document import COLLECTIONS, Split
from .measures import Floats
from .scoring import count_task, signature_of
from .signature import DEFAULT_RESAMPLES, DEFAULT_SEED, DEFAULT_TRIALS
from .significance import difference_interval, holm, randomisation_p
from .tasks import Task, tasks_named


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """How the first of two submissions differs from the second on one task and collection.

    ``difference`` is first minus second in headline F1, ``low`` and ``high`` its 95 % interval over stories; None with
    fewer than two stories. ``p`` is of approximate randomisation with ``trials`` exchanges, ``p_holm`` corrected over
    the tasks of the collection. The signature's ``missing`` counts documents that either submission lacks.
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
            if not all(any(d.id in s and task.submitted(s[d.id]) for d in documents) for s in sides):
                continue

            def statistic(sums: Floats, task: Task = task) -> Floats:
                return np.nan_to_num(task.headline_f1(sums))

            missing = sum(not all(d.id in s and task.submitted(s[d.id]) for s in sides) for d in documents)
            signature = signature_of(
                release.gold, task, documents, collection, split, missing=missing, resamples=resamples, seed=seed
            )
            counts = [count_task(task, documents, release.gold, side) for side in sides]
            one, other = (c.by_story() for c in counts)
            f1 = [task.headline_f1(c.total()).item() for c in counts]
            many = len(one) > 1
            low, high = difference_interval(one, other, statistic, resamples, seed) if many else (None, None)
            measured = not np.isnan(f1).any()
            its.append(
                Comparison(
                    task=task.name,
                    collection=collection,
                    split=split,
                    documents=len(documents),
                    stories=len(one),
                    first=f1[0] if measured else None,
                    second=f1[1] if measured else None,
                    difference=f1[0] - f1[1] if measured else None,
                    low=low,
                    high=high,
                    p=randomisation_p(one, other, statistic, trials, seed) if many else None,
                    p_holm=None,
                    trials=trials,
                    signature=str(signature),
                )
            )
        found += _corrected(its)
    return found


def _corrected(comparisons: list[Comparison]) -> list[Comparison]:
    """``comparisons`` of one collection with their p-values corrected for being several."""
    tested = [c.p for c in comparisons if c.p is not None]
    corrected = iter(holm(tested))
    return [c if c.p is None else msgspec.structs.replace(c, p_holm=next(corrected)) for c in comparisons]
