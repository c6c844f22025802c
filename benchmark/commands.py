"""Commands of the benchmark, each thin: options in, one call of a plain function, result out."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.core import ParameterSource

from ..corpus.console import finish, print_json, progress, stdout
from ..corpus.document import COLLECTIONS, SPLITS, Split
from ..corpus.errors import Fault, MissingExtraError, SubmissionError
from ..corpus.files import local_folder, shown, write_atomic
from ..corpus.options import FIGURE, JSON, SOURCES
from .signature import DEFAULT_RESAMPLES, DEFAULT_SEED, DEFAULT_TRIALS

if TYPE_CHECKING:
    from .two_files import TwoFiles

SPLIT = click.option("--split", type=click.Choice(SPLITS), default="test", show_default=True, help="Split to score.")
RESAMPLES = click.option(
    "--resamples",
    type=click.IntRange(0, 100_000),
    default=DEFAULT_RESAMPLES,
    show_default=True,
    help="Bootstrap resamples of stories for the 95 % intervals; 0 makes none.",
)
SEED = click.option(
    "--seed", type=click.IntRange(min=0), default=DEFAULT_SEED, show_default=True, help="Seed of the bootstrap."
)
RUNS = click.option(
    "--runs",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Folder of results.  [default: build/runs of the checkout, else of the user's cache]",
)
GOLD = click.option(
    "--gold",
    type=click.Path(path_type=Path),
    help="Take gold from this file instead: any texts, any labels, one annotation a line.",
)
MISSING = click.option("--missing-as-empty", is_flag=True, help="Count documents and layers that are missing as empty.")


LEADERBOARD_WIDTH = 105
"""Columns that a leaderboard needs with intervals beside the scores; below that they go on lines of their own."""


SLICES_WIDTH = 125
"""Columns that a table of slices needs likewise."""


def runs_folder(runs: Path | None) -> Path:
    """The folder of results: the one asked for, else ``build/runs`` of the checkout or the user's cache."""
    return runs if runs is not None else local_folder("runs")


def _result_name(context: click.Context, option: click.Parameter, name: str | None) -> str | None:
    """``name`` if it can stand for a result: a folder of its own under --runs, and not one of an installed system."""
    if name is None:
        return None
    if not re.fullmatch(r"[\w-][\w.-]{0,99}", name):
        raise click.BadParameter("use 1 to 100 letters, digits, '_', '-' and '.', not beginning with a '.'.")
    from ..annotations.systems import system_names

    if name in system_names():
        raise click.BadParameter(f"{name} is an installed system, whose result it would replace; take another name.")
    return name


@click.command(short_help="Fit systems, predict, score, print the leaderboard.")
@click.argument("systems", nargs=-1)
@SPLIT
@SOURCES
@RUNS
@RESAMPLES
@SEED
@JSON
def run(
    systems: tuple[str, ...],
    split: Split,
    sources: Path | None,
    runs: Path | None,
    resamples: int,
    seed: int,
    as_json: bool,
) -> None:
    """Fit systems on train, predict and score a split, print the leaderboard.

    SYSTEMS are names of installed systems; all of them if none is given. Each leaves predictions.jsonl and scores.json
    (and its model, if it can be stored) in RUNS/SYSTEM/SPLIT.
    """
    from ..annotations.release import load_release
    from ..annotations.systems import create_system, system_names
    from .runner import run_system

    names = []
    for name in dict.fromkeys(systems or system_names()):
        try:
            create_system(name)  # a wrong name or a missing extra stops us before the work, not after half of it
        except MissingExtraError as error:
            if systems:
                raise
            click.echo(f"{name}: left out; {error}", err=True)
        else:
            names.append(name)
    release = load_release(sources=sources)
    results = []
    with progress() as show:
        for name in names:
            folder = runs_folder(runs) / name / split
            results.append(run_system(name, release, folder, split, resamples=resamples, seed=seed, progress=show))
    if as_json:
        print_json([kept.result for kept in results])
    else:
        _print_leaderboard(results)
    finish(release.left_out(), release.corpus.faults)


@click.command(short_help="Score a predictions file against gold.")
@click.argument("predictions", type=click.Path(path_type=Path))
@GOLD
@SPLIT
@SOURCES
@click.option("--task", "tasks", multiple=True, help="Score this task only (repeat for more).  [default: all]")
@click.option("--detail", is_flag=True, help="Show every measure: other matches, per label, per form, per slot.")
@click.option("--measure", "only", multiple=True, help="Show this measure, as TASK/NAME (repeat for more).")
@click.option("--slices", "by_slice", is_flag=True, help="Score parts of the split too: unseen, long, several deals.")
@click.option(
    "--documents",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the counts of every document to this file (JSON Lines).",
)
@click.option("--as", "name", callback=_result_name, help="Keep the result under this name for the leaderboard.")
@RUNS
@RESAMPLES
@SEED
@MISSING
@JSON
def score(
    predictions: Path,
    gold: Path | None,
    split: Split,
    sources: Path | None,
    tasks: tuple[str, ...],
    detail: bool,
    only: tuple[str, ...],
    by_slice: bool,
    documents: Path | None,
    name: str | None,
    runs: Path | None,
    resamples: int,
    seed: int,
    missing_as_empty: bool,
    as_json: bool,
) -> None:
    """Score a predictions file (JSON Lines, one annotation a document) against gold.

    --json prints full precision, in the form of benchmark/result.schema.json.
    """
    _no_overwrite(documents, predictions)
    if gold is not None:
        _refuse_with_gold("split", "sources", "by_slice", "name", "runs")
        _no_overwrite(documents, gold)
        _score_files(predictions, gold, tasks, detail, only, documents, resamples, seed, missing_as_empty, as_json)
        return
    import msgspec

    from .._version import __version__
    from ..annotations.release import RELEASE, load_release
    from .per_document import write_counts
    from .report import score_tables, slice_tables
    from .runner import Result, write_result
    from .schema import Scored
    from .scoring import count_predictions, score_counted
    from .slices import score_slices
    from .submission import read_submission
    from .tasks import parse_measure, tasks_named

    tasks_named(tasks)
    chosen = frozenset(map(parse_measure, only))
    for measure in sorted(map(str, chosen)):
        if tasks and parse_measure(measure).task not in tasks:
            raise click.UsageError(f"--measure {measure} is of another task than --task {', '.join(tasks)}.")
    tasks = tasks or tuple(dict.fromkeys(measure.task for measure in chosen))
    release = load_release(sources=sources)
    try:
        submission = read_submission(predictions, release, split, tasks=tasks, missing_as_empty=missing_as_empty)
    except SubmissionError as error:
        _refuse(error, as_json)
    with progress() as show:
        counted = count_predictions(
            release,
            submission.predictions,
            split=split,
            collections=submission.collections,
            tasks=tasks,
            progress=show,
        )
        scores = [score_counted(each, release, resamples=resamples, seed=seed) for each in counted]
        sliced = []
        if by_slice:
            sliced = score_slices(release, counted, resamples=resamples, seed=seed, progress=show)
    _report_unscored(submission.without_text)
    _report_repeated(submission.repeated)
    if not scores:
        held = ", ".join(_tasks_of(submission)) or "no task"
        raise SubmissionError(
            f"{shown(predictions)}: nothing to score; what it holds and is here can be scored on {held}"
        )
    result = Result(
        system=name or shown(Path(predictions.stem)),
        release=RELEASE,
        version=__version__,
        split=split,
        scores=tuple(scores),
        absent=release.missing(),
    )
    if name:
        write_result(runs_folder(runs) / name / split, result, counted)
    if documents is not None:
        write_counts(documents, counted)
    if as_json:
        whole = msgspec.structs.asdict(result)
        print_json(Scored(**whole, slices=tuple(sliced), repeated=submission.repeated))
    else:
        _print_boards(score_tables(scores, detail=detail, only=chosen))
        for table in slice_tables(sliced, narrow=stdout().width < SLICES_WIDTH):
            stdout().print(table)
    finish(release.left_out(), release.corpus.faults)


def _score_files(
    predictions: Path,
    gold: Path,
    tasks: tuple[str, ...],
    detail: bool,
    only: tuple[str, ...],
    documents: Path | None,
    resamples: int,
    seed: int,
    missing_as_empty: bool,
    as_json: bool,
) -> None:
    """``score --gold``: count, divide, print."""
    import msgspec

    from .._version import __version__
    from .per_document import write_counts
    from .report import score_tables
    from .runner import Result
    from .schema import Scored
    from .signature import NONE
    from .tasks import parse_measure

    tasks = tasks or tuple(dict.fromkeys(name.partition("/")[0] for name in only))
    with progress() as show:
        files = _counted_files(gold, predictions, tasks, missing_as_empty, as_json, show)
        scorable = [counted.task for counted in files.counted]
        chosen = frozenset(parse_measure(name, scorable) for name in only)
        show("resampling")
        scores = files.score(resamples=resamples, seed=seed)
    _report_repeated(files.repeated)
    if documents is not None:
        write_counts(documents, files.counted)
    if as_json:
        system = shown(Path(predictions.stem))
        whole = Result(system=system, release=NONE, version=__version__, split=NONE, scores=tuple(scores))
        print_json(Scored(**msgspec.structs.asdict(whole), repeated=files.repeated))
    else:
        _print_boards(score_tables(scores, detail=detail, only=chosen))


def _counted_files(
    gold: Path,
    predictions: Path,
    tasks: tuple[str, ...],
    missing_as_empty: bool,
    as_json: bool,
    show: Callable[[str], None],
) -> TwoFiles:
    """The counts of ``predictions`` against ``gold``; ends with exit status 1 and all faults if there are any."""
    from .two_files import count_files

    try:
        return count_files(gold, predictions, tasks=tasks, missing_as_empty=missing_as_empty, progress=show)
    except SubmissionError as error:
        _refuse(error, as_json)


def _refuse_with_gold(*names: str) -> None:
    """End with exit status 2 if an option was given that asks for something of the release."""
    context = click.get_current_context()
    for option in context.command.params:
        if option.name in names and context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{option.opts[0]} is for gold of the release; it has no meaning with --gold.")


@click.command(short_help="Say everything that is wrong with a predictions file.")
@click.argument("predictions", type=click.Path(path_type=Path))
@SPLIT
@SOURCES
@MISSING
@JSON
def validate(predictions: Path, split: Split, sources: Path | None, missing_as_empty: bool, as_json: bool) -> None:
    """Say everything that is wrong with a predictions file, without scoring it."""
    from ..annotations.release import load_release
    from .submission import read_submission

    release = load_release(sources=sources)
    try:
        submission = read_submission(predictions, release, split, missing_as_empty=missing_as_empty)
    except SubmissionError as error:
        _refuse(error, as_json)
    count, tasks = len(submission.predictions), _tasks_of(submission)
    if as_json:
        found = {"valid": True, "documents": count, "tasks": tasks, "without_text": submission.without_text}
        print_json({**found, "repeated": submission.repeated})
    else:
        click.echo(f"{shown(predictions)}: valid, {count} documents, can be scored on {', '.join(tasks) or 'no task'}")
    _report_unscored(submission.without_text)
    _report_repeated(submission.repeated)


@click.command(short_help="Show gold against predicted on one HTML page.")
@click.argument("predictions", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Page to write.  [default: PREDICTIONS with the ending .html]",
)
@SPLIT
@SOURCES
@MISSING
def explain(predictions: Path, out: Path | None, split: Split, sources: Path | None, missing_as_empty: bool) -> None:
    """Show gold against predicted on one HTML page: spans, relation arcs, deal records, confusion of labels.

    The page needs no network and holds the texts: one with press articles is for your own use.
    """
    from ..annotations.release import load_release
    from .explain import explain_page
    from .submission import read_submission

    release = load_release(sources=sources)
    submission = read_submission(predictions, release, split, missing_as_empty=missing_as_empty)
    page = out if out is not None else predictions.with_suffix(".html")
    _no_overwrite(page, predictions)
    with progress() as show:
        name = shown(Path(predictions.name))
        content = explain_page(release, submission.predictions, split, name=name, progress=show)
        write_atomic(page, content)
    _report_unscored(submission.without_text)
    click.echo(f"wrote {page} ({len(submission.predictions)} documents)")


@click.command(short_help="Print the leaderboard of all kept results.")
@RUNS
@JSON
def leaderboard(runs: Path | None, as_json: bool) -> None:
    """Print the leaderboard of all results kept by run and by score --as."""
    from .runner import read_results

    folder = runs_folder(runs)
    results = read_results(folder)
    if not results:
        raise click.ClickException(f"no results in {folder}. Make some with: armsbench run")
    if as_json:
        print_json([kept.result for kept in results])
    else:
        _print_leaderboard(results)
        for collection in COLLECTIONS:
            reasons = {k.result.absent[collection] for k in results if collection in k.result.absent}
            for reason in sorted(reasons):
                click.echo(f"{collection}: not scored for some systems; {reason}", err=True)


@click.command(short_help="Say whether one predictions file is better than another.")
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@GOLD
@SPLIT
@SOURCES
@click.option("--task", "tasks", multiple=True, help="Compare on this task only (repeat for more).  [default: all]")
@click.option(
    "--trials",
    type=click.IntRange(1, 1_000_000),
    default=DEFAULT_TRIALS,
    show_default=True,
    help="Random exchanges of the significance test.",
)
@RESAMPLES
@SEED
@MISSING
@JSON
def compare(
    first: Path,
    second: Path,
    gold: Path | None,
    split: Split,
    sources: Path | None,
    tasks: tuple[str, ...],
    trials: int,
    resamples: int,
    seed: int,
    missing_as_empty: bool,
    as_json: bool,
) -> None:
    """Compare two predictions files on the same documents.

    Prints for each task the difference in headline F1 (first minus second), its 95 % interval over stories, and the
    p-value of approximate randomisation, as it is and corrected over the tasks by Holm's method.
    """
    from ..annotations.release import load_release
    from .comparison import compare_files, compare_predictions
    from .report import comparison_tables
    from .submission import read_submission

    if gold is not None:
        _refuse_with_gold("split", "sources")
        with progress() as show:
            files = [_counted_files(gold, path, tasks, missing_as_empty, as_json, show) for path in (first, second)]
            show("comparing")
            found = compare_files(files[0], files[1], resamples=resamples, trials=trials, seed=seed)
        repeated = [file.repeated for file in files]
    else:
        release = load_release(sources=sources)
        both = []
        for path in (first, second):
            try:
                both.append(read_submission(path, release, split, tasks=tasks, missing_as_empty=missing_as_empty))
            except SubmissionError as error:
                _refuse(error, as_json)
        with progress() as show:
            show("comparing")
            found = compare_predictions(
                release,
                both[0].predictions,
                both[1].predictions,
                split=split,
                tasks=tasks,
                resamples=resamples,
                trials=trials,
                seed=seed,
            )
        repeated = [submission.repeated for submission in both]
    _report_repeated(sum(repeated))
    if not found:
        raise SubmissionError(f"{shown(first)} and {shown(second)} have no task and collection in common")
    if as_json:
        print_json(found)
    else:
        _print_boards(comparison_tables(found))
    if gold is None:
        finish(release.left_out(), release.corpus.faults)


@click.command(short_help="How far the annotators of raw layers agree.")
@click.argument("layers", nargs=-1)
@SOURCES
@click.option("--detail", is_flag=True, help="Show every measure (other matches, labels, slots) and every document.")
@click.option("--gamma", "with_gamma", is_flag=True, help="Compute gamma too (needs the extra: gamma).")
@click.option(
    "--disagreements",
    "listing",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write every disagreement to this CSV file, the documents to look at first on top.",
)
@FIGURE
@RESAMPLES
@SEED
@JSON
def agreement(
    layers: tuple[str, ...],
    sources: Path | None,
    detail: bool,
    with_gamma: bool,
    listing: Path | None,
    figure: Path | None,
    resamples: int,
    seed: int,
    as_json: bool,
) -> None:
    """How far annotators agree, for every two raw layers: F1 by task and Krippendorff's alpha on tokens.

    LAYERS are folders of annotations/layers; all of them if none is given. F1 is the same either way round; intervals
    are 95 % over stories. With --figure or --disagreements, name two layers if more have documents in common.
    """
    from ..corpus.load import load_corpus
    from .agreement import agreements
    from .disagreements import format_disagreements
    from .report import chance_table, document_table, score_tables

    with progress() as show:
        show("comparing layers")
        found = agreements(
            load_corpus(sources=sources), layers, resamples=resamples, seed=seed, with_gamma=with_gamma, progress=show
        )
    if (figure or listing) and len(found) > 1:
        pairs = ", ".join(f"{each.first} {each.second}" for each in found)
        raise click.UsageError(f"--figure and --disagreements are for two layers; choose one of: {pairs}")
    if figure is not None:
        from ..corpus.figures import save_figure
        from .figures import draw_agreement

        save_figure(draw_agreement(found[0]), figure)
    if listing is not None:
        write_atomic(listing, format_disagreements(found[0].disagreements))
    if as_json:
        print_json(found)
        return
    for each in found:
        click.echo(f"{each.first} and {each.second}: {len(each.documents)} documents")
        _print_boards(score_tables(each.scores, detail=detail, sides=("second", "first")))
        stdout().print(chance_table(each.chance_corrected))
        if detail:
            stdout().print(document_table(each.by_document))
        if each.without_text:
            click.echo(f"{each.without_text} documents more are in both, but their texts are not here", err=True)


def _print_leaderboard(results: list[Any]) -> None:
    from .report import leaderboards

    _print_boards(leaderboards(results, narrow=stdout().width < LEADERBOARD_WIDTH))


def _print_boards(boards: list[Any]) -> None:
    for board in boards:
        stdout().print(board.table)
        click.echo("\n".join(board.signatures) + "\n")


def _refuse(error: SubmissionError, as_json: bool) -> NoReturn:
    """End with exit status 1 and the faults: as JSON on stdout, or raised for people."""
    if not as_json:
        raise error
    faults = error.faults or (Fault(where="", message=str(error)),)
    print_json({"valid": False, "total": max(error.total, 1), "faults": faults})
    sys.exit(1)


def _tasks_of(submission: Any) -> list[str]:
    """The names of the tasks that the predictions of a submission can be scored on."""
    from .tasks import TASKS

    return [name for name, task in TASKS.items() if any(map(task.submitted, submission.predictions.values()))]


def _no_overwrite(out: Path | None, source: Path) -> None:
    """Refuse to write a result over the file that it is made from."""
    if out is not None and os.path.realpath(out) == os.path.realpath(source):
        raise click.UsageError(f"{shown(out)} is the file that is read; write to another one.")


def _report_repeated(count: int) -> None:
    if count:
        click.echo(f"{count} mentions or relations say what another one says; each claim is scored once", err=True)


def _report_unscored(doc_ids: tuple[str, ...]) -> None:
    if doc_ids:
        click.echo(
            f"not checked and not scored, for their texts are not here: {', '.join(doc_ids[:5])}"
            f"{f' and {len(doc_ids) - 5} more' if len(doc_ids) > 5 else ''}. See: armsbench hydrate",
            err=True,
        )
