"""Articles: written for this project, their text lies in the package beside their index."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast, get_args

import msgspec

from ..document import Region, RegionKind
from ..errors import DataError, Fault
from ..facts import FactSheet, fact_sheet_faults, fact_sheet_path
from ..files import PACKAGE, checkout, sha256_of_text, write_atomic
from ..index import IndexEntry, read_index
from ..normalise import normalise_text
from .textfiles import read_text_files
from .texts import SourceText

LICENCE = "CC BY 4.0"

_REGION_MARK = re.compile(r"\{\{#(\w+)\}\}")


def read_articles(folder: Path, entries: tuple[IndexEntry, ...]) -> dict[str, SourceText | Fault]:
    """Read ``FOLDER/articles/<id>.txt``; the package's own ``corpus`` folder is such a folder."""
    return read_text_files(folder / "articles", entries)


def add_article(draft: str, sheet: FactSheet, *, replace: bool = False) -> Path:
    """Write the text, the fact sheet and the index entry of an article; returns the path of its text.

    Raises DataError with every fault of draft and fact sheet, and for an id that is taken unless ``replace``; nothing
    is written then. The index is written last, so a kill leaves no entry without its text.
    """
    entry, text = article_from_draft(draft, sheet)
    if faults := fact_sheet_faults(sheet, entry.regions):
        raise DataError(faults)
    folder = PACKAGE / "corpus" / "articles"
    if not replace and entry.id in {known.id for known in read_index("articles")}:
        message = "is taken. Take another id, or use --replace."
        raise DataError([Fault(where=entry.id, message=message)])
    if checkout() is None:
        raise DataError(
            "articles are kept in a checkout of the repository, and this is an installed package. Clone it."
        )
    write_atomic(folder / entry.source, text)
    write_atomic(fact_sheet_path(entry.id), msgspec.json.format(msgspec.json.encode(sheet), indent=1) + b"\n")
    entries = {known.id: known for known in read_index("articles")} | {entry.id: entry}
    lines = (msgspec.json.encode(entries[doc_id]) + b"\n" for doc_id in sorted(entries))
    write_atomic(folder / "index.jsonl", b"".join(lines))
    return folder / entry.source


def article_from_draft(draft: str, sheet: FactSheet) -> tuple[IndexEntry, str]:
    """The index entry and the text of an article, from a draft whose regions are marked.

    A mark ``{{#headline}}`` (or body, caption, byline, furniture) stands before the first character of a region.
    Raises DataError when a mark is unknown, or when the text does not begin with one or is not in normal form.
    """
    pieces = _REGION_MARK.split(draft.strip("\n"))
    kinds, bodies = pieces[1::2], pieces[2::2]
    faults = [
        Fault(where=sheet.doc_id, message=f"unknown region {kind!r}; one of {', '.join(get_args(RegionKind))}")
        for kind in kinds
        if kind not in get_args(RegionKind)
    ]
    text = "".join(bodies)
    if pieces[0]:
        faults.append(
            Fault(where=sheet.doc_id, message="the draft must begin with a region mark such as {{#headline}}")
        )
    if normalise_text(text) != text:
        faults.append(
            Fault(where=sheet.doc_id, message="the text has tabs, double spaces or the like; see corpus/normalise.py")
        )
    if faults:
        raise DataError(faults)
    regions, position = [], 0
    for kind, body in zip(kinds, bodies, strict=True):
        regions.append(Region(cast(RegionKind, kind), position, position + len(body)))
        position += len(body)
    entry = IndexEntry(
        id=sheet.doc_id,
        source=f"{sheet.doc_id}.txt",
        story=sheet.story,
        sha256=sha256_of_text(text),
        licence=LICENCE,
        regions=tuple(regions),
        title=sheet.title,
        date=sheet.date,
        date_basis="record",
    )
    return entry, text
