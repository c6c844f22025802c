"""Push documents to a project of Label Studio, and see what is there.

Several clients may push at once, and any may be killed at any moment. So nothing is remembered on our side: what a
project holds is read off its tasks, each names its document and what it shows, and whatever stands twice is taken away
by a rule that is the same for everyone: tasks with work in them stay, of the others the newest.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

from ...corpus.errors import Fault, ServerError
from .config import label_config
from .server import Server
from .tasks import Json

MARK = "Made by armsbench."
"""What the description of a project of ours begins with. No other project is touched, unless it holds tasks of ours."""

BATCH = 25
"""Tasks in one request: half a megabyte, and progress every second or so."""

PAGE = 100
"""Tasks in one answer."""

ROUNDS = 3
"""How often what is there is compared with what should be, before we give up."""

_EXPORTED = {"id", "data", "annotations", "drafts"}
"""What every exported task holds."""

Show = Callable[[str], None]


class Project(msgspec.Struct, frozen=True, kw_only=True):
    """A project on the server."""

    id: int
    title: str
    created: bool = False


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """What a push did, by document id.

    ``replaced`` had a task that showed something else and had no work in it. ``kept`` show something else than was
    asked for, or stand twice, because somebody has worked on them; ``faults`` are those of them whose text is another
    by now.
    """

    project: Project
    url: str
    added: tuple[str, ...]
    replaced: tuple[str, ...]
    unchanged: tuple[str, ...]
    kept: tuple[str, ...]
    faults: tuple[Fault, ...]


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A task of a project: its document, what it shows, and whether somebody has worked on it.

    ``submitted`` counts annotations, skipped ones too; a draft that is not saved as one does not show here.
    """

    id: int
    doc_id: str
    sha256: str
    digest: str
    complete: bool
    submitted: int


def push(server: Server, title: str, tasks: Sequence[Json], show: Show, annotators: int | None = None) -> Pushed:
    """Have every one of ``tasks`` in the project of that title or id, once; it is created if there is none.

    ``annotators`` is how many people shall annotate each. Raises ServerError.
    """
    project = _make_project(server, title, annotators)
    wanted = {task["data"]["doc_id"]: task for task in tasks}
    before: dict[str, list[Held]] | None = None
    for _ in range(ROUNDS):
        show("reading what the project holds")
        held = _sweep(server, project, _held(server, project))
        if before is None:
            before = held
        todo = _missing(server, project, wanted, held)
        if not todo:
            return _pushed(server, project, wanted, before, held)
        for start in range(0, len(todo), BATCH):
            show(f"pushing {start} of {len(todo)} documents")
            batch = todo[start : start + BATCH]
            server.call(
                f"importing tasks into project {project.id}",
                lambda client, batch=batch: client.projects.import_tasks(project.id, request=batch),  # type: ignore[misc]
            )
    raise ServerError(
        f"{server.shown}: project {project.id}: {len(todo)} tasks are still missing or doubled after {ROUNDS} rounds."
        " Does somebody else push other things into it? Run the command again."
    )


def _pushed(
    server: Server, project: Project, wanted: dict[str, Json], before: dict[str, list[Held]], now: dict[str, list[Held]]
) -> Pushed:
    """The report, from what the project held before and holds now; texts that changed under work are faults."""
    faults: list[Fault] = []
    done: dict[str, list[str]] = {"added": [], "replaced": [], "unchanged": [], "kept": []}
    for doc_id, task in wanted.items():
        for held in now[doc_id]:
            if held.sha256 != task["data"]["sha256"]:
                message = "its text has changed since it was pushed, and somebody has worked on the old one."
                message += " Pull with the release that it was pushed from, then delete the task."
                faults.append(Fault(where=f"task {held.id} ({doc_id})", message=message))
        shown = {(held.sha256, held.digest) for held in now[doc_id]}
        if len(now[doc_id]) > 1 or shown != {(task["data"]["sha256"], task["data"]["digest"])}:
            done["kept"].append(doc_id)
        elif doc_id not in before:
            done["added"].append(doc_id)
        elif {held.id for held in now[doc_id]} & {held.id for held in before[doc_id]}:
            done["unchanged"].append(doc_id)
        else:
            done["replaced"].append(doc_id)
    url = f"{server.shown}/projects/{project.id}"
    lists = {name: tuple(ids) for name, ids in done.items()}
    return Pushed(project=project, url=url, faults=tuple(faults), **lists)


def _checked_project(found: Any) -> Any:
    """A project as the server answers it; raises TypeError if it is none."""
    if not isinstance(found.title, str):
        raise TypeError("no project of Label Studio's")
    return _with_id(found)


def _with_id(found: Any) -> Any:
    """What the server answered; raises TypeError if it has no id."""
    if type(found.id) is not int:
        raise TypeError("nothing of Label Studio's")
    return found


def _all_pages(pager: Any) -> Iterator[Any]:
    """What a listing of the SDK's holds; raises TypeError if it is none, which the SDK takes for an empty one.

    Whoever reads it looks at each before the next: a wrong server may answer every page with the same.
    """
    if not isinstance(pager.items, list):
        raise TypeError("no listing of Label Studio's")
    yield from pager


def _list_projects(server: Server) -> list[Any]:
    return server.call(
        "listing projects", lambda client: [_checked_project(each) for each in _all_pages(client.projects.list())]
    )


def find_project(server: Server, title: str) -> Project:
    """The project of that title, or of that id; raises ServerError if there is none."""
    found = _find_project(server, title)
    if found is None:
        raise ServerError(f"{server.shown}: there is no project {title!r}. armsbench label-studio push makes one.")
    return Project(id=found.id, title=found.title)


def is_project_id(title: str) -> bool:
    """Whether what was given for a project is an id: nothing but digits."""
    return title.isascii() and title.isdecimal()


def _find_project(server: Server, title: str) -> Any:
    if is_project_id(title):
        what = f"reading project {title} (digits are taken for an id, never for a title)"
        return server.call(what, lambda client: _checked_project(client.projects.get(int(title))))
    alike = [project for project in _list_projects(server) if project.title == title]
    return min(alike, key=lambda project: (not _is_ours(project), project.id), default=None)


def _make_project(server: Server, title: str, annotators: int | None) -> Project:
    """The project, created or with its labelling configuration brought up to date."""
    config = label_config()
    wanted: dict[str, Any] = {"label_config": config}
    if annotators is not None:
        wanted["maximum_annotations"] = annotators
    found = _find_project(server, title)
    if found is None:
        what = {
            "title": title,
            "description": f"{MARK} Documents are pushed into it and annotations pulled from it with that command.",
            "show_skip_button": True,
            **wanted,
        }
        made = server.call(
            f"creating project {title!r}", lambda client: _checked_project(client.projects.create(**what))
        )
        # Another client may have done the same at this moment, or a first try arrived though its answer did not: all
        # see the same projects now and agree on the oldest.
        listed = _list_projects(server)
        alike = sorted(project.id for project in listed if project.title == made.title and _is_ours(project))
        for project_id in alike[1:]:
            _delete_if_empty(server, project_id)
        if not alike:
            raise ServerError(f"{server.shown}: project {made.id} {made.title!r} was deleted as soon as it was made")
        return Project(id=alike[0], title=made.title, created=True)
    project = Project(id=found.id, title=found.title)
    # A person may have written another description; the tasks tell then.
    if found.task_number and not _is_ours(found) and not _held(server, project):
        raise ServerError(
            f"{server.shown}: project {found.id} {found.title!r} holds tasks and was not made by armsbench."
            " Choose another title with --project."
        )
    if found.label_config.strip() != config.strip() or not _is_ours(found) or annotators is not None:
        if not _is_ours(found):
            wanted["description"] = f"{MARK} {found.description or ''}".strip()
        server.call(f"updating project {found.id}", lambda client: client.projects.update(found.id, **wanted))
    return project


def _is_ours(project: Any) -> bool:
    return (project.description or "").startswith(MARK)


def _delete_if_empty(server: Server, project_id: int) -> None:
    """Delete a double of a project, unless somebody has put something into it or deleted it first."""

    def delete(client: Any) -> None:
        from label_studio_sdk.core.api_error import ApiError

        try:
            if not client.projects.get(project_id).task_number:
                client.projects.delete(project_id)
        except ApiError as error:
            if error.status_code != 404:
                raise

    server.call(f"deleting the empty double project {project_id}", delete)


def _held(server: Server, project: Project) -> dict[str, list[Held]]:
    """The tasks of ours in a project, by document id."""
    listed: list[Any] = server.call(
        f"listing tasks of project {project.id}",
        lambda client: [
            _with_id(task)
            for task in _all_pages(client.tasks.list(project=project.id, fields="task_only", page_size=PAGE))
        ],
    )
    held: dict[str, list[Held]] = {}
    for task in listed:
        data = task.data or {}
        if isinstance(data.get("doc_id"), str):
            one = Held(
                id=task.id,
                doc_id=data["doc_id"],
                sha256=str(data.get("sha256")),
                digest=str(data.get("digest")),
                complete=bool(task.total_predictions),
                submitted=(task.total_annotations or 0) + (task.cancelled_annotations or 0),
            )
            held.setdefault(one.doc_id, []).append(one)
    return held


def _missing(server: Server, project: Project, wanted: dict[str, Json], held: dict[str, list[Held]]) -> list[Json]:
    """The tasks that the project needs: not there as they should be, and nobody works on one of the same document."""
    missing = []
    for doc_id, task in wanted.items():
        exact = (task["data"]["sha256"], task["data"]["digest"])
        if not any(h.complete and (h.sha256, h.digest) == exact for h in held.get(doc_id, ())):
            missing.append(task)
    stale = [h for task in missing for h in held.get(task["data"]["doc_id"], ())]
    worked = _worked_on(server, project, stale)
    taken = {h.doc_id for h in stale if h.id in worked}
    return [task for task in missing if task["data"]["doc_id"] not in taken]


def _worked_on(server: Server, project: Project, tasks: Sequence[Held]) -> set[int]:
    """The ids of those of ``tasks`` that hold annotations or drafts; drafts of others show only in an export."""
    worked = {task.id for task in tasks if task.submitted}
    doubtful = [task.id for task in tasks if not task.submitted]
    for start in range(0, len(doubtful), PAGE):
        exported = export(server, project, doubtful[start : start + PAGE])
        worked |= {task["id"] for task in exported if task["annotations"] or task["drafts"]}
    return worked


def export(server: Server, project: Project, task_ids: Sequence[int] = ()) -> list[Json]:
    """The tasks of a project (all, or those of ``task_ids``) with annotations and drafts, as the server stores them."""
    # The SDK's own parameter for ids has a name that the server does not know.
    options: Any = {"additional_query_parameters": {"ids[]": list(task_ids)}} if task_ids else {}

    def request(client: Any) -> list[Json]:
        chunks = client.projects.exports.download_sync(
            project.id, export_type="JSON", download_all_tasks=True, request_options=options
        )
        tasks: list[Json] = json.loads(b"".join(chunks))
        if not isinstance(tasks, list) or not all(task.keys() >= _EXPORTED for task in tasks):
            raise TypeError("no export of Label Studio's")
        return tasks

    return server.call(f"exporting project {project.id}", request)


def _sweep(server: Server, project: Project, held: dict[str, list[Held]]) -> dict[str, list[Held]]:
    """Take away doubles without work; returns what is left.

    Every client follows this rule, so two that sweep at once never take away both: of tasks without work the newest
    goes only if another holds work.
    """
    doubled = {doc_id: tasks for doc_id, tasks in held.items() if len(tasks) > 1}
    worked = _worked_on(server, project, [task for tasks in doubled.values() for task in tasks])
    for doc_id, tasks in doubled.items():
        newest = max(tasks, key=lambda task: task.id)
        kept = [task for task in tasks if task.id in worked] or [newest]
        for task in tasks:
            if task not in kept:
                server.call(f"deleting the double task {task.id}", lambda client, task=task: _delete(client, task.id))  # type: ignore[misc]
        held[doc_id] = kept
    return held


def _delete(client: Any, task_id: int) -> None:
    """Delete a task; one that is gone already is as good."""
    from label_studio_sdk.core.api_error import ApiError

    try:
        client.tasks.delete(task_id)
    except ApiError as error:
        if error.status_code != 404:
            raise


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What a project holds: tasks, documents, and for each annotator how many were submitted, drafted and skipped."""

    project: Project
    tasks: int
    untouched: int
    foreign: int
    shown: dict[str, int]
    submitted: dict[str, int]
    drafts: dict[str, int]
    skipped: dict[str, int]


def project_status(server: Server, title: str) -> Status:
    """What the project of that title or id holds."""
    project = find_project(server, title)
    tasks = export(server, project)
    emails = user_emails(server)
    counts: dict[str, Counter[str]] = {"submitted": Counter(), "drafts": Counter(), "skipped": Counter()}
    for task in tasks:
        for annotation in task["annotations"]:
            kind = "skipped" if annotation["was_cancelled"] else "submitted"
            counts[kind][email_of(annotation["completed_by"], emails) or DELETED] += 1
        for draft in task["drafts"]:
            counts["drafts"][email_of(draft["user"], emails) or DELETED] += 1
    ours = [task for task in tasks if "doc_id" in task["data"]]
    return Status(
        project=project,
        tasks=len(tasks),
        untouched=sum(not task["annotations"] and not task["drafts"] for task in tasks),
        foreign=len(tasks) - len(ours),
        shown=dict(Counter(str(task["data"].get("shown") or "the bare text") for task in ours)),
        **{kind: dict(count) for kind, count in counts.items()},
    )


def user_emails(server: Server) -> dict[int, str]:
    """The e-mail addresses of the server's users, by id."""
    return server.call("listing users", lambda client: {user.id: user.email for user in client.users.list()})


DELETED = "a deleted user"
"""What is said of whoever made something and is not on the server any more; two of them need not be one person."""


def email_of(user: Any, emails: dict[int, str]) -> str | None:
    """The address of who made an annotation or a draft; exports give an id, an address or both.

    None if the server does not know any more who that was.
    """
    if user is None:
        return None
    if isinstance(user, dict):
        return str(user["email"]) if user.get("email") else email_of(user.get("id"), emails)
    if isinstance(user, int):
        return emails.get(user, f"user-{user}")
    return str(user)
