"""Forms of the directory of services and of brokering."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms

from core.components.fields import Checkboxes, DateBoxesField, MoneyField, ProseField, QuartersField, Radios
from core.components.forms import PortalFilterForm, PortalForm
from core.components.layout import Group, Layout, Side

from .choices import Commissioner, ProviderKind, SupportState
from .directory import COSTS, PHASE_WORDS, Wish
from .models import Service
from .services.directory import Offer

KINDS = [(code, str(label)[:1].upper() + str(label)[1:]) for code, label in ProviderKind.choices]


class ServiceFilterForm(PortalFilterForm):
    words = forms.CharField(label="Search", required=False, max_length=80)
    area = forms.ChoiceField(label="Area of need", required=False)
    phase = forms.ChoiceField(label="Phase", required=False, choices=[("", "Any"), *PHASE_WORDS.items()])
    provider_kind = forms.ChoiceField(label="Provider", required=False, choices=[("", "Any"), *KINDS])
    cost = forms.ChoiceField(label="Cost", required=False, choices=[("", "Any"), *COSTS])
    only = forms.ChoiceField(label="Entries", required=False)

    def __init__(self, *args: Any, areas: Mapping[str, str], keeps: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = [("", "Any"), *areas.items()]  # type: ignore[attr-defined]
        options = [("", "All that are offered"), ("late", "Out of date"), *([("off", "Off the directory")] if keeps else [])]
        self.fields["only"].choices = options  # type: ignore[attr-defined]

    def layout(self) -> Layout:
        return Layout("words", Side("area", "phase"), Side("provider_kind", "cost"), "only")

    @property
    def wish(self) -> Wish:
        return Wish(**self.cleaned_data) if self.is_bound and self.is_valid() else Wish()


class ServiceForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {
        "name": "Enter the name of the service",
        "provider": "Enter who provides it",
        "provider_kind": "Select the kind of provider",
        "areas": "Select the needs that it is for",
        "phases": "Select the schools that it is for",
    }

    name = forms.CharField(label="Name", max_length=160)
    provider = forms.CharField(label="Provider", max_length=160)
    provider_kind = forms.ChoiceField(label="Kind of provider", choices=KINDS, widget=Radios())
    what = ProseField(label="What it does", required=False, rows=4, max_length=2000, help_text="What changes for pupils, and how it works.")
    areas = forms.MultipleChoiceField(label="Areas of need", widget=Checkboxes)
    phases = forms.MultipleChoiceField(label="For which schools", widget=Checkboxes, choices=list(PHASE_WORDS.items()))
    day_rate_pence = MoneyField(label="Cost of a day", required=False, help_text="0 where schools pay nothing. Leave empty where they ask.")
    usual_quarters = QuartersField(label="Usual days", required=False)
    capacity_quarters = QuartersField(
        label="Days in a year", required=False, max_value=40_000, help_text="That all schools can have of it."
    )
    contact_name = forms.CharField(label="Contact", required=False, max_length=120)
    contact_email = forms.EmailField(label="Email", required=False)
    contact_phone = forms.CharField(label="Telephone", required=False, max_length=40)
    owner = forms.ChoiceField(label="Who keeps this entry up to date")

    NAMES: ClassVar = (
        "name", "provider", "provider_kind", "what", "areas", "phases", "day_rate_pence", "usual_quarters", "capacity_quarters",
        "contact_name", "contact_email", "contact_phone",
    )  # fmt: skip

    def __init__(self, *args: Any, areas: Mapping[str, str], owners: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["areas"].choices = list(areas.items())  # type: ignore[attr-defined]
        self.fields["owner"].choices = list(owners.items())  # type: ignore[attr-defined]

    def layout(self) -> Layout:
        return Layout(
            Side("name", "provider"),
            "provider_kind",
            "what",
            "areas",
            "phases",
            Group("Cost and capacity", "day_rate_pence", Side("usual_quarters", "capacity_quarters")),
            Group("Whom a school asks", "contact_name", Side("contact_email", "contact_phone")),
            "owner",
        )

    @property
    def offer(self) -> Offer:
        data = {name: self.cleaned_data[name] for name in self.NAMES}
        return Offer(**{**data, "areas": tuple(data["areas"]), "phases": tuple(data["phases"])})

    @classmethod
    def initial_of(cls, row: Service) -> dict[str, Any]:
        return {name: getattr(row, name) for name in cls.NAMES} | {"owner": row.owner.public_id}


class PolicyForm(PortalForm):
    text = ProseField(label="Policy for brokering", rows=14, max_length=8000, help_text="Leave a line empty between paragraphs.")


# ---------------------------------------------------------------- brokering


class AskForm(PortalForm):
    """A need. Of the school, its SIP or the authority: the page says as whom one asks."""

    required_messages: ClassVar[dict[str, str]] = {
        "area": "Select the area of need",
        "need": "Say what pupils need, and by when they should gain",
    }

    area = forms.ChoiceField(label="Area of need")
    need = ProseField(
        label="What do pupils need?",
        rows=5,
        max_length=2000,
        help_text="Which pupils, what they cannot do yet, and by when they should. Name none of them.",
    )
    service = forms.ChoiceField(label="A service that you have in mind", required=False)
    target = forms.ChoiceField(label="A target that it is for", required=False)

    def __init__(
        self, *args: Any, areas: Mapping[str, str], services: Sequence[tuple[str, str]], targets: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = [("", "Select an area"), *areas.items()]  # type: ignore[attr-defined]
        self.fields["service"].choices = [("", "None: offer one"), *services]  # type: ignore[attr-defined]
        if targets:
            self.fields["target"].choices = [("", "None"), *targets]  # type: ignore[attr-defined]
        else:
            del self.fields["target"]


class MatchForm(PortalForm):
    required_messages: ClassVar[dict[str, str]] = {
        "service": "Select the service",
        "quarters": "Enter the days",
        "cost_pence": "Enter the price",
    }

    service = forms.ChoiceField(label="Service")
    quarters = QuartersField(label="Days", min_value=1)
    cost_pence = MoneyField(label="Price", help_text="For all the days together.")
    commissioner = forms.ChoiceField(
        label="Who commissions it, and so pays?",
        choices=[(code, str(label).capitalize()) for code, label in Commissioner.choices],
        widget=Radios(),
    )
    plan = forms.CharField(label="Against which plan?", max_length=160, help_text="Such as “School improvement plan 2008/09, priority 2”.")
    fund = forms.CharField(label="Paid from", required=False, max_length=120)
    starts_on = DateBoxesField(label="Start")
    ends_on = DateBoxesField(label="End", required=False)

    def __init__(self, *args: Any, services: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].choices = [("", "Select a service"), *services]  # type: ignore[attr-defined]

    def layout(self) -> Layout:
        return Layout(
            "service",
            Group("What is put to the school", Side("quarters", "cost_pence"), "commissioner", "fund", "plan"),
            Side("starts_on", "ends_on"),
        )


class AgreeForm(PortalForm):
    """``is_school``: the school itself answers; else its word is recorded."""

    on_word_of = forms.CharField(label="Who agreed for the school?", max_length=160, help_text="Name and role.")

    def __init__(self, *args: Any, is_school: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_school:
            del self.fields["on_word_of"]


class DeclineForm(AgreeForm):
    reason = ProseField(label="Why?", rows=3, max_length=1000, help_text="So that something better can be offered.")


class ReasonForm(PortalForm):
    reason = ProseField(label="Why is it not needed any more?", rows=3, max_length=1000)


class BeginForm(PortalForm):
    starts_on = DateBoxesField(label="First day")


class DeliverForm(PortalForm):
    ends_on = DateBoxesField(label="Last day")
    quarters = QuartersField(label="Days, as they were", min_value=1)
    cost_pence = MoneyField(label="Cost, as it was")
    known_on = DateBoxesField(label="When will its impact be known?", required=False, help_text="At once, where this is left empty")


class RequestFilterForm(PortalFilterForm):
    state = forms.ChoiceField(
        label="How it stands",
        required=False,
        choices=[
            ("", "Open"),
            ("all", "All"),
            *[(code, str(label)) for code, label in SupportState.choices if code != SupportState.RECORDED],
        ],
    )
    area = forms.ChoiceField(label="Area of need", required=False)
    words = forms.CharField(label="School or service", required=False, max_length=80)

    def __init__(self, *args: Any, areas: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = [("", "Any"), *areas.items()]  # type: ignore[attr-defined]
