"""The small forms of the steps that a note takes: a reason, a person, a tick."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from core.components.fields import Checkboxes, ProseField, Radios
from core.components.forms import PortalForm
from people.models import User


class ReasonForm(PortalForm):
    reason = ProseField(label="Reason", rows=3, max_length=4000)

    def __init__(self, *args: Any, label: str = "Reason", hint: str = "", missing: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label, self.fields["reason"].help_text = label, hint
        if missing:
            self.fields["reason"].error_messages["required"] = missing


class PersonForm(PortalForm):
    """One person out of a few, named by public id."""

    person = forms.ChoiceField(label="Person", widget=Radios)

    def __init__(
        self,
        *args: Any,
        people: Sequence[User],
        label: str = "Person",
        hints: dict[str, str] | None = None,
        missing: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.people = {user.public_id: user for user in people}
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(pid, user.name) for pid, user in self.people.items()]
        field.label = label
        field.widget.hints = hints or {}
        field.error_messages["required"] = missing or "Select a person"

    @property
    def chosen(self) -> User:
        return self.people[self.cleaned_data["person"]]


class HandOnForm(PersonForm):
    reason = ProseField(label="Why the note goes to another author", rows=3, max_length=4000, required=True)


class ReassignForm(PersonForm):
    reason = ProseField(label="Reason", rows=2, max_length=4000, required=False)


class SubmitForm(PortalForm):
    asks_review = forms.BooleanField(label="Ask for a review, whatever the rules say", required=False)


class AnswerForm(PortalForm):
    """A reason for a warning. An empty one takes the answer back."""

    check = forms.CharField(widget=forms.HiddenInput, max_length=60)
    place = forms.CharField(widget=forms.HiddenInput, max_length=80)
    reason = ProseField(label="Your reason", rows=2, max_length=1000, required=False)


class QueueFilter(PortalForm):
    """The filters of the review queue; they live in the URL."""

    mark_optional = False
    show = forms.ChoiceField(
        label="Show",
        required=False,
        choices=[("", "All that are waiting"), ("mine", "Mine"), ("nobodys", "Not yet opened"), ("late", "Late")],
    )
    concern = forms.MultipleChoiceField(label="Schools", required=False, choices=[("yes", "Causing concern only")], widget=Checkboxes)
    author = forms.ChoiceField(label="Author", required=False)

    def __init__(self, *args: Any, authors: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["author"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Everybody"), *authors]
