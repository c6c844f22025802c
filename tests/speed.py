"""How fast files are scored, beside the scorers in use: ``make speed``. Whole processes, from files to scores.

All contestants read the same two files of JSON Lines; a peer's own form (tags, lists of dicts) is made of them in the
quickest way we know, and counts to its time, as its user has to do it too. Ours is ``armsbench score --gold`` with all
measures of a task: all matches, per label, per form, macro; intervals stand on a row of their own, since no peer has
any. Coval and the CoNLL scorer are in no package index (a package called coval is something else), so nobody is timed
beside us on coreference.
"""

from __future__ import annotations

import gc
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median_low
from typing import Any

LENGTH = 600
MENTIONS = 60
LABELS = tuple(f"T{i}" for i in range(20))

Json = dict[str, Any]


def mentions(generator: random.Random) -> tuple[Json, Json]:
    """60 mentions under 20 labels; 4 % are not found, 4 % with another end, 4 % as another label, 3 % are spurious."""
    cuts = sorted(generator.sample(range(LENGTH), 2 * MENTIONS))
    gold = [(s, e, generator.choice(LABELS)) for s, e in zip(cuts[::2], cuts[1::2], strict=True)]
    predicted = []
    for start, end, label in gold:
        fate = generator.random()
        if fate < 0.04:
            continue
        # The gap behind a mention has at least one token only if the next one does not follow at once.
        longer = end + 1 if 0.04 <= fate < 0.08 and end + 1 < LENGTH and end not in cuts[::2] else end
        predicted.append((start, longer, generator.choice(LABELS) if 0.08 <= fate < 0.12 else label))
    gaps = [e for e, s in zip(cuts[1::2], [*cuts[2::2], LENGTH], strict=True) if s - e >= 3]
    predicted += [(e + 1, e + 2, generator.choice(LABELS)) for e in generator.sample(gaps, min(2, len(gaps)))]
    gold_layer, predicted_layer = (
        {"mentions": [{"id": f"m{i}", "start": s, "end": e, "label": label} for i, (s, e, label) in enumerate(keys)]}
        for keys in (gold, predicted)
    )
    return gold_layer, predicted_layer


def clusters(generator: random.Random) -> tuple[Json, Json]:
    """40 entities of 1 to 6 mentions; 5 % of mentions are not found, 5 % with another end, 10 % in another entity."""
    entities = [{"id": f"e{i}", "label": "ORGANIZATION"} for i in range(40)]
    gold: list[Json] = []
    predicted: list[Json] = []
    for entity in (e["id"] for e in entities for _ in range(generator.randint(1, 6))):
        start = 5 * len(gold)
        mention = {"id": f"m{start}", "start": start, "end": start + 3, "label": "ORGANIZATION", "entity": entity}
        gold.append(mention)
        fate = generator.random()
        if fate >= 0.05:
            other = f"e{generator.randrange(40)}" if fate > 0.9 else entity
            predicted.append({**mention, "end": start + 3 + (fate < 0.1), "entity": other})
    return {"mentions": gold, "entities": entities}, {"mentions": predicted, "entities": entities}


def links(generator: random.Random) -> tuple[Json, Json]:
    """40 mentions of 20 entities and 30 relations between them; one relation in five is not found."""
    its = [
        {"id": f"m{i}", "start": 5 * i, "end": 5 * i + 3, "label": "COMPANY", "entity": f"e{i // 2}"} for i in range(40)
    ]
    entities = [{"id": f"e{i}", "label": "COMPANY"} for i in range(20)]
    relations = [
        {"label": generator.choice(LABELS), "head": f"m{a}", "tail": f"m{b}"}
        for a, b in (generator.sample(range(40), 2) for _ in range(30))
    ]
    layers = {"mentions": its, "entities": entities}
    return {**layers, "relations": relations}, {**layers, "relations": relations[:24]}


def records(generator: random.Random) -> tuple[Json, Json]:
    """8 deal records of eight or nine fillers; of the predictions one in ten names another recipient or value."""
    gold: list[Json] = []
    predicted: list[Json] = []
    for i in range(8):
        record: Json = {
            "id": f"d{i}",
            "kind": "sale",
            "status": "approved",
            "supplier": [{"name": "United States", "iso3": "USA"}],
            "recipient": [{"name": f"state {generator.randrange(30)}"}],
            "item": [
                {"name": f"missile {j}", "quantity": [{"number": 10 * j}]} for j in range(generator.randint(1, 3))
            ],
            "value": [{"amount": generator.randrange(10**9), "currency": "USD"}],
        }
        gold.append(record)
        wrong = generator.random()
        other = {"recipient": [{"name": "Atlantis"}]} if wrong < 0.05 else {"value": []} if wrong < 0.1 else {}
        predicted.append({**record, **other})
    return {"deals": gold}, {"deals": predicted[::-1]}


def make(folder: Path, layers: Callable[[random.Random], tuple[Json, Json]], documents: int) -> tuple[Path, Path]:
    """Write gold and predictions of ``documents`` documents."""
    generator = random.Random(1)
    name = f"{layers.__name__}-{documents}.jsonl"
    paths = folder / f"gold-{name}", folder / f"predicted-{name}"
    with paths[0].open("w") as gold_file, paths[1].open("w") as predicted_file:
        for number in range(documents):
            for file, its in zip((gold_file, predicted_file), layers(generator), strict=True):
                file.write(json.dumps({"doc_id": f"d{number}", **its}, separators=(",", ":")) + "\n")
    return paths


def decode_only(gold: Path, predicted: Path) -> str:
    """The floor: msgspec's typed decoding of both files and nothing else."""
    import msgspec
    from armsbench.annotations.annotation import Annotation

    gc.disable()
    decoder = msgspec.json.Decoder(Annotation)
    for path in (gold, predicted):
        with path.open("rb") as file:
            for line in file:
                decoder.decode(line)
    return ""


def ours(gold: Path, predicted: Path, resamples: str = "0", *without: str) -> str:
    """What the command line does, with intervals by so many resamples; ``without`` other processors or the scanner."""
    from armsbench.cli import main

    if "processors" in without:
        os.sched_setaffinity(0, list(os.sched_getaffinity(0))[:1])
    if "scanner" in without:
        from armsbench.benchmark import columns

        columns._scan = None
    main(["score", str(predicted), "--gold", str(gold), "--resamples", resamples], standalone_mode=False)
    return ""


def _keys(path: Path) -> Iterator[list[tuple[int, int, str]]]:
    import msgspec

    with path.open("rb") as file:
        for line in file:
            yield [(m["start"], m["end"], m["label"]) for m in msgspec.json.decode(line)["mentions"]]


def seqeval(gold: Path, predicted: Path) -> str:
    """seqeval in its strict mode."""
    from seqeval.metrics import f1_score
    from seqeval.scheme import IOB2

    def tags(keys: list[tuple[int, int, str]]) -> list[str]:
        found = ["O"] * LENGTH
        for start, end, label in keys:
            found[start:end] = [f"B-{label}", *[f"I-{label}"] * (end - start - 1)]
        return found

    sides = [[tags(keys) for keys in _keys(path)] for path in (gold, predicted)]
    return f"{f1_score(*sides, mode='strict', scheme=IOB2):.3f}"


def nervaluate(gold: Path, predicted: Path) -> str:
    """nervaluate with all its schemas."""
    from nervaluate import Evaluator

    sides = [
        [[{"label": label, "start": s, "end": e - 1} for s, e, label in keys] for keys in _keys(path)]
        for path in (gold, predicted)
    ]
    return f"{Evaluator(*sides, tags=list(LABELS), loader='dict').evaluate()['overall']['strict'].f1:.3f}"


CONTESTANTS: dict[str, Callable[..., str]] = {
    "decoding alone": decode_only,
    "armsbench": ours,
    "seqeval": seqeval,
    "nervaluate": nervaluate,
}


Run = tuple[float, float, str]
"""Seconds, MiB and F1."""


def timed(name: str, paths: tuple[Path, Path], *settings: str) -> Run:
    """Wall-clock seconds, greatest memory of a process in MiB, and the F1 found, of a process of its own."""
    code = (
        "import resource, sys; from pathlib import Path; from armsbench.tests.speed import CONTESTANTS;"
        " found = CONTESTANTS[sys.argv[1]](*map(Path, sys.argv[2:4]), *sys.argv[4:]);"
        " most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN));"
        " print(found); print(most / 1024)"
    )
    command = [sys.executable, "-W", "ignore", "-c", code, name, *map(str, paths), *settings]
    # Installed packages come with byte code; a checkout has it once it was run, unless the environment forbids it.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    seconds = time.perf_counter() - started
    *printed, found, memory = done.stdout.splitlines()
    table = [
        line.split() for line in printed if line.split()[1:2] in (["strict"], ["conll"], ["entity_pairs"], ["slots"])
    ]
    return seconds, float(memory), table[0][4] if table else found


def take_turns(taken: dict[tuple[str, ...], list[Run]], paths: tuple[Path, Path], rounds: int) -> None:
    """Time each contestant with its settings in turn, as the pace of a machine changes."""
    for _ in range(rounds):
        for (name, *settings), its in taken.items():
            its.append(timed(name, paths, *settings))


def main() -> None:
    """Print one table: the median of several runs for us and for decoding, one run for each peer."""
    print(f"{'':45}{'seconds':>9}{'MiB':>6}{'times ours':>12}  F1")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for layers, documents in ((mentions, 10_000), (clusters, 1_000), (links, 10_000), (records, 1_000)):
            paths = make(folder, layers, documents)
            names: dict[tuple[str, ...], str] = {
                ("armsbench",): "armsbench",
                ("decoding alone",): "decoding alone",
                ("armsbench", "1000"): "armsbench with 1,000 resamples",
            }
            if layers in (mentions, clusters):
                names["armsbench", "0", "scanner"] = "armsbench without the loop in C"
            if layers is mentions:
                names["armsbench", "0", "processors"] = "armsbench on one processor"
            taken: dict[tuple[str, ...], list[Run]] = {run: [] for run in names}
            others = {}
            take_turns(taken, paths, 3)
            if layers is mentions:
                for peer in ("seqeval", "nervaluate"):
                    others[peer] = timed(peer, paths)
                    take_turns(taken, paths, 1)
                tenfold = make(folder, layers, 10 * documents)
                others["armsbench, 100,000 documents"] = timed("armsbench", tenfold)
                others["armsbench, 100,000, with 1,000 resamples"] = timed("armsbench", tenfold, "1000")
            rows = {name: median_low(taken[run]) for run, name in names.items()} | others
            print(f"{documents:,} documents, {layers.__name__}")
            for row, (seconds, memory, found) in rows.items():
                print(f"  {row:43}{seconds:9.2f}{memory:6.0f}{seconds / rows['armsbench'][0]:12.2f}  {found}")
            if layers is clusters:
                print("  coval and the CoNLL scorer are in no package index: not timed")
    print("armsbench and decoding: the median of three runs, of five with mentions, in turn and around the peers;")
    print("100,000 documents and peers: one run")


if __name__ == "__main__":
    main()
