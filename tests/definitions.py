"""The measures of mentions and coreference as their definitions read, one document at a time, with sets and loops.

What counts is :mod:`armsbench.benchmark.count_mentions` and :mod:`armsbench.benchmark.count_coreference`, which do many
documents at once; property tests hold them to this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from armsbench import Annotation
from armsbench.annotations.scheme import Form, scheme
from armsbench.benchmark import coreference, mentions
from armsbench.benchmark.measures import Floats, counts_row, recall_row, table
from armsbench.benchmark.mentions import BARE, FORM_ORDER, FORMS, Credits, Key, key, overlap_credits
from scipy.optimize import linear_sum_assignment

Cluster = frozenset[tuple[int, int]]
Row = tuple[float, float, float, float]


def count_mentions(gold: Annotation, predicted: Annotation) -> Floats:
    """The counts of one document, of shape (measures, 4).

    ``MATCH:form=...`` counts gold mentions of that form that were found; a prediction has no form that could be held
    against it, so these measures have recall only.
    """
    forms: dict[Key, Form | None] = {}
    for m in gold.mentions or ():  # of a repeated mention the first form in order of FORMS, whatever its place
        forms[key(m)] = min(forms.get(key(m), m.form), m.form, key=lambda form: FORM_ORDER[form])
    sides = (set(forms), {key(m) for m in predicted.mentions or ()})
    rows: dict[str, Sequence[float]] = {}
    for match, credit in _CREDITS.items():
        of_gold, of_predicted = credit(*sides)
        rows[match] = _whole(match, of_gold, of_predicted)
        per_label: dict[str, list[float]] = {}
        for i, credits in ((0, of_predicted), (2, of_gold)):
            for k, part in credits.items():
                row = per_label.setdefault(k[2], [0.0, 0.0, 0.0, 0.0])
                row[i] += part
                row[i + 1] += 1
        rows |= {f"{match}:{label}": row for label, row in per_label.items()}
        for form in FORMS:
            its = [part for k, part in of_gold.items() if forms[k] == form]
            rows[f"{match}:form={form}"] = recall_row(sum(its), len(its))
    return table(mentions.MEASURES, rows)


def _whole(match: str, of_gold: Credits, of_predicted: Credits) -> tuple[float, float, float, float]:
    """The four numbers over all labels."""
    if match in BARE:
        spans = [{k[:2]: part for k, part in credits.items()} for credits in (of_predicted, of_gold)]
        return (sum(spans[0].values()), len(spans[0]), sum(spans[1].values()), len(spans[1]))
    return (sum(of_predicted.values()), len(of_predicted), sum(of_gold.values()), len(of_gold))


def _exact(gold: set[Key], predicted: set[Key], width: int) -> tuple[Credits, Credits]:
    """Full credit for a mention whose first ``width`` parts (start, end, label) the other side has too."""
    common = {k[:width] for k in gold} & {k[:width] for k in predicted}
    of_gold, of_predicted = ({k: float(k[:width] in common) for k in side} for side in (gold, predicted))
    return of_gold, of_predicted


def _overlap(gold: set[Key], predicted: set[Key]) -> tuple[Credits, Credits]:
    """Dice credit of the best matching of spans, given to every label that a span has."""
    bare = [{(*k[:2], "") for k in side} for side in (gold, predicted)]
    of_gold, of_predicted = overlap_credits(*bare, dice=True)
    return (
        {k: of_gold.get((*k[:2], ""), 0.0) for k in gold},
        {k: of_predicted.get((*k[:2], ""), 0.0) for k in predicted},
    )


def _label_only(gold: set[Key], predicted: set[Key]) -> tuple[Credits, Credits]:
    of_gold, of_predicted = overlap_credits(gold, predicted, dice=False)
    return {k: of_gold.get(k, 0.0) for k in gold}, {k: of_predicted.get(k, 0.0) for k in predicted}


_CREDITS: dict[str, Callable[[set[Key], set[Key]], tuple[Credits, Credits]]] = {
    "strict": lambda gold, predicted: _exact(gold, predicted, 3),
    "boundaries": lambda gold, predicted: _exact(gold, predicted, 2),
    "overlap": _overlap,
    "label_only": _label_only,
}


def count_coreference(gold: Annotation, predicted: Annotation) -> Floats:
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
    return table(
        coreference.MEASURES, rows | {f"{coreference.NO_SINGLETONS}{name}": row for name, row in without.items()}
    )


def _count(key: list[Cluster], response: list[Cluster]) -> dict[str, Row]:
    overlap = _shared(key, response)
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
        phi4, phi3 = (float(each[linear_sum_assignment(each, maximize=True)].sum()) for each in (similarity, overlap))
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


def _shared(key: list[Cluster], response: list[Cluster]) -> Floats:
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
