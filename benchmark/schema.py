"""The JSON Schema of what ``armsbench score --json`` and ``scores.json`` hold, published as ``result.schema.json``."""

from __future__ import annotations

from typing import Any

import msgspec

from ..corpus.files import PACKAGE
from .runner import Result
from .slices import SliceScores

PATH = PACKAGE / "benchmark" / "result.schema.json"


class Scored(Result, frozen=True, kw_only=True):
    """The result of one predictions file, with ``--slices`` also on parts of the split.

    ``repeated`` counts the mentions and relations that say what another one says; they count once.
    """

    slices: tuple[SliceScores, ...] = ()
    repeated: int = 0


def result_schema() -> dict[str, Any]:
    """The schema (JSON Schema 2020-12) of the output of ``armsbench score --json``."""
    schema = msgspec.json.schema(Scored)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scores of one predictions file by armsbench",
        **schema,
    }


def format_schema() -> bytes:
    """The content of ``result.schema.json``."""
    return msgspec.json.format(msgspec.json.encode(result_schema()), indent=1) + b"\n"
