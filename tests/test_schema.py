"""The published schema of results, and the names of measures."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from armsbench import Release
from armsbench.annotations.annotation import encode_annotation
from armsbench.benchmark.schema import PATH, format_schema
from armsbench.benchmark.tasks import TASKS, measures, parse_measure
from armsbench.cli import main
from armsbench.corpus.errors import UnknownNameError
from click.testing import CliRunner


@pytest.fixture
def gold_file(release: Release, tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    documents = release.select("articles", "test")
    path.write_bytes(b"".join(encode_annotation(release.gold[d.id]) + b"\n" for d in documents))
    return path


def test_the_published_schema_is_that_of_the_code() -> None:
    """If this fails: python -c "from armsbench.benchmark.schema import *; PATH.write_bytes(format_schema())"."""
    assert PATH.read_bytes() == format_schema()


def test_what_score_prints_fits_the_schema_and_other_things_do_not(gold_file: Path) -> None:
    schema = json.loads(PATH.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    command = ["score", str(gold_file), "--json", "--slices", "--resamples", "20"]
    printed = json.loads(CliRunner().invoke(main, command).stdout)
    jsonschema.validate(printed, schema)
    assert printed["slices"]
    for spoil in ({"scores": 1}, {"slices": [{"slice": 3, "scores": []}]}, {"split": "all"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**printed, **spoil}, schema)


def test_what_is_scored_against_a_file_fits_the_schema_too(gold_file: Path) -> None:
    command = ["score", str(gold_file), "--gold", str(gold_file), "--json", "--resamples", "20"]
    jsonschema.validate(json.loads(CliRunner().invoke(main, command).stdout), json.loads(PATH.read_text()))


def test_every_measure_parses_and_prints_back(gold_file: Path) -> None:
    names = [str(measure) for measure in measures(TASKS.values())]
    assert len(set(names)) == len(names)
    assert [str(parse_measure(name)) for name in names] == names
    assert {name.partition("/")[0] for name in names} == set(TASKS)
    with pytest.raises(UnknownNameError, match="Did you mean 'mentions/strict:GPE'"):
        parse_measure("mentions/strict:GPP")


def test_score_shows_the_measures_asked_for_and_no_other(gold_file: Path) -> None:
    asked = ["mentions/macro:overlap", "coreference/blanc", "coreference/no_singletons:conll"]
    options = [word for name in asked for word in ("--measure", name)]
    shown = CliRunner().invoke(main, ["score", str(gold_file), "--resamples", "20", *options]).stdout
    rows = [line.split()[:2] for line in shown.splitlines() if line.split()[1:2] and "1.000" in line]
    assert sorted("/".join(row) for row in rows) == sorted(asked)
    wrong = CliRunner().invoke(main, ["score", str(gold_file), "--measure", "mentions/stric"])
    assert wrong.exit_code == 2
