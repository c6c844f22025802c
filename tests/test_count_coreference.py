"""Counting many documents at once gives what the definitions say of them one by one."""

from __future__ import annotations

import numpy as np
from armsbench import Annotation, Mention
from armsbench.benchmark import coreference
from armsbench.benchmark.count_coreference import count_coreference
from hypothesis import given, settings
from hypothesis import strategies as st

from . import definitions

# Few spans and entities, so that clusters of both sides meet, spans repeat, and entities hold values too.
MENTION = st.builds(
    lambda i, start, length, label, entity: Mention(
        id=f"m{i}", start=start, end=start + length, label=label, entity=entity
    ),
    st.integers(0, 99),
    st.integers(0, 12),
    st.integers(1, 2),
    st.sampled_from(["GPE", "WEAPON", "MONEY"]),
    st.sampled_from(["e1", "e2", "e3", "e4", "m1", None]),
)
LAYER = st.lists(MENTION, max_size=16, unique_by=lambda m: m.id).map(tuple)


@settings(max_examples=300)
@given(st.lists(st.tuples(LAYER, LAYER), max_size=6))
def test_many_at_once_are_one_by_one(documents: list[tuple[tuple[Mention, ...], tuple[Mention, ...]]]) -> None:
    gold = [Annotation(doc_id="d", mentions=g, entities=()) for g, _ in documents]
    predicted = [Annotation(doc_id="d", mentions=p, entities=()) for _, p in documents]
    one_by_one = [definitions.count_coreference(g, p) for g, p in zip(gold, predicted, strict=True)]
    at_once = count_coreference(gold, predicted)
    assert at_once.shape == (len(documents), len(coreference.MEASURES), 4)
    if documents:
        np.testing.assert_allclose(at_once, np.stack(one_by_one), atol=1e-12)
