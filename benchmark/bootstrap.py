"""Percentile bootstrap over stories: documents that tell one sale are drawn together, for they are no two samples.

Efron and Tibshirani 1993, chapter 13. Counts are drawn, not scores recomputed: a resample of stories is a row of
multinomial weights, and all resamples of all measures are one matrix product.
"""

from __future__ import annotations

import numpy as np

from .measures import Floats


def resampled_sums(by_story: Floats, resamples: int, seed: int) -> Floats:
    """Sums over ``resamples`` draws of stories with replacement; shape (resamples, measures, 4)."""
    stories = by_story.shape[0]
    weights = story_weights(stories, resamples, seed)
    sums: Floats = (weights @ by_story.reshape(stories, -1)).reshape(resamples, *by_story.shape[1:])
    return sums


def story_weights(stories: int, resamples: int, seed: int) -> Floats:
    """How often each story is drawn in each resample; shape (resamples, stories), rows sum to ``stories``."""
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(stories, np.full(stories, 1 / stories), size=resamples)
    return drawn.astype(np.float64)


def percentile_interval(values: Floats) -> tuple[Floats, Floats]:
    """The 2.5th and 97.5th percentile over the first axis; NaN where no resample has a value."""
    low, high = np.full(values.shape[1:], np.nan), np.full(values.shape[1:], np.nan)
    measured = ~np.isnan(values).all(axis=0)
    if measured.any():
        low[measured], high[measured] = np.nanpercentile(values[:, measured], [2.5, 97.5], axis=0)
    return low, high
