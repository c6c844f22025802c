"""Alpha against an independent implementation, gamma, the list of disagreements, and the pictures."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import krippendorff
import msgspec
import numpy as np
import pytest
from armsbench import Annotation, Document, Mention, Release
from armsbench.annotations.tokens import token_spans
from armsbench.benchmark.chance import alpha, coincidences, gamma, token_labels
from armsbench.benchmark.disagreements import disagreements, format_disagreements
from armsbench.cli import main
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from .marked import DEAL, marked
from .test_agreement import layers, write

__all__ = ["layers"]


@given(st.data())
def test_alpha_is_that_of_the_library_krippendorff(data: st.DataObject) -> None:
    units = data.draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40))
    matrix = np.zeros((4, 4))
    for one, other in units:
        matrix[one, other] += 1
        matrix[other, one] += 1
    ours = alpha(matrix).item()
    if len({value for unit in units for value in unit}) < 2:
        assert np.isnan(ours)
        return
    theirs = krippendorff.alpha(np.array(units, dtype=float).T, level_of_measurement="nominal")
    assert ours == pytest.approx(theirs, abs=1e-12)


def test_coincidences_by_hand() -> None:
    """Five tokens "Latvia bought six HIMARS ."; one annotator marks HIMARS, the other "six HIMARS"."""
    document, first = marked("{{m1 GPE e1|Latvia}} bought six {{m2 WEAPON e2|HIMARS}}.")
    _, second = marked("{{m1 GPE e1|Latvia}} bought {{m2 WEAPON e2|six HIMARS}}.")
    matrix = coincidences(document, first, second)
    at = {name: i for i, name in enumerate(token_labels())}
    assert matrix.sum() == 2 * len(token_spans(document)) == 10
    assert matrix[at["GPE"], at["GPE"]] == 2
    assert matrix[at["WEAPON"], at["WEAPON"]] == 2
    assert matrix[at["unmarked"], at["WEAPON"]] == matrix[at["WEAPON"], at["unmarked"]] == 1
    assert matrix[at["unmarked"], at["unmarked"]] == 4
    # Krippendorff's formula: 10 pairable values, 2 disagree; margins 2 GPE, 3 WEAPON, 5 unmarked.
    assert alpha(matrix).item() == pytest.approx(1 - 9 * 2 / (100 - 4 - 9 - 25))


def test_gamma_is_1_for_equal_layers_and_less_for_others() -> None:
    pytest.importorskip("pygamma_agreement")
    document, annotation = marked(DEAL)
    assert gamma(document, annotation, annotation) == pytest.approx(1.0)
    fewer = msgspec.structs.replace(annotation, mentions=(annotation.mentions or ())[::2])
    value = gamma(document, annotation, fewer)
    assert value is not None
    assert value < 0.9
    assert gamma(document, annotation, Annotation(doc_id=document.id, mentions=())) is None


def differing(one: str, other: str) -> list[tuple[str, str, str, str]]:
    document, first = marked(one)
    _, second = marked(other)
    rows = disagreements(document, first, second)
    assert sorted((r.text, r.second, r.first) for r in rows if r.kind not in ("extent",)) == sorted(
        (r.text, r.first, r.second) for r in disagreements(document, second, first) if r.kind not in ("extent",)
    )
    return [(r.kind, r.text, r.first, r.second) for r in rows]


def test_disagreements_by_hand() -> None:
    assert differing(DEAL, DEAL) == []
    assert differing(DEAL, DEAL.replace("{{m4 WEAPON e4|", "{{m4 SUPPORT e4|"))[0] == (
        "label",
        "HIMARS",
        "WEAPON",
        "SUPPORT",
    )
    wider = DEAL.replace("{{m4 WEAPON e4|HIMARS}} launchers", "{{m4 WEAPON e4|HIMARS launchers}}")
    assert differing(DEAL, wider) == [("extent", "HIMARS", "HIMARS WEAPON", "HIMARS launchers WEAPON")]
    assert differing(DEAL, DEAL.replace("value m2 m5\n", "")) == [("relation", "contract -> $180 million", "value", "")]
    assert differing(DEAL, DEAL.replace("status=contracted", "status=approved")) == [
        ("attribute", "contract", "status=contracted", "status=approved")
    ]
    assert differing(DEAL, DEAL.replace("WEAPON e4", "WEAPON.nominal e4")) == [("form", "HIMARS", "name", "nominal")]
    unmarked = DEAL.replace("{{m6 COMPANY e6|Lockheed Martin}}", "Lockheed Martin").replace("contractor m2 m6\n", "")
    assert differing(DEAL, unmarked) == [("mention", "Lockheed Martin", "COMPANY", "")]
    # A partner of the same extent comes before one that only overlaps, in whatever order the mentions stand.
    _, wide = marked("{{m1 GPE e1|Alpha Beta}} Gamma")
    split = [Mention(id=f"m{i}", start=0, end=end, label="ORGANIZATION") for i, end in enumerate((5, 10))]
    text = marked("Alpha Beta Gamma")[0]
    for mentions in (split, split[::-1]):
        found = disagreements(text, wide, Annotation(doc_id=text.id, mentions=tuple(mentions)))
        assert {(row.kind, row.text) for row in found} >= {("label", "Alpha Beta"), ("mention", "Alpha")}
    two = "{{m1 WEAPON e1|tanks}} and {{m2 WEAPON e1|vehicles}}"
    assert differing(two, two.replace("e1|vehicles", "e2|vehicles")) == [("entity", "vehicles", "same as tanks", "")]


def test_the_command_writes_list_and_picture_and_puts_the_worst_first(
    release: Release, layers: Path, tmp_path: Path
) -> None:
    gold = [release.gold[d.id] for d in release.select("articles", "train")][:3]
    for i, annotation in enumerate(gold):
        write(layers, "anna", annotation)
        kept = len(annotation.relations or ()) // (i + 1)
        write(layers, "ben", msgspec.structs.replace(annotation, relations=(annotation.relations or ())[:kept]))
    listing, picture = tmp_path / "list.csv", tmp_path / "picture.svg"
    command = ["agreement", "--disagreements", str(listing), "--figure", str(picture), "--resamples", "50", "--json"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    (found,) = json.loads(done.stdout)
    assert [row["doc_id"] for row in found["by_document"]] == [a.doc_id for a in reversed(gold)]
    assert [row["alpha"] for row in found["by_document"]] == [1.0, 1.0, 1.0]
    (corrected,) = found["chance_corrected"]
    assert (corrected["measure"], corrected["value"], corrected["low"]) == ("alpha", 1.0, 1.0)
    rows = list(csv.DictReader(io.StringIO(listing.read_text(encoding="utf-8"))))
    assert {row["kind"] for row in rows} == {"relation"}
    assert rows[0]["doc_id"] == gold[2].doc_id
    content = picture.read_bytes()
    assert content.startswith(b"<?xml")
    assert CliRunner().invoke(main, command).exit_code == 0
    assert picture.read_bytes() == content


def test_a_picture_has_a_known_format(release: Release, tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["stats", "--figure", str(tmp_path / "stats.pdf")])
    assert (result.exit_code, "name the picture *.svg or *.png" in result.output) == (1, True)
    for command in ("stats", "diversity"):
        assert CliRunner().invoke(main, [command, "--figure", str(tmp_path / f"{command}.png")]).exit_code == 0
        assert (tmp_path / f"{command}.png").read_bytes().startswith(b"\x89PNG")


def test_disagreements_as_csv() -> None:
    document: Document
    document, annotation = marked(DEAL)
    rows = disagreements(document, annotation, msgspec.structs.replace(annotation, relations=()))
    text = format_disagreements(rows)
    assert text.splitlines()[0] == "doc_id,kind,line,text,first,second"
    assert len(text.splitlines()) == 1 + len(annotation.relations or ())
