"""Tasks of Label Studio: the round trip is the identity, and the reader finds what the server lets pass."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import msgspec
import pytest
from armsbench import Annotation, Document, Mention, Release
from armsbench.annotations.annotation import NO_ATTRIBUTES, encode_annotation
from armsbench.annotations.label_studio.commands import label_studio
from armsbench.annotations.label_studio.config import LOOK, label_config
from armsbench.annotations.label_studio.pull import seen_layer
from armsbench.annotations.label_studio.reading import Reading, read_result
from armsbench.annotations.label_studio.sync import Project, Pushed
from armsbench.annotations.label_studio.tasks import (
    Origin,
    regions_result,
    result_from_annotation,
    task_from_annotation,
)
from armsbench.annotations.scheme import scheme
from armsbench.cli import main
from armsbench.corpus.files import PACKAGE
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from .made_annotations import LINES, finished
from .marked import DEAL, marked

WHERE = "task 7, anna"


def there_and_back(document: Document, annotation: Annotation) -> Reading:
    """What is read of the task as JSON would carry it."""
    task = json.loads(json.dumps(task_from_annotation(document, annotation, "gold")))
    return read_result(document, task["predictions"][0]["result"], WHERE)


def as_set(annotation: Annotation) -> Annotation:
    """The annotation with its relations sorted: in Label Studio those of one pair of mentions stand together."""
    ordered = sorted(annotation.relations or (), key=lambda r: (r.head, r.tail, r.label))
    return msgspec.structs.replace(annotation, provenance=None, relations=tuple(ordered))


@given(finished())
def test_the_round_trip_is_the_identity(case: tuple[Document, Annotation]) -> None:
    document, annotation = case
    reading = there_and_back(document, annotation)
    assert (reading.faults, reading.notes) == ((), ())
    assert reading.annotation == annotation


def test_every_gold_annotation_makes_the_round_trip(release: Release) -> None:
    for doc_id, gold in release.gold.items():
        reading = there_and_back(release.documents[doc_id], gold)
        assert (reading.faults, reading.notes) == ((), ()), doc_id
        assert as_set(reading.annotation) == as_set(gold), doc_id


@given(finished(), st.lists(LINES, max_size=3))
def test_doubts_travel_beside(case: tuple[Document, Annotation], doubts: list[str]) -> None:
    document, annotation = case
    result = result_from_annotation(document, annotation, tuple(doubts))
    assert read_result(document, result, WHERE).doubts == tuple(doubts)


@given(finished())
def test_what_a_system_leaves_out_is_filled_in_once(case: tuple[Document, Annotation]) -> None:
    document, annotation = case
    bare = tuple(msgspec.structs.replace(m, form=None, entity=None) for m in annotation.mentions or ())
    once = there_and_back(document, Annotation(doc_id=annotation.doc_id, mentions=bare))
    assert once.faults == ()
    assert sum("has no entity" in note for note in once.notes) == len(bare)
    again = there_and_back(document, once.annotation)
    assert (again.annotation, again.notes) == (once.annotation, ())


def test_a_bare_task_shows_the_regions_and_nothing_else(release: Release) -> None:
    document = next(d for d in release.documents.values() if {r.kind for r in d.regions} >= {"byline", "headline"})
    task = task_from_annotation(document, None)
    (prediction,) = task["predictions"]
    shown = {(r["value"]["labels"][0], r["value"]["start"], r["value"]["end"]) for r in prediction["result"]}
    assert shown == {(r.kind, r.start, r.end) for r in document.regions if r.kind != "body"}
    assert task["data"]["text"] == document.text
    assert read_result(document, prediction["result"], WHERE).annotation.mentions == ()


def test_the_configuration_holds_the_whole_scheme() -> None:
    view = Xml.fromstring(label_config())
    labels = {e.get("value"): e for e in view.iter("Label")}
    assert labels.keys() >= set(scheme().label_names)
    keys = [labels[name].get("hotkey") for name in scheme().label_names]
    assert len(set(keys)) == len(keys)
    assert len({labels[name].get("background") for name in scheme().label_names}) == len(keys)
    assert [e.get("value") for e in view.iter("Relation")] == list(scheme().relation_names)
    controls = {e.get("name"): e for e in view.iter() if e.get("perRegion")}
    for attribute in scheme().attributes:
        shown = str(controls[attribute.name].get("whenLabelValue")).split(",")
        assert shown == [label.name for label in scheme().labels if attribute.name in label.attributes]
        values = [choice.get("value") for choice in controls[attribute.name].iter("Choice")]
        assert values == list(attribute.values)
    assert all(e.get("hotkey") != "u" for e in view.iter()), "the editor unselects a region with u"


def test_the_sdk_takes_the_configuration_and_our_predictions(release: Release) -> None:
    interface = pytest.importorskip("label_studio_sdk.label_interface").LabelInterface(label_config())
    for document in release.select("articles", "validation"):
        task = task_from_annotation(document, release.gold[document.id], "gold")
        assert interface.validate_prediction(task["predictions"][0], return_errors=True) == []


Change = Callable[[list[Any]], object]


def region(result: list[Any], region_id: str, control: str = "label") -> Any:
    return next(item for item in result if item.get("id") == region_id and item.get("from_name") == control)


def relation(result: list[Any], number: int = 0) -> Any:
    return [item for item in result if item["type"] == "relation"][number]


def add(result: list[Any], item: object) -> list[Any]:
    result.append(item)
    return result


def renamed(result: list[Any], old: str, new: str) -> Any:
    """A copy of a region's label under another id."""
    double = copy.deepcopy(region(result, old))
    result.append({**double, "id": new})
    return result[-1]


FAULTS: dict[str, tuple[Change, str]] = {
    "unknown-label": (
        lambda r: region(r, "m4")["value"].update(labels=["WAEPON"]),
        "task 7, anna, region m4: unknown label 'WAEPON'. Did you mean 'WEAPON'?",
    ),
    "no-label": (lambda r: region(r, "m4")["value"].update(labels=[]), "region m4: has 0 labels, expected one"),
    "unknown-relation-label": (
        lambda r: relation(r).update(labels=["recipent"]),
        "region m2: the relation m2 to m1: unknown relation 'recipent'. Did you mean 'recipient'?",
    ),
    "relation-without-label": (
        lambda r: relation(r).pop("labels"),
        "task 7, anna, region m2: the relation m2 to m1 has no label",
    ),
    "relation-both-ways": (
        lambda r: relation(r).update(direction="bi"),
        "region m2: the relation m2 to m1 must go one way; its direction is 'bi'",
    ),
    "relation-to-deleted-region": (
        lambda r: r.remove(region(r, "m1")),
        "region m1: the relation m2 to m1 ends at it, and it is not there (any more)",
    ),
    "relation-to-furniture": (
        lambda r: (
            add(r, {"id": "region-0", "from_name": "region", "type": "labels", "value": {}}),
            relation(r).update(to_id="region-0"),
        ),
        "region region-0: the relation m2 to region-0 ends at it, and it is a passage of the document, no mention",
    ),
    "reversed-offsets": (
        lambda r: region(r, "m4")["value"].update(start=45, end=39),
        "region m4: 45:39 is no stretch of the text of",
    ),
    "offsets-beyond-the-text": (
        lambda r: region(r, "m4")["value"].update(end=9_999),
        "region m4: 33:9999 is no stretch of the text of",
    ),
    "offsets-that-are-strings": (
        lambda r: region(r, "m4")["value"].update(start="39"),
        "region m4: its offsets are '39' and",
    ),
    "other-text": (
        lambda r: region(r, "m4")["value"].update(text="HIMERS"),
        "region m4: its text is 'HIMERS', but 33:39 of the document is 'HIMARS'",
    ),
    "doubled-by-a-restored-draft": (
        lambda r: renamed(r, "m4", "abcDEF_-12"),
        "region m4: stands twice, also as region abcDEF_-12 'HIMARS': a restored draft? Delete one.",
    ),
    "overlap": (
        lambda r: renamed(r, "m4", "abcDEF_-12")["value"].update(end=49, text="HIMARS launchers"),
        "region abcDEF_-12: 'HIMARS launchers' overlaps region m4 'HIMARS' (guideline 2)",
    ),
    "id-twice": (lambda r: renamed(r, "m4", "m4"), "region m4: its id stands twice"),
    "number-in-words": (
        lambda r: region(r, "m3", "number")["value"].update(text=["six"]),
        "region m3: number is 'six', expected a number written out in digits",
    ),
    "number-that-is-not-finite": (
        lambda r: region(r, "m3", "number")["value"].update(text=["nan"]),
        "region m3: number is 'nan', expected a number",
    ),
    "two-values": (
        lambda r: region(r, "m3", "entity")["value"].update(text=["e3", "e4"]),
        "region m3: the field entity holds several values: 'e3', 'e4'",
    ),
    "entity-of-two-words": (
        lambda r: region(r, "m3", "entity")["value"].update(text=["the six"]),
        "region m3: the entity id 'the six' holds a space; use one word",
    ),
    "contradiction-within-an-entity": (
        lambda r: (
            renamed(r, "m1", "m8")["value"].update(start=7, end=13, text="signed"),
            add(r, {**copy.deepcopy(region(r, "m1", "entity")), "id": "m8"}),
            add(r, {**copy.deepcopy(region(r, "m1", "iso3")), "id": "m8"}),
            r[-1]["value"].update(text=["LTU"]),
        ),
        "region m8: iso3 of entity e1 is 'LTU' here and 'LVA' in region m1",
    ),
    "foreign-field": (
        lambda r: add(r, {"id": "m1", "from_name": "sentiment", "type": "choices", "value": {"choices": ["x"]}}),
        "region m1: 'sentiment' is no field of our labelling configuration",
    ),
    "no-region-at-all": (lambda r: add(r, "x"), "task 7, anna: 'x' is no region and no relation"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "message"), FAULTS.values(), ids=FAULTS)
def test_a_fault_names_task_annotator_and_region(change: Change, message: str) -> None:
    document, annotation = marked(DEAL)
    result = result_from_annotation(document, annotation)
    change(result)
    reading = read_result(document, result, WHERE)
    assert message in str(reading.faults[0])
    assert len(reading.faults) == 1, "one cause, one fault"


def test_left_turns_a_relation_round() -> None:
    document, annotation = marked(DEAL)
    result = result_from_annotation(document, annotation)
    found = relation(result)
    found.update(from_id=found["to_id"], to_id=found["from_id"], direction="left")
    assert read_result(document, result, WHERE).annotation == annotation


def test_line_breaks_and_spaces_may_be_folded_by_the_editor() -> None:
    document, annotation = marked("{{m1 GPE e1|Saudi\n  Arabia}} bought.")
    result = result_from_annotation(document, annotation)
    region(result, "m1")["value"]["text"] = "Saudi\\n Arabia"
    assert read_result(document, result, WHERE).faults == ()


def hand_made(region_id: str, document: Document, surface: str, label: str) -> dict[str, Any]:
    start = document.text.rindex(surface)
    value = {"start": start, "end": start + len(surface), "text": surface, "labels": [label]}
    return {"id": region_id, "from_name": "label", "to_name": "text", "type": "labels", "value": value}


def test_a_region_made_by_hand_gets_the_next_id_and_an_entity_of_the_same_name() -> None:
    document, annotation = marked("{{m3 GPE e1|Latvia}} and {{m8 GPE e2|Lithuania}} bought tanks. Latvia has Abrams.")
    result = result_from_annotation(document, annotation)
    result += [
        hand_made("Zx9_-aaBB1", document, "Latvia", "GPE"),
        hand_made("aaaaaaaaaa", document, "Abrams", "WEAPON"),
    ]
    reading = read_result(document, result, WHERE)
    assert reading.faults == ()
    made = [m for m in reading.annotation.mentions or () if m.id in ("m9", "m10")]
    assert [(m.id, m.entity, m.form) for m in made] == [("m9", "e1", "name"), ("m10", "e3", "name")]
    assert reading.notes == (
        "task 7, anna, region Zx9_-aaBB1: 'Latvia' GPE has no form; taken as name",
        "task 7, anna, region aaaaaaaaaa: 'Abrams' WEAPON has no form; taken as name",
        "task 7, anna, region Zx9_-aaBB1: 'Latvia' GPE has no entity; taken as e1, of the same name as m3",
        "task 7, anna, region aaaaaaaaaa: 'Abrams' WEAPON has no entity; taken as e3, a new one",
    )
    assert [e.name for e in reading.annotation.entities or ()] == ["Latvia", "Lithuania", "Abrams"]


def test_descriptions_are_never_joined_by_their_words() -> None:
    document, annotation = marked("{{m1 COMPANY.nominal e1|company}} and the other company")
    result = [*result_from_annotation(document, annotation), hand_made("aaaaaaaaaa", document, "company", "COMPANY")]
    form = {"id": "aaaaaaaaaa", "from_name": "form_name_nominal", "type": "choices", "value": {"choices": ["nominal"]}}
    reading = read_result(document, [*result, form], WHERE)
    assert [m.entity for m in reading.annotation.mentions or ()] == ["e1", "e2"]


def test_fields_of_an_earlier_label_count_for_nothing() -> None:
    document, annotation = marked(DEAL)
    result = result_from_annotation(document, annotation)
    region(result, "m1")["value"]["labels"] = ["LOCATION"]
    reading = read_result(document, [i for i in result if i["type"] != "relation"], WHERE)
    assert reading.faults == ()
    entity = (reading.annotation.entities or ())[0]
    assert (entity.label, entity.attributes) == ("LOCATION", NO_ATTRIBUTES)


def test_a_form_that_the_label_does_not_have_is_left_to_the_annotator() -> None:
    document, _ = marked("Antony Blinken spoke.")
    person = Mention(id="m1", start=0, end=14, label="PERSON", form="nominal", entity="e1")
    reading = there_and_back(document, Annotation(doc_id=document.id, mentions=(person,)))
    assert [(m.form, m.entity) for m in reading.annotation.mentions or ()] == [("name", "e1")]


def test_the_task_changes_its_digest_with_what_it_shows() -> None:
    document, annotation = marked(DEAL)
    fewer = msgspec.structs.replace(annotation, relations=())
    digests = {task_from_annotation(document, a, "x")["data"]["digest"] for a in (annotation, fewer, None)}
    assert len(digests) == 3
    assert all(item["readonly"] for item in regions_result(document))


def test_without_the_sdk_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "label_studio_sdk", None)
    done = CliRunner().invoke(main, ["label-studio", "status", "--token", "x" * 40])
    assert (done.exit_code, "pip install '.[labelstudio]'" in done.output) == (1, True)


def test_the_guide_for_annotators_names_the_keys_and_every_command() -> None:
    guide = (PACKAGE / "annotations" / "label_studio" / "README.md").read_text(encoding="utf-8")
    for name, (key, _) in LOOK.items():
        assert f"| {key} | {name} |" in guide
    assert LOOK.keys() == set(scheme().label_names)
    assert [name for name in label_studio.commands if f"`armsbench label-studio {name}" not in guide] == []


@pytest.mark.parametrize(
    ("origin", "name", "seen"),
    [("gold", "pre-annotation", "gold"), ("gold", "gold", "gold"), ("file", "run 1", "run 1"), ("system", "a", "a")],
)
def test_provenance_follows_what_was_shown_and_not_its_name(origin: Origin, name: str, seen: str) -> None:
    document, annotation = marked(DEAL)
    data = task_from_annotation(document, annotation, name, origin)["data"]
    assert (data["origin"], data["shown"], seen_layer(data)) == (origin, name, seen)
    bare = task_from_annotation(document, None, name, origin)["data"]
    assert (bare["origin"], bare["shown"], seen_layer(bare)) == ("none", None, None)


def test_a_task_that_shows_the_same_marks_as_something_else_is_another_task() -> None:
    document, annotation = marked(DEAL)
    origins: list[Origin] = ["gold", "file", "system"]
    assert len({task_from_annotation(document, annotation, "x", o)["data"]["digest"] for o in origins}) == 3


@pytest.mark.parametrize(("what", "name"), [("rules", "gold"), ("rules", "Gold "), ("gold.jsonl", None), ("x", "gold")])
def test_nothing_but_gold_is_shown_as_gold(what: str, name: str | None) -> None:
    named = () if name is None else ("--as", name)
    done = CliRunner().invoke(main, ["label-studio", "push", "--with", what, *named, "--token", "x", "article-072"])
    assert (done.exit_code, f"{what} is not the gold" in done.stderr) == (2, True)


class Work:
    """A project of a server that is not there: who submitted which documents, without a change, of the gold shown."""

    def __init__(self, release: Release, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.release, self.layers = release, folder / "layers"
        self.submitted: list[tuple[str, str]] = []
        module = "armsbench.annotations.label_studio.pull"
        monkeypatch.setattr("armsbench.annotations.layers.LAYERS", self.layers)
        monkeypatch.setattr(f"{module}.find_project", lambda server, title: Project(id=1, title=title))
        monkeypatch.setattr(f"{module}.user_emails", lambda server: {})
        monkeypatch.setattr(f"{module}.export", lambda server, project: self.tasks())

    def tasks(self) -> list[dict[str, Any]]:
        made = []
        for number, (email, doc_id) in enumerate(self.submitted):
            task = task_from_annotation(self.release.documents[doc_id], self.release.gold[doc_id], "gold", "gold")
            annotation = {
                "id": number,
                "completed_by": email,
                "was_cancelled": False,
                "updated_at": "2026-11-22",
                "result": task["predictions"][0]["result"],
            }
            made.append({"id": number, "data": task["data"], "drafts": [], "annotations": [annotation]})
        return made

    def pull(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["label-studio", "pull", "--token", "x", *arguments])

    def written(self) -> list[str]:
        return sorted(str(path.relative_to(self.layers)) for path in self.layers.rglob("*.json"))


@pytest.fixture
def work(release: Release, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Work:
    return Work(release, monkeypatch, tmp_path)


def test_a_layer_is_only_written_by_the_address_it_was_pulled_from(work: Work) -> None:
    work.submitted = [("anna@a.org", "article-072")]
    assert work.pull().exit_code == 0
    assert "0 annotations written, 1 unchanged" in work.pull().stderr
    (layer,) = work.layers.iterdir()
    assert not any("anna@" in path.read_text(encoding="utf-8") for path in layer.iterdir())
    before = (layer / "article-072.json").read_bytes()
    work.submitted = [("anna@b.org", "article-072")]
    for named in ([], ["--as", "anna@b.org=anna"]):
        done = work.pull("--replace", *named)
        assert done.exit_code == 1
        assert "annotations/layers/anna holds work that was not pulled from this address" in done.stderr
        assert "--as anna@b.org=NAME" in done.stderr
    assert (layer / "article-072.json").read_bytes() == before
    assert work.pull("--as", "ANNA@b.org=anna-b").exit_code == 0
    assert work.written() == ["anna-b/article-072.json", "anna/article-072.json"]
    work.submitted = [("Anna@A.org", "article-072")]
    assert work.pull("--replace").exit_code == 0


def test_a_layer_of_the_repository_is_nobodys(work: Work, release: Release) -> None:
    original = work.layers / "annotator-a" / "article-072.json"
    original.parent.mkdir(parents=True)
    original.write_text("an opinion", encoding="utf-8")
    work.submitted = [("annotator-a@example.org", "article-072")]
    done = work.pull("--replace")
    assert (done.exit_code, "--as annotator-a@example.org=NAME" in done.stderr) == (1, True)
    assert original.read_text(encoding="utf-8") == "an opinion"


def test_no_layer_is_called_gold(work: Work) -> None:
    work.submitted = [("Gold@example.org", "article-072")]
    done = work.pull()
    assert (done.exit_code, "'gold' cannot name a layer" in done.stderr) == (1, True)
    assert work.pull("--as", "gold@example.org=Gold").exit_code == 2
    assert not work.layers.exists()
    assert work.pull("--as", "gold@example.org=goldie").exit_code == 0


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ("ben@x.org=../x", "'../x' cannot name a layer"),
        ("Anna@X.org=newer", "twice"),
        ("bne@x.org=ben", "Did you mean 'ben@x.org'"),
    ],
)
def test_every_as_is_looked_at_before_anything_is_written(work: Work, second: str, message: str) -> None:
    work.submitted = [("anna@x.org", "article-072"), ("ben@x.org", "article-072")]
    done = work.pull("--as", "anna@x.org=new", "--as", second)
    assert (done.exit_code, message in done.stderr) == (2, True), done.stderr
    assert not work.layers.exists()


def test_documents_without_a_pre_annotation_are_named(
    release: Release, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tasks: dict[str, Any] = {}

    def push(server: object, title: str, given: list[Any], *rest: object) -> Pushed:
        tasks.update({task["data"]["doc_id"]: task["data"] for task in given})
        project = Project(id=1, title=title)
        return Pushed(project=project, url="x", added=tuple(tasks), replaced=(), unchanged=(), kept=(), faults=())

    monkeypatch.setattr("armsbench.annotations.label_studio.sync.push", push)
    ids = [document.id for document in release.select("articles", "train")[:2]]
    file = tmp_path / "run.jsonl"
    file.write_bytes(encode_annotation(release.gold[ids[0]]) + b"\n")
    command = ["label-studio", "push", "--token", "x", *ids]
    done = CliRunner().invoke(main, [*command, "--with", str(file)])
    assert (done.exit_code, f"{ids[1]}: shown bare, {file} holds nothing for it" in done.stderr) == (0, True)
    assert f"{ids[0]}: shown bare" not in done.stderr
    assert [tasks[doc_id]["origin"] for doc_id in ids] == ["file", "none"]
    found = json.loads(CliRunner().invoke(main, [*command, "--with", str(file), "--json"]).stdout)
    assert (found["bare"], found["added"]) == ([ids[1]], ids)
    assert "bare" not in CliRunner().invoke(main, command).stderr


def removed(result: list[Any], *items: Any) -> list[Any]:
    for item in items:
        result.remove(item)
    return result


LOST: dict[str, tuple[Change, str]] = {
    "number-too-large-for-a-float": (
        lambda r: region(r, "m3", "number")["value"].update(text=["9" * 400]),
        "and no number may be as large as that",
    ),
    "number-too-large-for-python": (
        lambda r: region(r, "m3", "number")["value"].update(text=["9" * 5000]),
        "and no number may be as large as that",
    ),
    "number-too-large-for-a-file": (
        lambda r: region(r, "m3", "number")["value"].update(text=[str(2**64)]),
        "region m3: number is '18446744073709551616', and no number may be as large as that",
    ),
    "float-too-large": (
        lambda r: region(r, "m3", "number")["value"].update(text=["1e999"]),
        "region m3: number is '1e999', and no number may be as large as that",
    ),
    "number-as-python-writes-it": (
        lambda r: region(r, "m3", "number")["value"].update(text=["1_000"]),
        "region m3: number is '1_000', expected a number written out in digits",
    ),
    "arabic-digits": (
        lambda r: region(r, "m3", "number")["value"].update(text=["\u0661\u0662"]),
        "region m3: number is '\u0661\u0662', expected a number written out in digits",
    ),
    "region-that-lost-its-label": (
        lambda r: removed(r, relation(r), region(r, "m1")),
        "task 7, anna, region m1: has lost its label, and these of its fields are left: form_name_nominal 'name',"
        " entity 'e1', iso3 'LVA'. Mark it again with its label, or delete it.",
    ),
    "region-without-value": (
        lambda r: removed(r, relation(r)) and region(r, "m1").pop("value"),
        "task 7, anna: a region without id or value",
    ),
    "field-of-no-region": (
        lambda r: add(r, {"id": "zz", "from_name": "entity", "type": "textarea", "value": {"text": []}}),
        "region zz: has lost its label, and these of its fields are left: empty ones",
    ),
}


@pytest.mark.parametrize(("change", "message"), LOST.values(), ids=LOST)
def test_numbers_and_lost_regions_are_faults_of_their_region(change: Change, message: str) -> None:
    test_a_fault_names_task_annotator_and_region(change, message)


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63 - 1), 1e22, -0.5, 1.7e308])
def test_numbers_come_back_as_they_were_pushed(number: float) -> None:
    document, annotation = marked(DEAL)
    result = result_from_annotation(document, annotation)
    region(result, "m3", "number")["value"].update(text=[json.dumps(number)])
    reading = read_result(document, result, WHERE)
    assert reading.faults == ()
    read = next(e.attributes.number for e in reading.annotation.entities or () if e.attributes.number is not None)
    assert (read, type(read)) == (number, type(number))


def test_ids_that_would_not_come_back_are_refused_at_push(tmp_path: Path) -> None:
    made = [
        {"id": "", "start": 0, "end": 3, "label": "GPE", "entity": "e 1"},
        {"id": "m2", "start": 4, "end": 6, "label": "GPE", "entity": "e1"},
    ]
    path = tmp_path / "p.jsonl"
    path.write_text(json.dumps({"doc_id": "article-072", "mentions": made}))
    arguments = [
        "label-studio",
        "push",
        "--with",
        str(path),
        "--token",
        "x",
        "--url",
        "http://127.0.0.1:9",
        "article-072",
    ]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 1
    assert "$.mentions[0].id: is empty" in done.stderr
    assert "$.mentions[0].entity: 'e 1' is not one word" in done.stderr
