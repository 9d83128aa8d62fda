"""The SIP review: for the SIP, the SIP reviewer and the head of school improvement; for nobody else is it there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import Count, F, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from core import clock
from core.access import Refused, get_visible
from core.calendar import AcademicYear
from core.components.forms import PortalForm
from core.spans import on_day
from people.models import Sip, User
from people.packs import require_pack
from people.roles import Permission as P
from people.views.base import Deed, FormPage, Page
from quality import services
from quality.choices import DONE, FindingKind
from quality.forms.feedback import AccountForm, MidYearForm, NeedForm, ObjectiveForm, OutcomeForm
from quality.models import FeedbackRelease, Shadowing, SipReview
from quality.models.feedback import reviewed_by
from quality.pack import quality_of
from quality.workflow import SIP_REVIEW_WORKFLOW
from visits.models import NoteOfVisit


class SipReviewListView(Page):
    """One's own, and those of whoever one reviews; the reviewer begins a year's."""

    permission = P.SIP_REVIEW_VIEW
    template_name = "quality/sip_review_list.html"

    def waiting(self) -> list[Sip]:
        year = AcademicYear.from_date(self.today)
        mine = Sip.objects.filter(on_day(self.today), reviewed_by(self.user)).exclude(user=self.user)
        return list(mine.exclude(reviews__academic_year=year).select_related("user", "authority", "line_manager", "assigned_person"))

    def context(self) -> dict[str, Any]:
        rows = SipReview.objects.visible_to(self.user).select_related("sip__user", "sip__line_manager", "sip__assigned_person")
        return {"rows": list(rows), "waiting": self.waiting(), "year": AcademicYear.from_date(self.today).label}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        sip = next((sip for sip in self.waiting() if sip.public_id == request.POST.get("sip")), None)
        if sip is None:
            return self.show(refused="Choose somebody whose SIP reviewer you are.", status=422)
        try:
            review = services.begin_sip_review(actor=self.user, sip=sip, at=clock.now())
        except Refused as refusal:
            return self.show(refused=refusal.message, status=422)
        return self.go(review.get_absolute_url(), "The review of this year is begun.")


class OfReview:
    request: Any
    kwargs: dict[str, Any]
    object: SipReview

    def get_object(self) -> SipReview:
        rows = SipReview.objects.select_related("authority", "sip__user", "sip__line_manager", "sip__assigned_person", "closed_by")
        return get_visible(rows, self.request.user, public_id=self.kwargs["review"])

    def authority_id(self) -> int | None:
        return self.object.authority_id


def evidence(review: SipReview, user: User) -> dict[str, Any]:
    """What quality assurance knows of the year: notes and their timeliness, shadowings as this reader may see them, and feedback as
    it was released. Ratings by moderators are not among it: the author of a note does not read them."""
    year = review.academic_year
    span = (dt.datetime.combine(day, dt.time(12), dt.UTC) for day in (year.starts_on, year.ends_on))
    notes = NoteOfVisit.objects.filter(authority=review.authority_id, author=review.sip.user_id, submitted_at__range=tuple(span))
    counts = notes.aggregate(
        submitted=Count("pk"),
        on_time=Count("pk", filter=Q(submitted_at__date__lte=F("draft_due_on"))),
        final=Count("pk", filter=Q(state="final")),
    )
    releases = list(FeedbackRelease.objects.filter(sip=review.sip_id, academic_year__lte=year.first)[:1])
    seen = Shadowing.objects.visible_to(user).filter(sip=review.sip_id, academic_year=year.first, state__in=DONE)
    kinds = {f"{kind}s": Count("findings", filter=Q(findings__kind=kind)) for kind in FindingKind.values}
    return {**counts, "shadowings": list(seen.annotate(**kinds).order_by("done_on")), "release": releases[0] if releases else None}


class SipReviewDetailView(OfReview, Page):
    permission = P.SIP_REVIEW_VIEW
    template_name = "quality/sip_review_detail.html"

    def context(self) -> dict[str, Any]:
        review = self.object
        form = quality_of(require_pack(review.authority, self.today).content).sip_review
        steps = [(step.label, form.day_of(step.code, review.academic_year)) for step in form.steps]
        return {
            "review": review,
            "objectives": list(review.objectives.all()),
            "needs": list(review.needs.all()),
            "steps": steps,
            "evidence": evidence(review, self.user),
            "offers": set(SIP_REVIEW_WORKFLOW.offers(self.user, review, self.today)),
        }


Act = Callable[..., Any]
STEPS: dict[str, tuple[str, type[PortalForm], Act, str]] = {
    "objective": ("Set an objective", ObjectiveForm, services.set_objective, "The objective is set."),
    "mid-year": ("Record the mid-year review", MidYearForm, services.record_mid_year, "The mid-year review is recorded."),
    "need": ("Record a need for training", NeedForm, services.record_need, "The need is recorded."),
    "close": ("Record the outcome and close the year", OutcomeForm, services.close_sip_review, "The year is closed, and locked."),
}


class SipReviewWriteView(OfReview, FormPage):
    """A step of the reviewer's."""

    permission = P.SIP_REVIEW_WRITE
    template_name = "quality/form.html"

    def step(self) -> tuple[str, type[PortalForm], Act, str]:
        if self.kwargs["step"] not in STEPS:
            raise Http404("Not found.")
        return STEPS[self.kwargs["step"]]

    def context(self) -> dict[str, Any]:
        return {"title": self.step()[0], "over": str(self.object), "back": self.object.get_absolute_url(), "words": "Keep"}

    def form(self, data: Any = None) -> PortalForm:
        kind = self.step()[1]
        if kind is ObjectiveForm:
            return ObjectiveForm(data)
        if kind is OutcomeForm:
            return OutcomeForm(data, outcomes=quality_of(require_pack(self.object.authority, self.today).content).sip_review.outcomes)
        return kind(data)

    def deed(self, form: Any) -> HttpResponse:
        _, _, act, told = self.step()
        act(actor=self.user, review=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(self.object.get_absolute_url(), told)


class SipReviewAgreeView(OfReview, Deed):
    permission = P.SIP_REVIEW_WRITE

    def deed(self) -> str:
        services.agree_objectives(actor=self.request.user, review=self.object, at=clock.now())
        return "The objectives are agreed."

    def back(self) -> str:
        return self.object.get_absolute_url()


class SipReviewAccountView(OfReview, FormPage):
    """The SIP's own account of the year."""

    permission = P.SIP_REVIEW_ACCOUNT
    template_name = "quality/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Your own account of the year", "over": str(self.object), "back": self.object.get_absolute_url(), "words": "Keep"}

    def form(self, data: Any = None) -> PortalForm:
        return AccountForm(data, initial={"text": self.object.account})

    def deed(self, form: Any) -> HttpResponse:
        services.write_account(actor=self.user, review=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(self.object.get_absolute_url(), "Your account is kept.")
