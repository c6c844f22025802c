"""Pictures of what is in the release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..corpus.document import COLLECTIONS, Collection
from ..corpus.figures import new_figure
from .stats import COUNTS, Stats

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def draw_stats(rows: Sequence[Stats]) -> Figure:
    """Bars of documents by split, mentions by label, relations by type and filled slots, stacked by collection."""
    figure = new_figure(13, 8)
    panels = figure.subplots(2, 2).flat
    splits = list(dict.fromkeys(row.split for row in rows if row.collection != "all"))
    by_split = {(row.collection, row.split): row for row in rows}
    sizes = {c: [by_split[c, s].documents if (c, s) in by_split else 0 for s in splits] for c in COLLECTIONS}
    _bars(next(panels), "documents by split", splits, sizes)
    for field, title in COUNTS.items():
        names = list(getattr(rows[-1], field))
        counts = {
            c: [sum(getattr(row, field)[name] for row in rows if row.collection == c) for name in names]
            for c in COLLECTIONS
        }
        _bars(next(panels), title, names, counts)
    return figure


def _bars(axes: Axes, title: str, names: Sequence[str], counts: Mapping[Collection, list[int]]) -> None:
    left = [0] * len(names)
    for collection, values in counts.items():
        if any(values):
            axes.barh(names, values, left=left, label=collection)
            left = [a + b for a, b in zip(left, values, strict=True)]
    axes.invert_yaxis()
    axes.set_title(title)
    axes.legend()
