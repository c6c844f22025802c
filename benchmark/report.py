"""Scores as tables for people. Machines take ``--json``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import TYPE_CHECKING, TypeVar

import msgspec
from rich import box
from rich.table import Table
from rich.text import Text

from ..corpus.console import printable
from ..corpus.document import COLLECTIONS, Collection
from .measures import Score
from .runner import KeptResult, Result
from .scoring import TaskScore
from .signature import DEFAULT_SEED, NONE, Signature, parse_signature
from .tasks import TASKS, Measure, Task
from .tiers import tiers

if TYPE_CHECKING:
    from .agreement import ChanceCorrected, DocumentAgreement
    from .comparison import Comparison
    from .slices import SliceScores


def share(value: float | None) -> str:
    """A share from 0 to 1 with three digits; a dash where nothing was measured."""
    return "-" if value is None else f"{value:.3f}"


def with_interval(score: Score) -> str:
    """F1 with its 95 % interval, "0.612 [0.570, 0.655]"."""
    if score.low is None or score.high is None:
        return share(score.f1)
    return f"{share(score.f1)} [{share(score.low)}, {share(score.high)}]"


def _title(score: TaskScore | Comparison) -> str:
    split = "" if score.split == "all" else f"split {score.split}, "
    documents = "1 document" if score.documents == 1 else f"{score.documents:,} documents"
    if score.collection == NONE:
        return documents
    return f"{score.collection}: {split}{documents} of {score.stories} {'story' if score.stories == 1 else 'stories'}"


def _table(title: str, gap: int = 0) -> Table:
    """An empty table under a title; ``gap`` spaces more between its columns."""
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, gap, 0, 0),
        pad_edge=False,
    )


def headline_name(task: str, headline: str) -> str:
    """How a task's headline is called in a table's head."""
    return f"{task}\n{headline.replace('_', ' ')} F1"


class Board(msgspec.Struct, frozen=True):
    """A table and the signatures of the scores in it, one a line, to be printed below it and never wrapped."""

    table: Table
    signatures: tuple[str, ...]


Row = tuple[KeptResult, dict[str, TaskScore]]
"""A result with its scores by task."""

Group = tuple[dict[str, Signature], list[Row]]
"""Results that may stand in one table, and the signatures of its columns."""


def leaderboards(results: Iterable[KeptResult], *, narrow: bool = False) -> list[Board]:
    """One table for each collection and each group of results that may be compared, systems as rows, tasks as columns.

    Rows are ordered by deals, then relations, coreference, mentions. Before each score stands its tier
    (:mod:`armsbench.benchmark.tiers`). ``narrow`` puts intervals on a line of their own.
    Two results share a table only if the signatures of every task that both have agree in all but the version
    and the number of missing documents, which stands in the cell.
    """
    boards = []
    for collection in COLLECTIONS:
        groups: list[Group] = []
        for kept in results:
            scores = {s.task: s for s in kept.result.scores if s.collection == collection}
            if scores:
                _join(groups, kept, scores)
        boards += [_leaderboard(collection, signatures, rows, narrow) for signatures, rows in groups]
    return boards


def _join(groups: list[Group], kept: KeptResult, scores: dict[str, TaskScore]) -> None:
    own = {task: parse_signature(score.signature) for task, score in scores.items()}
    setting = {s.setting() for s in own.values()}
    for signatures, rows in groups:
        same = setting == {s.setting() for s in signatures.values()}
        if same and all(signatures[t].comparable() == s.comparable() for t, s in own.items() if t in signatures):
            signatures.update(own)
            rows.append((kept, scores))
            return
    groups.append((own, [(kept, scores)]))


def _leaderboard(
    collection: Collection, signatures: Mapping[str, Signature], rows: Sequence[Row], narrow: bool
) -> Board:
    any_score = next(iter(rows[0][1].values()))
    fitted = {_fitted_on(kept.result) for kept, _ in rows}
    ranks = {name: _tiers(collection, task, rows) for name, task in TASKS.items()}
    everywhere = f"; train split: {fitted.pop()}" if len(fitted) == 1 else ""
    table = _table(_title(any_score) + everywhere, gap=2)
    table.add_column("system", no_wrap=True)
    for name, task in TASKS.items():
        table.add_column(headline_name(name, task.headline), no_wrap=True)
    if not everywhere:
        table.add_column("train split")
    for kept, scores in sorted(rows, key=lambda row: _rank(row[1])):
        system = kept.result.system
        cells = [_cell(scores[t], ranks[t].get(system), narrow) if t in scores else "-" for t in TASKS]
        table.add_row(Text(system), *cells, *([] if everywhere else [_fitted_on(kept.result)]))
    return Board(table, tuple(str(s) for s in signatures.values()))


def _tiers(collection: Collection, task: Task, rows: Sequence[Row]) -> dict[str, int]:
    """The tier of each system that was scored on ``task``; none where a system stands alone."""
    counts = {kept.result.system: kept.counts[collection, task.name] for kept, scores in rows if task.name in scores}
    return tiers(task, counts, DEFAULT_SEED) if len(counts) > 1 else {}


def _cell(score: TaskScore, tier: int | None, narrow: bool) -> str:
    missing = parse_signature(score.signature).missing
    cell = with_interval(score.score) + (f" ({missing} missing)" if missing else "")
    if narrow:
        cell = cell.replace(" ", "\n", 1)
    return cell if tier is None else f"{tier}. {cell}"


def _fitted_on(result: Result) -> str:
    """What the system learnt from, since its score depends on it; unknown for a predictions file."""
    return ", ".join(f"{n} {collection}" for collection, n in result.trained_on.items()) or "unknown"


def _rank(scores: Mapping[str, TaskScore]) -> tuple[float, ...]:
    return tuple(-(scores[t].score.f1 or 0) if t in scores else 1.0 for t in reversed(TASKS))


def score_tables(
    scores: Iterable[TaskScore],
    *,
    detail: bool = False,
    only: Set[Measure] = frozenset(),
    sides: tuple[str, str] = ("predicted", "gold"),
) -> list[Board]:
    """One table for each collection: the headline of each task, with ``detail`` every measure, else ``only`` these.

    ``sides`` are the heads of the columns that count what precision and recall are shares of.
    """
    boards = []
    for its in _by_collection(scores):
        table = _table(_title(its[0]))
        table.add_column("task", no_wrap=True)
        table.add_column("measure", no_wrap=True)
        for column in ("P", "R", "F1", "95 % interval", *sides):
            table.add_column(column, justify="right", no_wrap=column == "95 % interval")
        for task_score in its:
            _add_rows(table, task_score, detail, only)
        boards.append(Board(table, tuple(line for score in its for line in _signatures(score, only))))
    return boards


def _signatures(score: TaskScore, only: Set[Measure]) -> Iterable[str]:
    """The signature of the headline, or of each measure that was asked for."""
    if not only:
        yield score.signature
    for name in score.measures:
        if Measure(score.task, name) in only:
            average = "macro" if name.startswith("macro:") else "micro"
            signature = parse_signature(score.signature)
            yield str(msgspec.structs.replace(signature, match=name, average=average))


Scored = TypeVar("Scored", TaskScore, "Comparison")


def _by_collection(scored: Iterable[Scored]) -> Iterable[list[Scored]]:
    groups: dict[str, list[Scored]] = {}
    for each in scored:
        groups.setdefault(each.collection, []).append(each)
    return groups.values()


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _add_rows(table: Table, task_score: TaskScore, detail: bool, only: Set[Measure]) -> None:
    task = task_score.task
    for name, score in task_score.measures.items():
        headline = name == task_score.headline
        counted = score.predicted or score.gold or score.predicted is None
        shown = Measure(task_score.task, name) in only if only else headline or (detail and counted)
        if not shown:
            continue
        interval = "-" if score.low is None or score.high is None else f"[{share(score.low)}, {share(score.high)}]"
        table.add_row(
            task,
            Text(printable(name)),
            share(score.precision),
            share(score.recall),
            share(score.f1),
            interval,
            _number(score.predicted),
            _number(score.gold),
        )
        task = task if only else ""  # the first row names it


def comparison_tables(comparisons: Iterable[Comparison]) -> list[Board]:
    """One table for each collection: both headlines of each task, their difference, its interval and p-values."""
    boards = []
    for its in _by_collection(comparisons):
        table = _table(_title(its[0]))
        table.add_column("task", no_wrap=True)
        for column in ("first", "second", "difference", "95 % interval", "p", "p (Holm)"):
            table.add_column(column, justify="right", no_wrap=True)
        for c in its:
            interval = "-" if c.low is None or c.high is None else f"[{c.low:+.3f}, {c.high:+.3f}]"
            difference = "-" if c.difference is None else f"{c.difference:+.3f}"
            p = ["-" if value is None else f"{value:.4f}" for value in (c.p, c.p_holm)]
            table.add_row(c.task, share(c.first), share(c.second), difference, interval, *p)
        boards.append(Board(table, tuple(c.signature for c in its)))
    return boards


def chance_table(rows: Iterable[ChanceCorrected]) -> Table:
    """Alpha and gamma by collection, with their intervals."""
    rows = list(rows)
    with_gamma = ", gamma on mentions (mean of documents)" if any(row.measure == "gamma" for row in rows) else ""
    table = _table(f"corrected for chance: alpha on tokens{with_gamma}")
    table.add_column("collection")
    table.add_column("measure")
    table.add_column("value", justify="right")
    table.add_column("95 % interval", justify="right")
    for row in rows:
        interval = "-" if row.low is None or row.high is None else f"[{share(row.low)}, {share(row.high)}]"
        table.add_row(row.collection, row.measure, share(row.value), interval)
    return table


def document_table(rows: Sequence[DocumentAgreement]) -> Table:
    """F1 by task, alpha and gamma of every document."""
    table = _table("documents, least agreement on relations first")
    table.add_column("document", no_wrap=True)
    for name in (*TASKS, "alpha"):
        table.add_column(name, justify="right")
    with_gamma = any(row.gamma is not None for row in rows)
    if with_gamma:
        table.add_column("gamma", justify="right")
    for row in rows:
        cells = [share(row.f1[task]) for task in TASKS]
        table.add_row(row.doc_id, *cells, share(row.alpha), *([share(row.gamma)] if with_gamma else []))
    return table


def slice_tables(sliced: Iterable[SliceScores], *, narrow: bool = False) -> list[Table]:
    """One table for each collection: slices as rows, the headline of each task as columns.

    ``narrow`` puts intervals on a line of their own.
    """
    tables: dict[str, Table] = {}
    for each in sliced:
        scores = {score.task: score for score in each.scores}
        collection, documents = each.scores[0].collection, each.scores[0].documents
        if collection not in tables:
            table = tables[collection] = _table(f"{collection}: slices", gap=0 if narrow else 2)
            table.add_column("slice", no_wrap=not narrow)
            table.add_column("docs", justify="right", no_wrap=True)
            for name, task in TASKS.items():
                table.add_column(headline_name(name, task.headline), no_wrap=True)
        cells = [_cell(scores[task], None, narrow) if task in scores else "-" for task in TASKS]
        tables[collection].add_row(each.slice, str(documents), *cells)
    return list(tables.values())
