"""Task ``deals``: who supplies what to whom, for how much, approved by whom.

Predicted and gold deal records of a document are aligned one to one so that the greatest number of slot fillers agrees.
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

from collections import Counter

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


def count(document: Document, gold: Annotation, predicted: Annotation) -> Floats:
    """The counts of one document, of shape (measures, 4)."""
    return count_records(deal_records(document, gold), records_of(document, predicted))


def count_records(gold: tuple[Deal, ...], predicted: tuple[Deal, ...]) -> Floats:
    """The counts of the deal records of one document, of shape (measures, 4)."""
    agreement = [[agreeing(g, p) for p in predicted] for g in gold]
    pairs = _align(gold, predicted, agreement)
    partner = {predicted[j].id: gold[i].id for i, j in pairs}
    right: Counter[str] = Counter()
    right_records = 0
    for i, j in pairs:
        agreed = Counter(agreement[i][j])
        agreed["part_of"] = len({partner.get(p) for p in predicted[j].part_of} & set(gold[i].part_of))
        right += agreed
        right_records += +agreed == fillers(gold[i]) == fillers(predicted[j])
    of_gold = sum((fillers(deal) for deal in gold), Counter())
    of_predicted = sum((fillers(deal) for deal in predicted), Counter())
    rows = {f"slots:{slot}": counts_row(right[slot], of_predicted[slot], of_gold[slot]) for slot in SLOTS}
    rows["slots"] = counts_row(right.total(), of_predicted.total(), of_gold.total())
    rows["records"] = counts_row(right_records, len(predicted), len(gold))
    return table(MEASURES, rows)


def _align(
    gold: tuple[Deal, ...], predicted: tuple[Deal, ...], agreement: list[list[Counter[str]]]
) -> list[tuple[int, int]]:
    """Pairs of gold and predicted records that make the most fillers agree; ties go to records of like size."""
    if not gold or not predicted:
        return []
    weights = np.array([[float(cell.total()) for cell in row] for row in agreement])
    sizes = np.array([[abs(fillers(g).total() - fillers(p).total()) for p in predicted] for g in gold], dtype=float)
    # Less than one filler in all, so that it only decides between alignments that agree in equally many.
    tie_break = (sizes.max() - sizes) / ((sizes.max() + 1) * (min(len(gold), len(predicted)) + 1))
    return [(i, j) for i, j in best_pairs(np.where(weights > 0, weights + tie_break, 0)) if weights[i, j] > 0]


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
    items = _match_items(gold.item, predicted.item)
    agreed["item"] = len(items)
    agreed["quantity"] = sum(
        len(match_all(gold.item[i].quantity, predicted.item[j].quantity, same_count)) for i, j in items
    )
    agreed["value"] = len(match_all(gold.value, predicted.value, same_amount))
    agreed["dated"] = len(set(gold.dated) & set(predicted.dated))
    agreed["kind"] = gold.kind is not None and gold.kind == predicted.kind
    agreed["status"] = gold.status not in (None, "unknown") and gold.status == predicted.status
    return agreed


def _match_items(gold: tuple[Item, ...], predicted: tuple[Item, ...]) -> list[tuple[int, int]]:
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
    return normalise_name(predicted.name) in {normalise_name(name) for name in (gold.name, *gold.aliases)}


def same_amount(gold: Amount, predicted: Amount) -> bool:
    """Whether two sums are equal in currency and, but for binary rounding, in amount."""
    return gold.currency == predicted.currency and _equal(gold.amount, predicted.amount)


def same_count(gold: Count, predicted: Count) -> bool:
    """Whether two counts are equal."""
    return _equal(gold.number, predicted.number)


def _equal(gold: float, predicted: float) -> bool:
    return abs(gold - predicted) <= 1e-9 * abs(gold)


def normalise_name(name: str) -> str:
    """``name`` without case, surrounding punctuation, repeated spaces and a leading article."""
    words = name.casefold().replace("’", "'").split()
    if len(words) > 1 and words[0] in ("the", "a", "an"):
        words = words[1:]
    return " ".join(words).strip(".,;:'\"“”() ")
