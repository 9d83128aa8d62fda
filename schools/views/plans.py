"""Next year's plan: beside this year's allocations, row by row, then published all at once."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from core import clock
from core.access import Refused
from core.calendar import AcademicYear
from people.models import Authority
from people.roles import Permission
from people.views.base import FormPage, Page, chosen_authority
from schools.choices import PlanState
from schools.forms import PlanRowForm
from schools.models import AllocationPlan, PlannedAllocation
from schools.selectors import review_plan
from schools.services import PlanChange, change_plan, draft_plan, publish_plan
from schools.services.plans import WALLED

SHOWS = ("all", "changed", "open")


class _PlanPage(Page):
    abstract = True
    permission = Permission.PLAN_MANAGE
    object: Authority

    def get_object(self) -> Authority:
        return chosen_authority(self.request, Permission.PLAN_MANAGE, self.kwargs["authority"])

    def authority_id(self) -> int | None:
        return self.object.pk

    @cached_property
    def year(self) -> AcademicYear:
        try:
            return AcademicYear(self.kwargs["year"])
        except ValueError:
            raise Http404("Not found.") from None

    @cached_property
    def plan(self) -> AllocationPlan | None:
        return AllocationPlan.objects.filter(authority=self.object, academic_year=self.year.first).select_related("authority").first()

    def need_plan(self) -> AllocationPlan:
        if self.plan is None:
            raise Http404("Not found.")
        return self.plan

    def url(self, name: str = "plan-detail") -> str:
        return reverse(f"schools:{name}", args=[self.object.code, self.year.first])


class PlanDetailView(_PlanPage):
    """The plan with what stands in its way at the top; without one, the button that begins it."""

    template_name = "schools/plan_detail.html"

    def context(self) -> dict[str, Any]:
        year, plan = self.year, self.plan
        context: dict[str, Any] = {"year": year, "plan": plan, "managed": self.object}
        if plan is None:
            return context
        review = review_plan(plan, on=self.today)
        asked = self.request.GET.get("show", "all")
        show = asked if asked in SHOWS else "all"
        lines = review.lines = [line for line in review.lines if line.row.school_id not in self.user.hats.walled]
        if show == "changed":
            lines = [line for line in lines if line.is_changed]
        elif show == "open":
            lines = [line for line in lines if line.blocks or line.is_unanswered or line.row.adviser_id is None]
        labels = (("all", "All"), ("changed", "Changed"), ("open", "To see to"))
        return {
            **context,
            "review": review,
            "lines": lines,
            "views": [{"label": label, "url": f"?show={key}", "current": key == show} for key, label in labels],
            "is_draft": plan.state == PlanState.DRAFT,
            "publish_url": self.url("plan-publish"),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            draft_plan(actor=self.user, authority=self.object, academic_year=self.year.first, at=clock.now())
        except Refused as refusal:
            messages.error(request, refusal.message)
        return HttpResponseRedirect(self.url())


class PlanRowView(FormPage, _PlanPage):
    """One school's row: SIP, days, and the reason that answers the warnings."""

    template_name = "schools/plan_row.html"

    @cached_property
    def row(self) -> PlannedAllocation:
        rows = self.need_plan().rows.exclude(school__in=self.user.hats.walled)
        found = rows.select_related("school__authority", "adviser").filter(school__urn=self.kwargs["urn"]).first()
        if found is None:
            raise Http404("Not found.")
        return found

    def form(self, data: Any = None) -> PlanRowForm:
        row = self.row
        initial = {"adviser": row.adviser, "quarters": row.quarters, "reason": row.reason, "lock_version": self.need_plan().lock_version}
        return PlanRowForm(data, user=self.user, initial=initial)

    def context(self) -> dict[str, Any]:
        return {"row": self.row, "year": self.year, "back_url": self.url()}

    def deed(self, form: PlanRowForm) -> HttpResponse:
        data = form.cleaned_data
        change = PlanChange(self.row.school, data["adviser"], data["quarters"], data["reason"])
        change_plan(actor=self.user, plan=self.need_plan(), changes=[change], lock_version=data["lock_version"], at=clock.now())
        return self.go(self.url(), f"The plan for {self.row.school.name} is changed.")


class PlanPublishView(_PlanPage):
    """Shows what publishing does, then does it."""

    template_name = "schools/plan_publish.html"

    def context(self) -> dict[str, Any]:
        review = review_plan(self.need_plan(), on=self.today)
        walled = self.user.hats.walled
        is_walled = any(line.row.school_id in walled for line in review.lines)
        review.lines = [line for line in review.lines if line.row.school_id not in walled]
        changed = [line for line in review.lines if line.is_changed]
        return {
            "plan": self.plan,
            "year": self.year,
            "review": review,
            "changed": changed,
            "walled": WALLED if is_walled else "",
            "back_url": self.url(),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        seen = str(request.POST.get("lock_version", ""))
        try:
            publish_plan(actor=self.user, plan=self.need_plan(), lock_version=int(seen) if seen.isdecimal() else -1, at=clock.now())
        except Refused as refusal:
            return self.show(422, refused=refusal.message)
        return self.go(self.url(), f"The plan for {self.year} is published.")
