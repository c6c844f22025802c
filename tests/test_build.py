"""The built dataset: ``load_dataset`` gives what gold says, offline, also after a rebuild; its card is right."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from armsbench import Release, deal_records
from armsbench.annotations.build import CONFIGS, Built, build
from armsbench.annotations.scheme import scheme
from armsbench.cli import main
from armsbench.corpus.errors import DataError
from click.testing import CliRunner


@pytest.fixture(scope="module")
def built(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(release, tmp_path_factory.mktemp("hf"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)


def load(folder: Path, *arguments: Any) -> Any:
    from datasets import load_dataset

    return load_dataset(str(folder), *arguments)


def test_default_config_holds_every_document_and_layer(built: Built, release: Release) -> None:
    loaded = load(built.folder)
    assert set(loaded) == {"train", "validation", "test"}
    for split, rows in loaded.items():
        assert [row["id"] for row in rows] == [d.id for d in release.select(split=split)]
        labels = rows.features["mentions"].feature["label"]
        assert labels.names == list(scheme().label_names)
        for row in rows:
            gold = release.gold[row["id"]]
            assert row["text"] == release.documents[row["id"]].text
            assert [
                (m["id"], m["start"], m["end"], labels.int2str(m["label"]), m["entity"]) for m in row["mentions"]
            ] == [(m.id, m.start, m.end, m.label, m.entity) for m in gold.mentions or ()]
            assert len(row["relations"]) == len(gold.relations or ())
            assert row["date"] == release.documents[row["id"]].date


def test_ner_tags_give_back_every_mention(built: Built, release: Release) -> None:
    for rows in load(built.folder, "ner").values():
        names = rows.features["ner_tags"].feature.names
        for row in rows:
            found = []
            for start, end, tag in zip(row["starts"], row["ends"], (names[t] for t in row["ner_tags"]), strict=True):
                if tag.startswith("B-"):
                    found.append((start, end, tag[2:]))
                elif tag.startswith("I-"):
                    assert found[-1][2] == tag[2:]
                    found[-1] = (found[-1][0], end, tag[2:])
            gold = release.gold[row["id"]]
            assert found == sorted((m.start, m.end, m.label) for m in gold.mentions or ())


def test_deals_config_holds_every_record(built: Built, release: Release) -> None:
    loaded = load(built.folder, "deals")
    for split, rows in loaded.items():
        expected = [
            (d.id, deal.id, len(deal.item))
            for d in release.select(split=split)
            for deal in deal_records(d, release.gold[d.id])
        ]
        assert [(row["doc_id"], row["id"], len(row["item"])) for row in rows] == expected


def test_load_dataset_works_in_another_process_without_a_network(built: Built, tmp_path: Path) -> None:
    code = (
        "import socket\n"
        "def refuse(*a, **k): raise OSError('no network in this test')\n"
        "socket.socket.connect = refuse\n"
        "from datasets import load_dataset\n"
        f"print(load_dataset({str(built.folder)!r}, 'ner', cache_dir={str(tmp_path)!r})['test'].num_rows)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == built.rows["ner"]["test"]


def test_after_a_rebuild_the_new_rows_are_loaded(release: Release, tmp_path: Path) -> None:
    """datasets caches by what the card says, so an edit that the card does not show would be served stale."""
    folder = tmp_path / "hf"
    build(release, folder)
    first = load(folder)["test"][0]
    gold = release.gold[first["id"]]
    changed = msgspec.structs.replace(gold, relations=(gold.relations or ())[1:])
    build(msgspec.structs.replace(release, gold=release.gold | {first["id"]: changed}), folder)
    again = load(folder)["test"][0]
    assert len(again["relations"]) == len(first["relations"]) - 1
    assert len(list(folder.glob("data/documents/*"))) == 3  # the old files are gone


def test_building_twice_writes_the_same(release: Release, built: Built, tmp_path: Path) -> None:
    again = build(release, tmp_path / "hf")
    for name in ("README.md", "manifest.json", "croissant.json"):
        assert (again.folder / name).read_bytes() == (built.folder / name).read_bytes()


@pytest.mark.parametrize("existing", ["README.md", "data/other/mine.parquet", "manifest.json"])
def test_a_folder_with_other_things_is_refused_and_left_alone(release: Release, tmp_path: Path, existing: str) -> None:
    path = tmp_path / existing
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine")
    with pytest.raises(DataError, match="holds other things"):
        build(release, tmp_path)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]
    assert path.read_text() == "mine"


def test_a_build_that_was_killed_at_once_can_be_repeated(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("armsbench.annotations.build.ner_row", lambda *a: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            build(release, tmp_path / "hf")
    (tmp_path / "hf" / "data" / "ner").mkdir(parents=True, exist_ok=True)
    (tmp_path / "hf" / "data" / "ner" / ".train.abc.tmp").write_text("half")
    build(release, tmp_path / "hf")
    assert not list((tmp_path / "hf").rglob("*.tmp"))


def test_a_kill_before_the_card_leaves_the_old_dataset(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "hf"
    build(release, folder)
    before = load(folder)["test"].num_rows
    monkeypatch.setattr("armsbench.annotations.build.card", lambda *a: (_ for _ in ()).throw(KeyboardInterrupt()))
    fewer = {k: v for k, v in release.documents.items() if k != next(reversed(release.documents))}
    with pytest.raises(KeyboardInterrupt):
        build(msgspec.structs.replace(release, documents=fewer), folder)
    assert load(folder)["test"].num_rows == before


def test_manifest_digests_are_those_of_the_files(built: Built) -> None:
    manifest = json.loads((built.folder / "manifest.json").read_text())
    assert len(manifest["files"]) == 3 * len(CONFIGS)
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((built.folder / name).read_bytes()).hexdigest() == digest
    assert manifest["rows"] == built.rows


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_croissant_is_valid_and_its_records_load(built: Built) -> None:
    import mlcroissant

    described = mlcroissant.Dataset(jsonld=built.folder / "croissant.json")
    assert not described.metadata.issues.errors
    rows = [row["ner-test/id"].decode() for row in described.records("ner-test-rows")]
    assert len(rows) == built.rows["ner"]["test"]
    described_json = json.loads((built.folder / "croissant.json").read_text())
    assert {key for key in described_json if key.startswith("rai:")} >= {"rai:dataLimitations", "rai:dataBiases"}


def test_the_card_warns_of_text_under_copyright(built: Built, release: Release) -> None:
    card = (built.folder / "README.md").read_text()
    assert ("do not pass this build on" in card) == bool(release.select("press"))
    assert "No human has checked" in card


def test_a_build_without_press_and_notices_says_so(tmp_path: Path) -> None:
    out = tmp_path / "hf"
    result = CliRunner().invoke(main, ["build", "--collection", "articles", "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert load(out)["train"].unique("collection") == [0]


def test_a_collection_without_all_splits_is_refused(tmp_path: Path, release: Release) -> None:
    only = msgspec.structs.replace(release, documents={d.id: d for d in release.select(split="test")})
    with pytest.raises(DataError, match="no documents for split train, validation"):
        build(only, tmp_path)
