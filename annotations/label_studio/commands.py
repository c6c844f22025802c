"""The commands of ``armsbench label-studio``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click
import msgspec

from ...corpus.console import finish, print_json, progress
from ...corpus.document import SPLITS
from ...corpus.errors import DataError, Fault
from ...corpus.options import JSON, SOURCES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...corpus.document import Document
    from ..annotation import Annotation
    from .server import Server

URL = click.option(
    "--url",
    envvar="LABEL_STUDIO_URL",
    default="http://localhost:8080",
    show_default=True,
    help="Address of the server.  [env: LABEL_STUDIO_URL]",
)
TOKEN = click.option(
    "--token",
    envvar="LABEL_STUDIO_API_KEY",
    help="Personal access token or legacy token; better in the environment than here.  [env: LABEL_STUDIO_API_KEY]",
)


def _project(context: click.Context, parameter: click.Parameter, value: str) -> str:
    """The title or id as the server keeps it, which strips titles."""
    from .sync import is_project_id

    title = value.strip()
    if not title:
        raise click.BadParameter("give the title or the id of a project; this one is empty.")
    if is_project_id(title) and len(title) > 18:
        raise click.BadParameter("digits are taken for an id, never for a title, and no id is as long as that.")
    return title


PROJECT = click.option(
    "--project",
    default="armsbench",
    show_default=True,
    callback=_project,
    help="Title of the project, or its id; digits are an id.",
)


@click.group("label-studio", short_help="Annotate in Label Studio, and take the work back.")
def label_studio() -> None:
    """Annotate in Label Studio: push documents, pull annotations, compare them with gold, merge them.

    Needs the extra labelstudio. See annotations/label_studio/README.md.
    """


@label_studio.command()
def config() -> None:
    """Print the labelling configuration that push gives its project, made from the scheme."""
    from .config import label_config

    click.echo(label_config(), nl=False)


@label_studio.command()
@click.argument("doc_ids", nargs=-1)
@click.option("--collection", "collections", multiple=True, help="Documents of this collection only (repeat for more).")
@click.option("--split", type=click.Choice(SPLITS), help="Documents of this split only.")
@click.option(
    "--with",
    "what",
    default="none",
    show_default=True,
    help="What annotators start from: none (the bare text), gold, an installed system, or a predictions file.",
)
@click.option("--as", "name", help="Name under which annotators see it.  [default: gold, the system, the file's name]")
@click.option("--annotators", type=click.IntRange(1, 100), help="How many people shall annotate each document.")
@URL
@TOKEN
@PROJECT
@SOURCES
@JSON
def push(
    doc_ids: tuple[str, ...],
    collections: tuple[str, ...],
    split: str | None,
    what: str,
    name: str | None,
    annotators: int | None,
    url: str,
    token: str | None,
    project: str,
    sources: Path | None,
    as_json: bool,
) -> None:
    """Push documents into a project, which is made if there is none: DOC_IDS, or those of --collection and --split.

    Pushing again adds nothing twice and goes on where it was stopped. A document on which nobody has worked is pushed
    anew if --with shows something else now; one with work is left as it is. Start from nothing (--with none) where two
    people shall give their own opinions: armsbench agreement takes no others. Documents for which --with holds
    nothing show the bare text, and are named.
    """
    from .shown import annotations_to_show, name_shown
    from .sync import push as push_tasks
    from .tasks import task_from_annotation

    try:
        name = name_shown(what, name)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    server = _server(url, token)
    documents, gold, left_out, wrong = _select(doc_ids, collections, split, sources)
    with server, progress() as show:
        server.say = show
        shown = annotations_to_show(what, documents, gold, show, name=name, sources=sources)
        tasks = [task_from_annotation(d, shown.annotations.get(d.id), shown.name, shown.origin) for d in documents]
        pushed = push_tasks(server, project, tasks, show, annotators)
    bare = tuple(doc_id for doc_id in shown.lacking(documents) if doc_id not in pushed.kept)
    if as_json:
        print_json({**msgspec.structs.asdict(pushed), "bare": bare})
        sys.exit(1 if pushed.faults or wrong else 0)
    made = ", new" if pushed.project.created else ""
    click.echo(f"project {pushed.project.title!r} (id {pushed.project.id}{made}): {pushed.url}")
    counts = {"added": pushed.added, "pushed anew": pushed.replaced, "there already": pushed.unchanged}
    click.echo(", ".join(f"{len(ids)} {words}" for words, ids in counts.items() if ids or words == "added"))
    for doc_id in pushed.kept:
        click.echo(f"{doc_id}: left as it is, somebody has worked on it", err=True)
    for doc_id in bare:
        click.echo(f"{doc_id}: shown bare, {what} holds nothing for it; work on it is an opinion of its own", err=True)
    if pushed.faults:
        click.echo(left_out, nl=False, err=True)
        raise DataError(pushed.faults)
    finish(left_out, wrong)


@label_studio.command()
@click.option("--as", "names", multiple=True, metavar="EMAIL=NAME", help="Name of the layer of one annotator (repeat).")
@click.option("--replace", is_flag=True, help="Replace what layers hold and the server has otherwise now.")
@click.option("--machine", is_flag=True, help="A program or a language model made the annotations, not people.")
@URL
@TOKEN
@PROJECT
@SOURCES
@JSON
def pull(
    names: tuple[str, ...],
    replace: bool,
    machine: bool,
    url: str,
    token: str | None,
    project: str,
    sources: Path | None,
    as_json: bool,
) -> None:
    """Pull submitted annotations into annotations/layers/, one layer for each person who worked.

    A layer is named after the e-mail address up to the @. What violates the guidelines or does not hold together does
    not come in; each fault names task, annotator and region, and the exit status is 1. The rest comes in.
    """
    from .pull import parse_names
    from .pull import pull as pull_layers

    try:
        named = parse_names(names)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with _server(url, token) as server, progress() as show:
        server.say = show
        pulled = pull_layers(server, project, show, names=named, replace=replace, human=not machine, sources=sources)
    if as_json:
        print_json(pulled)
        sys.exit(1 if pulled.faults else 0)
    for line in pulled.written:
        click.echo(f"wrote annotations/layers/{line}")
    for line in (*pulled.notes, *pulled.drafts, *pulled.skipped):
        click.echo(line, err=True)
    click.echo(f"{len(pulled.written)} annotations written, {len(pulled.unchanged)} unchanged", err=True)
    _fail(pulled.faults)


@label_studio.command()
@URL
@TOKEN
@PROJECT
@JSON
def status(url: str, token: str | None, project: str, as_json: bool) -> None:
    """Count what a project holds, and who has submitted, drafted and skipped how much."""
    from .sync import project_status

    with _server(url, token) as server, progress() as show:
        server.say = show
        found = project_status(server, project)
    if as_json:
        print_json(found)
        return
    click.echo(f"project {found.project.title!r} (id {found.project.id}): {found.tasks} tasks")
    for name, number in found.shown.items():
        click.echo(f"{number} show {name}")
    click.echo(f"{found.untouched} nobody has worked on")
    if found.foreign:
        click.echo(f"{found.foreign} are not ours: they name no document")
    for email in sorted({*found.submitted, *found.drafts, *found.skipped}):
        counts = {"submitted": found.submitted, "drafts": found.drafts, "skipped": found.skipped}
        click.echo(f"{email}: " + ", ".join(f"{count.get(email, 0)} {words}" for words, count in counts.items()))


@label_studio.command()
@click.argument("layer")
@click.argument("doc_ids", nargs=-1)
@SOURCES
@JSON
def diff(layer: str, doc_ids: tuple[str, ...], sources: Path | None, as_json: bool) -> None:
    """Show what LAYER changes against gold, in DOC_IDS or in all its documents.

    Mentions + new, - gone, ~ changed; entities joined and split, with changed attributes; relations + and -;
    new doubts.
    """
    from .diff import diff_layer, shown_diffs

    found = diff_layer(layer, doc_ids, sources)
    if as_json:
        print_json(found)
    else:
        click.echo(shown_diffs(layer, found))


@label_studio.command()
@click.argument("layer")
@click.argument("doc_ids", nargs=-1)
@SOURCES
@JSON
def merge(layer: str, doc_ids: tuple[str, ...], sources: Path | None, as_json: bool) -> None:
    """Make LAYER's annotations of DOC_IDS (default: all its documents) the gold, then check the release.

    Look at armsbench label-studio diff first. Nothing is written if one of them violates the guidelines. The release is
    checked even if nothing changed. A changed gold is a new release: see CONTRIBUTING.md.
    """
    from ..validate import check_release
    from .diff import merge_layer

    merged = merge_layer(layer, doc_ids, sources)
    changed = [diff for diff in merged if diff.changes or diff.is_new]
    with progress() as show:
        report = check_release(sources, show)
    if as_json:
        print_json({"merged": changed, "faults": report.faults})
        sys.exit(1 if report.faults else 0)
    for each in changed:
        click.echo(f"wrote annotations/gold/{each.doc_id}.json ({len(each.changes)} changes)")
    click.echo(f"{len(changed)} documents changed, {len(merged) - len(changed)} were the same")
    click.echo(f"armsbench check: {len(report.faults)} findings", err=True)
    _fail(report.faults)


def _fail(faults: Sequence[Fault]) -> None:
    if faults:
        raise DataError(faults)


def _server(url: str, token: str | None) -> Server:
    """The server; raises UsageError, which repeats nothing of an address: it may hold a password."""
    from .server import Server

    if not token or not token.strip():
        raise click.UsageError("give a token: set LABEL_STUDIO_API_KEY, or --token. Account & Settings shows yours.")
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:  # its message holds what was given
        raise click.UsageError("--url (LABEL_STUDIO_URL) is no address, as http://localhost:8080 is one.") from None
    if parts.scheme not in ("http", "https"):
        raise click.UsageError("--url (LABEL_STUDIO_URL) must begin with http:// or https://.")
    if "@" in parts.netloc:
        raise click.UsageError(
            "--url (LABEL_STUDIO_URL) holds a user or a password, and they would be sent in place of the token. Leave"
            " out what stands before the @."
        )
    if not host:
        raise click.UsageError("--url (LABEL_STUDIO_URL) names no server, as http://localhost:8080 does.")
    return Server(parts.geturl(), token)


def _select(
    doc_ids: tuple[str, ...], collections: tuple[str, ...], split: str | None, sources: Path | None
) -> tuple[list[Document], dict[str, Annotation], str, Sequence[Fault]]:
    """The documents asked for, their gold, what is left out in words, and texts that were found and are wrong."""
    from ..release import load_release

    if doc_ids and (collections or split):
        raise click.UsageError("Name documents, or choose them by --collection and --split, not both.")
    if not doc_ids:
        release = load_release(collections, split, sources)
        return list(release.documents.values()), release.gold, release.left_out(), release.corpus.faults
    return *_named(doc_ids, sources), "", ()


def _named(doc_ids: Sequence[str], sources: Path | None) -> tuple[list[Document], dict[str, Annotation]]:
    """Documents by their ids, which need not be in a split yet, and the gold of those that have one."""
    from ...corpus.load import documents_named
    from ..release import GOLD, read_gold

    documents = documents_named(doc_ids, sources)
    gold = {doc_id: read_gold(doc_id) for doc_id in documents if (GOLD / f"{doc_id}.json").exists()}
    return list(documents.values()), gold
