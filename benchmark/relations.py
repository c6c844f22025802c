"""Task ``relations``: who stands in which relation to whom.

- ``entity_pairs`` (headline): a predicted relation is mapped to the gold entities that its head and tail mention belong
  to, offsets and label equal. Mapped ones are reduced to distinct (head entity, label, tail entity) and are right if
  gold holds that triple between any mentions of the two entities. One with an unmapped end is wrong.
- ``mention_pairs``: the two mentions themselves, with offsets and labels ("strict" of Taille et al. 2020).
- ``boundaries``: the two mentions by offsets alone ("boundaries" there).

- ``unseen``: entity pairs without the facts that train's gold holds under the same names, taken out of gold and of the
  prediction alike (the idea of DocRED's "Ign F1", which takes them out of precision only).

Direction matters, a pair may hold several relations, duplicates count once. ``entity_pairs:LABEL`` is per type.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence

import numpy as np

from ..annotations.annotation import Annotation, Mention
from ..annotations.scheme import scheme
from ..corpus.document import Document
from .measures import Floats, Rates, counts_row, mean_rates, table
from .mentions import Key, key

NAME = "relations"
HEADLINE = "entity_pairs"
WHOLE = ("entity_pairs", "mention_pairs", "boundaries", "unseen")
"""The measures over all labels."""


def measures(labels: Sequence[str]) -> tuple[str, ...]:
    """The names of the measures where relations have these labels."""
    return (*WHOLE, *(f"entity_pairs:{label}" for label in labels))


MEASURES = measures(scheme().relation_names)

MentionRelation = tuple[Key, str, Key]
Triple = tuple[Hashable, str, Hashable]
Fact = tuple[str, str, str]
"""A relation by the words of its ends, in lower case: head, label, tail."""


def derived(labels: Sequence[str]) -> dict[str, Callable[[Floats], Rates]]:
    """``macro:entity_pairs``: the mean of the rates of the labels that gold or prediction holds."""
    return {"macro:entity_pairs": lambda sums: mean_rates(sums[..., len(WHOLE) : len(WHOLE) + len(labels), :])}


DERIVED = derived(scheme().relation_names)


def submitted(annotation: Annotation) -> bool:
    """Whether ``annotation`` holds the layers that this task scores."""
    return annotation.mentions is not None and annotation.relations is not None


def facts(documents: Iterable[tuple[Document, Annotation]]) -> frozenset[Fact]:
    """Every relation between entities of these documents, by every two of the words that its ends are called by."""
    found: set[Fact] = set()
    for document, annotation in documents:
        words = _words(document, annotation)
        ends = {m.id: m.entity_key for m in annotation.mentions or ()}
        for relation in annotation.relations or ():
            heads, tails = words[ends[relation.head]], words[ends[relation.tail]]
            found |= {(head, relation.label, tail) for head in heads for tail in tails}
    return frozenset(found)


def _words(document: Document, annotation: Annotation) -> dict[tuple[str, str], set[str]]:
    """The surfaces of every entity, in lower case and with single spaces."""
    words: dict[tuple[str, str], set[str]] = {}
    for mention in annotation.mentions or ():
        words.setdefault(mention.entity_key, set()).add(_folded(document, mention.start, mention.end))
    return words


def _folded(document: Document, start: int, end: int) -> str:
    return " ".join(document.text[start:end].split()).casefold()


def count(
    documents: Sequence[Document],
    gold: Sequence[Annotation],
    predicted: Sequence[Annotation],
    known: frozenset[Fact] | None = None,
) -> Floats:
    """The counts of documents, of shape (documents, measures, 4); without ``known``, train's facts, none of unseen."""
    values = np.zeros((len(documents), len(MEASURES), 4))
    for i, (document, *sides) in enumerate(zip(documents, gold, predicted, strict=True)):
        values[i] = count_relations(sides[0], sides[1], MEASURES)
        if known is not None:
            values[i, MEASURES.index("unseen")] = _count_unseen(document, sides[0], sides[1], known)
    return values


def _count_unseen(
    document: Document, gold: Annotation, predicted: Annotation, known: frozenset[Fact]
) -> tuple[float, ...]:
    entity_of, words = _entity_of(gold), _words(document, gold)
    new = [
        {t for t in entity_triples(mention_relations(side), entity_of) if not _is_known(t, words, document, known)}
        for side in (gold, predicted)
    ]
    return _row(new[0], new[1])


def count_relations(gold: Annotation, predicted: Annotation, measures: Sequence[str]) -> Floats:
    """The counts of one document under ``measures``, of shape (measures, 4); none of ``unseen``."""
    entity_of = _entity_of(gold)
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
    return table(measures, rows)


def _entity_of(gold: Annotation) -> dict[Key, tuple[str, str]]:
    """The entity of each mention; of one that stands in several, the first by id, so that order plays no part."""
    return dict(sorted(((key(m), m.entity_key) for m in gold.mentions or ()), reverse=True))


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


def _is_known(
    triple: Triple, words: dict[tuple[str, str], set[str]], document: Document, known: frozenset[Fact]
) -> bool:
    """Whether train states the fact of a triple; an end that is no gold entity goes by its own words."""
    head, label, tail = triple
    ends = [words.get(end) or {_folded(document, end[0], end[1])} for end in (head, tail)]  # type: ignore[call-overload, index]
    return any((one, label, other) in known for one in ends[0] for other in ends[1])


def _row(gold: set[Triple] | set[MentionRelation], predicted: set[Triple] | set[MentionRelation]) -> tuple[float, ...]:
    return counts_row(len(gold & predicted), len(predicted), len(gold))


def _bare(relation: MentionRelation) -> Triple:
    head, label, tail = relation
    return (head[:2], label, tail[:2])
