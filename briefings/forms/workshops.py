"""Forms of workshops, and of what SIPs would like to learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from briefings.models import Booking
from briefings.pack import BriefingsPart, WorkshopTopic
from briefings.services import WorkshopFacts
from core.components.fields import Checkboxes, DateBoxesField, ProseField, QuartersField, TimeField
from core.components.forms import PortalForm
from core.components.layout import Layout, Side
from people.models import User

from .briefings import LeadMixin

FACTS = ("title", "about", "suits", "on", "starts_at", "ends_at", "venue", "places", "lead", "lead_name", "quarters")


class WorkshopForm(PortalForm, LeadMixin):
    """One date of a workshop."""

    title = forms.CharField(label="Title", max_length=160)
    about = ProseField(label="What it is about", required=False, rows=3)
    suits = forms.CharField(
        label="For whom", max_length=120, required=False, help_text="As in “new SIPs”. Advice: nobody is refused by it."
    )
    on = DateBoxesField(label="Date")
    starts_at = TimeField(label="From")
    ends_at = TimeField(label="Until")
    venue = forms.CharField(label="Venue", max_length=200)
    places = forms.IntegerField(label="Places", min_value=1, max_value=500)
    quarters = QuartersField(label="Development time for whoever comes", min_value=1, max_value=4)

    field_order: tuple[str, ...] = FACTS

    def __init__(self, *args: Any, leads: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.take(leads)

    def layout(self) -> Any:
        before = [name for name in self.fields if name not in FACTS]
        return Layout(
            *before, "title", "about", "suits", "on", Side("starts_at", "ends_at"), "venue", "places", "lead", "lead_name", "quarters"
        )

    def facts(self) -> WorkshopFacts:
        values = {name: self.cleaned_data[name] for name in FACTS if name != "lead"}
        return WorkshopFacts(**values, lead=self.lead_of())


class WorkshopOfferForm(WorkshopForm):
    audience = forms.ChoiceField(label="For the audience")
    topic = forms.ChoiceField(label="Workshop of the pack", required=False, help_text="Several dates of the same one are alternatives.")

    field_order = ("audience", "topic", *FACTS)

    def __init__(self, *args: Any, part: BriefingsPart, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        audiences = [("all", "Everybody"), *((row.code, row.label) for row in part.audiences)]
        self.fields["audience"].choices = audiences  # type: ignore[attr-defined]
        self.fields["topic"].choices = [("", "Another"), *((row.code, row.title) for row in part.workshops)]  # type: ignore[attr-defined]


class WorkshopAttendanceForm(PortalForm):
    came = forms.MultipleChoiceField(label="Who came?", widget=Checkboxes, required=False)

    def __init__(self, *args: Any, bookings: Sequence[Booking], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {row.user.public_id: row.user for row in bookings}
        self.fields["came"].choices = [(key, user.name) for key, user in self.people.items()]  # type: ignore[attr-defined]

    def who_came(self) -> list[User]:
        return [self.people[key] for key in self.cleaned_data["came"]]


class NeedForm(PortalForm):
    """What a SIP would like to learn."""

    topic = forms.ChoiceField(label="A workshop", required=False)
    text = forms.CharField(label="Something else, or more about it", max_length=300, required=False)

    def __init__(self, *args: Any, topics: Sequence[WorkshopTopic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["topic"].choices = [("", "None of these"), *((row.code, row.title) for row in topics)]  # type: ignore[attr-defined]
