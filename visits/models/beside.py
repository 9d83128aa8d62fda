"""Beside the visits that have notes: the governors' review of a headteacher, a fact without content; and what others had
to do with a school, so that nobody calls twice (S3)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from core.access import ScopedQuerySet
from core.ids import PublicIdField
from core.spans import on_day
from people.models import Authority, User
from people.roles import Hat
from people.roles import Permission as P
from schools.models import Contact, School

from ..choices import CallKind, HeadReviewState


class HeadReviewQuerySet(ScopedQuerySet["HeadReviewVisit"]):
    def visible_to(self, user: Any) -> HeadReviewQuerySet:
        """That adviser, while they may look back; that headteacher, in post; the chair, while that headteacher is.

        It belongs to the person reviewed and not to the post. The manager reads no row: ``selectors.head_reviews_held``.
        """
        hats = user.hats
        heads = [c.school_id for c in hats.contacts if c.hat == Hat.HEAD]
        chairs = [c.school_id for c in hats.contacts if c.hat == Hat.CHAIR]
        in_post = Contact.objects.filter(on_day(hats.on)).values("pk")
        advised = Q(adviser_id=user.pk, school_id__in=[a.school_id for a in hats.assignments]) & ~Q(school_id__in=hats.walled)
        reviewed = Q(head__user_id=user.pk, school_id__in=heads)
        return self.filter(advised | ((reviewed | Q(school_id__in=chairs)) & Q(head__in=in_post)))


class HeadReviewVisit(models.Model):
    """The SIP's advice to the governors who review the headteacher: its date and its days, and nothing that was said.

    Not a ``Visit``: outside notes, search, bundles, commentary, facts and time line (domain.md §4).
    """

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    head = models.ForeignKey(Contact, models.PROTECT, related_name="+", help_text="The person reviewed, in the post that they held.")
    adviser = models.ForeignKey(User, models.PROTECT, related_name="+")
    academic_year = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=HeadReviewState)
    on = models.DateField("day", help_text="On which it was held, or was to be.")
    governors = models.PositiveSmallIntegerField("governors met", default=0)
    quarters = models.PositiveSmallIntegerField("days charged, in quarters", default=0)
    next_due_on = models.DateField(null=True, blank=True)
    at = models.DateTimeField()

    objects = HeadReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="visits_head_review_postponed", condition=~Q(state=HeadReviewState.POSTPONED) | Q(governors=0, quarters=0)
            )
        ]
        indexes = [models.Index(fields=["authority", "academic_year"], name="visits_head_review_year")]

    def __str__(self) -> str:
        return "Headteacher’s review"


class CallQuerySet(ScopedQuerySet["SchoolCall"]):
    def visible_to(self, user: Any) -> CallQuerySet:
        """Whoever may enter one at the school: its advisers and officers, and the managers of the programme."""
        hats = user.hats
        whole, clusters = [], set()
        for role in hats.roles_granting(P.CALL_LOG):
            if role.cluster_ids is None:
                whole.append(role.authority_id)
            else:
                clusters |= role.cluster_ids
        advised = [a.school_id for a in hats.assignments if a.current]
        inside = Q(authority_id__in=whole) | Q(school__cluster_id__in=clusters) | Q(school_id__in=advised)
        return self.filter(inside & ~Q(school_id__in=hats.walled))


class SchoolCall(models.Model):
    """A contact with a school by any adviser or officer: had, or planned for a day to come. Not a record of what was said."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    on = models.DateField("day")
    kind = models.CharField(max_length=10, choices=CallKind)
    who = models.CharField(max_length=160, help_text="Name and role, as text.")
    about = models.CharField(max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["-on", "-id"]
        indexes = [models.Index(fields=["school", "on"], name="visits_call_school")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.who}"
