"""Faults that make an annotation unusable for scoring, gold or predicted: ids, offsets, names, references, values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..corpus.document import Document
from ..corpus.errors import Fault, unknown_name
from .annotation import NO_ATTRIBUTES, Annotation, Deal, Mention
from .countries import country_codes
from .scheme import scheme

Found = tuple[str, str, str | None]
"""Path in the JSON, what is wrong there, and the guideline paragraph if there is one."""


MAX_OFFSET = 1 << 31
"""No text is as long as this, so no offset may be greater."""


def structure_faults(annotation: Annotation, document: Document | None, where: str) -> list[Fault]:
    """Every id, offset, name, reference and normalised value of ``annotation`` that does not hold.

    Without a ``document``, labels may be those of any scheme, and offsets are not compared with the text.
    A mention that is wrong is reported once, not again by each relation that uses it. What the guidelines ask beyond
    this, :func:`armsbench.annotations.check.guideline_faults` looks at.
    """
    if document is None and _holds_at_a_glance(annotation):
        return []
    mentions: dict[str, Mention | None] = {}
    found = [
        *_entities(annotation, any_label=document is None),
        *_mentions(annotation, document, mentions),
        *_relations(annotation, mentions, any_label=document is None),
        *_deals(annotation.deals or ()),
    ]
    return [Fault(where=f"{where}: {path}", message=message, paragraph=rule) for path, message, rule in found]


def _holds_at_a_glance(annotation: Annotation) -> bool:
    """True only if nothing is wrong with an annotation without a text: the quick answer for most of a large file."""
    mentions, entities, relations = annotation.mentions or (), annotation.entities or (), annotation.relations or ()
    ids = {m.id for m in mentions}
    entity_ids = {e.id for e in entities}
    return (
        not annotation.deals
        and len(ids) == len(mentions)
        and len(entity_ids) == len(entities)
        and all(e.attributes is NO_ATTRIBUTES for e in entities)
        and all(0 <= m.start < m.end <= MAX_OFFSET for m in mentions)
        and (annotation.entities is None or {m.entity for m in mentions} <= entity_ids | {None})
        and {r.head for r in relations} | {r.tail for r in relations} <= ids
    )


def _entities(annotation: Annotation, *, any_label: bool) -> Iterator[Found]:
    seen: set[str] = set()
    for i, entity in enumerate(annotation.entities or ()):
        path = f"$.entities[{i}]"
        if entity.id in seen:
            yield f"{path}.id", f"entity id {quoted(entity.id)} stands twice", None
        seen.add(entity.id)
        if not any_label and scheme().label(entity.label) is None:
            yield f"{path}.label", unknown_name("label", entity.label, scheme().label_names), None
        for name, value in entity.attributes.given().items():
            yield from value_faults(f"{path}.attributes.{name}", name, value)


def _mentions(
    annotation: Annotation, document: Document | None, mentions: dict[str, Mention | None]
) -> Iterator[Found]:
    """The faults of the mentions; fills ``mentions`` by id, with None for one that is wrong."""
    entity_ids = None if annotation.entities is None else {entity.id for entity in annotation.entities}
    length = MAX_OFFSET if document is None else len(document.text)
    text = "any text" if document is None else f"the text of {document.id}"
    for i, mention in enumerate(annotation.mentions or ()):
        path = f"$.mentions[{i}]"
        wrong: list[Found] = []
        if mention.start < 0:
            wrong.append((f"{path}.start", f"{mention.start} is negative; offsets count from 0", None))
        elif mention.end <= mention.start:
            message = f"{mention.end} is not after start {mention.start}; spans are half-open, start < end"
            wrong.append((f"{path}.end", message, None))
        elif mention.end > length:
            message = f"{mention.end} is beyond {text} ({length} code points)"
            wrong.append((f"{path}.end", message, None))
        if document is not None and scheme().label(mention.label) is None:
            wrong.append((f"{path}.label", unknown_name("label", mention.label, scheme().label_names), None))
        if mention.id in mentions:
            yield f"{path}.id", f"mention id {quoted(mention.id)} stands twice", None
        yield from wrong
        if mention.entity is not None and entity_ids is not None and mention.entity not in entity_ids:
            message = f"there is no entity {quoted(mention.entity)} in the entities of this document"
            yield f"{path}.entity", message, None
        mentions[mention.id] = None if wrong else mention


def _relations(annotation: Annotation, mentions: dict[str, Mention | None], *, any_label: bool) -> Iterator[Found]:
    if annotation.relations and annotation.mentions is None:
        yield "$.relations", "relations without mentions: give the mentions that they link", None
        return
    for i, relation in enumerate(annotation.relations or ()):
        path = f"$.relations[{i}]"
        known = None if any_label else scheme().relation(relation.label)
        if known is None and not any_label:
            yield f"{path}.label", unknown_name("relation", relation.label, scheme().relation_names), None
        for end in ("head", "tail"):
            mention_id = getattr(relation, end)
            if mention_id not in mentions:
                yield f"{path}.{end}", f"there is no mention {quoted(mention_id)} in this document", None
        head, tail = mentions.get(relation.head), mentions.get(relation.tail)
        if known is not None and head is not None and tail is not None and not known.allows(head.label, tail.label):
            tails = "the same label" if known.same_label else "/".join(known.tails)
            message = (
                f"{known.name} cannot link {head.label} to {tail.label}; it links {'/'.join(known.heads)} to {tails}"
            )
            yield path, message, known.paragraph


def _deals(deals: Iterable[Deal]) -> Iterator[Found]:
    ids = [deal.id for deal in deals]
    known = set(ids)
    seen: set[str] = set()
    for i, deal in enumerate(deals):
        path = f"$.deals[{i}]"
        if deal.id in seen:
            yield f"{path}.id", f"deal id {quoted(deal.id)} stands twice", None
        seen.add(deal.id)
        for j, package in enumerate(deal.part_of):
            if package == deal.id:
                yield f"{path}.part_of[{j}]", "a deal cannot be part of itself", None
            elif package not in known:
                yield f"{path}.part_of[{j}]", f"there is no deal {quoted(package)} in this document", None
        yield from _deal_values(path, deal)


def _deal_values(path: str, deal: Deal) -> Iterator[Found]:
    for name in ("kind", "status"):
        yield from value_faults(f"{path}.{name}", name, getattr(deal, name))
    for j, iso in enumerate(deal.dated):
        yield from value_faults(f"{path}.dated[{j}]", "iso", iso)
    for j, amount in enumerate(deal.value):
        yield from value_faults(f"{path}.value[{j}].currency", "currency", amount.currency)
    for slot in ("supplier", "recipient", "approved_by"):
        for j, filler in enumerate(getattr(deal, slot)):
            yield from value_faults(f"{path}.{slot}[{j}].iso3", "iso3", filler.iso3)


def value_faults(path: str, name: str, value: object) -> Iterator[Found]:
    """What is wrong with ``value`` of attribute ``name``; nothing if it is None."""
    attribute = scheme().attribute(name)
    if attribute is None or value is None:
        return
    if attribute.values and value not in attribute.values:
        yield path, unknown_name(name, str(value), attribute.values), attribute.paragraph
    elif attribute.pattern and not re.fullmatch(attribute.pattern, str(value)):
        message = f"{quoted(str(value))} is not a value of {name} ({attribute.description})"
        yield path, message, attribute.paragraph
    elif name == "iso3" and value not in country_codes():
        yield path, f"{quoted(str(value))} is not an ISO 3166-1 alpha-3 code", attribute.paragraph


def quoted(text: str) -> str:
    """``text`` in quotation marks for a message, cut after 60 characters."""
    return repr(text if len(text) <= 60 else f"{text[:60]}...")
