"""Annotator layers: what each annotator made of a document, kept beside the gold that came of them."""

from __future__ import annotations

import datetime
from pathlib import Path

import msgspec

from ..corpus.errors import DataError, Fault
from ..corpus.files import PACKAGE
from .annotation import Annotation, Provenance, decode_annotation
from .scheme import scheme

LAYERS = PACKAGE / "annotations" / "layers"
"""One folder per annotator layer, one file per document in it."""


def new_provenance(annotator: str) -> Provenance:
    """The provenance of a layer that ``annotator`` makes today by the present guidelines."""
    today = datetime.date.today().isoformat()
    return Provenance(kind="annotator", annotator=annotator, date=today, guidelines=scheme().guidelines)


def read_annotation(path: Path) -> Annotation:
    """The annotation in a file; raises DataError that names the file and the path of the fault."""
    try:
        return decode_annotation(path.read_bytes())
    except OSError as error:
        raise DataError([Fault(where=str(path), message=f"cannot be read ({error.strerror})")]) from None
    except (msgspec.MsgspecError, RecursionError) as error:
        raise DataError([Fault(where=str(path), message=str(error))]) from None
