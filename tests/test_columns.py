"""The scanner in C reads what msgspec reads, or says that it does not know: it never judges and never guesses."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from armsbench import Annotation, Entity, Mention
from armsbench.annotations.annotation import decode_annotation, encode_annotation
from armsbench.annotations.structure import structure_faults
from armsbench.benchmark import columns, two_files
from armsbench.benchmark.columns import columns_of, scanned_columns
from armsbench.benchmark.count_mentions import MAX_LABELS
from armsbench.benchmark.two_files import count_files
from armsbench.corpus.errors import SubmissionError
from hypothesis import given, settings
from hypothesis import strategies as st

PLAIN = (
    b'{"doc_id":"d1","mentions":[{"id":"m1","start":0,"end":4,"label":"GPE"},'
    b'{"id":"m2","start":5,"end":9,"label":"A"}]}'
)
LINKED = (
    b'{"doc_id":"d1","mentions":[{"id":"m1","start":0,"end":4,"label":"GPE","entity":"e1"},'
    b'{"id":"m2","start":5,"end":9,"label":"A"},{"id":"m3","start":10,"end":12,"label":"A","entity":"e1"}],'
    b'"entities":[{"id":"e1","label":"GPE"},{"id":"e2","label":"A"}]}'
)


@pytest.fixture(autouse=True)
def built() -> None:
    """The scanner, without which there is nothing to test here; in CI there is a compiler."""
    if columns._scan is None:
        assert not os.environ.get("CI"), "the scanner in C was not built"
        pytest.skip("the scanner in C was not built")


def scanned(lines: bytes, *, entities: bool = False) -> tuple[tuple[str, ...], columns.Columns] | None:
    return scanned_columns(lines, sum(bool(line.strip()) for line in lines.split(b"\n")), entities=entities)


def assert_same(found: tuple[tuple[str, ...], columns.Columns], annotations: list[Annotation]) -> None:
    doc_ids, its = found
    expected = columns_of(annotations)
    assert doc_ids == tuple(a.doc_id for a in annotations)
    for name in ("sizes", "start", "end", "label", "form", "labels"):
        np.testing.assert_array_equal(getattr(its, name), getattr(expected, name), err_msg=name)
    if its.cluster is None:
        assert all(a.entities is None for a in annotations)
        return
    numbers: dict[object, int] = {}
    keys = [(i, m.entity_key) for i, a in enumerate(annotations) for m in a.mentions or ()]
    # In the order of mentions wherever entities stand, so that sums over clusters are the same to the last digit.
    assert its.cluster.tolist() == [numbers.setdefault(key, len(numbers)) for key in keys]
    assert all(a.entities is not None for a in annotations)
    for a in annotations:  # offsets are looked at later, in the arrays
        somewhere = tuple(msgspec.structs.replace(m, start=0, end=1) for m in a.mentions or ())
        assert structure_faults(msgspec.structs.replace(a, mentions=somewhere), None, "") == []


TEXTS = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters='"\\'), max_size=12)
OFFSETS = st.integers(0, 30) | st.integers(0, 9_999_999_999)
MENTIONS = st.fixed_dictionaries({"id": TEXTS, "start": OFFSETS, "end": OFFSETS, "label": TEXTS})
PLAIN_DOCUMENTS = st.fixed_dictionaries({"doc_id": TEXTS, "mentions": st.lists(MENTIONS, max_size=5)})


@st.composite
def linked_documents(draw: st.DrawFn) -> dict[str, Any]:
    """A document whose mentions belong to entities that it lists, or to none."""
    ids = draw(st.lists(TEXTS, max_size=4, unique=True))
    mentions = draw(st.lists(MENTIONS, max_size=6, unique_by=lambda m: str(m["id"])))
    of = draw(st.lists(st.sampled_from([None, *ids]), min_size=len(mentions), max_size=len(mentions)))
    linked = [m if its is None else {**m, "entity": its} for m, its in zip(mentions, of, strict=True)]
    return {"doc_id": draw(TEXTS), "mentions": linked, "entities": [{"id": i, "label": draw(TEXTS)} for i in ids]}


FILES = st.one_of(
    st.tuples(st.just(False), st.lists(PLAIN_DOCUMENTS, min_size=1, max_size=4)),
    st.tuples(st.just(True), st.lists(linked_documents(), min_size=1, max_size=4)),
)
"""Documents of one file, and whether they have entities."""


@st.composite
def written(draw: st.DrawFn, value: Any) -> str:
    """JSON of ``value`` with keys in any order and white space in any place."""

    def gap() -> str:
        return draw(st.text(" \t\r", max_size=2))

    def listed(parts: list[str]) -> str:
        return gap() + ",".join(gap() + part + gap() for part in parts)

    if isinstance(value, dict):
        items = draw(st.permutations(list(value.items())))
        return "{" + listed([f'"{key}"{gap()}:{gap()}{draw(written(its))}' for key, its in items]) + "}"
    if isinstance(value, list):
        return "[" + listed([draw(written(its)) for its in value]) + "]"
    return json.dumps(value)


@given(st.data(), FILES, st.sampled_from(["\n", "\r\n", "\n \n\n"]), st.booleans())
def test_plain_mentions_in_any_layout(
    data: st.DataObject, file: tuple[bool, list[dict[str, Any]]], newline: str, ended: bool
) -> None:
    entities, documents = file
    lines = newline.join(data.draw(written(document)) for document in documents) + newline * ended
    found = scanned(lines.encode(), entities=entities)
    assert found is not None
    assert scanned(lines.encode(), entities=not entities) is None
    assert_same(found, [msgspec.convert(document, Annotation) for document in documents])


@settings(max_examples=1000)
@given(st.data(), FILES)
def test_what_is_scanned_is_an_annotation(data: st.DataObject, file: tuple[bool, list[dict[str, Any]]]) -> None:
    """Whatever bytes are changed: the scanner reads what msgspec reads, or says that it does not know."""
    entities, documents = file
    lines = bytearray("\n".join(json.dumps(d) for d in documents).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(lines)))
        new = data.draw(
            st.binary(max_size=2) | st.sampled_from([b"0", b"-", b",", b"}", b"{", b'"', b"\n", b".", b"e"])
        )
        lines[at : at + data.draw(st.integers(0, 2))] = new
    found = scanned(bytes(lines), entities=entities)
    if found is not None:
        assert_same(found, [decode_annotation(line) for line in lines.split(b"\n") if line.strip()])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b'"start":0', b'"start":00', id="leading zero"),
        pytest.param(b'"start":0', b'"start":-0', id="minus"),
        pytest.param(b'"start":0', b'"start":0.0', id="fraction"),
        pytest.param(b'"end":4', b'"end":4e0', id="exponent"),
        pytest.param(b'"end":4', b'"end":10000000000', id="eleven digits"),
        pytest.param(b'"end":4', b'"end":"4"', id="number as a string"),
        pytest.param(b'"end":4', b'"end":null', id="null"),
        pytest.param(b'"end":4', b'"end":', id="no value"),
        pytest.param(b'"end":4,', b"", id="missing field"),
        pytest.param(b'"end":4', b'"end":4,"end":4', id="field twice"),
        pytest.param(b'"end":4', b'"end":4,"form":"name"', id="form"),
        pytest.param(b'"end":4', b'"end":4,"entity":null', id="entity"),
        pytest.param(b'"end":4', b'"end":4,"en":4', id="unknown field that begins like a known one"),
        pytest.param(b'"end":4', b'"end":4,', id="comma too many in a mention"),
        pytest.param(b'"GPE"', b'"G\\u0050E"', id="escape"),
        pytest.param(b'"GPE"', '"GPÉ"'.encode(), id="not ASCII"),
        pytest.param(b'"GPE"', b'"G\xffE"', id="not UTF-8"),
        pytest.param(b'"GPE"', b'"G\tE"', id="control character"),
        pytest.param(b'"GPE"', b'"G\x00E"', id="NUL in a string"),
        pytest.param(b'"GPE"', b'"GPE', id="string without an end"),
        pytest.param(b'"mentions":[', b'"mentions":[{},', id="empty mention"),
        pytest.param(b'"mentions":[', b'"mentions":[,', id="comma too many in the list"),
        pytest.param(b'"A"}]', b'"A"},]', id="comma at the end of the list"),
        pytest.param(b"}]}", b'}],"entities":[]}', id="another layer"),
        pytest.param(b"}]}", b'}],"mentions":[]}', id="layer twice"),
        pytest.param(b"}]}", b"}]", id="cut"),
        pytest.param(b"}]}", b"}]}}", id="bracket too many"),
        pytest.param(b"}]}", b"}]}\x00", id="NUL behind"),
        pytest.param(b"}]}", b"}]}\v", id="white space that is none in JSON"),
        pytest.param(b'"doc_id":"d1",', b"", id="no id"),
        pytest.param(b'{"doc_id"', b'[{"doc_id"', id="list"),
        pytest.param(b'{"doc_id"', b'\xef\xbb\xbf{"doc_id"', id="byte order mark"),
        pytest.param(PLAIN, PLAIN + PLAIN, id="two documents on a line"),
        pytest.param(PLAIN, b'{"doc_id":"d1"}', id="no mentions"),
        pytest.param(PLAIN, b'{"doc_id":"d1","mentions":null}', id="mentions null"),
        pytest.param(PLAIN, b"{}", id="empty object"),
        pytest.param(PLAIN, b"null", id="null line"),
    ],
)
def test_what_is_not_plain(old: bytes, new: bytes) -> None:
    assert scanned(PLAIN) is not None
    assert old in PLAIN
    assert scanned(PLAIN.replace(old, new, 1)) is None
    assert scanned(PLAIN + b"\n" + PLAIN.replace(old, new, 1) + b"\n") is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b'"m2"', b'"m1"', id="mention id twice"),
        pytest.param(b'"id":"e2"', b'"id":"e1"', id="entity id twice"),
        pytest.param(b'"A","entity":"e1"', b'"A","entity":"e3"', id="entity that is not listed"),
        pytest.param(b'"A","entity":"e1"', b'"A","entity":null', id="entity null"),
        pytest.param(b'"A","entity":"e1"', b'"A","entity":1', id="entity a number"),
        pytest.param(b'"A","entity":"e1"', b'"A","entity":"e1","entity":"e1"', id="entity field twice"),
        pytest.param(b'{"id":"e2","label":"A"}', b'{"id":"e2"}', id="entity without a label"),
        pytest.param(b'{"id":"e2","label":"A"}', b'{"label":"A"}', id="entity without an id"),
        pytest.param(b'{"id":"e2","label":"A"}', b'{"id":"e2","label":"A","attributes":{}}', id="attributes"),
        pytest.param(b'{"id":"e2","label":"A"}', b"null", id="entity that is null"),
        pytest.param(b'{"id":"e2","label":"A"}', b"", id="comma too many in entities"),
        pytest.param(b'"entities":[', b'"entities":[],"entities":[', id="entities twice"),
        pytest.param(b'"entities":[', b'"relations":[],"entities":[', id="another layer"),
        pytest.param(b',"entities":[{"id":"e1","label":"GPE"},{"id":"e2","label":"A"}]', b"", id="no entities"),
        pytest.param(b'[{"id":"e1","label":"GPE"},{"id":"e2","label":"A"}]', b"null", id="entities null"),
    ],
)
def test_what_is_not_plain_with_entities(old: bytes, new: bytes) -> None:
    assert scanned(LINKED, entities=True) is not None
    assert old in LINKED
    assert scanned(LINKED.replace(old, new, 1), entities=True) is None
    assert scanned(LINKED + b"\n" + LINKED.replace(old, new, 1) + b"\n", entities=True) is None


def test_clusters_are_of_one_document() -> None:
    found = scanned(LINKED + b"\n" + LINKED, entities=True)
    assert found is not None
    assert found[1].cluster is not None
    assert found[1].cluster.tolist() == [0, 1, 0, 2, 3, 2]


def test_fewer_or_more_documents_than_said() -> None:
    lines = PLAIN + b"\n" + PLAIN + b"\n"
    assert scanned_columns(lines, 1, entities=False) is None
    assert scanned_columns(lines, 3, entities=False) is None
    assert scanned_columns(lines, 2, entities=False) is not None


def test_as_many_labels_as_are_counted_and_no_more() -> None:
    def document(labels: int) -> bytes:
        its = tuple(Mention(id="", start=0, end=1, label=f"{i}") for i in range(labels))
        return encode_annotation(Annotation(doc_id="d", mentions=its))

    found = scanned(document(MAX_LABELS))
    assert found is not None
    assert found[1].labels == tuple(map(str, range(MAX_LABELS)))
    assert scanned(document(MAX_LABELS + 1)) is None


@pytest.mark.parametrize("of", ["mentions", "entities"])
def test_as_many_ids_as_are_known_and_no_more(of: str) -> None:
    def document(count: int) -> bytes:
        its = tuple(Mention(id=f"{i}", start=0, end=1, label="A") for i in range(count)) if of == "mentions" else ()
        entities = tuple(Entity(id=f"{i}", label="A") for i in range(count)) if of == "entities" else ()
        return encode_annotation(Annotation(doc_id="d", mentions=its, entities=entities))

    lines = document(MAX_LABELS) + b"\n"
    assert scanned(lines + lines, entities=True) is not None
    assert scanned(lines + document(MAX_LABELS + 1), entities=True) is None


def test_arrays_that_are_too_short_are_not_written_beyond() -> None:
    assert columns._scan is not None
    scan = columns._scan.scan
    room = np.zeros(2, np.int64)
    for lines in (PLAIN, LINKED):
        lengths = (9, 9, 9, 9 * (lines is LINKED))
        assert scan(lines, room[:1], *(np.zeros(n, np.int64) for n in lengths)) is not None
        assert scan(lines, room[:0], *(np.zeros(n, np.int64) for n in lengths)) is None
        assert scan(lines, room[:1], *(np.zeros(min(n, 1), np.int64) for n in lengths)) is None
    for lengths in ((2, 2, 1, 0), (2, 1, 2, 0), (2, 2, 2, 1)):
        with pytest.raises(ValueError, match="one length"):
            scan(PLAIN, room, *(np.zeros(n, np.int64) for n in lengths))


def made(folder: Path, *, entities: bool) -> tuple[Path, Path]:
    """Gold and predictions of 30 documents, with things wrong."""
    gold: list[dict[str, Any]] = []
    predicted: list[dict[str, Any]] = []
    for i in range(30):
        its = [{"id": f"m{j}", "start": 7 * j, "end": 7 * j + 3, "label": f"T{(i + j) % 4}"} for j in range(i % 9)]
        gold.append({"doc_id": f"d{i}", "mentions": its})
        wrong = [{"id": f"m{j}", "start": 7 * j, "end": 7 * j + 3 + i % 3, "label": "T1"} for j in range(i % 9)] + [
            {"id": "x", "start": 1, "end": 9, "label": "T9"}
        ]
        predicted.append({"doc_id": f"d{i}", "mentions": wrong})
        for side, count in (gold[-1:], 3), (predicted[-1:], 4):
            if entities:
                side[0]["mentions"] = [
                    {**m, "entity": f"e{j % count}"} if j % 5 else m for j, m in enumerate(side[0]["mentions"])
                ]
                side[0]["entities"] = [{"id": f"e{j}", "label": "T1"} for j in range(4)]
    paths = folder / "gold.jsonl", folder / "predicted.jsonl"
    for path, documents in zip(paths, (gold, predicted), strict=True):
        path.write_text("\n".join(map(json.dumps, documents)))
    return paths


@pytest.mark.parametrize(
    "case",
    [
        "as it is",
        "another order",
        "documents missing",
        "all but one missing",
        "a span twice",
        "one without entities",
        "entities first",
    ],
)
@pytest.mark.parametrize("chunk_bytes", [two_files.CHUNK_BYTES, 500])
@pytest.mark.parametrize("entities", [False, True])
def test_the_numbers_are_the_same_without_it(
    entities: bool, case: str, chunk_bytes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(two_files, "CHUNK_BYTES", chunk_bytes)
    gold, predicted = made(tmp_path, entities=entities)
    lines = predicted.read_text().split("\n")
    if case == "a span twice":  # which of its two clusters it counts in is decided by labels and ids
        lines[8] = lines[8].replace('"mentions": [', '"mentions": [{"id":"y","start":1,"end":9,"label":"T8"},')
    if case == "entities first":  # sums over clusters go in the order of mentions all the same
        lines = [json.dumps(dict(reversed(json.loads(line).items()))) for line in lines]
    if case == "one without entities":
        whole = json.loads(lines[8])
        bare = [{key: value for key, value in m.items() if key != "entity"} for m in whole["mentions"]]
        lines[8] = json.dumps({"doc_id": whole["doc_id"], "mentions": bare})
    missing = case != "as it is"
    kept = {"another order": lines[::-1], "documents missing": lines[::3], "all but one missing": lines[7:8]}
    predicted.write_text("\n\n".join(kept.get(case, lines)))
    scored = []
    for scanner in (columns._scan, None):
        monkeypatch.setattr(columns, "_scan", scanner)
        scored.append(count_files(gold, predicted, missing_as_empty=missing).score(resamples=50, seed=1))
    assert scored[0] == scored[1]
    assert [score.task for score in scored[0]] == ["mentions", "coreference"][: 1 + entities]
    assert scored[0][0].documents == 30


@pytest.mark.parametrize("entities", [False, True])
def test_faults_are_the_same_without_it(entities: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gold, predicted = made(tmp_path, entities=entities)
    predicted.write_text(predicted.read_text().replace('"end": 24', '"end": 2').replace('"d3"', '"d2"'))
    said = []
    for scanner in (columns._scan, None):
        monkeypatch.setattr(columns, "_scan", scanner)
        with pytest.raises(SubmissionError) as caught:
            count_files(gold, predicted)
        said.append(str(caught.value))
    assert said[0] == said[1]
    assert "$.mentions[3]" in said[0]


@pytest.mark.parametrize("entities", [False, True])
@pytest.mark.parametrize("missing", [False, True])
def test_plain_files_take_the_short_way(
    missing: bool, entities: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(line: bytes) -> Annotation:
        raise AssertionError("decoded")

    monkeypatch.setattr(two_files, "decode_annotation", refuse)
    monkeypatch.setattr(two_files, "processors", lambda: 1)
    gold, predicted = made(tmp_path, entities=entities)
    if missing:
        predicted.write_text("\n".join(predicted.read_text().split("\n")[3:]))
    counted = count_files(gold, predicted, missing_as_empty=missing).counted
    assert [each.task.name for each in counted] == ["mentions", "coreference"][: 1 + entities]
    assert [len(each.missing) for each in counted] == [3 * missing] * (1 + entities)
