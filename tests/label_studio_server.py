"""A real Label Studio for tests: its own environment and SQLite file, on the loopback; and a faulty proxy before it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from armsbench.corpus.files import PACKAGE

ENVIRONMENT = PACKAGE / ".venv" / "label-studio"
"""Where ``make test`` installs Label Studio, apart from our own environment: it pins other versions of what we use."""

PASSWORD = "a-password-for-tests"
TOKEN = "0123456789abcdef" * 2 + "01234567"
ANNA, BEN = "anna@example.org", "Ben.Test@example.org"
STARTS_WITHIN = 240
"""Seconds for the first start, which makes the database; later ones take eight."""


class Studio:
    """A running server: its address, the administrator's legacy token and a second user's personal access token."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.token = TOKEN
        self._connections: list[httpx.Client] = []
        self.ben = self.join(BEN)

    def join(self, email: str) -> str:
        """Sign a further user up; returns a personal access token."""
        with self.session(email, "signup") as session:
            answer = session.post("/api/token/")
            answer.raise_for_status()
            return str(answer.json()["token"])

    @contextmanager
    def session(self, email: str, page: str = "login") -> Iterator[httpx.Client]:
        """A user's session as a browser holds it, for what tokens cannot do."""
        with httpx.Client(base_url=self.url, follow_redirects=True, timeout=60, trust_env=False) as client:
            client.get(f"/user/{page}/")
            form = {"email": email, "password": PASSWORD, "csrfmiddlewaretoken": client.cookies["csrftoken"]}
            client.post(f"/user/{page}/", data=form, headers={"Referer": self.url}).raise_for_status()
            client.headers.update({"X-CSRFToken": client.cookies["csrftoken"], "Referer": self.url})
            yield client

    def get(self, path: str, parameters: dict[str, str | int]) -> Any:
        """What the server answers the administrator, as JSON."""
        headers = {"Authorization": f"Token {self.token}"}
        answer = httpx.get(self.url + path, params=parameters, headers=headers, timeout=60, trust_env=False)
        answer.raise_for_status()
        return answer.json()

    def client(self, token: str = TOKEN) -> Any:
        """The bare SDK."""
        from label_studio_sdk import LabelStudio

        connections = httpx.Client(timeout=120, follow_redirects=True, trust_env=False)
        self._connections.append(connections)
        return LabelStudio(base_url=self.url, api_key=token, httpx_client=connections)  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Close the connections of all clients."""
        for connections in self._connections:
            connections.close()


@contextmanager
def running_studio(folder: Path) -> Iterator[Studio]:
    """A server with fresh data under ``folder``; skipped where it is not installed, but never in CI."""
    program = ENVIRONMENT / "bin" / "label-studio"
    if not program.exists():
        message = "needs Label Studio in .venv/label-studio, as `make test` installs it"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    template = ENVIRONMENT / "empty-data"
    if not template.exists():
        fresh = ENVIRONMENT / f"empty-data.{os.getpid()}"
        with _running(program, fresh):
            pass
        fresh.rename(template)
    data = folder / "data"
    shutil.copytree(template, data)
    with _running(program, data) as url:
        studio = Studio(url)
        try:
            yield studio
        finally:
            studio.close()


@contextmanager
def _running(program: Path, data: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data.mkdir(exist_ok=True)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(data),
        "LABEL_STUDIO_BASE_DATA_DIR": str(data),
        "LABEL_STUDIO_USERNAME": ANNA,
        "LABEL_STUDIO_PASSWORD": PASSWORD,
        "LABEL_STUDIO_USER_TOKEN": TOKEN,
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
        # Nothing of it may call out: not for newer versions, not with errors, not with what people click.
        "LATEST_VERSION_CHECK": "false",
        "COLLECT_ANALYTICS": "false",
        "SENTRY_DSN": "",
        "FRONTEND_SENTRY_DSN": "",
    }
    command = [str(program), "start", "--no-browser", "--internal-host", "127.0.0.1", "--port", str(port)]
    with (data / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--data-dir", str(data)], env=environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait(f"http://127.0.0.1:{port}", server, data / "server.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()


def _wait(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/health", timeout=5, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.3)
    pytest.fail(f"Label Studio did not start:\n{log.read_text(errors='replace')[-2000:]}")


Fault = Callable[[str, str], str | int | float | None]
"""What to do with a request, by its method and path.

None: pass it on. A whole number: answer with that status. A float: wait so many seconds first. ``refuse``: close the
connection before the server hears of it. ``swallow``: pass it on, then close the connection without the answer.
``cut``: close it in the middle of the answer.
"""


class Proxy:
    """Stands before a server and does what :attr:`fault` says; :attr:`seen` are the requests that came."""

    def __init__(self, target: str) -> None:
        self.fault: Fault = lambda method, path: None
        self.seen: list[tuple[str, str]] = []
        self._under_way = 0
        self._changed = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, target.removeprefix("http://")))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def settle(self) -> None:
        """Wait until every request that came has been passed on and answered, also those that nobody waits for."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._under_way, timeout=60)

    @contextmanager
    def passing(self) -> Iterator[None]:
        """A request is under way."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._changed:
            self._under_way += more
            self._changed.notify_all()

    def once(self, what: str | int | float, method: str, part: str, times: int = 1, skip: int = 0) -> None:
        """Do ``what`` with ``times`` requests whose path holds ``part``, after letting ``skip`` of them pass."""
        lock = threading.Lock()
        count = [0]

        def fault(seen_method: str, path: str) -> str | int | float | None:
            if seen_method != method or part not in path:
                return None
            with lock:
                count[0] += 1
                return what if skip < count[0] <= skip + times else None

        self.fault = fault


def _handler(proxy: Proxy, target: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except (ConnectionError, TimeoutError):
                self.close_connection = True

        def pass_on(self) -> None:
            with proxy.passing():
                self._pass_on()

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            proxy.seen.append((self.command, self.path))
            what = proxy.fault(self.command, self.path)
            if what == "refuse":
                self.close_connection = True
                return
            if isinstance(what, int):
                # A careless server repeats what it was asked with.
                content = json.dumps({"detail": f"refused: {self.headers.get('Authorization')}"}).encode()
                self._answer(what, {"Content-Type": "application/json"}, content, len(content))
                return
            if isinstance(what, float):
                time.sleep(what)
            upstream = http.client.HTTPConnection(target, timeout=120)
            headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
            upstream.request(self.command, self.path, body=body, headers={**headers, "Host": target})
            answer = upstream.getresponse()
            content = answer.read()
            upstream.close()
            if what == "swallow":
                self.close_connection = True
                return
            sent = content[: len(content) // 2] if what == "cut" else content
            kept = {k: v for k, v in answer.getheaders() if k.lower() in ("content-type", "location", "set-cookie")}
            self._answer(answer.status, kept, sent, len(content))
            self.close_connection = what == "cut"

        def _answer(self, status: int, headers: dict[str, str], content: bytes, length: int) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = pass_on  # noqa: N815 - the names that http.server calls

    return Handler
