"""The annual commentary to governors: one a school and year, assembled from the year's final records, released like a note."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.calendar import AcademicYear
from core.files import StoredFile
from core.ids import PublicIdField
from people.models import Authority, User
from people.roles import Hat
from people.roles import Permission as P
from schools.models import School

from ..choices import Accuracy, CommentaryState, RecordKind, WithdrawalState
from .note import NOBODY
from .record import EARLIER_YEARS, NoteRecord, RecordWithdrawal


class CommentaryQuerySet(ScopedQuerySet["Commentary"]):
    def visible_to(self, user: Any) -> CommentaryQuerySet:
        """Whoever may know of it: its author and the manager from the beginning; the head once it is released (the chair
        where he or she has the draft); the readers of a final note, and the data protection officer, who may withdraw it,
        once a version is final: they know that it was withdrawn, when and why, since they have had it. The wall as
        everywhere."""
        hats = user.hats
        managing, whole, clusters = [], [], set[int]()
        for role in hats.roles_granting(P.RECORD_READ):
            if role.hat == Hat.SIP_MANAGER:
                managing.append(role.authority_id)
            elif role.cluster_ids is None:
                whole.append(role.authority_id)
            else:
                clusters |= role.cluster_ids
        is_final = Q(final_version__isnull=False)
        may_look = [a.school_id for a in hats.assignments]
        serves = [a.school_id for a in hats.assignments if a.current]
        authority_side = (
            Q(authority_id__in=managing)
            | Q(author_id=user.pk, school_id__in=may_look)
            | (is_final & (Q(authority_id__in=whole) | Q(school__cluster_id__in=clusters) | Q(school_id__in=serves)))
            | (is_final & Q(authority_id__in=hats.authorities_granting(P.RECORD_WITHDRAW)))
        ) & ~Q(school_id__in=hats.walled)
        return self.filter(authority_side | _school_side(hats, Q(state=CommentaryState.WITH_SCHOOL), is_final, ""))


def _school_side(hats: Any, now_with_school: Q, final: Q, to_commentary: str) -> Q:
    by_hat: dict[Hat, list[int]] = {Hat.HEAD: [], Hat.CHAIR: [], Hat.CLERK: []}
    for contact in hats.contacts:
        if contact.hat in by_hat:
            by_hat[contact.hat].append(contact.school_id)
    to_chair = now_with_school & Q(**{f"{to_commentary}goes_to_chair": True})
    return (
        (Q(school_id__in=by_hat[Hat.HEAD]) & (now_with_school | final))
        | (Q(school_id__in=by_hat[Hat.CHAIR]) & (to_chair | final))
        | (Q(school_id__in=by_hat[Hat.CLERK]) & final)
    )


class Commentary(models.Model):
    """The working copy. ``version`` is the one being written, ``final_version`` the latest that became final."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="commentaries")
    school = models.ForeignKey(School, models.PROTECT, related_name="commentaries")
    academic_year = models.PositiveSmallIntegerField()
    author = models.ForeignKey(User, models.PROTECT, related_name="commentaries")
    pack = models.ForeignKey("people.Pack", models.PROTECT, related_name="+", help_text="The policy it is written under.")
    state = models.CharField(max_length=12, choices=CommentaryState, default=CommentaryState.DRAFT)
    lock_version = models.PositiveIntegerField(default=0)
    version = models.PositiveSmallIntegerField(default=1)
    final_version = models.PositiveSmallIntegerField(null=True, blank=True)
    is_final_withdrawn = models.BooleanField(default=False)
    sources = models.ManyToManyField(NoteRecord, related_name="+", help_text="The final records that it is assembled from.")
    goes_to_chair = models.BooleanField("the draft goes to the chair", default=False)
    started_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    finalised_at = models.DateTimeField(null=True, blank=True)
    school_due_on = models.DateField(null=True, blank=True, help_text="Empty until the draft has been delivered.")
    version_reason = models.TextField(blank=True, help_text="Why this version was begun: recall or amendment.")
    state_reason = models.TextField(blank=True, help_text="The reason given at the last step that asks for one.")

    objects = CommentaryQuerySet.as_manager()

    class Meta:
        verbose_name = "annual commentary"
        verbose_name_plural = "annual commentaries"
        ordering = ["-academic_year", "school__name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["school", "academic_year"], name="visits_commentary_once"),
            models.CheckConstraint(
                name="visits_commentary_number", condition=Q(final_version__isnull=True) | Q(final_version__lte=F("version"))
            ),
            models.CheckConstraint(name="visits_commentary_final", condition=~Q(state="final") | Q(final_version__isnull=False)),
            models.CheckConstraint(
                name="visits_commentary_withdrawn",
                condition=~Q(state="withdrawn") | Q(final_version__isnull=False, is_final_withdrawn=True),
            ),
            models.CheckConstraint(name="visits_commentary_released", condition=~Q(state="with_school") | Q(released_at__isnull=False)),
        ]
        indexes = [models.Index(fields=["author", "state"], name="visits_commentary_author")]

    def __str__(self) -> str:
        return f"Annual commentary {self.year_label}, {self.school.name}"

    def get_absolute_url(self) -> str:
        return reverse("visits:commentary-detail", args=[self.public_id])

    @property
    def year_label(self) -> str:
        return AcademicYear(self.academic_year).label

    @property
    def covered(self) -> list[School]:
        return [self.school]

    @property
    def is_amendment(self) -> bool:
        return self.final_version is not None and self.version > self.final_version


class CommentarySection(models.Model):
    """One section: assembled, then edited under its own revision like a note's (ADR 0003)."""

    commentary = models.ForeignKey(Commentary, models.CASCADE, related_name="sections")
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=160)
    position = models.PositiveSmallIntegerField()
    body = models.TextField(blank=True)
    assembled = models.TextField(blank=True, help_text="As it was last assembled: where the body is the same, nobody has edited it.")
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["commentary", "code"], name="visits_commentary_section_once")]

    def __str__(self) -> str:
        return self.title

    @property
    def words(self) -> int:
        return len(self.body.split())

    @property
    def is_edited(self) -> bool:
        return self.body != self.assembled


class CommentaryAnswer(models.Model):
    """What the head says of the accuracy of one version, and what the author answers when it is made final."""

    commentary = models.ForeignKey(Commentary, models.PROTECT, related_name="answers")
    version = models.PositiveSmallIntegerField()
    accuracy = models.CharField(max_length=10, choices=Accuracy)
    words = models.TextField("the school's words", blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    by_role = models.CharField(max_length=80)
    at = models.DateTimeField()
    reply = models.TextField("the author's answer", blank=True)
    replied_by_name = models.CharField(max_length=200, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-version"]
        constraints = [models.UniqueConstraint(fields=["commentary", "version"], name="visits_commentary_answer_once")]

    def __str__(self) -> str:
        return f"{self.by_name}: {self.get_accuracy_display()}"


class CommentaryRecordQuerySet(ScopedQuerySet["CommentaryRecord"]):
    def with_standing(self) -> CommentaryRecordQuerySet:
        """Annotate what the record now is, computed and never stored: withdrawn, kept back with a note that it quotes, or
        superseded by a later final one."""
        later = CommentaryRecord.objects.filter(commentary=OuterRef("commentary"), kind=RecordKind.FINAL, version__gt=OuterRef("version"))
        return self.annotate(
            is_withdrawn=Exists(_withdrawals()), quotes_withdrawn=Exists(_withdrawn_sources()), is_superseded=Exists(later)
        )

    def visible_to(self, user: Any) -> CommentaryRecordQuerySet:
        """A release: the school while that version is with it, the author and the manager. A final one: the readers of a
        final note. One that is withdrawn, the releases that led to it, and one that quotes a note whose withdrawal is asked
        for or confirmed: the manager and the data protection officer alone, like that note (domain.md §4, §10)."""
        hats = user.hats
        now_with_school = Q(kind=RecordKind.RELEASE, commentary__state=CommentaryState.WITH_SCHOOL, version=F("commentary__version"))
        final = Q(kind=RecordKind.FINAL)
        managing, whole, clusters = [], [], set[int]()
        for role in hats.roles_granting(P.RECORD_READ):
            if role.hat == Hat.SIP_MANAGER:
                managing.append(role.authority_id)
            elif role.cluster_ids is None:
                whole.append(role.authority_id)
            else:
                clusters |= role.cluster_ids
        serving = NOBODY
        for assignment in hats.assignments:
            if assignment.current:
                since = assignment.starts_on.replace(day=1, year=assignment.starts_on.year - EARLIER_YEARS)
                serving |= Q(school_id=assignment.school_id, at__date__gte=since)
        own = Q(author_id=user.pk) | Q(commentary__author_id=user.pk)
        authority_side = (
            Q(authority_id__in=managing)
            | (own & Q(school_id__in=[a.school_id for a in hats.assignments]))
            | (final & (Q(authority_id__in=whole) | Q(school__cluster_id__in=clusters) | serving))
        ) & ~Q(school_id__in=hats.walled)
        if hats.walled:  # what a group's note says of all its schools is hidden with the one
            authority_side &= ~Q(Exists(_quoted().filter(noterecord__note__visit__visit_schools__school_id__in=hats.walled)))
        led_to_withdrawn = RecordWithdrawal.objects.exclude(state=WithdrawalState.REFUSED).filter(
            commentary_record__commentary=OuterRef("commentary"), commentary_record__version__gte=OuterRef("version")
        )
        sealed = Q(Exists(_withdrawn_sources())) | Q(Exists(_withdrawals())) | (Q(kind=RecordKind.RELEASE) & Q(Exists(led_to_withdrawn)))
        keepers = [r.authority_id for r in hats.roles if r.hat in (Hat.SIP_MANAGER, Hat.DATA_PROTECTION_OFFICER)]
        kept = sealed & Q(authority_id__in=keepers) & ~Q(school_id__in=hats.walled)
        return self.filter((~sealed & (authority_side | _school_side(hats, now_with_school, final, "commentary__"))) | kept)


def _withdrawals() -> Any:
    """Its own withdrawal, asked for or confirmed."""
    return RecordWithdrawal.objects.exclude(state=WithdrawalState.REFUSED).filter(commentary_record=OuterRef("pk"))


def _quoted() -> Any:
    """The rows that say which final records of notes a commentary's record quotes."""
    return CommentaryRecord.sources.through.objects.filter(commentaryrecord_id=OuterRef("pk"))


def _withdrawn_sources() -> Any:
    """Those among them whose withdrawal is asked for or confirmed."""
    withdrawn = RecordWithdrawal.objects.exclude(state=WithdrawalState.REFUSED).filter(record__isnull=False).values("record_id")
    return _quoted().filter(noterecord_id__in=withdrawn)


class CommentaryRecord(models.Model):
    """One version as it was released or made final: canonical JSON, its digest, the PDF and its digest. Never changed."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    commentary = models.ForeignKey(Commentary, models.PROTECT, related_name="records")
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=RecordKind)
    payload = models.TextField(help_text="Canonical JSON.")
    digest = models.CharField(max_length=64)
    pdf = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", help_text="Empty: under seal, or destroyed.")
    pdf_digest = models.CharField(max_length=64)
    is_sealed = models.BooleanField(
        default=False, help_text="Withdrawn: the payload says only of what it is, and text and PDF are under seal or destroyed."
    )
    sources = models.ManyToManyField(NoteRecord, related_name="+", help_text="The final records that this version names.")
    at = models.DateTimeField()
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    by_role = models.CharField(max_length=80)

    objects = CommentaryRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["commentary", "version", "kind"], name="visits_commentary_record_once"),
            models.CheckConstraint(name="visits_commentary_record_pdf", condition=Q(pdf__isnull=False) | Q(is_sealed=True)),
        ]
        indexes = [
            models.Index(fields=["digest"], name="visits_comm_digest"),
            models.Index(fields=["pdf_digest"], name="visits_comm_pdf_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.commentary}, version {self.version}"

    def get_absolute_url(self) -> str:
        return f"{self.commentary.get_absolute_url()}?record={self.public_id}"

    held_as = "commentary_record"
    """The column by which a withdrawal and a seal name it."""

    @property
    def named(self) -> str:
        """What it is called beside its school."""
        return f"annual commentary {self.commentary.year_label}"

    @property
    def about(self) -> Commentary:
        """The working copy of which this is a record."""
        return self.commentary
