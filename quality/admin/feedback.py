"""Feedback: whom to ask about, forms to chase, what was released. Nothing here shows an answer.

The year is released by the clock on its day (ADR 0036): the manager sees and takes out what it released, and chooses neither day nor SIP.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import Exists, OuterRef
from django.http import HttpRequest

from core import clock
from core.access import Refused
from core.admin import Deed, Export, PortalModelAdmin
from core.calendar import AcademicYear
from core.components.forms import PortalForm
from core.spans import on_day
from people.admin import DayField
from people.models import User
from people.roles import Permission as P

from .. import services
from ..choices import FeedbackState
from ..models import FeedbackRelease, FeedbackRequest, SipToAskAbout
from ..selectors.feedback import candidates


class AskForm(PortalForm):
    closes_on = DayField(label="Last day for answers")


def _ask(*, actor: User, row: SipToAskAbout, at: dt.datetime, closes_on: dt.date) -> None:
    found = [one for one in candidates(actor, row.authority, AcademicYear.from_date(at.date()), at.date()) if one.sip.pk == row.pk]
    chosen = [one.key for one in found if not one.why_not]
    if not chosen:
        raise Refused(f"Nobody can be asked: {found[0].why_not}." if found else "No school of theirs has a head or chair in post.")
    services.ask_feedback(actor=actor, authority=row.authority, chosen=chosen, closes_on=closes_on, at=at)


@admin.register(SipToAskAbout)
class SipToAskAboutAdmin(PortalModelAdmin):
    permission = P.FEEDBACK_ASK
    says = "About whom nobody is asked yet this year."
    waits, place = "to ask about", 31
    list_display = ("name", "kind", "reader")
    list_filter = ("kind",)
    search_fields = ("user__name",)
    ordering = ("user__name", "id")
    fields = ("name", "kind", "reader")
    readonly_fields = fields
    deeds = (
        Deed(
            "ask",
            "Send the forms",
            P.FEEDBACK_ASK,
            _ask,
            AskForm,
            "To the head and the chair of each school of theirs, each by a link of its own. Left out: who has no address, and schools "
            "from which the reader of the answers is walled.",
        ),
    )

    def scope(self, request: HttpRequest) -> models.QuerySet[Any]:
        user: Any = request.user
        today = clock.today()
        asked = FeedbackRequest.objects.filter(sip=OuterRef("pk"), academic_year=AcademicYear.from_date(today))
        rows = SipToAskAbout.objects.filter(on_day(today), ~Exists(asked), authority_id__in=user.hats.authorities_granting(P.FEEDBACK_ASK))
        return rows.exclude(user=user).select_related("user", "authority", "line_manager", "assigned_person")

    @admin.display(description="name", ordering="user__name")
    def name(self, row: SipToAskAbout) -> str:
        return row.user.name

    @admin.display(description="who reads the answers")
    def reader(self, row: SipToAskAbout) -> str:
        return row.sip_reviewer.name if row.sip_reviewer is not None else "nobody is named"


def _remind(*, actor: User, row: FeedbackRequest, at: dt.datetime) -> None:
    services.remind_feedback(actor=actor, forms=[row], at=at)


@admin.register(FeedbackRequest)
class FeedbackRequestAdmin(PortalModelAdmin):
    permission = P.FEEDBACK_ASK
    says = "This year’s forms: whether each has come, never what it says."
    waits, place = "still to come", 32
    list_display = ("school", "role", "about", "state", "closes_on", "reminders", "reminded_at")
    list_filter = ("state", "role", "reminders")
    search_fields = ("sip__user__name", "school__name")
    ordering = ("state", "closes_on", "school__name", "role", "id")
    fields = ("about", "school", "role", "state", "closes_on", "asked_at", "reminders", "reminded_at")
    readonly_fields = fields
    deeds = (
        Deed(
            "remind",
            "Remind",
            P.FEEDBACK_ASK,
            _remind,
            says="Each by a new link; the old one ends. Who has switched reminders off gets none.",
        ),
    )
    export = Export(
        "feedback-forms",
        "feedback.exported",
        (
            ("SIP", lambda row: row.sip.user.name),
            ("School", lambda row: row.school.name),
            ("Of", lambda row: row.get_role_display()),
            ("State", lambda row: row.get_state_display()),
            ("Last day", lambda row: row.closes_on),
            ("Reminders", lambda row: row.reminders),
        ),
    )

    def scope(self, request: HttpRequest) -> models.QuerySet[Any]:
        user: Any = request.user
        rows = FeedbackRequest.objects.visible_to(user).filter(
            authority_id__in=user.hats.authorities_granting(P.FEEDBACK_ASK), academic_year=AcademicYear.from_date(clock.today())
        )
        return rows.select_related(
            "sip__user", "sip__line_manager", "sip__assigned_person", "school__authority", "authority", "contact__user"
        )

    def waiting(self, request: HttpRequest) -> models.QuerySet[Any]:
        return self.scope(request).filter(state=FeedbackState.ASKED)

    @admin.display(description="about", ordering="sip__user__name")
    def about(self, row: FeedbackRequest) -> str:
        return row.sip.user.name


@admin.register(FeedbackRelease)
class FeedbackReleaseAdmin(PortalModelAdmin):
    permission = P.PROGRAMME_REPORT
    says = "The authority’s own figures, as they were released on the day. What a SIP was told is theirs and their reviewer’s."
    place = 33
    list_display = ("academic_year", "asked", "answered", "questions", "released_at")
    ordering = ("-academic_year", "id")
    fields = ("academic_year", "asked", "answered", "means", "released_at")
    readonly_fields = fields
    export = Export(
        "feedback-released",
        "feedback.exported",
        (
            ("Year", lambda row: str(row.academic_year)),
            ("Asked", lambda row: row.asked),
            ("Answered", lambda row: row.answered),
            ("Means", lambda row: "; ".join(f"{figure['text']} {figure['mean'] or 'too few'}" for figure in row.figures)),
        ),
    )

    def scope(self, request: HttpRequest) -> models.QuerySet[Any]:
        user: Any = request.user
        return (
            FeedbackRelease.objects.visible_to(user)
            .filter(sip__isnull=True, authority_id__in=user.hats.authorities_granting(P.PROGRAMME_REPORT))
            .select_related("authority")
        )

    @admin.display(description="questions with a mean")
    def questions(self, row: FeedbackRelease) -> int:
        return sum(figure["mean"] is not None for figure in row.figures)

    @admin.display(description="means, 1 the best")
    def means(self, row: FeedbackRelease) -> str:
        return "; ".join(f"{figure['text']} {figure['mean'] or 'too few'}" for figure in row.figures)


__all__ = ["FeedbackReleaseAdmin", "FeedbackRequestAdmin", "SipToAskAboutAdmin"]
