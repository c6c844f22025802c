"""A system of hand-written rules: what they find is what the guideline's own examples and stock phrases give away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..annotations.annotation import Annotation
from ..corpus.document import Document
from .assemble import assemble
from .firms import find_firms
from .items import find_lists, find_weapons
from .links import Reading, find_relations
from .names import NameFinder
from .sentences import is_notice
from .spans import Span


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
        spans = [*items.spans, *find_weapons(document), *self._names.spans(document), *find_firms(document)]
        spans += find_deals(document)
        mentions, entities = assemble(document, spans)
        relations = find_relations(Reading(document, mentions, entities, items))
        return Annotation(doc_id=document.id, mentions=mentions, entities=entities, relations=relations)


_NOTICE_DEAL = re.compile(
    r"(?:(?:possible|proposed|potential)\s+)?(?:Foreign\s+Military\s+Sales?(?:\s+Order)?|\b(?:sale|purchase))\b(?!\s+Order)"
)
_NEWS_DEAL = re.compile(
    r"(?:(?:[Tt]he|[Tt]his|[Tt]hat|[Aa]n?|[Ii]ts|['’]s|[Ee]ach|first)\s+)"
    r"(?P<deal>(?:(?:possible|proposed|potential|planned|new|latest|first|second|radar|effector|sensor|arms|missile|export|aid|military"
    r"|weapons|weapon|Foreign\s+Military\s+Sales?|NASAMS|fighter|follow-on|framework)\s+){0,3}(?:sale|deal|package|contract|order"
    r"|purchase|case|request|agreement|acquisition|buy|offer)\b(?!\s+(?:number|file|law|price)))"
)
_PACKAGE = re.compile(
    r"\b(?:military|security)\s+(?:aid|assistance)\s+package\b|\bpackage\s+of\s+(?:military\s+)?(?:aid|assistance)\b|\barms\s+package\b"
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
            yield Span(*found.span("deal"), "DEAL", "nominal")
        for found in _PACKAGE.finditer(document.text, region.start, region.end):
            yield Span(*found.span(), "DEAL", "nominal")
