"""The working note: one a visit, its sections and its rows. What the school and later readers see are records."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from core.access import ScopedQuerySet
from core.ids import PublicIdField
from people.models import Authority, Pack, User
from people.packs import content_of
from people.roles import Hat
from people.roles import Permission as P
from schools.models import School

from ..choices import (
    ActionOwner,
    ActionState,
    ActionStatus,
    DatasetState,
    GateDecision,
    NoteState,
    VisitState,
    WithdrawalState,
    owner_choices,
)
from ..pack import visits_of as part_of
from .visit import Visit, VisitSchool


class NoteQuerySet(ScopedQuerySet["NoteOfVisit"]):
    def visible_to(self, user: Any) -> NoteQuerySet:
        """Whoever may open the note's page, whatever it then shows them: text, a record, or the facts alone.

        The rest of the table of domain.md §4 (who reads text in which state) is ``visits.policies``; here a row is
        hidden from everybody who should not know of it: the school before release, another SIP before it is final; of a
        withdrawn one everybody but the manager, the data protection officer and the author, who may amend it.
        """
        hats = user.hats
        visits_of = VisitSchool.objects.filter(visit_id=OuterRef("visit_id"))

        def at(school_ids: Any) -> Q:
            """Nothing is asked of the database for a hat that nobody wears."""
            return Q(Exists(visits_of.filter(school_id__in=school_ids))) if school_ids else NOBODY

        whole, clusters = [], set()
        for role in hats.roles_granting(P.NOTE_OPEN):
            if role.cluster_ids is None:
                whole.append(role.authority_id)
            else:
                clusters |= role.cluster_ids
        facts = Q(authority_id__in=whole)
        if clusters:
            facts |= Q(Exists(visits_of.filter(school__cluster_id__in=clusters)))
        current = [a.school_id for a in hats.assignments if a.current]
        may_look = [a.school_id for a in hats.assignments]
        has_final = Q(final_version__isnull=False, is_final_withdrawn=False)
        own = shared = reviewing = NOBODY
        if may_look:
            own = (Q(author_id=user.pk) | Q(visit__lead_id=user.pk) | Q(visit__second_adviser_id=user.pk)) & at(may_look)
        if hats.mentees:
            shared = Q(Exists(NoteShare.objects.filter(note=OuterRef("pk"), mentor=user))) & hats.among_mentees("author_id")
        if hats.reviewing_authorities:
            asked = Exists(GateReview.objects.filter(note=OuterRef("pk"), reviewer=user, decision=""))
            reviewing = Q(asked) & Q(authority_id__in=hats.reviewing_authorities)
        reading = Exists(
            NoteReader.objects.filter(note=OuterRef("pk"), user=user, starts_on__lte=hats.on).filter(
                Q(ends_on__isnull=True) | Q(ends_on__gte=hats.on)
            )
        )
        deciding = [r.authority_id for r in hats.roles if r.hat in (Hat.SIP_MANAGER, Hat.DATA_PROTECTION_OFFICER)]
        not_sealed = ~Q(state=NoteState.WITHDRAWN) | own | Q(authority_id__in=deciding)
        authority_side = (facts | own | (has_final & at(current)) | shared | reviewing | (has_final & Q(reading))) & not_sealed
        if hats.walled:
            authority_side &= ~at(hats.walled)

        by_hat: dict[str, list[int]] = {"head": [], "chair": [], "clerk": []}
        for contact in hats.contacts:
            if contact.hat.value in by_hat:
                by_hat[contact.hat.value].append(contact.school_id)
        with_school = Q(state=NoteState.WITH_SCHOOL)
        school_side = (
            ((with_school | has_final) & at(by_hat["head"]))
            | (((with_school & Q(goes_to_chair=True)) | has_final) & at(by_hat["chair"]))
            | (has_final & at(by_hat["clerk"]))
        )
        for packs, school_ids in received_by(user):
            school_side |= has_final & Q(pack__in=packs) & at(school_ids)
        return self.filter(authority_side | school_side)


NOBODY = Q(pk__in=[])


def received_by(user: Any) -> list[tuple[list[int], list[int]]]:
    """Where a person receives final notes for a diocese or a trust (domain.md §4, "other recipients the pack names"): packs
    that name their kind, and the schools at which they are of it. A note goes by the pack that it is written under.

    One query an instance of the user, which lives one request; none of whoever receives nothing.
    """
    receives = user.hats.receives
    kept: list[tuple[list[int], list[int]]] | None = user.__dict__.get("_received_by")
    if kept is None:
        naming: dict[str, list[int]] = defaultdict(list)
        for row in Pack.objects.filter(authority_id__in={contact.authority_id for contact in receives}) if receives else ():
            content = content_of(row)
            for recipient in part_of(content).recipients if "visits" in content.parts else ():
                naming[recipient.code].append(row.pk)
        by_kind: dict[str, list[int]] = defaultdict(list)
        for contact in receives:
            by_kind[contact.kind].append(contact.school_id)
        kept = [(naming[kind], school_ids) for kind, school_ids in by_kind.items() if naming[kind]]
        user.__dict__["_received_by"] = kept
    return kept


class NoteOfVisit(models.Model):
    """The working copy. ``version`` is the one being written; ``final_version`` the latest that became final."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="notes")
    visit = models.OneToOneField(Visit, models.PROTECT, related_name="note")
    author = models.ForeignKey(User, models.PROTECT, related_name="notes")
    reference = models.CharField(max_length=20, help_text="As printed: 2008/0417.")
    state = models.CharField(max_length=12, choices=NoteState, default=NoteState.DRAFT)
    lock_version = models.PositiveIntegerField(default=0)
    version = models.PositiveSmallIntegerField(default=1)
    final_version = models.PositiveSmallIntegerField(null=True, blank=True)
    is_final_withdrawn = models.BooleanField(default=False)
    pack = models.ForeignKey("people.Pack", models.PROTECT, related_name="+", help_text="The policy it is written under.")
    # dates of the three clocks, each run from the step before
    draft_due_on = models.DateField()
    review_due_on = models.DateField(null=True, blank=True)
    window_opens_on = models.DateField(
        null=True, blank=True, help_text="The first day of the school's window, where the author put it off."
    )
    school_due_on = models.DateField(null=True, blank=True, help_text="Empty until the draft has been delivered.")
    final_due_on = models.DateField(null=True, blank=True)
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    finalised_at = models.DateTimeField(null=True, blank=True)
    abandoned_at = models.DateTimeField(null=True, blank=True)
    asks_review = models.BooleanField("asked to be reviewed", default=False)
    goes_to_chair = models.BooleanField("the draft goes to the chair", default=False)
    goes_to_chair_reason = models.TextField(blank=True)
    version_reason = models.TextField(blank=True, help_text="Why this version was begun: recall or amendment.")
    state_reason = models.TextField(blank=True, help_text="The reason given at the last step that asks for one.")
    kept_rows = models.TextField(blank=True, help_text="While an amendment is written: the rows of the final version, to go back to.")

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = "Note of Visit"
        verbose_name_plural = "Notes of Visit"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "reference"], name="visits_note_reference"),
            models.CheckConstraint(
                name="visits_note_final_number", condition=Q(final_version__isnull=True) | Q(final_version__lte=models.F("version"))
            ),
            models.CheckConstraint(name="visits_note_final_has_version", condition=~Q(state="final") | Q(final_version__isnull=False)),
            models.CheckConstraint(name="visits_note_released", condition=~Q(state="with_school") | Q(released_at__isnull=False)),
        ]
        indexes = [
            models.Index(fields=["author", "state"], name="visits_note_author"),
            models.Index(fields=["authority", "state", "-id"], name="visits_note_state"),
        ]

    def __str__(self) -> str:
        return f"{self.visit}"

    def get_absolute_url(self) -> str:
        return reverse("visits:note-detail", args=[self.public_id])

    @property
    def covered(self) -> list[School]:
        return self.visit.covered

    @property
    def school(self) -> School:
        return self.visit.school

    @property
    def is_amendment(self) -> bool:
        return self.final_version is not None and self.version > self.final_version

    @cached_property
    def open_review(self) -> GateReview | None:
        return next((r for r in self.gate_reviews.all() if not r.decision), None)


class NoteSection(models.Model):
    """One section of one note; of a group's note, one for each school where the section is a school's own."""

    note = models.ForeignKey(NoteOfVisit, models.CASCADE, related_name="sections")
    school = models.ForeignKey(
        School, models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty: shared by all schools of the visit."
    )
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=160)
    position = models.PositiveSmallIntegerField()
    is_required = models.BooleanField()
    declares_none = models.BooleanField(default=False, help_text="That there is no difference of view with the schools it speaks of.")
    body = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(null=True, blank=True)
    saved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["position", "school_id"]
        constraints = [
            models.UniqueConstraint(fields=["note", "code"], condition=Q(school__isnull=True), name="visits_section_shared_once"),
            models.UniqueConstraint(
                fields=["note", "code", "school"], condition=Q(school__isnull=False), name="visits_section_school_once"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def key(self) -> str:
        """What addresses it within its note: ``standards``, or ``standards.990001`` for one school of a group."""
        return self.code if self.school_id is None else f"{self.code}.{self.school.urn}"  # type: ignore[union-attr]

    @property
    def words(self) -> int:
        return len(self.body.split())


class SectionBody(models.Model):
    """An earlier wording of a section: the last 20 are kept until the note is final. Each keeps its writer."""

    section = models.ForeignKey(NoteSection, models.CASCADE, related_name="bodies")
    revision = models.PositiveIntegerField()
    body = models.TextField()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-revision"]
        constraints = [models.UniqueConstraint(fields=["section", "revision"], name="visits_body_once")]

    def __str__(self) -> str:
        return f"{self.section}, revision {self.revision}"


class Judgement(models.Model):
    """A judgement is a row: the school's own grade, the SIP's, and the evidence (P9, P25). 1 outstanding to 4 inadequate."""

    section = models.ForeignKey(NoteSection, models.CASCADE, related_name="judgements")
    area = models.CharField(max_length=40)
    label = models.CharField(max_length=160)
    position = models.PositiveSmallIntegerField(default=0)
    school_grade = models.PositiveSmallIntegerField(null=True, blank=True)
    sip_grade = models.PositiveSmallIntegerField(null=True, blank=True)
    evidence = models.TextField(blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["section", "area"], name="visits_judgement_once"),
            models.CheckConstraint(
                name="visits_judgement_grades",
                condition=(Q(school_grade__isnull=True) | Q(school_grade__range=(1, 4)))
                & (Q(sip_grade__isnull=True) | Q(sip_grade__range=(1, 4))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}: {self.sip_grade or 'not judged'}"

    @property
    def differs(self) -> bool:
        return self.school_grade is not None and self.sip_grade is not None and self.school_grade != self.sip_grade


class ActionQuerySet(ScopedQuerySet["AgreedAction"]):
    def visible_to(self, user: Any) -> ActionQuerySet:
        """Agreed ones, by whoever reads the school's final notes, of which they are the words; a proposed one only in its note.

        Those agreed in a version whose withdrawal is asked for or confirmed are sealed with it.
        """
        from .record import RecordWithdrawal

        hats = user.hats
        whole, clusters = [], set()
        for role in hats.roles_granting(P.RECORD_READ):
            if role.cluster_ids is None:
                whole.append(role.authority_id)
            else:
                clusters |= role.cluster_ids
        assigned = [a.school_id for a in hats.assignments if a.current]
        authority_side = Q(school__authority_id__in=whole) | Q(school__cluster_id__in=clusters) | Q(school_id__in=assigned)
        own = Q(school_id__in=[c.school_id for c in hats.contacts if c.hat in (Hat.HEAD, Hat.CHAIR, Hat.CLERK)])
        sealed = RecordWithdrawal.objects.exclude(state=WithdrawalState.REFUSED).filter(
            record__note=OuterRef("note"), record__school=OuterRef("school"), record__version=OuterRef("note__final_version")
        )
        return (
            self.filter((authority_side & ~Q(school_id__in=hats.walled)) | own).exclude(state=ActionState.PROPOSED).exclude(Exists(sealed))
        )

    def unfinished(self) -> ActionQuerySet:
        return self.filter(state=ActionState.OPEN)

    def overdue(self, on: dt.date) -> ActionQuerySet:
        return self.filter(state=ActionState.OPEN, due_on__lt=on)

    def with_age(self) -> ActionQuerySet:
        """``age``: how many visits to the school have been held since it was agreed, until it was closed. In the same query."""
        held = VisitSchool.objects.filter(
            visit__on__lte=Coalesce(OuterRef("closed_on"), Value(dt.date.max)),
            school=OuterRef("school"),
            visit__state=VisitState.HELD,
            visit__on__gt=OuterRef("agreed_on"),
        )
        count = held.order_by().values("school").annotate(n=Count("pk")).values("n")
        return self.annotate(age=Coalesce(Subquery(count), 0))


class AgreedAction(models.Model):
    """A dated commitment of a school with an owner and a success measure. It belongs to the school."""

    if TYPE_CHECKING:
        is_overdue: bool  # set by those who prepare a visit

    public_id = PublicIdField()
    school = models.ForeignKey(School, models.PROTECT, related_name="actions")
    note = models.ForeignKey(NoteOfVisit, models.PROTECT, related_name="actions", help_text="The note that agreed it.")
    section = models.ForeignKey(NoteSection, models.SET_NULL, null=True, blank=True, related_name="actions")
    position = models.PositiveSmallIntegerField(default=0)
    text = models.TextField("action", blank=True)
    owner = models.CharField(max_length=12, choices=ActionOwner, blank=True)
    owner_detail = models.CharField(max_length=120, blank=True, help_text="A role, not a name.")
    due_on = models.DateField(null=True, blank=True)
    success_measure = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=ActionState, default=ActionState.PROPOSED)
    agreed_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(name="visits_action_agreed", condition=Q(state="proposed") | Q(agreed_on__isnull=False)),
        ]
        indexes = [models.Index(fields=["school", "state", "due_on"], name="visits_action_school")]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def audit_label(self) -> str:
        """What the audit calls it: its words are the note's."""
        return f"Action agreed {self.agreed_on:%d/%m/%Y}" if self.agreed_on else "Action"

    @property
    def owner_label(self) -> str:
        if self.owner_detail or self.owner not in (ActionOwner.HEAD, ActionOwner.GOVERNORS):
            return self.owner_detail or self.get_owner_display()
        return dict(owner_choices(has_committee=self.school.has_committee))[self.owner]

    @property
    def is_complete(self) -> bool:
        return bool(self.text.strip() and self.owner and self.due_on)


class ActionProgress(models.Model):
    """Dated progress with evidence, added by the owner, the school or the SIP at any time between visits."""

    action = models.ForeignKey(AgreedAction, models.PROTECT, related_name="progress")
    on = models.DateField()
    text = models.TextField()
    evidence = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_name = models.CharField(max_length=200)
    by_role = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["on", "id"]

    def __str__(self) -> str:
        return f"{self.on}: {self.text[:60]}"


class ActionReview(models.Model):
    """How this note judges an earlier action: status, evidence, impact on pupils."""

    section = models.ForeignKey(NoteSection, models.CASCADE, related_name="reviews")
    action = models.ForeignKey(AgreedAction, models.PROTECT, related_name="reviews")
    status = models.CharField(max_length=14, choices=ActionStatus, blank=True)
    evidence = models.TextField(blank=True)
    impact = models.TextField("impact on pupils", blank=True)
    reason = models.TextField(blank=True, help_text="Why it was dropped.")

    class Meta:
        ordering = ["action__due_on", "action_id"]
        constraints = [models.UniqueConstraint(fields=["section", "action"], name="visits_review_once")]

    def __str__(self) -> str:
        return f"{self.action}: {self.get_status_display()}"


class CategoryProposal(models.Model):
    """The SIP's proposal of a level of support; decided by the panel."""

    section = models.OneToOneField(NoteSection, models.CASCADE, related_name="proposal")
    category = models.CharField(max_length=40, blank=True)
    label = models.CharField(max_length=80, blank=True)
    criteria = models.TextField("criteria met, with figures", blank=True)
    reasons = models.TextField("what the criteria cannot see", blank=True)
    head_told = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.label or "no proposal"


class NoteDataset(models.Model):
    """A data set considered, with its version or release date (domain.md §2)."""

    section = models.ForeignKey(NoteSection, models.CASCADE, related_name="datasets")
    code = models.CharField(max_length=40)
    label = models.CharField(max_length=160)
    position = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=14, choices=DatasetState, blank=True)
    version = models.CharField("version or release", max_length=120, blank=True)
    studied_on = models.DateField(null=True, blank=True)
    expected = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["section", "code"], name="visits_dataset_once")]

    def __str__(self) -> str:
        return self.label


class CohesionRow(models.Model):
    """What was found in one of P27's four dimensions of community cohesion."""

    section = models.ForeignKey(NoteSection, models.CASCADE, related_name="cohesion")
    dimension = models.CharField(max_length=20)
    label = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField(default=0)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["section", "dimension"], name="visits_cohesion_once")]

    def __str__(self) -> str:
        return self.label


class DifferenceOfView(models.Model):
    """What the SIP and the school see differently, with each side's evidence (P16). Never dropped once the school wrote."""

    note = models.ForeignKey(NoteOfVisit, models.PROTECT, related_name="differences")
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)
    topic = models.CharField(max_length=200)
    sip_view = models.TextField(blank=True)
    sip_evidence = models.TextField(blank=True)
    school_view = models.TextField(blank=True)
    school_evidence = models.TextField(blank=True)
    settle = models.TextField("what would settle it", blank=True)
    school_by = models.CharField(max_length=200, blank=True, help_text="Who wrote the school's side, when the school wrote it itself.")
    school_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.topic


class WarningAnswer(models.Model):
    """A reason given to a warning of the checks; the reviewer sees it."""

    note = models.ForeignKey(NoteOfVisit, models.CASCADE, related_name="warning_answers")
    check_code = models.CharField(max_length=60)
    place = models.CharField(max_length=80, help_text="Section key, and the row within it.")
    reason = models.TextField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "check_code", "place"], name="visits_warning_once")]

    def __str__(self) -> str:
        return f"{self.check_code}: {self.reason[:60]}"


class GateReview(models.Model):
    """Reading a submitted note before the school sees it. ``reviewer`` is empty until somebody takes it or is given it."""

    public_id = PublicIdField()
    note = models.ForeignKey(NoteOfVisit, models.PROTECT, related_name="gate_reviews")
    version = models.PositiveSmallIntegerField()
    reasons = models.JSONField(default=list, help_text="Codes of GateReason.")
    is_concern = models.BooleanField(default=False, help_text="Goes to the top of the queue.")
    reviewer = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="gate_reviews")
    due_on = models.DateField()
    opened_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=10, choices=GateDecision, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField("reasons given", blank=True)
    section_reasons = models.JSONField(default=dict, blank=True, help_text="Section key to what to put right there.")

    class Meta:
        ordering = ["-is_concern", "due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["note"], condition=Q(decision=""), name="visits_one_open_review"),
            models.CheckConstraint(name="visits_review_decided", condition=Q(decision="") | Q(decided_at__isnull=False)),
            models.CheckConstraint(
                name="visits_review_has_reason",
                condition=~Q(decision__in=[GateDecision.RETURNED, GateDecision.PASSED]) | ~Q(reason=""),
            ),
        ]
        indexes = [models.Index(fields=["reviewer", "decision"], name="visits_review_reviewer")]

    def __str__(self) -> str:
        return f"Review of {self.note}"


class NoteShare(models.Model):
    """The author shared the draft with a mentor."""

    note = models.ForeignKey(NoteOfVisit, models.CASCADE, related_name="shares")
    mentor = models.ForeignKey(User, models.PROTECT, related_name="shared_notes")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "mentor"], name="visits_share_once")]

    def __str__(self) -> str:
        return f"shared with {self.mentor}"


class NoteReader(models.Model):
    """A person to whom a final note is opened for a reason and a time: a moderator, a diocese, a trust."""

    note = models.ForeignKey(NoteOfVisit, models.PROTECT, related_name="readers")
    user = models.ForeignKey(User, models.PROTECT, related_name="readable_notes")
    reason = models.CharField(max_length=200)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "note"], name="visits_reader")]

    def __str__(self) -> str:
        return f"{self.user}: {self.reason}"
