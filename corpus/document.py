"""A document and its parts."""

from __future__ import annotations

from typing import Literal

import msgspec

Collection = Literal["articles", "notices", "press"]
COLLECTIONS: tuple[Collection, ...] = ("articles", "notices", "press")

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")

RegionKind = Literal["headline", "body", "caption", "byline", "furniture"]
ANNOTATED_REGIONS: frozenset[str] = frozenset({"headline", "body", "caption"})
"""Kinds of region in which mentions are marked (guideline 1.2)."""

DateBasis = Literal["text", "record", "facts"]
"""Where a document's date comes from: printed in the text, given by the source's record, or found out from public
facts (then it is metadata that a system cannot read off the text)."""


class Region(msgspec.Struct, frozen=True, array_like=True):
    """A stretch of a document of one kind; ``text[start:end]`` in code points, half-open (guideline 1.1)."""

    kind: RegionKind
    start: int
    end: int


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One text with what is known about it.

    ``text`` is normalised (:mod:`armsbench.corpus.normalise`); every offset in this project counts its Unicode code
    points and is half-open. ``regions`` cover the text without gap or overlap, in order. ``date`` is an ISO day
    (``2023-06-29``) or None. Documents with the same ``story`` tell of the same sale and share a split.
    """

    id: str
    collection: Collection
    title: str | None
    text: str
    date: str | None
    date_basis: DateBasis | None
    url: str | None
    licence: str
    story: str
    regions: tuple[Region, ...]

    def annotated_regions(self) -> tuple[Region, ...]:
        """The regions in which mentions are marked: headline, body and caption (guideline 1.2)."""
        return tuple(region for region in self.regions if region.kind in ANNOTATED_REGIONS)


def region_faults(regions: tuple[Region, ...], length: int) -> list[str]:
    """What is wrong with ``regions`` as a cover of a text of ``length`` code points; empty when they fit."""
    faults = []
    position = 0
    for number, region in enumerate(regions):
        if region.start != position or region.end <= region.start:
            faults.append(
                f"region {number} ({region.kind}) is {region.start}:{region.end}, expected to start at {position}"
            )
        position = region.end
    if position != length:
        faults.append(f"regions end at {position}, the text at {length}")
    return faults
