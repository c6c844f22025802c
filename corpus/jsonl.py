"""Read JSON Lines of strict records, and find every fault, not only the first."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import msgspec

from .errors import DataError, Fault
from .files import shown

MAX_LINE = 16 * 1024 * 1024
"""Longest line in bytes that is read. The longest document of the release takes well under 1 MiB with all layers."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

RecordT = TypeVar("RecordT")


def read_lines(path: Path) -> Iterator[tuple[int, bytes | Fault]]:
    """The lines of a file with their numbers from 1, or why one cannot be used; never more than one line in memory.

    Lines of white space are passed over. Raises OSError when the file cannot be opened.
    """
    with path.open("rb") as handle:
        number = 0
        while line := handle.readline(MAX_LINE + 1):
            number += 1
            where = f"{shown(path)}:{number}"
            if len(line) > MAX_LINE:
                size = len(line) + _skip_line(handle)
                yield (
                    number,
                    Fault(
                        where=where,
                        message=f"the line has {size:,} bytes, more than {MAX_LINE:,}. Write one document a line.",
                    ),
                )
                continue
            if number == 1 and line.startswith(BYTE_ORDER_MARK):
                yield (
                    number,
                    Fault(where=where, message="begins with a byte order mark. Save the file as UTF-8 without BOM."),
                )
                line = line[3:]
            if line.strip():
                yield number, line


def _skip_line(handle: BinaryIO) -> int:
    """Read on to the end of the line without keeping it; returns how many bytes that were."""
    skipped = 0
    while piece := handle.readline(MAX_LINE):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped


def read_records(path: Path, record: type[RecordT]) -> list[RecordT]:
    """Every record of a file; raises DataError with all faults of all lines, and OSError when it cannot be opened."""
    records, faults = [], []
    for number, line in read_lines(path):
        if isinstance(line, Fault):
            faults.append(line)
            continue
        found, its = decode_line(line, record, f"{shown(path)}:{number}")
        faults += its
        if found is not None:
            records.append(found)
    if faults:
        raise DataError(faults)
    return records


def decode_line(line: bytes, record: type[RecordT], where: str) -> tuple[RecordT | None, list[Fault]]:
    """``line`` as a ``record``, or None and every fault: not UTF-8, not JSON, or each field of a wrong type."""
    try:
        return msgspec.json.decode(line, type=record), []
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        pass  # found again below, with every other fault of the line
    try:
        line.decode()
    except UnicodeDecodeError as error:
        what = "binary data" if b"\x00" in line else f"byte 0x{line[error.start]:02x} at {error.start} is not UTF-8"
        return None, [Fault(where=where, message=f"{what}, expected one JSON object a line in UTF-8")]
    try:
        raw = msgspec.json.decode(line)
    except RecursionError:
        return None, [Fault(where=where, message="nested too deeply, expected one JSON object a line")]
    except msgspec.DecodeError as error:
        return None, [Fault(where=where, message=f"not JSON: {error}. Write one JSON object a line.")]
    faults = [Fault(where=f"{where}: {path}", message=message) for path, message in type_faults(raw, record, "$")]
    return None, faults or [Fault(where=where, message="cannot be read as one JSON object")]


def type_faults(raw: Any, wanted: Any, path: str) -> Iterator[tuple[str, str]]:
    """Each place below ``path`` where ``raw`` (decoded JSON) is not of the type ``wanted``, with what was expected."""
    origin = typing.get_origin(wanted)
    if origin in (typing.Union, types.UnionType):
        if raw is None and type(None) in typing.get_args(wanted):
            return
        others = [arg for arg in typing.get_args(wanted) if arg is not type(None)]
        if len(others) == 1:
            yield from type_faults(raw, others[0], path)
            return
    elif origin is tuple and isinstance(raw, list):
        for i, each in enumerate(raw):
            yield from type_faults(each, typing.get_args(wanted)[0], f"{path}[{i}]")
        return
    elif isinstance(wanted, type) and issubclass(wanted, msgspec.Struct) and isinstance(raw, dict):
        fields = {field.name: field for field in msgspec.structs.fields(wanted)}
        for name, field in fields.items():
            if name in raw:
                yield from type_faults(raw[name], field.type, f"{path}.{name}")
            elif field.required:
                yield f"{path}.{name}", "missing"
        for name in raw:
            if name not in fields:
                yield f"{path}.{name[:60]}", f"unknown field; known are {', '.join(fields)}"
        return
    try:
        msgspec.convert(raw, wanted)
    except (msgspec.ValidationError, RecursionError) as error:
        yield path, str(error).partition(" - at `")[0]
