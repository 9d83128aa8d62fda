"""The register, groups, contacts, interests, assignments, the ledger of days, and next year's allocation plan."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower

from core import clock
from core.access import ScopedQuerySet
from core.ids import PublicIdField
from core.spans import Span, on_day
from people.models import Authority, Cluster, User
from people.roles import GRANTS, Hat, Permission
from schools.choices import (
    AssignmentKind,
    ContactKind,
    ContactState,
    DaysKind,
    DaysSource,
    GroupKind,
    InterestKind,
    Phase,
    PlanState,
    SchoolStatus,
)

# ---------------------------------------------------------------- the register


class SchoolQuerySet(ScopedQuerySet["School"]):
    def visible_to(self, user: Any) -> SchoolQuerySet:
        """The one scope of schools, on which those of everything at a school rest.

        By a role: the authority's, or its clusters'. By an assignment: the school, and for a while after. By mentoring:
        the mentees' caseloads. By a contact row: one's own. The wall takes away all but the last.
        """
        return self._in_scope(user, [a.school_id for a in user.hats.assignments])

    def served_by(self, user: Any) -> SchoolQuerySet:
        """The same without the schools that a former adviser only looks back on: there they see what they wrote, no more."""
        return self._in_scope(user, [a.school_id for a in user.hats.assignments if a.current])

    def granting(self, user: Any, permission: Permission) -> SchoolQuerySet:
        """The schools at which one of this person's hats grants it: by role, by a current assignment, by one's own contact
        row. Narrower than the scope, for what not everybody who sees a school may see of it (its money)."""
        hats = user.hats
        assigned = [a.school_id for a in hats.assignments if a.current] if permission in GRANTS[Hat.ADVISER] else []
        own = Q(pk__in=[c.school_id for c in hats.contacts if permission in GRANTS[c.hat]])
        return self.filter(((self._by_role(hats, permission) | Q(pk__in=assigned)) & ~Q(pk__in=hats.walled)) | own)

    @staticmethod
    def _by_role(hats: Any, permission: Permission) -> Q:
        whole, clusters = [], set()
        for role in hats.roles_granting(permission):
            if role.cluster_ids is None:
                whole.append(role.authority_id)
            else:
                clusters |= role.cluster_ids
        return Q(authority_id__in=whole) | Q(cluster_id__in=clusters)

    def _in_scope(self, user: Any, assigned: list[int]) -> SchoolQuerySet:
        hats = user.hats
        authority_side = self._by_role(hats, Permission.SCHOOL_LIST) | Q(pk__in=assigned)
        if hats.mentees:
            of_mentees = Assignment.objects.filter(hats.among_mentees("adviser_id"), on_day(hats.on))
            authority_side |= Q(pk__in=of_mentees.values("school_id"))
        own = Q(pk__in=[c.school_id for c in hats.contacts])
        return self.filter((authority_side & ~Q(pk__in=hats.walled)) | own)

    def open_on(self, day: Any) -> SchoolQuerySet:
        return self.exclude(status__in=[SchoolStatus.CLOSED, SchoolStatus.PROPOSED])

    def standing_on(self, day: Any) -> SchoolQuerySet:
        """Open on a day by the register's dates, one in the past too: since closed schools, not those that opened later."""
        since_closed = Q(status=SchoolStatus.CLOSED, closed_on__gte=day)
        is_open = Q(status__in=[SchoolStatus.OPEN, SchoolStatus.CLOSING]) & (Q(closed_on__isnull=True) | Q(closed_on__gte=day))
        return self.filter((is_open | since_closed) & (Q(opened_on__isnull=True) | Q(opened_on__lte=day)))


class School(models.Model):
    """An establishment with a URN, unique in its authority. DfE number = LA code + establishment number."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="schools")
    urn = models.PositiveIntegerField("URN")
    establishment_number = models.PositiveSmallIntegerField(null=True, blank=True)
    ukprn = models.PositiveIntegerField("UKPRN", null=True, blank=True)
    name = models.CharField(max_length=200)
    phase = models.CharField(max_length=12, choices=Phase)
    type = models.CharField(max_length=100, blank=True, help_text="As the register words it.")
    status = models.CharField(max_length=10, choices=SchoolStatus, default=SchoolStatus.OPEN)
    opened_on = models.DateField(null=True, blank=True)
    open_reason = models.CharField(max_length=100, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    close_reason = models.CharField(max_length=100, blank=True)
    low_age = models.PositiveSmallIntegerField(null=True, blank=True)
    high_age = models.PositiveSmallIntegerField(null=True, blank=True)
    gender = models.CharField(max_length=20, blank=True)
    religious_character = models.CharField(max_length=80, blank=True)
    diocese = models.CharField(max_length=120, blank=True)
    admissions = models.CharField(max_length=40, blank=True)
    boarders = models.CharField(max_length=60, blank=True)
    sixth_form = models.CharField(max_length=60, blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    roll = models.PositiveIntegerField(null=True, blank=True)
    roll_on = models.DateField(null=True, blank=True, help_text="The census that counted the roll.")
    street = models.CharField(max_length=120, blank=True)
    locality = models.CharField(max_length=120, blank=True)
    address3 = models.CharField(max_length=120, blank=True)
    town = models.CharField(max_length=80, blank=True)
    county = models.CharField(max_length=80, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    website = models.CharField(max_length=200, blank=True)
    telephone = models.CharField(max_length=30, blank=True)
    easting = models.PositiveIntegerField(null=True, blank=True)
    northing = models.PositiveIntegerField(null=True, blank=True)
    head_title = models.CharField("head's job title", max_length=120, blank=True)
    cluster = models.ForeignKey(Cluster, models.PROTECT, null=True, blank=True, related_name="schools")
    source = models.CharField(max_length=200, blank=True, help_text="The file, or the person, that the facts came from.")
    source_on = models.DateField(null=True, blank=True)

    objects = SchoolQuerySet.as_manager()

    class Meta:
        ordering = ["name", "urn"]
        constraints = [
            models.UniqueConstraint(fields=["authority", "urn"], name="schools_school_urn"),
        ]
        indexes = [
            models.Index(fields=["authority", "name", "urn"], name="schools_by_name"),
            models.Index(fields=["authority", "establishment_number"], name="schools_by_estab"),
            models.Index(fields=["cluster", "name"], name="schools_by_cluster"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return f"{self.authority.code}-{self.urn}"

    @property
    def dfe_number(self) -> str:
        """LAESTAB as people write it: 999/2147. Empty where the register gives no establishment number."""
        return f"{self.authority.code}/{self.establishment_number:04d}" if self.establishment_number else ""

    @property
    def is_open(self) -> bool:
        return self.status in (SchoolStatus.OPEN, SchoolStatus.CLOSING)

    @property
    def has_committee(self) -> bool:
        """A PRU has a teacher in charge and a management committee in the places of head and governors."""
        return self.phase == Phase.PRU

    def get_absolute_url(self) -> str:
        from django.urls import reverse

        return reverse("schools:school-detail", args=[self.authority.code, self.urn])


class SchoolLink(models.Model):
    """A line of the register's links: this school's predecessor or successor. The other may be unknown here."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    urn = models.PositiveIntegerField()
    linked_urn = models.PositiveIntegerField()
    linked_name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=120, help_text="As the register words it.")
    linked_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "urn", "linked_urn", "kind"], name="schools_link_once")]

    def __str__(self) -> str:
        return f"{self.urn} {self.kind} {self.linked_urn}"

    @property
    def is_successor(self) -> bool:
        return self.kind.lower().startswith("successor")


class Group(models.Model):
    """Schools under one governing body, headteacher or trust."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="groups")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=GroupKind)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint("authority", Lower("name"), name="schools_group_name")]

    def __str__(self) -> str:
        return self.name


class GroupMembership(Span):
    group = models.ForeignKey(Group, models.CASCADE, related_name="memberships")
    school = models.ForeignKey(School, models.PROTECT, related_name="group_memberships")

    class Meta(Span.Meta):
        ordering = ["starts_on"]

    def __str__(self) -> str:
        return f"{self.school} in {self.group}"


# ---------------------------------------------------------------- people at a school


class AtSchoolQuerySet(ScopedQuerySet[Any]):
    """Rows with a ``school``: seen by whoever sees the school."""

    def visible_to(self, user: Any) -> AtSchoolQuerySet:
        return self.filter(school_id__in=School.objects.visible_to(user).values("pk"))


class FinanceQuerySet(AtSchoolQuerySet):
    """Rows about a school's money: seen by whoever may see its money."""

    def visible_to(self, user: Any) -> FinanceQuerySet:
        return self.filter(school_id__in=School.objects.granting(user, Permission.FINANCE_VIEW).values("pk"))


class ReadinessQuerySet(AtSchoolQuerySet):
    """Rows about a school's readiness for inspection: its own, and those who prepare it."""

    def visible_to(self, user: Any) -> ReadinessQuerySet:
        return self.filter(school_id__in=School.objects.granting(user, Permission.READINESS_VIEW).values("pk"))


class Contact(Span):
    """A dated role at a school. It gives rights only when confirmed, current, and joined to an account."""

    public_id = PublicIdField()
    school = models.ForeignKey(School, models.PROTECT, related_name="contacts")
    kind = models.CharField(max_length=20, choices=ContactKind)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="school_roles")
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    telephone = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=ContactState, default=ContactState.REPORTED)
    reported_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reported_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = AtSchoolQuerySet.as_manager()

    class Meta(Span.Meta):
        ordering = ["kind", "-starts_on"]
        constraints = [
            *Span.Meta.constraints,
            models.CheckConstraint(
                name="schools_contact_decided",
                condition=Q(state=ContactState.REPORTED) | Q(decided_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["user", "state"], name="schools_contact_user"),
            models.Index(fields=["school", "kind"], name="schools_contact_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.get_kind_display()}"


class Interest(Span):
    """A declared interest of a person in a school: it raises the wall while it holds."""

    user = models.ForeignKey(User, models.PROTECT, related_name="interests")
    school = models.ForeignKey(School, models.PROTECT, related_name="interests")
    kind = models.CharField(max_length=20, choices=InterestKind)
    note = models.CharField(max_length=200, blank=True)
    declared_at = models.DateTimeField()

    class Meta(Span.Meta):
        ordering = ["-starts_on"]

    def __str__(self) -> str:
        return f"{self.user.name}: {self.get_kind_display()}, {self.school.name}"


class InterestDeclaration(models.Model):
    """That a person has declared for an academic year, with interests or with none; an undeclared year is listed."""

    user = models.ForeignKey(User, models.PROTECT, related_name="declarations")
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    academic_year = models.PositiveSmallIntegerField()
    has_none = models.BooleanField()
    declared_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "authority", "academic_year"], name="schools_declaration_once")]

    def __str__(self) -> str:
        return f"{self.user.name}, {self.academic_year}"


# ---------------------------------------------------------------- assignments and days


class AssignmentQuerySet(ScopedQuerySet["Assignment"]):
    def visible_to(self, user: Any) -> AssignmentQuerySet:
        """Who serves a school is seen by whoever sees the school."""
        return self.filter(school_id__in=School.objects.visible_to(user).values("pk"))

    def on(self, day: Any) -> AssignmentQuerySet:
        return self.filter(on_day(day))


class Assignment(Span):
    """One adviser to one school for a span of days. No two of a kind overlap at a school; the database refuses it."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="assignments")
    school = models.ForeignKey(School, models.PROTECT, related_name="assignments")
    adviser = models.ForeignKey(User, models.PROTECT, related_name="assignments")
    kind = models.CharField(max_length=10, choices=AssignmentKind, default=AssignmentKind.SIP)
    covers = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="covered_by")
    takes_place_of_sip = models.BooleanField(default=False, help_text="S6: a National Challenge adviser in the SIP's place.")
    reason = models.TextField(blank=True, help_text="Answers the warnings that the rules raised.")
    end_reason = models.TextField(blank=True)
    is_removal = models.BooleanField(default=False, help_text="Ended by removal: no days of grace.")
    finish_by = models.DateField(null=True, blank=True, help_text="Last day on which notes begun before the end may be finished.")
    read_until = models.DateField(null=True, blank=True, help_text="Last day on which the adviser reads what they wrote here.")
    created_at = models.DateTimeField(default=clock.now)

    objects = AssignmentQuerySet.as_manager()

    class Meta(Span.Meta):
        ordering = ["school__name", "starts_on"]
        constraints = [
            *Span.Meta.constraints,
            models.CheckConstraint(
                name="schools_cover_has_end",
                condition=~Q(kind=AssignmentKind.COVER) | (Q(covers__isnull=False) & Q(ends_on__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(fields=["adviser", "ends_on"], name="schools_assignment_adviser"),
            models.Index(fields=["school", "kind", "starts_on"], name="schools_assignment_school"),
        ]

    def __str__(self) -> str:
        return f"{self.adviser.name} at {self.school.name}"


class DaysEntry(models.Model):
    """One line of the ledger of days, in quarter days: allocated (positive) or used (positive). Insert-only."""

    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    school = models.ForeignKey(School, models.PROTECT, related_name="days")
    adviser = models.ForeignKey(User, models.PROTECT, related_name="days")
    academic_year = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=10, choices=DaysSource, default=DaysSource.CORE)
    kind = models.CharField(max_length=12, choices=DaysKind)
    quarters = models.IntegerField(help_text="Quarter days; a correction may be negative.")
    reference = models.CharField(max_length=40, blank=True, help_text="Public id of the visit that charged it.")
    reason = models.CharField(max_length=200, blank=True)
    entered_on = models.DateField()

    objects = AtSchoolQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "days entries"
        indexes = [
            models.Index(fields=["adviser", "academic_year"], name="schools_days_adviser"),
            models.Index(fields=["school", "academic_year"], name="schools_days_school"),
            models.Index(fields=["reference"], name="schools_days_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.quarters} quarters, {self.get_kind_display()}"


# ---------------------------------------------------------------- next year's plan


class AllocationPlan(models.Model):
    """Next year's allocations, drafted beside this year's and published on a date, all at once."""

    public_id = PublicIdField()
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="plans")
    academic_year = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=PlanState, default=PlanState.DRAFT)
    lock_version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "academic_year"], name="schools_plan_year"),
            models.CheckConstraint(
                name="schools_plan_published",
                condition=Q(state=PlanState.DRAFT) | Q(published_at__isnull=False, published_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Allocation plan {self.academic_year}/{(self.academic_year + 1) % 100:02d}"


class PlannedAllocation(models.Model):
    plan = models.ForeignKey(AllocationPlan, models.CASCADE, related_name="rows")
    school = models.ForeignKey(School, models.PROTECT, related_name="+")
    adviser = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    quarters = models.PositiveIntegerField("days, in quarters", default=20)
    reason = models.TextField(blank=True, help_text="Answers the warnings that the rules raised.")

    class Meta:
        ordering = ["school__name"]
        constraints = [models.UniqueConstraint(fields=["plan", "school"], name="schools_planned_once")]

    def __str__(self) -> str:
        return f"{self.school}: {self.adviser or 'nobody'}"


def with_sip(queryset: models.QuerySet[School], day: Any) -> models.QuerySet[School]:
    """Annotate ``has_sip``: whether a SIP serves the school that day."""
    return queryset.annotate(has_sip=Exists(Assignment.objects.filter(on_day(day), school=OuterRef("pk"), kind=AssignmentKind.SIP)))
