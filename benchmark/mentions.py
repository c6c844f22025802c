"""Task ``mentions``: which stretches of text were found, and under which label.

Four matches, in the words of SemEval-2013 task 9 as NER practice uses them:

- ``strict`` (headline): same offsets, same label; also per label and, for recall, per form.
- ``boundaries``: same offsets, whatever the label; a span under two labels counts once.
- ``overlap``: any character shared, whatever the label; one-to-one, credit is the Dice overlap of the two spans.
- ``label_only``: same label and any character shared; one-to-one, full credit.

Sets of mentions are compared: order never matters, duplicates count once, nested and overlapping spans are all kept.
"""

from __future__ import annotations

from collections import Counter
from typing import get_args

import numpy as np

from ..annotations.annotation import Annotation, Mention
from ..annotations.scheme import Form, scheme
from ..corpus.document import Document
from .assignment import best_pairs, components
from .measures import Floats, counts_row, recall_row, table

NAME = "mentions"
HEADLINE = "strict"
FORMS = get_args(Form)
MEASURES = (
    "strict",
    "boundaries",
    "overlap",
    "label_only",
    *(f"strict:{label}" for label in scheme().label_names),
    *(f"strict:form={form}" for form in FORMS),
)

Key = tuple[int, int, str]


def submitted(annotation: Annotation) -> bool:
    """Whether ``annotation`` holds the layer that this task scores."""
    return annotation.mentions is not None


def count(document: Document, gold: Annotation, predicted: Annotation) -> Floats:
    """The counts of one document, of shape (measures, 4).

    ``strict:form=...`` counts gold mentions of that form that were found; a prediction has no form that could be held
    against it, so these measures have recall only.
    """
    gold_forms = {key(m): m.form for m in gold.mentions or ()}
    gold_keys, predicted_keys = set(gold_forms), {key(m) for m in predicted.mentions or ()}
    right = gold_keys & predicted_keys
    rows = {"strict": counts_row(len(right), len(predicted_keys), len(gold_keys))}
    gold_spans, predicted_spans = {k[:2] for k in gold_keys}, {k[:2] for k in predicted_keys}
    rows["boundaries"] = counts_row(len(gold_spans & predicted_spans), len(predicted_spans), len(gold_spans))
    rows["overlap"] = counts_row(
        overlap_credit({(*span, "") for span in gold_spans}, {(*span, "") for span in predicted_spans}, dice=True),
        len(predicted_spans),
        len(gold_spans),
    )
    rows["label_only"] = counts_row(
        overlap_credit(gold_keys, predicted_keys, dice=False), len(predicted_keys), len(gold_keys)
    )
    per_label = [Counter(k[2] for k in keys) for keys in (right, predicted_keys, gold_keys)]
    for label in per_label[1] | per_label[2]:
        rows[f"strict:{label}"] = counts_row(*(counter[label] for counter in per_label))
    for form in FORMS:
        of_form = {k for k, its in gold_forms.items() if its == form}
        rows[f"strict:form={form}"] = recall_row(len(of_form & right), len(of_form))
    return table(MEASURES, rows)


def key(mention: Mention) -> Key:
    """What makes two mentions the same claim: offsets and label."""
    return (mention.start, mention.end, mention.label)


def overlap_credit(gold: set[Key], predicted: set[Key], *, dice: bool) -> float:
    """The credit of the best one-to-one matching of spans with equal labels that share a character.

    With ``dice`` a pair earns 2 |shared| / (|gold| + |predicted|), else 1.
    """
    left, right = sorted(gold), sorted(predicted)
    edges = _overlaps(left, right)
    credit = 0.0
    for rows, columns in components(edges):
        weights = np.zeros((len(rows), len(columns)))
        for i, row in enumerate(rows):
            for j, column in enumerate(columns):
                if (row, column) in edges:
                    weights[i, j] = edges[row, column] if dice else 1.0
        credit += sum(weights[pair] for pair in best_pairs(weights))
    return float(credit)


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
