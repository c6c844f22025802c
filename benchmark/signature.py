"""The line that says how a score was made: equal lines before ``version`` mean comparable scores.

After sacrebleu (Post 2018): everything that can move the number is in it, nothing else.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, unquote

import msgspec

NONE: Final = "-"
"""What stands for collection, split and release where there are none."""

DEFAULT_RESAMPLES = 1000
DEFAULT_SEED = 12345
DEFAULT_TRIALS = 10_000


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """What a score depends on.

    ``docs`` counts the documents scored, ``missing`` those of them that had no prediction and counted as empty;
    ``gold`` is the digest of the gold scored against; ``boot`` and ``seed`` are resamples and seed of the bootstrap.
    Of comparisons alone, ``trials`` are those of the randomisation, and ``holm`` the tasks over which p is corrected.
    """

    task: str
    match: str
    average: str = "micro"
    collection: str
    split: str
    release: str
    docs: int
    missing: int = 0
    gold: str
    boot: int
    seed: int
    trials: int | None = None
    holm: int | None = None
    version: str

    def __str__(self) -> str:
        """``name:value`` pairs joined by ``|`` in the order of the fields, the version last; None is left out.

        A ``|`` in a value (somebody's label), a ``%`` and what would break the line are written as in URLs: ``%7C``.
        """
        pairs = [(name, getattr(self, name)) for name in self.__struct_fields__]
        return "|".join(f"{name}:{_escaped(str(value))}" for name, value in pairs if value is not None)

    def comparable(self) -> tuple[object, ...]:
        """What must be equal for two scores to share a column: all but the version and how many documents were missing.

        A system that left documents out is scored on all of them, so its score stands beside those of others.
        """
        return self._without("version", "missing")

    def setting(self) -> tuple[object, ...]:
        """What must be equal for two scores of different tasks to share a table."""
        return self._without("version", "missing", "task", "match", "average")

    def _without(self, *names: str) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__struct_fields__ if name not in names)


def _escaped(value: str) -> str:
    return "".join(quote(c) if c in "%|" or not c.isprintable() else c for c in value)


def parse_signature(text: str) -> Signature:
    """The signature that ``str`` printed as ``text``; raises ValueError for any other string."""
    parts = (part.partition(":") for part in text.split("|"))
    pairs = {name: unquote(value) for name, _, value in parts}
    try:
        signature = msgspec.convert(pairs, Signature, strict=False)
    except msgspec.ValidationError as error:
        raise ValueError(f"not a signature: {error}") from None
    if str(signature) != text:
        raise ValueError("not a signature: fields missing or out of order")
    return signature
