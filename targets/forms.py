"""What the pages of results can be asked: measure, group of pupils, year, and whom to put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from core.calendar import AcademicYear
from core.components.forms import PortalFilterForm
from targets.pack import MeasuresPart
from targets.selectors import By

KEY_STAGES = {
    "FS": "Foundation Stage",
    "KS1": "Key Stage 1",
    "KS2": "Key Stage 2",
    "KS3": "Key Stage 3",
    "KS4": "Key Stage 4",
    "P": "Performance scales",
    "all": "All ages",
}
ONLY = [("", "All schools"), ("risen", "Newly at or above the floor"), ("fallen", "Newly below the floor"), ("below", "Below the floor")]


class ResultsForm(PortalFilterForm):
    """Every field has a value where the address says nothing, so the form is always bound and the page always shows something."""

    measure = forms.ChoiceField(label="Measure", required=False)
    group = forms.ChoiceField(label="Pupils", required=False)
    year = forms.ChoiceField(label="Results of", required=False)
    by = forms.ChoiceField(label="Put together by", required=False, choices=[(By.CLUSTER, "Cluster"), (By.PHASE, "Phase")])

    def __init__(self, data: Any, *, part: MeasuresPart, years: Sequence[int], default: str) -> None:
        chosen = data.copy()
        grouped: dict[str, list[tuple[str, str]]] = {}
        for measure in part.measures:
            grouped.setdefault(KEY_STAGES.get(measure.key_stage, measure.key_stage), []).append((measure.code, measure.short_label))
        codes = {measure.code for measure in part.measures}
        groups = [(group.code, group.label) for group in part.groups if group.level == "school"]
        for name, known, fallback in (
            ("measure", codes, default),
            ("group", {code for code, _ in groups}, "all"),
            ("year", {str(year) for year in years}, str(years[0]) if years else ""),
            ("by", {By.CLUSTER.value, By.PHASE.value}, By.CLUSTER.value),
        ):
            if chosen.get(name) not in known:
                chosen[name] = fallback
        super().__init__(chosen)
        self.chosen = {name: str(chosen[name]) for name in ("measure", "group", "year", "by")}
        for name, choices in (
            ("measure", list(grouped.items())),
            ("group", groups),
            ("year", [(str(year), str(AcademicYear(year))) for year in years]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices


class _AlwaysChosen(PortalFilterForm):
    """Every field has a value where the address says nothing."""

    def __init__(self, data: Any, *, targets: Sequence[tuple[str, str]]) -> None:
        chosen = data.copy()
        codes = [code for code, _ in targets]
        if chosen.get("target") not in codes:
            chosen["target"] = codes[0] if codes else ""
        if chosen.get("by") not in (By.CLUSTER.value, By.PHASE.value):
            chosen["by"] = By.CLUSTER.value
        super().__init__(chosen)
        self.chosen = {name: str(chosen[name]) for name in ("target", "by")}
        field = self.fields["target"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(targets)


class TogetherForm(_AlwaysChosen):
    target = forms.ChoiceField(label="Target", required=False)
    by = forms.ChoiceField(label="Put together by", required=False, choices=[(By.CLUSTER, "Cluster"), (By.PHASE, "Phase")])


class AmbitionForm(_AlwaysChosen):
    target = forms.ChoiceField(label="Target", required=False)
