"""Counts per document beside a result: for tests between kept results, and for analyses of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np

from ..corpus.errors import DataError, Fault
from ..corpus.files import atomic_writer
from ..corpus.jsonl import read_records
from .measures import TaskCounts
from .scoring import Counted
from .tasks import TASKS

FILE = "documents.jsonl"


class DocumentCounts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The counts of one task on one document.

    ``counts`` holds for each measure that counts anything (correct predicted, predicted, correct gold, gold), the
    numerators and denominators of precision and recall; None for the first two where a measure has recall only.
    """

    collection: str
    task: str
    doc_id: str
    story: str
    counts: dict[str, tuple[float | None, float | None, float, float]]


def write_counts(path: Path, counted: Iterable[Counted]) -> None:
    """Write the counts of every document as JSON Lines, whole or not at all."""
    encoder = msgspec.json.Encoder()
    with atomic_writer(path) as handle:
        for each in counted:
            for i, doc_id in enumerate(each.counts.doc_ids):
                rows = zip(each.counts.measures, each.counts.values[i].tolist(), strict=True)
                counts = {
                    name: [None if x != x else x for x in row] for name, row in rows if any(x == x and x for x in row)
                }
                record = {"collection": each.collection, "task": each.task.name, "doc_id": doc_id}
                handle.write(encoder.encode({**record, "story": each.counts.stories[i], "counts": counts}) + b"\n")


def read_counts(path: Path) -> dict[tuple[str, str], TaskCounts]:
    """The counts of the release's measures that :func:`write_counts` wrote, by collection and task.

    Raises DataError for any other file.
    """
    try:
        records = read_records(path, DocumentCounts)
    except OSError as error:
        raise DataError([Fault(where=str(path), message=f"cannot be read ({error.strerror}). Run it again.")]) from None
    groups: dict[tuple[str, str], list[DocumentCounts]] = {}
    for record in records:
        groups.setdefault((record.collection, record.task), []).append(record)
    faults = [Fault(where=str(path), message=f"unknown task {task!r}") for _, task in groups if task not in TASKS]
    for (_, task), its in groups.items():
        unknown = {name for record in its for name in record.counts} - set(
            TASKS[task].measures if task in TASKS else ()
        )
        faults += [Fault(where=str(path), message=f"unknown measure {name!r} of {task}") for name in sorted(unknown)]
    if faults:
        raise DataError(faults)
    return {key: _task_counts(key[1], its) for key, its in groups.items()}


def _task_counts(task: str, records: Sequence[DocumentCounts]) -> TaskCounts:
    measures = TASKS[task].measures
    values = np.zeros((len(records), len(measures), 4))
    at = {name: i for i, name in enumerate(measures)}
    for i, record in enumerate(records):
        for name, row in record.counts.items():
            values[i, at[name]] = [np.nan if x is None else x for x in row]
    return TaskCounts(
        measures=measures,
        doc_ids=tuple(r.doc_id for r in records),
        stories=tuple(r.story for r in records),
        values=values,
    )
