"""Strict mention scores against others' scorers, live: seqeval, spaCy, scikit-learn on the same random documents."""

from __future__ import annotations

import random
from collections.abc import Iterable

import numpy as np
import pytest
from armsbench import Annotation, Mention
from armsbench.benchmark import mentions
from armsbench.benchmark.measures import Floats, rates

from .conftest import count_one, make_document

LABELS = ("GPE", "WEAPON", "DEAL", "MONEY")
LENGTH = 60
Key = tuple[int, int, str]


def flat_mentions(generator: random.Random) -> list[Key]:
    """Mentions that do not overlap, as BIO tags can hold."""
    cuts = sorted(generator.sample(range(LENGTH), 12))
    return [(s, e, generator.choice(LABELS)) for s, e in zip(cuts[::2], cuts[1::2], strict=True)]


def disturbed(gold: list[Key], generator: random.Random) -> list[Key]:
    kept = []
    for start, end, label in gold:
        fate = generator.random()
        if fate < 0.6:
            kept.append((start, end, label))
        elif fate < 0.75:
            kept.append((start, end, generator.choice(LABELS)))
        elif fate < 0.9 and end - start > 1:
            kept.append((start, end - 1, label))
    return kept


@pytest.fixture(scope="module")
def pairs() -> list[tuple[list[Key], list[Key]]]:
    generator = random.Random(7)
    golds = [flat_mentions(generator) for _ in range(200)]
    return [(gold, disturbed(gold, generator)) for gold in golds]


def annotation(keys: Iterable[Key]) -> Annotation:
    made = tuple(Mention(id=f"m{i}", start=s, end=e, label=label) for i, (s, e, label) in enumerate(keys))
    return Annotation(doc_id="article-001", mentions=made)


def ours(pairs: list[tuple[list[Key], list[Key]]], measure: str) -> tuple[float, float, float]:
    document = make_document("x" * LENGTH)
    total = sum(count_one("mentions", document, annotation(gold), annotation(predicted)) for gold, predicted in pairs)
    precision, recall, f1 = rates(np.asarray(total)[mentions.MEASURES.index(measure)])
    return float(precision), float(recall), float(f1)


def tags(keys: list[Key]) -> list[str]:
    found = ["O"] * LENGTH
    for start, end, label in keys:
        found[start] = f"B-{label}"
        found[start + 1 : end] = [f"I-{label}"] * (end - start - 1)
    return found


@pytest.mark.filterwarnings("ignore")
def test_seqeval_strict(pairs: list[tuple[list[Key], list[Key]]]) -> None:
    from seqeval.metrics import f1_score, precision_score, recall_score
    from seqeval.scheme import IOB2

    gold, predicted = [tags(g) for g, _ in pairs], [tags(p) for _, p in pairs]
    theirs = [score(gold, predicted, mode="strict", scheme=IOB2) for score in (precision_score, recall_score, f1_score)]
    assert ours(pairs, "strict") == pytest.approx(theirs, abs=1e-12)


@pytest.mark.filterwarnings("ignore")
def test_spacy_scorer_with_overlap_allowed(pairs: list[tuple[list[Key], list[Key]]]) -> None:
    import spacy
    from spacy.scorer import Scorer
    from spacy.tokens import Doc, Span
    from spacy.training import Example

    vocabulary = spacy.blank("en").vocab
    nested = [(g, [*p, *((s, e, "GPE") for s, e, _ in p[:1])]) for g, p in pairs]

    def doc(keys: list[Key]) -> Doc:
        made = Doc(vocabulary, words=["x"] * LENGTH)
        made.spans["sc"] = [Span(made, s, e, label=label) for s, e, label in dict.fromkeys(keys)]
        return made

    examples = [Example(doc(p), doc(g)) for g, p in nested]
    theirs = Scorer.score_spans(
        examples, "spans_sc", getter=lambda d, _: d.spans["sc"], allow_overlap=True, labeled=True
    )
    found = (theirs["spans_sc_p"], theirs["spans_sc_r"], theirs["spans_sc_f"])
    assert ours(nested, "strict") == pytest.approx(found, abs=1e-12)


def test_scikit_learn_per_label(pairs: list[tuple[list[Key], list[Key]]]) -> None:
    from sklearn.metrics import precision_recall_fscore_support

    keys = sorted({(i, *k[:2]) for i, (g, p) in enumerate(pairs) for k in (*g, *p)})
    gold = {(i, *k[:2]): k[2] for i, (g, _) in enumerate(pairs) for k in g}
    predicted = {(i, *k[:2]): k[2] for i, (_, p) in enumerate(pairs) for k in p}
    p, r, f, _ = precision_recall_fscore_support(
        [gold.get(k, "none") for k in keys], [predicted.get(k, "none") for k in keys], labels=LABELS
    )
    for i, label in enumerate(LABELS):
        assert ours(pairs, f"strict:{label}") == pytest.approx((p[i], r[i], f[i]), abs=1e-12)


def test_nervaluate_where_its_greedy_matching_is_well_defined(pairs: list[tuple[list[Key], list[Key]]]) -> None:
    """Here each prediction overlaps one gold mention at most, so that the order of matching plays no part."""
    from nervaluate import Evaluator

    def listed(keys: list[Key]) -> list[dict[str, object]]:
        return [{"label": label, "start": start, "end": end - 1} for start, end, label in keys]

    gold, predicted = [listed(g) for g, _ in pairs], [listed(p) for _, p in pairs]
    theirs = Evaluator(gold, predicted, tags=list(LABELS), loader="dict").evaluate()["overall"]
    for their_name, our_name in {"strict": "strict", "exact": "boundaries"}.items():
        found = theirs[their_name]
        assert ours(pairs, our_name) == pytest.approx((found.precision, found.recall, found.f1), abs=1e-12)


def test_macro_is_that_of_scikit_learn(pairs: list[tuple[list[Key], list[Key]]]) -> None:
    from sklearn.metrics import f1_score

    keys = sorted({(i, *k[:2]) for i, (g, p) in enumerate(pairs) for k in (*g, *p)})
    gold = {(i, *k[:2]): k[2] for i, (g, _) in enumerate(pairs) for k in g}
    predicted = {(i, *k[:2]): k[2] for i, (_, p) in enumerate(pairs) for k in p}
    sides = [[side.get(k, "none") for k in keys] for side in (gold, predicted)]
    theirs = f1_score(*sides, labels=LABELS, average="macro")
    document = make_document("x" * LENGTH)
    total = np.zeros((len(mentions.MEASURES), 4))
    for g, p in pairs:
        total += count_one("mentions", document, annotation(g), annotation(p))
    assert float(mentions.DERIVED["macro:strict"](total)[2]) == pytest.approx(theirs, abs=1e-12)


def test_randomisation_counts_as_sacrebleu_does() -> None:
    """The p-value of sacrebleu's test from the same exchanges; where nothing ties, ours must equal it."""
    from armsbench.benchmark.significance import randomisation_p
    from sacrebleu.significance import _compute_p_value

    generator = np.random.default_rng(3)
    whole = np.full(30, 20.0)
    one, other = (np.stack([r, whole, r, whole], axis=-1)[:, None, :] for r in generator.random((2, 30)))
    trials, seed = 500, 11

    def statistic(sums: Floats) -> Floats:
        f1: Floats = rates(sums)[2][..., 0]
        return f1

    exchanged = np.random.default_rng(seed).integers(0, 2, size=(trials, 30)).astype(bool)
    drawn = []
    for mask in exchanged:
        sides = [np.where(mask[:, None, None], b, a).sum(axis=0) for a, b in ((one, other), (other, one))]
        drawn.append(abs(float(statistic(sides[0])) - float(statistic(sides[1]))))
    real = abs(float(statistic(one.sum(axis=0))) - float(statistic(other.sum(axis=0))))
    assert randomisation_p(one, other, statistic, trials, seed) == _compute_p_value(np.array(drawn), real)
