"""BIO tags: from mentions to tags, and from scores to the best valid tags.

``B-X`` begins a mention labelled X, ``I-X`` continues one and may stand only behind ``B-X`` or ``I-X``; ``O`` is
outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ...annotations.annotation import Mention
from .tokens import Token, borders
from .vocabulary import Floats

Flags = NDArray[np.bool_]

OUTSIDE = "O"


def may_follow(before: str, after: str) -> bool:
    """Whether tag ``after`` may stand directly behind tag ``before``."""
    return not after.startswith("I-") or before[2:] == after[2:]


def transition_mask(tags: Sequence[str]) -> Flags:
    """``mask[i, j]`` says whether ``tags[j]`` may stand directly behind ``tags[i]``."""
    return np.array([[may_follow(before, after) for after in tags] for before in tags], dtype=np.bool_)


def tags_of_mentions(tokens: Sequence[Token], mentions: Iterable[Mention]) -> tuple[list[str], list[Mention]]:
    """The tag of every token, and the mentions that lie in these tokens but not on their borders (they have no tags).

    Mentions wholly outside the tokens are passed over in silence; of overlapping ones the first in order of text wins.
    """
    tags = [OUTSIDE] * len(tokens)
    lost: list[Mention] = []
    if not tokens:
        return tags, lost
    starts, ends = borders(tokens)
    for mention in sorted(mentions, key=lambda m: (m.start, -m.end, m.label)):
        if mention.end <= tokens[0].start or mention.start >= tokens[-1].end:
            continue
        first, last = starts.get(mention.start), ends.get(mention.end)
        if first is None or last is None or any(tag != OUTSIDE for tag in tags[first : last + 1]):
            lost.append(mention)
            continue
        tags[first] = f"B-{mention.label}"
        tags[first + 1 : last + 1] = [f"I-{mention.label}"] * (last - first)
    return tags, lost


def best_path(scores: Floats, transitions: Floats, starts: Floats) -> list[int]:
    """The index of the tag of every token on the path with the highest sum (Viterbi); ties go to the lower index.

    ``scores[token, tag]`` are finite. ``transitions[before, after]`` and ``starts[tag]`` are added; where they are
    minus infinity the path never goes, as long as some tag can always follow.
    """
    if not len(scores):
        return []
    best = scores[0] + starts
    back = np.zeros(scores.shape, dtype=np.intp)
    for i in range(1, len(scores)):
        through = best[:, None] + transitions
        back[i] = through.argmax(axis=0)
        best = through.max(axis=0) + scores[i]
    path = [int(best.argmax())]
    for i in range(len(scores) - 1, 0, -1):
        path.append(int(back[i, path[-1]]))
    return path[::-1]


def barred(mask: Flags, weights: Floats) -> Floats:
    """``weights`` with minus infinity where ``mask`` forbids."""
    return np.where(mask, weights, -np.inf)
