"""Logistic regression over named features, binary or multinomial: trained by scikit-learn, applied by numpy."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from .storage import distinct
from .vocabulary import Features, Floats, Vocabulary


class ClassifierState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What of a classifier is not numbers; its arrays are named PREFIX.weights and PREFIX.intercepts."""

    classes: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    features: tuple[str, ...]

    def shapes(self, prefix: str) -> dict[str, tuple[int, ...]]:
        """The arrays that belong to it, with their shapes."""
        size = len(self.classes)
        return {f"{prefix}.weights": (len(self.features), size), f"{prefix}.intercepts": (size,)}


class Classifier:
    """Chooses among ``classes`` by ``weights[feature, class]`` and ``intercepts[class]``.

    With two classes the model is binary; ``weights`` has all the same a column for each (the first is zero).
    """

    def __init__(self, classes: Sequence[str], vocabulary: Vocabulary, weights: Floats, intercepts: Floats) -> None:
        self.classes = tuple(classes)
        self.vocabulary = vocabulary
        self.weights = weights
        self.intercepts = intercepts

    @classmethod
    def fit(cls, rows: Sequence[Features], targets: Sequence[str], strength: float, minimum: int = 2) -> Classifier:
        """Learn to tell ``targets`` from features; a feature in fewer than ``minimum`` rows is dropped.

        ``strength`` is the inverse of the L2 penalty. With one target, or none ("" then), it is always chosen.
        """
        classes = sorted(set(targets)) or [""]
        vocabulary = Vocabulary.of_rows(rows, minimum)
        if len(classes) == 1 or not len(vocabulary):
            counts = np.array([list(targets).count(name) for name in classes], dtype=np.float64)
            return cls(classes, vocabulary, np.zeros((len(vocabulary), len(classes))), counts)
        model = LogisticRegression(C=strength, max_iter=300, tol=1e-3)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # stopped early is good enough, and deterministic
            model.fit(vocabulary.matrix(rows), np.array([classes.index(target) for target in targets]))
        weights: Floats = np.asarray(model.coef_.T, dtype=np.float64)
        intercepts: Floats = np.asarray(model.intercept_, dtype=np.float64)
        if len(classes) == 2:
            weights = np.hstack([np.zeros_like(weights), weights])
            intercepts = np.concatenate([np.zeros(1), intercepts])
        return cls(classes, vocabulary, np.ascontiguousarray(weights), intercepts)

    def scores(self, rows: Sequence[Features]) -> Floats:
        """``scores[row, class]``, log-odds up to a constant of the row; in a binary model column 1 is the log-odds."""
        scores: Floats = self.vocabulary.matrix(rows) @ self.weights + self.intercepts
        return scores

    def predict(self, rows: Sequence[Features]) -> list[str]:
        """The best class of every row; ties go to the first."""
        if not rows:
            return []
        return [self.classes[int(i)] for i in self.scores(rows).argmax(axis=1)]

    def state(self) -> ClassifierState:
        """What is to be stored beside :meth:`arrays`."""
        return ClassifierState(self.classes, self.vocabulary.names)

    def arrays(self, prefix: str) -> dict[str, Floats]:
        """The numbers to be stored, named by ``prefix``."""
        return {f"{prefix}.weights": self.weights, f"{prefix}.intercepts": self.intercepts}

    @classmethod
    def of_state(cls, prefix: str, state: ClassifierState, arrays: Mapping[str, Floats], folder: Path) -> Classifier:
        """The classifier that was stored; raises DataError when a class or feature stands twice."""
        distinct(folder, f"class of {prefix}", state.classes)
        distinct(folder, f"feature of {prefix}", state.features)
        vocabulary = Vocabulary(state.features)
        return cls(state.classes, vocabulary, arrays[f"{prefix}.weights"], arrays[f"{prefix}.intercepts"])
