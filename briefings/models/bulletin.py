"""Bulletins (P32, S15): numbered by year, with items for action and for information; who has read them, who has done them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.calendar import AcademicYearField
from core.ids import PublicIdField
from people.models import Authority, User
from people.roles import Permission as P

from ..choices import BULLETIN_TONES, BulletinState, ItemKind
from .audience import Audienced, for_sip


class BulletinQuerySet(ScopedQuerySet["Bulletin"]):
    def visible_to(self, user: Any) -> BulletinQuerySet:
        """While it is written, whoever writes it; then those who work with the SIPs, and each SIP what is for their phases."""
        hats = user.hats
        published = Q(authority_id__in=hats.authorities_granting(P.BULLETIN_VIEW)) | for_sip(user)
        return self.filter(Q(authority_id__in=hats.authorities_granting(P.BULLETIN_WRITE)) | (published & Q(state=BulletinState.PUBLISHED)))


class Bulletin(Audienced):
    """One bulletin. Its number, within the academic year, comes when it is published; from then on nothing of it is changed."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="bulletins")
    academic_year = AcademicYearField()
    number = models.PositiveSmallIntegerField(null=True, blank=True)
    title = models.CharField(max_length=160)
    opening = models.TextField("opening words", blank=True)
    state = models.CharField(max_length=10, choices=BulletinState, default=BulletinState.DRAFT)
    lock_version = models.PositiveIntegerField(default=0)
    published_on = models.DateField(null=True, blank=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()

    objects = BulletinQuerySet.as_manager()

    class Meta:
        ordering = ["-academic_year", "-number", "-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "academic_year", "number"], name="briefings_bulletin_number"),
            models.CheckConstraint(
                condition=Q(state=BulletinState.DRAFT, number__isnull=True)
                | Q(state=BulletinState.PUBLISHED, number__isnull=False, published_on__isnull=False),
                name="briefings_bulletin_published",
            ),
        ]

    def __str__(self) -> str:
        return f"Bulletin {self.reference}: {self.title}" if self.number else self.title

    @property
    def reference(self) -> str:
        """As in "2, 2008/09"."""
        return f"{self.number}, {self.academic_year.label}" if self.number else ""

    @property
    def tag(self) -> tuple[str, str]:
        return str(self.get_state_display()), BULLETIN_TONES[BulletinState(self.state)]

    def get_absolute_url(self) -> str:
        return reverse("briefings:bulletin-detail", args=[self.public_id])


class ItemQuerySet(ScopedQuerySet["BulletinItem"]):
    def visible_to(self, user: Any) -> ItemQuerySet:
        return self.filter(bulletin__in=Bulletin.objects.visible_to(user).values("pk"))


class BulletinItem(models.Model):
    """One item: what to do by when, or what to know."""

    public_id = PublicIdField()
    bulletin = models.ForeignKey(Bulletin, models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=12, choices=ItemKind)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True, help_text="Markdown.")
    complete_by = models.DateField("to be done by", null=True, blank=True)
    contact = models.CharField(max_length=160, blank=True)
    link = models.URLField(blank=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["bulletin", "position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind="information") | Q(complete_by__isnull=False), name="briefings_action_has_a_date"),
        ]

    def __str__(self) -> str:
        return self.title


class BulletinReading(models.Model):
    """That a person has opened a bulletin, first on this day and hour."""

    bulletin = models.ForeignKey(Bulletin, models.PROTECT, related_name="readings")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bulletin", "user"], name="briefings_bulletin_read_once")]

    def __str__(self) -> str:
        return f"{self.user.name} read {self.bulletin}"


class BulletinDone(models.Model):
    """That a person has done what an item asks."""

    item = models.ForeignKey(BulletinItem, models.PROTECT, related_name="done")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "user"], name="briefings_item_done_once")]

    def __str__(self) -> str:
        return f"{self.user.name} has done {self.item}"
