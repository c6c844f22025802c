"""Pictures of the benchmark's reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..corpus.figures import new_figure
from .tasks import TASKS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .agreement import Agreement


def draw_agreement(agreement: Agreement) -> Figure:
    """Left the tokens by the labels of both annotators, on a logarithmic scale; right each document's F1 by task."""
    from matplotlib.colors import LogNorm

    figure = new_figure(13, 6)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    tokens = np.array(agreement.confusion) / 2  # each token stands in both directions
    shades = left.imshow(
        np.where(tokens > 0, tokens, np.nan), norm=LogNorm(vmin=0.5, vmax=max(1.0, tokens.max())), cmap="viridis"
    )
    figure.colorbar(shades, ax=left, label="tokens")
    places = range(len(agreement.labels))
    left.set_xticks(places, agreement.labels, rotation=90)
    left.set_yticks(places, agreement.labels)
    left.set_title("Labels that two annotators gave one token")
    for i in places:
        for j in places:
            if i != j and tokens[i, j]:
                left.text(j, i, f"{tokens[i, j]:g}", ha="center", va="center", fontsize=7, color="white")
    spread = np.random.default_rng(0)
    for place, task in enumerate(TASKS):
        values = [f1 for row in agreement.by_document if (f1 := row.f1[task]) is not None]
        right.plot(place + spread.uniform(-0.18, 0.18, len(values)), values, "o", alpha=0.5, markersize=4)
        if values:
            right.hlines(float(np.median(values)), place - 0.3, place + 0.3, color="black")
    right.set_xticks(range(len(TASKS)), TASKS)
    right.set_ylabel("headline F1")
    right.set_title(f"{len(agreement.by_document)} documents, one point each; bars are medians")
    right.grid(axis="y", alpha=0.3)
    return figure
