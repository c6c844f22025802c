"""Where the lines of a large file stand, so that any of them can be read without those before it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec

from .errors import DataError, Fault
from .files import shown
from .jsonl import BYTE_ORDER_MARK, MAX_LINE, read_lines

BUFFER = 1 << 18
"""Bytes read at once: with Python's own few KiB, putting lines together takes longer than reading them."""


class Line(msgspec.Struct, frozen=True, gc=False):
    """Where a line stands: its number from 1, its place and its length in bytes."""

    number: int
    at: int
    size: int


class LineIndex(msgspec.Struct, frozen=True):
    """A file and where its lines stand, those of white space left out. ``state`` tells whether it has changed since."""

    path: Path
    lines: list[Line]
    state: tuple[int, ...]

    def where(self, line: Line) -> str:
        """How a fault names a line."""
        return f"{shown(self.path)}:{line.number}"

    def unchanged(self) -> bool:
        """Whether the file is the one that was indexed."""
        try:
            return file_state(self.path) == self.state
        except OSError:
            return False


def file_state(path: Path) -> tuple[int, ...]:
    """What tells two states of a file apart: device, inode, size, time of last change; raises OSError."""
    status = path.stat()
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def index_lines(path: Path) -> LineIndex:
    """Where the lines of a file stand.

    Raises DataError for a file that cannot be read, is no regular file, has a line that is too long, or begins with a
    byte order mark.
    """
    lines: list[Line] = []
    at = 0
    try:
        state = file_state(path)
        if not path.is_file():
            message = "is no regular file, and it has to be read twice. Write what it gives to a file first."
            raise DataError([Fault(where=shown(path), message=message)])
        with path.open("rb", buffering=BUFFER) as handle:
            marked = handle.read(len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK
            handle.seek(0)
            for number, line in enumerate(iter(partial(handle.readline, MAX_LINE + 1), b""), 1):
                size = len(line)
                if marked or size > MAX_LINE:
                    raise DataError([fault for _, fault in read_lines(path) if isinstance(fault, Fault)])
                if not line.isspace():
                    lines.append(Line(number, at, size))
                at += size
    except OSError as error:
        raise DataError([Fault(where=shown(path), message=f"cannot be read: {error.strerror}")]) from None
    return LineIndex(path, lines, state)


def read_line(handle: BinaryIO, line: Line) -> bytes:
    """The bytes of a line."""
    if handle.tell() != line.at:
        handle.seek(line.at)
    return handle.read(line.size)


def read_joined(path: Path, lines: Iterable[Line]) -> bytes:
    """The bytes of some lines of a file in that order; those that stand side by side are read at once."""
    spans: list[tuple[int, int]] = []
    for line in lines:
        stop = line.at + line.size
        if spans and spans[-1][1] == line.at:
            spans[-1] = spans[-1][0], stop
        else:
            spans.append((line.at, stop))
    pieces = []
    with path.open("rb") as handle:
        for at, stop in spans:
            handle.seek(at)
            pieces.append(handle.read(stop - at))
    return b"\n".join(pieces)  # the last line of a file may end without one
