"""What tests share: small documents, and the release as far as its texts are here."""

from __future__ import annotations

import pytest
from armsbench import Release, load_release
from armsbench.corpus.document import Document, Region


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
