"""Every command of the README is run, and what it prints there is what it prints.

``ARMSBENCH_UPDATE=1 pytest tests/test_readme.py`` writes the README's outputs and generated tables anew.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from armsbench import Release
from armsbench.annotations.audit import CHECKS
from armsbench.annotations.card import stats_markdown
from armsbench.annotations.deals import deal_records
from armsbench.annotations.findings import read_ledger
from armsbench.annotations.stats import release_stats
from armsbench.benchmark.agreement import agreements
from armsbench.benchmark.report import with_interval
from armsbench.benchmark.signature import DEFAULT_RESAMPLES, DEFAULT_SEED
from armsbench.benchmark.tasks import TASKS
from armsbench.cli import COMMANDS
from armsbench.corpus.diversity import measure_diversity, sentences_of, words_of
from armsbench.corpus.document import COLLECTIONS
from armsbench.corpus.facts import FactSheet, read_fact_sheet
from armsbench.corpus.files import PACKAGE
from armsbench.corpus.index import read_index
from armsbench.corpus.load import load_corpus

README = PACKAGE / "README.md"
UPDATE = bool(os.environ.get("ARMSBENCH_UPDATE"))
CONSOLE = re.compile(r"```console\n(.*?)```\n", re.S)
PYTHON = re.compile(r"```python\n(.*?)```\n", re.S)
GENERATED = re.compile(r"<!-- generated: (\w+) -->\n(.*?)<!-- end -->", re.S)
# A trained model may differ in the last digits from machine to machine; rules and counts may not.
TRAINED = "linear"
TOLERANCE = 0.03


@pytest.fixture(scope="module")
def everything(release: Release) -> None:
    if missing := release.missing():
        pytest.skip(f"README shows all collections; not here: {', '.join(missing)}")


def commands(block: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output that the README shows."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.M)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def output_of(command: str) -> str:
    """What a command prints (both streams), run as from a shell in the checkout."""
    words = shlex.split(command)
    assert words[0] == "armsbench"
    code = "import sys; from armsbench.cli import main; sys.argv[0] = 'armsbench'; main(prog_name='armsbench')"
    environment = {k: v for k, v in os.environ.items() if k != "COLUMNS"}
    done = subprocess.run(
        [sys.executable, "-c", code, *words[1:]],
        cwd=PACKAGE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    printed = done.stdout + done.stderr
    return "".join(line.rstrip() + "\n" for line in printed.strip("\n").splitlines())


def test_console_blocks(everything: None) -> None:
    text = README.read_text(encoding="utf-8")
    updated = text
    for block in CONSOLE.findall(text):
        fresh = ""
        for command, shown in commands(block):
            printed = output_of(command)
            fresh += f"$ {command}\n{printed}"
            if not UPDATE:
                assert_same(printed, shown)
        updated = updated.replace(block, fresh)
    if UPDATE:
        README.write_text(updated, encoding="utf-8")


def assert_same(printed: str, shown: str) -> None:
    for now, then in zip(printed.splitlines(), shown.splitlines(), strict=True):
        if now.split()[:1] == [TRAINED]:
            numbers = [[float(x) for x in re.findall(r"\d\.\d+", line)] for line in (now, then)]
            assert numbers[0] == pytest.approx(numbers[1], abs=TOLERANCE)
        else:
            assert now == then


@pytest.mark.parametrize("code", PYTHON.findall(README.read_text(encoding="utf-8")))
def test_python_blocks(code: str, release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from armsbench.annotations.build import build

    build(release, tmp_path / "build" / "hf")
    environment = os.environ | {"HF_DATASETS_CACHE": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("name", ["README.md", "DATASHEET.md"])
def test_generated_tables(name: str, release: Release, everything: None) -> None:
    makers = {
        "stats": lambda: stats_markdown(release_stats(release)) + "\n",
        "agreement": agreement_markdown,
        "genres": genres_markdown,
        "diversity": lambda: diversity_markdown(release),
        "articles": lambda: articles_markdown(release),
        "ledger": ledger_markdown,
    }
    path = PACKAGE / name
    text = path.read_text(encoding="utf-8")
    blocks = GENERATED.findall(text)
    assert blocks
    for kind, shown in blocks:
        fresh = makers[kind]()
        if UPDATE:
            text = text.replace(f"<!-- generated: {kind} -->\n{shown}", f"<!-- generated: {kind} -->\n{fresh}")
        else:
            assert shown == fresh
    if UPDATE:
        path.write_text(text, encoding="utf-8")


def agreement_markdown() -> str:
    """The agreement of the two layers of the release as a Markdown table."""
    head = ["collection", "documents", *TASKS, "deal records wholly alike", "alpha on tokens"]
    lines = [f"| {' | '.join(head)} |", "|---|" + "---:|" * (len(head) - 1)]
    names = ("annotator-a", "annotator-b")
    (found,) = agreements(load_corpus(), names, resamples=DEFAULT_RESAMPLES, seed=DEFAULT_SEED)
    for collection in COLLECTIONS:
        scores = [score for score in found.scores if score.collection == collection]
        cells = [with_interval(score.score) for score in scores]
        cells.append(with_interval(scores[-1].measures["records"]))
        cells += [
            f"{c.value:.3f} [{c.low:.3f}, {c.high:.3f}]" for c in found.chance_corrected if c.collection == collection
        ]
        lines.append(f"| {collection} | {scores[0].documents} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def genres_markdown() -> str:
    """The genres of the articles as a Markdown table."""
    genres = Counter(read_fact_sheet(entry.id).genre for entry in read_index("articles"))
    return "| genre | articles |\n|---|---:|\n" + "".join(f"| {g} | {n} |\n" for g, n in sorted(genres.items()))


def diversity_markdown(release: Release) -> str:
    """How much the texts of each collection repeat each other, as a Markdown table."""
    head = ["collection", "documents", "sentences repeated in another document", "longest shared run of words"]
    head += ["documents with an opening of their own", "words", "distinct words", "distinct in the first 700 words"]
    lines = [f"| {' | '.join(head)} |", "|---|" + "---:|" * (len(head) - 1)]
    for collection in COLLECTIONS:
        documents = sorted(release.select(collection), key=lambda d: d.id)
        row = measure_diversity(collection, documents)
        assert row.longest_run is not None
        assert row.repeated is not None
        assert row.openings is not None
        words = [w.lower() for d in documents for s in sentences_of(d) for w in words_of(s)]
        cells = [str(row.documents), f"{row.repeated:.1%}", str(row.longest_run.words), f"{row.openings:.1%}"]
        cells += [f"{row.words:,}", f"{row.types:,}", str(len(set(words[:700])))]
        lines.append(f"| {collection} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def articles_markdown(release: Release) -> str:
    """What the articles are about: counts that the composition was planned by."""
    documents = release.select("articles")
    records = {d.id: deal_records(d, release.gold[d.id]) for d in documents}
    sheets = {d.id: read_fact_sheet(d.id) for d in documents}
    taiwan = [d for d in documents if any(m.iso3 == "TWN" for r in records[d.id] for m in r.recipient)]
    others = [d for d in documents if (s := _suppliers(sheets[d.id])) and "USA" not in s]
    main = [s.deals[0].supplier for s in sheets.values() if s.deals]
    rows = {
        "articles": len(documents),
        "words, fewest and most": " and ".join(str(f([len(d.text.split()) for d in documents])) for f in (min, max)),
        "with a deal for Taiwan": len(taiwan),
        "whose main deal has another supplier than the United States": sum(
            bool(codes) and "USA" not in codes for codes in main
        ),
        "with deals, none of them with the United States as supplier": len(others),
        "with two or more deals": sum(len(r) > 1 for r in records.values()),
        "with a package and its parts": sum(any(d.part_of for d in r) for r in records.values()),
        "without any deal": sum(not r for r in records.values()),
        "facts in their fact sheets": sum(len(s.facts) for s in sheets.values()),
        "facts tied to a row of the table of notifications": sum(
            f.notification is not None for s in sheets.values() for f in s.facts
        ),
    }
    return "| | |\n|---|---:|\n" + "".join(f"| {name} | {n} |\n" for name, n in rows.items())


def _suppliers(sheet: FactSheet) -> set[str]:
    return {code for deal in sheet.deals for code in deal.supplier}


def ledger_markdown() -> str:
    """How many findings of each check are kept with a reason, as a Markdown table."""
    kept = Counter(entry.check for entry in read_ledger())
    names = {**dict.fromkeys(CHECKS), "labels": None, "facts": None}
    return "| check | findings kept |\n|---|---:|\n" + "".join(f"| {name} | {kept[name]} |\n" for name in names)


def test_readme_and_contributing_name_every_command() -> None:
    text = README.read_text(encoding="utf-8") + (PACKAGE / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [name for name in COMMANDS if f"armsbench {name}" not in text] == []


def test_links_lead_somewhere() -> None:
    for path in (README, PACKAGE / "CONTRIBUTING.md", PACKAGE / "DATASHEET.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text(encoding="utf-8")):
            assert (PACKAGE / target).exists(), f"{path.name}: {target}"
