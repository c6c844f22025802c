"""Count mentions, many documents at once: :mod:`armsbench.benchmark.mentions` says what is counted.

Mentions become whole numbers whose order is that of (document, start, end, label). One sort of both sides then puts
equal ones side by side and overlapping ones into groups. Most groups are one mention alone or one that both sides have:
their credit is known. Only the rest is looked at further, and only where both sides have several mentions in a group a
matching has to be searched (:func:`armsbench.benchmark.mentions.overlap_credits`).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from ..annotations.annotation import Annotation
from ..annotations.structure import MAX_OFFSET
from ..corpus.errors import DataError
from .arrays import Bools, Ints, packed, runs, sums
from .columns import Columns, columns_of
from .measures import Floats
from .mentions import BARE, FORMS, LABELS, MATCHES, measures, overlap_credits

MAX_LABELS = 2_000
"""More than any scheme has; counts are kept for every document and label."""


class Mentions(msgspec.Struct, frozen=True):
    """Mentions of one side or both as arrays of equal length, in order of (document, start, end, label, form).

    ``form`` is the place in FORM_ORDER, ``key`` and ``span`` are equal where (document, start, end, label) or
    (document, start, end) are, ``predicted`` is the side.
    """

    document: Ints
    start: Ints
    end: Ints
    label: Ints
    form: Ints
    key: Ints
    span: Ints
    predicted: Bools

    def take(self, chosen: Ints) -> Mentions:
        """Those of them that are chosen, in that order."""
        return Mentions(*(getattr(self, name).take(chosen) for name in self.__struct_fields__))


def count_mentions(
    gold: Sequence[Annotation], predicted: Sequence[Annotation], labels: Sequence[str] = LABELS
) -> Floats:
    """The counts of every document, of shape (documents, measures, 4), the measures of ``mentions`` for ``labels``.

    ``gold`` and ``predicted`` are of the same documents in the same order; every label is one of ``labels``. Raises
    ValueError for offsets that are not 0 <= start < end <= MAX_OFFSET, and OverflowError for those beyond 64 bits.
    """
    used, counted = count_columns(columns_of(gold), columns_of(predicted))
    at = {name: i for i, name in enumerate(measures(labels))}
    values = np.zeros((len(gold), len(at), 4))
    values[:, [at[name] for name in measures(used)]] = counted
    return values


def count_columns(gold: Columns, predicted: Columns) -> tuple[tuple[str, ...], Floats]:
    """The labels of the mentions in alphabetical order, and the counts as of :func:`count_mentions` for these.

    Raises ValueError for offsets as there, and DataError for more than MAX_LABELS labels.
    """
    documents = len(gold.sizes)
    if not len(gold.start) + len(predicted.start):
        return (), _values(documents, 0)
    both, labels = _arrays(gold, predicted)
    if len(labels) > MAX_LABELS:
        raise too_many_labels()
    kinds = len(labels)
    values = _values(documents, kinds)
    strict, rest = _known_credits(both)
    credits = _rest_credits(both.take(rest))
    repeated = _repeated_spans(both)
    strict[rest] = 0.0  # from here on the credit of what is in no rest group, whatever the match
    shape = (documents, kinds, 2)  # of predictions and of gold, as they stand in counts
    cells = (both.document * kinds + both.label) * 2 + ~both.predicted
    whole, known = sums(cells, None, shape), sums(cells, strict, shape)
    for m, match in enumerate(MATCHES):
        found = known + sums(cells[rest], credits[match], shape)
        block = slice(len(MATCHES) + m * kinds, len(MATCHES) + (m + 1) * kinds)
        values[:, block, ::2], values[:, block, 1::2] = found, whole
        values[:, m] = np.einsum("dkc->dc", values[:, block])  # quicker than sum(axis=1)
        if match in BARE and len(repeated):  # a span under two labels counts once where labels play no part
            credit = strict.copy()
            credit[rest] = credits[match]
            again = both.document[repeated] * 2 + ~both.predicted[repeated]
            values[:, m, ::2] -= sums(again, credit[repeated], (documents, 2))
            values[:, m, 1::2] -= sums(again, None, (documents, 2))
    _count_forms(values[:, len(MATCHES) * (1 + kinds) :], both, strict, rest, credits)
    return labels, values


def too_many_labels() -> DataError:
    """The error for more than MAX_LABELS labels in a file."""
    return DataError(f"more than {MAX_LABELS:,} labels. Are these labels, or texts?")


def _values(documents: int, kinds: int) -> Floats:
    """Counts that are still 0, of a form NaN for precision: a prediction has no form, so recall is all there is."""
    values = np.zeros((documents, len(MATCHES) * (1 + kinds + len(FORMS)), 4))
    values[:, len(MATCHES) * (1 + kinds) :, :2] = np.nan
    return values


def _arrays(gold: Columns, predicted: Columns) -> tuple[Mentions, tuple[str, ...]]:
    """The distinct mentions of both sides, of a repeated one with its first form, and their labels in order."""
    sides = (gold, predicted)
    labels = tuple(sorted({*gold.labels, *predicted.labels}))
    at = {name: i for i, name in enumerate(labels)}
    document = np.concatenate([np.repeat(np.arange(len(side.sizes)), side.sizes) for side in sides])
    start, end, form = (np.concatenate([getattr(side, name) for side in sides]) for name in ("start", "end", "form"))
    label = np.concatenate([np.array([at[name] for name in side.labels], np.int64)[side.label] for side in sides])
    if int(start.min()) < 0 or int((end - start).min()) <= 0 or int(end.max()) > MAX_OFFSET:
        raise ValueError("offsets must be 0 <= start < end <= 2**31")
    side = np.arange(len(start)) >= len(gold.start)
    span = packed([document, start, end])
    key = packed([span, label])
    order = np.argsort(key, kind="stable")  # fast where mentions come in order of text
    in_order, in_side = key[order], side[order]
    again = (in_order[1:] == in_order[:-1]) & (in_side[1:] == in_side[:-1])
    if again.any():
        order = np.lexsort((form, side, key))
        again = (key[order][1:] == key[order][:-1]) & (side[order][1:] == side[order][:-1])
        order = order[np.concatenate([[True], ~again])]
    return Mentions(document, start, end, label, form, key, span, side).take(order), labels


def _known_credits(both: Mentions) -> tuple[Floats, Ints]:
    """Whether each mention stands on the other side too (1.0), and the indices of those for which that is not all.

    Not looked at further are mentions that overlap nothing, and those that overlap their like on the other side only.
    """
    edge = np.array([True])
    opens = np.concatenate([edge, _opens_group(both), edge])
    twins = both.key[1:] == both.key[:-1]
    settled = opens[:-1] & opens[1:] | _of_pairs(opens[:-2] & twins & opens[2:])
    return _of_pairs(twins).astype(float), np.flatnonzero(~settled)


def _opens_group(both: Mentions) -> Bools:
    """Whether each mention but the first begins behind all before it, so that it overlaps none of them."""
    width = int(both.end.max()) + 1
    reach = np.maximum.accumulate(both.document * width + both.end)
    opens: Bools = both.document[1:] * width + both.start[1:] >= reach[:-1]
    return opens


def _repeated_spans(both: Mentions) -> Ints:
    """The indices of mentions that are not the first of their span on their side."""
    same = both.span[1:] == both.span[:-1]
    if not ((same & (both.predicted[1:] == both.predicted[:-1])).any() or (same[1:] & same[:-1]).any()):
        return np.arange(0)
    members = np.flatnonzero(_of_pairs(same))
    first = np.unique(both.span[members] * 2 + both.predicted[members], return_index=True)[1]
    return np.delete(members, first)


def _of_pairs(pairs: Bools) -> Bools:
    """Which elements are in one of the ``pairs``: whether the element and the next are one, for each but the last."""
    found = np.zeros(len(pairs) + 1, bool)
    found[:-1] = pairs
    found[1:] |= pairs
    return found


def _rest_credits(rest: Mentions) -> dict[str, Floats]:
    """The credit of every mention, for each match."""
    count = len(rest.key)
    if not count:
        return dict.fromkeys(MATCHES, np.zeros(0))
    strict, boundaries = (_on_both_sides(same, rest.predicted) for same in (rest.key, rest.span))
    overlap, label_only = np.zeros(count), np.zeros(count)
    begins, sizes = runs(~_opens_group(rest))
    predicted = np.add.reduceat(rest.predicted, begins, dtype=np.int64)
    gold = sizes - predicted
    two_sided = (gold > 0) & (predicted > 0)
    alone = two_sided & ((gold == 1) | (predicted == 1))
    _match_one(rest, alone, sizes, gold, overlap, label_only)
    several = two_sided & ~alone
    for begin, size in zip(begins[several].tolist(), sizes[several].tolist(), strict=True):
        _search(rest, range(begin, begin + size), overlap, label_only)
    return {"strict": strict, "boundaries": boundaries, "overlap": overlap, "label_only": label_only}


def _on_both_sides(same: Ints, predicted: Bools) -> Floats:
    """1.0 where a run of equal numbers has mentions of both sides."""
    begins, sizes = runs(same[1:] == same[:-1])
    its = np.add.reduceat(predicted, begins, dtype=np.int64)
    return np.repeat((its > 0) & (its < sizes), sizes).astype(float)


def _match_one(rest: Mentions, alone: Bools, sizes: Ints, gold: Ints, overlap: Floats, label_only: Floats) -> None:
    """Credit the groups ``alone``, in which one side has one mention and the other side one or more.

    Its best partner is the first of those with the most credit, and the others go without.
    """
    group = np.repeat(np.arange(len(sizes)), sizes)
    lone_side = np.repeat(gold != 1, sizes)  # True where the lone mention is the predicted one
    chosen = alone[group]
    lone = np.flatnonzero(chosen & (rest.predicted == lone_side))
    members = np.flatnonzero(chosen & (rest.predicted != lone_side))
    if not len(lone):
        return
    number = np.searchsorted(group[lone], group[members])
    partner = lone[number]
    shared = np.minimum(rest.end[partner], rest.end[members]) - np.maximum(rest.start[partner], rest.start[members])
    lengths = rest.end[partner] - rest.start[partner] + rest.end[members] - rest.start[members]
    dice = np.where(shared > 0, 2 * shared / lengths, 0.0)
    same = ((shared > 0) & (rest.label[partner] == rest.label[members])).astype(float)
    each = np.arange(len(lone))
    begins = np.searchsorted(number, each)
    for credit, kept in ((dice, overlap), (same, label_only)):
        top = np.flatnonzero(credit == np.maximum.reduceat(credit, begins)[number])
        best = top[np.searchsorted(number[top], each)]
        kept[lone] = credit[best]
        if kept is overlap:  # a span under two labels is credited under both
            like = rest.span[members] == rest.span[members[best]][number]
            kept[members[like]] = credit[best][number[like]]
        else:
            kept[members[best]] = credit[best]


def _search(rest: Mentions, members: range, overlap: Floats, label_only: Floats) -> None:
    """Match the members of one group, in every way that overlap and label_only ask for."""
    # Numbers of labels are in alphabetical order; of equal length, so are these strings.
    keys = [(int(rest.start[i]), int(rest.end[i]), f"{rest.label[i]:09}") for i in members]
    sides = [[k for i, k in zip(members, keys, strict=True) if rest.predicted[i] == side] for side in (False, True)]
    dice = overlap_credits(*({(*k[:2], "") for k in side} for side in sides), dice=True)
    labelled = overlap_credits(set(sides[0]), set(sides[1]), dice=False)
    for i, k in zip(members, keys, strict=True):
        side = int(rest.predicted[i])
        overlap[i] = dice[side].get((*k[:2], ""), 0.0)
        label_only[i] = labelled[side].get(k, 0.0)


def _count_forms(values: Floats, both: Mentions, known: Floats, rest: Ints, credits: dict[str, Floats]) -> None:
    """Fill the measures of forms, which are of gold only. Mentions without a form count under none."""
    formed = np.flatnonzero(~both.predicted & (both.form < len(FORMS)))
    if not len(formed):
        return
    shape = (len(values), len(FORMS))
    cells = both.document[formed] * len(FORMS) + both.form[formed]
    for m, match in enumerate(MATCHES):
        credit = known.copy()
        credit[rest] = credits[match]
        block = slice(m * len(FORMS), (m + 1) * len(FORMS))
        values[:, block, 2], values[:, block, 3] = sums(cells, credit[formed], shape), sums(cells, None, shape)
