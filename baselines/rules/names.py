"""Finds names and values: states, bodies, firms, forces, persons, laws, places, dates, sums."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import spacy
from spacy.language import Language

from ...annotations.countries import countries
from ...corpus.document import Document, Region
from ..spans import Span
from ..values import country_code
from .patterns import (
    BARE_DATE,
    BARE_SUM,
    COMMON_FORCES,
    COUNTRY_NAMES,
    DATE,
    FORCES,
    MINISTRY,
    MONEY,
    NAMES,
    STATE_CODES,
    STATES,
    TITLES,
)

_PLACE_WORD = r"(?:[Ii]n|[Aa]t|[Nn]ear|[Oo]utside|around|visits?\s+to|visited)"
_CITY_WORD = r"[A-Z][\w.'’-]+"
_CITY = re.compile(
    rf"(?:(?<=\bin )|(?<=\bof )|(?<=\bnear )|(?<=\bat )|(?<=, ))"
    rf"(?P<place>{_CITY_WORD}(?: {_CITY_WORD}){{0,3}},\s+(?:{STATES}|(?:{STATE_CODES})\b|D\.C\.|{COUNTRY_NAMES}))(?!\w)"
)
_DATELINE = re.compile(r"\s*(?P<place>[A-Z][A-Z.'’ -]{1,80}[A-Z])(?=\s*(?:,|\(|[-–—]))")
_CAPITALS = frozenset(word for country in countries() for word in country.capital)
_CAPITALISED = r"[A-Z][\w&.-]{0,40}\w"
_FIRM = re.compile(
    rf"(?<!\w)(?:{_CAPITALISED} ){{1,4}}(?:Company|Corporation|Corp\b\.?|Incorporated|Inc\b\.?|Ltd\b\.?|Limited|LLC"
    rf"|L\.L\.C\.|plc|PLC"
    rf"|GmbH|AG|Private\s+Ltd\b\.?|Industries|Shipyards?|Shipbuilding|Technologies|Aircraft Company)(?![\w])"
)
_BODY = re.compile(
    rf"{MINISTRY}|(?<!\w)(?:{_CAPITALISED}\s+(?:and\s+)?){{1,5}}(?:(?<!News\s)Agency|Directorate|Bureau|Commission|Embassy"
    rf"|Organisation"
    r"|Committee(?:\s+on\s+(?:the\s+)?[A-Z]\w+(?:\s+[A-Z]\w+)*)?)\b"
    rf"|(?<=[a-z.] )(?:{_CAPITALISED}\s+)?[Aa]dministration\b"
)
_ORGANIZATION = re.compile(
    rf"(?<!\w)(?:{_CAPITALISED}\s+){{1,4}}(?:News\s+Agency|Times|Post|Journal|Herald|Institute|Institution|University"
    rf"|Association|Foundation|Think\s+Tank|Business\s+Council|(?:People['’]s\s+)?Party)\b"
)
_LAW = re.compile(
    rf"(?<!\w)(?:{_CAPITALISED}\s+){{1,5}}(?:Act|Treaty|Convention)\b(?:\s+of\s+\d{{4}})?|Public\s+Law\s+[\d-]+"
    r"|(?<=for |ing )?Security\s+Council\s+Resolutions?\s+\d+"
)
_PAIR = re.compile(r"\b(?P<first>U\.S\.|[A-Z][A-Za-z]+)-(?P<second>[A-Z][a-z]+)\b")
_STANDS_IN = re.compile(rf"(?<=\bin |\bat ){_CITY_WORD}(?:\s+(?:City|Base|Island|Strait))?(?=[,.;]|\s+[a-z])")
_PERSON = re.compile(
    rf"\b(?:{TITLES})\s+(?P<name>(?:[A-Z]\.\s+)?[A-ZÀ-Ž][\w'’ł-]+(?:\s+(?:(?:[A-Z]\.|de|van|von|bin|al|Van|De|Al)\s+)?"
    r"(?!Jr\b)[A-ZÀ-Ž][\w'’-]+){0,3}(?:\s+Jr\.)?)"
)
_ROLED = re.compile(
    r"\b(?:counterpart|ambassador|founder|executive|leader|chairman|chairwoman|spokes\w+|minister|president|head"
    r"|under),?\s+(?P<name>(?!President|Prime|Gen|Minister)[A-ZÀ-Ž][\w'’-]+(?:\s+[A-Z]\.)?(?:\s+[A-ZÀ-Ž][\w'’-]+){1,3})"
    r"(?=[,.;]|\s+(?:said|told|in))"
)
_APPOSED = re.compile(
    r"(?<!\w)(?P<name>[A-ZÀ-Ž][\w'’-]{1,40}(?:\s+[A-Z]\.)?(?:\s+[A-ZÀ-Ž][\w'’-]{1,40}){1,3}),\s+(?:who|whose|a\s+(?:former|senior"
    r"|retired)|(?:the\s+)?(?:head|chief|director|president|minister|spokes\w+|chair\w*|secretary)\b)"
)
_NOT_A_PERSON = re.compile(
    r"\b(?:Minister|Ministry|Defen[cs]e|State|Department|Agency|Force|Company|Corporation|House|Army)\b"
)
_FORCE = re.compile(rf"\b(?:Royal\s+)?{FORCES}\b")
_PLAIN_FORCE = re.compile(
    rf"(?:(?<=\bits )|(?<=\btheir )|(?<=\bthe )|(?<=\bThe )|(?<=['’]s )|(?<=\ban )){COMMON_FORCES}\b(?=['’.,;]"
    rf"|\s+(?!of\b|service|aid|bal"
    r"|build|assist|equip|offic|sale|pers|read|cap|depl|mod|oper|act))"
)


_LONG_TOKEN = re.compile(r"\S{100,}")
"""What no name is, and what spaCy's tokenizer takes apart in quadratic time."""


def _blanks(found: re.Match[str]) -> str:
    return " " * len(found.group())


class NameFinder:
    """Finds what has a name or a value, whatever the text says about it.

    Holds a blank English pipeline of spaCy with one EntityRuler over the tables of :mod:`.patterns` and the states of
    ``countries.tsv``; everything else is found by shape.
    """

    def __init__(self) -> None:
        self.nlp = ruler_pipeline()

    def spans(self, document: Document) -> list[Span]:
        """Spans of all labels but items, quantities and deals; they may overlap, and the longer ones are right."""
        found: list[Span] = []
        for region in document.annotated_regions():
            text = document.text[region.start : region.end]
            ruled = [Span(e.start_char, e.end_char, e.label_) for e in self.nlp(_LONG_TOKEN.sub(_blanks, text)).ents]
            ruled = list(_settle_states(text, ruled))
            spans = [*ruled, *_bodies(text, ruled), *_values(text), *_by_shape(text, region), *_persons(text)]
            found += [Span(s.start + region.start, s.end + region.start, s.label, s.form) for s in spans]
        return found + list(_last_names(document, found))


def ruler_pipeline() -> Language:
    """A blank English pipeline whose EntityRuler knows the states and the names of the tables."""
    nlp = spacy.blank("en")
    nlp.max_length = sys.maxsize  # spaCy's limit saves the memory of its parser, and there is none here
    phrases = [(label, name) for label, names in NAMES.items() for name in names]
    for country in countries():
        plain = (country.name, *country.aliases)
        phrases += [("GPE", name) for name in (*plain, *country.demonyms, *country.capital)]
        phrases += [("GPE", f"Government of {the}{name}") for name in plain for the in ("", "the ")]
        for name in (*plain, *country.demonyms):
            phrases += [("GPE", f"{name} government"), ("GPE", f"{name} Government")]
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": label, "pattern": name} for label, name in phrases])  # type: ignore[attr-defined]
    return nlp


def _settle_states(text: str, spans: list[Span]) -> Iterator[Span]:
    """A capital is a place where the text puts something there, else the government seated there (guideline 3.2)."""
    for span in spans:
        surface = text[span.start : span.end]
        if span.label == "GPE" and surface in _CAPITALS:
            before = text[max(0, span.start - 16) : span.start]
            placed = re.search(rf"\b{_PLACE_WORD}\s+$", before)
            yield Span(span.start, span.end, "LOCATION" if placed else "GPE")
        else:
            yield span


def _bodies(text: str, ruled: list[Span]) -> Iterator[Span]:
    """Forces and ministries by shape, with the state before a capitalised name taken into it (guideline 2.7)."""
    ends = {span.end: span for span in ruled if span.label == "GPE"}
    for pattern, label in ((_FORCE, "MILITARY"), (_BODY, "GOV_BODY")):
        for found in pattern.finditer(text):
            start, surface = found.start(), found.group()
            state = ends.get(start - 1)
            if state is not None and surface[0].isupper() and text[start - 1].isspace():
                royal = re.search(r"\bRoyal\s+$", text[max(0, state.start - 20) : state.start])
                start = state.start - len(royal.group()) if royal else state.start
            start += 4 if text.startswith("The ", start) else 0
            yield Span(start, found.end(), label, "name" if surface[0].isupper() else "nominal")
    for found in _PLAIN_FORCE.finditer(text):
        yield Span(found.start(), found.end(), "MILITARY", "nominal")
    for span in ruled:
        force = re.compile(
            r"\s+(military\b(?!\s+[a-z])|(?:forces|troops|armed forces|navy|army|air force)\b"
            r"(?!\s+(?:aid|sale|equip|modern|base|budget|chief|offic|team)))"
        ).match(text, span.end)
        if span.label == "GPE" and force and country_code(text[span.start : span.end]):
            yield Span(force.start(1), force.end(1), "MILITARY", "nominal")


def _values(text: str) -> Iterator[Span]:
    sums = [found.span() for found in MONEY.finditer(text)]
    yield from (Span(start, end, "MONEY") for start, end in sums)
    if sums:
        for found in BARE_SUM.finditer(text):
            behind = text[found.end() : found.end() + 12]
            if not re.match(r"\s+[a-z]{4,}s\b|-", behind):
                yield Span(*found.span(), "MONEY")
    for pattern in (DATE, BARE_DATE):
        yield from (Span(*found.span(), "DATE") for found in pattern.finditer(text))


def _by_shape(text: str, region: Region) -> Iterator[Span]:
    yield from (Span(*found.span("place"), "LOCATION") for found in _CITY.finditer(text))
    dateline = _DATELINE.match(text) if region.kind == "body" else None
    if dateline:
        yield Span(*dateline.span("place"), "LOCATION")
    for pair in _PAIR.finditer(text):
        if country_code(pair["first"]) and country_code(pair["second"]):
            yield from (Span(*pair.span(side), "GPE") for side in ("first", "second"))
    for place in _STANDS_IN.finditer(text):
        if (
            country_code(place.group()) is None
            and not DATE.match(place.group() + " 2000")
            and not place.group().isupper()
        ):
            yield Span(*place.span(), "LOCATION")
    for pattern, label in ((_FIRM, "COMPANY"), (_ORGANIZATION, "ORGANIZATION"), (_LAW, "LAW")):
        for found in pattern.finditer(text):
            article = re.match(r"(?:The|A|An|In|On|For|By)\s+", found.group())
            yield Span(found.start() + (article.end() if article else 0), found.end(), label)


def _persons(text: str) -> Iterator[Span]:
    for pattern in (_PERSON, _APPOSED, _ROLED):
        for found in pattern.finditer(text):
            if not _NOT_A_PERSON.search(found["name"]) and country_code(found["name"].split()[0]) is None:
                end = found.end("name") - len(re.search(r"(?:['’]s)?$", found["name"]).group())  # type: ignore[union-attr]
                yield Span(found.start("name"), end, "PERSON")


def _last_names(document: Document, spans: list[Span]) -> Iterator[Span]:
    """Last names alone, of persons whose full name stands somewhere."""
    full = {document.text[s.start : s.end] for s in spans if s.label == "PERSON"}
    for last in sorted({name.split()[-1] for name in full if len(name.split()) > 1}):
        for found in re.finditer(rf"\b{re.escape(last)}\b(?!\s+[A-Z])", document.text):
            yield Span(found.start(), found.end(), "PERSON")
