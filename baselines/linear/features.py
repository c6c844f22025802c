"""Features of tokens for the tagger: words and shapes around a token, its line and sentence, lists of known names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from ...corpus.document import Document
from ..values import country_code
from .expressions import expression_marks
from .gazetteer import Gazetteer
from .tokens import Token, TokenSequence
from .word_classes import lexical_class

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

_FUNCTION_WORDS = frozenset(
    re.findall(
        r"\w+",
        """a an the this that these those its their his her our other such same all any each of for to in on at with by
        from as into over under within without including and or nor but plus if not no than then which who whose whom
        where when while after before since until during between among against about up will would could can may might
        must should is are was were be been being has have had do does did it they he she we""",
    )
)
_NUMBER_WORDS = frozenset(
    re.findall(
        r"\w+",
        """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
        eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand dozen pair""",
    )
)


def token_features(document: Document, sequence: TokenSequence, gazetteer: Gazetteer) -> list[list[str]]:
    """The features of every token of ``sequence``."""
    tokens = sequence.tokens
    words = [normal_word(token.text) for token in tokens]
    shapes = [shape(token.text) for token in tokens]
    known = gazetteer.marks(tokens)
    states = _state_marks(document.text, tokens)
    values = expression_marks(document.text, tokens)
    contexts = _sentence_contexts(tokens)
    phrases = _phrases(tokens)
    classes = [word_class(token.text) for token in tokens]
    rows = []
    for i, token in enumerate(tokens):
        row = ["bias", f"region={sequence.kind}"]
        row += _own_features(token.text, words[i], shapes[i])
        row += _neighbours(words, shapes, i)
        row += _layout(document.text, tokens, i)
        row += contexts[i]
        row += _patterns(classes, i)
        row += _phrase_features(words, phrases, i)
        for offset in (-1, 0, 1):
            if 0 <= i + offset < len(tokens):
                row += [f"known{offset}={known[i + offset]}", f"state{offset}={states[i + offset]}"]
                row.append(f"value{offset}={values[i + offset]}")
        rows.append(row)
    return rows


@cache
def normal_word(word: str) -> str:
    """The word in lower case; numbers by their length or kind only, and a semicolon as the comma that it replaces."""
    folded = word.lower()
    if folded.isdigit():
        return f"#{min(len(folded), 4)}"
    if folded in _NUMBER_WORDS:
        return "#word"
    if word[0].isdigit() and not any(c.isalpha() for c in word):
        return "#," if "," in word else "#."
    return "," if word == ";" else folded


@cache
def word_class(word: str) -> str:
    """A coarse class: the word itself if it is a function word or punctuation, else number, designation, name, word."""
    folded = word.lower()
    if folded in _FUNCTION_WORDS or not word[0].isalnum():
        return folded
    if folded in _NUMBER_WORDS or (word[0].isdigit() and not any(c.isalpha() for c in word)):
        return "#"
    if any(c.isdigit() for c in word):
        return "D"
    if word.isupper():
        return "A" if len(word) > 1 else "I"
    return "N" if word[0].isupper() else "w"


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
    for offset in (-2, -1, 0, 1, 2):
        meaning = lexical_class(word(offset))
        row += [f"class{offset}={meaning}", f"class{offset}={meaning} {drawn(0)}"] * (meaning is not None)
    row += [
        f"w-1,0={word(-1)} {word(0)}",
        f"w0,1={word(0)} {word(1)}",
        f"w-2,-1={word(-2)} {word(-1)}",
        f"w1,2={word(1)} {word(2)}",
        f"w-1,1={word(-1)} {word(1)}",
        f"w0,1,2={word(0)} {word(1)} {word(2)}",
        f"w-1,0,1={word(-1)} {word(0)} {word(1)}",
        f"w-2,-1,0={word(-2)} {word(-1)} {word(0)}",
        f"w1,2,3={word(1)} {word(2)} {word(3)}",
        f"shape-1,0={drawn(-1)} {drawn(0)}",
        f"shape0,1={drawn(0)} {drawn(1)}",
        f"shape-1,0,1={drawn(-1)} {drawn(0)} {drawn(1)}",
        f"suf-1={word(-1)[-3:]}",
        f"suf1={word(1)[-3:]}",
    ]
    return row


def _patterns(classes: Sequence[str], i: int) -> list[str]:
    padded = [classes[k] if 0 <= k < len(classes) else "<>" for k in range(i - 3, i + 4)]
    spans = ((1, 4), (2, 5), (3, 6), (2, 6), (0, 4), (3, 7), (2, 4), (3, 5))
    return [f"class{a - 3}..{b - 4}={' '.join(padded[a:b])}" for a, b in spans]


def _phrases(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """For each token the stretch of content words around it on one line, as (first, behind the last) token."""
    content = [word_class(t.text) in ("#", "D", "A", "I", "N", "w", "-", "/", "’", "'") for t in tokens]
    phrases: list[tuple[int, int]] = []
    start = 0
    for i in range(1, len(tokens) + 1):
        joined = i < len(tokens) and content[i] and content[i - 1]
        joined = joined and tokens[i].sentence == tokens[i - 1].sentence
        if not joined or tokens[i].text in "’'":
            phrases += [(start, i)] * (i - start)
            start = i
    return phrases


def _phrase_features(words: Sequence[str], phrases: Sequence[tuple[int, int]], i: int) -> list[str]:
    """The last word of the phrase of a token (its head), what stands before the phrase, and the head before "("."""
    first, last = phrases[i]
    head = words[last - 1]
    left = min(last - 1 - i, 3)
    before = words[first - 1] if first else "<>"
    row = [f"head={head}", f"head={head} {left}", f"head-suf={head[-4:]}", f"to-head={left}", f"phrase-before={before}"]
    row.append(f"from-start={min(i - first, 3)} {before}")
    row.append(f"behind={words[last] if last < len(words) else '<>'} {left}")
    row.append(f"head-class={lexical_class(head)} {left}")
    if first >= 2 and before == "(":
        row.append(f"paren-head={words[first - 2]}")
        row.append("paren-initials" if _initials_match(words, first, i) else "paren-other")
    return row


def _initials_match(words: Sequence[str], first: int, i: int) -> bool:
    """Whether the token's first two letters are initials of the words that stand just before the parenthesis."""
    long = [word for word in words[max(0, first - 10) : first - 1] if word[0].isalnum()]
    return len(words[i]) > 1 and "".join(word[0] for word in long).find(words[i][:2]) >= 0


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


def _state_marks(text: str, tokens: Sequence[Token]) -> list[str | None]:
    """For each token its place in the longest name of a state that covers it, or None."""
    marks: list[str | None] = [None] * len(tokens)
    position = 0
    while position < len(tokens):
        length = 0
        if tokens[position].text[0].isupper():
            for length in range(min(_COUNTRY_TOKENS, len(tokens) - position), 0, -1):
                surface = " ".join(text[tokens[position].start : tokens[position + length - 1].end].split())
                if country_code(surface) is not None:
                    break
            else:
                length = 0
        if length:
            marks[position : position + length] = ["B", *["I"] * (length - 1)]
        position += max(length, 1)
    return marks
