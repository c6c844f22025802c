"""Mentions as columns of whole numbers, made of annotations or, where C can do it, of the lines of a file at once."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from types import ModuleType

import msgspec
import numpy as np

from ..annotations.annotation import Annotation
from .arrays import Ints
from .mentions import FORM_ORDER

_scan: ModuleType | None
try:
    from . import _scan
except ImportError:  # built where no C compiler was found: slower, and the same numbers
    _scan = None

_SHORTEST = len('{"id":"","start":0,"end":1,"label":""}')


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """The mentions of some documents, one document's after another's.

    ``sizes`` tells how many each document has; ``start``, ``end`` (code points, half-open), ``label``, ``form`` and
    ``cluster`` are of equal length. ``label`` is the place in ``labels``, which are in no order and all occur; ``form``
    is the place in FORM_ORDER. ``cluster`` numbers, over all documents, the entities that mentions name and each
    mention without one, as they come. It is None where nobody asked for it.
    """

    sizes: Ints
    start: Ints
    end: Ints
    label: Ints
    form: Ints
    labels: tuple[str, ...]
    cluster: Ints | None = None


def columns_of(annotations: Sequence[Annotation]) -> Columns:
    """The mentions of ``annotations``; raises OverflowError for an offset beyond 64 bits."""
    layers = [annotation.mentions or () for annotation in annotations]
    flat = list(itertools.chain.from_iterable(layers))
    numbers: dict[str, int] = {}
    label = [numbers.setdefault(m.label, len(numbers)) for m in flat]
    form = [FORM_ORDER[m.form] for m in flat]
    return Columns(
        sizes=_column(list(map(len, layers))),
        start=_column([m.start for m in flat]),
        end=_column([m.end for m in flat]),
        label=_column(label),
        form=_column(form),
        labels=tuple(numbers),
    )


def can_scan() -> bool:
    """Whether the scanner in C was built."""
    return _scan is not None


def scanned_columns(lines: bytes, count: int, *, entities: bool) -> tuple[tuple[str, ...], Columns] | None:
    """The ids of the documents on ``count`` lines, and their mentions; with ``entities``, which all lines must have.

    None where there is no scanner or a line is not plain, wrong in any way included (``_scan.c`` says what is plain).
    """
    if _scan is None:
        return None
    sizes = np.empty(count, np.int64)
    room = len(lines) // _SHORTEST + 1
    start, end, label = np.empty((3, room), np.int64)
    cluster = np.empty(room if entities else 0, np.int64)
    found = _scan.scan(lines, sizes, start, end, label, cluster)
    if found is None or len(found[0]) != count:
        return None
    doc_ids, labels = map(tuple, found)
    total = int(sizes.sum())
    columns = Columns(
        sizes=sizes,
        start=start[:total],
        end=end[:total],
        label=label[:total],
        form=np.full(total, FORM_ORDER[None]),
        labels=labels,
        cluster=cluster[:total] if entities else None,
    )
    return doc_ids, columns


def _column(values: list[int]) -> Ints:
    return np.fromiter(values, np.int64, len(values))
