"""Strings that were mentions in the training documents, and where they stand in another text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from ...annotations.annotation import Annotation
from .tokens import Token, tokens_within

Counts = dict[str, dict[str, int]]
"""In how many documents (counts) a string (first key) was a mention with a label (second key)."""

_LONGEST = 12


class Gazetteer:
    """Mention strings of training, folded to lower case with single spaces between tokens."""

    def __init__(self, counts: Mapping[str, Mapping[str, int]]) -> None:
        self.counts: Counts = {string: dict(its) for string, its in counts.items()}
        self._longest = min(_LONGEST, max((string.count(" ") + 1 for string in self.counts), default=0))

    @classmethod
    def of_documents(cls, strings: Iterable[Mapping[str, set[str]]]) -> Gazetteer:
        """The strings of several documents, each given as a mapping from string to its labels there."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for its in strings:
            for string, labels in its.items():
                counts[string].update(labels)
        return cls(counts)

    def without(self, strings: Mapping[str, set[str]]) -> Gazetteer:
        """The gazetteer as if the document that ``strings`` come from had not been read.

        Training features are computed with it, else every mention of training would be in the gazetteer.
        """
        counts = {s: dict(its) for s, its in self.counts.items() if s not in strings}
        for string, labels in strings.items():
            left = {label: n - (label in labels) for label, n in self.counts.get(string, {}).items()}
            if any(left.values()):
                counts[string] = {label: n for label, n in left.items() if n}
        return Gazetteer(counts)

    def marks(self, tokens: Sequence[Token]) -> list[str | None]:
        """For each token its place in the longest known string that covers it ("B-WEAPON", "I-WEAPON") or None."""
        folded = [token.text.lower() for token in tokens]
        marks: list[str | None] = [None] * len(tokens)
        position = 0
        while position < len(tokens):
            for length in range(min(self._longest, len(tokens) - position), 0, -1):
                its = self.counts.get(" ".join(folded[position : position + length]))
                if its:
                    label = max(sorted(its), key=lambda name: its[name])
                    marks[position] = f"B-{label}"
                    marks[position + 1 : position + length] = [f"I-{label}"] * (length - 1)
                    position += length
                    break
            else:
                position += 1
        return marks


def mention_strings(tokens: Sequence[Token], annotation: Annotation) -> dict[str, set[str]]:
    """The folded strings of the mentions of one document with their labels; the way :class:`Gazetteer` spells them."""
    strings: dict[str, set[str]] = defaultdict(set)
    for mention in annotation.mentions or ():
        words = [t.text.lower() for t in tokens_within(tokens, mention.start, mention.end)]
        if words and len(words) <= _LONGEST:
            strings[" ".join(words)].add(mention.label)
    return dict(strings)
