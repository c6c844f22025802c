"""Tiers of the leaderboard, and the counts by document that they rest on."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest
from armsbench import Annotation, Release
from armsbench.annotations.annotation import encode_annotation
from armsbench.benchmark.measures import TaskCounts
from armsbench.benchmark.per_document import read_counts
from armsbench.benchmark.tasks import TASKS
from armsbench.benchmark.tiers import tiers
from armsbench.cli import main
from armsbench.corpus.errors import DataError
from click.testing import CliRunner

MENTIONS = TASKS["mentions"]


def counts(right: list[int]) -> TaskCounts:
    """Each document has 10 gold and 10 predicted mentions, of which ``right`` are right."""
    values = np.zeros((len(right), len(MENTIONS.measures), 4))
    values[:, 0, :] = [[r, 10, r, 10] for r in right]
    names = tuple(f"d{i}" for i in range(len(right)))
    return TaskCounts(measures=MENTIONS.measures, doc_ids=names, stories=names, values=values)


def test_systems_that_cannot_be_told_apart_share_a_tier() -> None:
    """Of 12 documents: two near the top that win and lose in turn, one clearly below, one worse still."""
    systems = {
        "worst": counts([1] * 12),
        "second": counts([9, 8] * 6),
        "best": counts([8, 9, 8, 9, 8, 9, 8, 9, 8, 9, 9, 9]),
        "third": counts([4, 5, 4] * 4),
    }
    assert tiers(MENTIONS, systems, seed=1) == {"best": 1, "second": 1, "third": 2, "worst": 3}


def test_tiers_go_by_score() -> None:
    """The third is not told from the best, since it swings; the second is, and a lower score is in no higher tier."""
    systems = {
        "best": counts([8] * 12),
        "second": counts([7] * 12),
        "swings": counts([10, 3, 10, 3, 10, 3, 10, 3, 10, 3, 10, 8]),
    }
    assert tiers(MENTIONS, systems, seed=1) == {"best": 1, "second": 2, "swings": 2}


def test_with_few_stories_nothing_can_be_told() -> None:
    """Four documents have 16 exchanges: the smallest p is 2/16."""
    assert tiers(MENTIONS, {"good": counts([9] * 4), "bad": counts([1] * 4)}, seed=1) == {"good": 1, "bad": 1}


@pytest.fixture
def runs(release: Release, tmp_path: Path) -> Path:
    documents = release.select("articles", "test")
    gold = [msgspec.structs.replace(release.gold[d.id], provenance=None) for d in documents]
    half = [msgspec.structs.replace(a, relations=(), mentions=(a.mentions or ())[::2]) for a in gold]
    for name, predictions in (("gold", gold), ("half", half)):
        path = tmp_path / f"{name}.jsonl"
        path.write_bytes(b"".join(encode_annotation(a) + b"\n" for a in predictions))
        command = ["score", str(path), "--as", name, "--runs", str(tmp_path / "runs"), "--resamples", "20"]
        done = CliRunner().invoke(main, command)
        assert done.exit_code == 0, done.output
    return tmp_path / "runs"


def test_the_leaderboard_shows_tiers_and_counts_add_up(runs: Path, release: Release) -> None:
    shown = CliRunner().invoke(main, ["leaderboard", "--runs", str(runs)])
    assert shown.exit_code == 0, shown.output
    assert "1. 1.000" in shown.output
    kept = read_counts(runs / "half" / "test" / "documents.jsonl")
    scores = json.loads((runs / "half" / "test" / "scores.json").read_text())["scores"]
    for score in scores:
        its = kept[score["collection"], score["task"]]
        assert its.doc_ids == tuple(d.id for d in release.select(score["collection"], "test"))
        for name, row in zip(its.measures, its.total().tolist(), strict=True):
            measure = score["measures"][name]
            expected = [measure[key] for key in ("correct_predicted", "predicted", "correct_gold", "gold")]
            assert row[2:] == pytest.approx(expected[2:])
            if expected[1] is not None:
                assert row[:2] == pytest.approx(expected[:2])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "missing"),
        (
            '{"collection":"articles","task":"mentions","doc_id":"d","story":"s","counts":{"stric":[1,1,1,1]}}',
            "'stric'",
        ),
        ('{"collection":"articles","task":"guessing","doc_id":"d","story":"s","counts":{}}', "unknown task 'guessing'"),
        (None, "Run it again"),
    ],
)
def test_counts_that_are_none_are_named(content: str | None, message: str, tmp_path: Path) -> None:
    path = tmp_path / "documents.jsonl"
    if content is not None:
        path.write_text(content + "\n")
    with pytest.raises(DataError, match=message):
        read_counts(path)


def test_score_writes_counts_where_one_asks(release: Release, tmp_path: Path) -> None:
    path, counts_file = tmp_path / "p.jsonl", tmp_path / "counts.jsonl"
    documents = release.select("articles", "test")
    path.write_bytes(b"".join(encode_annotation(Annotation(doc_id=d.id, mentions=())) + b"\n" for d in documents))
    command = ["score", str(path), "--task", "mentions", "--documents", str(counts_file), "--resamples", "0"]
    assert CliRunner().invoke(main, command).exit_code == 0
    rows = [json.loads(line) for line in counts_file.read_text().splitlines()]
    assert [row["doc_id"] for row in rows] == [d.id for d in documents]
    gold = len(release.gold[documents[0].id].mentions or ())
    assert rows[0]["counts"]["strict"] == [0, 0, 0, gold]
    assert rows[0]["counts"]["strict:form=name"][:2] == [None, None]


@pytest.mark.parametrize("of", ["one document", "another system"])
def test_a_result_whose_counts_are_of_other_scores_is_named(of: str, runs: Path) -> None:
    counts = runs / "half" / "test" / "documents.jsonl"
    if of == "one document":
        counts.write_text(counts.read_text().splitlines()[0] + "\n")
    else:
        shutil.copy(runs / "gold" / "test" / "documents.jsonl", counts)
    shown = CliRunner().invoke(main, ["leaderboard", "--runs", str(runs)])
    assert (shown.exit_code, "documents.jsonl beside it is of other scores" in shown.output) == (1, True)


def test_results_are_not_written_over_the_predictions(release: Release, tmp_path: Path) -> None:
    path = tmp_path / "p.html"
    documents = release.select("articles", "test")
    content = b"".join(encode_annotation(Annotation(doc_id=d.id, mentions=())) + b"\n" for d in documents)
    path.write_bytes(content)
    for command in (["score", str(path), "--documents", str(path)], ["explain", str(path)]):
        assert CliRunner().invoke(main, command).exit_code == 2
    assert path.read_bytes() == content
