"""Counting many documents at once gives what the definitions say of them one by one."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from armsbench import Annotation, Mention
from armsbench.benchmark import assignment, coreference
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


def test_the_solver_is_scipys_without_the_rest_of_scipy() -> None:
    code = (
        "import sys, numpy as np\n"
        "from armsbench.benchmark.assignment import best_weight\n"
        "weights = np.random.default_rng(1).random((30, 9, 12))\n"
        "ours = [best_weight(each) for each in weights]\n"
        "assert 'scipy.optimize' not in sys.modules\n"
        "from scipy.optimize import linear_sum_assignment\n"
        "assert ours == [each[linear_sum_assignment(each, maximize=True)].sum() for each in weights]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_where_scipy_is_laid_out_otherwise_all_of_it_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    class FindsNothing:
        @staticmethod
        def find_spec(name: str, folders: list[str]) -> None:
            assert folders, name

    monkeypatch.setattr("armsbench.benchmark.assignment.PathFinder", FindsNothing)
    assignment._solver.cache_clear()
    assert assignment.best_weight(np.eye(7)) == 7
    assignment._solver.cache_clear()
