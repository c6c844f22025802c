"""The command ``armsbench``: it lists the commands by name and loads each when it is called.

The commands live where their work lives: corpus/commands.py, annotations/commands.py,
annotations/label_studio/commands.py, benchmark/commands.py.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

from ._version import __version__
from .corpus.errors import ArmsBenchError, DataError, UnknownNameError
from .corpus.files import shown

COMMANDS = {
    "hydrate": "corpus",
    "add-article": "corpus",
    "diversity": "corpus",
    "leakage": "corpus",
    "build": "annotations",
    "check": "annotations",
    "inline": "annotations",
    "stats": "annotations",
    "label-studio": "annotations.label_studio",
    "run": "benchmark",
    "score": "benchmark",
    "validate": "benchmark",
    "explain": "benchmark",
    "compare": "benchmark",
    "leaderboard": "benchmark",
    "agreement": "benchmark",
}


class Commands(click.Group):
    """Loads commands lazily, and turns our own errors into a short message and exit status 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All command names, in the order in which one meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None if there is none."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f".{COMMANDS[cmd_name]}.commands", __package__)
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that ``args`` begin with; an unknown one is answered with the nearest."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise UnknownNameError("command", args[0], COMMANDS)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of ours ends it with its message on stderr."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, _end)
        for stream in (sys.stdout, sys.stderr):
            if isinstance(
                stream, io.TextIOWrapper
            ):  # a terminal that lacks a character gets an escape, not a traceback
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except DataError as error:
            if not error.faults:
                raise click.ClickException(str(error)) from error
            click.echo(str(error), err=True)
            raise click.ClickException(f"{error.total:,} fault{'s' if error.total > 1 else ''}") from error
        except UnknownNameError as error:
            raise click.UsageError(str(error)) from error
        except ArmsBenchError as error:
            raise click.ClickException(str(error)) from error
        except BrokenPipeError:
            raise
        except OSError as error:
            name = error.filename if isinstance(error.filename, str) else "a file"
            raise click.ClickException(f"{shown(Path(name))}: {error.strerror or error}") from error


def _end(number: int, frame: FrameType | None) -> NoReturn:
    """End at the signal as at an error, so that temporary files and helping processes go too."""
    sys.exit(128 + number)


# Most of what a command makes lasts until it ends, so looking for garbage every few hundred objects finds none; and
# what is left at the end goes with the process.
gc.set_threshold(50_000)
atexit.register(gc.freeze)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="armsbench")
def main() -> None:
    """Annotated texts about arms transfers, and a benchmark for extracting deals from them.

    Exit status: 0 done, 1 the data is wrong, 2 the command is wrong.
    """
