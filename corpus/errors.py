"""Everything that armsbench raises on purpose.

    ArmsBenchError
    |-- DataError          texts, gold or a release are wrong; carries every fault that was found
    |   `-- SubmissionError   a predictions file is wrong
    |-- ServerError        a server cannot be reached, refuses, or answers with what it should not
    |-- UnknownNameError   a label, system, collection or task that does not exist
    `-- MissingExtraError  an optional dependency is not installed

The command line turns each into a short message and exit status 1; 2 is kept for a command that is itself wrong.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

SHOWN = 20


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong: where it is, what it is and what to do about it, in one line.

    ``where`` names file, line and field as far as they are known (``predictions.jsonl:17: $.mentions[3].start``).
    ``paragraph`` is the paragraph of the annotation guideline that is broken, if it is one.
    """

    where: str
    message: str
    paragraph: str | None = None

    def __str__(self) -> str:
        rule = f" (guideline {self.paragraph})" if self.paragraph else ""
        return f"{self.where}: {self.message}{rule}"


class ArmsBenchError(Exception):
    """Root of all errors of this package."""


class DataError(ArmsBenchError):
    """The data is wrong. ``faults`` holds every fault found, not only the first.

    The message shows the first 20; ``total`` may be larger than ``len(faults)`` when a reader kept only the first
    thousands.
    """

    def __init__(self, faults: Sequence[Fault] | str, total: int | None = None) -> None:
        self.faults: tuple[Fault, ...] = () if isinstance(faults, str) else tuple(faults)
        self.total = len(self.faults) if total is None else total
        super().__init__(faults if isinstance(faults, str) else self._summary())

    def _summary(self) -> str:
        lines = [str(fault) for fault in self.faults[:SHOWN]]
        if self.total > len(lines):
            lines.append(f"... and {self.total - len(lines)} more.")
        return "\n".join(lines)


class SubmissionError(DataError):
    """A predictions file is wrong."""


class ServerError(ArmsBenchError):
    """A server cannot be reached, refuses, or answers with what it should not."""


class UnknownNameError(ArmsBenchError):
    """A name that is not one of the known ones; the message lists them and suggests the nearest."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.name = name
        super().__init__(unknown_name(kind, name, known))


class MissingExtraError(ArmsBenchError):
    """An optional dependency is missing; the message holds the line that installs it."""

    def __init__(self, module: str, extra: str) -> None:
        super().__init__(f"this needs {module}, which is not installed. In a checkout: pip install '.[{extra}]'")


def unknown_name(kind: str, name: str, known: Iterable[str]) -> str:
    """One sentence that says that ``name`` is unknown and offers the nearest known names."""
    return _unknown_name(kind, name[:80], tuple(sorted(known)))


@lru_cache(maxsize=10_000)  # a wrong file repeats its faults, and looking for near names is slow
def _unknown_name(kind: str, name: str, names: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    if near:
        hint = "Did you mean " + " or ".join(repr(n) for n in near) + "?"
    elif len(names) <= SHOWN:
        hint = "Known: " + ", ".join(names) + "."
    else:
        hint = f"There are {len(names)} known ones, none like it."
    return f"unknown {kind} {name!r}. {hint}"
