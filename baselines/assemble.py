"""From labelled spans to mentions and entities: overlaps out, ids in, coreference by rule, attributes read off.

Everything here is deterministic and learns nothing, so systems that only tag spans can share it. The rules are those
of guideline 3; what needs understanding of the text (a fleet already owned against one for sale, packages and their
parts) is beyond them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ..annotations.annotation import Attributes, Entity, Mention
from ..corpus.document import Document
from .coreference import entity_keys
from .sentences import US_PROGRAMME, is_notice, sentence_around
from .spans import Span, flat_spans
from .values import parse_date, parse_money, parse_quantity

BEFORE = 400
"""Code points before a mention that are searched: the last 80 for "about" and the like, all for a currency."""


def assemble(document: Document, spans: Iterable[Span]) -> tuple[tuple[Mention, ...], tuple[Entity, ...]]:
    """Mentions m1, m2, ... in order of text and the entities e1, e2, ... that they form (guideline 3).

    Spans that reach out of the annotated regions are dropped, and of spans that overlap the longer one stays, then
    the earlier, then the one whose label comes first in the scheme. The order of ``spans`` never matters.
    """
    chosen = flat_spans(document, spans)
    keys = entity_keys(document, chosen)
    numbers = {key: f"e{number}" for number, key in enumerate(dict.fromkeys(keys), start=1)}
    mentions = tuple(
        Mention(id=f"m{i}", start=s.start, end=s.end, label=s.label, form=s.form, entity=numbers[key])
        for i, (s, key) in enumerate(zip(chosen, keys, strict=True), start=1)
    )
    states = {numbers[key]: key[1] for key in keys if key[0] == "GPE" and re.fullmatch("[A-Z]{3}", key[1])}
    members: dict[str, list[Mention]] = {}
    for mention in mentions:
        members.setdefault(mention.entity or "", []).append(mention)
    entities = tuple(
        Entity(id=entity_id, label=group[0].label, attributes=_attributes(document, group, states.get(entity_id)))
        for entity_id, group in members.items()
    )
    return mentions, entities


def _attributes(document: Document, mentions: Sequence[Mention], iso3: str | None) -> Attributes:
    """The attributes of an entity: those of its first mention that gives any (guideline 3.5)."""
    if iso3 is not None:
        return Attributes(iso3=iso3)
    label = mentions[0].label
    if label == "DEAL":
        return _deal_attributes(document, mentions)
    for mention in mentions:
        surface = document.text[mention.start : mention.end]
        before = document.text[max(0, mention.start - BEFORE) : mention.start]
        found = Attributes()
        if label == "MONEY":
            found = parse_money(surface, before)
        elif label == "QUANTITY":
            found = parse_quantity(surface, before)
        elif label == "DATE":
            found = parse_date(surface, document.date)
        if found.given():
            return found
    return Attributes()


_AID = re.compile(r"\b(?:aid|assistance|drawdown|grant|donat\w+|gift)\b", re.I)
_BACKLOG = re.compile(r"\bback-?log\b|\blogjam\b", re.I)
_STAGES = (
    ("cancelled", r"cancel\w*|scrapped|withdr[ae]w\w*|abandon\w+"),
    ("blocked", r"block(?:ed|s|ing)|held up|put on hold|froze\w*|vetoed"),
    ("delivered", r"(?:were|was|been|has) delivered|handed over|has provided|have provided|was sent"),
    ("delivering", r"deliveries (?:began|have begun|started|are under ?way)|being delivered"),
    ("contracted", r"contract (?:worth|was|signed|award\w*)|signed|awarded|ordered|inked"),
    ("approved", r"approv(?:ed|es|al|als)|cleared|green[- ]?lit|authoriz?s?ed|gave the go-ahead|sanctioned|granted"),
    ("proposed", r"notif(?:ied|ication|ies)|notices?|proposed|proposes"),
    ("requested", r"request(?:ed|s)|asked (?:for|to)|has sought|seek(?:s|ing)"),
)  # fmt: skip
_STAGE_PATTERNS = tuple((name, re.compile(rf"\b(?:{words})\b", re.I)) for name, words in _STAGES)
_CONTRACTS = re.compile(r"\b(?:contract|order|agreement|award|acquired|bought|ordered|purchased)\b", re.I)


def _deal_attributes(document: Document, mentions: Sequence[Mention]) -> Attributes:
    """Kind by the words of the mentions, status by the furthest stage named in their sentences (guideline 3.5).

    A notice to a legislature is ``proposed``.
    """
    surfaces = " ".join(document.text[m.start : m.end] for m in mentions)
    kind = "backlog" if _BACKLOG.search(surfaces) else "aid" if _AID.search(surfaces) else "sale"
    if is_notice(document):
        return Attributes(kind=kind, status="proposed")
    around = " ".join(dict.fromkeys(sentence_around(document, m.start, m.end) for m in mentions))
    for status, pattern in _STAGE_PATTERNS:
        if pattern.search(around):
            return Attributes(kind=kind, status=status)
    if _CONTRACTS.search(surfaces):
        return Attributes(kind=kind, status="contracted")
    return Attributes(kind=kind, status="proposed" if US_PROGRAMME.search(document.text) else "unknown")
