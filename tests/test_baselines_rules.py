"""The rule system and the majority system: stock phrases with the trap in the id, and what always holds."""

from __future__ import annotations

import random
import time
from itertools import pairwise

import msgspec
import pytest
from armsbench.annotations.annotation import Annotation, Mention, Relation
from armsbench.annotations.release import load_release
from armsbench.annotations.structure import structure_faults
from armsbench.baselines.assemble import assemble
from armsbench.baselines.majority import MajoritySystem
from armsbench.baselines.rules.system import RuleSystem
from armsbench.baselines.spans import Span, flat_spans
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
    made = document(text)
    if not text:
        made = msgspec.structs.replace(made, regions=())
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
        pytest.param("M777 light howitzers; M777", "M777 light howitzers", "M777", "WEAPON", True, id="designation"),
        pytest.param("M777 howitzers; M777 sections", "M777 howitzers", "M777 sections", "WEAPON", False, id="part"),
        pytest.param("Javelin missiles; Javelin", "Javelin missiles", "Javelin", "WEAPON", True, id="shorter-name"),
        pytest.param("Javelin missiles; Stinger", "Javelin missiles", "Stinger", "WEAPON", False, id="other-name"),
        pytest.param("spare parts; parts", "spare parts", "parts", "SUPPORT", True, id="summary"),
        pytest.param("spare parts; tools", "spare parts", "tools", "SUPPORT", False, id="no-summary"),
        pytest.param("A big contract; the deal", "big contract", "deal", "DEAL", True, id="the-deal-is-the-last"),
        pytest.param("A big contract; a deal", "big contract", "deal", "DEAL", False, id="a-deal-is-new"),
        pytest.param("F-16 jets and F-35 jets", "F-16 jets", "F-35 jets", "WEAPON", False, id="two-designations"),
    ],
)
def test_coreference(text: str, first: str, second: str, label: str, same: bool) -> None:
    start = text.rindex(second)
    spans = [Span(0, len(first), label, "name"), Span(start, start + len(second), label, "name")]
    spans[0] = Span(text.index(first), text.index(first) + len(first), label, "name")
    mentions, _ = assemble(document(text), spans)
    assert (mentions[0].entity == mentions[1].entity) is same


SALE = "possible Foreign Military Sale"
FULL_NOTICE = {("recipient", SALE, "Latvia"), ("notified_to", SALE, "Congress"), ("dated", SALE, "today")}

NEWS = [
    ("China condemned the sale.", {("recipient", "sale", "China"), ("opposes", "China", "sale")}),
    ("China praised the sale.", {("recipient", "sale", "China")}),
    ("Norway's army trains.", {("member_of", "army", "Norway")}),
    ("Norway and an army train.", set()),
    ("Poland met Foreign Minister Jan Novak.", {("member_of", "Jan Novak", "Poland")}),
    ("Angela Smith, president of Norway, left.", {("member_of", "Angela Smith", "Norway")}),
    (
        "Norway signed a deal under the Arms Export Control Act.",
        {("recipient", "deal", "Norway"), ("under", "deal", "Arms Export Control Act")},
    ),
    ("Norway signed a deal after the Arms Export Control Act.", {("recipient", "deal", "Norway")}),
    ("Parliament approved the deal.", {("approved_by", "deal", "Parliament")}),
    ("Parliament saw the deal.", set()),
    ("Parliament was told of the deal.", {("notified_to", "deal", "Parliament")}),
    ("Boeing's AH-64 helicopters flew.", {("manufacturer", "AH-64 helicopters", "Boeing")}),
    ("AH-64 helicopters made by Boeing flew.", {("manufacturer", "AH-64 helicopters", "Boeing")}),
    ("Boeing and AH-64 helicopters flew.", set()),
    ("The prime contractor of the deal will be Boeing.", {("contractor", "deal", "Boeing")}),
    ("The deal pleased Boeing.", set()),
    (
        "The Norwegian army will absorb the deal.",
        {("recipient", "deal", "army"), ("recipient", "deal", "Norwegian"), ("member_of", "army", "Norwegian")},
    ),
    (
        "The Norwegian army will praise the deal.",
        {("recipient", "deal", "Norwegian"), ("member_of", "army", "Norwegian")},
    ),
    ("The deal surprised Norway.", {("recipient", "deal", "Norway")}),
    ("The deal surprised the United States.", set()),
    ("The deal covers 12 F-16 jets.", {("item", "deal", "F-16 jets"), ("quantity", "F-16 jets", "12")}),
    ("The deal follows F-16 jets.", set()),
    ("It flies 12 F-16.", {("quantity", "F-16", "12")}),
    ("It flies 12, F-16.", set()),
    ("The deal is worth $5 million.", {("value", "deal", "$5 million")}),
    ("The deal went on. It rained. $5 million is little.", set()),
    ("The deal was signed on 5 May 2012.", {("dated", "deal", "5 May 2012")}),
    ("The deal was signed. It rained on 5 May 2012.", set()),
    ("Germany will sell tanks in the deal.", {("recipient", "deal", "Germany"), ("supplier", "deal", "Germany")}),
    ("Germany will drive tanks in the deal.", {("recipient", "deal", "Germany")}),
    ("Boeing in Mesa, Arizona grew.", {("located_in", "Boeing", "Mesa, Arizona")}),
    ("Boeing saw Mesa, Arizona grow.", set()),
]


@pytest.mark.parametrize(("sentence", "expected"), NEWS, ids=[sentence for sentence, _ in NEWS])
def test_each_relation_and_what_is_none(rules: RuleSystem, sentence: str, expected: set[tuple[str, str, str]]) -> None:
    assert linked(sentence, rules.predict(document(sentence))) == expected


LISTS = [
    (
        "three M777 howitzers with AN/PRC-152 radios",
        {
            ("item", SALE, "M777 howitzers"),
            ("item", SALE, "AN/PRC-152 radios"),
            ("quantity", "M777 howitzers", "three"),
            ("part_of", "AN/PRC-152 radios", "M777 howitzers"),
        },
    ),
    (
        "M777 howitzers and AN/PRC-152 radios",
        {("item", SALE, "M777 howitzers"), ("item", SALE, "AN/PRC-152 radios")},
    ),
    (
        "spare parts for F-16 aircraft",
        {("item", SALE, "spare parts"), ("for_platform", "spare parts", "F-16 aircraft")},
    ),
    ("spare parts and F-16 aircraft", {("item", SALE, "spare parts"), ("item", SALE, "F-16 aircraft")}),
]


@pytest.mark.parametrize(("words", "expected"), LISTS, ids=[words for words, _ in LISTS])
def test_each_relation_of_a_list(rules: RuleSystem, words: str, expected: set[tuple[str, str, str]]) -> None:
    text = f"The agency notified Congress today of a {SALE} to Latvia for {words}."
    assert linked(text, rules.predict(document(text))) == FULL_NOTICE | expected


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("The deal was cancelled after it was signed.", "cancelled"),
        ("The deal was vetoed after it was approved.", "blocked"),
        ("The deal was signed and tanks were delivered.", "delivered"),
        ("The deal was signed and deliveries began.", "delivering"),
        ("The deal was approved and signed.", "contracted"),
        ("The deal was proposed and approved.", "approved"),
        ("The deal was requested and proposed.", "proposed"),
        ("The deal was requested.", "requested"),
        ("The deal was praised.", "unknown"),
    ],
)
def test_the_furthest_stage_is_the_status(rules: RuleSystem, sentence: str, status: str) -> None:
    entities = rules.predict(document(sentence)).entities or ()
    assert [e.attributes.status for e in entities if e.label == "DEAL"] == [status]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        pytest.param("It will be purchased from Boeing.", {("COMPANY", "Boeing")}, id="stop-at-the-end"),
        pytest.param("It will be purchased from Foo Inc.", {("COMPANY", "Foo Inc.")}, id="stop-of-the-name"),
        pytest.param(
            "The prime contractors will be Acme Widgets in Fort Worth, Texas and Foo Gadgets.",
            {("COMPANY", "Acme Widgets"), ("LOCATION", "Fort Worth, Texas"), ("COMPANY", "Foo Gadgets")},
            id="last-firm-without-a-place",
        ),
        pytest.param(
            "The prime contractors will be:\nAcme Widgets\nFoo Gadgets Mesa, Arizona\n",
            {("COMPANY", "Acme Widgets"), ("LOCATION", "Mesa, Arizona"), ("COMPANY", "Foo Gadgets")},
            id="line-without-a-place",
        ),
        pytest.param("It in 2012 won it.", {("DATE", "2012")}, id="won-behind-a-year"),
        pytest.param("It costs 2012 yen.", {("MONEY", "2012 yen")}, id="sum-that-looks-like-a-year"),
    ],
)
def test_all_mentions(rules: RuleSystem, sentence: str, expected: set[tuple[str, str]]) -> None:
    assert marked(sentence, rules.predict(document(sentence))) == expected


def test_majority_links_as_it_saw_and_refuses_strangers() -> None:
    text = "Norway has 12 tanks. Norway has 12 tanks."
    mentions = tuple(
        Mention(id=f"m{i}", start=start, end=start + len(word), label=label, form=None, entity=None)
        for i, (start, word, label) in enumerate(
            [(11, "12", "QUANTITY"), (14, "tanks", "WEAPON"), (32, "12", "QUANTITY"), (35, "tanks", "WEAPON")]
        )
    )
    relations = (Relation(label="quantity", head="m1", tail="m0"), Relation(label="quantity", head="m3", tail="m2"))
    gold = Annotation(doc_id="made-up", mentions=mentions, entities=(), relations=relations)
    system = MajoritySystem()
    system.fit([document(text)], [gold])
    assert linked("See 12 tanks.", system.predict(document("See 12 tanks."))) == {("quantity", "tanks", "12")}
    assert linked("See 12. A tanks.", system.predict(document("See 12. A tanks."))) == set()
    with pytest.raises(ArmsBenchError, match="same documents"):
        system.fit([document(text)], [msgspec.structs.replace(gold, doc_id="another")])


@pytest.mark.parametrize("scrap", ["A", "A-", "9,", "(", " ", "sale of ", "F-16 ", "X(", "Boeing ", "the deal "])
def test_rules_take_time_in_proportion(rules: RuleSystem, scrap: str) -> None:
    text = (scrap * 20_000)[:20_000]
    begun = time.process_time()
    check_structure(document(text), rules.predict(document(text)))
    assert time.process_time() - begun < 5


def test_rules_read_regions_beyond_the_limit_of_spacy(rules: RuleSystem) -> None:
    text = f"{' ' * 1_000_001}Norway left."
    assert marked(text, rules.predict(document(text))) == {("GPE", "Norway")}
