"""What is wrong with an annotation: of its structure (gold and predictions), and by the guidelines (gold)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from ..corpus.document import Document
from ..corpus.errors import Fault, unknown_name
from ..corpus.files import PACKAGE
from .annotation import Annotation, Attributes, Entity, Mention
from .scheme import scheme
from .tokens import token_edges


def structure_faults(annotation: Annotation, document: Document, where: str) -> list[Fault]:
    """Faults that make an annotation unusable for scoring: ids, offsets, names and references that do not hold.

    A mention that is wrong is reported once, not again by each relation that uses it. Attribute values and the
    guidelines are not looked at; see :func:`guideline_faults`.
    """
    return [Fault(where=f"{where}: {path}", message=message) for path, message in _structure(annotation, document)]


def _structure(annotation: Annotation, document: Document) -> Iterator[tuple[str, str]]:
    length = len(document.text)
    mentions: dict[str, Mention | None] = {}
    entity_ids: set[str] = set()
    for i, entity in enumerate(annotation.entities or ()):
        if entity.id in entity_ids:
            yield f"$.entities[{i}].id", f"entity id {entity.id!r} stands twice"
        entity_ids.add(entity.id)
        if scheme().label(entity.label) is None:
            yield f"$.entities[{i}].label", unknown_name("label", entity.label, scheme().label_names)
    for i, mention in enumerate(annotation.mentions or ()):
        path = f"$.mentions[{i}]"
        good: Mention | None = mention
        if mention.id in mentions:
            yield f"{path}.id", f"mention id {mention.id!r} stands twice"
        if mention.start < 0:
            yield f"{path}.start", f"{mention.start} is negative; offsets count from 0"
            good = None
        elif mention.end <= mention.start:
            yield f"{path}.end", f"{mention.end} is not after start {mention.start}; spans are half-open, start < end"
            good = None
        elif mention.end > length:
            yield f"{path}.end", f"{mention.end} is beyond the text of {document.id} ({length} code points)"
            good = None
        if scheme().label(mention.label) is None:
            yield f"{path}.label", unknown_name("label", mention.label, scheme().label_names)
            good = None
        if mention.entity is not None and annotation.entities is not None and mention.entity not in entity_ids:
            yield f"{path}.entity", f"there is no entity {mention.entity!r} in the entities of this document"
        mentions[mention.id] = good
    if annotation.relations and annotation.mentions is None:
        yield "$.relations", "relations without mentions: give the mentions that they link"
        return
    for i, relation in enumerate(annotation.relations or ()):
        path = f"$.relations[{i}]"
        known = scheme().relation(relation.label)
        if known is None:
            yield f"{path}.label", unknown_name("relation", relation.label, scheme().relation_names)
        dangling = False
        for end in ("head", "tail"):
            mention_id = getattr(relation, end)
            if mention_id not in mentions:
                yield f"{path}.{end}", f"there is no mention {mention_id!r} in this document"
                dangling = True
        head, tail = mentions.get(relation.head), mentions.get(relation.tail)
        if known is None or dangling or head is None or tail is None:
            continue
        if not known.allows(head.label, tail.label):
            yield (
                path,
                (
                    f"{known.name} cannot link {head.label} to {tail.label}; it links {'/'.join(known.heads)}"
                    f" to {'the same label' if known.same_label else '/'.join(known.tails)}"
                ),
            )
    deal_ids: set[str] = set()
    for i, deal in enumerate(annotation.deals or ()):
        if deal.id in deal_ids:
            yield f"$.deals[{i}].id", f"deal id {deal.id!r} stands twice"
        deal_ids.add(deal.id)
        for name in ("kind", "status"):
            yield from _value_faults(f"$.deals[{i}].{name}", name, getattr(deal, name))
    for i, deal in enumerate(annotation.deals or ()):
        for j, part in enumerate(deal.part_of):
            if part not in deal_ids:
                yield f"$.deals[{i}].part_of[{j}]", f"there is no deal {part!r} in this document"


def _value_faults(path: str, name: str, value: object) -> Iterator[tuple[str, str]]:
    attribute = scheme().attribute(name)
    if attribute is None or value is None:
        return
    if attribute.values and value not in attribute.values:
        yield path, unknown_name(name, str(value), attribute.values)
    if attribute.pattern and not re.fullmatch(attribute.pattern, str(value)):
        yield path, f"{value!r} is not a value of {name} ({attribute.description})"
    if name == "iso3" and value not in country_codes():
        yield path, f"{value!r} is not an ISO 3166-1 alpha-3 code"


@cache
def country_codes() -> frozenset[str]:
    """The ISO 3166-1 alpha-3 codes of ``countries.tsv``."""
    lines = (PACKAGE / "annotations" / "countries.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return frozenset(line.split("\t")[0] for line in lines)


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

    Takes for granted that :func:`structure_faults` found nothing.
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
    for before, after in pairwise(ordered):
        if after.start < before.end:
            yield f"$.mentions {before.id}, {after.id}", "mentions overlap; they are flat", "2"
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
    if surface.lower() in _PRONOUNS and surface != "US":
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
        elif name in given:
            for _, message in _value_faults("", name, given[name]):
                yield message, attribute.paragraph
        elif attribute.required and name in allowed.attributes:
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
