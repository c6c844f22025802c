"""What a system is, and how to find one by name.

This stands below baselines and benchmark, which do not know each other: the runner scores systems, Label Studio shows
their output as pre-annotations, and a package of your own registers its systems exactly as ours do, by the entry-point
group ``armsbench.systems``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

from ..corpus.document import Document
from ..corpus.errors import ArmsBenchError, MissingExtraError, UnknownNameError
from .annotation import Annotation

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "armsbench.systems"


@runtime_checkable
class System(Protocol):
    """Turns the text of a document into an annotation. A class with these methods and no-argument construction."""

    def fit(self, documents: Sequence[Document], annotations: Sequence[Annotation]) -> None:
        """Learn from documents and their gold, in the same order; a system that does not learn passes."""

    def predict(self, document: Document) -> Annotation:
        """The annotation of ``document``, from its text, date and regions; layers it cannot fill are None."""


@runtime_checkable
class StoredSystem(System, Protocol):
    """A system whose fitted state can be saved, and loaded without executing code from the files."""

    def save(self, folder: Path) -> None:
        """Write the fitted state into ``folder``."""

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The fitted system that :meth:`save` wrote; raises DataError when the files are not its own."""


def system_names() -> tuple[str, ...]:
    """The names of all installed systems: the package's own in their order there, then others by name."""
    return tuple(_entry_points())


def create_system(name: str) -> System:
    """A fresh, unfitted system; raises UnknownNameError, or MissingExtraError when its dependencies are missing."""
    known = _entry_points()
    if name not in known:
        raise UnknownNameError("system", name, known)
    try:
        made = known[name].load()()
    except ModuleNotFoundError as error:
        if not known[name].value.startswith("armsbench."):
            raise
        raise MissingExtraError(error.name or "a module", "baselines") from error
    if not isinstance(made, System):
        raise ArmsBenchError(f"{known[name].value} has no fit and predict, so it is not a system")
    return made


def _entry_points() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points  # every command would wait for it, and few ask for systems

    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        other = found.setdefault(point.name, point)
        if other.value != point.value:
            raise ArmsBenchError(f"two packages register a system {point.name!r}: {other.value} and {point.value}")
    return found
