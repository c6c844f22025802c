"""A document with its mentions by sentence: what the relation rules look at."""

from __future__ import annotations

from bisect import bisect_left

from ...annotations.annotation import Entity, Mention
from ...corpus.document import Document
from ..sentences import is_notice, sentence_number, sentence_starts
from .items import Items, Offsets


class Reading:
    """A document with its mentions, by sentence: what the rules look at."""

    def __init__(
        self, document: Document, mentions: tuple[Mention, ...], entities: tuple[Entity, ...], items: Items
    ) -> None:
        self.document = document
        self.text = document.text
        self.mentions = mentions
        self.items = items
        self.notice = is_notice(document)
        self.at: dict[Offsets, Mention] = {(m.start, m.end): m for m in mentions}
        self.code = {e.id: e.attributes.iso3 for e in entities}
        self.sentences: dict[int, list[Mention]] = {}
        for mention in mentions:
            self.sentences.setdefault(sentence_number(document, mention.start), []).append(mention)
        self.deals = [
            m for m in mentions if m.label == "DEAL" and not (self.notice and "Commercial" in self.surface(m))
        ]
        self._deals_of: dict[int, list[Mention]] = {}
        for deal in self.deals:
            self._deals_of.setdefault(sentence_number(document, deal.start), []).append(deal)

    def surface(self, mention: Mention) -> str:
        """The words of a mention on one line."""
        return " ".join(self.text[mention.start : mention.end].split())

    def between(self, first: Mention, second: Mention) -> str:
        """The text from the end of the one to the start of the other."""
        return " ".join(self.text[first.end : second.start].split())

    def sentence(self, number: int) -> str:
        """The text of a sentence by its number."""
        starts = sentence_starts(self.document)
        end = starts[number + 1] if number + 1 < len(starts) else len(self.text)
        return " ".join(self.text[starts[number] : end].split())

    def deal_for(self, number: int, position: int) -> Mention | None:
        """The deal of a sentence: the last before ``position`` in it, else its first, else the last before it."""
        chosen = self._deals_of.get(number) or self.deals
        if not chosen:
            return None
        return chosen[max(0, bisect_left(chosen, position, key=lambda m: m.start) - 1)]

    def state(self, code: str, number: int | None = None) -> Mention | None:
        """A mention of the state of that code, in sentence ``number`` if it stands there."""
        found = [m for m in self.mentions if m.label == "GPE" and self.code.get(m.entity or "") == code]
        here = [m for m in found if number is not None and sentence_number(self.document, m.start) == number]
        chosen = here or found
        return chosen[0] if chosen else None
