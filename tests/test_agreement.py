"""Agreement of annotator layers."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from armsbench import Annotation, Release
from armsbench.annotations.annotation import format_annotation
from armsbench.annotations.layers import new_provenance
from armsbench.benchmark.tasks import TASKS
from armsbench.cli import main
from click.testing import CliRunner


@pytest.fixture
def layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("armsbench.benchmark.agreement.LAYERS", tmp_path)
    return tmp_path


def write(folder: Path, name: str, annotation: Annotation, origin: str | None = None) -> None:
    (folder / name).mkdir(exist_ok=True)
    layer = msgspec.structs.replace(annotation, provenance=new_provenance(name, annotation.doc_id, origin=origin))
    (folder / name / f"{annotation.doc_id}.json").write_text(format_annotation(layer), encoding="utf-8")


def headline(output: str, task: str) -> float:
    (found,) = json.loads(output)
    (score,) = [s for s in found["scores"] if s["task"] == task]
    f1: float = score["measures"][score["headline"]]["f1"]
    return f1


def test_equal_layers_agree_and_others_less_in_both_directions(release: Release, layers: Path) -> None:
    gold = [release.gold[d.id] for d in release.select("articles", "train")]
    for annotation in gold:
        write(layers, "anna", annotation)
        write(layers, "ben", annotation)
    runner = CliRunner()
    assert headline(runner.invoke(main, ["agreement", "--json"]).stdout, "relations") == 1.0
    fewer = msgspec.structs.replace(gold[0], relations=(gold[0].relations or ())[::2])
    write(layers, "ben", fewer)
    fewer = msgspec.structs.replace(gold[1], mentions=(gold[1].mentions or ())[::2], relations=())
    write(layers, "ben", fewer)
    forth, back = (runner.invoke(main, ["agreement", "--json", *n]).stdout for n in (("anna", "ben"), ("ben", "anna")))
    for task in TASKS:
        assert headline(forth, task) == pytest.approx(headline(back, task), abs=1e-12)
        assert 0.5 < headline(forth, task) < 1.0


def test_a_layer_that_does_not_hold_together_is_named(release: Release, layers: Path) -> None:
    gold = release.gold[release.select("articles", "train")[0].id]
    write(layers, "anna", gold)
    write(layers, "ben", msgspec.structs.replace(gold, mentions=(gold.mentions or ())[1:]))
    result = CliRunner().invoke(main, ["agreement"])
    assert result.exit_code == 1
    assert f"ben/{gold.doc_id}.json: $.relations[" in result.output


def test_a_corrected_copy_is_no_second_opinion(release: Release, layers: Path) -> None:
    gold = release.gold[release.select("articles", "train")[0].id]
    write(layers, "anna", gold)
    write(layers, "ben", gold, origin="anna")
    result = CliRunner().invoke(main, ["agreement"])
    assert (result.exit_code, "no two layers hold the same document" in result.output) == (1, True)


def test_unknown_layer_and_layers_without_a_common_document(release: Release, layers: Path) -> None:
    first, second, *_ = release.select("articles", "train")
    write(layers, "anna", release.gold[first.id])
    write(layers, "ben", release.gold[second.id])
    runner = CliRunner()
    unknown = runner.invoke(main, ["agreement", "anne", "ben"])
    assert (unknown.exit_code, "Did you mean 'anna'" in unknown.output) == (2, True)
    apart = runner.invoke(main, ["agreement"])
    assert (apart.exit_code, "no two layers hold the same document" in apart.output) == (1, True)
