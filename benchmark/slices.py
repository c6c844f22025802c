"""Slices: parts of a split on which a system may do better or worse. Computed from gold and texts, never stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from statistics import median

import msgspec

from ..annotations.annotation import Annotation, Deal
from ..annotations.deals import deal_records, entity_views
from ..annotations.release import Release
from ..corpus.document import Document
from .scoring import Counted, TaskScore, score_counted

PARTS = ("recipient", "weapon", "contractor")


class SliceScores(msgspec.Struct, frozen=True, kw_only=True):
    """The scores on the documents of one slice."""

    slice: str
    scores: tuple[TaskScore, ...]


def slices(release: Release, split: str, collection: str) -> dict[str, tuple[str, ...]]:
    """The ids of the documents of ``split`` and ``collection`` in each slice, in order of the split file.

    - ``recipient unseen``, ``weapon unseen``, ``contractor unseen``: the deals of the document have some, and train's
      gold names none of them; ``... seen``: it names at least one. Recipients are compared by ISO code where they have
      one, all else by name in lower case. Weapons are items with a name or designation of their own.
    - ``short``, ``long``: up to the median number of words of these documents, and above it.
    - ``no deal``, ``one deal``, ``several deals``: by the number of gold records.

    A slice without documents is left out, and so are the first six where a text of train is not here.
    """
    train = [_parts(d, g := release.gold[d.id], deal_records(d, g)) for d in release.select(split="train")]
    seen = {part: frozenset(name for its in train for name in its[part]) for part in PARTS}
    complete = release.holds_all("train")
    documents = release.select(collection, split)
    middle = median([len(d.text.split()) for d in documents]) if documents else 0
    found: dict[str, list[str]] = {}
    for document in documents:
        records = deal_records(document, release.gold[document.id])
        names = _parts(document, release.gold[document.id], records)
        own = [
            f"{part} {'seen' if names[part] & seen[part] else 'unseen'}" for part in PARTS if complete and names[part]
        ]
        own.append("short" if len(document.text.split()) <= middle else "long")
        own.append("no deal" if not records else "one deal" if len(records) == 1 else "several deals")
        for name in own:
            found.setdefault(name, []).append(document.id)
    return {name: tuple(found[name]) for name in SLICES if name in found}


SLICES = (
    *(f"{part} {state}" for part in PARTS for state in ("seen", "unseen")),
    *("short", "long", "no deal", "one deal", "several deals"),
)


def score_slices(
    release: Release,
    counted: Iterable[Counted],
    *,
    resamples: int,
    seed: int,
    progress: Callable[[str], None] = lambda message: None,
) -> list[SliceScores]:
    """The scores on every slice of what was counted, where something was predicted for one of its documents."""
    results = []
    by_collection: dict[str, list[Counted]] = {}
    for each in counted:
        by_collection.setdefault(each.collection, []).append(each)
    for its in by_collection.values():
        for name, doc_ids in slices(release, its[0].split, its[0].collection).items():
            progress(f"{its[0].collection}: {name}")
            parts = [_part(each, doc_ids) for each in its]
            scores = [
                score_counted(part, release, resamples=resamples, seed=seed)
                for part in parts
                if len(part.missing) < len(doc_ids)
            ]
            if scores:
                results.append(SliceScores(slice=name, scores=tuple(scores)))
    return results


def _part(counted: Counted, doc_ids: Sequence[str]) -> Counted:
    """What was counted on some documents only."""
    missing = tuple(doc_id for doc_id in counted.missing if doc_id in doc_ids)
    return msgspec.structs.replace(counted, missing=missing, counts=counted.counts.of(doc_ids))


def _parts(document: Document, annotation: Annotation, records: Iterable[Deal]) -> dict[str, frozenset[str]]:
    """The recipients, named weapons and contractors of ``records``, the deals of a document."""
    views = entity_views(document, annotation)
    named = {
        view.entity.name
        for view in views.values()
        if view.entity.label == "WEAPON" and any(m.form == "name" for m in view.mentions)
    }
    return {
        "recipient": frozenset(f.iso3 or f.name.casefold() for deal in records for f in deal.recipient),
        "weapon": frozenset(item.name.casefold() for deal in records for item in deal.item if item.name in named),
        "contractor": frozenset(f.name.casefold() for deal in records for f in deal.contractor),
    }
