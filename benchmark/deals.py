"""Task ``deals``: who supplies what to whom, for how much, approved by whom.

Predicted and gold deal records of a document are aligned one to one so that the greatest number of slot fillers agrees,
whatever their order. Which packages they are part of depends on the alignment itself: where both sides have packages
and few records, all alignments are tried, else one is improved step by step. Then every filler of every slot is counted
once:

- ``slots`` (headline): micro F1 over all filled slots; ``slots:NAME`` per slot.
- ``records``: a predicted record is right if its aligned gold record agrees in every filler, none missing or extra.
- ``accuracy:kind``, ``accuracy:status``: of the aligned pairs whose gold record has one, the share in which the
  predicted record has the same.

Fillers are compared by normalised value, so a system without offsets can be scored too: states by ISO 3166-1 code (by
name where one side has none), money by currency and amount (up to a billionth, for binary rounding; what a text rounds,
gold rounds too), dates by ISO form, counts by number together with their item, and names, without case and leading
article, against any name that the gold entity has in the text. Within a slot, fillers are matched one to one: an alias
given twice gains nothing. ``status`` "unknown" is not a filler, and ``modifier`` is not compared. ``part_of`` is right
if the two packages are aligned with each other.
"""

from __future__ import annotations

import itertools
import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec
import numpy as np

from ..annotations.annotation import Amount, Annotation, Count, Deal, Filler, Item
from ..annotations.deals import deal_records
from ..corpus.document import Document
from .assignment import best_pairs, match_all
from .measures import Floats, counts_row, table

NAME = "deals"
HEADLINE = "slots"
NAME_SLOTS = ("supplier", "recipient", "contractor", "approved_by", "notified_to", "under")
SLOTS = (
    *("supplier", "recipient", "item", "quantity", "value", "contractor", "approved_by", "notified_to"),
    *("dated", "under", "part_of", "kind", "status"),
)
CHOSEN = ("kind", "status")
"""Slots with one value of a list."""
MEASURES = ("slots", "records", *(f"slots:{slot}" for slot in SLOTS), *(f"accuracy:{slot}" for slot in CHOSEN))
EXHAUSTIVE = 720
"""So many alignments of one document are all tried, those of six records with six."""


def submitted(annotation: Annotation) -> bool:
    """Whether ``annotation`` holds deal records or the layers that they are computed from."""
    return annotation.deals is not None or (annotation.mentions is not None and annotation.relations is not None)


def records_of(document: Document, annotation: Annotation) -> tuple[Deal, ...]:
    """The deal records that ``annotation`` gives, else those computed from its layers."""
    return annotation.deals if annotation.deals is not None else deal_records(document, annotation)


def count(documents: Sequence[Document], gold: Sequence[Annotation], predicted: Sequence[Annotation]) -> Floats:
    """The counts of documents, of shape (documents, measures, 4)."""
    values = np.zeros((len(documents), len(MEASURES), 4))
    for i, (document, *sides) in enumerate(zip(documents, gold, predicted, strict=True)):
        values[i] = count_records(deal_records(document, sides[0]), records_of(document, sides[1]))
    return values


def count_records(gold: tuple[Deal, ...], predicted: tuple[Deal, ...]) -> Floats:
    """The counts of the deal records of one document, of shape (measures, 4)."""
    right: Counter[str] = Counter()
    chosen: Counter[str] = Counter()
    right_records = 0
    for g, p, agreed in align(gold, predicted):
        right += agreed
        right_records += +agreed == fillers(g) == fillers(p)
        chosen += Counter({slot: fillers(g)[slot] for slot in CHOSEN})
    of_gold = sum((fillers(deal) for deal in gold), Counter())
    of_predicted = sum((fillers(deal) for deal in predicted), Counter())
    rows = {f"slots:{slot}": counts_row(right[slot], of_predicted[slot], of_gold[slot]) for slot in SLOTS}
    rows["slots"] = counts_row(right.total(), of_predicted.total(), of_gold.total())
    rows["records"] = counts_row(right_records, len(predicted), len(gold))
    rows |= {f"accuracy:{slot}": counts_row(right[slot], chosen[slot], chosen[slot]) for slot in CHOSEN}
    return table(MEASURES, rows)


Pair = tuple[int, int]
"""The places of a gold record and of the predicted one that it is aligned with."""

Aligned = tuple[Deal, Deal, Counter[str]]
"""A gold record, the predicted one it is aligned with, and how many fillers of each slot agree."""


def align(gold: tuple[Deal, ...], predicted: tuple[Deal, ...]) -> list[Aligned]:
    """Pairs of aligned records, each with how many fillers of each slot agree.

    With packages on both sides and at most EXHAUSTIVE alignments all of these are tried. Else the first one leaves
    ``part_of`` aside, and each further one counts the packages and parts that the one before it links, as long as that
    makes more fillers agree. Records without any filler are aligned with each other. Of equally good alignments that
    of the likelier pairs is taken.
    """
    if not gold or not predicted:
        return []
    gold, predicted = _in_order(gold), _in_order(predicted)
    agreement = [[agreeing(g, p) for p in predicted] for g in gold]
    weights = np.array([[float(cell.total()) for cell in row] for row in agreement])
    filled = [np.array([float(fillers(deal).total()) for deal in side]) for side in (gold, predicted)]
    bare = (filled[0][:, None] == 0) & (filled[1][None, :] == 0)
    sizes = np.abs(filled[0][:, None] - filled[1][None, :])
    # Less than one filler in all, so that it only decides between alignments in which equally many agree.
    likeness = (sizes.max() + 1 - sizes) / ((sizes.max() + 2) * (min(weights.shape) + 1))

    def linked(pairs: Iterable[Pair]) -> list[Aligned]:
        pairs = list(pairs)
        partner = {predicted[j].id: gold[i].id for i, j in pairs}
        packages = {(i, j): _common_packages(gold[i], predicted[j], partner) for i, j in pairs}
        found = [(i, j, agreement[i][j] + Counter(part_of=packages[i, j])) for i, j in pairs]
        return [(gold[i], predicted[j], agreed) for i, j, agreed in found if agreed or bare[i, j]]

    def solve(weights: Floats) -> list[Aligned]:
        return linked(best_pairs(np.where((weights > 0) | bare, weights + likeness, 0)))

    if not all(any(deal.part_of for deal in side) for side in (gold, predicted)):
        return solve(weights)
    if math.perm(max(weights.shape), min(weights.shape)) <= EXHAUSTIVE:
        return linked(_best_with_packages(weights + likeness, gold, predicted))
    best = solve(weights)
    while True:
        partner = {p.id: g.id for g, p, _ in best}
        links = np.array([[_links(g, p, best, partner) for p in predicted] for g in gold])
        again = solve(weights + links) if links.any() else best
        if _agreed(again) <= _agreed(best):
            break
        best = again
    # Equal records stand in equal order: what is predicted as gold has it is never scored lower than that.
    return max(best, linked((i, i) for i in range(min(weights.shape))), key=_agreed)


def _in_order(deals: Sequence[Deal]) -> tuple[Deal, ...]:
    """Records in an order that depends on what they say and on which are parts of which, not on ids or places.

    Records that say the same are told apart by what their packages and parts say, and those of these. Where that is
    equal too, one of them is put first, and its packages and parts follow it.
    """
    said = [msgspec.json.encode(msgspec.structs.replace(deal, id="", part_of=())) for deal in deals]
    ids = {deal.id: n for n, deal in enumerate(deals)}
    packages = [[ids[package] for package in deal.part_of if package in ids] for deal in deals]
    if not any(packages):
        return tuple(deal for _, deal in sorted(zip(said, deals, strict=True), key=lambda pair: pair[0]))
    parts: list[list[int]] = [[] for _ in deals]
    for n, its in enumerate(packages):
        for package in its:
            parts[package].append(n)
    rank = _ranks(said)
    while True:
        classes = 0
        while len(set(rank)) > classes:
            classes = len(set(rank))
            around = [[tuple(sorted(rank[m] for m in its)) for its in side] for side in (packages, parts)]
            rank = _ranks(list(zip(rank, *around, strict=True)))
        alike = [n for n, r in enumerate(rank) if rank.count(r) > 1]
        if not alike:
            return tuple(deals[n] for n in sorted(range(len(deals)), key=rank.__getitem__))
        first = min(alike, key=rank.__getitem__)
        rank = [2 * r + (n != first) for n, r in enumerate(rank)]


def _ranks(keys: Sequence[Any]) -> list[int]:
    place = {key: n for n, key in enumerate(sorted(set(keys)))}
    return [place[key] for key in keys]


def _best_with_packages(weights: Floats, gold: Sequence[Deal], predicted: Sequence[Deal]) -> Iterable[Pair]:
    """Of all alignments the one of greatest weight and most packages in common."""
    cells = weights.tolist()
    ids = {deal.id: j for j, deal in enumerate(predicted)}
    places = {deal.id: i for i, deal in enumerate(gold)}
    wanted = [{places.get(package) for package in deal.part_of} - {None} for deal in gold]
    given = [(j, {ids[package] for package in deal.part_of if package in ids}) for j, deal in enumerate(predicted)]
    given = [(j, its) for j, its in given if its]

    def value(pairs: Sequence[Pair]) -> float:
        partner = {j: i for i, j in pairs}
        common = sum(len({partner.get(k) for k in its} & wanted[partner[j]]) for j, its in given if j in partner)
        return float(common + sum(cells[i][j] for i, j in pairs))

    rows, columns = weights.shape
    if rows <= columns:
        every = (tuple(enumerate(chosen)) for chosen in itertools.permutations(range(columns), rows))
    else:
        every = (tuple((i, j) for j, i in enumerate(chosen)) for chosen in itertools.permutations(range(rows), columns))
    return max(every, key=value)


def _agreed(pairs: list[Aligned]) -> int:
    return sum(agreed.total() for _, _, agreed in pairs)


def _links(gold: Deal, predicted: Deal, pairs: list[Aligned], partner: dict[str, str]) -> float:
    """How much an alignment speaks for this pair: packages in common, and parts in common at half their weight."""
    parts = sum(gold.id in g.part_of and predicted.id in p.part_of for g, p, _ in pairs)
    return _common_packages(gold, predicted, partner) + parts / 2


def _common_packages(gold: Deal, predicted: Deal, partner: dict[str, str]) -> int:
    """How many packages of ``predicted`` are aligned, by ``partner``, with one of ``gold``."""
    return len({partner.get(package) for package in predicted.part_of} & set(gold.part_of))


def fillers(deal: Deal) -> Counter[str]:
    """How many fillers each slot of a record has."""
    found = Counter({slot: len(getattr(deal, slot)) for slot in (*NAME_SLOTS, "item", "value")})
    found |= {slot: len(set(getattr(deal, slot))) for slot in ("dated", "part_of")}
    found["quantity"] = sum(len(item.quantity) for item in deal.item)
    found["kind"] = deal.kind is not None
    found["status"] = deal.status not in (None, "unknown")
    return +found


def agreeing(gold: Deal, predicted: Deal) -> Counter[str]:
    """How many fillers of each slot agree between two records; ``part_of`` aside, which depends on the alignment."""
    agreed: Counter[str] = Counter()
    for slot in NAME_SLOTS:
        agreed[slot] = len(match_all(getattr(gold, slot), getattr(predicted, slot), same_name))
    items = match_items(gold.item, predicted.item)
    agreed["item"] = len(items)
    agreed["quantity"] = sum(
        len(match_all(gold.item[i].quantity, predicted.item[j].quantity, same_count)) for i, j in items
    )
    agreed["value"] = len(match_all(gold.value, predicted.value, same_amount))
    agreed["dated"] = len(set(gold.dated) & set(predicted.dated))
    agreed["kind"] = gold.kind is not None and gold.kind == predicted.kind
    agreed["status"] = gold.status not in (None, "unknown") and gold.status == predicted.status
    return agreed


def match_items(gold: tuple[Item, ...], predicted: tuple[Item, ...]) -> list[tuple[int, int]]:
    """Pairs of items with one name, as many as possible, and among those with the most counts that agree."""
    if not gold or not predicted:
        return []
    scale = 1 + max(len(item.quantity) for item in gold) * len(gold)

    def weight(g: Item, p: Item) -> float:
        return scale + len(match_all(g.quantity, p.quantity, same_count)) if same_name(g, p) else 0.0

    return best_pairs(np.array([[weight(g, p) for p in predicted] for g in gold]))


def same_name(gold: Filler | Item, predicted: Filler | Item) -> bool:
    """Whether a predicted filler names the gold one: by ISO code if both have one, else by any name in the text."""
    if isinstance(gold, Filler) and isinstance(predicted, Filler) and gold.iso3 and predicted.iso3:
        return gold.iso3 == predicted.iso3
    wanted = normalise_name(predicted.name)
    return any(normalise_name(name) == wanted for name in (gold.name, *gold.aliases))


def same_amount(gold: Amount, predicted: Amount) -> bool:
    """Whether two sums are equal in currency and, but for binary rounding, in amount."""
    return gold.currency == predicted.currency and _equal(gold.amount, predicted.amount)


def same_count(gold: Count, predicted: Count) -> bool:
    """Whether two counts are equal."""
    return _equal(gold.number, predicted.number)


def _equal(gold: float, predicted: float) -> bool:
    # Whole numbers may be too great for a float; then only equality counts.
    return gold == predicted or (abs(gold) < 1e300 and abs(predicted) < 1e300 and math.isclose(gold, predicted))


@lru_cache(maxsize=10_000)
def normalise_name(name: str) -> str:
    """``name`` without case, surrounding punctuation, repeated spaces and a leading article."""
    words = unicodedata.normalize("NFC", name).casefold().replace("’", "'").split()
    if len(words) > 1 and words[0] in ("the", "a", "an"):
        words = words[1:]
    return " ".join(words).strip(".,;:'\"“”() ")
