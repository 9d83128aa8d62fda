"""Forms of quality assurance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from core.components.fields import DateBoxesField, ProseField, Radios
from core.components.forms import PortalForm
from quality.choices import JudgingBody, MentoringDecision
from quality.pack import MentoringStage, Question


class FeedbackAskForm(PortalForm):
    closes_on = DateBoxesField(label="Last day for answers")


class SummaryForm(PortalForm):
    text = ProseField(
        label="Your summary of what was said",
        help_text="In your own words. No school and no person may be recognised in it; what one school alone said is left out.",
    )


class FeedbackPageForm(PortalForm):
    """Some questions of the form, each on the scale, or its last: the comment."""

    mark_optional = False

    def __init__(self, *args: Any, questions: Sequence[Question], scale: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [*((str(value), label) for value, label in scale), ("0", "Does not apply, or I cannot say")]
        for question in questions:
            if question.is_text:
                self.fields["comment"] = ProseField(label=question.text, required=False)
            else:
                self.fields[question.code] = forms.ChoiceField(label=question.text, choices=choices, widget=Radios, required=False)

    def answers(self) -> dict[str, int]:
        return {code: int(value) for code, value in self.cleaned_data.items() if code != "comment" and value != ""}


class MentoringForm(PortalForm):
    on = DateBoxesField(label="Day")
    step = forms.ChoiceField(label="Step of the plan", required=False)
    text = ProseField(label="What was done and said")
    next_step = forms.CharField(label="What comes next", max_length=300, required=False)

    def __init__(self, *args: Any, stages: Sequence[MentoringStage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["step"].choices = [("", "A talk between steps"), *((stage.code, stage.when) for stage in stages)]  # type: ignore[attr-defined]


class SignOffForm(PortalForm):
    decision = forms.ChoiceField(label="Decision", choices=MentoringDecision.choices, widget=Radios)
    reason = ProseField(label="Reason", help_text="Feedback, moderation and the log, taken as a whole.")


class ObjectiveForm(PortalForm):
    text = ProseField(label="Objective")
    success = ProseField(label="How we shall know that it is reached")
    by_on = DateBoxesField(label="By", required=False)


class MidYearForm(PortalForm):
    on = DateBoxesField(label="Day")
    text = ProseField(label="What was found, and what changes")


class NeedForm(PortalForm):
    text = forms.CharField(label="What the SIP should learn next", max_length=300)


class AccountForm(PortalForm):
    text = ProseField(label="Your own account")


class OutcomeForm(PortalForm):
    outcome = forms.ChoiceField(label="Outcome", widget=Radios)
    text = ProseField(label="Review of the year, with the reasons")

    def __init__(self, *args: Any, outcomes: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [(outcome, outcome.capitalize()) for outcome in outcomes]  # type: ignore[attr-defined]


class JudgementForm(PortalForm):
    body = forms.ChoiceField(label="Who judged", choices=JudgingBody.choices)
    title = forms.CharField(label="What it was", max_length=160, help_text="As in “Note of the visit of July 2008”.")
    on = DateBoxesField(label="Date")
    words = ProseField(label="What it says, in its own words")
    grade = forms.CharField(label="Grade", max_length=60, required=False)
    reference = forms.CharField(label="Where the document is", max_length=200, required=False)


class AnswerForm(PortalForm):
    answer = ProseField(label="Our answer")
    action = forms.CharField(label="One more action", max_length=300, required=False)
    owner = forms.CharField(label="Who does it", max_length=120, required=False)
    due_on = DateBoxesField(label="By", required=False)
