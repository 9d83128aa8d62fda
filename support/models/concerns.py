"""The register of schools causing concern (P13): the case, its single plan (P14, P15), its reviews, formal steps and exit."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.components.formats import day
from core.ids import PublicIdField
from core.spans import Span
from people.models import Authority, User
from people.roles import Permission as P
from schools.models import School

from ..choices import ConcernState, MilestoneState, SignSource, WarningState
from ..scope import assessed_by, intelligence_seen_by, own_schools
from .categories import CategoryQuerySet


class ConcernQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> ConcernQuerySet:
        """The school's own head and chair, its SIP, officers of its cluster and the manager; nobody else, the wall applied."""
        return self.filter(Q(school_id__in=assessed_by(user, P.CONCERN_VIEW).values("pk")) | Q(school_id__in=own_schools(user)))


class Concern(Span):
    """That a school is causing concern: one national class (P13), from its opening to its exit. The case is agreed with the
    school at opening; after exit it is monitored until ``monitored_until``, in which time it is opened again with a reason."""

    public_id = PublicIdField()
    school = models.ForeignKey(School, models.PROTECT, related_name="concerns")
    concern_class = models.CharField(max_length=40, help_text="Code of the pack's class.")
    label = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=ConcernState, default=ConcernState.OPEN)
    lock_version = models.PositiveIntegerField(default=0)
    issue = models.TextField(blank=True)
    position = models.TextField(blank=True)
    aim = models.TextField(blank=True)
    next_steps = models.TextField(blank=True)
    why = models.JSONField(default=list, help_text="Figures of the class's rule: label, figure, against, source, on.")
    contact = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", help_text="The authority's contact.")
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_by = models.CharField(max_length=300, blank=True, help_text="Who decided to open it, as text.")
    told_head_on = models.DateField(null=True, blank=True)
    review_due_on = models.DateField(null=True, blank=True, help_text="The next review, at least termly.")
    moved_on = models.DateField(null=True, blank=True, help_text="The class changed, the last time.")
    moved_from = models.CharField(max_length=120, blank=True)
    returned_on = models.DateField(null=True, blank=True, help_text="Opened again within the monitored time.")
    return_reason = models.TextField(blank=True)
    # the exit: asked for by one, decided by another
    exit_asked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    exit_asked_on = models.DateField(null=True, blank=True)
    exit_keeps = models.TextField(blank=True, help_text="What will keep it so.")
    exit_support = models.TextField(blank=True, help_text="The support that continues.")
    exit_decided_by = models.CharField(max_length=300, blank=True)
    exit_told_on = models.DateField(null=True, blank=True)
    monitored_until = models.DateField(null=True, blank=True)

    objects = ConcernQuerySet.as_manager()

    class Meta(Span.Meta):
        ordering = ["-starts_on"]
        indexes = [models.Index(fields=["school", "ends_on"], name="support_concern_school")]
        constraints = [
            *Span.Meta.constraints,
            models.CheckConstraint(
                name="support_concern_ends_by_exit",
                condition=Q(state__in=["open", "asked"], ends_on__isnull=True)
                | Q(state__in=["monitored", "closed"], ends_on__isnull=False),
            ),
            models.CheckConstraint(
                name="support_concern_monitored",
                condition=~Q(state="monitored") | Q(monitored_until__isnull=False, exit_told_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.school}"

    def get_absolute_url(self) -> str:
        return reverse("support:concern-detail", args=[self.public_id])

    @property
    def authority_id(self) -> int:
        return self.school.authority_id

    @property
    def is_live(self) -> bool:
        return self.state in (ConcernState.OPEN, ConcernState.ASKED)

    @property
    def tag(self) -> tuple[str, str]:
        tones = {ConcernState.OPEN: "late", ConcernState.ASKED: "due", ConcernState.MONITORED: "wait"}
        return self.get_state_display(), tones.get(ConcernState(self.state), "rest")


class OfConcernQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> OfConcernQuerySet:
        return self.filter(concern__in=Concern.objects.visible_to(user))


class SignQuerySet(OfConcernQuerySet):
    def visible_to(self, user: Any) -> SignQuerySet:
        """Intelligence is read by the named officers alone; how else the school was identified by whoever sees the case."""
        return self.filter(
            (Q(concern__in=Concern.objects.visible_to(user)) & ~Q(source=SignSource.INTELLIGENCE)) | intelligence_seen_by(user)
        )


class ConcernSign(models.Model):
    """How the school was identified (P13): one dated entry with its author. Never changed."""

    concern = models.ForeignKey(Concern, models.PROTECT, related_name="signs")
    source = models.CharField(max_length=12, choices=SignSource)
    on = models.DateField()
    text = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    objects = SignQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.get_source_display()}, {day(self.on)}"


class ConcernCriterion(models.Model):
    """An exit criterion, agreed with the school: met with evidence, or set aside with a reason."""

    concern = models.ForeignKey(Concern, models.PROTECT, related_name="criteria")
    text = models.CharField("criterion", max_length=400)
    shown_by = models.CharField("what will show it", max_length=400, blank=True)
    agreed_on = models.DateField()
    is_met = models.BooleanField(default=False)
    is_set_aside = models.BooleanField(default=False)
    settled_on = models.DateField(null=True, blank=True)
    settled_by = models.CharField(max_length=200, blank=True)
    evidence = models.TextField("evidence, or why it is set aside", blank=True)

    objects = OfConcernQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="support_criterion_one_way", condition=~Q(is_met=True, is_set_aside=True)),
            models.CheckConstraint(
                name="support_criterion_says_why",
                condition=Q(is_met=False, is_set_aside=False) | (Q(settled_on__isnull=False) & ~Q(evidence="")),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_settled(self) -> bool:
        return self.is_met or self.is_set_aside

    @property
    def tag(self) -> tuple[str, str]:
        return ("Met", "done") if self.is_met else ("Set aside", "rest") if self.is_set_aside else ("Not yet met", "wait")


class ConcernMilestone(models.Model):
    """A core element of the single plan for raising attainment (P14), or of effective tracking (P15)."""

    concern = models.ForeignKey(Concern, models.PROTECT, related_name="milestones")
    code = models.CharField(max_length=40, help_text="Code of the pack's milestone.")
    group = models.CharField(max_length=10)
    label = models.CharField(max_length=160)
    in_place_when = models.TextField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=MilestoneState, default=MilestoneState.NOT_STARTED)
    evidence = models.TextField(blank=True)
    changed_on = models.DateField(null=True, blank=True)
    changed_by = models.CharField(max_length=200, blank=True)
    in_place_on = models.DateField(null=True, blank=True)

    objects = OfConcernQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["concern", "code"], name="support_milestone_once"),
            models.CheckConstraint(
                name="support_milestone_evidence",
                condition=Q(state__in=["none", "begun"], in_place_on__isnull=True)
                | (Q(state__in=["in_place", "making"], in_place_on__isnull=False) & ~Q(evidence="")),
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def is_in_place(self) -> bool:
        return self.in_place_on is not None

    def is_late(self, on: dt.date) -> bool:
        return not self.is_in_place and self.due_on < on

    @property
    def tag(self) -> tuple[str, str]:
        tones = {MilestoneState.BEGUN: "work", MilestoneState.IN_PLACE: "done", MilestoneState.MAKING: "done"}
        return self.get_state_display(), tones.get(MilestoneState(self.state), "rest")


class ConcernReview(models.Model):
    """A review of the case, at least termly. Never changed."""

    concern = models.ForeignKey(Concern, models.PROTECT, related_name="reviews")
    on = models.DateField()
    text = models.TextField("progress, and what follows")
    next_on = models.DateField("next review by")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    objects = OfConcernQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"Review of {day(self.on)}"


class ContactQuerySet(OfConcernQuerySet):
    def visible_to(self, user: Any) -> ContactQuerySet:
        """The authority's own log: never the school's, nor the SIP's (domain.md §6)."""
        return self.filter(concern__school_id__in=assessed_by(user, P.CONCERN_LOG).values("pk"))


class ConcernContact(models.Model):
    """A contact between the authority and the school, or about it. Never changed."""

    concern = models.ForeignKey(Concern, models.PROTECT, related_name="contacts")
    on = models.DateField()
    who = models.CharField("with whom", max_length=200)
    text = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    objects = ContactQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.who}, {day(self.on)}"


class WarningNotice(Span):
    """A formal warning notice to a school (EIA 2006 s.60), from the day it is given to the day it is lifted. ``complies_by`` is
    the end of the initial period, on the statutory clock; the words are the authority's own."""

    public_id = PublicIdField()
    school = models.ForeignKey(School, models.PROTECT, related_name="warning_notices")
    grounds = models.TextField()
    action = models.TextField("what the governing body must do", blank=True)
    complies_by = models.DateField("end of the initial period", null=True, blank=True)
    given_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = CategoryQuerySet.as_manager()

    class Meta(Span.Meta):
        ordering = ["-starts_on"]
        indexes = [models.Index(fields=["school", "ends_on"], name="support_notice_school")]

    def __str__(self) -> str:
        return f"Warning notice: {self.school}"


class FormalPower(Span):
    """A power of intervention that the authority has used at a school (EIA 2006 s.63 to s.66), while it lasts."""

    public_id = PublicIdField()
    school = models.ForeignKey(School, models.PROTECT, related_name="formal_powers")
    power = models.CharField(max_length=40, help_text="Code of the pack's power.")
    label = models.CharField(max_length=160)
    law = models.CharField(max_length=160)
    text = models.TextField("in the authority's words")
    used_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = CategoryQuerySet.as_manager()

    class Meta(Span.Meta):
        ordering = ["-starts_on"]

    def __str__(self) -> str:
        return f"{self.label}: {self.school}"


class WarningQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> WarningQuerySet:
        """Whoever would open the case: officers of the cluster and the manager. Never the school: nothing has been decided."""
        return self.filter(school_id__in=assessed_by(user, P.CONCERN_LIST).values("pk")).exclude(state=WarningState.KNOWN)


class Watching(models.Model):
    """That the rules of an authority's schools are watched: since when, and when they were last asked."""

    authority = models.OneToOneField(Authority, models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Watch of {self.authority}"


class EarlyWarning(models.Model):
    """That a rule about a school fires which did not before: rule, figures and when a person last looked. A person answers it.

    One row a firing: ``fires`` until the rule no longer does. What fired when the authority's watch began is *known*.
    """

    public_id = PublicIdField()
    school = models.ForeignKey(School, models.PROTECT, related_name="early_warnings")
    rule = models.CharField(max_length=60, help_text='"class:code" or "priority:code".')
    label = models.CharField(max_length=200)
    concern_class = models.CharField(max_length=40, blank=True)
    figures = models.JSONField(default=list, help_text="As Concern.why.")
    seen_on = models.DateField(null=True, blank=True, help_text="When a person last looked, as it then stood.")
    seen_by = models.CharField(max_length=120, blank=True)
    raised_at = models.DateTimeField()
    fires = models.BooleanField(default=True)
    ceased_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=WarningState, default=WarningState.WAITING)
    lock_version = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True)
    answered_by = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    look_again_on = models.DateField(null=True, blank=True)
    concern = models.ForeignKey(Concern, models.PROTECT, null=True, blank=True, related_name="warnings")

    objects = WarningQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "school__name"]
        constraints = [
            models.UniqueConstraint(fields=["school", "rule"], condition=Q(fires=True), name="support_warning_once"),
            models.CheckConstraint(
                name="support_warning_answered", condition=Q(state__in=["waiting", "known"]) | Q(answered_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.school}"

    @property
    def authority_id(self) -> int:
        return self.school.authority_id

    @property
    def tag(self) -> tuple[str, str]:
        tones = {WarningState.WAITING: "due", WarningState.WATCHED: "wait", WarningState.ACCEPTED: "done"}
        return self.get_state_display(), tones.get(WarningState(self.state), "rest")
