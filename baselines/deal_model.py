"""The part of the linear system that tells the kind and the status of deals (guideline 3.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from ..annotations.annotation import Annotation, Attributes, Entity, Mention
from ..annotations.scheme import scheme
from ..corpus.document import Document
from .classifier import Classifier
from .decoding import Floats
from .mention_model import ClassifierState, classifier_arrays, classifier_of_state, classifier_state
from .storage import known_only
from .tokens import Token, token_sequences
from .vocabulary import Features

STRENGTH = 1.0
ATTRIBUTES = ("kind", "status")
NONE = ""


class DealState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of a deal model is not numbers."""

    kind: ClassifierState
    status: ClassifierState


class DealModel:
    """Two classifiers over the words of a deal's mentions and of the sentences that they stand in."""

    def __init__(self, kind: Classifier, status: Classifier) -> None:
        self.kind = kind
        self.status = status

    @classmethod
    def fit(cls, documents: Sequence[Document], annotations: Sequence[Annotation]) -> DealModel:
        """Learn from the gold deals; a value that is not given is a class of its own."""
        rows: list[Features] = []
        targets: dict[str, list[str]] = {name: [] for name in ATTRIBUTES}
        for document, annotation in zip(documents, annotations, strict=True):
            deals = [entity for entity in annotation.entities or () if entity.label == "DEAL"]
            rows += _deal_features(document, annotation.mentions or (), deals)
            for name in ATTRIBUTES:
                targets[name] += [getattr(deal.attributes, name) or NONE for deal in deals]
        kind, status = (Classifier.fit(rows, targets[name], STRENGTH) for name in ATTRIBUTES)
        return cls(kind, status)

    def fill(self, document: Document, mentions: Sequence[Mention], entities: Sequence[Entity]) -> tuple[Entity, ...]:
        """``entities`` with the kind and status of those that are deals; the others unchanged."""
        deals = [entity for entity in entities if entity.label == "DEAL"]
        rows = _deal_features(document, mentions, deals)
        values = zip(self.kind.predict(rows), self.status.predict(rows), strict=True)
        filled = {
            deal.id: msgspec.structs.replace(deal, attributes=Attributes(kind=kind or None, status=status or None))
            for deal, (kind, status) in zip(deals, values, strict=True)
        }
        return tuple(filled.get(entity.id, entity) for entity in entities)

    def state(self) -> DealState:
        """What is to be stored beside :meth:`arrays`."""
        return DealState(classifier_state(self.kind), classifier_state(self.status))

    def arrays(self) -> dict[str, Floats]:
        """The numbers to be stored."""
        return classifier_arrays("deal.kind", self.kind) | classifier_arrays("deal.status", self.status)

    @classmethod
    def of_state(cls, state: DealState, arrays: Mapping[str, Floats], folder: Path) -> DealModel:
        """The model that was stored; raises DataError when the arrays do not fit the state."""
        for name in ATTRIBUTES:
            attribute = scheme().attribute(name)
            classes: tuple[str, ...] = getattr(state, name).classes
            known_only(folder, name, classes, (NONE, *(attribute.values if attribute else ())))
        return cls(
            classifier_of_state("deal.kind", state.kind, arrays, folder),
            classifier_of_state("deal.status", state.status, arrays, folder),
        )


def _deal_features(
    document: Document, mentions: Sequence[Mention], deals: Sequence[Entity]
) -> list[list[str]]:
    tokens: list[Token] = [t for sequence in token_sequences(document) for t in sequence.tokens]
    sentences: dict[int, list[str]] = {}
    for token in tokens:
        sentences.setdefault(token.sentence, []).append(token.text.lower())
    rows = []
    for deal in deals:
        row = ["bias"]
        its = sorted((m for m in mentions if m.entity == deal.id), key=lambda m: (m.start, m.end))
        row.append(f"mentions={min(len(its), 4)}")
        for place, mention in enumerate(its):
            row.append(f"form={mention.form}")
            inside = [t for t in tokens if mention.start <= t.start and t.end <= mention.end]
            row += [f"word={t.text.lower()}" for t in inside]
            words = sentences[inside[0].sentence] if inside else []
            row += [f"sentence={word}" for word in words]
            row += [f"first sentence={word}" for word in words if place == 0]
        rows.append(list(dict.fromkeys(row)))
    return rows
