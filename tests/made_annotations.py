"""Random documents with finished annotations, for properties of conversions: hypothesis strategies."""

from __future__ import annotations

import itertools
from typing import Any, get_args

from armsbench import Annotation, Attributes, Document, Entity, Mention, Region, Relation
from armsbench.annotations.inline import entity_name
from armsbench.annotations.scheme import scheme
from armsbench.corpus.document import RegionKind
from hypothesis import strategies as st

from .conftest import make_document

# Emoji beyond the basic plane, a flag of two code points, a family joined by a zero-width joiner, combining accents,
# CR LF, a lone CR, double spaces, a no-break space, right-to-left letters, and what HTML and JSON take for their own.
PIECES = st.sampled_from(
    [
        *("a", "Ab", " ", "  ", "\n", "\r\n", "\r", "\t", "\u00a0", "\u2028", "\ufeff", "ß", "\u05d0", "e\u0301"),
        *("\U0001f680", "\U0001f1fa\U0001f1f8", "\U0001f468\u200d\U0001f469", "\U00010348"),
        *("<b>", "&amp;", "\\n", '"', "'", "{"),
    ]
)
TEXTS = st.lists(PIECES, min_size=1, max_size=60).map("".join)
LINES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=20).filter(
    lambda line: line == line.strip()
)
NUMBERS = st.integers(-(10**18), 10**18) | st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def finished(draw: st.DrawFn, doc_id: str = "article-001") -> tuple[Document, Annotation]:
    """A document and a finished annotation of it: flat mentions with forms and entities, every entity named."""
    text = draw(TEXTS)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=16)))
    mentions: list[Mention] = []
    for i, (start, end) in enumerate(zip(cuts[::2], cuts[1::2], strict=False)):
        label = draw(st.sampled_from(scheme().labels))
        entity = draw(st.sampled_from([f"e{i}", f"e{i // 2}", "deal-a"]))
        form = draw(st.sampled_from(label.forms))
        mentions.append(Mention(id=f"m{i + 3}", start=start, end=end, label=label.name, form=form, entity=entity))
    members: dict[str, list[Mention]] = {}
    for mention in mentions:
        members.setdefault(mention.entity or "", []).append(mention)
    entities = []
    for entity_id, its in members.items():
        name = draw(st.sampled_from([entity_name(its, text)]) | LINES)
        attributes = _attributes(draw, its[0].label)
        entities.append(Entity(id=entity_id, label=its[0].label, name=name, attributes=attributes))
    ids = [mention.id for mention in mentions]
    pairs = draw(st.lists(st.tuples(st.sampled_from(ids), st.sampled_from(ids)), max_size=6)) if ids else []
    names = st.sampled_from(scheme().relation_names)
    relations = tuple(
        Relation(label=label, head=head, tail=tail)
        for head, tail in dict.fromkeys(pairs)
        for label in draw(st.lists(names, min_size=1, max_size=3, unique=True))
    )
    annotation = Annotation(
        doc_id=doc_id, mentions=tuple(mentions), entities=tuple(entities), relations=tuple(relations)
    )
    return make_document(text, doc_id, regions=_regions(draw, len(text))), annotation


def _attributes(draw: st.DrawFn, label: str) -> Attributes:
    known = scheme().label(label)
    assert known is not None
    values: dict[str, Any] = {}
    for name in known.attributes:
        attribute = scheme().attribute(name)
        assert attribute is not None
        if draw(st.booleans()):
            text = st.sampled_from(attribute.values) if attribute.values else LINES
            values[name] = draw(NUMBERS if attribute.type == "number" else text)
    return Attributes(**values)


def _regions(draw: st.DrawFn, length: int) -> tuple[Region, ...]:
    cuts = sorted({0, length, *draw(st.sets(st.integers(1, length), max_size=3))})
    kinds = st.sampled_from(get_args(RegionKind))
    return tuple(Region(draw(kinds), a, b) for a, b in itertools.pairwise(cuts))
