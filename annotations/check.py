"""Violations of the guidelines that a program can see; for gold and annotator layers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..corpus.document import Document
from ..corpus.errors import Fault
from .annotation import Annotation, Attributes, Entity, Mention
from .scheme import scheme
from .structure import quoted
from .tokens import token_edges

_PRONOUNS = frozenset(
    [
        "i",
        "we",
        "you",
        "he",
        "she",
        "it",
        "they",
        "me",
        "us",
        "him",
        "her",
        "them",
        "his",
        "hers",
        "its",
        "their",
        "theirs",
        "our",
        "ours",
        "this",
        "that",
        "these",
        "those",
        "which",
        "who",
    ]
)
_LEADING = re.compile(r"(?:the|a|an|this|that|these|those|its|their|his|her|our|other|such|same)\s", re.I)
_FIGURE = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|half|a (?:hundred|thousand|million|billion))\b",
    re.I,
)
_EDGE_PUNCTUATION = re.compile(r"^[\s\"'“”‘’(\[,;:]|[\s\"“”‘(\[,;:]$")


def guideline_faults(annotation: Annotation, document: Document, where: str) -> list[Fault]:
    """Violations of the guidelines that a program can see, each with its paragraph; for gold and annotator layers.

    Takes for granted that :func:`armsbench.annotations.structure.structure_faults` found nothing.
    """
    return [
        Fault(where=f"{where}: {path}", message=message, paragraph=paragraph)
        for path, message, paragraph in _guidelines(annotation, document)
    ]


def _guidelines(annotation: Annotation, document: Document) -> Iterator[tuple[str, str, str]]:
    for layer in ("mentions", "entities", "relations"):
        if getattr(annotation, layer) is None:
            yield f"$.{layer}", "missing; a finished annotation has every layer", "1.2"
    if annotation.deals is not None:
        yield "$.deals", "deal records are computed, never annotated; take them out", "5.1"
    mentions = annotation.mentions or ()
    for i, mention in enumerate(mentions):
        for message, paragraph in _mention_faults(mention, document):
            surface = document.text[mention.start : mention.end]
            yield f"$.mentions[{i}] {mention.id} {surface[:40]!r}", message, paragraph
    edges = token_edges(document)
    for i, mention in enumerate(mentions):
        if mention.start not in edges or mention.end not in edges:
            surface = document.text[mention.start : mention.end]
            yield f"$.mentions[{i}] {mention.id} {surface[:40]!r}", "begins or ends inside a word", "6.24"
    ordered = sorted(mentions, key=lambda m: (m.start, m.end))
    furthest: Mention | None = None
    for mention in ordered:
        if furthest is not None and mention.start < furthest.end:
            yield f"$.mentions {quoted(furthest.id)}, {quoted(mention.id)}", "mentions overlap; they are flat", "2"
        if furthest is None or mention.end > furthest.end:
            furthest = mention
    members: dict[str, list[Mention]] = {}
    for mention in mentions:
        if mention.entity is not None:
            members.setdefault(mention.entity, []).append(mention)
    for i, entity in enumerate(annotation.entities or ()):
        path = f"$.entities[{i}] {entity.id} {(entity.name or '')[:40]!r}"
        for message, paragraph in _entity_faults(entity, members.get(entity.id, [])):
            yield path, message, paragraph
    yield from _relation_faults(annotation)


def _mention_faults(mention: Mention, document: Document) -> Iterator[tuple[str, str]]:
    surface = document.text[mention.start : mention.end]
    label = scheme().label(mention.label)
    assert label is not None  # structure_faults came first
    if not any(r.start <= mention.start and mention.end <= r.end for r in document.annotated_regions()):
        yield "outside the regions to annotate (headline, body, caption)", "1.2"
    if mention.form is None:
        yield "has no form", "2.3"
    elif mention.form not in label.forms:
        yield f"{mention.label} cannot be {mention.form}, only {' or '.join(label.forms)}", "2.3"
    if mention.entity is None:
        yield "belongs to no entity", "3.1"
    if surface.lower() in _PRONOUNS and not (len(surface) > 1 and surface.isupper()):  # "US", and "HE" of shells
        yield "a pronoun is never marked", "2.1"
    if _LEADING.match(surface) and mention.form not in ("name", "value"):
        yield "begins with an article, demonstrative, possessive or 'other/such/same'", "2.5"
    if _EDGE_PUNCTUATION.search(surface):
        yield "begins or ends with a space or punctuation", "2.5"
    if mention.label == "MONEY" and not _FIGURE.search(surface):
        yield "an amount without a figure is not MONEY", "2.11"
    if mention.label == "QUANTITY" and re.search(r"[()]", surface):
        yield "QUANTITY is the bare number, without parentheses", "2.11"


def _entity_faults(entity: Entity, mentions: list[Mention]) -> Iterator[tuple[str, str]]:
    if not mentions:
        yield "has no mention", "3.1"
    for label in sorted({m.label for m in mentions} - {entity.label}):
        yield f"is {entity.label} but has a mention that is {label}", "3.1"
    allowed = scheme().label(entity.label)
    assert allowed is not None  # structure_faults came first
    given = entity.attributes.given()
    for name in Attributes.__struct_fields__:
        attribute = scheme().attribute(name)
        assert attribute is not None
        if name in given and name not in allowed.attributes:
            yield f"{entity.label} has no attribute {name}", attribute.paragraph
        elif name not in given and attribute.required and name in allowed.attributes:
            yield f"lacks {name} ({attribute.description})", attribute.paragraph


def _relation_faults(annotation: Annotation) -> Iterator[tuple[str, str, str]]:
    entity_of = {m.id: m.entity for m in annotation.mentions or ()}
    label_of = {m.id: m.label for m in annotation.mentions or ()}
    seen: set[tuple[str, str, str]] = set()
    for i, relation in enumerate(annotation.relations or ()):
        path = f"$.relations[{i}] {relation.label} {relation.head} {relation.tail}"
        key = (relation.label, relation.head, relation.tail)
        if key in seen:
            yield path, "stands twice", "4.1"
        seen.add(key)
        head = entity_of.get(relation.head)
        if head is not None and head == entity_of.get(relation.tail):
            yield path, "links an entity to itself", "4"
    parents: dict[str, set[str]] = {}
    for relation in annotation.relations or ():
        if relation.label == "part_of" and label_of.get(relation.head) == "DEAL":
            part, package = entity_of.get(relation.head), entity_of.get(relation.tail)
            if part and package:
                parents.setdefault(part, set()).add(package)
    for part in parents:
        if _reaches(part, part, parents):
            yield f"$.entities {part}", "is part of itself, through its packages", "3.4"


def _reaches(start: str, goal: str, parents: dict[str, set[str]]) -> bool:
    seen: set[str] = set()
    stack = list(parents.get(start, ()))
    while stack:
        node = stack.pop()
        if node == goal:
            return True
        if node not in seen:
            seen.add(node)
            stack += parents.get(node, ())
    return False
