"""Malformed submissions by the thousand: ``python -m armsbench.tests.fuzz COUNT SEED`` (``make fuzz`` runs 20,000).

Each is a valid submission with up to seven random changes, some of the parsed JSON (a field gone, doubled, of another
type, out of range, deeply nested), some of its bytes (cut, flipped, joined, repeated). Each must end in a score or in a
list of faults: never in another exception, never after more than LIMIT seconds, never with more than MEMORY.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from armsbench import Release, load_release
from armsbench.annotations.annotation import encode_annotation
from armsbench.benchmark.scoring import score_predictions
from armsbench.benchmark.submission import read_submission
from armsbench.benchmark.two_files import count_files
from armsbench.corpus.errors import SubmissionError

LIMIT = 5.0
MEMORY = 1 << 30

STRANGE: tuple[Any, ...] = (
    *(
        None,
        True,
        -1,
        0,
        1,
        10**6,
        2**31,
        2**63,
        2**64,
        10**40,
        -(10**40),
        0.5,
        1e308,
        "",
        "m1",
        "e1",
        "\u0000",
        "\ud7ff",
    ),
    *(
        "GPE",
        "gpe",
        "DEAL",
        "item",
        "\U0001f600" * 50,
        "x" * 5_000,
        [],
        {},
        [[]],
        {"": None},
        [None],
        ["m1"],
        {"id": "m1"},
    ),
)


def fuzz(release: Release, count: int, seed: int, progress: Callable[[int], None] = lambda i: None) -> Counter[str]:
    """Score ``count`` malformed files; returns how many ended how. Raises on the first that ends otherwise.

    Three in four are submissions for the release; of the others each stands as predictions or as gold against a whole
    file, half of them with plain mentions only or with plain mentions and entities.
    """
    documents = release.select("articles", "test")[:6]
    lines = [encode_annotation(release.gold[d.id]) for d in documents]
    small = [_shortened(json.loads(line)) for line in lines]
    plain = [[_plain(annotation, entities=entities) for annotation in small] for entities in (False, True)]
    ends: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        path, whole = Path(folder) / "malformed.jsonl", Path(folder) / "whole.jsonl"
        for i in range(count):
            progress(i)
            generator = random.Random(f"{seed}-{i}")
            shape = small if i % 8 else plain[i // 16 % 2]
            content = _content(shape, generator)
            path.write_bytes(content)
            missing_as_empty = generator.random() < 0.5
            started = time.perf_counter()
            try:
                if i % 4:
                    submission = read_submission(path, release, missing_as_empty=missing_as_empty)
                    score_predictions(release, submission.predictions, collections=["articles"], resamples=0)
                else:
                    whole.write_text("".join(json.dumps(annotation) + "\n" for annotation in shape))
                    sides = (path, whole) if i % 16 < 8 else (whole, path)
                    count_files(*sides, missing_as_empty=missing_as_empty).score(resamples=0, seed=1)
                ends["scored"] += 1
            except SubmissionError as error:
                ends["refused" if str(error).strip() else "refused without a word"] += 1
            except Exception:
                kept = Path(tempfile.gettempdir()) / f"fuzz-{seed}-{i}.jsonl"
                kept.write_bytes(content)
                print(f"submission {i} of seed {seed} is kept in {kept}", file=sys.stderr)
                raise
            seconds = time.perf_counter() - started
            assert seconds < LIMIT, f"submission {i} of seed {seed} took {seconds:.1f} s"
    return ends


def _shortened(annotation: dict[str, Any]) -> dict[str, Any]:
    """``annotation`` with a few mentions and what they need, so that a change hits something that matters."""
    mentions = annotation["mentions"][:12]
    ids, entities = {m["id"] for m in mentions}, {m["entity"] for m in mentions}
    return {
        "doc_id": annotation["doc_id"],
        "mentions": mentions,
        "entities": [e for e in annotation["entities"] if e["id"] in entities],
        "relations": [r for r in annotation["relations"] if {r["head"], r["tail"]} <= ids],
    }


def _plain(annotation: dict[str, Any], *, entities: bool) -> dict[str, Any]:
    """``annotation`` with nothing but what :mod:`armsbench.benchmark.columns` reads by itself."""

    def only(layer: str, *names: str) -> list[dict[str, Any]]:
        return [{name: its[name] for name in names if name in its} for its in annotation[layer]]

    if not entities:
        return {"doc_id": annotation["doc_id"], "mentions": only("mentions", "id", "start", "end", "label")}
    linked = only("mentions", "id", "start", "end", "label", "entity")
    return {"doc_id": annotation["doc_id"], "mentions": linked, "entities": only("entities", "id", "label")}


def _content(annotations: list[dict[str, Any]], generator: random.Random) -> bytes:
    made = json.loads(json.dumps(generator.sample(annotations, generator.randint(1, len(annotations)))))
    for _ in range(generator.choice((0, 1, 1, 2, 5))):
        _change(made, generator)
    content = b"".join(json.dumps(a).encode("utf-8", "surrogatepass") + b"\n" for a in made)
    for _ in range(generator.choice((0, 0, 0, 1, 2))):
        content = _damaged(content, generator)
    return content


def _change(value: Any, generator: random.Random) -> None:
    """Walk down ``value`` at random and change something on the way."""
    while isinstance(value, (dict, list)) and value:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        place = generator.choice(keys)
        inner = value[place]
        if isinstance(inner, (dict, list)) and inner and generator.random() < 0.8:
            value = inner
            continue
        kind = generator.randrange(7)
        if kind == 0:
            del value[place]
        elif kind == 1 and isinstance(value, list):
            value.insert(generator.randint(0, len(value)), json.loads(json.dumps(inner)))
        elif kind == 2 and isinstance(value, dict):
            value[generator.choice(["deals", "provenance", "start", "", "doc_id", "label"])] = inner
        elif kind == 3 and isinstance(inner, int):
            value[place] = inner + generator.choice((-1, 1, -(10**6), 10**6))
        elif kind == 4:
            deep: Any = _strange(generator)
            for _ in range(generator.choice((1, 10, 3_000)) if generator.random() < 0.1 else 1):
                deep = [deep] if generator.random() < 0.5 else {"x": deep}
            try:
                json.dumps(deep)
            except RecursionError:
                deep = []
            value[place] = deep
        else:
            value[place] = _strange(generator)
        return


def _strange(generator: random.Random) -> Any:
    return json.loads(json.dumps(generator.choice(STRANGE)))


def _damaged(content: bytes, generator: random.Random) -> bytes:
    at, to = sorted(generator.randint(0, len(content)) for _ in range(2))
    kind = generator.randrange(6)
    if kind == 0:
        return content[:at]
    if kind == 1:
        return content[:at] + bytes([generator.randrange(256)]) + content[at + 1 :]
    if kind == 2:
        return content[:at] + content[to:]
    if kind == 3:
        return content.replace(b"\n", generator.choice((b"", b"\r\n", b"\n\n", b"\x00", b" ")))
    if kind == 4:
        return content + content
    return generator.choice((b"\xef\xbb\xbf", b"[", b"\xff\xfe", b"null\n", b"\n" * 1_000)) + content


def main() -> None:
    """The command line: how many, and the seed."""
    count, seed = (int(word) for word in (*sys.argv[1:], "20000", "1")[:2])
    release = load_release(["articles"])
    started = time.perf_counter()

    def progress(i: int) -> None:
        if i % 1_000 == 0 and sys.stderr.isatty():
            print(f"{i} of {count}", file=sys.stderr)

    ends = fuzz(release, count, seed, progress)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    assert set(ends) <= {"scored", "refused"}, ends
    print(f"{count} submissions in {seconds:.0f} s, peak memory {peak / 2**20:.0f} MiB: {dict(sorted(ends.items()))}")
    assert peak < MEMORY


if __name__ == "__main__":
    main()
