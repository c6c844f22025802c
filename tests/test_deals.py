"""Deal records read off an annotation (guideline 5)."""

from __future__ import annotations

from armsbench import Annotation, Attributes, Document, Entity, Mention, Relation, deal_records

from .conftest import make_document
from .marked import DEAL, marked


def test_one_record_with_every_slot_that_the_text_fills() -> None:
    (deal,) = deal_records(*marked(DEAL))
    assert [f.iso3 for f in deal.recipient] == ["LVA"]
    assert [(i.name, [c.number for c in i.quantity]) for i in deal.item] == [("HIMARS", [6])]
    assert [(a.amount, a.currency) for a in deal.value] == [(180000000, "USD")]
    assert [f.name for f in deal.contractor] == ["Lockheed Martin"]
    assert deal.dated == ("2023-12-15",)
    assert (deal.kind, deal.status) == ("sale", "contracted")
    assert (deal.supplier, deal.approved_by, deal.part_of) == ((), (), ())


PACKAGE = """{{m1 GPE e1|Norway}} ordered a {{m2 DEAL e2|package}} from the {{m3 GPE e3|United States}}:
{{m4 DEAL e4|sale}} of {{m5 WEAPON e5|missiles}} built by {{m6 COMPANY e6|Raytheon}} for {{m7 MONEY e7|$5 million}};
{{m8 MONEY e8|$9 million}} in all.

%% entities
e1 iso3=NOR
e2 kind=sale status=contracted
e3 iso3=USA
e7 amount=5000000 currency=USD modifier=exact
e8 amount=9000000 currency=USD modifier=exact
%% relations
recipient m2 m1
supplier m2 m3
part_of m4 m2
item m4 m5
contractor m5 m6
value m4 m7
value m2 m8
"""


def test_a_part_inherits_from_its_package_what_it_lacks() -> None:
    package, part = deal_records(*marked(PACKAGE))
    assert part.part_of == (package.id,)
    assert [f.iso3 for f in part.recipient] == ["NOR"]
    assert [f.iso3 for f in part.supplier] == ["USA"]
    assert part.status == "contracted"


def test_a_part_inherits_neither_value_nor_kind_nor_items() -> None:
    package, part = deal_records(*marked(PACKAGE))
    assert [a.amount for a in part.value] == [5000000]
    assert [a.amount for a in package.value] == [9000000]
    assert part.kind is None
    assert package.item == ()


def test_the_firm_of_an_item_is_a_contractor_of_the_deal() -> None:
    _, part = deal_records(*marked(PACKAGE))
    assert [f.name for f in part.contractor] == ["Raytheon"]
    assert [f.name for f in part.item[0].contractor] == ["Raytheon"]


def test_packages_in_a_circle_end() -> None:
    records = deal_records(*marked(PACKAGE + "part_of m2 m4\n"))
    assert len(records) == 2


def chain(links: list[tuple[int, int]], size: int) -> tuple[Document, Annotation]:
    """``size`` deals of one mention each, the first with a status, tied by ``part_of`` links (part, package)."""
    document = make_document("x" * size)
    annotation = Annotation(
        doc_id=document.id,
        mentions=tuple(Mention(id=f"m{i}", start=i, end=i + 1, label="DEAL", entity=f"e{i}") for i in range(size)),
        entities=tuple(
            Entity(id=f"e{i}", label="DEAL", attributes=Attributes(status=None if i else "approved"))
            for i in range(size)
        ),
        relations=tuple(Relation(label="part_of", head=f"m{a}", tail=f"m{b}") for a, b in links),
    )
    return document, annotation


def test_a_long_chain_of_parts_inherits_to_its_end() -> None:
    records = deal_records(*chain([(i + 1, i) for i in range(2999)], 3000))
    assert {deal.status for deal in records} == {"approved"}


def test_parts_all_of_each_other_end_soon() -> None:
    records = deal_records(*chain([(a, b) for a in range(40) for b in range(40) if a != b], 40))
    assert {deal.status for deal in records} == {"approved"}


def test_the_nearest_package_gives() -> None:
    text = "{{m1 DEAL e1|far}} {{m2 DEAL e2|near}} {{m3 DEAL e3|part}}\n\n"
    text += "%% entities\ne1 status=proposed\ne2 status=approved\n%% relations\npart_of m2 m1\npart_of m3 m2\n"
    assert [deal.status for deal in deal_records(*marked(text))] == ["proposed", "approved", "approved"]


def test_a_mention_without_entity_is_not_the_entity_of_the_same_id() -> None:
    document = make_document("xy")
    annotation = Annotation(
        doc_id=document.id,
        mentions=(
            Mention(id="a", start=0, end=1, label="DEAL"),
            Mention(id="b", start=1, end=2, label="DEAL", entity="a"),
        ),
        entities=(Entity(id="a", label="DEAL"),),
        relations=(),
    )
    assert len({deal.id for deal in deal_records(document, annotation)}) == 2


def test_an_alias_is_no_second_filler() -> None:
    twice = DEAL.replace("launchers worth", "launchers ({{m8 GPE e1|Riga}}) worth") + "recipient m2 m8\n"
    (deal,) = deal_records(*marked(twice))
    assert [f.aliases for f in deal.recipient] == [("Latvia", "Riga")]


def test_without_relations_there_are_no_fillers() -> None:
    document, annotation = marked(DEAL.split("%% relations")[0])
    (deal,) = deal_records(document, annotation)
    assert (deal.recipient, deal.item) == ((), ())
