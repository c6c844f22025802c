"""The linear system: valid tags, label-constrained candidates, exact storage, and honest refusals."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from itertools import groupby, product
from pathlib import Path

import msgspec
import numpy as np
import pytest
from armsbench.annotations.annotation import Annotation, Mention, Relation
from armsbench.annotations.release import read_gold
from armsbench.annotations.scheme import scheme
from armsbench.annotations.structure import structure_faults
from armsbench.annotations.systems import StoredSystem
from armsbench.annotations.tokens import Tokens, spans_of_tags
from armsbench.baselines.assemble import assemble
from armsbench.baselines.linear.carry_over import agreeing_acronyms, carried_over
from armsbench.baselines.linear.classifier import Classifier
from armsbench.baselines.linear.decoding import (
    barred,
    best_path,
    may_follow,
    tags_of_mentions,
    transition_mask,
)
from armsbench.baselines.linear.expressions import expression_marks
from armsbench.baselines.linear.features import normal_word, shape, word_class
from armsbench.baselines.linear.gazetteer import Gazetteer
from armsbench.baselines.linear.mention_model import MentionModel
from armsbench.baselines.linear.pairs import SENTENCES, PairReader
from armsbench.baselines.linear.relation_model import NO, YES, RelationModel, gold_spans
from armsbench.baselines.linear.system import LinearSystem
from armsbench.baselines.linear.tagger import Chains, Tagger
from armsbench.baselines.linear.tokens import Token, token_sequences, words_of
from armsbench.baselines.linear.vocabulary import Floats, Vocabulary
from armsbench.corpus.document import Document, Region
from armsbench.corpus.errors import ArmsBenchError
from hypothesis import given
from hypothesis import strategies as st

from .conftest import make_document
from .made_sales import made_sale
from .marked import marked

TAGS = ("O", "B-GPE", "I-GPE", "B-WEAPON", "I-WEAPON", "B-DATE")
FLOAT = st.floats(-50, 50)


# Tokens and tags


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("67WASHINGTON, D.C.", ["67", "WASHINGTON", ",", "D.C."], id="number-glued-to-capitals"),
        pytest.param("USD1.988 billion", ["USD", "1.988", "billion"], id="currency-glued-to-figure"),
        pytest.param("P2.83 m", ["P", "2.83", "m"], id="one-letter-currency"),
        pytest.param("(80,000) 5.56MM", ["(", "80,000", ")", "5.56MM"], id="grouped-figure-and-calibre"),
        pytest.param("U.S.-made M777A2s", ["U.S.", "-", "made", "M777A2s"], id="abbreviation-before-hyphen"),
        pytest.param("the RSAFs", ["the", "RSAF", "s"], id="possessive-without-apostrophe"),
        pytest.param("Taiwan’s", ["Taiwan", "’", "s"], id="curly-apostrophe"),
        pytest.param("AN/TPS-77/-78", ["AN", "/", "TPS", "-", "77", "/", "-", "78"], id="shared-designation"),
        pytest.param("Ł-7 🚀x", ["Ł", "-", "7", "🚀", "x"], id="beyond-ascii"),
    ],
)
def test_tokens_end_where_mentions_may_end(text: str, words: list[str]) -> None:
    assert words_of(text) == words


def test_tokens_never_cross_a_region(made: list[tuple[Document, Annotation]]) -> None:
    document, _ = made[0]
    glued = msgspec.structs.replace(
        document, text="a67WASHINGTON b\n", regions=(Region("furniture", 0, 3), Region("body", 3, 16))
    )
    assert [[t.text for t in s.tokens] for s in token_sequences(glued)] == [["WASHINGTON", "b"]]
    assert [(t.start, t.end) for t in token_sequences(glued)[0].tokens] == [(3, 13), (14, 15)]


def test_no_gold_mention_of_the_train_articles_is_lost_to_tokens_or_sentences(articles: list[Document]) -> None:
    assert articles
    for document in articles:
        tokens = [token for sequence in token_sequences(document) for token in sequence.tokens]
        for _, sentence in groupby(tokens, key=lambda token: token.sentence):
            tags, lost = tags_of_mentions(list(sentence), read_gold(document.id).mentions or ())
            assert [document.text[m.start - 10 : m.end + 10] for m in lost] == []
            assert all(may_follow(a, b) for a, b in zip(["O", *tags], tags, strict=False))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3), st.sampled_from(["GPE", "WEAPON"])), max_size=8))
def test_tags_hold_exactly_the_mentions(drawn: list[tuple[int, int, str]]) -> None:
    spans, position = [], 0
    for gap, length, label in drawn:
        spans.append((position + gap, position + gap + length, label))
        position += gap + length
    tokens = [Token(3 * i, 3 * i + 2, "ab", 0) for i in range(position + 1)]
    mentions = [
        Mention(id=f"m{i}", start=3 * first, end=3 * last - 1, label=label)
        for i, (first, last, label) in enumerate(spans)
    ]
    tags, lost = tags_of_mentions(tokens, reversed(mentions))
    assert lost == []
    places = range(len(tags))
    words = Tokens(
        tokens=tuple("ab" for _ in tags), starts=tuple(places), ends=tuple(i + 1 for i in places), tags=tuple(tags)
    )
    assert spans_of_tags(words) == spans


def test_a_mention_that_ends_within_a_token_is_lost_not_moved() -> None:
    tokens = [Token(0, 4, "F16s", 0), Token(5, 7, "go", 0)]
    tags, lost = tags_of_mentions(tokens, [Mention(id="m1", start=0, end=3, label="WEAPON")])
    assert tags == ["O", "O"]
    assert [m.id for m in lost] == ["m1"]


# Decoding


@st.composite
def _scores(draw: st.DrawFn, longest: int) -> tuple[Floats, Floats]:
    length = draw(st.integers(0, longest))
    size = len(TAGS)
    cells = draw(st.lists(FLOAT, min_size=length * size, max_size=length * size))
    weights = draw(st.lists(FLOAT, min_size=size * size, max_size=size * size))
    return np.array(cells).reshape(length, size), np.array(weights).reshape(size, size)


@given(_scores(longest=12))
def test_decoding_never_gives_an_invalid_sequence(drawn: tuple[Floats, Floats]) -> None:
    scores, weights = drawn
    transitions = barred(transition_mask(TAGS), weights)
    tags = [TAGS[i] for i in best_path(scores, transitions, transitions[0])]
    assert len(tags) == len(scores)
    assert all(may_follow(a, b) for a, b in zip(["O", *tags], tags, strict=False))


@given(_scores(longest=4))
def test_decoding_finds_the_best_valid_sequence(drawn: tuple[Floats, Floats]) -> None:
    scores, weights = drawn
    transitions = barred(transition_mask(TAGS), weights)

    def total(path: tuple[int, ...]) -> float:
        steps = zip((0, *path), path, strict=False)
        return float(sum(transitions[a, b] + scores[i, b] for i, (a, b) in enumerate(steps)))

    best = max(total(path) for path in product(range(len(TAGS)), repeat=len(scores)))
    assert total(tuple(best_path(scores, transitions, transitions[0]))) == pytest.approx(best)


@given(st.lists(st.lists(st.sampled_from(["a", "b", "c"]), max_size=3), max_size=8), st.integers(0, 99))
def test_a_tagger_with_any_weights_gives_valid_tags(rows: list[list[str]], seed: int) -> None:
    generator = np.random.default_rng(seed)
    size = len(TAGS)
    tagger = Tagger(TAGS, Vocabulary("ab"), generator.normal(size=(2, size)) * 9, generator.normal(size=(size, size)))
    tags = tagger.predict(rows)
    assert all(may_follow(a, b) for a, b in zip(["O", *tags], tags, strict=False))


def test_the_tagger_learns_what_one_feature_tells() -> None:
    rows = [[["x"], ["y"], ["z"]], [["z"], ["x"], ["y"]], [["z"], ["z"]]]
    tags = [["B-GPE", "I-GPE", "O"], ["O", "B-GPE", "I-GPE"], ["O", "O"]]
    tagger = Tagger.fit(rows, tags, strength=10.0, steps=50)
    assert tagger.predict([["z"], ["x"], ["y"], ["z"]]) == ["O", "B-GPE", "I-GPE", "O"]


def _chains() -> tuple[Chains, Floats, Floats]:
    """Two sequences of three tokens and one, over four features, with weights of no meaning."""
    generator = np.random.default_rng(3)
    rows = [["a", "c"], ["b"], ["a", "b"], ["c", "d"]]
    gold = np.array([TAGS.index(tag) for tag in ("B-GPE", "I-GPE", "B-WEAPON", "O")], dtype=np.intp)
    chains = Chains(Vocabulary("abcd").matrix(rows), gold, [3, 1], transition_mask(TAGS))
    return chains, generator.normal(size=(4, len(TAGS))), generator.normal(size=(len(TAGS), len(TAGS)))


def test_the_loss_is_the_likelihood_among_all_valid_paths() -> None:
    chains, weights, transitions = _chains()
    scores = chains.matrix @ weights
    allowed = barred(transition_mask(TAGS), transitions)

    def weight(path: tuple[int, ...], first: int) -> float:
        steps = zip((0, *path), path, strict=False)
        return float(np.exp(sum(allowed[a, b] + scores[first + i, b] for i, (a, b) in enumerate(steps))))

    expected = 0.0
    for first, gold in ((0, (1, 2, 3)), (3, (0,))):
        paths = product(range(len(TAGS)), repeat=len(gold))
        expected -= np.log(weight(gold, first) / sum(weight(path, first) for path in paths))
    assert chains.loss(weights, transitions)[0] == pytest.approx(expected)


def test_the_gradients_are_what_finite_differences_give() -> None:
    chains, weights, transitions = _chains()
    _, by_weight, by_transition = chains.loss(weights, transitions)
    for parameters, gradient in ((weights, by_weight), (transitions, by_transition)):
        for place in np.ndindex(parameters.shape):
            kept = parameters[place]
            values = []
            for step in (1e-5, -1e-5):
                parameters[place] = kept + step
                values.append(chains.loss(weights, transitions)[0])
            parameters[place] = kept
            assert gradient[place] == pytest.approx((values[0] - values[1]) / 2e-5, abs=1e-6), place


@pytest.mark.parametrize(
    ("word", "expected"),
    [("M777A2", ("X99X9", "D", "m777a2")), ("six", ("xx", "#", "#word")), ("2,500", ("9,99", "#", "#,"))],
)
def test_words_are_seen_by_shape_class_and_normal_form(word: str, expected: tuple[str, str, str]) -> None:
    assert (shape(word), word_class(word), normal_word(word)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a NT$1.25 trillion plan", [None, "B", "I", "I", "E", None], id="prefixed-sign"),
        pytest.param("18.9 billion pesos", ["B", "I", "E"], id="currency-word"),
        pytest.param("on 6 May 2023, Friday", [None, "B", "I", "E", None, "S"], id="day-month-year"),
        pytest.param("1,203 pods of May rockets", [None, None, None, "S", None], id="bare-figure"),
    ],
)
def test_sums_and_dates_are_marked(text: str, expected: list[str | None]) -> None:
    (sequence,) = token_sequences(make_document(text))
    assert [mark and mark[0] for mark in expression_marks(text, sequence.tokens)] == expected


def test_a_document_is_no_gazetteer_to_itself() -> None:
    first, second = {"norway": {"GPE"}, "f 16": {"WEAPON"}}, {"norway": {"GPE", "LOCATION"}}
    both = Gazetteer.of_documents([first, second])
    assert both.counts == {"norway": {"GPE": 2, "LOCATION": 1}, "f 16": {"WEAPON": 1}}
    assert both.without(first).counts == {"norway": {"GPE": 1, "LOCATION": 1}}
    assert both.without(second).counts == {"norway": {"GPE": 1}, "f 16": {"WEAPON": 1}}


def test_training_does_not_see_its_own_document_in_the_gazetteer() -> None:
    document, gold = made_sale(0)
    model = MentionModel.fit([document], [gold])
    assert model.gazetteer.counts["norway"] == {"GPE": 1}
    known = {name for name in model.tagger.vocabulary.names if name.startswith("known")}
    assert known == {"known-1=None", "known0=None", "known1=None"}


def _mention_model(labels: Mapping[str, str]) -> MentionModel:
    """A model that marks a token with a feature by its label, and all others as outside."""
    tags = ("O", *sorted({f"B-{label}" for label in labels.values()}))
    weights = np.zeros((len(labels) + 1, len(tags)))
    for i, label in enumerate(labels.values()):
        weights[i, tags.index(f"B-{label}")] = 9.0
    weights[len(labels), 0] = 5.0
    tagger = Tagger(tags, Vocabulary([*labels, "bias"]), weights, np.zeros((len(tags), len(tags))))
    return MentionModel(tagger, Gazetteer({}), Classifier(["name"], Vocabulary(()), np.zeros((0, 1)), np.zeros(1)))


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        pytest.param(
            "Boeing won. So Boeing built.",
            {"w-1=<>": "COMPANY"},
            [("Boeing", "COMPANY"), ("Boeing", "COMPANY")],
            id="carried-over",
        ),
        pytest.param(
            "Boeing (BDS) won.",
            {"w-1=<>": "COMPANY", "w=bds": "WEAPON"},
            [("Boeing", "COMPANY"), ("BDS", "COMPANY")],
            id="acronym",
        ),
        pytest.param(
            "Boeing, BDS won.",
            {"w-1=<>": "COMPANY", "w=bds": "WEAPON"},
            [("Boeing", "COMPANY"), ("BDS", "WEAPON")],
            id="no-parenthesis",
        ),
    ],
)
def test_the_model_makes_names_agree(text: str, labels: dict[str, str], expected: list[tuple[str, str]]) -> None:
    spans = _mention_model(labels).predict(make_document(text))
    assert [(text[span.start : span.end], span.label) for span in spans] == expected


def test_a_name_of_more_than_a_dozen_tokens_is_not_carried_over() -> None:
    for words, times in ((12, 2), (13, 1)):
        name = " ".join(["Ab"] * words)
        text = f"{name} won. so {name} built"
        sequences = token_sequences(make_document(text))
        assert len(carried_over(text, sequences, [(0, len(name), "COMPANY")])) == times


@pytest.mark.parametrize(
    ("text", "found", "added"),
    [
        pytest.param("Ana Diaz left. Diaz returned.", [("Ana Diaz", "PERSON")], ["Diaz"], id="last-name"),
        pytest.param("Boeing won. So Boeing built.", [("Boeing", "COMPANY")], ["Boeing"], id="same-name"),
        pytest.param("Boeing won. So Boeing Defense built.", [("Boeing", "COMPANY")], [], id="longer-name"),
        pytest.param("Boeing won a Boeing-led bid.", [("Boeing", "COMPANY")], [], id="hyphen"),
        pytest.param("missiles came. The missiles flew.", [("missiles", "WEAPON")], [], id="description"),
        pytest.param("Tucson grew. In Tucson it rained.", [("Tucson", "LOCATION")], [], id="place"),
    ],
)
def test_names_are_carried_over(text: str, found: list[tuple[str, str]], added: list[str]) -> None:
    spans = [(text.index(surface), text.index(surface) + len(surface), label) for surface, label in found]
    result = carried_over(text, token_sequences(make_document(text)), spans)
    assert [text[start:end] for start, end, _ in result if (start, end) not in {s[:2] for s in spans}] == added
    assert result == sorted(result)


def test_an_acronym_in_parentheses_takes_the_label_of_its_long_form() -> None:
    text = "Joint Venture (JV), four (4) and Javelin (for Norway)"
    found = [(0, 13, "COMPANY"), (15, 17, "WEAPON"), (20, 24, "QUANTITY"), (26, 27, "MONEY"), (33, 40, "WEAPON")]
    assert agreeing_acronyms(text, found) == [(0, 13, "COMPANY"), (15, 17, "COMPANY"), *found[2:]]


# The system


def test_it_is_a_stored_system(fitted: LinearSystem) -> None:
    assert isinstance(fitted, StoredSystem)


def test_it_learns_the_documents_it_was_fitted_on(
    fitted: LinearSystem, made: list[tuple[Document, Annotation]]
) -> None:
    for document, gold in made:
        predicted = fitted.predict(document)
        spans = {(m.start, m.end, m.label, m.form) for m in gold.mentions or ()}
        assert {(m.start, m.end, m.label, m.form) for m in predicted.mentions or ()} == spans
        assert _relations(predicted) >= {r for r in _relations(gold) if r[0] in ("item", "quantity")}


def _relations(annotation: Annotation) -> set[tuple[str, int, int]]:
    starts = {m.id: m.start for m in annotation.mentions or ()}
    return {(r.label, starts[r.head], starts[r.tail]) for r in annotation.relations or ()}


def test_predictions_are_sound_on_texts_of_another_kind(fitted: LinearSystem, articles: list[Document]) -> None:
    for document in articles:
        predicted = fitted.predict(document)
        assert predicted.doc_id == document.id
        assert structure_faults(predicted, document, document.id) == []
        label_of = {m.id: m.label for m in predicted.mentions or ()}
        entity_of = {m.id: m.entity for m in predicted.mentions or ()}
        regions = document.annotated_regions()
        for mention in predicted.mentions or ():
            assert any(r.start <= mention.start and mention.end <= r.end for r in regions)
        pairs = [(r.label, entity_of[r.head], entity_of[r.tail]) for r in predicted.relations or ()]
        assert len(pairs) == len(set(pairs)), "a relation between two entities needs to be found once"
        assert all(head != tail for _, head, tail in pairs)
        assert all(_allowed(r, label_of) for r in predicted.relations or ())


def _allowed(relation: Relation, label_of: dict[str, str]) -> bool:
    known = scheme().relation(relation.label)
    return known is not None and known.allows(label_of[relation.head], label_of[relation.tail])


def test_candidates_are_only_what_the_scheme_allows(made: list[tuple[Document, Annotation]]) -> None:
    for document, gold in made:
        mentions, entities = assemble(document, gold_spans(gold))
        candidates = list(PairReader(document, mentions, entities).candidates())
        assert candidates
        order = list(dict.fromkeys(m.entity for m in mentions))
        places = [(order.index(c.head.entity), order.index(c.tail.entity)) for c in candidates]
        assert places == sorted(places)
        for candidate in candidates:
            assert candidate.head.entity != candidate.tail.entity
            types = [r.name for r in scheme().relations if r.allows(candidate.head.label, candidate.tail.label)]
            assert list(candidate.relations) == types


@pytest.mark.parametrize(("apart", "near"), [(1, True), (SENTENCES, True), (SENTENCES + 1, False)])
def test_candidates_stand_near_each_other_unless_one_is_a_deal(apart: int, near: bool) -> None:
    between = "They met again. " * (apart - 1)
    document, gold = marked(
        f"A {{{{m1 DEAL e1|sale}}}} of {{{{m2 QUANTITY e2|six}}}} came. {between}The {{{{m3 WEAPON e3|tanks}}}} of"
        " {{m4 GPE e4|Norway}} left."
    )
    mentions, entities = assemble(document, gold_spans(gold))
    surface = {m.id: document.text[m.start : m.end] for m in mentions}
    reader = PairReader(document, mentions, entities)
    assert reader.places[2].sentence - reader.places[1].sentence == apart
    pairs = {(surface[c.head.id], surface[c.tail.id]) for c in reader.candidates()}
    assert pairs >= {("sale", "tanks"), ("Norway", "sale")}
    assert (("tanks", "six") in pairs) == near


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 3)), min_size=2, max_size=12))
def test_the_nearest_mentions_stand_for_two_entities(drawn: list[tuple[str, int]]) -> None:
    """Against all pairs of mentions; "A" is a weapon, "B" a quantity."""
    marks = {"A": "{{%s WEAPON e1|Leopard}}", "B": "{{%s QUANTITY e2|six}}"}
    parts = [marks[name] % f"m{i}" + " x" * gap + (". It" if gap == 3 else "") for i, (name, gap) in enumerate(drawn)]
    document, gold = marked(" ".join(parts) + ".")
    mentions = [msgspec.structs.replace(m, entity=m.label) for m in gold.mentions or ()]
    reader = PairReader(document, mentions, ())
    sides = [[p for p in reader.places if p.mention.label == label] for label in ("WEAPON", "QUANTITY")]

    def nearness(head: int, tail: int) -> tuple[int, int, int, int]:
        a, b = sides[0][head], sides[1][tail]
        gap = max(a.first, b.first) - min(a.last, b.last)
        return (abs(a.sentence - b.sentence), max(gap, 0), a.first, b.first)

    cases = list(product(range(len(sides[0])), range(len(sides[1]))))
    expected = [min(cases, key=lambda pair: nearness(*pair))] if cases else []
    expected = [pair for pair in expected if nearness(*pair)[0] <= SENTENCES]
    chosen = [(sides[0][a].mention, sides[1][b].mention) for a, b in expected]
    assert [(c.head, c.tail) for c in reader.candidates() if c.head.label == "WEAPON"] == chosen


def _relation_model(single_head: tuple[str, ...], single_tail: tuple[str, ...]) -> RelationModel:
    """A model that finds a quantity in every candidate."""
    always = Classifier([NO, YES], Vocabulary(()), np.zeros((0, 2)), np.array([0.0, 1.0]))
    return RelationModel({"quantity": always}, single_head, single_tail)


@pytest.mark.parametrize(
    ("single_head", "single_tail", "expected"),
    [
        pytest.param((), (), [("tanks", "six"), ("tanks", "ten"), ("guns", "six"), ("guns", "ten")], id="any"),
        pytest.param(("quantity",), (), [("tanks", "six"), ("tanks", "ten")], id="one-head-a-tail"),
        pytest.param((), ("quantity",), [("tanks", "six"), ("guns", "six")], id="one-tail-a-head"),
    ],
)
def test_of_unique_relations_one_is_kept(
    single_head: tuple[str, ...], single_tail: tuple[str, ...], expected: list[tuple[str, str]]
) -> None:
    inline = "{{m1 QUANTITY e1|six}} {{m2 WEAPON e2|tanks}}, {{m3 QUANTITY e3|ten}} {{m4 WEAPON e4|guns}}."
    document, gold = marked(inline)
    mentions, entities = assemble(document, gold_spans(gold))
    surface = {m.id: document.text[m.start : m.end] for m in mentions}
    relations = _relation_model(single_head, single_tail).predict(document, mentions, entities)
    assert [(surface[r.head], surface[r.tail]) for r in relations] == expected


def test_what_is_unique_is_learnt_from_enough_cases(made: list[tuple[Document, Annotation]]) -> None:
    few = RelationModel.fit([document for document, _ in made], [gold for _, gold in made])
    assert (few.single_head, few.single_tail) == (frozenset(), frozenset())
    many = [made_sale(number) for number in range(16)]
    learnt = RelationModel.fit([document for document, _ in many], [gold for _, gold in many])
    assert "quantity" in learnt.single_head & learnt.single_tail


PREDICT = """
import sys, msgspec
from armsbench.annotations.annotation import Annotation
from armsbench.baselines.linear.system import LinearSystem
from armsbench.corpus.document import Document
made = msgspec.json.decode(sys.stdin.buffer.read(), type=list[tuple[Document, Annotation]])
system = LinearSystem()
system.fit([document for document, _ in made[:4]], [gold for _, gold in made[:4]])
sys.stdout.buffer.write(msgspec.json.encode([system.predict(document) for document, _ in made]))
"""


def test_the_order_of_sets_changes_nothing(made: list[tuple[Document, Annotation]]) -> None:
    def predicted(seed: str) -> list[Annotation]:
        done = subprocess.run(
            [sys.executable, "-c", PREDICT],
            input=msgspec.json.encode(made),
            capture_output=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return msgspec.json.decode(done.stdout, type=list[Annotation])

    first = predicted("0")
    assert any(each.relations for each in first)
    assert first == predicted("1")


def test_fitting_twice_gives_the_same_system(
    fitted: LinearSystem, made: list[tuple[Document, Annotation]], articles: list[Document]
) -> None:
    again = LinearSystem()
    again.fit([document for document, _ in made], [annotation for _, annotation in made])
    for document in [*articles[:2], made[0][0]]:
        assert again.predict(document) == fitted.predict(document)
        assert fitted.predict(document) == fitted.predict(document)


def test_a_document_without_annotated_text_has_nothing(fitted: LinearSystem) -> None:
    document = msgspec.structs.replace(made_sale(0)[0], text="By Norway\n", regions=(Region("byline", 0, 10),))
    predicted = fitted.predict(document)
    assert (predicted.mentions, predicted.entities, predicted.relations) == ((), (), ())


def test_an_unfitted_system_says_what_to_do(made: list[tuple[Document, Annotation]], tmp_path: Path) -> None:
    with pytest.raises(ArmsBenchError, match="fit"):
        LinearSystem().predict(made[0][0])
    with pytest.raises(ArmsBenchError, match="fit"):
        LinearSystem().save(tmp_path)


def test_gold_of_other_documents_is_refused(made: list[tuple[Document, Annotation]]) -> None:
    (first, _), (_, second) = made[0], made[1]
    with pytest.raises(ArmsBenchError, match="same order"):
        LinearSystem().fit([first], [second])
    with pytest.raises(ArmsBenchError, match="no mention"):
        LinearSystem().fit([first], [Annotation(doc_id=first.id, mentions=(), entities=(), relations=())])
    with pytest.raises(ArmsBenchError, match="no mention"):
        LinearSystem().fit([], [])
