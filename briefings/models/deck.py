"""The slides of a briefing (domain.md §8): the working deck, its slides with people's words over them, and what was issued."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.calendar import AcademicYearField
from core.files import StoredFile
from core.ids import PublicIdField
from people.models import Authority, User
from people.roles import Permission as P

from .briefing import Briefing


class DeckQuerySet(ScopedQuerySet["Deck"]):
    def visible_to(self, user: Any) -> DeckQuerySet:
        """Whoever builds for the authority; a SIP reads what was issued."""
        return self.filter(authority_id__in=user.hats.authorities_granting(P.BRIEFING_BUILD))


class Deck(models.Model):
    """The slides for a phase in a term, of one briefing where there is one. ``made_at`` is when its figures were asked for, ``left_out``
    what could not be made, with the reason. Every change counts ``lock_version`` up."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="decks")
    phase = models.CharField(max_length=20, help_text="primary, or secondary with pupil referral units.")
    academic_year = AcademicYearField()
    term = models.CharField(max_length=20, help_text="autumn, spring or summer.")
    briefing = models.ForeignKey(Briefing, models.PROTECT, null=True, blank=True, related_name="decks")
    title = models.CharField(max_length=160)
    about = models.CharField("when and where", max_length=300, blank=True)
    left_out = models.JSONField(default=list)
    lock_version = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    objects = DeckQuerySet.as_manager()

    class Meta:
        ordering = ["-academic_year", "-made_at"]
        constraints = [
            models.UniqueConstraint(fields=["briefing"], condition=Q(briefing__isnull=False), name="briefings_deck_once_a_briefing"),
            models.UniqueConstraint(
                fields=["authority", "phase", "academic_year", "term"],
                condition=Q(briefing__isnull=True),
                name="briefings_deck_once_a_term",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("briefings:deck-detail", args=[self.public_id])


class OfDeckQuerySet(ScopedQuerySet["DeckSlide"]):
    def visible_to(self, user: Any) -> OfDeckQuerySet:
        return self.filter(deck__authority_id__in=user.hats.authorities_granting(P.BRIEFING_BUILD))


class DeckSlide(models.Model):
    """One slide. ``made`` is what the portal filled (``schools.slides.Slide``), ``edits`` what a person made of it
    (``builder.deck``); a page of one's own has no source (``is_own``)."""

    public_id = PublicIdField()
    deck = models.ForeignKey(Deck, models.CASCADE, related_name="slides")
    code = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField()
    made = models.JSONField()
    edits = models.JSONField(default=dict)
    is_out = models.BooleanField("left out", default=False)
    is_own = models.BooleanField("a page of one's own", default=False)
    edited_by_name = models.CharField(max_length=200, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)

    objects = OfDeckQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["deck", "code"], name="briefings_slide_once")]

    def __str__(self) -> str:
        return str(self.edits.get("title") or self.made.get("title") or "A page")

    @property
    def authority_id(self) -> int:
        return self.deck.authority_id


class IssuedDeckQuerySet(ScopedQuerySet["IssuedDeck"]):
    def visible_to(self, user: Any) -> IssuedDeckQuerySet:
        """Whoever builds for the authority, and the audience of its briefing."""
        mine = Q(authority_id__in=user.hats.authorities_granting(P.BRIEFING_BUILD))
        return self.filter(mine | Q(briefing__in=Briefing.objects.visible_to(user).values("pk")))


class IssuedDeck(models.Model):
    """A deck as it was issued; never changed. ``digest`` is taken over its canonical JSON, which names each line's source rows."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    deck = models.ForeignKey(Deck, models.PROTECT, related_name="issues")
    briefing = models.ForeignKey(Briefing, models.PROTECT, related_name="issued_decks")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=160)
    digest = models.CharField("SHA-256 of its content", max_length=64)
    pages = models.PositiveSmallIntegerField()
    content = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    pdf = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    pptx = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    issued_by_name = models.CharField(max_length=200)
    issued_at = models.DateTimeField()

    objects = IssuedDeckQuerySet.as_manager()

    class Meta:
        ordering = ["-issued_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["deck", "number"], name="briefings_issue_once")]

    def __str__(self) -> str:
        return f"{self.title}, issue {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("briefings:issued-detail", args=[self.public_id])
