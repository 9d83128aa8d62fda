"""Forms of briefings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from briefings.choices import Reply
from briefings.models import AgendaItem, AgendaQuestion, Attendance
from briefings.pack import BriefingsPart
from briefings.services import BriefingFacts, ItemFacts, Outcome
from briefings.uploads import KINDS
from core.components.fields import Checkboxes, DateBoxesField, ProseField, QuartersField, Radios, TimeField
from core.components.forms import PortalForm
from core.components.layout import Group, Layout, Side
from people.models import User


class BriefingChangeForm(PortalForm):
    """When and where a briefing is."""

    on = DateBoxesField(label="Date")
    starts_at = TimeField(label="From")
    ends_at = TimeField(label="Until")
    venue = forms.CharField(label="Venue", max_length=200, required=False)
    quarters = QuartersField(label="Development time for whoever comes", min_value=1, max_value=4)

    def layout(self) -> Any:
        before = [name for name in self.fields if name not in BriefingFacts.__dataclass_fields__]
        return Layout(*before, "on", Side("starts_at", "ends_at"), "venue", "quarters")

    def facts(self) -> BriefingFacts:
        return BriefingFacts(**{name: self.cleaned_data[name] for name in ("on", "starts_at", "ends_at", "venue", "quarters")})


class BriefingPlanForm(BriefingChangeForm):
    """A date beside those of the pack."""

    audience = forms.ChoiceField(label="For whom")
    name = forms.CharField(label="Name", max_length=60, help_text="As in “autumn 2008”; it stands after the audience in the title.")
    template = forms.ChoiceField(label="Agenda to begin with", required=False)

    field_order = ("audience", "name", "template", "on")

    def __init__(self, *args: Any, part: BriefingsPart, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        audiences = [(row.code, row.label) for row in part.audiences]
        self.fields["audience"].choices = [*audiences, ("all", "Everybody")]  # type: ignore[attr-defined]
        self.fields["template"].choices = [("", "An empty agenda"), *((row.code, row.label) for row in part.templates)]  # type: ignore[attr-defined]


class BriefingCancelForm(PortalForm):
    reason = forms.CharField(label="Why it is called off", max_length=300)


class LeadMixin(forms.Form):
    """Who leads something: one of the people who work with the SIPs, or a visitor by name."""

    lead = forms.ChoiceField(label="Led by", required=False)
    lead_name = forms.CharField(
        label="Or a visitor", max_length=120, required=False, help_text="With their office, as in “Jean Ford, regional coordinator”."
    )

    def take(self, leads: Sequence[User]) -> None:
        self.leads = {user.public_id: user for user in leads}
        self.fields["lead"].choices = [("", "Nobody yet"), *((user.public_id, user.name) for user in leads)]  # type: ignore[attr-defined]

    def lead_of(self) -> User | None:
        return self.leads.get(self.cleaned_data["lead"])


class ItemForm(PortalForm, LeadMixin):
    """One line of the agenda."""

    title = forms.CharField(label="Item", max_length=200)
    about = ProseField(label="What it is about", required=False, rows=3)
    minutes = forms.IntegerField(label="Minutes", min_value=1, max_value=480, required=False)
    is_activity = forms.BooleanField(label="It is an activity: people work on something in pairs or groups", required=False)

    field_order = ("title", "about", "lead", "lead_name", "minutes", "is_activity")

    def __init__(self, *args: Any, leads: Sequence[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.take(leads)

    def facts(self) -> ItemFacts:
        data = self.cleaned_data
        return ItemFacts(data["title"], data["about"], self.lead_of(), data["lead_name"], data["minutes"], data["is_activity"])


class QuestionForm(PortalForm):
    text = ProseField(
        label="Your question",
        rows=3,
        max_length=400,
        help_text="Whoever is invited sees it, under your name. Name no school and no person of one.",
    )


class ReplyForm(PortalForm):
    reply = forms.ChoiceField(
        label="Do you come?", choices=[(Reply.COMING, "Yes, I come"), (Reply.NOT_COMING, "No, I cannot come")], widget=Radios
    )


class AttendanceForm(PortalForm):
    """Who came, of those who belong to the briefing."""

    came = forms.MultipleChoiceField(label="Who came?", widget=Checkboxes, required=False)

    def __init__(self, *args: Any, people: Sequence[User], replies: dict[int, Attendance], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {user.public_id: user for user in people}
        field: Any = self.fields["came"]
        field.choices = [(key, user.name) for key, user in self.people.items()]
        said = {key: replies[user.pk] for key, user in self.people.items() if user.pk in replies}
        field.widget.hints = {key: f"Had said: {str(row.get_reply_display()).lower()}" for key, row in said.items() if row.reply}

    def who_came(self) -> list[User]:
        return [self.people[key] for key in self.cleaned_data["came"]]


class OutcomesForm(PortalForm):
    """What came of each item, and the answers to what was asked of it."""

    mark_optional = False

    def __init__(self, *args: Any, agenda: Sequence[tuple[AgendaItem, list[AgendaQuestion]]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agenda = agenda
        for item, questions in agenda:
            self.fields[f"outcome-{item.public_id}"] = ProseField(label="What came of it", required=False, rows=3, initial=item.outcome)
            for question in questions:
                self.fields[f"answer-{question.public_id}"] = ProseField(
                    label=f"{question.by.name} asked: {question.text}", required=False, rows=2, initial=question.answer
                )
            self.fields[f"carries-{item.public_id}"] = forms.BooleanField(
                label="The next agenda comes back to it", required=False, initial=item.carries_on
            )

    def layout(self) -> Any:
        return Layout(
            *(
                Group(
                    item.title,
                    f"outcome-{item.public_id}",
                    *(f"answer-{question.public_id}" for question in questions),
                    f"carries-{item.public_id}",
                )
                for item, questions in self.agenda
            )
        )

    def outcomes(self) -> list[Outcome]:
        data = self.cleaned_data
        return [
            Outcome(
                item,
                data[f"outcome-{item.public_id}"],
                data[f"carries-{item.public_id}"],
                {question: data[f"answer-{question.public_id}"] for question in questions},
            )
            for item, questions in self.agenda
        ]


class DocumentForm(PortalForm):
    """A file, with the title under which it is found."""

    title = forms.CharField(label="Title", max_length=160, help_text="What it is, such as “Slides of the strategy manager”.")
    file = forms.FileField(label="File", help_text=KINDS + ".")
