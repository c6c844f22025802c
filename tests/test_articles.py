"""Adding an article: from a draft with marked regions and a fact sheet to text, index entry and fact sheet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from armsbench.cli import main
from armsbench.corpus.index import IndexEntry
from armsbench.corpus.readers import articles
from click.testing import CliRunner

DRAFT = "{{#headline}}A sale\n\n{{#byline}}Staff\n\n{{#body}}RIGA - Latvia bought six launchers.\n"
SHEET: dict[str, Any] = {
    "doc_id": "article-900",
    "title": "A sale",
    "date": "2023-12-15",
    "genre": "wire report",
    "story": "latvia-himars",
    "plan": "one sentence",
    "invented": "the byline",
    "facts": [{"id": "f1", "fact": "Latvia bought six launchers.", "source": "https://example.org/"}],
    "deals": [
        {"recipient": ["LVA"], "supplier": ["USA"], "items": [{"name": "launchers", "quantity": 6}], "facts": ["f1"]}
    ],
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package folder with an empty collection of articles."""
    monkeypatch.setattr(articles, "PACKAGE", tmp_path)
    monkeypatch.setattr("armsbench.corpus.facts.PACKAGE", tmp_path)
    monkeypatch.setattr(articles, "read_index", lambda collection: ())
    return tmp_path / "corpus" / "articles"


def add(tmp_path: Path, draft: str, sheet: dict[str, Any]) -> Any:
    (tmp_path / "draft.txt").write_text(draft, encoding="utf-8")
    (tmp_path / "facts.json").write_text(json.dumps(sheet), encoding="utf-8")
    return CliRunner().invoke(main, ["add-article", str(tmp_path / "draft.txt"), str(tmp_path / "facts.json")])


def test_an_article_is_added_and_can_be_read(folder: Path, tmp_path: Path) -> None:
    result = add(tmp_path, DRAFT, SHEET)
    assert result.exit_code == 0, result.output
    (line,) = (folder / "index.jsonl").read_bytes().splitlines()
    entry = msgspec.json.decode(line, type=IndexEntry)
    assert [(r.kind, r.start, r.end) for r in entry.regions] == [
        ("headline", 0, 8),
        ("byline", 8, 15),
        ("body", 15, 50),
    ]
    text = articles.read_articles(tmp_path / "corpus", (entry,))["article-900"]
    assert text.text == "A sale\n\nStaff\n\nRIGA - Latvia bought six launchers."  # type: ignore[union-attr]
    assert json.loads((folder / "facts" / "article-900.json").read_text())["doc_id"] == "article-900"


FAULTS = {
    "unknown-region": (DRAFT.replace("#byline", "#author"), SHEET, "unknown region 'author'"),
    "no-mark-at-the-start": ("A sale\n{{#body}}x", SHEET, "must begin with a region mark"),
    "double-space": (DRAFT.replace("bought six", "bought  six"), SHEET, "double spaces"),
    "fact-without-address": (
        DRAFT,
        SHEET | {"facts": [{"id": "f1", "fact": "x", "source": "somewhere"}]},
        "$.facts[0].source: no web address",
    ),
    "byline-not-declared": (DRAFT, SHEET | {"invented": None}, "say that it is invented"),
    "deal-on-no-fact": (DRAFT, SHEET | {"deals": [SHEET["deals"][0] | {"facts": ["f9"]}]}, "there is no fact 'f9'"),
    "unknown-field": (DRAFT, SHEET | {"author": "x"}, "unknown field `author`"),
}


@pytest.mark.parametrize(("draft", "sheet", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_named_and_nothing_is_written(
    folder: Path, tmp_path: Path, draft: str, sheet: dict[str, Any], message: str
) -> None:
    result = add(tmp_path, draft, sheet)
    assert result.exit_code == 1
    assert message in result.output
    assert not folder.exists()
