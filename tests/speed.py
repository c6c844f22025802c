"""How fast mentions are scored beside the scorers in use: ``make speed``. Whole processes, from files to scores.

The workload is 10,000 documents with 600,000 gold mentions under 20 labels; of the predictions 4 % are missing, 4 %
have another end, 4 % another label, 3 % are spurious. All read the same two files of JSON Lines; a peer's own form
(tags, lists of dicts) is made from them in the quickest way we know, and counts to its time, as its user has to do it
too. Ours gives all matches, per label, per form and macro, with 1,000 bootstrap resamples of the headline; a peer gives
what it gives.
"""

from __future__ import annotations

import gc
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

DOCUMENTS = 10_000
LENGTH = 600
MENTIONS = 60
LABELS = tuple(f"T{i}" for i in range(20))
CHUNK = 250
"""Documents counted at once: few enough to stay in the processor's cache."""


def make(folder: Path, documents: int) -> tuple[Path, Path]:
    """Write gold and predictions of ``documents`` documents."""
    generator = random.Random(1)
    paths = folder / f"gold-{documents}.jsonl", folder / f"predicted-{documents}.jsonl"
    with paths[0].open("w") as gold_file, paths[1].open("w") as predicted_file:
        for number in range(documents):
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
            for file, keys in ((gold_file, gold), (predicted_file, predicted)):
                rows = [{"id": f"m{i}", "start": s, "end": e, "label": label} for i, (s, e, label) in enumerate(keys)]
                file.write(json.dumps({"doc_id": f"d{number}", "mentions": rows}, separators=(",", ":")) + "\n")
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


def ours(gold: Path, predicted: Path) -> str:
    """All matches with their bootstrap, in chunks of documents, so that memory does not grow with the file."""
    import msgspec
    import numpy as np
    from armsbench.annotations.annotation import Annotation
    from armsbench.benchmark.bootstrap import percentile_interval, resampled_sums
    from armsbench.benchmark.bulk import count_mentions
    from armsbench.benchmark.measures import rates

    gc.disable()  # nothing here has cycles, and the collector would walk millions of mentions again and again
    decoder = msgspec.json.Decoder(Annotation)
    total, strict = None, []
    with gold.open("rb") as gold_file, predicted.open("rb") as predicted_file:
        pairs = zip(gold_file, predicted_file, strict=True)
        while chunk := list(islice(pairs, CHUNK)):
            sides = [[decoder.decode(line).mentions or () for line in lines] for lines in zip(*chunk, strict=True)]
            counts = count_mentions(sides[0], sides[1], LABELS)
            total = counts.sum(axis=0) if total is None else total + counts.sum(axis=0)
            strict.append(counts[:, 0].copy())  # a view would keep all measures alive
    assert total is not None
    low, high = percentile_interval(rates(resampled_sums(np.concatenate(strict)[:, None], 1_000, 1))[2])
    return f"{rates(total)[2][0]:.9f} [{low[0]:.4f}, {high[0]:.4f}]"


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
    return f"{f1_score(*sides, mode='strict', scheme=IOB2):.9f}"


def nervaluate(gold: Path, predicted: Path) -> str:
    """nervaluate with all its schemas."""
    from nervaluate import Evaluator

    sides = [
        [[{"label": label, "start": s, "end": e - 1} for s, e, label in keys] for keys in _keys(path)]
        for path in (gold, predicted)
    ]
    return f"{Evaluator(*sides, tags=list(LABELS), loader='dict').evaluate()['overall']['strict'].f1:.9f}"


CONTESTANTS: dict[str, Callable[[Path, Path], str]] = {
    "decoding both files": decode_only,
    "armsbench": ours,
    "seqeval": seqeval,
    "nervaluate": nervaluate,
}


def timed(name: str, paths: tuple[Path, Path]) -> tuple[float, float, str]:
    """Wall-clock seconds, peak memory in MiB and what ``name`` found, in a process of its own."""
    code = (
        "import resource, sys; from pathlib import Path; from armsbench.tests.speed import CONTESTANTS;"
        " print(CONTESTANTS[sys.argv[1]](*map(Path, sys.argv[2:])));"
        " print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    started = time.perf_counter()
    command = [sys.executable, "-W", "ignore", "-c", code, name, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - started
    found, memory = done.stdout.splitlines()[-2:]
    return seconds, float(memory), found


def main() -> None:
    """Print one table: the best of three runs for us, one run for each peer."""
    with tempfile.TemporaryDirectory() as folder:
        paths, tenfold = make(Path(folder), DOCUMENTS), make(Path(folder), 10 * DOCUMENTS)
        results = {name: min(timed(name, paths) for _ in range(3)) for name in ("decoding both files", "armsbench")}
        results |= {name: timed(name, paths) for name in ("seqeval", "nervaluate")}
        results["armsbench, ten times as much"] = timed("armsbench", tenfold)
    own = results["armsbench"][0]
    print(f"{'':32}{'seconds':>9}{'MiB':>7}{'times ours':>12}  F1")
    for name, (seconds, memory, found) in results.items():
        print(f"{name:32}{seconds:9.2f}{memory:7.0f}{seconds / own:12.2f}  {found}")


if __name__ == "__main__":
    main()
