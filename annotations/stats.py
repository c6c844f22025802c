"""What is in a release, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from ..corpus.document import COLLECTIONS, SPLITS, Document
from .annotation import Annotation, Deal
from .deals import deal_records
from .release import Release
from .scheme import scheme

OF_ITEMS = ("quantity", "manufacturer")
SLOTS = (
    *("supplier", "recipient", "item", "quantity", "value", "contractor", "manufacturer", "approved_by", "notified_to"),
    *("dated", "under", "for_platform", "part_of", "opposed_by", "kind", "status"),
)


COUNTS = {"labels": "mentions by label", "relation_types": "relations by type", "slots": "deal records by filled slot"}
"""The fields of Stats that count by name, with their titles."""


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """Counts over a group of documents. ``words`` are runs of non-space characters of the whole text.

    ``slots`` counts the deal records in which a slot is filled; ``quantity`` and ``manufacturer`` are of any item.
    """

    collection: str
    split: str
    documents: int
    stories: int
    words: int
    mentions: int
    entities: int
    relations: int
    deals: int
    labels: dict[str, int]
    relation_types: dict[str, int]
    slots: dict[str, int]


def count_documents(
    documents: Iterable[Document], gold: dict[str, Annotation], collection: str = "all", split: str = "all"
) -> Stats:
    """The counts over ``documents`` and their gold; labels and relation types in scheme order, also those with 0."""
    documents = list(documents)
    annotations = [gold[d.id] for d in documents]
    records = [record for d, a in zip(documents, annotations, strict=True) for record in deal_records(d, a)]
    slots = Counter(slot for record in records for slot in _filled(record))
    labels = Counter(m.label for a in annotations for m in a.mentions or ())
    relations = Counter(r.label for a in annotations for r in a.relations or ())
    return Stats(
        collection=collection,
        split=split,
        documents=len(documents),
        stories=len({d.story for d in documents}),
        words=sum(len(d.text.split()) for d in documents),
        mentions=labels.total(),
        entities=sum(len(a.entities or ()) for a in annotations),
        relations=relations.total(),
        deals=len(records),
        labels={name: labels[name] for name in scheme().label_names},
        relation_types={name: relations[name] for name in scheme().relation_names},
        slots={name: slots[name] for name in SLOTS},
    )


def _filled(record: Deal) -> Iterator[str]:
    for slot in SLOTS:
        of_items = slot in OF_ITEMS and any(getattr(item, slot) for item in record.item)
        if of_items or getattr(record, slot, None):
            yield slot


def release_stats(release: Release) -> list[Stats]:
    """Counts for every collection and split that has documents here, and last for all of them."""
    rows = [
        count_documents(documents, release.gold, collection, split)
        for collection in COLLECTIONS
        for split in SPLITS
        if (documents := release.select(collection, split))
    ]
    return [*rows, count_documents(release.documents.values(), release.gold)]
