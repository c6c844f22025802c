"""The table of states: codes of ISO 3166-1 and the words that stand for each state."""

from __future__ import annotations

from functools import cache

import msgspec

from ..corpus.files import PACKAGE


class Country(msgspec.Struct, frozen=True, kw_only=True):
    """One line of ``annotations/countries.tsv``: a code and the words that stand for the state."""

    iso3: str
    name: str
    aliases: tuple[str, ...]
    demonyms: tuple[str, ...]
    capital: tuple[str, ...]


@cache
def countries() -> tuple[Country, ...]:
    """The states and territories of ISO 3166-1, Kosovo as XKX, and former states by their codes of ISO 3166-3."""
    lines = (PACKAGE / "annotations" / "countries.tsv").read_text(encoding="utf-8").splitlines()[1:]
    found = []
    for line in lines:
        iso3, name, *lists = line.split("\t")
        aliases, demonyms, capital = (tuple(filter(None, words.split("|"))) for words in lists)
        found.append(Country(iso3=iso3, name=name, aliases=aliases, demonyms=demonyms, capital=capital))
    return tuple(found)


@cache
def country_codes() -> frozenset[str]:
    """The alpha-3 codes of the table: those of ISO 3166-1, XKX for Kosovo, and SUN, YUG, CSK, DDR of former states."""
    return frozenset(country.iso3 for country in countries())
