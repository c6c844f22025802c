"""Press: news articles under their publishers' copyright, read from the user's own copies."""

from __future__ import annotations

from pathlib import Path

from ..errors import Fault
from ..index import IndexEntry
from .textfiles import read_text_files
from .texts import SourceText


def read_press(folder: Path, entries: tuple[IndexEntry, ...]) -> dict[str, SourceText | Fault]:
    """Read ``FOLDER/press/<file name of the entry>``."""
    return read_text_files(folder / "press", entries)
