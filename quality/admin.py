"""Quality assurance on the admin site: queues, filters and actions on many rows, by the services of the portal (domain.md §7).

Each queue is a scope; an action lists the rows, asks what it needs, and says of each that it was done or why not. The wall,
the separations, the workflow and the audit are the services' own.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest

from core import clock
from core.access import Refused
from core.admin import Deed, Export, PortalModelAdmin
from core.calendar import AcademicYear
from core.components.forms import PortalForm
from core.spans import on_day
from people.admin import DayField, ReasonForm
from people.models import User
from people.roles import Permission as P
from people.selectors import sips_without_mentor
from people.services import assign_mentor, people_with
from visits import services as visits
from visits.choices import GateReason, NoteState
from visits.models import NoteOfVisit

from . import services
from .choices import DONE, TO_COME, ModerationState, ShadowingState
from .models import GateQueue, Moderation, RoundToSample, SampledNote, Shadowing, SipToMentor, SipToShadow


def person_at(email: str, field: str) -> User:
    """The account with an address; the sentence that the confirm page shows where there is none."""
    found = people_with(email.strip())
    if found is None:
        raise Refused(f"There is no account with the email address {email.strip()}.", field=field)
    return found


def places(row: Any) -> str:
    return ", ".join(school.name for school in row.covered)


VISIT_SCHOOLS = "visit__visit_schools__school__authority"


# ---------------------------------------------------------------- the gate


class ReviewerForm(PortalForm):
    reviewer = forms.EmailField(label="The reviewer's email address")
    reason = forms.CharField(max_length=500, required=False)


class WordsForm(PortalForm):
    reason = forms.CharField(label="Words to the author", max_length=500, required=False)


def _assign(*, actor: User, row: GateQueue, at: dt.datetime, reviewer: str, reason: str) -> None:
    visits.reassign_review(actor=actor, note=row.note, reviewer=person_at(reviewer, "reviewer"), reason=reason, at=at)


@admin.register(GateQueue)
class GateQueueAdmin(PortalModelAdmin):
    """Notes that wait before the school sees them: schools causing concern first, then by the day."""

    permission = P.REVIEW_QUEUE
    list_display = ("school", "author", "why", "due_on", "reviewer", "opened_at")
    list_filter = ("is_concern", ("opened_at", admin.EmptyFieldListFilter))
    ordering = ("-is_concern", "due_on", "id")
    fields = ("school", "author", "why", "due_on", "reviewer", "opened_at", "version")
    readonly_fields = fields
    deeds = (
        Deed(
            "assign",
            "Assign a reviewer",
            P.NOTE_REASSIGN,
            _assign,
            ReviewerForm,
            "Also where another reviewer has it. Never the author, the author's mentor, or a person with an interest in the school.",
        ),
        Deed(
            "approve",
            "Approve",
            P.NOTE_REVIEW,
            lambda *, actor, row, at, reason: visits.approve_note(actor=actor, note=row.note, reason=reason, at=at),
            WordsForm,
            "Each may then be released to the school. What another reviewer has, that reviewer decides.",
        ),
        Deed(
            "return",
            "Return with reasons",
            P.NOTE_REVIEW,
            lambda *, actor, row, at, reason: visits.return_note(actor=actor, note=row.note, reason=reason, at=at),
            ReasonForm,
            "Each goes back to its author with this reason. No word of a note is changed.",
        ),
        Deed(
            "pass",
            "Pass unreviewed",
            P.NOTE_REASSIGN,
            lambda *, actor, row, at, reason: visits.pass_note_unreviewed(actor=actor, note=row.note, reason=reason, at=at),
            ReasonForm,
            "Each may be released without review; the reason is kept.",
        ),
    )
    export = Export(
        "gate-reviews",
        "gate.exported",
        (
            ("Note", lambda row: row.note.reference),
            ("Schools", lambda row: places(row.note)),
            ("Author", lambda row: row.note.author.name),
            ("Decide by", lambda row: row.due_on),
            ("Reviewer", lambda row: row.reviewer.name if row.reviewer else ""),
        ),
        lambda row: row.note.authority,
    )

    def scope(self, request: HttpRequest) -> models.QuerySet[Any]:
        user: Any = request.user
        seen = NoteOfVisit.objects.visible_to(user).filter(authority_id__in=user.hats.authorities_granting(P.REVIEW_QUEUE))
        rows = GateQueue.objects.filter(decision="", note__state=NoteState.IN_REVIEW, note__in=seen.values("pk"))
        related = rows.select_related("note__author", "note__visit__lead", "note__authority", "note__pack", "reviewer")
        return related.prefetch_related(f"note__{VISIT_SCHOOLS}", "note__visit__visit_schools__school__cluster", "note__gate_reviews")

    @admin.display(description="school")
    def school(self, row: GateQueue) -> str:
        return places(row.note)

    @admin.display(description="author")
    def author(self, row: GateQueue) -> str:
        return row.note.author.name

    @admin.display(description="why it is here")
    def why(self, row: GateQueue) -> str:
        return "; ".join(str(GateReason(code).label) for code in row.reasons)


# ---------------------------------------------------------------- moderation


class DrawForm(PortalForm):
    due_on = DayField(label="To be rated by")
    seed = forms.CharField(
        max_length=40, required=False, help_text="Empty: the day. It is recorded and shown, and draws the same sample again."
    )


def _draw(*, actor: User, row: RoundToSample, at: dt.datetime, due_on: dt.date, seed: str) -> None:
    services.draw_sample(actor=actor, round=row, due_on=due_on, seed=seed, at=at)


@admin.register(RoundToSample)
class RoundToSampleAdmin(PortalModelAdmin):
    """Closed rounds whose sample is still to be drawn."""

    permission = P.MODERATION_MANAGE
    list_display = ("name", "visit_type_label", "starts_on", "ends_on", "closed_at", "final_notes")
    ordering = ("-ends_on", "id")
    fields = ("name", "visit_type_label", "starts_on", "ends_on", "closed_at")
    readonly_fields = fields
    deeds = (
        Deed(
            "draw",
            "Draw the sample",
            P.MODERATION_MANAGE,
            _draw,
            DrawForm,
            "By lot, over the kinds of SIP, the phases, and schools causing concern; as many notes of each SIP as the authority has set.",
        ),
    )

    def scope(self, request: HttpRequest) -> models.QuerySet[Any]:
        user: Any = request.user
        ids = user.hats.authorities_granting(P.MODERATION_MANAGE)
        rows = RoundToSample.objects.filter(authority_id__in=ids, state="closed", sample__isnull=True).select_related("authority")
        return rows.annotate(finals=Count("visits__note", filter=Q(visits__note__final_version__isnull=False)))

    @admin.display(description="final notes, those imported apart")
    def final_notes(self, row: Any) -> int:
        return int(row.finals)


class ModeratorForm(PortalForm):
    moderator = forms.EmailField(label="The moderator's email address")


def _appoint(*, actor: User, row: SampledNote, at: dt.datetime, moderator: str) -> None:
    services.appoint_moderator(actor=actor, sampled=row, moderator=person_at(moderator, "moderator"), at=at)


class NeedsModerator(admin.SimpleListFilter):
    title = "moderators"
    parameter_name = "moderators"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("wanted", "Still wanted"), ("enough", "All appointed")]

    def queryset(self, request: Any, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        short = Q(asked__lt=1) | Q(is_twice=True, asked__lt=2)
        if self.value() == "wanted":
            return queryset.filter(short)
        return queryset.exclude(short) if self.value() == "enough" else queryset


@admin.register(SampledNote)
class SampledNoteAdmin(PortalModelAdmin):
    """Notes of the samples, and how many moderators each has."""

    permission = P.MODERATION_MANAGE
    list_display = ("reference", "school", "author", "sip_kind", "phase", "is_concern", "is_twice", "moderators")
    list_filter = (NeedsModerator, "is_twice", "is_concern", "sip_kind", "phase")
    ordering = ("-sample_id", "id")
    fields = ("reference", "school", "author", "sample", "sip_kind", "phase", "is_concern", "is_twice", "moderators")
    readonly_fields = fields
    deeds = (
        Deed(
            "appoint",
            "Assign a moderator",
            P.MODERATION_MANAGE,
            _appoint,
            ModeratorForm,
            "Each note opens to the moderator until the sample's day. Never the author, the author's mentor, a person with an interest "
            "in the school, or a head of the same cluster.",
        ),
    )

    def scope(self, request: HttpRequest) -> models.QuerySet[Any]:
        user: Any = request.user
        rows = SampledNote.objects.visible_to(user).filter(sample__authority_id__in=user.hats.authorities_granting(P.MODERATION_MANAGE))
        related = rows.select_related("sample__round", "note__author", "note__visit", "note__authority")
        counted = related.annotate(asked=Count("moderations", filter=~Q(moderations__state=ModerationState.WITHDRAWN)))
        return counted.prefetch_related(f"note__{VISIT_SCHOOLS}", "note__visit__visit_schools__school__cluster")

    @admin.display(description="note")
    def reference(self, row: SampledNote) -> str:
        return row.note.reference

    @admin.display(description="school")
    def school(self, row: SampledNote) -> str:
        return places(row.note)

    @admin.display(description="author")
    def author(self, row: SampledNote) -> str:
        return row.note.author.name

    @admin.display(description="moderators")
    def moderators(self, row: Any) -> str:
        return f"{row.asked} of {row.wanted}"


def _take_back(*, actor: User, row: Moderation, at: dt.datetime, reason: str) -> None:
    services.take_back_moderation(actor=actor, moderation=row, reason=reason, at=at)


@admin.register(Moderation)
class ModerationAdmin(PortalModelAdmin):
    """Ratings asked and given. Where one is still to rate a note oneself, the other rating of it is not here."""

    permission = P.MODERATION_MANAGE
    list_display = ("reference", "school", "moderator", "place", "due_on", "state", "overall")
    list_filter = ("state", "place")
    ordering = ("state", "due_on", "id")
    fields = ("reference", "school", "moderator", "place", "asked_at", "due_on", "state", "overall", "rated_at", "reason")
    readonly_fields = fields
    deeds = (Deed("take_back", "Take back", P.MODERATION_MANAGE, _take_back, ReasonForm, "The note closes to the moderator at once."),)
    export = Export(
        "ratings",
        "moderation.exported",
        (
            ("Note", lambda row: row.note.reference),
            ("Schools", lambda row: places(row.note)),
            ("Moderator", lambda row: row.moderator.name),
            ("Rating", lambda row: row.place),
            ("State", lambda row: row.get_state_display()),
            ("By", lambda row: row.due_on),
            ("Overall", lambda row: row.overall),
        ),
    )

    def scope(self, request: HttpRequest) -> models.QuerySet[Any]:
        user: Any = request.user
        rows = Moderation.objects.visible_to(user).filter(authority_id__in=user.hats.authorities_granting(P.MODERATION_MANAGE))
        related = rows.select_related(
            "authority", "moderator", "reader__note", "reader__user", "sampled__note__author", "sampled__note__visit"
        )
        return related.prefetch_related(f"sampled__note__{VISIT_SCHOOLS}", "sampled__note__visit__visit_schools__school__cluster")

    @admin.display(description="note")
    def reference(self, row: Moderation) -> str:
        return row.note.reference

    @admin.display(description="school")
    def school(self, row: Moderation) -> str:
        return places(row)


# ---------------------------------------------------------------- shadowing


class PlanForm(PortalForm):
    observer = forms.EmailField(
        label="The observer's email address",
        required=False,
        help_text="Empty: the line manager of advisers, the assigned person of all others.",
    )
    by_on = DayField(label="To be done by", required=False, help_text="Empty: the day by which every SIP is shadowed.")


def _plan(*, actor: User, row: SipToShadow, at: dt.datetime, observer: str, by_on: dt.date | None) -> None:
    chosen = person_at(observer, "observer") if observer else None
    services.plan_shadowing(actor=actor, sip=row, observer=chosen, by_on=by_on, at=at)


class _OfSips(PortalModelAdmin):
    """SIPs of today in the authorities where one plans."""

    list_display = ("name", "kind", "line_manager", "assigned_person", "starts_on")
    list_filter = ("kind",)
    search_fields = ("user__name",)
    ordering = ("user__name", "id")
    fields = ("name", "kind", "line_manager", "assigned_person", "starts_on")
    readonly_fields = fields

    @admin.display(description="name", ordering="user__name")
    def name(self, row: Any) -> str:
        return str(row.user.name)


@admin.register(SipToShadow)
class SipToShadowAdmin(_OfSips):
    """SIPs whom nobody has shadowed this year, and for whom nothing is planned."""

    permission = P.SHADOWING_PLAN
    deeds = (
        Deed(
            "plan",
            "Plan a shadowing",
            P.SHADOWING_PLAN,
            _plan,
            PlanForm,
            "The observer joins the next booked visit that nobody observes; where none is booked, the visit is chosen later.",
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


class MentorForm(PortalForm):
    mentor = forms.EmailField(label="The mentor's email address")


def _mentor(*, actor: User, row: SipToMentor, at: dt.datetime, mentor: str) -> None:
    assign_mentor(actor=actor, sip=row, mentor=person_at(mentor, "mentor"), starts_on=at.date(), at=at)


@admin.register(SipToMentor)
class SipToMentorAdmin(_OfSips):
    """P28: new SIPs without a mentor."""

    permission = P.SIP_MANAGE
    deeds = (Deed("mentor", "Give a mentor", P.SIP_MANAGE, _mentor, MentorForm, "From today. Every new SIP has a mentor."),)

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
    """Shadowings planned and done; what the observer wrote is read in the portal."""

    permission = P.SHADOWING_PLAN
    list_display = ("sip", "observer", "is_outside_line", "school", "visit_on", "state", "by_on")
    list_filter = ("state", HasVisit, "is_outside_line", "academic_year")
    search_fields = ("sip__user__name", "observer__name")
    ordering = ("by_on", "sip__user__name", "id")
    fields = (
        "sip",
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

    @admin.display(description="school")
    def school(self, row: Shadowing) -> str:
        return places(row)

    @admin.display(description="visit", ordering="visit__on")
    def visit_on(self, row: Shadowing) -> dt.date | None:
        return row.visit.on if row.visit else None


__all__ = [
    "GateQueueAdmin",
    "ModerationAdmin",
    "RoundToSampleAdmin",
    "SampledNoteAdmin",
    "ShadowingAdmin",
    "SipToMentorAdmin",
    "SipToShadowAdmin",
]
