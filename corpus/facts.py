"""Fact sheets: what an article says and where each fact was found (``corpus/articles/facts/<id>.json``)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from .document import Region
from .errors import DataError, Fault
from .files import PACKAGE


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Notification(_Record, frozen=True, kw_only=True):
    """The public notification that a fact comes from: date of the notice, recipient and transmittal number."""

    date: str
    recipient: str
    transmittal: str | None = None


class Fact(_Record, frozen=True, kw_only=True):
    """One fact in our own words, with the public address where it was found."""

    id: str
    fact: str
    source: str
    notification: Notification | None = None


class FactAmount(_Record, frozen=True, kw_only=True):
    """A sum of money in whole units of a currency."""

    amount: int | float
    currency: str


class FactItem(_Record, frozen=True, kw_only=True):
    """What a deal transfers, by the facts."""

    name: str
    quantity: int | float | None = None


class FactDeal(_Record, frozen=True, kw_only=True):
    """A deal that the article reports, by the facts; recipient and supplier as ISO 3166-1 alpha-3 codes."""

    recipient: tuple[str, ...]
    supplier: tuple[str, ...]
    items: tuple[FactItem, ...]
    value: FactAmount | None = None
    contractors: tuple[str, ...] = ()
    date: str | None = None
    facts: tuple[str, ...] = ()


class FactSheet(_Record, frozen=True, kw_only=True):
    """The facts of one article, how it was planned, and which furniture of the page is invented."""

    doc_id: str
    title: str
    date: str
    genre: str
    story: str
    plan: str
    facts: tuple[Fact, ...]
    deals: tuple[FactDeal, ...]
    invented: str | None = None


def read_fact_sheet(doc_id: str) -> FactSheet:
    """The fact sheet of an article; raises DataError when it is missing or malformed."""
    path = fact_sheet_path(doc_id)
    try:
        return decode_fact_sheet(path.read_bytes(), str(path))
    except FileNotFoundError:
        raise DataError([Fault(where=str(path), message=f"no fact sheet for {doc_id}")]) from None


def fact_sheet_path(doc_id: str) -> Path:
    """Where the fact sheet of an article is kept."""
    return PACKAGE / "corpus" / "articles" / "facts" / f"{doc_id}.json"


def decode_fact_sheet(content: bytes, where: str) -> FactSheet:
    """The fact sheet that JSON holds; raises DataError that names the path of the fault."""
    try:
        return msgspec.json.decode(content, type=FactSheet)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DataError([Fault(where=where, message=str(error))]) from None


def fact_sheet_faults(sheet: FactSheet, regions: Iterable[Region] = ()) -> list[Fault]:
    """What is wrong with a fact sheet: facts without a web address, facts named that do not exist, ids that repeat.

    With the ``regions`` of its article also: a byline or furniture that is not declared in ``invented``.
    """
    where = f"corpus/articles/facts/{sheet.doc_id}.json"
    faults = []
    ids: set[str] = set()
    for i, fact in enumerate(sheet.facts):
        if fact.id in ids:
            faults.append(Fault(where=f"{where}: $.facts[{i}].id", message=f"{fact.id!r} stands twice"))
        ids.add(fact.id)
        if not fact.source.startswith(("https://", "http://")):
            faults.append(
                Fault(where=f"{where}: $.facts[{i}].source", message="no web address; every fact has a source")
            )
    for i, deal in enumerate(sheet.deals):
        for name in deal.facts:
            if name not in ids:
                faults.append(Fault(where=f"{where}: $.deals[{i}].facts", message=f"there is no fact {name!r}"))
    if not sheet.invented and any(region.kind in ("byline", "furniture") for region in regions):
        faults.append(
            Fault(where=f"{where}: $.invented", message="the page has a byline or furniture; say that it is invented")
        )
    return faults
