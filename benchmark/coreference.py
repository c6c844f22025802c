"""Task ``coreference``: which mentions name the same thing.

The headline is the mean of the F1 of MUC, B-cubed and CEAF-phi4 (the CoNLL-2012 score); LEA, BLANC and mention
detection stand beside it. Predicted mentions are scored as they are, and mentions match when both offsets match. Values
(MONEY, QUANTITY, DATE) are left out: that two sums are equal is no coreference. Singletons are kept on both sides;
``no_singletons:NAME`` is the same measure with them taken out of both, as in OntoNotes.

- MUC: Vilain et al. 1995. B-cubed: Bagga and Baldwin 1998, unmatched mentions as they are. CEAF: Luo 2005, phi4 =
  2|K & R| / (|K| + |R|) and phi3 = |K & R|. LEA: Moosavi and Strube 2016, a singleton is one self-link. BLANC: Luo et
  al. 2014, the mean of the rates of coreferent and of non-coreferent links, a class without gold links left out.
- A span predicted in several entities counts in one of them: that in which its label comes first in the alphabet, so
  that order plays no part. Gold has no such spans.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from ..annotations.annotation import Annotation
from ..annotations.scheme import scheme
from ..corpus.document import Document
from .assignment import best_pairs
from .measures import P_WHOLE, R_WHOLE, Floats, Rates, counts_row, rates, table

NAME = "coreference"
HEADLINE = "conll"
OWN = ("muc", "b_cubed", "ceaf_phi4", "ceaf_phi3", "lea", "mention", "coreferent_links", "non_coreferent_links")
NO_SINGLETONS = "no_singletons:"
MEASURES = (*OWN, *(f"{NO_SINGLETONS}{name}" for name in OWN))
CONLL = ("muc", "b_cubed", "ceaf_phi4")
BLANC = ("coreferent_links", "non_coreferent_links")

Cluster = frozenset[tuple[int, int]]
Row = tuple[float, float, float, float]


def submitted(annotation: Annotation) -> bool:
    """Whether ``annotation`` holds the layers that this task scores."""
    return annotation.mentions is not None and annotation.entities is not None


def count(document: Document, gold: Annotation, predicted: Annotation) -> Floats:
    """The counts of one document, of shape (measures, 4)."""
    return count_clusters(clusters_of(gold), clusters_of(predicted))


def clusters_of(annotation: Annotation) -> list[Cluster]:
    """The entities of ``annotation`` as sets of spans, without values; a mention without an entity is a singleton."""
    values = scheme().value_labels
    spans: dict[tuple[str, str], list[tuple[int, int]]] = {}
    seen: set[tuple[int, int]] = set()
    for mention in sorted(annotation.mentions or (), key=lambda m: (m.start, m.end, m.label, m.id)):
        span = (mention.start, mention.end)
        if mention.label not in values and span not in seen:
            seen.add(span)
            spans.setdefault(mention.entity_key, []).append(span)
    return [frozenset(cluster) for cluster in spans.values()]


def count_clusters(gold: Iterable[Cluster], predicted: Iterable[Cluster]) -> Floats:
    """The counts of two clusterings of one document, of shape (measures, 4)."""
    key, response = list(gold), list(predicted)
    rows = _count(key, response)
    without = _count([c for c in key if len(c) > 1], [c for c in response if len(c) > 1])
    return table(MEASURES, rows | {f"{NO_SINGLETONS}{name}": row for name, row in without.items()})


def _count(key: list[Cluster], response: list[Cluster]) -> dict[str, Row]:
    overlap = _overlap(key, response)
    key_sizes = np.array([len(c) for c in key], dtype=float)
    response_sizes = np.array([len(c) for c in response], dtype=float)
    rows: dict[str, Row] = {
        "muc": (*_muc(overlap.T, response_sizes), *_muc(overlap, key_sizes)),
        "b_cubed": (*_b_cubed(overlap.T, response_sizes), *_b_cubed(overlap, key_sizes)),
        "lea": (*_lea(overlap.T, response_sizes, key_sizes), *_lea(overlap, key_sizes, response_sizes)),
    }
    shared = float(overlap.sum())
    mentions = (float(response_sizes.sum()), float(key_sizes.sum()))
    rows["mention"] = counts_row(shared, *mentions)
    phi4 = phi3 = 0.0
    if overlap.size:
        similarity = 2 * overlap / (key_sizes[:, None] + response_sizes[None, :])
        phi4 = sum(float(similarity[pair]) for pair in best_pairs(similarity))
        phi3 = sum(float(overlap[pair]) for pair in best_pairs(overlap))
    rows["ceaf_phi4"] = counts_row(phi4, len(response), len(key))
    rows["ceaf_phi3"] = counts_row(phi3, *mentions)
    linked = [_pairs(sizes) for sizes in (response_sizes, key_sizes)]
    kept = _pairs(overlap)
    rows["coreferent_links"] = counts_row(kept, *linked)
    # Of the pairs of mentions that both sides have, those that neither side links.
    neither = _pairs(overlap.sum()) - _pairs(overlap.sum(axis=0)) - _pairs(overlap.sum(axis=1)) + kept
    apart = [_pairs(np.array(m)) - links for m, links in zip(mentions, linked, strict=True)]
    rows["non_coreferent_links"] = counts_row(neither, *apart)
    return rows


def _pairs(sizes: Floats) -> float:
    return float((sizes * (sizes - 1) / 2).sum())


def conll(sums: Floats, prefix: str = "") -> Rates:
    """The mean F1 of MUC, B-cubed and CEAF-phi4 for sums of shape (..., measures, 4); a mean has no P and R."""
    f1 = rates(_columns(sums, CONLL, prefix))[2].mean(axis=-1)
    return np.full(f1.shape, np.nan), np.full(f1.shape, np.nan), f1


def blanc(sums: Floats, prefix: str = "") -> Rates:
    """BLANC of sums of shape (..., measures, 4): the rates of both classes of links, averaged where gold has both."""
    classes = _columns(sums, BLANC, prefix)
    in_use = classes[..., R_WHOLE] > 0
    its = [np.where(in_use, np.nan_to_num(rate), 0.0) for rate in rates(classes)]
    count = in_use.sum(axis=-1)
    predicted = (classes[..., P_WHOLE] > 0) & in_use
    any_predicted = (classes[..., P_WHOLE] > 0).any(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        precision, recall, f1 = (rate.sum(axis=-1) / count for rate in its)
    # Without a gold link of either class, whatever is predicted is wrong.
    nothing = np.where(any_predicted, 0.0, np.nan)
    precision = np.where(count == 0, nothing, np.where(predicted.any(axis=-1), precision, np.nan))
    return precision, recall, np.where(count == 0, nothing, f1)


def _columns(sums: Floats, names: tuple[str, ...], prefix: str) -> Floats:
    picked: Floats = sums[..., [MEASURES.index(prefix + name) for name in names], :]
    return picked


def _without_singletons(derived: Callable[[Floats, str], Rates]) -> Callable[[Floats], Rates]:
    return lambda sums: derived(sums, NO_SINGLETONS)


DERIVED: dict[str, Callable[[Floats], Rates]] = {
    "conll": conll,
    "blanc": blanc,
    f"{NO_SINGLETONS}conll": _without_singletons(conll),
    f"{NO_SINGLETONS}blanc": _without_singletons(blanc),
}


def _overlap(key: list[Cluster], response: list[Cluster]) -> Floats:
    """How many mentions each key cluster shares with each response cluster."""
    cluster_of = {span: j for j, cluster in enumerate(response) for span in cluster}
    shared = np.zeros((len(key), len(response)))
    for i, cluster in enumerate(key):
        for span in cluster:
            if span in cluster_of:
                shared[i, cluster_of[span]] += 1
    return shared


def _muc(overlap: Floats, sizes: Floats) -> tuple[float, float]:
    """Links kept and links, over the rows' clusters: a cluster of n falls into pieces, each unmatched mention one."""
    if not sizes.size:
        return 0.0, 0.0
    pieces = (overlap > 0).sum(axis=1) + sizes - overlap.sum(axis=1)
    return float((sizes - pieces).sum()), float((sizes - 1).sum())


def _b_cubed(overlap: Floats, sizes: Floats) -> tuple[float, float]:
    """The share of each row's cluster that each of its mentions finds around it, summed; and the number of mentions."""
    if not sizes.size:
        return 0.0, 0.0
    return float(((overlap**2).sum(axis=1) / sizes).sum()), float(sizes.sum())


def _lea(overlap: Floats, sizes: Floats, other_sizes: Floats) -> tuple[float, float]:
    """Importance (size) times the share of resolved links, summed over the rows' clusters; and the total importance."""
    if not sizes.size:
        return 0.0, 0.0
    links = (overlap * (overlap - 1) / 2).sum(axis=1)
    # A singleton's one self-link is resolved when the other side holds it as a singleton too.
    self_links = (overlap[:, other_sizes == 1]).sum(axis=1)
    single = sizes == 1
    resolved = np.where(single, self_links, links)
    possible = np.where(single, 1.0, sizes * (sizes - 1) / 2)
    return float((sizes * resolved / possible).sum()), float(sizes.sum())
