"""Dates, days, money and counts in words."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.components import formats
from core.components.fields import MoneyField, QuartersField

VISIT = dt.date(2008, 10, 9)


def test_dates_are_written_as_people_write_them() -> None:
    assert formats.day(VISIT) == "9 October 2008"
    assert formats.weekday(VISIT) == "Thursday 9 October 2008"
    assert formats.short_day(VISIT, dt.date(2008, 10, 14)) == "9 October"
    assert formats.short_weekday(VISIT, dt.date(2008, 10, 14)) == "Thu 9 October"
    assert formats.month_year(VISIT) == "October 2008"


def test_a_short_date_of_another_year_names_it() -> None:
    assert formats.short_day(dt.date(2009, 4, 3), VISIT) == "3 April 2009"


def test_a_short_date_asks_the_portals_clock_where_no_day_is_given() -> None:
    # The demonstration, and so the tests, live in 2008.
    assert formats.short_day(VISIT) == "9 October"
    assert formats.short_day(dt.date(2007, 10, 9)) == "9 October 2007"


def test_dates_of_a_record_are_iso_strings() -> None:
    assert formats.day("2008-10-09") == "9 October 2008"
    assert formats.moment("2008-10-23T15:04:00") == "23 October 2008, 3:04pm"
    with pytest.raises(ValueError, match="Invalid isoformat"):
        formats.day("9/10/2008 ")


def test_a_moment_is_shown_in_the_portals_time_zone() -> None:
    late = dt.datetime(2008, 6, 30, 23, 30, tzinfo=ZoneInfo("UTC"))
    assert formats.moment(late) == "1 July 2008, 12:30am"
    assert formats.day(late) == "1 July 2008"
    assert formats.iso(late) == "2008-07-01T00:30+01:00"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(dt.time(9), "9:00am"), (dt.time(12), "12:00pm"), (dt.time(0, 5), "12:05am"), ("14:05", "2:05pm"), (dt.time(23, 59), "11:59pm")],
)
def test_clock(value: dt.time | str, shown: str) -> None:
    assert formats.clock(value) == shown


def test_what_is_missing_is_nothing() -> None:
    assert {f(None) for f in (formats.day, formats.weekday, formats.clock, formats.moment, formats.iso, formats.money_pence)} == {""}
    assert formats.number(None) == formats.days_quarters(None) == formats.days_words(None) == ""


@pytest.mark.parametrize(
    ("quarters", "shown", "words"),
    [
        (0, "0", "0 days"),
        (1, "¼", "¼ day"),
        (4, "1", "1 day"),
        (6, "1½", "1½ days"),
        (11, "2¾", "2¾ days"),
        (-2, "−½", "−½ day"),
        (-6, "−1½", "−1½ days"),
    ],
)
def test_days_in_quarters(quarters: int, shown: str, words: str) -> None:
    assert formats.days_quarters(quarters) == shown
    assert formats.days_words(quarters) == words


@pytest.mark.parametrize(
    ("pence", "shown"), [(320_000, "£3,200"), (4_950, "£49.50"), (0, "£0"), (-5, "−£0.05"), (123_456_789, "£1,234,567.89")]
)
def test_money(pence: int, shown: str) -> None:
    assert formats.money_pence(pence) == shown


def test_counts_with_their_noun() -> None:
    assert formats.plural(1, "school") == "1 school"
    assert formats.plural(0, "school") == "0 schools"
    assert formats.plural(1200, "child,children") == "1,200 children"
    assert formats.number(-7) == "−7"


def test_a_label_inside_a_sentence_keeps_its_abbreviations() -> None:
    assert [formats.lower_first(text) for text in ("Visit date", "URN", "SIP’s name", "", "A")] == [
        "visit date",
        "URN",
        "SIP’s name",
        "",
        "a",
    ]


@given(st.integers(min_value=0, max_value=99_999_999_99))
def test_money_that_is_shown_in_a_form_reads_back_as_itself(pence: int) -> None:
    field = MoneyField()
    assert field.clean(field.prepare_value(pence)) == pence
    assert field.clean(formats.money_pence(pence)) == pence


@given(st.integers(min_value=0, max_value=4 * 366))
def test_days_that_are_shown_in_a_form_read_back_as_themselves(quarters: int) -> None:
    field = QuartersField()
    assert field.clean(field.prepare_value(quarters)) == quarters
    assert field.clean(formats.days_words(quarters)) == quarters
