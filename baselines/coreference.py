"""Which mentions are of one entity: rules on their words, label by label (guideline 3.1-3.4)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ..corpus.document import Document
from .sentences import is_notice
from .spans import Span
from .values import country_code, parse_date, parse_money, parse_quantity

Key = tuple[str, ...]

_RECIPIENT = re.compile(r"\b(?:recipient|purchaser|buyer|customer)s?\b", re.I)
_SELLER = "USA"
_OFFICE = re.compile(r"\bTaipei\s+Economic\s+and\s+Cultural\b")
"""The buyer that is an office and stands for Taiwan, which is the recipient (guideline 3.2)."""
_BODIES = frozenset({"GOV_BODY", "MILITARY", "COMPANY", "ORGANIZATION"})
_LEGAL_FORM = re.compile(
    r",?\s+(?:inc|incorporated|corp|corporation|co|company|llc|ltd|limited|plc|gmbh|ag|sa|s\.? ?a|spa|nv|bv|ab|asa|as"
    r"|oyj|kk|pvt|private ltd|pty ltd|limited liability corporation|lp)\.?$",
    re.I,
)


def entity_keys(document: Document, spans: Sequence[Span]) -> list[Key]:
    """One key per span; spans with equal keys are of one entity, and their labels are equal. ``spans`` are in order."""
    keys = [_first_key(document, spans, i) for i in range(len(spans))]
    keys = _join_deals(document, spans, keys)
    keys = _join_acronyms(document, spans, keys)
    keys = _join_short_names(document, spans, keys)
    return _join_items(document, spans, keys)


def normalised(surface: str) -> str:
    """``surface`` in lower case without articles, possessive endings, quotation marks and doubled spaces."""
    words = " ".join(re.sub(r"[\"“”‘’']s?\b|[\"“”]", " ", surface.casefold().replace("’", "'")).split())
    return re.sub(r"^(?:the|its|their|his|her|a|an)\s+", "", words)


def _first_key(document: Document, spans: Sequence[Span], i: int) -> Key:
    span = spans[i]
    surface = document.text[span.start : span.end]
    before = document.text[max(0, span.start - 80) : span.start]
    if span.label == "GPE":
        return _state_key(document, spans, i, surface)
    if span.label == "MONEY":
        money = parse_money(surface, before)
        return ("MONEY", str(money.amount), str(money.currency))
    if span.label == "QUANTITY":
        return ("QUANTITY", str(parse_quantity(surface, before).number), _counted(document, spans, i))
    if span.label == "DATE":
        return ("DATE", parse_date(surface, document.date).iso or normalised(surface))
    if span.label == "DEAL" and is_notice(document):
        return ("DEAL", "commercial" if "Commercial" in surface else "")
    if span.label in _BODIES and span.form == "nominal":
        return _body_key(document, spans, i, surface)
    return (span.label, _name_key(span.label, surface))


_KINDS_OF_STATE = (
    ("island", frozenset(("TWN", "JPN", "PHL", "SGP", "GBR", "IDN", "BHR", "NZL", "IRL", "CYP", "MLT", "LKA", "ISL"))),
    ("kingdom", frozenset(("NOR", "SAU", "BHR", "THA", "NLD", "BEL", "ESP", "SWE", "DNK", "GBR", "MAR", "JOR", "KHM"))),
    ("emirate", frozenset(("QAT", "KWT", "ARE"))),
)


def _state_key(document: Document, spans: Sequence[Span], i: int, surface: str) -> Key:
    code = country_code(surface)
    if code:
        return ("GPE", code)
    if spans[i].form != "nominal":
        return ("GPE", normalised(surface))
    codes = [
        country_code(document.text[s.start : s.end]) for s in spans if s.label == "GPE" and s.start != spans[i].start
    ]
    others = [found for found in codes if found and found != _SELLER]
    if _RECIPIENT.search(surface) and _OFFICE.search(document.text):
        return ("GPE", "TWN")
    if not others:
        return ("GPE", "recipient" if _RECIPIENT.search(surface) else normalised(surface))
    if _RECIPIENT.search(surface):
        return ("GPE", others[0])
    earlier = [
        found
        for s in spans[:i]
        if s.label == "GPE" and (found := country_code(document.text[s.start : s.end])) and found != _SELLER
    ]
    for word, fitting in _KINDS_OF_STATE:
        if word in surface.casefold():
            earlier = [found for found in earlier if found in fitting] or earlier
    return ("GPE", earlier[-1] if earlier else others[0])


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


def _body_key(document: Document, spans: Sequence[Span], i: int, surface: str) -> Key:
    """A description of a body: the last named one of its label, if its words are as general as "the company"."""
    label = spans[i].label
    if re.fullmatch(r"(?:company|firm|manufacturer|contractor|maker|supplier|agency)", normalised(surface)):
        for earlier in reversed(spans[:i]):
            if earlier.label == label and earlier.form != "nominal":
                return (label, _name_key(label, document.text[earlier.start : earlier.end]))
    return (label, normalised(surface))


def _counted(document: Document, spans: Sequence[Span], i: int) -> str:
    """What a number counts, so that six of one thing are not six of another: the head of the item behind it."""
    for span in spans[i + 1 : i + 3]:
        if span.label in ("WEAPON", "SUPPORT"):
            return head_noun(document.text[span.start : span.end])
        if span.label != "QUANTITY":
            break
    return ""


_BARE_DEAL = re.compile(
    r"(?:proposed |planned |possible )?(?:sale|deal|contract|purchase|agreement|package|order"
    r"|project|scheme)s?$"
)


def _join_deals(document: Document, spans: Sequence[Span], keys: list[Key]) -> list[Key]:
    """In news "the deal", "the sale" and the like are the deal mentioned last; "a contract" is a new one (3.4)."""
    last: Key | None = None
    joined: list[Key] = []
    for span, key in zip(spans, keys, strict=True):
        if span.label == "DEAL" and not is_notice(document):
            article = re.search(r"\b(\w+)\s+$", document.text[max(0, span.start - 12) : span.start])
            indefinite = article is not None and article.group(1).casefold() in ("a", "an", "another", "second")
            if last is not None and _BARE_DEAL.fullmatch(key[1]) and not indefinite:
                key = last
            last = key
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
        if before.label == here.label and between.strip() == "(" and closes and _is_acronym(short):
            keys = _rename(keys, keys[i], keys[i - 1])
    return keys


def _is_acronym(surface: str) -> bool:
    return len(surface.split()) == 1 and sum(c.isupper() for c in surface) >= 2


def _join_short_names(document: Document, spans: Sequence[Span], keys: list[Key]) -> list[Key]:
    """A last name, or the end of a force's name, belongs to the one longer name that ends with it."""
    for label in ("PERSON", "MILITARY", "GOV_BODY"):
        names = {key[1] for span, key in zip(spans, keys, strict=True) if span.label == label and span.form == "name"}
        for name in sorted(names):
            longer = [other for other in names if other != name and other.endswith(" " + name)]
            if len(longer) == 1:
                keys = _rename(keys, (label, name), (label, longer[0]))
    return keys


# Items -------------------------------------------------------------------------------------------------------------

_OF_SUPPORT = re.compile(r"^(?:related |other |all )*elements? of\b.*\bsupport$", re.I)
_TAIL = re.compile(r"\s+(?:in support of|for|of|with|to|in|including|without)\b.*$", re.I)
_DESIGNATION = re.compile(r"\b(?=[\w/-]*\d)(?=[\w/-]*[A-Z])[\w/-]+")
_IRREGULAR = {
    "aircraft": "aircraft",
    "series": "series",
    "chassis": "chassis",
    "facilities": "facility",
    "batteries": "battery",
}
_VAGUE = frozenset({"service", "support", "equipment"})
_SUMMARY = re.compile(r"^(?:parts|training|(?:logistical|logistics) support)$", re.I)


def head_noun(surface: str) -> str:
    """The last noun before any "of", "for", "with", in the singular and in lower case: "rounds" gives "round"."""
    if _OF_SUPPORT.match(surface):
        return "support"
    words = re.findall(r"[\w/&+-]+", _TAIL.sub("", surface)) or [surface]
    return _singular(words[-1].casefold())


def _singular(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _designations(surface: str) -> frozenset[str]:
    return frozenset(d.rstrip("s") for d in _DESIGNATION.findall(surface) if not re.match(r"\d+mm$", d, re.I))


def _join_items(document: Document, spans: Sequence[Span], keys: list[Key]) -> list[Key]:
    """Items of one designation are one; a bare noun is the one item that it can be (guideline 3.3)."""
    for label in ("WEAPON", "SUPPORT"):
        for merge in (_one_designation, _bare_nouns):
            surfaces: dict[Key, str] = {}
            for span, key in zip(spans, keys, strict=True):
                if span.label == label:
                    surfaces.setdefault(key, " ".join(document.text[span.start : span.end].split()))
            merged = merge(surfaces)
            keys = [merged.get(key, key) for key in keys]
    return keys


_COMPONENTS = frozenset(
    ("section", "unit", "kit", "set", "fuze", "part", "launcher", "round", "component", "assembly", "simulator", "pod")
)


def _one_designation(surfaces: dict[Key, str]) -> dict[Key, Key]:
    """Items of equal designation whose words are among each other's, unless one is a component of the other."""
    merged: dict[Key, Key] = {}
    kept: list[tuple[Key, frozenset[str], frozenset[str], bool]] = []
    for key, surface in surfaces.items():
        found = _designations(surface)
        if not found:
            continue
        words = frozenset(_singular(word) for word in re.findall(r"[\w/+-]+", surface.casefold()))
        component = head_noun(surface) in _COMPONENTS
        for other, designations, other_words, other_component in kept:
            among = words <= other_words or other_words <= words
            if found == designations and component == other_component and among:
                merged[key] = other
                break
        else:
            kept.append((key, found, words, component))
    return merged


def _bare_nouns(surfaces: dict[Key, str]) -> dict[Key, Key]:
    """Keys of one-word items ("missiles", "parts") to the only other item with that head noun, if there is one."""
    heads = Counter(head_noun(surface) for surface in surfaces.values())
    merged: dict[Key, Key] = {}
    for key, surface in surfaces.items():
        head = head_noun(surface)
        bare = len(surface.split()) == 1 and not _designations(surface) and head not in _VAGUE
        if (bare or _SUMMARY.match(surface)) and heads[head] == 2:
            merged[key] = next(k for k, s in surfaces.items() if k != key and head_noun(s) == head)
    return {key: target for key, target in merged.items() if target not in merged}
