"""Ranks that the data support: systems that cannot be told apart share a tier."""

from __future__ import annotations

from collections.abc import Mapping

from .measures import TaskCounts
from .significance import holm, randomisation_p
from .tasks import Task

LEVEL = 0.05
TRIALS = 2_000


def tiers(task: Task, counts: Mapping[str, TaskCounts], seed: int) -> dict[str, int]:
    """The tier of each system on ``task``, 1 for the best, from its counts by document.

    The best system opens tier 1 and takes in those that approximate randomisation over stories does not tell from it at
    LEVEL, corrected over them by Holm's method; the best of the others opens the next tier. Counts must be of the same
    documents. With one story all share tier 1: nothing can be told.
    """

    by_story = {name: its.by_story() for name, its in counts.items()}
    score = {name: task.statistic(sums.sum(axis=0)).item() for name, sums in by_story.items()}
    left = sorted(score, key=lambda name: (-score[name], name))
    found: dict[str, int] = {}
    tier = 0
    while left:
        tier += 1
        best, *others = left
        found[best] = tier
        p = [randomisation_p(by_story[best], by_story[name], task.statistic, TRIALS, seed) for name in others]
        corrected = dict(zip(others, holm(p), strict=True))
        found |= {name: tier for name in others if corrected[name] >= LEVEL}
        left = [name for name in others if corrected[name] < LEVEL]
    return found
