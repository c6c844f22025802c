"""Finds firms and their places where a notice names its contractors."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...corpus.document import Document
from ..spans import Span
from .patterns import COUNTRY_NAMES, STATE_CODES, STATES

_AREA = rf"(?:{STATES}|(?:{STATE_CODES})\b|{COUNTRY_NAMES})"
_CONTRACTORS = re.compile(
    r"(?:(?:prime|principal|main)\s+contractors?\s*(?:(?:will\s+be|would\s+be|are|is)\s*:?|:|involved\s+\w+\s*:?)"
    r"|will\s+be\s+purchased\s+from)\s*",
    re.I,
)
_END = re.compile(
    r"\.\s+(?=[A-Z][a-z]+\s)|\.\s*\n|\n(?=There\s|Implementation\s|The\s+proposed)|\bThere\s+are\s+no\b|\n\n"
)
_CITY = r"(?:(?:[A-Z][a-z]+\.?|St\.|Fort|San|New|Los|El)\s+){0,2}[A-Z][\w'’-]+"
_PLACED = re.compile(rf"(?:(?:,|(?<![\s,]))\s+(?:located\s+)?(?:in|of|at)\s+|,\s+)(?P<place>{_CITY},\s+{_AREA})\b")
_LINE_PLACE = re.compile(
    rf"\s{{1,20}}(?P<place>(?:(?:Fort|San|New|Los|El|St\.|Grand|West|East|North|South)\s+)?[A-Z][\w'’-]+,\s+{_AREA})\s*$"
)
_FIRM = re.compile(
    r"(?:the\s+)?(?P<firm>[A-Z0-9][\w&.'’/-]*(?:,?\s+(?:[A-Z][\w&.'’/-]*"
    r"|and(?=\s+[A-Z]\w+\s+(?:Systems|Company))|of|S\.))*)",
    re.I,
)


def find_firms(document: Document) -> Iterator[Span]:
    """COMPANY and LOCATION spans behind "prime contractor will be" and the like, on one line or in a list of lines."""
    for region in document.annotated_regions():
        for found in _CONTRACTORS.finditer(document.text, region.start, region.end):
            stop = _END.search(document.text, found.end(), region.end)
            end = stop.start() if stop else region.end
            if (
                document.text[found.start() : found.end()].rstrip().endswith(":")
                and "\n" in document.text[found.end() - 1 : end]
            ):
                yield from _lines(document.text, found.end(), end)
            else:
                yield from _sequence(document.text, found.end(), end)


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    for line in re.compile(r"[^\n]+").finditer(text, start, end):
        place = _PLACED.search(text, line.start(), line.end()) or _LINE_PLACE.search(text, line.start(), line.end())
        if place:
            yield from _firm(text, line.start(), place.start())
            yield Span(*place.span("place"), "LOCATION")
        elif len(line.group()) < 80:
            yield from _firm(text, line.start(), line.end())


def _sequence(text: str, start: int, end: int) -> Iterator[Span]:
    position = start
    for place in _PLACED.finditer(text, start, end):
        yield from _firm(text, position, place.start())
        yield Span(*place.span("place"), "LOCATION")
        position = place.end()
    yield from _firm(text, position, end)


_ABBREVIATED = re.compile(r"(?:\b(?:Inc|Corp|Co|Ltd|Bros)|\b[A-Z](?:\.\s?[A-Z])*)\.$")


def _name_end(text: str, start: int, end: int) -> int:
    """Where a name ends before spaces and stops; the stop of "Inc." or "S.A." belongs to it."""
    while end > start and text[end - 1] in " \n\t.,;:" and not _ABBREVIATED.search(text, max(start, end - 12), end):
        end -= 1
    return end


def _firm(text: str, start: int, end: int) -> Iterator[Span]:
    """The firms between two places: names, their acronyms, and a consortium's members."""
    lead = re.compile(r"[\s,;.:)-]*(?:and\s+|the\s+|with\s+)*", re.I).match(text, start, end)
    start = lead.end() if lead else start
    if not text[start : start + 1].isupper() or end - start > 90:
        return
    members = re.compile(r",?\s+(?:an?\s+(?:consortium|joint\s+venture|team)\s+of|consisting\s+of)\s+").search(
        text, start, end
    )
    if members:
        word = re.compile(r"consortium|joint\s+venture|team").search(text, members.start(), members.end())
        if word:
            yield Span(*word.span(), "COMPANY", "nominal")
        yield from _firm(text, members.end(), end)
        end = members.start()
    short = re.compile(r"\s*\((?P<short>[A-Z][\w&-]*)\)\s*").search(text, start, end)
    if short:
        yield Span(*short.span("short"), "COMPANY", "name")
        end = short.start()
    end = _name_end(text, start, end)
    if (
        start < end
        and re.fullmatch(r"[\w&.,'’/ \n-]+", text[start:end])
        and not re.search(
            r"\b(?:will|would|chosen|selected|be|not|determined)\b",
            text[start:end],
        )
    ):
        yield Span(start, end, "COMPANY", "name")
