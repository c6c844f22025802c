"""How much texts repeat each other, and near-duplicates across splits."""

from __future__ import annotations

import json

import msgspec
import pytest
from armsbench import Document, Release
from armsbench.cli import main
from armsbench.corpus.diversity import masked, measure_diversity, words_of
from armsbench.corpus.document import Region
from armsbench.corpus.facts import Fact, FactSheet, Notification
from armsbench.corpus.index import IndexEntry
from armsbench.corpus.leakage import THRESHOLD, near_duplicates, told_sales
from click.testing import CliRunner

from .conftest import make_document

TEMPLATE = "{} asked for {} of the new launchers that the army of the country had tried last year. "


def sold(doc_id: str, buyer: str, count: int, rest: str = "") -> Document:
    return make_document(TEMPLATE.format(buyer, count) + rest, doc_id)


def test_names_figures_and_designations_are_masked_as_one_slot() -> None:
    words = words_of("The Royal Thai Army's 12 AH-64E helicopters cost $1.2 billion, it's said.")
    assert masked(words) == ["_", "helicopters", "cost", "_", "billion", "it's", "said"]


def test_a_filled_template_is_a_repeated_sentence_and_a_shared_run() -> None:
    own = "Nobody else has written that particular sentence about boats."
    rows = measure_diversity("articles", [sold("one", "Norway", 12), sold("two", "Chile", 9, own)])
    assert (rows.sentences, rows.repeated) == (3, 2 / 3)
    assert rows.longest_run is not None
    assert rows.longest_run.text == "of the new launchers that the army of the country had tried last year"
    assert (rows.longest_run.words, rows.longest_run.documents) == (14, ("one", "two"))
    assert rows.openings == 0.0


def test_a_shared_run_does_not_count_names_and_a_repetition_within_one_text_is_none() -> None:
    name = "the National Chung-Shan Institute of Science and Technology"
    first = f"It was {name} that tested boats. It was boats that they tested, it was boats that they tested. "
    rows = measure_diversity("articles", [make_document(first, "one"), make_document(f"Ask {name} why.", "two")])
    assert rows.longest_run is not None
    assert rows.longest_run.words == 3  # the, of, and
    assert rows.repeated == 0.0


def test_furniture_is_no_text_of_ours() -> None:
    text = "Sign up for our letter today please.\n\nBoats are slow to build in small yards."
    cut = text.index("Boats")
    documents = [
        msgspec.structs.replace(d, regions=(Region("furniture", 0, cut), Region("body", cut, len(text))))
        for d in (make_document(text, "one"), make_document(text.replace("Boats", "Ships"), "two"))
    ]
    assert measure_diversity("articles", documents).sentences == 2


def test_near_duplicates_are_found_and_across_splits_named() -> None:
    body = " ".join(f"word{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(120))
    other = " ".join(f"term{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(120))
    texts = {"one": f"Norway {body}", "two": f"Chile {body}", "three": other}
    documents = [make_document(text, doc_id) for doc_id, text in texts.items()]
    (pair,) = near_duplicates(documents, {"one": "train", "two": "test", "three": "test"})
    assert (pair.documents, pair.splits, pair.across) == (("one", "two"), ("train", "test"), True)
    assert pair.similarity == 1.0
    (pair,) = near_duplicates(documents, {"one": "test", "two": "test"})
    assert not pair.across


@pytest.mark.parametrize(("shared", "found"), [(60, False), (70, True)])
def test_the_threshold_is_exact_though_the_search_is_not(shared: int, found: bool) -> None:
    """Of n words with s shared in a row, s - 4 shingles are shared of 2 (n - 4) - (s - 4) in all."""
    first = [f"a{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(100)]
    second = first[:shared] + [f"b{word}" for word in first[shared:]]
    similarity = (shared - 4) / (2 * 96 - (shared - 4))
    pairs = near_duplicates([make_document(" ".join(w), i) for i, w in (("x", first), ("y", second))], {})
    assert (similarity >= THRESHOLD) is found
    assert [p.similarity for p in pairs] == ([pytest.approx(similarity)] if found else [])


@pytest.mark.parametrize(
    ("number", "date", "found"),
    [
        ("11-39", "2011-09-21", True),
        ("11-39", "2001-09-21", False),
        ("11-3", "2011-09-21", False),
        (None, "2011-09-21", False),
    ],
)
def test_articles_that_tell_of_a_notices_sale_are_named(number: str | None, date: str, found: bool) -> None:
    its = Notification(date=date, recipient="Taiwan (TECRO)", transmittal=number)
    fact = Fact(id="f1", fact="x", source="https://x", notification=its)
    sheet = FactSheet(doc_id="a", title="t", date=date, genre="g", story="s", plan="p", facts=(fact,), deals=())
    notice = IndexEntry(
        id="n", source="n", story="dsca-11-39-taipei", sha256="", licence="", regions=(), date="2011-09-21"
    )
    told = told_sales([sheet], [notice], {"a": "train", "n": "test"})
    assert [(t.article, t.fact, t.notice, t.splits) for t in told] == (
        [("a", "f1", "n", ("train", "test"))] if found else []
    )
    assert told_sales([sheet], [notice], {"a": "train"}) == []


def test_the_release_leaks_nothing_and_articles_are_no_templates(release: Release) -> None:
    """What issue and datasheet promise: below 2 % repeated sentences, below 12 words in a row, own openings."""
    runner = CliRunner()
    leakage = runner.invoke(main, ["leakage"])
    assert leakage.exit_code == 0, leakage.output
    rows = json.loads(runner.invoke(main, ["diversity", "--json"]).stdout)
    articles = next(row for row in rows if row["collection"] == "articles")
    assert articles["documents"] == len(release.select("articles"))
    assert articles["repeated"] < 0.02
    assert articles["longest_run"]["words"] < 12
    assert articles["openings"] == 1.0


def test_leakage_across_splits_ends_with_status_1(monkeypatch: pytest.MonkeyPatch, release: Release) -> None:
    first = release.select("articles", "train")[0].id
    twin = release.select("articles", "test")[0].id
    text = release.documents[first].text
    corpus = msgspec.structs.replace(
        release.corpus,
        documents={first: release.documents[first], twin: msgspec.structs.replace(release.documents[twin], text=text)},
        absent={},
    )
    monkeypatch.setattr("armsbench.corpus.load.load_corpus", lambda **_: corpus)
    result = CliRunner().invoke(main, ["leakage"])
    assert result.exit_code == 1
    assert "2 texts: 1 near-duplicates, 1 of them across splits" in result.output
