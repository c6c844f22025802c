"""What the readers share: decode bytes to text, and say plainly why a text is not the one we annotated."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import msgspec

from ..errors import Fault
from ..files import sha256_of_text
from ..index import IndexEntry
from ..normalise import normalise_text


class SourceText(msgspec.Struct, frozen=True):
    """The normalised text of a document and, where the source gives one, its title."""

    text: str
    title: str | None = None


class Reader(Protocol):
    """Finds the text of index entries in one sources folder."""

    def __call__(self, folder: Path, entries: tuple[IndexEntry, ...]) -> dict[str, SourceText | Fault]:
        """For each entry (by document id) its verified text, or the reason why it cannot be used."""


def decode(raw: bytes, where: str) -> str | Fault:
    """``raw`` as UTF-8 (a byte order mark is dropped), or a fault that names the first byte that is not."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Fault(
            where=where,
            message=f"not UTF-8 (byte 0x{raw[error.start]:02x} at {error.start}). Save the file as UTF-8.",
        )


def verify(entry: IndexEntry, raw_text: str, where: str, title: str | None = None) -> SourceText | Fault:
    """``raw_text`` normalised, if its digest is the indexed one; else a fault that says how it differs.

    A text that does not match is refused: the offsets of its annotations would point at other words.
    """
    text = normalise_text(raw_text)
    if sha256_of_text(text) == entry.sha256:
        return SourceText(text, normalise_text(title) if title else None)
    expected = entry.regions[-1].end
    if len(text) < expected:
        hint = f"it has {len(text):,} characters, {expected:,} expected, so it may be cut off"
    elif len(text) > expected:
        hint = f"it has {len(text):,} characters, {expected:,} expected, so something was added"
    else:
        hint = "same length, other characters"
    return Fault(
        where=where,
        message=f"{entry.id} is not the text that was annotated ({hint}). Get a fresh copy of the source, unedited.",
    )
