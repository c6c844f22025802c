"""Counting many documents at once gives what the definitions say of them one by one."""

from __future__ import annotations

import numpy as np
import pytest
from armsbench import Annotation, Mention
from armsbench.benchmark import mentions
from armsbench.benchmark.count_mentions import count_mentions
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from . import definitions

LABELS = ("GPE", "WEAPON", "DEAL")
MENTION = st.builds(
    lambda start, length, label, form: (start, start + length, label, form),
    st.integers(0, 30),
    st.integers(1, 9),
    st.sampled_from(LABELS),
    st.sampled_from(["name", "nominal", None]),
)
DOCUMENTS = st.lists(st.tuples(st.lists(MENTION, max_size=9), st.lists(MENTION, max_size=9)), max_size=6)


def layer(keys: list[tuple[int, int, str, str | None]], *, formed: bool) -> tuple[Mention, ...]:
    """Mentions of these keys, with their forms if ``formed``; they may repeat, also under another form."""
    return tuple(
        Mention(id=f"m{i}", start=s, end=e, label=label, form=form if formed else None)  # type: ignore[arg-type]
        for i, (s, e, label, form) in enumerate(keys)
    )


@settings(max_examples=300)
@given(DOCUMENTS)
def test_many_at_once_are_one_by_one(documents: list[tuple[list, list]]) -> None:  # type: ignore[type-arg]
    gold = [Annotation(doc_id="d", mentions=layer(g, formed=True)) for g, _ in documents]
    predicted = [Annotation(doc_id="d", mentions=layer(p, formed=False)) for _, p in documents]
    one_by_one = [definitions.count_mentions(g, p) for g, p in zip(gold, predicted, strict=True)]
    at_once = count_mentions(gold, predicted)
    assert at_once.shape == (len(documents), len(mentions.MEASURES), 4)
    if documents:
        np.testing.assert_allclose(at_once, np.stack(one_by_one), atol=1e-12)


Span = tuple[int, int, str]


def best_credit(gold: set[Span], predicted: set[Span], *, dice: bool) -> float:
    """The credit of the best of all one-to-one matchings: no groups, no short ways, one matrix of everything."""
    weights = np.zeros((len(gold), len(predicted)))
    for i, (start, end, label) in enumerate(sorted(gold)):
        for j, (other_start, other_end, other_label) in enumerate(sorted(predicted)):
            shared = len({*range(start, end)} & {*range(other_start, other_end)})
            if shared and (dice or label == other_label):
                weights[i, j] = 2 * shared / (end - start + other_end - other_start) if dice else 1.0
    return float(weights[linear_sum_assignment(weights, maximize=True)].sum())


@settings(max_examples=300)
@given(DOCUMENTS)
def test_no_matching_is_better(documents: list[tuple[list, list]]) -> None:  # type: ignore[type-arg]
    gold = [Annotation(doc_id="d", mentions=layer(g, formed=True)) for g, _ in documents]
    predicted = [Annotation(doc_id="d", mentions=layer(p, formed=False)) for _, p in documents]
    values = count_mentions(gold, predicted)
    for row, (g, p) in zip(values, documents, strict=True):
        spans = [{(start, end, "") for start, end, _, _ in side} for side in (g, p)]
        keys = [{(start, end, label) for start, end, label, _ in side} for side in (g, p)]
        assert row[mentions.MEASURES.index("overlap"), 0] == pytest.approx(best_credit(*spans, dice=True))
        assert row[mentions.MEASURES.index("label_only"), 0] == pytest.approx(best_credit(*keys, dice=False))
