"""Articles: written for this project, their text lies in the package beside their index."""

from __future__ import annotations

import re
from pathlib import Path
from typing import cast, get_args

from ..document import Region, RegionKind
from ..errors import DataError, Fault
from ..facts import FactSheet
from ..files import sha256_of_text
from ..index import IndexEntry
from ..normalise import normalise_text
from .textfiles import read_text_files
from .texts import SourceText

LICENCE = "CC BY 4.0"

_REGION_MARK = re.compile(r"\{\{#(\w+)\}\}")


def read_articles(folder: Path, entries: tuple[IndexEntry, ...]) -> dict[str, SourceText | Fault]:
    """Read ``FOLDER/articles/<id>.txt``; the package's own ``corpus`` folder is such a folder."""
    return read_text_files(folder / "articles", entries)


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
