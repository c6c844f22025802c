"""Counts that add up, and the rates that come of them.

Every measure of every task rests on four numbers a document: the numerator and denominator of precision and those of
recall. They are summed over documents and divided once (micro average). For plain counting both numerators are the
true positives; for coreference they differ. One array holds them all, so that the bootstrap is a matrix product.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Rates = tuple[Floats, Floats, Floats]
"""Precision, recall and F1; NaN where nothing is measured."""

P_PART, P_WHOLE, R_PART, R_WHOLE = range(4)


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """One measure: shares from 0 to 1, or None where there is nothing to measure, which is not the same as 0.

    ``predicted`` and ``gold`` are the denominators of precision and recall, ``correct_predicted`` and
    ``correct_gold`` their numerators. ``low`` and ``high`` bound f1 in 95 % of resamples of stories; None when
    no bootstrap was made or there are fewer than two stories.
    """

    precision: float | None
    recall: float | None
    f1: float | None
    low: float | None = None
    high: float | None = None
    predicted: float | None
    gold: float | None
    correct_predicted: float | None
    correct_gold: float | None


class TaskCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of one task: ``values[document, measure]`` is (correct predicted, predicted, correct gold, gold)."""

    measures: tuple[str, ...]
    doc_ids: tuple[str, ...]
    stories: tuple[str, ...]
    values: Floats

    def total(self) -> Floats:
        """The sums over documents, of shape (measures, 4)."""
        total: Floats = self.values.sum(axis=0)
        return total

    def of(self, doc_ids: Sequence[str]) -> TaskCounts:
        """The counts of some of the documents."""
        at = {doc_id: i for i, doc_id in enumerate(self.doc_ids)}
        rows = [at[doc_id] for doc_id in doc_ids]
        stories = tuple(self.stories[row] for row in rows)
        return TaskCounts(measures=self.measures, doc_ids=tuple(doc_ids), stories=stories, values=self.values[rows])

    def by_story(self) -> Floats:
        """The sums over the documents of each story, of shape (stories, measures, 4)."""
        order = {story: i for i, story in enumerate(dict.fromkeys(self.stories))}
        if len(order) == len(self.stories):
            return self.values
        sums = np.zeros((len(order), *self.values.shape[1:]))
        np.add.at(sums, [order[story] for story in self.stories], self.values)
        return sums


def counts_row(correct: float, predicted: float, gold: float) -> tuple[float, float, float, float]:
    """The four numbers of a plain counting measure from true positives and the sizes of both sides."""
    return (correct, predicted, correct, gold)


def recall_row(correct: float, gold: float) -> tuple[float, float, float, float]:
    """The four numbers of a measure that has recall only: its predicted counts are NaN, not 0."""
    return (np.nan, np.nan, correct, gold)


def table(measures: Sequence[str], rows: Mapping[str, Sequence[float]]) -> Floats:
    """One document's counts as an array of shape (measures, 4); measures without a row count nothing."""
    values = np.zeros((len(measures), 4))
    for i, measure in enumerate(measures):
        if measure in rows:
            values[i] = rows[measure]
    return values


def rates(sums: Floats) -> Rates:
    """Precision, recall and F1 of sums of shape (..., 4), each of shape (...); NaN where nothing is measured.

    F1 is the harmonic mean; it is 0 when precision and recall are 0 or one of them has nothing to measure, and NaN only
    when both have nothing to measure or the measure has recall only.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = sums[..., P_PART] / sums[..., P_WHOLE]
        recall = sums[..., R_PART] / sums[..., R_WHOLE]
        p, r = np.nan_to_num(precision), np.nan_to_num(recall)
        f1 = np.where(p + r > 0, 2 * p * r / (p + r), 0.0)
    f1[(np.isnan(precision) & np.isnan(recall)) | np.isnan(sums[..., P_WHOLE])] = np.nan
    return precision, recall, f1


def mean_rates(sums: Floats) -> Rates:
    """The means over the measures of sums of shape (..., measures, 4) of each rate that is measured; NaN if none is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the mean of nothing is NaN, as it should be
        precision, recall, f1 = (np.nanmean(rate, axis=-1) for rate in rates(sums))
    return precision, recall, f1


def optional(value: float) -> float | None:
    """``value``, or None for NaN: what was not measured is None, never 0."""
    return None if np.isnan(value) else float(value)
