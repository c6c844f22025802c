"""Task ``mentions``: which stretches of text were found, and under which label.

Four matches, in the words of SemEval-2013 task 9 as NER practice uses them:

- ``strict`` (headline): same offsets, same label.
- ``boundaries``: same offsets, whatever the label; a span under two labels counts once.
- ``overlap``: any character shared, whatever the label; one-to-one, credit is the Dice overlap of the two spans.
- ``label_only``: same label and any character shared; one-to-one, full credit.

Each also per label (``overlap:GPE``: precision over predicted, recall over gold mentions of that label, whatever the
label of the other side; of equally good partners the first in order of text), as ``macro:MATCH``, the mean over the
labels of the scheme that gold or prediction holds, and, for recall, per form (``strict:form=nominal``). Sets of
mentions are compared: order never matters, duplicates count once, nested and overlapping spans are all kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import get_args

import numpy as np

from ..annotations.annotation import Annotation, Mention
from ..annotations.scheme import Form, scheme
from .assignment import best_pairs, components
from .measures import Floats, Rates, mean_rates

NAME = "mentions"
HEADLINE = "strict"
FORMS = get_args(Form)
MATCHES = ("strict", "boundaries", "overlap", "label_only")
BARE = frozenset({"boundaries", "overlap"})
"""Matches in which labels play no part: a span under two labels counts once."""
LABELS = scheme().label_names


def measures(labels: Sequence[str]) -> tuple[str, ...]:
    """The names of the measures where mentions have these labels."""
    return (
        *MATCHES,
        *(f"{match}:{label}" for match in MATCHES for label in labels),
        *(f"{match}:form={form}" for match in MATCHES for form in FORMS),
    )


MEASURES = measures(LABELS)

FORM_ORDER: dict[str | None, int] = {form: i for i, form in enumerate(FORMS)} | {None: len(FORMS)}
Key = tuple[int, int, str]
Credits = dict[Key, float]
"""How much each mention of one side was credited, from 0 to 1."""


def submitted(annotation: Annotation) -> bool:
    """Whether ``annotation`` holds the layer that this task scores."""
    return annotation.mentions is not None


def derived(labels: Sequence[str]) -> dict[str, Callable[[Floats], Rates]]:
    """``macro:MATCH`` for each match: the mean of the rates of the labels that gold or prediction holds.

    The mean of F1s is over those labels as in scikit-learn and seqeval, the means of P and R over labels that have one.
    """
    width = len(labels)

    def macro(match: int) -> Callable[[Floats], Rates]:
        first = len(MATCHES) + match * width
        return lambda sums: mean_rates(sums[..., first : first + width, :])

    return {f"macro:{match}": macro(i) for i, match in enumerate(MATCHES)}


DERIVED = derived(LABELS)


def key(mention: Mention) -> Key:
    """What makes two mentions the same claim: offsets and label."""
    return (mention.start, mention.end, mention.label)


def overlap_credits(gold: set[Key], predicted: set[Key], *, dice: bool) -> tuple[Credits, Credits]:
    """The credit of each key in the best one-to-one matching of gold and predicted keys that share label and character.

    With ``dice`` a pair earns 2 |shared| / (|gold| + |predicted|), else 1. Keys without a partner are left out.
    """
    left, right = sorted(gold), sorted(predicted)
    edges = _overlaps(left, right)
    of_gold: Credits = {}
    of_predicted: Credits = {}
    for rows, columns in components(edges):
        weights = np.zeros((len(rows), len(columns)))
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                if (row, column) in edges:
                    weights[i, j] = edges[row, column] if dice else 1.0
        for i, j in best_pairs(weights):
            of_gold[left[rows[i]]] = of_predicted[right[columns[j]]] = float(weights[i, j])
    return of_gold, of_predicted


def _overlaps(left: list[Key], right: list[Key]) -> dict[tuple[int, int], float]:
    """The Dice overlap of every pair (index in left, index in right) with equal labels that shares a character."""
    found = {}
    events = sorted(
        [(k[0], k[1], 0, i) for i, k in enumerate(left)] + [(k[0], k[1], 1, i) for i, k in enumerate(right)]
    )
    open_spans: tuple[list[int], list[int]] = ([], [])
    sides = (left, right)
    for start, end, side, i in events:
        other = 1 - side
        open_spans[other][:] = [j for j in open_spans[other] if sides[other][j][1] > start]
        for j in open_spans[other]:
            its = sides[other][j]
            if its[2] == sides[side][i][2]:
                shared = min(end, its[1]) - start
                pair = (i, j) if side == 0 else (j, i)
                found[pair] = 2 * shared / (end - start + its[1] - its[0])
        open_spans[side].append(i)
    return found
