"""One-to-one matching of greatest weight, independent of the order of either side."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import Any, TypeVar

import numpy as np

from .measures import Floats

SMALL = 4
"""Rows and columns up to which every assignment is tried: at most 24."""

Left = TypeVar("Left")
Right = TypeVar("Right")


def best_pairs(weights: Floats) -> list[tuple[int, int]]:
    """Pairs (row, column) of the assignment of greatest total weight, those of weight 0 left out."""
    if not weights.any():
        return []
    if 1 in weights.shape:
        row, column = np.unravel_index(int(weights.argmax()), weights.shape)
        return [(int(row), int(column))]
    if max(weights.shape) <= SMALL:
        return _best_of_all(weights)
    rows, columns = _solver()(weights, maximize=True)
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if weights[r, c] > 0]


def best_weight(weights: Floats) -> float:
    """The weight of the assignment of greatest total weight."""
    if 1 in weights.shape:
        return float(weights.max())
    if max(weights.shape) <= SMALL:
        return sum(float(weights[pair]) for pair in _best_of_all(weights))
    return float(weights[_solver()(weights, maximize=True)].sum())


@cache
def _solver() -> Callable[..., tuple[Any, Any]]:
    """scipy's ``linear_sum_assignment``, if possible without the rest of its package.

    To load scipy.optimize takes longer than to score most files; the solver is a module of its own in there.
    """
    scipy = find_spec("scipy")
    folders = [f"{folder}/optimize" for folder in scipy.submodule_search_locations or ()] if scipy else []
    spec = PathFinder.find_spec("_lsap", folders)
    if spec is not None and spec.loader is not None:
        with suppress(ImportError, AttributeError):
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
            solver: Callable[..., tuple[Any, Any]] = module.linear_sum_assignment
            return solver
    from scipy.optimize import linear_sum_assignment

    return linear_sum_assignment


def _best_of_all(weights: Floats) -> list[tuple[int, int]]:
    """The first of the best assignments, all of them tried: for a few rows quicker than to call a solver."""
    if weights.shape[0] > weights.shape[1]:
        return sorted((row, column) for column, row in _best_of_all(weights.T))
    cells = weights.tolist()
    places = itertools.permutations(range(weights.shape[1]), weights.shape[0])
    best = max(places, key=lambda columns: sum(cells[row][column] for row, column in enumerate(columns)))
    return [(row, column) for row, column in enumerate(best) if cells[row][column] > 0]


def match_all(
    left: Sequence[Left], right: Sequence[Right], same: Callable[[Left, Right], bool]
) -> list[tuple[int, int]]:
    """The largest set of one-to-one pairs (index in left, index in right) for which ``same`` holds."""
    if not left or not right:
        return []
    if len(left) == len(right) == 1:
        return [(0, 0)] if same(left[0], right[0]) else []
    return best_pairs(np.array([[float(same(a, b)) for b in right] for a in left]))
