"""Tokens and BIO tags for sequence labelling, aligned so that every mention comes back exactly."""

from __future__ import annotations

import re

import msgspec

from ..corpus.document import Document
from ..corpus.errors import DataError, Fault
from .annotation import Annotation, Mention

# A token is a run of letters and digits with their combining marks, or one other character: coarse enough to read,
# fine enough that mentions begin and end at token edges ("30mm", "C-130J", "$1.8"). A digit before five or more
# capitals ends a token: the notices run their transmittal number and dateline together ("13-67WASHINGTON").
_TOKEN = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*|\S")
_RUN_TOGETHER = re.compile(r"(?<=\d)(?=[A-Z]{5,})")


class Tokens(msgspec.Struct, frozen=True, kw_only=True):
    """The tokens of a document: surfaces, offsets (code points, half-open), BIO tags ("O", "B-GPE", "I-GPE")."""

    tokens: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    tags: tuple[str, ...]


def token_spans(document: Document) -> list[tuple[int, int]]:
    """The offsets of every token of ``document``; a token never crosses the border of a region."""
    spans = []
    for region in document.regions:
        for match in _TOKEN.finditer(document.text, region.start, region.end):
            cuts = (m.start() for m in _RUN_TOGETHER.finditer(document.text, match.start() + 1, match.end()))
            edges = [match.start(), *cuts]
            spans += list(zip(edges, [*edges[1:], match.end()], strict=True))
    return spans


def token_edges(document: Document) -> frozenset[int]:
    """Every offset at which a token of ``document`` begins or ends; mentions begin and end there (guideline 6.24)."""
    return frozenset(edge for span in token_spans(document) for edge in span)


def tag_tokens(document: Document, annotation: Annotation) -> Tokens:
    """``document`` as tokens with the BIO tag of the mention each lies in.

    Raises DataError when a mention does not begin and end at token edges or overlaps another: tags could not give it
    back.
    """
    spans = token_spans(document)
    first = {start: i for i, (start, _) in enumerate(spans)}
    last = {end: i for i, (_, end) in enumerate(spans)}
    tags = ["O"] * len(spans)
    for mention in annotation.mentions or ():
        if mention.start not in first or mention.end not in last:
            surface = document.text[mention.start : mention.end]
            raise _unfit(document, mention, f"{surface!r} does not lie on token edges")
        inside = range(first[mention.start], last[mention.end] + 1)
        if any(tags[i] != "O" for i in inside):
            raise _unfit(document, mention, "overlaps another")
        for i in inside:
            tags[i] = f"{'B' if i == inside.start else 'I'}-{mention.label}"
    return Tokens(
        tokens=tuple(document.text[start:end] for start, end in spans),
        starts=tuple(start for start, _ in spans),
        ends=tuple(end for _, end in spans),
        tags=tuple(tags),
    )


def _unfit(document: Document, mention: Mention, message: str) -> DataError:
    return DataError([Fault(where=document.id, message=f"mention {mention.id} {message}; see `armsbench check`")])


def spans_of_tags(tokens: Tokens) -> list[tuple[int, int, str]]:
    """The (start, end, label) of every mention that the tags hold, in order of text."""
    spans: list[tuple[int, int, str]] = []
    for start, end, tag in zip(tokens.starts, tokens.ends, tokens.tags, strict=True):
        if tag.startswith("B-"):
            spans.append((start, end, tag[2:]))
        elif tag.startswith("I-"):
            begun, _, label = spans[-1]
            spans[-1] = (begun, end, label)
    return spans
