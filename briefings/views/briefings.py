"""The year's briefings; one of them; setting a date, moving it, calling it off."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse

from briefings import services
from briefings.choices import BriefingState
from briefings.forms import BriefingCancelForm, BriefingChangeForm, BriefingPlanForm
from briefings.models import Briefing
from briefings.pack import briefings_of
from briefings.workflow import BRIEFING_WORKFLOW
from core import clock
from core.access import can, get_visible
from core.calendar import AcademicYear
from core.components.forms import PortalForm
from people.models import Authority
from people.packs import require_pack
from people.roles import Permission as P
from people.views.base import Deed, FormPage, Page, chosen_authority


class BriefingListView(Page):
    """What is to come, then what was, by academic year (S16)."""

    permission = P.BRIEFING_VIEW
    template_name = "briefings/briefing_list.html"

    @cached_property
    def year(self) -> AcademicYear:
        try:
            return AcademicYear.of(self.request.GET.get("year", ""))
        except (TypeError, ValueError):
            return AcademicYear.from_date(self.today)

    def context(self) -> dict[str, Any]:
        seen = Briefing.objects.visible_to(self.user)
        rows = list(seen.filter(academic_year=self.year).order_by("on", "audience"))
        years = sorted({*seen.values_list("academic_year", flat=True), self.year, AcademicYear.from_date(self.today)}, reverse=True)
        return {
            "year": self.year,
            "coming": [row for row in rows if row.on >= self.today and row.state != BriefingState.CANCELLED],
            "past": [row for row in reversed(rows) if row.on < self.today or row.state == BriefingState.CANCELLED],
            "years": [{"label": year.label, "url": f"?year={year.first}", "current": year == self.year} for year in years],
            "may_manage": can(self.user, P.BRIEFING_MANAGE),
        }


class Managed:
    """A page over the briefings of one authority that the asker manages."""

    request: Any

    @cached_property
    def managed(self) -> Authority:
        return chosen_authority(self.request, P.BRIEFING_MANAGE)

    def authority_id(self) -> int | None:
        return self.managed.pk


class BriefingPlanView(Managed, FormPage):
    permission = P.BRIEFING_MANAGE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Add a briefing", "over": self.managed.name, "back": reverse("briefings:briefing-list"), "words": "Add it"}

    def form(self, data: Any = None) -> PortalForm:
        part = briefings_of(require_pack(self.managed, self.today).content)
        meeting = part.meeting
        initial = {"starts_at": meeting.starts_at, "ends_at": meeting.ends_at, "quarters": meeting.quarters}
        return BriefingPlanForm(data, part=part, initial=initial)

    def deed(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        row = services.plan_briefing(
            actor=self.user,
            authority=self.managed,
            audience=data["audience"],
            facts=form.facts(),
            name=data["name"],
            template=data["template"],
            at=clock.now(),
        )
        return self.go(row.get_absolute_url(), "The date is set.")


class YearPlanView(Managed, Deed):
    """The dates of the pack for a year, taken over in one press."""

    permission = P.BRIEFING_MANAGE

    def deed(self) -> str:
        if not 1990 <= self.kwargs["year"] <= 2100:
            raise Http404("Not found.")
        year = AcademicYear(self.kwargs["year"])
        rows = services.plan_year(actor=self.request.user, authority=self.managed, year=year, at=clock.now())
        return f"{len(rows)} dates are set, each with the agenda of the pack."

    def back(self) -> str:
        return f"{reverse('briefings:briefing-list')}?year={self.kwargs['year']}"


class OneBriefing:
    """A briefing of the asker's scope; 404 for everybody else."""

    request: Any
    kwargs: dict[str, Any]
    object: Briefing

    def get_object(self) -> Briefing:
        return get_visible(Briefing.objects.select_related("authority"), self.request.user, public_id=self.kwargs["briefing"])

    def authority_id(self) -> int | None:
        return self.object.authority_id


class BriefingDetailView(OneBriefing, Page):
    permission = P.BRIEFING_VIEW
    template_name = "briefings/briefing_detail.html"

    def context(self) -> dict[str, Any]:
        row = self.object
        return {
            "briefing": row,
            "items": list(row.items.select_related("lead", "draws_on__briefing")),
            "offers": BRIEFING_WORKFLOW.offers(self.user, row, self.today),
        }


class BriefingChangeView(OneBriefing, FormPage):
    permission = P.BRIEFING_MANAGE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {
            "title": "Move the briefing",
            "over": self.object.title,
            "back": self.object.get_absolute_url(),
            "words": "Keep the change",
        }

    def form(self, data: Any = None) -> PortalForm:
        names = ("on", "starts_at", "ends_at", "venue", "quarters")
        return BriefingChangeForm(data, initial={name: getattr(self.object, name) for name in names})

    def deed(self, form: Any) -> HttpResponse:
        services.change_briefing(actor=self.user, briefing=self.object, facts=form.facts(), at=clock.now())
        return self.go(self.object.get_absolute_url(), "The change is kept.")


class BriefingCancelView(OneBriefing, FormPage):
    permission = P.BRIEFING_MANAGE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {
            "title": "Call the briefing off",
            "over": self.object.title,
            "back": self.object.get_absolute_url(),
            "words": "Call it off",
        }

    def form(self, data: Any = None) -> PortalForm:
        return BriefingCancelForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.cancel_briefing(actor=self.user, briefing=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(self.object.get_absolute_url(), "It is called off.")
