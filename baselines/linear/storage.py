"""A fitted model in two files: numbers in ``weights.npz``, everything else in ``model.json``. No pickle, no code.

The JSON names its format and holds the digest of the numbers, so that files that are foreign, truncated or from two
different models are refused.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np

from ...corpus.errors import DataError, Fault
from ...corpus.files import write_atomic
from .decoding import Floats

MODEL = "model.json"
WEIGHTS = "weights.npz"

State = TypeVar("State", bound=msgspec.Struct)


class _Envelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    version: int
    weights_sha256: str
    state: msgspec.Raw


def write_model(folder: Path, name: str, version: int, state: msgspec.Struct, arrays: Mapping[str, Floats]) -> None:
    """Write ``state`` and ``arrays`` into ``folder`` as a model of the format ``name``."""
    packed = io.BytesIO()
    np.savez_compressed(packed, allow_pickle=False, **arrays)
    numbers = packed.getvalue()
    digest = hashlib.sha256(numbers).hexdigest()
    envelope = _Envelope(name, version, digest, msgspec.Raw(msgspec.json.encode(state)))
    write_atomic(folder / WEIGHTS, numbers)
    write_atomic(folder / MODEL, msgspec.json.encode(envelope))


def read_model(folder: Path, name: str, version: int, state: type[State]) -> tuple[State, dict[str, Floats]]:
    """The state and arrays that :func:`write_model` wrote.

    Raises DataError for files that are missing, foreign, truncated, of another version or not of one model.
    """
    try:
        envelope = msgspec.json.decode(_bytes(folder / MODEL), type=_Envelope)
    except msgspec.MsgspecError as error:
        raise _refusal(folder / MODEL, f"not a model of ours: {error}") from None
    if (envelope.format, envelope.version) != (name, version):
        theirs = f"{envelope.format!r} version {envelope.version}"
        ours = f"{name!r} version {version}"
        raise _refusal(folder / MODEL, f"is {theirs}, expected {ours}; fit and save the system again")
    numbers = _bytes(folder / WEIGHTS)
    if hashlib.sha256(numbers).hexdigest() != envelope.weights_sha256:
        raise _refusal(folder / WEIGHTS, f"is truncated or not of the model in {MODEL}; save the system again")
    try:
        decoded = msgspec.json.decode(envelope.state, type=state)
        with np.load(io.BytesIO(numbers), allow_pickle=False) as packed:
            arrays = {key: packed[key] for key in packed.files}
    except (msgspec.MsgspecError, ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise _refusal(folder / MODEL, f"cannot be read: {error}") from None
    for key, array in arrays.items():
        if array.dtype != np.float64 or not np.isfinite(array).all():
            raise _refusal(folder / WEIGHTS, f"{key} is {array.dtype} or not finite, expected finite float64")
    return decoded, arrays


def shaped(folder: Path, arrays: Mapping[str, Floats], key: str, shape: tuple[int, ...]) -> Floats:
    """The array ``key``; raises DataError when it is missing or of another shape."""
    array = arrays.get(key)
    if array is None or array.shape != shape:
        found = "missing" if array is None else f"of shape {array.shape}"
        raise _refusal(folder / WEIGHTS, f"{key} is {found}, expected shape {shape}")
    return array


def known_only(folder: Path, what: str, found: Iterable[str], known: Iterable[str]) -> None:
    """Raises DataError when a stored name is not one of the known ones, or stands twice."""
    names = list(found)
    strange = sorted(set(names) - set(known))
    if strange or len(set(names)) < len(names):
        wrong = f"unknown {what} {strange[0][:80]!r}" if strange else f"a {what} stands twice"
        raise _refusal(folder / MODEL, f"{wrong}; fit and save the system again")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _refusal(path, f"cannot be read ({error.strerror}); give the folder that save wrote") from None


def _refusal(path: Path, message: str) -> DataError:
    return DataError([Fault(where=str(path), message=message)])
