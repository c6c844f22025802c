"""The data is under test too: indexes, splits, gold, layers, fact sheets, and what may not be in the repository."""

from __future__ import annotations

import re
from collections import Counter

import msgspec
import pytest
from armsbench import Release
from armsbench.annotations.layers import LAYERS, read_annotation
from armsbench.annotations.release import GOLD, collection_of, read_gold
from armsbench.annotations.scheme import scheme
from armsbench.annotations.stats import release_stats
from armsbench.annotations.validate import check_release
from armsbench.corpus.document import COLLECTIONS, region_faults
from armsbench.corpus.facts import read_fact_sheet
from armsbench.corpus.files import PACKAGE, sha256_of_text
from armsbench.corpus.index import read_index
from armsbench.corpus.load import load_corpus
from armsbench.corpus.normalise import normalise_text
from armsbench.corpus.readers.notices import FILE_NAME, NoticeRecord, index_notice, read_records
from armsbench.corpus.splits import documents_of_split, read_splits


def test_no_violation_of_the_guidelines_in_gold_and_layers() -> None:
    report = check_release(None, lambda message: None)
    assert [str(fault) for fault in report.faults] == []
    assert report.checked > 0


def test_index_holds_all_shared_sources() -> None:
    assert len(read_index("notices")) == 234
    assert {entry.id for entry in read_index("press")} == {
        "press-000_862aa9ad37712486",
        "press-002_42c3b973d3546959",
    }


def test_ids_and_stories() -> None:
    ids = Counter(entry.id for collection in COLLECTIONS for entry in read_index(collection))
    assert [doc_id for doc_id, n in ids.items() if n > 1] == []
    stories: dict[str, set[str]] = {}
    for collection in COLLECTIONS:
        for entry in read_index(collection):
            if entry.id in read_splits():
                stories.setdefault(entry.story, set()).add(read_splits()[entry.id])
    assert [story for story, splits in stories.items() if len(splits) > 1] == []


def test_two_releases_of_one_notice_are_one_story() -> None:
    story = {entry.id: entry.story for entry in read_index("notices")}
    assert story["notice-068"] == story["notice-339"]  # 13-46, printed twice
    assert story["notice-302"] == story["notice-303"]  # 09-22, printed twice
    assert story["notice-231"] != story["notice-233"]  # 11-06, one number on two sales


def test_release_has_the_documents_of_the_first_slice() -> None:
    counts = Counter(collection_of(doc_id) for doc_id in read_splits())
    assert counts["press"] == 2
    assert counts["notices"] >= 24
    assert counts["articles"] >= 12
    for split in ("train", "validation", "test"):
        assert documents_of_split(split)


def test_every_text_here_is_normalised_and_covered_by_regions(release: Release) -> None:
    for document in load_corpus().documents.values():
        assert normalise_text(document.text) == document.text
        assert region_faults(document.regions, len(document.text)) == []


def test_article_texts_are_those_of_the_index() -> None:
    for entry in read_index("articles"):
        text = (PACKAGE / "corpus" / "articles" / entry.source).read_text(encoding="utf-8")
        assert sha256_of_text(text) == entry.sha256


def test_every_article_has_a_fact_sheet_of_its_own() -> None:
    for entry in read_index("articles"):
        sheet = read_fact_sheet(entry.id)
        assert (sheet.doc_id, sheet.title, sheet.story, sheet.date) == (entry.id, entry.title, entry.story, entry.date)
        assert sheet.facts


def test_index_of_notices_is_what_the_reader_makes_of_the_source() -> None:
    from armsbench.corpus.load import sources_folders

    folder = next((f for f in sources_folders() if (f / FILE_NAME).is_file()), None)
    if folder is None:
        pytest.skip("the notices are not here")
    records = read_records(folder / FILE_NAME)
    assert isinstance(records, dict)
    for entry in read_index("notices"):
        assert index_notice(msgspec.convert(records[entry.source], NoticeRecord)) == entry


def test_gold_and_layers_say_who_made_them_and_by_which_guidelines() -> None:
    for path in [*GOLD.glob("*.json"), *LAYERS.glob("*/*.json")]:
        provenance = read_annotation(path).provenance
        assert provenance is not None, path
        assert not provenance.human, f"{path}: made by a person; say so in DATASHEET.md and annotations/card.py too"
        if path.parent.parent == LAYERS:
            assert provenance.annotator == path.parent.name
        else:
            assert provenance.guidelines == scheme().guidelines, path


def test_held_out_documents_have_two_layers_made_apart() -> None:
    for split in ("validation", "test"):
        for doc_id in documents_of_split(split):
            layers = list(LAYERS.glob(f"annotator-*/{doc_id}.json"))
            assert len(layers) >= 2, doc_id
            provenances = [read_annotation(path).provenance for path in layers]
            assert all(p is not None and p.kind == "annotator" and not p.from_layers for p in provenances)
            # Layers made apart may agree in every mark, but not in the words of their doubts: those show a copy.
            assert len({p.doubts for p in provenances if p is not None}) == len(layers), doc_id


def test_no_text_of_others_stands_in_the_repository() -> None:
    """No run of fourteen words of a notice or a press article is in any file of ours: index and offsets only."""
    size = 14
    texts = [d.text for d in load_corpus(["notices", "press"]).documents.values()]
    if not texts:
        pytest.skip("neither notices nor press are here")
    runs = {run for text in texts for run in word_runs(text, size)}
    ours = [path for folder in ("corpus", "annotations", "tests") for path in (PACKAGE / folder).rglob("*.*")]
    files = [
        path for path in (*ours, *PACKAGE.glob("*.md")) if path.suffix in (".json", ".jsonl", ".md", ".py", ".txt")
    ]
    assert [p for p in files if not runs.isdisjoint(word_runs(p.read_text(encoding="utf-8"), size))] == []


def word_runs(text: str, size: int) -> set[str]:
    words = re.findall(r"[A-Za-z0-9$'’.-]+", text)
    return {" ".join(words[i : i + size]) for i in range(len(words) - size + 1)}


def test_deals_are_never_stored_in_gold() -> None:
    for doc_id in read_splits():
        assert read_gold(doc_id).deals is None


def test_scheme_is_consistent() -> None:
    labels = set(scheme().label_names)
    for relation in scheme().relations:
        assert set(relation.heads) | set(relation.tails) <= labels
    attributes = {a.name for a in scheme().attributes}
    for label in scheme().labels:
        assert set(label.attributes) <= attributes
    guidelines = (PACKAGE / "annotations" / "GUIDELINES.md").read_text(encoding="utf-8")
    assert f"version {scheme().guidelines}" in guidelines
    for name in (*scheme().label_names, *scheme().relation_names):
        assert f"| {name} |" in guidelines


def test_counts_of_the_release_are_the_sum_of_its_parts(release: Release) -> None:
    *parts, whole = release_stats(release)
    for name in ("documents", "words", "mentions", "entities", "relations", "deals"):
        assert getattr(whole, name) == sum(getattr(part, name) for part in parts)
    assert whole.labels == {k: sum(p.labels[k] for p in parts) for k in whole.labels}
