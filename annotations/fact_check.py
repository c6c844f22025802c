"""Compares the deal records of an article with its fact sheet: what the gold says against what the writer knew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from ..corpus.document import Document
from ..corpus.facts import FactDeal, FactItem, FactSheet
from .annotation import Annotation, Deal, Filler
from .deals import deal_records
from .findings import Finding

CHECK = "facts"
COMMON = 1.0
"""How much a deal of the sheet and a record must have in common to be the same: an item, a number or a date."""
ROUNDING = 0.01
"""Relative difference up to which two amounts are the same sum in other digits ("$2.4 billion" for 2,380 million)."""


def fact_findings(document: Document, annotation: Annotation, sheet: FactSheet) -> list[Finding]:
    """Where the deal records of ``document`` and the deals of its fact sheet differ.

    Deals are aligned one to one by what they have in common; a deal of the sheet that is left over goes to the record
    that holds its items (guideline 6.22), a record that is left over to the deal that it tells of again. Recipient,
    value, quantities, contractors and date of the sheet are then compared with the record, its items, and the records
    tied to it by ``part_of``. No difference: a date that is finer or coarser, an amount that is rounded, and what the
    text does not tell, for a sheet may know more. Findings are slots that differ, deals of the sheet without a record,
    and records that rest on no deal and on no fact.
    """
    records = deal_records(document, annotation)
    pairs = _align(sheet.deals, records)
    told = _Told(document, annotation)
    findings = []
    for fact, record in pairs:
        name = _shown(fact)
        if record is None:
            findings.append((f"deal {name}", "the fact sheet has this deal, the gold no record of it"))
            continue
        for slot, message in _differences(fact, record, _family(record, records), told):
            findings.append((f"deal {name}: {slot}", message))
    matched = {record.id for _, record in pairs if record is not None}
    facts = " ".join(fact.fact for fact in sheet.facts).casefold()
    for record in records:
        again = any(_likeness(fact, record) >= COMMON for fact in sheet.deals)
        if record.id not in matched and not again and not _is_sum(record, records) and not _rests_on(record, facts):
            findings.append((f"record {record.name!r}", "the gold has this record, the fact sheet nothing for it"))
    return [Finding(check=CHECK, doc_id=document.id, key=key, message=message) for key, message in findings]


class _Told:
    """What the text tells at all, by the annotation: amounts, numbers, dates; and its words."""

    def __init__(self, document: Document, annotation: Annotation) -> None:
        self.text = document.text.casefold()
        attributes = [entity.attributes for entity in annotation.entities or ()]
        self.amounts = [a.amount for a in attributes if a.amount is not None]
        self.numbers = {a.number for a in attributes if a.number is not None}
        self.dates = {a.iso for a in attributes if a.iso is not None}


def _rests_on(record: Deal, facts: str) -> bool:
    """Whether the facts name an item, an amount or a party of the record."""
    names = [name for item in record.item for name in (item.name, *item.aliases)]
    names += [name for f in (*record.recipient, *record.supplier) for name in (f.name, *f.aliases)]
    figures = [f"{a.amount:,}" for a in record.value] + [f"{a.amount}" for a in record.value]
    return any(len(name) > 2 and name.casefold() in facts for name in (*names, *figures))


def _align(facts: Sequence[FactDeal], records: Sequence[Deal]) -> list[tuple[FactDeal, Deal | None]]:
    """Each deal of the sheet with its record; None where nothing in common is left."""
    if not records or not facts:
        return [(fact, None) for fact in facts]
    score = np.array([[_likeness(fact, record) for record in records] for fact in facts])
    rows, columns = linear_sum_assignment(score, maximize=True)
    partner = {int(r): records[int(c)] for r, c in zip(rows, columns, strict=True) if score[r, c] >= COMMON}
    for i, fact in enumerate(facts):
        shared = [j for j, r in enumerate(records) if score[i, j] >= COMMON and _one_buyer(fact, r)]
        if i not in partner and shared:
            partner[i] = records[max(shared, key=lambda j: score[i, j])]
    return [(fact, partner.get(i)) for i, fact in enumerate(facts)]


def _one_buyer(fact: FactDeal, record: Deal) -> bool:
    codes = _codes(record.recipient)
    return not codes or bool(codes & set(fact.recipient))


def _likeness(fact: FactDeal, record: Deal) -> float:
    """How much of the sheet's deal stands in the record: value counts most, then quantities, items, date, parties."""
    numbers = {c.number for item in record.item for c in item.quantity}
    words = {w for item in record.item for name in (item.name, *item.aliases) for w in _words(name)}
    score = 4.0 * (fact.value is not None and _has_amount(fact, [record]))
    score += sum(2.0 for item in fact.items if item.quantity in numbers)
    score += sum(1.0 for item in fact.items if words & _words(item.name))
    score += 1.0 * (fact.date is not None and any(_same_time(fact.date, iso) for iso in record.dated))
    # Parties alone make no pair: an article mostly has one buyer and one seller.
    score += 0.2 * len(_codes(record.recipient) & set(fact.recipient)) - 3.0 * (not _one_buyer(fact, record))
    score += 0.2 * len(_codes(record.supplier) & set(fact.supplier))
    return score


def _differences(fact: FactDeal, record: Deal, family: Sequence[Deal], told: _Told) -> Iterator[tuple[str, str]]:
    recipients = _codes(f for deal in family for f in deal.recipient)
    if recipients and not set(fact.recipient) & recipients and fact.recipient:
        yield "recipient", f"fact sheet {', '.join(sorted(fact.recipient))}, gold {_names(record.recipient)}"
    if fact.value is not None and not _has_amount(fact, family):
        found = [f"{a.amount:,} {a.currency}" for a in record.value]
        if found or any(_close(amount, fact.value.amount) for amount in told.amounts):
            yield "value", f"fact sheet {fact.value.amount:,} {fact.value.currency}, gold {', '.join(found) or 'none'}"
    numbers = {c.number for deal in family for item in deal.item for c in item.quantity}
    for item in fact.items:
        if item.quantity is None or item.quantity in numbers:
            continue
        named = [i for i in record.item if _words(i.name) & _words(item.name) and i.quantity]
        if named or item.quantity in told.numbers:
            found = [f"{c.number:,} {i.name}" for i in named or record.item for c in i.quantity]
            yield f"quantity of {item.name}", f"fact sheet {item.quantity:,}, gold {', '.join(found) or 'none'}"
    firms = [*record.contractor, *record.supplier]
    firms += [firm for deal in family for item in deal.item for firm in (*item.contractor, *item.manufacturer)]
    firms += [firm for deal in family for firm in (*deal.contractor, *deal.supplier)]
    for name in fact.contractors:
        known = any(_same_firm(name, alias) for firm in firms for alias in (firm.name, *firm.aliases))
        if not known and name.casefold() in told.text:
            yield f"contractor {name}", f"gold {_names(record.contractor)}"
    dates = {iso for deal in family for iso in deal.dated}
    if fact.date is None or any(_same_time(fact.date, iso) for iso in dates):
        return
    if dates or any(_same_time(fact.date, iso) for iso in told.dates):
        yield "date", f"fact sheet {fact.date}, gold {', '.join(sorted(dates)) or 'none'}"


def _family(record: Deal, records: Iterable[Deal]) -> list[Deal]:
    """``record`` first, then its packages and parts."""
    its = {*record.part_of}
    return [record, *(r for r in records if r.id in its or record.id in r.part_of)]


def _is_sum(record: Deal, records: Iterable[Deal]) -> bool:
    """Whether other records are parts of this one: a package that the sheet lists by its parts."""
    return any(record.id in other.part_of for other in records)


def _has_amount(fact: FactDeal, deals: Iterable[Deal]) -> bool:
    assert fact.value is not None
    amounts = [a for deal in deals for a in (*deal.value, *(v for item in deal.item for v in item.value))]
    return any(a.currency == fact.value.currency and _close(a.amount, fact.value.amount) for a in amounts)


def _words(name: str) -> set[str]:
    """The words of a name without a plural's s, for a sheet says "Rafale" where a text says "Rafales"."""
    return {word.removesuffix("s") for word in name.casefold().split()}


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= ROUNDING * abs(other)


def _same_time(one: str, other: str) -> bool:
    """Whether two ISO dates are equal as far as both go ("2023-06" and "2023-06-29")."""
    return one.startswith(other) or other.startswith(one) or ("-W" in other and one[:4] == other[:4])


def _same_firm(one: str, other: str) -> bool:
    one, other = one.casefold(), other.casefold()
    return one in other or other in one or one.split()[0] == other.split()[0]


def _codes(fillers: Iterable[Filler]) -> set[str]:
    return {f.iso3 for f in fillers if f.iso3}


def _names(fillers: Iterable[Filler]) -> str:
    return ", ".join(f.iso3 or f.name for f in fillers) or "none"


def _shown(fact: FactDeal) -> str:
    """A name for a deal of the sheet: from whom to whom, and the first item."""
    items: Sequence[FactItem] = fact.items
    name = f"{'+'.join(fact.supplier) or '?'}-{'+'.join(fact.recipient) or '?'} {items[0].name if items else 'no item'}"
    return f"{name} ({'; '.join(fact.facts)})"
