"""The moderator's form: the pack's criteria, each from 1 to 4 with evidence, and the overall grade."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms

from core.components.fields import DateBoxesField, ProseField, Radios
from core.components.formats import day
from core.components.forms import PortalForm
from core.components.layout import Group, Layout
from visits.models import Round

from ..criteria import ObservationPart
from ..services import CriterionGrade


class DrawForm(PortalForm):
    """Of which closed round, to be rated by when, and the seed: by default the day."""

    required_messages: ClassVar[dict[str, str]] = {
        "round": "Choose the round",
        "due_on": "Enter the day by which the notes are to be rated",
    }

    round = forms.ChoiceField(label="Which round?", widget=Radios())
    due_on = DateBoxesField(label="To be rated by")
    seed = forms.CharField(
        label="Seed",
        max_length=40,
        required=False,
        help_text="Empty: the day. It is recorded and shown, and draws the same sample again.",
    )

    def __init__(self, *args: Any, rounds: Iterable[Round], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["round"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(row.public_id, f"{row.name}, closed {day(row.closed_at)}") for row in rounds]


class SettleForm(PortalForm):
    """One of the two grades, or one between, and why."""

    required_messages: ClassVar[dict[str, str]] = {"grade": "Choose the grade that stands", "reason": "Say why this grade stands"}

    grade = forms.TypedChoiceField(label="Which grade stands?", coerce=int, widget=Radios())
    reason = ProseField(label="Why?", rows=3, max_length=1500)

    def __init__(self, *args: Any, grades: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["grade"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [(str(grade), f"{grade} {label}") for grade, label in grades]


class RateForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {"overall": "Choose the overall grade"}

    overall = forms.TypedChoiceField(label="Overall grade", coerce=int, widget=Radios())
    comment = ProseField(label="Anything else", required=False, rows=3, max_length=2000)

    def __init__(self, *args: Any, part: ObservationPart, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.part = part
        grades = [(str(grade), f"{grade} {label}") for grade, label in part.grades]
        overall = self.fields["overall"]
        assert isinstance(overall, forms.TypedChoiceField)
        overall.choices = grades
        overall.help_text = part.overall_says
        made: dict[str, forms.Field] = {}
        for criterion in part.criteria:
            hints = {str(place): text for place, text in enumerate(criterion.descriptors, start=1)}
            made[f"grade_{criterion.code}"] = forms.TypedChoiceField(
                label="Grade",
                coerce=int,
                choices=grades,
                widget=Radios(hints=hints),
                error_messages={"required": f"Choose a grade: {criterion.label}"},
            )
            made[f"evidence_{criterion.code}"] = ProseField(
                label="What in the note shows it?",
                rows=2,
                max_length=1500,
                error_messages={"required": f"Say what in the note shows it: {criterion.label}"},
            )
        self.fields = {**made, **self.fields}

    def layout(self) -> Layout:
        groups = [Group(f"{n}. {c.label}", f"grade_{c.code}", f"evidence_{c.code}") for n, c in enumerate(self.part.criteria, start=1)]
        return Layout(*groups, Group("As a whole", "overall", "comment"))

    def grades(self) -> list[CriterionGrade]:
        data = self.cleaned_data
        return [CriterionGrade(c.code, data[f"grade_{c.code}"], data[f"evidence_{c.code}"]) for c in self.part.criteria]
