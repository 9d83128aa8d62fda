"""The resource library (P32, S15): resources with their versions and readers, questions offered, practice elsewhere, suggestions.

What is being prepared (:class:`ResourceDraft`) and what was published (:class:`ResourceVersion`, insert-only) are rows of two
tables, so that a version that somebody has read is never changed. Which one is current is one column of the resource.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.files import StoredFile
from core.ids import PublicIdField
from people.models import Authority, User
from people.roles import Permission as P
from visits.models import RedactedCopy

from ..choices import OfferState, ResourceState, SuggestionState
from .files import NamedFile


class ResourceQuerySet(ScopedQuerySet["Resource"]):
    def visible_to(self, user: Any) -> ResourceQuerySet:
        """Everything to whoever publishes for the authority; else what was published for a hat that the person wears in that
        very authority. What was retired stays to be read, and says so."""
        hats = user.hats
        kept = hats.authorities_granting(P.RESOURCE_PUBLISH)
        found = Q(authority_id__in=kept)
        for authority_id in hats.authorities_wearing(P.RESOURCE_LIST) - kept:
            mine = ResourceAudience.objects.filter(hat__in=hats.worn_in(authority_id)).values("resource_id")
            found |= Q(authority_id=authority_id, current__isnull=False, pk__in=mine)
        return self.filter(found)

    def in_force(self) -> ResourceQuerySet:
        return self.filter(state=ResourceState.PUBLISHED)


class Resource(models.Model):
    """One thing of the library, whatever its version: the handbook, a guide, a sample note. ``key`` is for whoever quotes it."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="resources")
    key = models.SlugField(max_length=60, help_text="Never changed: briefings take their words by it.")
    kind = models.CharField(max_length=40, help_text="Code of the pack's resource type.")
    title = models.CharField(max_length=160)
    summary = models.CharField(max_length=400, blank=True)
    state = models.CharField(max_length=10, choices=ResourceState, default=ResourceState.DRAFT)
    lock_version = models.PositiveIntegerField(default=0)
    current = models.ForeignKey("ResourceVersion", models.PROTECT, null=True, blank=True, related_name="+")
    retired_on = models.DateField(null=True, blank=True)
    retired_why = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = ResourceQuerySet.as_manager()

    class Meta:
        ordering = ["title", "id"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "key"], name="briefings_resource_key"),
            models.CheckConstraint(name="briefings_resource_published", condition=~Q(state="published") | Q(current__isnull=False)),
            models.CheckConstraint(
                name="briefings_resource_retired",
                condition=Q(state="retired", retired_on__isnull=False) | (~Q(state="retired") & Q(retired_on__isnull=True)),
            ),
        ]
        indexes = [models.Index(fields=["authority", "state", "kind"], name="briefings_resource_kind")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("briefings:resource-detail", args=[self.public_id])


class OfResource(ScopedQuerySet[Any]):
    def visible_to(self, user: Any) -> OfResource:
        return self.filter(resource__in=Resource.objects.visible_to(user).values("pk"))


class ResourceAudience(models.Model):
    """That whoever wears this hat in the authority may read the resource, in all its versions."""

    resource = models.ForeignKey(Resource, models.CASCADE, related_name="audience")
    hat = models.CharField(max_length=30, help_text="A hat of people.roles.")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["resource", "hat"], name="briefings_resource_audience")]
        indexes = [models.Index(fields=["hat", "resource"], name="briefings_audience_hat")]

    def __str__(self) -> str:
        return self.hat


class ResourceContent(NamedFile):
    """What a version holds: words in Markdown, a file, or both. A sample note names the redacted copy that it was made from."""

    text = models.TextField(blank=True, help_text="Markdown.")
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    file_name = models.CharField(max_length=160, blank=True)
    file_words = models.TextField(blank=True, help_text="What the file says, for the search.")
    changes = models.CharField(max_length=400, blank=True, help_text="What is new in it, in a sentence.")
    redacted_copy = models.ForeignKey(RedactedCopy, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True


class ResourceDraftQuerySet(ScopedQuerySet["ResourceDraft"]):
    def visible_to(self, user: Any) -> ResourceDraftQuerySet:
        return self.filter(resource__authority_id__in=user.hats.authorities_granting(P.RESOURCE_PUBLISH))


class ResourceDraft(ResourceContent):
    """The next version, while it is being prepared; one at a time, and for nobody but those who publish."""

    resource = models.OneToOneField(Resource, models.CASCADE, related_name="draft")
    revision = models.PositiveIntegerField(default=0)
    prepared_at = models.DateTimeField()
    prepared_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = ResourceDraftQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Draft: {self.resource}"


class ResourceVersion(ResourceContent):
    """A version as it was published; never changed."""

    resource = models.ForeignKey(Resource, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    published_by_name = models.CharField(max_length=200)

    objects = OfResource.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["resource", "number"], name="briefings_version_number"),
            models.CheckConstraint(name="briefings_version_holds", condition=~Q(text="") | Q(file__isnull=False)),
            models.CheckConstraint(
                name="briefings_version_file_named",
                condition=Q(file__isnull=True, file_name="") | (Q(file__isnull=False) & ~Q(file_name="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource}, version {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("briefings:resource-version", args=[self.resource.public_id, self.number])


class OpeningQuerySet(ScopedQuerySet["ResourceOpening"]):
    def visible_to(self, user: Any) -> OpeningQuerySet:
        """One's own, and nobody else's."""
        return self.filter(user_id=user.pk)


class ResourceOpening(models.Model):
    """That a person has opened a version: what is new to them is what they have not."""

    version = models.ForeignKey(ResourceVersion, models.CASCADE, related_name="openings")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = OpeningQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "version"], name="briefings_opened_once")]

    def __str__(self) -> str:
        return f"{self.user} opened {self.version_id}"


# ---------------------------------------------------------------- the bank of questions


class OfferQuerySet(ScopedQuerySet["QuestionOffer"]):
    def visible_to(self, user: Any) -> OfferQuerySet:
        """What was accepted, to whoever uses the bank; one's own; all, to whoever decides."""
        hats = user.hats
        found = Q(authority_id__in=hats.authorities_wearing(P.QUESTION_VIEW), state=OfferState.ACCEPTED)
        found |= Q(authority_id__in=hats.authorities_wearing(P.QUESTION_VIEW), offered_by_id=user.pk)
        return self.filter(found | Q(authority_id__in=hats.authorities_granting(P.QUESTION_DECIDE)))


class QuestionOffer(models.Model):
    """A question that worked for somebody, offered to the bank (P18). Its public id is its code there, once accepted."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    theme = models.CharField(max_length=60, help_text="A theme of the pack's bank.")
    phase_groups = models.JSONField(default=list, help_text="Codes of the pack's groups of phases; none: every school.")
    text = models.CharField(max_length=400)
    follow_up = models.CharField(max_length=400, blank=True)
    why = models.TextField("when it works", blank=True)
    state = models.CharField(max_length=10, choices=OfferState, default=OfferState.OFFERED)
    lock_version = models.PositiveIntegerField(default=0)
    answer = models.TextField(blank=True)
    offered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    offered_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["-offered_at", "-id"]
        constraints = [
            models.CheckConstraint(name="briefings_offer_decided", condition=Q(state="offered") | Q(decided_at__isnull=False)),
        ]
        indexes = [models.Index(fields=["authority", "state"], name="briefings_offer_state")]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def audit_label(self) -> str:
        return f"Question on {self.theme}"


class MarkQuerySet(ScopedQuerySet["QuestionMark"]):
    def visible_to(self, user: Any) -> MarkQuerySet:
        return self.filter(authority_id__in=user.hats.authorities_wearing(P.QUESTION_VIEW))


class QuestionMark(models.Model):
    """That a question worked for somebody: a count beside the question, and no school (P18)."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    code = models.CharField(max_length=60, help_text="Of the pack's question, or the public id of an accepted offer.")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = MarkQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "code", "user"], name="briefings_mark_once")]

    def __str__(self) -> str:
        return self.code


# ---------------------------------------------------------------- practice elsewhere, suggestions


class PracticeQuerySet(ScopedQuerySet["Practice"]):
    def visible_to(self, user: Any) -> PracticeQuerySet:
        return self.filter(authority_id__in=user.hats.authorities_wearing(P.PRACTICE_VIEW))


class Practice(models.Model):
    """Good practice in another authority (S2): where, what, from which source, and whom to ask."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    place = models.CharField("authority", max_length=120)
    title = models.CharField(max_length=160)
    what = models.TextField()
    source = models.CharField(max_length=300)
    contact = models.CharField(max_length=200, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = PracticeQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at", "-id"]
        verbose_name_plural = "practice elsewhere"
        indexes = [models.Index(fields=["authority", "withdrawn_on"], name="briefings_practice_shown")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{reverse('briefings:practice-list')}#practice-{self.public_id}"


class SuggestionQuerySet(ScopedQuerySet["Suggestion"]):
    def visible_to(self, user: Any) -> SuggestionQuerySet:
        """One's own; all, to whoever answers them."""
        hats = user.hats
        return self.filter(Q(made_by_id=user.pk) | Q(authority_id__in=hats.authorities_granting(P.SUGGESTION_ANSWER)))


class Suggestion(models.Model):
    """What somebody would like to see in the library (P32), and what was answered."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    text = models.TextField()
    state = models.CharField(max_length=10, choices=SuggestionState, default=SuggestionState.MADE)
    lock_version = models.PositiveIntegerField(default=0)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(name="briefings_suggestion_answered", condition=Q(state="made") | Q(answered_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"Suggestion of {self.made_at:%d/%m/%Y}"
