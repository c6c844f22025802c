"""Task ``deals``: who supplies what to whom, for how much, approved by whom.

Predicted and gold deal records of a document are aligned one to one so that the greatest number of slot fillers agrees;
which packages they are part of, which depends on the alignment itself, is taken into account by aligning again.
Then every filler of every slot is counted once:

- ``slots`` (headline): micro F1 over all filled slots; ``slots:NAME`` per slot.
- ``records``: a predicted record is right if its aligned gold record agrees in every filler, none missing or extra.

Fillers are compared by normalised value, so a system without offsets can be scored too: states by ISO 3166-1 code (by
name where one side has none), money by amount and currency, dates by ISO form, counts by number together with their
item, and names, without case and leading article, against any name that the gold entity has in the text. Within a slot,
fillers are matched one to one: an alias given twice gains nothing. ``status`` "unknown" is not a filler, and
``modifier`` is not compared. ``part_of`` is right if the two packages are aligned with each other.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

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
MEASURES = ("slots", "records", *(f"slots:{slot}" for slot in SLOTS))


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
    right_records = 0
    for g, p, agreed in align(gold, predicted):
        right += agreed
        right_records += +agreed == fillers(g) == fillers(p)
    of_gold = sum((fillers(deal) for deal in gold), Counter())
    of_predicted = sum((fillers(deal) for deal in predicted), Counter())
    rows = {f"slots:{slot}": counts_row(right[slot], of_predicted[slot], of_gold[slot]) for slot in SLOTS}
    rows["slots"] = counts_row(right.total(), of_predicted.total(), of_gold.total())
    rows["records"] = counts_row(right_records, len(predicted), len(gold))
    return table(MEASURES, rows)


Aligned = tuple[Deal, Deal, Counter[str]]
"""A gold record, the predicted one it is aligned with, and how many fillers of each slot agree."""


def align(gold: tuple[Deal, ...], predicted: tuple[Deal, ...]) -> list[Aligned]:
    """Pairs of aligned records, each with how many fillers of each slot agree.

    The first alignment leaves ``part_of`` aside; each further one counts the packages and parts that the one before it
    links, as long as that makes more fillers agree. Records without any filler are aligned with each other.
    """
    if not gold or not predicted:
        return []
    agreement = [[agreeing(g, p) for p in predicted] for g in gold]
    weights = np.array([[float(cell.total()) for cell in row] for row in agreement])
    filled = [np.array([float(fillers(deal).total()) for deal in side]) for side in (gold, predicted)]
    bare = (filled[0][:, None] == 0) & (filled[1][None, :] == 0)
    sizes = np.abs(filled[0][:, None] - filled[1][None, :])
    # Less than one filler in all, so that it only decides between alignments in which equally many agree.
    likeness = (sizes.max() + 1 - sizes) / ((sizes.max() + 2) * (min(weights.shape) + 1))

    def solve(weights: Floats) -> list[Aligned]:
        pairs = best_pairs(np.where((weights > 0) | bare, weights + likeness, 0))
        partner = {predicted[j].id: gold[i].id for i, j in pairs}
        packages = {(i, j): _common_packages(gold[i], predicted[j], partner) for i, j in pairs}
        return [(gold[i], predicted[j], agreement[i][j] + Counter(part_of=packages[i, j])) for i, j in pairs]

    best = solve(weights)
    while True:
        partner = {p.id: g.id for g, p, _ in best}
        linked = np.array([[_links(g, p, best, partner) for p in predicted] for g in gold])
        again = solve(weights + linked) if linked.any() else best
        if _agreed(again) <= _agreed(best):
            return best
        best = again


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
    found = Counter({slot: len(getattr(deal, slot)) for slot in (*NAME_SLOTS, "item", "value", "dated", "part_of")})
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
