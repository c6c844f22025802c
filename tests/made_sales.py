"""Small made documents about sales, with their gold, for systems to learn."""

from __future__ import annotations

import msgspec
from armsbench.annotations.annotation import Annotation
from armsbench.corpus.document import Document, Region

from .marked import marked

BYLINE = "By Norway Boeing\n\n"

TEMPLATES = (
    "{{m1 GPE e1|GPE}} - {{m2 WEAPON e2|ITEM}}\n\n"
    "The {{m3 GOV_BODY e3|Defense Agency}} notified {{m4 GOV_BODY e4|Congress}} {{m5 DATE e5|today}} of a"
    " {{m6 DEAL e6|possible sale}} to {{m7 GPE e1|GPE}} of {{m8 QUANTITY e7|COUNT}} {{m9 WEAPON e2|ITEM}} for"
    " {{m10 MONEY e8|$COUNT million}}. The contractor will be {{m11 COMPANY e9|FIRM}} in {{m12 LOCATION e10|PLACE}}."
    "\n\n%% entities\ne6 kind=sale status=proposed\n%% relations\nitem m6 m9\nrecipient m6 m7\nquantity m9 m8\n"
    "value m6 m10\nnotified_to m6 m4\ndated m6 m5\ncontractor m6 m11\nlocated_in m11 m12\n",
    "{{m1 GPE e1|GPE}} gets {{m2 WEAPON e2|ITEM}}\n\n"
    "On {{m3 DATE e3|Monday}} {{m4 GPE e1|GPE}} bought {{m5 QUANTITY e4|COUNT}} {{m6 WEAPON e2|ITEM}} from"
    " {{m7 COMPANY e5|FIRM}}. The {{m8 DEAL e6|deal}} is worth {{m9 MONEY e7|$COUNT million}}, said the firm of"
    " {{m10 LOCATION e8|PLACE}}.\n\n%% entities\ne6 kind=sale status=contracted\n%% relations\nitem m8 m6\n"
    "recipient m8 m4\nsupplier m8 m7\nvalue m8 m9\nquantity m6 m5\n",
)
FILLINGS = (
    ("Norway", "AIM-9X missiles", "20", "Raytheon Company", "Tucson, Arizona"),
    ("Latvia", "M142 launchers", "six", "Lockheed Martin", "Camden, Arkansas"),
    ("Kuwait", "F-16 aircraft", "1,200", "Boeing Company", "St. Louis, Missouri"),
)


def made_sale(number: int) -> tuple[Document, Annotation]:
    """A small text about a sale, with headline, byline and body, and its gold; each number another."""
    country, item, count, firm, place = FILLINGS[number % len(FILLINGS)]
    inline = TEMPLATES[number % len(TEMPLATES)].replace("\n\n", f"\n\n{BYLINE}", 1)
    for name, filling in (("|GPE", country), ("|ITEM", item), ("COUNT", count), ("|FIRM", firm), ("|PLACE", place)):
        inline = inline.replace(name, "|" * name.startswith("|") + filling)
    document, gold = marked(inline, f"made-{number}")
    body = document.text.index(BYLINE) + len(BYLINE)
    ends = [0, body - len(BYLINE), body, len(document.text)]
    regions = (Region("headline", *ends[:2]), Region("byline", *ends[1:3]), Region("body", *ends[2:]))
    return msgspec.structs.replace(document, regions=regions), gold
