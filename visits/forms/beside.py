"""The facts of a headteacher's review, and a contact with a school."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from crispy_forms.layout import Layout
from django import forms

from core.components.fields import DateBoxesField, QuartersField, Radios
from core.components.forms import PortalForm
from core.components.layout import Reveal
from visits.choices import CallKind, HeadReviewState


class HeadReviewForm(PortalForm):
    """``schools``: those of the adviser, where one is still to be chosen."""

    school = forms.ChoiceField(label="School")
    state = forms.ChoiceField(label="Was it held?", choices=HeadReviewState, widget=Radios())
    on = DateBoxesField(label="Day", help_text="On which it was held, or was to be.")
    governors = forms.IntegerField(label="How many of the appointed governors did you meet?", required=False, min_value=1, max_value=9)
    quarters = QuartersField(label="Days charged", required=False)
    next_due_on = DateBoxesField(label="When is the next due?", required=False)

    def __init__(self, *args: Any, schools: Iterable[tuple[str, str]] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if schools is None:
            del self.fields["school"]
        else:
            self.fields["school"].choices = [("", "Choose"), *schools]  # type: ignore[attr-defined]

    def layout(self) -> Layout:
        first = ["school"] if "school" in self.fields else []
        return Layout(*first, Reveal("state", held=["governors", "quarters"]), "on", "next_due_on")

    def facts(self) -> dict[str, Any]:
        values = self.cleaned_data
        held = values["state"] == HeadReviewState.HELD
        return {
            "state": values["state"],
            "on": values["on"],
            "governors": values.get("governors") or 0 if held else 0,
            "quarters": values.get("quarters") or 0 if held else 0,
            "next_due_on": values.get("next_due_on"),
        }


class CallForm(PortalForm):
    on = DateBoxesField(label="Day", help_text="One to come is shown as planned.")
    kind = forms.ChoiceField(label="What kind of contact?", choices=CallKind, widget=Radios())
    who = forms.CharField(label="Who had it, or will have it?", max_length=160, help_text="Name and role: the adviser for writing, say.")
    about = forms.CharField(
        label="What was it about?", max_length=200, help_text="A few words, so that nobody calls twice. Not what was said, and no pupil."
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
