"""Pull what people submitted into annotator layers, one layer a person."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from ...corpus.document import Document
from ...corpus.errors import DataError, Fault
from ...corpus.files import sha256_of_text, write_atomic
from ...corpus.load import load_corpus
from ..annotation import Annotation, Provenance, Relation, format_annotation
from ..layers import layer_path, new_provenance
from ..release import GOLD, read_gold
from ..scheme import scheme
from ..validate import annotation_faults
from .reading import Reading, read_result
from .server import Server
from .sync import DELETED, Project, email_of, export, find_project, user_emails
from .tasks import Json

Show = Callable[[str], None]


class Submitted(msgspec.Struct, frozen=True, kw_only=True):
    """One annotation as the server stores it, of a document that is here."""

    where: str
    email: str
    document: Document
    task: Json
    annotation: Json


class Pulled(msgspec.Struct, frozen=True, kw_only=True):
    """What a pull did: files written, files that were so already, and what did not come in, with every fault.

    ``notes`` say what was filled in for the annotators. ``drafts`` and ``skipped`` are tasks without a submitted
    annotation of that person.
    """

    project: Project
    written: tuple[str, ...]
    unchanged: tuple[str, ...]
    notes: tuple[str, ...]
    drafts: tuple[str, ...]
    skipped: tuple[str, ...]
    faults: tuple[Fault, ...]


def pull(
    server: Server,
    title: str,
    show: Show,
    *,
    names: Mapping[str, str] | None = None,
    replace: bool = False,
    human: bool = True,
    sources: Path | None = None,
) -> Pulled:
    """Write every submitted annotation of a project that holds together into the layer of who made it.

    ``names`` says how the layer of an e-mail address is called; else it is the address up to the @. Nothing that
    differs is overwritten unless ``replace``. Raises ServerError, and DataError if two people's layers have one name.
    """
    project = find_project(server, title)
    show("reading annotations")
    exported = export(server, project)
    emails = user_emails(server)
    faults: list[Fault] = []
    drafts, skipped = _unfinished(exported, emails)
    submitted = _submitted(exported, emails, sources, faults)
    layers = layer_names((each.email for each in submitted), names or {})
    written: list[str] = []
    unchanged: list[str] = []
    notes: list[str] = []
    for number, each in enumerate(submitted):
        show(f"checking annotation {number + 1} of {len(submitted)}")
        read = read_submitted(each, layers[each.email], human=human)
        notes += read.notes
        faults += read.faults
        if read.faults:
            continue
        content = format_annotation(read.annotation)
        path = layer_path(layers[each.email], each.document.id, replace=True)
        shown = f"{path.parent.name}/{path.name}"
        if path.exists() and path.read_text(encoding="utf-8") == content:
            unchanged.append(shown)
        elif path.exists() and not replace:
            message = f"annotations/layers/{shown} is there already and differs; --replace overwrites it"
            faults.append(Fault(where=each.where, message=message))
        else:
            write_atomic(path, content)
            written.append(shown)
    return Pulled(
        project=project,
        written=tuple(written),
        unchanged=tuple(unchanged),
        notes=tuple(notes),
        drafts=drafts,
        skipped=skipped,
        faults=tuple(faults),
    )


def layer_names(emails: Iterable[str], names: Mapping[str, str]) -> dict[str, str]:
    """The layer of each e-mail address; raises DataError if two have the same."""
    layers = {email: names.get(email) or _slug(email) for email in dict.fromkeys(emails)}
    owners: dict[str, str] = {}
    for email, layer in layers.items():
        other = owners.setdefault(layer, email)
        if other != email:
            raise DataError(f"{other} and {email} would both go to the layer {layer!r}; name one with --as EMAIL=NAME")
    return layers


def _slug(email: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", email.partition("@")[0].lower()).strip("-") or "annotator"


def _unfinished(exported: Sequence[Json], emails: dict[int, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The drafts and the skipped tasks, in words."""
    drafts, skipped = [], []
    for task in exported:
        where = f"task {task['id']} ({task['data'].get('doc_id', 'no document of ours')})"
        done = {email_of(a["completed_by"], emails) for a in task["annotations"] if not a["was_cancelled"]}
        for draft in task["drafts"]:
            who = email_of(draft["user"], emails) or DELETED
            what = "changes that are not submitted" if who in done or draft.get("annotation") else "not submitted"
            drafts.append(f"{where}: {who} has a draft, {what}")
        for annotation in task["annotations"]:
            who = email_of(annotation["completed_by"], emails) or DELETED
            if annotation["was_cancelled"] and who not in done:
                skipped.append(f"{where}: {who} skipped it")
    return tuple(drafts), tuple(skipped)


def _submitted(
    exported: Sequence[Json], emails: dict[int, str], sources: Path | None, faults: list[Fault]
) -> list[Submitted]:
    """The submitted annotations of documents whose text is here and is the one that was annotated."""
    finished = [task for task in exported if any(not a["was_cancelled"] for a in task["annotations"])]
    wanted = [str(task["data"].get("doc_id")) for task in finished]
    corpus = load_corpus(sources=sources, only=wanted)
    found: list[Submitted] = []
    seen: dict[tuple[str, str], Submitted] = {}
    doubled: set[tuple[str, str]] = set()
    for task, doc_id in zip(finished, wanted, strict=True):
        where = f"task {task['id']} ({doc_id})"
        document = corpus.documents.get(doc_id)
        problem = task_problem(task, document)
        if document is None or problem is not None:
            faults.append(Fault(where=where, message=problem or "unknown document"))
            continue
        for annotation in task["annotations"]:
            if annotation["was_cancelled"]:
                continue
            email = email_of(annotation["completed_by"], emails)
            if email is None:
                faults.append(_of_nobody(where, annotation))
                continue
            each = Submitted(
                where=f"{where}, {email}", email=email, document=document, task=task, annotation=annotation
            )
            other = seen.setdefault((email, doc_id), each)
            if other is not each:
                doubled.add((email, doc_id))
                message = f"annotation {annotation['id']} is a second one beside annotation {other.annotation['id']} of"
                message += f" task {other.task['id']}; delete the one that does not count"
                faults.append(Fault(where=each.where, message=message))
            found.append(each)
    return [each for each in found if (each.email, each.document.id) not in doubled]


def _of_nobody(where: str, annotation: Json) -> Fault:
    """An annotation of a deleted user belongs in no layer: two of them may be two people's, or one's."""
    message = f"annotation {annotation['id']} was made by {DELETED}, so it goes into no layer. To keep the work,"
    message += " log in as who answers for it, open the task, duplicate that annotation and submit the copy; then"
    message += " delete the old one"
    return Fault(where=where, message=message)


def task_problem(task: Json, document: Document | None) -> str | None:
    """Why annotations of a task cannot be those of ``document``; None if they can."""
    data = task["data"]
    text = data.get("text")
    if not isinstance(data.get("doc_id"), str) or not isinstance(text, str):
        return "no task of ours: it names no document, or holds no text"
    if sha256_of_text(text) != data.get("sha256"):
        return "the text of the task was changed on the server; its SHA-256 is not the one that it was pushed with"
    if document is None:
        return "the text of this document is not here; see armsbench hydrate"
    if text != document.text:
        return f"the document has changed since it was pushed (release {data.get('release')}); offsets would not fit"
    return None


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """An annotation that is ready to be kept, or its faults."""

    annotation: Annotation
    notes: tuple[str, ...]
    faults: tuple[Fault, ...]


def read_submitted(each: Submitted, layer: str, *, human: bool = True) -> Layer:
    """A submitted annotation as a layer's: read, with provenance, and checked against the guidelines."""
    reading = read_result(each.document, each.annotation["result"] or (), each.where)
    annotation = msgspec.structs.replace(
        reading.annotation,
        provenance=_provenance(each, layer, reading.doubts, human),
        relations=_in_order_of_gold(reading.annotation),
    )
    faults = list(reading.faults)
    if not faults:
        faults = [
            _named_by_region(fault, reading, each.where)
            for fault in annotation_faults(annotation, each.document, each.where)
        ]
    return Layer(annotation=annotation, notes=reading.notes if not faults else (), faults=tuple(faults))


def _provenance(each: Submitted, layer: str, doubts: tuple[str, ...], human: bool) -> Provenance:
    """Who made it and when it was last changed; whoever saw a pre-annotation is its reader, no second opinion."""
    data = each.task["data"]
    shown = data.get("shown")
    known = (scheme().guidelines, *scheme().superseded)
    return msgspec.structs.replace(
        new_provenance(layer, each.document.id, origin=shown if isinstance(shown, str) else None, human=human),
        date=str(each.annotation["updated_at"])[:10],
        guidelines=data["guidelines"] if data.get("guidelines") in known else scheme().guidelines,
        doubts=doubts,
    )


def _in_order_of_gold(annotation: Annotation) -> tuple[Relation, ...]:
    """The relations, those of gold in gold's order: an order means nothing, but a diff of files shows it."""
    relations = annotation.relations or ()
    if not (GOLD / f"{annotation.doc_id}.json").exists():
        return relations
    place: dict[Relation, int] = {r: i for i, r in enumerate(read_gold(annotation.doc_id).relations or ())}
    return tuple(sorted(relations, key=lambda relation: place.get(relation, len(place))))


_MENTION = re.compile(r"\$\.mentions\[(\d+)\]")


def _named_by_region(fault: Fault, reading: Reading, where: str) -> Fault:
    """The fault with the id of the region in place of the number of the mention."""

    def region(match: re.Match[str]) -> str:
        return f"region {reading.regions[int(match[1])]}, mention"

    place = fault.where.removeprefix(f"{where}: ")
    return msgspec.structs.replace(fault, where=f"{where}, {_MENTION.sub(region, place)}")


def parse_names(pairs: Iterable[str]) -> dict[str, str]:
    """Layer names by e-mail address, of ``EMAIL=NAME``; raises ValueError that holds what is no such pair."""
    names: dict[str, str] = {}
    for pair in pairs:
        email, equals, name = pair.partition("=")
        if not equals or not email or not name:
            raise ValueError(pair)
        names[email] = name
    return names
