"""Task ``coreference``: which mentions name the same thing.

The headline is the mean of the F1 of MUC, B-cubed and CEAF-phi4 (the CoNLL-2012 score); LEA, BLANC and mention
detection stand beside it. Predicted mentions are scored as they are, and mentions match when both offsets match. Values
(MONEY, QUANTITY, DATE) are left out: that two sums are equal is no coreference. Singletons are kept on both sides;
``no_singletons:NAME`` is the same measure with them taken out of both, as in OntoNotes.

- MUC: Vilain et al. 1995. B-cubed: Bagga and Baldwin 1998, unmatched mentions as they are. CEAF: Luo 2005, phi4 =
  2|K & R| / (|K| + |R|) and phi3 = |K & R|. LEA: Moosavi and Strube 2016, a singleton is one self-link. BLANC: Luo et
  al. 2014, the mean of the rates of coreferent and of non-coreferent links, a class without gold links left out.
- A span predicted in several entities counts in one of them: that in which its label comes first in the alphabet, so
  that order plays no part; so does a span that gold puts into several.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..annotations.annotation import Annotation
from .measures import P_WHOLE, R_WHOLE, Floats, Rates, rates

NAME = "coreference"
HEADLINE = "conll"
OWN = ("muc", "b_cubed", "ceaf_phi4", "ceaf_phi3", "lea", "mention", "coreferent_links", "non_coreferent_links")
NO_SINGLETONS = "no_singletons:"
MEASURES = (*OWN, *(f"{NO_SINGLETONS}{name}" for name in OWN))
CONLL = ("muc", "b_cubed", "ceaf_phi4")
BLANC = ("coreferent_links", "non_coreferent_links")


def submitted(annotation: Annotation) -> bool:
    """Whether ``annotation`` holds the layers that this task scores."""
    return annotation.mentions is not None and annotation.entities is not None


def conll(sums: Floats, prefix: str = "") -> Rates:
    """The mean F1 of MUC, B-cubed and CEAF-phi4 for sums of shape (..., measures, 4); a mean has no P and R."""
    f1 = rates(_columns(sums, CONLL, prefix))[2].mean(axis=-1)
    return np.full(f1.shape, np.nan), np.full(f1.shape, np.nan), f1


def blanc(sums: Floats, prefix: str = "") -> Rates:
    """BLANC of sums of shape (..., measures, 4): the rates of both classes of links, averaged where gold has both."""
    classes = _columns(sums, BLANC, prefix)
    in_use = classes[..., R_WHOLE] > 0
    its = [np.where(in_use, np.nan_to_num(rate), 0.0) for rate in rates(classes)]
    count = in_use.sum(axis=-1)
    predicted = (classes[..., P_WHOLE] > 0) & in_use
    any_predicted = (classes[..., P_WHOLE] > 0).any(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        precision, recall, f1 = (rate.sum(axis=-1) / count for rate in its)
    # Without a gold link of either class, whatever is predicted is wrong.
    nothing = np.where(any_predicted, 0.0, np.nan)
    precision = np.where(count == 0, nothing, np.where(predicted.any(axis=-1), precision, np.nan))
    return precision, recall, np.where(count == 0, nothing, f1)


def _columns(sums: Floats, names: tuple[str, ...], prefix: str) -> Floats:
    picked: Floats = sums[..., [MEASURES.index(prefix + name) for name in names], :]
    return picked


def _without_singletons(derived: Callable[[Floats, str], Rates]) -> Callable[[Floats], Rates]:
    return lambda sums: derived(sums, NO_SINGLETONS)


DERIVED: dict[str, Callable[[Floats], Rates]] = {
    "conll": conll,
    "blanc": blanc,
    f"{NO_SINGLETONS}conll": _without_singletons(conll),
    f"{NO_SINGLETONS}blanc": _without_singletons(blanc),
}
