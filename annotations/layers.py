"""Annotator layers: what each annotator made of a document, kept beside the gold that came of them."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import msgspec

from ..corpus.errors import DataError, Fault
from ..corpus.files import PACKAGE, checkout
from ..corpus.splits import CANARY, read_splits
from .annotation import Annotation, Provenance, decode_annotation
from .scheme import scheme

LAYERS = PACKAGE / "annotations" / "layers"
"""One folder per annotator layer, one file per document in it."""


def new_provenance(annotator: str, doc_id: str, *, origin: str | None = None, human: bool = True) -> Provenance:
    """The provenance of a layer of a document that ``annotator`` makes today by the present guidelines.

    Without ``origin`` it was made from the bare text; with it, by reading and correcting that layer.
    """
    return Provenance(
        kind="reader" if origin else "annotator",
        annotator=annotator,
        date=datetime.date.today().isoformat(),
        guidelines=scheme().guidelines,
        human=human,
        from_layers=(origin,) if origin else (),
        canary=CANARY if read_splits().get(doc_id) == "test" else None,
    )


def name_problem(layer: str) -> str | None:
    """Why ``layer`` cannot name a layer; None if it can. In provenance ``gold`` is the gold and nobody's layer."""
    if not re.fullmatch(r"[\w-][\w.-]{0,99}", layer):
        return f"{layer!r} cannot name a layer: use letters, digits, '_', '-' and '.'"
    if layer.casefold() == "gold":
        return f"{layer!r} cannot name a layer: it means the gold"
    return None


def layer_path(layer: str, doc_id: str, *, replace: bool) -> Path:
    """Where the annotation of a document goes in a layer.

    Raises DataError for a name that is no plain name, in an installation that is no checkout, and for a file that is
    there already unless ``replace``.
    """
    path = LAYERS / layer / f"{doc_id}.json"
    problem = name_problem(layer)
    if problem is not None:
        raise DataError(problem)
    if checkout() is None:
        raise DataError("layers are kept in a checkout of the repository, and this is an installed package. Clone it.")
    if path.exists() and not replace:
        raise DataError([Fault(where=str(path), message="is there already. Take another name, or use --replace.")])
    return path


def read_annotation(path: Path) -> Annotation:
    """The annotation in a file; raises DataError that names the file and the path of the fault."""
    try:
        return decode_annotation(path.read_bytes())
    except OSError as error:
        raise DataError([Fault(where=str(path), message=f"cannot be read ({error.strerror})")]) from None
    except (msgspec.MsgspecError, RecursionError) as error:
        raise DataError([Fault(where=str(path), message=str(error))]) from None
