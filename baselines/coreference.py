"""Which mentions are of one entity: rules on their words, label by label (guideline 3.1-3.4)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from ..corpus.document import Document
from .same_items import Key, head_noun, item_key, join_items
from .sentences import is_notice
from .spans import Span
from .values import country_code, parse_date, parse_money, parse_quantity

_RECIPIENT = re.compile(r"\b(?:recipient|purchaser|buyer|customer)s?\b", re.I)
_SELLER = "USA"
_OFFICE = re.compile(r"\bTaipei\s+Economic\s+and\s+Cultural\b")
"""The buyer that is an office and stands for Taiwan, which is the recipient (guideline 3.2)."""
_BODIES = frozenset({"GOV_BODY", "MILITARY", "COMPANY", "ORGANIZATION"})
_LEGAL_FORM = re.compile(
    r"(?:,|(?<![\s,]))\s+(?:inc|incorporated|corp|corporation|co|company|llc|ltd|limited|plc|gmbh|ag|sa|s\.? ?a|spa|nv"
    r"|bv|ab|asa|as|oyj|kk|pvt|private ltd|pty ltd|limited liability corporation|lp)\.?$",
    re.I,
)


def entity_keys(document: Document, spans: Sequence[Span]) -> list[Key]:
    """One key per span; spans with equal keys are of one entity, and their labels are equal. ``spans`` are in order."""
    codes = [country_code(document.text[s.start : s.end]) if s.label == "GPE" else None for s in spans]
    foreign = [(i, code) for i, code in enumerate(codes) if code and code != _SELLER]
    keys = [_first_key(document, spans, i, codes[i], foreign) for i in range(len(spans))]
    keys = _join_deals(document, spans, keys)
    keys = _join_acronyms(document, spans, keys)
    keys = _join_short_names(spans, keys)
    return join_items(document, spans, keys)


def normalised(surface: str) -> str:
    """``surface`` in lower case without articles, possessive endings, quotation marks and doubled spaces."""
    words = " ".join(re.sub(r"[\"“”‘’']s?\b|[\"“”]", " ", surface.casefold().replace("’", "'")).split())
    return re.sub(r"^(?:the|its|their|his|her|a|an)\s+", "", words)


def _first_key(
    document: Document, spans: Sequence[Span], i: int, code: str | None, foreign: Sequence[tuple[int, str]]
) -> Key:
    """The key of span ``i``, which names the state ``code``; ``foreign`` are the places that name buyers."""
    span = spans[i]
    surface = document.text[span.start : span.end]
    before = document.text[max(0, span.start - 80) : span.start]
    if span.label == "GPE":
        return ("GPE", code or _state_described(document, spans, i, foreign))
    if span.label == "MONEY":
        money = parse_money(surface, before)
        return ("MONEY", str(money.amount), str(money.currency))
    if span.label == "QUANTITY":
        return ("QUANTITY", str(parse_quantity(surface, before).number), _counted(document, spans, i))
    if span.label == "DATE":
        return ("DATE", parse_date(surface, document.date).iso or normalised(surface))
    if span.label == "DEAL" and is_notice(document):
        return ("DEAL", "commercial" if "Commercial" in surface else "")
    if span.label in ("WEAPON", "SUPPORT"):
        return item_key(span.label, surface)
    if span.label in _BODIES and span.form == "nominal":
        return _body_key(document, spans, i, surface)
    return (span.label, _name_key(span.label, surface))


_KINDS_OF_STATE = (
    ("island", frozenset(("TWN", "JPN", "PHL", "SGP", "GBR", "IDN", "BHR", "NZL", "IRL", "CYP", "MLT", "LKA", "ISL"))),
    ("kingdom", frozenset(("NOR", "SAU", "BHR", "THA", "NLD", "BEL", "ESP", "SWE", "DNK", "GBR", "MAR", "JOR", "KHM"))),
    ("emirate", frozenset(("QAT", "KWT", "ARE"))),
)


def _state_described(document: Document, spans: Sequence[Span], i: int, foreign: Sequence[tuple[int, str]]) -> str:
    """The code of the state that a description stands for, else its words."""
    surface = document.text[spans[i].start : spans[i].end]
    if spans[i].form != "nominal":
        return normalised(surface)
    buyer = _RECIPIENT.search(surface) is not None
    if buyer and _OFFICE.search(document.text):
        return "TWN"
    if not foreign:
        return "recipient" if buyer else normalised(surface)
    count = bisect_left(foreign, i, key=lambda place: place[0])
    if buyer or not count:
        return foreign[0][1]
    for word, fitting in _KINDS_OF_STATE:
        if word in surface.casefold():
            return next((code for _, code in reversed(foreign[:count]) if code in fitting), foreign[count - 1][1])
    return foreign[count - 1][1]


def _name_key(label: str, surface: str) -> str:
    name = normalised(surface)
    if surface[:-1].isupper() and surface.endswith("s") and len(surface) < 7:
        name = name[:-1]
    if label == "COMPANY":
        for _ in range(3):
            name = _LEGAL_FORM.sub("", name)
    if label in ("GOV_BODY", "MILITARY"):
        words = surface.split()
        for length in (3, 2, 1):
            code = country_code(" ".join(words[:length])) if len(words) > length else None
            if code:
                return normalised(" ".join([code, *words[length:]]))
    return name


_ANY_FIRM = re.compile(r"(?:company|firm|manufacturer|contractor|maker|supplier|consortium)")
_BODY_WORD = re.compile(r"(?:agency|ministry|department|committee|parliament|council|office|navy|army|air force)")


def _body_key(document: Document, spans: Sequence[Span], i: int, surface: str) -> Key:
    """A description of a body: the last named one of its label that it may stand for, by the words they share.

    In notices "military" and "armed forces" are the buyer's, and one.
    """
    label, words = spans[i].label, normalised(surface)
    if label == "MILITARY" and is_notice(document) and words in ("military", "armed forces"):
        return (label, "armed forces")
    any_firm = _ANY_FIRM.fullmatch(words) is not None
    if not any_firm and not _BODY_WORD.fullmatch(words):
        return (label, words)
    for j in range(i - 1, -1, -1):
        earlier = spans[j]
        if earlier.label != label or earlier.form == "nominal":
            continue
        name = document.text[earlier.start : earlier.end]
        if any_firm or words in name.casefold():
            return (label, _name_key(label, name))
    return (label, words)


def _counted(document: Document, spans: Sequence[Span], i: int) -> str:
    """What a number counts, so that six of one thing are not six of another: the head of the item behind it."""
    for span in spans[i + 1 : i + 3]:
        if span.label in ("WEAPON", "SUPPORT"):
            return head_noun(document.text[span.start : span.end])
        if span.label != "QUANTITY":
            break
    return ""


_BARE_DEAL = re.compile(
    r"(?:(?:proposed|planned|possible|latest|signed|whole|intergovernmental|government) )*(?:sale|deal|contract"
    r"|purchase|agreement|package|order|project|scheme|award|arrangement|accord|bargain|program|acquisition|buy)s?"
)


def _join_deals(document: Document, spans: Sequence[Span], keys: list[Key]) -> list[Key]:
    """In news "the deal", "the sale" and the like are the deal mentioned last; "a contract" is a new one (3.4).

    A headline's deal is the one that the body first speaks of.
    """
    headline = max((region.end for region in document.regions if region.kind == "headline"), default=0)
    last: tuple[Key, int] | None = None
    joined: list[Key] = []
    for span, key in zip(spans, keys, strict=True):
        if span.label == "DEAL" and not is_notice(document):
            article = re.search(r"\b(\w+)\s+$", document.text[max(0, span.start - 12) : span.start])
            new = article is not None and article.group(1).casefold() in ("a", "an", "another", "second")
            if last is not None and _BARE_DEAL.fullmatch(key[1]) and (not new or last[1] < headline):
                key = last[0]
            last = (key, span.start)
        joined.append(key)
    return joined


def _rename(keys: list[Key], old: Key, new: Key) -> list[Key]:
    return [new if key == old else key for key in keys]


def _join_acronyms(document: Document, spans: Sequence[Span], keys: list[Key]) -> list[Key]:
    """A mention in parentheses right behind another of its label is the same thing in short (guideline 2.6)."""
    for i in range(1, len(spans)):
        before, here = spans[i - 1], spans[i]
        between = document.text[before.end : here.start]
        short = document.text[here.start : here.end]
        closes = document.text[here.end : here.end + 1] == ")"
        opens = re.fullmatch(r"(?:['’]s)?\s*\(", between) is not None
        if before.label == here.label and opens and closes and _is_acronym(short) and keys[i] != keys[i - 1]:
            keys = _rename(keys, keys[i], keys[i - 1])
    return keys


def _is_acronym(surface: str) -> bool:
    return len(surface.split()) == 1 and sum(c.isupper() for c in surface) >= 2


def _join_short_names(spans: Sequence[Span], keys: list[Key]) -> list[Key]:
    """A last name, the end of a force's name, or initials belong to the one longer name that they come from."""
    for label in ("PERSON", "MILITARY", "GOV_BODY", "ORGANIZATION"):
        names = {key[1] for span, key in zip(spans, keys, strict=True) if span.label == label}
        for name in sorted(names):
            longer = [other for other in names if other != name and _shortens(name, other, label)]
            if len(longer) == 1:
                keys = _rename(keys, (label, name), (label, longer[0]))
    return keys


def _shortens(name: str, other: str, label: str) -> bool:
    if other == "armed forces":
        return False
    plain = re.sub(r",? jr\.?$", "", other)
    if plain.endswith(" " + name) and (label != "GOV_BODY" or " " in name):
        return True
    if label in ("PERSON", "ORGANIZATION") and plain.startswith(name + " "):
        return True
    initials = "".join(word[0] for word in other.split() if word not in ("of", "the", "and", "for"))
    return label != "PERSON" and len(name) >= 3 and name == initials
