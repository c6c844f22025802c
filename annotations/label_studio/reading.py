"""Reading what an annotator submitted in Label Studio, and finding what the server lets pass.

The server stores whatever it is sent. So every region and relation is checked here, each fault names task, annotator
and region, and whatever was filled in for the annotator is said.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from itertools import count
from typing import Any

import msgspec

from ...corpus.document import Document
from ...corpus.errors import Fault, unknown_name
from ..annotation import Annotation, Attributes, Entity, Mention, Relation
from ..inline import default_form, entity_name
from ..scheme import Form, scheme
from ..structure import quoted
from .config import DOUBTS, ENTITY, FORM, LABEL, NAME, REGION, form_control

Json = dict[str, Any]

_OUR_ID = re.compile(r"[A-Za-z]{1,3}\d{1,6}")
"""Ids that came with the task, as m12; the editor's own are ten letters, digits, '_' and '-'."""

_NUMBER = re.compile(r"-?[0-9]+(?P<more>\.[0-9]+)?(?P<power>[eE][+-]?[0-9]+)?")
"""Numbers as JSON writes them, which is how they are pushed."""

_LARGEST = 2**63 - 1
"""The largest whole number that a file of annotations can hold."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a result says: the annotation, its doubts, every fault, and notes on what was filled in.

    ``regions`` are the region ids of the mentions, in their order. With faults, the annotation holds only what was not
    faulty and must not be kept.
    """

    annotation: Annotation
    doubts: tuple[str, ...]
    regions: tuple[str, ...]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]


def read_result(document: Document, result: Iterable[Any], where: str) -> Reading:
    """The annotation that a result of Label Studio holds; ``where`` names task and annotator in faults and notes.

    Mentions are in order of the text; a region that was made by hand gets the next free id. A form that is not given is
    the label's first; fields that the region's label does not have are left over from another and count for nothing.
    """
    return _Reader(document, where).read(result)


class _Reader:
    """The state of reading one result."""

    def __init__(self, document: Document, where: str) -> None:
        self.document, self.where = document, where
        self.faults: list[Fault] = []
        self.notes: list[str] = []
        self.fields: dict[str, dict[str, str]] = {}
        self.doubts: list[str] = []
        self.seen: set[str] = set()
        self.gone: set[str] = set()
        self.furniture: set[str] = set()

    def fault(self, region: str | None, message: str) -> None:
        place = f"{self.where}, region {region}" if region else self.where
        self.faults.append(Fault(where=place, message=message))

    def read(self, result: Iterable[Any]) -> Reading:
        spans: list[Mention] = []
        links: list[Json] = []
        for item in result:
            if not isinstance(item, dict):
                self.fault(None, f"{quoted(str(item))} is no region and no relation")
            elif item.get("type") == "relation":
                links.append(item)
            elif item.get("from_name") == LABEL:
                spans += self._span(item)
            elif item.get("from_name") == REGION:
                self.furniture.add(str(item.get("id")))
            else:
                self._field(item)
        spans.sort(key=lambda m: (m.start, m.end, m.id))
        self._overlaps(spans)
        mentions = self._mentions(spans)
        ids = {span.id: mention.id for span, mention in zip(spans, mentions, strict=True)}
        entities = tuple(self._entities(mentions, [span.id for span in spans]))
        relations = tuple(self._relations(links, ids))
        self._lost()
        annotation = Annotation(
            doc_id=self.document.id,
            mentions=tuple(mentions),
            entities=entities,
            relations=relations,
        )
        return Reading(
            annotation=annotation,
            doubts=tuple(self.doubts),
            regions=tuple(span.id for span in spans),
            faults=tuple(self.faults),
            notes=tuple(self.notes),
        )

    def _span(self, item: Json) -> list[Mention]:
        """The mention of a labelled region, still under the region's id; none if it is faulty."""
        region, value = item.get("id"), item.get("value")
        if not isinstance(region, str) or not region or not isinstance(value, dict):
            self.fault(None, f"a region without id or value: {quoted(json.dumps(item))}")
            self.seen.add(str(region))
            return []
        before = len(self.faults)
        if region in self.seen:
            self.fault(region, "its id stands twice")
        self.seen.add(region)
        labels = value.get("labels")
        if not isinstance(labels, list) or len(labels) != 1:
            self.fault(region, f"has {len(labels) if isinstance(labels, list) else 'no'} labels, expected one")
        elif scheme().label(str(labels[0])) is None:
            self.fault(region, unknown_name("label", str(labels[0]), scheme().label_names))
        start, end = value.get("start"), value.get("end")
        if type(start) is not int or type(end) is not int:
            self.fault(region, f"its offsets are {quoted(str(start))} and {quoted(str(end))}, expected whole numbers")
        elif not 0 <= start < end <= len(self.document.text):
            self.fault(region, f"{start}:{end} is no stretch of the text of {len(self.document.text)} code points")
        else:
            self._compare(region, start, end, value.get("text"))
        if len(self.faults) > before:
            return []
        return [Mention(id=region, start=start, end=end, label=labels[0])]  # type: ignore[arg-type, index]

    def _compare(self, region: str, start: int, end: int, text: object) -> None:
        """The text that the editor saved must be ours; it writes a line break as backslash and n, and folds spaces."""
        ours = self.document.text[start:end]
        if text is None or text == ours:
            return
        if isinstance(text, str) and _folded(text) == _folded(ours):
            return
        self.fault(region, f"its text is {quoted(str(text))}, but {start}:{end} of the document is {quoted(ours)}")

    def _overlaps(self, spans: list[Mention]) -> None:
        """Mentions are flat (guideline 2); two that are equal come from a draft that was restored."""
        furthest: Mention | None = None
        for span in spans:
            if furthest is not None and span.start < furthest.end:
                other = f"region {furthest.id} {quoted(self.document.text[furthest.start : furthest.end])}"
                if (span.start, span.end, span.label) == (furthest.start, furthest.end, furthest.label):
                    self.fault(span.id, f"stands twice, also as {other}: a restored draft? Delete one.")
                else:
                    self.faults.append(
                        Fault(
                            where=f"{self.where}, region {span.id}",
                            message=f"{quoted(self.document.text[span.start : span.end])} overlaps {other}",
                            paragraph="2",
                        )
                    )
            if furthest is None or span.end > furthest.end:
                furthest = span

    def _field(self, item: Json) -> None:
        """Keep the value of a region's field; doubts belong to the whole document."""
        name, value = item.get("from_name"), item.get("value")
        given = value.get("choices" if item.get("type") == "choices" else "text") if isinstance(value, dict) else None
        lines = [given] if isinstance(given, str) else given
        region = item.get("id")
        if not isinstance(name, str) or not (name in _FIELDS or name.startswith(f"{FORM}_")):
            self.fault(str(region), f"{quoted(str(name))} is no field of our labelling configuration")
        elif not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
            self.fault(str(region), f"the field {name} holds {quoted(json.dumps(given))}, expected text")
        elif name == DOUBTS:
            self.doubts += [part.strip() for line in lines for part in line.splitlines() if part.strip()]
        else:
            values = dict.fromkeys(line.strip() for line in lines if line.strip())
            fields = self.fields.setdefault(str(region), {})
            if len(values) > 1 or fields.keys() & {name}:
                self.fault(str(region), f"the field {name} holds several values: {', '.join(map(quoted, values))}")
            for text in values:
                fields.setdefault(name, text)

    def _lost(self) -> None:
        """Regions that have fields and no label would else be gone without a word; each is said once."""
        for region, fields in self.fields.items():
            if region not in self.seen | self.furniture | self.gone:
                its = ", ".join(f"{name} {quoted(value)}" for name, value in fields.items()) or "empty ones"
                message = f"has lost its label, and these of its fields are left: {its}."
                self.fault(region, f"{message} Mark it again with its label, or delete it.")

    def _mentions(self, spans: list[Mention]) -> list[Mention]:
        """The mentions with ids, forms and entities of their own."""
        used = {span.id for span in spans if _OUR_ID.fullmatch(span.id)}
        free = (f"m{n}" for n in count(_highest(used, "m") + 1))
        mentions = []
        for span in spans:
            fields = self.fields.get(span.id, {})
            label = scheme().label(span.label)
            assert label is not None  # _span lets no other pass
            control = form_control(label)
            form: str = fields.get(control or "", default_form(span.label))
            if control is not None and control not in fields:
                self._note(span, "form", form)
            if form not in label.forms:
                self.fault(span.id, unknown_name("form", form, label.forms))
                form = default_form(span.label)
            entity = fields.get(ENTITY)
            if entity is not None and re.search(r"\s", entity):
                self.fault(span.id, f"the entity id {quoted(entity)} holds a space; use one word")
            mention_id = span.id if span.id in used else next(free)
            mentions.append(
                msgspec.structs.replace(span, id=mention_id, form=_as_form(form), entity=fields.get(ENTITY))
            )
        return self._propose(mentions, [span.id for span in spans])

    def _propose(self, mentions: list[Mention], regions: list[str]) -> list[Mention]:
        """Mentions without entity join the entity of an equal name (same surface and label), else get one each."""
        free = (f"e{n}" for n in count(_highest({m.entity for m in mentions if m.entity}, "e") + 1))
        named: dict[tuple[str, str], Mention] = {}
        for mention in mentions:
            if mention.entity is not None and mention.form == "name":
                named.setdefault(self._named(mention), mention)
        done = []
        for mention, region in zip(mentions, regions, strict=True):
            if mention.entity is None:
                alike = named.get(self._named(mention)) if mention.form == "name" else None
                entity = alike.entity if alike else next(free)
                reason = f"of the same name as {alike.id}" if alike else "a new one"
                self._note(msgspec.structs.replace(mention, id=region), "entity", f"{entity}, {reason}")
                mention = msgspec.structs.replace(mention, entity=entity)
                if mention.form == "name":
                    named.setdefault(self._named(mention), mention)
            done.append(mention)
        return done

    def _note(self, span: Mention, missing: str, taken: str) -> None:
        """Say what was filled in for a mention that still has its region's id."""
        what = f"{quoted(self.document.text[span.start : span.end])} {span.label} has no {missing}"
        self.notes.append(f"{self.where}, region {span.id}: {what}; taken as {taken}")

    def _named(self, mention: Mention) -> tuple[str, str]:
        return " ".join(self.document.text[mention.start : mention.end].split()), mention.label

    def _entities(self, mentions: list[Mention], regions: list[str]) -> Iterable[Entity]:
        """The entities in order of first mention; fields are read from any mention, and contradictions are faults."""
        members: dict[str, list[Mention]] = {}
        given: dict[str, dict[str, tuple[str, str]]] = {}
        for mention, region in zip(mentions, regions, strict=True):
            assert mention.entity is not None  # _propose came first
            members.setdefault(mention.entity, []).append(mention)
            values = given.setdefault(mention.entity, {})
            label = scheme().label(mention.label)
            for name, value in self.fields.get(region, {}).items():
                if name != NAME and (label is None or name not in label.attributes):
                    continue
                other = values.setdefault(name, (value, region))
                if other[0] != value:
                    message = f"{name} of entity {mention.entity} is {quoted(value)} here and {quoted(other[0])} in"
                    self.fault(region, f"{message} region {other[1]}")
        for entity_id, its in members.items():
            values = given[entity_id]
            attributes = {n: self._value(n, v, region) for n, (v, region) in values.items() if n != NAME}
            name = values[NAME][0] if NAME in values else entity_name(its, self.document.text)
            yield Entity(
                id=entity_id,
                label=its[0].label,
                name=name,
                attributes=Attributes(**attributes),
            )

    def _value(self, name: str, value: str, region: str) -> Any:
        attribute = scheme().attribute(name)
        if attribute is None or attribute.type == "string":
            return value
        match = _NUMBER.fullmatch(value)
        if match is None:
            self.fault(region, f"{name} is {quoted(value)}, expected a number written out in digits (1800000000)")
            return None
        whole = not match["more"] and not match["power"]
        if (len(value) > 20 or abs(int(value)) > _LARGEST) if whole else not math.isfinite(float(value)):
            self.fault(region, f"{name} is {quoted(value)}, and no number may be as large as that")
            return None
        return int(value) if whole else float(value)

    def _relations(self, links: list[Json], ids: dict[str, str]) -> Iterable[Relation]:
        found: dict[Relation, None] = {}
        for link in links:
            ends = [str(link.get("from_id")), str(link.get("to_id"))]
            shown = " to ".join(ends)
            gone = [end for end in ends if end not in self.seen]
            for end in gone:
                what = "a passage of the document, no mention" if end in self.furniture else "not there (any more)"
                self.fault(end, f"the relation {shown} ends at it, and it is {what}")
            self.gone.update(gone)
            labels = link.get("labels") or []
            if not isinstance(labels, list) or not labels:
                self.fault(ends[0], f"the relation {shown} has no label")
                continue
            direction = link.get("direction")
            if direction not in ("right", "left"):
                self.fault(ends[0], f"the relation {shown} must go one way; its direction is {quoted(str(direction))}")
                continue
            head, tail = ends if direction == "right" else reversed(ends)
            for label in map(str, labels):
                if scheme().relation(label) is None:
                    message = unknown_name("relation", label, scheme().relation_names)
                    self.fault(ends[0], f"the relation {shown}: {message}")
                elif head in ids and tail in ids:
                    found[Relation(label=label, head=ids[head], tail=ids[tail])] = None
        return found


_FIELDS = frozenset({ENTITY, NAME, DOUBTS, *Attributes.__struct_fields__})


def _folded(text: str) -> str:
    return " ".join(text.replace("\\n", " ").split())


def _highest(ids: Iterable[str], letter: str) -> int:
    """The largest number behind ``letter`` among ``ids``."""
    return max((int(i[1:]) for i in ids if re.fullmatch(rf"{letter}\d{{1,6}}", i)), default=0)


def _as_form(form: str) -> Form:
    converted: Form = msgspec.convert(form, Form)
    return converted
