"""One HTML page that shows gold against predicted: texts with spans and relation arcs, deal records, confusion.

The page asks for nothing outside itself. Texts and predictions are data in it: its script puts them on the page as text
nodes, never as markup, so nothing that a predictions file holds can become an element or run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from .._version import __version__
from ..annotations.annotation import Amount, Annotation, Count, Deal, Filler, Item
from ..annotations.release import RELEASE, Release
from ..annotations.scheme import scheme
from ..corpus.document import COLLECTIONS, Document, Split
from ..corpus.files import PACKAGE
from .assignment import best_pairs
from .deals import NAME_SLOTS, align, records_of, same_amount, same_name
from .measures import optional
from .mentions import Key, key, overlap_credits
from .relations import MentionRelation, mention_relations
from .scoring import count_task
from .tasks import TASKS, Task

TEMPLATE = PACKAGE / "benchmark" / "explain.html"
NONE = "none"

RIGHT, MISSED, SPURIOUS = "right", "missed", "spurious"
WRONG_LABEL, WRONG_BOUNDARY, WRONG_DIRECTION = "wrong label", "wrong boundary", "wrong direction"
KINDS = (RIGHT, MISSED, SPURIOUS, WRONG_LABEL, WRONG_BOUNDARY, WRONG_DIRECTION)


def explain_page(
    release: Release,
    predictions: Mapping[str, Annotation],
    split: Split,
    *,
    name: str,
    progress: Callable[[str], None] = lambda message: None,
) -> str:
    """The page for ``predictions`` (by document id) of ``split``; documents without a prediction are left out."""
    documents = []
    confusion: Counter[tuple[str, str]] = Counter()
    for collection in COLLECTIONS:
        for document in release.select(collection, split):
            if document.id in predictions:
                progress(f"explain {document.id}")
                documents.append(_document(document, release.gold[document.id], predictions[document.id], confusion))
    documents.sort(key=lambda d: (d["mean"], d["id"]))
    labels = [*scheme().label_names, NONE]
    data = {
        "name": name,
        "about": f"release {RELEASE}, split {split}, armsbench {__version__}",
        "kinds": KINDS,
        "labels": scheme().label_names,
        "relations": scheme().relation_names,
        "tasks": list(TASKS),
        "confusion": {"labels": labels, "counts": [[confusion[g, p] for p in labels] for g in labels]},
        "documents": documents,
    }
    # "<" never stands in the data, so no text can close the element that holds it.
    encoded = msgspec.json.encode(data).decode().replace("<", "\\u003c")
    return TEMPLATE.read_text(encoding="utf-8").replace("{{data}}", encoded, 1)


def _document(
    document: Document, gold: Annotation, predicted: Annotation, confusion: Counter[tuple[str, str]]
) -> dict[str, Any]:
    scores = {
        name: _headline(task, document, gold, predicted) for name, task in TASKS.items() if task.submitted(predicted)
    }
    measured = [f1 for f1 in scores.values() if f1 is not None]
    sides = [sorted(set(map(key, a.mentions or ()))) for a in (gold, predicted)]
    kinds = _mention_kinds(set(sides[0]), set(sides[1]), confusion)
    links = [mention_relations(a) if a.relations is not None else set() for a in (gold, predicted)]
    return {
        "id": document.id,
        "collection": document.collection,
        "title": document.title or document.text.split("\n", 1)[0],
        "text": document.text,
        "scores": scores,
        "mean": sum(measured) / len(measured) if measured else 1.0,
        "mentions": [[[*k, kinds[i][k]] for k in side] for i, side in enumerate(sides)],
        "links": _links(sides, links, gold),
        "deals": _deals(document, gold, predicted),
    }


def _headline(task: Task, document: Document, gold: Annotation, predicted: Annotation) -> float | None:
    counts = count_task(task, [document], {document.id: gold}, {document.id: predicted})
    return optional(task.headline_f1(counts.total()).item())


def _mention_kinds(
    gold: set[Key], predicted: set[Key], confusion: Counter[tuple[str, str]]
) -> tuple[dict[Key, str], dict[Key, str]]:
    """What became of each mention of either side; adds pairs of labels to ``confusion``."""
    kinds: tuple[dict[Key, str], dict[Key, str]] = ({}, {})

    def pair(one: Key, other: Key, kind: str) -> None:
        kinds[0][one] = kinds[1][other] = kind
        confusion[one[2], other[2]] += 1

    for common in gold & predicted:
        pair(common, common, RIGHT)
    by_span = {k[:2]: k for k in sorted(predicted - gold)}
    for one in sorted(gold - predicted):
        if (other := by_span.get(one[:2])) and other not in kinds[1]:
            pair(one, other, WRONG_LABEL)
    for same_label in (True, False):  # a partner of the same label first, then any that shares a character
        left = {k if same_label else (*k[:2], ""): k for k in sorted(gold - kinds[0].keys())}
        right = {k if same_label else (*k[:2], ""): k for k in sorted(predicted - kinds[1].keys())}
        for one, other in _overlapping(set(left), set(right)):
            pair(left[one], right[other], WRONG_BOUNDARY)
    for one in gold - kinds[0].keys():
        kinds[0][one] = MISSED
        confusion[one[2], NONE] += 1
    for other in predicted - kinds[1].keys():
        kinds[1][other] = SPURIOUS
        confusion[NONE, other[2]] += 1
    return kinds


def _overlapping(gold: set[Key], predicted: set[Key]) -> list[tuple[Key, Key]]:
    """Pairs of spans that share label and a character, one to one: those that the best matching credits."""
    of_gold, of_predicted = overlap_credits(gold, predicted, dice=True)
    pairs = []
    free = set(of_predicted)
    for one, credit in sorted(of_gold.items(), key=lambda item: (-item[1], item[0])):
        for other in sorted(free):
            if other[2] == one[2] and other[0] < one[1] and one[0] < other[1] and of_predicted[other] == credit:
                pairs.append((one, other))
                free.remove(other)
                break
    return pairs


def _links(
    sides: list[list[Key]], links: list[set[MentionRelation]], gold: Annotation
) -> list[list[tuple[str, int, int, str]]]:
    """The relations of both sides as (label, index of head, index of tail, what became of it)."""
    entity_of = {key(m): m.entity_key for m in gold.mentions or ()}

    def triple(link: MentionRelation) -> tuple[Any, str, Any]:
        head, label, tail = link
        return entity_of.get(head, head), label, entity_of.get(tail, tail)

    triples = [{triple(link) for link in side} for side in links]
    found: list[list[tuple[str, int, int, str]]] = [[], []]
    for i, side in enumerate(links):
        at = {k: n for n, k in enumerate(sides[i])}
        other = triples[1 - i]
        pairs = {(head, tail) for head, _, tail in other}
        for link in sorted(side):
            head, label, tail = triple(link)
            if (head, label, tail) in other:
                kind = RIGHT
            elif (tail, label, head) in other:
                kind = WRONG_DIRECTION
            elif (head, tail) in pairs:
                kind = WRONG_LABEL
            else:
                kind = SPURIOUS if i else MISSED
            found[i].append((link[1], at[link[0]], at[link[2]], kind))
    return found


def _deals(document: Document, gold: Annotation, predicted: Annotation) -> list[dict[str, Any]]:
    """The deal records side by side: aligned pairs first, then those of one side only."""
    of_gold = records_of(document, gold)
    of_predicted = records_of(document, predicted) if TASKS["deals"].submitted(predicted) else ()
    pairs: list[tuple[Deal | None, Deal | None]] = [(g, p) for g, p, _ in align(of_gold, of_predicted)]
    taken = [{id(pair[i]) for pair in pairs} for i in (0, 1)]
    pairs += [(g, None) for g in of_gold if id(g) not in taken[0]]
    pairs += [(None, p) for p in of_predicted if id(p) not in taken[1]]
    return [
        {
            "gold": g and g.name,
            "predicted": p and p.name,
            "slots": [[slot, *_fillers(slot, g, p)] for slot in _SLOTS if _has(slot, g) or _has(slot, p)],
        }
        for g, p in pairs
    ]


_SLOTS = ("kind", "status", *NAME_SLOTS, "item", "value", "dated")
_SAME: dict[str, Callable[[Any, Any], bool]] = {"value": same_amount}
_SAME |= dict.fromkeys((*NAME_SLOTS, "item"), same_name)


def _has(slot: str, deal: Deal | None) -> bool:
    return deal is not None and bool(getattr(deal, slot))


def _fillers(slot: str, gold: Deal | None, predicted: Deal | None) -> list[list[tuple[str, str]]]:
    """The fillers of a slot on both sides, each as (what it reads, what became of it)."""
    sides = [_values(slot, deal) for deal in (gold, predicted)]
    same = _SAME.get(slot, lambda one, other: one == other)
    matched = _matched(sides[0], sides[1], same)
    return [
        [(_shown(value), RIGHT if n in matched[i] else (MISSED, SPURIOUS)[i]) for n, value in enumerate(side)]
        for i, side in enumerate(sides)
    ]


def _matched(gold: list[Any], predicted: list[Any], same: Callable[[Any, Any], bool]) -> tuple[set[int], set[int]]:
    import numpy as np

    if not gold or not predicted:
        return set(), set()
    pairs = best_pairs(np.array([[float(same(g, p)) for p in predicted] for g in gold]))
    return {i for i, _ in pairs}, {j for _, j in pairs}


def _values(slot: str, deal: Deal | None) -> list[Any]:
    value = None if deal is None else getattr(deal, slot)
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def _shown(value: str | Filler | Item | Amount | Count) -> str:
    if isinstance(value, Item):
        counts = ", ".join(f"{count.number:,}" for count in value.quantity)
        return f"{counts} x {value.name}" if counts else value.name
    if isinstance(value, Amount):
        return f"{value.amount:,} {value.currency}"
    if isinstance(value, Filler):
        return f"{value.name} ({value.iso3})" if value.iso3 else value.name
    return str(value)
