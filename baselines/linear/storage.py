"""A fitted model in two files: numbers in ``weights.npz``, everything else in ``model.json``. No pickle, no code.

The JSON names its format and holds one digest of its own state and the numbers together, so that files that are
foreign, damaged, truncated or from two different models are refused.
"""

from __future__ import annotations

import hashlib
import io
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from math import prod
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np
from numpy.lib import format as npy

from ...corpus.errors import DataError, Fault
from ...corpus.files import write_atomic
from .vocabulary import Floats

MODEL = "model.json"
WEIGHTS = "weights.npz"

Shapes = Mapping[str, tuple[int, ...]]
"""The arrays of a model by name, each with its shape."""

State = TypeVar("State", bound=msgspec.Struct)


class _Header(msgspec.Struct, frozen=True):
    format: str
    version: int


class _Envelope(_Header, frozen=True, forbid_unknown_fields=True):
    sha256: str
    state: msgspec.Raw


def write_model(folder: Path, name: str, version: int, state: msgspec.Struct, arrays: Mapping[str, Floats]) -> None:
    """Write ``state`` and ``arrays`` into ``folder`` as a model of the format ``name``."""
    packed = io.BytesIO()
    ordered = {key: np.ascontiguousarray(array) for key, array in arrays.items()}
    np.savez_compressed(packed, allow_pickle=False, **ordered)
    numbers = packed.getvalue()
    encoded = msgspec.json.encode(state)
    envelope = _Envelope(name, version, model_digest(encoded, numbers), msgspec.Raw(encoded))
    write_atomic(folder / WEIGHTS, numbers)
    write_atomic(folder / MODEL, msgspec.json.encode(envelope))


def read_model(
    folder: Path, name: str, version: int, state: type[State], shapes: Callable[[State], Shapes]
) -> tuple[State, dict[str, Floats]]:
    """The state that :func:`write_model` wrote, and its arrays: exactly those that ``shapes`` of the state asks for.

    Raises DataError for files that are missing, foreign, damaged, of another version or not of one model.
    """
    stored = _bytes(folder / MODEL)
    try:
        header = msgspec.json.decode(stored, type=_Header)
        if (header.format, header.version) != (name, version):
            theirs, ours = f"{header.format!r} version {header.version}", f"{name!r} version {version}"
            raise _refusal(folder / MODEL, f"is {theirs}, expected {ours}; fit and save the system again")
        envelope = msgspec.json.decode(stored, type=_Envelope)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _refusal(folder / MODEL, f"not a model of ours: {error}") from None
    numbers = _bytes(folder / WEIGHTS)
    if model_digest(envelope.state, numbers) != envelope.sha256:
        raise _refusal(folder, f"{MODEL} and {WEIGHTS} are damaged or not of one model; fit and save the system again")
    try:
        decoded = msgspec.json.decode(envelope.state, type=state)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _refusal(folder / MODEL, f"cannot be read: {error}") from None
    return decoded, _arrays(folder / WEIGHTS, numbers, shapes(decoded))


def model_digest(state: bytes | msgspec.Raw, numbers: bytes) -> str:
    """The SHA-256 of the state as JSON, a zero byte (which JSON cannot hold) and the numbers, in hexadecimal."""
    return hashlib.sha256(bytes(state) + b"\0" + numbers).hexdigest()


def known_only(folder: Path, what: str, found: Iterable[str], known: Iterable[str]) -> None:
    """Raises DataError when a stored name is not one of the known ones, or stands twice."""
    names = tuple(found)
    strange = sorted(set(names) - set(known))
    if strange:
        raise _refusal(folder / MODEL, f"unknown {what} {strange[0][:80]!r}; fit and save the system again")
    distinct(folder, what, names)


def distinct(folder: Path, what: str, found: Iterable[str]) -> None:
    """Raises DataError when a stored name stands twice."""
    names = tuple(found)
    if len(set(names)) < len(names):
        raise _refusal(folder / MODEL, f"a {what} stands twice; fit and save the system again")


def _arrays(path: Path, numbers: bytes, shapes: Shapes) -> dict[str, Floats]:
    """The arrays in ``numbers``; names and shapes are checked before any array is made, so that none is too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(numbers)) as packed:
            wanted, held = sorted(f"{key}.npy" for key in shapes), sorted(packed.namelist())
            if held != wanted:
                raise _refusal(path, f"holds {len(held)} arrays, expected the {len(wanted)} that {MODEL} describes")
            return {key: _array(path, packed, key, shape) for key, shape in shapes.items()}
    except (
        zipfile.BadZipFile,
        zlib.error,
        ValueError,
        OSError,
        EOFError,
        MemoryError,
        SyntaxError,  # a header that is no Python literal
        tokenize.TokenError,
        RuntimeError,  # an encrypted member; as NotImplementedError a compression that Python does not know
    ) as error:
        raise _refusal(path, f"cannot be read: {error}") from None


def _array(path: Path, packed: zipfile.ZipFile, key: str, shape: tuple[int, ...]) -> Floats:
    with packed.open(f"{key}.npy") as member:
        if npy.read_magic(member) != (1, 0):  # type: ignore[no-untyped-call]
            raise _refusal(path, f"{key} is of another version of the npy format, expected 1.0")
        found, by_column, kind = npy.read_array_header_1_0(member)  # type: ignore[no-untyped-call]
        if found != shape or kind != np.float64 or by_column:
            raise _refusal(path, f"{key} is {kind} of shape {found}, expected float64 by rows of shape {shape}")
        size = prod(shape) * kind.itemsize
        data = member.read(size + 1)
    if len(data) != size:
        raise _refusal(path, f"{key} is shorter or longer than its shape {shape}")
    array: Floats = np.frombuffer(data, dtype=np.float64).reshape(shape)
    if not np.isfinite(array).all():
        raise _refusal(path, f"{key} is not finite")
    return array


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _refusal(path, f"cannot be read ({error.strerror}); give the folder that save wrote") from None


def _refusal(path: Path, message: str) -> DataError:
    return DataError([Fault(where=str(path), message=message)])
