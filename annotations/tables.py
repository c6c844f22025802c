"""Counts as tables for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table

from .stats import Stats


def stats_tables(rows: Sequence[Stats]) -> list[Table]:
    """Sizes by collection and split, mentions by label, relations by type, filled deal slots, each with the total."""
    names = ("documents", "stories", "words", "mentions", "entities", "relations", "deals")
    sizes = Table(box=box.SIMPLE_HEAD)
    sizes.add_column("collection")
    sizes.add_column("split")
    for name in names:
        sizes.add_column(name, justify="right")
    for row in rows:
        sizes.add_row(row.collection, row.split, *(f"{getattr(row, name):,}" for name in names))
    counts = {
        "labels": "mentions by label",
        "relation_types": "relations by type",
        "slots": "deal records by filled slot",
    }
    return [sizes, *(_counts(rows, field, title) for field, title in counts.items())]


def _counts(rows: Sequence[Stats], field: str, title: str) -> Table:
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD)
    table.add_column("")
    for row in rows:
        table.add_column(
            row.collection if row.collection == "all" else f"{row.collection}\n{row.split}", justify="right"
        )
    for name in getattr(rows[-1], field):
        table.add_row(name, *(f"{getattr(row, field)[name]:,}" for row in rows))
    return table
