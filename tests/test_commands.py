"""Commands that are not tested elsewhere: check, inline, stats, as a person calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from armsbench import Release
from armsbench.annotations.annotation import decode_annotation, format_annotation
from armsbench.annotations.scheme import scheme
from armsbench.cli import main
from armsbench.corpus.files import PACKAGE
from click.testing import CliRunner


@pytest.fixture
def layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of annotator layers that is not the repository's."""
    monkeypatch.setattr("armsbench.annotations.layers.LAYERS", tmp_path / "layers")
    return tmp_path / "layers"


@pytest.mark.parametrize(
    ("options", "kind", "origin"), [([], "reader", ("gold",)), (["--empty"], "annotator", ())], ids=["copy", "bare"]
)
def test_inline_is_read_back_and_a_corrected_copy_is_said_to_be_one(
    options: list[str], kind: str, origin: tuple[str, ...], release: Release, layers: Path, tmp_path: Path
) -> None:
    doc_id = release.select("articles", "train")[0].id
    printed = CliRunner().invoke(main, ["inline", doc_id, *options])
    assert printed.exit_code == 0
    marked = tmp_path / "marked.txt"
    marked.write_text(printed.stdout, encoding="utf-8")
    read = CliRunner().invoke(main, ["inline", doc_id, "--read", str(marked), "--layer", "anna"])
    assert read.exit_code == 0, read.output
    layer = decode_annotation((layers / "anna" / f"{doc_id}.json").read_bytes())
    assert layer.mentions == (() if options else release.gold[doc_id].mentions)
    assert layer.provenance is not None
    assert (layer.provenance.kind, layer.provenance.from_layers) == (kind, origin)
    assert (layer.provenance.annotator, layer.provenance.human, layer.provenance.doubts) == ("anna", True, ())


@pytest.mark.parametrize("name", ["../gold", "a b/c", ".", ""])
def test_inline_refuses_a_name_that_leads_elsewhere(name: str, layers: Path, tmp_path: Path) -> None:
    marked = tmp_path / "marked.txt"
    marked.write_text(CliRunner().invoke(main, ["inline", "article-002", "--empty"]).stdout, encoding="utf-8")
    read = CliRunner().invoke(main, ["inline", "article-002", "--read", str(marked), "--layer", name])
    assert read.exit_code == 1
    assert "cannot name a layer" in read.output
    assert not layers.exists()


def test_inline_replaces_only_when_told(layers: Path, tmp_path: Path) -> None:
    marked = tmp_path / "marked.txt"
    marked.write_text(CliRunner().invoke(main, ["inline", "article-002", "--empty"]).stdout, encoding="utf-8")
    call = ["inline", "article-002", "--read", str(marked), "--layer", "anna"]
    statuses = [CliRunner().invoke(main, [*call, *more]).exit_code for more in ([], [], ["--replace"])]
    assert statuses == [0, 1, 0]


def test_inline_of_a_text_that_is_not_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("armsbench.corpus.load.sources_folders", lambda sources=None: [])
    missing = CliRunner().invoke(main, ["inline", "notice-148"])
    assert (missing.exit_code, "notice-148: its text is not here: " in missing.output) == (1, True)
    unknown = CliRunner().invoke(main, ["inline", "notice-9999"])
    assert (unknown.exit_code, "unknown document" in unknown.output) == (2, True)


def test_inline_refuses_a_changed_text_and_writes_nothing(release: Release, layers: Path, tmp_path: Path) -> None:
    doc_id = release.select("articles", "train")[0].id
    marked = tmp_path / "marked.txt"
    marked.write_text("Another text.\n", encoding="utf-8")
    read = CliRunner().invoke(main, ["inline", doc_id, "--read", str(marked), "--layer", "anna"])
    assert read.exit_code == 1
    assert "the text was changed" in read.output
    assert not layers.exists()


def test_inline_needs_a_layer_to_write_to(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    assert CliRunner().invoke(main, ["inline", "article-002", "--read", str(tmp_path / "x")]).exit_code == 2


@pytest.mark.parametrize("options", [["--empty"], []])
def test_inline_of_a_document_without_marks(options: list[str], release: Release) -> None:
    doc_id = release.select("articles", "train")[0].id
    printed = CliRunner().invoke(main, ["inline", doc_id, *options]).stdout
    assert ("{{m1 " in printed) == (not options)
    assert "{{#body}}" in printed


def test_check_names_file_field_and_paragraph(release: Release, tmp_path: Path) -> None:
    document = release.select("articles", "train")[0]
    gold = release.gold[document.id]
    path = tmp_path / f"{document.id}.json"
    path.write_text(format_annotation(gold).replace('"form":"name"', '"form":"value"', 1))
    result = CliRunner().invoke(main, ["check", str(path)])
    assert result.exit_code == 1
    assert str(path) in result.output
    assert "(guideline 2.3)" in result.output
    assert "$.mentions[" in result.output


def test_check_of_files_that_are_no_annotations(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text('{"doc_id": "nothing"}')
    result = CliRunner().invoke(main, ["check", *(str(tmp_path / n) for n in ("a.json", "b.json", "c.json"))])
    assert result.exit_code == 1
    for message in ("truncated", "unknown document 'nothing'", "cannot be read"):
        assert message in result.output


def test_check_as_json(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    result = CliRunner().invoke(main, ["check", "--json", str(tmp_path / "a.json")])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["faults"][0]["where"] == str(tmp_path / "a.json")


def test_stats_as_table_and_json(release: Release) -> None:
    table = CliRunner().invoke(main, ["stats"])
    assert table.exit_code == 0
    assert "mentions by label" in table.stdout
    rows = json.loads(CliRunner().invoke(main, ["stats", "--json"]).stdout)
    assert rows[-1]["documents"] == len(release.documents)


def test_check_says_what_it_did_not_check(release: Release, tmp_path: Path) -> None:
    gold = release.gold[release.select("articles", "train")[0].id]
    path = tmp_path / f"{gold.doc_id}.json"
    text = format_annotation(gold).replace('"form":"name"', '"form":"value"', 1)
    for version, status, message in (
        ("1.2", 0, "only their structure was checked"),
        ("9.9", 1, "follows guidelines '9.9'"),
    ):
        path.write_text(text.replace(f'"guidelines":"{scheme().guidelines}"', f'"guidelines":"{version}"'))
        result = CliRunner().invoke(main, ["check", str(path)])
        assert (result.exit_code, message in result.output) == (status, True)


JSON_CALLS = {
    "hydrate": [],
    "build": ["--out", "OUT"],
    "check": ["annotations/gold/article-002.json"],
    "stats": [],
    "run": ["majority", "--runs", "OUT"],
    "agreement": [],
    "validate": ["tests/examples/faulty.jsonl"],
    "score": ["tests/examples/faulty.jsonl"],
}


@pytest.mark.parametrize("name", JSON_CALLS)
def test_json_is_json(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PACKAGE)
    arguments = [str(tmp_path / "out") if a == "OUT" else a for a in JSON_CALLS[name]]
    result = CliRunner().invoke(main, [name, *arguments, "--json"])
    assert isinstance(result.exception, SystemExit | None)
    assert json.loads(result.stdout)


def test_an_unknown_command_is_answered_with_the_nearest() -> None:
    result = CliRunner().invoke(main, ["scor"])
    assert (result.exit_code, "Did you mean 'score'" in result.output) == (2, True)
