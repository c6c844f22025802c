"""Check whole files: gold, layers, articles with their fact sheets, splits."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from ..corpus.document import COLLECTIONS, Document, region_faults
from ..corpus.errors import DataError, Fault
from ..corpus.facts import fact_sheet_faults, read_fact_sheet
from ..corpus.files import PACKAGE
from ..corpus.index import read_index
from ..corpus.load import Corpus, load_corpus
from ..corpus.splits import CANARY, read_splits
from .annotation import Annotation
from .audit import LABELS, audit
from .check import guideline_faults
from .fact_check import fact_findings
from .findings import open_faults, read_ledger
from .layers import LAYERS, read_annotation
from .release import GOLD, read_gold
from .scheme import scheme
from .structure import structure_faults

Progress = Callable[[str], None]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """How many annotations were checked, every fault, and the documents whose text is not here to check against.

    ``structure_only`` of the checked ones follow a superseded version of the guidelines.
    """

    checked: int
    structure_only: int
    faults: tuple[Fault, ...]
    without_text: tuple[str, ...]


def annotation_faults(annotation: Annotation, document: Document, where: str) -> list[Fault]:
    """Faults of structure; if there are none, violations of the guidelines.

    A layer that was made by a superseded version of the guidelines stays as it was made: only its structure is checked.
    """
    faults = structure_faults(annotation, document, where)
    if faults or _superseded(annotation):
        return faults
    return guideline_faults(annotation, document, where)


def _superseded(annotation: Annotation) -> bool:
    return annotation.provenance is not None and annotation.provenance.guidelines in scheme().superseded


def check_files(paths: Iterable[Path], sources: Path | None, progress: Progress) -> Report:
    """Check annotation files against the texts of their documents."""
    return _check(list(paths), load_corpus(sources=sources), [], progress)


def check_release(sources: Path | None, progress: Progress) -> Report:
    """Check gold and layers of the release, what stands around them (indexes, splits, fact sheets), then audit gold."""
    corpus = load_corpus(sources=sources)
    paths = [*sorted(GOLD.glob("*.json")), *sorted(LAYERS.glob("*/*.json"))]
    report = _check(paths, corpus, [*_frame_faults(corpus)], progress)
    if report.faults:
        return report  # the audit takes for granted that gold holds together
    progress("auditing")
    return msgspec.structs.replace(report, faults=tuple(_audit_faults(corpus)))


def _audit_faults(corpus: Corpus) -> list[Fault]:
    """Findings of the audit and of the comparison with fact sheets that the ledger does not hold, and the reverse.

    Labels are compared between documents, so their findings, and entries of the ledger that have none, only count where
    every text is here.
    """
    documents = [corpus.documents[doc_id] for doc_id in read_splits() if doc_id in corpus.documents]
    gold = {document.id: read_gold(document.id) for document in documents}
    findings = audit(documents, gold)
    for document in documents:
        if document.collection == "articles":
            findings += fact_findings(document, gold[document.id], read_fact_sheet(document.id))
    if len(documents) == len(read_splits()):
        return open_faults(findings, read_ledger(), gold)
    return open_faults((f for f in findings if f.check != LABELS), read_ledger(), ())


def _check(paths: list[Path], corpus: Corpus, faults: list[Fault], progress: Progress) -> Report:
    indexed = {entry.id for collection in COLLECTIONS for entry in read_index(collection)}
    without_text = []
    checked = structure_only = 0
    for path in paths:
        progress(f"checking {path.name}")
        where = _shown(path)
        try:
            annotation = read_annotation(path)
        except DataError as error:
            faults += error.faults
            continue
        faults += _version_faults(annotation, path, where)
        if path.is_relative_to(PACKAGE):
            faults += _canary_faults(annotation, where)
        document = corpus.documents.get(annotation.doc_id)
        if document is not None:
            checked += 1
            structure_only += _superseded(annotation)
            faults += annotation_faults(annotation, document, where)
        elif annotation.doc_id in indexed:
            without_text.append(annotation.doc_id)
        else:
            faults.append(Fault(where=where, message=f"unknown document {annotation.doc_id!r}"))
        if path.stem != annotation.doc_id:
            faults.append(
                Fault(where=where, message=f"holds {annotation.doc_id}; the file must be named after its document")
            )
    return Report(
        checked=checked,
        structure_only=structure_only,
        faults=tuple(faults),
        without_text=tuple(dict.fromkeys(without_text)),
    )


def _version_faults(annotation: Annotation, path: Path, where: str) -> Iterable[Fault]:
    """Gold follows the present guidelines, any other annotation those or a superseded version."""
    version = annotation.provenance.guidelines if annotation.provenance else scheme().guidelines
    gold = path.resolve().parent == GOLD
    allowed = (scheme().guidelines,) if gold else (scheme().guidelines, *scheme().superseded)
    if version not in allowed:
        message = f"follows guidelines {version!r}, expected {' or '.join(allowed)}"
        yield Fault(where=f"{where}: $.provenance.guidelines", message=message)


def _canary_faults(annotation: Annotation, where: str) -> Iterable[Fault]:
    """Every file with labels of a test document says so."""
    provenance = annotation.provenance
    if read_splits().get(annotation.doc_id) == "test" and (provenance is None or provenance.canary != CANARY):
        yield Fault(where=f"{where}: $.provenance.canary", message=f"a test document, expected {CANARY!r}")


def _shown(path: Path) -> str:
    return str(path.relative_to(PACKAGE)) if path.is_relative_to(PACKAGE) else str(path)


def _frame_faults(corpus: Corpus) -> Iterable[Fault]:
    """Faults of what stands around the annotations."""
    yield from corpus.faults
    splits = read_splits()
    gold = {path.stem for path in GOLD.glob("*.json")}
    for doc_id in sorted(set(splits) - gold):
        yield Fault(where="corpus/splits.json", message=f"{doc_id} has no gold")
    for doc_id in sorted(gold - set(splits)):
        yield Fault(where=f"annotations/gold/{doc_id}.json", message="is in no split of corpus/splits.json")
    split_of_story: dict[str, str] = {}
    for collection in COLLECTIONS:
        for entry in read_index(collection):
            document = corpus.documents.get(entry.id)
            where = f"corpus/{collection}/index.jsonl: {entry.id}"
            if document is not None:
                for message in region_faults(document.regions, len(document.text)):
                    yield Fault(where=where, message=message, paragraph="1.1")
            if entry.id in splits and split_of_story.setdefault(entry.story, splits[entry.id]) != splits[entry.id]:
                yield Fault(where=where, message=f"story {entry.story} is in two splits")
            if collection == "articles":
                try:
                    yield from fact_sheet_faults(read_fact_sheet(entry.id), entry.regions)
                except DataError as error:
                    yield from error.faults
