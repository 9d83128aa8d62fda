"""Forms of briefings."""

from __future__ import annotations

from typing import Any

from django import forms

from briefings.pack import BriefingsPart
from briefings.services import BriefingFacts
from core.components.fields import DateBoxesField, QuartersField, TimeField
from core.components.forms import PortalForm
from core.components.layout import Layout, Side


class BriefingChangeForm(PortalForm):
    """When and where a briefing is."""

    on = DateBoxesField(label="Date")
    starts_at = TimeField(label="From")
    ends_at = TimeField(label="Until")
    venue = forms.CharField(label="Venue", max_length=200, required=False)
    quarters = QuartersField(label="Development time for whoever comes", min_value=1, max_value=4)

    def layout(self) -> Any:
        before = [name for name in self.fields if name not in vars(BriefingFacts)["__dataclass_fields__"]]
        return Layout(*before, "on", Side("starts_at", "ends_at"), "venue", "quarters")

    def facts(self) -> BriefingFacts:
        return BriefingFacts(**{name: self.cleaned_data[name] for name in ("on", "starts_at", "ends_at", "venue", "quarters")})


class BriefingPlanForm(BriefingChangeForm):
    """A date beside those of the pack."""

    audience = forms.ChoiceField(label="For whom")
    name = forms.CharField(label="Name", max_length=60, help_text="As in “autumn 2008”; it stands after the audience in the title.")
    template = forms.ChoiceField(label="Agenda to begin with", required=False)

    field_order = ("audience", "name", "template", "on")

    def __init__(self, *args: Any, part: BriefingsPart, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        audiences = [(row.code, row.label) for row in part.audiences]
        self.fields["audience"].choices = [*audiences, ("all", "Everybody")]  # type: ignore[attr-defined]
        self.fields["template"].choices = [("", "An empty agenda"), *((row.code, row.label) for row in part.templates)]  # type: ignore[attr-defined]


class BriefingCancelForm(PortalForm):
    reason = forms.CharField(label="Why it is called off", max_length=300)
