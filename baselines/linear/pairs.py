"""Candidate pairs of entities for relations, and their features.

Relations are scored between entities and need to be found once (guideline 4), so a candidate is an ordered pair of
entities, represented by its nearest pair of mentions; its features come from all its mention pairs in one sentence.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from heapq import nsmallest
from itertools import accumulate, pairwise
from operator import attrgetter

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
        self._orders: dict[str, list[int]] = {}
        for i, place in enumerate(self.places):
            self._orders.setdefault(place.mention.label, []).append(i)
        self._commas = list(accumulate((word in ",;" for word in self.words), initial=0))
        self._stops = list(accumulate((word == ":" for word in self.words), initial=0))
        self._known_sides: dict[tuple[str, str, str, str], list[str]] = {}
        self.members: dict[str, list[Place]] = {}
        for place in self.places:
            self.members.setdefault(place.mention.entity or place.mention.id, []).append(place)
        self._index = {entity_id: i for i, entity_id in enumerate(self.members)}
        self._in_sentence: dict[int, set[str]] = {}
        for entity_id, places in self.members.items():
            for place in places:
                self._in_sentence.setdefault(place.sentence, set()).add(entity_id)
        self._deals = {key for key, places in self.members.items() if any(p.mention.label == "DEAL" for p in places)}
        self.count_of_label: dict[str, int] = {}
        self.rank: dict[str, int] = {}
        for entity_id, places in self.members.items():
            label = places[0].mention.label
            self.rank[entity_id] = self.count_of_label.get(label, 0)
            self.count_of_label[label] = self.rank[entity_id] + 1

    def candidates(self) -> Iterator[Candidate]:
        """Every ordered pair of entities that some relation allows and that stand near enough, in order of text."""
        nearest: dict[tuple[str, str], tuple[Place, Place]] = {}
        for head_id in self.members:
            for tail_id in self._near(head_id):
                if head_id != tail_id and self._allowed(head_id, tail_id):
                    nearest[head_id, tail_id] = self._nearest(head_id, tail_id)
        head_ranks = self._ranks(nearest, 0)
        tail_ranks = self._ranks(nearest, 1)
        for (head_id, tail_id), (head, tail) in nearest.items():
            apart = abs(head.sentence - tail.sentence)
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

    def _near(self, entity_id: str) -> list[str]:
        """The entities that stand near enough to one for a relation, in order of text."""
        if entity_id in self._deals:
            return list(self.members)
        sentences = {p.sentence + step for p in self.members[entity_id] for step in range(-SENTENCES, SENTENCES + 1)}
        near = {other for number in sentences for other in self._in_sentence.get(number, ())}
        return sorted(near | self._deals, key=self._index.__getitem__)

    def _nearest(self, head_id: str, tail_id: str) -> tuple[Place, Place]:
        return min(_neighbours(self.members[head_id], self.members[tail_id], 1), key=_nearness)

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
        row = [labels, *self._side_features("h", head_id, head.mention.label, labels)]
        row += self._side_features("t", tail_id, tail.mention.label, labels)
        nearest = self._mention_pair(head, tail)
        row += [f"n {f}" for f in nearest]
        row += [f"{labels} n {f}" for f in nearest]
        together = {
            (pair[0].first, pair[1].first): pair
            for pair in _neighbours(self.members[head_id], self.members[tail_id], PAIRS + 1)
            if pair[0].sentence == pair[1].sentence and pair != (head, tail)
        }
        for pair in nsmallest(PAIRS, together.values(), key=_nearness):
            row += [f"{labels} o {f}" for f in self._mention_pair(*pair)]
        return list(dict.fromkeys(row))

    def _side_features(self, side: str, entity_id: str, label: str, labels: str) -> list[str]:
        """The features of one entity as head ("h") or tail ("t"); every pair that it is in has the same."""
        key = (side, entity_id, label, labels)
        if key not in self._known_sides:
            self._known_sides[key] = [f"{labels} {side} {f}" for f in self._entity_features(entity_id, label)]
        return self._known_sides[key]

    def _entity_features(self, entity_id: str, label: str) -> list[str]:
        places = self.members[entity_id]
        row = [f"rank={min(self.rank[entity_id], 3)} of={min(self.count_of_label[label], 4)}"]
        row.append(f"mentions={min(len(places), 4)}")
        row += ["headline"] * any(p.mention.start < self.headline_end for p in places)
        row += sorted({f"last-word={self.words[p.last - 1]}" for p in places})
        row += sorted({f"any={word}" for p in places for word in self.words[p.first : p.last]})
        entity = self.entities.get(entity_id)
        if entity is not None and entity.attributes.iso3 == "USA":
            row.append("USA")
        row += sorted({f"before={self._word(p.first - 1)}" for p in places})
        row += sorted({f"after={self._word(p.last)}" for p in places})
        return row

    def _mention_pair(self, head: Place, tail: Place) -> list[str]:
        left, right = (head, tail) if head.first <= tail.first else (tail, head)
        way = "h-t" if left is head else "t-h"
        apart = right.sentence - left.sentence
        row = [f"{way} sentences={min(apart, 4)}", f"form {head.mention.form}>{tail.mention.form}"]
        same = self._count_between(left, right, right.mention.label)
        like_left = self._count_between(left, right, left.mention.label)
        row.append(f"{way} {min(apart, 1)} between-same={min(same, 3)}")
        row.append(f"{way} {min(apart, 1)} between-left={min(like_left, 2)}")
        row += [f"{way} nearest-before", f"nearest {apart}"] * (same == 0)
        row.append(f"left-word={self._word(left.first - 1)}")
        row.append(f"{way} right-word={self._word(right.last)}")
        row.append(f"{way} before-right={self._word(right.first - 2)} {self._word(right.first - 1)}")
        row.append(f"{way} after-left={self._word(left.last)} {self._word(left.last + 1)}")
        row += [f"{way} first={word}" for word in self._sentence_start(right)]
        if apart == 0:
            row += self._between(left, right, way)
        else:
            row += [f"{way} left-sentence={word}" for word in self._sentence_start(left)]
            row.append(f"{way} right-opens={right.first - self.sentence_first[right.sentence] < 3}")
        return row

    def _count_between(self, left: Place, right: Place, label: str) -> int:
        """How many mentions with ``label`` stand between two places."""
        orders = self._orders[label]
        first = bisect_right(orders, self.order[left.mention.id])
        return max(bisect_left(orders, self.order[right.mention.id]) - first, 0)

    def _between(self, left: Place, right: Place, way: str) -> list[str]:
        size = max(right.first - left.last, 0)
        gap = self.words[left.last : left.last + min(size, 25)]
        row = [f"{way} gap={bisect_left(_GAPS, size)}"]
        row += sorted({f"{way} in={word}" for word in gap})
        row += [f"{way} in2={a} {b}" for a, b in pairwise(gap[:12])]
        if size <= 5:
            row.append(f"{way} exactly={' '.join(gap)}")
        first, last = self.order[left.mention.id] + 1, self.order[right.mention.id]
        labels = [p.mention.label for p in self.places[first : min(last, first + 3)]]
        row.append(f"{way} labels={' '.join(labels)}{'...' * (last - first > 3)}")
        commas, stops = (counts[left.last + size] - counts[left.last] for counts in (self._commas, self._stops))
        row.append(f"{way} commas={min(commas, 3)} stops={min(stops, 1)}")
        row += [f"{way} newline"] * (self.text.find("\n", left.mention.end, right.mention.start) >= 0)
        return row

    def _sentence_start(self, place: Place) -> list[str]:
        first = self.sentence_first[place.sentence]
        return [shape(w) if w[0].isdigit() else w for w in self.words[first : min(first + 3, place.first)]]

    def _word(self, i: int) -> str:
        return self.words[i] if 0 <= i < len(self.words) else "<>"


@cache
def _allowed_types(head: str, tail: str) -> tuple[str, ...]:
    return tuple(r.name for r in scheme().relations if r.allows(head, tail))


def _neighbours(heads: Sequence[Place], tails: Sequence[Place], count: int) -> Iterator[tuple[Place, Place]]:
    """Pairs of a head and a tail among which are the ``count`` nearest; both stand in order of text, without overlap.

    Each place of the shorter list meets ``count`` places of the other on either side.
    """
    few, many = (heads, tails) if len(heads) <= len(tails) else (tails, heads)
    for place in few:
        middle = bisect_left(many, place.first, key=attrgetter("first"))
        for other in many[max(middle - count, 0) : middle + count]:
            yield (place, other) if few is heads else (other, place)


def _nearness(pair: tuple[Place, Place]) -> tuple[int, int, int, int]:
    head, tail = pair
    gap = max(head.first, tail.first) - min(head.last, tail.last)
    return (abs(head.sentence - tail.sentence), max(gap, 0), head.first, tail.first)
