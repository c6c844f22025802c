"""Commands of the corpus: hydrate, add-article, diversity, leakage."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .console import finish, print_json, progress, stdout
from .errors import DataError
from .files import shown
from .options import FIGURE, JSON, SOURCES


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


@click.command(short_help="How much the texts of each collection repeat each other.")
@SOURCES
@FIGURE
@JSON
def diversity(sources: Path | None, figure: Path | None, as_json: bool) -> None:
    """How much the released texts of each collection repeat each other.

    Sentences are compared after masking names and figures; the longest shared run does not count them either. With
    --figure, type-token curves are drawn.
    """
    from rich import box
    from rich.table import Table

    from .diversity import measure_diversity
    from .document import COLLECTIONS
    from .figures import draw_diversity, save_figure
    from .load import load_corpus
    from .splits import read_splits

    corpus = load_corpus(sources=sources, only=read_splits())
    with progress() as show:
        rows = []
        for collection in COLLECTIONS:
            documents = [d for d in corpus.documents.values() if d.collection == collection]
            if documents:
                show(f"comparing {collection}")
                rows.append(measure_diversity(collection, documents))
    if figure is not None:
        save_figure(draw_diversity(rows), figure)
    if as_json:
        print_json(rows)
    else:
        table = Table(box=box.SIMPLE_HEAD)
        table.add_column("collection")
        for column in ("documents", "sentences", "repeated", "longest run", "own opening", "words", "types"):
            table.add_column(column, justify="right")
        for row in rows:
            shares = ["-" if share is None else f"{share:.1%}" for share in (row.repeated, row.openings)]
            run = "-" if row.longest_run is None else f"{row.longest_run.words} words"
            counts = [f"{n:,}" for n in (row.documents, row.sentences, row.words, row.types)]
            table.add_row(row.collection, *counts[:2], shares[0], run, shares[1], *counts[2:])
        stdout().print(table)
    finish("".join(f"{name}: left out; {reason}\n" for name, reason in corpus.absent.items()), corpus.faults)


@click.command(short_help="Whether a split holds texts that another has seen.")
@SOURCES
@JSON
def leakage(sources: Path | None, as_json: bool) -> None:
    """Whether near-duplicates stand in different splits; exit status 1 if any do.

    Near-duplicates have half of their runs of five words in common once names and figures are masked. Articles that
    rest on the sale of a notice in another split are named too.
    """
    from .facts import read_fact_sheet
    from .index import read_index
    from .leakage import near_duplicates, told_sales
    from .load import load_corpus
    from .splits import read_splits

    splits = read_splits()
    corpus = load_corpus(sources=sources, only=splits)
    with progress() as show:
        show("comparing texts")
        pairs = near_duplicates(list(corpus.documents.values()), splits)
    across = [pair for pair in pairs if pair.across]
    told = told_sales((read_fact_sheet(e.id) for e in read_index("articles")), read_index("notices"), splits)
    if as_json:
        print_json({"near_duplicates": pairs, "told_sales": told})
    else:
        for pair in pairs:
            where = " and ".join(str(split) for split in dict.fromkeys(pair.splits))
            click.echo(f"{pair.similarity:.2f}  {pair.documents[0]}  {pair.documents[1]}  {where}")
        click.echo(f"{len(corpus.documents)} texts: {len(pairs)} near-duplicates, {len(across)} of them across splits")
        for sale in told:
            if sale.splits[0] != sale.splits[1]:
                where = f"{sale.article} ({sale.splits[0]}), fact {sale.fact}"
                click.echo(f"{where}: tells of the sale of {sale.notice} ({sale.splits[1]})")
    finish("".join(f"{name}: left out; {reason}\n" for name, reason in corpus.absent.items()), corpus.faults)
    if across:
        sys.exit(1)
