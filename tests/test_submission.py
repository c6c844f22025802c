"""Malformed predictions files: every fault with line and field, exit status 1, never a traceback."""

from __future__ import annotations

import json
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from armsbench import Release
from armsbench.annotations.annotation import encode_annotation
from armsbench.benchmark.scoring import score_predictions
from armsbench.benchmark.submission import Submission, read_submission
from armsbench.cli import main
from armsbench.corpus.errors import Fault, SubmissionError
from armsbench.corpus.jsonl import MAX_LINE
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st


def gold_lines(release: Release) -> list[bytes]:
    """The gold of the test articles as a submission, a line each."""
    return [encode_annotation(release.gold[d.id]) for d in release.select("articles", "test")]


def first_document(release: Release) -> str:
    return release.select("articles", "test")[0].id


def changed(line: bytes, **changes: Any) -> bytes:
    return json.dumps(json.loads(line) | changes).encode()


def mention(**changes: Any) -> dict[str, Any]:
    return {"id": "m1", "start": 0, "end": 3, "label": "GPE"} | changes


def other_split(release: Release) -> str:
    return release.select("articles", "train")[0].id


# What to write instead of the first gold line, and what the faults must say.
LINES: dict[str, tuple[Any, list[str]]] = {
    "bad-json": (b'{"doc_id": ', [":1: not JSON"]),
    "not-an-object": (b"[1, 2]", [":1: $: Expected `object`"]),
    "binary": (b"\x00\x01\x02\xff", [":1: binary data"]),
    "latin-1": ('{"doc_id": "é"}'.encode("latin-1"), [":1: byte 0xe9 at 12 is not UTF-8"]),
    "unknown-document": ({"doc_id": "article-0001"}, ["$.doc_id: unknown document 'article-0001'. Did you mean"]),
    "document-of-another-split": ({"doc_id": other_split}, ["is in split train, not test"]),
    "offsets-reversed": ({"mentions": [mention(start=5, end=2)]}, ["$.mentions[0].end: 2 is not after start 5"]),
    "offsets-beyond-the-text": ({"mentions": [mention(end=10**9)]}, ["$.mentions[0].end: 1000000000 is beyond"]),
    "offset-negative": ({"mentions": [mention(start=-1)]}, ["$.mentions[0].start: -1 is negative"]),
    "offset-as-text": ({"mentions": [mention(start="0")]}, ["$.mentions[0].start: Expected `int`, got `str`"]),
    "offset-as-fraction": ({"mentions": [mention(start=0.5)]}, ["$.mentions[0].start: Expected `int`"]),
    "offset-huge": ({"mentions": [mention(end=10**30)]}, ["$.mentions[0].end"]),
    "unknown-label": ({"mentions": [mention(label="WEAPONS")]}, ["Did you mean 'WEAPON'"]),
    "unknown-field": ({"mentions": [mention(text="x")]}, ["$.mentions[0].text: unknown field"]),
    "missing-field": ({"mentions": [{"id": "m1", "start": 0, "end": 1}]}, ["$.mentions[0].label: missing"]),
    "mention-id-twice": ({"mentions": [mention(), mention()], "entities": None}, ["'m1' stands twice"]),
    "dangling-relation": (
        {"mentions": [mention()], "relations": [{"label": "item", "head": "m1", "tail": "m7"}]},
        ["$.relations[0].tail: there is no mention 'm7'"],
    ),
    "relation-without-mentions": (
        {"mentions": None, "relations": [{"label": "item", "head": "m1", "tail": "m2"}]},
        ["$.relations: relations without mentions"],
    ),
    "unknown-relation": (
        {"mentions": [mention()], "relations": [{"label": "items", "head": "m1", "tail": "m1"}]},
        ["Did you mean 'item'"],
    ),
    "dangling-entity": ({"mentions": [mention(entity="e9")], "entities": []}, ["there is no entity 'e9'"]),
    "dangling-package": (
        {"deals": [{"id": "d1", "part_of": ["d2"]}]},
        ["$.deals[0].part_of[0]: there is no deal 'd2'"],
    ),
    "deal-part-of-itself": ({"deals": [{"id": "d1", "part_of": ["d1"]}]}, ["a deal cannot be part of itself"]),
    "deal-date": ({"deals": [{"id": "d1", "dated": ["5 May 2023"]}]}, ["$.deals[0].dated[0]: '5 May 2023' is not"]),
    "deal-country": (
        {"deals": [{"id": "d1", "recipient": [{"name": "Taiwan", "iso3": "Taiwan"}]}]},
        ["$.deals[0].recipient[0].iso3: 'Taiwan' is not a value of iso3"],
    ),
    "deal-currency": (
        {"deals": [{"id": "d1", "value": [{"amount": 1, "currency": "dollars"}]}]},
        ["$.deals[0].value[0].currency: 'dollars' is not a value of currency"],
    ),
    "attribute-value": (
        {"mentions": [], "entities": [{"id": "e1", "label": "DEAL", "attributes": {"status": "aproved"}}]},
        ["$.entities[0].attributes.status: unknown status 'aproved'. Did you mean 'approved'"],
    ),
    "deal-status": ({"deals": [{"id": "d1", "status": "aproved"}]}, ["Did you mean 'approved'"]),
    "several-faults-in-a-line": (
        {"mentions": [mention(start="0"), mention(id=5, end=None), "x"], "relations": {}, "extra": 1},
        [
            "$.mentions[0].start: Expected `int`, got `str`",
            "$.mentions[1].id: Expected `str`, got `int`",
            "$.mentions[1].end: Expected `int`, got `null`",
            "$.mentions[2]: Expected `object`, got `str`",
            "$.relations: Expected `array`, got `object`",
            "$.extra: unknown field",
        ],
    ),
    "deeply-nested": (b"[" * 100_000, [":1: "]),
    "lone-surrogate": (b'{"doc_id": "\\ud800"}', [":1: "]),
}


@pytest.mark.parametrize(("line", "expected"), LINES.values(), ids=LINES)
def test_a_wrong_line(line: Any, expected: list[str], release: Release, tmp_path: Path) -> None:
    lines = gold_lines(release)
    if isinstance(line, dict):
        bare = {"doc_id": first_document(release)}
        line = json.dumps(bare | {k: v(release) if callable(v) else v for k, v in line.items()}).encode()
    path = tmp_path / "predictions.jsonl"
    path.write_bytes(b"\n".join([line, *lines[1:]]))
    result = CliRunner().invoke(main, ["validate", str(path)])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    for message in expected:
        assert message in result.output


def test_bad_json_at_line_17_is_named_with_the_others(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "predictions.jsonl"
    lines = [b""] * 16 + [b"{", b'{"doc_id": "nothing"}', *gold_lines(release)]
    path.write_bytes(b"\n".join(lines))
    with pytest.raises(SubmissionError) as caught:
        read_submission(path, release)
    assert [fault.where.removeprefix(str(path)) for fault in caught.value.faults] == [":17", ":18: $.doc_id"]


def test_one_object_over_several_lines_is_one_fault(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "predictions.jsonl"
    path.write_text(json.dumps(json.loads(gold_lines(release)[0]), indent=1))
    with pytest.raises(SubmissionError) as caught:
        read_submission(path, release)
    (fault,) = caught.value.faults
    assert "over several lines" in str(fault)


def test_a_document_given_twice(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "predictions.jsonl"
    lines = gold_lines(release)
    path.write_bytes(b"\n".join([*lines, lines[0]]))
    with pytest.raises(SubmissionError, match="stands already in line 1"):
        read_submission(path, release)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "empty", id="empty-file"),
        pytest.param(b"\n \n", "empty", id="blank-lines-only"),
        pytest.param(b"\xef\xbb\xbf{}", "byte order mark", id="byte-order-mark"),
        pytest.param(bytes(range(256)) * 40, "binary data", id="binary-file"),
    ],
)
def test_a_wrong_file(content: bytes, message: str, release: Release, tmp_path: Path) -> None:
    path = tmp_path / "predictions.jsonl"
    path.write_bytes(content)
    with pytest.raises(SubmissionError, match=message):
        read_submission(path, release)


@pytest.mark.parametrize("name", ["nothing.jsonl", "."])
def test_no_file(name: str, release: Release, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="cannot be read"):
        read_submission(tmp_path / name, release)


def test_a_line_of_200_mb_is_a_fault_and_takes_little_memory(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "predictions.jsonl"
    with path.open("wb") as handle:
        handle.write(b'{"doc_id": "')
        for _ in range(200):
            handle.write(b"x" * 1_000_000)
        handle.write(b'"}\n' + b"\n".join(gold_lines(release)))
    tracemalloc.start()
    started = time.monotonic()
    try:
        with pytest.raises(SubmissionError, match=r":1: the line has 200,000,015 bytes"):
            read_submission(path, release)
        assert tracemalloc.get_traced_memory()[1] < 5 * MAX_LINE
    finally:
        tracemalloc.stop()
    assert time.monotonic() - started < 30


def test_a_document_or_layer_that_is_missing(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "predictions.jsonl"
    lines = gold_lines(release)
    path.write_bytes(b"\n".join(lines[1:]))
    with pytest.raises(SubmissionError, match=f"no line for '{first_document(release)}'"):
        read_submission(path, release)
    assert len(read_submission(path, release, missing_as_empty=True).predictions) == len(lines) - 1
    path.write_bytes(b"\n".join([changed(lines[0], relations=None), *lines[1:]]))
    with pytest.raises(SubmissionError, match=f"no layers of task relations for '{first_document(release)}'"):
        read_submission(path, release)


def test_a_million_faults_are_counted_and_few_are_shown(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "predictions.jsonl"
    path.write_bytes(b"x\n" * 30_000)
    result = CliRunner().invoke(main, ["validate", str(path)])
    assert result.exit_code == 1
    assert "30,000 faults" in result.output
    assert "and 29980 more" in result.output
    assert len(result.output.splitlines()) < 30


def test_json_report_of_faults(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "predictions.jsonl"
    path.write_bytes(b"{\n")
    result = CliRunner().invoke(main, ["validate", "--json", str(path)])
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    assert report["valid"] is False
    assert report["faults"][0]["where"] == f"{path}:1"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def mutated(draw: st.DrawFn, line: bytes) -> bytes:
    """A valid line with one value somewhere in it replaced by any JSON value, or a byte changed, cut or doubled."""
    if draw(st.booleans()):
        position = draw(st.integers(0, len(line) - 1))
        return line[:position] + draw(st.binary(max_size=3)) + line[position + draw(st.integers(0, 3)) :]
    record = json.loads(line)
    place: Any = record
    while isinstance(place, dict | list) and place:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and place[key] and draw(st.booleans()):
            place = place[key]
        else:
            place[key] = draw(JSON)
            break
    return json.dumps(record).encode("utf-8", "surrogatepass")


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_any_mutation_of_a_submission_is_read_or_refused(data: st.DataObject, release: Release, tmp_path: Path) -> None:
    lines = gold_lines(release)
    path = tmp_path / "predictions.jsonl"
    path.write_bytes(b"\n".join([data.draw(mutated(lines[0])), *lines[1:]]))
    faults, submission = read_or_refuse(path, release)
    if submission is None:
        assert faults
        assert all(str(path) in fault.where for fault in faults)
    else:
        score_predictions(release, submission.predictions, collections=["articles"], resamples=0)


def read_or_refuse(path: Path, release: Release) -> tuple[tuple[Fault, ...], Submission | None]:
    """The submission, or the faults for which it is refused; any other exception is a failure of the test."""
    try:
        return (), read_submission(path, release, missing_as_empty=True)
    except SubmissionError as error:
        return error.faults, None


def test_repeated_claims_are_scored_once_and_counted(release: Release, tmp_path: Path) -> None:
    lines = gold_lines(release)
    first = json.loads(lines[0])
    again = [{**first["mentions"][0], "id": "again"}, {**first["mentions"][1], "id": "and-again"}]
    repeated = {
        **first,
        "mentions": first["mentions"] + again,
        "relations": first["relations"] + [first["relations"][0]],
    }
    path = tmp_path / "repeated.jsonl"
    path.write_bytes(b"\n".join([json.dumps(repeated).encode(), *lines[1:]]) + b"\n")
    assert read_submission(path, release).repeated == 3
    result = CliRunner().invoke(main, ["score", str(path), "--resamples", "0", "--json"])
    assert "3 mentions or relations say what another one says" in result.stderr
    by_task = {s["task"]: s["measures"][s["headline"]]["f1"] for s in json.loads(result.stdout)["scores"]}
    assert by_task["mentions"] == by_task["relations"] == 1.0
