"""The part of the linear system that links entities: one binary classifier per relation type, over candidate pairs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np

from ...annotations.annotation import Annotation, Entity, Mention, Relation
from ...annotations.inline import default_form
from ...annotations.scheme import scheme
from ...corpus.document import Document
from ..assemble import assemble
from ..spans import Span
from .classifier import Classifier, ClassifierState
from .pairs import Candidate, PairReader
from .storage import known_only
from .vocabulary import Features, Floats

STRENGTH = 5.0
THRESHOLD = -0.5
"""Log-odds from which a relation is predicted."""

UNIQUE_SHARE = 0.97
UNIQUE_CASES = 15

YES, NO = "yes", "no"

_Key = tuple[int, int, str]


class RelationState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of a relation model is not numbers."""

    classifiers: dict[str, ClassifierState]
    single_head: tuple[str, ...]
    single_tail: tuple[str, ...]

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The arrays that belong to it, with their shapes."""
        shapes: dict[str, tuple[int, ...]] = {}
        for name, its in self.classifiers.items():
            shapes |= its.shapes(f"relation.{name}")
        return shapes


class RelationModel:
    """Finds relations between given mentions.

    ``single_head`` names the relations in which a tail had hardly ever more than one head in training (a quantity
    counts one item); only the best head is kept then. ``single_tail`` is the same for tails.
    """

    def __init__(
        self, classifiers: Mapping[str, Classifier], single_head: Iterable[str], single_tail: Iterable[str]
    ) -> None:
        self.classifiers = dict(classifiers)
        self.single_head = frozenset(single_head)
        self.single_tail = frozenset(single_tail)

    @classmethod
    def fit(cls, documents: Sequence[Document], annotations: Sequence[Annotation]) -> RelationModel:
        """Learn from gold mentions with coreference by rule, as it will be when predicting.

        All negative candidates are kept: dropping two in three of the far ones was no quicker to speak of, and cost
        0.03 F1 in cross-validation.
        """
        rows: dict[str, list[Features]] = defaultdict(list)
        targets: dict[str, list[str]] = defaultdict(list)
        for document, annotation in zip(documents, annotations, strict=True):
            entity_of, triples = _gold_triples(annotation)
            for candidate in _training_candidates(document, annotation):
                head, tail = (entity_of[_key(m)] for m in (candidate.head, candidate.tail))
                for name in candidate.relations:
                    rows[name].append(candidate.features)
                    targets[name].append(YES if (head, name, tail) in triples else NO)
        classifiers = {
            name: Classifier.fit(rows[name], targets[name], STRENGTH)
            for name in scheme().relation_names
            if YES in targets[name]
        }
        heads, tails = _uniqueness(annotations)
        return cls(classifiers, heads, tails)

    def predict(
        self, document: Document, mentions: Sequence[Mention], entities: Sequence[Entity]
    ) -> tuple[Relation, ...]:
        """The relations between the entities of ``document``, each once, between the nearest mentions of the two."""
        candidates = list(PairReader(document, mentions, entities).candidates())
        found: list[tuple[float, int, str]] = []
        for name, classifier in self.classifiers.items():
            of_type = [i for i, candidate in enumerate(candidates) if name in candidate.relations]
            odds = _log_odds(classifier, [candidates[i].features for i in of_type])
            found += [(-float(odd), i, name) for i, odd in zip(of_type, odds, strict=True) if odd > THRESHOLD]
        relations = []
        taken: set[tuple[str, str, str | None]] = set()
        for _, i, name in sorted(found):
            head, tail = candidates[i].head, candidates[i].tail
            claims = [("tail", name, tail.entity)] * (name in self.single_head)
            claims += [("head", name, head.entity)] * (name in self.single_tail)
            if taken.isdisjoint(claims):
                taken.update(claims)
                relations.append((head.start, tail.start, Relation(label=name, head=head.id, tail=tail.id)))
        return tuple(r for _, _, r in sorted(relations, key=lambda each: (*each[:2], each[2].label)))

    def state(self) -> RelationState:
        """What is to be stored beside :meth:`arrays`."""
        return RelationState(
            {name: its.state() for name, its in self.classifiers.items()},
            tuple(sorted(self.single_head)),
            tuple(sorted(self.single_tail)),
        )

    def arrays(self) -> dict[str, Floats]:
        """The numbers to be stored."""
        arrays: dict[str, Floats] = {}
        for name, classifier in self.classifiers.items():
            arrays |= classifier.arrays(f"relation.{name}")
        return arrays

    @classmethod
    def of_state(cls, state: RelationState, arrays: Mapping[str, Floats], folder: Path) -> RelationModel:
        """The model that was stored; raises DataError when the state holds unknown names or one name twice."""
        for names in (state.classifiers, state.single_head, state.single_tail):
            known_only(folder, "relation", names, scheme().relation_names)
        for its in state.classifiers.values():
            known_only(folder, "answer", its.classes, (YES, NO))
        classifiers = {
            name: Classifier.of_state(f"relation.{name}", its, arrays, folder)
            for name, its in state.classifiers.items()
        }
        return cls(classifiers, state.single_head, state.single_tail)


def gold_spans(annotation: Annotation) -> list[Span]:
    """The gold mentions as a tagger would give them."""
    return [
        Span(start=m.start, end=m.end, label=m.label, form=m.form or default_form(m.label))
        for m in annotation.mentions or ()
    ]


def _training_candidates(document: Document, annotation: Annotation) -> list[Candidate]:
    mentions, entities = assemble(document, gold_spans(annotation))
    return list(PairReader(document, mentions, entities).candidates())


def _gold_triples(annotation: Annotation) -> tuple[dict[_Key, str], set[tuple[str, str, str]]]:
    """The entity of each gold mention, and the relations between entities."""
    entity_of = {_key(m): m.entity or f"mention:{m.id}" for m in annotation.mentions or ()}
    by_id = {m.id: entity_of[_key(m)] for m in annotation.mentions or ()}
    return entity_of, {(by_id[r.head], r.label, by_id[r.tail]) for r in annotation.relations or ()}


def _key(mention: Mention) -> _Key:
    return (mention.start, mention.end, mention.label)


def _log_odds(classifier: Classifier, rows: Sequence[Features]) -> Floats:
    """The log-odds of each row; a classifier that saw one answer only is sure of it."""
    if not rows:
        return np.zeros(0)
    if len(classifier.classes) == 1:
        return np.full(len(rows), np.inf if classifier.classes == (YES,) else -np.inf)
    return classifier.scores(rows)[:, classifier.classes.index(YES)]


def _uniqueness(annotations: Sequence[Annotation]) -> tuple[list[str], list[str]]:
    """The relations in which nearly every tail has one head, and those in which nearly every head has one tail."""
    heads: dict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
    tails: dict[str, Counter[tuple[int, str]]] = defaultdict(Counter)
    for number, annotation in enumerate(annotations):
        for head, name, tail in _gold_triples(annotation)[1]:
            heads[name][number, tail] += 1
            tails[name][number, head] += 1
    return _single(heads), _single(tails)


def _single(partners: Mapping[str, Counter[tuple[int, str]]]) -> list[str]:
    """The relations of which nearly every entity has one partner, by the count of partners of each entity."""
    return [
        name
        for name, counts in partners.items()
        if len(counts) >= UNIQUE_CASES and sum(n == 1 for n in counts.values()) >= UNIQUE_SHARE * len(counts)
    ]
