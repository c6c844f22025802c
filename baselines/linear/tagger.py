"""A linear-chain conditional random field over BIO tags, trained with L-BFGS (Lafferty, McCallum and Pereira 2001).

Scores are linear in the features of a token and in the pair of neighbouring tags. Transitions that would break BIO have
no weight: they are excluded in training and in decoding alike. The tag before the first token counts as "O".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_array

from .decoding import OUTSIDE, Flags, barred, best_path, transition_mask
from .vocabulary import Features, Floats, Vocabulary


class Tagger:
    """Tags tokens by their features.

    ``weights[feature, tag]`` and ``transitions[before, after]`` are what was learnt. Training twice on one
    kind of processor gives the same; on another the last digits may differ, as the linear algebra library chooses its
    routines by the processor.
    """

    def __init__(self, tags: Sequence[str], vocabulary: Vocabulary, weights: Floats, transitions: Floats) -> None:
        self.tags = tuple(tags)
        self.vocabulary = vocabulary
        self.weights = weights
        self.transitions = transitions
        self._barred = barred(transition_mask(self.tags), transitions)

    @classmethod
    def fit(
        cls, rows: Sequence[Sequence[Features]], tags: Sequence[Sequence[str]], strength: float, steps: int
    ) -> Tagger:
        """Learn from sequences of token features and their tags.

        ``strength`` is the inverse of the L2 penalty (larger fits closer), ``steps`` the most iterations of L-BFGS.
        """
        names = (OUTSIDE, *sorted({tag for its in tags for tag in its} - {OUTSIDE}))
        columns = {name: i for i, name in enumerate(names)}
        chosen = [i for i, its in enumerate(tags) if its]
        chosen.sort(key=lambda i: -len(tags[i]))  # longest first, as Chains asks
        flat = [row for i in chosen for row in rows[i]]
        vocabulary = Vocabulary.of_rows(flat, minimum=2)
        chains = Chains(
            vocabulary.matrix(flat),
            np.array([columns[tag] for i in chosen for tag in tags[i]], dtype=np.intp),
            [len(tags[i]) for i in chosen],
            transition_mask(names),
        )
        weights, transitions = chains.minimise(strength, steps)
        return cls(names, vocabulary, weights, transitions)

    def predict(self, rows: Sequence[Features], outside_bias: float = 0.0) -> list[str]:
        """The best valid tags of one sequence; ``outside_bias`` is added to the score of "O" (negative finds more)."""
        scores = self.vocabulary.matrix(rows) @ self.weights
        outside = self.tags.index(OUTSIDE)
        scores[:, outside] += outside_bias
        return [self.tags[i] for i in best_path(scores, self._barred, self._barred[outside])]


class Chains:
    """Training sequences laid end to end, longest first, and the likelihood of their tags."""

    def __init__(self, matrix: csr_array, gold: NDArray[np.intp], lengths: Sequence[int], mask: Flags) -> None:
        self.matrix, self.columns = matrix, matrix.T.tocsr()
        self.mask = mask
        self.tag_count = len(mask)
        self.firsts = np.cumsum([0, *lengths])[:-1]
        longest = lengths[0] if lengths else 0
        active = [sum(length > step for length in lengths) for step in range(longest)]
        self.steps = [self.firsts[:count] + step for step, count in enumerate(active)]
        before = np.zeros(len(gold), dtype=np.intp)
        before[1:] = gold[:-1]
        before[self.firsts] = 0  # "O" is the first tag
        self.gold = np.zeros((len(gold), self.tag_count))
        self.gold[np.arange(len(gold)), gold] = 1.0
        self.gold_pairs = np.zeros((self.tag_count, self.tag_count))
        np.add.at(self.gold_pairs, (before, gold), 1.0)

    def minimise(self, strength: float, steps: int) -> tuple[Floats, Floats]:
        """Weights and transitions of highest penalised likelihood."""
        split = self.matrix.shape[1] * self.tag_count
        start = np.zeros(split + self.tag_count**2)

        def loss(parameters: Floats) -> tuple[float, Floats]:
            weights = parameters[:split].reshape(-1, self.tag_count)
            transitions = parameters[split:].reshape(self.tag_count, self.tag_count)
            value, by_weight, by_transition = self.loss(weights, transitions)
            value += float(parameters @ parameters) / (2 * strength)
            return value, np.concatenate([by_weight.ravel(), by_transition.ravel()]) + parameters / strength

        found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": steps, "maxcor": 4}).x
        return found[:split].reshape(-1, self.tag_count), found[split:].reshape(self.tag_count, self.tag_count)

    def loss(self, weights: Floats, transitions: Floats) -> tuple[float, Floats, Floats]:
        """The negative log-likelihood of the gold tags, and its gradients by weights and by transitions."""
        scores = self.matrix @ weights
        peak = scores.max(axis=1, keepdims=True) if len(scores) else scores
        emitted = np.exp(scores - peak)
        passed = np.where(self.mask, np.exp(transitions), 0.0)
        forward, norms = self._forward(emitted, passed)
        backward = np.ones_like(emitted)
        pairs = np.zeros_like(passed)
        for now in reversed(self.steps[1:]):
            coming = emitted[now] * backward[now] / norms[now, None]
            pairs += forward[now - 1].T @ coming
            backward[now - 1] = coming @ passed.T
        pairs *= passed
        shares = forward * backward
        pairs[0] += shares[self.firsts].sum(axis=0)
        value = float(np.log(norms).sum() + peak.sum() - (self.gold * scores).sum())
        value -= float((self.gold_pairs * transitions).sum())
        return value, self.columns @ (shares - self.gold), pairs - self.gold_pairs

    def _forward(self, emitted: Floats, passed: Floats) -> tuple[Floats, Floats]:
        """The share of each tag given the tokens so far, and the factor by which each step was divided."""
        forward = np.empty_like(emitted)
        norms = np.ones(len(emitted))
        for step, now in enumerate(self.steps):
            reached = forward[now - 1] @ passed if step else passed[0]
            forward[now] = reached * emitted[now]
            norms[now] = forward[now].sum(axis=1)
            forward[now] /= norms[now, None]
        return forward, norms
