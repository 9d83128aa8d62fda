"""SIPs: shadowings to plan and under way, mentoring gaps, SIP reviews due."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import HttpRequest

from core import clock
from core.admin import Deed, Export, PortalModelAdmin
from core.calendar import AcademicYear
from core.components.formats import day
from core.spans import on_day
from people.admin import DayField, ReasonForm
from people.models import User
from people.roles import Permission as P
from people.selectors import sips_without_mentor
from people.services import assign_mentor

from .. import services
from ..choices import DONE, TO_COME, ShadowingState, SipReviewState
from ..models import Shadowing, SipReview, SipReviewDue, SipToMentor, SipToShadow
from ..models.feedback import reviewed_by
from .base import PeopleForm, PersonField, asked_by, places

# ---------------------------------------------------------------- shadowing


class PlanForm(PeopleForm):
    observer = PersonField(required=False, empty_label="The line manager of advisers, the assigned person of all others")
    by_on = DayField(label="To be done by", required=False, help_text="Empty: the day by which every SIP is shadowed.")


def _plan(*, actor: User, row: SipToShadow, at: dt.datetime, observer: User | None, by_on: dt.date | None) -> None:
    services.plan_shadowing(actor=actor, sip=row, observer=observer, by_on=by_on, at=at)


class _OfSips(PortalModelAdmin):
    """SIPs of today in the authorities where one plans."""

    list_display: Any = ("name", "kind", "line_manager", "assigned_person", "starts_on")
    list_filter: ClassVar[Any] = ("kind",)
    search_fields = ("user__name",)
    ordering = ("user__name", "id")
    fields = ("name", "kind", "line_manager", "assigned_person", "starts_on")
    readonly_fields = fields

    @admin.display(description="name", ordering="user__name")
    def name(self, row: Any) -> str:
        return str(row.user.name)


@admin.register(SipToShadow)
class SipToShadowAdmin(_OfSips):
    permission = P.SHADOWING_PLAN
    says = "Whom nobody has shadowed this year, and for whom nothing is planned."
    waits, place = "to plan for", 21
    deeds = (
        Deed(
            "plan",
            "Plan a shadowing",
            P.SHADOWING_PLAN,
            _plan,
            PlanForm,
            "The observer joins the next booked visit that nobody observes; where none is booked, the visit is chosen later.",
            asked_by(P.SHADOWING_PLAN),
        ),
    )

    def scope(self, request: HttpRequest) -> models.QuerySet[Any]:

        user: Any = request.user
        today = clock.today()
        reached = Shadowing.objects.filter(
            sip=OuterRef("pk"), academic_year=AcademicYear.from_date(today).first, state__in=(*DONE, *TO_COME)
        )
        ids = user.hats.authorities_granting(P.SHADOWING_PLAN)
        rows = SipToShadow.objects.filter(on_day(today), ~Exists(reached), authority_id__in=ids)
        return rows.select_related("user", "authority", "line_manager", "assigned_person")


class MentorForm(PeopleForm):
    mentor = PersonField(empty_label="Choose the mentor")


def _mentor(*, actor: User, row: SipToMentor, at: dt.datetime, mentor: User) -> None:
    assign_mentor(actor=actor, sip=row, mentor=mentor, starts_on=at.date(), at=at)


@admin.register(SipToMentor)
class SipToMentorAdmin(_OfSips):
    permission = P.SIP_MANAGE
    says = "Those in their first year who have none. Every new SIP has a mentor (P28)."
    waits, place = "without a mentor", 41
    deeds = (
        Deed(
            "mentor", "Give a mentor", P.SIP_MANAGE, _mentor, MentorForm, "From today. Every new SIP has a mentor.", asked_by(P.SIP_MANAGE)
        ),
    )

    def scope(self, request: HttpRequest) -> models.QuerySet[Any]:
        user: Any = request.user
        found = sips_without_mentor(user, clock.today()).filter(authority_id__in=user.hats.authorities_granting(P.SIP_MANAGE))
        rows = SipToMentor.objects.filter(pk__in=found.order_by().values("pk"))
        return rows.select_related("user", "authority", "line_manager", "assigned_person")


def _tell(*, actor: User, row: Shadowing, at: dt.datetime) -> None:
    services.tell_head(actor=actor, shadowing=row, at=at)


def _cancel(*, actor: User, row: Shadowing, at: dt.datetime, reason: str) -> None:
    services.cancel_shadowing(actor=actor, shadowing=row, reason=reason, at=at)


class HasVisit(admin.SimpleListFilter):
    title = "what is to do"
    parameter_name = "todo"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("visit", "Choose the visit"), ("tell", "Tell the headteacher"), ("late", "Past its day")]

    def queryset(self, request: Any, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        planned = queryset.filter(state=ShadowingState.PLANNED)
        if self.value() == "visit":
            return planned.filter(Q(visit__isnull=True) | ~Q(visit__state="booked"))
        if self.value() == "tell":
            return planned.filter(visit__state="booked")
        return queryset.filter(state__in=TO_COME, by_on__lt=clock.today()) if self.value() == "late" else queryset


@admin.register(Shadowing)
class ShadowingAdmin(PortalModelAdmin):
    permission = P.SHADOWING_PLAN
    says = "Shadowings planned and done. What the observer wrote is read in the portal."
    waits, place = "to tell the headteacher of", 22
    list_display = ("whose", "observer", "school", "visit_on", "state", "by_on", "is_outside_line")
    list_filter = ("state", HasVisit, "is_outside_line", "academic_year")
    search_fields = ("sip__user__name", "observer__name")
    ordering = ("by_on", "sip__user__name", "id")
    fields = (
        "whose",
        "observer",
        "is_outside_line",
        "school",
        "visit_on",
        "state",
        "by_on",
        "told_at",
        "told_name",
        "planned_at",
        "planned_by",
    )
    readonly_fields = fields
    deeds = (
        Deed(
            "tell",
            "Tell the headteacher",
            P.SHADOWING_PLAN,
            _tell,
            says="Each headteacher is told by name who comes, and may ask for another date.",
        ),
        Deed("cancel", "Cancel", P.SHADOWING_PLAN, _cancel, ReasonForm),
    )
    export = Export(
        "shadowings",
        "shadowing.exported",
        (
            ("SIP", lambda row: row.sip.user.name),
            ("Observer", lambda row: row.observer.name),
            ("Outside the line", lambda row: "yes" if row.is_outside_line else "no"),
            ("Schools", places),
            ("Visit", lambda row: row.visit.on if row.visit else None),
            ("State", lambda row: row.get_state_display()),
            ("To be done by", lambda row: row.by_on),
        ),
    )

    def scope(self, request: HttpRequest) -> models.QuerySet[Any]:
        user: Any = request.user
        ids = user.hats.authorities_granting(P.SHADOWING_PLAN)
        rows: Any = Shadowing.objects.visible_to(user)
        return (
            rows.with_visit()
            .filter(authority_id__in=ids)
            .select_related("visit__lead", "planned_by", "sip__line_manager", "sip__assigned_person")
        )

    def waiting(self, request: HttpRequest) -> models.QuerySet[Any]:
        return self.scope(request).filter(state=ShadowingState.PLANNED, visit__state="booked")

    def portal_url(self, obj: Any) -> str | None:
        return str(obj.get_absolute_url())

    @admin.display(description="whose visit", ordering="sip__user__name")
    def whose(self, row: Shadowing) -> str:
        return str(row.sip.user.name)

    @admin.display(description="school")
    def school(self, row: Shadowing) -> str:
        return places(row)

    @admin.display(description="visit", ordering="visit__on")
    def visit_on(self, row: Shadowing) -> str:
        return day(row.visit.on) if row.visit and row.visit.on else ""


# ---------------------------------------------------------------- SIP reviews


def _begin(*, actor: User, row: SipReviewDue, at: dt.datetime) -> None:
    services.begin_sip_review(actor=actor, sip=row, at=at)


class ReviewStage(admin.SimpleListFilter):
    title = "how far"
    parameter_name = "stage"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("begin", "To begin"), ("agree", "Objectives to agree"), ("close", "To close")]

    def queryset(self, request: Any, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        if self.value() == "begin":
            return queryset.filter(review_state__isnull=True)
        if self.value() == "agree":
            return queryset.filter(review_state=SipReviewState.SETTING)
        return queryset.filter(review_state__in=(SipReviewState.AGREED, SipReviewState.MID_YEAR)) if self.value() == "close" else queryset


@admin.register(SipReviewDue)
class SipReviewDueAdmin(_OfSips):
    permission = P.SIP_REVIEW_VIEW
    says = "Of those whose reviewer you are, and of nobody else: whose review of this year is not closed."
    waits, place = "not closed", 42
    list_display = ("name", "kind", "stage")
    list_filter = ("kind", ReviewStage)
    deeds = (
        Deed(
            "begin",
            "Begin the review of this year",
            P.SIP_REVIEW_VIEW,
            _begin,
            says="Objectives are then set and agreed in the portal, where three people see them.",
        ),
    )

    def scope(self, request: HttpRequest) -> models.QuerySet[Any]:
        user: Any = request.user
        today = clock.today()
        review = SipReview.objects.filter(sip=OuterRef("pk"), academic_year=AcademicYear.from_date(today)).values("state")[:1]
        rows = SipReviewDue.objects.filter(on_day(today), reviewed_by(user)).exclude(user=user).annotate(review_state=Subquery(review))
        due = rows.filter(Q(review_state__isnull=True) | ~Q(review_state=SipReviewState.CLOSED))
        return due.select_related("user", "authority", "line_manager", "assigned_person")

    @admin.display(description="stage")
    def stage(self, row: Any) -> str:
        return str(SipReviewState(row.review_state).label) if row.review_state else "not begun"
