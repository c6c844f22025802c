"""The records: strict decoding, and the file form that diffs well."""

from __future__ import annotations

import msgspec
import pytest
from armsbench import Annotation
from armsbench.annotations.annotation import decode_annotation, encode_annotation, format_annotation

from .marked import DEAL, marked


def test_file_form_and_line_form_decode_to_the_same() -> None:
    _, annotation = marked(DEAL)
    assert decode_annotation(format_annotation(annotation)) == annotation
    assert decode_annotation(encode_annotation(annotation)) == annotation


def test_file_form_has_one_record_a_line() -> None:
    _, annotation = marked(DEAL)
    lines = format_annotation(annotation).splitlines()
    assert sum('"start"' in line for line in lines) == 7
    assert all(line.count('"start"') <= 1 for line in lines)


def test_an_absent_layer_is_not_an_empty_one() -> None:
    absent = decode_annotation(b'{"doc_id": "d"}')
    empty = decode_annotation(b'{"doc_id": "d", "mentions": []}')
    assert absent.mentions is None
    assert empty.mentions == ()
    assert encode_annotation(empty) == b'{"doc_id":"d","mentions":[]}'


@pytest.mark.parametrize(
    ("json", "path"),
    [
        pytest.param('{"doc_id": "d", "mention": []}', "`mention`", id="misspelt-layer"),
        pytest.param('{"doc_id": "d", "mentions": [{"id": "m1"}]}', "$.mentions[0]", id="missing-field"),
        pytest.param(
            '{"doc_id": "d", "mentions": [{"id": "m1", "start": "0", "end": 2, "label": "GPE"}]}',
            "$.mentions[0].start",
            id="offset-as-string",
        ),
        pytest.param(
            '{"doc_id": "d", "mentions": [{"id": "m1", "start": 0, "end": 2, "label": "GPE", "form": "noun"}]}',
            "$.mentions[0].form",
            id="unknown-form",
        ),
        pytest.param('{"mentions": []}', "doc_id", id="no-document"),
    ],
)
def test_a_fault_names_its_path(json: str, path: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=r".*" + path.replace("$", r"\$").replace("[", r"\[")):
        decode_annotation(json)


def test_empty_attributes_are_left_out_however_they_came_about() -> None:
    given = decode_annotation(b'{"doc_id":"d","entities":[{"id":"e","label":"GPE","attributes":{}}]}')
    assert encode_annotation(given) == b'{"doc_id":"d","entities":[{"id":"e","label":"GPE"}]}'


def test_records_are_hashable_and_frozen() -> None:
    _, annotation = marked(DEAL)
    assert hash(annotation.mentions) == hash(annotation.mentions)
    with pytest.raises(AttributeError):
        annotation.doc_id = "other"  # type: ignore[misc]


def test_a_bare_annotation_has_no_layers() -> None:
    bare = Annotation(doc_id="d")
    assert (bare.mentions, bare.entities, bare.relations, bare.deals) == (None, None, None, None)
