"""Forms of retention: a period, a hold, and the filters of who read what."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms

from core.components.fields import DateBoxesField, ProseField, Radios
from core.components.forms import PortalFilterForm, PortalForm
from core.retention import RETENTION
from people.models import User
from schools.models import School
from visits.selectors import school_meant


class PeriodForm(PortalForm):
    has_period = forms.ChoiceField(
        label="Does your retention schedule give a period?",
        choices=[("yes", "Yes"), ("no", "No: nothing of this kind is ever disposed of")],
        widget=Radios(),
    )
    months = forms.IntegerField(label="Months", required=False, min_value=1, max_value=1200, help_text="For example 72 for six years.")
    schedule = forms.CharField(label="Where the schedule says so", required=False, max_length=200)


class HoldForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {"reason": "Say why nothing may be destroyed"}
    school = forms.CharField(
        label="School", required=False, max_length=100, help_text="Its name, URN or DfE number. None means every school."
    )
    kind = forms.ChoiceField(label="Kind of record", required=False)
    reason = ProseField(label="Why may nothing be destroyed?", rows=3, max_length=1000)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["kind"].choices = [("", "Every kind"), *((kind.key, kind.label) for kind in RETENTION)]  # type: ignore[attr-defined]

    def clean_school(self) -> School | None:
        asked = self.cleaned_data["school"].strip()
        if not asked:
            return None
        found = list(School.objects.visible_to(self.user).filter(school_meant(asked)).select_related("authority")[:2])
        if len(found) != 1:
            raise forms.ValidationError("No school that you see matches" if not found else "Several schools match: enter the URN")
        return found[0]


class ReadingFilterForm(PortalFilterForm):
    person = forms.CharField(label="Person", required=False, max_length=100, help_text="Part of the name")
    note = forms.CharField(label="Note", required=False, max_length=100, help_text="Part of its reference or school: 2008/0417")
    what = forms.ChoiceField(label="What", required=False)
    since = DateBoxesField(label="From", required=False)
    until = DateBoxesField(label="To", required=False)

    def __init__(self, *args: Any, events: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = [("", "Opened or downloaded"), *events]  # type: ignore[attr-defined]
