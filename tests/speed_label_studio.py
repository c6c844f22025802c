"""How long push and pull of 300 documents take, beside the same requests made bare with the SDK (``make speed``).

Both sides talk to one real server. Bare is what anyone would write: create a project and import the tasks in requests
of the same size; download the export and decode its JSON. Ours also reads back what is there, takes away doubles,
checks every region against text and guidelines, and writes the layers. Best of three, in turns.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from armsbench import load_release
from armsbench.annotations import layers
from armsbench.annotations.label_studio.config import label_config
from armsbench.annotations.label_studio.pull import pull
from armsbench.annotations.label_studio.server import Server
from armsbench.annotations.label_studio.sync import BATCH, push
from armsbench.annotations.label_studio.tasks import task_from_annotation

from .label_studio_help import new_title, project_id
from .label_studio_server import Studio, running_studio

DOCUMENTS = 300
LIMIT = 2.0


def timed(work: Callable[[], object]) -> float:
    """Wall-clock seconds."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def quiet(message: str) -> None:
    """Progress that nobody watches."""


def batches(tasks: list[Any]) -> list[list[Any]]:
    return [tasks[start : start + BATCH] for start in range(0, len(tasks), BATCH)]


def time_push(studio: Studio, tasks: list[Any]) -> tuple[float, float]:
    """Seconds of our push and of the bare one."""

    def bare() -> None:
        client = studio.client()
        project = client.projects.create(title=new_title(), label_config=label_config())
        for batch in batches(tasks):
            client.projects.import_tasks(project.id, request=batch)

    def ours() -> None:
        with Server(studio.url, studio.token) as server:
            assert len(push(server, new_title(), tasks, quiet).added) == DOCUMENTS

    return timed(ours), timed(bare)


def time_pull(studio: Studio, title: str, folder: Path) -> tuple[float, float]:
    """Seconds of our pull into an empty folder and of the bare one."""

    def bare() -> None:
        exported = studio.client().projects.exports.as_json(project_id(studio, title))
        assert sum(len(task["annotations"]) for task in exported) == DOCUMENTS

    def ours() -> None:
        layers.LAYERS = folder
        with Server(studio.url, studio.token) as server:
            pulled = pull(server, title, quiet)
        assert (len(pulled.written), pulled.faults) == (DOCUMENTS, ())

    return timed(ours), timed(bare)


def main() -> None:
    """Print a table; fail if we take more than twice as long."""
    release = load_release()
    if len(release.documents) < DOCUMENTS / 2:
        raise SystemExit(
            "too few texts are here to make 300 documents of; armsbench hydrate --download fetches the notices"
        )
    made = [task_from_annotation(d, release.gold[d.id], "gold") for d in release.documents.values()]
    copies = [json.loads(json.dumps(task)) for task in made[: DOCUMENTS - len(made)]]
    for task in copies:
        task["data"]["doc_id"] += "-copy"
    with tempfile.TemporaryDirectory() as name, running_studio(Path(name)) as studio:
        pushes = [time_push(studio, [*made, *copies]) for _ in range(3)]
        title = new_title()
        with Server(studio.url, studio.token) as server:
            push(server, title, made[:1], quiet)
        project = project_id(studio, title)
        client = studio.client()
        client.tasks.delete_all_tasks(project)
        users = {user.email: user.id for user in client.users.list()}
        # One annotation a document, and a second person's on as many as are wanting.
        for number, task in enumerate(made):
            who = list(users.values())[: 2 if number < len(copies) else 1]
            result = task["predictions"][0]["result"]
            task["annotations"] = [{"result": result, "completed_by": user} for user in who]
        for batch in batches(made):
            client.projects.import_tasks(project, request=batch)
        pulls = [time_pull(studio, title, Path(name) / f"layers-{n}") for n in range(3)]
    print(f"{DOCUMENTS} documents{'':8}{'ours':>8}{'bare SDK':>10}{'ratio':>8}")
    ratios = []
    for what, times in (("push", pushes), ("pull", pulls)):
        ours, bare = (min(column) for column in zip(*times, strict=True))
        ratios.append(ours / bare)
        print(f"{what:21}{ours:8.1f}{bare:10.1f}{ours / bare:8.2f}")
    if max(ratios) > LIMIT:
        raise SystemExit(f"more than {LIMIT} times as long as the bare requests")


if __name__ == "__main__":
    main()
