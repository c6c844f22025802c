"""The runner: systems are found by name, fitted on train only, scored, and their files are whole or absent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from armsbench import Annotation, Document, Mention, Release
from armsbench.annotations import systems
from armsbench.benchmark import runner
from armsbench.benchmark.submission import read_submission
from armsbench.cli import main
from armsbench.corpus.errors import ArmsBenchError, DataError, UnknownNameError
from click.testing import CliRunner


class Spy:
    """A system that marks the first word of each document, and remembers what it was shown."""

    def __init__(self) -> None:
        self.fitted: list[str] = []

    def fit(self, documents: Sequence[Document], annotations: Sequence[Annotation]) -> None:
        assert [d.id for d in documents] == [a.doc_id for a in annotations]
        self.fitted = [d.id for d in documents]

    def predict(self, document: Document) -> Annotation:
        end = len(document.text.split()[0])
        first = Mention(id="m1", start=0, end=end, label="GPE", form="name")
        return Annotation(doc_id=document.id, mentions=(first,), entities=(), relations=())


def run(system: object, release: Release, folder: Path, monkeypatch: pytest.MonkeyPatch) -> runner.Result:
    monkeypatch.setattr(runner, "create_system", lambda name: system)
    return runner.run_system("spy", release, folder, resamples=20, seed=1).result


def test_a_system_sees_train_only_and_its_output_can_be_scored_again(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy()
    result = run(spy, release, tmp_path / "spy" / "test", monkeypatch)
    assert spy.fitted == [d.id for d in release.select(split="train")]
    assert sum(result.trained_on.values()) == len(spy.fitted)
    again = read_submission(tmp_path / "spy" / "test" / "predictions.jsonl", release)
    assert len(again.predictions) == len(release.select(split="test"))
    (kept,) = runner.read_results(tmp_path)
    assert kept.result == result
    assert {key[1] for key in kept.counts} == {s.task for s in result.scores}


def test_output_that_is_not_valid_is_refused_and_named(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wrong(Spy):
        def predict(self, document: Document) -> Annotation:
            beyond = Mention(id="m1", start=0, end=10**6, label="GPE")
            return msgspec.structs.replace(super().predict(document), mentions=(beyond,))

    with pytest.raises(DataError, match=r"spy: article-001: \$\.mentions\[0\]\.end: 1000000 is beyond the text"):
        run(Wrong(), release, tmp_path, monkeypatch)
    assert not (tmp_path / "predictions.jsonl").exists()


def test_an_interrupted_run_leaves_the_old_files(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(Spy(), release, tmp_path, monkeypatch)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    class Interrupted(Spy):
        def predict(self, document: Document) -> Annotation:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(Interrupted(), release, tmp_path, monkeypatch)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_interrupted_run_leaves_the_old_model_too(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stored(Spy):
        def save(self, folder: Path) -> None:
            folder.mkdir(exist_ok=True)
            (folder / "model").write_text(type(self).__name__)

        @classmethod
        def load(cls, folder: Path) -> Stored:
            return cls()

    class Interrupted(Stored):
        def predict(self, document: Document) -> Annotation:
            raise KeyboardInterrupt

    run(Stored(), release, tmp_path, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        run(Interrupted(), release, tmp_path, monkeypatch)
    assert (tmp_path / "model" / "model").read_text() == "Stored"


def test_our_systems_are_registered() -> None:
    assert set(systems.system_names()) >= {"majority", "rules", "linear"}
    for name in ("majority", "rules", "linear"):
        assert isinstance(systems.create_system(name), systems.System)


def test_an_unknown_system_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'rules'"):
        systems.create_system("rule")
    result = CliRunner().invoke(main, ["run", "rule", "--runs", str(tmp_path)])
    assert result.exit_code == 2
    assert "unknown system 'rule'" in result.output
    assert list(tmp_path.iterdir()) == []


def test_two_packages_with_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib.metadata import EntryPoint

    both = [EntryPoint("mine", value, systems.GROUP) for value in ("one:System", "two:System")]
    monkeypatch.setattr("importlib.metadata.entry_points", lambda group: both)
    with pytest.raises(ArmsBenchError, match="two packages register a system 'mine'"):
        systems.system_names()


def test_leaderboard_without_results_says_how_to_make_some(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["leaderboard", "--runs", str(tmp_path)])
    assert result.exit_code == 1
    assert "armsbench run" in result.output


def test_a_result_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "mine" / "test").mkdir(parents=True)
    (tmp_path / "mine" / "test" / "scores.json").write_text("{}")
    result = CliRunner().invoke(main, ["leaderboard", "--runs", str(tmp_path)])
    assert result.exit_code == 1
    assert "scores.json: not a result of this version" in result.output


def test_without_sources_the_leaderboard_is_of_the_articles_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("armsbench.corpus.load.sources_folders", lambda sources=None: [])
    result = CliRunner().invoke(main, ["run", "majority", "--runs", str(tmp_path), "--resamples", "20"])
    assert result.exit_code == 0, result.output
    assert "articles: split test" in result.output
    assert "notices: left out; no texts found: run `armsbench hydrate --download`" in result.output
    assert "press: left out" in result.output
