"""Read a predictions file: one :class:`~armsbench.annotations.annotation.Annotation` a line, every fault at once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from ..annotations.annotation import Annotation
from ..annotations.check import structure_faults
from ..annotations.release import Release
from ..corpus.document import COLLECTIONS, Collection, Split
from ..corpus.errors import Fault, SubmissionError, unknown_name
from ..corpus.jsonl import decode_line, read_lines
from ..corpus.splits import read_splits
from .tasks import TASKS

KEPT_FAULTS = 10_000
"""How many faults are kept; further ones are counted. A wrong file may have millions."""


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """Predictions by document id that hold, and what of the file could not be used without being wrong.

    ``without_text`` are ids of documents of the release whose text is not here, so they are neither checked nor scored.
    ``collections`` are those of which documents were predicted and can be scored.
    """

    predictions: dict[str, Annotation]
    without_text: tuple[str, ...]
    collections: tuple[Collection, ...]


class _Faults:
    """Collects faults, all counted, the first ten thousand kept."""

    def __init__(self) -> None:
        self.kept: list[Fault] = []
        self.total = 0

    def add(self, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self.total += 1
            if self.total <= KEPT_FAULTS:
                self.kept.append(fault)


def read_submission(
    path: Path, release: Release, split: Split = "test", *, missing_as_empty: bool = False
) -> Submission:
    """The predictions of ``path`` for ``split``.

    Raises SubmissionError with every fault: lines that are no JSON, fields of a wrong type, unknown or repeated
    documents, labels, offsets and references that do not hold; and, unless ``missing_as_empty``, documents that are
    missing from a collection of which others were predicted, or that lack a layer that others have.
    """
    faults = _Faults()
    predictions: dict[str, Annotation] = {}
    first_line: dict[str, int] = {}
    without_text: list[str] = []
    lines = 0
    try:
        for number, line in read_lines(path):
            lines += 1
            where = f"{path}:{number}"
            if isinstance(line, Fault):
                faults.add([line])
                continue
            annotation, found = decode_line(line, Annotation, where)
            faults.add(found)
            if annotation is None:
                continue
            placed = _place(annotation.doc_id, where, split, first_line, faults)
            first_line.setdefault(annotation.doc_id, number)
            if not placed:
                continue
            document = release.documents.get(annotation.doc_id)
            if document is None:
                without_text.append(annotation.doc_id)
                continue
            structure = structure_faults(annotation, document, where)
            faults.add(structure)
            predictions[annotation.doc_id] = annotation
    except OSError as error:
        raise SubmissionError([Fault(where=str(path), message=f"cannot be read: {error.strerror}")]) from None
    if not lines:
        faults.add([Fault(where=str(path), message="empty; write one JSON object a line, one line a document")])
    if not missing_as_empty and not faults.total:
        faults.add(_missing(path, release, split, predictions))
    if faults.total:
        raise SubmissionError(faults.kept, faults.total)
    present = {release.documents[doc_id].collection for doc_id in predictions}
    return Submission(
        predictions=predictions,
        without_text=tuple(without_text),
        collections=tuple(c for c in COLLECTIONS if c in present),
    )


def _place(doc_id: str, where: str, split: Split, first_line: dict[str, int], faults: _Faults) -> bool:
    """Whether a line's document is one to score; if not, the fault is added."""
    splits = read_splits()
    message = None
    if doc_id not in splits:
        message = unknown_name("document", doc_id, splits)
    elif splits[doc_id] != split:
        message = f"{doc_id} is in split {splits[doc_id]}, not {split}. Take it out, or use --split {splits[doc_id]}."
    elif doc_id in first_line:
        message = f"{doc_id} stands already in line {first_line[doc_id]}; one line a document"
    if message:
        faults.add([Fault(where=f"{where}: $.doc_id", message=message)])
    return message is None


def _missing(path: Path, release: Release, split: Split, predictions: dict[str, Annotation]) -> Iterable[Fault]:
    """A fault for each document or layer that is missing where others of its collection have it."""
    for collection in COLLECTIONS:
        documents = release.select(collection, split)
        given = [d for d in documents if d.id in predictions]
        if not given:
            continue
        for document in documents:
            if document.id not in predictions:
                yield Fault(
                    where=str(path),
                    message=f"no line for {document.id}. Add it (empty lists say that nothing was found), or count"
                    " missing documents as empty with --missing-as-empty.",
                )
        for task in TASKS.values():
            having = [d for d in given if task.submitted(predictions[d.id])]
            if having and len(having) < len(given):
                lacking = next(d.id for d in given if d not in having)
                yield Fault(
                    where=str(path),
                    message=f"{lacking} and {len(given) - len(having) - 1} more lack the layers of task {task.name},"
                    f" which {having[0].id} has. Give a layer for every document of {collection} or for none.",
                )
