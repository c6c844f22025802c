"""What holds the tree together: imports go one way, packages are listed, the command starts light."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import armsbench
import pytest
from armsbench.cli import COMMANDS, main
from armsbench.corpus.files import PACKAGE

LAYERS = {"corpus": 0, "annotations": 1, "baselines": 2, "benchmark": 2}
ROOT_MODULES = {"_version"}


def modules() -> list[Path]:
    return [path for layer in LAYERS for path in sorted((PACKAGE / layer).rglob("*.py"))]


def imported_layers(path: Path) -> set[str]:
    """The folders of this package that a module imports from."""
    depth = len(path.relative_to(PACKAGE).parts) - 1
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == depth + 1:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            found |= {name.split(".")[0] for name in names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "armsbench":
            found.add(f"absolute import of {node.module}")
    return found - ROOT_MODULES


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0]
    for other in imported_layers(path):
        assert other in LAYERS, f"{path} imports {other}"
        assert LAYERS[other] < LAYERS[own], f"{path}: {own} may not import {other}"


def test_every_package_is_listed_for_the_wheel() -> None:
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text(encoding="utf-8"))
    folders = {path.parent for layer in LAYERS for path in (PACKAGE / layer).rglob("*.py")}
    expected = {"armsbench"} | {"armsbench." + ".".join(f.relative_to(PACKAGE).parts) for f in folders}
    assert set(project["tool"]["setuptools"]["packages"]) == expected


def test_no_file_is_named_after_its_folder() -> None:
    """``corpus/corpus.py`` would make ``load_dataset("corpus")`` take it for a loading script."""
    assert not [path for path in modules() if path.stem == path.parent.name]


HEAVY = {"numpy", "scipy", "datasets", "spacy", "sklearn", "label_studio_sdk", "pandas", "pyarrow"}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)])
def test_help_starts_without_heavy_imports(arguments: list[str]) -> None:
    code = (
        "import sys, armsbench.cli\n"
        f"try: armsbench.cli.main({arguments!r})\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        f"heavy = {HEAVY!r} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Usage:" in done.stdout or "version" in done.stdout


def test_every_command_exists_and_explains_itself() -> None:
    context = main.make_context("armsbench", ["--help"], resilient_parsing=True)
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert command.help


def test_public_names_exist() -> None:
    for name in armsbench.__all__:
        assert hasattr(armsbench, name)
