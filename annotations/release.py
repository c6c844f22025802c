"""The release: documents within reach, their gold and splits, under one version."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from ..corpus.document import Collection, Document
from ..corpus.errors import UnknownNameError
from ..corpus.files import PACKAGE
from ..corpus.load import Corpus, collections_named, load_corpus
from ..corpus.splits import documents_of_split, read_splits
from .annotation import Annotation, encode_annotation
from .layers import read_annotation

RELEASE = "1.0.0"
"""Version of the data. A corrected gold is a new release; see CHANGELOG.md."""

RELEASE_DATE = "2026-11-22"

GOLD = PACKAGE / "annotations" / "gold"


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """What of the release is within reach: documents with text and their gold; and what is not.

    ``wanted`` are the ids that were asked for, whether their texts are here or not.
    """

    documents: dict[str, Document]
    gold: dict[str, Annotation]
    corpus: Corpus
    wanted: tuple[str, ...]

    def select(self, collection: str | None = None, split: str | None = None) -> tuple[Document, ...]:
        """The documents of ``collection`` and ``split`` (None: any) in the order of the split file."""
        splits = read_splits()
        return tuple(
            document
            for document in self.documents.values()
            if collection in (None, document.collection) and split in (None, splits[document.id])
        )

    def holds_all(self, split: str) -> bool:
        """Whether every document of ``split`` is here. What is unseen in train must not depend on what someone has."""
        return len(self.select(split=split)) == len(documents_of_split(split))

    def missing(self) -> dict[str, str]:
        """Collections that were asked for and of which not one document is here, with the reason in one line."""
        wanted = dict.fromkeys(collection_of(doc_id) for doc_id in self.wanted)
        return {
            collection: self.corpus.absent.get(collection, "no usable text, see below")
            for collection in wanted
            if not self.select(collection)
        }

    def left_out(self) -> str:
        """What is not here, for people: a line for each collection that is missing and for each text that is wrong."""
        lines = [f"{collection}: left out; {reason}\n" for collection, reason in self.missing().items()]
        return "".join([*lines, *(f"{fault}\n" for fault in self.corpus.faults)])


def collection_of(doc_id: str) -> Collection:
    """The collection of a document of the release by its id; raises UnknownNameError for any other id."""
    prefixes: dict[str, Collection] = {"article": "articles", "notice": "notices", "press": "press"}
    prefix = doc_id.partition("-")[0]
    if doc_id not in read_splits() or prefix not in prefixes:
        raise UnknownNameError("document", doc_id, read_splits())
    return prefixes[prefix]


def read_gold(doc_id: str) -> Annotation:
    """The gold annotation of a document; raises DataError when its file is missing or malformed."""
    return read_annotation(GOLD / f"{doc_id}.json")


def load_release(
    collections: Iterable[str] = (), split: str | None = None, sources: Path | str | None = None
) -> Release:
    """Documents, gold and splits of the release, as far as the texts are within reach.

    ``collections`` (default: all) and ``split`` restrict it. Texts that cannot be used are in
    ``release.corpus.faults``, collections without a source in ``release.corpus.absent``. Raises UnknownNameError for a
    name that does not exist and DataError for gold that cannot be read.
    """
    chosen = collections_named(collections)
    ids = tuple(read_splits()) if split is None else documents_of_split(split)
    wanted = tuple(doc_id for doc_id in ids if collection_of(doc_id) in chosen)
    corpus = load_corpus(chosen, None if sources is None else Path(sources), only=wanted)
    documents = {doc_id: corpus.documents[doc_id] for doc_id in wanted if doc_id in corpus.documents}
    gold = {doc_id: read_gold(doc_id) for doc_id in documents}
    return Release(documents=documents, gold=gold, corpus=corpus, wanted=wanted)


def gold_digest(annotations: Iterable[Annotation]) -> str:
    """Eight hexadecimal digits that change when any of these gold annotations does, whatever their order.

    Provenance is left out: who made a layer moves no score.
    """
    bare = (encode_annotation(msgspec.structs.replace(a, provenance=None)) for a in annotations)
    return hashlib.sha256(b"\n".join(sorted(bare))).hexdigest()[:8]
