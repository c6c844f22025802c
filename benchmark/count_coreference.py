"""Count coreference, many documents at once: :mod:`armsbench.benchmark.coreference` says what is counted.

All measures follow from how many mentions each gold cluster shares with each predicted one. Few pairs of clusters share
any, so these numbers are kept as a list of edges between clusters, and sums over the edges of a document are one
``bincount``. Only CEAF has to search, in documents in which a cluster meets several others.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

import msgspec
import numpy as np

from ..annotations.annotation import Annotation, Mention
from ..annotations.scheme import scheme
from .arrays import Bools, Ints, packed, runs, sums
from .assignment import best_weight
from .columns import Columns
from .coreference import MEASURES, OWN
from .measures import Floats


class Spans(msgspec.Struct, frozen=True):
    """The spans of one side, each once in a document, as arrays of equal length; clusters are of one document each."""

    document: Ints
    start: Ints
    end: Ints
    cluster: Ints


class Clusters(msgspec.Struct, frozen=True):
    """The clusters of one side: the document and the number of mentions of each."""

    document: Ints
    size: Ints


class Edges(msgspec.Struct, frozen=True):
    """Which gold cluster shares ``shared`` mentions with which predicted cluster, in order of document."""

    gold: Ints
    predicted: Ints
    shared: Ints

    def of(self, chosen: Bools) -> Edges:
        """Those of them that are chosen, in the same order."""
        return Edges(self.gold[chosen], self.predicted[chosen], self.shared[chosen])


def count_coreference(
    gold: Sequence[Annotation], predicted: Sequence[Annotation], without: Set[str] = scheme().value_labels
) -> Floats:
    """The counts of every document, of shape (documents, measures, 4); mentions of labels ``without`` are left out.

    ``gold`` and ``predicted`` are of the same documents in the same order; no offset is beyond 2**31.
    """
    return _count_spans(_spans(gold, without), _spans(predicted, without), len(gold))


def count_clusters(gold: Columns, predicted: Columns) -> Floats | None:
    """The counts as of :func:`count_coreference`, every label counting; None if a span stands twice on one side."""
    sides = [_spans_of_columns(side) for side in (gold, predicted)]
    if sides[0] is None or sides[1] is None:
        return None
    return _count_spans(sides[0], sides[1], len(gold.sizes))


def _count_spans(gold: Spans, predicted: Spans, documents: int) -> Floats:
    sides, edges = _clusters(gold, predicted)
    values = np.zeros((documents, len(MEASURES), 4))
    values[:, : len(OWN)] = _count(sides, edges, documents)
    several = [side.size > 1 for side in sides]
    kept = edges.of(several[0][edges.gold] & several[1][edges.predicted])
    # A cluster that is left out has no edge, and size 0 makes it count nowhere.
    larger = tuple(Clusters(s.document, np.where(m, s.size, 0)) for s, m in zip(sides, several, strict=True))
    values[:, len(OWN) :] = _count((larger[0], larger[1]), kept, documents)
    return values


def _clusters(gold: Spans, predicted: Spans) -> tuple[tuple[Clusters, Clusters], Edges]:
    """The clusters of both sides, and the edges between them."""
    cut = len(gold.document)
    document, start, end, cluster = (
        np.concatenate([getattr(side, name) for side in (gold, predicted)]) for name in Spans.__struct_fields__
    )
    span = packed([document, start, end])
    sides = []
    for its in (slice(None, cut), slice(cut, None)):
        count = int(cluster[its].max(initial=-1)) + 1
        its_document = np.zeros(count, dtype=np.int64)
        its_document[cluster[its]] = document[its]
        sides.append(Clusters(its_document, np.bincount(cluster[its], minlength=count)))
    _, at_gold, at_predicted = np.intersect1d(span[:cut], span[cut:], assume_unique=True, return_indices=True)
    pair = packed([cluster[:cut][at_gold], cluster[cut:][at_predicted]])
    order = np.argsort(pair, kind="stable")
    if not len(order):
        return (sides[0], sides[1]), Edges(*(np.zeros(0, dtype=np.int64) for _ in range(3)))
    begins, shared = runs(pair[order][1:] == pair[order][:-1])
    first = order[begins]
    edges = Edges(cluster[:cut][at_gold[first]], cluster[cut:][at_predicted[first]], shared)
    return (sides[0], sides[1]), edges


def _spans_of_columns(columns: Columns) -> Spans | None:
    """All spans; None if one stands twice, for which of its clusters counts is a question of labels and ids."""
    if columns.cluster is None:
        raise ValueError("columns without clusters")
    document = np.repeat(np.arange(len(columns.sizes)), columns.sizes)
    span = np.sort(packed([document, columns.start, columns.end]), kind="stable")
    twice = (span[1:] == span[:-1]).any()
    return None if twice else Spans(document, columns.start, columns.end, columns.cluster)


def _spans(annotations: Sequence[Annotation], without: Set[str]) -> Spans:
    """Every span that counts, each once."""
    documents: list[int] = []
    mentions: list[Mention] = []
    clusters: list[int] = []
    known = 0
    for number, annotation in enumerate(annotations):
        its = [m for m in annotation.mentions or () if m.label not in without]
        if len({(m.start, m.end) for m in its}) < len(its):
            first: dict[tuple[int, int], Mention] = {}
            for m in sorted(its, key=lambda m: (m.label, m.id)):
                first.setdefault((m.start, m.end), m)
            its = list(first.values())
        numbers: dict[object, int] = {}
        # A mention that belongs to no entity is a cluster of its own.
        clusters += [known + numbers.setdefault(m.entity or m.entity_key, len(numbers)) for m in its]
        known += len(numbers)
        mentions += its
        documents += [number] * len(its)
    return Spans(
        np.array(documents, dtype=np.int64),
        np.array([m.start for m in mentions], dtype=np.int64),
        np.array([m.end for m in mentions], dtype=np.int64),
        np.array(clusters, dtype=np.int64),
    )


def _count(sides: tuple[Clusters, Clusters], edges: Edges, documents: int) -> Floats:
    """The counts of the measures of ``OWN`` for every document."""
    key, response = sides
    document = key.document[edges.gold]
    shared = edges.shared.astype(float)

    def per_document(of: Ints, weights: Floats) -> Floats:
        return sums(of, weights, (documents,))

    mentions = [per_document(side.document, side.size.astype(float)) for side in sides]
    links = [per_document(side.document, _pairs(side.size)) for side in sides]
    total = per_document(document, shared)
    kept = per_document(document, _pairs(shared))
    in_common = []
    halves = []
    for side, others, its, other in (
        (key, response, edges.gold, edges.predicted),
        (response, key, edges.predicted, edges.gold),
    ):
        size = side.size.astype(float)
        found = sums(its, shared, size.shape)
        in_common.append(per_document(side.document, _pairs(found)))
        # MUC: a cluster of n falls into pieces, each unmatched mention one.
        pieces = sums(its, None, size.shape) + size - found
        whole = np.maximum(size - 1, 0)
        muc = per_document(side.document, np.where(size > 0, size - pieces, 0)), per_document(side.document, whole)
        b_cubed = per_document(document, shared**2 / size[its])
        single = size == 1
        self_links = sums(its, shared * (others.size[other] == 1), size.shape)
        resolved = np.where(single, self_links, sums(its, _pairs(shared), size.shape))
        possible = np.where(single, 1.0, np.maximum(_pairs(size), 1.0))
        lea = per_document(side.document, size * resolved / possible)
        halves.append((muc, b_cubed, lea))
    phi4 = _ceaf(edges, document, 2 * shared / (key.size[edges.gold] + response.size[edges.predicted]), documents)
    phi3 = _ceaf(edges, document, shared, documents)
    counts = [per_document(side.document, (side.size > 0).astype(float)) for side in sides]
    neither = _pairs(total) - in_common[0] - in_common[1] + kept
    apart = [_pairs(m) - linked for m, linked in zip(mentions, links, strict=True)]
    (r_muc, r_b_cubed, r_lea), (p_muc, p_b_cubed, p_lea) = halves
    rows = {
        "muc": (*p_muc, *r_muc),
        "b_cubed": (p_b_cubed, mentions[1], r_b_cubed, mentions[0]),
        "ceaf_phi4": (phi4, counts[1], phi4, counts[0]),
        "ceaf_phi3": (phi3, mentions[1], phi3, mentions[0]),
        "lea": (p_lea, mentions[1], r_lea, mentions[0]),
        "mention": (total, mentions[1], total, mentions[0]),
        "coreferent_links": (kept, links[1], kept, links[0]),
        "non_coreferent_links": (neither, apart[1], neither, apart[0]),
    }
    counted: Floats = np.stack([np.stack(rows[name], axis=-1) for name in OWN], axis=1)
    return counted


def _pairs(sizes: Floats | Ints) -> Floats:
    """The number of pairs among so many."""
    return np.asarray(sizes * (sizes - 1) / 2, dtype=float)


def _ceaf(edges: Edges, document: Ints, weights: Floats, documents: int) -> Floats:
    """The weight of the best one-to-one alignment of clusters, for every document."""
    lonely = (np.bincount(edges.gold)[edges.gold] == 1) & (np.bincount(edges.predicted)[edges.predicted] == 1)
    found = sums(document[lonely], weights[lonely], (documents,))
    rest = np.flatnonzero(~lonely)
    if not len(rest):
        return found
    # Clusters are numbered document by document, so ranks among those in question are too.
    row, column = (np.unique(side[rest], return_inverse=True)[1] for side in (edges.gold, edges.predicted))
    document, weights = document[rest], weights[rest]
    begins, sizes = runs(document[1:] == document[:-1])
    shape = []
    for rank in (row, column):
        rank -= np.repeat(np.minimum.reduceat(rank, begins), sizes)
        shape.append((np.maximum.reduceat(rank, begins) + 1).tolist())
    best = []
    for begin, size, rows, columns in zip(begins.tolist(), sizes.tolist(), *shape, strict=True):
        its = slice(begin, begin + size)
        matrix = np.zeros((rows, columns))
        matrix[row[its], column[its]] = weights[its]
        best.append(best_weight(matrix))
    found[document[begins]] += best
    return found
