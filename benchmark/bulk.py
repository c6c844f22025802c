"""Mentions of many documents counted at once, with arrays instead of sets: the same numbers as one document at a time.

:func:`armsbench.benchmark.mentions.count` says what is counted; a property test holds this module to it. Mentions
become whole numbers whose order is that of (document, start, end, label), so that sorting finds duplicates and common
ones, and sums by document and label are one ``bincount``. Only where three or more spans overlap, a matching has to be
searched, by the code that does it for one document.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from ..annotations.annotation import Mention
from .measures import Floats
from .mentions import FORM_ORDER, FORMS, LABELS, MATCHES, overlap_credits

Ints = NDArray[np.int64]

_LIMIT = 1 << 62


class Side:
    """The distinct mentions of one side in order of (document, start, end, label), as arrays of equal length.

    ``form`` is its place in FORM_ORDER; of a repeated mention the first.
    """

    def __init__(self, layers: Sequence[Sequence[Mention]], labels: Sequence[str]) -> None:
        at = {label: i for i, label in enumerate(labels)}
        flat = list(itertools.chain.from_iterable(layers))
        columns = [
            np.repeat(np.arange(len(layers)), [len(layer) for layer in layers]),
            _numbers(map(attrgetter("start"), flat), len(flat)),
            _numbers(map(attrgetter("end"), flat), len(flat)),
            _numbers(map(at.__getitem__, map(attrgetter("label"), flat)), len(flat)),
        ]
        key = _packed(columns)
        form = _numbers(map(FORM_ORDER.__getitem__, map(attrgetter("form"), flat)), len(flat))
        order = np.argsort(_packed([key, form]), kind="stable")  # fast where mentions come in order of text
        distinct = np.ones(len(order), dtype=bool)
        distinct[1:] = np.diff(key[order]) != 0
        kept = order[distinct]
        self.document, self.start, self.end, self.label = (column[kept] for column in columns)
        self.form = form[kept]


def _numbers(values: Iterable[int], count: int) -> Ints:
    return np.fromiter(values, dtype=np.int64, count=count)


def _packed(columns: list[Ints]) -> Ints:
    """Whole numbers that are ordered as the rows of ``columns`` are; ranks where they do not fit into 63 bits."""
    key = columns[0]
    for column in columns[1:]:
        width = int(column.max(initial=0)) + 1
        if int(key.max(initial=0)) >= _LIMIT // width:
            key = np.unique(key, return_inverse=True)[1].astype(np.int64)
        key = key * width + column
    return key


def count_mentions(
    gold: Sequence[Sequence[Mention]], predicted: Sequence[Sequence[Mention]], labels: Sequence[str] = LABELS
) -> Floats:
    """The counts of every document, of shape (documents, measures, 4), the measures of ``mentions`` for ``labels``.

    ``gold`` and ``predicted`` hold the mentions of the same documents in the same order; every label is one of
    ``labels``.
    """
    sides = (Side(gold, labels), Side(predicted, labels))
    documents, kinds, forms = len(gold), len(labels), len(FORMS)
    width = 1 + max((int(side.end.max()) for side in sides if len(side.end)), default=0)
    credits = _credits(sides, width)
    values = np.zeros((documents, len(MATCHES) * (1 + kinds + forms), 4))
    for side, its, part in zip(sides, (0, 1), (2, 0), strict=True):
        cells = side.document * kinds + side.label
        whole = np.bincount(cells, minlength=documents * kinds).reshape(documents, kinds)
        once = _first_of_span(side)
        spans = np.bincount(side.document[once], minlength=documents)
        for m, match in enumerate(MATCHES):
            credit = credits[match][its]
            by_label = np.bincount(cells, credit, documents * kinds).reshape(documents, kinds)
            block = slice(len(MATCHES) + m * kinds, len(MATCHES) + (m + 1) * kinds)
            values[:, block, part], values[:, block, part + 1] = by_label, whole
            if match in ("boundaries", "overlap"):  # a span under two labels counts once where labels play no part
                values[:, m, part] = np.bincount(side.document[once], credit[once], documents)
                values[:, m, part + 1] = spans
            else:
                values[:, m, part], values[:, m, part + 1] = by_label.sum(axis=1), whole.sum(axis=1)
    # Forms are of gold only: recall. Mentions without a form fall into a column that is cut off.
    cells = sides[0].document * (forms + 1) + sides[0].form
    shape = (documents, forms + 1)
    of_form = np.bincount(cells, minlength=documents * (forms + 1)).reshape(shape)[:, :forms]
    for m, match in enumerate(MATCHES):
        found = np.bincount(cells, credits[match][0], documents * (forms + 1)).reshape(shape)[:, :forms]
        block = slice(len(MATCHES) * (1 + kinds) + m * forms, len(MATCHES) * (1 + kinds) + (m + 1) * forms)
        values[:, block, :2] = np.nan
        values[:, block, 2], values[:, block, 3] = found, of_form
    return values


def _first_of_span(side: Side) -> NDArray[np.bool_]:
    """Whether a mention is the first of its span: a span under two labels counts once where labels play no part."""
    first = np.ones(len(side.start), dtype=bool)
    same = [column[1:] == column[:-1] for column in (side.document, side.start, side.end)]
    first[1:] = ~(same[0] & same[1] & same[2])
    return first


def _credits(sides: tuple[Side, Side], width: int) -> dict[str, tuple[Floats, Floats]]:
    """The credit of every mention of either side, for each match."""
    both = [np.concatenate([getattr(side, name) for side in sides]) for name in ("document", "start", "end", "label")]
    cut = len(sides[0].start)
    span, key = _packed(both[:3]), _packed(both)
    strict, boundaries = _common(key[:cut], key[cut:]), _common(span[:cut], span[cut:])
    overlap = [b.copy() for b in boundaries]
    label_only = [s.copy() for s in strict]
    for members in _crowded(sides, width, overlap, label_only):
        _search(sides, members, overlap, label_only)
    return {
        "strict": (strict[0], strict[1]),
        "boundaries": (boundaries[0], boundaries[1]),
        "overlap": (overlap[0], overlap[1]),
        "label_only": (label_only[0], label_only[1]),
    }


def _common(one: Ints, other: Ints) -> list[Floats]:
    """1.0 where a key stands on the other side too; both are sorted."""
    found = []
    for keys, others in ((one, other), (other, one)):
        at = np.searchsorted(others, keys)
        at[at == len(others)] = 0
        found.append((others[at] == keys).astype(float) if len(others) else np.zeros(len(keys)))
    return found


def _crowded(
    sides: tuple[Side, Side], width: int, overlap: list[Floats], label_only: list[Floats]
) -> Iterable[tuple[Ints, Ints]]:
    """The groups of overlapping spans that need a search, as indices of both sides; simple ones are credited here.

    A group is simple if one side has one mention in it: then its best partner is the first of those with the most
    credit, and the others go without.
    """
    cut = len(sides[0].start)
    start = np.concatenate([side.document * width + side.start for side in sides])
    end = np.concatenate([side.document * width + side.end for side in sides])
    order = np.argsort(start, kind="stable")
    opens = np.ones(len(order), dtype=bool)
    opens[1:] = start[order][1:] >= np.maximum.accumulate(end[order])[:-1]
    group = np.empty(len(order), dtype=np.int64)
    group[order] = np.cumsum(opens) - 1
    groups = int(opens.sum())
    # Both sides are in order of start, so also in order of their groups.
    of_side = group[:cut], group[cut:]
    sizes = [np.bincount(its, minlength=groups) for its in of_side]
    _match_singles(sides, 0, of_side, (sizes[0] == 1) & (sizes[1] == 1), overlap, label_only)
    for one in (0, 1):
        _match_singles(sides, one, of_side, (sizes[one] == 1) & (sizes[1 - one] > 1), overlap, label_only)
    left = np.flatnonzero((sizes[0] > 1) & (sizes[1] > 1))
    bounds = [np.searchsorted(its, [left, left + 1]) for its in of_side]
    for i in range(len(left)):
        yield np.arange(bounds[0][0][i], bounds[0][1][i]), np.arange(bounds[1][0][i], bounds[1][1][i])


def _match_singles(
    sides: tuple[Side, Side],
    one: int,
    of_side: tuple[Ints, Ints],
    single: NDArray[np.bool_],
    overlap: list[Floats],
    label_only: list[Floats],
) -> None:
    """Credit the groups ``single``, in which side ``one`` has one mention and the other side one or more."""
    alone, others = sides[one], sides[1 - one]
    members = np.flatnonzero(single[of_side[1 - one]])
    lone = np.flatnonzero(single[of_side[one]])
    if not len(members):
        return
    pairs = len(members) == len(lone)
    number = np.arange(len(lone)) if pairs else np.searchsorted(of_side[one][lone], of_side[1 - one][members])
    partner = lone[number]
    shared = np.minimum(alone.end[partner], others.end[members]) - np.maximum(
        alone.start[partner], others.start[members]
    )
    lengths = alone.end[partner] - alone.start[partner] + others.end[members] - others.start[members]
    dice = np.where(shared > 0, 2 * shared / lengths, 0.0)
    same = ((shared > 0) & (alone.label[partner] == others.label[members])).astype(float)
    for credit, kept, by_span in ((dice, overlap, True), (same, label_only, False)):
        best = _first_best(number, credit, len(lone))
        found = credit[best] > 0
        kept[one][lone] = np.where(found, credit[best], 0.0)
        kept[1 - one][members] = 0.0
        chosen = members[best[found]]
        if by_span and not pairs:  # a span under two labels is credited under both
            like = (others.start[members] == others.start[members[best]][number]) & (
                others.end[members] == others.end[members[best]][number]
            )
            kept[1 - one][members[like]] = np.where(found, credit[best], 0.0)[number[like]]
        else:
            kept[1 - one][chosen] = credit[best][found]


def _first_best(number: Ints, credit: Floats, count: int) -> Ints:
    """For each of ``count`` groups, named in order by ``number``, the index of the first member with most credit."""
    if len(credit) == count:
        return np.arange(count)
    order = np.lexsort((np.arange(len(credit)), -credit, number))
    found: Ints = order[np.searchsorted(number[order], np.arange(count))]
    return found


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
