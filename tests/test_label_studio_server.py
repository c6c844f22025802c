"""Against a real Label Studio: what is pushed comes back as it was, once, and as whose work it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from armsbench import Annotation, Document, Release
from armsbench.annotations.annotation import decode_annotation, encode_annotation, format_annotation
from armsbench.annotations.label_studio.config import label_config
from armsbench.annotations.label_studio.reading import read_result
from armsbench.annotations.label_studio.server import Server
from armsbench.annotations.label_studio.sync import export, find_project, push
from armsbench.annotations.label_studio.tasks import task_from_annotation
from armsbench.annotations.layers import read_annotation
from armsbench.annotations.validate import Report
from armsbench.cli import main
from armsbench.corpus.files import sha256_of_text
from armsbench.corpus.splits import CANARY, read_splits
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .label_studio_help import doc_ids, new_title, project_id, run, submit, tasks_of
from .label_studio_server import ANNA, Studio
from .made_annotations import finished

# The SDK asks pydantic for an access token in a deprecated way.
pytestmark = pytest.mark.filterwarnings("ignore:The `parse_obj` method is deprecated")


@pytest.fixture
def layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of annotator layers that is not the repository's."""
    for module in ("annotations.layers", "benchmark.agreement"):
        monkeypatch.setattr(f"armsbench.{module}.LAYERS", tmp_path / "layers")
    return tmp_path / "layers"


@pytest.fixture
def three(release: Release) -> list[str]:
    return [document.id for document in release.select("articles", "train")[:3]]


def quiet(message: str) -> None:
    """Progress that nobody watches."""


def pulled(layers: Path, layer: str, doc_id: str) -> Annotation:
    return read_annotation(layers / layer / f"{doc_id}.json")


# Twelve documents a project: a request each would show nothing more, and take twelve times as long.
CASES = st.lists(finished(), min_size=12, max_size=12)


@settings(max_examples=3, suppress_health_check=list(HealthCheck))
@given(CASES)
def test_random_documents_make_the_round_trip(studio: Studio, cases: list[tuple[Document, Annotation]]) -> None:
    documents = {f"random-{n}": msgspec.structs.replace(d, id=f"random-{n}") for n, (d, _) in enumerate(cases)}
    tasks = [task_from_annotation(d, a, "made") for d, (_, a) in zip(documents.values(), cases, strict=True)]
    title = new_title()
    with Server(studio.url, studio.token) as server:
        assert len(push(server, title, tasks, quiet).added) == len(cases)
        submit(studio, title)
        exported = {task["data"]["doc_id"]: task for task in export(server, find_project(server, title))}
    assert exported.keys() == documents.keys()
    for (doc_id, document), (_, annotation) in zip(documents.items(), cases, strict=True):
        assert exported[doc_id]["data"]["text"] == document.text
        reading = read_result(document, exported[doc_id]["annotations"][0]["result"], doc_id)
        assert (reading.faults, reading.notes) == ((), ())
        assert msgspec.structs.replace(reading.annotation, doc_id=annotation.doc_id) == annotation


def test_every_document_of_the_release_makes_the_round_trip(studio: Studio, release: Release, layers: Path) -> None:
    """Predictions and annotations both: what was imported in one request is what a person would have submitted."""
    title = new_title()
    first, *others = release.documents.values()
    run(studio, title, "push", "--with", "gold", first.id)
    submit(studio, title)
    tasks = [task_from_annotation(document, release.gold[document.id], "gold") for document in others]
    worked = [{**task, "annotations": [{"result": task["predictions"][0]["result"]}]} for task in tasks]
    for start in range(0, len(worked), 50):
        studio.client().projects.import_tasks(project_id(studio, title), request=worked[start : start + 50])
    done = run(studio, title, "pull")
    assert done.exit_code == 0, done.output
    assert f"{len(release.gold)} annotations written, 0 unchanged" in done.stderr
    for doc_id, gold in release.gold.items():
        back = pulled(layers, "anna", doc_id)
        assert msgspec.structs.replace(back, provenance=gold.provenance) == gold, doc_id
    diff = CliRunner().invoke(main, ["label-studio", "diff", "anna"])
    assert f"0 documents differ from gold, {len(release.gold)} are the same" in diff.stdout


def test_pushing_twice_adds_nothing_twice(studio: Studio, three: list[str]) -> None:
    title = new_title()
    first = run(studio, title, "push", *three[:2])
    assert ("2 added" in first.stdout, ", new)" in first.stdout) == (True, True)
    second = run(studio, title, "push", *three)
    assert "1 added, 2 there already" in second.stdout
    assert doc_ids(studio, title) == sorted(three)
    third = run(studio, str(project_id(studio, title)), "push", *three)
    assert "0 added, 3 there already" in third.stdout


def test_what_nobody_has_worked_on_is_pushed_anew_and_the_rest_is_left(studio: Studio, three: list[str]) -> None:
    title = new_title()
    run(studio, title, "push", *three)
    first, second, third = tasks_of(studio, title)
    submit(studio, title, only=[first.data["doc_id"]])
    with studio.session(ANNA) as session:
        session.post(f"/api/tasks/{second.id}/drafts", json={"result": []}).raise_for_status()
    done = run(studio, title, "push", "--with", "gold", *three)
    assert "0 added, 1 pushed anew" in done.stdout
    assert done.stderr.count("left as it is, somebody has worked on it") == 2
    assert doc_ids(studio, title) == sorted(three)
    now = tasks_of(studio, title)
    assert [task.id for task in now[:2]] == [first.id, second.id]
    assert now[2].id != third.id
    assert [task.data["shown"] for task in now] == [None, None, "gold"]


def test_a_description_that_a_person_wrote_is_kept(studio: Studio, three: list[str]) -> None:
    title = new_title()
    run(studio, title, "push", three[0])
    client = studio.client()
    client.projects.update(project_id(studio, title), description="Anna, from Monday on")
    assert run(studio, title, "push", *three).exit_code == 0
    assert doc_ids(studio, title) == sorted(three)
    assert client.projects.get(project_id(studio, title)).description == "Made by armsbench. Anna, from Monday on"


def test_a_project_of_somebody_else_is_not_touched(studio: Studio, three: list[str]) -> None:
    title = new_title()
    client = studio.client()
    theirs = client.projects.create(title=title, label_config=label_config())
    client.projects.import_tasks(theirs.id, request=[{"data": {"text": "x", "title": "x", "advice": "x"}}])
    done = run(studio, title, "push", *three)
    assert (done.exit_code, "was not made by armsbench" in done.output) == (1, True)
    assert client.projects.get(theirs.id).task_number == 1


def test_a_project_gets_the_present_configuration(studio: Studio, three: list[str]) -> None:
    title = new_title()
    run(studio, title, "push", three[0])
    client = studio.client()
    old = label_config().replace("<Header", "<!-- --><Header", 1)
    client.projects.update(project_id(studio, title), label_config=old)
    assert run(studio, title, "push", "--annotators", "2", three[0]).exit_code == 0
    project = client.projects.get(project_id(studio, title))
    assert project.label_config.strip() == label_config().strip()
    assert project.maximum_annotations == 2


def test_predictions_of_a_file_and_of_a_system_are_shown_under_their_name(
    studio: Studio, release: Release, three: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "rules" / "test" / "predictions.jsonl"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"".join(encode_annotation(release.gold[d]) + b"\n" for d in three))
    title = new_title()
    assert run(studio, title, "push", "--with", str(file), *three).exit_code == 0
    assert {task.predictions[0].model_version for task in tasks_of(studio, title)} == {"rules"}
    assert run(studio, title, "push", "--with", "majority", "--as", "baseline 1", *three).exit_code == 0
    for task in tasks_of(studio, title):
        (prediction,) = task.predictions
        assert prediction.model_version == "baseline 1"
        assert any(item["from_name"] == "label" for item in prediction.result)
    unknown = run(studio, title, "push", "--with", "rulez", *three)
    assert (unknown.exit_code, "Did you mean 'rules'?" in unknown.output) == (2, True)
    file.write_bytes(encode_annotation(release.gold[three[0]]).replace(b'"end":', b'"end":9'))
    assert run(studio, title, "push", "--with", str(file), *three).exit_code == 1


def test_layers_say_whose_work_they_are_and_what_it_started_from(
    studio: Studio, three: list[str], layers: Path
) -> None:
    title = new_title()
    run(studio, title, "push", "--with", "gold", *three[:1])
    run(studio, title, "push", *three[1:])
    doubt = {"id": "d", "from_name": "doubts", "to_name": "text", "type": "textarea", "value": {"text": ["why?"]}}
    submit(studio, title, edit=lambda result: result.append(doubt))
    submit(studio, title, token=studio.ben)
    done = run(studio, title, "pull", "--as", f"{ANNA}=anna.k", token=studio.ben)
    assert done.exit_code == 0, done.output
    assert {path.name for path in layers.iterdir()} == {"anna.k", "ben-test"}
    corrected, bare = (pulled(layers, "anna.k", doc_id).provenance for doc_id in three[:2])
    assert corrected is not None
    assert bare is not None
    assert (corrected.kind, corrected.from_layers) == ("reader", ("gold",))
    assert (bare.kind, bare.from_layers) == ("annotator", ())
    assert (bare.annotator, bare.human, bare.doubts) == ("anna.k", True, ("why?",))
    test = next(doc_id for doc_id, split in read_splits().items() if split == "test" and doc_id.startswith("article"))
    other = new_title()
    run(studio, other, "push", test)
    submit(studio, other)
    assert run(studio, other, "pull", "--machine").exit_code == 0
    provenance = pulled(layers, "anna", test).provenance
    assert provenance is not None
    assert (provenance.canary, provenance.human) == (CANARY, False)


def test_drafts_and_skipped_tasks_are_reported(studio: Studio, three: list[str], layers: Path) -> None:
    title = new_title()
    run(studio, title, "push", *three)
    first, second, third = tasks_of(studio, title)
    with studio.session(ANNA) as session:
        session.post(f"/api/tasks/{first.id}/drafts", json={"result": []}).raise_for_status()
        skipped = {"result": [], "was_cancelled": True}
        session.post(f"/api/tasks/{second.id}/annotations/", json=skipped).raise_for_status()
    submit(studio, title, only=[third.data["doc_id"]], token=studio.ben)
    done = run(studio, title, "pull")
    assert done.exit_code == 0
    assert f"task {first.id} ({first.data['doc_id']}): {ANNA} has a draft, not submitted" in done.stderr
    assert f"task {second.id} ({second.data['doc_id']}): {ANNA} skipped it" in done.stderr
    assert [str(path.relative_to(layers)) for path in layers.rglob("*.json")] == [
        f"ben-test/{third.data['doc_id']}.json"
    ]
    status = run(studio, title, "status")
    assert f"{ANNA}: 0 submitted, 1 drafts, 1 skipped" in status.stdout
    assert json.loads(run(studio, title, "status", "--json").stdout)["submitted"] == {"ben.test@example.org": 1}


def test_faults_name_task_annotator_and_region_and_the_rest_comes_in(
    studio: Studio, release: Release, three: list[str], layers: Path
) -> None:
    title = new_title()
    run(studio, title, "push", "--with", "gold", *three)
    first, second, _ = tasks_of(studio, title)

    def break_relation(result: list[dict[str, Any]]) -> None:
        next(item for item in result if item["type"] == "relation")["labels"] = ["sells"]

    def leave_field_empty(result: list[dict[str, Any]]) -> None:
        result.remove(next(item for item in result if item.get("from_name") == "iso3"))

    submit(studio, title, edit=break_relation, only=[first.data["doc_id"]])
    submit(studio, title, edit=leave_field_empty, only=[second.data["doc_id"]])
    submit(studio, title, only=three[2:])
    done = run(studio, title, "pull")
    assert done.exit_code == 1
    assert f"task {first.id} ({first.data['doc_id']}), {ANNA}, region m" in done.stderr
    assert "unknown relation 'sells'" in done.stderr
    assert f"task {second.id} ({second.data['doc_id']}), {ANNA}, $.entities[" in done.stderr
    assert "lacks iso3" in done.stderr
    assert [path.stem for path in layers.rglob("*.json")] == three[2:]


def test_a_text_that_changed_on_either_side_is_refused(
    studio: Studio, release: Release, three: list[str], layers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = new_title()
    run(studio, title, "push", "--with", "gold", *three)
    submit(studio, title)
    first, second, third = tasks_of(studio, title)
    client = studio.client()
    client.tasks.update(first.id, data={**first.data, "text": first.data["text"].replace(" ", "  ", 1)})
    old = second.data["text"][:-1] + "!"
    client.tasks.update(second.id, data={**second.data, "text": old, "sha256": sha256_of_text(old)})
    done = run(studio, title, "pull")
    assert done.exit_code == 1
    assert f"task {first.id} ({first.data['doc_id']}): the text of the task was changed on the server" in done.stderr
    assert f"task {second.id} ({second.data['doc_id']}): the document has changed since it was pushed" in done.stderr
    assert [path.stem for path in layers.rglob("*.json")] == [third.data["doc_id"]]
    again = run(studio, title, "push", "--with", "gold", *three)
    assert again.exit_code == 1
    assert f"task {second.id} ({second.data['doc_id']}): its text has changed since it was pushed" in again.stderr


def test_nothing_is_overwritten_without_replace(studio: Studio, three: list[str], layers: Path) -> None:
    title = new_title()
    run(studio, title, "push", "--with", "gold", three[0])
    submit(studio, title)
    assert "1 annotations written, 0 unchanged" in run(studio, title, "pull").stderr
    assert "0 annotations written, 1 unchanged" in run(studio, title, "pull").stderr
    path = layers / "anna" / f"{three[0]}.json"
    changed = path.read_text().replace('"human":true', '"human":false')
    path.write_text(changed)
    refused = run(studio, title, "pull")
    assert refused.exit_code == 1
    assert f"annotations/layers/anna/{three[0]}.json is there already and differs; --replace" in refused.stderr
    assert path.read_text() == changed
    assert run(studio, title, "pull", "--replace").exit_code == 0
    assert path.read_text() != changed


def test_a_second_annotation_of_one_person_counts_for_nothing(studio: Studio, three: list[str], layers: Path) -> None:
    title = new_title()
    run(studio, title, "push", "--with", "gold", three[0])
    submit(studio, title)
    submit(studio, title)
    done = run(studio, title, "pull")
    assert (done.exit_code, "is a second one beside annotation" in done.stderr) == (1, True)
    assert not layers.exists()


def test_two_people_whose_layers_would_have_one_name_are_told(studio: Studio, three: list[str], layers: Path) -> None:
    title = new_title()
    run(studio, title, "push", "--with", "gold", three[0])
    submit(studio, title)
    submit(studio, title, token=studio.ben)
    done = run(studio, title, "pull", "--as", f"{ANNA}=ben-test")
    assert (done.exit_code, "would both go to the layer 'ben-test'" in done.stderr) == (1, True)
    assert run(studio, title, "pull", "--as", ANNA).exit_code == 2
    assert not layers.exists()


def test_agreement_takes_pulled_layers(studio: Studio, release: Release, three: list[str], layers: Path) -> None:
    """Two people who annotate the same bare texts get their agreement, without the Enterprise edition."""
    title = new_title()
    run(studio, title, "push", "--annotators", "2", *three)
    client, ben = studio.client(), studio.client(studio.ben)
    for task in tasks_of(studio, title):
        document = release.documents[task.data["doc_id"]]
        result = task_from_annotation(document, release.gold[document.id])["predictions"][0]["result"]
        client.annotations.create(id=task.id, result=result)
        fewer = [item for item in result if item["type"] != "relation"]
        ben.annotations.create(id=task.id, result=fewer)
    assert run(studio, title, "pull").exit_code == 0
    agreement = CliRunner().invoke(main, ["agreement", "anna", "ben-test", "--json"])
    assert agreement.exit_code == 0, agreement.output
    (found,) = json.loads(agreement.stdout)
    assert sorted(found["documents"]) == sorted(three)
    scores = {score["task"]: score["measures"][score["headline"]]["f1"] for score in found["scores"]}
    assert scores["mentions"] == 1.0
    assert scores["relations"] != 1.0


def test_a_correction_is_shown_and_merged_with_honest_provenance(
    studio: Studio, release: Release, three: list[str], layers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gold = tmp_path / "gold"
    gold.mkdir()
    for doc_id in three:
        (gold / f"{doc_id}.json").write_text(format_annotation(release.gold[doc_id]), encoding="utf-8")
    monkeypatch.setattr("armsbench.annotations.release.GOLD", gold)
    empty = Report(checked=3, structure_only=0, faults=(), without_text=())
    monkeypatch.setattr("armsbench.annotations.validate.check_release", lambda sources, show: empty)
    title = new_title()
    run(studio, title, "push", "--with", "gold", "--as", "a proposal", *three)

    def turn(result: list[dict[str, Any]]) -> None:
        result.remove(next(item for item in result if item["type"] == "relation"))

    submit(studio, title, edit=turn, only=three[:1])
    submit(studio, title, only=three[1:])
    assert run(studio, title, "pull").exit_code == 0
    diff = CliRunner().invoke(main, ["label-studio", "diff", "anna"])
    assert "1 documents differ from gold, 2 are the same" in diff.stdout
    assert diff.stdout.count("relation -") >= 1
    before = {path.name: path.read_bytes() for path in gold.iterdir()}
    merged = CliRunner().invoke(main, ["label-studio", "merge", "anna"])
    assert merged.exit_code == 0, merged.output
    assert "1 documents changed, 2 were the same" in merged.stdout
    after = {path.name: path.read_bytes() for path in gold.iterdir()}
    assert [name for name in after if after[name] != before[name]] == [f"{three[0]}.json"]
    now = decode_annotation(after[f"{three[0]}.json"])
    old = release.gold[three[0]].provenance
    assert now.provenance is not None
    assert old is not None
    assert (now.provenance.kind, now.provenance.annotator, now.provenance.human) == ("reader", "anna", True)
    assert now.provenance.from_layers == (*old.from_layers, "anna")
    assert now.provenance.doubts == old.doubts


def test_a_personal_access_token_works_as_a_legacy_token_does(studio: Studio, three: list[str]) -> None:
    title = new_title()
    assert "1 added" in run(studio, title, "push", three[0], token=studio.ben).stdout
    assert "1 there already" in run(studio, title, "push", three[0]).stdout
