"""The linear system: valid tags, label-constrained candidates, exact storage, and honest refusals."""

from __future__ import annotations

import re
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
from armsbench.baselines.assemble import assemble
from armsbench.baselines.linear.carry_over import agreeing_acronyms, carried_over
from armsbench.baselines.linear.decoding import (
    Floats,
    barred,
    best_path,
    may_follow,
    spans_of_tags,
    tags_of_mentions,
    transition_mask,
)
from armsbench.baselines.linear.expressions import expression_marks
from armsbench.baselines.linear.features import normal_word, shape, word_class
from armsbench.baselines.linear.gazetteer import Gazetteer
from armsbench.baselines.linear.pairs import PairReader
from armsbench.baselines.linear.relation_model import gold_spans
from armsbench.baselines.linear.system import LinearSystem
from armsbench.baselines.linear.tagger import Tagger
from armsbench.baselines.linear.tokens import Token, token_sequences, words_of
from armsbench.baselines.linear.vocabulary import Vocabulary
from armsbench.corpus.document import Document, Region
from armsbench.corpus.errors import ArmsBenchError, DataError
from armsbench.corpus.load import load_corpus
from armsbench.corpus.splits import documents_of_split
from hypothesis import given
from hypothesis import strategies as st

from .conftest import make_document
from .marked import marked

TAGS = ("O", "B-GPE", "I-GPE", "B-WEAPON", "I-WEAPON", "B-DATE")
FLOAT = st.floats(-50, 50)

BYLINE = "By Norway Boeing\n\n"

TEMPLATES = (
    "{{m1 GPE e1|GPE}} - {{m2 WEAPON e2|ITEM}}\n\n"
    "The {{m3 GOV_BODY e3|Defense Agency}} notified {{m4 GOV_BODY e4|Congress}} {{m5 DATE e5|today}} of a"
    " {{m6 DEAL e6|possible sale}} to {{m7 GPE e1|GPE}} of {{m8 QUANTITY e7|COUNT}} {{m9 WEAPON e2|ITEM}} for"
    " {{m10 MONEY e8|$COUNT million}}. The contractor will be {{m11 COMPANY e9|FIRM}} in {{m12 LOCATION e10|PLACE}}."
    "\n\n%% entities\ne6 kind=sale status=proposed\n%% relations\nitem m6 m9\nrecipient m6 m7\nquantity m9 m8\n"
    "value m6 m10\nnotified_to m6 m4\ndated m6 m5\ncontractor m6 m11\nlocated_in m11 m12\n",
    "{{m1 GPE e1|GPE}} gets {{m2 WEAPON e2|ITEM}}\n\n"
    "On {{m3 DATE e3|Monday}} {{m4 GPE e1|GPE}} bought {{m5 QUANTITY e4|COUNT}} {{m6 WEAPON e2|ITEM}} from"
    " {{m7 COMPANY e5|FIRM}}. The {{m8 DEAL e6|deal}} is worth {{m9 MONEY e7|$COUNT million}}, said the firm of"
    " {{m10 LOCATION e8|PLACE}}.\n\n%% entities\ne6 kind=sale status=contracted\n%% relations\nitem m8 m6\n"
    "recipient m8 m4\nsupplier m8 m7\nvalue m8 m9\nquantity m6 m5\n",
)
FILLINGS = (
    ("Norway", "AIM-9X missiles", "20", "Raytheon Company", "Tucson, Arizona"),
    ("Latvia", "M142 launchers", "six", "Lockheed Martin", "Camden, Arkansas"),
    ("Kuwait", "F-16 aircraft", "1,200", "Boeing Company", "St. Louis, Missouri"),
)


def _made(number: int) -> tuple[Document, Annotation]:
    """A small text about a sale, with headline, byline and body, and its gold; each number another."""
    country, item, count, firm, place = FILLINGS[number % len(FILLINGS)]
    inline = TEMPLATES[number % len(TEMPLATES)].replace("\n\n", f"\n\n{BYLINE}", 1)
    for name, filling in (("|GPE", country), ("|ITEM", item), ("COUNT", count), ("|FIRM", firm), ("|PLACE", place)):
        inline = inline.replace(name, "|" * name.startswith("|") + filling)
    document, gold = marked(inline, f"made-{number}")
    body = document.text.index(BYLINE) + len(BYLINE)
    ends = [0, body - len(BYLINE), body, len(document.text)]
    regions = (Region("headline", *ends[:2]), Region("byline", *ends[1:3]), Region("body", *ends[2:]))
    return msgspec.structs.replace(document, regions=regions), gold


@pytest.fixture(scope="module")
def made() -> list[tuple[Document, Annotation]]:
    return [_made(number) for number in range(6)]


@pytest.fixture(scope="module")
def fitted(made: list[tuple[Document, Annotation]]) -> LinearSystem:
    system = LinearSystem()
    system.fit([document for document, _ in made], [annotation for _, annotation in made])
    return system


@pytest.fixture(scope="module")
def articles() -> list[Document]:
    """The articles of train: always within reach, and not what the made documents look like."""
    return list(load_corpus(["articles"], only=documents_of_split("train")).documents.values())


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
    assert spans_of_tags(tags) == spans


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
    assert fitted.mentions_.lost == ()
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
        for candidate in candidates:
            assert candidate.head.entity != candidate.tail.entity
            types = [r.name for r in scheme().relations if r.allows(candidate.head.label, candidate.tail.label)]
            assert list(candidate.relations) == types


def test_fitting_twice_gives_the_same_system(
    fitted: LinearSystem, made: list[tuple[Document, Annotation]], articles: list[Document]
) -> None:
    again = LinearSystem()
    again.fit([document for document, _ in made], [annotation for _, annotation in made])
    for document in [*articles[:2], made[0][0]]:
        assert again.predict(document) == fitted.predict(document)
        assert fitted.predict(document) == fitted.predict(document)


def test_a_document_without_annotated_text_has_nothing(fitted: LinearSystem) -> None:
    document = msgspec.structs.replace(_made(0)[0], text="By Norway\n", regions=(Region("byline", 0, 10),))
    predicted = fitted.predict(document)
    assert (predicted.mentions, predicted.entities, predicted.relations) == ((), (), ())


def test_a_loaded_model_predicts_exactly_what_the_saved_one_did(
    fitted: LinearSystem, articles: list[Document], made: list[tuple[Document, Annotation]], tmp_path: Path
) -> None:
    fitted.save(tmp_path / "model")
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == ["model.json", "weights.npz"]
    loaded = LinearSystem.load(tmp_path / "model")
    for document in [*articles, *(document for document, _ in made)]:
        assert loaded.predict(document) == fitted.predict(document)
    loaded.save(tmp_path / "again")
    for name in ("model.json", "weights.npz"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "model" / name).read_bytes()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def _foreign(path: Path) -> None:
    path.write_bytes(b"\x80\x04K\x2a." if path.suffix == ".npz" else b'{"format":"other"}')


def _gone(path: Path) -> None:
    path.unlink()


def _empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("name", ["model.json", "weights.npz"])
@pytest.mark.parametrize("spoil", [_cut, _foreign, _gone, _empty])
def test_spoilt_files_are_refused(fitted: LinearSystem, tmp_path: Path, name: str, spoil) -> None:  # type: ignore[no-untyped-def]
    fitted.save(tmp_path)
    spoil(tmp_path / name)
    with pytest.raises(DataError, match=re.escape(name)):
        LinearSystem.load(tmp_path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b'"version":1', b'"version":99', id="another-version"),
        pytest.param(b"armsbench-linear", b"somebody-else", id="another-format"),
        pytest.param(b'"tags":["O",', b'"tags":["O","B-LAW",', id="shape-does-not-fit"),
        pytest.param(b'"tags":["O",', b'"tags":[7,', id="wrong-type"),
        pytest.param(b'"gazetteer":', b'"gazetter":', id="unknown-field"),
        pytest.param(b'"B-GPE"', b'"B-GPX"', id="unknown-label"),
    ],
)
def test_altered_models_are_refused(fitted: LinearSystem, tmp_path: Path, old: bytes, new: bytes) -> None:
    fitted.save(tmp_path)
    model = tmp_path / "model.json"
    assert old in model.read_bytes()
    model.write_bytes(model.read_bytes().replace(old, new, 1))
    with pytest.raises(DataError):
        LinearSystem.load(tmp_path)


def test_a_pickle_in_the_numbers_is_refused(fitted: LinearSystem, tmp_path: Path) -> None:
    fitted.save(tmp_path)
    np.savez(tmp_path / "weights.npz", array=np.array([{}], dtype=object))
    with pytest.raises(DataError, match=r"weights\.npz"):
        LinearSystem.load(tmp_path)


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
