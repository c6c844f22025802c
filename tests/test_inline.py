"""Marked-up text: reading gives what writing was given, and faults are named with their line."""

from __future__ import annotations

import itertools

import pytest
from armsbench import Annotation, Attributes, Entity, Mention, Relation, Release
from armsbench.annotations.inline import annotation_from_inline, inline_from_annotation
from armsbench.corpus.errors import DataError
from hypothesis import given
from hypothesis import strategies as st

from .conftest import make_document
from .marked import DEAL, marked

# Emoji beyond the basic plane, a flag of two code points, a combining accent, CR LF, double spaces, look-alike braces.
PIECES = st.sampled_from(
    ["a", " ", "  ", "\n", "\r\n", "\U0001f680", "\U0001f1fa\U0001f1f8", "e\u0301", "{", "|", "%", "ß"]
)
TEXTS = st.lists(PIECES, min_size=1, max_size=60).map("".join).filter(lambda t: "{{" not in t)


@st.composite
def annotated(draw: st.DrawFn) -> tuple[str, Annotation]:
    text = draw(TEXTS)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=12)))
    mentions, entities = [], []
    for i, (start, end) in enumerate(zip(cuts[::2], cuts[1::2], strict=False)):
        if text[end - 1] == "{" or "}}" in text[start:end]:
            continue
        surface = " ".join(text[start:end].split())
        mentions.append(Mention(id=f"m{i}", start=start, end=end, label="WEAPON", form="nominal", entity=f"e{i}"))
        entities.append(Entity(id=f"e{i}", label="WEAPON", name=f"n{surface}", attributes=Attributes()))
    relations = tuple(Relation(label="part_of", head=a.id, tail=b.id) for a, b in itertools.pairwise(mentions))
    return text, Annotation(
        doc_id="article-001", mentions=tuple(mentions), entities=tuple(entities), relations=relations
    )


@given(annotated())
def test_reading_gives_back_what_was_written(case: tuple[str, Annotation]) -> None:
    text, annotation = case
    # The format ends the text at the first section line and drops newlines at the very end, as normalised texts do.
    if text.endswith("\n") or "\n%%" in text:
        return
    document = make_document(text)
    assert annotation_from_inline(document, inline_from_annotation(document, annotation)) == annotation


def test_every_gold_annotation_makes_the_round_trip(release: Release) -> None:
    for doc_id, gold in release.gold.items():
        document = release.documents[doc_id]
        again = annotation_from_inline(document, inline_from_annotation(document, gold), gold.provenance)
        assert again.mentions == gold.mentions, doc_id
        assert again.relations == gold.relations, doc_id
        assert {e.id: e for e in again.entities or ()} == {e.id: e for e in gold.entities or ()}, doc_id


def test_offsets_count_code_points_after_an_emoji() -> None:
    document, annotation = marked("\U0001f680\U0001f680 {{m1 WEAPON e1|HIMARS}}")
    assert annotation.mentions is not None
    mention = annotation.mentions[0]
    assert (mention.start, mention.end) == (3, 9)
    assert document.text[mention.start : mention.end] == "HIMARS"


FAULTS = {
    "text-changed": (DEAL.replace("signed", "sighed"), ":1: the text was changed: 'hed a contract"),
    "relation-to-nothing": (DEAL + "item m2 m9\n", "there is no mention 'm9'"),
    "relation-of-two-words": (DEAL + "item m2\n", "is not 'LABEL HEAD TAIL'"),
    "mark-of-two-words": (DEAL.replace("m1 GPE e1|", "m1 GPE|"), "is not '{{ID LABEL ENTITY|surface}}'"),
    "unknown-form": (DEAL.replace("GPE e1|", "GPE.noun e1|"), "'noun' is not a form"),
    "unknown-attribute": (DEAL.replace("iso3=LVA", "country=LVA"), "'country' is not an attribute"),
    "entity-without-mention": (DEAL.replace("e1 iso3", "e99 iso3"), "no mention belongs to entity 'e99'"),
    "number-that-is-not-finite": (DEAL.replace("number=6", "number=nan"), "a number must be finite"),
    "number-that-is-none": (DEAL.replace("number=6", "number=six"), "Expected `int | float | null`"),
}


@pytest.mark.parametrize(("inline", "message"), FAULTS.values(), ids=FAULTS)
def test_fault_is_named(inline: str, message: str) -> None:
    document, _ = marked(DEAL)
    with pytest.raises(DataError) as caught:
        annotation_from_inline(document, inline)
    assert message in str(caught.value)
