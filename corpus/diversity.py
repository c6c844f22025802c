"""How much the texts of a collection repeat each other: the evidence that articles are not filled-in templates.

Sentences are compared after masking: every run of words that begin with a capital or hold a digit becomes one
placeholder, as a template has its slots where names and figures stand.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from .document import Document, Region

MASK = "_"
SHORTEST_SENTENCE = 5
"""Words of a masked sentence below which a repetition says nothing ("The company _.")."""
SEED_RUN = 6
"""Words that two texts must share in a row before the whole run is measured."""
CURVE_STEP = 1_000
"""Words between two points of the type-token curve."""

_WORD = re.compile(r"\w+(?:[-'’./]\w+)*")
_DATELINE = re.compile(r"[A-Z][^a-z\n]{3,}[^\n]{0,40}? [-–—] ")
SENTENCE_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“‘(]*[A-Z0-9])|\n+")


class SharedRun(msgspec.Struct, frozen=True, kw_only=True):
    """The longest run of words that two texts share; ``words`` counts those that are no name, figure or designation."""

    words: int
    documents: tuple[str, str]
    text: str


class Diversity(msgspec.Struct, frozen=True, kw_only=True):
    """How much the documents of a collection repeat each other. Shares are 0 to 1.

    ``repeated`` is the share of masked sentences that stand in another document too, of the ``sentences`` that have at
    least SHORTEST_SENTENCE words. ``openings`` is the share of documents whose masked first body sentence no other has.
    ``curve`` holds the number of distinct words after every CURVE_STEP running words, documents in order of their ids.
    """

    collection: str
    documents: int
    sentences: int
    repeated: float | None
    longest_run: SharedRun | None
    openings: float | None
    words: int
    types: int
    curve: tuple[int, ...]


def words_of(text: str) -> list[str]:
    """The words of ``text``, as printed: runs of letters and digits, joined by an inner hyphen, point or apostrophe."""
    return _WORD.findall(text)


def masked(words: Iterable[str]) -> list[str]:
    """``words`` in lower case, with one MASK for every run of words that begin with a capital or hold a digit."""
    out: list[str] = []
    for word in words:
        slot = word[0].isupper() or any(c.isdigit() for c in word)
        if not slot:
            out.append(word.lower())
        elif not out or out[-1] != MASK:
            out.append(MASK)
    return out


def sentences_of(document: Document) -> Iterator[str]:
    """The sentences of the headline, body and captions of ``document``, split at ends of sentences and lines."""
    for region in document.annotated_regions():
        for sentence in SENTENCE_END.split(document.text[region.start : region.end]):
            if sentence.strip():
                yield sentence.strip()


def measure_diversity(collection: str, documents: Sequence[Document]) -> Diversity:
    """The diversity of ``documents``; measures that need two documents are None for fewer."""
    found_in: dict[tuple[str, ...], set[str]] = defaultdict(set)
    occurrences: list[tuple[str, ...]] = []
    for document in documents:
        for sentence in sentences_of(document):
            key = tuple(masked(words_of(sentence)))
            if len(key) >= SHORTEST_SENTENCE:
                occurrences.append(key)
                found_in[key].add(document.id)
    repeated = sum(len(found_in[key]) > 1 for key in occurrences)
    openings = Counter(filter(None, map(_opening, documents)))
    running: list[str] = [w.lower() for d in documents for r in d.annotated_regions() for w in words_of(_cut(d, r))]
    several = len(documents) > 1
    return Diversity(
        collection=collection,
        documents=len(documents),
        sentences=len(occurrences),
        repeated=repeated / len(occurrences) if several and occurrences else None,
        longest_run=longest_shared_run(documents),
        openings=sum(n == 1 for n in openings.values()) / openings.total() if several and openings else None,
        words=len(running),
        types=len(set(running)),
        curve=tuple(len(set(running[:n])) for n in range(CURVE_STEP, len(running) + 1, CURVE_STEP)),
    )


def longest_shared_run(documents: Sequence[Document]) -> SharedRun | None:
    """The longest run of words that two of ``documents`` share, case aside; None if no SEED_RUN words are shared.

    Its length leaves out names, figures and designations: a ministry or a missile called by its full name in two texts
    is no repetition.
    """
    texts = {d.id: [w for s in sentences_of(d) for w in words_of(s)] for d in documents}
    lowered = {doc_id: [w.lower() for w in words] for doc_id, words in texts.items()}
    seeds: dict[tuple[str, ...], list[tuple[str, int]]] = defaultdict(list)
    for doc_id, words in lowered.items():
        for i in range(len(words) - SEED_RUN + 1):
            seeds[tuple(words[i : i + SEED_RUN])].append((doc_id, i))
    best: SharedRun | None = None
    for places in seeds.values():
        for n, (one, i) in enumerate(places):
            for other, k in places[n + 1 :]:
                if one == other or (i and k and lowered[one][i - 1] == lowered[other][k - 1]):
                    continue  # the run began earlier
                run = _common(lowered[one], i, lowered[other], k)
                plain = len([w for w in masked(texts[one][i : i + run]) if w != MASK])
                if best is None or plain > best.words:
                    text = " ".join(texts[one][i : i + run])
                    best = SharedRun(words=plain, documents=(min(one, other), max(one, other)), text=text)
    return best


def _common(one: Sequence[str], i: int, other: Sequence[str], k: int) -> int:
    length = 0
    while i + length < len(one) and k + length < len(other) and one[i + length] == other[k + length]:
        length += 1
    return length


def _opening(document: Document) -> tuple[str, ...]:
    """The masked first sentence of the body, without a dateline; empty for a document without a body."""
    for region in document.regions:
        if region.kind == "body":
            text = _cut(document, region).strip()
            dateline = _DATELINE.match(text)
            told = text[dateline.end() :] if dateline else text
            return tuple(masked(words_of(SENTENCE_END.split(told)[0])))
    return ()


def _cut(document: Document, region: Region) -> str:
    return document.text[region.start : region.end]
