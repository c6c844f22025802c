"""Options that commands share."""

from __future__ import annotations

from pathlib import Path

import click

SOURCES = click.option(
    "--sources",
    type=click.Path(path_type=Path),
    help="Folder with notices/arms_sales.json and press/*.txt.  [default: $ARMSBENCH_SOURCES, or what hydrate finds]",
)
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON with full precision instead of tables.")
FIGURE = click.option(
    "--figure",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw a picture into this file, *.svg or *.png (needs the extra: reports).",
)
