"""The linear baseline: mentions and relations learnt from annotated documents, with linear models only.

Mentions by a conditional random field, whose features know states, dates, sums and a few hundred common words;
coreference, values and the kind and status of deals by the rules that the other baselines use (a classifier of the
status was right on 18 of 45 deals in cross-validation, the rules on 31); relations by one logistic regression per type.
Fits in seconds, no GPU, no download.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import msgspec
from threadpoolctl import threadpool_limits

from ...annotations.annotation import Annotation
from ...corpus.document import Document
from ...corpus.errors import ArmsBenchError
from ..assemble import assemble
from .mention_model import MentionModel, MentionState
from .relation_model import RelationModel, RelationState
from .storage import read_model, write_model

FORMAT = "armsbench-linear"
VERSION = 2


class _State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mentions: MentionState
    relations: RelationState

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return self.mentions.shapes() | self.relations.shapes()


class LinearSystem:
    """A system that learns from annotated documents; see :class:`armsbench.annotations.systems.StoredSystem`.

    Attributes
    ----------
    mentions_, relations_
        The fitted parts. Reading them before :meth:`fit` or :meth:`load` raises AttributeError.

    Examples
    --------
    >>> from armsbench.annotations.release import load_release
    >>> release = load_release(["articles"], split="train")  # doctest: +SKIP
    >>> system = LinearSystem()
    >>> system.fit(list(release.documents.values()), list(release.gold.values()))  # doctest: +SKIP
    """

    mentions_: MentionModel
    relations_: RelationModel

    def fit(self, documents: Sequence[Document], annotations: Sequence[Annotation]) -> None:
        """Learn from ``documents`` and their gold ``annotations``, in the same order, and from nothing else.

        Raises ArmsBenchError when there is nothing to learn from or the two do not belong together.
        """
        if [document.id for document in documents] != [annotation.doc_id for annotation in annotations]:
            raise ArmsBenchError("documents and annotations must be of the same documents in the same order")
        if not any(annotation.mentions for annotation in annotations):
            raise ArmsBenchError("there is no mention in these annotations; the linear system needs gold to learn from")
        with threadpool_limits(limits=1):  # threads only slow down matrices this small, and change the last digits
            mentions = MentionModel.fit(documents, annotations)
            relations = RelationModel.fit(documents, annotations)
        self.mentions_, self.relations_ = mentions, relations

    def predict(self, document: Document) -> Annotation:
        """The annotation of ``document`` with mentions, entities and relations (deal records follow from them)."""
        self._require_fitted()
        mentions, entities = assemble(document, self.mentions_.predict(document))
        relations = self.relations_.predict(document, mentions, entities)
        return Annotation(doc_id=document.id, mentions=mentions, entities=entities, relations=relations)

    def save(self, folder: Path) -> None:
        """Write the fitted state into ``folder`` as ``model.json`` and ``weights.npz``, made if need be."""
        self._require_fitted()
        state = _State(self.mentions_.state(), self.relations_.state())
        write_model(folder, FORMAT, VERSION, state, self.mentions_.arrays() | self.relations_.arrays())

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The fitted system that :meth:`save` wrote; it predicts exactly what the saved one did.

        Nothing in the files is executed. Raises DataError when they are missing, foreign or damaged.
        """
        state, arrays = read_model(folder, FORMAT, VERSION, _State, _State.shapes)
        system = cls()
        system.mentions_ = MentionModel.of_state(state.mentions, arrays, folder)
        system.relations_ = RelationModel.of_state(state.relations, arrays, folder)
        return system

    def _require_fitted(self) -> None:
        if not hasattr(self, "mentions_"):
            raise ArmsBenchError("this linear system has learnt nothing yet: fit it first, or load a saved one")
