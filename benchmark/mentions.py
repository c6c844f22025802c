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
from ..corpus.document import Document
from .assignment import best_pairs, components
from .measures import Floats, Rates, mean_rates, recall_row, table

NAME = "mentions"
HEADLINE = "strict"
FORMS = get_args(Form)
MATCHES = ("strict", "boundaries", "overlap", "label_only")
LABELS = scheme().label_names
MEASURES = (
    *MATCHES,
    *(f"{match}:{label}" for match in MATCHES for label in LABELS),
    *(f"{match}:form={form}" for match in MATCHES for form in FORMS),
)

FORM_ORDER: dict[str | None, int] = {form: i for i, form in enumerate(FORMS)} | {None: len(FORMS)}
Key = tuple[int, int, str]
Credits = dict[Key, float]
"""How much each mention of one side was credited, from 0 to 1."""


def submitted(annotation: Annotation) -> bool:
    """Whether ``annotation`` holds the layer that this task scores."""
    return annotation.mentions is not None


def count(document: Document, gold: Annotation, predicted: Annotation) -> Floats:
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
    return table(MEASURES, rows)


def _whole(match: str, of_gold: Credits, of_predicted: Credits) -> tuple[float, float, float, float]:
    """The four numbers over all labels; where labels play no part, a span under two labels counts once."""
    if match in ("boundaries", "overlap"):
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


def macro(match: str) -> Callable[[Floats], Rates]:
    """The derived measure ``macro:MATCH``: the mean of the rates of the labels that gold or prediction holds.

    The mean of F1s is over those labels as in scikit-learn and seqeval, the means of P and R over labels that have one.
    """
    columns = [MEASURES.index(f"{match}:{label}") for label in LABELS]
    return lambda sums: mean_rates(sums[..., columns, :])


DERIVED = {f"macro:{match}": macro(match) for match in MATCHES}


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
