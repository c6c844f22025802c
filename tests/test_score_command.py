"""``armsbench score``: gold is 1.0, nothing is 0 with precision null, layers may be left out, signatures say it all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from armsbench import Annotation, Mention, Release, deal_records
from armsbench.annotations.annotation import encode_annotation
from armsbench.benchmark.scoring import score_predictions
from armsbench.benchmark.signature import parse_signature
from armsbench.benchmark.tasks import TASKS
from armsbench.cli import main
from click.testing import CliRunner


def score(path: Path, *options: str) -> dict[tuple[str, str], Any]:
    result = CliRunner().invoke(main, ["score", "--json", "--resamples", "100", *options, str(path)])
    assert result.exit_code == 0, result.output
    return {(s["collection"], s["task"]): s for s in json.loads(result.stdout)["scores"]}


def write(path: Path, annotations: list[Annotation]) -> Path:
    path.write_bytes(b"\n".join(encode_annotation(a) for a in annotations))
    return path


def test_gold_against_itself_is_one_on_every_task(release: Release, tmp_path: Path) -> None:
    gold = [release.gold[d.id] for d in release.select(split="test")]
    scores = score(write(tmp_path / "gold.jsonl", gold))
    assert len(scores) == len(TASKS) * len({d.collection for d in release.select(split="test")})
    for its in scores.values():
        headline = its["measures"][its["headline"]]
        assert (headline["f1"], headline["low"], headline["high"]) == (1.0, 1.0, 1.0)


def test_an_empty_prediction_is_zero_with_precision_null(release: Release, tmp_path: Path) -> None:
    empty = [
        Annotation(doc_id=d.id, mentions=(), entities=(), relations=()) for d in release.select("articles", "test")
    ]
    scores = score(write(tmp_path / "empty.jsonl", empty))
    for (_, task), its in scores.items():
        headline = its["measures"][its["headline"]]
        assert headline["f1"] == 0.0
        assert headline["precision"] is None
        if task != "coreference":
            assert headline["recall"] == 0.0


def test_layers_may_be_left_out(release: Release, tmp_path: Path) -> None:
    only = [Annotation(doc_id=d.id, mentions=release.gold[d.id].mentions) for d in release.select("articles", "test")]
    assert {task for _, task in score(write(tmp_path / "mentions.jsonl", only))} == {"mentions"}


def test_deal_records_alone_can_be_scored(release: Release, tmp_path: Path) -> None:
    records = [
        Annotation(doc_id=d.id, deals=deal_records(d, release.gold[d.id])) for d in release.select("articles", "test")
    ]
    scores = score(write(tmp_path / "deals.jsonl", records))
    assert set(scores) == {("articles", "deals")}
    assert scores["articles", "deals"]["measures"]["slots"]["f1"] == 1.0


def test_a_missing_document_is_all_missed_and_the_signature_says_so(release: Release, tmp_path: Path) -> None:
    documents = release.select("articles", "test")
    path = write(tmp_path / "some.jsonl", [release.gold[d.id] for d in documents[1:]])
    its = score(path, "--missing-as-empty")["articles", "mentions"]
    missed = len(release.gold[documents[0].id].mentions or ())
    strict = its["measures"]["strict"]
    assert strict["gold"] - strict["correct_gold"] == missed
    assert parse_signature(its["signature"]).missing == 1
    assert its["documents"] == len(documents)


def test_the_whole_is_the_sum_of_its_documents(release: Release) -> None:
    """Scoring a document at a time and adding the counts gives the counts of scoring all at once."""
    documents = release.select("articles", "test")
    predictions = {d.id: thinned(release.gold[d.id]) for d in documents}
    whole = score_predictions(release, predictions, collections=["articles"], resamples=0)
    for task_score in whole:
        parts = []
        for document in documents:
            train = {d.id: d for d in release.select(split="train")}  # which says what is unseen
            alone = msgspec.structs.replace(release, documents={**train, document.id: document})
            parts += score_predictions(
                alone, predictions, collections=["articles"], tasks=[task_score.task], resamples=0
            )
        for name, measure in task_score.measures.items():
            if measure.gold is not None:
                assert measure.gold == pytest.approx(sum(p.measures[name].gold or 0 for p in parts))
                assert measure.correct_gold == pytest.approx(sum(p.measures[name].correct_gold or 0 for p in parts))


def thinned(annotation: Annotation) -> Annotation:
    """``annotation`` with every third mention and relation taken out."""
    mentions = tuple(m for i, m in enumerate(annotation.mentions or ()) if i % 3)
    kept = {m.id for m in mentions}
    relations = tuple(r for r in annotation.relations or () if r.head in kept and r.tail in kept)
    return msgspec.structs.replace(annotation, mentions=mentions, relations=relations)


def test_the_interval_holds_the_score_and_the_seed_repeats_it(release: Release) -> None:
    predictions = {d.id: thinned(release.gold[d.id]) for d in release.select("articles", "test")}
    one, again, other = (
        score_predictions(release, predictions, collections=["articles"], resamples=300, seed=seed)
        for seed in (1, 1, 2)
    )
    assert one == again
    assert one != other
    for its in one:
        assert its.score.low is not None
        assert its.score.high is not None
        assert its.score.f1 is not None
        assert its.score.low <= its.score.f1 <= its.score.high


def test_signature_prints_and_parses_back(release: Release) -> None:
    predictions = {d.id: release.gold[d.id] for d in release.select("articles", "test")}
    for its in score_predictions(release, predictions, collections=["articles"], resamples=10):
        assert str(parse_signature(its.signature)) == its.signature
    with pytest.raises(ValueError, match="not a signature"):
        parse_signature("task:mentions|match:strict")


@pytest.mark.parametrize("label", ["A|B", "100 %", "%7C", "two\nlines", "\x1b[31m", "Ä:Ö", "\u2028"])
def test_signature_of_any_label_prints_and_parses_back(label: str, tmp_path: Path) -> None:
    path = write(tmp_path / "p", [Annotation(doc_id="d", mentions=(Mention(id="m", start=0, end=1, label=label),))])
    name = f"strict:{label}"
    command = ["score", str(path), "--gold", str(path), "--resamples", "0", f"--measure=mentions/{name}"]
    (line,) = [line for line in CliRunner().invoke(main, command).stdout.split("\n") if line.startswith("task:")]
    assert line.isprintable()
    signature = parse_signature(line)
    assert (signature.match, str(signature)) == (name, line)


def test_a_changed_gold_changes_the_signature(release: Release) -> None:
    documents = release.select("articles", "test")
    predictions = {d.id: release.gold[d.id] for d in documents}
    first = documents[0].id
    edited = msgspec.structs.replace(release, gold=release.gold | {first: thinned(release.gold[first])})
    one, other = (
        parse_signature(score_predictions(r, predictions, tasks=["mentions"], resamples=0)[0].signature)
        for r in (release, edited)
    )
    assert one.gold != other.gold
    assert one.comparable() != other.comparable()


def test_score_kept_under_a_name_is_on_the_leaderboard(release: Release, tmp_path: Path) -> None:
    gold = [release.gold[d.id] for d in release.select("articles", "test")]
    path = write(tmp_path / "gold.jsonl", gold)
    runs = tmp_path / "runs"
    runner = CliRunner()
    kept = runner.invoke(main, ["score", str(path), "--as", "oracle", "--runs", str(runs), "--resamples", "50"])
    assert kept.exit_code == 0, kept.output
    shown = runner.invoke(main, ["leaderboard", "--runs", str(runs)])
    assert shown.exit_code == 0
    assert "oracle" in shown.output
    assert "1.000 [1.000, 1.000]" in shown.output
    assert "unknown" in shown.output  # what a predictions file was fitted on
    assert "task:mentions|match:strict" in shown.output


def test_results_that_may_not_be_compared_stand_in_two_tables(release: Release, tmp_path: Path) -> None:
    gold = [release.gold[d.id] for d in release.select("articles", "test")]
    path = write(tmp_path / "gold.jsonl", gold)
    runner = CliRunner()
    for name, seed in (("one", "1"), ("two", "2")):
        runner.invoke(main, ["score", str(path), "--as", name, "--runs", str(tmp_path), "--seed", seed])
    shown = runner.invoke(main, ["leaderboard", "--runs", str(tmp_path)])
    assert shown.output.count("articles: split test") == 2


def test_results_of_different_splits_and_tasks_stand_apart(release: Release, tmp_path: Path) -> None:
    """They share no task, so no pair of signatures contradicts; the tables must be two all the same."""
    runner = CliRunner()
    for name, split in (("one", "test"), ("two", "validation")):
        documents = release.select("articles", split)
        only = [Annotation(doc_id=d.id, mentions=release.gold[d.id].mentions) for d in documents]
        if name == "two":
            only = [Annotation(doc_id=d.id, deals=deal_records(d, release.gold[d.id])) for d in documents]
        path = write(tmp_path / f"{name}.jsonl", only)
        runner.invoke(main, ["score", str(path), "--as", name, "--split", split, "--runs", str(tmp_path / "runs")])
    shown = runner.invoke(main, ["leaderboard", "--runs", str(tmp_path / "runs")]).output
    for split in ("test", "validation"):
        assert f"articles: split {split}, {len(release.select('articles', split))}" in shown


@pytest.mark.parametrize("options", [[], ["--task", "coreference", "--task", "deals"]])
def test_nothing_to_score_is_said(release: Release, tmp_path: Path, options: list[str]) -> None:
    layer = {"mentions": ()} if options else {}
    bare = [Annotation(doc_id=d.id, **layer) for d in release.select("articles", "test")]  # type: ignore[arg-type]
    path = write(tmp_path / "bare.jsonl", bare)
    result = CliRunner().invoke(main, ["score", str(path), "--as", "x", "--runs", str(tmp_path / "runs"), *options])
    assert result.exit_code == 1
    assert "nothing to score" in result.output
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("name", ["../evil", "a/b", "", ".hidden", "x" * 101, "rules", "[bold]x"])
def test_a_name_that_cannot_stand_for_a_result(release: Release, tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "gold.jsonl", [release.gold[d.id] for d in release.select("articles", "test")])
    runs = tmp_path / "deep" / "runs"
    result = CliRunner().invoke(main, ["score", str(path), "--as", name, "--runs", str(runs)])
    assert result.exit_code == 2
    assert not runs.parent.exists()


@pytest.mark.parametrize("runs", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_is_named(release: Release, tmp_path: Path, runs: str) -> None:
    (tmp_path / "file").write_text("")
    path = write(tmp_path / "gold.jsonl", [release.gold[d.id] for d in release.select("articles", "test")])
    result = CliRunner().invoke(main, ["score", str(path), "--as", "mine", "--runs", str(tmp_path / runs)])
    assert result.exit_code in (1, 2)
    assert isinstance(result.exception, SystemExit)
    assert str(tmp_path / "file") in result.output


def test_a_file_name_that_is_not_utf_8(release: Release, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff.jsonl"))
    write(path, [release.gold[d.id] for d in release.select("articles", "test")])
    for arguments in (["score", "--json", "--resamples", "0"], ["validate", "--json"], ["validate"]):
        result = CliRunner().invoke(main, [*arguments, str(path)])
        assert result.exit_code == 0, result.output
    path.write_text("x")
    assert CliRunner().invoke(main, ["validate", "--json", str(path)]).exit_code == 1


def test_unknown_task_and_split(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text("{}")
    unknown = CliRunner().invoke(main, ["score", str(path), "--task", "mention"])
    assert unknown.exit_code == 2
    assert "Did you mean 'mentions'" in unknown.output
    assert CliRunner().invoke(main, ["score", str(path), "--split", "dev"]).exit_code == 2


def test_on_a_narrow_terminal_scores_and_intervals_stay_whole(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "gold.jsonl", [release.gold[d.id] for d in release.select("articles", "test")])
    monkeypatch.setenv("COLUMNS", "80")
    CliRunner().invoke(main, ["score", str(path), "--as", "oracle", "--runs", str(tmp_path / "runs")])
    shown = CliRunner().invoke(main, ["leaderboard", "--runs", str(tmp_path / "runs")]).output
    lines = [line for line in shown.splitlines() if not line.startswith("task:")]
    assert max(map(len, lines)) <= 80
    assert sum(line.count("[1.000, 1.000]") for line in lines) == 4
    assert not any("…" in line for line in lines)
    tables = [
        line for line in CliRunner().invoke(main, ["score", str(path)]).output.splitlines() if "task:" not in line
    ]
    assert any("coreference" in line and "conll" in line for line in tables)
    assert any("relations" in line and "entity_pairs" in line and "[1.000, 1.000]" in line for line in tables)
    assert not any("…" in line for line in tables)


def test_each_measure_asked_for_has_a_signature_of_its_own(release: Release, tmp_path: Path) -> None:
    path = write(tmp_path / "gold.jsonl", [release.gold[d.id] for d in release.select("articles", "test")])
    named = [f"--measure=mentions/{name}" for name in ("overlap:GPE", "macro:strict")]
    printed = CliRunner().invoke(main, ["score", "--resamples", "5", *named, str(path)]).stdout
    signatures = [parse_signature(line) for line in printed.splitlines() if line.startswith("task:")]
    assert [(s.match, s.average) for s in signatures] == [("macro:strict", "macro"), ("overlap:GPE", "micro")]
