"""Build the dataset in Hugging Face form: Parquet, a card that ``load_dataset`` reads, Croissant and a manifest.

Data files carry a digest of their content in their name and the card is replaced last. So a kill at any moment leaves
a folder that loads, old or new, and ``load_dataset``, which caches by what the card says, never serves old rows.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec

from .._version import __version__
from ..corpus.document import COLLECTIONS, SPLITS, Document, RegionKind
from ..corpus.errors import DataError, Fault, MissingExtraError
from ..corpus.files import PACKAGE, shown, umask, write_atomic
from ..corpus.normalise import NORMALISATION_VERSION
from ..corpus.splits import CANARY
from .annotation import Annotation, Attributes, Deal
from .card import card, croissant
from .deals import deal_records
from .release import RELEASE, Release, gold_digest
from .scheme import Form, scheme
from .stats import release_stats
from .tokens import tag_tokens

CONFIGS = ("documents", "ner", "deals")


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """What was built: rows by config and split, and the folder."""

    folder: Path
    rows: dict[str, dict[str, int]]


def build(release: Release, folder: Path, progress: Callable[[str], None] = lambda message: None) -> Built:
    """Write the dataset of ``release`` into ``folder``; raises MissingExtraError without the package datasets.

    Raises DataError when a split has no document here, as a dataset without it would not load like the real one, and
    when ``folder`` holds something that is not a build of ours, since old data files are removed from it.
    """
    empty = [split for split in SPLITS if not release.select(split=split)]
    if empty:
        raise DataError([Fault(where=str(folder), message=f"no documents for split {', '.join(empty)}")])
    features = dataset_features()
    _claim(folder)
    makers = {"documents": document_row, "ner": ner_row}
    files: dict[str, dict[str, str]] = {}
    rows: dict[str, dict[str, int]] = {}
    digests: dict[str, str] = {}
    for config in CONFIGS:
        for split in SPLITS:
            progress(f"{config}: {split}")
            documents = release.select(split=split)
            if config == "deals":
                made = [row for d in documents for row in deal_rows(d, release.gold[d.id])]
            else:
                made = [makers[config](d, release.gold[d.id]) for d in documents]
            name, digest = _write_parquet(folder, config, split, made, features[config])
            files.setdefault(config, {})[split] = name
            rows.setdefault(config, {})[split] = len(made)
            digests[name] = digest
    manifest = _manifest(release, rows, digests)
    write_atomic(folder / "manifest.json", _json(manifest))
    write_atomic(folder / "GUIDELINES.md", (PACKAGE / "annotations" / "GUIDELINES.md").read_bytes())
    write_atomic(folder / "croissant.json", _json(croissant(release, files, digests, features, folder)))
    write_atomic(folder / "README.md", card(release, files, features, rows))
    _remove_stale(folder, set(digests))
    return Built(folder=folder, rows=rows)


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def _write_parquet(folder: Path, config: str, split: str, rows: list[dict[str, Any]], features: Any) -> tuple[str, str]:
    """Write ``rows`` to a Parquet file named by its digest; returns its name within ``folder`` and the digest."""
    import datasets
    import pyarrow.parquet

    target = folder / "data" / config
    target.mkdir(parents=True, exist_ok=True)
    handle, path = tempfile.mkstemp(dir=target, prefix=f".{split}.", suffix=".tmp")
    os.close(handle)
    temporary = Path(path)
    encoded = [_encode(row, dict(features)) for row in rows]
    # The Arrow table carries the features in its metadata; to_parquet would print a progress bar of its own.
    table = datasets.Dataset.from_list(encoded, features=features).data.table
    if split == "test":
        table = table.replace_schema_metadata({**table.schema.metadata, b"canary": CANARY.encode()})
    pyarrow.parquet.write_table(table, temporary)
    digest = hashlib.sha256(temporary.read_bytes()).hexdigest()
    name = f"data/{config}/{split}-{digest[:12]}.parquet"
    temporary.chmod(0o666 & ~umask())
    temporary.replace(folder / name)
    return name, digest


def _encode(value: Any, feature: Any) -> Any:
    """``value`` with the names of classes as their numbers.

    datasets does this too, but looks only at the first element of a list: where its classes are None, the rest
    stay strings (seen in 5.2.0).
    """
    if value is None:
        return None
    if isinstance(feature, dict):
        return {name: _encode(value[name], its) for name, its in feature.items()}
    if hasattr(feature, "feature"):
        return [_encode(each, feature.feature) for each in value]
    return feature.str2int(value) if hasattr(feature, "str2int") else value


def _claim(folder: Path) -> None:
    """Mark ``folder`` as a build of ours before the first file; a folder with other things in it is refused."""
    manifest = folder / "manifest.json"
    if folder.is_dir() and any(folder.iterdir()):
        try:
            ours = msgspec.json.decode(manifest.read_bytes(), type=dict[str, Any]).get("name") == "armsbench"
        except (OSError, msgspec.MsgspecError):
            ours = False
        if not ours:
            message = "holds other things than a build of this dataset. Give a new folder with --out."
            raise DataError([Fault(where=shown(folder), message=message)])
    else:
        write_atomic(manifest, _json({"name": "armsbench"}))


_DATA_FILE = re.compile(rf"(?:{'|'.join(SPLITS)})-[0-9a-f]{{12}}\.parquet|\.(?:{'|'.join(SPLITS)})\..*\.tmp")


def _remove_stale(folder: Path, current: set[str]) -> None:
    """Remove data files of earlier builds, and what a killed one left half written."""
    for config in CONFIGS:
        for path in (folder / "data" / config).iterdir():
            if _DATA_FILE.fullmatch(path.name) and path.relative_to(folder).as_posix() not in current:
                path.unlink(missing_ok=True)


def _manifest(release: Release, rows: dict[str, dict[str, int]], digests: dict[str, str]) -> dict[str, Any]:
    return {
        "name": "armsbench",
        "release": RELEASE,
        "version": __version__,
        "guidelines": scheme().guidelines,
        "normalisation": NORMALISATION_VERSION,
        "gold": gold_digest(release.gold.values()),
        "collections": {c: len(release.select(c)) for c in COLLECTIONS},
        "absent": dict(release.missing()),
        "rows": rows,
        "files": digests,
        "stats": release_stats(release),
    }


def dataset_features() -> dict[str, Any]:
    """The typed features of each config; raises MissingExtraError without the package datasets."""
    try:
        from datasets import ClassLabel, Features, List, Value
    except ModuleNotFoundError:
        raise MissingExtraError("datasets", "hub") from None
    text, whole = Value("string"), Value("int32")
    tags = ["O", *(f"{p}-{label}" for label in scheme().label_names for p in "BI")]
    about = dict.fromkeys(("id", "title", "text", "date", "date_basis", "url", "licence", "story"), text)
    region = {"kind": ClassLabel(names=list(get_args(RegionKind))), "start": whole, "end": whole}
    collection = {"collection": ClassLabel(names=list(COLLECTIONS))}
    documents = about | collection | {"regions": List(region)}
    ner = {"id": text, "tokens": List(text), "ner_tags": List(ClassLabel(names=tags))}
    return {
        "documents": Features(documents | _layer_features()),
        "ner": Features(ner | collection | {"starts": List(whole), "ends": List(whole)}),
        "deals": Features({"doc_id": text} | collection | _deal_features()),
    }


def _classes() -> dict[str, Any]:
    """The attributes that have a list of values, as classes."""
    from datasets import ClassLabel

    return {a.name: ClassLabel(names=list(a.values)) for a in scheme().attributes if a.values}


def _layer_features() -> dict[str, Any]:
    from datasets import ClassLabel, List, Value

    text, whole, real = Value("string"), Value("int32"), Value("float64")
    labels = ClassLabel(names=list(scheme().label_names))
    attributes = {name: _classes().get(name, text) for name in Attributes.__struct_fields__}
    attributes |= {"amount": real, "number": real}
    mention = {"id": text, "start": whole, "end": whole, "label": labels}
    mention |= {"form": ClassLabel(names=list(get_args(Form))), "entity": text}
    return {
        "mentions": List(mention),
        "entities": List({"id": text, "label": labels, "name": text, "attributes": attributes}),
        "relations": List({"label": ClassLabel(names=list(scheme().relation_names)), "head": text, "tail": text}),
    }


def _deal_features() -> dict[str, Any]:
    from datasets import List, Value

    text, real, classes = Value("string"), Value("float64"), _classes()
    fillers = List({"name": text, "iso3": text, "aliases": List(text)})
    amounts = List({"amount": real, "currency": text, "modifier": classes["modifier"]})
    counts = List({"number": real, "modifier": classes["modifier"]})
    item = {"name": text, "aliases": List(text), "quantity": counts, "value": amounts}
    item |= dict.fromkeys(("contractor", "manufacturer", "for_platform", "part_of"), fillers)
    slots = dict.fromkeys(Deal.__struct_fields__, fillers)
    slots |= {"id": text, "name": text, "kind": classes["kind"], "status": classes["status"]}
    return slots | {"item": List(item), "value": amounts, "dated": List(text), "part_of": List(text)}


def document_row(document: Document, annotation: Annotation) -> dict[str, Any]:
    """A document with its gold as a row of config ``documents``: every field, None where nothing is given."""
    row = {name: getattr(document, name) for name in document.__struct_fields__}
    row["regions"] = [{"kind": r.kind, "start": r.start, "end": r.end} for r in document.regions]
    for layer in ("mentions", "entities", "relations"):
        row[layer] = [_plain(record) for record in getattr(annotation, layer)]
    return row


def ner_row(document: Document, annotation: Annotation) -> dict[str, Any]:
    """A document as a row of config ``ner``."""
    tagged = tag_tokens(document, annotation)
    return {
        "id": document.id,
        "collection": document.collection,
        "tokens": list(tagged.tokens),
        "ner_tags": list(tagged.tags),
        "starts": list(tagged.starts),
        "ends": list(tagged.ends),
    }


def deal_rows(document: Document, annotation: Annotation) -> Iterator[dict[str, Any]]:
    """The deal records of a document as rows of config ``deals``."""
    for deal in deal_records(document, annotation):
        yield {"doc_id": document.id, "collection": document.collection, **_plain(deal)}


def _plain(value: Any) -> Any:
    """``value`` as dicts and lists with every field, for Arrow wants them all."""
    if isinstance(value, msgspec.Struct):
        return {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value
