"""Fields: what they take, and what they say of what they do not take."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict

from core.components.fields import DateBoxesField, MoneyField, PickerField, ProseField, QuartersField, TimeField
from core.components.forms import PortalForm, first_input_id


class DateForm(PortalForm):
    on = DateBoxesField(label="Visit date", earliest=dt.date(2008, 9, 1), latest=lambda: dt.date(2008, 10, 14))


def date_form(day: str = "", month: str = "", year: str = "") -> DateForm:
    return DateForm({"on_day": day, "on_month": month, "on_year": year})


@pytest.mark.parametrize("boxes", [("9", "10", "2008"), (" 9 ", "Oct", "2008"), ("09", "october", "2008")])
def test_a_date_may_be_written_with_the_month_as_number_or_name(boxes: tuple[str, str, str]) -> None:
    form = date_form(*boxes)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["on"] == dt.date(2008, 10, 9)


@pytest.mark.parametrize(
    ("boxes", "message", "link"),
    [
        (("", "", ""), "Enter the visit date", "on_day"),
        (("9", "", "2008"), "Visit date must include a month", "on_month"),
        (("9", "10", ""), "Visit date must include a year", "on_year"),
        (("", "", "2008"), "Visit date must include a day and month", "on_day"),
        (("31", "9", "2008"), "Visit date must be a real date", "on_day"),
        (("9", "13", "2008"), "Visit date must be a real date", "on_month"),
        (("9", "Ma", "2008"), "Visit date must be a real date", "on_month"),
        (("nine", "10", "2008"), "Visit date must be a real date", "on_day"),
        (("9", "10", "08"), "Visit date must have a year between 1900 and 2100", "on_year"),
        (("9", "10", "20080"), "Visit date must have a year between 1900 and 2100", "on_year"),
        (("31", "8", "2008"), "Visit date must be on or after 1 September 2008", "on_day"),
        (("15", "10", "2008"), "Visit date must be on or before 14 October 2008", "on_day"),
    ],
)
def test_a_wrong_date_says_what_is_wrong_and_where(boxes: tuple[str, str, str], message: str, link: str) -> None:
    form = date_form(*boxes)
    assert form.errors["on"] == [message]
    assert first_input_id(form["on"]) == f"id_{link}"
    html = form["on"].as_widget(attrs={"data-wrong": " ".join(form.errors["on"].as_data()[0].params["boxes"])}) if any(boxes) else ""
    for value in filter(str.strip, boxes):
        assert f'value="{value}"' in html  # what was typed is there to be mended


def test_a_date_may_come_whole_in_a_link() -> None:
    assert DateForm({"on": "2008-10-09"}).is_valid()
    assert not DateForm({"on": "tomorrow"}).is_valid()


def test_a_date_that_was_not_touched_has_not_changed() -> None:
    same = DateForm({"on_day": "9", "on_month": "10", "on_year": "2008"}, initial={"on": dt.date(2008, 10, 9)})
    other = DateForm({"on_day": "8", "on_month": "10", "on_year": "2008"}, initial={"on": dt.date(2008, 10, 9)})
    assert (same.has_changed(), other.has_changed()) == (False, True)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("9am", dt.time(9)),
        ("9:30am", dt.time(9, 30)),
        ("2.05 PM", dt.time(14, 5)),
        ("14:05", dt.time(14, 5)),
        ("12am", dt.time(0)),
        ("12pm", dt.time(12)),
        ("midday", dt.time(12)),
        ("00:00", dt.time(0)),
    ],
)
def test_a_time_may_be_written_as_people_write_it(text: str, time: dt.time) -> None:
    assert TimeField(label="Start").clean(text) == time


@pytest.mark.parametrize("text", ["9", "25:00", "13pm", "0am", "9:75", "quarter past", "24:00"])
def test_a_time_that_cannot_be_read_is_not_guessed(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TimeField(label="Start").clean(text)
    assert caught.value.messages == ["Start must be a time, like 9:30am or 14:05"]


@pytest.mark.parametrize(("text", "pence"), [("3,200", 320_000), ("£3200.50", 320_050), ("0", 0), (" 49.5 ", 4_950)])
def test_money_is_whole_pence(text: str, pence: int) -> None:
    assert MoneyField(label="Cost").clean(text) == pence


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lots", "Cost must be an amount of money, like 3,200 or 49.50"),
        ("1.234", "Cost must be an amount of money, like 3,200 or 49.50"),
        ("1e5", "Cost must be an amount of money, like 3,200 or 49.50"),
        ("-1", "Cost must be £0 or more"),
        ("100000000", "Cost must be £99,999,999 or less"),
    ],
)
def test_money_that_is_none_says_so(text: str, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        MoneyField(label="Cost", max_value=9_999_999_900).clean(text)
    assert caught.value.messages == [message]


@pytest.mark.parametrize(("text", "quarters"), [("1", 4), ("1.25", 5), ("½", 2), ("1½", 6), ("¾", 3), ("2 days", 8), ("0", 0)])
def test_days_are_whole_quarters(text: str, quarters: int) -> None:
    assert QuartersField(label="Days").clean(text) == quarters


@pytest.mark.parametrize("text", ["1.1", "a day", "1/3", "NaN", "Infinity", "1e9", "-1"])
def test_days_that_are_no_quarters_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        QuartersField(label="Days").clean(text)


def test_prose_keeps_one_kind_of_line_end() -> None:
    assert ProseField().clean("one\r\n\r\ntwo\rthree") == "one\n\ntwo\nthree"


SCHOOLS = {"a1": "Ashcombe Primary School", "b2": "Beacon Hill Infant School", "h3": "Holmebrook Junior School"}


class SchoolForm(PortalForm):
    school = PickerField(label="School")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["school"]
        assert isinstance(field, PickerField)
        field.serve(
            find=lambda id_, words: [key for key, name in SCHOOLS.items() if key == id_ or (not id_ and words.lower() in name.lower())],
            describe=lambda key: (key, SCHOOLS[key]),
        )


@pytest.mark.parametrize("data", [{"school_id": "b2", "school": "Beacon Hill Infant School"}, {"school": "beacon"}])
def test_a_school_is_found_by_what_was_picked_or_by_what_was_typed(data: dict[str, str]) -> None:
    form = SchoolForm(QueryDict("&".join(f"{key}={value}" for key, value in data.items())))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["school"] == "b2"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "Enter the school"),
        ("Saltmarsh", "No school matches “Saltmarsh”. Check the spelling, or enter part of the name"),
        (
            "school",
            "“school” matches more than one: Ashcombe Primary School; Beacon Hill Infant School; Holmebrook Junior School. Enter more of the name",
        ),
    ],
)
def test_a_school_that_is_not_one_says_why(words: str, message: str) -> None:
    assert SchoolForm({"school": words}).errors["school"] == [message]


def test_an_id_outside_the_askers_scope_finds_nothing() -> None:
    form = SchoolForm({"school_id": "z9", "school": "Ashcombe Primary School"})
    assert form.errors["school"] == ["No school matches “Ashcombe Primary School”. Check the spelling, or enter part of the name"]


def test_a_picker_that_nobody_serves_is_a_mistake_of_ours() -> None:
    field = PickerField(label="School")
    with pytest.raises(RuntimeError, match="was not served"):
        field.clean(("", "Ashcombe"))
