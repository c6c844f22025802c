"""A document with its mentions by sentence: what the relation rules look at."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from ...annotations.annotation import Entity, Mention
from ...corpus.document import Document
from ..sentences import is_notice, sentence_starts
from .items import Items, Offsets

FARTHEST = 400
"""Code points between two mentions beyond which no rule reads what stands there."""


class Reading:
    """A document with its mentions, by sentence: what the rules look at."""

    def __init__(
        self, document: Document, mentions: tuple[Mention, ...], entities: tuple[Entity, ...], items: Items
    ) -> None:
        self.document = document
        self.text = document.text
        self._starts = sentence_starts(document)
        self.mentions = mentions
        self.items = items
        self.notice = is_notice(document)
        self.at: dict[Offsets, Mention] = {(m.start, m.end): m for m in mentions}
        self.code = {e.id: e.attributes.iso3 for e in entities}
        self.sentences: dict[int, list[Mention]] = {}
        for mention in mentions:
            self.sentences.setdefault(self.sentence_of(mention), []).append(mention)
        self.deals = [
            m for m in mentions if m.label == "DEAL" and not (self.notice and "Commercial" in self.surface(m))
        ]
        self._sentence_texts: dict[int, str] = {}
        self._states: dict[str | None, list[Mention]] = {}
        self._labelled: dict[str, list[Mention]] = {}
        for mention in mentions:
            self._labelled.setdefault(mention.label, []).append(mention)
            if mention.label == "GPE":
                self._states.setdefault(self.code.get(mention.entity or ""), []).append(mention)
        self.first_deal: dict[int, Mention] = {}
        for mention in self._labelled.get("DEAL", []):
            self.first_deal.setdefault(self.sentence_of(mention), mention)
        self._said: dict[tuple[int, re.Pattern[str]], bool] = {}
        self._deals_of: dict[int, list[Mention]] = {}
        for deal in self.deals:
            self._deals_of.setdefault(self.sentence_of(deal), []).append(deal)

    def surface(self, mention: Mention) -> str:
        """The words of a mention on one line."""
        return " ".join(self.text[mention.start : mention.end].split())

    def between(self, first: Mention, second: Mention) -> str:
        """The text from the end of the one to the start of the other; "..." where that is too long for any rule."""
        if second.start - first.end > FARTHEST:
            return "..."
        return " ".join(self.text[first.end : second.start].split())

    def sentence(self, number: int) -> str:
        """The text of a sentence by its number."""
        if number not in self._sentence_texts:
            starts = self._starts
            end = starts[number + 1] if number + 1 < len(starts) else len(self.text)
            self._sentence_texts[number] = " ".join(self.text[starts[number] : end].split())
        return self._sentence_texts[number]

    def says(self, number: int, pattern: re.Pattern[str]) -> bool:
        """Whether ``pattern`` is found in the sentence of that number."""
        key = (number, pattern)
        if key not in self._said:
            self._said[key] = pattern.search(self.sentence(number)) is not None
        return self._said[key]

    def sentence_of(self, mention: Mention) -> int:
        """The number of the sentence that a mention begins in."""
        return bisect_right(self._starts, mention.start) - 1

    def last_before(self, label: str, position: int) -> Mention | None:
        """The last mention of ``label`` that ends at or before ``position``."""
        found = self._labelled.get(label, [])
        count = bisect_right(found, position, key=lambda m: m.end)
        return found[count - 1] if count else None

    def deal_for(self, number: int, position: int) -> Mention | None:
        """The deal of a sentence: the last before ``position`` in it, else its first, else the last before it."""
        chosen = self._deals_of.get(number) or self.deals
        if not chosen:
            return None
        return chosen[max(0, bisect_left(chosen, position, key=lambda m: m.start) - 1)]

    def last_buyer(self, position: int) -> Mention | None:
        """The last mention before ``position`` of a state that is known and is not the United States."""
        states = self._labelled.get("GPE", [])
        for at in range(bisect_left(states, position, key=lambda m: m.start) - 1, -1, -1):
            if self.code.get(states[at].entity or "") not in (None, "USA"):
                return states[at]
        return None

    def state(self, code: str, number: int | None = None) -> Mention | None:
        """A mention of the state of that code, in sentence ``number`` if it stands there."""
        found = self._states.get(code, [])
        if number is not None and 0 <= number < len(self._starts):
            at = bisect_left(found, self._starts[number], key=lambda m: m.start)
            if at < len(found) and self.sentence_of(found[at]) == number:
                return found[at]
        return found[0] if found else None
