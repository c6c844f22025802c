"""The line that says how a score was made: equal lines before ``version`` mean comparable scores.

After sacrebleu (Post 2018): everything that can move the number is in it, nothing else.
"""

from __future__ import annotations

import msgspec


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """What a score depends on. ``gold`` is the digest of the gold scored against, ``documents`` how many there were."""

    task: str
    match: str
    average: str = "micro"
    collection: str
    split: str
    release: str
    docs: int
    missing: str = "error"
    gold: str
    boot: int
    seed: int
    version: str

    def __str__(self) -> str:
        """``name:value`` pairs joined by ``|`` in the order of the fields, the version last."""
        return "|".join(f"{name}:{getattr(self, name)}" for name in self.__struct_fields__)

    def comparable(self) -> tuple[object, ...]:
        """All fields but the version of the library: scores may share a column if these are equal."""
        return tuple(getattr(self, name) for name in self.__struct_fields__ if name != "version")


def parse_signature(text: str) -> Signature:
    """The signature that ``str`` printed as ``text``; raises ValueError for any other string."""
    pairs = dict(part.partition(":")[::2] for part in text.split("|"))
    try:
        signature = msgspec.convert(pairs, Signature, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(f"not a signature: {error}") from None
    if str(signature) != text:
        raise ValueError("not a signature: fields missing or out of order")
    return signature
