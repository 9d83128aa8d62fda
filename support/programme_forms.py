"""Forms of programmes and funds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms

from core.calendar import FinancialYear
from core.components.fields import Checkboxes, DateBoxesField, MoneyField, ProseField, QuartersField, Radios
from core.components.forms import PortalForm
from core.components.layout import Group, Layout, Side

from .programme_pack import Band
from .services.programmes import Package

Choices = Sequence[tuple[str, str]]


class EnrolForm(PortalForm):
    school = forms.ChoiceField(label="School")
    starts_on = DateBoxesField(label="In the programme from")
    reason = ProseField(
        label="Reason", required=False, rows=2, max_length=600, help_text="Where the programme’s rules would not take it in."
    )

    def __init__(self, *args: Any, schools: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].choices = [("", "Select a school"), *schools]  # type: ignore[attr-defined]


class RiskForm(PortalForm):
    risk = forms.ChoiceField(label="Level of risk", widget=Radios)
    quarters = QuartersField(label="Days of an adviser a year")
    reason = ProseField(
        label="Reason", required=False, rows=2, max_length=600, help_text="Where it is not what the rules and the level suggest."
    )

    def __init__(self, *args: Any, bands: Sequence[Band], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if bands:
            self.fields["risk"].choices = [(band.code, f"{band.label}: {band.days // 4} days") for band in bands]  # type: ignore[attr-defined]
        else:
            del self.fields["risk"]


class AdviserForm(PortalForm):
    adviser = forms.ChoiceField(label="Adviser")
    starts_on = DateBoxesField(label="From")
    takes_place_of_sip = forms.BooleanField(label="In the place of the SIP", required=False)
    reason = ProseField(
        label="Reason", required=False, rows=2, max_length=600, help_text="Where a rule of assignments warns, or another adviser goes."
    )

    def __init__(self, *args: Any, people: Choices, may_replace: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["adviser"].choices = [("", "Select an adviser"), *people]  # type: ignore[attr-defined]
        if not may_replace:
            del self.fields["takes_place_of_sip"]


class DaysForm(PortalForm):
    on = DateBoxesField(label="Day")
    quarters = QuartersField(label="Days")
    what = forms.CharField(label="What for", max_length=160, help_text="Days of a visit that is in the portal are counted already.")


class ReportForm(PortalForm):
    sent_on = DateBoxesField(label="Sent on")
    reference = forms.CharField(label="Reference", max_length=60, help_text="As the department’s system gives it. The text is not copied.")


class LeaveForm(PortalForm):
    ends_on = DateBoxesField(label="Last day in the programme")
    reason = ProseField(label="Why?", rows=3, max_length=600)


class PackageForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {"must_achieve": "Say what it must achieve, in terms of pupils"}

    name = forms.CharField(label="Support", max_length=200)
    provider = forms.CharField(label="Provider", max_length=200)
    area_of_need = forms.ChoiceField(label="Area of need", required=False)
    must_achieve = ProseField(label="What must it achieve?", rows=3, max_length=1000, help_text="In terms of pupils. Name none of them.")
    achieve_by = DateBoxesField(label="By when?")
    pupils = forms.CharField(
        label="Pupils concerned", required=False, max_length=200, help_text="Such as “42 in Year 11, borderline C and D”."
    )
    quarters = QuartersField(label="Days", required=False)
    cost_pence = MoneyField(label="Price", required=False)
    plan = forms.CharField(label="Against which plan?", required=False, max_length=160)
    agreed_with = forms.CharField(label="Agreed with", max_length=160, help_text="At the school: name and role.")

    def __init__(self, *args: Any, areas: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area_of_need"].choices = [("", "Not said"), *areas.items()]  # type: ignore[attr-defined]

    def layout(self) -> Layout:
        return Layout(
            Side("name", "provider"),
            "area_of_need",
            "must_achieve",
            "achieve_by",
            "pupils",
            Group("Days, price and plan", Side("quarters", "cost_pence"), "plan"),
            "agreed_with",
        )

    @property
    def package(self) -> Package:
        return Package(**self.cleaned_data)


class TrainingForm(PortalForm):
    title = forms.CharField(label="Training", max_length=160)
    on = DateBoxesField(label="Day")
    place = forms.CharField(label="Place", required=False, max_length=120)
    quarters = QuartersField(label="Days of each")
    who = forms.MultipleChoiceField(label="Advisers who go, or went", widget=Checkboxes)

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["who"].choices = people  # type: ignore[attr-defined]


# ---------------------------------------------------------------- money


class FundForm(PortalForm):
    programme = forms.ChoiceField(label="Programme", required=False)
    label = forms.CharField(label="Name of the fund", max_length=120)
    financial_year = forms.ChoiceField(label="Financial year")
    amount_pence = MoneyField(label="Amount")

    def __init__(self, *args: Any, programmes: Choices, year: FinancialYear, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = [("", "None: for brokering"), *programmes]  # type: ignore[attr-defined]
        years = [FinancialYear(year.first + step) for step in (0, 1, -1)]
        self.fields["financial_year"].choices = [(str(found.first), str(found)) for found in years]  # type: ignore[attr-defined]


class AmountForm(PortalForm):
    amount_pence = MoneyField(label="Amount")
    reason = ProseField(label="Why?", rows=2, max_length=600)


class DrawForm(PortalForm):
    school = forms.ChoiceField(label="School")
    pence = MoneyField(label="Amount")
    what = forms.CharField(label="What for", max_length=200)
    reference = forms.CharField(label="Reference", required=False, max_length=60)
    on = DateBoxesField(label="Agreed on")

    def __init__(self, *args: Any, schools: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school"].choices = [("", "Select a school"), *schools]  # type: ignore[attr-defined]


class StepForm(PortalForm):
    on = DateBoxesField(label="On")
    reference = forms.CharField(label="Reference", required=False, max_length=60)


class BackForm(PortalForm):
    reason = ProseField(label="Why does the money go back?", rows=2, max_length=200)
