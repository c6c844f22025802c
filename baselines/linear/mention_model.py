"""The part of the linear system that finds mentions: a tagger, names seen in training, and a classifier of forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from ...annotations.annotation import Annotation, Mention
from ...annotations.scheme import Form, scheme
from ...corpus.document import Document
from ..spans import Span
from ..values import country_code
from .carry_over import agreeing_acronyms, carried_over
from .classifier import Classifier
from .decoding import OUTSIDE, Floats, spans_of_tags, tags_of_mentions
from .features import shape, token_features
from .gazetteer import Gazetteer, mention_strings
from .storage import known_only, shaped
from .tagger import Tagger
from .tokens import Token, token_sequences, words_of
from .vocabulary import Features, Vocabulary

TAGGER_STRENGTH = 1.0
TAGGER_STEPS = 70
OUTSIDE_BIAS = -0.4
"""Added to the score of "O": cross-validation in train gave more found mentions for hardly less precision."""

FORM_STRENGTH = 10.0


class ClassifierState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of a classifier is not numbers; its arrays are named PREFIX.weights and PREFIX.intercepts."""

    classes: tuple[str, ...]
    features: tuple[str, ...]


class MentionState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of a mention model is not numbers."""

    tags: tuple[str, ...]
    features: tuple[str, ...]
    gazetteer: dict[str, dict[str, int]]
    forms: ClassifierState


class MentionModel:
    """Finds the mentions of a document.

    ``lost`` holds the gold mentions of training that do not lie on token borders; none could ever be predicted.
    """

    def __init__(self, tagger: Tagger, gazetteer: Gazetteer, forms: Classifier) -> None:
        self.tagger = tagger
        self.gazetteer = gazetteer
        self.forms = forms
        self.lost: tuple[tuple[str, Mention], ...] = ()

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
        lost: list[tuple[str, Mention]] = []
        for document, sequences, annotation, its in zip(documents, read, annotations, strings, strict=True):
            others = gazetteer.without(its)
            for sequence in sequences:
                features = token_features(document, sequence, others, country_code)
                for start, end in _sentences(sequence.tokens):
                    found, missed = tags_of_mentions(sequence.tokens[start:end], annotation.mentions or ())
                    lost += [(document.id, mention) for mention in missed]
                    rows.append([*features[start:end]])
                    tags.append(found)
        tagger = Tagger.fit(rows, tags, TAGGER_STRENGTH, TAGGER_STEPS)
        model = cls(tagger, gazetteer, _fit_forms(documents, annotations))
        model.lost = tuple(lost)
        return model

    def predict(self, document: Document) -> list[Span]:
        """The mentions of ``document``, in order of text, without overlap."""
        found: list[tuple[int, int, str]] = []
        sequences = token_sequences(document)
        for sequence in sequences:
            tokens = sequence.tokens
            features = token_features(document, sequence, self.gazetteer, country_code)
            for start, end in _sentences(tokens):
                for first, last, label in spans_of_tags(self.tagger.predict(features[start:end], OUTSIDE_BIAS)):
                    inside = tokens[start + first : start + last]
                    found.append((inside[0].start, inside[-1].end, label))
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
        return MentionState(
            self.tagger.tags, self.tagger.vocabulary.names, self.gazetteer.counts, classifier_state(self.forms)
        )

    def arrays(self) -> dict[str, Floats]:
        """The numbers to be stored."""
        tagger = {"tagger.weights": self.tagger.weights, "tagger.transitions": self.tagger.transitions}
        return tagger | classifier_arrays("forms", self.forms)

    @classmethod
    def of_state(cls, state: MentionState, arrays: Mapping[str, Floats], folder: Path) -> MentionModel:
        """The model that was stored; raises DataError when the arrays do not fit the state."""
        size = len(state.tags)
        known = [OUTSIDE, *(f"{part}-{label}" for part in "BI" for label in scheme().label_names)]
        known_only(folder, "tag", [OUTSIDE, *state.tags[1:]], known)
        known_only(folder, "first tag", state.tags[:1] or ("none",), [OUTSIDE])
        tagger = Tagger(
            state.tags,
            Vocabulary(state.features),
            shaped(folder, arrays, "tagger.weights", (len(state.features), size)),
            shaped(folder, arrays, "tagger.transitions", (size, size)),
        )
        return cls(tagger, Gazetteer(state.gazetteer), classifier_of_state("forms", state.forms, arrays, folder))


def form_of(label: str, wanted: str | None) -> Form:
    """``wanted`` if mentions of ``label`` may have that form (guideline 2.3), else the label's first form."""
    known = scheme().label(label)
    forms: tuple[Form, ...] = known.forms if known else ("name",)
    return next((form for form in forms if form == wanted), forms[0])


def classifier_state(classifier: Classifier) -> ClassifierState:
    """What of ``classifier`` is not numbers."""
    return ClassifierState(classifier.classes, classifier.vocabulary.names)


def classifier_arrays(prefix: str, classifier: Classifier) -> dict[str, Floats]:
    """The numbers of ``classifier``, named by ``prefix``."""
    return {f"{prefix}.weights": classifier.weights, f"{prefix}.intercepts": classifier.intercepts}


def classifier_of_state(prefix: str, state: ClassifierState, arrays: Mapping[str, Floats], folder: Path) -> Classifier:
    """The classifier that was stored; raises DataError when the arrays do not fit the state."""
    size = len(state.classes)
    return Classifier(
        state.classes,
        Vocabulary(state.features),
        shaped(folder, arrays, f"{prefix}.weights", (len(state.features), size)),
        shaped(folder, arrays, f"{prefix}.intercepts", (size,)),
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
