"""Candidate pairs of entities for relations, and their features.

Relations are scored between entities and need to be found once (guideline 4), so a candidate is an ordered pair of
entities, represented by its nearest pair of mentions; its features come from all its mention pairs in one sentence.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise, product

import msgspec

from ...annotations.annotation import Entity, Mention
from ...annotations.scheme import scheme
from ...corpus.document import Document
from .features import shape
from .tokens import Token, token_sequences

SENTENCES = 3
"""How far apart, in sentences, the nearest mentions of a candidate may be; no limit when one of them is a DEAL."""

PAIRS = 4
"""How many mention pairs of one sentence give features to a candidate."""

_GAPS = (0, 1, 2, 3, 9, 24)


class Place(msgspec.Struct, frozen=True):
    """A mention with its place: first token, token behind the last, sentence."""

    mention: Mention
    first: int
    last: int
    sentence: int


class Candidate(msgspec.Struct, frozen=True):
    """Two entities that some relation of the scheme may link, their nearest mentions, and features of the pair."""

    head: Mention
    tail: Mention
    relations: tuple[str, ...]
    features: tuple[str, ...]


class PairReader:
    """Finds the candidates of one document."""

    def __init__(self, document: Document, mentions: Sequence[Mention], entities: Sequence[Entity]) -> None:
        self.text = document.text
        self.tokens: list[Token] = [t for sequence in token_sequences(document) for t in sequence.tokens]
        self.words = [t.text.lower() for t in self.tokens]
        self._starts = [t.start for t in self.tokens]
        self.sentence_first: dict[int, int] = {}
        for i, token in enumerate(self.tokens):
            self.sentence_first.setdefault(token.sentence, i)
        self.headline_end = next((r.end for r in document.regions if r.kind == "headline"), 0)
        self.entities = {entity.id: entity for entity in entities}
        self.places = [self._place(m) for m in sorted(mentions, key=lambda m: (m.start, m.end))]
        self.order = {place.mention.id: i for i, place in enumerate(self.places)}
        self.members: dict[str, list[Place]] = {}
        for place in self.places:
            self.members.setdefault(place.mention.entity or place.mention.id, []).append(place)
        self.count_of_label: dict[str, int] = {}
        self.rank: dict[str, int] = {}
        for entity_id, places in self.members.items():
            label = places[0].mention.label
            self.rank[entity_id] = self.count_of_label.get(label, 0)
            self.count_of_label[label] = self.rank[entity_id] + 1

    def candidates(self) -> Iterator[Candidate]:
        """Every ordered pair of entities that some relation allows and that stand near enough, in order of text."""
        nearest: dict[tuple[str, str], tuple[Place, Place]] = {}
        for head_id, tail_id in product(self.members, repeat=2):
            if head_id != tail_id and self._allowed(head_id, tail_id):
                nearest[head_id, tail_id] = min(product(self.members[head_id], self.members[tail_id]), key=_nearness)
        head_ranks = self._ranks(nearest, 0)
        tail_ranks = self._ranks(nearest, 1)
        for (head_id, tail_id), (head, tail) in nearest.items():
            apart = abs(head.sentence - tail.sentence)
            if apart > SENTENCES and "DEAL" not in (head.mention.label, tail.mention.label):
                continue
            features = self._features(head_id, tail_id, head, tail)
            ranks = (min(head_ranks[head_id, tail_id], 3), min(tail_ranks[head_id, tail_id], 3))
            labels = features[0]
            features += [f"{labels} head-rank={ranks[0]}", f"{labels} tail-rank={ranks[1]}", f"{labels} ranks={ranks}"]
            features.append(f"{labels} ranks={ranks} {min(apart, 3)}")
            allowed = self._allowed(head_id, tail_id)
            yield Candidate(head.mention, tail.mention, allowed, tuple(features))

    def _allowed(self, head_id: str, tail_id: str) -> tuple[str, ...]:
        head, tail = self.members[head_id][0].mention.label, self.members[tail_id][0].mention.label
        return _allowed_types(head, tail)

    def _ranks(self, nearest: Mapping[tuple[str, str], tuple[Place, Place]], side: int) -> dict[tuple[str, str], int]:
        """How many other entities with the label of the head (``side`` 0) are nearer to the tail, or the reverse."""
        groups: dict[tuple[str, str], list[tuple[tuple[int, int, int, int], tuple[str, str]]]] = {}
        for pair, places in nearest.items():
            group = (pair[1 - side], places[side].mention.label)
            groups.setdefault(group, []).append((_nearness(places), pair))
        return {pair: rank for its in groups.values() for rank, (_, pair) in enumerate(sorted(its))}

    def _place(self, mention: Mention) -> Place:
        first = bisect_left(self._starts, mention.start)
        last = max(bisect_left(self._starts, mention.end), first + 1)
        sentence = self.tokens[min(first, len(self.tokens) - 1)].sentence
        return Place(mention, first, last, sentence)

    def _features(self, head_id: str, tail_id: str, head: Place, tail: Place) -> list[str]:
        labels = f"{head.mention.label}>{tail.mention.label}"
        row = [labels, *(f"{labels} {f}" for f in self._entity_features(head_id, tail_id, head, tail))]
        nearest = self._mention_pair(head, tail)
        row += [f"n {f}" for f in nearest]
        row += [f"{labels} n {f}" for f in nearest]
        together = [
            pair
            for pair in product(self.members[head_id], self.members[tail_id])
            if pair[0].sentence == pair[1].sentence and pair != (head, tail)
        ]
        for pair in sorted(together, key=_nearness)[:PAIRS]:
            row += [f"{labels} o {f}" for f in self._mention_pair(*pair)]
        return list(dict.fromkeys(row))

    def _entity_features(self, head_id: str, tail_id: str, head: Place, tail: Place) -> list[str]:
        row = []
        for side, entity_id, place in (("h", head_id, head), ("t", tail_id, tail)):
            places = self.members[entity_id]
            of = min(self.count_of_label[place.mention.label], 4)
            row.append(f"{side} rank={min(self.rank[entity_id], 3)} of={of}")
            row.append(f"{side} mentions={min(len(places), 4)}")
            row += [f"{side} headline"] * any(p.mention.start < self.headline_end for p in places)
            row += sorted({f"{side} last-word={self.words[p.last - 1]}" for p in places})
            row += sorted({f"{side} any={word}" for p in places for word in self.words[p.first : p.last]})
            entity = self.entities.get(entity_id)
            if entity is not None and entity.attributes.iso3 == "USA":
                row.append(f"{side} USA")
            row += sorted({f"{side} before={self._word(p.first - 1)}" for p in places})
            row += sorted({f"{side} after={self._word(p.last)}" for p in places})
        return row

    def _mention_pair(self, head: Place, tail: Place) -> list[str]:
        left, right = (head, tail) if head.first <= tail.first else (tail, head)
        way = "h-t" if left is head else "t-h"
        apart = right.sentence - left.sentence
        row = [f"{way} sentences={min(apart, 4)}", f"form {head.mention.form}>{tail.mention.form}"]
        inner = self.places[self.order[left.mention.id] + 1 : self.order[right.mention.id]]
        same = sum(p.mention.label == right.mention.label for p in inner)
        like_left = sum(p.mention.label == left.mention.label for p in inner)
        row.append(f"{way} {min(apart, 1)} between-same={min(same, 3)}")
        row.append(f"{way} {min(apart, 1)} between-left={min(like_left, 2)}")
        row += [f"{way} nearest-before", f"nearest {apart}"] * (same == 0)
        row.append(f"left-word={self._word(left.first - 1)}")
        row.append(f"{way} right-word={self._word(right.last)}")
        row.append(f"{way} before-right={self._word(right.first - 2)} {self._word(right.first - 1)}")
        row.append(f"{way} after-left={self._word(left.last)} {self._word(left.last + 1)}")
        row += [f"{way} first={word}" for word in self._sentence_start(right)]
        if apart == 0:
            row += self._between(left, right, inner, way)
        else:
            row += [f"{way} left-sentence={word}" for word in self._sentence_start(left)]
            row.append(f"{way} right-opens={right.first - self.sentence_first[right.sentence] < 3}")
        return row

    def _between(self, left: Place, right: Place, inner: Sequence[Place], way: str) -> list[str]:
        gap = self.words[left.last : right.first]
        row = [f"{way} gap={bisect_left(_GAPS, len(gap))}"]
        row += sorted({f"{way} in={word}" for word in gap[:25]})
        row += [f"{way} in2={a} {b}" for a, b in pairwise(gap[:12])]
        if len(gap) <= 5:
            row.append(f"{way} exactly={' '.join(gap)}")
        row.append(f"{way} labels={' '.join(p.mention.label for p in inner[:3])}{'...' * (len(inner) > 3)}")
        row.append(f"{way} commas={min(sum(w in ',;' for w in gap), 3)} stops={min(gap.count(':'), 1)}")
        row += [f"{way} newline"] * ("\n" in self.text[left.mention.end : right.mention.start])
        return row

    def _sentence_start(self, place: Place) -> list[str]:
        first = self.sentence_first[place.sentence]
        return [shape(w) if w[0].isdigit() else w for w in self.words[first : min(first + 3, place.first)]]

    def _word(self, i: int) -> str:
        return self.words[i] if 0 <= i < len(self.words) else "<>"


@cache
def _allowed_types(head: str, tail: str) -> tuple[str, ...]:
    return tuple(r.name for r in scheme().relations if r.allows(head, tail))


def _nearness(pair: tuple[Place, Place]) -> tuple[int, int, int, int]:
    head, tail = pair
    gap = max(head.first, tail.first) - min(head.last, tail.last)
    return (abs(head.sentence - tail.sentence), max(gap, 0), head.first, tail.first)
