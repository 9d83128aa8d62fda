"""Requests for information and for a person's own data (domain.md §10): where was searched, what was found, what is sent."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.files import StoredFile
from core.ids import PublicIdField
from people.models import Authority, User
from people.roles import Hat
from people.roles import Permission as P
from schools.models import School

from ..choices import REQUEST_OPEN, RequestState


class RequestQuerySet(ScopedQuerySet["InformationRequest"]):
    def visible_to(self, user: Any) -> RequestQuerySet:
        """The data protection officer's; and the second reader's, while it is with them. Of a request about a school behind
        the wall, neither's."""
        hats = user.hats
        reading = {r.authority_id for r in hats.roles if r.hat in (Hat.SIP_MANAGER, Hat.DATA_PROTECTION_OFFICER)}
        found = Q(authority_id__in=hats.authorities_granting(P.REQUEST_HANDLE))
        found |= Q(authority_id__in=reading, reviewer_id=user.pk, state=RequestState.IN_REVIEW)
        rows = self.filter(found)
        if hats.walled:
            about = InformationRequest.schools.through.objects.filter(school_id__in=hats.walled)
            rows = rows.exclude(pk__in=about.values("informationrequest_id"))
        return rows

    def open(self) -> RequestQuerySet:
        return self.filter(state__in=REQUEST_OPEN)


class InformationRequest(models.Model):
    """One request as it came, and how far its answer is. ``due_on`` is counted on the clock of its kind."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="requests")
    reference = models.CharField(max_length=20, help_text="As in letters: R2008/003.")
    kind = models.CharField(max_length=40, help_text="Code of the pack.")
    kind_label = models.CharField(max_length=120)
    state = models.CharField(max_length=12, choices=RequestState, default=RequestState.RECEIVED)
    lock_version = models.PositiveIntegerField(default=0)
    received_on = models.DateField()
    due_on = models.DateField()
    asked_by = models.CharField(max_length=200)
    asks = models.TextField("what is asked, in the asker's words")
    schools = models.ManyToManyField(School, blank=True, related_name="+", help_text="None: every school of the authority.")
    person = models.CharField(max_length=200, blank=True, help_text="Whom it is about, where it is about a person.")
    words = models.JSONField(default=list, blank=True, help_text="What is looked for; a row that holds none of them is not covered.")
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    waiting_since = models.DateField(null=True, blank=True, help_text="The day on which the asker was asked to say more.")
    reviewer = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    remark = models.TextField(blank=True, help_text="The second reader's, or why the asker took it back.")
    sent_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "reference"], name="visits_request_reference"),
            models.CheckConstraint(name="visits_request_days", condition=Q(due_on__gte=F("received_on"))),
            models.CheckConstraint(
                name="visits_request_sent", condition=~Q(state="sent") | Q(sent_on__isnull=False, approved_at__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["authority", "state", "due_on"], name="visits_request_due")]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("visits:request-detail", args=[self.public_id])

    @property
    def terms(self) -> list[str]:
        return [*self.words, *([self.person] if self.person else [])]

    @property
    def is_open(self) -> bool:
        return self.state in REQUEST_OPEN


class OfRequest(ScopedQuerySet[Any]):
    place = "request"

    def visible_to(self, user: Any) -> OfRequest:
        return self.filter(**{f"{self.place}__in": InformationRequest.objects.visible_to(user).values("pk")})


class OfItem(OfRequest):
    place = "item__request"


class RequestSearch(models.Model):
    """One place that was searched, by whom, and what was found there in words."""

    request = models.ForeignKey(InformationRequest, models.CASCADE, related_name="searches")
    place = models.CharField(max_length=40, help_text="Code of the pack.")
    found = models.TextField("what was found")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["request", "place"], name="visits_request_place_once")]

    def __str__(self) -> str:
        return f"{self.request}: {self.place}"


class RequestItem(models.Model):
    """Something held that the request covers. ``passages`` and ``names`` say what its copy leaves out, and why.

    A passage is ``{"path", "digest", "exemption"}``: where it stands and the SHA-256 of its text, so that a draft which
    changes meanwhile is noticed. A name is ``{"text", "exemption"}``. ``revision`` counts up with every change of them.
    """

    public_id = PublicIdField()
    request = models.ForeignKey(InformationRequest, models.CASCADE, related_name="items")
    kind = models.CharField(max_length=20, help_text="Key in visits.held.HELD.")
    subject_id = models.CharField(max_length=40)
    label = models.CharField(max_length=240)
    school = models.ForeignKey(School, models.PROTECT, null=True, blank=True, related_name="+")
    on = models.DateField(null=True, blank=True)
    passages = models.JSONField(default=list, blank=True)
    names = models.JSONField(default=list, blank=True)
    revision = models.PositiveIntegerField(default=0)
    decision = models.CharField(max_length=20, blank=True, help_text="Code of the pack.")
    exemption = models.CharField(max_length=40, blank=True, help_text="Of what is withheld whole.")
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    objects = OfRequest.as_manager()

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["request", "kind", "subject_id"], name="visits_request_item_once"),
            models.CheckConstraint(name="visits_request_item_decided", condition=Q(decision="") | Q(decided_at__isnull=False)),
        ]
        indexes = [models.Index(fields=["kind", "subject_id"], name="visits_request_item_of")]

    def __str__(self) -> str:
        return self.label

    def get_absolute_url(self) -> str:
        return reverse("visits:request-item", args=[self.public_id])

    @property
    def audit_label(self) -> str:
        return f"{self.request.reference}: {self.label}"

    @property
    def removes(self) -> int:
        return len(self.passages) + len(self.names)


class RedactedCopy(models.Model):
    """A copy from which passages and names were removed: its text, its PDF and what was removed where; never the words."""

    public_id = PublicIdField()
    item = models.ForeignKey(RequestItem, models.PROTECT, related_name="copies")
    revision = models.PositiveIntegerField(help_text="Of the item's marks, when it was made.")
    payload = models.TextField(help_text="Canonical JSON, without what was removed.")
    digest = models.CharField(max_length=64)
    pdf = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    removed = models.JSONField(default=list, help_text="Where, under which exemption, how many words.")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    at = models.DateTimeField()

    objects = OfItem.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["digest"], name="visits_copy_digest")]

    def __str__(self) -> str:
        return f"Redacted copy: {self.item}"

    @property
    def audit_label(self) -> str:
        return f"{self.item.request.reference}: {self.item.label}"
