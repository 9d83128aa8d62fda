"""Forms of rounds: opening and changing, exemptions, the list's filters, booking in bulk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms

from core.components.fields import Checkboxes, DateBoxesField, ProseField, Radios, TimeField
from core.components.formats import MONTHS
from core.components.forms import PortalFilterForm, PortalForm
from core.components.layout import Group, Layout, Side
from schools.choices import Phase
from visits.choices import ExemptionReason
from visits.coverage import SHOWS, CoverageRow, label_of
from visits.forms.visits import no_school_that_day
from visits.pack import VisitType
from visits.services.rounds import MOST_DAYS, RoundPlan

PROPOSALS = 3
"""So many days may be proposed to each school on the form for many."""


def _days(label: str) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=1,
        max_value=MOST_DAYS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-3"}),
    )


class RoundForm(PortalForm):
    """A round: its name, whom it expects, its window, its clocks. Kind and phases stay as they were opened."""

    mark_optional = False
    required_messages: ClassVar[dict[str, str]] = {
        "visit_type": "Select the kind of visit",
        "phases": "Select at least one phase",
        "starts_on": "Enter the first day of the window",
        "ends_on": "Enter the last day of the window",
    }

    name = forms.CharField(label="Name", max_length=120, help_text="For example, Autumn 2008 pupil review: primary")
    visit_type = forms.ChoiceField(label="Kind of visit", widget=Radios())
    phases = forms.MultipleChoiceField(
        label="Phases", widget=Checkboxes(), help_text="One visit is expected to each school of these phases that is open on the day."
    )
    starts_on = DateBoxesField(label="First day")
    ends_on = DateBoxesField(label="Last day")
    draft_office_days = _days("Draft, office days after the visit")
    review_office_days = _days("Review, office days after submission")
    school_window_school_days = _days("The school’s answer, school days after delivery")
    final_office_days = _days("Final note, office days after that")

    def __init__(self, *args: Any, types: Sequence[VisitType] = (), phases: Iterable[str] = (), is_new: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_new = is_new
        if is_new:
            self.fields["visit_type"].choices = [(kind.code, kind.label) for kind in types]  # type: ignore[attr-defined]
            self.fields["phases"].choices = [(phase, str(Phase(phase).label).capitalize()) for phase in phases]  # type: ignore[attr-defined]
        else:
            del self.fields["visit_type"]
            del self.fields["phases"]

    def layout(self) -> Layout:
        clocks = ("draft_office_days", "review_office_days", "school_window_school_days", "final_office_days")
        return Layout(
            "name",
            *(("visit_type", "phases") if self.is_new else ()),
            Group("Window", Side("starts_on", "ends_on"), hint="A visit booked for a day in it belongs to the round."),
            Group(
                "Clocks",
                *clocks,
                hint="As the authority has them. A school causing concern is reviewed within the authority’s own days, whatever stands here.",
            ),
        )

    def plan(self, *, visit_type: str = "", phases: Sequence[str] = ()) -> RoundPlan:
        values = self.cleaned_data
        clocks = ("draft_office_days", "review_office_days", "school_window_school_days", "final_office_days")
        return RoundPlan(
            name=values["name"],
            visit_type=values.get("visit_type", visit_type),
            phases=values.get("phases", phases),
            starts_on=values["starts_on"],
            ends_on=values["ends_on"],
            clocks={name: values[name] for name in clocks},
        )


class RoundFilterForm(PortalFilterForm):
    """The filters of a round's schools; every one stands in the URL, and every number of the coverage leads to one."""

    q = forms.CharField(label="School", required=False, max_length=100, help_text="Part of its name, or its URN")
    show = forms.ChoiceField(label="Show", required=False)
    cluster = forms.ChoiceField(label="Cluster", required=False)
    sip = forms.ChoiceField(label="SIP", required=False)

    def __init__(
        self, *args: Any, clusters: Iterable[tuple[str, str]], sips: Iterable[tuple[str, str]], labels: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cluster"].label = labels.get("cluster", "Singular")
        self.fields["sip"].label = labels.get("sip", "short")
        self.fields["show"].choices = [("", "Every school"), *((show, label_of(show, labels)) for show in SHOWS)]  # type: ignore[attr-defined]
        self.fields["cluster"].choices = [("", "Any"), *clusters]  # type: ignore[attr-defined]
        self.fields["sip"].choices = [("", "Anybody"), *sips]  # type: ignore[attr-defined]


class ExemptForm(PortalForm):
    """Which schools the round does not expect, and why."""

    mark_optional = False
    required_messages: ClassVar[dict[str, str]] = {"schools": "Select at least one school", "reason": "Select the reason"}

    schools = forms.MultipleChoiceField(label="Schools", widget=Checkboxes())
    reason = forms.ChoiceField(label="Why is no visit expected?", choices=ExemptionReason.choices, widget=Radios())
    words = ProseField(
        label="In words",
        rows=2,
        max_length=300,
        required=False,
        help_text="What was agreed and with whom. Shown to whoever sees the round.",
    )

    def __init__(self, *args: Any, rows: Sequence[CoverageRow], hints: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {row.school.public_id: row for row in rows}
        field = self.fields["schools"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(key, row.school.name) for key, row in self.rows.items()]
        field.widget = Checkboxes(choices=field.choices, hints=hints)


class DayField(forms.Field):
    """One day on one line, for forms of many rows: 2008-11-06 as browsers send it, 6/11/2008 or 6 November 2008 as people write it."""

    widget = forms.DateInput(attrs={"type": "date", "class": "govuk-input portal-bookgrid__day"}, format="%Y-%m-%d")
    default_error_messages = {"invalid": "%(label)s must be a real day, like 6/11/2008"}

    def to_python(self, value: Any) -> dt.date | None:
        if value in self.empty_values or isinstance(value, dt.date):
            return value or None
        text = str(value).strip()
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            pass
        parts = text.replace("/", " ").replace(".", " ").replace("-", " ").split()
        try:
            day, month, year = parts
            number = next((i for i, name in enumerate(MONTHS, 1) if len(month) >= 3 and name.lower().startswith(month.lower())), 0)
            return dt.date(int(year), number or int(month), int(day))
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid", params={"label": self.label or "The day"}) from None


class BookRowForm(PortalForm):
    """One school of the form for many: a day and a start, or some days to propose. Left empty, nothing is booked for it."""

    mark_optional = False

    starts_at = TimeField(label="Start", required=False)

    def __init__(self, *args: Any, row: CoverageRow, is_proposal: bool, **kwargs: Any) -> None:
        self.row = row
        super().__init__(*args, prefix=f"s{row.school.urn}", **kwargs)
        self.names = [f"day{i}" for i in range(1, (PROPOSALS if is_proposal else 1) + 1)]
        for number, name in enumerate(self.names, 1):
            label = f"Day {number}" if is_proposal else "Day"
            self.fields[name] = DayField(label=label, required=False)
        for name, field in self.fields.items():
            field.widget.attrs["aria-label"] = f"{field.label}, {row.school.name}"
            if name == "starts_at":
                field.widget.attrs["class"] = "govuk-input govuk-input--width-5"

    @property
    def days(self) -> list[dt.date]:
        return [self.cleaned_data[name] for name in self.names if self.cleaned_data.get(name)]

    @property
    def day_boxes(self) -> list[Any]:
        return [self[name] for name in self.names]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in self.names:
            if values.get(name) and (why := no_school_that_day(values[name])):
                self.refuse(name, why)
        days = [values.get(name) for name in self.names]
        if values.get("starts_at") and not any(days) and not self.errors:
            self.refuse(self.names[0], "Enter a day, or clear the start")
        return values
