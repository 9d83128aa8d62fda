"""Funds with their ledger: opened, drawn on, given back, followed to the payment (S6)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import slugify

from core import audit, clock
from core.access import PortalView, can, get_visible
from core.calendar import FinancialYear
from core.components.forms import PortalForm
from core.tabular.writing import export_response
from people.models import Authority
from people.roles import Permission as P
from people.views.base import Page, chosen_authority
from schools.models import School
from support import programme_forms as forms
from support import services
from support.choices import DrawdownStage
from support.models import Drawdown, Fund, Programme

from .programmes import EXPORTS, _Form


class FundOpenView(_Form):
    permission = P.FUND_MANAGE
    title, button = "Open a fund", "Open it"
    object: Authority

    def get_object(self) -> Authority:
        return chosen_authority(self.request, P.FUND_MANAGE)

    def authority_id(self) -> int | None:
        return self.object.pk

    def back(self) -> str:
        return reverse("support:programme-list")

    @cached_property
    def programmes(self) -> dict[str, Programme]:
        return {row.code: row for row in Programme.objects.filter(authority=self.object)}

    def form(self, data: Any = None) -> PortalForm:
        chosen = str(self.request.GET.get("programme") or "")
        return forms.FundForm(
            data,
            programmes=[(code, row.label) for code, row in self.programmes.items()],
            year=FinancialYear.from_date(self.today),
            initial={"programme": chosen, "label": f"{self.programmes[chosen].label} funding" if chosen in self.programmes else ""},
        )

    def deed(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        row = services.open_fund(
            actor=self.user,
            authority=self.object,
            programme=self.programmes.get(data["programme"]),
            code=slugify(data["label"])[:20],
            label=data["label"],
            financial_year=int(data["financial_year"]),
            amount_pence=data["amount_pence"],
            at=clock.now(),
        )
        return self.go(row.get_absolute_url(), f"{row} is open.")


class OfFund:
    object: Fund
    kwargs: dict[str, Any]
    request: Any

    def get_object(self) -> Fund:
        return get_visible(Fund.objects.select_related("authority", "programme"), self.request.user, public_id=self.kwargs["fund"])

    def authority_id(self) -> int | None:
        return self.object.authority_id

    def back(self) -> str:
        return self.object.get_absolute_url()

    def over(self) -> str:
        return str(self.object)


class FundDetailView(OfFund, Page):
    """The ledger, the latest first; entries of a school over which the reader is walled are counted in the sums and not shown."""

    permission = P.FUND_VIEW
    template_name = "support/fund_detail.html"

    def context(self) -> dict[str, Any]:
        rows = (
            Drawdown.objects.visible_to(self.user).filter(fund=self.object).select_related("school__authority", "given_back", "gives_back")
        )
        entries = list(rows.prefetch_related("steps"))
        totals = dict.fromkeys(DrawdownStage.labels, 0)
        for entry in entries:
            for step in entry.steps.all():
                totals[DrawdownStage(step.stage).label] += entry.pence
        lines = []
        for entry in entries:
            done = list(entry.steps.all())
            is_back = entry.pence < 0 or hasattr(entry, "given_back")
            following = None if is_back or len(done) == len(DrawdownStage) else DrawdownStage(list(DrawdownStage.values)[len(done)])
            lines.append((entry, done, is_back, following))
        return {
            "fund": self.object,
            "lines": lines,
            "totals": list(totals.items()),
            "may_manage": can(self.user, P.FUND_MANAGE, self.object),
        }


class FundExportView(OfFund, PortalView):
    permission = P.FUND_VIEW
    http_method_names = ("get", "head")
    COLUMNS = ("Date", "School", "URN", "What for", "Pounds", "Reference", "Committed", "Claimed", "Paid", "By")

    def get(self, request: HttpRequest, kind: str, **kwargs: Any) -> HttpResponseBase:
        from decimal import Decimal

        if kind not in EXPORTS:
            raise Http404("Not found.")
        rows = []
        found = Drawdown.objects.visible_to(request.user).filter(fund=self.object).select_related("school").prefetch_related("steps")
        for entry in found:
            steps = {step.stage: step.on for step in entry.steps.all()}
            stages = [steps.get(stage) for stage in DrawdownStage.values]
            pounds = Decimal(entry.pence) / 100
            rows.append((entry.on, entry.school.name, entry.school.urn, entry.what, pounds, entry.reference, *stages, entry.by_name))
        changes = {"fund": str(self.object), "rows": len(rows), "kind": kind}
        audit.record(
            "programme.exported", actor=request.user, at=clock.now(), subject=self.object, authority=self.object.authority, changes=changes
        )
        return export_response(str(self.object), self.COLUMNS, rows, kind)


class FundChangeView(OfFund, _Form):
    permission = P.FUND_MANAGE
    title, button = "Change the amount", "Save the amount"

    def form(self, data: Any = None) -> PortalForm:
        return forms.AmountForm(data, initial={"amount_pence": self.object.amount_pence})

    def deed(self, form: Any) -> HttpResponse:
        services.change_fund(actor=self.user, fund=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(self.back(), "The amount is changed.")


class DrawView(OfFund, _Form):
    permission = P.FUND_MANAGE
    title, button = "Draw on the fund", "Draw"

    def lede(self) -> str:
        from core.components.formats import money_pence

        return f"{money_pence(self.object.left_pence)} of {money_pence(self.object.amount_pence)} are left."

    @cached_property
    def schools(self) -> dict[str, School]:
        """The programme's own schools, or all of the authority's where the fund is for brokering."""
        rows = School.objects.visible_to(self.user).filter(authority=self.object.authority).exclude(pk__in=self.user.hats.walled)
        if self.object.programme_id:
            rows = rows.filter(enrolments__programme=self.object.programme_id).distinct()
        return {str(school.urn): school for school in rows.select_related("authority").order_by("name")}

    def form(self, data: Any = None) -> PortalForm:
        initial = {"on": self.today, "school": str(self.request.GET.get("school") or "")}
        return forms.DrawForm(data, schools=[(key, school.name) for key, school in self.schools.items()], initial=initial)

    def deed(self, form: Any) -> HttpResponse:
        data = dict(form.cleaned_data)
        school = self.schools[data.pop("school")]
        services.draw_down(actor=self.user, fund=self.object, school=school, at=clock.now(), **data)
        return self.go(self.back(), f"The money is drawn for {school.name}.")


class OfDrawdown(OfFund):
    def get_object(self) -> Fund:
        rows = Drawdown.objects.select_related("fund__authority", "fund__programme", "school__authority")
        self.drawdown = get_visible(rows, self.request.user, public_id=self.kwargs["drawdown"])
        return self.drawdown.fund

    def over(self) -> str:
        return f"{self.drawdown.school.name}: {self.drawdown.what}"


class GiveBackView(OfDrawdown, _Form):
    permission = P.FUND_MANAGE
    title, button = "Give the money back to the fund", "Give it back"

    def form(self, data: Any = None) -> PortalForm:
        return forms.BackForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.give_back(actor=self.user, drawdown=self.drawdown, on=self.today, at=clock.now(), **form.cleaned_data)
        return self.go(self.back(), "The money is back in the fund.")


class DrawdownStepView(OfDrawdown, _Form):
    permission = P.FUND_MANAGE
    button = "Record it"

    def get_object(self) -> Fund:
        fund = super().get_object()
        if self.kwargs["stage"] not in DrawdownStage.values:
            raise Http404("Not found.")
        return fund

    @property
    def title(self) -> str:  # type: ignore[override]
        return f"Record that it is {DrawdownStage(self.kwargs['stage']).label.lower()}"

    def form(self, data: Any = None) -> PortalForm:
        return forms.StepForm(data, initial={"on": self.today})

    def deed(self, form: Any) -> HttpResponse:
        stage = self.kwargs["stage"]
        services.step_drawdown(actor=self.user, drawdown=self.drawdown, stage=stage, at=clock.now(), **form.cleaned_data)
        return self.go(self.back(), f"It is {DrawdownStage(stage).label.lower()}.")


__all__ = ["DrawView", "DrawdownStepView", "FundChangeView", "FundDetailView", "FundExportView", "FundOpenView", "GiveBackView"]
