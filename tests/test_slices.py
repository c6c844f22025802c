"""Slices are computed from gold: each document in the right one, and together they are the split."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from armsbench import Release
from armsbench.annotations.annotation import encode_annotation
from armsbench.benchmark.slices import slices
from armsbench.cli import main
from armsbench.corpus.splits import read_splits
from click.testing import CliRunner

from .marked import DEAL, marked


@pytest.fixture
def small(release: Release, monkeypatch: pytest.MonkeyPatch) -> Release:
    """Two documents: the deal of train, and a test document made from it."""
    splits = read_splits()
    train = next(d for d, s in splits.items() if s == "train")
    test = [d for d, s in splits.items() if s == "test"][:3]
    other = DEAL.replace("|Latvia", "|Estonia").replace("LVA", "EST").replace("|Lockheed Martin", "|Elbit")
    texts = {train: DEAL, test[0]: other, test[1]: DEAL + "", test[2]: "No {{m1 COMPANY e1|Boeing}} here at all, none."}
    monkeypatch.setattr("armsbench.annotations.release.documents_of_split", lambda split: [train])
    made = {doc_id: marked(inline, doc_id) for doc_id, inline in texts.items()}
    return msgspec.structs.replace(
        release,
        documents={doc_id: document for doc_id, (document, _) in made.items()},
        gold={doc_id: annotation for doc_id, (_, annotation) in made.items()},
    )


def test_each_document_is_in_the_slices_that_its_gold_says(small: Release) -> None:
    unseen, seen, empty = (d.id for d in small.select(split="test"))
    assert slices(small, "test", "articles") == {
        "recipient seen": (seen,),
        "recipient unseen": (unseen,),
        "weapon seen": (unseen, seen),
        "contractor seen": (seen,),
        "contractor unseen": (unseen,),
        "short": (unseen, empty),
        "long": (seen,),  # "Lockheed Martin" is one word more than "Elbit"
        "no deal": (empty,),
        "one deal": (unseen, seen),
    }


def test_slices_of_the_release_cover_the_split(release: Release) -> None:
    for collection in ("articles",):
        found = slices(release, "test", collection)
        documents = {d.id for d in release.select(collection, "test")}
        for names in (("short", "long"), ("no deal", "one deal", "several deals")):
            its = [doc_id for name in names for doc_id in found.get(name, ())]
            assert sorted(its) == sorted(documents)


def test_what_is_unseen_is_not_guessed_where_a_text_of_train_is_missing(release: Release) -> None:
    documents = {doc_id: d for doc_id, d in release.documents.items() if doc_id != "article-002"}
    assert release.documents["article-002"] in release.select(split="train")
    found = slices(msgspec.structs.replace(release, documents=documents), "test", "articles")
    assert list(found) == ["short", "long", "no deal", "one deal", "several deals"]


def test_score_prints_the_slices(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    documents = release.select("articles", "test")
    gold = (msgspec.structs.replace(release.gold[d.id], provenance=None) for d in documents)
    path.write_bytes(b"".join(encode_annotation(a) + b"\n" for a in gold))
    command = ["score", str(path), "--slices", "--resamples", "20", "--missing-as-empty"]
    shown = CliRunner().invoke(main, command)
    assert shown.exit_code == 0, shown.output
    assert "articles: slices" in shown.output
    sliced = json.loads(CliRunner().invoke(main, [*command, "--json"]).stdout)["slices"]
    by_name = {
        each["slice"]: {s["task"]: s["measures"][s["headline"]]["f1"] for s in each["scores"]}
        for each in sliced
        if each["scores"][0]["collection"] == "articles"
    }
    assert by_name["long"] == {"mentions": 1.0, "coreference": 1.0, "relations": 1.0, "deals": 1.0}
