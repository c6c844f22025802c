"""Mentions of many documents counted at once, with arrays instead of sets: the same numbers as one document at a time.

:func:`armsbench.benchmark.mentions.count` says what is counted; a property test holds this module to it. Mentions
become whole numbers whose order is that of (document, start, end, label), so that sorting finds duplicates and common
ones, and sums by document and label are one ``bincount``. Only where three or more spans overlap, a matching has to be
searched, by the code that does it for one document.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ..annotations.annotation import Mention
from .measures import Floats
from .mentions import FORMS, LABELS, MATCHES, overlap_credits

Ints = NDArray[np.int64]

_LIMIT = 1 << 62


class Side:
    """The distinct mentions of one side in order of (document, start, end, label), as arrays of equal length."""

    def __init__(self, layers: Sequence[Iterable[Mention]], labels: Sequence[str]) -> None:
        at = {label: i for i, label in enumerate(labels)}
        flat = list(itertools.chain.from_iterable(layers))
        sizes = [len(layer) if isinstance(layer, (tuple, list)) else sum(1 for _ in layer) for layer in layers]
        document = np.repeat(np.arange(len(layers)), sizes)
        start = np.array([m.start for m in flat], dtype=np.int64)
        end = np.array([m.end for m in flat], dtype=np.int64)
        label = np.array([at[m.label] for m in flat], dtype=np.int64)
        order = np.lexsort((label, end, start, document))
        document, start, end, label = (column[order] for column in (document, start, end, label))
        repeats = [column[1:] == column[:-1] for column in (document, start, end, label)]
        distinct = np.ones(len(order), dtype=bool)
        distinct[1:] = ~np.logical_and.reduce(repeats)
        self.flat = flat
        self.order = order[distinct]
        self.document, self.start, self.end, self.label = (c[distinct] for c in (document, start, end, label))


def count_mentions(
    gold: Sequence[Sequence[Mention]], predicted: Sequence[Sequence[Mention]], labels: Sequence[str] = LABELS
) -> Floats:
    """The counts of every document, of shape (documents, measures, 4), the measures of ``mentions`` for ``labels``.

    ``gold`` and ``predicted`` hold the mentions of the same documents in the same order; every label is one of
    ``labels``.
    """
    sides = (Side(gold, labels), Side(predicted, labels))
    documents = len(gold)
    width = 1 + max((int(side.end.max()) for side in sides if len(side.end)), default=0)
    credits = _credits(sides, width, len(labels))
    values = np.zeros((documents, len(MATCHES) * (1 + len(labels) + len(FORMS)), 4))
    form = _forms(sides[0])
    for m, match in enumerate(MATCHES):
        block = len(MATCHES) + m * len(labels)
        for part, side, credit in ((2, sides[0], credits[match][0]), (0, sides[1], credits[match][1])):
            cells = side.document * len(labels) + side.label
            shape = (documents, len(labels))
            size = documents * len(labels)
            values[:, block : block + len(labels), part] = np.bincount(cells, credit, size).reshape(shape)
            values[:, block : block + len(labels), part + 1] = np.bincount(cells, minlength=size).reshape(shape)
            once = _first_of_span(side) if match in ("boundaries", "overlap") else slice(None)
            values[:, m, part] = np.bincount(side.document[once], credit[once], documents)
            values[:, m, part + 1] = np.bincount(side.document[once], minlength=documents)
        block = len(MATCHES) * (1 + len(labels)) + m * len(FORMS)
        for f in range(len(FORMS)):
            its = form == f
            values[:, block + f, 2] = np.bincount(sides[0].document[its], credits[match][0][its], documents)
            values[:, block + f, 3] = np.bincount(sides[0].document[its], minlength=documents)
        values[:, block : block + len(FORMS), :2] = np.nan
    return values


def _forms(gold: Side) -> Ints:
    at = {form: i for i, form in enumerate(FORMS)}
    forms = np.array([at.get(m.form, -1) if m.form else -1 for m in gold.flat], dtype=np.int64)
    its: Ints = forms[gold.order]
    return its


def _first_of_span(side: Side) -> NDArray[np.bool_]:
    """Whether a mention is the first of its span: a span under two labels counts once where labels play no part."""
    first = np.ones(len(side.start), dtype=bool)
    same = [column[1:] == column[:-1] for column in (side.document, side.start, side.end)]
    first[1:] = ~(same[0] & same[1] & same[2])
    return first


def _credits(sides: tuple[Side, Side], width: int, labels: int) -> dict[str, tuple[Floats, Floats]]:
    """The credit of every mention of either side, for each match."""
    gold, predicted = sides
    spans = [(side.document * width + side.start) * width + side.end for side in sides]
    documents = 1 + max((int(side.document.max()) for side in sides if len(side.document)), default=0)
    if documents * width * width * labels >= _LIMIT:  # spans of a text of a million characters in a million documents
        spans = _ranks(spans)
    keys = [span * labels + side.label for span, side in zip(spans, sides, strict=True)]
    strict = _common(keys[0], keys[1])
    boundaries = _common(spans[0], spans[1])
    overlap = [b.copy() for b in boundaries]
    label_only = [s.copy() for s in strict]
    for members in _crowded(gold, predicted, width, overlap, label_only):
        _search(sides, members, overlap, label_only)
    return {
        "strict": (strict[0], strict[1]),
        "boundaries": (boundaries[0], boundaries[1]),
        "overlap": (overlap[0], overlap[1]),
        "label_only": (label_only[0], label_only[1]),
    }


def _ranks(columns: list[Ints]) -> list[Ints]:
    ranks = np.unique(np.concatenate(columns), return_inverse=True)[1]
    return [ranks[: len(columns[0])], ranks[len(columns[0]) :]]


def _common(one: Ints, other: Ints) -> list[Floats]:
    """1.0 where a key stands on the other side too; both are sorted."""
    found = []
    for keys, others in ((one, other), (other, one)):
        at = np.searchsorted(others, keys)
        at[at == len(others)] = 0
        found.append((others[at] == keys).astype(float) if len(others) else np.zeros(len(keys)))
    return found


def _crowded(
    gold: Side, predicted: Side, width: int, overlap: list[Floats], label_only: list[Floats]
) -> Iterable[tuple[Ints, Ints]]:
    """The groups of overlapping spans that need a search, as indices of both sides; simple ones are credited here.

    A group is simple if it holds at most one mention of each side: they are matched, or there is nothing to match.
    """
    counts = len(gold.start), len(predicted.start)
    start = np.concatenate([side.document * width + side.start for side in (gold, predicted)])
    end = np.concatenate([side.document * width + side.end for side in (gold, predicted)])
    order = np.argsort(start, kind="stable")
    reach = np.maximum.accumulate(end[order]) if len(order) else end
    opens = np.ones(len(order), dtype=bool)
    opens[1:] = start[order][1:] >= reach[:-1]
    group = np.empty(len(order), dtype=np.int64)
    group[order] = np.cumsum(opens) - 1
    groups = int(opens.sum())
    of_gold, of_predicted = group[: counts[0]], group[counts[0] :]
    sizes = np.bincount(of_gold, minlength=groups), np.bincount(of_predicted, minlength=groups)
    simple = (sizes[0] <= 1) & (sizes[1] <= 1)
    both = (sizes[0] == 1) & (sizes[1] == 1)
    # In a simple group each side has one member, and both are in order of their groups.
    one, other = np.flatnonzero(both[of_gold]), np.flatnonzero(both[of_predicted])
    one, other = one[np.argsort(of_gold[one], kind="stable")], other[np.argsort(of_predicted[other], kind="stable")]
    shared = np.minimum(gold.end[one], predicted.end[other]) - np.maximum(gold.start[one], predicted.start[other])
    lengths = gold.end[one] - gold.start[one] + predicted.end[other] - predicted.start[other]
    overlap[0][one] = overlap[1][other] = 2 * shared / lengths
    label_only[0][one] = label_only[1][other] = gold.label[one] == predicted.label[other]
    left = np.flatnonzero(~simple & (sizes[0] > 0) & (sizes[1] > 0))
    if not len(left):
        return
    by_group = [np.argsort(g, kind="stable") for g in (of_gold, of_predicted)]
    bounds = [np.searchsorted(g[o], [left, left + 1]) for g, o in zip((of_gold, of_predicted), by_group, strict=True)]
    for i in range(len(left)):
        yield (
            by_group[0][bounds[0][0][i] : bounds[0][1][i]],
            by_group[1][bounds[1][0][i] : bounds[1][1][i]],
        )


def _search(
    sides: tuple[Side, Side], members: tuple[Ints, Ints], overlap: list[Floats], label_only: list[Floats]
) -> None:
    """Match the members of one group, in every way that overlap and label_only ask for."""
    keys = [
        [(int(s.start[i]), int(s.end[i]), str(s.label[i])) for i in its] for s, its in zip(sides, members, strict=True)
    ]
    spans = [{(*k[:2], "") for k in side} for side in keys]
    dice = overlap_credits(spans[0], spans[1], dice=True)
    labelled = overlap_credits(set(keys[0]), set(keys[1]), dice=False)
    for side in (0, 1):
        overlap[side][members[side]] = [dice[side].get((*k[:2], ""), 0.0) for k in keys[side]]
        label_only[side][members[side]] = [labelled[side].get(k, 0.0) for k in keys[side]]
