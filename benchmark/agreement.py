"""Agreement of annotators: one raw layer scored against another, with the same counts and intervals as a system.

Some tasks depend on which side is gold (relations are mapped to gold's entities, names compared with gold's aliases),
so each layer is gold once and the counts are averaged: F1 is the same whichever is named first. Between annotators of
one kind it says how far the guideline determines the answer, not whether the answer is true.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import msgspec

from ..annotations.annotation import Annotation
from ..annotations.layers import LAYERS, read_annotation
from ..annotations.structure import structure_faults
from ..corpus.document import COLLECTIONS, Document
from ..corpus.errors import DataError, Fault, UnknownNameError
from ..corpus.load import Corpus
from .measures import P_PART, P_WHOLE, R_PART, R_WHOLE, TaskCounts
from .scoring import TaskScore, count_task, score_counts, signature_of
from .tasks import TASKS


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """The agreement of two layers on the documents that both hold and whose text is here.

    ``scores`` are per collection and task; their precision and recall are those of ``second`` against ``first``.
    ``without_text`` counts documents that both layers hold but that cannot be compared here.
    """

    first: str
    second: str
    documents: tuple[str, ...]
    without_text: int
    scores: tuple[TaskScore, ...]


def layer_names() -> tuple[str, ...]:
    """The names of the annotator layers of the repository."""
    return tuple(sorted(folder.name for folder in LAYERS.iterdir() if folder.is_dir())) if LAYERS.is_dir() else ()


def agreements(corpus: Corpus, names: Sequence[str] = (), *, resamples: int, seed: int) -> list[Agreement]:
    """The agreement of every two of the layers ``names`` (default: all) that have documents in common.

    Raises UnknownNameError for a layer that does not exist, and DataError for a layer file that cannot be read or when
    no two layers share a document.
    """
    known = layer_names()
    for name in names:
        if name not in known:
            raise UnknownNameError("layer", name, known)
    found = []
    for first, second in combinations(names or known, 2):
        shared = sorted(_files(first) & _files(second))
        layers = [_read(corpus, name, shared) for name in (first, second)]
        common = layers[0].keys() & layers[1].keys()
        if common:
            layers = [{doc_id: a for doc_id, a in layer.items() if doc_id in common} for layer in layers]
            found.append(_agreement(corpus, (first, second), layers, resamples, seed))
    if not found:
        raise DataError([Fault(where=str(LAYERS), message="no two layers hold the same document")])
    return found


def _files(name: str) -> set[str]:
    return {path.name for path in (LAYERS / name).glob("*.json")}


def _read(corpus: Corpus, name: str, files: Sequence[str]) -> dict[str, Annotation]:
    """The annotations of a layer by document id, without corrected copies of another layer: they are no second opinion.

    Raises DataError with every fault of structure.
    """
    annotations = [read_annotation(LAYERS / name / file) for file in files]
    faults: list[Fault] = []
    for annotation in annotations:
        document = corpus.documents.get(annotation.doc_id)
        if document is not None:
            faults += structure_faults(annotation, document, f"{LAYERS.name}/{name}/{annotation.doc_id}.json")
    if faults:
        raise DataError(faults)
    return {a.doc_id: a for a in annotations if a.provenance is None or a.provenance.kind == "annotator"}


def _agreement(
    corpus: Corpus, names: tuple[str, str], layers: Sequence[dict[str, Annotation]], resamples: int, seed: int
) -> Agreement:
    first, second = layers
    documents: list[Document] = [corpus.documents[doc_id] for doc_id in first if doc_id in corpus.documents]
    scores = []
    for collection in COLLECTIONS:
        its = [d for d in documents if d.collection == collection]
        for task in TASKS.values() if its else ():
            signature = signature_of(first, task, its, collection, "all", resamples=resamples, seed=seed)
            counts = _mean(count_task(task, its, first, second), count_task(task, its, second, first))
            scores.append(score_counts(task, counts, signature))
    return Agreement(
        first=names[0],
        second=names[1],
        documents=tuple(d.id for d in documents),
        without_text=len(first) - len(documents),
        scores=tuple(scores),
    )


def _mean(one: TaskCounts, other: TaskCounts) -> TaskCounts:
    """The mean of counts with the first layer as gold and, precision and recall exchanged, with the second as gold."""
    exchanged = other.values[..., [R_PART, R_WHOLE, P_PART, P_WHOLE]]
    return msgspec.structs.replace(one, values=(one.values + exchanged) / 2)
