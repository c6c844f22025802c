"""A Label Studio server: requests that are repeated where it helps, and errors that a person can act on.

The token is kept out of every message, and nothing here writes it anywhere.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ...corpus.errors import ArmsBenchError, MissingExtraError, ServerError

if TYPE_CHECKING:
    from label_studio_sdk import LabelStudio

T = TypeVar("T")

_ACCESS_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")

PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds before each repetition of a request."""

LONGEST_PAUSE = 60.0
"""What a server may ask us to wait (Retry-After) at most."""

TIMEOUT = 60.0
"""Seconds without a byte from the server after which a request is given up."""

PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses that may be gone a moment later."""

FOREIGN = "it answers with something that is not Label Studio's. Is this its address?"

REFUSALS = {
    400: "it does not take this",
    401: "it does not know this token. Make one under Account & Settings; personal access tokens and legacy tokens do",
    403: "the owner of this token may not do this; ask for the right, or for the token of someone who has it",
    404: "there is no such thing (any more); was it deleted meanwhile?",
}


class Server:
    """A server and who asks it. ``say`` is told what is waited for."""

    def __init__(self, url: str, token: str, say: Callable[[str], None] = lambda message: None) -> None:
        """Makes no request yet. Raises ServerError if ``token`` cannot be one; an expired one shows at the first call.

        ``url`` holds no user and no password; :func:`.commands._server` sees to that.
        """
        self._token = token.strip()
        self.say = say
        self.url = url.rstrip("/")
        self.shown = self.url
        if not self._token.isascii() or not self._token.isprintable() or not self._token:
            raise ServerError("this is no token: it is empty, or holds characters that no token has")
        self._client: LabelStudio | None = None
        self._close: Callable[[], None] = lambda: None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Close the connections."""
        self._close()

    def client(self) -> LabelStudio:
        """The SDK's client. The SDK repeats some failed requests on its own; that is left to :meth:`call`.

        Raises MissingExtraError without the SDK, and ServerError if the SDK cannot take the token.
        """
        if self._client is None:
            try:
                import httpx
                from label_studio_sdk import LabelStudio
                from label_studio_sdk.core.api_error import ApiError
            except ModuleNotFoundError as error:
                raise MissingExtraError("label-studio-sdk", "labelstudio") from error

            connections = httpx.Client(timeout=TIMEOUT, follow_redirects=True)
            self._close = connections.close
            try:
                self._client = LabelStudio(  # type: ignore[no-untyped-call]
                    base_url=self.url, api_key=self._token, httpx_client=connections, timeout=TIMEOUT, max_retries=0
                )
            except ApiError as error:  # the SDK has looked when a personal access token expires
                raise ServerError(f"{self.shown}: {self._judge(error)[0]}") from None
            except Exception:  # it has looked, and stumbled over what it found
                message = "this is no token: it looks like a personal access token, and what it holds is damaged."
                raise ServerError(f"{message} Copy it once more, or make one under Account & Settings") from None
        return self._client

    def call(self, what: str, request: Callable[[LabelStudio], T]) -> T:
        """What ``request`` returns; repeated with growing pauses while the fault may pass.

        ``request`` must bear being repeated though an earlier try arrived, and does no more than call the SDK and look
        whether the answer is what it should be: any exception is taken for an answer that is not Label Studio's.
        Raises ServerError that says ``what`` failed and what to do.
        """
        client = self.client()
        for pause in (*PAUSES, None):
            try:
                return request(client)
            except ArmsBenchError:
                raise
            except Exception as error:
                reason, wait = self._judge(error)
                if wait is None or pause is None:
                    raise ServerError(f"{self.shown}: {what}: {reason}") from None
                wait = max(pause, min(wait, LONGEST_PAUSE))
                self.say(f"{what}: {reason}; trying again in {wait:.0f} s")
                time.sleep(wait)
        raise AssertionError("unreachable")

    def _judge(self, error: Exception) -> tuple[str, float | None]:
        """What went wrong in words, and how long the server wants us to wait; None if repeating is no use."""
        import httpx
        from label_studio_sdk.core.api_error import ApiError

        if isinstance(error, ApiError):
            status = error.status_code or 0
            if status in PASSING:
                return f"it answers {status}", _retry_after(error.headers)
            if status in REFUSALS or status >= 400:
                return f"{REFUSALS.get(status, 'it refuses')} ({status}{self._clean(_detail(error.body))})", None
            return FOREIGN, None
        if isinstance(error, httpx.TimeoutException):
            return f"no answer within {TIMEOUT:.0f} s", 0.0
        if isinstance(error, httpx.ConnectError):
            return f"cannot be reached ({self._clean(str(error))}). Is the server running?", 0.0
        if isinstance(error, (httpx.UnsupportedProtocol, httpx.InvalidURL)):
            return f"is no address of a server ({self._clean(str(error))})", None
        if isinstance(error, httpx.LocalProtocolError):
            return f"this cannot be sent ({self._clean(str(error))}); look at address and token", None
        if isinstance(error, httpx.TransportError):
            return f"the connection broke ({self._clean(str(error)) or type(error).__name__})", 0.0
        if isinstance(error, json.JSONDecodeError):
            return "the answer was cut off", 0.0
        return FOREIGN, None

    def _clean(self, said: str) -> str:
        """What the server or the network said without the token, or one that the server gave for it."""
        return _ACCESS_TOKEN.sub("[token]", said.replace(self._token, "[token]"))


def _retry_after(headers: dict[str, str] | None) -> float:
    value = {name.lower(): text for name, text in (headers or {}).items()}.get("retry-after", "")
    return float(value) if value.strip().isdecimal() else 0.0


def _detail(body: Any) -> str:
    """What the server says about a refusal, if it says it in Label Studio's way, in at most 300 characters."""
    if not isinstance(body, dict):
        return ""
    detail = str(body.get("detail") or "")
    errors = body.get("validation_errors")
    if isinstance(errors, dict):
        detail = "; ".join(str(each) for its in errors.values() for each in (its if isinstance(its, list) else [its]))
    return f": {detail[:300]}" if detail else ""
