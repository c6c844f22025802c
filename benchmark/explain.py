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
from ..annotations.annotation import Amount, Annotation, Deal, Filler, Item
from ..annotations.release import RELEASE, Release
from ..annotations.scheme import scheme
from ..corpus.document import COLLECTIONS, Document, Split
from ..corpus.files import PACKAGE
from .assignment import match_all
from .deals import NAME_SLOTS, align, match_items, records_of, same_amount, same_count, same_name
from .measures import optional
from .mentions import Key, key, overlap_credits
from .relations import MentionRelation, mention_relations
from .scoring import count_task
from .tasks import TASKS, Task

TEMPLATE = PACKAGE / "benchmark" / "explain.html"
NONE = "none"

RIGHT, MISSED, SPURIOUS = "right", "missed", "spurious"
WRONG_LABEL, WRONG_BOUNDARY, WRONG_DIRECTION = "wrong label", "wrong boundary", "wrong direction"
NOT_GIVEN = "not given"
"""Kind of what gold holds in a layer that the prediction does not have: it is not scored."""
KINDS = (RIGHT, MISSED, SPURIOUS, WRONG_LABEL, WRONG_BOUNDARY, WRONG_DIRECTION, NOT_GIVEN)


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
    documents.sort(key=lambda d: (d["mean"] is None, d["mean"], d["id"]))
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
    if predicted.mentions is None:
        kinds: tuple[dict[Key, str], dict[Key, str]] = (dict.fromkeys(sides[0], NOT_GIVEN), {})
    else:
        kinds = _mention_kinds(set(sides[0]), set(sides[1]), confusion)
    links = [mention_relations(a) if a.relations is not None else set() for a in (gold, predicted)]
    shown_links = _links(sides, links, gold)
    if predicted.relations is None:
        shown_links[0] = [(label, head, tail, NOT_GIVEN) for label, head, tail, _ in shown_links[0]]
    return {
        "id": document.id,
        "collection": document.collection,
        "title": document.title or document.text.split("\n", 1)[0],
        "text": document.text,
        "scores": scores,
        "mean": sum(measured) / len(measured) if measured else None,
        "mentions": [[[*k, kinds[i][k]] for k in side] for i, side in enumerate(sides)],
        "links": shown_links,
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
    by_span: dict[tuple[int, int], list[Key]] = {}
    for k in sorted(predicted - gold, reverse=True):
        by_span.setdefault(k[:2], []).append(k)
    for one in sorted(gold - predicted):
        if by_span.get(one[:2]):
            pair(one, by_span[one[:2]].pop(), WRONG_LABEL)
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
        pairs = {(head, tail) for head, label, tail in other - triples[i]}  # whose own label was not found
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
    given = TASKS["deals"].submitted(predicted)
    of_gold, of_predicted = records_of(document, gold), records_of(document, predicted) if given else ()
    aligned = [(g, p) for g, p, _ in align(of_gold, of_predicted)]
    partner = {p.id: g.id for g, p in aligned}
    names = {side: {deal.id: deal.name or deal.id for deal in its} for side, its in enumerate((of_gold, of_predicted))}
    pairs: list[tuple[Deal | None, Deal | None]] = list(aligned)
    taken = [{id(pair[i]) for pair in pairs} for i in (0, 1)]
    pairs += [(g, None) for g in of_gold if id(g) not in taken[0]]
    pairs += [(None, p) for p in of_predicted if id(p) not in taken[1]]
    missed = MISSED if given else NOT_GIVEN
    rows = []
    for g, p in pairs:
        slots = [[slot, *_fillers(slot, g, p, missed)] for slot in _SLOTS]
        slots.insert(_SLOTS.index("item") + 1, ["quantity", *_quantities(g, p, missed)])
        slots.append(["part_of", *_packages(g, p, partner, names, missed)])
        kind = RIGHT if g and p else missed if g else SPURIOUS
        sides = {"gold": g and (g.name or g.id), "predicted": p and (p.name or p.id)}
        rows.append({**sides, "kind": kind, "slots": [s for s in slots if s[1] or s[2]]})
    return rows


Shown = list[tuple[str, str]]
"""What the fillers of a slot read, each with what became of it."""


def _quantities(gold: Deal | None, predicted: Deal | None, missed: str) -> list[Shown]:
    """The counts of both sides' items; right if the items are matched and the counts equal, as the task has it."""
    items = [deal.item if deal is not None else () for deal in (gold, predicted)]
    right: list[set[tuple[int, int]]] = [set(), set()]
    for i, j in match_items(items[0], items[1]):
        for m, n in match_all(items[0][i].quantity, items[1][j].quantity, same_count):
            right[0].add((i, m))
            right[1].add((j, n))
    return [
        [
            (f"{count.number:,} x {item.name}", RIGHT if (i, n) in right[side] else (missed, SPURIOUS)[side])
            for i, item in enumerate(items[side])
            for n, count in enumerate(item.quantity)
        ]
        for side in (0, 1)
    ]


def _packages(
    gold: Deal | None,
    predicted: Deal | None,
    partner: Mapping[str, str],
    names: Mapping[int, Mapping[str, str]],
    missed: str,
) -> list[Shown]:
    """The packages of both records; right if the two packages are aligned."""
    own = gold.part_of if gold is not None else ()
    theirs = predicted.part_of if predicted is not None else ()
    found = {partner.get(package) for package in theirs}
    return [
        [(names[0].get(package, package), RIGHT if package in found else missed) for package in own],
        [(names[1].get(package, package), RIGHT if partner.get(package) in own else SPURIOUS) for package in theirs],
    ]


_SLOTS = ("kind", "status", *NAME_SLOTS, "item", "value", "dated")
_SAME: dict[str, Callable[[Any, Any], bool]] = {"value": same_amount}
_SAME |= dict.fromkeys((*NAME_SLOTS, "item"), same_name)


def _fillers(slot: str, gold: Deal | None, predicted: Deal | None, missed: str) -> list[Shown]:
    """The fillers of a slot on both sides."""
    sides = [_values(slot, deal) for deal in (gold, predicted)]
    same = _SAME.get(slot, lambda one, other: one == other)
    matched = _matched(sides[0], sides[1], same)
    return [
        [(_shown(value), RIGHT if n in matched[i] else (missed, SPURIOUS)[i]) for n, value in enumerate(side)]
        for i, side in enumerate(sides)
    ]


def _matched(gold: list[Any], predicted: list[Any], same: Callable[[Any, Any], bool]) -> tuple[set[int], set[int]]:
    pairs = match_all(gold, predicted, same)
    return {i for i, _ in pairs}, {j for _, j in pairs}


def _values(slot: str, deal: Deal | None) -> list[Any]:
    value = None if deal is None else getattr(deal, slot)
    if value is None or (slot == "status" and value == "unknown"):  # which is no filler
        return []
    return [value] if isinstance(value, str) else list(value)


def _shown(value: str | Filler | Item | Amount) -> str:
    if isinstance(value, Amount):
        return f"{value.amount:,} {value.currency}"
    if isinstance(value, Filler):
        return f"{value.name} ({value.iso3})" if value.iso3 else value.name
    return value.name if isinstance(value, Item) else value
