"""Annotated texts about arms transfers, and a benchmark for extracting deals from them.

    from armsbench import load_release
    release = load_release(split="train")
    for document in release.documents.values():
        gold = release.gold[document.id]

The records and :func:`load_release` are here; scoring is in :mod:`armsbench.benchmark.scoring`, the protocol of systems
in :mod:`armsbench.annotations.systems`. What is not listed in ``__all__`` may change.
"""

from ._version import __version__
from .annotations.annotation import Annotation, Attributes, Deal, Entity, Mention, Relation
from .annotations.deals import deal_records
from .annotations.release import RELEASE, Release, load_release
from .annotations.systems import System
from .corpus.document import Document, Region
from .corpus.errors import ArmsBenchError

__all__ = [
    "RELEASE",
    "Annotation",
    "ArmsBenchError",
    "Attributes",
    "Deal",
    "Document",
    "Entity",
    "Mention",
    "Region",
    "Relation",
    "Release",
    "System",
    "__version__",
    "deal_records",
    "load_release",
]
