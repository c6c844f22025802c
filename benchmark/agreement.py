"""Agreement of annotators: one raw layer scored against another, with the same counts and intervals as a system.

Some tasks depend on which side is gold (relations are mapped to gold's entities, names compared with gold's aliases),
so each layer is gold once and the counts are averaged: F1 is the same whichever is named first. Between annotators of
one kind it says how far the guideline determines the answer, not whether the answer is true.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations

import msgspec
import numpy as np

from ..annotations.annotation import Annotation
from ..annotations.layers import LAYERS, read_annotation
from ..annotations.structure import structure_faults
from ..corpus.document import COLLECTIONS, Document
from ..corpus.errors import DataError, Fault, UnknownNameError
from ..corpus.load import Corpus
from .bootstrap import percentile_interval, resampled_sums
from .chance import alpha, coincidences, gamma, token_labels
from .disagreements import Disagreement, disagreements
from .measures import P_PART, P_WHOLE, R_PART, R_WHOLE, Floats, TaskCounts, optional
from .scoring import TaskScore, count_task, score_counts, signature_of
from .tasks import TASKS


class ChanceCorrected(msgspec.Struct, frozen=True, kw_only=True):
    """A coefficient that is 1 for perfect agreement and 0 for chance, with its 95 % interval over stories."""

    collection: str
    measure: str
    value: float | None
    low: float | None
    high: float | None


class DocumentAgreement(msgspec.Struct, frozen=True, kw_only=True):
    """The agreement on one document: headline F1 by task, alpha on tokens, and gamma if it was asked for."""

    doc_id: str
    f1: dict[str, float | None]
    alpha: float | None
    gamma: float | None = None


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """The agreement of two layers on the documents that both hold and whose text is here.

    ``scores`` are per collection and task; their precision and recall are those of ``second`` against ``first``.
    ``without_text`` counts documents that both layers hold but that cannot be compared here. ``by_document`` and
    ``disagreements`` begin with the documents on which the two agree least; ``confusion`` counts tokens by the labels
    that the two gave them, in both directions, in the order of ``labels``.
    """

    first: str
    second: str
    documents: tuple[str, ...]
    without_text: int
    scores: tuple[TaskScore, ...]
    chance_corrected: tuple[ChanceCorrected, ...]
    by_document: tuple[DocumentAgreement, ...]
    disagreements: tuple[Disagreement, ...]
    labels: tuple[str, ...]
    confusion: tuple[tuple[float, ...], ...]


def layer_names() -> tuple[str, ...]:
    """The names of the annotator layers of the repository."""
    return tuple(sorted(folder.name for folder in LAYERS.iterdir() if folder.is_dir())) if LAYERS.is_dir() else ()


def agreements(
    corpus: Corpus,
    names: Sequence[str] = (),
    *,
    resamples: int,
    seed: int,
    with_gamma: bool = False,
    progress: Callable[[str], None] = lambda message: None,
) -> list[Agreement]:
    """The agreement of every two of the layers ``names`` (default: all) that have documents in common.

    ``with_gamma`` computes gamma too, which takes a second or two a document. Raises UnknownNameError for a layer that
    does not exist, DataError for a layer file that cannot be read or when no two layers share a document, and
    MissingExtraError when gamma is asked for and not installed.
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
            progress(f"{first} and {second}")
            pair = _Pair(corpus, layers)
            gammas = pair.gammas(progress) if with_gamma else {}
            found.append(_agreement((first, second), pair, gammas, resamples, seed))
    if not found:
        message = "no two layers hold the same document, as opinions of their own; corrected copies are none"
        raise DataError([Fault(where=str(LAYERS), message=message)])
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


class _Pair:
    """Two layers on the same documents, with those whose text is here."""

    def __init__(self, corpus: Corpus, layers: Sequence[dict[str, Annotation]]) -> None:
        self.first, self.second = layers
        self.documents = [corpus.documents[doc_id] for doc_id in self.first if doc_id in corpus.documents]

    def both(self, document: Document) -> tuple[Annotation, Annotation]:
        return self.first[document.id], self.second[document.id]

    def gammas(self, progress: Callable[[str], None]) -> dict[str, float | None]:
        found = {}
        for document in self.documents:
            progress(f"gamma of {document.id}")
            found[document.id] = gamma(document, *self.both(document))
        return found


def _agreement(
    names: tuple[str, str], pair: _Pair, gammas: dict[str, float | None], resamples: int, seed: int
) -> Agreement:
    scores = []
    corrected = []
    f1: dict[str, dict[str, float | None]] = {d.id: {} for d in pair.documents}
    matrices = {d.id: coincidences(d, *pair.both(d)) for d in pair.documents}
    for collection in COLLECTIONS:
        its = [d for d in pair.documents if d.collection == collection]
        for task in TASKS.values() if its else ():
            signature = signature_of(pair.first, task, its, collection, "all", resamples=resamples, seed=seed)
            counts = _mean(
                count_task(task, its, pair.first, pair.second), count_task(task, its, pair.second, pair.first)
            )
            scores.append(score_counts(task, counts, signature))
            for document, values in zip(its, task.headline_f1(counts.values), strict=True):
                f1[document.id][task.name] = optional(values)
        if its:
            corrected.append(_alpha(collection, its, matrices, resamples, seed))
        if its and gammas:
            corrected.append(_mean_gamma(collection, its, gammas, resamples, seed))
    by_document = [
        DocumentAgreement(
            doc_id=d.id, f1=f1[d.id], alpha=optional(alpha(matrices[d.id]).item()), gamma=gammas.get(d.id)
        )
        for d in pair.documents
    ]
    by_document.sort(key=lambda row: (row.f1["relations"] if row.f1["relations"] is not None else 1.0, row.doc_id))
    texts = {d.id: d for d in pair.documents}
    return Agreement(
        first=names[0],
        second=names[1],
        documents=tuple(texts),
        without_text=len(pair.first) - len(texts),
        scores=tuple(scores),
        chance_corrected=tuple(corrected),
        by_document=tuple(by_document),
        disagreements=tuple(
            each for row in by_document for each in disagreements(texts[row.doc_id], *pair.both(texts[row.doc_id]))
        ),
        labels=token_labels(),
        confusion=tuple(map(tuple, sum(matrices.values(), np.zeros((len(token_labels()),) * 2)).tolist())),
    )


def _alpha(
    collection: str, documents: Sequence[Document], matrices: dict[str, Floats], resamples: int, seed: int
) -> ChanceCorrected:
    """Alpha of the summed coincidences of ``documents``."""
    by_story: dict[str, Floats] = {}
    for d in documents:
        by_story[d.story] = by_story.get(d.story, 0.0) + matrices[d.id]
    summed = np.stack(list(by_story.values()))
    drawn = alpha(resampled_sums(summed, resamples, seed)) if resamples and len(summed) > 1 else None
    return _corrected(collection, "alpha", alpha(summed.sum(axis=0)).item(), drawn)


def _mean_gamma(
    collection: str, documents: Sequence[Document], gammas: dict[str, float | None], resamples: int, seed: int
) -> ChanceCorrected:
    """The mean gamma of ``documents``: gamma is made for one text and does not add up."""
    by_story: dict[str, list[float]] = {}
    for d in documents:
        value = gammas[d.id]
        if value is not None:
            by_story.setdefault(d.story, []).append(value)
    sums = np.array([[sum(values), len(values)] for values in by_story.values()])
    if not len(sums):
        return _corrected(collection, "gamma", np.nan, None)
    drawn = resampled_sums(sums, resamples, seed) if resamples and len(sums) > 1 else None
    means = None if drawn is None else drawn[:, 0] / drawn[:, 1]
    return _corrected(collection, "gamma", sums[:, 0].sum() / sums[:, 1].sum(), means)


def _corrected(collection: str, measure: str, value: float, drawn: Floats | None) -> ChanceCorrected:
    low, high = (np.nan, np.nan) if drawn is None else (x.item() for x in percentile_interval(drawn[:, None]))
    return ChanceCorrected(
        collection=collection, measure=measure, value=optional(value), low=optional(low), high=optional(high)
    )


def _mean(one: TaskCounts, other: TaskCounts) -> TaskCounts:
    """The mean of counts with the first layer as gold and, precision and recall exchanged, with the second as gold."""
    exchanged = other.values[..., [R_PART, R_WHOLE, P_PART, P_WHOLE]]
    return msgspec.structs.replace(one, values=(one.values + exchanged) / 2)
