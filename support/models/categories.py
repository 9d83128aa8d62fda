"""The category a school is in and how it comes about, and criteria written in the portal."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.components.formats import day
from core.files import StoredFile
from core.ids import PublicIdField
from core.spans import Span
from people.models import Authority, User
from people.roles import Permission as P
from schools.models import School

from ..choices import CaseState, DraftState
from ..scope import categories_seen_by


class CategoryQuerySet(ScopedQuerySet[Any]):
    """Rows about the category of a school, or of what follows from it."""

    def visible_to(self, user: Any) -> CategoryQuerySet:
        return self.filter(categories_seen_by(user))


class SchoolCategory(Span):
    """The category that a school is in, by decision: its history names the scheme it was made under."""

    school = models.ForeignKey(School, models.PROTECT, related_name="categories")
    scheme = models.CharField(max_length=60, help_text="Code of the pack's scheme.")
    category = models.CharField(max_length=40, help_text="Code of a level in the scheme.")
    label = models.CharField(max_length=80)
    level = models.PositiveSmallIntegerField(help_text="1 is the lightest.")
    decided_on = models.DateField()
    decided_by = models.CharField(max_length=200, help_text="Panel or person, as text.")
    reason = models.TextField(blank=True)

    objects = CategoryQuerySet.as_manager()

    class Meta(Span.Meta):
        ordering = ["-starts_on"]
        indexes = [models.Index(fields=["school", "-starts_on"], name="support_category_school")]

    def __str__(self) -> str:
        return f"{self.label}: {self.school}"


# ---------------------------------------------------------------- schemes written in the portal


class DraftQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> DraftQuerySet:
        """Whoever weighs the authority's criteria; a SIP while the draft is with the SIPs of an authority that they serve."""
        hats = user.hats
        serving = {a.authority_id for a in hats.assignments if a.current and a.school_id not in hats.walled}
        return self.filter(
            Q(authority_id__in=hats.authorities_granting(P.SCHEME_COMPARE)) | Q(authority_id__in=serving, state=DraftState.CONSULTING)
        )


class DraftScheme(models.Model):
    """A set of criteria written in the portal: a draft until it is published on a date. ``definition`` is in the pack's grammar."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="schemes")
    label = models.CharField(max_length=160)
    begun_from = models.CharField(max_length=60, help_text="Code of the scheme that it was begun from.")
    definition = models.JSONField(help_text="As a scheme of support.toml.")
    state = models.CharField(max_length=10, choices=DraftState, default=DraftState.DRAFT)
    lock_version = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    opened_on = models.DateField(null=True, blank=True, help_text="The SIPs were asked from this day.")
    closes_on = models.DateField(null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True, help_text="In force from this day, once published.")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = DraftQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at"]
        constraints = [
            models.CheckConstraint(
                name="support_scheme_published",
                condition=~Q(state="published") | Q(starts_on__isnull=False, published_at__isnull=False, published_by__isnull=False),
            ),
            models.CheckConstraint(name="support_scheme_consulting", condition=~Q(state="consulting") | Q(closes_on__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("support:scheme-detail", args=[self.public_id])

    @property
    def tag(self) -> tuple[str, str]:
        tones = {DraftState.DRAFT: "work", DraftState.CONSULTING: "wait", DraftState.PUBLISHED: "done"}
        return self.get_state_display(), tones.get(DraftState(self.state), "rest")


class PlacementQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> PlacementQuerySet:
        """The SIP's own, and those on schools of whoever weighs the criteria; the wall applied."""
        from ..scope import assessed_by

        return self.filter(
            Q(sip=user, school_id__in=assessed_by(user, P.SCHEME_PLACE).values("pk"))
            | Q(school_id__in=assessed_by(user, P.SCHEME_COMPARE).values("pk"))
        )


class Placement(models.Model):
    """Where a SIP placed one of their own schools by hand, before seeing what the draft says of it (S7)."""

    draft = models.ForeignKey(DraftScheme, models.CASCADE, related_name="placements")
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    sip = models.ForeignKey(User, models.PROTECT, related_name="+")
    category = models.CharField(max_length=40, help_text="Code of the level by hand.")
    placed_at = models.DateTimeField()
    answer = models.CharField(max_length=40, help_text="What the draft came to, as the SIP was shown it.")
    fired = models.JSONField(default=list, help_text="Codes of the rules that fired.")
    reasons = models.TextField(blank=True, help_text="Why, as the SIP was shown it.")
    comment = models.TextField(blank=True)
    commented_at = models.DateTimeField(null=True, blank=True)

    objects = PlacementQuerySet.as_manager()

    class Meta:
        ordering = ["school__name"]
        constraints = [models.UniqueConstraint(fields=["draft", "school"], name="support_placed_once")]

    def __str__(self) -> str:
        return f"{self.school}: {self.category}"

    @property
    def audit_label(self) -> str:
        return f"{self.school.name} in the consultation"

    @property
    def agrees(self) -> bool:
        return self.category == self.answer


# ---------------------------------------------------------------- from suggestion to publication (domain.md §6, "Category")


class PanelQuerySet(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> PanelQuerySet:
        """Whoever decides on categories in the authority; what of the agenda they see is asked case by case."""
        return self.filter(authority_id__in=user.hats.authorities_granting(P.CATEGORY_DECIDE))


class Panel(models.Model):
    """A meeting that decides on categories: who was asked, who came, and its agenda (the cases put on it)."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="panels")
    on = models.DateField()
    place = models.CharField(max_length=200, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    objects = PanelQuerySet.as_manager()

    class Meta:
        ordering = ["-on"]
        constraints = [models.UniqueConstraint(fields=["authority", "on"], name="support_panel_day")]

    def __str__(self) -> str:
        return f"Panel of {day(self.on)}"

    def get_absolute_url(self) -> str:
        return reverse("support:panel-detail", args=[self.public_id])

    @property
    def is_held(self) -> bool:
        return self.held_at is not None


class PanelMember(models.Model):
    panel = models.ForeignKey(Panel, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    is_present = models.BooleanField(default=False)

    class Meta:
        ordering = ["user__name"]
        constraints = [models.UniqueConstraint(fields=["panel", "user"], name="support_panel_member_once")]

    def __str__(self) -> str:
        return self.user.name


class CategoryCase(models.Model):
    """One school's way from a suggestion to a published category. Until it is published the earlier one stands, under review."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, related_name="category_cases")
    state = models.CharField(max_length=10, choices=CaseState, default=CaseState.SUGGESTED)
    lock_version = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    scheme = models.CharField(max_length=60, blank=True, help_text="Code of the scheme that it is decided under.")
    scheme_label = models.CharField(max_length=160, blank=True)
    # suggested by the rules
    suggested = models.CharField(max_length=40, blank=True, help_text="Code of the level, or person.")
    suggested_label = models.CharField(max_length=80, blank=True)
    suggested_rank = models.PositiveSmallIntegerField(default=0)
    suggested_at = models.DateTimeField(null=True, blank=True)
    reasons = models.JSONField(default=list, help_text="As the component takes them: rule, figure, source, is_unknown.")
    left_out = models.JSONField(default=list, help_text="What does not apply to the school, in words.")
    why_person = models.TextField(blank=True)
    # proposed by the SIP in a note
    proposed = models.CharField(max_length=40, blank=True)
    proposed_label = models.CharField(max_length=80, blank=True)
    proposed_rank = models.PositiveSmallIntegerField(default=0)
    proposed_by = models.CharField(max_length=200, blank=True)
    proposed_on = models.DateField(null=True, blank=True)
    proposal_note = models.CharField(max_length=20, blank=True, help_text="Reference of the note.")
    proposal_words = models.TextField(blank=True)
    # the panel
    panel = models.ForeignKey(Panel, models.PROTECT, null=True, blank=True, related_name="cases")
    told_on = models.DateField(null=True, blank=True, help_text="Head and chair were told of the panel.")
    answered_at = models.DateTimeField(null=True, blank=True, help_text="The school answered, the last time.")
    answer_from = models.DateField(null=True, blank=True, help_text="The school is told by this day to have its school days.")
    # the decision
    decided = models.CharField(max_length=40, blank=True)
    decided_label = models.CharField(max_length=80, blank=True)
    decided_rank = models.PositiveSmallIntegerField(default=0)
    decided_quarters = models.PositiveIntegerField(default=0)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=400, blank=True, help_text="Panel or persons, as text.")
    reason = models.TextField(blank=True)
    withdrawn = models.JSONField(default=list, help_text="Names of members who withdrew for this school.")
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", help_text="Between panels: who asks.")
    needs_confirming = models.BooleanField(default=False)
    # told and published
    notified_at = models.DateTimeField(null=True, blank=True)
    letter = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    publishes_on = models.DateField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    # a review, once
    review_text = models.TextField(blank=True)
    review_by = models.CharField(max_length=300, blank=True)
    review_at = models.DateTimeField(null=True, blank=True)
    review_answer = models.TextField(blank=True)
    review_answered_by = models.CharField(max_length=200, blank=True)
    review_answered_at = models.DateTimeField(null=True, blank=True)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        ordering = ["school__name", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["school"], condition=~Q(state="published"), name="support_one_open_case"),
            models.CheckConstraint(
                name="support_case_decided", condition=Q(state__in=["suggested", "proposed"]) | Q(decided_at__isnull=False)
            ),
            models.CheckConstraint(
                name="support_case_notified",
                condition=~Q(state__in=["notified", "published"]) | Q(notified_at__isnull=False, publishes_on__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["authority", "state"], name="support_case_state")]

    def __str__(self) -> str:
        return f"Category of {self.school}"

    def get_absolute_url(self) -> str:
        return reverse("support:case-detail", args=[self.public_id])

    @property
    def tag(self) -> tuple[str, str]:
        tones = {CaseState.DECIDED: "work", CaseState.NOTIFIED: "due", CaseState.PUBLISHED: "done"}
        return self.get_state_display(), tones.get(CaseState(self.state), "wait")

    @property
    def steps(self) -> list[dict[str, str]]:
        """The way of the case, as the component ``steps`` takes it."""
        done = [
            ("Suggested by the rules", self.suggested_label if self.suggested_at else "no suggestion", self.suggested_at is not None),
            ("The SIP's proposal", f"{self.proposed_label}, {self.proposed_by}" if self.proposed else "none yet", bool(self.proposed)),
            (
                "Decided",
                f"{self.decided_label}, {self.decided_by}" if self.decided_at else f"{self.panel}" if self.panel else "at the next panel",
                self.decided_at is not None,
            ),
            ("Head and chair told", day(self.notified_at.date()) if self.notified_at else "", self.notified_at is not None),
            ("Published", f"from {day(self.publishes_on)}" if self.publishes_on else "", self.published_at is not None),
        ]
        now = next((place for place, (_, _, is_done) in enumerate(done) if not is_done and place >= 2), len(done))
        return [
            {"title": title, "detail": detail, "state": "done" if is_done else "now" if place == now else ""}
            for place, (title, detail, is_done) in enumerate(done)
        ]


class Representation(models.Model):
    """What the school says before the panel decides. Its words are never changed."""

    case = models.ForeignKey(CategoryCase, models.PROTECT, related_name="representations")
    text = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    by_role = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.by_name}, {self.by_role}"


class Dissent(models.Model):
    """A member of the panel who saw it otherwise, and why."""

    case = models.ForeignKey(CategoryCase, models.PROTECT, related_name="dissents")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    text = models.TextField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="support_dissent_once")]

    def __str__(self) -> str:
        return self.name
