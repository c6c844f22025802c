"""Where commands write: results to stdout, everything else to stderr, progress only on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

PLAIN_WIDTH = 120
"""Columns of a table that does not go to a terminal."""


def stdout() -> Console:
    """A console for results; as wide as the terminal, or 120 columns where there is none."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else PLAIN_WIDTH
    return Console(width=width, highlight=False, soft_wrap=False)


def printable(text: str) -> str:
    """``text`` with characters that would move the cursor, change colours or break a line written as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def print_json(value: Any) -> None:
    """Print ``value`` as indented JSON on stdout."""
    import click
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=1).decode())


def finish(left_out: str, faults: Sequence[object]) -> None:
    """Say on stderr what was left out; exit with status 1 if texts that were found are wrong."""
    import click

    click.echo(left_out, nl=False, err=True)
    if faults:
        sys.exit(1)


@contextmanager
def progress(enabled: bool | None = None) -> Iterator[Callable[[str], None]]:
    """A function that shows what is going on in one line of stderr, if that is a terminal; else it shows nothing."""
    if not (sys.stderr.isatty() if enabled is None else enabled):
        yield lambda message: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update
