"""Run systems on a release: fit on train, predict a split, score, and keep what a reader needs to repeat it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from .._version import __version__
from ..annotations.annotation import Annotation, encode_annotation
from ..annotations.release import RELEASE, Release
from ..annotations.structure import structure_faults
from ..annotations.systems import StoredSystem, System, create_system
from ..corpus.document import COLLECTIONS, Document, Split
from ..corpus.errors import DataError, Fault
from ..corpus.files import atomic_writer, write_atomic
from .measures import TaskCounts
from .per_document import FILE, read_counts, write_counts
from .scoring import Counted, TaskScore, count_predictions, score_counted
from .signature import parse_signature
from .tasks import TASKS

Progress = Callable[[str], None]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The scores of one system on one split, and what it learnt from.

    ``trained_on`` counts training documents by collection (empty for a submission: we cannot know).
    ``absent`` gives the reason for each collection that could not be scored. Times are wall-clock seconds. ``release``
    and ``split`` are "-" where gold was a file of one's own.
    """

    system: str
    release: str
    version: str
    split: Split | Literal["-"]
    scores: tuple[TaskScore, ...]
    trained_on: dict[str, int] = msgspec.field(default_factory=dict)
    absent: dict[str, str] = msgspec.field(default_factory=dict)
    fit_seconds: float | None = None
    predict_seconds: float | None = None


def run_system(
    name: str,
    release: Release,
    folder: Path,
    split: Split = "test",
    *,
    resamples: int,
    seed: int,
    progress: Progress = lambda message: None,
) -> KeptResult:
    """Fit system ``name`` on the train documents of ``release``, predict and score ``split``.

    Writes ``predictions.jsonl``, ``documents.jsonl`` (counts by document), ``scores.json`` and, for a system that can
    be stored, ``model/`` into ``folder``, each file whole or not at all. Raises DataError when the system's output is
    not valid, naming it.
    """
    system = create_system(name)
    train = release.select(split="train")
    progress(f"{name}: fit on {len(train)} documents")
    started = time.perf_counter()
    system.fit(train, [release.gold[d.id] for d in train])
    fitted = time.perf_counter()
    documents = release.select(split=split)
    predictions = _predict(name, system, documents, progress)
    predicted = time.perf_counter()
    if isinstance(system, StoredSystem):
        system.save(folder / "model")
    write_predictions(folder / "predictions.jsonl", predictions)
    progress(f"{name}: score")
    counted = count_predictions(release, {p.doc_id: p for p in predictions}, split=split)
    scores = [score_counted(each, release, resamples=resamples, seed=seed) for each in counted]
    result = Result(
        system=name,
        release=RELEASE,
        version=__version__,
        split=split,
        scores=tuple(scores),
        trained_on={c: n for c in COLLECTIONS if (n := sum(d.collection == c for d in train))},
        absent=release.missing(),
        fit_seconds=fitted - started,
        predict_seconds=predicted - fitted,
    )
    write_result(folder, result, counted)
    return KeptResult(result=result, counts={(each.collection, each.task.name): each.counts for each in counted})


def _predict(name: str, system: System, documents: Sequence[Document], progress: Progress) -> list[Annotation]:
    predictions = []
    faults: list[Fault] = []
    for i, document in enumerate(documents):
        progress(f"{name}: predict {i + 1}/{len(documents)} {document.id}")
        prediction = system.predict(document)
        if type(prediction) is not Annotation:  # a system of another package may give anything
            message = f"predict gave {type(prediction).__name__}, expected Annotation"
            raise DataError([Fault(where=f"{name}: {document.id}", message=message)])
        if prediction.doc_id != document.id:
            faults.append(Fault(where=f"{name}: {document.id}", message=f"predicted for {prediction.doc_id!r} instead"))
        faults += structure_faults(prediction, document, f"{name}: {document.id}")
        predictions.append(prediction)
    if faults:
        raise DataError(faults)
    return predictions


def write_predictions(path: Path, predictions: Iterable[Annotation]) -> None:
    """Write ``predictions`` as JSON Lines, the form that ``armsbench score`` reads."""
    with atomic_writer(path) as handle:
        for prediction in predictions:
            handle.write(encode_annotation(prediction) + b"\n")


def write_result(folder: Path, result: Result, counted: Iterable[Counted]) -> None:
    """Write the counts of every document (``documents.jsonl``), then ``result`` (``scores.json``) into ``folder``."""
    write_counts(folder / FILE, counted)
    write_atomic(folder / "scores.json", msgspec.json.format(msgspec.json.encode(result), indent=1) + b"\n")


class KeptResult(msgspec.Struct, frozen=True, kw_only=True):
    """A result that was kept, with its counts by document for each collection and task."""

    result: Result
    counts: dict[tuple[str, str], TaskCounts]


def read_results(runs: Path) -> list[KeptResult]:
    """The results in the folders ``runs/SYSTEM/SPLIT`` in order of name; raises DataError for any other file."""
    results: list[KeptResult] = []
    faults: list[Fault] = []
    for path in sorted(runs.glob("*/*/scores.json")):
        try:
            result = msgspec.json.decode(path.read_bytes(), type=Result)
            for score in result.scores:
                parse_signature(score.signature)
            counts = read_counts(path.with_name(FILE))
            if not all(_counts_of(score, counts) for score in result.scores):
                raise ValueError(f"{FILE} beside it is of other scores")
            results.append(KeptResult(result=result, counts=counts))
        except DataError as error:
            faults += error.faults
        except (msgspec.MsgspecError, ValueError, OSError) as error:
            faults.append(Fault(where=str(path), message=f"not a result of this version ({error}). Run it again."))
    if faults:
        raise DataError(faults)
    return results


def _counts_of(score: TaskScore, counts: Mapping[tuple[str, str], TaskCounts]) -> bool:
    """Whether ``counts`` hold those that ``score`` was made of, as far as its headline tells."""
    its = counts.get((score.collection, score.task))
    headline = score.measures.get(score.headline)
    if its is None or headline is None or len(its.doc_ids) != score.documents:
        return False
    return abs(float(TASKS[score.task].statistic(its.total())) - (headline.f1 or 0)) < 1e-9
