"""Count one annotations file against another, whatever their texts and labels: no release and no text is needed.

Both files hold one :class:`~armsbench.annotations.annotation.Annotation` a line. They are read and counted a few
hundred documents at a time, by as many processes as there are processors; what stays in memory is the counts.
"""

from __future__ import annotations

import gc
import hashlib
import multiprocessing
import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np

from .._version import __version__
from ..annotations.annotation import Annotation, decode_annotation
from ..annotations.structure import quoted, structure_faults
from ..corpus.errors import Fault, SubmissionError
from ..corpus.files import shown
from ..corpus.jsonl import BYTE_ORDER_MARK, MAX_LINE, decode_line, read_lines
from . import coreference, deals, mentions, relations
from .count_coreference import count_coreference
from .count_mentions import count_labels
from .measures import P_WHOLE, Floats, TaskCounts
from .scoring import Counted, TaskScore, empty_annotation, score_counts
from .signature import NONE, Signature
from .submission import EMPTY, Faults, no_line
from .tasks import TASKS, Task, tasks_named

CHUNK = 250
"""Documents counted at once: few enough to stay in the processor's cache."""

_BLOCK = 1 << 24
_NEW_LINE, _BRACE = b"\n{"

Progress = Callable[[str], None]


class TwoFiles(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of every task, the digest of the gold file, and how many predictions say what another one says."""

    counted: tuple[Counted, ...]
    gold: str
    repeated: int

    def score(self, *, resamples: int, seed: int) -> list[TaskScore]:
        """The scores that the counts come to; signatures name the digest of gold in place of a release."""
        return [
            score_counts(each.task, each.counts, self.signature(each, resamples=resamples, seed=seed))
            for each in self.counted
        ]

    def signature(self, counted: Counted, *, resamples: int, seed: int) -> Signature:
        """The signature of one task."""
        return Signature(
            task=counted.task.name,
            match=counted.task.headline,
            collection=NONE,
            split=NONE,
            release=NONE,
            docs=len(counted.counts.doc_ids),
            missing=counted.missing,
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
    """Count ``predicted`` against ``gold`` on ``tasks`` (none: all whose layers the first lines of both hold).

    Documents are paired by ``doc_id``, in any order; each is a story of its own. Deals are scored from the records that
    the files give, since without texts none can be computed. Raises SubmissionError with every fault: lines that are no
    annotation, offsets and references that do not hold, documents that are unknown or stand twice and, unless
    ``missing_as_empty``, documents or layers that are missing.
    """
    sides = (_side(gold), _side(predicted))
    chosen = _tasks(sides, tasks)
    # Most often both files hold the same documents in the same order, and nobody has to look for them.
    pairs: list[_Pair] = list(zip(sides[0].lines, sides[1].lines, strict=False))
    merged = _Merged(len(pairs))
    in_order = len(sides[0].lines) == len(sides[1].lines)
    if in_order:
        in_order = merged.take(_count_all(pairs, sides, chosen, missing_as_empty, progress))
    if not in_order or len(set(merged.doc_ids)) < len(merged.doc_ids):
        faults = Faults()
        pairs = _paired(sides, faults, missing_as_empty=missing_as_empty)
        merged = _Merged(len(pairs), faults)
        merged.take(_count_all(pairs, sides, chosen, missing_as_empty, progress))
    if merged.faults.total:
        raise SubmissionError(merged.faults.kept, merged.faults.total)
    with gold.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()[:8]
    return TwoFiles(
        counted=tuple(merged.counted()), gold=digest, repeated=sum(table.repeated for table in merged.tables.values())
    )


class _Line(msgspec.Struct, frozen=True, array_like=True):
    """Where a line stands: its number from 1, its place and its length in bytes."""

    number: int
    at: int
    size: int


class _Side(msgspec.Struct, frozen=True):
    path: Path
    lines: list[_Line]

    def where(self, line: _Line) -> str:
        return f"{shown(self.path)}:{line.number}"


_Pair = tuple[_Line, _Line | None]
"""The lines of one document in gold and predictions; None if nothing was predicted for it."""


def _side(path: Path) -> _Side:
    """A file and where its lines stand, those of white space left out; raises SubmissionError if it has none."""
    if path.exists() and not path.is_file():
        message = "is no regular file, and it has to be read twice. Write it to disk first."
        raise SubmissionError([Fault(where=shown(path), message=message)])
    try:
        size = path.stat().st_size
        data = np.memmap(path, np.uint8, "r") if size else None
    except OSError as error:
        raise SubmissionError([Fault(where=shown(path), message=f"cannot be read: {error.strerror}")]) from None
    if data is None:
        raise SubmissionError([Fault(where=shown(path), message=EMPTY)])
    breaks = [np.flatnonzero(data[at : at + _BLOCK] == _NEW_LINE) + at for at in range(0, size, _BLOCK)]
    ends = np.concatenate([*breaks, [size - 1]]) + 1
    begins = np.concatenate([[0], ends[:-1]])
    kept = begins < ends
    if int((ends - begins).max()) > MAX_LINE or data[:3].tobytes() == BYTE_ORDER_MARK:
        raise SubmissionError([fault for _, fault in read_lines(path) if isinstance(fault, Fault)])
    for i in np.flatnonzero(kept & (data[np.minimum(begins, size - 1)] != _BRACE)):
        kept[i] = not data[begins[i] : ends[i]].tobytes().isspace()
    if not kept.any():
        raise SubmissionError([Fault(where=shown(path), message=EMPTY)])
    columns = (np.arange(1, len(begins) + 1), begins, ends - begins)
    return _Side(path, list(map(_Line, *(column[kept].tolist() for column in columns))))


def _read(handle: BinaryIO, line: _Line) -> bytes:
    if handle.tell() != line.at:
        handle.seek(line.at)
    return handle.read(line.size)


def _tasks(sides: Sequence[_Side], names: Iterable[str]) -> tuple[str, ...]:
    """The tasks to score: those named, else those whose layers the first lines of both files hold."""
    if names := tuple(names):
        return tuple(task.name for task in tasks_named(names))
    first = []
    for side in sides:
        with side.path.open("rb") as handle:
            annotation, _ = decode_line(_read(handle, side.lines[0]), Annotation, "")
        if annotation is None:
            return ()  # whoever reads all lines will say what is wrong with this one, and with others
        first.append(annotation)
    chosen = tuple(name for name in TASKS if all(_submitted(name, annotation) for annotation in first))
    if not chosen:
        raise SubmissionError(
            f"{shown(sides[0].path)} and {shown(sides[1].path)}: nothing to score, their first lines have no layers in"
            " common. Give mentions, with entities for coreference and relations for relations, or deals."
        )
    return chosen


def _submitted(task: str, annotation: Annotation) -> bool:
    """Whether ``annotation`` can be scored on ``task`` without its text."""
    return annotation.deals is not None if task == deals.NAME else TASKS[task].submitted(annotation)


class _Table(msgspec.Struct):
    """Counts of documents of shape (documents, measures, 4), and the labels for which there are measures.

    ``missing`` documents had no prediction, ``repeated`` predictions say what another one says.
    """

    values: Floats
    labels: tuple[str, ...] = ()
    repeated: int = 0
    missing: int = 0


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """The counts of some documents by task, or what is wrong with them.

    ``in_order`` is False, and nothing else is set, if the lines of a pair turn out to be of different documents.
    """

    in_order: bool = True
    doc_ids: tuple[str, ...] = ()
    tables: dict[str, _Table] = {}
    faults: tuple[Fault, ...] = ()


def _count_all(
    pairs: Sequence[_Pair],
    sides: tuple[_Side, _Side],
    tasks: tuple[str, ...],
    missing_as_empty: bool,
    progress: Progress,
) -> Iterator[_Part]:
    """The counts of all pairs, part by part in their order."""
    paths = (sides[0].path, sides[1].path)
    count = partial(_count_part, paths=paths, tasks=tasks, missing_as_empty=missing_as_empty)
    jobs = [pairs[i : i + CHUNK] for i in range(0, len(pairs), CHUNK)]
    processes = min(_processors(), len(jobs) // 2)
    with _mapping(processes) as mapped:
        for i, part in enumerate(mapped(count, jobs)):
            progress(f"{min((i + 1) * CHUNK, len(pairs)):,} of {len(pairs):,} documents")
            yield part


def _processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _mapping(processes: int) -> Iterator[Callable[..., Iterable[_Part]]]:
    """A ``map`` that works in so many processes; in this one, if fewer than two are worth it or none can be forked."""
    if processes < 2 or "fork" not in multiprocessing.get_all_start_methods():
        enabled = gc.isenabled()
        gc.disable()  # annotations have no cycles, and the collector would walk all of them again and again
        try:
            yield map
        finally:
            if enabled:
                gc.enable()
        return
    with warnings.catch_warnings():
        # Python warns of forking beside threads. Those of numpy's linear algebra are idle, and workers use none of it.
        warnings.simplefilter("ignore", DeprecationWarning)
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(processes, mp_context=context, initializer=gc.disable) as pool:
            try:
                yield pool.map
            finally:
                pool.shutdown(cancel_futures=True)


def _count_part(
    pairs: Sequence[_Pair], *, paths: tuple[Path, Path], tasks: tuple[str, ...], missing_as_empty: bool
) -> _Part:
    """Read and count some documents."""
    faults: list[Fault] = []
    gold = _annotations(paths[0], [line for line, _ in pairs], faults)
    given = _annotations(paths[1], [line for _, line in pairs if line is not None], faults)
    if faults:
        return _Part(faults=tuple(faults))
    rest = iter(given)
    given_or_none = [None if line is None else next(rest) for _, line in pairs]
    if any(p is not None and p.doc_id != g.doc_id for g, p in zip(gold, given_or_none, strict=True)):
        return _Part(in_order=False)
    lines = [(0, line) for line, _ in pairs] + [(1, line) for _, line in pairs if line is not None]
    read = list(zip([f"{shown(paths[side])}:{line.number}" for side, line in lines], (*gold, *given), strict=True))
    must_be_whole = read[: len(gold)] if missing_as_empty else read
    faults += (_lacks(task, where) for where, a in must_be_whole for task in tasks if not _submitted(task, a))
    # Where there is nothing but mentions, counting finds out whether their offsets hold.
    faults += (f for where, a in read if not _only_mentions(a, tasks) for f in structure_faults(a, None, where))
    if faults:
        return _Part(faults=tuple(faults))
    tables: dict[str, _Table] = {}
    try:
        for task in tasks:
            scored = [
                p if p is not None and _submitted(task, p) else empty_annotation(g.doc_id)
                for g, p in zip(gold, given_or_none, strict=True)
            ]
            tables[task] = _COUNT[task](gold, scored)
            tables[task].missing = sum(p is None or not _submitted(task, p) for p in given_or_none)
    except (ValueError, OverflowError):
        return _Part(faults=tuple(f for where, a in read for f in structure_faults(a, None, where)))
    return _Part(doc_ids=tuple(g.doc_id for g in gold), tables=tables)


def _annotations(path: Path, lines: Iterable[_Line], faults: list[Fault]) -> list[Annotation]:
    """The annotations of those lines that are one; for others, their faults are added to ``faults``."""
    found = []
    with path.open("rb") as handle:
        for line in lines:
            data = _read(handle, line)
            try:
                found.append(decode_annotation(data))
            except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
                faults += decode_line(data, Annotation, f"{shown(path)}:{line.number}")[1]
    return found


def _lacks(task: str, where: str) -> Fault:
    message = f"no layers of task {task}, which the first lines have. Give them for every document or for none."
    return Fault(where=where, message=message)


def _only_mentions(annotation: Annotation, tasks: Sequence[str]) -> bool:
    others = (annotation.entities, annotation.relations, annotation.deals)
    return mentions.NAME in tasks and all(layer is None for layer in others)


Annotations = Sequence[Annotation]


def _mentions(gold: Annotations, predicted: Annotations) -> _Table:
    labels, values = count_labels(gold, predicted)
    given = sum(len(p.mentions or ()) for p in predicted)
    return _Table(values, labels, given - int(values[:, 0, P_WHOLE].sum()))


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
    mentions.NAME: _mentions,
    coreference.NAME: lambda gold, predicted: _Table(count_coreference(gold, predicted)),
    relations.NAME: _relations,
    deals.NAME: _deals,
}


def _task(name: str, labels: Sequence[str]) -> Task:
    """The task of that name where mentions or relations have these labels."""
    task = TASKS[name]
    for module in (mentions, relations):
        if name == module.NAME:
            task = msgspec.structs.replace(task, measures=module.measures(labels), derived=module.derived(labels))
    return task


class _Merged:
    """Puts the counts of the parts together, one after another."""

    def __init__(self, documents: int, faults: Faults | None = None) -> None:
        self.documents = documents
        self.doc_ids: list[str] = []
        self.tables: dict[str, _Table] = {}
        self.faults = Faults() if faults is None else faults

    def take(self, parts: Iterable[_Part]) -> bool:
        """Add all ``parts``; False, and no more is read, if one was not in order."""
        for part in parts:
            if not part.in_order:
                return False
            self.faults.add(part.faults)
            for task, table in part.tables.items():
                self._add(task, table)
            self.doc_ids += part.doc_ids
        return True

    def _add(self, task: str, table: _Table) -> None:
        known = self.tables.get(task)
        labels = table.labels if known is None else tuple(sorted({*known.labels, *table.labels}))
        if known is None or labels != known.labels:
            values = np.zeros((self.documents, len(_task(task, labels).measures), 4))
            if known is None:
                known = self.tables[task] = _Table(values, labels)
            else:
                values[:, _columns(task, labels, known.labels)] = known.values
                known.values, known.labels = values, labels
        rows = slice(len(self.doc_ids), len(self.doc_ids) + len(table.values))
        known.values[rows, _columns(task, labels, table.labels)] = table.values
        known.repeated += table.repeated
        known.missing += table.missing

    def counted(self) -> Iterator[Counted]:
        """The counts of each task."""
        doc_ids = tuple(self.doc_ids)
        for name, table in self.tables.items():
            task = _task(name, table.labels)
            counts = TaskCounts(measures=task.measures, doc_ids=doc_ids, stories=doc_ids, values=table.values)
            yield Counted(task=task, collection=NONE, split=NONE, missing=table.missing, counts=counts)


def _columns(task: str, labels: Sequence[str], part: Sequence[str]) -> slice | list[int]:
    """At which measures of a task with ``labels`` those of the same task with fewer labels stand."""
    if tuple(labels) == tuple(part):
        return slice(None)
    at = {name: i for i, name in enumerate(_task(task, labels).measures)}
    return [at[name] for name in _task(task, part).measures]


class _Id(msgspec.Struct):
    doc_id: str


def _paired(sides: tuple[_Side, _Side], faults: Faults, *, missing_as_empty: bool) -> list[_Pair]:
    """The lines of each document of gold and of its prediction; what cannot be paired is added to ``faults``."""
    gold, predicted = (_by_id(side, faults) for side in sides)
    for doc_id, line in predicted.items():
        if doc_id not in gold:
            message = f"$.doc_id: {quoted(doc_id)} is not in {shown(sides[0].path)}. Take it out."
            faults.add([Fault(where=sides[1].where(line), message=message)])
    if not missing_as_empty:
        faults.add(no_line(sides[1].path, doc_id) for doc_id in gold if doc_id not in predicted)
    return [(line, predicted.get(doc_id)) for doc_id, line in gold.items()]


def _by_id(side: _Side, faults: Faults) -> dict[str, _Line]:
    """The first line of each document; ids that stand twice and lines without one are added to ``faults``."""
    found: dict[str, _Line] = {}
    decode = msgspec.json.Decoder(_Id).decode
    with side.path.open("rb") as handle:
        for line in side.lines:
            data = _read(handle, line)
            try:
                doc_id = decode(data).doc_id
            except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
                faults.add(decode_line(data, Annotation, side.where(line))[1])
                continue
            if doc_id in found:
                message = (
                    f"$.doc_id: {quoted(doc_id)} stands already in line {found[doc_id].number}; one line a document"
                )
                faults.add([Fault(where=side.where(line), message=message)])
            found.setdefault(doc_id, line)
    return found
