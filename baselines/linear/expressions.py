"""Sums of money and dates as they are commonly written: hints for the tagger, which decides."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .tokens import Token

_FIGURE = r"\d++(?:[.,]\d++){0,20}+"  # possessive and bounded: long runs of figures must not cost their square
_SCALE = r"(?:\s?(?:thousand|million|billion|trillion|bn|mn|m)\b)"
_CURRENCY = (
    r"(?:dollars?|euros?|pounds?|pesos?|yen|yuan|won|rupees?|kron(?:or|er)|zlotys?|francs?|shekels?|rubles?|roubles?"
    r"|lira|riyals?|dirhams?|baht|ringgit|rupiah|rand|reais|forint|hryvnia)"
)
_MONEY = re.compile(
    rf"(?:(?:\b[A-Z]{{1,3}})?[$€£¥₩₹₱]|\b[A-Z]{{3}}\s?|\bP(?=\d)){_FIGURE}{_SCALE}?(?:\s(?:U\.S\.\s)?{_CURRENCY}\b)?"
    rf"|\b{_FIGURE}{_SCALE}?\s(?:[A-Z][\w.]*\s)?{_CURRENCY}\b"
)

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_WEEKDAY = r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b"
_YEAR = r"(?:19|20)\d\d\b"
_DATE = re.compile(
    rf"(?:{_WEEKDAY},?\s)?(?:\b\d{{1,2}}(?:st|nd|rd|th)?\s)?\b{_MONTH}(?:\s\d{{1,2}}(?:st|nd|rd|th)?\b)?(?:,?\s{_YEAR})?"
    rf"|{_WEEKDAY}|\b{_YEAR}|\b(?:today|yesterday|tomorrow)\b"
    rf"|\b(?:(?:earlier|later)\s)?(?:last|this|next|past)\s(?:week|month|year|spring|summer|autumn|fall|winter)\b"
    rf"|\b(?:fiscal year|FY)\s?\d{{2,4}}\b"
)


def expression_marks(text: str, tokens: Sequence[Token]) -> list[str | None]:
    """For each token its place in a sum or date ("B-money", "I-date", "E-date" for the last), or None."""
    marks: list[str | None] = [None] * len(tokens)
    if not tokens:
        return marks
    spans = sorted(_spans(text, tokens[0].start, tokens[-1].end))
    position = 0
    for i, token in enumerate(tokens):
        while position < len(spans) and spans[position][1] <= token.start:
            position += 1
        if position < len(spans) and spans[position][0] <= token.start and token.end <= spans[position][1]:
            start, end, name = spans[position]
            part = "S" if (start, end) == (token.start, token.end) else "B" if token.start == start else "I"
            marks[i] = f"{'E' if part == 'I' and token.end == end else part}-{name}"
    return marks


def _spans(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    for name, pattern in (("money", _MONEY), ("date", _DATE)):
        for match in pattern.finditer(text, start, end):
            yield match.start(), match.end(), name
