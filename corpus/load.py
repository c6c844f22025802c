"""From the indexes and the texts within reach to documents; what is not within reach is left out, and said so."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

from .document import COLLECTIONS, Collection, Document
from .errors import DataError, Fault, UnknownNameError
from .files import PACKAGE, checkout, local_folder
from .index import read_index
from .readers.articles import read_articles
from .readers.notices import read_notices
from .readers.press import read_press
from .readers.texts import Reader

READERS: dict[Collection, Reader] = {"articles": read_articles, "notices": read_notices, "press": read_press}

SOURCES_VARIABLE = "ARMSBENCH_SOURCES"


class Corpus(msgspec.Struct, frozen=True, kw_only=True):
    """Documents by id in index order, and what could not be had.

    ``faults`` are texts that were found but cannot be used, each once. ``absent`` names collections for which no
    source folder was found at all, with the reason; nothing is wrong then, the user just has no copy.
    """

    documents: dict[str, Document]
    faults: tuple[Fault, ...] = ()
    absent: dict[str, str] = msgspec.field(default_factory=dict)


def sources_folders(sources: Path | None = None) -> list[Path]:
    """The folders to look in for source texts, first to last.

    ``sources`` alone if given; else the folder that ``ARMSBENCH_SOURCES`` names; else, as far as they exist, what
    ``armsbench hydrate --download`` wrote and ``../shared/sources`` beside the checkout.
    """
    if sources is not None:
        return [sources]
    named = os.environ.get(SOURCES_VARIABLE)
    if named:
        return [Path(named)]
    root = checkout()
    places = [local_folder("sources")]
    if root is not None:
        places.append(root.parent / "shared" / "sources")
    return [place for place in places if place.is_dir()]


def collections_named(names: Iterable[str]) -> tuple[Collection, ...]:
    """``names`` (or one name) checked against the known collections, all of them if empty; raises UnknownNameError."""
    chosen = {names} if isinstance(names, str) else set(names)
    for name in sorted(chosen):
        if name not in COLLECTIONS:
            raise UnknownNameError("collection", name, COLLECTIONS)
    return tuple(name for name in COLLECTIONS if not chosen or name in chosen)


def load_corpus(
    collections: Iterable[str] = (), sources: Path | None = None, only: Iterable[str] | None = None
) -> Corpus:
    """Every document of ``collections`` (default: all) whose text is within reach, verified by its digest.

    ``only`` restricts it to these document ids. A text that cannot be used never stops the others. Raises
    UnknownNameError for a collection that does not exist.
    """
    wanted = None if only is None else frozenset(only)
    documents: dict[str, Document] = {}
    faults: dict[tuple[str, str], Fault] = {}
    absent: dict[str, str] = {}
    for collection in collections_named(collections):
        entries = tuple(e for e in read_index(collection) if wanted is None or e.id in wanted)
        folder, reason = _folder_for(collection, sources)
        if folder is None:
            absent[collection] = reason
            continue
        if not folder.is_dir():
            faults[str(folder), collection] = Fault(
                where=str(folder), message=f"no such folder; the texts of {collection} are left out. Check --sources."
            )
            continue
        texts = READERS[collection](folder, entries)
        for entry in entries:
            found = texts[entry.id]
            if isinstance(found, Fault):
                faults.setdefault((found.where, found.message), found)
            else:
                documents[entry.id] = entry.document(collection, found.text, found.title)
    return Corpus(documents=documents, faults=tuple(faults.values()), absent=absent)


def documents_named(doc_ids: Iterable[str], sources: Path | None = None) -> dict[str, Document]:
    """The documents of those ids, each once.

    Raises UnknownNameError for an id that is in no index, and DataError with every text that is wrong or not here.
    """
    wanted = tuple(dict.fromkeys(doc_ids))
    collection_of = {entry.id: collection for collection in COLLECTIONS for entry in read_index(collection)}
    for doc_id in wanted:
        if doc_id not in collection_of:
            raise UnknownNameError("document", doc_id, collection_of)
    corpus = load_corpus({collection_of[doc_id] for doc_id in wanted}, sources, only=wanted)
    faults = list(corpus.faults)
    for doc_id in wanted:
        if doc_id not in corpus.documents:
            reason = corpus.absent.get(collection_of[doc_id], "see armsbench hydrate")
            faults.append(Fault(where=doc_id, message=f"its text is not here: {reason}"))
    if faults:
        raise DataError(faults)
    return {doc_id: corpus.documents[doc_id] for doc_id in wanted}


def _folder_for(collection: Collection, sources: Path | None) -> tuple[Path | None, str]:
    """The sources folder to read ``collection`` from, or None and the reason why there is none."""
    if collection == "articles":
        return PACKAGE / "corpus", ""
    folders = sources_folders(sources)
    for folder in folders:
        if (folder / collection).is_dir() or not folder.is_dir():
            return folder, ""
    how = {
        "notices": "run `armsbench hydrate --download`, or point --sources at a folder with notices/arms_sales.json",
        "press": "its articles are under copyright; point --sources at a folder with your own copies in press/",
    }
    return None, f"no texts found: {how[collection]}"
