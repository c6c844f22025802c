"""Finds what is transferred: lists of items in notices, and weapons by designation, name or description anywhere."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from typing import Literal

import msgspec

from ...annotations.scheme import Form
from ...corpus.document import Document
from ..same_items import head_noun
from ..sentences import is_notice, is_wrapped, sentence_number, sentence_starts
from ..spans import Cover, Span
from .patterns import (
    DESIGNATION,
    NUMBER,
    PREMODIFIERS,
    PROPER_WEAPONS,
    SUPPORT_HEADS,
    SUPPORT_PHRASES,
    WEAPON_HEADS,
)

LONGEST_ITEM = 400
"""Characters of one element of a list; what is longer is no item."""

NESTED = 5
"""How many lists are read that begin inside one another."""

Offsets = tuple[int, int]
Kind = Literal["headline", "sentence", "line"]


class Items(msgspec.Struct):
    """Spans of items, numbers and platforms, with what the text says of them.

    ``listed`` are the offsets of spans that stand in a list of what is transferred; ``platforms`` pairs what is for a
    platform with the platform (guideline 4.3); ``inside`` pairs a component with the item it comes with.
    """

    spans: list[Span] = msgspec.field(default_factory=list)
    listed: set[Offsets] = msgspec.field(default_factory=set)
    platforms: set[tuple[Offsets, Offsets]] = msgspec.field(default_factory=set)
    inside: set[tuple[Offsets, Offsets]] = msgspec.field(default_factory=set)


_LIST = re.compile(
    r"(?:(?:[Ss]ale|[Pp]urchase|[Oo]rder)(?:\s+to\s+(?:the\s+)?(?:Government\s+of\s+(?:the\s+)?)?[A-Z][\w.]*"
    r"(?:\s+(?:[A-Z][\w.]*|and|in\s+the|of))*?)?\s+(?:of|for)\s*:?"
    r"|\b(?:has\s+)?request(?:s|ed)\s+(?!a\s+possible|a\s+Foreign)(?:the\s+|an?\s+)?(?!approval|possible|offsets?"
    r"|the\s+sale|sale|that\b)"
    r"|\b(?:[Aa]lso\s+(?:included|proposed|requested)|[Ii]ncluded(?:\s+also)?)\s*(?:with\s+this\s+\w+\s+)?(?:(?:are"
    r"|is|will\s+be)\b\s*:?|:)|\bincludes?\s*:)()\s*(?:(?:the|an?)\s+)?"
)
_LINE = re.compile(r"^\(?(?:\d[\d,]*)\)?\s+(?=[A-Z\d.(]).*$|^(?P<plain>\([A-Z][\w\s]+\))$", re.M)
_NO_LIST = re.compile(r"(?:the|this|these|those|that)\s", re.I)
_SERVICES = re.compile(
    r"(?:U\.?S\.?\s+)?[Gg]overnment\s+and\s+[Cc]ontractor\b(?:\s+representatives?['’])?(?!\s+(?:representatives?"
    r"|personnel)\b)[^.;,]{0,50}?\b(?:services|assistance|support)\b(?!\s+(?:services|assistance|support))"
)
"""The one item that begins with a state (guideline 2.7), where no list holds it."""
_SUPPORT = re.compile(
    r"\b(?:spares|spare\s+(?:and\s+repair\s+)?parts|consumables|(?:training|test|support|associated)\s+equipment"
    r"|personnel\s+training"
    r"|technical\s+(?:documentation|data|assistance|support)|repair\s+and\s+return|contractor\s+(?:support"
    r"|assistance)|containers"
    r"|(?:integrated\s+)?logistics?\s+support(?:\s+package)?|simulators?|crew\s+training|pilot\s+training"
    r"|ground\s+equipment)\b",
    re.I,
)
"""SUPPORT that is so in any text (guideline 2)."""
_LIST_END = re.compile(
    r"\s{1,20}(?:for|at)\s+an?\s+(?:total\s+)?estimated|\s{1,20}(?:will|would|may|could|has|have|is|are|was|were|directly|does)\b"
    r"|\.\s+(?:The|This|These|Also|There)\s|\.\s*$|\.\n|\s(?=(?:These|This|The)\s+(?:kits|proposed|sale))"
    r"|\s{1,20}valued\s+at|\s{1,20}worth\b|\n\n"
)
_HEADLINE = re.compile(r"^.*?\s[-–—]\s+")
_PROTECTED = re.compile(
    r"(?:U\.?S\.?\s+)?(?:[Gg]overnment\s+and\s+)?[Cc]ontractor\b(?:\s+representatives?['’])?(?!"
    r"\s+(?:representatives?|personnel)\b)[^.;]{0,90}?"
    r"\b(?:services|assistance|support)(?=\s*(?:[,.;)\n]|$|and\s+other|\s+and\s+other))"
    r"|elements?\s+of\s+[\w\s,]*?support\b|[Rr]epair\s+and\s+[Rr]eturn|Friend\s+or\s+Foe"
    r"|ground\s+and\s+air\s+based|line\s+of\s+sight|[Aa]cquisition\s+and\s+\w+"
)
_SPLIT = re.compile(
    r"\s{1,20}w/|\s{1,20}&\s+|\s{0,20}(?:,(?!\d{3}\b)|;)\s*(?:(?:and|plus|or)\s+)?|\s{1,20}(?:as\s+well\s+as|plus|including"
    r"|along\s+with|and|or)\s+",
    re.I,
)
_LEAD = re.compile(
    r"(?:(?:and|or|plus|as well as|including|other|all other|such|also|the|an?|these|its|up to|approximately"
    r"|about)\s+)+",
    re.I,
)
_COUNT = re.compile(rf"\(?(?P<number>{NUMBER})\)?(?:\s+\(\d[\d,]*\))?(?:\s+each)?\s+(?!mm\b|in\b|inch|kg\b|lb)", re.I)
_PHRASE = re.compile(
    r"(?<!\d)\s{1,20}(?P<word>in\s+support\s+of|for|with|without|to|from|on|that|which|in|by|at|of|used|being|containing)\s+"
    r"(?:the\s+|an?\s+|existing\s+(?=\Z))?"
)
_ACRONYM = re.compile(r"\s{0,20}\((?P<short>[A-Z][\w/&-]*[A-Z][\w/&-]*|[A-Z]{2,}s?)\)")
_WORK = frozenset(
    (
        "upgrade",
        "overhaul",
        "refurbishment",
        "modification",
        "modernization",
        "support",
        "repair",
        "maintenance",
        "refit",
    )
)
_WEAPON_UNITS = re.compile(r"(?:launch|bomb|guidance|control|electronics|processor|tracking)\s+units?$", re.I)


def find_lists(document: Document) -> Items:
    """Items, numbers and platforms in the lists of ``document`` (guideline 2.5, 2.9, 4.4)."""
    items = Items()
    for start, end, kind in _lists(document):
        _read_list(document.text, start, end, items, kind)
    patterns = (_SERVICES,) if is_notice(document) else (_SERVICES, _SUPPORT)
    cover = Cover(len(document.text), items.spans)
    for region in document.annotated_regions():
        for found in (f for p in patterns for f in p.finditer(document.text, region.start, region.end)):
            if not cover.meets(*found.span()):
                cover.add(*found.span())
                items.spans.append(Span(*found.span(), "SUPPORT", "nominal"))
                items.listed.add(found.span())
    return items


def _lists(document: Document) -> Iterator[tuple[int, int, Kind]]:
    """Where lists begin and end: behind a trigger to the end of the sentence, and single lines."""
    starts = sentence_starts(document)
    for region in document.annotated_regions():
        if region.kind == "headline":
            lead = _HEADLINE.match(document.text[region.start : region.end])
            if lead:
                yield region.start + lead.end(), region.end, "headline"
            continue
        ends: deque[int] = deque(maxlen=NESTED)
        for found in _LIST.finditer(document.text, region.start, region.end):
            if len(ends) == NESTED and found.start() < min(ends):
                continue
            if not re.search("(?i)request|inclu", found.group()) and _NO_LIST.match(document.text, found.end(1)):
                continue
            number = sentence_number(document, found.end() - 1)
            end = min(starts[number + 1] if number + 1 < len(starts) else region.end, region.end)
            stop = _LIST_END.search(document.text, found.end(), end)
            ends.append(stop.start() if stop else end)
            yield found.end(), ends[-1], "sentence"
        if not is_wrapped(document):
            for line in _LINE.finditer(document.text[region.start : region.end]):
                yield region.start + line.start(), region.start + line.end(), "line"


def _read_list(text: str, start: int, end: int, items: Items, kind: Kind) -> None:
    platform_of: Offsets | None = None
    purpose = False
    whole: Offsets | None = None
    for part_start, part_end in _parts(text, start, end, kind):
        joined = purpose and re.search(r"\band\s+$", text[max(0, part_start - 6) : part_start]) is not None
        part_start, quantity = _skip_lead(text, part_start, part_end)
        if part_start >= part_end or (joined and " " not in text[part_start:part_end].strip()):
            continue
        phrase = _first_phrase(text, part_start, part_end)
        stop = phrase.start() if phrase else part_end
        spans = _labelled(text, part_start, stop)
        purpose = phrase is not None and phrase["word"] == "for"
        if not spans:
            continue
        if quantity:
            items.spans.append(Span(*quantity, "QUANTITY"))
        items.spans += spans
        main = (spans[0].start, spans[0].end)
        if platform_of is not None and spans[0].label == "WEAPON":
            items.platforms.add((platform_of, main))
            continue
        platform_of = None
        items.listed |= {(s.start, s.end) for s in spans}
        whole = whole or main
        if text[max(0, part_start - 2) : part_start] == "w/":
            items.inside.add((main, whole))
        if len(spans) == 2 and _TAIL_ITEM.fullmatch(text, spans[1].start, spans[1].end):
            items.platforms.add(((spans[1].start, spans[1].end), main))
            items.listed.discard(main)
        company = re.compile(r"\swith\s+").search(text, stop, part_end)
        if phrase and company and company.start() > phrase.start():
            _read_company(text, company.end(), part_end, main, items)
        if phrase:
            platform_of = _read_phrase(text, phrase, part_end, main, items)


def _read_phrase(text: str, phrase: re.Match[str], end: int, main: Offsets, items: Items) -> Offsets | None:
    """Read what stands behind "for", "of", "with"; returns ``main`` if more platforms may follow."""
    word = " ".join(phrase["word"].split())
    if word == "with":
        _read_company(text, phrase.end(), end, main, items)
    if word not in ("of", "for", "in support of"):
        return None
    start, quantity = _skip_lead(text, phrase.end(), end)
    following = _first_phrase(text, start, end)
    spans = _labelled(text, start, following.start() if following else end)
    if not spans:
        return None
    other = (spans[0].start, spans[0].end)
    works = word != "of" or head_noun(text[main[0] : main[1]]) in _WORK
    if not works or spans[0].label != "WEAPON" or not _is_system(text[other[0] : other[1]]):
        return None
    items.spans += spans
    items.platforms.add((main, other))
    if quantity:
        items.spans.append(Span(*quantity, "QUANTITY"))
    return main if word == "in support of" else None


def _read_company(text: str, start: int, end: int, main: Offsets, items: Items) -> None:
    """Items that come with another: each has a head noun that is known and no designation of a mode."""
    for part_start, part_end in _parts(text, start, end, "sentence"):
        part_start, quantity = _skip_lead(text, part_start, part_end)
        for span in _labelled(text, part_start, part_end)[:2]:
            surface = text[span.start : span.end]
            if head_noun(surface) in SUPPORT_HEADS | WEAPON_HEADS or _is_acronym(surface):
                items.spans.append(span)
                items.listed.add((span.start, span.end))
                items.inside.add(((span.start, span.end), main))
                if quantity:
                    items.spans.append(Span(*quantity, "QUANTITY"))


def _is_acronym(surface: str) -> bool:
    return surface.isupper() and surface.isalpha() and len(surface) < 7


def _is_system(surface: str) -> bool:
    named = DESIGNATION.search(surface) or re.search(rf"\b(?:{PROPER_WEAPONS})\b|^[A-Z]\w+ [A-Z]", surface)
    return bool(named) or head_noun(surface) in WEAPON_HEADS


def _parts(text: str, start: int, end: int, kind: Kind) -> Iterator[Offsets]:
    """The elements of a list: split at commas, semicolons, lines and "and" where each side has its own head."""
    protected = [found.span() for found in _PROTECTED.finditer(text, start, end)]
    position = start
    for cut in _SPLIT.finditer(text, start, end):
        numbered = re.match(r"\(?\d", text[cut.end() : min(end, cut.end() + 2)]) or cut.group().strip() in (
            ",",
            ";",
            "w/",
        )
        if cut.start() < position or (kind == "line" and not numbered) or _inside(cut.start(), protected):
            continue
        if _depth(text, position, cut.start()) or _shares_head(
            text[max(position, cut.start() - LONGEST_ITEM) : cut.start()],
            cut.group(),
            text[cut.end() : min(end, cut.end() + LONGEST_ITEM)],
        ):
            continue
        yield position, cut.start()
        position = cut.end()
    yield position, end


def _inside(position: int, ranges: list[Offsets]) -> bool:
    """Whether ``position`` lies in one of ``ranges``, which are in order and do not overlap."""
    at = bisect_right(ranges, position, key=lambda r: r[0]) - 1
    return at >= 0 and position < ranges[at][1]


def _depth(text: str, start: int, end: int) -> bool:
    return text.count("(", start, end) > text.count(")", start, end)


def _shares_head(left: str, cut: str, right: str) -> bool:
    """Whether "and" joins two modifiers of one head, as in "spare and repair parts" (guideline 2.9)."""
    if cut.strip().casefold() not in ("and", "or"):
        return False
    words = left.casefold().split()
    if words in (["rocket"], ["missile"], ["bomb"], ["gun"], ["radar"]):
        return True
    if not words or words[-1] not in PREMODIFIERS or DESIGNATION.search(left):
        return False
    if words[-1] == "support" and len(words) > 1 and words[-2] not in PREMODIFIERS:
        return right.startswith("test equipment")
    return re.match(r"(?!associated|related|other)[\w-]+\s+[\w-]+", right) is not None


def _skip_lead(text: str, start: int, end: int) -> tuple[int, Offsets | None]:
    """Where the noun phrase begins behind articles and a number, and the number."""
    while start < end and text[start] in " \n\t,;:-–":
        start += 1
    lead = _LEAD.match(text, start, end)
    start = lead.end() if lead else start
    count = _COUNT.match(text, start, end)
    if count is None:
        return start, None
    lead = _LEAD.match(text, count.end(), end)
    return lead.end() if lead else count.end(), count.span("number")


def _first_phrase(text: str, start: int, end: int) -> re.Match[str] | None:
    protected = [found.span() for found in _PROTECTED.finditer(text, start, end)]
    for phrase in _PHRASE.finditer(text, start + 1, end):
        if not _inside(phrase.start(), protected) and not _depth(text, start, phrase.start()):
            if text[max(start, phrase.start() - 20) : phrase.start()].casefold().split()[-1:] in (
                ["element"],
                ["elements"],
            ):
                continue
            return phrase
    return None


def _labelled(text: str, start: int, end: int) -> list[Span]:
    """The item in ``text[start:end]`` and its acronym, labelled; empty if the words are no item."""
    while end > start and text[end - 1] in " \n\t.,;:-–":
        end -= 1
    if text[start : start + 1] == "(" and text[end - 1] == ")":
        start, end = start + 1, end - 1
    if not 3 <= end - start <= LONGEST_ITEM or not text[start].isalnum():
        return []
    acronym = None
    for found in _ACRONYM.finditer(text, start, end):
        rest = text[found.end() : end].strip()
        if not rest or text[start : found.start()].rstrip().endswith("s"):
            acronym, main_end = found, found.start()
            label, form = label_item(text[start:main_end], named=True)
            spans = [Span(start, main_end, label, form), Span(*acronym.span("short"), label, "name")]
            return spans + (_labelled(text, end - len(rest), end) if rest else [])
    paren = re.compile(r"\s+\((?P<inner>[^)]*)\)?$").search(text, start, end)
    if paren and DESIGNATION.match(paren["inner"]):
        return _labelled(text, start, paren.start()) + _labelled(text, *paren.span("inner"))
    if paren:
        end = paren.start()
    split = _platform_first(text, start, end)
    if split:
        return split
    label, form = label_item(text[start:end])
    return [Span(start, end, label, form)]


_TAIL_ITEM = re.compile(
    r"(?<=\s)(?:(?:[Tt]actical\s+)?(?:[Gg]uidance|[Cc]onversion)\s+(?:[Cc]ontrol\s+)?(?:[Ss]ections?|[Uu]nits?"
    r"|[Kk]its?)|(?i:upgrades?|overhauls?|refurbishments?|modifications?|modernization)|[Aa]ircraft\s+[Ww]eapons)$"
)


def _platform_first(text: str, start: int, end: int) -> list[Span]:
    """A named weapon before another item: "F-16" and "upgrade" are two mentions (guideline 6.4)."""
    tail = _TAIL_ITEM.search(text, start, end)
    if tail is None or not DESIGNATION.search(text, start, tail.start()):
        return []
    last = len(text[: tail.start()].rstrip(" ,\n"))
    label, form = label_item(tail.group())
    return [Span(start, last, "WEAPON", "name"), Span(tail.start(), end, label, form)]


def label_item(surface: str, *, named: bool = False) -> tuple[str, Form]:
    """Label and form of an item by head noun and designation; ``named`` if an acronym follows (guideline 2, 2.3)."""
    head = head_noun(surface)
    plain = " ".join(surface.split())
    designated = any(not re.fullmatch(r"\d+mm", d.group(), re.I) for d in DESIGNATION.finditer(plain))
    proper = re.search(rf"\b(?:{PROPER_WEAPONS})\b", plain) is not None
    support = (head in SUPPORT_HEADS and not _WEAPON_UNITS.search(plain)) or SUPPORT_PHRASES.search(plain) is not None
    if designated and head in WEAPON_HEADS:
        support = False
    if not support and head not in WEAPON_HEADS and not designated and not proper and plain[:1].islower():
        support = True
    label = "SUPPORT" if support else "WEAPON"
    own_name = named or designated or (proper and label == "WEAPON")
    return label, "name" if own_name else "nominal"
