"""The four tasks on hand-counted cases; ids name the trap."""

from __future__ import annotations

import itertools

import msgspec
import numpy as np
import pytest
from armsbench import Annotation, Attributes, Entity, Mention, Relation
from armsbench.annotations.annotation import Amount, Count, Deal, Filler, Item
from armsbench.benchmark import coreference, deals, mentions, relations
from armsbench.benchmark.measures import Floats, rates
from armsbench.benchmark.tasks import TASKS
from hypothesis import given
from hypothesis import strategies as st

from .conftest import count_one, make_document
from .marked import DEAL, marked

DOCUMENT = make_document("x" * 60)


def of(*keys: tuple[int, int, str]) -> Annotation:
    return Annotation(
        doc_id=DOCUMENT.id,
        mentions=tuple(Mention(id=f"m{i}", start=s, end=e, label=label) for i, (s, e, label) in enumerate(keys)),
    )


A, B = (0, 4, "GPE"), (6, 9, "WEAPON")


@pytest.mark.parametrize(
    ("gold", "predicted", "measure", "expected"),
    [
        pytest.param([A, B], [A, B], "strict", (2, 2, 2, 2), id="all-right"),
        pytest.param([A, B], [B, A], "strict", (2, 2, 2, 2), id="other-order"),
        pytest.param([A], [A, A], "strict", (1, 1, 1, 1), id="duplicate-counts-once"),
        pytest.param([], [A], "strict", (0, 1, 0, 0), id="nothing-to-find"),
        pytest.param([A], [], "strict", (0, 0, 0, 1), id="nothing-found"),
        pytest.param([A], [(0, 4, "LOCATION")], "strict", (0, 1, 0, 1), id="wrong-label"),
        pytest.param([A], [(0, 4, "LOCATION")], "boundaries", (1, 1, 1, 1), id="wrong-label-boundaries"),
        pytest.param([A], [A, (0, 4, "LOCATION")], "boundaries", (1, 1, 1, 1), id="span-under-two-labels-is-one"),
        pytest.param([A], [A, (0, 4, "LOCATION")], "strict", (1, 2, 1, 1), id="span-under-two-labels-strict"),
        pytest.param([(0, 9, "GPE"), A], [A, (0, 9, "GPE")], "strict", (2, 2, 2, 2), id="nested-same-label"),
        pytest.param([(0, 10, "GPE")], [(0, 5, "GPE")], "overlap", (2 / 3, 1, 2 / 3, 1), id="half-of-a-span"),
        pytest.param([(0, 10, "GPE")], [(0, 5, "GPE")], "label_only", (1, 1, 1, 1), id="label-only-full-credit"),
        pytest.param([(0, 4, "GPE")], [(4, 8, "GPE")], "overlap", (0, 1, 0, 1), id="touching-is-no-overlap"),
        pytest.param(
            [(0, 10, "GPE")], [(0, 5, "GPE"), (5, 10, "GPE")], "label_only", (1, 2, 1, 1), id="one-gold-pays-once"
        ),
        # Greedy left to right would give the first prediction the first gold and leave the second with nothing.
        pytest.param(
            [(0, 4, "GPE"), (3, 9, "GPE")],
            [(2, 9, "GPE"), (4, 9, "GPE")],
            "label_only",
            (2, 2, 2, 2),
            id="matching-not-greedy",
        ),
        pytest.param([A], [(0, 4, "WEAPON")], "strict:WEAPON", (0, 1, 0, 0), id="per-label-spurious"),
        pytest.param([A], [(0, 4, "WEAPON")], "strict:GPE", (0, 0, 0, 1), id="per-label-missed"),
        pytest.param([A], [(0, 4, "WEAPON")], "boundaries:GPE", (0, 0, 1, 1), id="found-under-another-label"),
        pytest.param([A], [(0, 4, "WEAPON")], "boundaries:WEAPON", (1, 1, 0, 0), id="right-place-wrong-label"),
        pytest.param([(0, 10, "GPE")], [(0, 5, "MONEY")], "overlap:MONEY", (2 / 3, 1, 0, 0), id="overlap-per-label"),
        pytest.param([(0, 10, "GPE")], [(0, 5, "GPE")], "label_only:GPE", (1, 1, 1, 1), id="label-only-per-label"),
    ],
)
def test_mentions(gold: list, predicted: list, measure: str, expected: tuple[float, ...]) -> None:  # type: ignore[type-arg]
    counted = count_one("mentions", DOCUMENT, of(*gold), of(*predicted))
    assert counted[mentions.MEASURES.index(measure)] == pytest.approx(expected)


def test_recall_per_form() -> None:
    gold = Annotation(
        doc_id=DOCUMENT.id,
        mentions=(
            Mention(id="m1", start=0, end=4, label="GPE", form="name"),
            Mention(id="m2", start=6, end=9, label="GPE", form="nominal"),
        ),
    )
    counted = count_one("mentions", DOCUMENT, gold, of((0, 4, "GPE")))
    assert counted[mentions.MEASURES.index("strict:form=name")][2:].tolist() == [1, 1]
    assert counted[mentions.MEASURES.index("strict:form=nominal")][2:].tolist() == [0, 1]
    assert np.isnan(rates(counted)[2][mentions.MEASURES.index("strict:form=name")])


def test_coreference_leaves_values_out_and_counts_a_repeated_span_once() -> None:
    """What is left are the entities {0:1, 2:3} and {6:7}; the second label of 2:3 comes first in no alphabet."""
    annotation = Annotation(
        doc_id="d",
        mentions=(
            Mention(id="m1", start=0, end=1, label="GPE", entity="e1"),
            Mention(id="m2", start=2, end=3, label="GPE", entity="e1"),
            Mention(id="m3", start=4, end=5, label="MONEY", entity="e2"),
            Mention(id="m4", start=2, end=3, label="LOCATION", entity="e3"),
            Mention(id="m5", start=6, end=7, label="GPE"),
        ),
        entities=(),
    )
    counted = count_one("coreference", DOCUMENT, annotation, annotation)
    expected = {"mention": 3, "muc": 1, "ceaf_phi4": 2, "coreferent_links": 1, "non_coreferent_links": 2}
    for name, number in expected.items():
        assert counted[coreference.MEASURES.index(name)].tolist() == [number] * 4


def pair(head_entity: str, label: str, tail_entity: str, *, aliases: bool = False) -> Annotation:
    spans = {"e1": 0, "e2": 10, "e3": 20}
    made = [Mention(id=e, start=s, end=s + 4, label="DEAL", entity=e) for e, s in spans.items()]
    made += [Mention(id=f"{e}b", start=s + 5, end=s + 9, label="DEAL", entity=e) for e, s in spans.items()]
    suffix = "b" if aliases else ""
    return Annotation(
        doc_id=DOCUMENT.id,
        mentions=tuple(made),
        relations=(Relation(label=label, head=head_entity + suffix, tail=tail_entity + suffix),),
    )


GOLD_PAIR = pair("e1", "part_of", "e2")


@pytest.mark.parametrize(
    ("predicted", "measure", "expected"),
    [
        pytest.param(pair("e1", "part_of", "e2"), "entity_pairs", (1, 1, 1, 1), id="right"),
        pytest.param(pair("e1", "part_of", "e2", aliases=True), "entity_pairs", (1, 1, 1, 1), id="by-other-mentions"),
        pytest.param(pair("e1", "part_of", "e2", aliases=True), "mention_pairs", (0, 1, 0, 1), id="strict-mentions"),
        pytest.param(pair("e2", "part_of", "e1"), "entity_pairs", (0, 1, 0, 1), id="wrong-direction"),
        pytest.param(pair("e1", "item", "e2"), "entity_pairs", (0, 1, 0, 1), id="wrong-type"),
        pytest.param(pair("e1", "part_of", "e3"), "entity_pairs", (0, 1, 0, 1), id="wrong-tail"),
    ],
)
def test_relations(predicted: Annotation, measure: str, expected: tuple[int, ...]) -> None:
    counted = count_one("relations", DOCUMENT, GOLD_PAIR, predicted)
    assert counted[relations.MEASURES.index(measure)].tolist() == list(expected)


def test_two_relations_between_the_same_entities_count_once() -> None:
    once, other = pair("e1", "part_of", "e2"), pair("e1", "part_of", "e2", aliases=True)
    both = msgspec.structs.replace(once, relations=(*once.relations, *other.relations))  # type: ignore[misc]
    assert count_one("relations", DOCUMENT, GOLD_PAIR, both)[0].tolist() == [1, 1, 1, 1]


def test_a_relation_with_a_mention_that_is_not_gold_is_wrong() -> None:
    gold = pair("e1", "part_of", "e2")
    moved = tuple(msgspec.structs.replace(m, end=m.end + 1) if m.id == "e2" else m for m in gold.mentions or ())
    predicted = msgspec.structs.replace(gold, mentions=moved)
    assert count_one("relations", DOCUMENT, gold, predicted)[0].tolist() == [0, 1, 0, 1]


RAYTHEON = Filler(name="Raytheon", aliases=("Raytheon", "RTX"))
GOLD_DEAL = Deal(
    id="d1",
    kind="sale",
    status="approved",
    recipient=(Filler(name="Taiwan", iso3="TWN", aliases=("Taiwan", "island")),),
    item=(Item(name="HIMARS", aliases=("HIMARS", "launchers"), quantity=(Count(number=11),)),),
    value=(Amount(amount=436_100_000, currency="USD"),),
    contractor=(RAYTHEON,),
)


def replaced(**changes: object) -> Deal:
    return msgspec.structs.replace(GOLD_DEAL, **changes)


@pytest.mark.parametrize(
    ("predicted", "measure", "expected"),
    [
        pytest.param([GOLD_DEAL], "slots", (7, 7, 7, 7), id="all-right"),
        pytest.param([GOLD_DEAL], "records", (1, 1, 1, 1), id="record-right"),
        pytest.param([], "slots", (0, 0, 0, 7), id="no-record"),
        pytest.param(
            [replaced(recipient=(Filler(name="ROC", iso3="TWN"),))], "slots:recipient", (1, 1, 1, 1), id="by-iso-code"
        ),
        pytest.param(
            [replaced(recipient=(Filler(name="The Island"),))], "slots:recipient", (1, 1, 1, 1), id="by-alias"
        ),
        pytest.param([replaced(contractor=(Filler(name="rtx"),))], "slots:contractor", (1, 1, 1, 1), id="without-case"),
        pytest.param(
            [replaced(contractor=(Filler(name="Raytheon"), Filler(name="RTX")))],
            "slots:contractor",
            (1, 2, 1, 1),
            id="alias-twice-gains-nothing",
        ),
        pytest.param(
            [replaced(contractor=(Filler(name="Lockheed", aliases=("Raytheon",)),))],
            "slots:contractor",
            (0, 1, 0, 1),
            id="predicted-aliases-do-not-count",
        ),
        pytest.param(
            [replaced(item=(Item(name="HIMARS", quantity=(Count(number=12),)),))],
            "slots:quantity",
            (0, 1, 0, 1),
            id="count",
        ),
        pytest.param(
            [replaced(item=(Item(name="Javelin", quantity=(Count(number=11),)),))],
            "slots:quantity",
            (0, 1, 0, 1),
            id="count-of-another-item",
        ),
        pytest.param(
            [replaced(value=(Amount(amount=436_100_000.0, currency="USD"),))],
            "slots:value",
            (1, 1, 1, 1),
            id="float-sum",
        ),
        pytest.param(
            [replaced(value=(Amount(amount=436_100_000, currency="TWD"),))], "slots:value", (0, 1, 0, 1), id="currency"
        ),
        pytest.param([replaced(status="unknown")], "slots", (6, 6, 6, 7), id="unknown-is-no-filler"),
        pytest.param([GOLD_DEAL, replaced(id="d2")], "slots", (7, 14, 7, 7), id="one-gold-pays-once"),
        pytest.param([GOLD_DEAL, replaced(id="d2")], "records", (1, 2, 1, 1), id="doubled-record"),
        pytest.param(
            [replaced(notified_to=(Filler(name="Congress"),))], "records", (0, 1, 0, 1), id="one-filler-too-many"
        ),
    ],
)
def test_deals(predicted: list[Deal], measure: str, expected: tuple[int, ...]) -> None:
    counted = deals.count_records((GOLD_DEAL,), tuple(predicted))
    assert counted[deals.MEASURES.index(measure)].tolist() == list(expected)


def test_part_of_is_right_when_the_packages_are_aligned() -> None:
    package = Deal(id="p", value=(Amount(amount=9, currency="USD"),))
    part = Deal(id="q", value=(Amount(amount=5, currency="USD"),), part_of=("p",))
    renamed = (Deal(id="x", value=part.value, part_of=("y",)), Deal(id="y", value=package.value))
    counted = deals.count_records((package, part), renamed)
    assert counted[deals.MEASURES.index("slots:part_of")].tolist() == [1, 1, 1, 1]
    swapped = (Deal(id="x", value=part.value), Deal(id="y", value=package.value, part_of=("x",)))
    counted = deals.count_records((package, part), swapped)
    assert counted[deals.MEASURES.index("slots:part_of")].tolist() == [0, 1, 0, 1]


def test_package_links_decide_between_records_that_are_otherwise_alike() -> None:
    usa = (Filler(name="U.S.", iso3="USA"),)
    packages = tuple(Deal(id=f"p{i}", value=(Amount(amount=i, currency="USD"),)) for i in (1, 2))
    parts = tuple(Deal(id=f"q{i}", supplier=usa, part_of=(f"p{i}",)) for i in (1, 2))
    counted = deals.count_records((*packages, *parts), (*packages, *reversed(parts)))
    assert counted[deals.MEASURES.index("slots")].tolist() == [6, 6, 6, 6]
    assert counted[deals.MEASURES.index("records")].tolist() == [4, 4, 4, 4]


@pytest.mark.parametrize(
    "records",
    [
        pytest.param((Deal(id="a", status="unknown"),), id="without-a-filler"),
        pytest.param((Deal(id="a", kind="sale"), Deal(id="b", part_of=("a",))), id="only-a-package"),
        pytest.param(
            (Deal(id="a"), Deal(id="b", part_of=("a",)), Deal(id="c", part_of=("b",))), id="a-chain-of-packages"
        ),
    ],
)
def test_poor_records_agree_with_themselves(records: tuple[Deal, ...]) -> None:
    counted = deals.count_records(records, records)
    assert counted[deals.MEASURES.index("records")].tolist() == [len(records)] * 4
    assert counted[0, 0] == counted[0, 1]


def test_numbers_too_great_for_a_float_are_compared() -> None:
    great = (Deal(id="a", value=(Amount(amount=10**400, currency="USD"),)),)
    assert deals.count_records(great, great)[0].tolist() == [1, 1, 1, 1]
    assert deals.count_records((GOLD_DEAL,), great)[0, 0] == 0


def test_names_in_decomposed_letters_are_the_same_names() -> None:
    assert deals.normalise_name("Bo\u0308ing") == deals.normalise_name("B\u00f6ing")


NAMES = st.sampled_from(["Raytheon", "RTX", "Boeing"])
FILLERS = st.lists(st.builds(Filler, name=NAMES), max_size=2).map(tuple)


@st.composite
def any_records(draw: st.DrawFn) -> tuple[Deal, ...]:
    """Records that each differ from the others in their value, so that there is one best alignment with themselves."""
    size = draw(st.integers(0, 4))
    return tuple(
        Deal(
            id=f"d{i}",
            value=(Amount(amount=i, currency="USD"),),
            kind=draw(st.sampled_from([None, "sale", "aid"])),
            contractor=draw(FILLERS),
            supplier=draw(FILLERS),
            part_of=tuple(f"d{j}" for j in draw(st.sets(st.integers(0, size - 1), max_size=1)) if j != i),
        )
        for i in range(size)
    )


@given(any_records(), any_records())
def test_records_against_themselves_and_bounds(gold: tuple[Deal, ...], predicted: tuple[Deal, ...]) -> None:
    itself = deals.count_records(gold, tuple(reversed(gold)))
    assert itself[0, 0] == itself[0, 1] == itself[0, 3]
    counted = deals.count_records(gold, predicted)
    assert (counted[:, 0] <= np.minimum(counted[:, 1], counted[:, 3])).all()


def test_records_are_aligned_for_the_greatest_agreement_not_in_order() -> None:
    other = replaced(id="d2", value=(Amount(amount=1, currency="USD"),), contractor=())
    counted = deals.count_records(
        (GOLD_DEAL, other), (replaced(id="x", **{"value": other.value, "contractor": ()}), GOLD_DEAL)
    )
    assert counted[0].tolist() == [13, 13, 13, 13]


def f1(counted: Floats) -> list[float]:
    return [value for value in rates(counted)[2].tolist() if not np.isnan(value)]


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_gold_against_itself_is_one(task) -> None:  # type: ignore[no-untyped-def]
    document, gold = marked(DEAL)
    assert set(f1(count_one(task.name, document, gold, gold))) <= {1.0}


KEYS = st.tuples(st.integers(0, 12), st.integers(1, 6), st.sampled_from(["GPE", "WEAPON", "DEAL"])).map(
    lambda k: (k[0], k[0] + k[1], k[2])
)


@st.composite
def any_annotation(draw: st.DrawFn) -> Annotation:
    """Any structurally valid annotation: overlapping mentions, doubled ones, entities over them, relations."""
    keys = draw(st.lists(KEYS, max_size=8))
    made = tuple(
        Mention(id=f"m{i}", start=s, end=e, label=label, entity=f"{label}{draw(st.integers(0, 2))}")
        for i, (s, e, label) in enumerate(keys)
    )
    entities = {m.entity: Entity(id=m.entity or "", label=m.label, attributes=Attributes(kind="sale")) for m in made}
    found = []
    for head, tail in itertools.product(made, made):
        if head.label == "DEAL" and tail.label != "DEAL" and draw(st.booleans()):
            found.append(Relation(label="item" if tail.label == "WEAPON" else "recipient", head=head.id, tail=tail.id))
    return Annotation(doc_id=DOCUMENT.id, mentions=made, entities=tuple(entities.values()), relations=tuple(found))


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
@given(data=st.data())
def test_properties(task, data: st.DataObject) -> None:  # type: ignore[no-untyped-def]
    """Shares are shares; order does not matter; counts on gold are those of gold."""
    gold, predicted = data.draw(any_annotation()), data.draw(any_annotation())
    counted = count_one(task.name, DOCUMENT, gold, predicted)
    counted = counted[~np.isnan(counted).any(axis=1)]
    assert (counted >= 0).all()
    assert (counted[:, 0] <= counted[:, 1] + 1e-9).all()
    assert (counted[:, 2] <= counted[:, 3] + 1e-9).all()
    shuffled = msgspec.structs.replace(
        predicted,
        mentions=tuple(data.draw(st.permutations(predicted.mentions or ()))),
        relations=tuple(data.draw(st.permutations(predicted.relations or ()))),
    )
    again = count_one(task.name, DOCUMENT, gold, shuffled)
    assert np.allclose(again[~np.isnan(again).any(axis=1)], counted)


@pytest.mark.parametrize("task", [TASKS["mentions"], TASKS["coreference"]], ids=["mentions", "coreference"])
@given(data=st.data())
def test_swapping_the_sides_swaps_precision_and_recall(task, data: st.DataObject) -> None:  # type: ignore[no-untyped-def]
    gold, predicted = data.draw(any_annotation()), data.draw(any_annotation())
    one, other = count_one(task.name, DOCUMENT, gold, predicted), count_one(task.name, DOCUMENT, predicted, gold)
    # Forms are of gold only; of equally good partners under several labels one is credited, and which is arbitrary.
    plain = [i for i, name in enumerate(task.measures) if "form=" not in name and not name.startswith("overlap:")]
    assert np.allclose(one[plain][:, [0, 1]], other[plain][:, [2, 3]])


@given(data=st.data())
def test_a_correct_mention_more_never_lowers_f1(data: st.DataObject) -> None:
    """Of what is exact; under ``overlap`` and ``label_only`` it may take the partner of one that was nearly right."""
    gold, predicted = data.draw(any_annotation()), data.draw(any_annotation())
    if not gold.mentions:
        return
    found = msgspec.structs.replace(data.draw(st.sampled_from(gold.mentions)), id="found")
    more = msgspec.structs.replace(predicted, mentions=(*(predicted.mentions or ()), found))
    before, after = (rates(count_one("mentions", DOCUMENT, gold, side))[2] for side in (predicted, more))
    for measure in ("strict", "boundaries", f"strict:{found.label}", f"boundaries:{found.label}"):
        i = mentions.MEASURES.index(measure)
        assert after[i] >= np.nan_to_num(before[i]) - 1e-12, measure


@given(data=st.data())
def test_labels_add_up_to_the_whole(data: st.DataObject) -> None:
    gold, predicted = data.draw(any_annotation()), data.draw(any_annotation())
    for task in (mentions, relations):
        counted = count_one(task.NAME, DOCUMENT, gold, predicted)
        per_label = [
            i for i, name in enumerate(task.MEASURES) if name.startswith(f"{task.HEADLINE}:") and "form=" not in name
        ]
        assert np.allclose(counted[per_label].sum(axis=0), counted[0])
    counted = count_one("deals", DOCUMENT, gold, predicted)
    slots = [i for i, name in enumerate(deals.MEASURES) if name.startswith("slots:")]
    assert np.allclose(counted[slots].sum(axis=0), counted[0])


def test_unseen_leaves_the_facts_of_train_out_of_both_sides() -> None:
    """Train says who builds HIMARS; the document says so again, and who receives them; a wrong old fact is out too."""
    train = marked(
        "{{m1 WEAPON e1|HIMARS}} are built by {{m2 COMPANY e2|Lockheed Martin}}, {{m3 COMPANY e3|Boeing}} not.\n\n"
        "%% relations\nmanufacturer m1 m2\n"
    )
    text = (
        "{{m1 WEAPON e1|Himars}} of {{m2 COMPANY e2|Lockheed  Martin}}: a {{m3 DEAL e3|sale}} to {{m4 GPE e4|Latvia}}"
        " and {{m5 WEAPON e5|HIMARS}}\n\n%% entities\ne4 iso3=LVA\n%% relations\n"
    )
    document, gold = marked(text + "manufacturer m1 m2\nrecipient m3 m4\n")
    known = relations.facts([train])
    assert ("himars", "manufacturer", "lockheed martin") in known
    for predicted, expected in {
        "manufacturer m1 m2\n": (0, 0, 0, 1),
        "manufacturer m1 m2\nrecipient m3 m4\n": (1, 1, 1, 1),
        "manufacturer m5 m2\n": (0, 0, 0, 1),  # wrong here, as m5 is another entity, but a fact of train
        "item m3 m1\n": (0, 1, 0, 1),
    }.items():
        counted = count_one("relations", document, gold, marked(text + predicted)[1], known)
        assert tuple(counted[relations.MEASURES.index("unseen")]) == expected
        new = count_one("relations", document, gold, marked(text + predicted)[1], frozenset())
        assert tuple(new[relations.MEASURES.index("unseen")]) == tuple(new[0])
        unmeasured = count_one("relations", document, gold, marked(text + predicted)[1])
        assert not unmeasured[relations.MEASURES.index("unseen")].any()
