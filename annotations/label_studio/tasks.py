"""Annotations as tasks of Label Studio, in its own JSON: pure functions that need neither server nor SDK.

A mention is a region of the text; its id is the region's. Fields of a region hold its form and its entity's id; what
belongs to the entity as a whole (attributes, a name of its own) stands in fields of its first mention. Relations
between the same two mentions are one relation with several labels, since the editor drops a second one.

Offsets of Label Studio are code points, as ours (1.23, selected by mouse in Chromium after astral characters).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Literal

import msgspec

from ...corpus.document import Document
from ...corpus.files import sha256_of_text
from ..annotation import Annotation, Entity, Mention
from ..inline import default_form, entity_name
from ..release import RELEASE
from ..scheme import scheme
from .config import DOUBTS, ENTITY, LABEL, NAME, REGION, REGION_KINDS, TEXT, form_control

Json = dict[str, Any]

Origin = Literal["none", "gold", "system", "file"]
"""What annotators start from: the bare text, gold, what a system makes, or predictions of a file."""

ADVICE = "Mark headline, body and captions; leave what is grey (bylines, furniture) unmarked."

BARE = "document regions"
"""Model version of a pre-annotation that shows the regions of the document and nothing else."""


def task_from_annotation(
    document: Document, annotation: Annotation | None, shown_as: str | None = None, origin: Origin = "file"
) -> Json:
    """The task for ``document``, with ``annotation`` as a prediction whose model version is ``shown_as``.

    None shows the bare text with its regions. ``data`` says which text and which pre-annotation this is, so that either
    is recognised when it has changed; ``origin`` says what the pre-annotation is, whatever name it is shown under.
    """
    if annotation is None:
        shown_as, origin = None, "none"
    result = regions_result(document)
    if annotation is not None:
        result += result_from_annotation(document, annotation)
    data = {
        "doc_id": document.id,
        "title": f"{document.id}: {document.title}" if document.title else document.id,
        "advice": ADVICE,
        "text": document.text,
        "sha256": sha256_of_text(document.text),
        "release": RELEASE,
        "guidelines": scheme().guidelines,
        "shown": shown_as,
        "origin": origin,
        "digest": _digest([origin, shown_as, result]),
    }
    return {"data": data, "predictions": [{"model_version": shown_as or BARE, "result": result}]}


def regions_result(document: Document) -> list[Json]:
    """The regions of ``document`` other than its body, as regions of the text that nobody can change."""
    return [
        {
            "id": f"{REGION}-{i}",
            "from_name": REGION,
            "to_name": TEXT,
            "type": "labels",
            "readonly": True,
            "value": {**_span(document, region.start, region.end), "labels": [region.kind]},
        }
        for i, region in enumerate(document.regions)
        if region.kind in REGION_KINDS
    ]


def result_from_annotation(document: Document, annotation: Annotation, doubts: tuple[str, ...] = ()) -> list[Json]:
    """``annotation`` as a result of Label Studio; :func:`.reading.read_result` reads it back.

    Reading gives the same mentions, entities and relations if the annotation is finished: every layer, form and entity
    is there, every entity has a mention, and entities stand in the order of their first mention. Of anything else, what
    is missing is filled in as the reader says; a form that its label does not allow is left to the annotator.
    """
    result: list[Json] = []
    members: dict[str, list[Mention]] = {}
    for mention in annotation.mentions or ():
        if mention.entity is not None:
            members.setdefault(mention.entity, []).append(mention)
    first = {its[0].id: entity_id for entity_id, its in members.items()}
    entities = {entity.id: entity for entity in annotation.entities or ()}
    for mention in annotation.mentions or ():
        span = _span(document, mention.start, mention.end)
        result.append(_item(mention.id, LABEL, "labels", {**span, "labels": [mention.label]}))
        label = scheme().label(mention.label)
        control = form_control(label) if label else None
        form = mention.form or default_form(mention.label)
        if label and control and form in label.forms:
            result.append(_item(mention.id, control, "choices", {**span, "choices": [form]}))
        if mention.entity is not None:
            result.append(_item(mention.id, ENTITY, "textarea", {**span, "text": [mention.entity]}))
        entity = entities.get(first.get(mention.id, ""))
        if entity is not None:
            result += _entity_fields(document, entity, mention, members[entity.id])
    links: dict[tuple[str, str], list[str]] = {}
    for relation in annotation.relations or ():
        links.setdefault((relation.head, relation.tail), []).append(relation.label)
    for (head, tail), labels in links.items():
        result.append({"type": "relation", "from_id": head, "to_id": tail, "direction": "right", "labels": labels})
    if doubts:
        result.append(_item(DOUBTS, DOUBTS, "textarea", {"text": list(doubts)}))
    return result


def _entity_fields(document: Document, entity: Entity, mention: Mention, its: list[Mention]) -> list[Json]:
    """The fields of the entity's first mention; a name that the mentions give anyway is not repeated."""
    span = _span(document, mention.start, mention.end)
    fields = []
    for name, value in entity.attributes.given().items():
        attribute = scheme().attribute(name)
        if attribute is not None and attribute.values:
            fields.append(_item(mention.id, name, "choices", {**span, "choices": [value]}))
        else:
            text = value if isinstance(value, str) else json.dumps(value)
            fields.append(_item(mention.id, name, "textarea", {**span, "text": [text]}))
    if entity.name is not None and entity.name != entity_name(its, document.text):
        fields.append(_item(mention.id, NAME, "textarea", {**span, "text": [entity.name]}))
    return fields


def _item(region: str, control: str, kind: str, value: Json) -> Json:
    return {"id": region, "from_name": control, "to_name": TEXT, "type": kind, "value": value}


def _span(document: Document, start: int, end: int) -> Json:
    return {"start": start, "end": end, "text": document.text[start:end]}


def _digest(shown: object) -> str:
    return hashlib.sha256(msgspec.json.encode(shown)).hexdigest()[:16]
