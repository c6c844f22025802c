"""Commands of the corpus: hydrate."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .console import print_json, progress, stdout
from .errors import DataError
from .files import shown
from .options import JSON, SOURCES


@click.command(short_help="Find and verify texts that the repository may not hold.")
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


@click.command("add-article", short_help="Add an article from a draft and its fact sheet.")
@click.argument("draft", type=click.Path(path_type=Path))
@click.argument("facts", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace the article of that id; its annotations no longer fit then.")
def add_article(draft: Path, facts: Path, replace: bool) -> None:
    """Add an article to the repository, or replace one, from a draft and its fact sheet.

    DRAFT is the text with a mark such as {{#headline}} or {{#body}} before the first character of each region; FACTS is
    its fact sheet (JSON, as in corpus/articles/facts/). Annotate it, then put its id into corpus/splits.json.
    """
    from .facts import decode_fact_sheet
    from .readers.articles import add_article as add

    try:
        text, sheet = draft.read_text(encoding="utf-8"), decode_fact_sheet(facts.read_bytes(), shown(facts))
    except UnicodeDecodeError as error:
        raise DataError(f"{shown(draft)}: not UTF-8 ({error.reason} at byte {error.start})") from None
    click.echo(f"wrote {add(text, sheet, replace=replace)}")
