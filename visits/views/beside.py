"""Headteachers' reviews, as facts; and contacts with a school by other advisers."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from core import clock
from core.access import get_visible
from core.calendar import AcademicYear
from core.components.formats import day
from people.roles import Hat
from people.roles import Permission as P
from people.views.base import Page, capacity_of
from schools.models import School
from schools.registries import timeline_of
from visits import services
from visits.forms.beside import CallForm, HeadReviewForm
from visits.models import HeadReviewVisit
from visits.selectors import head_reviews_held

from .pages import AboutSchools, StepForm, WithPack
from .visits import caseload


class HeadReviewListView(Page):
    """One's own: those one advised on, or those on oneself; to the manager, held or not held, and nothing else."""

    permission = P.HEAD_REVIEW_LIST
    template_name = "visits/head_review_list.html"

    def context(self) -> dict[str, Any]:
        user, hats = self.user, self.user.hats
        year = AcademicYear.from_date(self.today)
        managing = [role.authority_id for role in hats.roles if role.hat == Hat.SIP_MANAGER]
        rows = HeadReviewVisit.objects.visible_to(user).select_related("school__authority", "head", "adviser")
        held = head_reviews_held(user, managing, year.first) if managing else []
        return {
            "year": year.label,
            "rows": list(rows[:200]),
            "may_log": hats.may_somewhere(P.HEAD_REVIEW_LOG),
            "is_manager": bool(managing),
            "held": held,
            "counts": {state: sum(1 for _, words in held if words == state) for state in ("Held", "Postponed", "Not recorded")},
        }


class AboutHeadReview(StepForm):
    abstract = True
    template_name = "visits/head_review_log.html"

    @property
    def address(self) -> str:
        return reverse("visits:head-review-list")

    def frame(self) -> dict[str, Any]:
        return {**super().frame(), "back": self.address}

    @property
    def at(self) -> dt.datetime:
        return clock.now()


class HeadReviewLogView(AboutHeadReview, WithPack):
    permission = P.HEAD_REVIEW_LOG
    title = "Log a headteacher’s review"
    submit = "Log it"

    @cached_property
    def mine(self) -> dict[str, School]:
        return {school.public_id: school for school in caseload(self.user)}

    def form(self, data: Any = None) -> HeadReviewForm:
        kind = next((kind for kind in self.part.visit_types if not kind.has_note), None) if self.part else None
        return HeadReviewForm(
            data,
            schools=[(key, school.name) for key, school in self.mine.items()],
            initial={"on": self.today, "state": "held", "quarters": kind.days.total if kind else 0},
        )

    def deed(self, form: Any) -> HttpResponse:
        school = self.mine[form.cleaned_data["school"]]
        services.log_head_review(actor=self.user, school=school, at=self.at, **form.facts())
        return self.go(self.address, "The review is logged. Nothing of its content is kept.")


class HeadReviewCorrectView(AboutHeadReview):
    permission = P.HEAD_REVIEW_LOG
    title = "Correct a headteacher’s review"
    submit = "Save the facts"

    def get_object(self) -> HeadReviewVisit:
        rows = HeadReviewVisit.objects.select_related("school__authority", "adviser", "head")
        return get_visible(rows, self.request.user, public_id=self.kwargs["review"])

    def frame(self) -> dict[str, Any]:
        return {**super().frame(), "school_words": self.object.school.name, "visit_words": day(self.object.on)}

    def form(self, data: Any = None) -> HeadReviewForm:
        names = ("state", "on", "quarters", "next_due_on")
        initial = {**{name: getattr(self.object, name) for name in names}, "governors": self.object.governors or None}
        return HeadReviewForm(data, initial=initial)

    def deed(self, form: Any) -> HttpResponse:
        services.correct_head_review(actor=self.user, review=self.object, at=self.at, **form.facts())
        return self.go(self.address, "The facts are corrected.")


class CallLogView(StepForm, AboutSchools):
    """A contact with the school: what others had or plan around these days stands beside the form."""

    permission = P.CALL_LOG
    template_name = "visits/call_log.html"
    title = "Enter a contact"
    submit = "Enter the contact"

    def get_object(self) -> School:
        rows = School.objects.select_related("authority", "cluster")
        return get_visible(rows, self.request.user, authority__code=self.kwargs["authority"], urn=self.kwargs["urn"])

    @property
    def schools(self) -> list[School]:
        return [self.object]

    def frame(self) -> dict[str, Any]:
        return {**super().frame(), "back": self.object.get_absolute_url()}

    def form(self, data: Any = None) -> CallForm:
        who = f"{self.user.name}, {self.role or capacity_of(self.user)}"
        return CallForm(data, today=self.today, initial={"on": self.today, "kind": "telephone", "who": who})

    def context(self) -> dict[str, Any]:
        around = dt.timedelta(days=60)
        return {"events": timeline_of(self.user, [self.object.pk], self.today - around, self.today + around)[self.object.pk]}

    def deed(self, form: Any) -> HttpResponse:
        services.log_call(actor=self.user, school=self.object, at=self.at, **form.cleaned_data)
        return self.go(
            reverse("schools:school-tab", args=[self.object.authority.code, self.object.urn, "timeline"]),
            "The contact is on the time line.",
        )
