"""Every violation that ``check`` reports, each with its paragraph; and that good annotations pass."""

from __future__ import annotations

import pytest
from armsbench import Annotation, Mention, Region
from armsbench.annotations.check import guideline_faults
from armsbench.annotations.structure import structure_faults

from .conftest import make_document
from .marked import DEAL, marked


def faults_of(inline: str) -> list[tuple[str | None, str]]:
    document, annotation = marked(inline)
    found = structure_faults(annotation, document, "file") or guideline_faults(annotation, document, "file")
    return [(fault.paragraph, str(fault)) for fault in found]


def test_a_good_annotation_passes() -> None:
    assert faults_of(DEAL) == []


GUIDELINES = {
    "article-in-description": ("the {{m1 WEAPON.nominal e1|the missiles}}", "2.5", "begins with an article"),
    "possessive-in-description": ("{{m1 MILITARY.nominal e1|its armed forces}}", "2.5", "possessive"),
    "pronoun": ("{{m1 COMPANY.nominal e1|it}}", "2.1", "pronoun"),
    "trailing-comma": ("{{m1 COMPANY e1|Boeing,}} said", "2.5", "punctuation"),
    "leading-quote": ("“{{m1 COMPANY e1|“Boeing}}", "2.5", "punctuation"),
    "half-a-word": ("{{m1 MILITARY e1|RSAF}}s ability", "6.24", "inside a word"),
    "form-of-a-value": ("{{m1 GPE.value e1|Latvia}}\n\n%% entities\ne1 iso3=LVA", "2.3", "cannot be value"),
    "amount-without-figure": (
        "{{m1 MONEY e1|billions of dollars}}\n\n%% entities\ne1 amount=1 currency=USD modifier=about",
        "2.11",
        "without a figure",
    ),
    "quantity-in-parentheses": (
        "{{m1 QUANTITY e1|six (6)}}\n\n%% entities\ne1 number=6 modifier=exact",
        "2.11",
        "bare number",
    ),
    "country-without-code": ("{{m1 GPE e1|Latvia}}", "3.5", "lacks iso3"),
    "code-of-no-country": ("{{m1 GPE e1|Latvia}}\n\n%% entities\ne1 iso3=XYZ", "3.5", "not an ISO 3166-1"),
    "attribute-of-another-label": ("{{m1 COMPANY e1|Boeing}}\n\n%% entities\ne1 iso3=USA", "3.5", "has no attribute"),
    "date-that-is-none": ("{{m1 DATE e1|May}}\n\n%% entities\ne1 iso=2023-13", "3.5", "not a value of iso"),
    "status-misspelt": ("{{m1 DEAL e1|sale}}\n\n%% entities\ne1 status=aproved", "3.5", "Did you mean 'approved'"),
    "entity-of-two-labels": (
        "{{m1 COMPANY e1|Boeing}} {{m2 ORGANIZATION e1|Boeing}}",
        "3.1",
        "is COMPANY but has a mention that is ORGANIZATION",
    ),
    "mention-without-entity": ("{{m1 COMPANY -|Boeing}}", "3.1", "belongs to no entity"),
    "relation-twice": (DEAL + "item m2 m4\n", "4.1", "stands twice"),
    "relation-to-itself": (
        "{{m1 DEAL e1|sale}} {{m2 DEAL e1|sale}}\n\n%% relations\npart_of m1 m2",
        "4",
        "links an entity to itself",
    ),
    "parts-in-a-circle": (
        "{{m1 DEAL e1|sale}} {{m2 DEAL e2|package}}\n\n%% relations\npart_of m1 m2\npart_of m2 m1",
        "3.4",
        "is part of itself",
    ),
}


@pytest.mark.parametrize(("inline", "paragraph", "message"), GUIDELINES.values(), ids=GUIDELINES)
def test_violation_has_its_paragraph(inline: str, paragraph: str, message: str) -> None:
    found = faults_of(inline)
    assert any(p == paragraph and message in text for p, text in found), found


def test_us_in_capitals_is_a_country_not_a_pronoun() -> None:
    assert faults_of("{{m1 GPE e1|US}} forces\n\n%% entities\ne1 iso3=USA") == []


def test_every_overlap_is_named() -> None:
    document = make_document("x" * 40)
    spans = {"m1": (0, 40), "m2": (5, 10), "m3": (20, 30)}
    annotation = Annotation(
        doc_id=document.id,
        mentions=tuple(
            Mention(id=i, start=s, end=e, label="COMPANY", form="name", entity="e1") for i, (s, e) in spans.items()
        ),
        entities=(),
        relations=(),
    )
    overlaps = [str(f) for f in guideline_faults(annotation, document, "file") if "overlap" in f.message]
    assert len(overlaps) == 2


def test_overlap_and_region() -> None:
    text = "Staff report Boeing"
    document = make_document(text, regions=(Region("byline", 0, 13), Region("body", 13, 19)))
    annotation = Annotation(
        doc_id=document.id,
        mentions=(
            Mention(id="m1", start=0, end=5, label="COMPANY", form="name", entity="e1"),
            Mention(id="m2", start=13, end=19, label="COMPANY", form="name", entity="e1"),
            Mention(id="m3", start=15, end=19, label="COMPANY", form="name", entity="e1"),
        ),
        entities=(),
        relations=(),
    )
    paragraphs = {fault.paragraph for fault in guideline_faults(annotation, document, "file")}
    assert {"1.2", "2"} <= paragraphs


@pytest.mark.parametrize(
    ("mention", "message"),
    [
        pytest.param({"start": -1, "end": 2}, "negative", id="negative"),
        pytest.param({"start": 5, "end": 2}, "not after start", id="reversed"),
        pytest.param({"start": 2, "end": 2}, "not after start", id="empty"),
        pytest.param({"start": 0, "end": 7}, "beyond the text", id="beyond"),
        pytest.param({"label": "WAEPON"}, "Did you mean 'WEAPON'", id="label"),
        pytest.param({"entity": "e9"}, "there is no entity 'e9'", id="entity"),
    ],
)
def test_structure(mention: dict[str, object], message: str) -> None:
    document = make_document("Boeing")
    fields = {"id": "m1", "start": 0, "end": 6, "label": "COMPANY"} | mention
    annotation = Annotation(doc_id=document.id, mentions=(Mention(**fields),), entities=())  # type: ignore[arg-type]
    assert [message in str(f) for f in structure_faults(annotation, document, "file")] == [True]


def test_a_wrong_mention_is_not_reported_again_by_its_relations() -> None:
    document, annotation = marked(DEAL.replace("WEAPON e4", "WAEPON e4"))
    faults = [f for f in structure_faults(annotation, document, "file") if "mentions" in f.where]
    assert len(faults) == 1
    assert not [f for f in structure_faults(annotation, document, "file") if "relations" in f.where]


def test_relation_between_labels_that_the_scheme_forbids() -> None:
    document, annotation = marked(DEAL + "manufacturer m2 m6\n")
    (fault,) = structure_faults(annotation, document, "file")
    assert "manufacturer cannot link DEAL to COMPANY; it links WEAPON to COMPANY" in str(fault)
