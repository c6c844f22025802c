"""Documents and annotations written as marked-up text, so that a test reads as a person reads."""

from __future__ import annotations

import re

from armsbench import Annotation, Document
from armsbench.annotations.inline import annotation_from_inline

from .conftest import make_document

_MARK = re.compile(r"\{\{[^|{}]*\|(.*?)\}\}", re.S)


def marked(inline: str, doc_id: str = "article-001") -> tuple[Document, Annotation]:
    """The document and the annotation that marked-up text (see annotations/inline.py) holds."""
    text = _MARK.sub(r"\1", inline.split("\n%% ")[0].rstrip("\n"))
    document = make_document(text, doc_id)
    return document, annotation_from_inline(document, inline)


DEAL = """{{m1 GPE e1|Latvia}} signed a {{m2 DEAL e2|contract}} for {{m3 QUANTITY e3|six}} {{m4 WEAPON e4|HIMARS}} \
launchers worth {{m5 MONEY e5|$180 million}} with {{m6 COMPANY e6|Lockheed Martin}} on {{m7 DATE e7|15 December 2023}}.

%% entities
e1 iso3=LVA
e2 kind=sale status=contracted
e3 number=6 modifier=exact
e5 amount=180000000 currency=USD modifier=exact
e7 iso=2023-12-15
%% relations
recipient m2 m1
item m2 m4
quantity m4 m3
value m2 m5
contractor m2 m6
dated m2 m7
"""
