"""Read a predictions file: one :class:`~armsbench.annotations.annotation.Annotation` a line, every fault at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from ..annotations.annotation import Annotation
from ..annotations.release import Release
from ..annotations.structure import quoted, structure_faults
from ..corpus.document import COLLECTIONS, Collection, Split
from ..corpus.errors import Fault, SubmissionError, unknown_name
from ..corpus.files import shown
from ..corpus.jsonl import decode_line, read_lines
from ..corpus.splits import read_splits
from .mentions import key
from .relations import mention_relations
from .tasks import Task, tasks_named

EMPTY = "empty; write one JSON object a line, one line a document"

KEPT_FAULTS = 1_000
"""How many faults are kept; further ones are counted. A wrong file may have millions."""


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """Predictions by document id that hold, and what of the file could not be used without being wrong.

    ``without_text`` are ids of documents of the release whose text is not here, so they are neither checked nor scored.
    ``collections`` are those of which documents were predicted and can be scored. ``repeated`` counts mentions and
    relations that say again what another one of the same document says: they are scored once.
    """

    predictions: dict[str, Annotation]
    without_text: tuple[str, ...]
    collections: tuple[Collection, ...]
    repeated: int = 0


class Faults:
    """Collects faults, all counted, the first thousand kept."""

    def __init__(self) -> None:
        self.kept: list[Fault] = []
        self.total = 0

    def add(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self.total += 1
            if self.total <= KEPT_FAULTS:
                self.kept.append(fault)


def read_submission(
    path: Path,
    release: Release,
    split: Split = "test",
    *,
    tasks: Iterable[str] = (),
    missing_as_empty: bool = False,
) -> Submission:
    """The predictions of ``path`` for ``split``, to be scored on ``tasks`` (none: all).

    Raises SubmissionError with every fault: lines that are no JSON, fields of a wrong type, unknown or repeated
    documents, labels, offsets and references that do not hold; and, unless ``missing_as_empty``, documents that are
    missing from a collection of which others were predicted, or that lack a layer that others have.
    """
    faults = Faults()
    reader = _Reader(release, split, faults)
    lines = 0
    try:
        for number, line in read_lines(path):
            lines += 1
            where = f"{shown(path)}:{number}"
            if isinstance(line, Fault):
                faults.add([line])
            elif spread := spread_over_lines(number, line, where):
                faults.add([spread])
                break
            else:
                reader.read(number, line, where)
    except OSError as error:
        raise SubmissionError([Fault(where=shown(path), message=f"cannot be read: {error.strerror}")]) from None
    if not lines:
        faults.add([Fault(where=shown(path), message=EMPTY)])
    if not missing_as_empty and not faults.total:
        faults.add(_missing(path, release, split, reader.predictions, tasks_named(tasks)))
    if faults.total:
        raise SubmissionError(faults.kept, faults.total)
    present = {release.documents[doc_id].collection for doc_id in reader.predictions}
    return Submission(
        predictions=reader.predictions,
        without_text=tuple(reader.without_text),
        collections=tuple(c for c in COLLECTIONS if c in present),
        repeated=sum(map(_repeated, reader.predictions.values())),
    )


def _repeated(annotation: Annotation) -> int:
    """How many mentions and relations of ``annotation`` are the same claim as an earlier one."""
    mentions, relations = annotation.mentions or (), annotation.relations or ()
    return len(mentions) - len(set(map(key, mentions))) + len(relations) - len(mention_relations(annotation))


class _Reader:
    """Takes the lines of a submission one by one: good predictions, faults, and documents whose text is not here."""

    def __init__(self, release: Release, split: Split, faults: Faults) -> None:
        self.release = release
        self.split = split
        self.faults = faults
        self.predictions: dict[str, Annotation] = {}
        self.without_text: list[str] = []
        self.first_line: dict[str, int] = {}

    def read(self, number: int, line: bytes, where: str) -> None:
        annotation, found = decode_line(line, Annotation, where)
        self.faults.add(found)
        if annotation is None:
            return
        misplaced = self._misplaced(annotation.doc_id)
        self.first_line.setdefault(annotation.doc_id, number)
        document = self.release.documents.get(annotation.doc_id)
        if misplaced:
            self.faults.add([Fault(where=f"{where}: $.doc_id", message=misplaced)])
        elif document is None:
            self.without_text.append(annotation.doc_id)
        else:
            self.faults.add(structure_faults(annotation, document, where))
            self.predictions[annotation.doc_id] = annotation

    def _misplaced(self, doc_id: str) -> str | None:
        """Why a line's document is not one to score, or None."""
        splits = read_splits()
        if doc_id not in splits:
            return unknown_name("document", doc_id, splits)
        if splits[doc_id] != self.split:
            its = splits[doc_id]
            return f"{doc_id} is in split {its}, not {self.split}. Take it out, or use --split {its}."
        return stands_already(doc_id, self.first_line[doc_id]) if doc_id in self.first_line else None


def spread_over_lines(number: int, line: bytes, where: str) -> Fault | None:
    """The fault that a file is one JSON value, if its first line shows it."""
    if number > 1 or line.strip() not in (b"{", b"["):
        return None
    message = "one JSON value over several lines. Write one object a line, one line a document."
    return Fault(where=where, message=message)


def stands_already(doc_id: str, number: int) -> str:
    """What is wrong with a line of a document that has one already."""
    return f"{quoted(doc_id)} stands already in line {number}; one line a document"


def lacking_layers(path: Path, task: str, doc_ids: Sequence[str], of: str = "") -> Fault:
    """The fault that only some documents (of a collection, perhaps) have what a task scores."""
    some = ", ".join(map(quoted, doc_ids[:3])) + (f" and {len(doc_ids) - 3} more" if len(doc_ids) > 3 else "")
    message = (
        f"no layers of task {task} for {some}, which other documents{of and f' of {of}'} have. Give a layer for every"
        f" document{of and ' of a collection'} or for none."
    )
    return Fault(where=shown(path), message=message)


def no_line(path: Path, doc_id: str) -> Fault:
    """The fault that a predictions file says nothing of a document."""
    message = (
        f"no line for {quoted(doc_id)}. Add it (empty lists say that nothing was found), or count missing documents as"
        " empty with --missing-as-empty."
    )
    return Fault(where=shown(path), message=message)


def _missing(
    path: Path, release: Release, split: Split, predictions: dict[str, Annotation], tasks: Iterable[Task]
) -> Iterable[Fault]:
    """A fault for each document or layer that is missing where others of its collection have it."""
    for collection in COLLECTIONS:
        documents = release.select(collection, split)
        given = [d for d in documents if d.id in predictions]
        if not given:
            continue
        for document in documents:
            if document.id not in predictions:
                yield no_line(path, document.id)
        for task in tasks:
            lacking = [d.id for d in given if not task.submitted(predictions[d.id])]
            if lacking and len(lacking) < len(given):
                yield lacking_layers(path, task.name, lacking, collection)
