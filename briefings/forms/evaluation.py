"""The form of an evaluation, made from its questions."""

from __future__ import annotations

from typing import Any

from django import forms

from core.components.fields import ProseField, Radios
from core.components.forms import PortalForm


class EvaluationForm(PortalForm):
    """``questions``: as :attr:`briefings.models.Evaluation.form` keeps them. Every one may be left out."""

    mark_optional = False

    def __init__(self, *args: Any, questions: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        scale = [(str(value), label) for value, label in questions["scale"]]
        for code, text in questions["items"]:
            self.fields[f"rate-{code}"] = forms.ChoiceField(label=text, choices=scale, widget=Radios, required=False)
        for code, text in questions["open"]:
            self.fields[f"say-{code}"] = ProseField(label=text, required=False, rows=3, max_length=2000)

    def ratings(self) -> dict[str, int]:
        return {code: int(self.cleaned_data[f"rate-{code}"]) for code, _ in self.questions["items"] if self.cleaned_data[f"rate-{code}"]}

    def words(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"say-{code}"] for code, _ in self.questions["open"]}
