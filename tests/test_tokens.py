"""Tokens and tags: every mention of the release comes back from its tags."""

from __future__ import annotations

import pytest
from armsbench import Annotation, Document, Mention, Region, Release
from armsbench.annotations.tokens import spans_of_tags, tag_tokens, token_spans
from armsbench.corpus.errors import DataError
from hypothesis import given
from hypothesis import strategies as st

from .conftest import make_document


def tokens(text: str) -> list[str]:
    document = make_document(text)
    return [text[start:end] for start, end in token_spans(document)]


CASES = {
    "calibre": ("30mm ammunition", ["30mm", "ammunition"]),
    "designation": ("AIM-120C-7s", ["AIM", "-", "120C", "-", "7s"]),
    "money": ("US$1.8 billion", ["US", "$", "1", ".", "8", "billion"]),
    "possessive": ("Taiwan’s", ["Taiwan", "’", "s"]),
    "underscore": ("a_b", ["a", "_", "b"]),
    "combining-mark": ("Bo\u0308ing x\u0301", ["Bo\u0308ing", "x\u0301"]),
    "emoji": ("a\U0001f680b", ["a", "\U0001f680", "b"]),
    "number-run-into-capitals": ("13-67WASHINGTON", ["13", "-", "67", "WASHINGTON"]),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_a_token_never_crosses_a_region() -> None:
    document = make_document("headlinebody", regions=(Region("headline", 0, 8), Region("body", 8, 12)))
    assert token_spans(document) == [(0, 8), (8, 12)]


def test_no_token_is_empty_and_tokens_cover_all_but_space(release: Release) -> None:
    border = make_document("13-67WASHINGTON", regions=(Region("furniture", 0, 5), Region("body", 5, 15)))
    assert token_spans(border) == [(0, 2), (2, 3), (3, 5), (5, 15)]
    for document in release.documents.values():
        spans = token_spans(document)
        assert all(start < end for start, end in spans)
        assert sum(end - start for start, end in spans) == sum(not c.isspace() for c in document.text)


def test_every_mention_of_the_release_comes_back_from_its_tags(release: Release) -> None:
    for document in release.documents.values():
        gold = release.gold[document.id]
        expected = sorted((m.start, m.end, m.label) for m in gold.mentions or ())
        assert spans_of_tags(tag_tokens(document, gold)) == expected, document.id


@given(st.text(alphabet="aB1 .-\u0301\U0001f680\n", min_size=1, max_size=40), st.data())
def test_any_mentions_on_token_edges_come_back(text: str, data: st.DataObject) -> None:
    document: Document = make_document(text)
    spans = token_spans(document)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(spans) - 1), max_size=6))) if spans else []
    mentions = tuple(
        Mention(id=f"m{i}", start=spans[first][0], end=spans[last - 1][1], label="GPE")
        for i, (first, last) in enumerate(zip(cuts[::2], cuts[1::2], strict=False))
    )
    annotation = Annotation(doc_id=document.id, mentions=mentions)
    assert spans_of_tags(tag_tokens(document, annotation)) == [(m.start, m.end, m.label) for m in mentions]


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [pytest.param(0, 3, "token edges", id="inside-a-word"), pytest.param(0, 6, "overlaps", id="overlap")],
)
def test_what_tags_cannot_hold_is_refused(start: int, end: int, message: str) -> None:
    document = make_document("Boeing")
    mentions = (Mention(id="a", start=0, end=6, label="COMPANY"), Mention(id="b", start=start, end=end, label="GPE"))
    with pytest.raises(DataError, match=message):
        tag_tokens(document, Annotation(doc_id="d", mentions=mentions))
