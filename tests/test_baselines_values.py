"""From words to normalised values; each id names the trap."""

from __future__ import annotations

from datetime import date

import pytest
from armsbench.annotations.countries import countries, country_codes
from armsbench.annotations.scheme import scheme
from armsbench.annotations.structure import value_faults
from armsbench.baselines.values import (
    country_code,
    modifier_before,
    parse_date,
    parse_money,
    parse_quantity,
)
from hypothesis import given
from hypothesis import strategies as st

_WORDS_OF_TIME = ["", "today", "yesterday", "tomorrow", "Monday", "next Sunday", "May", "last month", "FY", " 29 Feb"]

MONEY = [
    pytest.param("$2.223 billion", "The estimated cost is ", 2223000000, "USD", "about", id="no-binary-noise"),
    pytest.param("$148\nmillion", "could be as high as ", 148000000, "USD", "at_most", id="scale-on-next-line"),
    pytest.param("$374,962,800", "price proposal of ", 374962800, "USD", "exact", id="thousands-separators"),
    pytest.param("USD1.16 billion", "is put at ", 1160000000, "USD", "exact", id="code-glued-to-figure"),
    pytest.param("NT$127.6 billion", "", 127600000000, "TWD", "exact", id="dollar-with-prefix"),
    pytest.param("480 million euros", "or some ", 480000000, "EUR", "about", id="currency-behind"),
    pytest.param("18.9 billion pesos", "worth ", 18900000000, "PHP", "exact", id="pesos"),
    pytest.param("P2.83 billion", "about ", 2830000000, "PHP", "about", id="one-letter-sign"),
    pytest.param("$375 million", "pesos, a little under ", 375000000, "USD", "about", id="a-little-under"),
    pytest.param(
        "1.535 billion", "one of 1.3 billion pesos and another of ", 1535000000, "PHP", "exact", id="elliptic"
    ),
    pytest.param("$1.8 billion dollars", "", 1800000000, "USD", "exact", id="dollar-twice"),
    pytest.param("$3.5 billion", "worth more than ", 3500000000, "USD", "at_least", id="more-than"),
    pytest.param("$55 million", "at an estimated cost of up to ", 55000000, "USD", "at_most", id="nearest-word-wins"),
    pytest.param("€1.2bn", "", 1200000000, "EUR", "exact", id="scale-glued"),
    pytest.param("seven billion euros", "", 7000000000, "EUR", "exact", id="number-in-words"),
    pytest.param("2 billion", "of 3 billion Taiwan dollars and ", 2000000000, "TWD", "exact", id="elliptic-of-a-state"),
    pytest.param("1.5 billion", "Boeing won a deal worth ", 1500000000, None, "exact", id="won-is-a-verb"),
    pytest.param("1.5 billion", "what it in 2012 won at ", 1500000000, None, "exact", id="won-behind-a-year"),
    pytest.param("2 billion", "of 2012 billion won and ", 2000000000, "KRW", "exact", id="won-behind-a-scale"),
    pytest.param("1.5 billion", "with an AIP 212 class worth ", 1500000000, None, "exact", id="letter-in-a-word"),
    pytest.param("2 billion", "of P2.83 billion and ", 2000000000, "PHP", "exact", id="letter-of-its-own"),
    pytest.param("1.5 billion", "500 pounds bombs at ", 1500000000, None, "exact", id="pounds-of-weight"),
    pytest.param("2 billion", "of 3 million pounds and ", 2000000000, "GBP", "exact", id="pounds-of-money"),
    pytest.param("$" + "9" * 31, "", None, None, None, id="figure-too-long"),
    pytest.param("$" + "9" * 400 + " million", "", None, None, None, id="figure-beyond-floats"),
    pytest.param("no figure", "", None, None, None, id="nothing-to-read"),
]


@pytest.mark.parametrize(("surface", "before", "amount", "currency", "modifier"), MONEY)
def test_money(surface: str, before: str, amount: float | None, currency: str | None, modifier: str | None) -> None:
    found = parse_money(surface, before)
    assert (found.amount, found.currency, found.modifier) == (amount, currency, modifier)


@pytest.mark.parametrize(
    ("surface", "before", "number", "modifier"),
    [
        pytest.param("80,000", "of (", 80000, "exact", id="in-parentheses"),
        pytest.param("twenty-four", "", 24, "exact", id="hyphenated-words"),
        pytest.param("two hundred and fifty", "", 250, "exact", id="and-inside"),
        pytest.param("dozen", "a ", 12, "exact", id="dozen"),
        pytest.param("pair", "a ", 2, "exact", id="pair"),
        pytest.param("232", "has asked for up to ", 232, "at_most", id="up-to"),
        pytest.param("eight", "a maximum of ", 8, "at_most", id="maximum-of"),
        pytest.param("320", "as many as ", 320, "at_most", id="as-many-as"),
        pytest.param("100", "more than ", 100, "at_least", id="more-than"),
        pytest.param("50", "an estimated ", 50, "about", id="estimated"),
        pytest.param("several", "", None, None, id="no-number"),
        pytest.param("9" * 310, "", None, None, id="beyond-floats"),
        pytest.param("9" * 5000, "", None, None, id="beyond-what-python-reads"),
        pytest.param("hundred " * 20, "", None, None, id="words-without-end"),
    ],
)
def test_quantity(surface: str, before: str, number: int | None, modifier: str | None) -> None:
    found = parse_quantity(surface, before)
    assert (found.number, found.modifier) == (number, modifier)


@pytest.mark.parametrize(
    ("surface", "today", "iso"),
    [
        pytest.param("June 29, 2023", None, "2023-06-29", id="american-order"),
        pytest.param("29 June 2023", None, "2023-06-29", id="day-first"),
        pytest.param("Nov. 15, 2011", None, "2011-11-15", id="abbreviated-with-stop"),
        pytest.param("Monday 15 September", "2025-09-25", "2025-09-15", id="weekday-and-day"),
        pytest.param("December 2019", None, "2019-12", id="month-of-year"),
        pytest.param("2017", "2022-01-31", "2017", id="bare-year"),
        pytest.param("fiscal year 2012", None, "2012", id="fiscal-year"),
        pytest.param("FY10", None, "2010", id="fiscal-year-short"),
        pytest.param("summer of 2023", "2024-01-01", "2023", id="season-is-its-year"),
        pytest.param("27 December", "2022-01-31", "2021-12-27", id="yearless-across-new-year"),
        pytest.param("October", "2025-09-25", "2025-10", id="yearless-soon-to-come"),
        pytest.param("January", "2025-09-25", "2025-01", id="yearless-long-past"),
        pytest.param("Thursday", "2025-09-25", "2025-09-25", id="weekday-of-the-document"),
        pytest.param("Friday", "2022-01-31", "2022-01-28", id="weekday-before"),
        pytest.param("next Monday", "2022-01-31", "2022-02-07", id="next-weekday"),
        pytest.param("today", "2012-07-20", "2012-07-20", id="today"),
        pytest.param("yesterday", "2012-03-01", "2012-02-29", id="leap-day"),
        pytest.param("last month", "2022-01-31", "2021-12", id="month-across-new-year"),
        pytest.param("last week", "2023-05-15", "2023-W19", id="week"),
        pytest.param("next year", "2023-05-15", "2024", id="next-year"),
        pytest.param("two years ago", "2023-05-15", "2021", id="years-ago"),
        pytest.param("today", None, None, id="relative-without-a-date"),
        pytest.param("May 12", None, None, id="yearless-without-a-date"),
        pytest.param("31 February 2020", None, "2020", id="no-such-day"),
        pytest.param("recent times", "2022-01-31", None, id="vague"),
        pytest.param("5000 years ago", "2022-01-31", None, id="before-the-calendar"),
        pytest.param("9000 years later", "2022-01-31", None, id="behind-the-calendar"),
        pytest.param("99999 months ago", "2022-01-31", None, id="months-before-the-calendar"),
        pytest.param("99999999 weeks ago", "2022-01-31", None, id="weeks-beyond-the-calendar"),
        pytest.param("1500 years ago", "2022-01-31", "0522", id="year-of-three-figures"),
        pytest.param("yesterday", "0001-01-01", None, id="first-day"),
        pytest.param("Sunday", "0001-01-01", None, id="weekday-before-the-first-day"),
        pytest.param("tomorrow", "9999-12-31", None, id="last-day"),
        pytest.param("January next year", "9999-12-31", None, id="month-after-the-last"),
        pytest.param("4 March", "0001-01-01", "0001-03-04", id="yearless-in-the-first-year"),
    ],
)
def test_date(surface: str, today: str | None, iso: str | None) -> None:
    assert parse_date(surface, today).iso == iso


@pytest.mark.parametrize(
    ("surface", "code"),
    [
        pytest.param("U.S.", "USA", id="abbreviation"),
        pytest.param("the Government of the United Kingdom", "GBR", id="government-of"),
        pytest.param("Iraq government", "IRQ", id="government-behind"),
        pytest.param("Saudi Arabian", "SAU", id="adjective"),
        pytest.param("REPUBLIC OF KOREA", "KOR", id="all-capitals"),
        pytest.param("Korea", "KOR", id="korea-is-the-south"),
        pytest.param("North Korean", "PRK", id="north"),
        pytest.param("Beijing", "CHN", id="capital"),
        pytest.param("Norway’s", "NOR", id="possessive"),
        pytest.param("Kosovo", "XKX", id="user-assigned-code"),
        pytest.param("us", None, id="pronoun"),
        pytest.param("polish", None, id="verb"),
        pytest.param("Taipei Economic and Cultural Representative Office", None, id="office-is-no-state"),
        pytest.param("recipient", None, id="description"),
    ],
)
def test_country(surface: str, code: str | None) -> None:
    assert country_code(surface) == code


def test_no_word_stands_for_two_states() -> None:
    seen: dict[str, str] = {}
    for country in countries():
        for word in (country.name, *country.aliases, *country.demonyms, *country.capital):
            assert seen.setdefault(word, country.iso3) == country.iso3, word
    assert {country.iso3 for country in countries()} == country_codes()


def test_every_name_leads_back_to_its_code() -> None:
    for country in countries():
        for word in (country.name, *country.aliases, *country.demonyms, *country.capital):
            assert country_code(word) == country.iso3


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_gives_values_that_the_scheme_allows_or_none(surface: str, before: str) -> None:
    modifier = scheme().attribute("modifier")
    assert modifier is not None
    assert modifier_before(before) in modifier.values
    for found in (parse_money(surface, before), parse_quantity(surface, before)):
        assert found.modifier is None or found.modifier in modifier.values
    parse_date(surface, "2023-05-15")
    country_code(surface)


@given(st.integers(min_value=1, max_value=999_999))
def test_figures_are_read_as_they_are_written(number: int) -> None:
    assert parse_quantity(str(number), "").number == number
    assert parse_quantity(f"{number:,}", "").number == number


@given(
    st.integers(min_value=0, max_value=10**12) | st.just(10**40),
    st.sampled_from(["day", "days", "week", "weeks", "month", "months", "year", "years"]),
    st.sampled_from(["ago", "earlier", "later", "from now"]),
    st.dates(),
)
def test_steps_from_a_day_stay_in_the_calendar_or_give_nothing(number: int, unit: str, side: str, today: date) -> None:
    iso = parse_date(f"{number} {unit} {side}", today.isoformat()).iso
    assert list(value_faults("$", "iso", iso)) == []
    if iso is not None and number:
        assert (iso < today.isoformat()) is (side in ("ago", "earlier")) or iso[:4] == f"{today.year:04}"


@given(st.text("0123456789-,. ", max_size=12), st.sampled_from(_WORDS_OF_TIME), st.dates())
def test_any_date_is_one_that_the_scheme_allows(figures: str, word: str, today: date) -> None:
    for surface in (f"{figures}{word}", f"{word}{figures}"):
        assert list(value_faults("$", "iso", parse_date(surface, today.isoformat()).iso)) == []
