"""Agreement corrected for chance: Krippendorff's alpha on tokens, and gamma where pygamma-agreement is installed."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from ..annotations.annotation import Annotation
from ..annotations.scheme import scheme
from ..annotations.tokens import token_spans
from ..corpus.document import Document
from ..corpus.errors import MissingExtraError
from .measures import Floats

UNMARKED = "unmarked"
GAMMA_SAMPLES = 30
"""Random continua that gamma compares the observed disorder with; the library's default."""


def token_labels() -> tuple[str, ...]:
    """The values that a token can have: the labels of the scheme, and UNMARKED last."""
    return (*scheme().label_names, UNMARKED)


def coincidences(document: Document, first: Annotation, second: Annotation) -> Floats:
    """How often each two labels meet on a token of the annotated regions; symmetric, of shape (labels, labels).

    Every token counts once in each direction, as in the coincidence matrix of Krippendorff 2011, "Computing
    Krippendorff's alpha-reliability". A token takes the label of the mention that covers its first character.
    """
    names = {name: i for i, name in enumerate(token_labels())}
    regions = document.annotated_regions()
    starts = [a for a, _ in token_spans(document) if any(r.start <= a < r.end for r in regions)]
    values = [[names[label] for label in _labels_at(starts, annotation)] for annotation in (first, second)]
    matrix = np.zeros((len(names), len(names)))
    np.add.at(matrix, (values[0], values[1]), 1.0)
    symmetric: Floats = matrix + matrix.T
    return symmetric


def _labels_at(starts: Sequence[int], annotation: Annotation) -> Iterator[str]:
    mentions = sorted(annotation.mentions or (), key=lambda m: m.start)
    i = 0
    for start in starts:
        while i < len(mentions) and mentions[i].end <= start:
            i += 1
        inside = i < len(mentions) and mentions[i].start <= start
        yield mentions[i].label if inside else UNMARKED


def alpha(matrix: Floats) -> Floats:
    """Krippendorff's nominal alpha of coincidences of shape (..., labels, labels); NaN where only one label occurs.

    1 is perfect agreement, 0 what chance gives with labels as frequent as these.
    """
    margins = matrix.sum(axis=-1)
    whole = margins.sum(axis=-1)
    observed = whole - np.trace(matrix, axis1=-2, axis2=-1)
    expected = whole**2 - (margins**2).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value: Floats = np.where(expected > 0, 1 - (whole - 1) * observed / expected, np.nan)
    return value


def gamma(document: Document, first: Annotation, second: Annotation) -> float | None:
    """Gamma (Mathet, Widlöcher and Métivier 2015): agreement in placing and labelling mentions, corrected for chance.

    None where an annotator marked nothing. Raises MissingExtraError without pygamma-agreement.
    """
    try:
        from pyannote.core import Segment
        from pygamma_agreement import CombinedCategoricalDissimilarity, Continuum
    except ModuleNotFoundError as error:
        raise MissingExtraError(error.name or "pygamma-agreement", "gamma") from error
    if not first.mentions or not second.mentions:
        return None
    continuum = Continuum()
    for name, annotation in (("first", first), ("second", second)):
        for mention in annotation.mentions or ():
            continuum.add(name, Segment(mention.start, mention.end), mention.label)
    np.random.seed(len(document.text))
    with _quiet():
        result = continuum.compute_gamma(CombinedCategoricalDissimilarity(), n_samples=GAMMA_SAMPLES)
    return float(result.gamma)


@contextmanager
def _quiet() -> Iterator[None]:
    """Send what the integer solver prints past Python to nowhere, with the library's warnings about solvers."""
    sys.stdout.flush()
    logging.disable(logging.WARNING)
    kept = os.dup(1)
    sink = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(sink, 1)
        yield
    finally:
        logging.disable(logging.NOTSET)
        os.dup2(kept, 1)
        os.close(kept)
        os.close(sink)
