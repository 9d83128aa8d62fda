"""Years, terms and the three clocks. The dates of 2008/09 are those of the england-2008 pack, typed here once."""

from __future__ import annotations

import copy
import datetime as dt
import operator
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from hypothesis import given
from hypothesis import strategies as st

from core import calendar as cal
from core.calendar import (
    AcademicYear,
    BankHolidays,
    CalendarGap,
    FinancialBasis,
    FinancialYear,
    HalfTerm,
    OfficeDays,
    OfficeHours,
    SchoolDays,
    Season,
    StatutoryDays,
    TermDates,
)

D = dt.date
LONDON = ZoneInfo("Europe/London")
DAYS = st.dates(D(1990, 1, 1), D(2040, 12, 31))
HELD = st.dates(D(2008, 9, 1), D(2009, 7, 20))

GIVEN = [
    D(2008, 12, 25),
    D(2008, 12, 26),
    D(2009, 1, 1),
    D(2009, 4, 10),
    D(2009, 4, 13),
    D(2009, 5, 4),
    D(2009, 5, 25),
    D(2009, 8, 31),
]
ROWS = [
    {"academic_year": 2008, "term": "autumn", "half": 1, "starts": D(2008, 9, 1), "ends": D(2008, 10, 24)},
    {"academic_year": 2008, "term": "autumn", "half": 2, "starts": D(2008, 11, 3), "ends": D(2008, 12, 19)},
    {"academic_year": 2008, "term": "spring", "half": 1, "starts": D(2009, 1, 5), "ends": D(2009, 2, 13)},
    {"academic_year": 2008, "term": "spring", "half": 2, "starts": D(2009, 2, 23), "ends": D(2009, 4, 3)},
    {"academic_year": 2008, "term": "summer", "half": 1, "starts": D(2009, 4, 20), "ends": D(2009, 5, 22)},
    {"academic_year": 2008, "term": "summer", "half": 2, "starts": D(2009, 6, 1), "ends": D(2009, 7, 20)},
]
HOLIDAYS = BankHolidays(GIVEN)
TERMS = TermDates.from_rows(ROWS)
OFFICE = OfficeDays(HOLIDAYS, closures=[(D(2008, 12, 29), D(2008, 12, 31))])
SCHOOL = SchoolDays(TERMS, HOLIDAYS, closures=[D(2008, 9, 1)])
STATUTORY = StatutoryDays(HOLIDAYS)
CLOCKS = [OFFICE, SCHOOL, STATUTORY]
by_clock = pytest.mark.parametrize("clock", CLOCKS, ids=lambda clock: type(clock).__name__)


# ---------------------------------------------------------------- years


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (D(2008, 8, 31), "2007/08"),
        (D(2008, 9, 1), "2008/09"),
        (D(2009, 1, 1), "2008/09"),
        (D(2009, 8, 31), "2008/09"),
        (D(2000, 3, 1), "1999/00"),
    ],
)
def test_the_academic_year_turns_on_the_first_of_september(day: dt.date, label: str) -> None:
    assert str(AcademicYear.from_date(day)) == label


@pytest.mark.parametrize(
    ("day", "basis", "label", "end"),
    [
        (D(2008, 3, 31), FinancialBasis.MAINTAINED, "2007/08", D(2008, 3, 31)),
        (D(2008, 4, 1), FinancialBasis.MAINTAINED, "2008/09", D(2009, 3, 31)),
        (D(2008, 8, 31), FinancialBasis.ACADEMY, "2007/08", D(2008, 8, 31)),
        (D(2008, 9, 1), FinancialBasis.ACADEMY, "2008/09", D(2009, 8, 31)),
    ],
)
def test_the_financial_year_turns_by_its_basis(day: dt.date, basis: FinancialBasis, label: str, end: dt.date) -> None:
    year = FinancialYear.from_date(day, basis)
    assert (year.label, year.ends_on) == (label, end)


def test_a_financial_year_names_its_end() -> None:
    assert FinancialYear(2008).long_label == "2008/09 (to 31 March 2009)"
    assert FinancialYear(2008, FinancialBasis.ACADEMY).long_label == "2008/09 (to 31 August 2009)"


@given(DAYS)
def test_every_day_lies_in_exactly_its_own_year(day: dt.date) -> None:
    for year in (
        AcademicYear.from_date(day),
        FinancialYear.from_date(day),
        FinancialYear.from_date(day, FinancialBasis.ACADEMY),
    ):
        assert day in year
        assert day not in year.next
        assert day not in year.previous
        assert year.next.starts_on - year.ends_on == dt.timedelta(days=1)


@given(st.integers(1901, 2198), st.integers(1901, 2198))
def test_years_are_ordered_and_stepped_as_their_first_calendar_years(a: int, b: int) -> None:
    for first, second in ((AcademicYear(a), AcademicYear(b)), (FinancialYear(a), FinancialYear(b))):
        assert (first < second, first <= second, first == second) == (a < b, a <= b, a == b)
        assert first - second == a - b  # type: ignore[operator]
        assert second + (a - b) == first
        assert first - 1 == first.previous
        assert (hash(first) == hash(second)) == (a == b)


@given(st.integers(1900, 2199))
def test_a_label_is_read_back(first: int) -> None:
    year = AcademicYear(first)
    for text in (year.label, year.label.replace("/", "-"), f"{first}/{first + 1}", str(first), f" {year.label} "):
        assert AcademicYear.parse(text) == year
    assert copy.deepcopy(year) == year


@pytest.mark.parametrize("text", ["", "2008/10", "2008/2010", "08/09", "2008/9", "2008/09x", "two", "1899", "2200/01"])
def test_what_is_no_year_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="year"):
        AcademicYear.parse(text)


@pytest.mark.parametrize("act", [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge, operator.sub, operator.add])
def test_the_two_kinds_of_year_never_mix(act: object) -> None:
    academic, financial = AcademicYear(2008), FinancialYear(2008)
    for pair in ((academic, financial), (financial, academic)):
        with pytest.raises(TypeError):
            act(*pair)  # type: ignore[operator]


def test_years_of_two_bases_are_different_and_have_no_order() -> None:
    maintained, academy = FinancialYear(2008), FinancialYear(2008, FinancialBasis.ACADEMY)
    assert maintained != academy
    with pytest.raises(TypeError, match="end dates"):
        _ = maintained < academy
    with pytest.raises(TypeError, match="end dates"):
        _ = maintained - academy


@pytest.mark.parametrize("other", [2008, "2008/09", None, 1.5])
def test_a_year_is_no_number_and_no_text(other: object) -> None:
    assert AcademicYear(2008) != other
    with pytest.raises(TypeError):
        _ = AcademicYear(2008) < other


def test_a_time_is_no_date() -> None:
    at = dt.datetime(2008, 9, 1, 12, tzinfo=LONDON)
    for act in (AcademicYear.from_date, FinancialYear.from_date, AcademicYear(2008).contains, OFFICE.is_day, TERMS.term_on):
        with pytest.raises(TypeError, match="local date"):
            act(at)


# ---------------------------------------------------------------- the field


class Row(models.Model):
    """A model without a table: what the field does in Python."""

    year = cal.AcademicYearField(null=True, blank=True)

    class Meta:
        app_label = "core_calendar_tests"
        managed = False


def test_the_field_holds_a_year_from_assignment_on() -> None:
    assert Row(year=2008).year == AcademicYear(2008)
    row = Row(year="2008/09")
    assert row.year == AcademicYear(2008)
    row.year = None
    assert row.year is None
    with pytest.raises(TypeError, match="no academic year"):
        row.year = FinancialYear(2008)


def test_the_field_stores_and_reads_the_first_calendar_year() -> None:
    field = Row._meta.get_field("year")
    assert field.get_prep_value(AcademicYear(2008)) == 2008
    assert field.get_prep_value("2008/09") == 2008
    assert field.get_prep_value(None) is None
    assert field.from_db_value(2008, None, None) == AcademicYear(2008)
    assert field.value_to_string(Row(year=2008)) == "2008"
    assert field.clean(AcademicYear(2008), Row()) == AcademicYear(2008)
    with pytest.raises(TypeError, match="no academic year"):
        field.get_prep_value(FinancialYear(2008))
    with pytest.raises(ValidationError, match="such as 2008/09"):
        field.to_python("last year")
    assert str(Row.objects.filter(year__gte=AcademicYear(2008)).query).endswith(">= 2008")


def test_the_form_field_speaks_labels() -> None:
    field = Row._meta.get_field("year").formfield()
    assert field.clean("2008/09") == AcademicYear(2008)
    assert field.clean("") is None
    assert field.prepare_value(2008) == "2008/09"
    with pytest.raises(ValidationError, match="Enter an academic year, such as 2008/09"):
        field.clean("2008/10")


# ---------------------------------------------------------------- bank holidays


@pytest.mark.parametrize(
    ("year", "sunday"),
    [(1999, D(1999, 4, 4)), (2008, D(2008, 3, 23)), (2009, D(2009, 4, 12)), (2011, D(2011, 4, 24)), (2038, D(2038, 4, 25))],
)
def test_easter(year: int, sunday: dt.date) -> None:
    assert cal.easter_sunday(year) == sunday


# Years in which a day was proclaimed, moved or added, as published.
PROCLAIMED = {2012, 2020, 2022, 2023}


@pytest.mark.parametrize("year", [year for year in range(2013, 2029) if year not in PROCLAIMED])
def test_the_rule_gives_what_is_published(year: int) -> None:
    assert cal.computed_bank_holidays(year) == cal._published()[year]


def test_the_published_data_know_proclaimed_days() -> None:
    holidays = BankHolidays()
    assert D(2022, 9, 19) in holidays
    assert D(2020, 5, 8) in holidays
    assert D(2020, 5, 4) not in holidays


def test_the_rule_gives_the_given_days_of_2008() -> None:
    assert BankHolidays().in_year(AcademicYear(2008)) == tuple(GIVEN) == HOLIDAYS.in_year(AcademicYear(2008))


def test_substitute_days_by_rule() -> None:
    assert D(2009, 12, 28) in cal.computed_bank_holidays(2009)  # Boxing Day on a Saturday
    assert {D(2010, 12, 27), D(2010, 12, 28)} <= cal.computed_bank_holidays(2010)  # Christmas on a Saturday
    assert {D(2011, 12, 26), D(2011, 12, 27)} <= cal.computed_bank_holidays(2011)  # Christmas on a Sunday
    assert D(2011, 1, 3) in cal.computed_bank_holidays(2011)
    assert D(2011, 4, 29) in cal.computed_bank_holidays(2011)
    assert D(2002, 5, 27) not in cal.computed_bank_holidays(2002)


def test_a_given_year_is_given_whole() -> None:
    holidays = BankHolidays([D(2008, 12, 25)])
    assert D(2008, 12, 26) not in holidays  # the year is given, and this day is not
    assert D(2009, 8, 31) not in holidays
    assert D(2009, 12, 25) in holidays  # beyond: by rule
    assert D(2008, 8, 25) in holidays


@given(st.integers(1979, 2060))
def test_every_year_has_eight_or_more_and_all_on_weekdays(year: int) -> None:
    days = cal.computed_bank_holidays(year)
    assert 8 <= len(days) <= 9
    assert all(day.weekday() < 5 for day in days)


# ---------------------------------------------------------------- terms


def test_which_term_a_day_lies_in() -> None:
    assert str(TERMS.term_on(D(2008, 10, 14))) == "autumn 2008"
    assert str(TERMS.term_on(D(2008, 10, 29))) == "autumn 2008"  # half-term break
    assert TERMS.half_term_on(D(2008, 10, 29)) is None
    assert str(TERMS.term_on(D(2009, 1, 5))) == "spring 2009"
    assert TERMS.term_on(D(2008, 12, 20)) is None
    assert str(TERMS.term_of(D(2008, 12, 20))) == "autumn 2008"
    assert str(TERMS.term_of(D(2009, 8, 31))) == "summer 2009"
    assert TERMS.term_of(D(2008, 8, 31)) is None
    assert str(TERMS.next_term(D(2008, 12, 20))) == "spring 2009"
    assert TERMS.next_term(D(2009, 7, 1)) is None
    half = TERMS.half_term_on(D(2008, 11, 3))
    assert half is not None
    assert (half.season, half.half) == (Season.AUTUMN, 2)


def test_terms_of_a_year() -> None:
    assert [str(term) for term in TERMS.in_year(AcademicYear(2008))] == ["autumn 2008", "spring 2009", "summer 2009"]
    assert TERMS.years == (AcademicYear(2008),)
    spring = TERMS.term(AcademicYear(2008), Season.SPRING)
    assert spring is not None
    assert (spring.starts_on, spring.ends_on) == (D(2009, 1, 5), D(2009, 4, 3))
    assert TERMS.term(AcademicYear(2009), Season.SPRING) is None
    assert spring.in_session(D(2009, 2, 13))
    assert not spring.in_session(D(2009, 2, 18))
    assert spring.contains(D(2009, 2, 18))


def test_term_dates_that_cannot_be_are_refused() -> None:
    year = AcademicYear(2008)
    with pytest.raises(ValueError, match="before it starts"):
        HalfTerm(year, Season.AUTUMN, 1, D(2008, 10, 1), D(2008, 9, 1))
    with pytest.raises(ValueError, match="academic year"):
        HalfTerm(year, Season.SUMMER, 2, D(2009, 6, 1), D(2009, 9, 1))
    with pytest.raises(ValueError, match="half 1 and half 2"):
        HalfTerm(year, Season.AUTUMN, 3, D(2008, 9, 1), D(2008, 10, 1))
    with pytest.raises(ValueError, match="overlap"):
        TermDates.from_rows([*ROWS, {**ROWS[0], "half": 2, "starts": D(2008, 10, 24), "ends": D(2008, 10, 30)}])
    with pytest.raises(ValueError, match="out of order"):
        TermDates.from_rows([*ROWS[:1], {**ROWS[1], "half": 1}])
    with pytest.raises(ValueError, match="out of order"):
        TermDates.from_rows([{**ROWS[0], "term": "spring"}, ROWS[1]])


# ---------------------------------------------------------------- the three clocks


def test_what_each_clock_counts() -> None:
    table = {
        D(2008, 10, 14): (True, True, True),  # a Tuesday in term
        D(2008, 10, 18): (False, False, False),  # a Saturday
        D(2008, 10, 29): (True, False, True),  # half-term
        D(2008, 12, 25): (False, False, False),  # a bank holiday
        D(2008, 12, 30): (False, False, True),  # the authority is closed; the law is not
        D(2009, 5, 4): (False, False, False),  # a bank holiday in term
        D(2008, 9, 1): (True, False, True),  # a staff day
        D(2009, 8, 3): (True, False, True),  # the summer holidays
    }
    assert {day: tuple(clock.is_day(day) for clock in CLOCKS) for day in table} == table


def test_deadlines_of_one_note_run_on_their_own_clocks() -> None:
    visit = D(2008, 10, 9)
    written = OFFICE.add(visit, 5)
    assert written == D(2008, 10, 16)
    released = OFFICE.add(written, 3)
    assert released == D(2008, 10, 21)
    assert SCHOOL.add(released, 5) == D(2008, 11, 4)  # over half-term
    assert OFFICE.add(D(2008, 11, 4), 5) == D(2008, 11, 11)
    assert OFFICE.add(D(2008, 12, 23), 2) == D(2009, 1, 2)
    assert STATUTORY.add(D(2008, 12, 23), 2) == D(2008, 12, 29)


def test_nought_days() -> None:
    assert OFFICE.add(D(2008, 10, 17), 0) == D(2008, 10, 17)
    assert OFFICE.add(D(2008, 10, 18), 0) == D(2008, 10, 20) == OFFICE.on_or_after(D(2008, 10, 18))
    assert OFFICE.on_or_before(D(2008, 10, 18)) == D(2008, 10, 17)
    assert OFFICE.add(D(2008, 10, 20), -1) == D(2008, 10, 17)


def test_days_left() -> None:
    due = D(2008, 10, 17)  # a Friday
    assert [OFFICE.days_left(D(2008, 10, day), due) for day in (15, 16, 17, 18, 19, 20, 21)] == [2, 1, 0, 0, 0, -1, -2]


@by_clock
@given(start=HELD, days=st.integers(1, 60))
def test_adding_and_counting_agree(clock: cal.Clock, start: dt.date, days: int) -> None:
    try:
        due = clock.add(start, days)
    except CalendarGap:
        assert clock is SCHOOL
        assert clock.between(start, D(2009, 7, 20)) < days
        return
    assert clock.is_day(due)
    assert due > start
    assert clock.between(start, due) == days
    assert clock.between(due, start) == -days
    if clock.is_day(start):
        assert clock.add(due, -days) == start


@by_clock
@given(a=DAYS, b=st.integers(0, 120), c=st.integers(-120, 120))
def test_counts_add_up(clock: cal.Clock, a: dt.date, b: int, c: int) -> None:
    middle = a + dt.timedelta(days=b)
    end = middle + dt.timedelta(days=c)
    assert clock.between(a, middle) + clock.between(middle, end) == clock.between(a, end)
    assert 0 <= clock.between(a, middle) <= b


@given(HELD, st.integers(1, 40))
def test_office_and_school_never_run_faster_than_the_law(start: dt.date, days: int) -> None:
    assert OFFICE.add(start, days) >= STATUTORY.add(start, days)
    if SCHOOL.between(start, D(2009, 7, 20)) >= days:
        assert SCHOOL.add(start, days) >= STATUTORY.add(start, days)


def test_notices() -> None:
    assert STATUTORY.notice(D(2008, 12, 1), 20) == D(2008, 12, 31)
    assert STATUTORY.notice(D(2008, 12, 1), 20, beginning_with=True) == D(2008, 12, 30)
    assert STATUTORY.notice(D(2008, 12, 6), 1) == STATUTORY.notice(D(2008, 12, 6), 1, beginning_with=True) == D(2008, 12, 8)
    with pytest.raises(ValueError, match="at least one"):
        STATUTORY.notice(D(2008, 12, 1), 0)


def test_the_school_clock_says_what_it_does_not_know() -> None:
    with pytest.raises(CalendarGap, match="autumn 2009"):
        SCHOOL.add(D(2009, 7, 17), 5)
    with pytest.raises(CalendarGap, match="term before autumn 2008"):
        SCHOOL.add(D(2008, 8, 29), 1)
    with pytest.raises(CalendarGap, match="any term"):
        SchoolDays(TermDates([]), HOLIDAYS).add(D(2008, 10, 14), 1)
    with pytest.raises(CalendarGap, match="spring 2009"):
        SchoolDays(TermDates.from_rows(ROWS[:2] + ROWS[4:]), HOLIDAYS).add(D(2008, 12, 19), 1)
    assert SCHOOL.between(D(2009, 7, 20), D(2012, 1, 1)) == 0


def test_a_closure_that_ends_first_is_refused() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        OfficeDays(HOLIDAYS, closures=[(D(2008, 12, 31), D(2008, 12, 29))])


# ---------------------------------------------------------------- the last days of a term


def test_the_last_five_school_days_of_a_term() -> None:
    autumn = TERMS.terms[0]
    assert SCHOOL.last_days(autumn, 5) == tuple(D(2008, 12, day) for day in (15, 16, 17, 18, 19))
    assert [SCHOOL.is_in_last_days(D(2008, 12, day), 5) for day in (12, 14, 15, 19, 20)] == [False, False, True, True, False]
    assert not SCHOOL.is_in_last_days(D(2008, 10, 24), 5)  # the end of a half is no end of term
    assert SCHOOL.is_in_last_days(D(2009, 7, 14), 5)  # the summer term ends on a Monday
    assert not SCHOOL.is_in_last_days(D(2009, 7, 13), 5)
    assert SCHOOL.is_in_last_days(D(2009, 7, 18), 5)  # a Saturday among them


def test_the_first_week_of_the_next_term_is_offered() -> None:
    assert SCHOOL.first_days_of_next_term(D(2008, 12, 17), 5) == tuple(D(2009, 1, day) for day in (5, 6, 7, 8, 9))
    with pytest.raises(CalendarGap, match="next term"):
        SCHOOL.first_days_of_next_term(D(2009, 7, 17), 5)


@given(HELD, st.integers(1, 10))
def test_the_last_days_are_those_after_which_few_are_left(day: dt.date, count: int) -> None:
    term = TERMS.term_on(day)
    if term is None:
        assert not SCHOOL.is_in_last_days(day, count)
        return
    # `day - 1` so that the day itself is counted where it is a school day.
    left = SCHOOL.between(day - dt.timedelta(days=1), term.ends_on)
    assert SCHOOL.is_in_last_days(day, count) == (left < count or (left == count and SCHOOL.is_day(day)))


# ---------------------------------------------------------------- office hours

HOURS = OfficeHours(OFFICE, LONDON)


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), LONDON)


@pytest.mark.parametrize(
    ("raised", "escalates"),
    [
        (at(D(2008, 10, 14), 9), at(D(2008, 10, 14), 13)),
        (at(D(2008, 10, 14), 7, 30), at(D(2008, 10, 14), 13)),
        (at(D(2008, 10, 14), 13), at(D(2008, 10, 14), 17)),
        (at(D(2008, 10, 14), 15, 30), at(D(2008, 10, 15), 11, 30)),
        (at(D(2008, 10, 17), 16), at(D(2008, 10, 20), 12)),  # over a weekend
        (at(D(2008, 10, 18), 11), at(D(2008, 10, 20), 13)),
        (at(D(2008, 10, 24), 16), at(D(2008, 10, 27), 12)),  # over the end of summer time
        (at(D(2008, 12, 24), 15), at(D(2009, 1, 2), 11)),  # over Christmas, closure and New Year
    ],
)
def test_four_hours_within_office_days(raised: dt.datetime, escalates: dt.datetime) -> None:
    assert HOURS.add(raised, dt.timedelta(hours=4)) == escalates


@given(
    st.datetimes(dt.datetime(2008, 9, 1), dt.datetime(2009, 6, 30), timezones=st.just(dt.UTC)),
    st.timedeltas(dt.timedelta(minutes=1), dt.timedelta(hours=60)),
)
def test_office_time_adds_and_counts_alike(start: dt.datetime, length: dt.timedelta) -> None:
    end = HOURS.add(start, length)
    assert HOURS.between(start, end) == length
    assert dt.time(9) <= end.time() <= dt.time(17)
    assert OFFICE.is_day(end.date())
    assert HOURS.between(end, start) == dt.timedelta(0)


def test_office_hours_are_open_at_nine_and_closed_at_five() -> None:
    day = D(2008, 10, 14)
    assert [HOURS.is_open(at(day, hour)) for hour in (8, 9, 16, 17)] == [False, True, True, False]
    assert HOURS.next_open(at(day, 17)) == at(D(2008, 10, 15), 9)
    with pytest.raises(ValueError, match="aware"):
        HOURS.is_open(dt.datetime(2008, 10, 14, 9))
    with pytest.raises(ValueError, match="forwards"):
        HOURS.add(at(day, 9), dt.timedelta(hours=-1))
    with pytest.raises(ValueError, match="closes after"):
        OfficeHours(OFFICE, LONDON, dt.time(17), dt.time(9))
