"""One name, one label: what was found in one place of a document is carried over to the rest of it.

A tagger sees a few words around each token; a reader remembers that "Lorenzana" was a person two paragraphs ago.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...annotations.scheme import scheme
from .tokens import Token, TokenSequence, tokens_within

Found = tuple[int, int, str]
"""A span and its label: (start, end, label)."""

CARRIED = frozenset({"GPE", "GOV_BODY", "MILITARY", "COMPANY", "ORGANIZATION", "PERSON", "WEAPON"})
"""Labels whose names are carried over; places and values depend on their surroundings (guideline 2)."""

_LONGEST = 12
"""How many tokens a name may have to be carried over; more are rather a list or a mistake."""


def agreeing_acronyms(text: str, found: Sequence[Found]) -> list[Found]:
    """``found`` with the label of a mention carried over to the acronym in parentheses behind it (guideline 2.6)."""
    agreed: list[Found] = []
    for start, end, label in found:
        surface = text[start:end]
        if agreed and label not in scheme().value_labels and sum(c.isupper() for c in surface) > len(surface) / 2:
            _, before, theirs = agreed[-1]
            if text[before:start].strip() == "(" and text[end : end + 1] == ")" and " " not in surface:
                label = theirs if theirs not in scheme().value_labels else label
        agreed.append((start, end, label))
    return agreed


def carried_over(text: str, sequences: Sequence[TokenSequence], found: Sequence[Found]) -> list[Found]:
    """``found`` and the other places where the same names stand, in order of text, without overlap."""
    names: dict[tuple[str, ...], str] = {}
    tokens = [token for sequence in sequences for token in sequence.tokens]
    for start, end, label in found:
        words = tuple(t.text for t in tokens_within(tokens, start, end))
        if 0 < len(words) <= _LONGEST and label in CARRIED and _is_name(text[start:end]):
            names.setdefault(words, label)
            if label == "PERSON" and len(words) > 1 and len(words[-1]) > 2:
                names.setdefault(words[-1:], label)
    taken = {position for start, end, _ in found for position in range(start, end)}
    added = [span for sequence in sequences for span in _occurrences(sequence.tokens, names, taken)]
    return sorted([*found, *added])


def _occurrences(tokens: Sequence[Token], names: dict[tuple[str, ...], str], taken: set[int]) -> Iterator[Found]:
    words = [t.text for t in tokens]
    lengths = sorted(set(map(len, names)), reverse=True)
    i = 0
    while i < len(tokens):
        for length in lengths:
            if i + length > len(tokens):
                continue
            label = names.get(tuple(words[i : i + length]))
            start, end = tokens[i].start, tokens[i + length - 1].end
            if label is not None and taken.isdisjoint(range(start, end)) and not _part_of_name(tokens, i, i + length):
                yield start, end, label
                i += length - 1
                break
        i += 1


def _part_of_name(tokens: Sequence[Token], first: int, last: int) -> bool:
    """Whether a capitalised word or a hyphen touches the span, so that it may be part of a longer name."""
    before = tokens[first - 1] if first else None
    after = tokens[last] if last < len(tokens) else None
    glued = (before is not None and before.end == tokens[first].start and before.text in "-/") or (
        after is not None and after.start == tokens[last - 1].end and after.text in "-/"
    )
    return glued or (after is not None and after.text[0].isupper() and after.sentence == tokens[first].sentence)


def _is_name(surface: str) -> bool:
    return len(surface) > 2 and surface[0].isupper() and "\n" not in surface
