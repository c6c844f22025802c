"""Which documents are released, and in which split. Split by story: one sale never stands on both sides."""

from __future__ import annotations

from functools import cache

import msgspec

from .document import SPLITS, Split
from .errors import UnknownNameError
from .files import PACKAGE

CANARY = "armsbench canary 3423f1fc-561c-431f-8d00-22af4e474bed: test labels, not to be used for training"
"""Stands in every file that holds labels of test documents, so that whoever gathers text for training can leave it out,
and whoever tests a model can ask whether it has seen them (as in BIG-bench)."""


@cache
def read_splits() -> dict[str, Split]:
    """The split of every annotated document by id, from ``corpus/splits.json``."""
    table = msgspec.json.decode((PACKAGE / "corpus" / "splits.json").read_bytes(), type=dict[Split, list[str]])
    return {doc_id: split for split, doc_ids in table.items() for doc_id in doc_ids}


def documents_of_split(split: str) -> tuple[str, ...]:
    """Document ids of ``split`` in the order of the file; raises UnknownNameError."""
    if split not in SPLITS:
        raise UnknownNameError("split", split, SPLITS)
    return tuple(doc_id for doc_id, its in read_splits().items() if its == split)
