"""Tokens of the annotated regions of a document.

Tokens are fine enough that every mention of gold begins and ends at a token border: punctuation stands alone (so
"Israeli-made" has a border behind "Israeli"), but abbreviations ("U.S.") and figures ("1.988") hold together.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter

import msgspec

from ...corpus.document import Document, RegionKind
from ..sentences import sentence_starts

_TOKEN = re.compile(
    r"(?:[A-Z]\.){2,}"  # U.S.
    r"|[^\W\d_]+(?=\d+[.,]\d)"  # the currency of USD1.988
    r"|\d+(?=[^\W\d_]{5})"  # the number glued to a word: 67WASHINGTON
    r"|\d+(?:[.,]\d+)+(?:[^\W\d_]{1,4}\b)?"  # 80,000 and 5.56MM
    r"|[A-Z]{2,}(?=s\b)"  # the acronym of RSAFs
    r"|[^\W_]+"
    r"|\S"
)


class Token(msgspec.Struct, frozen=True, array_like=True):
    """One token: its offsets in the document, its text, and the number of its sentence in the document."""

    start: int
    end: int
    text: str
    sentence: int


class TokenSequence(msgspec.Struct, frozen=True):
    """The tokens of one annotated region, in order; no token and no mention crosses a region's border."""

    kind: RegionKind
    tokens: tuple[Token, ...]


def token_sequences(document: Document) -> tuple[TokenSequence, ...]:
    """The tokens of each annotated region of ``document`` (guideline 1.2), regions without any left out."""
    starts = sentence_starts(document)
    sequences = []
    for region in document.annotated_regions():
        tokens = tuple(
            Token(match.start(), match.end(), match.group(), bisect_right(starts, match.start()) - 1)
            for match in _TOKEN.finditer(document.text, region.start, region.end)
        )
        if tokens:
            sequences.append(TokenSequence(region.kind, tokens))
    return tuple(sequences)


def borders(tokens: Sequence[Token]) -> tuple[dict[int, int], dict[int, int]]:
    """Token index by start offset, and token index by end offset."""
    assert all(a.end <= b.start for a, b in pairwise(tokens))
    return {t.start: i for i, t in enumerate(tokens)}, {t.end: i for i, t in enumerate(tokens)}


def tokens_within(tokens: Sequence[Token], start: int, end: int) -> Sequence[Token]:
    """The tokens that lie wholly between two offsets; ``tokens`` stand in order of text."""
    first = bisect_left(tokens, start, key=attrgetter("start"))
    return tokens[first : bisect_right(tokens, end, lo=first, key=attrgetter("end"))]


def words_of(text: str) -> list[str]:
    """The texts of the tokens of a short text by itself."""
    return _TOKEN.findall(text)
