"""The records of an annotation, gold or predicted: one type for both, so one code path scores, diffs and publishes.

A layer that is absent (None) was not annotated; an empty list says that nothing was found.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from .scheme import Form


class _Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """Strict: an unknown field or a wrong type is an error that names its path."""


class Mention(_Record, frozen=True, kw_only=True):
    """One stretch of text that names or describes something, e.g. "M777 howitzers" as WEAPON (guideline 2).

    Offsets count Unicode code points of the document text and are half-open: ``text[start:end]`` is the surface
    form. ``id`` is a handle within the document. ``form`` is how it refers (guideline 2.3); ``entity`` is the id of
    the entity it belongs to. Both may be left out of a prediction.
    """

    id: str
    start: int
    end: int
    label: str
    form: Form | None = None
    entity: str | None = None

    @property
    def entity_key(self) -> tuple[str, str]:
        """What tells its entity from others: the entity's id, or its own id where it belongs to none (a singleton)."""
        return ("mention", self.id) if self.entity is None else ("entity", self.entity)


class Attributes(_Record, frozen=True, kw_only=True):
    """Normalised values of an entity; which ones a label has, the scheme says (guideline 3.5). None: not given.

    ``amount`` is in whole units of ``currency`` (ISO 4217); ``iso`` is a day, month, week or year of ISO 8601;
    ``iso3`` an ISO 3166-1 alpha-3 code.
    """

    amount: int | float | None = None
    currency: str | None = None
    modifier: str | None = None
    number: int | float | None = None
    iso: str | None = None
    iso3: str | None = None
    kind: str | None = None
    status: str | None = None

    def given(self) -> dict[str, int | float | str]:
        """The attributes that are not None, by name in scheme order."""
        return {name: value for name in self.__struct_fields__ if (value := getattr(self, name)) is not None}


NO_ATTRIBUTES = Attributes()


class Entity(_Record, frozen=True, kw_only=True):
    """Mentions of one thing in one document (guideline 3). ``name`` is how a person would call it."""

    id: str
    label: str
    name: str | None = None
    attributes: Attributes = NO_ATTRIBUTES

    def __post_init__(self) -> None:
        """Let equal entities have equal JSON: msgspec leaves a default out only if it is the very same object."""
        if self.attributes == NO_ATTRIBUTES:
            msgspec.structs.force_setattr(self, "attributes", NO_ATTRIBUTES)


class Relation(_Record, frozen=True, kw_only=True):
    """A labelled, directed pair of mentions, by their ids (guideline 4)."""

    label: str
    head: str
    tail: str


class Filler(_Record, frozen=True, kw_only=True):
    """What fills a slot of a deal record: a name, for states also the ISO code.

    ``aliases`` are all surface forms of the entity in the text; only those of gold count when names are compared.
    """

    name: str
    iso3: str | None = None
    aliases: tuple[str, ...] = ()


class Amount(_Record, frozen=True, kw_only=True):
    """A sum of money in whole units of a currency."""

    amount: int | float
    currency: str
    modifier: str | None = None


class Count(_Record, frozen=True, kw_only=True):
    """A number of units."""

    number: int | float
    modifier: str | None = None


class Item(_Record, frozen=True, kw_only=True):
    """What is transferred, with what its own relations reach (guideline 5.1)."""

    name: str
    aliases: tuple[str, ...] = ()
    quantity: tuple[Count, ...] = ()
    value: tuple[Amount, ...] = ()
    contractor: tuple[Filler, ...] = ()
    manufacturer: tuple[Filler, ...] = ()
    for_platform: tuple[Filler, ...] = ()
    part_of: tuple[Filler, ...] = ()


class Deal(_Record, frozen=True, kw_only=True):
    """A deal record: who supplies what to whom, for how much, approved by whom (guideline 5).

    ``dated`` holds ISO 8601 dates, ``part_of`` ids of other records of the document. ``contractor`` holds the firms
    of the deal and of its items. Slots that the text does not fill are empty.
    """

    id: str
    name: str | None = None
    kind: str | None = None
    status: str | None = None
    supplier: tuple[Filler, ...] = ()
    recipient: tuple[Filler, ...] = ()
    item: tuple[Item, ...] = ()
    value: tuple[Amount, ...] = ()
    contractor: tuple[Filler, ...] = ()
    approved_by: tuple[Filler, ...] = ()
    notified_to: tuple[Filler, ...] = ()
    dated: tuple[str, ...] = ()
    under: tuple[Filler, ...] = ()
    part_of: tuple[str, ...] = ()
    for_platform: tuple[Filler, ...] = ()
    opposed_by: tuple[Filler, ...] = ()


class Provenance(_Record, frozen=True, kw_only=True):
    """Who or what made a layer, when, by which version of the guidelines, and what was doubtful.

    ``kind``: an ``annotator`` worked alone from the bare text; a ``reader`` went through an annotator's layer looking
    for what is missing or wrong; an ``adjudicator`` decided between layers. ``from_layers`` are the layers seen.
    ``canary`` stands with every annotation of a test document (:data:`armsbench.corpus.splits.CANARY`).
    """

    kind: Literal["annotator", "reader", "adjudicator"]
    annotator: str
    date: str
    guidelines: str
    human: bool = False
    from_layers: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    canary: str | None = None


class Annotation(_Record, frozen=True, kw_only=True):
    """Everything marked in one document, gold or predicted.

    ``deals`` is only for predictions of systems that make records without offsets; gold never holds it, since its
    records are computed (:func:`armsbench.annotations.deals.deal_records`).
    """

    doc_id: str
    provenance: Provenance | None = None
    mentions: tuple[Mention, ...] | None = None
    entities: tuple[Entity, ...] | None = None
    relations: tuple[Relation, ...] | None = None
    deals: tuple[Deal, ...] | None = None


decode_annotation = msgspec.json.Decoder(Annotation).decode
"""Decode the JSON of one annotation strictly; raises msgspec.ValidationError or msgspec.DecodeError."""


def encode_annotation(annotation: Annotation) -> bytes:
    """The JSON of ``annotation`` on one line, keys in record order, without a newline."""
    return msgspec.json.encode(annotation)


def format_annotation(annotation: Annotation) -> str:
    """The JSON of ``annotation`` as we keep it in files: one mention, entity, relation a line, so diffs read well."""
    fields = []
    for name in annotation.__struct_fields__:
        value = getattr(annotation, name)
        if value is None:
            continue
        if name in ("mentions", "entities", "relations", "deals"):
            lines = ",\n".join("    " + msgspec.json.encode(record).decode() for record in value)
            fields.append(f'  "{name}": [\n{lines}\n  ]' if lines else f'  "{name}": []')
        else:
            fields.append(f'  "{name}": {msgspec.json.encode(value).decode()}')
    return "{\n" + ",\n".join(fields) + "\n}\n"
