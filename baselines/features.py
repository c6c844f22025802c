"""Features of tokens for the tagger: words and shapes around a token, its line and sentence, lists of known names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from ..corpus.document import Document
from .gazetteer import Gazetteer
from .tokens import Token, TokenSequence

_CUES = re.compile(
    r"(?P<request>\brequest(?:s|ed)?\b|\bwants?\b|\bseek(?:s|ing)?\b|\basked\b)"
    r"|(?P<list>\binclud(?:e|es|ed|ing)\b)"
    r"|(?P<firm>\bcontractors?\b|\bpurchased from\b)"
    r"|(?P<notice>\bnotified\b|\bapproved\b|\bannounced\b)"
    r"|(?P<require>\brequires?\b)"
    r"|(?P<owned>\balready\b|\binventory\b|\bfleet\b|\breplac(?:e|es|ing)\b)"
    r"|(?P<purpose>\bwill (?:use|improve|contribute|enhance|help)\b)",
    re.I,
)
_COUNTRY_TOKENS = 6

CountryCode = Callable[[str], str | None]


def token_features(
    document: Document, sequence: TokenSequence, gazetteer: Gazetteer, country: CountryCode
) -> list[list[str]]:
    """The features of every token of ``sequence``; ``country`` gives the ISO code of the name of a state, or None."""
    tokens = sequence.tokens
    words = [token.text.lower() for token in tokens]
    shapes = [shape(token.text) for token in tokens]
    known = gazetteer.marks(tokens)
    states = _state_marks(document.text, tokens, country)
    contexts = _sentence_contexts(tokens)
    rows = []
    for i, token in enumerate(tokens):
        row = ["bias", f"region={sequence.kind}"]
        row += _own_features(token.text, words[i], shapes[i])
        row += _neighbours(words, shapes, i)
        row += _layout(document.text, tokens, i)
        row += contexts[i]
        for offset in (-1, 0, 1):
            if 0 <= i + offset < len(tokens):
                row += [f"known{offset}={known[i + offset]}", f"state{offset}={states[i + offset]}"]
        rows.append(row)
    return rows


@cache
def shape(word: str) -> str:
    """The word with capitals as X, small letters as x, digits as 9, runs of more than two cut: "M777A2" is "X99X9"."""
    drawn = re.sub(r"\d", "9", re.sub(r"[^\W\d_]", lambda m: "X" if m.group().isupper() else "x", word))
    return re.sub(r"(.)\1{2,}", r"\1\1", drawn)


def _own_features(text: str, word: str, drawn: str) -> list[str]:
    row = [f"w={word}", f"shape={drawn}"]
    row += [f"pre{n}={word[:n]}" for n in (2, 3, 4) if len(word) > n]
    row += [f"suf{n}={word[-n:]}" for n in (1, 2, 3, 4) if len(word) > n]
    if len(text) > 1 and text.isupper():
        row.append("capitals")
    if any(c.isdigit() for c in text):
        row.append("digits" if text.isdigit() else "figure" if text[0].isdigit() else "letters+digits")
    return row


def _neighbours(words: Sequence[str], shapes: Sequence[str], i: int) -> list[str]:
    def word(offset: int) -> str:
        return words[i + offset] if 0 <= i + offset < len(words) else "<>"

    def drawn(offset: int) -> str:
        return shapes[i + offset] if 0 <= i + offset < len(shapes) else "<>"

    row = [f"w{offset}={word(offset)}" for offset in (-3, -2, -1, 1, 2, 3)]
    row += [f"shape{offset}={drawn(offset)}" for offset in (-2, -1, 1, 2)]
    row += [
        f"w-1,0={word(-1)} {word(0)}",
        f"w0,1={word(0)} {word(1)}",
        f"w-2,-1={word(-2)} {word(-1)}",
        f"w1,2={word(1)} {word(2)}",
        f"w-1,1={word(-1)} {word(1)}",
        f"shape-1,0={drawn(-1)} {drawn(0)}",
        f"shape0,1={drawn(0)} {drawn(1)}",
        f"shape-1,0,1={drawn(-1)} {drawn(0)} {drawn(1)}",
        f"suf-1={word(-1)[-3:]}",
        f"suf1={word(1)[-3:]}",
    ]
    return row


def _layout(text: str, tokens: Sequence[Token], i: int) -> list[str]:
    """Whether the token begins a line or sentence, and whether it is glued to its neighbours."""
    row = []
    if i == 0 or tokens[i - 1].sentence != tokens[i].sentence:
        row.append("sentence-start")
    if i == 0 or "\n" in text[tokens[i - 1].end : tokens[i].start]:
        row.append("line-start")
    if i and tokens[i - 1].end == tokens[i].start:
        row.append("glued-before")
    if i + 1 < len(tokens) and tokens[i + 1].start == tokens[i].end:
        row.append("glued-after")
    return row


def _sentence_contexts(tokens: Sequence[Token]) -> list[list[str]]:
    """For each token: cue words so far in its sentence, the sentence's first word, and which commas went before."""
    contexts: list[list[str]] = []
    current: list[str] = []
    commas = 0
    cue = first = ""
    for i, token in enumerate(tokens):
        if i == 0 or tokens[i - 1].sentence != token.sentence:
            current, commas, cue, first = [], 0, "", token.text.lower()
        found = _CUES.match(token.text) or _CUES.match(" ".join(t.text for t in tokens[i : i + 2]))
        if found and found.lastgroup and f"cue={found.lastgroup}" not in current:
            cue = found.lastgroup
            current.append(f"cue={cue}")
        commas += token.text in ",;:"
        contexts.append([*current, f"last-cue={cue}", f"sentence-first={first}", f"list={cue},{min(commas, 3)}"])
    return contexts


def _state_marks(text: str, tokens: Sequence[Token], country: CountryCode) -> list[str | None]:
    """For each token its place in the longest name of a state that covers it, or None."""
    marks: list[str | None] = [None] * len(tokens)
    position = 0
    while position < len(tokens):
        length = 0
        if tokens[position].text[0].isupper():
            for length in range(min(_COUNTRY_TOKENS, len(tokens) - position), 0, -1):
                surface = " ".join(text[tokens[position].start : tokens[position + length - 1].end].split())
                if country(surface) is not None:
                    break
            else:
                length = 0
        if length:
            marks[position : position + length] = ["B", *["I"] * (length - 1)]
        position += max(length, 1)
    return marks
