"""Which mentions of weapons and support are one item: rules on designations, words, head nouns (guideline 3.3)."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from ..corpus.document import Document
from .sentences import is_notice
from .spans import Span

Key = tuple[str, ...]

_OF_SUPPORT = re.compile(r"^(?:related |other |all )*elements? of\b.*\bsupport$", re.I)
_TAIL = re.compile(r"\s{1,20}(?:in support of|for|of|with|to|in|including|without)\b.*$", re.I)
_JOINED = re.compile(r"[\w/-]+")
_UNCHANGED = {"aircraft", "series", "chassis", "gps", "gps/ins"}
_IRREGULAR = {"facilities": "facility", "batteries": "battery"}
_VAGUE = frozenset({"service", "support", "equipment"})
_SUMMARY = re.compile(r"^(?:parts|training|(?:logistical|logistics) support)$", re.I)
_ADJECTIVES = frozenset({"additional", "new", "newly", "proposed", "upgraded", "improved", "related", "a", "the"})
_GENERIC = frozenset({"aircraft", "vehicle", "system", "weapon", "sub-system", "platform"})
_COMPONENTS = frozenset(
    ("section", "unit", "kit", "set", "fuze", "part", "launcher", "round", "component", "assembly", "simulator", "pod")
)


class ItemName(msgspec.Struct, frozen=True):
    """How an item is called at one place, taken apart."""

    key: Key
    start: int
    surface: str
    words: frozenset[str]
    head: str
    designations: frozenset[str]
    counted: bool

    @property
    def component(self) -> bool:
        """Whether it is a part of something, which never is one with the whole."""
        return self.head in _COMPONENTS

    @property
    def bare(self) -> bool:
        """Whether it says no more than what kind of thing it is: "missiles", "these additional ships"."""
        return len(self.words) == 1 and not self.designations and self.head not in _VAGUE


def item_key(label: str, surface: str) -> Key:
    """The words of an item in the singular, without "additional" and the like: equal keys are one item."""
    words = [singular(word) for word in re.findall(r"[\w/&+().-]+", surface.casefold())]
    return (label, " ".join(word for word in words if word not in _ADJECTIVES) or surface.casefold())


def join_items(document: Document, spans: Sequence[Span], keys: list[Key]) -> list[Key]:
    """``keys`` with those of items put together that are one by their words (guideline 3.3)."""
    for label, rules in (("WEAPON", (_same_designation, _shorter_name, _bare_noun)), ("SUPPORT", (_summary,))):
        for rule in rules:
            names: dict[Key, ItemName] = {}
            for i, (span, key) in enumerate(zip(spans, keys, strict=True)):
                if span.label == label and key not in names:
                    counted = i > 0 and spans[i - 1].label == "QUANTITY" and span.start - spans[i - 1].end <= 3
                    names[key] = _taken_apart(document, span, key, counted)
            target = {name.key: rule(name, tuple(names.values()), is_notice(document)) for name in names.values()}
            keys = [_end_of(key, target) for key in keys]
    return keys


def _end_of(key: Key, target: dict[Key, Key | None]) -> Key:
    """Where the chain of targets from ``key`` ends; for a circle the same member from wherever it is entered."""
    seen = [key]
    while (following := target.get(key)) is not None:
        if following in seen:
            return min(seen[seen.index(following) :])
        seen.append(following)
        key = following
    return key


def _taken_apart(document: Document, span: Span, key: Key, counted: bool) -> ItemName:
    surface = " ".join(document.text[span.start : span.end].split())
    return ItemName(
        key=key,
        start=span.start,
        surface=surface,
        words=frozenset(re.findall(r"[\w/+-]+", key[1])) | frozenset(re.findall(r"[\w+-]+", key[1])),
        head=head_noun(surface),
        designations=_designations(surface),
        counted=counted,
    )


def _same_designation(name: ItemName, names: Sequence[ItemName], notice: bool) -> Key | None:
    """The first item of equal designation whose words are among its own or the other way round."""
    for other in names:
        if other.key == name.key or not name.designations:
            return None
        among = name.words <= other.words or other.words <= name.words
        if name.designations == other.designations and name.component == other.component and among:
            return other.key
    return None


def _shorter_name(name: ItemName, names: Sequence[ItemName], notice: bool) -> Key | None:
    """The first item that holds all words of a name: "Javelin" in "Block I Javelin Missiles"."""
    if name.designations or name.counted or (name.bare and not name.surface[0].isupper()):
        return None
    words = name.words - {"system"}
    for other in names:
        larger = words < other.words - {"system"} or (words == other.words - {"system"} and other.start < name.start)
        alike = name.component == other.component or name.surface.isupper()
        if other.key != name.key and words and larger and alike:
            return other.key
    return None


def _bare_noun(name: ItemName, names: Sequence[ItemName], notice: bool) -> Key | None:
    """The item that a bare noun stands for: of that head, in notices the first, in news the last before it.

    "These aircraft", "the system" stand for the first item of a notice, if none of that head came before.
    """
    if not name.bare or name.counted:
        return None
    others = [other for other in names if other.head == name.head and not other.bare]
    if notice and name.head in _GENERIC and not any(other.start < name.start for other in others):
        others = [other for other in names if not other.bare and not other.component]
    if not others:
        return None
    if notice:
        return others[0].key
    before = [other for other in others if other.start < name.start]
    return before[-1].key if before else others[0].key


def _summary(name: ItemName, names: Sequence[ItemName], notice: bool) -> Key | None:
    """The one other item with the head noun of "parts", "training" or "logistical support" in a notice's summary."""
    others = [other for other in names if other.head == name.head and other.key != name.key]
    single = name.bare or _SUMMARY.match(name.surface) is not None
    return others[0].key if single and len(others) == 1 else None


def head_noun(surface: str) -> str:
    """The last noun before any "of", "for", "with", in the singular and in lower case: "rounds" gives "round"."""
    if _OF_SUPPORT.match(surface):
        return "support"
    words = re.findall(r"[\w/&+-]+", _TAIL.sub("", surface)) or [surface]
    return singular(words[-1].casefold())


def singular(word: str) -> str:
    """``word`` (in lower case) without its plural ending; good enough for nouns that name equipment."""
    if word in _UNCHANGED or word.endswith("ss"):
        return word
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "does")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


def _designations(surface: str) -> frozenset[str]:
    """What holds a figure and a capital, to compare items by; looser than the pattern that finds weapons in a text."""
    joined = (found.lstrip("/-") for found in _JOINED.findall(surface))
    coded = (word for word in joined if re.search(r"\d", word) and re.search("[A-Z]", word))
    return frozenset(word.rstrip("s") for word in coded if not re.match(r"\d+mm$", word, re.I))
