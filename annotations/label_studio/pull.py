"""Pull what people submitted into annotator layers, one layer a person."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from ...corpus.document import Document
from ...corpus.errors import DataError, Fault, UnknownNameError
from ...corpus.files import sha256_of_text, write_atomic
from ...corpus.load import load_corpus
from ..annotation import Annotation, Provenance, Relation, format_annotation
from ..layers import layer_path, name_problem, new_provenance
from ..release import GOLD, read_gold
from ..scheme import scheme
from ..validate import annotation_faults
from .reading import Reading, read_result
from .server import Server
from .shown import GOLD as GOLD_NAME
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
    differs is overwritten unless ``replace``, and never a layer that holds other work than that person's
    (:func:`layer_names`). Before anything is written, raises ServerError, UnknownNameError for an address in ``names``
    of which nothing was submitted, and DataError as :func:`layer_names` does.
    """
    project = find_project(server, title)
    show("reading annotations")
    exported = export(server, project)
    emails = user_emails(server)
    people = _people(exported, emails)
    for email in names or {}:
        if email.casefold() not in {each.casefold() for each in people}:
            raise UnknownNameError("address for --as (nothing was submitted from it)", email, people)
    layers = layer_names(people, names or {})
    faults: list[Fault] = []
    drafts, skipped = _unfinished(exported, emails)
    submitted = _submitted(exported, emails, sources, faults)
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
            _take(path.parent, each.email)
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
    """The layer of each e-mail address: that of ``names``, where upper and lower case are one, else made from it.

    Raises DataError if two have the same, if a name cannot be a layer's, and if a layer of that name holds work that
    was not pulled from this address: somebody else's, or a layer of the repository.
    """
    given = {email.casefold(): name for email, name in names.items()}
    layers = {email: given.get(email.casefold()) or _slug(email) for email in dict.fromkeys(emails)}
    owners: dict[str, str] = {}
    for email, layer in layers.items():
        advice = f"name another layer with --as {email}=NAME"
        problem = name_problem(layer)
        if problem is not None:
            raise DataError(f"{email}: {problem}; {advice}")
        other = owners.setdefault(layer.casefold(), email)
        if other != email:
            raise DataError(f"{other} and {email} would both go to the layer {layer!r}; {advice}")
        if not _may_write(layer_path(layer, "any", replace=True).parent, email):
            message = f"annotations/layers/{layer} holds work that was not pulled from this address"
            raise DataError(f"{email}: {message}; {advice}")
    return layers


OWNER = ".owner"
"""File of a pulled layer that says whose it is: the SHA-256 of the address, which itself is nobody's business."""


def _may_write(folder: Path, email: str) -> bool:
    """Whether a layer's folder is this person's, or nobody's since no annotation is in it."""
    return _is_marked(folder, email) or not any(folder.glob("*.json"))


def _is_marked(folder: Path, email: str) -> bool:
    owner = folder / OWNER
    return owner.is_file() and owner.read_bytes().strip() == _owner(email).encode()


def _take(folder: Path, email: str) -> None:
    """Mark a layer's folder as this person's, before the first annotation is in it."""
    if not _is_marked(folder, email):
        write_atomic(folder / OWNER, _owner(email) + "\n")


def _owner(email: str) -> str:
    return sha256_of_text(email.casefold())


def _people(exported: Sequence[Json], emails: dict[int, str]) -> list[str]:
    """The addresses from which anything was submitted, in the order of the tasks; deleted users have none."""
    done = [a["completed_by"] for task in exported for a in task["annotations"] if not a["was_cancelled"]]
    found = (email_of(user, emails) for user in done)
    return list(dict.fromkeys(email for email in found if email is not None))


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
    known = (scheme().guidelines, *scheme().superseded)
    return msgspec.structs.replace(
        new_provenance(layer, each.document.id, origin=seen_layer(data), human=human),
        date=str(each.annotation["updated_at"])[:10],
        guidelines=data["guidelines"] if data.get("guidelines") in known else scheme().guidelines,
        doubts=doubts,
    )


def seen_layer(data: Json) -> str | None:
    """What the task showed, as provenance names it: gold is gold whatever it was called; None for the bare text."""
    if data.get("origin") == GOLD_NAME:
        return GOLD_NAME
    shown = data.get("shown")
    return shown if isinstance(shown, str) else None


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
    """Layer names by e-mail address, of ``EMAIL=NAME``.

    Raises ValueError that says what is wrong: no such pair, a name that no layer can have, an address given twice.
    """
    names: dict[str, str] = {}
    for pair in pairs:
        email, equals, name = pair.partition("=")
        if not equals or not email or not name:
            raise ValueError(f"--as takes EMAIL=NAME, not {pair}.")
        problem = name_problem(name)
        if problem is not None:
            raise ValueError(f"--as {pair}: {problem}.")
        if email.casefold() in (each.casefold() for each in names):
            raise ValueError(f"--as names the layer of {email} twice.")
        names[email] = name
    return names
