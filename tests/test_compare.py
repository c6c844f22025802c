"""``armsbench compare``: paired differences, their intervals and p-values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from armsbench import Annotation, Release
from armsbench.annotations.annotation import encode_annotation
from armsbench.benchmark.measures import Floats, rates
from armsbench.benchmark.significance import difference_interval, holm, randomisation_p
from armsbench.cli import main
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st


def f1(sums: Floats) -> Floats:
    return np.nan_to_num(rates(sums)[2][..., 0])


def counts(pairs: list[tuple[int, int, int]]) -> Floats:
    """Counts by story from (correct, predicted, gold)."""
    return np.array([[[c, p, c, g]] for c, p, g in pairs], dtype=float)


def test_a_system_against_itself_is_never_significant() -> None:
    same = counts([(3, 5, 6), (1, 4, 4), (0, 1, 2)])
    assert randomisation_p(same, same, f1, 500, seed=1) == 1.0
    assert difference_interval(same, same, f1, 500, seed=1) == (0.0, 0.0)


def test_all_exchanges_of_few_stories_by_hand() -> None:
    """Two stories, the first system right in both, the second in none: of four exchanges two are as extreme."""
    one, other = counts([(1, 1, 1), (1, 1, 1)]), counts([(0, 1, 1), (0, 1, 1)])
    assert randomisation_p(one, other, f1, 20_000, seed=1) == pytest.approx(0.5, abs=0.02)


def test_many_stories_with_one_winner_are_significant() -> None:
    one, other = counts([(1, 1, 1)] * 12), counts([(0, 1, 1)] * 12)
    assert randomisation_p(one, other, f1, 10_000, seed=1) < 0.01
    assert difference_interval(one, other, f1, 500, seed=1) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        pytest.param([], [], id="none"),
        pytest.param([0.03], [0.03], id="one"),
        pytest.param([0.01, 0.04, 0.03], [0.03, 0.06, 0.06], id="never-falling"),
        pytest.param([0.5, 0.6], [1.0, 1.0], id="never-above-one"),
    ],
)
def test_holm(p: list[float], expected: list[float]) -> None:
    assert holm(p) == pytest.approx(expected)


@given(st.lists(st.floats(0, 1), max_size=6))
def test_holm_never_makes_a_p_value_smaller_and_keeps_the_order(p: list[float]) -> None:
    corrected = holm(p)
    assert all(c >= raw for c, raw in zip(corrected, p, strict=True))
    for i, j in ((i, j) for i in range(len(p)) for j in range(len(p)) if p[i] < p[j]):
        assert corrected[i] <= corrected[j]


def submission(path: Path, release: Release, drop: int) -> Path:
    """Gold of the test articles without every ``drop``-th mention and the relations that need it."""
    lines = []
    for document in release.select("articles", "test"):
        gold = release.gold[document.id]
        mentions = tuple(m for i, m in enumerate(gold.mentions or ()) if (i + 1) % drop)
        kept = {m.id for m in mentions}
        relations = tuple(r for r in gold.relations or () if r.head in kept and r.tail in kept)
        lines.append(encode_annotation(msgspec.structs.replace(gold, mentions=mentions, relations=relations)))
    path.write_bytes(b"\n".join(lines))
    return path


def compare(first: Path, second: Path, *options: str) -> Any:
    result = CliRunner().invoke(main, ["compare", str(first), str(second), "--trials", "500", *options])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_two_submissions_and_the_other_way_round(release: Release, tmp_path: Path) -> None:
    good, poor = submission(tmp_path / "good.jsonl", release, 20), submission(tmp_path / "poor.jsonl", release, 3)
    forth, back = (json.loads(compare(*pair, "--json")) for pair in ((good, poor), (poor, good)))
    assert {c["task"] for c in forth} == {"mentions", "coreference", "relations", "deals"}
    for one, other in zip(forth, back, strict=True):
        assert one["difference"] > 0
        assert one["difference"] == pytest.approx(-other["difference"])
        assert (one["low"], one["high"]) == pytest.approx((-other["high"], -other["low"]))
        assert one["p"] == other["p"]
        assert one["p_holm"] >= one["p"]
    assert "p (Holm)" in compare(good, poor)


def test_submissions_with_nothing_in_common(release: Release, tmp_path: Path) -> None:
    documents = release.select("articles", "test")
    for name, layer in (("one", {"mentions": ()}), ("two", {"deals": ()})):
        lines = [encode_annotation(Annotation(doc_id=d.id, **layer)) for d in documents]  # type: ignore[arg-type]
        (tmp_path / name).write_bytes(b"\n".join(lines))
    result = CliRunner().invoke(main, ["compare", str(tmp_path / "one"), str(tmp_path / "two")])
    assert (result.exit_code, "no task and collection in common" in result.output) == (1, True)
