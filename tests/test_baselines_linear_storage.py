"""A stored linear system: it predicts as before, and files that are not its own, or damaged, are refused."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec
import numpy as np
import pytest
from armsbench.annotations.annotation import Annotation
from armsbench.baselines.linear.storage import model_digest, read_model, write_model
from armsbench.baselines.linear.system import LinearSystem
from armsbench.baselines.linear.vocabulary import Floats
from armsbench.corpus.document import Document
from armsbench.corpus.errors import DataError


def test_a_loaded_model_predicts_exactly_what_the_saved_one_did(
    fitted: LinearSystem, articles: list[Document], made: list[tuple[Document, Annotation]], tmp_path: Path
) -> None:
    fitted.save(tmp_path / "model")
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == ["model.json", "weights.npz"]
    loaded = LinearSystem.load(tmp_path / "model")
    for document in [*articles, *(document for document, _ in made)]:
        assert loaded.predict(document) == fitted.predict(document)
    loaded.save(tmp_path / "again")
    for name in ("model.json", "weights.npz"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "model" / name).read_bytes()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def _foreign(path: Path) -> None:
    path.write_bytes(b"\x80\x04K\x2a." if path.suffix == ".npz" else b'{"format":"other"}')


def _gone(path: Path) -> None:
    path.unlink()


def _empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("name", ["model.json", "weights.npz"])
@pytest.mark.parametrize("spoil", [_cut, _foreign, _gone, _empty])
def test_spoilt_files_are_refused(fitted: LinearSystem, tmp_path: Path, name: str, spoil) -> None:  # type: ignore[no-untyped-def]
    fitted.save(tmp_path)
    spoil(tmp_path / name)
    with pytest.raises(DataError, match=re.escape(name)):
        LinearSystem.load(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        pytest.param(b'"version":2', b'"version":99', "version 99", id="another-version"),
        pytest.param(b"armsbench-linear", b"somebody-else", "somebody-else", id="another-format"),
        pytest.param(b'"state":', b'"sate":', "not a model", id="unknown-field"),
        pytest.param(b'"B-GPE"', b'"B-LAW"', "damaged", id="other-tag"),
    ],
)
def test_altered_models_are_refused(fitted: LinearSystem, tmp_path: Path, old: bytes, new: bytes, message: str) -> None:
    fitted.save(tmp_path)
    model = tmp_path / "model.json"
    assert old in model.read_bytes()
    model.write_bytes(model.read_bytes().replace(old, new, 1))
    with pytest.raises(DataError, match=message):
        LinearSystem.load(tmp_path)


@pytest.mark.parametrize("name", ["model.json", "weights.npz"])
def test_one_flipped_bit_is_refused(fitted: LinearSystem, tmp_path: Path, name: str) -> None:
    fitted.save(tmp_path)
    whole = (tmp_path / name).read_bytes()
    for number in range(60):
        spoilt = bytearray(whole)
        place = number if number < 20 else number * (len(whole) - 1) // 59
        spoilt[place] ^= 1 << number % 8
        (tmp_path / name).write_bytes(spoilt)
        with pytest.raises(DataError):
            LinearSystem.load(tmp_path)


def _reseal(folder: Path, alter: Callable[[bytes], bytes]) -> None:
    """Alter the stored state and make the digest fit it and the numbers again."""
    envelope = msgspec.json.decode((folder / "model.json").read_bytes(), type=dict[str, msgspec.Raw])
    state = alter(bytes(envelope["state"]))
    digest = model_digest(state, (folder / "weights.npz").read_bytes())
    envelope |= {"state": msgspec.Raw(state), "sha256": msgspec.Raw(msgspec.json.encode(digest))}
    (folder / "model.json").write_bytes(msgspec.json.encode(envelope))


@pytest.mark.parametrize(
    ("pattern", "new", "message"),
    [
        pytest.param(rb'"tags":\["O",', rb'"tags":["O","B-LAW",', "of shape", id="shape-does-not-fit"),
        pytest.param(rb'"tags":\["O",', rb'"tags":[7,', "cannot be read", id="wrong-type"),
        pytest.param(rb'"tags":\["O",', rb'"tags":["B-LAW",', "first tag", id="first-tag"),
        pytest.param(rb'"gazetteer":', rb'"gazetter":', "cannot be read", id="unknown-field"),
        pytest.param(rb'"B-GPE"', rb'"B-GPX"', "unknown tag 'B-GPX'", id="unknown-tag"),
        pytest.param(
            rb'"features":\[("[^"]*"),"[^"]*"', rb'"features":[\1,\1', "feature of the tagger stands twice", id="twice"
        ),
        pytest.param(
            rb'("forms":.*?"features":\[("[^"]*"),)"[^"]*"', rb"\1\2", "feature of forms stands twice", id="forms-twice"
        ),
        pytest.param(
            rb'("relations":.*?"features":\[("[^"]*"),)"[^"]*"',
            rb"\1\2",
            "feature of relation.* stands twice",
            id="relation-twice",
        ),
        pytest.param(rb'("forms":\{"classes":\[)"name"', rb'\1"nmae"', "unknown form 'nmae'", id="unknown-form"),
        pytest.param(rb'"norway":\{"GPE"', rb'"norway":{"GPX"', "unknown label 'GPX'", id="unknown-gazetteer-label"),
        pytest.param(rb'"single_head":\[', rb'"single_head":["x"', "unknown relation 'x'", id="unknown-single-head"),
        pytest.param(rb'"single_tail":\[', rb'"single_tail":["x"', "unknown relation 'x'", id="unknown-single-tail"),
        pytest.param(rb'"classifiers":\{"\w+"', rb'"classifiers":{"x"', "expected", id="unknown-relation"),
    ],
)
def test_states_that_make_no_sense_are_refused(
    fitted: LinearSystem, tmp_path: Path, pattern: bytes, new: bytes, message: str
) -> None:
    fitted.save(tmp_path)
    before = (tmp_path / "model.json").read_bytes()
    _reseal(tmp_path, lambda state: re.sub(pattern, new, state, count=1, flags=re.S))
    assert (tmp_path / "model.json").read_bytes() != before
    with pytest.raises(DataError, match=message):
        LinearSystem.load(tmp_path)


def _npy(array: object) -> bytes:
    packed = io.BytesIO()
    np.save(packed, np.asarray(array))
    return packed.getvalue()


def _zip(members: Mapping[str, bytes], *, at: int = 0, bits: int = 0) -> bytes:
    """A zip of ``members``; ``bits`` are set in the word at ``at`` of the first member's headers."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    data = bytearray(packed.getvalue())
    for place in (at, data.index(b"PK\x01\x02") + at + 2):
        (old,) = struct.unpack_from("<H", data, place)
        struct.pack_into("<H", data, place, old | bits if at else old)
    return bytes(data)


_GOOD = _npy(np.zeros(3))
_HUGE = re.sub(rb"\(3,\), \} {12}", b"(1000000000000,), }", _GOOD)
BAD_NUMBERS = {
    "plain-npy": (_GOOD, "cannot be read"),
    "not-an-array": (_zip({"a": b"hello", "b": _GOOD}), "cannot be read"),
    "eight-terabytes": (_zip({"a": _HUGE, "b": _GOOD}), "of shape"),
    "unknown-compression": (_zip({"a": _GOOD, "b": _GOOD}, at=8, bits=97), "cannot be read"),
    "encrypted": (_zip({"a": _GOOD, "b": _GOOD}, at=6, bits=1), "cannot be read"),
    "surplus-array": (_zip({"a": _GOOD, "b": _GOOD, "c": _GOOD}), "holds 3 arrays, expected the 2"),
    "missing-array": (_zip({"a": _GOOD}), "holds 1 arrays, expected the 2"),
    "other-shape": (_zip({"a": _npy(np.zeros((3, 1))), "b": _GOOD}), "of shape"),
    "whole-numbers": (_zip({"a": _npy([1, 2, 3]), "b": _GOOD}), "int64"),
    "cut-short": (_zip({"a": _GOOD[:-8], "b": _GOOD}), "shorter or longer"),
    "too-long": (_zip({"a": _GOOD + b"x", "b": _GOOD}), "shorter or longer"),
    "a-pickle": (_zip({"a": _npy(np.array([{}] * 3, dtype=object)), "b": _GOOD}), "object"),
    "nan": (_zip({"a": _npy([1.0, np.nan, 3.0]), "b": _GOOD}), "a is not finite"),
    "infinite": (_zip({"a": _GOOD, "b": _npy([1.0, np.inf, 3.0])}), "b is not finite"),
    "broken-header": (_zip({"a": _GOOD.replace(b"{'descr'", b"{{{'desc"), "b": _GOOD}), "cannot be read"),
}


class _Nothing(msgspec.Struct, forbid_unknown_fields=True):
    pass


@pytest.mark.parametrize(("numbers", "message"), BAD_NUMBERS.values(), ids=BAD_NUMBERS)
def test_numbers_that_are_none_are_refused_even_with_their_digest(tmp_path: Path, numbers: bytes, message: str) -> None:
    def read() -> dict[str, Floats]:
        return read_model(tmp_path, "format", 1, _Nothing, lambda _: {"a": (3,), "b": (3,)})[1]

    write_model(tmp_path, "format", 1, _Nothing(), {"a": np.zeros(3), "b": np.ones(3)})
    assert {key: array.tolist() for key, array in read().items()} == {"a": [0.0] * 3, "b": [1.0] * 3}
    (tmp_path / "weights.npz").write_bytes(numbers)
    _reseal(tmp_path, lambda state: state)
    with pytest.raises(DataError, match=rf"weights\.npz.*{message}") as refused:
        read()
    assert "model.json:" not in str(refused.value)
