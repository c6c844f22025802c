"""Read collections that come as one text file a document."""

from __future__ import annotations

from pathlib import Path

from ..errors import Fault
from ..index import IndexEntry
from .texts import SourceText, decode, verify


def read_text_files(folder: Path, entries: tuple[IndexEntry, ...]) -> dict[str, SourceText | Fault]:
    """For each entry the file ``folder/entry.source``, decoded, normalised and verified, or its fault."""
    return {entry.id: _read(folder / entry.source, entry) for entry in entries}


def _read(path: Path, entry: IndexEntry) -> SourceText | Fault:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return Fault(
            where=str(path), message=f"no such file; it should hold {entry.id}. Put your copy of the text there."
        )
    except OSError as error:
        return Fault(where=str(path), message=f"cannot be read ({error.strerror}); it should hold {entry.id}.")
    text = decode(raw, str(path))
    return text if isinstance(text, Fault) else verify(entry, text, str(path))
