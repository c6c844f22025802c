"""Labelled spans, before they are mentions, and how overlaps among them are settled."""

from __future__ import annotations

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


def flat_spans(document: Document, spans: Iterable[Span]) -> list[Span]:
    """``spans`` inside annotated regions without overlap, in order of text, each with its form."""
    order = scheme().label_names
    inside = {
        Span(s.start, s.end, s.label, s.form or default_form(s.label))
        for s in spans
        if s.label in order
        and s.start < s.end
        and any(r.start <= s.start and s.end <= r.end for r in document.annotated_regions())
    }
    taken: list[Span] = []
    for span in sorted(inside, key=lambda s: (s.start - s.end, s.start, order.index(s.label), s.form or "")):
        if all(span.end <= other.start or other.end <= span.start for other in taken):
            taken.append(span)
    return sorted(taken, key=lambda s: s.start)
