"""The scheme in one file that everything else reads: labels, relation types, attributes (``scheme.json``)."""

from __future__ import annotations

from functools import cache
from typing import Literal

import msgspec

from ..corpus.files import PACKAGE

Form = Literal["name", "nominal", "value", "verbal"]


class LabelType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mention label: the forms and the entity attributes it allows, and the guideline paragraph that defines it."""

    name: str
    forms: tuple[Form, ...]
    attributes: tuple[str, ...]
    paragraph: str
    description: str


class RelationType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A relation type: which labels its head and its tail may have; ``same_label`` asks for equal ones."""

    name: str
    heads: tuple[str, ...]
    tails: tuple[str, ...]
    paragraph: str
    description: str
    same_label: bool = False

    def allows(self, head: str, tail: str) -> bool:
        """Whether a mention labelled ``head`` may stand in this relation to one labelled ``tail``."""
        return head in self.heads and tail in self.tails and (head == tail or not self.same_label)


class AttributeType(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entity attribute: its values (a list, a full-match pattern, or any of the type)."""

    name: str
    type: Literal["string", "number"]
    required: bool
    paragraph: str
    description: str
    values: tuple[str, ...] = ()
    pattern: str | None = None


class Scheme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole scheme, in the order of the guideline's tables.

    ``guidelines`` is the version it belongs to, ``superseded`` are the versions that raw layers may follow.
    """

    guidelines: str
    superseded: tuple[str, ...]
    labels: tuple[LabelType, ...]
    relations: tuple[RelationType, ...]
    attributes: tuple[AttributeType, ...]

    def label(self, name: str) -> LabelType | None:
        """The label of that name, or None."""
        return _by_name(self.labels).get(name)  # type: ignore[return-value]

    def relation(self, name: str) -> RelationType | None:
        """The relation type of that name, or None."""
        return _by_name(self.relations).get(name)  # type: ignore[return-value]

    def attribute(self, name: str) -> AttributeType | None:
        """The attribute of that name, or None."""
        return _by_name(self.attributes).get(name)  # type: ignore[return-value]

    @property
    def label_names(self) -> tuple[str, ...]:
        """Names of all labels in scheme order."""
        return tuple(label.name for label in self.labels)

    @property
    def relation_names(self) -> tuple[str, ...]:
        """Names of all relation types in scheme order."""
        return tuple(relation.name for relation in self.relations)

    @property
    def value_labels(self) -> frozenset[str]:
        """Labels whose mentions are values (MONEY, QUANTITY, DATE), not names or descriptions (guideline 2.3)."""
        return frozenset(label.name for label in self.labels if label.forms == ("value",))


@cache
def _by_name(
    types: tuple[LabelType, ...] | tuple[RelationType, ...] | tuple[AttributeType, ...],
) -> dict[str, LabelType | RelationType | AttributeType]:
    return {each.name: each for each in types}


@cache
def scheme() -> Scheme:
    """The scheme of this release."""
    return msgspec.json.decode((PACKAGE / "annotations" / "scheme.json").read_bytes(), type=Scheme)
