"""Interventions at a school: add one, one with its history, revise, evaluate. The list is the school's tab."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from core import clock
from core.access import can, get_visible
from core.audit import AuditEvent
from people.packs import page_pack
from people.roles import Permission as P
from people.views.base import FormPage
from schools.models import School
from schools.views.school import SchoolPage
from support.choices import SupportState
from support.forms import EvaluationForm, InterventionForm
from support.interventions import Line, line
from support.models import Intervention
from support.programme_pack import area_labels, programmes_of
from support.services import evaluate_intervention, record_intervention, revise_intervention
from support.workflow import SUPPORT_WORKFLOW

from .base import as_seen

FIELD_WORDS = {
    "name": "name",
    "origin": "origin",
    "provider": "provider",
    "purpose": "purpose",
    "starts_on": "start",
    "ends_on": "end",
    "quarters": "days",
    "cost_pence": "cost",
    "fund": "fund",
    "impact": "impact",
    "value_for_money": "value for money",
    "value_reason": "reason for the value",
    "known_on": "day when it will be known",
    "would_buy_again": "whether to buy again",
    "area_of_need": "area of need",
    "impact_grade": "strength of the effect",
}


class OfSupport(SchoolPage):
    abstract = True
    tab = "support"

    @property
    def tab_url(self) -> str:
        return reverse("schools:school-tab", args=[self.object.authority.code, self.object.urn, "support"])

    def frame(self) -> dict[str, Any]:
        return {**super().frame(), "tab_url": self.tab_url}


class OfIntervention(OfSupport):
    """A page about one intervention; the permission is asked of its school."""

    abstract = True

    def get_object(self) -> School:
        rows = Intervention.objects.select_related("school__authority", "school__cluster", "created_by", "service", "enrolment__programme")
        self.intervention = as_seen(self.request, get_visible(rows, self.request.user, public_id=self.kwargs["intervention"]))
        return self.intervention.school

    def frame(self) -> dict[str, Any]:
        return {**super().frame(), "intervention": self.intervention, "back": self.intervention.get_absolute_url()}


class InterventionAddView(FormPage, OfSupport):
    permission = P.INTERVENTION_RECORD
    template_name = "support/intervention_form.html"

    def form(self, data: Any = None) -> InterventionForm:
        return InterventionForm(data)

    def context(self) -> dict[str, Any]:
        return {"title": "Add an intervention", "submit": "Add it", "back": self.tab_url}

    def deed(self, form: Any) -> HttpResponse:
        row = record_intervention(actor=self.user, school=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(row.get_absolute_url(), f"{row.name} is added.")


class InterventionDetailView(OfIntervention):
    """What it is and what came of it; who changed what of it, and when."""

    permission = P.INTERVENTION_VIEW
    template_name = "support/intervention_detail.html"

    def context(self) -> dict[str, Any]:
        row = self.intervention
        events = AuditEvent.objects.about("intervention", row.public_id).order_by("-id")[:40]
        history = [
            {
                "title": f"{event.actor_name or 'The portal'} {event.sentence}",
                "at": event.occurred_at,
                "what": ", ".join(FIELD_WORDS.get(name, name) for name in event.changes) if event.event == "intervention.changed" else "",
            }
            for event in events
        ]
        _, pack = page_pack(self.request, self.object.authority_id, self.today)
        marks = programmes_of(pack.content).commissioning.impact if pack else ()
        return {
            "offers": set(SUPPORT_WORKFLOW.offers(self.user, row, self.today)),
            "area": area_labels(pack.content).get(row.area_of_need, "") if pack else "",
            "impact_words": marks[row.impact_grade - 1] if row.impact_grade and marks else "",
            "line": Line(row, row.tag) if row.is_wanted else line(row, self.today),
            "history": history,
            "may_record": can(self.user, P.INTERVENTION_RECORD, row) and not row.is_wanted,
            "may_evaluate": can(self.user, P.INTERVENTION_RECORD, row)
            and row.state in (SupportState.RECORDED, SupportState.DELIVERED, SupportState.EVALUATED),
        }


class InterventionReviseView(FormPage, OfIntervention):
    permission = P.INTERVENTION_RECORD
    template_name = "support/intervention_form.html"

    def form(self, data: Any = None) -> InterventionForm:
        return InterventionForm(data, is_agreed=self.is_agreed, initial=InterventionForm.initial_of(self.intervention))

    @property
    def is_agreed(self) -> bool:
        return self.intervention.state != SupportState.RECORDED

    def context(self) -> dict[str, Any]:
        lede = "Its name, provider, days, cost and fund stay as they were agreed with the school." if self.is_agreed else ""
        return {"title": f"Revise: {self.intervention.name}", "submit": "Save the changes", "lede": lede}

    def deed(self, form: Any) -> HttpResponse:
        row = revise_intervention(actor=self.user, intervention=self.intervention, at=clock.now(), **form.cleaned_data)
        return self.go(row.get_absolute_url(), "The changes are saved.")


class InterventionEvaluateView(FormPage, OfIntervention):
    permission = P.INTERVENTION_RECORD
    template_name = "support/intervention_form.html"

    def form(self, data: Any = None) -> EvaluationForm:
        row = self.intervention
        again = {True: "yes", False: "no", None: ""}[row.would_buy_again]
        initial = {name: getattr(row, name) for name in ("impact", "impact_grade", "value_for_money", "value_reason", "known_on")}
        _, pack = page_pack(self.request, self.object.authority_id, self.today)
        marks = programmes_of(pack.content).commissioning.impact if pack else ()
        return EvaluationForm(data, marks=marks, initial={**initial, "would_buy_again": again})

    def context(self) -> dict[str, Any]:
        return {"title": f"Evaluate: {self.intervention.name}", "submit": "Save the evaluation"}

    def deed(self, form: Any) -> HttpResponse:
        values = {**form.cleaned_data, "would_buy_again": {"yes": True, "no": False}.get(form.cleaned_data["would_buy_again"])}
        row = evaluate_intervention(actor=self.user, intervention=self.intervention, at=clock.now(), **values)
        said = f"{row.name} is evaluated." if row.evaluated_on else f"{row.name} is to be evaluated when it is known."
        return self.go(row.get_absolute_url(), said)
