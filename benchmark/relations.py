"""Task ``relations``: who stands in which relation to whom.

- ``entity_pairs`` (headline): a predicted relation is mapped to the gold entities that its head and tail mention belong
  to, offsets and label equal. Mapped ones are reduced to distinct (head entity, label, tail entity) and are right if
  gold holds that triple between any mentions of the two entities. One with an unmapped end is wrong.
- ``mention_pairs``: the two mentions themselves, with offsets and labels ("strict" of Taille et al. 2020).
- ``boundaries``: the two mentions by offsets alone ("boundaries" there).

Direction matters, a pair may hold several relations, duplicates count once. ``entity_pairs:LABEL`` is per type.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable

from ..annotations.annotation import Annotation, Mention
from ..annotations.scheme import scheme
from ..corpus.document import Document
from .measures import Floats, counts_row, table
from .mentions import Key, key

NAME = "relations"
HEADLINE = "entity_pairs"
MEASURES = (
    "entity_pairs",
    "mention_pairs",
    "boundaries",
    *(f"entity_pairs:{name}" for name in scheme().relation_names),
)

MentionRelation = tuple[Key, str, Key]
Triple = tuple[Hashable, str, Hashable]


def submitted(annotation: Annotation) -> bool:
    """Whether ``annotation`` holds the layers that this task scores."""
    return annotation.mentions is not None and annotation.relations is not None


def count(document: Document, gold: Annotation, predicted: Annotation) -> Floats:
    """The counts of one document, of shape (measures, 4)."""
    entity_of = {key(m): m.entity_key for m in gold.mentions or ()}
    gold_pairs, predicted_pairs = mention_relations(gold), mention_relations(predicted)
    gold_triples = set(entity_triples(gold_pairs, entity_of))
    predicted_triples = set(entity_triples(predicted_pairs, entity_of))
    rows = {
        "entity_pairs": _row(gold_triples, predicted_triples),
        "mention_pairs": _row(gold_pairs, predicted_pairs),
        "boundaries": _row({_bare(r) for r in gold_pairs}, {_bare(r) for r in predicted_pairs}),
    }
    sides = (gold_triples & predicted_triples, predicted_triples, gold_triples)
    right, of_predicted, of_gold = (Counter(triple[1] for triple in side) for side in sides)
    for label in of_predicted | of_gold:
        rows[f"entity_pairs:{label}"] = counts_row(right[label], of_predicted[label], of_gold[label])
    return table(MEASURES, rows)


def mention_relations(annotation: Annotation) -> set[MentionRelation]:
    """The distinct relations of ``annotation`` between mentions given by offsets and label."""
    mentions: dict[str, Mention] = {m.id: m for m in annotation.mentions or ()}
    return {(key(mentions[r.head]), r.label, key(mentions[r.tail])) for r in annotation.relations or ()}


def entity_triples(relations: Iterable[MentionRelation], entity_of: dict[Key, tuple[str, str]]) -> Iterable[Triple]:
    """Each relation between gold entities where both ends are gold mentions, else as it is, unlike any gold triple."""
    for relation in relations:
        head, label, tail = relation
        if head in entity_of and tail in entity_of:
            yield (entity_of[head], label, entity_of[tail])
        else:
            yield (head, label, tail)


def _row(gold: set[Triple] | set[MentionRelation], predicted: set[Triple] | set[MentionRelation]) -> tuple[float, ...]:
    return counts_row(len(gold & predicted), len(predicted), len(gold))


def _bare(relation: MentionRelation) -> Triple:
    head, label, tail = relation
    return (head[:2], label, tail[:2])
