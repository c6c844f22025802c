"""Where the lines of a large file stand, so that any of them can be read without those before it."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np

from .errors import DataError, Fault
from .files import shown
from .jsonl import BYTE_ORDER_MARK, MAX_LINE, read_lines

_BLOCK = 1 << 24
_NEW_LINE = ord("\n")
_SPACE = np.isin(np.arange(256), list(b" \t\n\r\v\f"))


class Line(msgspec.Struct, frozen=True, array_like=True):
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
    found, first_bytes = [], []
    at = 0
    fresh = True
    try:
        state = file_state(path)
        if not path.is_file():
            message = "is no regular file, and it has to be read twice. Write what it gives to a file first."
            raise DataError([Fault(where=shown(path), message=message)])
        with path.open("rb") as handle:
            while block := handle.read(_BLOCK):
                data = np.frombuffer(block, np.uint8)
                starts = np.flatnonzero(data == _NEW_LINE) + 1
                starts = np.concatenate([[0], starts]) if fresh else starts
                fresh = block.endswith(b"\n")
                starts = starts[:-1] if fresh else starts
                found.append(starts + at)
                first_bytes.append(data[starts])
                at += len(block)
            if not found:
                return LineIndex(path, [], state)
            begins, first = np.concatenate(found), np.concatenate(first_bytes)
            sizes = np.diff(begins, append=at)
            handle.seek(0)
            if int(sizes.max()) > MAX_LINE or handle.read(3) == BYTE_ORDER_MARK:
                raise DataError([fault for _, fault in read_lines(path) if isinstance(fault, Fault)])
            kept = ~_SPACE[first]
            doubtful = ~kept & (sizes > 2)  # a shorter one is a space and a line break, but for the last
            doubtful[-1] = not kept[-1]
            for i in np.flatnonzero(doubtful).tolist():
                handle.seek(int(begins[i]))
                kept[i] = not handle.read(int(sizes[i])).isspace()
    except OSError as error:
        raise DataError([Fault(where=shown(path), message=f"cannot be read: {error.strerror}")]) from None
    numbers = np.arange(1, len(begins) + 1)
    columns = (column[kept].tolist() for column in (numbers, begins, sizes))
    return LineIndex(path, list(map(Line, *columns)), state)


def read_line(handle: BinaryIO, line: Line) -> bytes:
    """The bytes of a line."""
    if handle.tell() != line.at:
        handle.seek(line.at)
    return handle.read(line.size)
