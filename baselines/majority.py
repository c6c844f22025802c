"""The simplest system that learns: what was marked in training is marked again, wherever the same words stand."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from ..annotations.annotation import Annotation, Mention, Relation
from ..annotations.inline import default_form
from ..annotations.scheme import Form, scheme
from ..corpus.document import Document
from ..corpus.errors import ArmsBenchError
from .assemble import Span, assemble
from .sentences import sentence_number

_TOKEN = re.compile(r"\w+|[^\w\s]")

Words = tuple[str, ...]
Pattern = tuple[str, str, str]
"""Labels of head and tail, and how the tail lies to the head: after, before, or in the sentences behind it."""


class MajoritySystem:
    """Marks the strings of the training gold with their most frequent label, and links labels as they mostly were.

    A string is marked only if at least half of its occurrences in training were, found as they are at prediction:
    whole words, the longest known string first. Entities and attributes come from :func:`assemble`. A relation is
    predicted between a mention and the nearest one of another label if that is what most such pairs in training had.

    Attributes
    ----------
    lexicon_ : dict
        Label and form by string, as a tuple of words.
    relations_ : dict
        Relation type by pair of labels and position, for those that had one in more than half of the cases.
    """

    lexicon_: dict[Words, tuple[str, Form]]
    relations_: dict[Pattern, str]

    def fit(self, documents: Sequence[Document], annotations: Sequence[Annotation]) -> None:
        """Learn from documents and their gold, in the same order."""
        pairs = list(zip(documents, annotations, strict=True))
        labels: dict[Words, Counter[tuple[str, Form]]] = defaultdict(Counter)
        for document, annotation in pairs:
            for m in annotation.mentions or ():
                words = tuple(_TOKEN.findall(document.text[m.start : m.end]))
                labels[words][m.label, m.form or default_form(m.label)] += 1
        seen: Counter[Words] = Counter()
        marked: Counter[Words] = Counter()
        for document, annotation in pairs:
            gold = {(m.start, m.end) for m in annotation.mentions or ()}
            for start, end, words in _occurrences(document, labels):
                seen[words] += 1
                marked[words] += (start, end) in gold
        self.lexicon_ = {
            words: max(sorted(counts), key=lambda key, counts=counts: counts[key])  # type: ignore[misc]
            for words, counts in labels.items()
            if words and 2 * marked[words] >= max(seen[words], 1)
        }
        self.relations_ = _majority_relations(pairs)

    def predict(self, document: Document) -> Annotation:
        """The annotation of ``document``, all layers filled; raises ArmsBenchError before :meth:`fit`."""
        if not hasattr(self, "lexicon_"):
            raise ArmsBenchError("MajoritySystem has not been trained: call fit with documents and their gold first")
        spans = (Span(a, b, *self.lexicon_[words]) for a, b, words in _occurrences(document, self.lexicon_))
        mentions, entities = assemble(document, spans)
        relations: dict[tuple[str, str | None, str | None], Relation] = {}
        for pattern, head, tail in _candidates(document, mentions):
            label = self.relations_.get(pattern)
            if label is not None and head.entity != tail.entity:
                key = (label, head.entity, tail.entity)
                relations.setdefault(key, Relation(label=label, head=head.id, tail=tail.id))
        return Annotation(doc_id=document.id, mentions=mentions, entities=entities, relations=tuple(relations.values()))


def _occurrences(document: Document, known: Iterable[Words]) -> Iterator[tuple[int, int, Words]]:
    """Where strings of ``known`` stand in the annotated regions, the longest at each place, without overlap."""
    strings = set(known)
    lengths = sorted({len(words) for words in strings}, reverse=True)
    for region in document.annotated_regions():
        tokens = list(_TOKEN.finditer(document.text, region.start, region.end))
        words = tuple(token.group() for token in tokens)
        i = 0
        while i < len(tokens):
            found = next((n for n in lengths if n and i + n <= len(tokens) and words[i : i + n] in strings), 0)
            if found:
                yield tokens[i].start(), tokens[i + found - 1].end(), words[i : i + found]
            i += found or 1


def _candidates(document: Document, mentions: Sequence[Mention]) -> Iterator[tuple[Pattern, Mention, Mention]]:
    """Pairs that some relation type allows, each with its pattern.

    A tail meets the nearest head of each label on either side of it in its sentence, and where its sentence has no
    head of a label, the last one before.
    """
    ordered = sorted(mentions, key=lambda m: m.start)
    sentence = {m.id: sentence_number(document, m.start) for m in ordered}
    for i, tail in enumerate(ordered):
        here: set[str] = set()
        for side, others in (("after", ordered[:i][::-1]), ("before", ordered[i + 1 :])):
            met: set[str] = set()
            for head in others:
                if sentence[head.id] != sentence[tail.id]:
                    break
                if head.label not in met and _allowed(head.label, tail.label):
                    met.add(head.label)
                    yield (head.label, tail.label, side), head, tail
            here |= met
        for head in ordered[:i][::-1]:
            if head.label not in here and _allowed(head.label, tail.label):
                here.add(head.label)
                yield (head.label, tail.label, "behind"), head, tail


def _allowed(head: str, tail: str) -> bool:
    return any(relation.allows(head, tail) for relation in scheme().relations)


def _majority_relations(pairs: Iterable[tuple[Document, Annotation]]) -> dict[Pattern, str]:
    """The relation type that holds in more than half of the pairs of a pattern, between their entities."""
    counts: dict[Pattern, Counter[str | None]] = defaultdict(Counter)
    for document, annotation in pairs:
        mentions = annotation.mentions or ()
        entity = {m.id: m.entity or m.id for m in mentions}
        held: dict[tuple[str, str], list[str]] = {}
        for r in annotation.relations or ():
            held.setdefault((entity[r.head], entity[r.tail]), []).append(r.label)
        for pattern, head, tail in _candidates(document, mentions):
            labels = held.get((entity[head.id], entity[tail.id]))
            counts[pattern].update(sorted(set(labels)) if labels else [None])
    majority: dict[Pattern, str] = {}
    for pattern, tally in counts.items():
        label = max((name for name in tally if name), key=lambda name: (tally[name], name), default=None)
        if label is not None and 2 * tally[label] > sum(tally.values()):
            majority[pattern] = label
    return majority
