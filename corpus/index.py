"""The index of a collection: what we know of each text, without the text.

``corpus/<collection>/index.jsonl`` holds one :class:`IndexEntry` a line. It lets us keep annotations as offsets of
texts that we may not redistribute: the digest says whether a text is the one that the offsets were made for.
"""

from __future__ import annotations

from functools import cache

import msgspec

from .document import Collection, DateBasis, Document, Region
from .files import PACKAGE


class IndexEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One document of a collection without its text.

    ``source`` finds the text within the collection's source: a file name for articles and press, the primary key of
    the record for notices. ``sha256`` is the digest of the normalised text in UTF-8.
    """

    id: str
    source: str
    story: str
    sha256: str
    licence: str
    regions: tuple[Region, ...]
    title: str | None = None
    date: str | None = None
    date_basis: DateBasis | None = None
    url: str | None = None
    note: str | None = None

    def document(self, collection: Collection, text: str, title: str | None = None) -> Document:
        """The document that this entry and its normalised ``text`` make."""
        return Document(
            id=self.id,
            collection=collection,
            title=self.title if self.title is not None else title,
            text=text,
            date=self.date,
            date_basis=self.date_basis,
            url=self.url,
            licence=self.licence,
            story=self.story,
            regions=self.regions,
        )


@cache
def read_index(collection: Collection) -> tuple[IndexEntry, ...]:
    """The index of ``collection`` in the order of the file."""
    content = (PACKAGE / "corpus" / collection / "index.jsonl").read_bytes()
    decoder = msgspec.json.Decoder(IndexEntry)
    return tuple(decoder.decode(line) for line in content.splitlines() if line)
