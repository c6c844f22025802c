"""What is in a release, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from ..corpus.document import COLLECTIONS, SPLITS, Document
from .annotation import Annotation
from .deals import deal_records
from .release import Release
from .scheme import scheme


class Stats(msgspec.Struct, frozen=True, kw_only=True):
    """Counts over a group of documents. ``words`` are runs of non-space characters of the whole text."""

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


def count_documents(
    documents: Iterable[Document], gold: dict[str, Annotation], collection: str = "all", split: str = "all"
) -> Stats:
    """The counts over ``documents`` and their gold; labels and relation types in scheme order, also those with 0."""
    documents = list(documents)
    annotations = [gold[d.id] for d in documents]
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
        deals=sum(len(deal_records(d, a)) for d, a in zip(documents, annotations, strict=True)),
        labels={name: labels[name] for name in scheme().label_names},
        relation_types={name: relations[name] for name in scheme().relation_names},
    )


def release_stats(release: Release) -> list[Stats]:
    """Counts for every collection and split that has documents here, and last for all of them."""
    rows = [
        count_documents(documents, release.gold, collection, split)
        for collection in COLLECTIONS
        for split in SPLITS
        if (documents := release.select(collection, split))
    ]
    return [*rows, count_documents(release.documents.values(), release.gold)]
