"""A system of hand-written rules; where their tables come from, :mod:`.patterns` says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...annotations.annotation import Annotation
from ...corpus.document import Document
from ..assemble import assemble
from ..sentences import is_notice
from ..spans import Cover, Span, flat_spans
from .firms import find_firms
from .items import find_lists
from .names import NameFinder
from .reading import Reading
from .relations import find_relations
from .weapons import find_weapons


class RuleSystem:
    """Finds mentions with spaCy's EntityRuler and regular expressions, and links them by rules of position.

    It knows the wording of U.S. sale notices well and of news articles a little. Nothing is learnt: :meth:`fit` does
    nothing, and predictions never depend on other documents.
    """

    def __init__(self) -> None:
        self._names = NameFinder()

    def fit(self, documents: Sequence[Document], annotations: Sequence[Annotation]) -> None:
        """Do nothing: the rules are fixed."""

    def predict(self, document: Document) -> Annotation:
        """The annotation of ``document``, all layers filled."""
        items = find_lists(document)
        cover = Cover(len(document.text), items.spans)
        others = [s for s in find_weapons(document) if not cover.meets(s.start, s.end)]
        spans = [*items.spans, *others, *self._names.spans(document), *find_firms(document)]
        spans += [*find_deals(document), *find_descriptions(document)]
        spans += find_acronyms(document, flat_spans(document, spans))
        mentions, entities = assemble(document, spans)
        relations = find_relations(Reading(document, mentions, entities, items))
        return Annotation(doc_id=document.id, mentions=mentions, entities=entities, relations=relations)


_NOTICE_DEAL = re.compile(
    r"(?:(?:possible|proposed|potential)\s+)?(?:Direct\s+Commercial\s+Sale|Foreign\s+Military\s+Sales?(?:\s+Order)?"
    r"|\b(?:sale|purchase))\b(?!\s+Order)"
)
_ADJECTIVE = (
    r"(?:possible|proposed|potential|planned|new|latest|first|second|radar|effector|sensor|howitzer|arms|missile"
    r"|export|aid|military"
    r"|weapons?|fighter|follow-on|framework|largest|biggest|bigger|smaller|separate|similar|earlier|previous|record"
    r"|original|intergovernmental|helicopter|drone|tank|jet|signed|defen[cs]e|coastal|whole"
    r"|Foreign\s+Military\s+Sales?)"
)
_NEWS_DEAL = re.compile(
    rf"(?<![\w-])(?:{_ADJECTIVE}\s+){{0,3}}(?:sale|deal|package|contract|purchase|order|buy)\b(?!\s+(?:number|file"
    rf"|law|price|of\s+law)|-)"
    rf"|(?:(?<=\bthe )|(?<=\bThe )|(?<=\bthis )|(?<=\bThis )|(?<=\ba )|(?<=\bA )|(?<=\ban )|(?<=['’]s )"
    rf"|(?<=illion )|(?<=\btwo )"
    rf"|(?<=\beach )|(?<=\bits )|(?<=\) ))(?:{_ADJECTIVE}\s+){{0,3}}(?:cases?|request|agreement|acquisition"
    rf"|donation|transfer|drawdown"
    r"|project|scheme|award|offer)\b(?!-)"
)
_NO_DEAL = re.compile(
    r"\b(?:under|in|to|no|not\s+an?|is\s+an|then\s+an?|only\s+an?|support|will|may|can|could|would)\s+$"
)


_PACKAGE = re.compile(
    r"\b(?:military|security)\s+(?:aid|assistance)\s+package\b|\bpackage\s+of\s+(?:military\s+)?(?:aid"
    r"|assistance)\b|\barms\s+package\b"
)


def find_deals(document: Document) -> Iterator[Span]:
    """Noun phrases for a transfer (guideline 2.4); in notices every "sale", in news only definite or described ones."""
    for region in document.annotated_regions():
        if is_notice(document):
            if region.kind != "headline":
                for found in _NOTICE_DEAL.finditer(document.text, region.start, region.end):
                    yield Span(*found.span(), "DEAL", "nominal")
            continue
        for found in _NEWS_DEAL.finditer(document.text, region.start, region.end):
            if not _NO_DEAL.search(document.text, max(region.start, found.start() - 20), found.start()):
                yield Span(*found.span(), "DEAL", "nominal")
        for found in _PACKAGE.finditer(document.text, region.start, region.end):
            yield Span(*found.span(), "DEAL", "nominal")


_DESCRIBED = (
    ("GPE", re.compile(r"\b[Tt]he\s+(?P<body>recipient|purchaser)\b(?!\s+\w+(?:['’]s|\s+government))")),
    (
        "GPE",
        re.compile(
            r"\b(?:[Tt]he|[Tt]hat|[Hh]is|[Hh]er|[Ii]ts)\s+(?P<body>(?:Nordic\s+|Gulf\s+"
            r"|Baltic\s+)?(?:island\s+nation|island|country"
            r"|kingdom|archipelago|emirate|city-state|sultanate))\b(?!\s+of\b)"
        ),
    ),
    (
        "COMPANY",
        re.compile(r"\b[Tt]he\s+(?P<body>company|firm|manufacturer|supplier|contractor|shipbuilder|planemaker)\b"),
    ),
    (
        "GOV_BODY",
        re.compile(
            r"\b(?:[Tt]he|[Ii]ts|[Hh]is|[Hh]er)\s+(?P<body>agency|embassy|cabinet|parliament|legislature"
            r"|ministry|department)\b"
        ),
    ),
)


def find_descriptions(document: Document) -> Iterator[Span]:
    """ "The recipient", "the island", "the company" and their like (guideline 2.1); in notices only the first."""
    patterns = _DESCRIBED[:1] if is_notice(document) else _DESCRIBED
    for region in document.annotated_regions():
        for label, pattern in patterns:
            for found in pattern.finditer(document.text, region.start, region.end):
                yield Span(*found.span("body"), label, "nominal")


_SHORT = re.compile(r"(?:['’]s)?\s+\((?P<short>[A-Z][A-Za-z&/-]*[A-Z][A-Za-z0-9&/-]*)\)")


def find_acronyms(document: Document, spans: Sequence[Span]) -> Iterator[Span]:
    """Acronyms in parentheses behind a name, with its label, there and wherever else they stand (guideline 2.6)."""
    seen: set[tuple[str, str]] = set()
    for span in spans:
        short = _SHORT.match(document.text, span.end)
        if short is None or span.label in ("MONEY", "QUANTITY", "DATE", "LOCATION", "PERSON"):
            continue
        if (short["short"], span.label) in seen:
            continue
        seen.add((short["short"], span.label))
        for found in re.finditer(rf"(?<![\w/-]){re.escape(short['short'])}s?(?![\w/-])", document.text):
            yield Span(*found.span(), span.label, "nominal" if span.label == "DEAL" else "name")
