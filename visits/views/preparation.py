"""Preparing a visit: the pack on one page, with what is studied and asked ticked on it, and as one PDF."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from core import clock
from core.components.formats import clock as clock_time
from core.components.formats import plural, weekday
from core.documents import DocumentFailed, make
from people.packs import require_pack
from people.roles import Permission as P
from people.views.base import FormPage
from visits import services
from visits.documents import preparation_document
from visits.forms.preparation import PrepareForm
from visits.pack import VisitType, visits_of
from visits.preparation import SchoolPack, packs_for
from visits.questions import questions_of
from visits.services.preparation import why_not_prepared

from .pages import AboutVisit


class AboutPreparation(AboutVisit):
    abstract = True
    permission = P.VISIT_PREPARE

    @cached_property
    def packs(self) -> list[SchoolPack]:
        if self.visit_type is None:
            raise Http404("Not found.")
        return packs_for(self.user, self.visit, self.policy, self.today)

    @cached_property
    def policy(self) -> Any:
        return self.policy_in_force or require_pack(self.visit.authority, self.visit.on or self.today)

    @property
    def kind(self) -> VisitType:
        return visits_of(self.policy.content).visit_type(self.visit.visit_type)

    @property
    def lede(self) -> str:
        """ "Autumn pupil review, Tuesday 21 October 2008, 9:00am: 5 office days from today."."""
        visit = self.visit
        if visit.on is None:
            return f"{self.kind.short}, no day chosen yet."
        start = f", {clock_time(visit.starts_at)}" if visit.starts_at else ""
        end = f" to {clock_time(visit.ends_at)}" if visit.starts_at and visit.ends_at else ""
        when = f"{self.kind.short}, {weekday(visit.on)}{start}{end}"
        if visit.on < self.today:
            return f"{when}."
        days = self.policy.office_days.between(self.today, visit.on)
        return f"{when}: {'today' if visit.on == self.today else plural(days, 'office day') + ' from today'}."

    @property
    def draft_due(self) -> Any:
        visit, pack = self.visit, self.policy
        return pack.office_days.add(visit.on, pack.whole("draft_office_days")) if visit.on else None


class VisitPrepareView(AboutPreparation, FormPage):
    """One school's pack; of a group, that of the school in the address or of the first."""

    permission = P.VISIT_PREPARE
    template_name = "visits/visit_prepare.html"

    @cached_property
    def pack(self) -> SchoolPack:
        asked = self.request.GET.get("school")
        found = next((pack for pack in self.packs if asked in (None, pack.school.public_id)), None)
        if found is None:
            raise Http404("Not found.")
        return found

    def form(self, data: Any = None) -> PrepareForm:
        return PrepareForm(data, pack=self.pack)

    def context(self) -> dict[str, Any]:
        visit, pack = self.visit, self.pack
        address = reverse("visits:visit-prepare", args=[visit.public_id])
        planned = visit.preparation_quarters + visit.in_school_quarters + visit.writing_quarters
        left = pack.days.total.left if pack.days else None
        return {
            "pack": pack,
            "kind": self.kind,
            "lede": self.lede,
            "draft_due": self.draft_due,
            "advice": questions_of(self.policy.content).advice,
            "closed": why_not_prepared(visit),
            "half_pages": visit.half_pages([pack.school.pk]),
            "left_after": left - planned if left is not None and visit.held_logged_at is None else left,
            "allocated": pack.days.total.allocated if pack.days else None,
            "switch": [
                {"label": one.school.name, "url": f"{address}?school={one.school.public_id}", "current": one is pack} for one in self.packs
            ]
            if visit.is_group
            else [],
        }

    def deed(self, form: Any) -> HttpResponse:
        services.prepare_visit(
            actor=self.user,
            visit=self.visit,
            school=self.pack.school,
            studied=form.studied(),
            questions=form.questions(),
            at=self.at,
        )
        return self.go(f"{self.request.get_full_path()}", "Saved. It flows into the note when you begin it.")


class VisitPreparePdfView(AboutPreparation):
    """The pack of all the schools of the visit as one tagged PDF, as it stands now."""

    permission = P.VISIT_PREPARE
    template_name = "documents/preparation.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        at = clock.now()
        document = preparation_document(
            visit=self.visit,
            packs=self.packs,
            kind=self.kind,
            policy=self.policy,
            lede=self.lede,
            draft_due=self.draft_due,
            prepared_by=self.user.name,
            at=timezone.localtime(at),
        )
        try:
            made = make(document)
        except DocumentFailed as failure:
            return HttpResponse(str(failure), status=503, content_type="text/plain; charset=utf-8")
        name = f"preparation-{self.visit.school.urn}-{self.visit.on.isoformat() if self.visit.on else 'no-day'}.pdf"
        return HttpResponse(
            made.pdf,
            content_type="application/pdf",
            headers={"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "private, no-store"},
        )
