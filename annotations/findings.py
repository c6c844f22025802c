"""Findings of the audits, and the ledger of those that were looked at and kept, each with its reason.

A finding is a place that a program thinks odd. It is either mended in the data or kept with a reason in
``annotations/ledger.jsonl``. The ledger may only shrink: a finding that it does not hold fails ``armsbench check``, and
so does an entry whose finding is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from ..corpus.errors import Fault
from ..corpus.files import PACKAGE
from ..corpus.jsonl import read_records

LEDGER = PACKAGE / "annotations" / "ledger.jsonl"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something odd in a document of the release: by which ``check``, at what, and what is odd about it.

    ``key`` names the place in words that outlive a renumbering of mentions and entities.
    """

    check: str
    doc_id: str
    key: str
    message: str


class Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of the ledger: a finding that stays, and why."""

    check: str
    doc_id: str
    key: str
    reason: str


def read_ledger() -> tuple[Kept, ...]:
    """The lines of the ledger; raises DataError for a malformed one."""
    return tuple(read_records(LEDGER, Kept)) if LEDGER.exists() else ()


def open_faults(findings: Iterable[Finding], ledger: Sequence[Kept], doc_ids: Iterable[str]) -> list[Fault]:
    """Findings that the ledger does not hold, and entries of the ledger on ``doc_ids`` without a finding, as faults."""
    kept = {(k.check, k.doc_id, k.key) for k in ledger}
    checked = frozenset(doc_ids)
    found = {(f.check, f.doc_id, f.key): f for f in findings}
    faults = [
        Fault(
            where=f"{f.doc_id}: {f.check} {f.key}",
            message=f"{f.message}. Mend it, or give the ledger a reason",
        )
        for key, f in found.items()
        if key not in kept
    ]
    faults += [
        Fault(where=f"annotations/ledger.jsonl: {check} {doc_id} {key}", message="no such finding now; take it out")
        for check, doc_id, key in sorted(kept - found.keys())
        if doc_id in checked
    ]
    return faults
