"""From the words of a mention to its normalised values: money, quantities, dates, countries (guideline 3.5).

Pure functions of strings, without spaCy. What cannot be read gives empty attributes or None, never a guess at the
wrong scale.
"""

from __future__ import annotations

import re
from datetime import MAXYEAR, MINYEAR, date, timedelta
from functools import cache

from ..annotations.annotation import Attributes
from ..annotations.countries import countries


@cache
def _codes() -> dict[str, str]:
    return {
        word: country.iso3
        for country in countries()
        for word in (country.name, *country.aliases, *country.demonyms, *country.capital)
    }


@cache
def _shouted_codes() -> dict[str, str]:
    return {word.upper(): iso3 for word, iso3 in _codes().items() if len(word) > 3}


_STATE_TITLE = re.compile(r"(?:the\s+)?(?:governments?|state|people|nation)\s+of\s+", re.I)
_ARTICLE = re.compile(r"(?:the|The)\s+")
_POSSESSIVE = re.compile(r"['’]s?$")


def country_code(surface: str) -> str | None:
    """The ISO 3166-1 alpha-3 code of a state named by name, abbreviation, demonym or capital; None if it is none.

    "Government of X", "X government", articles and possessives are seen through (guideline 2, 3.2). Case counts, so
    "us" and "polish" are no countries; all capitals are accepted for words of more than three letters.
    """
    words = _POSSESSIVE.sub("", " ".join(surface.replace("’", "'").split()))
    plain = _STATE_TITLE.sub("", words, count=1)
    for form in (words, plain, re.sub(r"\s+[Gg]overnment$", "", words)):
        for name in (form, _ARTICLE.sub("", form, count=1)):
            code = _codes().get(name) or _shouted_codes().get(name)
            if code:
                return code
    return None


# Numbers -----------------------------------------------------------------------------------------------------------

_BELOW_TEN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_UNITS = (*_BELOW_TEN, *_TEENS)
_SMALL = {word: number for number, word in enumerate(_UNITS)}
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SMALL |= {word: 10 * (i + 2) for i, word in enumerate(_TENS)}
_SMALL |= {"a": 1, "an": 1, "pair": 2, "pairs": 2, "couple": 2, "trio": 3, "quartet": 4}
_SCALES = {
    "dozen": 12,
    "dozens": 12,
    "score": 20,
    "hundred": 100,
    "thousand": 10**3,
    "k": 10**3,
    "lakh": 10**5,
    "million": 10**6,
    "millions": 10**6,
    "mln": 10**6,
    "mn": 10**6,
    "m": 10**6,
    "crore": 10**7,
    "billion": 10**9,
    "billions": 10**9,
    "bln": 10**9,
    "bn": 10**9,
    "b": 10**9,
    "trillion": 10**12,
    "tn": 10**12,
}
_FIGURE = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+")


LONGEST_FIGURE = 30
"""Characters of a figure; what is longer counts nothing."""


def _number(text: str) -> int | float | None:
    """The number that ``text`` gives in figures, words or both; the first if there are several.

    None also for a figure of more than ``LONGEST_FIGURE`` characters, and for words that come to as much.
    """
    figure = _FIGURE.search(text)
    if figure:
        if len(figure.group()) > LONGEST_FIGURE:
            return None
        scale = re.match(r"[\s-]*([A-Za-z]+)\b", text[figure.end() :])
        factor = _SCALES.get(scale.group(1).casefold(), 1) if scale else 1
        return _whole(_exact_product(figure.group().replace(",", ""), factor))
    total, current, seen = 0, 0, False
    for word in re.findall(r"[a-z]+", text.casefold()):
        if word in _SMALL:
            current += _SMALL[word]
        elif word in _SCALES and len(word) > 2:
            current = max(current, 1) * _SCALES[word]
            if _SCALES[word] > 100:
                total, current = total + current, 0
        elif word in ("and", "of"):
            continue
        elif word == "half" and not seen:
            return 6 if "dozen" in text.casefold() else None
        elif seen:
            break
        else:
            continue
        if total + current >= 10**LONGEST_FIGURE:
            return None
        seen = True
    return total + current if seen else None


def _exact_product(figure: str, factor: int) -> float:
    """``figure`` times ``factor`` without binary noise: 2.223 billion is 2223000000, not 2222999999.9999995."""
    whole, _, part = figure.partition(".")
    return int((whole or "0") + part) * factor / float(10 ** len(part))


def _whole(number: float) -> int | float:
    return int(number) if number == int(number) else number


# Modifiers ---------------------------------------------------------------------------------------------------------

_HOW_MUCH = (
    ("about", r"an? (?:little|bit|shade|touch) (?:under|over|more than|less than)|(?:just|slightly|a tad)"
              r" (?:under|over|above|below|more than|less than|shy of)"),
    ("at_most", r"up to|as (?:high|much|many) as|(?:a )?(?:maximum|ceiling|cap) of|(?:no|not) more than"
                r"|not (?:to )?exceed(?:ing)?|at most|capped at|less than|fewer than|under|below"),
    ("at_least", r"more than|at least|over|in excess of|upwards? of|no (?:fewer|less) than|not less than"
                 r"|exceed(?:s|ed|ing)?|above|(?:a )?minimum of"),
    ("about", r"about|around|approximately|approx\.?|roughly|some|an? estimated|estimated(?: at)?|nearly|almost"
              r"|close to|circa|ca\.|~|in the region of|on the order of|or so"),
)  # fmt: skip
_DIRECT = tuple(
    (
        name,
        re.compile(
            rf"(?:^|[^\w])(?:{words})\s*(?:the\s+|a\s+|an\s+)?$",
            re.I,
        ),
    )
    for name, words in _HOW_MUCH
)
_ESTIMATED = re.compile(r"\b(?:estimat\w+|approximat\w+)(?:(?![.;:]\s)[^$€£\d]){0,50}$", re.I)
_CEILING = re.compile(r"\b(?:as high as|ceiling of|maximum|not to exceed)[^.;:$\d]{0,12}$", re.I)


def modifier_before(before: str, *, estimates: bool = False) -> str:
    """How the text before a figure qualifies it: ``exact``, ``about``, ``at_least`` or ``at_most`` (guideline 3.5).

    With ``estimates`` a figure that is the complement of "estimated cost" or the like counts as ``about``.
    """
    tail = " ".join(before[-80:].split()).rstrip("(").rstrip()
    for name, pattern in _DIRECT:
        if pattern.search(tail):
            return name
    if _CEILING.search(tail):
        return "at_most"
    if estimates and _ESTIMATED.search(tail):
        return "about"
    return "exact"


# Money -------------------------------------------------------------------------------------------------------------

_SIGNS = {
    "US$": "USD", "NT$": "TWD", "AU$": "AUD", "A$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD",
    "S$": "SGD", "R$": "BRL", "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₩": "KRW", "₹": "INR", "Rs": "INR",
    "₱": "PHP", "P": "PHP", "₺": "TRY", "₪": "ILS", "₴": "UAH", "zł": "PLN",
}  # fmt: skip
_NAMES = {
    "dollars": "USD", "dollar": "USD", "euros": "EUR", "euro": "EUR", "pounds": "GBP", "sterling": "GBP",
    "yen": "JPY", "yuan": "CNY", "renminbi": "CNY", "won": "KRW", "rupees": "INR", "pesos": "PHP",
    "zloty": "PLN", "zlotys": "PLN", "zlotych": "PLN", "kronor": "SEK", "kroner": "NOK", "krone": "NOK",
    "francs": "CHF", "shekels": "ILS", "rubles": "RUB", "roubles": "RUB", "lira": "TRY", "liras": "TRY",
    "riyals": "SAR", "dirhams": "AED", "baht": "THB", "ringgit": "MYR", "rupiah": "IDR", "forint": "HUF",
    "koruna": "CZK", "crowns": "CZK", "lei": "RON", "leu": "RON", "hryvnia": "UAH", "reais": "BRL", "rand": "ZAR",
}  # fmt: skip
_QUALIFIED = {
    ("taiwan", "dollars"): "TWD", ("australian", "dollars"): "AUD", ("canadian", "dollars"): "CAD",
    ("singapore", "dollars"): "SGD", ("zealand", "dollars"): "NZD", ("kong", "dollars"): "HKD",
    ("danish", "kroner"): "DKK", ("swedish", "crowns"): "SEK", ("swedish", "kronor"): "SEK",
    ("norwegian", "crowns"): "NOK", ("danish", "crowns"): "DKK", ("pakistani", "rupees"): "PKR",
    ("mexican", "pesos"): "MXN", ("argentine", "pesos"): "ARS", ("chilean", "pesos"): "CLP",
    ("colombian", "pesos"): "COP", ("qatari", "riyals"): "QAR",
}  # fmt: skip
_CODES = (
    "USD|EUR|GBP|JPY|CNY|KRW|INR|PHP|TWD|AUD|CAD|NZD|SGD|HKD|CHF|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|TRY|ILS|UAH|RUB"
    "|BRL|MXN|ARS|CLP|COP|PEN|THB|MYR|IDR|VND|PKR|SAR|AED|QAR|KWD|OMR|EGP|ZAR"
)
_SIGN_FORMS = "|".join(
    ("(?<![A-Za-z])" if sign[0].isalpha() else "") + re.escape(sign) for sign in sorted(_SIGNS, key=lambda s: -len(s))
)
_SIGN = re.compile(rf"({_SIGN_FORMS})\s?(?=[\d.])")
_CODE = re.compile(rf"(?<![A-Za-z])({_CODES})(?![A-Za-z])")
_CURRENCY_WORDS = re.compile(rf"(?:\b(\w+)\s+)?\b({'|'.join(_NAMES)})\b", re.I)
_SCALE_WORDS = "|".join(word for word in _SCALES if len(word) > 2)
_COUNT_WORDS = "|".join(word for word in _SMALL if len(word) > 2)
_STATE_WORDS = "|".join(dict.fromkeys(word for word, _ in _QUALIFIED))
_PAID = re.compile(
    rf"(?:(?P<scale>\b(?:{_SCALE_WORDS})|\d\s?(?:bn|mn|tn|[mbk]))|(?P<year>(?<![\d.,])(?:19|20)\d\d)|\d"
    rf"|\b(?:{_COUNT_WORDS}))"
    rf"[\s-]+(?:(?:(?:New|Hong)\s+)?(?P<state>{_STATE_WORDS}|US|U\.S\.|Swiss|Czech)\s+)?(?P<name>{'|'.join(_NAMES)})\b",
    re.I,
)
"""A currency by name directly behind a figure or a scale, which "Boeing won" is not."""


def _currency(text: str) -> str | None:
    code = _CODE.search(text)
    if code:
        return code.group(1)
    words = _CURRENCY_WORDS.search(text)
    sign = _SIGN.search(text)
    if sign and not (sign.group(1) == "$" and words and words.group(2).casefold() not in ("dollars", "dollar")):
        return _SIGNS[sign.group(1)]
    if words is None:
        return None
    name = words.group(2).casefold()
    return _QUALIFIED.get(((words.group(1) or "").casefold(), name)) or _NAMES[name]


def _last_currency(before: str) -> str | None:
    """The currency of the amount that stands last in ``before``: "1.3 billion pesos and another of 1.535 billion".

    A name counts only directly behind a figure or scale; "2012 won" and "500 pounds" are no sums.
    """
    found = [(m.start(), _SIGNS[m.group(1)]) for m in _SIGN.finditer(before)]
    found += [(m.start(), m.group(1)) for m in _CODE.finditer(before)]
    for paid in _PAID.finditer(before):
        name = paid["name"].casefold()
        if (name == "won" and paid["year"]) or (name == "pounds" and not paid["scale"]):
            continue
        found.append((paid.start(), _QUALIFIED.get(((paid["state"] or "").casefold(), name)) or _NAMES[name]))
    return max(found)[1] if found else None


def parse_money(surface: str, before: str) -> Attributes:
    """``amount`` in whole units, ``currency`` (ISO 4217) and ``modifier`` of a sum; empty if no number can be read.

    ``before`` is the text just before the mention. It gives the modifier, and the currency where the sum names none.
    "$" alone is the U.S. dollar.
    """
    amount = _number(_CODE.sub(" ", surface))
    if amount is None:
        return Attributes()
    currency = _currency(surface) or _last_currency(before)
    return Attributes(amount=amount, currency=currency, modifier=modifier_before(before, estimates=True))


def parse_quantity(surface: str, before: str) -> Attributes:
    """``number`` and ``modifier`` of a count in figures or words; empty if no number can be read.

    A modifier inside the mention ("up to 12") counts like one before it.
    """
    number = _number(surface)
    if number is None:
        return Attributes()
    figure = _FIGURE.search(surface)
    inside = surface[: figure.start()] if figure else ""
    return Attributes(number=number, modifier=modifier_before(f"{before} {inside}" if inside else before))


# Dates -------------------------------------------------------------------------------------------------------------

_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_MONTH_WORD = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\b"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_ISO_DAY = re.compile(r"(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)")
_FORMS = tuple(
    re.compile(form, re.I)
    for form in (
        rf"\b{_DAY}(?:\s+of)?\s+{_MONTH_WORD}(?:,?\s*{_YEAR})?",
        rf"\b{_MONTH_WORD}\s*{_DAY}(?:,?\s+{_YEAR})?(?!\d)",
        rf"\b{_MONTH_WORD},?\s+(?:of\s+)?{_YEAR}",
        rf"\b{_MONTH_WORD}",
    )
)
_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_RELATIVE = re.compile(
    r"(?P<which>this|last|next|past|previous|coming|current|following)\s+(?P<unit>day|week|month|year|fiscal year"
    r"|spring|summer|autumn|fall|winter)",
    re.I,
)
_AGO = re.compile(
    r"(?<![\w-])(?P<number>[\w-]{1,30})\s+(?P<unit>day|week|month|year)s?\s+(?P<side>ago|earlier|later|from now)", re.I
)
_BARE_YEAR = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d|\s+(?:day|week|month|year)s?\s+(?:ago|earlier|later|from\s+now))", re.I
)
_STEPS = {"this": 0, "current": 0, "last": -1, "past": -1, "previous": -1, "next": 1, "coming": 1, "following": 1}
_NAMED_DAYS = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1}


def parse_date(surface: str, document_date: str | None) -> Attributes:
    """``iso`` of an expression of time: a day, month, week or year of ISO 8601 (guideline 3.5); empty if unclear.

    ``document_date`` (ISO day) resolves what is relative to it: "today", "Thursday" (the last one, the day itself
    included), "last month", and days and months without a year, which are taken in the nearest year, the past before
    the future. A season, half or fiscal year is its year.
    """
    text = " ".join(surface.split())
    today = date.fromisoformat(document_date) if document_date else None
    iso = _absolute(text, today)
    if iso is None and today is not None:
        iso = _relative(text.casefold(), today)
    if iso is None:
        year = _BARE_YEAR.search(text)
        short = re.search(r"\b(?:FY|fiscal(?: year)?)\s?['’]?(\d\d)\b", text, re.I)
        iso = str(int(year.group())) if year else f"20{int(short.group(1)):02}" if short else None
    return Attributes(iso=iso)


def _absolute(text: str, today: date | None) -> str | None:
    iso = _ISO_DAY.search(text)
    if iso:
        return _day(int(iso["year"]), int(iso["month"]), int(iso["day"]))
    for form in _FORMS:
        found = form.search(text)
        if found is None:
            continue
        parts = found.groupdict()
        month = _MONTH[parts["month"][:3].casefold()]
        day = int(parts["day"]) if parts.get("day") else None
        year = int(parts["year"]) if parts.get("year") else None
        if year is None:
            if today is None:
                return None
            year = _nearest_year(month, day, today)
            step = re.search(r"\b(this|last|next) year\b", text, re.I)
            if step:
                year = today.year + _STEPS[step.group(1).casefold()]
        return _day(year, month, day) if day is not None else _month(year, month)
    return None


def _day(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _month(year: int, month: int) -> str | None:
    return f"{year:04}-{month:02}" if MINYEAR <= year <= MAXYEAR else None


def _nearest_year(month: int, day: int | None, today: date) -> int:
    """The year in which a yearless day or month lies; a day ahead counts three times its distance."""

    def cost(year: int) -> int:
        if day is None and (year, month) == (today.year, today.month):
            return 0
        distance = (date(year, month, min(day or 15, 28)) - today).days
        return 3 * distance if distance > 0 else -distance

    years = (today.year - 1, today.year, today.year + 1)
    return min((year for year in years if MINYEAR <= year <= MAXYEAR), key=cost)


def _relative(text: str, today: date) -> str | None:
    for word, days in _NAMED_DAYS.items():
        if re.search(rf"\b{word}\b", text):
            return _shift(today, days, "day")
    for number, name in enumerate(_WEEKDAYS):
        if re.search(rf"\b{name[:3]}(?:{name[3:]})?\b", text):
            ahead = re.search(r"\b(?:next|coming)\b", text) is not None
            back = (today.weekday() - number) % 7
            return _shift(today, 7 - back if ahead else -back, "day")
    relative = _RELATIVE.search(text)
    if relative:
        return _shift(today, _STEPS[relative["which"].casefold()], relative["unit"].casefold())
    ago = _AGO.search(text)
    if ago:
        steps = _number(ago["number"])
        if steps is not None:
            back = ago["side"].casefold() in ("ago", "earlier")
            return _shift(today, -int(steps) if back else int(steps), ago["unit"].casefold())
    return None


def _shift(today: date, steps: int, unit: str) -> str | None:
    """The day, week, month or year that lies ``steps`` of ``unit`` after ``today``; None outside the years 1-9999."""
    if unit in ("day", "week"):
        try:
            day = today + timedelta(days=steps * (7 if unit == "week" else 1))
        except OverflowError:
            return None
        year, week, _ = day.isocalendar()
        return day.isoformat() if unit == "day" else f"{year:04}-W{week:02}"
    if unit == "month":
        months = today.year * 12 + today.month - 1 + steps
        return _month(months // 12, months % 12 + 1)
    year = today.year + steps
    return f"{year:04}" if MINYEAR <= year <= MAXYEAR else None
