"""The release: what is asked for, what is here, and what is said of the rest."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from armsbench import Release, load_release
from armsbench.annotations.release import collection_of, gold_digest
from armsbench.corpus.errors import UnknownNameError
from armsbench.corpus.splits import documents_of_split


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_a_split_holds_its_articles_and_misses_nothing_that_it_does_not_have(split: str) -> None:
    release = load_release(["articles"], split=split)
    assert list(release.documents) == [d for d in documents_of_split(split) if collection_of(d) == "articles"]
    assert release.missing() == {}
    assert release.left_out() == ""


def test_what_has_no_source_is_missing_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("armsbench.corpus.load.sources_folders", lambda sources=None: [])
    monkeypatch.delenv("ARMSBENCH_SOURCES", raising=False)
    assert set(load_release(split="test").missing()) == {"notices", "press"}
    assert set(load_release(split="train").missing()) == {"notices"}


def test_sources_may_be_a_string(tmp_path: Path) -> None:
    path, text = (load_release(["notices"], split="test", sources=place) for place in (tmp_path, str(tmp_path)))
    assert path.missing() == text.missing() != {}


def test_a_collection_whose_every_text_is_wrong_is_missing_and_each_fault_is_told(tmp_path: Path) -> None:
    (tmp_path / "notices").mkdir()
    (tmp_path / "press").mkdir()
    release = load_release(split="test", sources=tmp_path)
    assert set(release.missing()) == {"notices", "press"}
    assert "no usable text" in release.left_out()
    assert "000_862aa9ad37712486.txt: no such file" in release.left_out()


@pytest.mark.parametrize(("collections", "split"), [(["article"], None), ([], "dev")])
def test_unknown_names(collections: list[str], split: str | None) -> None:
    with pytest.raises(UnknownNameError):
        load_release(collections, split=split)


def test_digest_of_gold_depends_on_the_marks_not_on_order_or_maker(release: Release) -> None:
    gold = [release.gold[d.id] for d in release.select("articles")]
    digest = gold_digest(gold)
    assert gold_digest(reversed(gold)) == digest
    assert gold_digest(msgspec.structs.replace(a, provenance=None) for a in gold) == digest
    assert gold_digest([msgspec.structs.replace(gold[0], relations=()), *gold[1:]]) != digest
