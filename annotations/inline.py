"""An annotation as marked-up text: to annotate in any editor, and to read an annotation as a person reads.

The text stands as it is, with regions and mentions marked in it; entities, relations and doubts follow::

    {{#body}}{{m1 GPE e1|Latvia}} asked for {{m2 QUANTITY e2|six}} {{m3 WEAPON e3|M142 HIMARS}} launchers.

    %% entities
    e1 iso3=LVA
    e2 number=6 modifier=exact
    %% relations
    quantity m3 m2
    %% doubts
    "launchers" left out of m3 (2.5)

A line ``%% from NAME`` says which layer the marks were printed from, so that a corrected copy is never taken for one
made from the bare text.

A mention is ``{{ID LABEL ENTITY|surface}}``. Its form is ``name``, or the only form that its label has for values and
deals; any other is written behind the label: ``GPE.nominal``, ``DEAL.verbal``. A line for an entity is needed only to
give it attributes or a ``name="..."`` other than its first longest name; the others are read off the mentions.
Reading checks that the text without marks is the document's text, character for character.
"""

from __future__ import annotations

import math
import re
import shlex
from typing import get_args

import msgspec

from ..corpus.document import Document
from ..corpus.errors import DataError, Fault
from .annotation import Annotation, Attributes, Entity, Mention, Provenance, Relation
from .scheme import Form, scheme

_MARK = re.compile(r"\{\{(?:#(?P<region>\w+)\}\}|(?P<head>[^|{}]*)\|(?P<surface>.*?)\}\})", re.S)
_SECTION = re.compile(r"^%% (entities|relations|doubts|from [\w.-]+)[ \t]*$", re.M)


def default_form(label: str) -> Form:
    """The form a label has when none is written."""
    known = scheme().label(label)
    return known.forms[0] if known else "name"


def inline_from_annotation(document: Document, annotation: Annotation, origin: str | None = None) -> str:
    """``annotation`` as marked-up text of ``document``; ``origin`` names the layer it is, unless one's own.

    :func:`annotation_from_inline` reads it back unchanged if the annotation is finished (every layer, form and entity
    name is there) and flat, and the text has no such marks of its own.
    """
    marks: list[tuple[int, int, str]] = [(r.start, 0, f"{{{{#{r.kind}}}}}") for r in document.regions]
    for mention in annotation.mentions or ():
        form = mention.form or default_form(mention.label)
        label = mention.label if form == default_form(mention.label) else f"{mention.label}.{form}"
        marks.append((mention.start, 1, f"{{{{{mention.id} {label} {mention.entity or '-'}|"))
        marks.append((mention.end, -1, "}}"))
    parts, position = [], 0
    for offset, _, mark in sorted(marks, key=lambda m: m[:2]):
        parts += [document.text[position:offset], mark]
        position = offset
    parts.append(document.text[position:])
    lines = ["", "", *([f"%% from {origin}"] if origin else []), "%% entities"]
    for entity in annotation.entities or ():
        fields = [f"name={shlex.quote(entity.name)}"] if entity.name is not None else []
        fields += [f"{name}={value}" for name, value in entity.attributes.given().items()]
        lines.append(" ".join([entity.id, *fields]))
    lines.append("%% relations")
    lines += [f"{r.label} {r.head} {r.tail}" for r in annotation.relations or ()]
    lines.append("%% doubts")
    # Doubts belong to whoever had them, not to who corrects a copy.
    lines += annotation.provenance.doubts if annotation.provenance and not origin else ()
    return "".join(parts) + "\n".join(lines) + "\n"


def annotation_from_inline(
    document: Document, inline: str, provenance: Provenance | None = None, where: str | None = None
) -> Annotation:
    """The annotation that marked-up text holds, entities in order of first mention.

    ``provenance`` gets the doubts of the text. Raises DataError with every fault of form, each with its line in
    ``where`` (default: the document's id).
    """
    faults: list[Fault] = []

    def fault(offset_or_line: int, message: str, *, line: bool = False) -> None:
        number = offset_or_line if line else inline.count("\n", 0, offset_or_line) + 1
        faults.append(Fault(where=f"{where or document.id}:{number}", message=message))

    first = _SECTION.search(inline)
    marked = inline[: first.start()].rstrip("\n") if first else inline.rstrip("\n")
    mentions, text = _read_mentions(marked, fault)
    _compare_text(document.text, text, fault)
    sections = _read_sections(inline, first.start() if first else len(inline))
    entities = _read_entities(sections["entities"], mentions, text, fault)
    relations = []
    known = {mention.id for mention in mentions}
    for number, line in sections["relations"]:
        match line.split():
            case [label, head, tail]:
                for mention_id in (head, tail):
                    if mention_id not in known:
                        fault(number, f"relation {line!r}: there is no mention {mention_id!r}", line=True)
                relations.append(Relation(label=label, head=head, tail=tail))
            case _:
                fault(number, f"{line!r} is not 'LABEL HEAD TAIL'", line=True)
    if faults:
        raise DataError(faults)
    doubts = tuple(line for _, line in sections["doubts"])
    return Annotation(
        doc_id=document.id,
        provenance=msgspec.structs.replace(provenance, doubts=doubts) if provenance else None,
        mentions=tuple(mentions),
        entities=tuple(entities),
        relations=tuple(relations),
    )


def inline_origin(inline: str) -> str | None:
    """The layer that marked-up text says it was printed from, or None if it was marked from the bare text."""
    return next((m[1].removeprefix("from ") for m in _SECTION.finditer(inline) if m[1].startswith("from ")), None)


def _read_mentions(marked: str, fault) -> tuple[list[Mention], str]:  # type: ignore[no-untyped-def]
    mentions: list[Mention] = []
    parts: list[str] = []
    length = position = 0
    for mark in _MARK.finditer(marked):
        parts.append(marked[position : mark.start()])
        length += mark.start() - position
        position = mark.end()
        if mark["region"]:
            continue
        surface = mark["surface"]
        match mark["head"].split():
            case [mention_id, label, entity]:
                name, _, form = label.partition(".")
                if form and form not in get_args(Form):
                    fault(mark.start(), f"{form!r} is not a form: {', '.join(get_args(Form))}")
                    form = ""
                mentions.append(
                    Mention(
                        id=mention_id,
                        start=length,
                        end=length + len(surface),
                        label=name,
                        form=form or default_form(name),  # type: ignore[arg-type]
                        entity=None if entity == "-" else entity,
                    )
                )
            case _:
                fault(mark.start(), f"{mark[0][:60]!r} is not '{{{{ID LABEL ENTITY|surface}}}}'")
        parts.append(surface)
        length += len(surface)
    parts.append(marked[position:])
    return mentions, "".join(parts)


def _compare_text(expected: str, found: str, fault) -> None:  # type: ignore[no-untyped-def]
    if expected == found:
        return
    at = next(
        (i for i, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b), min(len(expected), len(found))
    )
    line = found.count("\n", 0, at) + 1
    fault(
        line,
        f"the text was changed: {found[at : at + 30]!r} where the document has {expected[at : at + 30]!r} (after"
        f" {expected[max(0, at - 30) : at]!r}). Mark the text, do not edit it.",
        line=True,
    )


def _read_sections(inline: str, start: int) -> dict[str, list[tuple[int, str]]]:
    sections: dict[str, list[tuple[int, str]]] = {"entities": [], "relations": [], "doubts": []}
    current: list[tuple[int, str]] = []
    first_line = inline.count("\n", 0, start) + 1
    for number, line in enumerate(inline[start:].split("\n"), first_line):
        header = _SECTION.match(line)
        if header:
            current = sections.get(header[1], [])
        elif line.strip():
            current.append((number, line.strip()))
    return sections


def _read_entities(lines: list[tuple[int, str]], mentions: list[Mention], text: str, fault) -> list[Entity]:  # type: ignore[no-untyped-def]
    members: dict[str, list[Mention]] = {}
    for mention in mentions:
        if mention.entity is not None:
            members.setdefault(mention.entity, []).append(mention)
    given: dict[str, dict[str, str]] = {}
    for number, line in lines:
        try:
            entity_id, *words = shlex.split(line)
        except ValueError as error:
            fault(number, f"{line!r}: {error}", line=True)
            continue
        if entity_id not in members:
            fault(number, f"no mention belongs to entity {entity_id!r}", line=True)
        if entity_id in given:
            fault(number, f"entity {entity_id!r} has a line already", line=True)
        given[entity_id] = dict(word.partition("=")[::2] for word in words)
        for name in given[entity_id]:
            if name != "name" and name not in Attributes.__struct_fields__:
                fault(number, f"{name!r} is not an attribute: {', '.join(Attributes.__struct_fields__)}", line=True)
    entities = []
    for entity_id, its in members.items():
        values = given.get(entity_id, {})
        name = values.get("name") or entity_name(its, text)
        known = {k: v for k, v in values.items() if k in Attributes.__struct_fields__}
        try:
            attributes = msgspec.convert(known, Attributes, strict=False)
            if not all(math.isfinite(v) for v in attributes.given().values() if not isinstance(v, str)):
                raise msgspec.ValidationError("a number must be finite")
        except msgspec.ValidationError as error:
            fault(1, f"entity {entity_id}: {error}", line=True)
            attributes = Attributes()
        entities.append(Entity(id=entity_id, label=its[0].label, name=name, attributes=attributes))
    return entities


def entity_name(mentions: list[Mention], text: str) -> str:
    """What to call an entity: its first longest mention that is a name, else its first longest mention."""
    names = [m for m in mentions if m.form == "name"] or mentions
    longest = max(names, key=lambda m: (m.end - m.start, -m.start))
    return " ".join(text[longest.start : longest.end].split())
