"""Relations by rule, sentence by sentence, from what stands between and around two mentions (guideline 4)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from ...annotations.annotation import Mention, Relation
from ...annotations.scheme import scheme
from ..sentences import US_PROGRAMME, sentence_starts
from ..values import country_code
from .reading import Reading

Pair = tuple[str, Mention, Mention]


def find_relations(reading: Reading) -> tuple[Relation, ...]:
    """Relations that the rules see, each once between two entities, in order of the rules and of the text."""
    found: dict[tuple[str, str | None, str | None], Relation] = {}
    for rule in RULES:
        for label, head, tail in rule(reading):
            known = scheme().relation(label)
            if known is None or not known.allows(head.label, tail.label) or head.entity == tail.entity:
                continue
            found.setdefault((label, head.entity, tail.entity), Relation(label=label, head=head.id, tail=tail.id))
    return tuple(found.values())


def _each(reading: Reading, *labels: str) -> Iterator[tuple[int, Mention]]:
    for number, mentions in reading.sentences.items():
        for mention in mentions:
            if mention.label in labels:
                yield number, mention


_ABSORBS = re.compile(r"\babsorb\w*")


def absorber(reading: Reading) -> Iterator[Pair]:
    """The force that will absorb the items, or into which its state will (guideline 6.15)."""
    for number, m in _each(reading, "MILITARY"):
        deal = reading.deal_for(number, m.start)
        after = reading.text[m.end : m.end + 60]
        subject = re.match(r"\s+(?:will|would|should)\b[^.]{0,40}?\babsorb", after)
        into = re.search(r"\binto\s+(?:its|their|his)\s+$", reading.text[max(0, m.start - 15) : m.start])
        if deal is not None and reading.says(number, _ABSORBS) and (subject or into):
            yield "recipient", deal, m


_GIVES = re.compile(
    r"\s+(?:(?:will|would|has|have|to|is)\s+)?(?:sell|suppl|deliver|provid|send|donat|export|sold|gave)\w*"
)


def supplier(reading: Reading) -> Iterator[Pair]:
    """The United States, where its sales programme is named; else who "sells", "supplies" or "gives" (4.2)."""
    us = reading.state("USA")
    if US_PROGRAMME.search(reading.text) and us is not None:
        yield from (("supplier", deal, us) for deal in reading.deals)
        return
    deals = {number: _one_each(mentions, "DEAL") for number, mentions in reading.sentences.items()}
    for number, m in _each(reading, "GPE", "COMPANY", "GOV_BODY"):
        before = reading.text[max(0, m.start - 25) : m.start]
        if _GIVES.match(reading.text[m.end : m.end + 40]) or re.search(r"\b(?:from|by)\s+(?:the\s+)?$", before):
            yield from (("supplier", deal, m) for deal in deals[number])


def _one_each(mentions: Iterable[Mention], label: str) -> list[Mention]:
    """The first mention of each entity of ``label``."""
    first: dict[str | None, Mention] = {}
    for m in mentions:
        if m.label == label:
            first.setdefault(m.entity, m)
    return list(first.values())


_TO = re.compile(r"^(?:\w+\s+){0,4}?(?:to|for|with)\s+(?:the\s+|its\s+)?$")
_REQUEST = re.compile(
    r"^\s+(?:\([A-Z]+\)\s+)?(?:has|have|had)?\s*(?:also\s+)?(?:request|asked|is\s+seeking|sought|ordered|signed"
    r"|bought|purchas|will\s+buy"
    r"|would\s+(?:buy|receive|get)|wants|could\s+take|plans\s+to\s+buy|is\s+to\s+(?:buy|receive)|received|is\s+buying)"
)


_BUYER = re.compile(r"recipient|purchaser|buyer|customer")
_OWNS_DEAL = re.compile(r"['’]s?(?: \w+)?|")


def recipient(reading: Reading) -> Iterator[Pair]:
    """Whom the deal phrase names behind "to", who requests or orders, whose the deal is, and "the recipient"."""
    for number, m in _each(reading, "GPE", "GOV_BODY", "MILITARY", "ORGANIZATION"):
        deal = reading.deal_for(number, m.start)
        if deal is None or (reading.notice and reading.code.get(m.entity or "") == "USA"):
            continue
        here = _first_here(reading, number) is not None
        told = here and deal.end <= m.start and _TO.match(reading.between(deal, m) + " ")
        asks = m.label in ("GPE", "GOV_BODY") and _REQUEST.match(reading.text[m.end : m.end + 60])
        described = here and m.label == "GPE" and m.form == "nominal" and _BUYER.search(reading.surface(m))
        owns = here and m.label in ("GPE", "MILITARY") and m.end <= deal.start
        if told or asks or described or (owns and _OWNS_DEAL.fullmatch(reading.between(m, deal))):
            yield "recipient", deal, m


def recipient_nearby(reading: Reading) -> Iterator[Pair]:
    """In news, for a deal that no phrase gives a recipient: the nearest state of its sentence but the United States."""
    if reading.notice:
        return
    known = {deal.entity for _, deal, _ in recipient(reading)}
    for mentions in reading.sentences.values():
        states = [m for m in mentions if m.label == "GPE" and reading.code.get(m.entity or "") != "USA"]
        for deal in mentions:
            if deal.label == "DEAL" and deal.entity not in known and states:
                at = bisect_left(states, deal.start, key=lambda m: m.start)
                yield "recipient", deal, min(states[max(0, at - 1) : at + 1], key=lambda m: abs(m.start - deal.start))


_LEGISLATURE = re.compile(r"\b(?:Congress|[Pp]arliament|Senate|House|lawmakers|Bundestag)\b")
_TELLS = re.compile(r"\b(?:notif\w*|told|put before|supplied|informed|notices?)\b")


def notified_to(reading: Reading) -> Iterator[Pair]:
    """The legislature that is "notified" or "told" (4.1)."""
    for number, m in _each(reading, "GOV_BODY"):
        deal = _first_here(reading, number) or reading.deal_for(number, m.start)
        told = _LEGISLATURE.search(reading.surface(m)) and reading.says(number, _TELLS)
        if deal is not None and told:
            yield "notified_to", deal, m


def _first_here(reading: Reading, number: int) -> Mention | None:
    return reading.first_deal.get(number)


def dated(reading: Reading) -> Iterator[Pair]:
    """Dates in the sentence of a deal; a dateline only where its sentence has no other date (4.1)."""
    for number, mentions in reading.sentences.items():
        dates = [m for m in mentions if m.label == "DATE"]
        deal = _first_here(reading, number)
        if not dates or deal is None:
            continue
        if reading.notice and not re.search(r"notified|requested|approved", reading.sentence(number)):
            continue
        behind = [m for m in dates if not _is_dateline(reading, m)]
        for m in behind or dates[:1]:
            nearest = reading.deal_for(number, m.start)
            yield "dated", nearest or deal, m


def _is_dateline(reading: Reading, date: Mention) -> bool:
    before = reading.text[max(0, date.start - 30) : date.start]
    return re.search(r"[A-Z]{3}[A-Z. ]*,\s+$", before) is not None


_COST = re.compile(r"\b(?:worth|costs?|costed|priced?|estimated?|valued?|put at|price tag|total)\b", re.I)


_PRICED = re.compile(
    r"\((?:just over|just under|about|roughly|nearly|up to|worth)?|(?:are|is)? ?worth(?: up to| about)?|at|, at"
)
_COSTING = re.compile(r"for (?:the |its |an? )?")


def value(reading: Reading) -> Iterator[Pair]:
    """A sum to the item that it stands beside, else to the deal of its sentence or of the one before (4.5)."""
    taken: set[str] = set()
    for earlier, later in pairwise(reading.mentions):
        between = reading.between(earlier, later)
        items = ("WEAPON", "SUPPORT")
        if reading.notice:
            continue
        if earlier.label in items and later.label == "MONEY" and _PRICED.fullmatch(between):
            taken.add(later.id)
            yield "value", earlier, later
        elif earlier.label == "MONEY" and later.label in items and _COSTING.fullmatch(between + " "):
            taken.add(earlier.id)
            yield "value", later, earlier
    for number, m in _each(reading, "MONEY"):
        deal = reading.deal_for(number, m.start)
        if deal is None or m.id in taken:
            continue
        here = _first_here(reading, number) is not None
        last = number - reading.sentence_of(deal) <= 1
        if reading.notice or here or (last and reading.says(number, _COST)):
            yield "value", deal, m


_COVERS = re.compile(
    r"(?:of|for|covers|covering|includes?|involves|comprises|would supply|brought|added)(?: [A-Z]\w+)?(?: with)?"
    r"(?: (?:the|these|those|its|up to|as many as|[\w,]+(?: \(\d+\))?)){0,3}"
)
_NOT_SOLD = re.compile(
    r"\b(?:already|existing|operates?|replac|displac|in service|compet|against|retir|fleet|instead of)\w*"
)


def item(reading: Reading) -> Iterator[Pair]:
    """Every element of a list, and what stands behind "sale of", to the deal of its sentence or the last (4.4).

    In news also items with a number, up to three sentences behind the deal, unless their sentence speaks of what is
    owned or replaced.
    """
    for number, m in _each(reading, "WEAPON", "SUPPORT"):
        deal = reading.deal_for(number, m.start)
        if deal is None:
            continue
        listed = (m.start, m.end) in reading.items.listed
        close = deal.end <= m.start and _COVERS.fullmatch(reading.between(deal, m))
        distance = number - reading.sentence_of(deal)
        likely = not reading.notice and _counted(reading, m) and distance <= 3
        if listed or close or (likely and not reading.says(number, _NOT_SOLD)):
            yield "item", deal, m


def _counted(reading: Reading, m: Mention) -> bool:
    number = reading.last_before("QUANTITY", m.start)
    return number is not None and m.start <= number.end + 12


def quantity(reading: Reading) -> Iterator[Pair]:
    """A number right before an item, or before the name of the weapon that the item belongs to (4.1, 6.4)."""
    owned = {platform: item for item, platform in reading.items.platforms if item[0] - platform[1] <= 2}
    for earlier, later in pairwise(reading.mentions):
        between = reading.between(earlier, later)
        near = re.fullmatch(r"\)?(?: ?\(\d[\d,]*\))?(?: ?(?:of|more|new|additional|other|the))*", between)
        if earlier.label == "QUANTITY" and near:
            item = reading.at.get(owned.get((later.start, later.end), (-1, -1)))
            yield "quantity", item or later, earlier


_CONTRACT = re.compile(
    r"\b(?:prime|principal|main)\s+contractors?\b|\bcontractors?\s+(?:will|would|are|is)\b|\bas contractor\b",
    re.I,
)
_PURCHASED = re.compile(r"(?:will|would)\s+be\s+(?:purchased|procured|supplied|provided)\s+(?:from|by)\s+$")


def contractor(reading: Reading) -> Iterator[Pair]:
    """Firms in a sentence about contractors, and in the lines of a list behind one (4.2)."""
    listing = False
    for number in range(len(sentence_starts(reading.document))):
        sentence = reading.sentence(number)
        contract = _CONTRACT.search(sentence) is not None
        listing = (listing and len(sentence) < 120 and "There are no" not in sentence) or (
            contract and sentence.rstrip().endswith(":")
        )
        for m in reading.sentences.get(number, ()):
            if m.label != "COMPANY" or not (
                contract or listing or _PURCHASED.search(reading.text[max(0, m.start - 30) : m.start])
            ):
                continue
            weapon = reading.last_before("WEAPON", m.start - 1)
            if not (contract or listing) and weapon is not None and reading.sentence_of(weapon) == number:
                yield "contractor", weapon, m
            elif (deal := reading.deal_for(number, m.start)) is not None:
                yield "contractor", deal, m


_MAKES = re.compile(r"(?:['’]s?)?(?: (?!(?:and|or|the|for|of|in|with|is|will|to)\b)[\w-]+){0,2}")
_MADE_BY = re.compile(r",?(?: ?(?:likewise|also))?(?: ?(?:made|built|produced|manufactured))? ?(?:by|from)")


def manufacturer(reading: Reading) -> Iterator[Pair]:
    """A firm right before a weapon, with or without a possessive, and "made by", "built by" (4.1)."""
    for earlier, later in pairwise(reading.mentions):
        between = reading.between(earlier, later)
        if earlier.label == "COMPANY" and later.label == "WEAPON" and _MAKES.fullmatch(between):
            yield "manufacturer", later, earlier
        elif earlier.label == "WEAPON" and later.label == "COMPANY" and _MADE_BY.fullmatch(between):
            yield "manufacturer", earlier, later


_APPROVED_BY = re.compile(r"(?:approved|cleared|authorized|sanctioned)\s+by\s+(?:the\s+)?$")
_APPROVES = re.compile(r"\s+(?:has\s+|had\s+)?(?:approv|clear|agreed|authori|sign(?:s|ed) off|green)|\s+approval\b")
_UNDER = re.compile(r"\b(?:under|in|expressed in|consistent with|pursuant to|through|requisitions)\s+(?:the\s+|a\s+)?$")


def approved_by(reading: Reading) -> Iterator[Pair]:
    """Who "approved" or "cleared" a deal of the sentence, and whose "approval" it names (4.1)."""
    for number, m in _each(reading, "GOV_BODY", "GPE", "PERSON"):
        deal = reading.deal_for(number, m.start)
        by = _APPROVED_BY.search(reading.text[max(0, m.start - 25) : m.start])
        if deal is not None and (by or _APPROVES.match(reading.text[m.end : m.end + 40])):
            yield "approved_by", deal, m


def under(reading: Reading) -> Iterator[Pair]:
    """Laws and programmes that a deal is "under", "in" or "consistent with" (4.1, 6.14)."""
    for number, m in _each(reading, "LAW"):
        deal = _first_here(reading, number)
        if deal is not None and _UNDER.search(reading.text[max(0, m.start - 60) : m.start]):
            yield "under", deal, m


def for_platform(reading: Reading) -> Iterator[Pair]:
    """What a list says to be for, of or in support of a system; if that is an item itself, it is part of it (4.3)."""
    sold = {reading.at[place].entity for place in reading.items.listed if place in reading.at}
    for head, tail in sorted(reading.items.platforms):
        if head in reading.at and tail in reading.at:
            part = reading.at[tail].entity in sold and reading.at[head].label == "WEAPON"
            yield "part_of" if part else "for_platform", reading.at[head], reading.at[tail]


def part_of(reading: Reading) -> Iterator[Pair]:
    """A weapon that a list names behind "with" is part of the weapon before (4.1)."""
    for part, whole in sorted(reading.items.inside):
        if part in reading.at and whole in reading.at:
            yield "part_of", reading.at[part], reading.at[whole]


_AT = re.compile(r"(?:\))?,?(?: ?(?:in|of|at|based in))?")
_OF_STATE = re.compile(r",? ?(?:in|of|based in)(?: the)?")


def located_in(reading: Reading) -> Iterator[Pair]:
    """A body and the place right behind it: "X in Y", "X of Y", "X, Y" and "X Y" in a list; "Y's X" of firms (4.1)."""
    for earlier, later in pairwise(reading.mentions):
        between = reading.between(earlier, later)
        body = earlier.label in ("COMPANY", "ORGANIZATION", "MILITARY", "GOV_BODY")
        if (body and later.label == "LOCATION" and _AT.fullmatch(between)) or (
            earlier.label == "COMPANY" and later.label == "GPE" and _OF_STATE.fullmatch(between)
        ):
            yield "located_in", earlier, later
        elif earlier.label == "GPE" and later.label == "COMPANY" and re.fullmatch(r"['’]s", between):
            yield "located_in", later, earlier
        elif earlier.label == later.label == "LOCATION" and between in (",", "in"):
            yield "located_in", earlier, later
    for m in reading.mentions:
        if m.label == "GOV_BODY" and reading.surface(m).endswith(" in the United States"):
            us = reading.state("USA", reading.sentence_of(m))
            if us is not None:
                yield "located_in", m, us


_OWN = re.compile(r"\b(?:[Ii]ts|[Tt]heir|[Hh]is|[Hh]er)\s+(?:[\w-]+\s+)?$")


def member_of(reading: Reading) -> Iterator[Pair]:
    """Forces and bodies of a state by possessive or by name, persons by office, and "a NATO ally" (4.1)."""
    for number, m in _each(reading, "MILITARY", "GOV_BODY"):
        state = reading.last_before("GPE", m.start)
        if state is not None and reading.sentence_of(state) != number:
            state = None
        if state is not None and re.fullmatch(r"['’]?s?(?: (?:own|new))?", reading.between(state, m)):
            yield "member_of", m, state
        elif _OWN.search(reading.text[max(0, m.start - 30) : m.start]):
            owner = _owner(reading, number, m)
            if owner is not None:
                yield "member_of", m, owner
        elif code := _state_in_name(reading.surface(m)):
            state = reading.state(code, number)
            if state is not None:
                yield "member_of", m, state
        elif re.match(r"Taipei Economic", reading.surface(m)) and (taiwan := reading.state("TWN", number)):
            yield "member_of", m, taiwan
    for earlier, later in pairwise(reading.mentions):
        if earlier.label == later.label == "GOV_BODY" and re.fullmatch(r"['’]s", reading.between(earlier, later)):
            yield "member_of", later, earlier
    yield from _officers(reading)
    yield from _allies(reading)


def _owner(reading: Reading, number: int, m: Mention) -> Mention | None:
    """Whose "its" is: in notices the buyer, in news the state mentioned last."""
    for g in reading.sentences[number]:
        if g.end <= m.start and g.label == "GPE" and reading.code.get(g.entity or "") != "USA":
            return g
    if not reading.notice:
        return reading.last_before("GPE", m.start)
    return _buyer(reading)


_ROLE = (
    r"(?:president|minister|secretary|spokes\w+|head|chief|chairman|chairwoman|chair|founder|ambassador|commander"
    r"|executive|leader|director|speaker|officer|counterpart)"
)
_BEFORE_PERSON = re.compile(
    rf"(?:['’]s|)?,? ?(?:[\w-]{{1,40}} ){{0,3}}{_ROLE}(?: (?:General|of Defen[cs]e|of State))?,?",
    re.I,
)
_BEHIND_PERSON = re.compile(
    rf",? (?:(?:the|a|an|its|who is|who) )?(?:[\w-]{{1,40}} ){{0,3}}(?:{_ROLE} (?:of|for|at)|who (?:heads|leads|chairs"
    rf"|runs))(?: the)?"
    r"|, who (?:heads|leads|chairs|runs)(?: the)?|,? of(?: the)?",
    re.I,
)


def _officers(reading: Reading) -> Iterator[Pair]:
    for earlier, later in pairwise(reading.mentions):
        between = reading.between(earlier, later)
        bodies = ("GPE", "GOV_BODY", "MILITARY", "COMPANY", "ORGANIZATION")
        if later.label == "PERSON" and earlier.label in bodies and _BEFORE_PERSON.fullmatch(between):
            yield "member_of", later, earlier
        elif (
            earlier.label == "PERSON"
            and later.label in bodies
            and _BEHIND_PERSON.fullmatch(f" {between}" if between[:1] != "," else between)
        ):
            yield "member_of", earlier, later


def _allies(reading: Reading) -> Iterator[Pair]:
    for _, m in _each(reading, "ORGANIZATION"):
        if re.match(r"\s+(?:ally|allies|member)\b", reading.text[m.end : m.end + 10]):
            buyer = reading.last_buyer(m.start)
            if buyer is not None:
                yield "member_of", buyer, m


def _buyer(reading: Reading) -> Mention | None:
    """The first state of the text but the United States."""
    return next((m for m in reading.mentions if m.label == "GPE" and reading.code.get(m.entity or "") != "USA"), None)


def _state_in_name(surface: str) -> str | None:
    words = surface.split()
    words = words[1:] if words[:1] == ["Royal"] else words
    return next((code for n in (4, 3, 2, 1) if len(words) > n and (code := country_code(" ".join(words[:n])))), None)


_AGAINST = re.compile(
    r"\b(?:condemn|objects? to|objected to|oppose|protest|denounc|criticiz|criticis|angered|deplor|countermeasures)\w*"
)


def opposes(reading: Reading) -> Iterator[Pair]:
    """Who condemns or objects to a deal, or to "the approvals" of the last deal: the subject of the sentence (4.1)."""
    for number, mentions in reading.sentences.items():
        against = _AGAINST.search(reading.sentence(number))
        who = [m for m in mentions if m.label in ("GPE", "GOV_BODY", "PERSON", "ORGANIZATION")]
        if not against or not who or reading.notice:
            continue
        deal = reading.deal_for(number, who[0].start)
        if deal is not None and reading.code.get(who[0].entity or "") not in ("USA", "TWN"):
            yield "opposes", who[0], deal


RULES: tuple[Callable[[Reading], Iterator[Pair]], ...] = (
    supplier,
    recipient,
    absorber,
    recipient_nearby,
    item,
    value,
    quantity,
    contractor,
    manufacturer,
    approved_by,
    notified_to,
    dated,
    under,
    part_of,
    for_platform,
    located_in,
    member_of,
    opposes,
)
"""All rules, in the order in which the first mentions of a pair of entities are looked for.

A relation type has one rule, but "recipient" has three, and "part_of" comes from for_platform too.
"""
