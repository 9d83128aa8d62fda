"""Moderation: judging final notes against the guidance, by sample, after the fact (domain.md §7). It changes no note."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.urls import reverse

from core.access import ScopedQuerySet
from core.ids import PublicIdField
from people.choices import SipKind
from people.models import Authority, User
from people.roles import Permission as P
from schools.choices import Phase
from schools.models import School
from visits.models import GateReview, NoteOfVisit, NoteReader, Round, VisitSchool

from ..choices import ModerationState


class SampleQuerySet(ScopedQuerySet["ModerationSample"]):
    def visible_to(self, user: Any) -> SampleQuerySet:
        return self.filter(authority_id__in=user.hats.authorities_granting(P.QUALITY_OVERVIEW))


class ModerationSample(models.Model):
    """The sample of one closed round. The seed with the frame's references draws it again: anybody can check it."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="moderation_samples")
    round = models.OneToOneField(Round, models.PROTECT, related_name="sample")
    academic_year = models.PositiveSmallIntegerField()
    seed = models.CharField(max_length=40)
    per_sip = models.PositiveSmallIntegerField()
    twice_percent = models.PositiveSmallIntegerField()
    due_on = models.DateField("to be rated by")
    frame = models.JSONField(help_text="References of the final notes that it was drawn from, in order.")
    strata = models.JSONField(help_text="Per stratum: kind of SIP, phase, concern; notes in the frame, and drawn.")
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = SampleQuerySet.as_manager()

    class Meta:
        ordering = ["-drawn_at"]

    def __str__(self) -> str:
        return f"Sample of {self.round.name}"

    def get_absolute_url(self) -> str:
        return reverse("quality:sample-detail", args=[self.public_id])


def out_of_sight(user: Any, place: str) -> Q:
    """Rows about a note over which this person has no right: their own, or of a school from which they are walled."""
    hidden = Q(**{f"{place}author_id": user.pk}) | Q(**{f"{place}visit__second_adviser_id": user.pk})
    if user.hats.walled:
        hidden |= Q(Exists(VisitSchool.objects.filter(visit=OuterRef(f"{place}visit_id"), school_id__in=user.hats.walled)))
    return hidden


class SampledQuerySet(ScopedQuerySet["SampledNote"]):
    def visible_to(self, user: Any) -> SampledQuerySet:
        """Of the samples that one sees; never of one's own note, nor over the wall."""
        mine = Q(sample__authority_id__in=user.hats.authorities_granting(P.QUALITY_OVERVIEW))
        return self.filter(mine).exclude(out_of_sight(user, "note__"))

    def not_to_rate(self, user: Any) -> SampledQuerySet:
        """Without those that this person is still to rate: until then nothing is told of how another rated them."""
        asked = Moderation.objects.filter(sampled=OuterRef("pk"), moderator_id=user.pk, state=ModerationState.ASKED)
        return self.filter(~Q(Exists(asked)))

    def to_settle(self) -> SampledQuerySet:
        """Two moderators gave it different grades, and nobody has said which stands."""
        given = Moderation.objects.filter(sampled=OuterRef("pk"), state=ModerationState.RATED)
        first, second = (Subquery(given.filter(place=place).values("overall")[:1]) for place in (1, 2))
        rows = self.filter(settled_grade__isnull=True).annotate(first_grade=first, second_grade=second)
        return rows.filter(first_grade__isnull=False, second_grade__isnull=False).exclude(first_grade=F("second_grade"))


class SampledNote(models.Model):
    """One note of a sample, with the stratum that it stood for when it was drawn."""

    public_id = PublicIdField()
    sample = models.ForeignKey(ModerationSample, models.PROTECT, related_name="notes")
    note = models.ForeignKey(NoteOfVisit, models.PROTECT, related_name="sampled")
    version = models.PositiveSmallIntegerField(help_text="The final version of that day.")
    sip_kind = models.CharField(max_length=14, choices=SipKind)
    phase = models.CharField(max_length=12, choices=Phase)
    is_concern = models.BooleanField("school causing concern")
    is_twice = models.BooleanField("rated twice", default=False)
    settled_grade = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Where its two moderators differed.")
    settled_reason = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = SampledQuerySet.as_manager()

    class Meta:
        verbose_name = "note of a sample"
        verbose_name_plural = "notes of samples"
        ordering = ["sample", "id"]
        constraints = [
            models.UniqueConstraint(fields=["sample", "note"], name="quality_sampled_once"),
            models.CheckConstraint(
                name="quality_sampled_settled",
                condition=Q(settled_grade__isnull=True, settled_at__isnull=True, settled_by__isnull=True)
                | Q(settled_grade__range=(1, 4), settled_at__isnull=False, settled_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.note.reference}, {self.note.visit}"

    @property
    def wanted(self) -> int:
        """Ratings that it needs."""
        return 2 if self.is_twice else 1

    @property
    def settle_url(self) -> str:
        return reverse("quality:moderation-settle", args=[self.public_id])


class ModerationQuerySet(ScopedQuerySet["Moderation"]):
    def visible_to(self, user: Any) -> ModerationQuerySet:
        """A moderator's own, but those taken back; all to managers and the head of school improvement: never over their own
        note or the wall, and never the other rating of a note that they are still to rate (blind)."""
        own = Q(moderator_id=user.pk) & ~Q(state=ModerationState.WITHDRAWN)
        whole = user.hats.authorities_granting(P.QUALITY_OVERVIEW)
        if not whole:
            return self.filter(own).exclude(out_of_sight(user, "sampled__note__"))
        open_here = Moderation.objects.filter(sampled=OuterRef("sampled"), moderator_id=user.pk, state=ModerationState.ASKED)
        found = own | (Q(authority_id__in=whole) & ~Q(Exists(open_here)))
        return self.filter(found).exclude(out_of_sight(user, "sampled__note__"))


class Moderation(models.Model):
    """A moderator's dated appointment to rate one note once. The note opens to them until it is rated or the day is past."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="moderations")
    sampled = models.ForeignKey(SampledNote, models.PROTECT, related_name="moderations")
    moderator = models.ForeignKey(User, models.PROTECT, related_name="moderations")
    place = models.PositiveSmallIntegerField(help_text="1, or 2 for the blind second rating.")
    reader = models.ForeignKey(NoteReader, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=ModerationState, default=ModerationState.ASKED)
    lock_version = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    due_on = models.DateField("to be rated by")
    overall = models.PositiveSmallIntegerField(null=True, blank=True)
    comment = models.TextField(blank=True)
    rated_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, help_text="Why it was taken back.")

    objects = ModerationQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["sampled", "place"], condition=~Q(state="withdrawn"), name="quality_moderation_place"),
            models.UniqueConstraint(fields=["sampled", "moderator"], condition=~Q(state="withdrawn"), name="quality_moderation_person"),
            models.CheckConstraint(
                name="quality_moderation_rated",
                condition=Q(state="rated", overall__range=(1, 4), rated_at__isnull=False)
                | (~Q(state="rated") & Q(overall__isnull=True, rated_at__isnull=True)),
            ),
        ]
        indexes = [models.Index(fields=["moderator", "state", "due_on"], name="quality_moderation_mine")]

    def __str__(self) -> str:
        return f"Moderation of {self.sampled}"

    def get_absolute_url(self) -> str:
        return reverse("quality:moderation-detail", args=[self.public_id])

    @property
    def note(self) -> NoteOfVisit:
        return self.sampled.note

    @property
    def covered(self) -> list[School]:
        return self.note.covered


class GateRatingQuerySet(ScopedQuerySet["GateRating"]):
    def visible_to(self, user: Any) -> GateRatingQuerySet:
        """The reviewer's own, and all to managers and the head of school improvement; never of one's own note, nor over the wall."""
        whole = user.hats.authorities_granting(P.QUALITY_OVERVIEW)
        return self.filter(Q(reviewer_id=user.pk) | Q(authority_id__in=whole)).exclude(out_of_sight(user, "review__note__"))


class GateRating(models.Model):
    """What a reviewer at the gate gave a submitted note by the moderators' form: once, while the review is open. It decides nothing."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    review = models.OneToOneField(GateReview, models.PROTECT, related_name="rating")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    overall = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True)
    rated_at = models.DateTimeField()

    objects = GateRatingQuerySet.as_manager()

    class Meta:
        ordering = ["-rated_at"]
        constraints = [models.CheckConstraint(name="quality_gate_grade", condition=Q(overall__range=(1, 4)))]

    def __str__(self) -> str:
        return f"Rating at the gate of {self.review.note.reference}"

    def get_absolute_url(self) -> str:
        return reverse("quality:gate-rating", args=[self.review.public_id])


class CriterionRating(models.Model):
    """One criterion of the pack, of a moderator's rating or of one at the gate: 1 outstanding to 4 inadequate, and the evidence."""

    moderation = models.ForeignKey(Moderation, models.CASCADE, null=True, blank=True, related_name="ratings")
    gate = models.ForeignKey(GateRating, models.CASCADE, null=True, blank=True, related_name="ratings")
    code = models.CharField(max_length=40, help_text="Code of the pack.")
    label = models.CharField(max_length=160)
    position = models.PositiveSmallIntegerField(default=0)
    grade = models.PositiveSmallIntegerField()
    evidence = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["moderation", "code"], name="quality_rating_once"),
            models.UniqueConstraint(fields=["gate", "code"], name="quality_gate_rating_once"),
            models.CheckConstraint(
                name="quality_rating_of_one",
                condition=Q(moderation__isnull=False, gate__isnull=True) | Q(moderation__isnull=True, gate__isnull=False),
            ),
            models.CheckConstraint(name="quality_rating_grade", condition=Q(grade__range=(1, 4))),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.grade}"
