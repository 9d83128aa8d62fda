"""Records: the note as released or final. Never changed; triggers refuse UPDATE and DELETE."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from core.access import ScopedQuerySet
from core.files import StoredFile
from core.ids import PublicIdField
from people.models import Authority, User
from people.roles import Hat
from people.roles import Permission as P
from schools.models import School

from ..choices import REQUEST_OPEN, Accuracy, Agreement, CommentKind, CorrectionState, NoteState, RecordKind, WithdrawalState
from .note import NOBODY, GateReview, NoteOfVisit, NoteReader, NoteShare, received_by
from .visit import VisitSchool

if TYPE_CHECKING:
    from .incident import Withdrawable


class RecordQuerySet(ScopedQuerySet["NoteRecord"]):
    def with_standing(self) -> RecordQuerySet:
        """Annotate what the record now is, computed and never stored: withdrawn, or superseded by a later final one."""
        standing_withdrawal = RecordWithdrawal.objects.filter(record=OuterRef("pk")).exclude(state=WithdrawalState.REFUSED)
        later = NoteRecord.objects.filter(
            note=OuterRef("note"), school=OuterRef("school"), kind=RecordKind.FINAL, version__gt=OuterRef("version")
        )
        return self.annotate(is_withdrawn=Exists(standing_withdrawal), is_superseded=Exists(later))

    def visible_to(self, user: Any) -> RecordQuerySet:
        """Who reads which record, by the table of domain.md §4.

        A *release*: the school (and, where so decided, its chair; on a concern school its named officers) while that
        version is with the school; its author and the note's, the second adviser, the reviewer and the manager, then and
        after. To have led the visit is not enough: of a version that another wrote, the lead reads what the school's
        advisers read.
        A *final*: chair, clerk, head, officers, whoever holds an assignment at the school, readers with a row, too.
        Any that was found for an open request: the data protection officer who answers it.
        A withdrawn one, and the releases that led to it, which say the same: the manager and the data protection officer
        alone. The wall takes away every authority side;
        raised over one school of a group it hides the records of all, which share a part.
        """
        hats = user.hats
        now_with_school = Q(kind=RecordKind.RELEASE, note__state=NoteState.WITH_SCHOOL, version=F("note__version"))
        final = Q(kind=RecordKind.FINAL)

        managing, whole, concern_whole = set[int](), set[int](), set[int]()
        clusters, concern_clusters = set[int](), set[int]()
        withdrawn_in = {r.authority_id for r in hats.roles if r.hat in (Hat.SIP_MANAGER, Hat.DATA_PROTECTION_OFFICER)}
        for role in hats.roles_granting(P.RECORD_READ):
            if role.hat == Hat.SIP_MANAGER:
                managing.add(role.authority_id)
            elif role.cluster_ids is None:
                whole.add(role.authority_id)
                if role.hat == Hat.OFFICER and role.is_named:
                    concern_whole.add(role.authority_id)
            else:
                clusters |= role.cluster_ids
                if role.hat == Hat.OFFICER and role.is_named:
                    concern_clusters |= role.cluster_ids
        may_look = [a.school_id for a in hats.assignments]
        own = shared = reviewing = serving = NOBODY
        if may_look:
            wrote = Q(author_id=user.pk) | Q(note__author_id=user.pk) | Q(note__visit__second_adviser_id=user.pk)
            own = wrote & Q(school_id__in=may_look)
        if hats.mentees:
            shared = Q(Exists(NoteShare.objects.filter(note=OuterRef("note"), mentor=user))) & hats.among_mentees("note__author_id")
        if hats.reviewing_authorities:
            asked = Exists(GateReview.objects.filter(note=OuterRef("note"), reviewer=user, decision=""))
            reviewing = Q(asked) & Q(authority_id__in=hats.reviewing_authorities)
        for assignment in hats.assignments:
            if assignment.current:
                since = assignment.starts_on.replace(day=1, year=assignment.starts_on.year - EARLIER_YEARS)
                serving |= Q(school_id=assignment.school_id, at__date__gte=since)
        reading = Exists(
            NoteReader.objects.filter(note=OuterRef("note"), user=user, starts_on__lte=hats.on).filter(
                Q(ends_on__isnull=True) | Q(ends_on__gte=hats.on)
            )
        )
        authority_side = (
            Q(authority_id__in=managing)
            | own
            | shared
            | reviewing
            | (final & (Q(authority_id__in=whole) | Q(school__cluster_id__in=clusters) | Q(reading) | serving))
            | (
                now_with_school
                & Q(goes_to_officers=True)
                & (Q(authority_id__in=concern_whole) | Q(school__cluster_id__in=concern_clusters))
            )
        )

        if answering := hats.authorities_granting(P.REQUEST_HANDLE):
            authority_side |= Q(authority_id__in=answering) & Q(_covered_by_open_request())

        heads = [c.school_id for c in hats.contacts if c.hat == Hat.HEAD]
        chairs = [c.school_id for c in hats.contacts if c.hat == Hat.CHAIR]
        clerks = [c.school_id for c in hats.contacts if c.hat == Hat.CLERK]
        school_side = (
            (Q(school_id__in=heads) & (now_with_school | final))
            | (Q(school_id__in=chairs) & ((now_with_school & Q(note__goes_to_chair=True)) | final))
            | (Q(school_id__in=clerks) & final)
        )
        for packs, school_ids in received_by(user):
            school_side |= final & Q(school_id__in=school_ids, note__pack__in=packs)
        withdrawals = RecordWithdrawal.objects.exclude(state=WithdrawalState.REFUSED)
        led_to_withdrawn = withdrawals.filter(
            record__note=OuterRef("note"), record__school=OuterRef("school"), record__version__gte=OuterRef("version")
        )
        sealed = Q(Exists(withdrawals.filter(record=OuterRef("pk")))) | (Q(kind=RecordKind.RELEASE) & Q(Exists(led_to_withdrawn)))
        withdrawn = sealed & Q(authority_id__in=withdrawn_in)
        if hats.walled:
            in_sight = ~Exists(VisitSchool.objects.filter(visit=OuterRef("note__visit"), school_id__in=hats.walled))
            authority_side &= Q(in_sight)
            withdrawn &= Q(in_sight)
        return self.filter((~sealed & (authority_side | school_side)) | withdrawn)


def _covered_by_open_request() -> Exists:
    """That a record was found for a request that is open: then, and no longer, the data protection officer reads it (§10)."""
    from .request import RequestItem

    return Exists(
        RequestItem.objects.filter(
            kind__in=("record", "release"),
            subject_id=OuterRef("public_id"),
            request__authority=OuterRef("authority"),
            request__state__in=REQUEST_OPEN,
        )
    )


EARLIER_YEARS = 3
"""domain.md §3: whoever holds an assignment reads the school's final notes from this many years before it."""


class NoteRecord(models.Model):
    """One version of one note for one school: canonical JSON of everything shown, its digest, the PDF and its digest."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    note = models.ForeignKey(NoteOfVisit, models.PROTECT, related_name="records")
    school = models.ForeignKey(School, models.PROTECT, related_name="note_records")
    version = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=RecordKind)
    payload = models.TextField(help_text="Canonical JSON.")
    digest = models.CharField(max_length=64)
    pdf = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+", help_text="Empty: imported, without a PDF of record.")
    pdf_digest = models.CharField(max_length=64, blank=True)
    goes_to_officers = models.BooleanField(default=False, help_text="A concern school's draft, which its named officers read.")
    is_imported = models.BooleanField(default=False)
    is_sealed = models.BooleanField(
        default=False, help_text="Withdrawn: the payload says only of what it is, and text and PDF are under seal or destroyed."
    )
    at = models.DateTimeField()
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", help_text="Who wrote this version.")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", help_text="Who released it or made it final.")
    by_name = models.CharField(max_length=200)
    by_role = models.CharField(max_length=80)
    silence = models.CharField(max_length=200, blank=True, help_text="The school did not comment by DATE, where that is so.")

    objects = RecordQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["note", "school", "version", "kind"], name="visits_record_once"),
            models.CheckConstraint(name="visits_record_pdf", condition=Q(pdf__isnull=False) | Q(is_imported=True) | Q(is_sealed=True)),
        ]
        indexes = [
            models.Index(fields=["school", "kind", "-at", "digest"], name="visits_record_school"),
            models.Index(fields=["note", "kind", "-version"], name="visits_record_note"),
            models.Index(fields=["digest"], name="visits_record_digest"),
            models.Index(fields=["pdf_digest"], name="visits_record_pdf"),
        ]

    def __str__(self) -> str:
        return f"{self.note.reference}, version {self.version}, {self.school.name}"

    def get_absolute_url(self) -> str:
        return reverse("visits:record-detail", args=[self.public_id])

    held_as = "record"
    """The column by which a withdrawal and a seal name it."""

    @property
    def named(self) -> str:
        """What it is called beside its school: its reference."""
        return self.note.reference

    @property
    def about(self) -> NoteOfVisit:
        """The working copy of which this is a record."""
        return self.note

    @property
    def short_digest(self) -> str:
        """The first twelve characters, in fours: what the footer prints."""
        return " ".join(self.digest[i : i + 4] for i in (0, 4, 8))


class RecordWithdrawal(models.Model):
    """Withdrawal of a final record, of a note or of an annual commentary: one asks, which ends access at once; the other
    confirms, or refuses."""

    record = models.ForeignKey(NoteRecord, models.PROTECT, null=True, blank=True, related_name="withdrawals")
    commentary_record = models.ForeignKey("visits.CommentaryRecord", models.PROTECT, null=True, blank=True, related_name="withdrawals")
    state = models.CharField(max_length=10, choices=WithdrawalState, default=WithdrawalState.ASKED)
    reason = models.TextField()
    readers = models.JSONField(default=list, help_text="Who had opened or downloaded it, as text.")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(fields=["record"], condition=~Q(state=WithdrawalState.REFUSED), name="visits_one_withdrawal"),
            models.UniqueConstraint(
                fields=["commentary_record"], condition=~Q(state=WithdrawalState.REFUSED), name="visits_one_withdrawal_commentary"
            ),
            models.CheckConstraint(name="visits_withdrawal_of_one", condition=Q(record__isnull=True) ^ Q(commentary_record__isnull=True)),
            models.CheckConstraint(
                name="visits_withdrawal_two_people", condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by"))
            ),
        ]

    def __str__(self) -> str:
        return f"Withdrawal of {self.of}"

    @property
    def of(self) -> Withdrawable:
        """The record that is withdrawn."""
        found = self.record or self.commentary_record
        assert found is not None
        return found


class SchoolResponse(models.Model):
    """The school's answer to one version: accuracy and agreement are two answers. Kept when the draft is recalled."""

    note = models.ForeignKey(NoteOfVisit, models.PROTECT, related_name="responses")
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField()
    accuracy = models.CharField(max_length=10, choices=Accuracy)
    agreement = models.CharField(max_length=6, choices=Agreement, blank=True)
    words = models.TextField("the school's view, in its own words", blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    by_role = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-version", "-at"]
        constraints = [models.UniqueConstraint(fields=["note", "school", "version"], name="visits_response_once")]

    def __str__(self) -> str:
        return f"{self.by_name}: {self.get_accuracy_display()}"


class SchoolComment(models.Model):
    """The school's word on one section; an inaccuracy has an answer before the note is final. Words are never edited."""

    public_id = PublicIdField()
    note = models.ForeignKey(NoteOfVisit, models.PROTECT, related_name="comments")
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField()
    section_code = models.CharField(max_length=40, blank=True, help_text="Empty: on the whole note.")
    kind = models.CharField(max_length=10, choices=CommentKind)
    text = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    by_role = models.CharField(max_length=80)
    at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_by_name = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["note", "version"], name="visits_comment_note")]

    def __str__(self) -> str:
        return f"{self.by_name}: {self.text[:60]}"


class CorrectionRequest(models.Model):
    """A head's or chair's request to correct a final note; kept with it, with its answer, and shown after it."""

    public_id = PublicIdField()
    record = models.ForeignKey(NoteRecord, models.PROTECT, related_name="corrections")
    state = models.CharField(max_length=10, choices=CorrectionState, default=CorrectionState.OPEN)
    place = models.CharField("where", max_length=200)
    why = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    by_role = models.CharField(max_length=80)
    at = models.DateTimeField()
    due_on = models.DateField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_by_name = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at"]
        constraints = [models.CheckConstraint(name="visits_correction_answered", condition=Q(state="open") | Q(answered_at__isnull=False))]

    def __str__(self) -> str:
        return f"Correction of {self.record}"
