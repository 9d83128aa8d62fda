"""Feedback of heads and chairs about their SIP (domain.md §7): asked for once a SIP and year, confidential, released once."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.calendar import AcademicYearField
from core.ids import PublicIdField
from people.choices import SipKind
from people.models import Authority, Sip, User
from people.roles import Permission as P
from schools.models import Contact, School

from ..choices import FEEDBACK_TONES, FeedbackRole, FeedbackState


def reviewed_by(user: Any, sip: str = "") -> Q:
    """The SIPs (by the lookup ``sip``) whose reviewer a person is today (P28): an adviser's line manager, else the assigned person."""
    return Q(**{f"{sip}kind": SipKind.ADVISER, f"{sip}line_manager": user}) | (
        ~Q(**{f"{sip}kind": SipKind.ADVISER}) & Q(**{f"{sip}assigned_person": user})
    )


class FeedbackQuerySet(ScopedQuerySet["FeedbackRequest"]):
    def visible_to(self, user: Any) -> FeedbackQuerySet:
        """That it was asked for, and whether it has come: whoever asks, and the reader named in it. Never about oneself, and
        nothing of a school from which one is walled. What was answered is :meth:`read_by`."""
        asking = Q(authority_id__in=user.hats.authorities_granting(P.FEEDBACK_ASK))
        return self.filter(asking | Q(reader=user)).exclude(sip__user=user).exclude(school__in=user.hats.walled)

    def read_by(self, user: Any) -> FeedbackQuerySet:
        """Answers are for the reader whom the first screen names, and for nobody else."""
        return self.visible_to(user).filter(reader=user, state=FeedbackState.SENT)

    def asked_of(self, user: Any) -> FeedbackQuerySet:
        """One's own form, for as long as one is the school's head or chair: a successor gets none of it (domain.md §3)."""
        mine = Q(pk__in=[])
        for contact in user.hats.contacts:
            if contact.hat in ("head", "chair"):
                mine |= Q(school=contact.school_id, role=str(contact.hat))
        return self.filter(mine, contact__user=user)


class FeedbackRequest(models.Model):
    """One form: about a SIP, from the head or the chair of a school, for a year. Its answers leave when it is withdrawn."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    sip = models.ForeignKey(Sip, models.PROTECT, related_name="feedback")
    school = models.ForeignKey(School, models.PROTECT, related_name="feedback")
    role = models.CharField(max_length=6, choices=FeedbackRole)
    academic_year = AcademicYearField()
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="+")
    reader = models.ForeignKey(User, models.PROTECT, related_name="+", help_text="Who reads the answers; the first screen names them.")
    state = models.CharField(max_length=10, choices=FeedbackState, default=FeedbackState.ASKED)
    lock_version = models.PositiveIntegerField(default=0)
    token_digest = models.CharField(max_length=64, unique=True)
    closes_on = models.DateField("last day for answers")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reminded_at = models.DateTimeField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    answers = models.JSONField(default=dict, blank=True, help_text="Code of the question to the value, nought for “does not apply”.")
    comment = models.TextField(blank=True)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        ordering = ["school__name", "role"]
        constraints = [models.UniqueConstraint(fields=["sip", "school", "role", "academic_year"], name="quality_feedback_once_a_year")]

    def __str__(self) -> str:
        return f"{self.school.name}, {self.get_role_display()}"

    @property
    def tag(self) -> tuple[str, str]:
        return str(self.get_state_display()).capitalize(), FEEDBACK_TONES[FeedbackState(self.state)]

    @property
    def answer_url(self) -> str:
        return reverse("quality:feedback-answer", args=[self.public_id])


class FeedbackSummary(models.Model):
    """The reviewer's own summary of comments, which alone the SIP sees of them. Written until the release."""

    sip = models.ForeignKey(Sip, models.PROTECT, related_name="+")
    academic_year = AcademicYearField()
    text = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sip", "academic_year"], name="quality_summary_once")]

    def __str__(self) -> str:
        return f"Summary of comments about {self.sip}, {self.academic_year}"


class ReleaseQuerySet(ScopedQuerySet["FeedbackRelease"]):
    def visible_to(self, user: Any) -> ReleaseQuerySet:
        """The SIP, and the SIP's reviewer of today; the authority's own figures, whoever reads its reports."""
        own = Q(sip__user=user) | (Q(sip__isnull=False) & reviewed_by(user, "sip__"))
        return self.filter(own | Q(sip__isnull=True, authority_id__in=user.hats.authorities_granting(P.PROGRAMME_REPORT)))


class FeedbackRelease(models.Model):
    """What was released of a year, once and never changed: a SIP's, or (``sip`` empty) the authority's.

    ``figures``: a list of ``{code, text, role, mean, years}``; ``mean`` is a text such as "1.6", or null where too few schools
    have answered; ``years`` are the years whose answers are in it. How many answered is nowhere in a SIP's.
    """

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    sip = models.ForeignKey(Sip, models.PROTECT, null=True, related_name="feedback_releases")
    academic_year = AcademicYearField()
    asked = models.PositiveIntegerField()
    answered = models.PositiveIntegerField(null=True, help_text="The authority's own figures alone say how many answered.")
    figures = models.JSONField(default=list)
    summary = models.TextField(blank=True)
    released_at = models.DateTimeField()

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-academic_year"]
        constraints = [
            models.UniqueConstraint(fields=["sip", "academic_year"], name="quality_release_once"),
            models.UniqueConstraint(
                fields=["authority", "academic_year"], condition=Q(sip__isnull=True), name="quality_release_once_whole"
            ),
            models.CheckConstraint(condition=Q(sip__isnull=True) | Q(answered__isnull=True), name="quality_release_hides_answered"),
        ]

    def __str__(self) -> str:
        return f"Feedback of {self.academic_year}"
