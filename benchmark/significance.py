"""Is one system better than another, or is it the choice of documents? Paired tests on the counts of the same stories.

- Approximate randomisation (Noreen 1989; Yeh 2000): if the two were equal, their counts of a story could as well be
  exchanged. p is (count + 1) / (trials + 1), counting random exchanges with a difference at least as great, ties too.
- Paired bootstrap (Efron and Tibshirani 1993): the 95 % percentile interval of the difference over drawn stories.
- Holm 1979: p-values of several tasks corrected for having looked at several.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .bootstrap import BLOCK, distinct_columns, percentile_interval, resampled_sums
from .measures import Floats

# Differences equal but for binary rounding are ties.
_TIE = 1e-12

Statistic = Callable[[Floats], Floats]
"""From sums of counts of shape (..., measures, 4) to one number of shape (...)."""


def randomisation_p(one: Floats, other: Floats, statistic: Statistic, trials: int, seed: int) -> float:
    """Two-sided p-value of approximate randomisation for counts by story, each of shape (stories, measures, 4)."""
    generator = np.random.default_rng(seed)
    sums = one.sum(axis=0), other.sum(axis=0)
    observed = abs(float(statistic(sums[0]) - statistic(sums[1])))
    flat, place = distinct_columns((other - one).reshape(len(one), -1))
    most = max(1, BLOCK // len(one))
    count = 0
    for begin in range(0, trials, most):
        exchanged = generator.integers(0, 2, size=(min(most, trials - begin), len(one))).astype(np.float64)
        moved = (exchanged @ flat)[:, place].reshape(-1, *one.shape[1:])
        drawn = statistic(sums[0] + moved) - statistic(sums[1] - moved)
        count += int((np.abs(drawn) >= observed - _TIE).sum())
    return (count + 1) / (trials + 1)


def difference_interval(
    one: Floats, other: Floats, statistic: Statistic, resamples: int, seed: int
) -> tuple[float, float]:
    """The 95 % interval of ``statistic(one) - statistic(other)`` over the same drawn stories for both."""
    sums = [resampled_sums(counts, resamples, seed) for counts in (one, other)]
    low, high = percentile_interval((statistic(sums[0]) - statistic(sums[1]))[:, None])
    return low.item(), high.item()


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values corrected by Holm's method, in the order given; never above 1, never falling."""
    corrected = [0.0] * len(p_values)
    highest = 0.0
    for rank, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[i]))
        corrected[i] = highest
    return corrected
