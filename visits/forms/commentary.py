"""Forms about the annual commentary: which year, one section, the head's answer, the two dispatches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms

from core.components.fields import ProseField, Radios
from core.components.forms import PortalFilterForm, PortalForm

from ..choices import CommentaryState
from .notes import MOST


class CommentaryYearForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {"year": "Select the year that the commentary is about"}

    year = forms.TypedChoiceField(label="Which year is it about?", coerce=int, widget=Radios())

    def __init__(self, *args: Any, years: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = years  # type: ignore[attr-defined]


class CommentaryAnswerForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {"accuracy": "Select whether the commentary is accurate"}

    accuracy = forms.ChoiceField(
        label="Is it accurate?", choices=[("accurate", "It is accurate"), ("inaccurate", "It is inaccurate where I say")], widget=Radios()
    )
    words = ProseField(
        label="Where is it inaccurate, and what would be right?",
        required=False,
        rows=6,
        max_length=MOST,
        help_text="Printed in the final commentary, unedited, with the answer to it.",
    )


class CommentaryFinaliseForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {"reply": "Enter your answer to what the school says is inaccurate"}

    reply = ProseField(
        label="Your answer to what the school says is inaccurate",
        rows=5,
        max_length=MOST,
        help_text="Printed in the final commentary. To put the text right instead, recall the draft.",
    )

    def __init__(self, *args: Any, asks: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks:
            del self.fields["reply"]


class CommentaryFilterForm(PortalFilterForm):
    school = forms.CharField(label="School", required=False, max_length=100, help_text="Part of its name, its URN or its DfE number")
    year = forms.ChoiceField(label="Year", required=False)
    state = forms.ChoiceField(label="State", required=False, choices=[("", "Any"), *CommentaryState.choices])

    def __init__(self, *args: Any, years: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [("", "Any year"), *years]  # type: ignore[attr-defined]
