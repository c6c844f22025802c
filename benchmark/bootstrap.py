"""Percentile bootstrap over stories: documents that tell one sale are drawn together, for they are no two samples.

Efron and Tibshirani 1993, chapter 13. Counts are drawn, not scores recomputed: a resample of stories is a row of
weights, how often each was drawn, and all resamples of all measures are one matrix product.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from .arrays import Ints
from .measures import Floats

BLOCK = 1 << 20
"""How many weights are made at once, of as many draws: 12 MiB in all. Two such lots may be in memory."""

ROWS = 250
"""How many rows of counts are looked at together."""


def resampled_sums(by_story: Floats, resamples: int, seed: int) -> Floats:
    """Sums over ``resamples`` draws of stories with replacement; shape (resamples, measures, 4)."""
    flat, place = distinct_columns(by_story.reshape(len(by_story), -1))
    sums = np.concatenate([weights @ flat for weights in story_weights(len(flat), resamples, seed)])
    return sums[:, place].reshape(resamples, *by_story.shape[1:])


def distinct_columns(table: Floats) -> tuple[Floats, Ints]:
    """``table`` without columns that it has already, and where each of its columns is in that.

    Of the counts of a task more than half are equal: what is correct of gold and of predictions in a plain count, the
    sizes of the sides under each match, and labels that nobody used. All is done some rows at a time, which fit into
    the processor's cache.
    """
    bits = np.ascontiguousarray(table).view(np.int64)  # in these NaN is equal to NaN
    blocks = [slice(begin, begin + ROWS) for begin in range(0, len(table), ROWS)]
    factors = np.random.default_rng(0).integers(-(1 << 63), 1 << 63, len(table))
    keys = np.sum([factors[rows] @ bits[rows] for rows in blocks], axis=0)  # wraps around, as hashes do
    places: dict[int, int] = {}
    first = np.array([places.setdefault(key, i) for i, key in enumerate(keys.tolist())])
    for rows in blocks:  # that keys are equal is no proof
        other = (bits[rows] != bits[rows].take(first, axis=1)).any(axis=0)
        first[other] = np.flatnonzero(other)
    chosen, place = np.unique(first, return_inverse=True)
    columns = np.empty((len(chosen), len(table)))
    for rows in blocks:
        columns[:, rows] = table[rows].take(chosen, axis=1).T
    return columns.T, place


def story_weights(stories: int, resamples: int, seed: int) -> Generator[Floats, None, None]:
    """How often each story is drawn in each resample, some resamples at a time.

    Each array is of shape (some, stories), together they have ``resamples`` rows; rows sum to ``stories``.
    """
    from concurrent.futures import ThreadPoolExecutor  # here, as it takes time that scores without intervals need not

    generator = np.random.default_rng(seed)
    most = max(1, BLOCK // stories)
    sizes = [min(most, resamples - begin) for begin in range(0, resamples, most)]

    def draw(rows: int) -> Ints:
        return generator.integers(0, stories, (rows, stories), np.int32)

    with ThreadPoolExecutor(1) as ahead:  # draws the next ones while these are counted and multiplied
        drawn = [ahead.submit(draw, rows) for rows in sizes[:1]]
        for following in range(1, len(sizes) + 1):
            draws = drawn.pop().result()
            drawn += [ahead.submit(draw, rows) for rows in sizes[following : following + 1]]
            weights = np.empty(draws.shape)
            for row, its in zip(weights, draws, strict=True):
                # Five times as fast as drawing from the multinomial distribution, which this is.
                row[:] = np.bincount(its, minlength=stories)
            yield weights


def percentile_interval(values: Floats) -> tuple[Floats, Floats]:
    """The 2.5th and 97.5th percentile over the first axis; NaN where no resample has a value."""
    low, high = np.full(values.shape[1:], np.nan), np.full(values.shape[1:], np.nan)
    measured = ~np.isnan(values).all(axis=0)
    if measured.any():
        its = values[:, measured]
        percentile = np.nanpercentile if np.isnan(its).any() else np.percentile  # the first takes twice as long
        low[measured], high[measured] = percentile(its, [2.5, 97.5], axis=0)
    return low, high
