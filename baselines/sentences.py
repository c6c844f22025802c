"""Sentences by rule: rough, but it knows "U.S.", months, lists of one item a line, and lines wrapped by hand."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache

from ..corpus.document import Document

_STOP = re.compile(
    r"(?<!\b[A-Z]\.[A-Z])(?<!\b(?:Mr|Dr|Ms|St|No|Lt|Co))(?<!\bMrs)(?<!\b[A-Z])"
    r"(?<!\b(?:Gen|Sen|Rep|Gov|Col|Jan|Feb|Aug|Oct|Nov|Dec|Inc|Ltd|Mar|Apr))(?<!\bSept)"
    r"[.!?][\"”’)]*\s+(?=[\"“‘(]?[A-Z0-9])"
)
_BREAK = re.compile(r"\n")
_STATE_END = re.compile(
    r"\b(?:U\.S|U\.K|S\. ?A|D\.C|Inc|Ltd|Co)\.\s+(?=(?:The|This|There|It|In|A|An|As|But|He|She|That)\b)"
)
_WRAPPED = re.compile(r"[^\n]\n[a-z(]")


@lru_cache(maxsize=64)
def sentence_starts(document: Document) -> tuple[int, ...]:
    """Where the sentences of ``document`` begin, in order; 0 and the starts of regions are among them.

    A line break ends a sentence, except in texts whose lines are wrapped by hand, where a blank line does.
    """
    text = document.text
    starts = {0} | {region.start for region in document.regions}
    starts |= {stop.end() for stop in _STOP.finditer(text)}
    starts |= {stop.end() for stop in _STATE_END.finditer(text)}
    wrapped = is_wrapped(document)
    for line in _BREAK.finditer(text):
        if not wrapped or text[line.end() : line.end() + 1] == "\n" or text[line.start() - 1 : line.start()] in "\n:":
            starts.add(line.end())
    return tuple(sorted(start for start in starts if start < len(text)))


@lru_cache(maxsize=64)
def is_wrapped(document: Document) -> bool:
    """Whether lines were broken by hand, so that a line break is no more than a space."""
    return len(_WRAPPED.findall(document.text)) >= 3


def sentence_number(document: Document, position: int) -> int:
    """The number of the sentence that holds the character at ``position``, counted from 0."""
    return bisect_right(sentence_starts(document), position) - 1


def sentence_around(document: Document, start: int, end: int) -> str:
    """The text of the sentences that ``text[start:end]`` touches."""
    starts = sentence_starts(document)
    first, last = sentence_number(document, start), sentence_number(document, max(start, end - 1))
    finish = starts[last + 1] if last + 1 < len(starts) else len(document.text)
    return document.text[starts[first] : finish]


US_PROGRAMME = re.compile(r"Foreign\s+Military\s+Sale|\bFMS\b|Defense\s+Security\s+Cooperation\s+Agency|\bDSCA\b")
"""The programme by which the United States sells, and its agency."""
_NOTICE = re.compile(r"Agency\s+(?:\([A-Z]+\)\s+)?notified\s+Congress", re.I)


@lru_cache(maxsize=64)
def is_notice(document: Document) -> bool:
    """Whether the text is itself a notice to Congress, which tells of one sale."""
    return _NOTICE.search(document.text) is not None
