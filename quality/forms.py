"""Forms of quality assurance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from core.components.fields import DateBoxesField, ProseField, Radios
from core.components.forms import PortalForm
from quality.pack import Question


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
