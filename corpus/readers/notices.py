"""Notices: sale notices of the U.S. Defense Security Cooperation Agency, 2008-2014, works of the U.S. government.

They come in one JSON file, ``notices/arms_sales.json``, as the Sunlight Foundation published it: a list of
``{"pk": 66, "model": ..., "fields": {"title", "text", "date", "dsca_url", ...}}``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from ..document import Region, RegionKind
from ..errors import Fault
from ..files import sha256_of_text
from ..index import IndexEntry
from ..normalise import normalise_text
from .texts import SourceText, decode, verify

FILE_NAME = "notices/arms_sales.json"
LICENCE = "public domain (17 U.S.C. 105)"


class NoticeFields(msgspec.Struct, frozen=True):
    """The fields of a published record that we use."""

    title: str
    text: str
    date: str | None = None
    location: str | None = None
    dsca_url: str | None = None


class NoticeRecord(msgspec.Struct, frozen=True):
    """One published record; fields that we do not use are ignored."""

    pk: int
    fields: NoticeFields


def read_notices(folder: Path, entries: tuple[IndexEntry, ...]) -> dict[str, SourceText | Fault]:
    """Find each entry's record in ``FOLDER/notices/arms_sales.json`` and verify its text."""
    path = folder / FILE_NAME
    records = read_records(path)
    if isinstance(records, Fault):
        return {entry.id: records for entry in entries}
    return {entry.id: _read(path, records.get(entry.source), entry) for entry in entries}


def _read(path: Path, raw: Any, entry: IndexEntry) -> SourceText | Fault:
    where = f"{path}: record {entry.source}"
    if raw is None:
        return Fault(where=where, message=f"missing; it should hold {entry.id}. Get a complete copy of the file.")
    try:
        record = msgspec.convert(raw, NoticeRecord)
    except msgspec.ValidationError as error:
        return Fault(
            where=where, message=f"{entry.id} has not the published form: {error}. Get a fresh copy of the file."
        )
    return verify(entry, record.fields.text, where, record.fields.title)


def read_records(path: Path) -> dict[str, Any] | Fault:
    """The records of the published file by primary key, not yet checked one by one, or why it cannot be read."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Fault(where=str(path), message="no such file. `armsbench hydrate --download` fetches it.")
    except OSError as error:
        return Fault(where=str(path), message=f"cannot be read ({error.strerror}).")
    text = decode(raw, str(path))
    if isinstance(text, Fault):
        return text
    try:
        records = msgspec.json.decode(text, type=list[dict[str, Any]])
    except (msgspec.DecodeError, RecursionError) as error:
        return Fault(
            where=str(path),
            message=f"not the JSON that was published ({error}); it has {len(raw):,} bytes and may be cut off."
            " `armsbench hydrate --download` fetches it.",
        )
    return {str(record.get("pk")): record for record in records}


_CONTACT = re.compile(r"^(?:Media/Public Contact|Transmittal No)", re.M)
_CLOSING = re.compile(r"^-? ?30 ?-?$", re.M)
# The dateline follows the transmittal number without a break ("13-67WASHINGTON, Jan 14, 2014").
_DATELINE = re.compile(r"WASHINGTON|Washington")
_DATELINE_DATE = re.compile(r"WASHINGTON,? +([A-Z][a-z]+)\.? +(\d{1,2}), *(\d{4})", re.I)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_TRANSMITTAL = re.compile(r"Transmittal No[.:]*\s*(\d\d-\d+)")


def index_notice(record: NoticeRecord) -> IndexEntry:
    """The index entry of a published record: digest, story and regions found by the form of the release.

    Regions: the title line is the headline; from the contact line to the dateline is furniture (guideline 1.2: contact
    lines and transmittal numbers), as is the closing "-30-".
    """
    text = normalise_text(record.fields.text)
    transmittal = _TRANSMITTAL.search(text)
    # One number stands on two releases for different countries (11-06), so the story names the country too.
    country = re.split(r"[–-]", normalise_text(record.fields.title))[0]
    place = re.sub(r"[^a-z]+", "-", country.lower()).strip("-")
    number = transmittal.group(1) if transmittal else f"record-{record.pk}"
    return IndexEntry(
        id=f"notice-{record.pk:03d}",
        source=str(record.pk),
        story=f"dsca-{number}-{place}",
        sha256=sha256_of_text(text),
        licence=LICENCE,
        regions=notice_regions(text),
        date=record.fields.date or dateline_date(text),
        date_basis="record" if record.fields.date else "text",
        url=record.fields.dsca_url,
    )


def dateline_date(text: str) -> str | None:
    """The ISO day of the dateline ("WASHINGTON, July 28, 2009"), for the records that carry no date."""
    found = _DATELINE_DATE.search(text)
    if found is None:
        return None
    month, day, year = found.groups()
    return f"{year}-{_MONTHS.index(month[:3].lower()) + 1:02d}-{int(day):02d}"


def notice_regions(text: str) -> tuple[Region, ...]:
    """The regions of a normalised notice: headline, furniture, body, furniture; any but the body may be missing."""
    starts: list[tuple[int, RegionKind]] = []
    headline_end = text.find("\n\n") + 2
    contact = _CONTACT.search(text)
    body = headline_end
    if contact:
        starts.append((contact.start(), "furniture"))
        dateline = _DATELINE.search(text, contact.end())
        body = dateline.start() if dateline else contact.end()
    if (contact.start() if contact else body) > 0:
        starts.append((0, "headline"))
    starts.append((body, "body"))
    closings = list(_CLOSING.finditer(text, body))
    if closings:
        starts.append((closings[-1].start(), "furniture"))
    starts.sort()
    ends = [start for start, _ in starts[1:]] + [len(text)]
    return tuple(Region(kind, start, end) for (start, kind), end in zip(starts, ends, strict=True))
