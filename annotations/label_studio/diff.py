"""What an annotator's layer changes against gold, in words, and how it becomes gold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from ...corpus.console import printable
from ...corpus.document import Document
from ...corpus.errors import DataError, Fault, UnknownNameError
from ...corpus.files import checkout, write_atomic
from ...corpus.load import documents_named
from .. import layers as layer_files
from .. import release as release_files
from ..annotation import Annotation, Attributes, Entity, Mention, Relation, format_annotation
from ..layers import new_provenance, read_annotation
from ..structure import quoted, structure_faults
from ..validate import annotation_faults
from .shown import GOLD as GOLD_NAME

Kind = Literal["mention", "entity", "relation", "doubt"]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference, in a line that reads from gold to the layer."""

    kind: Kind
    text: str


class DocumentDiff(msgspec.Struct, frozen=True, kw_only=True):
    """What a layer changes in one document; ``is_new`` says that the document has no gold yet."""

    doc_id: str
    is_new: bool
    changes: tuple[Change, ...]


def diff_annotations(document: Document, old: Annotation, new: Annotation) -> tuple[Change, ...]:
    """Every difference of ``new`` from ``old``: mentions, entities, relations, new doubts; empty if there is none.

    A mention is the same one if its span is, or its id is and the spans overlap; ids themselves mean nothing. Entities
    are compared by the mentions that both sides have, so that another id, or a mention more or less, is no change of
    its own. A doubt of ``old`` that ``new`` does not repeat is none either.
    """
    pairs = _pair_mentions(old.mentions or (), new.mentions or ())
    return (
        *_mention_changes(document, old, new, pairs),
        *_entity_changes(document, old, new, pairs),
        *_relation_changes(document, old, new, pairs),
        *(Change(kind="doubt", text=f"+ {printable(text)}") for text in _doubts(new) if text not in _doubts(old)),
    )


def _doubts(annotation: Annotation) -> tuple[str, ...]:
    return annotation.provenance.doubts if annotation.provenance else ()


def _pair_mentions(old: Sequence[Mention], new: Sequence[Mention]) -> dict[str, Mention]:
    """The mention of ``old`` for each id of ``new`` that has one."""
    spans = {(m.start, m.end): m for m in old}
    pairs = {m.id: spans[m.start, m.end] for m in new if (m.start, m.end) in spans}
    taken = {m.id for m in pairs.values()}
    by_id = {m.id: m for m in old if m.id not in taken}
    for mention in new:
        other = by_id.get(mention.id)
        if mention.id not in pairs and other is not None and mention.start < other.end and other.start < mention.end:
            pairs[mention.id] = other
    return pairs


def _mention_changes(
    document: Document, old: Annotation, new: Annotation, pairs: dict[str, Mention]
) -> Iterator[Change]:
    kept = {m.id for m in pairs.values()}
    rows: list[tuple[int, str]] = []
    for mention in old.mentions or ():
        if mention.id not in kept:
            rows.append((mention.start, f"- {_mention(document, mention)}"))
    for mention in new.mentions or ():
        other = pairs.get(mention.id)
        if other is None:
            rows.append((mention.start, f"+ {_mention(document, mention)}"))
            continue
        if (other.start, other.end) != (mention.start, mention.end):
            now = f"{_surface(document, mention)} ({mention.start}:{mention.end})"
            rows.append((mention.start, f"~ {_mention(document, other)} now reaches over {now}"))
        if other.label != mention.label:
            rows.append((mention.start, f"~ {_mention(document, other)} is now {mention.label}"))
        if other.form != mention.form:
            rows.append((mention.start, f"~ {_mention(document, mention)}: form {other.form} -> {mention.form}"))
    yield from (Change(kind="mention", text=text) for _, text in sorted(rows, key=lambda row: row[0]))


def _entity_changes(
    document: Document, old: Annotation, new: Annotation, pairs: dict[str, Mention]
) -> Iterator[Change]:
    before, after = (_members(annotation) for annotation in (old, new))
    # Each mention of both sides with its entity before; where most mentions of an entity went, and came from.
    homes = [(pairs[m.id].entity, m) for m in new.mentions or () if m.id in pairs]
    shared = Counter((was, m.entity) for was, m in homes if was is not None and m.entity is not None)
    heir: dict[str, str] = {}
    origin: dict[str, str] = {}
    for was, now in sorted(shared, key=lambda p: (-shared[p], len(before[p[0]]) + len(after[p[1]]))):
        heir.setdefault(was, now)
        origin.setdefault(now, was)
    kin = [(was, now) for was, now in shared if heir[was] == now or origin[now] == was]
    joined: dict[str, list[str]] = {}
    split: dict[str, list[str]] = {}
    for was, now in kin:
        joined.setdefault(now, []).append(was)
        split.setdefault(was, []).append(now)
    for home, mention in homes:
        if (home, mention.entity) in shared and (home, mention.entity) not in kin:
            ends = f"{_entity(document, before[home or ''])} to {_entity(document, after[mention.entity or ''])}"
            yield Change(kind="entity", text=f"moved: {_mention(document, mention)} from {ends}")
    for parts in joined.values():
        if len(parts) > 1:
            names = " and ".join(_entity(document, before[part]) for part in parts)
            yield Change(kind="entity", text=f"joined: {names}")
    for was, parts in split.items():
        if len(parts) > 1:
            names = " and ".join(_entity(document, after[part]) for part in parts)
            yield Change(kind="entity", text=f"split: {_entity(document, before[was])} into {names}")
    old_entities, new_entities = ({e.id: e for e in a.entities or ()} for a in (old, new))
    for was, now in kin:
        if was in old_entities and now in new_entities:
            one = len(joined[now]) == 1 and len(split[was]) == 1
            yield from _value_changes(document, old_entities[was], new_entities[now], after[now], named=one)
    for entity_id, entity in new_entities.items():
        if entity_id not in joined and entity.attributes.given():
            given = ", ".join(f"{name} {value}" for name, value in entity.attributes.given().items())
            yield Change(kind="entity", text=f"+ {_entity(document, after[entity_id])}: {given}")


def _value_changes(
    document: Document, old: Entity, new: Entity, mentions: Sequence[Mention], *, named: bool
) -> Iterator[Change]:
    """Changed attributes, and a changed name where the entity itself is the same."""
    where = _entity(document, mentions)
    for name in Attributes.__struct_fields__:
        was, now = getattr(old.attributes, name), getattr(new.attributes, name)
        if was != now:
            yield Change(kind="entity", text=f"~ {where}: {name} {_value(was)} -> {_value(now)}")
    if named and old.name != new.name:
        yield Change(kind="entity", text=f"~ {where}: name {quoted(old.name or '')} -> {quoted(new.name or '')}")


def _value(value: object) -> str:
    return "none" if value is None else str(value)


def _relation_changes(
    document: Document, old: Annotation, new: Annotation, pairs: dict[str, Mention]
) -> Iterator[Change]:
    mentions = {m.id: m for m in old.mentions or ()}
    back = {mention.id: new_id for new_id, mention in pairs.items()}
    news = {m.id: m for m in new.mentions or ()}
    after = set(new.relations or ())
    before = set()
    for relation in old.relations or ():
        same = Relation(label=relation.label, head=back.get(relation.head, ""), tail=back.get(relation.tail, ""))
        before.add(same)
        if same not in after:
            head, tail = mentions[relation.head], mentions[relation.tail]
            yield Change(kind="relation", text=f"- {_relation(document, relation.label, head, tail)}")
    for relation in new.relations or ():
        if relation not in before:
            head, tail = news[relation.head], news[relation.tail]
            yield Change(kind="relation", text=f"+ {_relation(document, relation.label, head, tail)}")


def _members(annotation: Annotation) -> dict[str, list[Mention]]:
    members: dict[str, list[Mention]] = {}
    for mention in annotation.mentions or ():
        if mention.entity is not None:
            members.setdefault(mention.entity, []).append(mention)
    return members


def _surface(document: Document, mention: Mention) -> str:
    return quoted(document.text[mention.start : mention.end])


def _mention(document: Document, mention: Mention) -> str:
    return f"{mention.label} {_surface(document, mention)} ({mention.start}:{mention.end})"


def _entity(document: Document, mentions: Sequence[Mention]) -> str:
    shown = [_surface(document, mention) for mention in mentions[:3]]
    more = f" and {len(mentions) - 3} more" if len(mentions) > 3 else ""
    return f"{mentions[0].label} {{{', '.join(shown)}{more}}}"


def _relation(document: Document, label: str, head: Mention, tail: Mention) -> str:
    return f"{label}: {_mention(document, head)} -> {_mention(document, tail)}"


def layer_annotations(
    layer: str, doc_ids: Iterable[str] = (), sources: Path | None = None
) -> tuple[dict[str, Annotation], dict[str, Document]]:
    """The annotations of a layer by document id (default: all), and their documents.

    Raises UnknownNameError for what the layer does not hold, and DataError with every text that is not here, every file
    that is not named after its document, and every fault of structure.
    """
    folder = layer_files.LAYERS / layer
    known = sorted(path.name for path in layer_files.LAYERS.glob("*") if path.is_dir())
    if layer not in known:
        raise UnknownNameError("layer", layer, known)
    held = {path.stem: path for path in sorted(folder.glob("*.json"))}
    wanted = list(doc_ids) or list(held)
    for doc_id in wanted:
        if doc_id not in held:
            raise UnknownNameError(f"document of layer {layer}", doc_id, held)
    annotations = {doc_id: read_annotation(held[doc_id]) for doc_id in wanted}
    documents = documents_named(annotations, sources)
    faults: list[Fault] = []
    for doc_id, annotation in annotations.items():
        faults += _file_faults(annotation, documents[doc_id], f"annotations/layers/{layer}/{doc_id}.json")
    if faults:
        raise DataError(faults)
    return annotations, documents


def _file_faults(annotation: Annotation, document: Document, where: str) -> list[Fault]:
    """Why an annotation file cannot be compared: it is that of another document, or does not hold together."""
    if annotation.doc_id != document.id:
        message = f"holds {quoted(annotation.doc_id)}; the file must be named after its document"
        return [Fault(where=where, message=message)]
    return structure_faults(annotation, document, where)


def diff_layer(layer: str, doc_ids: Iterable[str] = (), sources: Path | None = None) -> list[DocumentDiff]:
    """What a layer changes against gold, document by document.

    Raises as :func:`layer_annotations` does, and DataError for faults of structure in gold too.
    """
    return _diffs(*layer_annotations(layer, doc_ids, sources))


def _diffs(annotations: Mapping[str, Annotation], documents: Mapping[str, Document]) -> list[DocumentDiff]:
    found = []
    for doc_id, annotation in annotations.items():
        gold = release_files.GOLD / f"{doc_id}.json"
        old = read_annotation(gold) if gold.exists() else Annotation(doc_id=doc_id)
        faults = _file_faults(old, documents[doc_id], f"annotations/gold/{doc_id}.json")
        if faults:
            raise DataError(faults)
        changes = diff_annotations(documents[doc_id], old, annotation)
        found.append(DocumentDiff(doc_id=doc_id, is_new=not gold.exists(), changes=changes))
    return found


def merge_layer(layer: str, doc_ids: Iterable[str] = (), sources: Path | None = None) -> list[DocumentDiff]:
    """Make the annotations of a layer the gold of their documents; returns what that changed, nothing where nothing.

    All or nothing: if one annotation violates the guidelines, DataError names every violation and no gold is written.
    Each file is written whole; a kill between two leaves gold that is right, and the command run again does the rest.
    """
    if checkout() is None:
        raise DataError("gold is kept in a checkout of the repository, and this is an installed package. Clone it.")
    annotations, documents = layer_annotations(layer, doc_ids, sources)
    faults: list[Fault] = []
    for doc_id, annotation in annotations.items():
        faults += annotation_faults(annotation, documents[doc_id], f"annotations/layers/{layer}/{doc_id}.json")
    if faults:
        raise DataError(faults)
    diffs = _diffs(annotations, documents)
    for diff in diffs:
        if diff.changes or diff.is_new:
            path = release_files.GOLD / f"{diff.doc_id}.json"
            old = read_annotation(path) if path.exists() else None
            agrees = all(change.kind == "doubt" for change in diff.changes)
            write_atomic(path, format_annotation(_as_gold(annotations[diff.doc_id], old, layer, agrees=agrees)))
    return diffs


def _as_gold(annotation: Annotation, old: Annotation | None, layer: str, *, agrees: bool) -> Annotation:
    """The annotation as gold, with the provenance that is true of it.

    Who corrected gold is its reader, and the layers seen before stay named. Work from the bare text or from a system's
    marks takes the place of a gold that it did not see, so whoever merges it decides between the two. Doubts about
    the old gold stay if the work corrects it or ``agrees`` with it, and marks the same.
    """
    made = annotation.provenance or new_provenance(layer, annotation.doc_id, human=False)
    before = old.provenance if old else None
    corrected = old is not None and GOLD_NAME in made.from_layers
    kind: Literal["annotator", "reader", "adjudicator"] = made.kind
    if old is not None:
        kind = "reader" if corrected else "adjudicator"
    doubts = (*(before.doubts if before and (corrected or agrees) else ()), *made.doubts)
    seen = (*(before.from_layers if before else ()), *made.from_layers, layer)
    provenance = msgspec.structs.replace(
        new_provenance(made.annotator, annotation.doc_id, human=made.human),
        kind=kind,
        from_layers=tuple(name for name in dict.fromkeys(seen) if name != GOLD_NAME),
        doubts=tuple(dict.fromkeys(doubts)),
    )
    return msgspec.structs.replace(annotation, provenance=provenance)


def shown_diffs(layer: str, diffs: Sequence[DocumentDiff]) -> str:
    """The differences of a layer for people to read."""
    lines = []
    for diff in diffs:
        if not diff.changes:
            continue
        lines.append(f"{diff.doc_id}{' (no gold yet)' if diff.is_new else ''}")
        lines += [f"  {change.kind:9}{change.text}" for change in diff.changes]
    same = sum(not diff.changes for diff in diffs)
    lines.append(f"{layer}: {len(diffs) - same} documents differ from gold, {same} are the same")
    return "\n".join(lines)
