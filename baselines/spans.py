"""Labelled spans, before they are mentions, and how overlaps among them are settled."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

import msgspec

from ..annotations.inline import default_form
from ..annotations.scheme import Form, scheme
from ..corpus.document import Document


class Span(msgspec.Struct, frozen=True):
    """``text[start:end]`` with a label, and a form (None: the default of the label); not yet a mention."""

    start: int
    end: int
    label: str
    form: Form | None = None


class Cover:
    """The characters of a text that spans cover."""

    def __init__(self, length: int, spans: Iterable[Span] = ()) -> None:
        self._covered = bytearray(length)
        for span in spans:
            self.add(span.start, span.end)

    def add(self, start: int, end: int) -> None:
        """Cover ``text[start:end]`` too."""
        self._covered[start:end] = b"\1" * (end - start)

    def meets(self, start: int, end: int) -> bool:
        """Whether any of ``text[start:end]`` is covered."""
        return self._covered.find(1, start, end) >= 0


def flat_spans(document: Document, spans: Iterable[Span]) -> list[Span]:
    """``spans`` inside annotated regions without overlap, in order of text, each with its form."""
    order = scheme().label_names
    regions = document.annotated_regions()
    borders = [region.start for region in regions]

    def annotated(s: Span) -> bool:
        number = bisect_right(borders, s.start) - 1
        return number >= 0 and s.end <= regions[number].end

    inside = {
        Span(s.start, s.end, s.label, s.form or default_form(s.label))
        for s in spans
        if s.label in order and s.start < s.end and annotated(s)
    }
    taken: list[Span] = []
    starts: list[int] = []
    for span in sorted(inside, key=lambda s: (s.start - s.end, s.start, order.index(s.label), s.form or "")):
        at = bisect_right(starts, span.start)
        if (at == 0 or taken[at - 1].end <= span.start) and (at == len(taken) or span.end <= starts[at]):
            taken.insert(at, span)
            starts.insert(at, span.start)
    return taken
