"""Finds weapons anywhere in a text: by designation, by name, and by definite description."""

from __future__ import annotations

import re

from ...corpus.document import Document
from ..spans import Span
from .patterns import COUNT_BEFORE, DESIGNATION, NAMES, NUMBER, PROPER_WEAPONS

FIRMS = "|".join(re.escape(name) for name in NAMES["COMPANY"])
_STRONG = (
    r"(?:missiles?|helicopters?|aircraft|howitzers?|tanks?|launchers?|radars?|rockets?|torpedo(?:es)?|ships?|vehicles?"
    r"|jets?|fighters"
    r"|drones?|batteries|frigates?|submarines?|corvettes?|rifles|munitions|bombs|interceptors?|guns|engines|rounds"
    r"|systems?"
    r"|sub-systems|weapons?|boats|vessels|planes|carriers|sensors|shells|targets|sections|kits|pods|arrays|trucks"
    r"|gunboats|airframes|version)"
)
_AFTER = re.compile(
    r"(?:\s++(?:Block\s+\w+\+?|MOD\s+\d+|Mod\s+\d+|[IVX]+\b|[A-Z][\w/-]+|\d+(?:\.\d+)?(?:mm|MM)"
    rf"|{_STRONG}\b|system"
    r"|(?!(?:and|or|of|for|with|to|in|the|other|as|from|on|by|at|its|these|their|will|would|are|is|was|were|that|which"
    r"|have|has)\b)(?:[a-z]+-)?[a-z]+(?:-[a-z]+)?"
    rf"(?=\s+(?:[a-z-]+\s+){{0,2}}{_STRONG}\b))){{0,16}}"
)
_NAMED = re.compile(
    rf"(?:Block\s+[IVX\d]+\s+)?\b(?:{PROPER_WEAPONS})s?\b(?:-[A-Z][\w-]*)?(?:\s(?:[A-Z]\d?(?:/[A-Z])?|\d[A-Z]"
    rf"|\d{{4}}s?|ERs?|Marines?)(?![\w.]))?(?!['’]s)"
)
_COUNTED = re.compile(
    rf"(?<![\w.,$€£/-])(?!one\b)(?P<number>{NUMBER})\s+(?:of\s+(?:the\s+)?)?(?:more\s+"
    rf"|other\s+)?(?:(?:{FIRMS})(?:['’]s)?\s+)?"
    r"(?P<item>(?:(?!(?:and|or|of|for|with|to|in|the|from|on|by|at|years?|months?|days?|weeks?|percent|million"
    r"|billion|were|was|will|are|have|has|that|miles|countries)\b)[A-Za-z][\w/'’-]*(?:\s\([A-Z][\w-]*\))?\s+){0,6}?"
    rf"{_STRONG}(?:\s+(?:missiles|launchers|systems|vehicles|batteries|kits|sections|rounds|radars|units|trucks))?)\b"
    r"(?!\s+(?:defen[cs]e|force|fleet))",
    re.I,
)
_DESCRIBED = re.compile(
    r"\b(?:[Tt]he|[Tt]hese|[Tt]hose|[Ii]ts)\s+(?P<item>(?:(?:additional|new|existing|anti-ship|cruise|air-to-air"
    r"|surface-to-air|land-attack|precision|guided|long-range|aging|shore-based|mobile)\s+)*(?:missiles|helicopters"
    r"|aircraft"
    r"|howitzers|tanks|launchers|radars|rockets|torpedoes|ships|vehicles|jets|fighters|drones|batteries|frigates"
    r"|submarines"
    r"|rifles|bombs|interceptors|guns|engines|rounds|weapon|sub-systems|missile|missile systems?|jets?|fighter"
    r"|system|boats|vessels))\b(?!\s+(?:defen[cs]e|fleet|force|battery|launcher|carrier|program))"
)
_SHIP = re.compile(r"\b(?:INS|USS|HMS|HMAS|ROCS|ROKS|JS|HNLMS|FGS)\s+[A-Z][a-z]+")
_KEPT = re.compile(
    r"\b(?:existing|additional|new|newly\s+upgraded|upgraded|refurbished|surplus|used|improved|older|planned"
    r"|modified|\w+-era|\w+-(?:seat|band|range|based|launched|fired))\s+$"
)
"""Adjectives that belong to the mention (guideline 2.5)."""


def find_weapons(document: Document) -> list[Span]:
    """Weapons by designation, by name and by definite description, with numbers before them, in all regions."""
    spans: list[Span] = []
    for region in document.annotated_regions():
        for pattern in (DESIGNATION, _NAMED, _SHIP):
            for found in pattern.finditer(document.text, region.start, region.end):
                spans.append(_named_weapon(document.text, found, region.end))
        for found in _DESCRIBED.finditer(document.text, region.start, region.end):
            spans.append(Span(*found.span("item"), "WEAPON", "nominal"))
        for found in _COUNTED.finditer(document.text, region.start, region.end):
            if _in_parentheses(document.text, region.start, found.start()):
                continue
            named = DESIGNATION.search(found["item"]) or re.match(r"[A-Z]", found["item"])
            spans.append(Span(*found.span("item"), "WEAPON", "name" if named else "nominal"))
            spans.append(Span(*found.span("number"), "QUANTITY"))
    for span in list(spans):
        count = COUNT_BEFORE.search(document.text, max(0, span.start - 40), span.start)
        if count:
            spans.append(Span(*count.span("number"), "QUANTITY"))
    return spans


def _in_parentheses(text: str, start: int, position: int) -> bool:
    return text.rfind("(", start, position) > text.rfind(")", start, position)


def _named_weapon(text: str, found: re.Match[str], end: int) -> Span:
    """The noun phrase around a designation or a name: to its head noun if one follows, else to the name's end."""
    kept = _KEPT.search(text, max(0, found.start() - 20), found.start())
    start = kept.start() if kept else found.start()
    if text[found.end() - 1] == ")" and "(" not in found.group():
        return Span(start, found.end() - 1, "WEAPON", "name")
    after = _AFTER.match(text, found.end(), end)
    tail = after.group() if after else ""
    heads = list(re.finditer(rf"\s(?:{_STRONG}|(?i:{_STRONG}))\b", tail))
    if heads:
        return Span(start, found.end() + heads[-1].end(), "WEAPON", "name")
    block = re.match(rf"(?:\s+(?:Block\s+\w+\+?|MOD\s+\d+|[IVX]+\b|(?:{PROPER_WEAPONS})s?\b))+", tail)
    return Span(start, found.end() + (block.end() if block else 0), "WEAPON", "name")
