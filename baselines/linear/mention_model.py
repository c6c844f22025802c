"""The part of the linear system that finds mentions: a tagger, names seen in training, and a classifier of forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import get_args

import msgspec

from ...annotations.annotation import Annotation
from ...annotations.inline import default_form
from ...annotations.scheme import Form, scheme
from ...annotations.tokens import Tokens, spans_of_tags
from ...corpus.document import Document
from ..spans import Span
from .carry_over import agreeing_acronyms, carried_over
from .classifier import Classifier, ClassifierState
from .decoding import OUTSIDE, tags_of_mentions
from .features import shape, token_features
from .gazetteer import Gazetteer, mention_strings
from .storage import distinct, known_only
from .tagger import Tagger
from .tokens import Token, token_sequences, words_of
from .vocabulary import Features, Floats, Vocabulary

TAGGER_STRENGTH = 1.0
TAGGER_STEPS = 70
OUTSIDE_BIAS = -0.4
"""Added to the score of "O": cross-validation in train gave more found mentions for hardly less precision."""

FORM_STRENGTH = 10.0


class MentionState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of a mention model is not numbers."""

    tags: tuple[str, ...]
    features: tuple[str, ...]
    gazetteer: dict[str, dict[str, int]]
    forms: ClassifierState

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The arrays that belong to it, with their shapes."""
        size = len(self.tags)
        tagger = {"tagger.weights": (len(self.features), size), "tagger.transitions": (size, size)}
        return tagger | self.forms.shapes("forms")


class MentionModel:
    """Finds the mentions of a document."""

    def __init__(self, tagger: Tagger, gazetteer: Gazetteer, forms: Classifier) -> None:
        self.tagger = tagger
        self.gazetteer = gazetteer
        self.forms = forms

    @classmethod
    def fit(cls, documents: Sequence[Document], annotations: Sequence[Annotation]) -> MentionModel:
        """Learn from documents and their gold; a document's own mentions are no names to its own tokens."""
        read = [token_sequences(document) for document in documents]
        strings = [
            mention_strings([t for s in sequences for t in s.tokens], annotation)
            for sequences, annotation in zip(read, annotations, strict=True)
        ]
        gazetteer = Gazetteer.of_documents(strings)
        rows: list[list[Features]] = []
        tags: list[list[str]] = []
        for document, sequences, annotation, its in zip(documents, read, annotations, strings, strict=True):
            others = gazetteer.without(its)
            for sequence in sequences:
                features = token_features(document, sequence, others)
                for start, end in _sentences(sequence.tokens):
                    found, _ = tags_of_mentions(sequence.tokens[start:end], annotation.mentions or ())
                    rows.append([*features[start:end]])
                    tags.append(found)
        tagger = Tagger.fit(rows, tags, TAGGER_STRENGTH, TAGGER_STEPS)
        return cls(tagger, gazetteer, _fit_forms(documents, annotations))

    def predict(self, document: Document) -> list[Span]:
        """The mentions of ``document``, in order of text, without overlap."""
        found: list[tuple[int, int, str]] = []
        sequences = token_sequences(document)
        for sequence in sequences:
            tokens = sequence.tokens
            features = token_features(document, sequence, self.gazetteer)
            for start, end in _sentences(tokens):
                tags = self.tagger.predict(features[start:end], OUTSIDE_BIAS)
                found += spans_of_tags(_tagged(tokens[start:end], tags))
        found = agreeing_acronyms(document.text, found)
        found = carried_over(document.text, sequences, found)
        rows = [_form_features(words_of(document.text[start:end]), label) for start, end, label in found]
        forms = self.forms.predict(rows)
        return [
            Span(start=start, end=end, label=label, form=form_of(label, form))
            for (start, end, label), form in zip(found, forms, strict=True)
        ]

    def state(self) -> MentionState:
        """What is to be stored beside :meth:`arrays`."""
        return MentionState(self.tagger.tags, self.tagger.vocabulary.names, self.gazetteer.counts, self.forms.state())

    def arrays(self) -> dict[str, Floats]:
        """The numbers to be stored."""
        tagger = {"tagger.weights": self.tagger.weights, "tagger.transitions": self.tagger.transitions}
        return tagger | self.forms.arrays("forms")

    @classmethod
    def of_state(cls, state: MentionState, arrays: Mapping[str, Floats], folder: Path) -> MentionModel:
        """The model that was stored; raises DataError when the state holds unknown names or one name twice."""
        known = [OUTSIDE, *(f"{part}-{label}" for part in "BI" for label in scheme().label_names)]
        known_only(folder, "tag", [OUTSIDE, *state.tags[1:]], known)
        known_only(folder, "first tag", state.tags[:1] or ("none",), [OUTSIDE])
        known_only(folder, "form", state.forms.classes, (*get_args(Form), ""))
        for labels in state.gazetteer.values():
            known_only(folder, "label", labels, scheme().label_names)
        distinct(folder, "feature of the tagger", state.features)
        vocabulary = Vocabulary(state.features)
        tagger = Tagger(state.tags, vocabulary, arrays["tagger.weights"], arrays["tagger.transitions"])
        return cls(tagger, Gazetteer(state.gazetteer), Classifier.of_state("forms", state.forms, arrays, folder))


def form_of(label: str, wanted: str) -> Form:
    """``wanted`` if mentions of ``label`` may have that form (guideline 2.3), else the label's first form."""
    known = scheme().label(label)
    return next((form for form in known.forms if form == wanted), default_form(label)) if known else default_form(label)


def _tagged(tokens: Sequence[Token], tags: Sequence[str]) -> Tokens:
    return Tokens(
        tokens=tuple(t.text for t in tokens),
        starts=tuple(t.start for t in tokens),
        ends=tuple(t.end for t in tokens),
        tags=tuple(tags),
    )


def _sentences(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """First token and token behind the last of every sentence; no mention runs on into the next one."""
    ends = [i for i in range(1, len(tokens)) if tokens[i].sentence != tokens[i - 1].sentence]
    return list(pairwise([0, *ends, len(tokens)]))


def _fit_forms(documents: Sequence[Document], annotations: Sequence[Annotation]) -> Classifier:
    rows: list[Features] = []
    targets: list[str] = []
    for document, annotation in zip(documents, annotations, strict=True):
        for mention in annotation.mentions or ():
            words = words_of(document.text[mention.start : mention.end])
            if mention.form is not None and words:
                rows.append(_form_features(words, mention.label))
                targets.append(mention.form)
    return Classifier.fit(rows, targets, FORM_STRENGTH)


def _form_features(words: Sequence[str], label: str) -> list[str]:
    row = [label]
    row += [f"{label} last={words[-1].lower()}", f"{label} first={words[0].lower()}"]
    row += [f"{label} shape={shape(word)}" for word in words]
    row += [f"{label} word={word.lower()}" for word in words]
    row.append(f"{label} single={len(words) == 1}")
    row.append(f"{label} digit={any(c.isdigit() for word in words for c in word)}")
    row.append(f"{label} capital={any(word[0].isupper() for word in words)}")
    row.append(f"{label} all-capital={all(word[0].isupper() or not word[0].isalpha() for word in words)}")
    return list(dict.fromkeys(row))
