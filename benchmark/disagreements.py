"""Where two annotators differ, one line each: the places to look at first, and the material of the next guideline."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

import msgspec

from ..annotations.annotation import Annotation, Mention
from ..annotations.deals import entity_views
from ..corpus.document import Document
from .mentions import Key, key


class Disagreement(msgspec.Struct, frozen=True, kw_only=True):
    """One difference, on what line of the text, and what each annotator has there; empty for one that has nothing.

    ``kind`` is mention, label, extent, form, entity, attribute or relation.
    """

    doc_id: str
    kind: str
    line: int
    text: str
    first: str
    second: str


def disagreements(document: Document, first: Annotation, second: Annotation) -> list[Disagreement]:
    """Every difference between two annotations of ``document``, in order of the text.

    A mention of one that overlaps a mention of the other is one difference of label or extent. Entities, attributes and
    relations are compared where both marked the mentions that they rest on.
    """
    found = [*_mentions(document, first, second), *_entities(document, first, second)]
    found += _relations(document, first, second)
    return [
        Disagreement(
            doc_id=document.id, kind=kind, line=document.text.count("\n", 0, at) + 1, text=t, first=a, second=b
        )
        for at, kind, t, a, b in sorted(found)
    ]


def format_disagreements(rows: Iterable[Disagreement]) -> str:
    """``rows`` as CSV with a head, for a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(Disagreement.__struct_fields__)
    writer.writerows(msgspec.structs.astuple(row) for row in rows)
    return out.getvalue()


_Found = tuple[int, str, str, str, str]


def _mentions(document: Document, first: Annotation, second: Annotation) -> Iterator[_Found]:
    sides = [{key(m): m for m in a.mentions or ()} for a in (first, second)]
    alone = [sorted(k for k in its if k not in other) for its, other in (sides, sides[::-1])]
    equal = {k[:2] for k in alone[0]} & {k[:2] for k in alone[1]}
    met: set[Key] = set()
    for one in alone[0]:
        # A partner of the same extent first; one that has such a partner is left to it.
        rivals = [
            k for k in alone[1] if k not in met and (k[:2] == one[:2] or (one[:2] not in equal and k[:2] not in equal))
        ]
        other = next((k for k in rivals if k[0] < one[1] and one[0] < k[1]), None)
        surface = _shown(document, one)
        if other is None:
            yield one[0], "mention", surface, one[2], ""
        elif one[:2] == other[:2]:
            yield one[0], "label", surface, one[2], other[2]
        else:
            yield one[0], "extent", surface, f"{surface} {one[2]}", f"{_shown(document, other)} {other[2]}"
        if other is not None:
            met.add(other)
    for other in alone[1]:
        if other not in met:
            yield other[0], "mention", _shown(document, other), "", other[2]
    for shared in sides[0].keys() & sides[1].keys():
        form, theirs = (side[shared].form or "" for side in sides)
        if form != theirs:
            yield shared[0], "form", _shown(document, shared), form, theirs


def _entities(document: Document, first: Annotation, second: Annotation) -> Iterator[_Found]:
    """Each pair of neighbours in an entity of one whose mentions the other puts apart, and differing attributes."""
    entity_of = [{key(m): m.entity_key for m in a.mentions or ()} for a in (first, second)]
    shared = sorted(entity_of[0].keys() & entity_of[1].keys())
    for side, other in ((0, 1), (1, 0)):
        last: dict[tuple[str, str], Key] = {}
        for mention in shared:
            before = last.get(entity_of[side][mention])
            last[entity_of[side][mention]] = mention
            if before is not None and entity_of[other][before] != entity_of[other][mention]:
                joined = _on_side(side, f"same as {_shown(document, before)}")
                yield mention[0], "entity", _shown(document, mention), *joined
    views = [entity_views(document, a) for a in (first, second)]
    attributes = [{v.mentions[0].entity_key: v.entity.attributes.given() for v in its.values()} for its in views]
    seen: set[tuple[tuple[str, str], ...]] = set()
    for mention in shared:
        pair = (entity_of[0][mention], entity_of[1][mention])
        given = [attributes[i].get(pair[i], {}) for i in (0, 1)]
        if pair not in seen and given[0] != given[1]:
            one, theirs = (_listed({k: v for k, v in given[i].items() if given[1 - i].get(k) != v}) for i in (0, 1))
            yield mention[0], "attribute", _shown(document, mention), one, theirs
        seen.add(pair)


def _relations(document: Document, first: Annotation, second: Annotation) -> Iterator[_Found]:
    """Relations between mentions that both marked and that only one has between those entities."""
    layers = (first, second)
    entity_of = [{key(m): m.entity_key for m in a.mentions or ()} for a in layers]
    by_id: list[dict[str, Mention]] = [{m.id: m for m in a.mentions or ()} for a in layers]
    pairs = [
        {(key(by_id[i][r.head]), r.label, key(by_id[i][r.tail])) for r in layers[i].relations or ()} for i in (0, 1)
    ]
    for side, other in ((0, 1), (1, 0)):
        theirs = entity_of[other]
        known = {(theirs[h], label, theirs[t]) for h, label, t in pairs[other]}
        reported: set[tuple[object, ...]] = set()
        for head, label, tail in sorted(pairs[side]):
            if head not in theirs or tail not in theirs or (theirs[head], label, theirs[tail]) in known:
                continue
            triple = (entity_of[side][head], label, entity_of[side][tail])
            if triple not in reported:
                text = f"{_shown(document, head)} -> {_shown(document, tail)}"
                yield head[0], "relation", text, *_on_side(side, label)
            reported.add(triple)


def _on_side(side: int, words: str) -> tuple[str, str]:
    return (words, "") if side == 0 else ("", words)


def _shown(document: Document, mention: Key) -> str:
    return " ".join(document.text[mention[0] : mention[1]].split())


def _listed(attributes: dict[str, int | float | str]) -> str:
    return " ".join(f"{name}={value}" for name, value in attributes.items())
