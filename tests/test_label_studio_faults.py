"""What may go wrong between us and a Label Studio: a clear message, and nothing lost or doubled on either side.

A proxy that fails on purpose stands before the real server.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from armsbench import Release
from armsbench.annotations.label_studio.server import Server
from armsbench.annotations.label_studio.sync import Pushed, push
from armsbench.annotations.label_studio.tasks import task_from_annotation
from armsbench.cli import main
from armsbench.corpus.errors import ServerError
from armsbench.corpus.files import PACKAGE, write_atomic
from click.testing import CliRunner

from .label_studio_help import doc_ids, new_title, project_id, run, submit, tasks_of
from .label_studio_server import TOKEN, Proxy, Studio

pytestmark = pytest.mark.filterwarnings("ignore:The `parse_obj` method is deprecated")

IMPORT, EXPORT = "/import", "/export"


@pytest.fixture
def proxy(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """The server behind a proxy; requests are repeated without long pauses, and imported two documents at a time."""
    monkeypatch.setattr("armsbench.annotations.label_studio.server.PAUSES", (0.01, 0.02, 0.03))
    monkeypatch.setattr("armsbench.annotations.label_studio.sync.BATCH", 2)
    made = Proxy(studio.url)
    yield made
    made.close()


@pytest.fixture
def layers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("armsbench.annotations.layers.LAYERS", tmp_path / "layers")
    return tmp_path / "layers"


@pytest.fixture
def five(release: Release) -> list[str]:
    return [document.id for document in release.select("articles", "train")[:5]]


def test_no_server_there_is_said_and_what_to_do(studio: Studio, proxy: Proxy, five: list[str]) -> None:
    proxy.close()
    for command in (["push", *five], ["pull"], ["status"]):
        done = run(proxy, new_title(), *command)
        assert done.exit_code == 1
        assert f"{proxy.url}: listing projects: cannot be reached" in done.stderr
        assert "Is the server running?" in done.stderr


PASSING = {
    "500-in-the-middle-of-a-push": (500, "POST", IMPORT, 1),
    "503-at-first": (503, "GET", "/api/projects", 0),
    "429-too-many-requests": (429, "POST", IMPORT, 0),
    "connection-closed-before-the-server-heard": ("refuse", "POST", IMPORT, 1),
    "answer-lost-after-the-server-had-imported": ("swallow", "POST", IMPORT, 1),
    "answer-cut-after-the-server-had-imported": ("cut", "POST", IMPORT, 0),
    "answer-lost-after-the-project-was-made": ("swallow", "POST", "/api/projects", 0),
    "listing-cut-off": ("cut", "GET", "/api/tasks", 0),
}


@pytest.mark.parametrize(("what", "method", "part", "skip"), PASSING.values(), ids=PASSING)
def test_a_passing_fault_of_a_push_leaves_every_document_once(
    what: str | int, method: str, part: str, skip: int, studio: Studio, proxy: Proxy, five: list[str]
) -> None:
    title = new_title()
    proxy.once(what, method, part, skip=skip)
    done = run(proxy, title, "push", "--with", "gold", *five)
    assert done.exit_code == 0, done.output
    assert "5 added" in done.stdout
    assert doc_ids(studio, title) == sorted(five)


def test_a_lasting_fault_ends_the_push_and_the_next_one_goes_on(studio: Studio, proxy: Proxy, five: list[str]) -> None:
    title = new_title()
    proxy.once(500, "POST", IMPORT, times=99, skip=1)
    done = run(proxy, title, "push", *five)
    assert done.exit_code == 1
    assert f"importing tasks into project {project_id(studio, title)}: it answers 500" in done.stderr
    assert doc_ids(studio, title) == sorted(five[:2])
    proxy.fault = lambda method, path: None
    again = run(proxy, title, "push", *five)
    assert "3 added, 2 there already" in again.stdout
    assert doc_ids(studio, title) == sorted(five)


def test_a_slow_server_is_waited_for(studio: Studio, proxy: Proxy, five: list[str]) -> None:
    title = new_title()
    proxy.once(2.0, "POST", IMPORT, times=2)
    assert "2 added" in run(proxy, title, "push", *five[:2]).stdout


def test_no_answer_in_time_is_asked_again_and_adds_nothing_twice(
    studio: Studio, proxy: Proxy, five: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first request arrives all the same, while the second is under way."""
    monkeypatch.setattr("armsbench.annotations.label_studio.server.TIMEOUT", 1.5)
    title = new_title()
    proxy.once(2.5, "POST", IMPORT)
    done = run(proxy, title, "push", *five[:2])
    proxy.settle()  # the late request has arrived
    assert done.exit_code == 0, done.output
    assert run(proxy, title, "push", *five[:2]).exit_code == 0
    assert doc_ids(studio, title) == sorted(five[:2])


def test_a_server_that_never_answers_in_time(proxy: Proxy, five: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("armsbench.annotations.label_studio.server.TIMEOUT", 0.2)
    proxy.once(0.5, "GET", "/api/projects", times=99)
    done = run(proxy, new_title(), "push", five[0])
    assert (done.exit_code, "no answer within" in done.stderr) == (1, True)


REFUSALS = {
    401: "it does not know this token",
    403: "the owner of this token may not do this",
    404: "there is no such thing (any more)",
    302: "it answers with something that is not Label Studio's",
}


@pytest.mark.parametrize("status", REFUSALS)
def test_a_refusal_is_not_repeated(status: int, proxy: Proxy, five: list[str]) -> None:
    proxy.once(status, "GET", "/api/projects", times=99)
    done = run(proxy, new_title(), "push", five[0])
    assert done.exit_code == 1
    assert REFUSALS[status] in done.stderr
    assert len(proxy.seen) == 1


BAD_TOKENS = {
    "unknown-legacy": "f" * 40,
    "no-token-at-all": "not a token",
    "not-ascii": "t\u00f6ken",
    "expired": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCIsImV4cCI6MTB9.x1y2",
    "forged": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJ0b2tlbl90eXBlIjoicmVmcmVzaCIsImV4cCI6OTk5OTk5OTk5OX0.x1y2",
}


@pytest.mark.parametrize("token", BAD_TOKENS.values(), ids=BAD_TOKENS)
def test_a_bad_token_is_said_to_be_bad_and_never_printed(token: str, studio: Studio, five: list[str]) -> None:
    done = run(studio, new_title(), "push", five[0], token=token)  # run() sees to it that it is not printed
    assert done.exit_code == 1
    assert "token" in done.stderr


def test_an_address_that_is_no_label_studio(proxy: Proxy, five: list[str]) -> None:
    assert run(proxy, new_title(), "push", five[0], "--url", f"{proxy.url}/elsewhere").exit_code == 1
    assert run(proxy, new_title(), "push", five[0], "--url", "localhost:8080").exit_code == 2
    assert run(proxy, new_title(), "push", five[0], token="").exit_code == 2


@pytest.mark.parametrize("what", ["cut", "refuse", 502])
def test_a_pull_that_is_cut_off_is_asked_again(
    what: str | int, studio: Studio, proxy: Proxy, five: list[str], layers: Path
) -> None:
    title = new_title()
    run(studio, title, "push", "--with", "gold", *five[:2])
    submit(studio, title)
    proxy.once(what, "GET", EXPORT, times=2)
    done = run(proxy, title, "pull")
    assert done.exit_code == 0, done.output
    assert sorted(path.stem for path in layers.rglob("*.json")) == sorted(five[:2])


def test_a_pull_that_stays_cut_off_writes_nothing(studio: Studio, proxy: Proxy, five: list[str], layers: Path) -> None:
    title = new_title()
    run(studio, title, "push", "--with", "gold", *five[:2])
    submit(studio, title)
    proxy.once("cut", "GET", EXPORT, times=99)
    done = run(proxy, title, "pull")
    assert (done.exit_code, "exporting project" in done.stderr) == (1, True)
    assert not layers.exists()


def test_a_project_deleted_meanwhile(studio: Studio, proxy: Proxy, five: list[str]) -> None:
    title = new_title()
    client = studio.client()

    def delete_at_second_import(method: str, path: str) -> None:
        imports = [seen for seen in proxy.seen if IMPORT in seen[1]]
        if method == "POST" and IMPORT in path and len(imports) == 2:
            client.projects.delete(project_id(studio, title))

    proxy.fault = delete_at_second_import
    done = run(proxy, title, "push", *five)
    assert done.exit_code == 1
    assert "was it deleted meanwhile?" in done.stderr
    proxy.fault = lambda method, path: None
    assert "5 added" in run(proxy, title, "push", *five).stdout
    for command in ("pull", "status"):
        gone = run(proxy, "no such project", command)
        assert (gone.exit_code, "there is no project 'no such project'" in gone.stderr) == (1, True)
        gone = run(proxy, "999999", command)
        assert (gone.exit_code, "there is no such thing" in gone.stderr) == (1, True)


def test_two_clients_at_once_add_nothing_twice(studio: Studio, release: Release, proxy: Proxy, five: list[str]) -> None:
    """Both find no project and no tasks; both make and import what they miss. In the end everything is there once."""
    title = new_title()
    tasks = [task_from_annotation(release.documents[d], release.gold[d], "gold") for d in five]
    barrier = threading.Barrier(2, timeout=30)
    pushed: list[Pushed | ServerError] = []
    # Both must have seen that there is nothing before either makes anything.
    waited: set[int] = set()

    def fault(method: str, path: str) -> None:
        if method == "POST" and threading.get_ident() not in waited and len(waited) < 2:
            waited.add(threading.get_ident())
            barrier.wait()

    proxy.fault = fault

    def client() -> None:
        with Server(proxy.url, TOKEN) as server:
            try:
                pushed.append(push(server, title, tasks, lambda message: None))
            except ServerError as error:
                pushed.append(error)

    threads = [threading.Thread(target=client) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(isinstance(each, Pushed) for each in pushed), pushed
    assert {each.project.id for each in pushed if isinstance(each, Pushed)} == {project_id(studio, title)}
    assert doc_ids(studio, title) == sorted(five)
    assert all(len(task.predictions) == 1 for task in tasks_of(studio, title))


KILLED = {
    "before-the-project-is-made": ("POST", "/api/projects", 1),
    "before-the-first-import": ("POST", IMPORT, 1),
    "in-the-second-import": ("POST", IMPORT, 2),
    "reading-back": ("GET", "/api/tasks", 2),
}


@pytest.mark.parametrize(("method", "part", "number"), KILLED.values(), ids=KILLED)
def test_a_killed_push_is_taken_up_again(
    method: str, part: str, number: int, studio: Studio, proxy: Proxy, five: list[str]
) -> None:
    """The client is killed while a request is under way, and that request still arrives."""
    title = new_title()
    reached = threading.Event()

    def fault(seen_method: str, path: str) -> float | None:
        if len([s for s in proxy.seen if s[0] == method and part in s[1]]) == number and seen_method == method:
            reached.set()
            return 1.0
        return None

    proxy.fault = fault
    code = (
        "import sys; from armsbench.annotations.label_studio import sync; sync.BATCH = 2;"
        " from armsbench.cli import main; main(prog_name='armsbench')"
    )
    environment = {**os.environ, "LABEL_STUDIO_URL": proxy.url, "LABEL_STUDIO_API_KEY": TOKEN}
    arguments = ["label-studio", "push", "--project", title, "--with", "gold", *five]
    client = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=PACKAGE,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert reached.wait(60)
    finally:
        client.kill()
        client.wait()
    proxy.settle()  # the request that was under way has arrived
    proxy.fault = lambda seen_method, path: None
    assert run(proxy, title, "push", "--with", "gold", *five).exit_code == 0
    assert doc_ids(studio, title) == sorted(five)


def test_a_killed_pull_leaves_whole_files(
    studio: Studio, five: list[str], layers: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between two files: what is written is whole, and the next pull writes the rest."""
    title = new_title()
    run(studio, title, "push", "--with", "gold", *five[:3])
    submit(studio, title)
    name = "armsbench.annotations.label_studio.pull.write_atomic"
    written: list[Path] = []

    def killed_at_the_second(path: Path, content: str | bytes) -> None:
        if len(written) == 1:
            raise KeyboardInterrupt
        if path.suffix == ".json":
            written.append(path)
        write_atomic(path, content)

    monkeypatch.setattr(name, killed_at_the_second)
    assert run(studio, title, "pull").exit_code == 1
    assert [path.name for path in layers.rglob("*.json")] == [written[0].name]
    monkeypatch.setattr(name, write_atomic)
    assert "2 annotations written, 1 unchanged" in run(studio, title, "pull").stderr


def test_work_of_deleted_users_is_a_fault_of_its_own_and_nobodys_layer(
    studio: Studio, five: list[str], layers: Path
) -> None:
    """Two people whom the server has forgotten are not one, and nobody is told to delete the work of either."""
    title = new_title()
    run(studio, title, "push", "--with", "gold", *five[:2])
    gone = {}
    for name in ("carla", "dan"):
        token = studio.join(f"{title.replace(' ', '-')}-{name}@example.org")
        submit(studio, title, token=token, only=five[:1])
        gone[name] = studio.client(token).users.whoami().id
    submit(studio, title, only=five[1:2])
    for user in gone.values():
        studio.client().users.delete(user)
    done = run(studio, title, "pull")
    assert done.exit_code == 1
    (task,) = [task for task in tasks_of(studio, title) if task.data["doc_id"] == five[0]]
    annotations = [each["id"] for each in task.annotations]
    assert len(annotations) == 2
    for annotation in annotations:
        said = f"annotation {annotation} was made by a deleted user, so it goes into no layer"
        assert f"task {task.id} ({five[0]}): {said}" in done.stderr
    assert "is a second one" not in done.stderr
    assert [str(path.relative_to(layers)) for path in layers.rglob("*.json")] == [f"anna/{five[1]}.json"]
    assert "a deleted user: 2 submitted" in run(studio, title, "status").stdout


ADDRESSES = {
    "http://user:s3cret@exa\u2100mple": "is no address",
    "http://[bad": "is no address",
    "http://localhost:port": "is no address",
    "http://user:s3cret@localhost": "holds a user or a password",
    "ftp://localhost": "must begin with http:// or https://",
    "http://": "names no server",
}


@pytest.mark.parametrize(("url", "message"), ADDRESSES.items())
def test_a_wrong_address_is_a_wrong_command_and_not_repeated(url: str, message: str) -> None:
    done = CliRunner().invoke(main, ["label-studio", "status", "--url", url, "--token", TOKEN])
    assert (done.exit_code, message in done.output, "s3cret" in done.output) == (2, True, False)


@pytest.mark.parametrize("title", ["", "  ", "9" * 5000])
def test_a_wrong_project_is_a_wrong_command(title: str) -> None:
    done = CliRunner().invoke(main, ["label-studio", "status", "--project", title, "--token", TOKEN])
    assert (done.exit_code, "--project" in done.output) == (2, True)


def test_spaces_around_title_and_token_and_a_scheme_in_capitals(studio: Studio, five: list[str]) -> None:
    title = new_title()
    arguments = ["--url", studio.url.replace("http", "HTTP"), "--token", f" {TOKEN} "]
    for expected in ("1 added", "1 there already"):
        done = CliRunner().invoke(main, ["label-studio", "push", "--project", f" {title} ", *arguments, five[0]])
        assert expected in done.stdout, done.output
    assert doc_ids(studio, title) == five[:1]


ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "redirect-loop": (302, {"Location": "/again"}, b""),
    "bad-gzip": (200, {"Content-Encoding": "gzip"}, b"x"),
    **{
        body: (200, {}, body.encode())
        for body in ("[]", '"x"', "null", "{}", '{"results":null}', '{"results":[{}]}', '{"results":["x"]}')
    },
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("project", ["some title", "7"])
def test_answers_that_are_not_label_studios(
    answer: tuple[int, dict[str, str], bytes], project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    status, headers, body = answer

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        done = CliRunner().invoke(main, ["label-studio", "status", "--project", project, "--url", url, "--token", "e"])
        server.shutdown()
    assert isinstance(done.exception, SystemExit), done.exception
    assert (done.exit_code, "something that is not Label Studio's. Is this its address?" in done.output) == (1, True)


def test_a_damaged_personal_access_token_is_said_to_be_one() -> None:
    token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOiJ4In0.x1y2"  # it expires at "x"
    done = CliRunner().invoke(main, ["label-studio", "status", "--token", token])
    assert (done.exit_code, "what it holds is damaged" in done.output) == (1, True)
