"""What tests share: small documents, and the release as far as its texts are here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from armsbench import Annotation, Release, load_release
from armsbench.benchmark.measures import Floats
from armsbench.benchmark.tasks import TASKS
from armsbench.corpus.document import Document, Region
from hypothesis import settings

if TYPE_CHECKING:
    from armsbench.baselines.linear.system import LinearSystem

    from .label_studio_server import Studio

# How long an example takes depends on what else the machine does; speed is measured elsewhere.
settings.register_profile("armsbench", deadline=None)
settings.load_profile("armsbench")


def count_one(task: str, document: Document, gold: Annotation, predicted: Annotation, *known: frozenset[Any]) -> Floats:
    """The counts of one document, of shape (measures, 4)."""
    counted: Floats = TASKS[task].count([document], [gold], [predicted], *known)[0]
    return counted


def make_document(text: str, doc_id: str = "article-001", *, regions: tuple[Region, ...] | None = None) -> Document:
    """A document of one body region, unless regions are given."""
    return Document(
        id=doc_id,
        collection="articles",
        title=None,
        text=text,
        date="2023-06-29",
        date_basis="record",
        url=None,
        licence="CC BY 4.0",
        story="a-story",
        regions=regions if regions is not None else (Region("body", 0, len(text)),),
    )


@pytest.fixture(scope="session")
def release() -> Release:
    """The release with every text that is within reach; the articles always are."""
    return load_release()


@pytest.fixture(scope="session")
def articles(release: Release) -> list[Document]:
    """The articles of train: always within reach, and not what the made documents look like."""
    return list(release.select("articles", "train"))


@pytest.fixture(scope="session")
def made() -> list[tuple[Document, Annotation]]:
    """Small made documents about sales, with their gold."""
    from .made_sales import made_sale

    return [made_sale(number) for number in range(6)]


@pytest.fixture(scope="session")
def fitted(made: list[tuple[Document, Annotation]]) -> LinearSystem:
    """A linear system that learnt from the made documents."""
    from armsbench.baselines.linear.system import LinearSystem

    system = LinearSystem()
    system.fit([document for document, _ in made], [annotation for _, annotation in made])
    return system


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A real Label Studio, started once for all tests."""
    from .label_studio_server import running_studio

    with pytest.MonkeyPatch.context() as patch, running_studio(tmp_path_factory.mktemp("label-studio")) as started:
        patch.setenv("NO_PROXY", "127.0.0.1")  # a proxy of the machine's has no part in this
        yield started
