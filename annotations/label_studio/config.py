"""The labelling configuration for Label Studio, made from the scheme.

Every mention is a region of the text with one label. What belongs to a mention or its entity stands in fields of the
region; which fields a label has, the scheme says, and only those are shown. The names of the controls are what
:mod:`.tasks` writes and reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as Xml

from ..scheme import AttributeType, Form, LabelType, scheme

TEXT = "text"
LABEL = "label"
REGION = "region"
ENTITY = "entity"
NAME = "name"
DOUBTS = "doubts"
FORM = "form"

REGION_KINDS = ("headline", "caption", "byline", "furniture")
"""Kinds of region that are shown; the rest of a document is body."""

NEW_FIELDS = (ENTITY, NAME)

LOOK: dict[str, tuple[str, str]] = {
    "GPE": ("g", "#4c78a8"),
    "GOV_BODY": ("b", "#72b7b2"),
    "MILITARY": ("m", "#54a24b"),
    "COMPANY": ("c", "#b279a2"),
    "ORGANIZATION": ("o", "#9ecae9"),
    "PERSON": ("p", "#ff9da6"),
    "WEAPON": ("w", "#e45756"),
    "SUPPORT": ("s", "#f2a17e"),
    "LAW": ("l", "#9d755d"),
    "LOCATION": ("a", "#88d27a"),
    "MONEY": ("y", "#b79a20"),
    "QUANTITY": ("q", "#d67195"),
    "DATE": ("t", "#79706e"),
    "DEAL": ("d", "#f58518"),
}
"""Key and colour of each label."""

SHADES = {"headline": "#d9e6f2", "caption": "#e6f2d9", "byline": "#d0d0d0", "furniture": "#d0d0d0"}

# Without pre-wrap the browser folds double spaces, and an annotator would not see what the offsets count. The editor
# puts a prefix before the names of its classes.
_TEXT_CLASS = '[class*="htx-richtext"]'
STYLE = f"{_TEXT_CLASS}, {_TEXT_CLASS} * {{ white-space: pre-wrap; line-height: 2.1; }}"

HINTS = {
    ENTITY: "the same for all mentions of one thing: e1, e2 ... or any short word",
    NAME: "how a person would call the entity; once is enough",
    DOUBTS: "what the guideline does not settle, one doubt a line",
}


def label_config() -> str:
    """The labelling configuration as XML, for any project that takes our tasks."""
    view = Xml.Element("View")
    Xml.SubElement(view, "Style").text = STYLE
    Xml.SubElement(view, "Header", value="$title", size="4")
    Xml.SubElement(view, "Header", value="$advice", size="6")
    _labels(view)
    # The regions of the document come with the task; nobody draws them, so their buttons are hidden.
    hidden = Xml.SubElement(view, "View", style="display: none")
    regions = Xml.SubElement(hidden, "Labels", name=REGION, toName=TEXT, opacity="0.4")
    for kind in REGION_KINDS:
        Xml.SubElement(regions, "Label", value=kind, background=SHADES[kind])
    relations = Xml.SubElement(view, "Relations")
    for relation in scheme().relations:
        Xml.SubElement(relations, "Relation", value=relation.name)
    columns = Xml.SubElement(view, "View", style="display: flex; gap: 1.5em; align-items: flex-start")
    left = Xml.SubElement(columns, "View", style="flex: 1; min-width: 0")
    Xml.SubElement(left, "Text", name=TEXT, value="$text", granularity="symbol", showLabels="true")
    right = Xml.SubElement(columns, "View", style="width: 17em; flex: none; position: sticky; top: 7em")
    _fields(right)
    Xml.SubElement(right, "Header", value="Doubts about this document", size="6")
    Xml.SubElement(right, "TextArea", name=DOUBTS, toName=TEXT, rows="2", editable="true", placeholder=HINTS[DOUBTS])
    Xml.indent(view)
    return Xml.tostring(view, encoding="unicode") + "\n"


def form_control(label: LabelType) -> str | None:
    """The name of the field that holds the form of a mention; None if the label has only one form."""
    return f"{FORM}_{'_'.join(label.forms)}" if len(label.forms) > 1 else None


def _labels(view: Xml.Element) -> None:
    style = "position: sticky; top: 0; z-index: 5; background: var(--color-neutral-background, white); padding: 0.3em 0"
    sticky = Xml.SubElement(view, "View", style=style)
    labels = Xml.SubElement(sticky, "Labels", name=LABEL, toName=TEXT, showInline="true")
    for label in scheme().labels:
        hotkey, colour = LOOK[label.name]
        hint = f"{label.description} (guideline {label.paragraph})"
        Xml.SubElement(labels, "Label", value=label.name, hotkey=hotkey, background=colour, hint=hint)


def _fields(parent: Xml.Element) -> None:
    by_forms: dict[str, list[LabelType]] = {}
    for label in scheme().labels:
        control = form_control(label)
        if control is not None:
            by_forms.setdefault(control, []).append(label)
    for control, labels in by_forms.items():
        box = _box(parent, "form", [label.name for label in labels])
        _choices(box, control, labels[0].forms, [label.name for label in labels])
    box = _box(parent, "entity", None)
    _line(box, ENTITY, HINTS[ENTITY], None)
    for attribute in scheme().attributes:
        labels_with = [label.name for label in scheme().labels if attribute.name in label.attributes]
        box = _box(parent, attribute.name, labels_with)
        if attribute.values:
            _choices(box, attribute.name, attribute.values, labels_with)
        else:
            _line(box, attribute.name, _hint(attribute), labels_with)
    box = _box(parent, "name of the entity", None)
    _line(box, NAME, HINTS[NAME], None)


def _box(parent: Xml.Element, title: str, labels: list[str] | None) -> Xml.Element:
    """A titled part that shows while a region of one of ``labels`` (None: of any label) is selected."""
    box = Xml.SubElement(parent, "View", {"visibleWhen": "region-selected", **_when(labels)})
    Xml.SubElement(box, "Header", value=title, size="6")
    return box


def _when(labels: list[str] | None) -> dict[str, str]:
    names = scheme().label_names if labels is None else labels
    return {"whenTagName": LABEL, "whenLabelValue": ",".join(names)}


def _choices(parent: Xml.Element, name: str, values: Iterable[Form | str], labels: list[str]) -> None:
    shown = {"choice": "single-radio", "showInline": "true", **_when(labels)}
    choices = Xml.SubElement(parent, "Choices", {"name": name, "toName": TEXT, "perRegion": "true", **shown})
    for value in values:
        Xml.SubElement(choices, "Choice", value=value)


def _line(parent: Xml.Element, name: str, hint: str, labels: list[str] | None) -> None:
    """A field of one line that holds one value."""
    shown = {"placeholder": hint, "rows": "1", "maxSubmissions": "1", "editable": "true", **_when(labels)}
    Xml.SubElement(parent, "TextArea", {"name": name, "toName": TEXT, "perRegion": "true", **shown})


def _hint(attribute: AttributeType) -> str:
    return f"{attribute.description} ({attribute.paragraph})"
