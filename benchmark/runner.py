"""Run systems on a release: fit on train, predict a split, score, and keep what a reader needs to repeat it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from .._version import __version__
from ..annotations.annotation import Annotation, encode_annotation
from ..annotations.release import RELEASE, Release
from ..annotations.structure import structure_faults
from ..annotations.systems import StoredSystem, System, create_system
from ..corpus.document import COLLECTIONS, Document, Split
from ..corpus.errors import DataError, Fault
from ..corpus.files import atomic_writer, write_atomic
from .scoring import TaskScore, score_predictions
from .signature import parse_signature

Progress = Callable[[str], None]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """The scores of one system on one split, and what it learnt from.

    ``trained_on`` counts training documents by collection (empty for a submission: we cannot know).
    ``absent`` gives the reason for each collection that could not be scored. Times are wall-clock seconds.
    """

    system: str
    release: str
    version: str
    split: Split
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
) -> Result:
    """Fit system ``name`` on the train documents of ``release``, predict and score ``split``.

    Writes ``predictions.jsonl``, ``scores.json`` and, for a system that can be stored, ``model/`` into ``folder``, each
    file whole or not at all. Raises DataError when the system's output is not valid, naming it.
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
    scores = score_predictions(release, {p.doc_id: p for p in predictions}, split=split, resamples=resamples, seed=seed)
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
    write_result(folder, result)
    return result


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


def write_result(folder: Path, result: Result) -> None:
    """Write ``result`` as ``scores.json`` into ``folder``."""
    write_atomic(folder / "scores.json", msgspec.json.format(msgspec.json.encode(result), indent=1) + b"\n")


def read_results(runs: Path) -> list[Result]:
    """The results in ``runs/SYSTEM/SPLIT/scores.json`` in order of name; raises DataError for any other file."""
    results, faults = [], []
    for path in sorted(runs.glob("*/*/scores.json")):
        try:
            result = msgspec.json.decode(path.read_bytes(), type=Result)
            for score in result.scores:
                parse_signature(score.signature)
            results.append(result)
        except (msgspec.MsgspecError, ValueError, OSError) as error:
            faults.append(Fault(where=str(path), message=f"not a result of this version ({error}). Run it again."))
    if faults:
        raise DataError(faults)
    return results
