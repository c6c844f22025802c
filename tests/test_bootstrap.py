"""Resampled sums are sums over drawn stories, however the columns and the rows are put together."""

from __future__ import annotations

import threading
from contextlib import closing

import numpy as np
import pytest
from armsbench.benchmark import bootstrap
from armsbench.benchmark.bootstrap import distinct_columns, resampled_sums, story_weights
from hypothesis import given, settings
from hypothesis import strategies as st


@settings(max_examples=200)
@given(st.integers(1, 1200), st.integers(1, 30), st.integers(1, 4), st.integers(0, 999))
def test_distinct_columns_are_all_columns_once(rows: int, columns: int, kinds: int, seed: int) -> None:
    """The last columns are one-hot: all hold the same numbers, each somewhere else."""
    generator = np.random.default_rng(seed)
    choices = generator.choice([0.0, 1.0, 0.5, np.nan], size=(rows, kinds))
    one_hot = np.eye(rows, min(rows, 5))
    table = np.concatenate([choices[:, generator.integers(0, kinds, columns)], one_hot], axis=1)
    found, place = distinct_columns(table)
    np.testing.assert_array_equal(found[:, place], table)
    assert found.shape[1] == len({column.tobytes() for column in table.T})


def test_columns_that_only_look_alike_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys that agree by chance are no proof."""

    class Zeros:
        def integers(self, low: int, high: int, size: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
            return np.zeros(size, np.int64)

    monkeypatch.setattr(np.random, "default_rng", lambda seed: Zeros())
    table = np.arange(12.0).reshape(3, 4).astype(np.float64)
    found, place = distinct_columns(table)
    np.testing.assert_array_equal(found[:, place], table)


@pytest.mark.parametrize("block", [1, 7, 1 << 21])
def test_resampled_sums_are_the_sums_of_the_stories_drawn(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = np.random.default_rng(2).integers(0, 9, (7, 5, 4)).astype(float)
    counts[:, 3] = counts[:, 1]
    counts[:, 4, :2] = np.nan
    generator = np.random.default_rng(1)
    expected = [counts[generator.integers(0, 7, 7)].sum(axis=0) for _ in range(20)]
    monkeypatch.setattr(bootstrap, "BLOCK", block)
    np.testing.assert_array_equal(resampled_sums(counts, 20, 1), expected)
    assert all((weights.sum(axis=1) == 7).all() for weights in story_weights(7, 20, 1))
    assert list(story_weights(7, 0, 1)) == []


def test_no_thread_is_left_behind() -> None:
    before = threading.active_count()
    with closing(story_weights(1000, 10_000, 1)) as weights:
        next(weights)
        assert threading.active_count() == before + 1
    assert threading.active_count() == before
