"""Notes: the queue of gate reviews, samples to draw, moderators to appoint, ratings, two grades to settle."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse

from core import clock
from core.admin import Deed, Export, PortalModelAdmin
from core.components.formats import day
from core.components.forms import PortalForm
from people.admin import DayField, ReasonForm
from people.models import User
from people.roles import Permission as P
from visits import services as visits
from visits.choices import GateReason, NoteState
from visits.models import NoteOfVisit

from .. import services
from ..agreement import GRADES
from ..choices import ModerationState
from ..models import GateQueue, Moderation, RoundToSample, SampledNote
from .base import PeopleForm, PersonField, asked_by, places

VISIT_SCHOOLS = "visit__visit_schools__school__authority"


# ---------------------------------------------------------------- the gate


class ReviewerForm(PeopleForm):
    reviewer = PersonField(empty_label="Choose who reviews them")
    reason = forms.CharField(max_length=500, required=False)


class WordsForm(PortalForm):
    reason = forms.CharField(label="Words to the author", max_length=500, required=False)


def _assign(*, actor: User, row: GateQueue, at: dt.datetime, reviewer: User, reason: str) -> None:
    visits.reassign_review(actor=actor, note=row.note, reviewer=reviewer, reason=reason, at=at)


class WhoHasIt(admin.SimpleListFilter):
    title = "who has it"
    parameter_name = "who"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("nobody", "Nobody yet"), ("me", "Assigned to you"), ("other", "Assigned to another")]

    def queryset(self, request: Any, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        if self.value() == "nobody":
            return queryset.filter(reviewer=None)
        if self.value() == "me":
            return queryset.filter(reviewer=request.user)
        return queryset.exclude(reviewer=None).exclude(reviewer=request.user) if self.value() == "other" else queryset


class WhenDue(admin.SimpleListFilter):
    title = "day"
    parameter_name = "due"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("late", "Past its day"), ("today", "Today")]

    def queryset(self, request: Any, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        if self.value() == "late":
            return queryset.filter(due_on__lt=clock.today())
        return queryset.filter(due_on=clock.today()) if self.value() == "today" else queryset


class OfConcern(admin.SimpleListFilter):
    title = "school"
    parameter_name = "concern"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Causing concern"), ("no", "Others")]

    def queryset(self, request: Any, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        return queryset.filter(is_concern=self.value() == "yes") if self.value() else queryset


@admin.register(GateQueue)
class GateQueueAdmin(PortalModelAdmin):
    permission = P.REVIEW_QUEUE
    says = "Notes that wait before the school sees them: schools causing concern first, then by the day."
    waits, place = "to decide", 11
    list_display = ("school", "author", "why", "decide_by", "reviewer")
    list_filter = (OfConcern, WhoHasIt, WhenDue)
    ordering = ("-is_concern", "due_on", "id")
    fields = ("school", "author", "why", "decide_by", "reviewer", "opened_at", "version")
    readonly_fields = fields
    deeds = (
        Deed(
            "assign",
            "Assign a reviewer",
            P.NOTE_REASSIGN,
            _assign,
            ReviewerForm,
            "Also where another reviewer has it. Never the author, the author's mentor, or a person with an interest in the school.",
            asked_by(P.NOTE_REASSIGN),
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

    def portal_url(self, obj: Any) -> str | None:
        return reverse("visits:review-detail", args=[obj.public_id])

    @admin.display(description="school")
    def school(self, row: GateQueue) -> str:
        return places(row.note)

    @admin.display(description="decide by", ordering="due_on")
    def decide_by(self, row: GateQueue) -> str:
        return day(row.due_on)

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
    permission = P.MODERATION_MANAGE
    says = "Closed rounds whose sample of final notes is still to be drawn."
    waits, place = "to draw", 12
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


class ModeratorForm(PeopleForm):
    moderator = PersonField(empty_label="Choose who rates them")


def _appoint(*, actor: User, row: SampledNote, at: dt.datetime, moderator: User) -> None:
    services.appoint_moderator(actor=actor, sampled=row, moderator=moderator, at=at)


SHORT = Q(asked__lt=1) | Q(is_twice=True, asked__lt=2)
"""Of sampled notes with ``asked``: who want a moderator."""


class NeedsModerator(admin.SimpleListFilter):
    title = "moderators"
    parameter_name = "moderators"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("wanted", "Still wanted"), ("enough", "All appointed")]

    def queryset(self, request: Any, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        if self.value() == "wanted":
            return queryset.filter(SHORT)
        return queryset.exclude(SHORT) if self.value() == "enough" else queryset


class KindOfSip(admin.ChoicesFieldListFilter):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = "kind of SIP"


class SettleForm(PortalForm):
    grade = forms.TypedChoiceField(label="Which grade stands?", coerce=int, choices=[(str(grade), str(grade)) for grade in GRADES])
    reason = forms.CharField(max_length=1500)


def _settle(*, actor: User, row: SampledNote, at: dt.datetime, grade: int, reason: str) -> None:
    services.settle_grades(actor=actor, sampled=row, grade=grade, reason=reason, at=at)


class ToSettle(admin.SimpleListFilter):
    title = "two grades"
    parameter_name = "grades"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [("differ", "Differ, and are to be settled")]

    def queryset(self, request: Any, queryset: models.QuerySet[Any]) -> models.QuerySet[Any]:
        rows = SampledNote.objects.to_settle().order_by().values("pk")
        return queryset.filter(pk__in=rows) if self.value() == "differ" else queryset


@admin.register(SampledNote)
class SampledNoteAdmin(PortalModelAdmin):
    permission = P.MODERATION_MANAGE
    says = "Notes of the samples, and how many moderators each has. Where two moderators differ, one grade is settled here."
    waits, place = "without a moderator", 13
    list_display = ("reference", "school", "author", "kind", "phase", "is_concern", "is_twice", "moderators", "stands")
    list_filter = (NeedsModerator, ToSettle, OfConcern, "is_twice", ("sip_kind", KindOfSip), "phase")
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
            asked_by(P.MODERATION_MANAGE),
        ),
        Deed(
            "settle",
            "Settle two grades",
            P.MODERATION_MANAGE,
            _settle,
            SettleForm,
            "Where two moderators differ: one of their grades, or one between. Both ratings stay as they were given. Never by one of the two.",
        ),
    )

    def scope(self, request: HttpRequest) -> models.QuerySet[Any]:
        user: Any = request.user
        rows = SampledNote.objects.visible_to(user).filter(sample__authority_id__in=user.hats.authorities_granting(P.MODERATION_MANAGE))
        related = rows.select_related("sample__round", "note__author", "note__visit", "note__authority")
        counted = related.annotate(asked=Count("moderations", filter=~Q(moderations__state=ModerationState.WITHDRAWN)))
        return counted.prefetch_related(f"note__{VISIT_SCHOOLS}", "note__visit__visit_schools__school__cluster")

    def waiting(self, request: HttpRequest) -> models.QuerySet[Any]:
        return self.scope(request).filter(SHORT)

    def portal_url(self, obj: Any) -> str | None:
        return str(obj.sample.get_absolute_url())

    @admin.display(description="by", ordering="sip_kind")
    def kind(self, row: SampledNote) -> str:
        return str(row.get_sip_kind_display())

    @admin.display(description="settled at")
    def stands(self, row: SampledNote) -> int | None:
        return row.settled_grade

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
    permission = P.MODERATION_MANAGE
    says = "Ratings asked and given. Where you are still to rate a note yourself, the other rating of it is not here."
    waits, place = "to come", 14
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

    def waiting(self, request: HttpRequest) -> models.QuerySet[Any]:
        return self.scope(request).filter(state=ModerationState.ASKED)

    def portal_url(self, obj: Any) -> str | None:
        return str(obj.get_absolute_url())

    @admin.display(description="note")
    def reference(self, row: Moderation) -> str:
        return row.note.reference

    @admin.display(description="school")
    def school(self, row: Moderation) -> str:
        return places(row)
