"""Forms of visits: booking, logging, moving, and the list's filters. What they check is form; rules are the services'."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms

from core.components.fields import Checkboxes, DateBoxesField, PickerField, ProseField, Radios, TimeField
from core.components.formats import days_words, weekday
from core.components.forms import PortalFilterForm, PortalForm
from core.components.layout import Group, Layout, Reveal, Side
from people.models import User
from schools.choices import DaysSource
from schools.models import School
from visits.choices import NoteState, VisitState
from visits.models import Visit, VisitDate
from visits.pack import VisitType
from visits.services.visits import VisitFacts

PROPOSALS = 4
"""So many days may be proposed to a school at once."""

MOST_QUARTERS = 12

SOURCES = [(source.value, source.label.capitalize()) for source in DaysSource]


def quarter_choices(*values: int) -> list[tuple[int, str]]:
    """Days in quarters, to three days; and whatever stands already."""
    return [(quarters, days_words(quarters)) for quarters in sorted({*range(MOST_QUARTERS + 1), *values})]


def quarter_field(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, coerce=int, choices=quarter_choices())


def lines(text: str) -> list[str]:
    """One name a line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


class VisitFilterForm(PortalFilterForm):
    """The filters of the list of visits and notes; every one stands in the URL."""

    school = forms.CharField(label="School", required=False, max_length=100, help_text="Part of its name, its URN or its DfE number")
    state = forms.ChoiceField(label="Visit", required=False, choices=[("", "Any state"), *VisitState.choices])
    note = forms.ChoiceField(
        label="Note",
        required=False,
        choices=[("", "Any state"), ("none", "No note yet"), ("late", "Late"), *NoteState.choices],
    )
    kind = forms.ChoiceField(label="Kind of visit", required=False)
    sip = forms.ChoiceField(label="Led by", required=False)
    since = DateBoxesField(label="From", required=False)
    until = DateBoxesField(label="To", required=False)

    def __init__(self, *args: Any, kinds: Iterable[VisitType], leads: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "Any kind"), *((kind.code, kind.short) for kind in kinds)]  # type: ignore[attr-defined]
        self.fields["sip"].choices = [("", "Anybody"), *leads]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        since, until = values.get("since"), values.get("until")
        if since and until and until < since:
            self.refuse("until", "To must be on or after the day in From")
        return values


class SchoolChooseForm(PortalForm):
    """Which school the visit is to, where it is not one of a few."""

    school = PickerField(label="School", help_text="Part of its name, its URN or its DfE number")


class ReasonForm(PortalForm):
    """One reason, in the words of the page that asks for it."""

    reason = ProseField(label="Reason", rows=4, max_length=2000)

    def __init__(self, *args: Any, label: str = "Reason", says: str = "", hint: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label
        self.fields["reason"].help_text = hint
        self.fields["reason"].error_messages["required"] = says or "Enter the reason"


# ---------------------------------------------------------------- booking


WEEKEND = (5, 6)


def no_school_that_day(day: dt.date) -> str:
    """Why nobody visits a school on this day, wherever it is; of holidays the calendar of the authority tells, and the visit's page."""
    return f"{weekday(day)} is not a school day. Choose another" if day.weekday() in WEEKEND else ""


class BookForm(PortalForm):
    """A visit to come: its kind, who goes, and the day, or days among which the school chooses."""

    mark_optional = False

    required_messages: ClassVar[dict[str, str]] = {"visit_type": "Select the kind of visit", "lead": "Select who leads the visit"}

    visit_type = forms.ChoiceField(label="Kind of visit", widget=Radios())
    covers = forms.MultipleChoiceField(
        label="Does it cover other schools of the group?",
        required=False,
        widget=Checkboxes(),
        help_text="One note, with a part for each school. Each answers for itself.",
    )
    lead = forms.ChoiceField(label="Who leads the visit")
    when = forms.ChoiceField(
        label="Is a day agreed?",
        choices=[("agreed", "Yes, book it"), ("propose", "No, propose days to the school")],
        widget=Radios(hints={"propose": "The school chooses one, or asks for others."}),
    )
    on = DateBoxesField(label="Day of the visit", required=False)
    starts_at = TimeField(label="Start", required=False, help_text="For example, 9:30am")
    ends_at = TimeField(label="End", required=False, help_text="For example, 12:30pm")
    second = forms.ChoiceField(
        label="Does a second adviser come?", choices=[("no", "No"), ("yes", "Yes")], widget=Radios(), initial="no", required=False
    )
    second_adviser = forms.ChoiceField(label="Second adviser", required=False)
    second_sections = forms.MultipleChoiceField(
        label="Sections of the note that the second adviser writes",
        required=False,
        widget=Checkboxes(),
        help_text="None: the lead writes all of it.",
    )
    observers = ProseField(
        label="Observers",
        required=False,
        rows=2,
        help_text="Name and role, one a line. An observer is named to the school and reads nothing.",
    )
    days_source = forms.ChoiceField(label="The days come from", choices=SOURCES, initial=DaysSource.CORE)
    place_of = forms.ChoiceField(label="Does it replace a cancelled visit?", required=False, help_text="Its preparation moves to this one.")

    def __init__(
        self,
        *args: Any,
        types: Sequence[VisitType],
        others: Sequence[School] = (),
        leads: Sequence[User] = (),
        seconds: Sequence[User] = (),
        cancelled: Sequence[Visit] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.leads = {lead.public_id: lead for lead in leads}
        self.seconds = {person.public_id: person for person in seconds}
        self.others = {school.public_id: school for school in others}
        self.cancelled = {visit.public_id: visit for visit in cancelled}
        for i in range(1, PROPOSALS + 1):
            self.fields[f"day{i}"] = DateBoxesField(label=f"Day {i}", required=False)
            self.fields[f"time{i}"] = TimeField(label=f"Start on day {i}", required=False)
        self._choices("visit_type", [(kind.code, kind.label) for kind in types])
        sections = {use.section.code: use.section.title for kind in types for use in kind.sections}
        self._choices("second_sections", sections.items())
        self._choices("second_adviser", [("", "Choose"), *((key, person.name) for key, person in self.seconds.items())])
        if others:
            self._choices("covers", [(key, school.name) for key, school in self.others.items()])
        else:
            del self.fields["covers"]
        if len(leads) > 1:
            self._choices("lead", [("", "Choose"), *((key, lead.name) for key, lead in self.leads.items())])
        else:
            del self.fields["lead"]
        if cancelled:
            named = [
                (key, f"{visit.visit_type_label}, {visit.on:%-d %B %Y}" if visit.on else visit.visit_type_label)
                for key, visit in self.cancelled.items()
            ]
            self._choices("place_of", [("", "No"), *named])
        else:
            del self.fields["place_of"]

    def _choices(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        self.fields[name].choices = list(choices)  # type: ignore[attr-defined]

    def layout(self) -> Layout:
        proposals: list[Any] = [Side(f"day{i}", f"time{i}") for i in range(1, PROPOSALS + 1)]
        shown: list[Any] = [name for name in ("visit_type", "covers", "lead") if name in self.fields]
        shown += [
            Reveal("when", agreed=["on", Side("starts_at", "ends_at")], propose=proposals),
            Reveal("second", yes=["second_adviser", "second_sections"]),
            "observers",
            "days_source",
        ]
        return Layout(*shown, *(["place_of"] if "place_of" in self.fields else []))

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        when = values.get("when")
        if when == "agreed" and not values.get("on") and "on" not in self.errors:
            self.refuse("on", "Enter the day of the visit")
        if when == "propose" and not self.proposals(values) and not any(f"day{i}" in self.errors for i in range(1, PROPOSALS + 1)):
            self.refuse("day1", "Enter at least one day to propose")
        for name in ["on"] if when == "agreed" else [f"day{i}" for i in range(1, PROPOSALS + 1)]:
            if values.get(name) and (why := no_school_that_day(values[name])):
                self.refuse(name, why)
        for i in range(1, PROPOSALS + 1):
            if when == "propose" and values.get(f"time{i}") and not values.get(f"day{i}") and f"day{i}" not in self.errors:
                self.refuse(f"day{i}", f"Enter day {i}, or clear its start")
        if values.get("second") == "yes" and not values.get("second_adviser"):
            self.refuse("second_adviser", "Select the second adviser")
        return values

    @staticmethod
    def proposals(values: dict[str, Any]) -> list[tuple[dt.date, dt.time | None]]:
        return [(values[f"day{i}"], values.get(f"time{i}")) for i in range(1, PROPOSALS + 1) if values.get(f"day{i}")]


# ---------------------------------------------------------------- logging


class FactsForm(PortalForm):
    """The facts of a visit that was held. Short enough for a phone; days begin with what the pack says is usual."""

    required_messages: ClassVar[dict[str, str]] = {"met": "Select whom you met"}

    on = DateBoxesField(label="Day of the visit")
    starts_at = TimeField(label="Start", required=False, help_text="For example, 9:30am")
    ends_at = TimeField(label="End", required=False, help_text="For example, 12:30pm")
    met = forms.MultipleChoiceField(label="Whom did you meet?", widget=Checkboxes(), help_text="By role. Never a pupil’s name.")
    preparation = quarter_field("Preparation")
    in_school = quarter_field("In school")
    writing = quarter_field("Writing")
    second_days = quarter_field("The second adviser’s days")
    observers = ProseField(label="Observers", required=False, rows=2, help_text="Name and role, one a line.")
    next_visit = forms.CharField(
        label="Next visit", required=False, max_length=120, help_text="As agreed: “Spring, 10 March, mathematics”."
    )
    days_source = forms.ChoiceField(label="The days come from", choices=SOURCES, initial=DaysSource.CORE)

    def __init__(
        self, *args: Any, met: Iterable[str], today: dt.date, has_second: bool = False, standing: Sequence[int] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        shown = list(dict.fromkeys(met))
        self.fields["met"].choices = [(role, role) for role in shown]  # type: ignore[attr-defined]
        field = self.fields["on"]
        assert isinstance(field, DateBoxesField)
        field.latest = today
        for name in ("preparation", "in_school", "writing", "second_days"):
            if name in self.fields:
                self.fields[name].choices = quarter_choices(*standing)  # type: ignore[attr-defined]
        if not has_second:
            del self.fields["second_days"]

    def layout(self) -> Layout:
        days: list[str] = ["preparation", "in_school", "writing"]
        extra = ["second_days"] if "second_days" in self.fields else []
        return Layout(
            "on", Side("starts_at", "ends_at"), "met", Group("Days", Side(*days), *extra), "observers", "next_visit", "days_source"
        )

    def facts(self) -> VisitFacts:
        values = self.cleaned_data
        return VisitFacts(
            on=values["on"],
            starts_at=values.get("starts_at"),
            ends_at=values.get("ends_at"),
            met=values["met"],
            preparation_quarters=values["preparation"],
            in_school_quarters=values["in_school"],
            writing_quarters=values["writing"],
            second_quarters=values.get("second_days") or 0,
            observers=lines(values.get("observers") or ""),
            next_visit=values.get("next_visit") or "",
            days_source=values["days_source"],
        )


FIELDS_OF_FACTS = {
    "on": "on",
    "starts_at": "starts_at",
    "ends_at": "ends_at",
    "preparation_quarters": "preparation",
    "in_school_quarters": "in_school",
    "writing_quarters": "writing",
    "second_quarters": "second_days",
}
"""Where a service's refusal of a fact belongs in the form."""


class LogForm(FactsForm):
    """A visit that was never booked: one short form, in under a minute."""

    required_messages: ClassVar[dict[str, str]] = {
        **FactsForm.required_messages,
        "school": "Select the school",
        "visit_type": "Select the kind of visit",
    }

    school = forms.ChoiceField(label="School")
    visit_type = forms.ChoiceField(label="Kind of visit")

    def __init__(self, *args: Any, places: Iterable[tuple[str, str]], types: Sequence[VisitType], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].choices = [("", "Choose"), *places]  # type: ignore[attr-defined]
        self.fields["visit_type"].choices = [(kind.code, kind.label) for kind in types]  # type: ignore[attr-defined]
        del self.fields["observers"]
        del self.fields["next_visit"]

    def layout(self) -> Layout:
        return Layout(
            "school",
            "visit_type",
            "on",
            "met",
            Group(
                "Days",
                Side("preparation", "in_school", "writing"),
                hint="As is usual for this kind of visit. Change them if it took more or less.",
            ),
            Side("starts_at", "ends_at"),
            "days_source",
        )


# ---------------------------------------------------------------- a visit to come


class ChooseForm(PortalForm):
    """One of the days proposed."""

    required_messages: ClassVar[dict[str, str]] = {"date": "Select one of the days, or ask for others"}

    date = forms.ChoiceField(label="Which day suits the school?", widget=Radios())

    def __init__(self, *args: Any, dates: Sequence[tuple[VisitDate, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dates = {str(date.pk): date for date, _ in dates}
        self.fields["date"].choices = [(str(date.pk), words) for date, words in dates]  # type: ignore[attr-defined]


class MoveForm(PortalForm):
    on = DateBoxesField(label="New day")
    starts_at = TimeField(label="Start", required=False, help_text="For example, 9:30am")
    ends_at = TimeField(label="End", required=False, help_text="For example, 12:30pm")
    reason = ProseField(label="Why does the visit move?", rows=3, max_length=2000)

    required_messages: ClassVar[dict[str, str]] = {"reason": "Enter why the visit moves"}

    def layout(self) -> Layout:
        return Layout("on", Side("starts_at", "ends_at"), "reason")

    def clean_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["on"]
        if why := no_school_that_day(day):
            raise forms.ValidationError(why)
        return day


class HalfPageForm(PortalForm):
    text = ProseField(label="From the school", rows=12, required=False)

    def __init__(self, *args: Any, words: tuple[int, int], prompts: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget = self.fields["text"].widget
        widget.low, widget.high = words
        self.fields["text"].help_text = " ".join(prompts)
