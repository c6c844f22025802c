"""The rule system and the majority system: stock phrases with the trap in the id, and what always holds."""

from __future__ import annotations

import random
from itertools import pairwise

import msgspec
import pytest
from armsbench.annotations.annotation import Annotation, Mention
from armsbench.annotations.release import load_release
from armsbench.annotations.structure import structure_faults
from armsbench.baselines.assemble import Span, assemble, flat_spans
from armsbench.baselines.majority import MajoritySystem
from armsbench.baselines.rules.system import RuleSystem
from armsbench.corpus.document import Document, Region
from armsbench.corpus.errors import ArmsBenchError
from armsbench.corpus.load import load_corpus
from armsbench.corpus.splits import documents_of_split


def document(body: str, *, headline: str = "", date: str | None = "2012-08-06") -> Document:
    regions = [Region("headline", 0, len(headline))] if headline else []
    regions.append(Region("body", len(headline), len(headline) + len(body)))
    return Document(
        id="made-up",
        collection="notices",
        title=None,
        text=headline + body,
        date=date,
        date_basis="text",
        url=None,
        licence="CC0-1.0",
        story="made-up",
        regions=tuple(regions),
    )


@pytest.fixture(scope="module")
def rules() -> RuleSystem:
    return RuleSystem()


@pytest.fixture(scope="module")
def train() -> list[Document]:
    """Train documents whose text is within reach; articles always are."""
    return list(load_corpus(only=documents_of_split("train")).documents.values())


def marked(text: str, annotation: Annotation) -> set[tuple[str, str]]:
    return {(m.label, " ".join(text[m.start : m.end].split())) for m in annotation.mentions or ()}


def linked(text: str, annotation: Annotation) -> set[tuple[str, str, str]]:
    by_id = {m.id: " ".join(text[m.start : m.end].split()) for m in annotation.mentions or ()}
    return {(r.label, by_id[r.head], by_id[r.tail]) for r in annotation.relations or ()}


NOTICE = (
    "WASHINGTON, August 6, 2012 - The agency notified Congress today of a possible Foreign Military Sale to the"
    " Government of Latvia for "
)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param("spare and repair parts", {("SUPPORT", "spare and repair parts")}, id="shared-head"),
        pytest.param(
            "personnel training and training equipment",
            {("SUPPORT", "personnel training"), ("SUPPORT", "training equipment")},
            id="own-heads",
        ),
        pytest.param(
            "U.S. Government and contractor engineering, technical, and logistics support services",
            {("SUPPORT", "U.S. Government and contractor engineering, technical, and logistics support services")},
            id="commas-inside-one-service",
        ),
        pytest.param(
            "other related elements of program, technical and logistics support",
            {("SUPPORT", "related elements of program, technical and logistics support")},
            id="other-dropped-related-kept",
        ),
        pytest.param("repair and return", {("SUPPORT", "repair and return")}, id="one-service-with-and"),
        pytest.param("(2,550) M203 40MM Grenade Launchers", {("QUANTITY", "2,550")}, id="number-in-parentheses"),
        pytest.param(
            "two (2) AN/ALE-47 Dispensers", {("QUANTITY", "two"), ("WEAPON", "AN/ALE-47 Dispensers")}, id="number-twice"
        ),
        pytest.param(
            "60 Command Launch Units (CLU)",
            {("WEAPON", "Command Launch Units"), ("WEAPON", "CLU"), ("QUANTITY", "60")},
            id="trailing-acronym-of-its-own",
        ),
        pytest.param(
            "Identification Friend or Foe (IFF) systems",
            {("WEAPON", "Identification Friend or Foe (IFF) systems")},
            id="acronym-inside",
        ),
        pytest.param(
            "spare parts in support of F-16, C-130 and T-37 aircraft",
            {("SUPPORT", "spare parts"), ("WEAPON", "F-16"), ("WEAPON", "C-130"), ("WEAPON", "T-37 aircraft")},
            id="platforms",
        ),
    ],
)
def test_items_of_a_list(rules: RuleSystem, words: str, expected: set[tuple[str, str]]) -> None:
    text = f"{NOTICE}{words}. The estimated cost is $63 million.\n"
    found = {
        pair for pair in marked(text, rules.predict(document(text))) if pair[0] in ("SUPPORT", "WEAPON", "QUANTITY")
    }
    assert expected <= found
    assert not {surface for _, surface in found if surface.casefold() in ("services", "technical", "return", "repair")}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        pytest.param(
            "The prime contractor will be Bell Helicopter in Fort Worth, Texas.",
            {("COMPANY", "Bell Helicopter"), ("LOCATION", "Fort Worth, Texas")},
            id="firm-in-a-town",
        ),
        pytest.param(
            "The prime contractors will be:\nThe Boeing Company Mesa, Arizona\nLongbow LLC Orlando, Florida\n",
            {("COMPANY", "Boeing Company"), ("LOCATION", "Mesa, Arizona"), ("LOCATION", "Orlando, Florida")},
            id="firms-line-by-line",
        ),
        pytest.param(
            "The prime contractor will be Joint Javelin Venture (JJV), a consortium of Raytheon, in Tucson, Arizona.",
            {("COMPANY", "JJV"), ("COMPANY", "consortium"), ("COMPANY", "Raytheon")},
            id="consortium",
        ),
        pytest.param("It serves the Iraq government.", {("GPE", "Iraq government")}, id="government-as-a-whole"),
        pytest.param("The U.S. Air Force will help.", {("MILITARY", "U.S. Air Force")}, id="state-inside-a-name"),
        pytest.param(
            "It trains with U.S. forces.", {("GPE", "U.S."), ("MILITARY", "forces")}, id="state-before-a-common-noun"
        ),
        pytest.param(
            "Taiwan's Ministry of National Defense agreed.",
            {("GPE", "Taiwan"), ("GOV_BODY", "Ministry of National Defense")},
            id="possessive-state-split-off",
        ),
        pytest.param("It met President Joe Biden.", {("PERSON", "Joe Biden")}, id="person-without-title"),
        pytest.param("It cost USD1.16 billion in all.", {("MONEY", "USD1.16 billion")}, id="currency-code"),
        pytest.param("It cost seven billion euros.", {("MONEY", "seven billion euros")}, id="sum-in-words"),
        pytest.param("It met on Dec. 9 in public.", {("DATE", "Dec. 9")}, id="date-with-a-stop"),
    ],
)
def test_names(rules: RuleSystem, sentence: str, expected: set[tuple[str, str]]) -> None:
    assert expected <= marked(sentence, rules.predict(document(sentence)))


def test_a_notice_is_read_as_one_deal(rules: RuleSystem) -> None:
    headline = "Latvia\n"
    body = (
        f"{NOTICE}six Huey II helicopters and associated equipment for an estimated cost of $63 million.\n"
        "This proposed sale will serve the United States. The recipient's armed forces will grow.\n"
        "The prime contractor will be Bell Helicopter in Fort Worth, Texas.\n"
    )
    made = document(body, headline=headline)
    found = RuleSystem().predict(made)
    sale = "possible Foreign Military Sale"
    assert {
        ("supplier", sale, "United States"),
        ("recipient", sale, "Government of Latvia"),
        ("item", sale, "Huey II helicopters"),
        ("item", sale, "associated equipment"),
        ("quantity", "Huey II helicopters", "six"),
        ("value", sale, "$63 million"),
        ("dated", sale, "today"),
        ("notified_to", sale, "Congress"),
        ("located_in", "Bell Helicopter", "Fort Worth, Texas"),
    } <= {(label, head, tail) for label, head, tail in linked(made.text, found)}
    deals = [entity for entity in found.entities or () if entity.label == "DEAL"]
    assert [(deal.attributes.kind, deal.attributes.status) for deal in deals] == [("sale", "proposed")]
    assert rules.predict(made) == found


def check_structure(made: Document, found: Annotation) -> None:
    assert structure_faults(found, made, made.id) == []
    mentions = found.mentions or ()
    regions = made.annotated_regions()
    assert all(any(r.start <= m.start and m.end <= r.end for r in regions) for m in mentions)
    assert all(a.end <= b.start for a, b in pairwise(mentions))
    assert [m.id for m in mentions] == [f"m{i}" for i in range(1, len(mentions) + 1)]
    assert {m.entity for m in mentions} == {e.id for e in found.entities or ()}
    labels = {e.id: e.label for e in found.entities or ()}
    assert all(m.entity is not None and labels[m.entity] == m.label for m in mentions)


def test_rules_predict_valid_structure_on_every_train_document(rules: RuleSystem, train: list[Document]) -> None:
    assert train
    for made in train:
        found = rules.predict(made)
        check_structure(made, found)
        assert rules.predict(made) == found
        assert found.relations


@pytest.mark.parametrize(
    "text", ["", "\n\n", "(", "sale of , and ; for", "request a\n1 \n2 X", "The U.S.-", "AN/ (2) w/ 3"]
)
def test_rules_survive_scraps(rules: RuleSystem, text: str) -> None:
    made = document(text or " ")
    check_structure(made, rules.predict(made))


def test_furniture_is_left_alone(rules: RuleSystem) -> None:
    text = "Norway buys Javelin missiles for $5 million."
    made = document(text)
    hidden = msgspec.structs.replace(made, regions=(Region("furniture", 0, len(text)),))
    assert rules.predict(hidden).mentions == ()


def test_majority_repeats_what_it_saw() -> None:
    release = load_release(["articles"], split="train")
    documents = list(release.documents.values())
    system = MajoritySystem()
    with pytest.raises(ArmsBenchError, match="fit"):
        system.predict(documents[0])
    system.fit(documents, [release.gold[d.id] for d in documents])
    for made in documents:
        found = system.predict(made)
        check_structure(made, found)
        gold = {(m.start, m.end, m.label) for m in release.gold[made.id].mentions or ()}
        hit = sum((m.start, m.end, m.label) in gold for m in found.mentions or ())
        assert hit > 0.7 * len(gold)


def test_majority_leaves_out_what_is_mostly_unmarked() -> None:
    made = document("Norway sells. Norway buys. A ship, a ship, a ship.")
    mentions = (
        Mention(id="m1", start=0, end=6, label="GPE", form="name", entity=None),
        Mention(id="m2", start=29, end=33, label="WEAPON", form="nominal", entity=None),
    )
    system = MajoritySystem()
    system.fit([made], [Annotation(doc_id="made-up", mentions=mentions, entities=(), relations=())])
    assert marked(made.text, system.predict(made)) == {("GPE", "Norway")}


OVERLAPS = [
    Span(0, 6, "GPE"),
    Span(0, 11, "MILITARY"),
    Span(7, 11, "WEAPON"),
    Span(12, 15, "DATE"),
    Span(12, 15, "GPE"),
]


def test_the_longer_span_stays_whatever_the_order() -> None:
    made = document("Norway Army 2012 stays as it is.")
    expected = flat_spans(made, OVERLAPS)
    assert [(s.start, s.end, s.label) for s in expected] == [(0, 11, "MILITARY"), (12, 15, "GPE")]
    for seed in range(5):
        shuffled = OVERLAPS.copy()
        random.Random(seed).shuffle(shuffled)
        assert flat_spans(made, shuffled) == expected


@pytest.mark.parametrize(
    ("text", "first", "second", "label", "same"),
    [
        pytest.param("Belgium or the Belgian side", "Belgium", "Belgian", "GPE", True, id="adjective"),
        pytest.param("China and Beijing", "China", "Beijing", "GPE", True, id="capital-for-government"),
        pytest.param("Iran and Iraq", "Iran", "Iraq", "GPE", False, id="two-states"),
        pytest.param(
            "Belgium Army, Belgian Army", "Belgium Army", "Belgian Army", "MILITARY", True, id="state-in-name"
        ),
        pytest.param("Raytheon and Raytheon Company", "Raytheon", "Raytheon Company", "COMPANY", True, id="legal-form"),
        pytest.param("Joint Venture (JV)", "Joint Venture", "JV", "COMPANY", True, id="acronym"),
        pytest.param("Joe Biden; Biden", "Joe Biden", "Biden", "PERSON", True, id="last-name"),
        pytest.param("6,900 TOW 2A, 28 TOW", "6,900", "28", "QUANTITY", False, id="two-numbers"),
        pytest.param("M777 howitzers, howitzers", "M777 howitzers", "howitzers", "WEAPON", True, id="bare-noun"),
        pytest.param("F-16 jets and F-35 jets", "F-16 jets", "F-35 jets", "WEAPON", False, id="two-designations"),
    ],
)
def test_coreference(text: str, first: str, second: str, label: str, same: bool) -> None:
    start = text.rindex(second)
    spans = [Span(0, len(first), label, "name"), Span(start, start + len(second), label, "name")]
    spans[0] = Span(text.index(first), text.index(first) + len(first), label, "name")
    mentions, _ = assemble(document(text), spans)
    assert (mentions[0].entity == mentions[1].entity) is same
