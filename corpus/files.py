"""Reading and writing files so that a kill at any moment leaves the old file or the new one."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .errors import DataError, Fault

PACKAGE = Path(__file__).resolve().parent.parent


def checkout() -> Path | None:
    """The root of the git checkout that this package runs from, or None when it is installed elsewhere."""
    return PACKAGE if (PACKAGE / "pyproject.toml").is_file() else None


def local_folder(name: str) -> Path:
    """The folder ``name`` for files that this package makes: ``build/NAME`` of a checkout, else the user's cache."""
    root = checkout()
    if root is not None:
        return root / "build" / name
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "armsbench" / name


@contextmanager
def atomic_writer(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file beside ``path`` for writing bytes; it becomes ``path`` when the block succeeds.

    A link is followed. Raises DataError for what is there and no regular file: a device or a pipe is not replaced.
    """
    path = Path(os.path.realpath(path))
    if path.is_symlink() or (path.exists() and not path.is_file()):  # a link that is left leads to itself
        raise DataError([Fault(where=shown(path), message="is no regular file. Write to another one.")])
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = tempfile.NamedTemporaryFile(  # noqa: SIM115 - renamed, not deleted, at the end
        dir=path.parent, prefix=f".{path.name}.", suffix=".tmp", delete=False
    )
    temporary = Path(handle.name)
    try:
        with handle:
            yield handle
            handle.flush()
            os.fsync(handle.fileno())
        temporary.chmod(0o666 & ~umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def umask() -> int:
    """The permissions that the user withholds from new files; reading them means setting them for a moment."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def shown(path: Path) -> str:
    """``path`` for a message; bytes of a file name that are not UTF-8 are replaced."""
    return os.fsencode(path).decode(errors="replace")


def write_atomic(path: Path, content: str | bytes) -> None:
    """Write ``content`` (text as UTF-8) to ``path``, all of it or nothing."""
    with atomic_writer(path) as handle:
        handle.write(content.encode() if isinstance(content, str) else content)


def sha256_of_text(text: str) -> str:
    """SHA-256 of the UTF-8 form of ``text``, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
