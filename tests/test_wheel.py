"""The built wheel, installed into a fresh environment outside the checkout, is complete and scores."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from armsbench import Release
from armsbench.annotations.annotation import encode_annotation
from armsbench.corpus.files import PACKAGE
from armsbench.corpus.splits import read_splits


def run(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [str(c) for c in command], cwd=cwd, env=env, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the tracked and new files so that the checkout stays clean."""
    source = tmp_path_factory.mktemp("source")
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=PACKAGE).split("\0")
    for name in filter(None, listed):
        if (PACKAGE / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((PACKAGE / name).read_bytes())
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q", "-w", out, source, cwd=out)
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_holds_data_scheme_and_types(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    expected = {"armsbench/py.typed", "armsbench/annotations/scheme.json", "armsbench/annotations/GUIDELINES.md"}
    expected |= {f"armsbench/annotations/gold/{doc_id}.json" for doc_id in read_splits()}
    expected |= {f"armsbench/corpus/articles/{d}.txt" for d in read_splits() if d.startswith("article-")}
    expected |= {f"armsbench/corpus/{c}/index.jsonl" for c in ("articles", "notices", "press")}
    assert expected <= names
    built = [name for name in names if name.startswith("armsbench/benchmark/_scan.") and not name.endswith(".pyi")]
    assert len(built) == bool(shutil.which("cc") or shutil.which("gcc"))
    assert not [name for name in names if name.startswith(("tests/", "corpus/", "armsbench/tests/"))]


def test_the_wheel_scores_in_a_fresh_environment(wheel: Path, release: Release, tmp_path: Path) -> None:
    wheelhouse = os.environ.get("ARMSBENCH_WHEELHOUSE")
    if not wheelhouse or not Path(wheelhouse).is_dir():
        pytest.skip("set ARMSBENCH_WHEELHOUSE to a folder with wheels of the dependencies, as `make test` does")
    run(sys.executable, "-m", "venv", tmp_path / "env", cwd=tmp_path)
    binaries = tmp_path / "env" / "bin"
    offline = ("--no-index", "--find-links", wheelhouse)
    run(binaries / "python", "-m", "pip", "install", "-q", *offline, wheel, cwd=tmp_path)
    predictions = tmp_path / "gold.jsonl"
    gold = [release.gold[d.id] for d in release.select("articles", "test")]
    predictions.write_bytes(b"\n".join(encode_annotation(a) for a in gold))
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COLUMNS": "120"}
    shown = run(binaries / "armsbench", "score", predictions, cwd=tmp_path, env=env)
    assert "1.000" in shown
    assert "task:deals|match:slots" in shown
    assert "armsbench" in run(binaries / "armsbench", "--version", cwd=tmp_path, env=env)
