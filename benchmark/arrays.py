"""Helpers for counting many documents at once with arrays."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .measures import Floats

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_LIMIT = 1 << 62


def packed(columns: list[Ints]) -> Ints:
    """Whole numbers that are ordered as the rows of ``columns`` are; ranks where they do not fit into 63 bits."""
    key = columns[0]
    for column in columns[1:]:
        width = int(column.max(initial=0)) + 1
        if int(key.max(initial=0)) >= _LIMIT // width:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
        key = key * width + column
    return key


def sums(cells: Ints, weights: Floats | None, shape: tuple[int, ...]) -> Floats:
    """How many of ``cells``, or what weight of them, falls on each cell of an array of that shape."""
    return np.bincount(cells, weights, math.prod(shape)).reshape(shape).astype(float)


def runs(equal: Bools) -> tuple[Ints, Ints]:
    """Where each run of elements that are ``equal`` to the one before begins, and how long it is."""
    begins = np.flatnonzero(np.concatenate([[True], ~equal]))
    return begins, np.diff(begins, append=len(equal) + 1)


def keep_freed_memory() -> None:
    """Have glibc keep freed memory for the next arrays; without it, it asks the system for each larger one anew.

    Its threshold for that rises to the size of what is freed, 32 MiB at most. Other C libraries take no notice.
    """
    np.empty(31 << 20, np.uint8)
