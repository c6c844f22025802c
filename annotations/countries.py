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
    """All states and territories of ISO 3166-1, and Kosovo as XKX, in order of their codes."""
    lines = (PACKAGE / "annotations" / "countries.tsv").read_text(encoding="utf-8").splitlines()[1:]
    found = []
    for line in lines:
        iso3, name, *lists = line.split("\t")
        aliases, demonyms, capital = (tuple(filter(None, words.split("|"))) for words in lists)
        found.append(Country(iso3=iso3, name=name, aliases=aliases, demonyms=demonyms, capital=capital))
    return tuple(found)


@cache
def country_codes() -> frozenset[str]:
    """The ISO 3166-1 alpha-3 codes of the table, with XKX for Kosovo."""
    return frozenset(country.iso3 for country in countries())
