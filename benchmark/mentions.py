"""Task ``mentions``: which stretches of text were found, and under which label.

Four matches, in the words of SemEval-2013 task 9 as NER practice uses them:

- ``strict`` (headline): same offsets, same label.
- ``boundaries``: same offsets, whatever the label; a span under two labels counts once.
- ``overlap``: any character shared, whatever the label; one-to-one, credit is the Dice overlap of the two spans.
- ``label_only``: same label and any character shared; one-to-one, full credit.

Each also per label (``overlap:GPE``: precision over predicted, recall over gold mentions of that label, whatever the
label of the other side; which of several matchings with the same total counts is fixed, but has no meaning), as
``macro:MATCH``, the mean over the labels of the scheme that gold or prediction holds, and, for recall, per form
(``strict:form=nominal``). Sets of mentions are compared: order never matters, duplicates count once, nested and
overlapping spans are all kept. A right mention more never lowers ``strict`` and ``boundaries``; under the other two it
may take the partner of one that was nearly right. Where labels play no part, precision and recall of a label are of
different mentions, and the F1 of a label that only one side uses is 0, whether its spans are found or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import get_args

import numpy as np

from ..annotations.annotation import Annotation, Mention
from ..annotations.scheme import Form, scheme
from .assignment import best_pairs
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
    of_gold: Credits = {}
    of_predicted: Credits = {}
    for left, right in _overlapping(gold, predicted):
        shares = _dice(left, right)
        weights = shares if dice else (shares > 0).astype(float)
        for i, j in best_pairs(weights):
            of_gold[left[i]] = of_predicted[right[j]] = float(weights[i, j])
    return of_gold, of_predicted


def _overlapping(gold: set[Key], predicted: set[Key]) -> Iterator[tuple[list[Key], list[Key]]]:
    """Keys of one label that hang together by overlaps, those of each side in order of text; groups with both sides."""
    both = sorted([(k[2], k, 0) for k in gold] + [(k[2], k, 1) for k in predicted])
    group: tuple[list[Key], list[Key]] = ([], [])
    last, reach = "", 0
    for label, k, side in both:
        if label != last or k[0] >= reach:
            if all(group):
                yield group
            group = ([], [])
            last, reach = label, 0
        group[side].append(k)
        reach = max(reach, k[1])
    if all(group):
        yield group


def _dice(left: list[Key], right: list[Key]) -> Floats:
    """2 |shared| / (|left| + |right|) for every two spans, 0 where they share nothing."""
    (starts, ends), (other_starts, other_ends) = (
        (np.array([k[0] for k in side]), np.array([k[1] for k in side])) for side in (left, right)
    )
    shared = np.minimum.outer(ends, other_ends) - np.maximum.outer(starts, other_starts)
    lengths = np.add.outer(ends - starts, other_ends - other_starts)
    shares: Floats = np.where(shared > 0, 2 * shared / lengths, 0.0)
    return shares
