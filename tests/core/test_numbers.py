from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import numbers
from core.numbers import MINUS, Rate


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [("0.5", 0, "1"), ("-0.5", 0, "-1"), ("2.5", 0, "3"), ("2.449", 1, "2.4"), ("2.45", 1, "2.5"), ("66.65", 1, "66.7"), ("7", 2, "7.00")],
)
def test_a_half_is_rounded_away_from_nought(value: str, places: int, expected: str) -> None:
    assert str(numbers.round_half_up(Decimal(value), places)) == expected


def test_numbers_are_shown_with_thousands_apart_and_a_true_minus() -> None:
    assert numbers.format_number(Decimal("1234567.25"), 1) == "1,234,567.3"
    assert numbers.format_number(Decimal("-3.14"), 1) == f"{MINUS}3.1"
    assert numbers.format_number(Decimal("-0.04"), 1) == "0.0"
    assert numbers.format_percent(Decimal("51.72")) == "52%"
    assert numbers.format_change(Decimal("3.9"), 1) == "+3.9"
    assert numbers.format_change(Decimal("-2")) == f"{MINUS}2"
    assert numbers.format_change(Decimal("0.2")) == "0"


def test_a_rate_is_divided_once_and_rounded_half_up() -> None:
    assert Rate(15, 29).percent() == Decimal("52")
    assert Rate(15, 29).percent(1) == Decimal("51.7")
    assert Rate(1, 8).percent() == Decimal("13")  # 12.5
    assert Rate(1, 200).percent() == Decimal("1")  # 0.5: a banker's half would give 0
    assert str(Rate(29, 29).percent(1)) == "100.0"


def test_there_is_no_percentage_of_nobody() -> None:
    assert Rate(0, 0).percent() is None
    assert str(Rate(0, 0)) == "0 of 0"
    assert str(Rate(15, 29)) == "15 of 29 (52%)"


@pytest.mark.parametrize(("numerator", "cohort"), [(3, 2), (-1, 5), (1, 0)])
def test_a_rate_that_cannot_be_is_refused(numerator: int, cohort: int) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        Rate(numerator, cohort)


RATES = st.integers(0, 10_000).flatmap(lambda cohort: st.integers(0, cohort).map(lambda numerator: Rate(numerator, cohort)))


@given(st.lists(RATES, max_size=20), st.integers(0, 3))
def test_a_roll_up_sums_the_integers_and_divides_at_the_edge(rates: list[Rate], places: int) -> None:
    together = numbers.total(rates)
    assert together == Rate(sum(r.numerator for r in rates), sum(r.cohort for r in rates))
    if together.cohort:
        exact = Fraction(together.numerator * 100, together.cohort)
        shown = together.percent(places)
        assert shown is not None
        assert abs(Fraction(shown) - exact) <= Fraction(1, 2 * 10**places)
        assert -(shown.as_tuple().exponent) == places  # type: ignore[operator]


@pytest.mark.parametrize(
    ("pence", "shown"),
    [(320_000, "£3,200"), (320_050, "£3,200.50"), (0, "£0"), (5, "£0.05"), (-1_234_500, f"{MINUS}£12,345"), (6_760_000_000, "£67,600,000")],
)
def test_money_is_shown_in_pounds(pence: int, shown: str) -> None:
    assert numbers.format_pounds(pence) == shown
    assert numbers.parse_pounds(shown) == pence


@pytest.mark.parametrize(
    ("pounds", "shown"),
    [
        (67_600_000, "£67.6m"),
        (2_900_000, "£2.9m"),
        (600_000, "£0.6m"),
        (2_950_000, "£3.0m"),
        (-640_000, f"{MINUS}£0.6m"),
        (-40_000, "£0.0m"),
    ],
)
def test_totals_are_shown_in_millions(pounds: int, shown: str) -> None:
    assert numbers.format_millions(pounds * 100) == shown


@pytest.mark.parametrize(("text", "pence"), [("3200", 320_000), (" £ 3,200.5 ", 320_050), ("-£20", -2_000), ("£-20", -2_000), ("0.01", 1)])
def test_money_is_read_as_people_write_it(text: str, pence: int) -> None:
    assert numbers.parse_pounds(text) == pence


@pytest.mark.parametrize("text", ["", "£", "3,20", "1.234", "ten", "1e3", "3200 pounds"])
def test_what_is_no_money_says_what_to_enter(text: str) -> None:
    with pytest.raises(ValueError, match="Enter a sum in pounds"):
        numbers.parse_pounds(text)


@pytest.mark.parametrize(
    ("quarters", "shown"), [(0, "0"), (1, "¼"), (2, "½"), (3, "¾"), (4, "1"), (6, "1½"), (81, "20¼"), (-2, f"{MINUS}½"), (-5, f"{MINUS}1¼")]
)
def test_days_are_shown_in_quarters(quarters: int, shown: str) -> None:
    assert numbers.format_quarters(quarters) == shown
    assert numbers.parse_quarters(shown) == quarters


@pytest.mark.parametrize(("quarters", "shown"), [(0, "0 days"), (1, "¼ day"), (4, "1 day"), (5, "1¼ days"), (8, "2 days")])
def test_days_are_counted_with_the_word(quarters: int, shown: str) -> None:
    assert numbers.format_days(quarters) == shown


@pytest.mark.parametrize(("text", "quarters"), [("1.25", 5), ("1 ½", 6), (".5", 2), ("2.750", 11), ("3", 12), ("0", 0)])
def test_days_are_read_as_people_write_them(text: str, quarters: int) -> None:
    assert numbers.parse_quarters(text) == quarters


@pytest.mark.parametrize("text", ["", "-", "1.3", "1.", "a day", "½½", "1/2"])
def test_what_is_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="quarters"):
        numbers.parse_quarters(text)


@given(st.integers(-4_000, 4_000))
def test_days_survive_being_written_and_read(quarters: int) -> None:
    assert numbers.parse_quarters(numbers.format_quarters(quarters)) == quarters
    assert numbers.quarters(numbers.days(quarters)) == quarters


def test_a_third_of_a_day_is_no_number_of_quarters() -> None:
    with pytest.raises(ValueError, match=r"0\.3 is none"):
        numbers.quarters(Decimal("0.3"))
