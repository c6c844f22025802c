"""What a layer changes against gold, in words, and how it becomes gold; no server is needed."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from armsbench import Annotation, Release
from armsbench.annotations.annotation import Provenance, format_annotation
from armsbench.annotations.label_studio.diff import diff_annotations
from armsbench.annotations.layers import new_provenance, read_annotation
from armsbench.annotations.validate import Report
from armsbench.cli import main
from armsbench.corpus.errors import Fault
from click.testing import CliRunner
from hypothesis import given

from .made_annotations import finished
from .marked import marked

OLD = """{{m1 GPE e1|Latvia}} signed a {{m2 DEAL e2|contract}} for {{m3 QUANTITY e3|six}} {{m4 WEAPON e4|HIMARS}} \
launchers with {{m5 COMPANY e5|Lockheed}}; the {{m6 DEAL e2|deal}} names {{m7 COMPANY e5|Lockheed Martin}}.

%% entities
e1 iso3=LVA
e2 kind=sale status=approved
e3 number=6 modifier=exact
%% relations
recipient m2 m1
item m2 m4
quantity m4 m3
contractor m2 m5
"""

CASES: dict[str, tuple[list[tuple[str, str]], list[str]]] = {
    "nothing": ([], []),
    "new-mention": (
        [("launchers with", "{{m9 WEAPON e9|launchers}} with"), ("item m2 m4", "item m2 m4\nitem m2 m9")],
        ["+ WEAPON 'launchers' (40:49)", "+ item: DEAL 'contract' (16:24) -> WEAPON 'launchers' (40:49)"],
    ),
    "gone-mention-and-its-relation": (
        [("{{m3 QUANTITY e3|six}}", "six"), ("e3 number=6 modifier=exact\n", ""), ("quantity m4 m3\n", "")],
        ["- QUANTITY 'six' (29:32)", "- quantity: WEAPON 'HIMARS' (33:39) -> QUANTITY 'six' (29:32)"],
    ),
    "moved-boundary": (
        [("e4|HIMARS}} launchers", "e4|HIMARS launchers}}")],
        [
            "~ WEAPON 'HIMARS' (33:39) now reaches over 'HIMARS launchers' (33:49)",
            "~ WEAPON {'HIMARS launchers'}: name 'HIMARS' -> 'HIMARS launchers'",
        ],
    ),
    "relabelled": ([("m4 WEAPON", "m4 SUPPORT")], ["~ WEAPON 'HIMARS' (33:39) is now SUPPORT"]),
    "other-form": (
        [("m4 WEAPON", "m4 WEAPON.nominal")],
        ["~ WEAPON 'HIMARS' (33:39): form name -> nominal"],
    ),
    "same-span-under-another-id": ([("m3 QUANTITY", "m8 QUANTITY"), ("m4 m3", "m4 m8")], []),
    "other-entity-ids": ([("e5|", "firm|")], []),
    "an-id-given-anew-is-another-mention": (
        [
            *(("{{m3 QUANTITY e3|six}}", "six"), ("e3 number=6 modifier=exact\n", ""), ("quantity m4 m3\n", "")),
            ("names {{m7", "{{m3 DEAL e8|names}} {{m7"),
        ],
        [
            "- QUANTITY 'six' (29:32)",
            "+ DEAL 'names' (74:79)",
            "- quantity: WEAPON 'HIMARS' (33:39) -> QUANTITY 'six' (29:32)",
        ],
    ),
    "split-entity": (
        [("m7 COMPANY e5", "m7 COMPANY e6")],
        ["split: COMPANY {'Lockheed', 'Lockheed Martin'} into COMPANY {'Lockheed'} and COMPANY {'Lockheed Martin'}"],
    ),
    "moved-to-another-entity": (
        [("m7 COMPANY e5", "m7 COMPANY e1")],
        [
            "moved: COMPANY 'Lockheed Martin' (80:95) from COMPANY {'Lockheed', 'Lockheed Martin'}"
            " to GPE {'Latvia', 'Lockheed Martin'}",
            "~ GPE {'Latvia', 'Lockheed Martin'}: name 'Latvia' -> 'Lockheed Martin'",
            "~ COMPANY {'Lockheed'}: name 'Lockheed Martin' -> 'Lockheed'",
        ],
    ),
    "attribute": (
        [("status=approved", "status=contracted"), ("number=6", "number=7")],
        [
            "~ DEAL {'contract', 'deal'}: status approved -> contracted",
            "~ QUANTITY {'six'}: number 6 -> 7",
        ],
    ),
    "attribute-taken-away": ([("kind=sale ", "")], ["~ DEAL {'contract', 'deal'}: kind sale -> none"]),
    "relation-turned-round-and-relabelled": (
        [("contractor m2 m5", "supplier m2 m5")],
        [
            "- contractor: DEAL 'contract' (16:24) -> COMPANY 'Lockheed' (55:63)",
            "+ supplier: DEAL 'contract' (16:24) -> COMPANY 'Lockheed' (55:63)",
        ],
    ),
}


@pytest.mark.parametrize(("edits", "expected"), CASES.values(), ids=CASES)
def test_every_difference_is_said_once(edits: list[tuple[str, str]], expected: list[str]) -> None:
    document, old = marked(OLD)
    text = OLD
    for before, after in edits:
        assert before in text
        text = text.replace(before, after)
    _, new = marked(text)
    assert [change.text for change in diff_annotations(document, old, new)] == expected


def test_a_mention_that_goes_to_a_single_one_is_moved_and_its_entity_stays() -> None:
    document, old = marked("{{m1 GPE e1|Latvia}}, {{m2 GPE e1|Riga}} and {{m3 GPE e1|Letts}}; {{m4 GPE e2|Estonia}}.")
    mentions = tuple(msgspec.structs.replace(m, entity="e2") if m.id == "m3" else m for m in old.mentions or ())
    (change,) = diff_annotations(document, old, msgspec.structs.replace(old, mentions=mentions))
    assert change.text == "moved: GPE 'Letts' (17:22) from GPE {'Latvia', 'Riga', 'Letts'} to GPE {'Letts', 'Estonia'}"


def test_joining_is_splitting_seen_from_the_other_side() -> None:
    document, one = marked(OLD)
    _, two = marked(OLD.replace("m7 COMPANY e5", "m7 COMPANY e6"))
    (change,) = diff_annotations(document, two, one)
    assert change.text == "joined: COMPANY {'Lockheed'} and COMPANY {'Lockheed Martin'}"


@given(finished())
def test_an_annotation_differs_from_itself_in_nothing(case: tuple[object, Annotation]) -> None:
    document, annotation = case
    assert diff_annotations(document, annotation, annotation) == ()  # type: ignore[arg-type]


class Folders:
    """Gold and layers that are not the repository's."""

    def __init__(self, folder: Path) -> None:
        self.gold, self.layers = folder / "gold", folder / "layers"

    def write(self, folder: Path, annotation: Annotation) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{annotation.doc_id}.json"
        path.write_text(format_annotation(annotation), encoding="utf-8")
        return path


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folders:
    made = Folders(tmp_path)
    monkeypatch.setattr("armsbench.annotations.layers.LAYERS", made.layers)
    monkeypatch.setattr("armsbench.annotations.release.GOLD", made.gold)
    empty = Report(checked=1, structure_only=0, faults=(), without_text=())
    monkeypatch.setattr("armsbench.annotations.validate.check_release", lambda sources, show: empty)
    return made


def corrected(gold: Annotation, layer: str, origin: str | None = "gold") -> Annotation:
    """The gold without its last relation, as the layer of someone."""
    provenance = new_provenance(layer, gold.doc_id, origin=origin)
    provenance = msgspec.structs.replace(provenance, doubts=("why?",))
    return msgspec.structs.replace(gold, relations=(gold.relations or ())[:-1], provenance=provenance)


def merged(folders: Folders, doc_id: str) -> Provenance:
    done = CliRunner().invoke(main, ["label-studio", "merge", "anna", doc_id])
    assert done.exit_code == 0, done.output
    assert "1 documents changed, 0 were the same" in done.stdout
    provenance = read_annotation(folders.gold / f"{doc_id}.json").provenance
    assert provenance is not None
    return provenance


def test_a_corrected_gold_has_a_reader(release: Release, folders: Folders) -> None:
    gold = release.gold[release.select("articles", "train")[0].id]
    assert gold.provenance is not None
    folders.write(folders.gold, gold)
    folders.write(folders.layers / "anna", corrected(gold, "anna"))
    provenance = merged(folders, gold.doc_id)
    assert (provenance.kind, provenance.annotator, provenance.human) == ("reader", "anna", True)
    assert provenance.from_layers == (*gold.provenance.from_layers, "anna")
    assert provenance.doubts == (*gold.provenance.doubts, "why?")


def test_an_opinion_that_replaces_gold_was_chosen(release: Release, folders: Folders) -> None:
    """Its annotator never saw gold; the doubts of the old gold are not theirs."""
    gold = release.gold[release.select("articles", "train")[0].id]
    assert gold.provenance is not None
    folders.write(folders.gold, gold)
    folders.write(folders.layers / "anna", corrected(gold, "anna", origin=None))
    provenance = merged(folders, gold.doc_id)
    assert (provenance.kind, provenance.doubts) == ("adjudicator", ("why?",))
    assert provenance.from_layers == (*gold.provenance.from_layers, "anna")


def test_the_first_gold_of_a_document_is_its_annotators(release: Release, folders: Folders) -> None:
    gold = release.gold[release.select("articles", "train")[0].id]
    folders.write(folders.layers / "anna", corrected(gold, "anna", origin=None))
    diff = CliRunner().invoke(main, ["label-studio", "diff", "anna", "--json"])
    (found,) = json.loads(diff.stdout)
    assert found["is_new"]
    assert len(found["changes"]) >= len(gold.mentions or ())
    provenance = merged(folders, gold.doc_id)
    assert (provenance.kind, provenance.from_layers) == ("annotator", ("anna",))


@pytest.mark.parametrize("origin", ["gold", None])
def test_new_doubts_alone_are_shown_and_merged(release: Release, folders: Folders, origin: str | None) -> None:
    gold = release.gold[release.select("articles", "train")[0].id]
    assert gold.provenance is not None
    assert gold.provenance.doubts
    folders.write(folders.gold, gold)
    layer = msgspec.structs.replace(corrected(gold, "anna", origin), relations=gold.relations)
    folders.write(folders.layers / "anna", layer)
    diff = CliRunner().invoke(main, ["label-studio", "diff", "anna"])
    assert "  doubt    + why?\nanna: 1 documents differ from gold" in diff.stdout
    assert merged(folders, gold.doc_id).doubts == (*gold.provenance.doubts, "why?")
    again = CliRunner().invoke(main, ["label-studio", "merge", "anna"])
    assert (again.exit_code, "0 documents changed, 1 were the same" in again.stdout) == (0, True)


def test_a_layer_file_that_does_not_hold_together_is_said(release: Release, folders: Folders) -> None:
    gold, other = (release.gold[d.id] for d in release.select("articles", "train")[:2])
    folders.write(folders.gold, gold)
    relation = (gold.relations or ())[0]
    relations = (*(gold.relations or ()), msgspec.structs.replace(relation, tail="m9999"))
    path = folders.write(folders.layers / "anna", msgspec.structs.replace(corrected(gold, "anna"), relations=relations))
    for command in ("diff", "merge"):
        done = CliRunner().invoke(main, ["label-studio", command, "anna"])
        assert (done.exit_code, "there is no mention 'm9999' in this document" in done.stderr) == (1, True)
        assert f"annotations/layers/anna/{gold.doc_id}.json: $.relations[" in done.stderr
    path.write_text(format_annotation(other), encoding="utf-8")
    for command in ("diff", "merge"):
        done = CliRunner().invoke(main, ["label-studio", command, "anna"])
        assert (done.exit_code, f"holds '{other.doc_id}'; the file must be named" in done.stderr) == (1, True)


def test_gold_that_does_not_hold_together_is_said(release: Release, folders: Folders) -> None:
    gold = release.gold[release.select("articles", "train")[0].id]
    relations = (msgspec.structs.replace((gold.relations or ())[0], head="m9999"),)
    folders.write(folders.gold, msgspec.structs.replace(gold, relations=relations))
    folders.write(folders.layers / "anna", corrected(gold, "anna"))
    done = CliRunner().invoke(main, ["label-studio", "diff", "anna"])
    assert (done.exit_code, f"annotations/gold/{gold.doc_id}.json: $.relations[0]" in done.stderr) == (1, True)


def test_violations_are_refused_and_no_gold_is_written(release: Release, folders: Folders) -> None:
    first, second, *_ = (release.gold[d.id] for d in release.select("articles", "train"))
    paths = [folders.write(folders.gold, gold) for gold in (first, second)]
    before = [path.read_bytes() for path in paths]
    folders.write(folders.layers / "anna", corrected(first, "anna"))
    bad = tuple(msgspec.structs.replace(m, form=None) for m in second.mentions or ())
    folders.write(folders.layers / "anna", msgspec.structs.replace(corrected(second, "anna"), mentions=bad))
    done = CliRunner().invoke(main, ["label-studio", "merge", "anna"])
    assert done.exit_code == 1
    assert f"annotations/layers/anna/{second.doc_id}.json: $.mentions[0]" in done.stderr
    assert "has no form (guideline 2.3)" in done.stderr
    assert [path.read_bytes() for path in paths] == before


def test_findings_of_the_check_afterwards_fail_the_command(
    release: Release, folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    gold = release.gold[release.select("articles", "train")[0].id]
    folders.write(folders.gold, gold)
    folders.write(folders.layers / "anna", corrected(gold, "anna"))
    fault = Fault(where="a document", message="a finding of the audit")
    report = Report(checked=1, structure_only=0, faults=(fault,), without_text=())
    monkeypatch.setattr("armsbench.annotations.validate.check_release", lambda sources, show: report)
    done = CliRunner().invoke(main, ["label-studio", "merge", "anna"])
    assert (done.exit_code, "a finding of the audit" in done.stderr) == (1, True)
    again = CliRunner().invoke(main, ["label-studio", "merge", "anna"])
    assert (again.exit_code, "0 documents changed, 1 were the same" in again.stdout) == (1, True)
    assert "a finding of the audit" in again.stderr


def test_unknown_layers_and_documents_are_answered_with_the_nearest(release: Release, folders: Folders) -> None:
    gold = release.gold[release.select("articles", "train")[0].id]
    folders.write(folders.layers / "anna", corrected(gold, "anna"))
    for command in ("diff", "merge"):
        layer = CliRunner().invoke(main, ["label-studio", command, "anne"])
        assert (layer.exit_code, "Did you mean 'anna'?" in layer.output) == (2, True)
        document = CliRunner().invoke(main, ["label-studio", command, "anna", gold.doc_id + "0"])
        assert (document.exit_code, f"Did you mean '{gold.doc_id}'?" in document.output) == (2, True)
