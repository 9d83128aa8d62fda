"""The choice of notes for a bundle; every filter stands in the URL."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from core.components.fields import DateBoxesField
from core.components.forms import PortalFilterForm
from visits.pack import VisitType


class BundleFilterForm(PortalFilterForm):
    round = forms.ChoiceField(label="Round", required=False)
    school = forms.CharField(label="School", required=False, max_length=100, help_text="Its name, URN or DfE number")
    sip = forms.ChoiceField(label="Visits led by", required=False)
    cluster = forms.ChoiceField(label="Cluster", required=False)
    kind = forms.ChoiceField(label="Kind of visit", required=False)
    since = DateBoxesField(label="Visits from", required=False)
    until = DateBoxesField(label="Visits to", required=False)

    def __init__(
        self,
        *args: Any,
        rounds: Iterable[tuple[str, str]],
        kinds: Iterable[VisitType],
        leads: Iterable[tuple[str, str]],
        clusters: Iterable[tuple[int, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._kinds = {kind.code: kind.short for kind in kinds}
        self.fields["kind"].choices = [("", "Any kind"), *self._kinds.items()]  # type: ignore[attr-defined]
        self.fields["sip"].choices = [("", "Anybody"), *leads]  # type: ignore[attr-defined]
        self.fields["cluster"].choices = [("", "Any cluster"), *clusters]  # type: ignore[attr-defined]
        self.fields["round"].choices = [("", "Any round, or none"), *rounds]  # type: ignore[attr-defined]
        if len(self.fields["round"].choices) == 1:  # type: ignore[attr-defined]
            del self.fields["round"]
        if len(self.fields["cluster"].choices) == 2:  # type: ignore[attr-defined]
            del self.fields["cluster"]

    @property
    def kind_label(self) -> str:
        return self._kinds.get(self.cleaned_data.get("kind") or "", "")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        since, until = values.get("since"), values.get("until")
        if since and until and until < since:
            self.refuse("until", "To must be on or after the day in From")
        return values
