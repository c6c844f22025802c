"""Commands of the corpus: hydrate."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .console import print_json, progress, stdout
from .errors import DataError
from .options import JSON, SOURCES


@click.command()
@SOURCES
@click.option("--download", is_flag=True, help="Fetch the notices' public file (0.9 MB) first.")
@JSON
def hydrate(sources: Path | None, download: bool, as_json: bool) -> None:
    """Find the texts that the repository may not hold, and verify each against its digest.

    Articles are here already. Notices are public: --download fetches them. Press articles are under copyright: put your
    own copies in a folder press/ and name the folder above it with --sources.
    """
    from rich import box
    from rich.table import Table

    from .hydrate import download_notices, status
    from .load import load_corpus

    failed = None
    if download:
        with progress() as show:
            try:
                click.echo(f"notices: {download_notices(sources, progress=show)}", err=True)
            except DataError as error:
                failed = error
    with progress() as show:
        show("verifying texts")
        corpus = load_corpus(sources=sources)
    states = status(corpus)
    if as_json:
        print_json({"collections": states, "faults": corpus.faults})
    else:
        table = Table(box=box.SIMPLE_HEAD)
        for column in ("collection", "indexed", "verified", ""):
            table.add_column(column, justify="right" if column in ("indexed", "verified") else "left")
        for state in states:
            table.add_row(state.collection, str(state.indexed), str(state.here), state.reason or "")
        stdout().print(table)
    for fault in corpus.faults:
        click.echo(str(fault), err=True)
    if failed is not None:
        raise failed
    if corpus.faults:
        sys.exit(1)
