"""What one split may learn of another: texts that are nearly the same, and articles that tell of a notice's sale."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from .diversity import masked, words_of
from .document import Document, Split
from .errors import MissingExtraError
from .facts import FactSheet
from .index import IndexEntry

SHINGLE = 5
"""Masked words in a shingle."""
THRESHOLD = 0.5
"""Jaccard similarity of masked shingles from which two texts count as near-duplicates. Of the 27,261 pairs of indexed
notices 7 lie above 0.8 (amendments, texts published twice), 41 above 0.5, and 1,392 above 0.3 (shared boilerplate)."""

_CANDIDATES = 0.35
"""Estimated similarity from which a pair is looked at: below THRESHOLD, as the estimate of 256 hashes errs by 0.03."""
_HASHES = 256


class NearDuplicate(msgspec.Struct, frozen=True, kw_only=True):
    """Two texts with at least THRESHOLD of their masked shingles in common; ``splits`` where each is released."""

    documents: tuple[str, str]
    similarity: float
    splits: tuple[Split | None, Split | None]

    @property
    def across(self) -> bool:
        """Whether the two stand in different splits."""
        return None not in self.splits and self.splits[0] != self.splits[1]


def near_duplicates(documents: Sequence[Document], splits: Mapping[str, Split]) -> list[NearDuplicate]:
    """The pairs of near-duplicates among ``documents``, the most similar first.

    MinHash with locality-sensitive hashing finds the candidates, the exact similarity decides. Raises MissingExtraError
    without datasketch.
    """
    try:
        from datasketch import MinHash, MinHashLSH
    except ModuleNotFoundError as error:
        raise MissingExtraError(error.name or "datasketch", "reports") from error

    shingles = {d.id: _shingles(d.text) for d in documents}
    index = MinHashLSH(threshold=_CANDIDATES, num_perm=_HASHES)
    found = []
    for doc_id, its in shingles.items():
        sketch = MinHash(num_perm=_HASHES)
        sketch.update_batch([shingle.encode() for shingle in sorted(its)])
        for other in index.query(sketch):
            similarity = len(its & shingles[other]) / len(its | shingles[other])
            if similarity >= THRESHOLD:
                one, two = sorted((doc_id, str(other)))
                found.append(
                    NearDuplicate(
                        documents=(one, two), similarity=similarity, splits=(splits.get(one), splits.get(two))
                    )
                )
        index.insert(doc_id, sketch)
    return sorted(found, key=lambda pair: (-pair.similarity, pair.documents))


class ToldSale(msgspec.Struct, frozen=True, kw_only=True):
    """A fact of an article's sheet that is the sale of a notice; ``splits`` of the article and of the notice."""

    article: str
    fact: str
    notice: str
    splits: tuple[Split, Split]


def told_sales(
    sheets: Iterable[FactSheet], notices: Iterable[IndexEntry], splits: Mapping[str, Split]
) -> list[ToldSale]:
    """The released notices whose sale a fact of a released article rests on, by transmittal number and year of notice.

    The number alone is not enough: numbers begin anew every decade. Such a pair is better kept in one split.
    """
    by_number: dict[str, list[IndexEntry]] = {}
    for entry in notices:
        if (number := re.match(r"dsca-(\d\d-\d+)-", entry.story)) and entry.id in splits:
            by_number.setdefault(number[1], []).append(entry)
    return [
        ToldSale(article=sheet.doc_id, fact=fact.id, notice=entry.id, splits=(splits[sheet.doc_id], splits[entry.id]))
        for sheet in sheets
        if sheet.doc_id in splits
        for fact in sheet.facts
        if (its := fact.notification) is not None and its.transmittal
        for entry in by_number.get(its.transmittal, ())
        if entry.date is not None and abs(int(entry.date[:4]) - int(its.date[:4])) <= 1
    ]


def _shingles(text: str) -> frozenset[str]:
    words = masked(words_of(text))
    return frozenset(" ".join(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1)))
