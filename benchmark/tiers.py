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

    The best system opens tier 1. Going down by score, those follow it that approximate randomisation over stories does
    not tell from it at LEVEL, corrected over all others by Holm's method; the first that is told from it opens the next
    tier. So tiers go by score, a tier's best is told from the best of the tier above, and neighbours on both sides of a
    boundary may still be alike. Counts must be of the same documents. With one story all share tier 1.
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
        told = [corrected < LEVEL for corrected in holm(p)]
        first = told.index(True) if True in told else len(others)
        found |= dict.fromkeys(others[:first], tier)
        left = others[first:]
    return found
