"""Percentile bootstrap over stories: documents that tell one sale are drawn together, for they are no two samples.

Efron and Tibshirani 1993, chapter 13. Counts are drawn, not scores recomputed: a resample of stories is a row of
weights, how often each was drawn, and all resamples of all measures are one matrix product.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from .measures import Floats

BLOCK = 1 << 23
"""How many weights are in memory at once: 64 MiB."""


def resampled_sums(by_story: Floats, resamples: int, seed: int) -> Floats:
    """Sums over ``resamples`` draws of stories with replacement; shape (resamples, measures, 4)."""
    flat, place = distinct_columns(by_story.reshape(len(by_story), -1))
    sums = np.concatenate([weights @ flat for weights in story_weights(len(flat), resamples, seed)])
    return sums[:, place].reshape(resamples, *by_story.shape[1:])


def distinct_columns(table: Floats) -> tuple[Floats, list[int]]:
    """``table`` without columns that it has already, and where each of its columns is in that.

    Of the counts of a task more than half are equal: what is correct of gold and of predictions in a plain count, the
    sizes of the sides under each match, and labels that nobody used.
    """
    columns = np.empty(table.shape[::-1])
    for begin in range(0, len(table), 500):  # piece by piece, for a table of which whole columns fit into no cache
        columns[:, begin : begin + 500] = table[begin : begin + 500].T
    places: dict[bytes, int] = {}
    place = [places.setdefault(hashlib.sha256(column).digest(), len(places)) for column in columns]
    first = dict(zip(reversed(place), reversed(range(len(place))), strict=True))
    return columns[[first[i] for i in range(len(places))]].T, place


def story_weights(stories: int, resamples: int, seed: int) -> Iterator[Floats]:
    """How often each story is drawn in each resample, some resamples at a time.

    Each array is of shape (some, stories), together they have ``resamples`` rows; rows sum to ``stories``.
    """
    generator = np.random.default_rng(seed)
    most = max(1, BLOCK // stories)
    for begin in range(0, resamples, most):
        weights = np.empty((min(most, resamples - begin), stories))
        for row in weights:  # five times as fast as drawing from the multinomial distribution, which this is
            row[:] = np.bincount(generator.integers(0, stories, stories), minlength=stories)
        yield weights


def percentile_interval(values: Floats) -> tuple[Floats, Floats]:
    """The 2.5th and 97.5th percentile over the first axis; NaN where no resample has a value."""
    low, high = np.full(values.shape[1:], np.nan), np.full(values.shape[1:], np.nan)
    measured = ~np.isnan(values).all(axis=0)
    if measured.any():
        low[measured], high[measured] = np.nanpercentile(values[:, measured], [2.5, 97.5], axis=0)
    return low, high
