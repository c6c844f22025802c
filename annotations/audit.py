"""Consistency checks over the whole release, after adjudication: places where gold contradicts itself or the text.

CleanCoNLL (Rücker and Akbik 2023) showed how many labels such checks can mend in a dataset thought finished. They do
not say what is right: every finding is looked at, and mended or kept with a reason
(:mod:`armsbench.annotations.findings`).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from ..corpus.diversity import SENTENCE_END
from ..corpus.document import Document
from .annotation import Annotation, Deal, Entity, Mention
from .countries import countries
from .deals import deal_records, entity_views
from .findings import Finding

LABELS = "labels"
"""The check that compares documents; those of CHECKS look at one."""

TOLERANCE = 0.01
"""Relative difference up to which the parts of a package sum to it."""

Check = Callable[[Document, Annotation], Iterator[tuple[str, str]]]


def audit(documents: Iterable[Document], gold: Mapping[str, Annotation]) -> list[Finding]:
    """The findings of every check over ``documents`` and their gold, in order of documents within each check."""
    documents = list(documents)
    findings = [
        Finding(check=name, doc_id=document.id, key=key, message=message)
        for name, check in CHECKS.items()
        for document in documents
        for key, message in check(document, gold[document.id])
    ]
    return [*findings, *_label_findings(documents, gold)]


def _label_findings(documents: Iterable[Document], gold: Mapping[str, Annotation]) -> Iterator[Finding]:
    """The same words between the same neighbours, marked otherwise than in two places or more."""
    seen: dict[tuple[str, str, str], list[tuple[Document, Mention | None]]] = defaultdict(list)
    documents = list(documents)
    for document in documents:
        for mention in gold[document.id].mentions or ():
            seen[_context(document.text, mention.start, mention.end)].append((document, mention))
    surfaces = Counter(surface for surface, _, _ in seen)
    for document in documents:
        covered = bytearray(len(document.text))
        for m in gold[document.id].mentions or ():
            covered[m.start : m.end] = b"\1" * (m.end - m.start)
        for start, end in _unmarked(document, covered, surfaces):
            context = _context(document.text, start, end)
            if context in seen:
                seen[context].append((document, None))
    for (surface, before, after), places in seen.items():
        labels = Counter("unmarked" if m is None else m.label for _, m in places)
        if len(labels) < 2:
            continue
        usual = labels.most_common(1)[0][0]
        if labels[usual] < 2:
            continue  # of two places that differ neither is the odd one
        for document, found in places:
            label = "unmarked" if found is None else found.label
            if label != usual:
                yield Finding(
                    check=LABELS,
                    doc_id=document.id,
                    key=f"{before} [{surface}] {after}".strip(),
                    message=f"{label} here, {usual} in {labels[usual]} of {len(places)} places with these neighbours",
                )


def _unmarked(document: Document, covered: bytearray, surfaces: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    """Unmarked runs of up to five words in the annotated regions that read like a mention somewhere else."""
    for region in document.annotated_regions():
        words = [m.span() for m in re.finditer(r"\w+(?:[-./'’]\w+)*", document.text[region.start : region.end])]
        spans = [(region.start + a, region.start + b) for a, b in words]
        for i, (start, _) in enumerate(spans):
            for _, end in spans[i : i + 5]:
                if not any(covered[start:end]) and _folded(document.text[start:end]) in surfaces:
                    yield start, end


def _folded(surface: str) -> str:
    return " ".join(surface.split()).casefold()


def _context(text: str, start: int, end: int) -> tuple[str, str, str]:
    """A surface in lower case with the word before and the word after it, figures masked."""
    before = re.search(r"\S*\s*$", text[max(0, start - 40) : start])
    after = re.match(r"\s*\S*", text[end : end + 40])
    shown = [re.sub(r"\d", "#", _folded(match[0])) if match else "" for match in (before, after)]
    return _folded(text[start:end]), shown[0], shown[1]


def _items_without_deal(document: Document, annotation: Annotation) -> Iterator[tuple[str, str]]:
    """A counted WEAPON or SUPPORT that no DEAL transfers, and that belongs to nothing that one transfers (4.4)."""
    reached = _links(annotation)
    for entity_id, view in entity_views(document, annotation).items():
        counted = view.entity.label in ("WEAPON", "SUPPORT") and ("quantity", "head") in reached[entity_id]
        if counted and not reached[entity_id] & {("item", "tail"), ("part_of", "head"), ("for_platform", "tail")}:
            yield f"{view.entity.name!r}", "counted, but item of no deal, part of nothing and no platform (4.4)"


def _money_without_value(document: Document, annotation: Annotation) -> Iterator[tuple[str, str]]:
    """A MONEY in a sentence with a DEAL, and without relation (4)."""
    reached = _links(annotation)
    deals = [m for m in annotation.mentions or () if m.label == "DEAL"]
    for entity_id, view in entity_views(document, annotation).items():
        loose = view.entity.label == "MONEY" and ("value", "tail") not in reached[entity_id]
        if loose and any(_same_sentence(document.text, m, deal) for m in view.mentions for deal in deals):
            yield f"{view.entity.name!r}", "an amount in the sentence of a deal, but the value of nothing (4)"


def _deal_without_recipient(document: Document, annotation: Annotation) -> Iterator[tuple[str, str]]:
    for record in deal_records(document, annotation):
        if not record.recipient:
            yield f"{record.name!r}", "a deal without recipient, also through its package (4.1)"


def _parts_and_package(document: Document, annotation: Annotation) -> Iterator[tuple[str, str]]:
    """The values of all parts of a package, where each has one in its currency, against the package's (4.5)."""
    records = deal_records(document, annotation)
    for package in records:
        parts = [r for r in records if package.id in r.part_of]
        if len(parts) < 2 or not package.value:
            continue
        currency = package.value[0].currency
        values = [_sole(part, currency) for part in parts]
        if all(v is not None for v in values):
            total = sum(v for v in values if v is not None)
            if not any(abs(total - v.amount) <= TOLERANCE * v.amount for v in package.value if v.currency == currency):
                amounts = ", ".join(f"{v.amount:,}" for v in package.value)
                yield f"{package.name!r}", f"parts sum to {total:,} {currency}, the package is {amounts} (4.5)"


def _sole(record: Deal, currency: str) -> float | None:
    amounts = [v.amount for v in record.value if v.currency == currency]
    return float(amounts[0]) if len(amounts) == 1 else None


def _attributes_and_text(document: Document, annotation: Annotation) -> Iterator[tuple[str, str]]:
    """Attributes that say something else than their mentions: amounts, numbers, dates, states (3.5)."""
    for view in entity_views(document, annotation).values():
        for mention in view.mentions:
            surface = document.text[mention.start : mention.end]
            if message := _contradiction(view.entity, surface):
                yield f"{surface!r}", message
                break


_SCALES = {"thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "mn": 1e6, "billion": 1e9, "bn": 1e9, "b": 1e9}
_SCALES |= {"trillion": 1e12, "tn": 1e12, "trn": 1e12, "lakh": 1e5, "crore": 1e7}
_NUMBER = re.compile(r"(\d[\d,]*(?:\.\d+)?)[\s-]*([a-z]+)?", re.I)
_DAY = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)?\b(?!,?\d)")
_YEAR = re.compile(r"\b((?:19|20)\d\d)\b")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def _contradiction(entity: Entity, surface: str) -> str | None:
    attributes = entity.attributes
    if entity.label in ("MONEY", "QUANTITY"):
        given = attributes.amount if entity.label == "MONEY" else attributes.number
        stated = _stated(surface)
        if given is not None and stated is not None and abs(given - stated) > 1e-6 * max(1.0, stated):
            return f"reads {stated:,.10g}, but its attribute is {given:,} (3.5)"
    if entity.label == "DATE" and attributes.iso:
        year = _YEAR.search(surface)
        if year and year[1] != attributes.iso[:4] and "fiscal" not in surface.lower():
            return f"names {year[1]}, but its attribute is {attributes.iso} (3.5)"
        month = next((i for i, m in enumerate(_MONTHS, 1) if re.search(rf"\b{m}", surface, re.I)), None)
        if month and re.fullmatch(r"\d{4}-\d\d.*", attributes.iso) and int(attributes.iso[5:7]) != month:
            return f"names month {month}, but its attribute is {attributes.iso} (3.5)"
    if entity.label == "GPE" and attributes.iso3:
        word = surface.casefold()
        named = {c.iso3 for c in countries() if word in {w.casefold() for w in (c.name, *c.aliases, *c.demonyms)}}
        if named and attributes.iso3 not in named:
            return f"names {', '.join(sorted(named))}, but its attribute is {attributes.iso3} (3.5)"
    return None


def _stated(surface: str) -> float | None:
    """The number that a surface prints in digits, with its scale word; None where it holds none or several."""
    found = _NUMBER.findall(surface.replace("\u00a0", " "))
    if len(found) != 1:
        return None
    digits, scale = found[0]
    if digits.count(",") and not re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits):
        return None
    return float(digits.replace(",", "")) * _SCALES.get(scale.lower(), 1.0)


def _links(annotation: Annotation) -> dict[str, set[tuple[str, str]]]:
    """For every entity the relation labels that reach it, each with the end at which it stands."""
    entity_of = {m.id: m.entity or m.id for m in annotation.mentions or ()}
    reached: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for relation in annotation.relations or ():
        reached[entity_of[relation.head]].add((relation.label, "head"))
        reached[entity_of[relation.tail]].add((relation.label, "tail"))
    return reached


def _same_sentence(text: str, one: Mention, other: Mention) -> bool:
    first, second = sorted((one, other), key=lambda m: m.start)
    return SENTENCE_END.search(text[first.end : second.start]) is None


CHECKS: dict[str, Check] = {
    "items": _items_without_deal,
    "money": _money_without_value,
    "recipient": _deal_without_recipient,
    "parts": _parts_and_package,
    "attributes": _attributes_and_text,
}
"""The checks that look at one document."""
