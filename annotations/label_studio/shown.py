"""Which annotations a push shows: gold, nothing, a predictions file, or what a system makes of the texts now."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from ...corpus.document import Document
from ...corpus.errors import DataError, Fault, UnknownNameError
from ...corpus.files import shown as shown_path
from ...corpus.jsonl import read_records
from ..annotation import Annotation
from ..release import load_release
from ..structure import quoted, structure_faults
from ..systems import create_system, system_names
from .tasks import Origin

GOLD: Literal["gold"] = "gold"
NONE: Literal["none"] = "none"


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Annotations to show by document id, under one name (the model version); without one, the bare text is shown.

    ``origin`` is what they are; the name is only for the eyes of annotators.
    """

    origin: Origin
    name: str | None
    annotations: Mapping[str, Annotation]

    def lacking(self, documents: Sequence[Document]) -> tuple[str, ...]:
        """The ids of ``documents`` that go bare though something was to be shown, since it holds nothing for them."""
        return () if self.origin == "none" else tuple(d.id for d in documents if d.id not in self.annotations)


def annotations_to_show(
    what: str,
    documents: Sequence[Document],
    gold: Mapping[str, Annotation],
    progress: Callable[[str], None],
    *,
    name: str | None = None,
    sources: Path | None = None,
) -> Shown:
    """What ``what`` stands for: ``gold``, ``none``, the name of an installed system, or a predictions file.

    A system is fitted on the train split. ``name`` replaces the name under which annotators see it. Raises
    UnknownNameError for what is none of these, DataError with every fault of a file, and ValueError as
    :func:`name_shown` does.
    """
    name = name_shown(what, name)
    if what == NONE:
        return Shown(origin="none", name=None, annotations={})
    if what == GOLD:
        return Shown(origin="gold", name=name, annotations={d.id: gold[d.id] for d in documents if d.id in gold})
    if what in system_names():
        progress(f"fitting {what}")
        train = load_release(split="train", sources=sources)
        system = create_system(what)
        system.fit(list(train.documents.values()), [train.gold[doc_id] for doc_id in train.documents])
        found = {}
        for number, document in enumerate(documents):
            progress(f"{what}: {number} of {len(documents)} documents")
            found[document.id] = system.predict(document)
        return Shown(origin="system", name=name, annotations=found)
    path = Path(what)
    if not path.is_file():
        raise UnknownNameError("pre-annotation (no file of that name either)", what, (GOLD, NONE, *system_names()))
    return Shown(origin="file", name=name, annotations=_read_predictions(path, documents))


def name_shown(what: str, name: str | None) -> str | None:
    """The name under which annotators see ``what``, which is ``name`` if that is given; None for the bare text.

    Raises ValueError if anything but gold would be called gold.
    """
    if what == NONE:
        return None
    if what == GOLD:
        return name or GOLD
    name = name or (what if what in system_names() else _name_of(Path(what)))
    if name.strip().casefold() == GOLD:
        raise ValueError(f"{what} is not the gold, so it cannot be shown as {name!r}. Give it another name with --as.")
    return name


def _name_of(path: Path) -> str:
    """A name for predictions: the file's, or for a run's ``rules/test/predictions.jsonl`` the system's."""
    if path.stem == "predictions" and len(path.absolute().parts) > 3:
        return path.absolute().parts[-3]
    return path.stem


def _read_predictions(path: Path, documents: Sequence[Document]) -> dict[str, Annotation]:
    """The annotations of ``documents`` in a file of JSON Lines; other documents in it are passed over."""
    wanted = {document.id: document for document in documents}
    found: dict[str, Annotation] = {}
    faults: list[Fault] = []
    for annotation in read_records(path, Annotation):
        document = wanted.get(annotation.doc_id)
        if document is None:
            continue
        where = f"{shown_path(path)}: {annotation.doc_id}"
        if annotation.doc_id in found:
            faults.append(Fault(where=where, message="stands twice"))
        faults += structure_faults(annotation, document, where)
        faults += _unreadable_ids(annotation, where)
        found[annotation.doc_id] = annotation
    if faults:
        raise DataError(faults)
    if not found:
        raise DataError(f"{shown_path(path)}: holds none of the chosen documents")
    return found


def _unreadable_ids(annotation: Annotation, where: str) -> Iterator[Fault]:
    """Ids that would not come back: an empty one, and an entity's with a space, which annotators type as one word."""
    for i, mention in enumerate(annotation.mentions or ()):
        if not mention.id:
            yield Fault(where=f"{where}: $.mentions[{i}].id", message="is empty; Label Studio needs one")
        if mention.entity is not None and re.search(r"\s|^$", mention.entity):
            message = f"{quoted(mention.entity)} is not one word, as an entity id in Label Studio must be"
            yield Fault(where=f"{where}: $.mentions[{i}].entity", message=message)
