"""Pictures for reports: drawn without a display, written atomically, the same bytes for the same numbers."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import DataError, MissingExtraError
from .files import shown, write_atomic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from .diversity import Diversity

FORMATS = (".svg", ".png")


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of ``width`` by ``height`` inches; raises MissingExtraError without matplotlib."""
    try:
        from matplotlib import rcParams
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise MissingExtraError(error.name or "matplotlib", "reports") from error
    rcParams["svg.hashsalt"] = "armsbench"
    rcParams["svg.fonttype"] = "none"
    return Figure(figsize=(width, height), layout="constrained")


def save_figure(figure: Figure, path: Path) -> None:
    """Write ``figure`` to ``path`` as SVG or PNG, by its name; raises DataError for another name."""
    if path.suffix not in FORMATS:
        raise DataError(f"{shown(path)}: name the picture *.svg or *.png")
    content = io.BytesIO()
    metadata = {"Date": None} if path.suffix == ".svg" else {"Software": None}
    figure.savefig(content, format=path.suffix[1:], dpi=150, metadata=metadata)
    write_atomic(path, content.getvalue())


def draw_diversity(rows: Sequence[Diversity]) -> Figure:
    """Type-token curves: distinct words over running words, one curve a collection."""
    from .diversity import CURVE_STEP

    figure = new_figure(6, 4)
    axes = figure.add_subplot(xlabel="running words", ylabel="distinct words", title="Type-token curves")
    for row in rows:
        ends = [(CURVE_STEP * n, types) for n, types in enumerate(row.curve, 1)]
        points = [(0, 0), *ends, (row.words, row.types)]
        axes.plot(*zip(*points, strict=True), label=f"{row.collection} ({row.documents} documents)")
    axes.grid(alpha=0.3)
    axes.legend()
    return figure
