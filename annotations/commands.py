"""Commands of the annotations: build, check, inline, stats."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..corpus.console import finish, print_json, progress, stdout
from ..corpus.errors import DataError
from ..corpus.files import local_folder, shown, write_atomic
from ..corpus.options import FIGURE, JSON, SOURCES


@click.command(short_help="Build the dataset for datasets.load_dataset.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write.  [default: build/hf of the checkout, else of the user's cache]",
)
@click.option("--collection", "collections", multiple=True, help="Build this collection only (repeat for more).")
@SOURCES
@JSON
def build(out: Path | None, collections: tuple[str, ...], sources: Path | None, as_json: bool) -> None:
    """Build the dataset in Hugging Face form, for datasets.load_dataset.

    Texts that are not here are left out, and the card says so. A build with press articles is for your own use.
    """
    from .build import build as build_dataset
    from .release import load_release

    release = load_release(collections, sources=sources)
    with progress() as show:
        built = build_dataset(release, out if out is not None else local_folder("hf"), show)
    if as_json:
        print_json(built)
    else:
        for config, rows in built.rows.items():
            click.echo(f"{config}: " + ", ".join(f"{n} {split}" for split, n in rows.items()))
        click.echo(f"wrote {built.folder}")
    finish(release.left_out(), release.corpus.faults)


@click.command(short_help="Check annotations against the guidelines.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@SOURCES
@JSON
def check(files: tuple[Path, ...], sources: Path | None, as_json: bool) -> None:
    """Check annotations against the guidelines: every violation with file, document and paragraph.

    FILES are annotation files; without any, the gold and all layers of the release are checked, with articles, fact
    sheets and splits.
    """
    from .validate import check_files, check_release

    with progress() as show:
        report = check_files(files, sources, show) if files else check_release(sources, show)
    if as_json:
        print_json(report)
        sys.exit(1 if report.faults else 0)
    for doc_id in report.without_text:
        click.echo(f"{doc_id}: not checked, its text is not here", err=True)
    if report.faults:
        for fault in report.faults:
            click.echo(str(fault))
        raise click.ClickException(f"violations: {len(report.faults)}; annotations checked: {report.checked}")
    click.echo(f"{report.checked} annotations checked, no violations")
    if report.structure_only:
        click.echo(f"{report.structure_only} of them follow earlier guidelines: only their structure was checked")


@click.command(short_help="Print a document as marked-up text, or read it back.")
@click.argument("doc_id")
@click.option("--empty", is_flag=True, help="Print the bare text with its regions, to annotate from scratch.")
@click.option(
    "--read", "marked", type=click.Path(path_type=Path), help="Marked-up text to read back into an annotation."
)
@click.option("--layer", help="With --read: name of the annotator layer to write to.")
@click.option(
    "--machine", is_flag=True, help="With --read: a program or a language model made the marks, not a person."
)
@click.option("--replace", is_flag=True, help="With --read: replace what the layer holds of this document.")
@SOURCES
def inline(
    doc_id: str,
    empty: bool,
    marked: Path | None,
    layer: str | None,
    machine: bool,
    replace: bool,
    sources: Path | None,
) -> None:
    """Print a document with its gold, if it has one, as marked-up text, or read marked-up text back.

    A mark is {{ID LABEL ENTITY|surface}}; entities with their attributes, relations and doubts follow the text. Edit it
    in any editor, then: armsbench inline DOC_ID --read FILE --layer YOUR_NAME
    """
    from ..corpus.load import documents_named
    from ..corpus.splits import read_splits
    from .annotation import Annotation, format_annotation
    from .inline import annotation_from_inline, inline_from_annotation, inline_origin
    from .layers import layer_path, new_provenance
    from .release import read_gold
    from .validate import annotation_faults

    if (marked is None) != (layer is None):
        raise click.UsageError("--read FILE and --layer NAME go together.")
    document = documents_named([doc_id], sources)[doc_id]
    if marked is None or layer is None:
        annotated = doc_id in read_splits() and not empty
        bare = Annotation(doc_id=doc_id, mentions=(), entities=(), relations=())
        shown_as = inline_from_annotation(document, read_gold(doc_id), "gold") if annotated else None
        click.echo(shown_as or inline_from_annotation(document, bare), nl=False)
        return
    try:
        text = marked.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{shown(marked)}: not UTF-8 ({error.reason} at byte {error.start})") from None
    path = layer_path(layer, doc_id, replace=replace)
    provenance = new_provenance(layer, doc_id, origin=inline_origin(text), human=not machine)
    annotation = annotation_from_inline(document, text, provenance, shown(marked))
    if faults := annotation_faults(annotation, document, shown(marked)):
        raise DataError(faults)
    write_atomic(path, format_annotation(annotation))
    click.echo(f"wrote {path}")


@click.command(short_help="Count what is in the release.")
@SOURCES
@FIGURE
@JSON
def stats(sources: Path | None, figure: Path | None, as_json: bool) -> None:
    """Count what is in the release: documents, words, mentions by label, relations by type, deal slots filled."""
    from ..corpus.figures import save_figure
    from .figures import draw_stats
    from .release import load_release
    from .stats import release_stats
    from .tables import stats_tables

    release = load_release(sources=sources)
    rows = release_stats(release)
    if figure is not None:
        save_figure(draw_stats(rows), figure)
    if as_json:
        print_json(rows)
    else:
        for table in stats_tables(rows):
            stdout().print(table)
    finish(release.left_out(), release.corpus.faults)
