"""Count one annotations file against another, whatever their texts and labels: no release and no text is needed.

Both files hold one :class:`~armsbench.annotations.annotation.Annotation` a line. They are read and counted a few
hundred documents at a time, by as many processes as there are processors; what stays in memory is the counts.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import msgspec
import numpy as np

from .._version import __version__
from ..annotations.annotation import Annotation, decode_annotation
from ..annotations.structure import quoted, structure_faults
from ..corpus.errors import DataError, Fault, SubmissionError
from ..corpus.files import shown
from ..corpus.jsonl import decode_line
from ..corpus.line_index import Line, LineIndex, index_lines, read_joined, read_line
from ..corpus.parallel import parallel_map, processors
from . import coreference, deals, mentions, relations
from .arrays import keep_freed_memory
from .columns import Columns, can_scan, columns_of, scanned_columns
from .count_coreference import count_clusters, count_coreference
from .count_mentions import MAX_LABELS, count_columns, too_many_labels
from .measures import P_WHOLE, Floats, TaskCounts
from .scoring import Counted, TaskScore, empty_annotation, score_counts
from .signature import NONE, Signature
from .submission import EMPTY, KEPT_FAULTS, Faults, lacking_layers, no_line, spread_over_lines, stands_already
from .tasks import TASKS, Task, tasks_named

CHUNK = 250
"""Documents counted at once: few enough to stay in the processor's cache."""

CHUNK_BYTES = 1 << 25
"""Bytes of lines that are counted at once, so that long lines do not fill the memory."""

MAX_COUNTS = 1 << 26
"""Counts that are kept in memory for one task, 512 MiB: those of 100,000 documents with forty labels."""

Progress = Callable[[str], None]
Annotations = Sequence[Annotation]
Sides = tuple[LineIndex, LineIndex]

Pair = tuple[Line, Line | None]
"""The lines of one document in gold and predictions; None if nothing was predicted for it."""


class TwoFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of every task, the digest of the gold file, and how many predictions say what another one says."""

    counted: tuple[Counted, ...]
    gold: str
    repeated: int

    def score(self, *, resamples: int, seed: int) -> list[TaskScore]:
        """The scores that the counts come to; signatures name the digest of gold in place of a release."""
        return [
            score_counts(each.task, each.counts, self.signature(each, each.missing, resamples=resamples, seed=seed))
            for each in self.counted
        ]

    def signature(self, counted: Counted, missing: Sequence[str], *, resamples: int, seed: int) -> Signature:
        """The signature of one task where there were no predictions for the documents ``missing``."""
        return Signature(
            task=counted.task.name,
            match=counted.task.headline,
            collection=NONE,
            split=NONE,
            release=NONE,
            docs=len(counted.counts.doc_ids),
            missing=len(missing),
            gold=self.gold,
            boot=resamples,
            seed=seed,
            version=__version__,
        )


def count_files(
    gold: Path,
    predicted: Path,
    *,
    tasks: Iterable[str] = (),
    missing_as_empty: bool = False,
    progress: Progress = lambda message: None,
) -> TwoFiles:
    """Count ``predicted`` against ``gold`` on ``tasks`` (none: all for which both files hold layers).

    Documents are paired by ``doc_id``, in any order; each is a story of its own. Every label counts for coreference,
    those of values too. Deals are scored from the records that the files give, since without texts none can be
    computed. Where a document has nothing but mentions, nothing refers to their ids, and nobody looks at these. Raises
    SubmissionError with every fault, the first thousand: lines that are no annotation, offsets and references that do
    not hold, documents that are unknown or stand twice, layers that only some documents have and, unless
    ``missing_as_empty``, documents without a prediction.
    """
    named = tuple(task.name for task in tasks_named(given)) if (given := tuple(tasks)) else ()
    keep_freed_memory()
    sides = _indexed(gold, predicted)
    count = partial(
        _count_part, paths=(gold, predicted), tasks=named or tuple(TASKS), missing_as_empty=missing_as_empty
    )
    # Most often both files hold the same documents in the same order, and nobody has to look for them.
    merged = _count_all(count, _in_order(sides), progress)
    if merged is None:
        progress("pairing documents")
        merged = _count_all(count, _by_id(sides, missing_as_empty=missing_as_empty), progress)
    if merged is None:
        progress("looking for everything that is wrong")
        raise _refusal(sides, missing_as_empty=missing_as_empty)
    counted = tuple(merged.counted(sides, named, missing_as_empty=missing_as_empty))
    with gold.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()[:8]
    _raise_if_changed(sides)
    return TwoFiles(counted=counted, gold=digest, repeated=sum(table.repeated for table in merged.tables.values()))


def _indexed(gold: Path, predicted: Path) -> Sides:
    """Where the lines of both files stand; raises SubmissionError."""
    try:
        sides = index_lines(gold), index_lines(predicted)
    except DataError as error:
        raise SubmissionError(error.faults) from None
    empty = [Fault(where=shown(side.path), message=EMPTY) for side in sides if not side.lines]
    if empty:
        raise SubmissionError(empty)
    return sides


def _raise_if_changed(sides: Sides) -> None:
    changed = [side.path for side in sides if not side.unchanged()]
    if changed:
        message = "changed while it was read. Run the command again."
        raise SubmissionError([Fault(where=shown(path), message=message) for path in changed])


def _in_order(sides: Sides) -> list[Pair] | None:
    """The lines of both files one beside the other; None if one has more."""
    gold, predicted = (side.lines for side in sides)
    return list(zip(gold, predicted, strict=True)) if len(gold) == len(predicted) else None


class _Id(msgspec.Struct):
    doc_id: str


def _by_id(sides: Sides, *, missing_as_empty: bool) -> list[Pair] | None:
    """The lines of each document of gold and of its prediction; None if they do not pair up."""
    gold, predicted = (_lines_by_id(side) for side in sides)
    if gold is None or predicted is None or not predicted.keys() <= gold.keys():
        return None
    if len(predicted) < len(gold) and not missing_as_empty:
        return None
    return [(line, predicted.get(doc_id)) for doc_id, line in gold.items()]


def _lines_by_id(side: LineIndex) -> dict[str, Line] | None:
    """The line of each document; None if a line has no id or an id stands twice."""
    decode = msgspec.json.Decoder(_Id).decode
    found: dict[str, Line] = {}
    with side.path.open("rb") as handle:
        for line in side.lines:
            try:
                found[decode(read_line(handle, line)).doc_id] = line
            except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
                return None
    return found if len(found) == len(side.lines) else None


class _Table(msgspec.Struct):
    """Counts of documents of shape (documents, measures, 4), and the labels for which there are measures.

    ``repeated`` predictions say what another one says.
    """

    values: Floats
    labels: tuple[str, ...] = ()
    repeated: int = 0


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of some documents by task, and the documents that lack a task's layers in gold and in predictions."""

    doc_ids: tuple[str, ...]
    tables: dict[str, _Table]
    lacking: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]


def _count_all(
    count: Callable[[Sequence[Pair]], _Part | None], pairs: Sequence[Pair] | None, progress: Progress
) -> _Merged | None:
    """The counts of all pairs; None if there are none, one is no pair, or something is wrong with one."""
    if pairs is None:
        return None
    merged = _Merged(len(pairs))
    jobs = list(_chunks(pairs))
    with closing(parallel_map(count, jobs, min(processors(), len(jobs) // 2))) as parts:
        for part in parts:
            if part is None:
                return None
            merged.add(part)
            progress(f"{len(merged.doc_ids):,} of {len(pairs):,} documents")
    return merged if len(set(merged.doc_ids)) == len(merged.doc_ids) else None


def _chunks(pairs: Sequence[Pair]) -> Iterator[Sequence[Pair]]:
    """Parts of at most CHUNK documents; one ends where its lines have reached CHUNK_BYTES."""
    begin = size = 0
    for i, pair in enumerate(pairs):
        if i - begin == CHUNK or size >= CHUNK_BYTES:
            yield pairs[begin:i]
            begin, size = i, 0
        size += sum(line.size for line in pair if line is not None)
    yield pairs[begin:]


def _count_part(
    pairs: Sequence[Pair], *, paths: tuple[Path, Path], tasks: tuple[str, ...], missing_as_empty: bool
) -> _Part | None:
    """Read and count some documents; None if one is no pair or something is wrong with it."""
    if mentions.NAME in tasks and (plain := _count_plain(pairs, paths, tasks)) is not None:
        return plain
    gold, given = map(_annotations, paths, zip(*pairs, strict=True))
    if gold is None or given is None:
        return None
    doc_ids = tuple(g.doc_id for g in gold if g is not None)
    if any(p is not None and p.doc_id != doc_id for doc_id, p in zip(doc_ids, given, strict=True)):
        return None
    golds = [g for g in gold if g is not None]
    predicted = [empty_annotation(doc_id) if p is None else p for doc_id, p in zip(doc_ids, given, strict=True)]
    if any(not _holds(annotation, tasks) for annotation in (*golds, *predicted)):
        return None
    tables, lacking = {}, {}
    for task in tasks:
        in_gold = [_submitted(task, g) for g in golds]
        in_predicted = [p is not None and _submitted(task, p) for p in given]
        lacking[task] = _without(doc_ids, in_gold), _without(doc_ids, in_predicted)
        if any(in_gold) and (any(in_predicted) or missing_as_empty):
            scored = [p if has else empty_annotation(p.doc_id) for p, has in zip(predicted, in_predicted, strict=True)]
            try:
                tables[task] = _COUNT[task](golds, scored)
            except (ValueError, OverflowError):  # offsets that do not hold
                return None
    return _Part(doc_ids=doc_ids, tables=tables, lacking=lacking)


def _count_plain(pairs: Sequence[Pair], paths: tuple[Path, Path], tasks: Sequence[str]) -> _Part | None:
    """Count documents that all have plain mentions, or those with entities, on both sides; None if one is otherwise."""
    if not can_scan():
        return None
    lines = read_joined(paths[0], [line for line, _ in pairs])
    entities = b'"entities"' in lines[: pairs[0][0].size]
    if (gold := scanned_columns(lines, len(pairs), entities=entities)) is None:
        return None
    given = [line for _, line in pairs if line is not None]
    predicted = scanned_columns(read_joined(paths[1], given), len(given), entities=entities)
    doc_ids, in_gold = gold
    present = [line is not None for _, line in pairs]
    if predicted is None or predicted[0] != tuple(itertools.compress(doc_ids, present)):
        return None
    sizes = np.zeros(len(pairs), np.int64)
    sizes[present] = predicted[1].sizes
    in_predicted = msgspec.structs.replace(predicted[1], sizes=sizes)
    tables = {}
    if entities and coreference.NAME in tasks:
        if (values := count_clusters(in_gold, in_predicted)) is None:
            return None
        tables[coreference.NAME] = _Table(values)
    try:
        tables[mentions.NAME] = _mentions(in_gold, in_predicted)
    except ValueError:  # offsets that do not hold
        return None
    lacking = dict.fromkeys(tasks, (doc_ids, doc_ids)) | dict.fromkeys(tables, ((), _without(doc_ids, present)))
    return _Part(doc_ids=doc_ids, tables=tables, lacking=lacking)


def _annotations(path: Path, lines: Iterable[Line | None]) -> list[Annotation | None] | None:
    """The annotations of those lines, None where there is no line; None for all if one is no annotation."""
    with path.open("rb") as handle:
        try:
            return [None if line is None else decode_annotation(read_line(handle, line)) for line in lines]
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            return None


def _holds(annotation: Annotation, tasks: Sequence[str]) -> bool:
    """Whether ids, references and offsets hold; of mentions alone, counting finds out whether their offsets do."""
    others = (annotation.entities, annotation.relations, annotation.deals)
    if mentions.NAME in tasks and all(layer is None for layer in others):
        return True
    return not structure_faults(annotation, None, "")


def _submitted(task: str, annotation: Annotation) -> bool:
    """Whether ``annotation`` can be scored on ``task`` without its text."""
    return annotation.deals is not None if task == deals.NAME else TASKS[task].submitted(annotation)


def _without(doc_ids: Sequence[str], has: Sequence[bool]) -> tuple[str, ...]:
    return tuple(doc_id for doc_id, its in zip(doc_ids, has, strict=True) if not its)


def _mentions(gold: Columns, predicted: Columns) -> _Table:
    labels, values = count_columns(gold, predicted)
    unclear = sorted({f"form={form}" for form in mentions.FORMS} & {*labels})
    if unclear:
        raise DataError(
            f"a label cannot be called {' or '.join(map(quoted, unclear))}: measures of forms are called so"
        )
    return _Table(values, labels, len(predicted.start) - int(values[:, 0, P_WHOLE].sum()))


def _coreference(gold: Annotations, predicted: Annotations) -> _Table:
    return _Table(count_coreference(gold, predicted, without=frozenset()))


def _relations(gold: Annotations, predicted: Annotations) -> _Table:
    labels = tuple(sorted({r.label for a in (*gold, *predicted) for r in a.relations or ()}))
    measures = relations.measures(labels)
    values = np.stack([relations.count_relations(g, p, measures) for g, p in zip(gold, predicted, strict=True)])
    given = sum(len(p.relations or ()) for p in predicted)
    return _Table(values, labels, given - int(values[:, measures.index("mention_pairs"), P_WHOLE].sum()))


def _deals(gold: Annotations, predicted: Annotations) -> _Table:
    both = zip(gold, predicted, strict=True)
    return _Table(np.stack([deals.count_records(g.deals or (), p.deals or ()) for g, p in both]))


_COUNT: dict[str, Callable[[Annotations, Annotations], _Table]] = {
    mentions.NAME: lambda gold, predicted: _mentions(columns_of(gold), columns_of(predicted)),
    coreference.NAME: _coreference,
    relations.NAME: _relations,
    deals.NAME: _deals,
}


def _task_with(name: str, labels: Sequence[str]) -> Task:
    """The task of that name where mentions or relations have these labels."""
    task = TASKS[name]
    for module in (mentions, relations):
        if name == module.NAME:
            task = msgspec.structs.replace(task, measures=module.measures(labels), derived=module.derived(labels))
    return task


class _Merged:
    """Puts the counts of the parts together, one after another."""

    def __init__(self, documents: int) -> None:
        self.documents = documents
        self.doc_ids: list[str] = []
        self.tables: dict[str, _Table] = {}
        self.lacking: dict[str, tuple[list[str], list[str]]] = {}

    def add(self, part: _Part) -> None:
        """Add the next part; raises SubmissionError if there are too many labels to keep the counts of."""
        for task, its in part.lacking.items():
            for kept, new in zip(self.lacking.setdefault(task, ([], [])), its, strict=True):
                kept += new
        for task, table in part.tables.items():
            self._add(task, table)
        self.doc_ids += part.doc_ids

    def _add(self, task: str, table: _Table) -> None:
        known = self.tables.get(task)
        labels = table.labels if known is None else tuple(sorted({*known.labels, *table.labels}))
        if len(labels) > MAX_LABELS:
            raise too_many_labels()
        if known is None or labels != known.labels:
            measures = len(_task_with(task, labels).measures)
            if self.documents * measures * 4 > MAX_COUNTS:
                raise SubmissionError(
                    f"{self.documents:,} documents with {len(labels):,} labels of {task} are more than fit into memory."
                    " Are these labels, or texts? Score fewer documents at a time."
                )
            values = np.zeros((self.documents, measures, 4))
            if known is None:
                known = self.tables[task] = _Table(values, labels)
            else:
                values[:, _places(task, labels, known.labels)] = known.values
                known.values, known.labels = values, labels
        rows = slice(len(self.doc_ids), len(self.doc_ids) + len(table.values))
        known.values[rows, _places(task, labels, table.labels)] = table.values
        known.repeated += table.repeated

    def counted(self, sides: Sides, named: Sequence[str], *, missing_as_empty: bool) -> Iterator[Counted]:
        """The counts of each task that can be scored; SubmissionError if only some documents have a task's layers."""
        doc_ids = tuple(self.doc_ids)
        faults = []
        scorable = []
        for name, (in_gold, in_predicted) in self.lacking.items():
            if len(in_gold) == len(doc_ids) or len(in_predicted) == len(doc_ids):
                side = sides[0] if len(in_gold) == len(doc_ids) else sides[1]
                if name in named:
                    faults.append(Fault(where=shown(side.path), message=f"holds no layers of task {name}"))
            elif in_gold:
                faults.append(lacking_layers(sides[0].path, name, in_gold))
            elif in_predicted and not missing_as_empty:
                faults.append(lacking_layers(sides[1].path, name, in_predicted))
            else:
                scorable.append(name)
        if not faults and not scorable:
            message = (
                "nothing to score: it has no layers in common with the gold file. Give mentions, with entities for"
            )
            message += " coreference and relations for relations, or deals."
            faults.append(Fault(where=shown(sides[1].path), message=message))
        if faults:
            raise SubmissionError(faults)
        for name in scorable:
            table = self.tables[name]
            task = _task_with(name, table.labels)
            counts = TaskCounts(measures=task.measures, doc_ids=doc_ids, stories=doc_ids, values=table.values)
            missing = tuple(self.lacking[name][1])
            yield Counted(task=task, collection=NONE, split=NONE, missing=missing, counts=counts)


def _places(task: str, labels: Sequence[str], part: Sequence[str]) -> slice | list[int]:
    """At which measures of a task with ``labels`` those of the same task with fewer labels stand."""
    if tuple(labels) == tuple(part):
        return slice(None)
    at = {name: i for i, name in enumerate(_task_with(task, labels).measures)}
    return [at[name] for name in _task_with(task, part).measures]


def _refusal(sides: Sides, *, missing_as_empty: bool) -> SubmissionError:
    """Everything that is wrong with two files, as far as a thousand faults reach."""
    _raise_if_changed(sides)
    faults = Faults()
    gold, predicted = (_documents(side, faults) for side in sides)
    if gold is not None and predicted is not None:
        for doc_id, line in predicted.items():
            if doc_id not in gold:
                message = f"{quoted(doc_id)} is not in {shown(sides[0].path)}. Take it out."
                faults.add([Fault(where=f"{sides[1].where(line)}: $.doc_id", message=message)])
        if not missing_as_empty:
            faults.add(no_line(sides[1].path, doc_id) for doc_id in gold if doc_id not in predicted)
    if not faults.total:
        raise AssertionError("two files that cannot be counted, and nothing is wrong with them")
    return SubmissionError(faults.kept, faults.total)


def _documents(side: LineIndex, faults: Faults) -> dict[str, Line] | None:
    """The first line of each document; None if a line cannot be read. What is wrong is added to ``faults``."""
    found: dict[str, Line] = {}
    readable = True
    with side.path.open("rb") as handle:
        for line in side.lines:
            if faults.total >= KEPT_FAULTS:
                return None
            data, where = read_line(handle, line), side.where(line)
            if spread := spread_over_lines(line.number, data, where):
                faults.add([spread])
                return None
            annotation, wrong = decode_line(data, Annotation, where)
            faults.add(wrong)
            if annotation is None:
                readable = False
                continue
            faults.add(structure_faults(annotation, None, where))
            if annotation.doc_id in found:
                message = stands_already(annotation.doc_id, found[annotation.doc_id].number)
                faults.add([Fault(where=f"{where}: $.doc_id", message=message)])
            found.setdefault(annotation.doc_id, line)
    return found if readable else None
