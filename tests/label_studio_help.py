"""What tests against a real Label Studio share: calling the command, and working as annotators do."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from armsbench.cli import main
from click.testing import CliRunner, Result

from .label_studio_server import TOKEN, Proxy, Studio

_TITLES = (f"test project {n}" for n in itertools.count(1))


def new_title() -> str:
    """A project title that no other test uses."""
    return next(_TITLES)


def run(studio: Studio | Proxy, title: str, command: str, *arguments: str, token: str = TOKEN) -> Result:
    """Call ``armsbench label-studio COMMAND`` on a project; its token must not be in what it prints."""
    environment = {"LABEL_STUDIO_URL": studio.url, "LABEL_STUDIO_API_KEY": token}
    done = CliRunner().invoke(main, ["label-studio", command, "--project", title, *arguments], env=environment)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    assert not token or token not in done.output
    return done


def project_id(studio: Studio, title: str) -> int:
    (found,) = [p["id"] for p in studio.get("/api/projects", {"page_size": 500})["results"] if p["title"] == title]
    return int(found)


def tasks_of(studio: Studio, title: str) -> list[SimpleNamespace]:
    """The tasks of a project with annotations and predictions, by document id; asked without the SDK, which is slow."""
    asked: dict[str, str | int] = {"project": project_id(studio, title), "page_size": 500, "fields": "all"}
    answer = studio.get("/api/tasks", asked)
    tasks = [SimpleNamespace(**task) for task in answer["tasks"]]
    for task in tasks:
        task.predictions = [SimpleNamespace(**prediction) for prediction in task.predictions]
    return sorted(tasks, key=lambda task: str(task.data["doc_id"]))


def doc_ids(studio: Studio, title: str) -> list[str]:
    """The document of every task of a project, sorted; one that stands twice is there twice."""
    return [task.data["doc_id"] for task in tasks_of(studio, title)]


Edit = Callable[[list[dict[str, Any]]], object]


def submit(studio: Studio, title: str, token: str = TOKEN, edit: Edit | None = None, only: Sequence[str] = ()) -> None:
    """Submit what each task (or those of the documents ``only``) shows, after an edit, as the owner of the token."""
    client = studio.client(token)
    for task in tasks_of(studio, title):
        if only and task.data["doc_id"] not in only:
            continue
        result = task.predictions[0].result if task.predictions else []
        if edit is not None:
            edit(result)
        client.annotations.create(id=task.id, result=result)
