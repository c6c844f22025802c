"""One file scored against another: the numbers of the release's scoring, any order, any labels, all faults at once."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from armsbench import Annotation, Entity, Mention, Relation, Release, deal_records
from armsbench.annotations.annotation import encode_annotation
from armsbench.benchmark import two_files
from armsbench.benchmark.scoring import count_predictions
from armsbench.benchmark.two_files import TwoFiles, count_files
from armsbench.cli import main
from armsbench.corpus.console import printable
from armsbench.corpus.errors import DataError, SubmissionError
from click.testing import CliRunner


def write(path: Path, annotations: list[Annotation]) -> Path:
    path.write_bytes(b"".join(encode_annotation(a) + b"\n" for a in annotations))
    return path


def numbers(files: TwoFiles) -> dict[str, dict[str, list[float]]]:
    """The summed counts of every measure that counts anything, by task."""
    return {
        each.task.name: {
            name: np.nan_to_num(row).tolist()
            for name, row in zip(each.counts.measures, each.counts.total(), strict=True)
            if np.nan_to_num(row).any()
        }
        for each in files.counted
    }


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two_files, "CHUNK", 2)


@pytest.fixture
def sides(release: Release, tmp_path: Path) -> tuple[Path, Path, dict[str, Annotation]]:
    """Gold of the test articles, and predictions that are wrong here and there, both with their deal records."""
    generator = random.Random(4)
    gold, predicted = [], {}
    for document in release.select("articles", "test"):
        whole = release.gold[document.id]
        kept = tuple(m for m in whole.mentions or () if generator.random() > 0.2)
        ids = {m.id for m in kept}
        moved = tuple(msgspec.structs.replace(m, end=m.end + 1) if generator.random() < 0.1 else m for m in kept)
        layers = msgspec.structs.replace(
            whole,
            mentions=moved,
            relations=tuple(r for r in whole.relations or () if r.head in ids and r.tail in ids),
            provenance=None,
        )
        gold.append(msgspec.structs.replace(whole, deals=deal_records(document, whole)))
        predicted[document.id] = msgspec.structs.replace(layers, deals=deal_records(document, layers))
    return write(tmp_path / "gold.jsonl", gold), write(tmp_path / "p.jsonl", [*predicted.values()]), predicted


@pytest.mark.parametrize("processors", [1, 3])
def test_the_numbers_are_those_of_the_release(
    release: Release,
    sides: tuple[Path, Path, dict[str, Annotation]],
    processors: int,
    monkeypatch: pytest.MonkeyPatch,
    small_chunks: None,
) -> None:
    monkeypatch.setattr(two_files, "processors", lambda: processors)
    gold, path, predicted = sides
    found = numbers(count_files(gold, path))
    counted = tuple(count_predictions(release, predicted, collections=["articles"]))
    expected = numbers(TwoFiles(counted=counted, gold="", repeated=0))
    assert found.keys() == expected.keys() == {"mentions", "coreference", "relations", "deals"}
    expected["relations"].pop("unseen", None)  # there is no train
    del found["coreference"], expected["coreference"]  # for a file of any labels, values count too
    for task, rows in expected.items():
        assert found[task].keys() == rows.keys()
        for name, row in rows.items():
            np.testing.assert_allclose(found[task][name], row, err_msg=name)


def test_the_order_of_lines_plays_no_part(sides: tuple[Path, Path, dict[str, Annotation]], tmp_path: Path) -> None:
    gold, path, predicted = sides
    shuffled = write(tmp_path / "shuffled.jsonl", random.Random(1).sample([*predicted.values()], len(predicted)))
    in_order, out_of_order = (count_files(gold, p).score(resamples=50, seed=1) for p in (path, shuffled))
    assert in_order == out_of_order


@pytest.mark.parametrize("chunk", [1, 250])
def test_too_many_labels_are_refused_however_they_are_spread(
    chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(two_files, "CHUNK", chunk)
    names = iter(range(10_000))
    gold = [
        Annotation(doc_id=f"d{i}", mentions=tuple(mention(f"L{next(names)}", 0) for _ in range(700))) for i in "abc"
    ]
    path = write(tmp_path / "g", gold)
    with pytest.raises(DataError, match="more than 2,000 labels"):
        count_files(path, path)
    assert count_files(*[write(tmp_path / "g", gold[:2])] * 2).counted


def mention(label: str, start: int, end: int = 0) -> Mention:
    return Mention(id=f"{label}{start}", start=start, end=end or start + 2, label=label)


def test_labels_of_any_scheme_in_any_part(tmp_path: Path, small_chunks: None) -> None:
    """Every document has labels of its own, so that parts of the count have different columns."""
    layers = [(mention(f"L{i}", 0), mention("all", 5)) for i in range(7)]
    relation = [(Relation(label=f"r{i % 3}", head=f"L{i}0", tail="all5"),) for i in range(7)]
    gold = [Annotation(doc_id=f"d{i}", mentions=layers[i], relations=relation[i]) for i in range(7)]
    found = numbers(count_files(write(tmp_path / "g", gold), write(tmp_path / "p", gold)))
    assert found["mentions"]["strict"] == [14, 14, 14, 14]
    assert found["mentions"]["strict:all"] == [7, 7, 7, 7]
    assert all(found["mentions"][f"strict:L{i}"] == [1, 1, 1, 1] for i in range(7))
    assert [found["relations"][f"entity_pairs:r{i}"][0] for i in range(3)] == [3, 2, 2]


def test_every_label_counts_for_coreference(tmp_path: Path) -> None:
    """DATE is a value in our scheme, and left out there; in another one it may be what corefers."""
    dates = tuple(mention("DATE", start) for start in (0, 5))
    gold = [Annotation(doc_id="d", mentions=tuple(msgspec.structs.replace(m, entity="e") for m in dates))]
    gold = [msgspec.structs.replace(gold[0], entities=(Entity(id="e", label="DATE"),))]
    path = write(tmp_path / "g", gold)
    assert numbers(count_files(path, path))["coreference"]["muc"] == [1, 1, 1, 1]


def test_what_is_scored_does_not_depend_on_the_order_of_lines(tmp_path: Path) -> None:
    full = [Annotation(doc_id=f"d{i}", mentions=(mention("A", 0),), entities=()) for i in range(3)]
    gold = write(tmp_path / "g", full)
    some = [full[0], msgspec.structs.replace(full[1], entities=None), full[2]]
    both = [count_files(gold, write(tmp_path / "p", its), missing_as_empty=True) for its in (some, some[::-1])]
    assert [[each.task.name for each in files.counted] for files in both] == [["mentions", "coreference"]] * 2
    for its in (some, some[::-1]):
        with pytest.raises(SubmissionError, match="no layers of task coreference for 'd1'"):
            count_files(gold, write(tmp_path / "p", its))


@pytest.mark.parametrize("chunk", [1, 2, 250])
def test_faults_do_not_depend_on_the_parts(chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two_files, "CHUNK", chunk)
    gold = write(tmp_path / "g", [Annotation(doc_id=f"d{i}", mentions=(mention("A", 0),)) for i in range(5)])
    path = tmp_path / "p"
    path.write_text('{"doc_id": "d0", "mentions": [{"id": "m", "start": 3, "end": 2, "label": "A"}]}\nnot JSON\n')
    with pytest.raises(SubmissionError) as caught:
        count_files(gold, path)
    assert [fault.where.removeprefix(str(path)) for fault in caught.value.faults] == [":1: $.mentions[0].end", ":2"]


@pytest.mark.parametrize("label", ["[/]", "[bold]X", "a|b", "\x1b[31m", "a\nb", "macro:strict", ""])
def test_labels_that_mean_something_elsewhere(label: str, tmp_path: Path) -> None:
    path = write(tmp_path / "g", [Annotation(doc_id="d", mentions=(mention(label, 0),))])
    shown = run("score", path, "--gold", path, "--detail")
    assert shown.exit_code == 0, shown.output
    assert f"strict:{printable(label)}" in shown.stdout
    assert "\x1b" not in shown.stdout


def test_a_label_called_like_a_measure_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "g", [Annotation(doc_id="d", mentions=(mention("form=name", 0),))])
    refused = run("score", path, "--gold", path)
    assert (refused.exit_code, "a label cannot be called 'form=name'" in refused.output) == (1, True)


def test_texts_as_labels_are_refused_and_do_not_fill_the_memory(tmp_path: Path) -> None:
    many = tuple(mention(f"L{i}", 3 * i) for i in range(3_000))
    path = write(tmp_path / "g", [Annotation(doc_id="d", mentions=many)])
    refused = run("score", path, "--gold", path)
    assert (refused.exit_code, "Are these labels, or texts?" in refused.output) == (1, True)


def test_a_file_that_changes_meanwhile_is_not_scored(tmp_path: Path) -> None:
    full = [Annotation(doc_id=f"d{i}", mentions=(mention("A", 0),)) for i in range(600)]
    gold, path = write(tmp_path / "g", full), write(tmp_path / "p", full)

    def change(message: str) -> None:
        write(tmp_path / "new", full).replace(gold)

    with pytest.raises(SubmissionError, match="changed while it was read"):
        count_files(gold, path, progress=change)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="counts in one process where none can be forked")
@pytest.mark.parametrize("signals", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_runs_on_when_the_command_is_ended(signals: signal.Signals, tmp_path: Path) -> None:
    """Interrupted in the middle of its work, with its group as a terminal does it, or killed alone."""
    full = [Annotation(doc_id=f"d{i}", mentions=(mention("A", 0),)) for i in range(40_000)]
    path = write(tmp_path / "g", full)
    code = (
        "from armsbench.benchmark import two_files; from pathlib import Path; import sys;"
        " two_files.processors = lambda: 3;"
        " two_files.count_files(Path(sys.argv[1]), Path(sys.argv[1]), progress=lambda m: print(m, flush=True))"
    )
    command = [sys.executable, "-c", code, str(path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        if signals is signal.SIGINT:
            os.killpg(process.pid, signals)
        else:
            process.send_signal(signals)
        process.wait(10)
        deadline = time.monotonic() + 10
        while _group_lives(process.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not _group_lives(process.pid)


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_command_that_is_ended_while_it_writes_leaves_nothing(tmp_path: Path) -> None:
    code = (
        "import sys, time, armsbench.benchmark.per_document as module\n"
        "from armsbench.corpus.files import atomic_writer\n"
        "def write_counts(path, counted):\n"
        "    with atomic_writer(path) as file:\n"
        "        file.write(b'begun')\n"
        "        print('begun', flush=True)\n"
        "        time.sleep(60)\n"
        "module.write_counts = write_counts\n"
        "from armsbench.cli import main\n"
        "main(sys.argv[1:])\n"
    )
    gold = write(tmp_path / "gold.jsonl", [Annotation(doc_id="d", mentions=())])
    command = [sys.executable, "-c", code, "score", str(gold), "--gold", str(gold), "--documents", str(tmp_path / "d")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        process.terminate()
        assert process.wait(20) == 128 + signal.SIGTERM
    assert [path.name for path in tmp_path.iterdir()] == ["gold.jsonl"]


def test_a_claim_said_twice_counts_once_and_is_reported(tmp_path: Path) -> None:
    one = mention("GPE", 0)
    gold = write(tmp_path / "g", [Annotation(doc_id="d", mentions=(one,))])
    twice = (one, msgspec.structs.replace(one, id="other"))
    files = count_files(gold, write(tmp_path / "p", [Annotation(doc_id="d", mentions=twice)]))
    assert files.repeated == 1
    assert files.score(resamples=0, seed=1)[0].score.f1 == 1.0


def test_every_fault_is_said_at_once(tmp_path: Path) -> None:
    gold = write(tmp_path / "g", [Annotation(doc_id=f"d{i}", mentions=(mention("GPE", 0),)) for i in range(4)])
    path = tmp_path / "p"
    lines = [
        '{"doc_id": "d0", "mentions": [{"id": "m", "start": 3, "end": 2, "label": "GPE"}]}',
        '{"doc_id": "d1", "mentions": [{"id": "m", "start": "3", "end": 2, "label": 7}]}',
        "not JSON",
        "",
        '{"doc_id": "d9", "mentions": []}',
        '{"doc_id": "d0", "mentions": []}',
    ]
    path.write_text("\n".join(lines))
    with pytest.raises(SubmissionError) as caught:
        count_files(gold, path)
    faults = [str(fault).replace(str(path), "p") for fault in caught.value.faults]
    for said in (
        "p:6: $.doc_id: 'd0' stands already in line 1",
        "p:1: $.mentions[0].end: 2 is not after start 3",
        "p:3: not JSON",
        "p:2: $.mentions[0].start: Expected `int`",
        "p:2: $.mentions[0].label: Expected `str`",
    ):
        assert any(fault.startswith(said) for fault in faults), said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"doc_id": "d", "mentions": [{"id": "m", "start": -1, "end": 2, "label": "A"}]}', "-1 is negative"),
        ('{"doc_id": "d", "mentions": [{"id": "m", "start": 3, "end": 3, "label": "A"}]}', "3 is not after start 3"),
        ('{"doc_id": "d", "mentions": [{"id": "m", "start": 3, "end": 9999999999, "label": "A"}]}', "beyond any text"),
        ('{"doc_id": "d", "mentions": [{"id": "m", "start": 3, "end": 99999999999999999999, "label": "A"}]}', "p:1: $"),
        ('{"doc_id": "d", "mentions": [], "relations": [{"label": "x", "head": "m", "tail": "n"}]}', "no mention 'm'"),
        ('{"doc_id": "d", "deals": []}', "p: nothing to score: it has no layers in common"),
        ('\ufeff{"doc_id": "d", "mentions": []}', "byte order mark"),
        ("", "empty"),
        (" \n\t\n", "empty"),
    ],
)
def test_a_fault(line: str, said: str, tmp_path: Path) -> None:
    gold = write(tmp_path / "g", [Annotation(doc_id="d", mentions=(mention("GPE", 0),))])
    path = tmp_path / "p"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(SubmissionError) as caught:
        count_files(gold, path)
    assert said in str(caught.value)


def test_a_layer_that_some_documents_lack(tmp_path: Path) -> None:
    full = [Annotation(doc_id=f"d{i}", mentions=(mention("A", 0),), entities=()) for i in range(2)]
    gold = write(tmp_path / "g", full)
    path = write(tmp_path / "p", [full[0], msgspec.structs.replace(full[1], entities=None)])
    with pytest.raises(SubmissionError, match="p: no layers of task coreference for 'd1', which other documents have"):
        count_files(gold, path)
    counted = {each.task.name: each for each in count_files(gold, path, missing_as_empty=True).counted}
    assert counted["coreference"].missing == ("d1",)
    assert counted["mentions"].missing == ()


def test_missing_documents_as_empty(tmp_path: Path) -> None:
    full = [Annotation(doc_id=f"d{i}", mentions=(mention("A", 0),)) for i in range(3)]
    gold, path = write(tmp_path / "g", full), write(tmp_path / "p", full[1:])
    with pytest.raises(SubmissionError, match="no line for 'd0'"):
        count_files(gold, path)
    files = count_files(gold, path, missing_as_empty=True)
    assert files.counted[0].missing == ("d0",)
    assert files.score(resamples=0, seed=1)[0].score.recall == 2 / 3


def run(*arguments: object) -> Any:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_the_command_prints_tables_json_and_counts(
    sides: tuple[Path, Path, dict[str, Annotation]], tmp_path: Path
) -> None:
    gold, path, _ = sides
    shown = run("score", path, "--gold", gold, "--documents", tmp_path / "d.jsonl")
    assert shown.exit_code == 0, shown.output
    assert f"|gold:{count_files(gold, path).gold}|" in shown.stdout
    one = run("score", path, "--gold", gold, "--measure", "mentions/strict:GPE").stdout
    assert "task:mentions|match:strict:GPE|average:micro" in one
    assert "deals" not in one
    assert {json.loads(line)["task"] for line in (tmp_path / "d.jsonl").read_text().splitlines()} >= {
        "mentions",
        "deals",
    }
    scores = json.loads(run("score", path, "--gold", gold, "--json", "--resamples", 20).stdout)
    assert (scores["release"], scores["split"], len(scores["scores"])) == ("-", "-", 4)


def test_options_of_the_release_do_not_go_with_a_gold_file(sides: tuple[Path, Path, dict[str, Annotation]]) -> None:
    gold, path, _ = sides
    for options in (["--split", "train"], ["--slices"], ["--as", "x"]):
        refused = run("score", path, "--gold", gold, *options)
        assert (refused.exit_code, options[0] in refused.output) == (2, True)
    assert run("compare", path, path, "--gold", gold, "--split", "train").exit_code == 2


def test_faults_end_with_status_1_and_no_traceback(tmp_path: Path, sides: tuple[Path, Path, Any]) -> None:
    gold, path, _ = sides
    for arguments in (
        (path, "--gold", tmp_path / "none"),
        (tmp_path, "--gold", gold),
        (tmp_path / "no", "--gold", gold),
    ):
        failed = run("score", *arguments)
        assert (failed.exit_code, isinstance(failed.exception, SystemExit)) == (1, True), failed.output
    refused = run("score", gold.with_name("none"), "--gold", gold, "--json")
    assert json.loads(refused.stdout)["valid"] is False


def test_two_predictions_are_compared_against_a_file(
    sides: tuple[Path, Path, dict[str, Annotation]], tmp_path: Path
) -> None:
    """The second side has a label that neither gold nor the first has, so its counts have more columns."""
    gold, path, predicted = sides
    other = [
        msgspec.structs.replace(p, mentions=(*(p.mentions or ()), mention("X", 0, end=1))) for p in predicted.values()
    ]
    found = json.loads(run("compare", path, write(tmp_path / "o", other), "--gold", gold, "--json").stdout)
    rows = {row["task"]: row for row in found}
    assert rows["mentions"]["difference"] > 0
    assert rows["mentions"]["p"] < 0.01
    assert rows["deals"]["difference"] == 0


def test_comparing_without_resamples_and_what_is_not_measured(tmp_path: Path) -> None:
    path = write(tmp_path / "g", [Annotation(doc_id=f"d{i}", mentions=(), entities=()) for i in range(3)])
    rows = json.loads(run("compare", path, path, "--gold", path, "--resamples", 0, "--json").stdout)
    assert {row["task"] for row in rows} == {"mentions", "coreference"}
    assert all(row[name] is None for row in rows for name in ("difference", "low", "high", "p", "p_holm"))


def test_documents_missing_on_either_side_are_counted_together(tmp_path: Path) -> None:
    full = [Annotation(doc_id=f"d{i}", mentions=(mention("A", 0),)) for i in range(4)]
    gold = write(tmp_path / "g", full)
    sides = write(tmp_path / "a", full[1:]), write(tmp_path / "b", full[:-1])
    rows = json.loads(run("compare", *sides, "--gold", gold, "--missing-as-empty", "--json").stdout)
    assert "|missing:2|" in rows[0]["signature"]


def test_results_are_not_written_over_pipes_and_loops(tmp_path: Path, sides: tuple[Path, Path, Any]) -> None:
    gold, path, _ = sides
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for out in ("pipe", "loop"):
        failed = run("score", path, "--gold", gold, "--documents", tmp_path / out)
        assert (failed.exit_code, isinstance(failed.exception, SystemExit)) == (1, True), failed.output
    assert (tmp_path / "pipe").is_fifo()
    assert run("score", path, "--gold", gold, "--documents", gold).exit_code == 2
