"""The simplest system that learns: what was marked in training is marked again, wherever the same words stand."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from ..annotations.annotation import Annotation, Mention, Relation
from ..annotations.inline import default_form
from ..annotations.scheme import Form, scheme
from ..annotations.tokens import token_spans
from ..corpus.document import Document
from ..corpus.errors import ArmsBenchError
from .assemble import assemble
from .sentences import sentence_starts
from .spans import Span

Words = tuple[str, ...]
Pattern = tuple[str, str, str]
"""Labels of head and tail, and how the tail lies to the head: after, before, or in the sentences behind it."""


class MajoritySystem:
    """Marks the strings of the training gold with their most frequent label, and links labels as they mostly were.

    A string is marked only if at least half of its occurrences in training were, found as they are at prediction:
    whole words, the longest known string first. Entities and attributes come from :func:`assemble`. A relation is
    predicted between a mention and the nearest one of each label before and behind it in its sentence, or else the
    last one in an earlier sentence, if that is what most such pairs in training had.

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
        """Learn from documents and their gold, in the same order; raises ArmsBenchError if they are of others."""
        if [document.id for document in documents] != [annotation.doc_id for annotation in annotations]:
            raise ArmsBenchError("documents and annotations must be of the same documents in the same order")
        pairs = list(zip(documents, annotations, strict=True))
        labels: dict[Words, Counter[tuple[str, Form]]] = defaultdict(Counter)
        for document, annotation in pairs:
            tokens = token_spans(document)
            for m in annotation.mentions or ():
                first = bisect_left(tokens, (m.start, 0))
                inside = tokens[first : bisect_left(tokens, (m.end, 0), lo=first)]
                words = tuple(document.text[start:end] for start, end in inside)
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
    lengths = sorted({len(words) for words in strings if words}, reverse=True)
    tokens = token_spans(document)
    for region in document.annotated_regions():
        places = tokens[bisect_left(tokens, (region.start, 0)) : bisect_left(tokens, (region.end, 0))]
        words = tuple(document.text[start:end] for start, end in places)
        i = 0
        while i < len(places):
            found = next((n for n in lengths if i + n <= len(words) and words[i : i + n] in strings), 0)
            if found:
                yield places[i][0], places[i + found - 1][1], words[i : i + found]
            i += found or 1


def _candidates(document: Document, mentions: Sequence[Mention]) -> Iterator[tuple[Pattern, Mention, Mention]]:
    """Pairs that some relation type allows, each with its pattern.

    A tail meets the nearest head of each label on either side of it in its sentence, and where its sentence has no
    head of a label, the last one before.
    """
    ordered = sorted(mentions, key=lambda m: m.start)
    starts = sentence_starts(document)
    sentences = [bisect_right(starts, m.start) for m in ordered]
    after = _nearest_heads(ordered, sentences)
    before = _nearest_heads(ordered[::-1], sentences[::-1])[::-1]
    last: dict[str, Mention] = {}
    for i, tail in enumerate(ordered):
        here: set[str] = set()
        for side, heads in (("after", after[i]), ("before", before[i]), ("behind", tuple(reversed(last.values())))):
            for head in heads:
                if _allowed(head.label, tail.label) and not (side == "behind" and head.label in here):
                    here.add(head.label)
                    yield (head.label, tail.label, side), head, tail
        last.pop(tail.label, None)
        last[tail.label] = tail


def _nearest_heads(ordered: Sequence[Mention], sentences: Sequence[int]) -> list[tuple[Mention, ...]]:
    """For each mention the last one of each label before it in its sentence, the nearest first."""
    found = []
    last: dict[str, Mention] = {}
    sentence = -1
    for mention, number in zip(ordered, sentences, strict=True):
        if number != sentence:
            sentence, last = number, {}
        found.append(tuple(reversed(last.values())))
        last.pop(mention.label, None)
        last[mention.label] = mention
    return found


@cache
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
