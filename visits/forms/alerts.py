"""Forms of the alert to the authority: written standing up, on a phone, in under a minute."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from core.components.fields import DateBoxesField, ProseField, Radios
from core.components.forms import PortalFilterForm, PortalForm
from core.components.layout import Layout, Reveal
from visits.choices import AlertState
from visits.pack import AlertsPart
from visits.services.alerts import LONGEST, AlertWords


class AlertForm(PortalForm):
    """What, how urgent, what is asked, and whether the head has been told."""

    mark_optional = False
    required_messages: ClassVar[dict[str, str]] = {
        "what": "Enter what the authority must know",
        "urgency": "Select how urgent it is",
        "ask": "Select what you ask for",
        "head_told": "Select whether the headteacher has been told",
    }

    what = ProseField(label="What must the authority know?", rows=5, max_length=LONGEST)
    urgency = forms.ChoiceField(label="How urgent is it?")
    ask = forms.ChoiceField(label="What do you ask?", widget=Radios())
    head_told = forms.ChoiceField(label="Does the headteacher know that you are telling the authority?", widget=Radios())
    head_told_on = DateBoxesField(label="On which day will you tell the headteacher?", required=False)
    head_told_reason = ProseField(label="Why not?", required=False, rows=2, max_length=500)

    def __init__(self, *args: Any, part: AlertsPart, head: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.part = part
        self.fields["what"].help_text = part.disclosable
        self.fields["urgency"].widget = Radios(hints={choice.code: choice.means for choice in part.urgencies})
        for name, choices in (("urgency", part.urgencies), ("ask", part.asks), ("head_told", part.head_told)):
            self.fields[name].choices = [(choice.code, choice.label) for choice in choices]  # type: ignore[attr-defined]
        self.fields["head_told"].label = f"Does the {head} know that you are telling the authority?"

    def layout(self) -> Layout:
        told = {choice.code: ["head_told_on"] for choice in self.part.head_told if choice.needs_date}
        told |= {choice.code: ["head_told_reason"] for choice in self.part.head_told if choice.needs_text}
        return Layout("what", "urgency", "ask", Reveal("head_told", choices=told))

    def words(self) -> AlertWords:
        values = self.cleaned_data
        return AlertWords(
            what=values["what"],
            urgency=values["urgency"],
            ask=values["ask"],
            head_told=values["head_told"],
            head_told_on=values.get("head_told_on"),
            head_told_reason=values.get("head_told_reason") or "",
        )


class OutcomeForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {
        "outcome": "Select what came of it",
        "text": "Say in a few words what was done, or why nothing was",
    }

    outcome = forms.ChoiceField(label="What came of it?", widget=Radios())
    text = ProseField(label="In a few words", rows=4, max_length=2000, help_text="Read by whoever reads the alert, and kept with it.")

    def __init__(self, *args: Any, part: AlertsPart, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [(choice.code, choice.label) for choice in part.outcomes]  # type: ignore[attr-defined]


class AlertFilterForm(PortalFilterForm):
    school = forms.CharField(label="School", required=False, max_length=100, help_text="Part of its name, its URN or its DfE number")
    state = forms.ChoiceField(
        label="Shown", required=False, choices=[("", "Without an outcome"), *AlertState.choices, ("all", "All, with those that are over")]
    )
