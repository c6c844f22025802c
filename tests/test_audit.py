"""The audit of gold, the comparison with fact sheets, and the ledger of what is kept."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from armsbench import Release
from armsbench.annotations.audit import audit
from armsbench.annotations.fact_check import fact_findings
from armsbench.annotations.findings import Finding, Kept, open_faults, read_ledger
from armsbench.corpus.facts import FactAmount, FactDeal, FactItem, FactSheet

from .marked import DEAL, marked


def found(inline: str) -> list[tuple[str, str]]:
    document, annotation = marked(inline)
    return [(f.check, f.key) for f in audit([document], {document.id: annotation})]


def test_a_good_annotation_has_no_finding() -> None:
    assert found(DEAL) == []


AUDITS = {
    "counted-item-of-no-deal": (DEAL.replace("item m2 m4\n", ""), "items", "'HIMARS'"),
    "amount-beside-a-deal": (DEAL.replace("value m2 m5\n", ""), "money", "'$180 million'"),
    "deal-without-recipient": (DEAL.replace("recipient m2 m1\n", ""), "recipient", "'contract'"),
    "amount-unlike-its-mention": (DEAL.replace("amount=180000000", "amount=18000000"), "attributes", "'$180 million'"),
    "year-unlike-its-mention": (DEAL.replace("iso=2023-12-15", "iso=2022-12-15"), "attributes", "'15 December 2023'"),
    "month-unlike-its-mention": (DEAL.replace("iso=2023-12-15", "iso=2023-11-15"), "attributes", "'15 December 2023'"),
    "state-unlike-its-name": (DEAL.replace("iso3=LVA", "iso3=LTU"), "attributes", "'Latvia'"),
    "parts-that-do-not-sum": (
        "{{m1 GPE e1|Latvia}} took a {{m2 DEAL e2|package}} of {{m3 MONEY e3|$9 million}}: a {{m4 DEAL e4|sale}} for"
        " {{m5 MONEY e5|$4 million}}, a {{m6 DEAL e6|grant}} for {{m7 MONEY e7|$4 million}}.\n\n%% entities\n"
        "e1 iso3=LVA\ne3 amount=9000000 currency=USD\ne5 amount=4000000 currency=USD\ne7 amount=4000000 currency=USD\n"
        "%% relations\nrecipient m2 m1\nvalue m2 m3\nvalue m4 m5\nvalue m6 m7\npart_of m4 m2\npart_of m6 m2\n",
        "parts",
        "'package'",
    ),
}


@pytest.mark.parametrize(("inline", "check", "key"), AUDITS.values(), ids=AUDITS)
def test_each_check_finds_its_fault(inline: str, check: str, key: str) -> None:
    assert found(inline) == [(check, key)]


@pytest.mark.parametrize(
    ("surface", "amount"),
    [("$1.2bn", 1.2e9), ("Rs 64,000 crore", 6.4e11), ("NT$2.058 billion", 2.058e9), ("€900m", 9e8), ("1.000 euros", 1)],
)
def test_amounts_that_agree_with_their_mention(surface: str, amount: float) -> None:
    money = f"{{{{m1 MONEY e1|{surface}}}}}\n\n%% entities\ne1 amount={amount:.0f} currency=EUR\n"
    assert found(money) == []


def test_one_place_marked_otherwise_than_the_places_like_it() -> None:
    text = "the {{m1 WEAPON.nominal e1|missiles}} are here"
    documents = [marked(text, "one"), marked(text, "two"), marked("the missiles are here", "three")]
    findings = audit([d for d, _ in documents], {d.id: a for d, a in documents})
    assert [(f.check, f.doc_id, f.key) for f in findings] == [("labels", "three", "the [missiles] are")]
    assert findings[0].message.startswith("unmarked here, WEAPON in 2 of 3 places")


SHEET = FactSheet(
    doc_id="article-001",
    title="t",
    date="2023-12-20",
    genre="wire report",
    story="s",
    plan="p",
    facts=(),
    deals=(
        FactDeal(
            recipient=("LVA",),
            supplier=("USA",),
            items=(FactItem(name="HIMARS launchers", quantity=6),),
            value=FactAmount(amount=179_700_000, currency="USD"),
            contractors=("Lockheed",),
            date="2023-12",
            facts=("f1",),
        ),
    ),
)


def differences(change: Callable[[FactDeal], FactDeal] = lambda deal: deal, inline: str = DEAL) -> list[str]:
    sheet = msgspec.structs.replace(SHEET, deals=tuple(map(change, SHEET.deals)))
    return [f.key.partition("): ")[2] or f.key for f in fact_findings(*marked(inline), sheet)]


def test_rounding_coarser_dates_and_short_names_are_no_difference() -> None:
    assert differences() == []


CHANGES = {
    "recipient": ({"recipient": ("EST",)}, ["recipient"]),
    "value": ({"value": FactAmount(amount=250_000_000, currency="USD")}, ["value"]),
    "currency": ({"value": FactAmount(amount=180_000_000, currency="EUR")}, ["value"]),
    "quantity": ({"items": (FactItem(name="HIMARS", quantity=8),)}, ["quantity of HIMARS"]),
    "item-that-the-text-does-not-count": ({"items": (FactItem(name="rockets", quantity=8),)}, []),
    "contractor": ({"contractors": ("Latvia",)}, ["contractor Latvia"]),
    "contractor-that-the-text-does-not-name": ({"contractors": ("Boeing",)}, []),
    "date": ({"date": "2022-12-15"}, ["date"]),
}


@pytest.mark.parametrize(("fields", "keys"), CHANGES.values(), ids=CHANGES)
def test_each_slot_that_differs_is_named(fields: dict[str, object], keys: list[str]) -> None:
    assert differences(lambda deal: msgspec.structs.replace(deal, **fields)) == keys


def test_a_deal_on_one_side_only_is_named() -> None:
    document, annotation = marked(DEAL)
    none = fact_findings(document, annotation, msgspec.structs.replace(SHEET, deals=()))
    assert [f.key for f in none] == ["record 'contract'"]
    bare = marked("{{m1 GPE e1|Latvia}} waits.\n\n%% entities\ne1 iso3=LVA")
    (missing,) = fact_findings(*bare, SHEET)
    assert missing.message == "the fact sheet has this deal, the gold no record of it"


FINDING = Finding(check="money", doc_id="article-001", key="'$1'", message="odd")


def test_the_ledger_silences_its_findings_and_may_only_shrink() -> None:
    kept = Kept(check="money", doc_id="article-001", key="'$1'", reason="a deposit")
    assert [str(f) for f in open_faults([FINDING], [], ["article-001"])] == [
        "article-001: money '$1': odd. Mend it, or give the ledger a reason"
    ]
    assert open_faults([FINDING], [kept], ["article-001"]) == []
    (stale,) = open_faults([], [kept], ["article-001"])
    assert "no such finding now; take it out" in str(stale)
    assert open_faults([], [kept], []) == []  # its text is not here


LEDGER = 210
"""Entries at release 1.0.0. The ledger may only shrink: lower this with it; a new finding is mended, not added."""


def test_the_ledger_has_not_grown() -> None:
    assert len(read_ledger()) <= LEDGER


def test_every_entry_of_the_ledger_has_a_reason_and_is_of_the_release(release: Release) -> None:
    entries = read_ledger()
    assert len({(e.check, e.doc_id, e.key) for e in entries}) == len(entries)
    assert all(len(e.reason.split()) >= 3 for e in entries)
    assert {e.doc_id for e in entries} <= set(release.wanted)
