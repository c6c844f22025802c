"""Deal records: read off a document and its annotation, never annotated again (guideline 5)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ..corpus.document import Document
from .annotation import Amount, Annotation, Count, Deal, Entity, Filler, Item, Mention
from .inline import entity_name

INHERITED = ("supplier", "recipient", "approved_by", "notified_to", "dated", "status")
"""What a part without its own takes from its package (guideline 5.2)."""


class EntityView(msgspec.Struct, frozen=True):
    """An entity with its mentions in order of text."""

    entity: Entity
    mentions: tuple[Mention, ...]


def entity_views(document: Document, annotation: Annotation) -> dict[str, EntityView]:
    """The entities of ``annotation`` by id, in order of first mention, each with its mentions.

    A mention that belongs to no entity is one of its own, under the mention's id. An entity without a name is called
    by its first longest name. Entities without mentions are left out.
    """
    given = {entity.id: entity for entity in annotation.entities or ()}
    members: dict[tuple[str, str], list[Mention]] = {}
    for mention in sorted(annotation.mentions or (), key=lambda m: (m.start, m.end, m.id)):
        members.setdefault(mention.entity_key, []).append(mention)
    views = {}
    for (kind, own_id), mentions in members.items():
        # An entity and a mention without one may have equal ids.
        entity_id = own_id if kind == "entity" or own_id not in given else f"mention {own_id}"
        entity = given.get(entity_id) or Entity(id=entity_id, label=mentions[0].label)
        if entity.name is None:
            entity = msgspec.structs.replace(entity, name=entity_name(mentions, document.text))
        views[entity_id] = EntityView(entity, tuple(mentions))
    return views


def deal_records(document: Document, annotation: Annotation) -> tuple[Deal, ...]:
    """One record per DEAL entity of ``annotation``, in order of first mention (guideline 5.1, 5.2).

    A record holds the entity's attributes, what its relations reach, and for its items what theirs reach. Values
    without amount and currency, quantities without a number and dates without an ISO form are left out. Without
    mentions or relations there are no records.
    """
    views = entity_views(document, annotation)
    entity_of = {m.id: entity_id for entity_id, view in views.items() for m in view.mentions}
    reached: dict[tuple[str, str], list[str]] = {}
    for relation in annotation.relations or ():
        head, tail = entity_of.get(relation.head), entity_of.get(relation.tail)
        if head is None or tail is None or head == tail:
            continue
        tails = reached.setdefault((head, relation.label), [])
        if tail not in tails:
            tails.append(tail)
    opposers: dict[str, list[str]] = {}
    for (head, label), tails in reached.items():
        if label == "opposes":
            for tail in tails:
                opposers.setdefault(tail, []).append(head)
    reader = _Reader(document, views, reached)
    deals = {
        entity_id: reader.deal(entity_id, opposers.get(entity_id, ()))
        for entity_id, view in views.items()
        if view.entity.label == "DEAL"
    }
    return _inherit(deals)


class _Reader:
    def __init__(
        self, document: Document, views: dict[str, EntityView], reached: dict[tuple[str, str], list[str]]
    ) -> None:
        self.text = document.text
        self.views = views
        self.reached = reached

    def reach(self, head: str, label: str) -> list[str]:
        return self.reached.get((head, label), [])

    def deal(self, entity_id: str, opposers: Iterable[str]) -> Deal:
        entity = self.views[entity_id].entity
        items = self.reach(entity_id, "item")
        firms = dict.fromkeys(self.reach(entity_id, "contractor"))
        firms.update(dict.fromkeys(firm for item in items for firm in self.reach(item, "contractor")))
        return Deal(
            id=entity_id,
            name=entity.name,
            kind=entity.attributes.kind,
            status=entity.attributes.status,
            supplier=self.fillers(self.reach(entity_id, "supplier")),
            recipient=self.fillers(self.reach(entity_id, "recipient")),
            item=tuple(self.item(item) for item in items),
            value=self.amounts(entity_id),
            contractor=self.fillers(firms),
            approved_by=self.fillers(self.reach(entity_id, "approved_by")),
            notified_to=self.fillers(self.reach(entity_id, "notified_to")),
            dated=self.dates(entity_id),
            under=self.fillers(self.reach(entity_id, "under")),
            part_of=tuple(self.reach(entity_id, "part_of")),
            for_platform=self.fillers(self.reach(entity_id, "for_platform")),
            opposed_by=self.fillers(opposers),
        )

    def item(self, entity_id: str) -> Item:
        filler = self.filler(entity_id)
        return Item(
            name=filler.name,
            aliases=filler.aliases,
            quantity=self.counts(entity_id),
            value=self.amounts(entity_id),
            contractor=self.fillers(self.reach(entity_id, "contractor")),
            manufacturer=self.fillers(self.reach(entity_id, "manufacturer")),
            for_platform=self.fillers(self.reach(entity_id, "for_platform")),
            part_of=self.fillers(self.reach(entity_id, "part_of")),
        )

    def filler(self, entity_id: str) -> Filler:
        view = self.views[entity_id]
        surfaces = (" ".join(self.text[m.start : m.end].split()) for m in view.mentions)
        name = view.entity.name or ""
        return Filler(name=name, iso3=view.entity.attributes.iso3, aliases=tuple(dict.fromkeys(surfaces)))

    def fillers(self, entity_ids: Iterable[str]) -> tuple[Filler, ...]:
        return tuple(self.filler(entity_id) for entity_id in entity_ids)

    def amounts(self, head: str) -> tuple[Amount, ...]:
        found = (self.views[tail].entity.attributes for tail in self.reach(head, "value"))
        return tuple(
            Amount(amount=a.amount, currency=a.currency, modifier=a.modifier)
            for a in found
            if a.amount is not None and a.currency is not None
        )

    def counts(self, head: str) -> tuple[Count, ...]:
        found = (self.views[tail].entity.attributes for tail in self.reach(head, "quantity"))
        return tuple(Count(number=a.number, modifier=a.modifier) for a in found if a.number is not None)

    def dates(self, head: str) -> tuple[str, ...]:
        found = (self.views[tail].entity.attributes.iso for tail in self.reach(head, "dated"))
        return tuple(dict.fromkeys(iso for iso in found if iso is not None))


def _inherit(deals: dict[str, Deal]) -> tuple[Deal, ...]:
    """``deals`` with the slots that each lacks taken from its nearest package that has them (guideline 5.2).

    Each slot is handed down from package to part, level by level, so that circles end and long chains cost little.
    """
    parts: dict[str, list[str]] = {}
    for deal in deals.values():
        for package_id in deal.part_of:
            parts.setdefault(package_id, []).append(deal.id)
    changes: dict[str, dict[str, object]] = {deal_id: {} for deal_id in deals}
    for slot in INHERITED:
        values = {deal.id: value for deal in deals.values() if (value := getattr(deal, slot))}
        level = list(values)
        while level:
            below = []
            for package_id in level:
                for part_id in parts.get(package_id, ()):
                    if part_id not in values:
                        values[part_id] = changes[part_id][slot] = values[package_id]
                        below.append(part_id)
            level = below
    return tuple(msgspec.structs.replace(deal, **changes[deal.id]) for deal in deals.values())
