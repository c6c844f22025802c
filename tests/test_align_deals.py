"""Aligning deal records: the best alignment, whatever their order, and gold on itself is right."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest
from armsbench.annotations.annotation import Deal, Filler
from armsbench.benchmark import deals
from armsbench.benchmark.deals import MEASURES, align, count_records
from hypothesis import given, settings
from hypothesis import strategies as st


def made(*records: tuple[dict[str, Any], str]) -> tuple[Deal, ...]:
    """Records d0, d1, ... with these fields, parts of those whose numbers stand in the string."""
    return tuple(
        Deal(id=f"d{n}", part_of=tuple(f"d{digit}" for digit in parts), **fields)
        for n, (fields, parts) in enumerate(records)
    )


def row(gold: tuple[Deal, ...], predicted: tuple[Deal, ...], measure: str) -> list[float]:
    """Of one measure: right and given in predictions, right and given in gold."""
    counted: list[float] = count_records(gold, predicted)[MEASURES.index(measure)].tolist()
    return counted


SALE: dict[str, Any] = {"kind": "sale"}
FIELDS = st.sampled_from([{}, SALE, {"kind": "gift"}, {**SALE, "recipient": (Filler(name="Latvia"),)}])


@st.composite
def records(draw: st.DrawFn, most: int = 5) -> tuple[Deal, ...]:
    """Few kinds of records, so that many say the same; a record is part of those before it."""
    fields = draw(st.lists(FIELDS, max_size=most))
    return made(
        *(
            (each, "".join(map(str, draw(st.sets(st.integers(0, n - 1), max_size=2))) if n else ""))
            for n, each in enumerate(fields)
        )
    )


def renamed(side: tuple[Deal, ...], generator: random.Random) -> tuple[Deal, ...]:
    """The same records in another order under other ids."""
    names = {deal.id: f"x{n}" for n, deal in enumerate(generator.sample(side, len(side)))}
    mixed = generator.sample(side, len(side))
    return tuple(
        Deal(id=names[d.id], part_of=tuple(names[p] for p in d.part_of), kind=d.kind, recipient=d.recipient)
        for d in mixed
    )


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_two_packages_that_say_nothing_else(order: tuple[int, ...]) -> None:
    gold = made((SALE, ""), (SALE, ""), (SALE, "1"), (SALE, "2"))
    assert row(gold, tuple(gold[n] for n in order), "slots") == [6, 6, 6, 6]


@settings(max_examples=300)
@given(records(), records(), st.randoms(use_true_random=False))
def test_order_and_ids_play_no_part(
    gold: tuple[Deal, ...], predicted: tuple[Deal, ...], generator: random.Random
) -> None:
    again = count_records(renamed(gold, generator), renamed(predicted, generator))
    np.testing.assert_array_equal(count_records(gold, predicted), again)


@settings(max_examples=300)
@given(records(most=12), st.randoms(use_true_random=False))
def test_gold_on_itself_is_right(gold: tuple[Deal, ...], generator: random.Random) -> None:
    """Also where there are too many records to try every alignment."""
    whole = count_records(gold, renamed(gold, generator))
    np.testing.assert_array_equal(whole[:, 0], whole[:, 1])
    np.testing.assert_array_equal(whole[:, 2], whole[:, 3])


@settings(max_examples=300)
@given(records(most=4), records(most=4))
def test_no_alignment_is_better(gold: tuple[Deal, ...], predicted: tuple[Deal, ...]) -> None:
    def right(partner: dict[str, Deal]) -> int:
        total = 0
        for p in predicted:
            if p.id in partner:
                g = partner[p.id]
                total += (g.kind is not None and g.kind == p.kind) + (g.recipient != () and g.recipient == p.recipient)
                total += len({partner[k].id for k in p.part_of if k in partner} & set(g.part_of))
        return total

    padded = [*gold, *[None] * len(predicted)]
    best = max(
        right({p.id: g for p, g in zip(predicted, chosen, strict=True) if g is not None})
        for chosen in itertools.permutations(padded, len(predicted))
    )
    assert row(gold, predicted, "slots")[0] == best


def test_with_many_records_packages_are_found_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    gold = made(
        *((SALE, "") for _ in range(4)), *(({"recipient": (Filler(name=f"state {n}"),)}, str(n)) for n in range(4))
    )
    predicted = renamed(gold[:-1], random.Random(1))
    monkeypatch.setattr(deals, "EXHAUSTIVE", 0)
    assert row(gold, predicted, "slots:part_of") == [3, 3, 3, 4]


def test_a_date_given_twice_counts_once() -> None:
    gold = (Deal(id="d0", dated=("2020-01-01", "2020-01-01")),)
    assert row(gold, gold, "slots:dated") == [1, 1, 1, 1]


def test_accuracy_is_of_aligned_records_that_gold_says_something_of() -> None:
    latvia, norway, malta, chad = ((Filler(name=name),) for name in ("Latvia", "Norway", "Malta", "Chad"))
    gold = (
        Deal(id="a", kind="sale", status="approved", recipient=latvia),
        Deal(id="b", kind="sale", status="unknown", recipient=norway),
        Deal(id="c", status="approved", recipient=malta),
        Deal(id="not found", kind="loan", status="delivered", recipient=chad),
    )
    predicted = (
        Deal(id="a", kind="gift", status="approved", recipient=latvia),
        Deal(id="b", kind="sale", status="approved", recipient=norway),
        Deal(id="c", kind="sale", recipient=malta),
    )
    assert row(gold, predicted, "accuracy:kind") == [1, 2, 1, 2]  # a is wrong, b right; gold says nothing of c's
    assert row(gold, predicted, "accuracy:status") == [1, 2, 1, 2]  # a is right, c is missing; b's is not known


def test_records_without_anything_in_common_are_not_aligned() -> None:
    assert align(made((SALE, "")), made(({"kind": "gift"}, ""))) == []
