"""Who serves which school: a SIP's caseload, schools without one, the manager's lists, next year's plan."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.calendar import AcademicYear
from core.spans import on_day
from people.models import Authority, RoleAssignment, Sip, User
from people.roles import Permission, hats_with
from schools.choices import AssignmentKind
from schools.models import AllocationPlan, Assignment, InterestDeclaration, PlannedAllocation, School

from .allocation import Finding, Proposal, check_allocations
from .days import Days, days_of_advisers


def caseload(adviser: User, on: dt.date) -> QuerySet[Assignment]:
    """The assignments of one adviser that hold on a day, with their schools."""
    return (
        Assignment.objects.on(on)
        .filter(adviser=adviser)
        .select_related("school", "school__authority", "school__cluster")
        .order_by("school__name", "school__urn")
    )


def advisers_of(school_ids: Iterable[int], on: dt.date) -> dict[int, list[Assignment]]:
    """School id → who serves it on a day: SIP first, then cover, then the National Challenge adviser."""
    order = list(AssignmentKind)
    found: dict[int, list[Assignment]] = defaultdict(list)
    for row in Assignment.objects.on(on).filter(school_id__in=list(school_ids)).select_related("adviser"):
        found[row.school_id].append(row)
    for rows in found.values():
        rows.sort(key=lambda row: order.index(AssignmentKind(row.kind)))
    return dict(found)


def schools_without_sip(user: Any, on: dt.date) -> QuerySet[School]:
    """Open schools of the user's scope that no SIP serves on a day."""
    served = Assignment.objects.on(on).filter(school=OuterRef("pk"), kind=AssignmentKind.SIP)
    return School.objects.visible_to(user).filter(~Exists(served)).open_on(on).select_related("authority", "cluster")


def undeclared(authority: Authority, academic_year: int, on: dt.date) -> QuerySet[User]:
    """Who must declare their interests for the year and has not: SIPs, advisers, and officers with rights over schools."""
    roles = [str(hat) for hat in hats_with(Permission.INTEREST_DECLARE)]
    declared = InterestDeclaration.objects.filter(user=OuterRef("pk"), authority=authority, academic_year=academic_year)
    return User.objects.filter(
        Q(pk__in=Sip.objects.filter(on_day(on), authority=authority).values("user_id"))
        | Q(pk__in=RoleAssignment.objects.filter(on_day(on), authority=authority, role__in=roles).values("user_id")),
        ~Exists(declared),
        is_active=True,
    ).order_by("name", "pk")


# ---------------------------------------------------------------- the manager's page


@dataclass
class SipLine:
    """One SIP on the caseloads page: the schools that they serve, and their days of the year."""

    sip: Sip
    assignments: list[Assignment] = field(default_factory=list)
    days: Days | None = None

    @property
    def is_over(self) -> bool:
        """More days allocated than the SIP has."""
        available = self.sip.days_available
        return available is not None and self.days is not None and self.days.total.allocated > available


def sip_lines(user: Any, authority: Authority, on: dt.date) -> list[SipLine]:
    """Every SIP of the authority on a day with caseload and days; schools that the user may not see are left out."""
    sips = Sip.objects.visible_to(user).filter(on_day(on), authority=authority).select_related("user", "line_manager", "assigned_person")
    lines = {sip.user_id: SipLine(sip) for sip in sips.order_by("user__name", "pk")}
    rows = Assignment.objects.visible_to(user).on(on).filter(authority=authority, adviser_id__in=lines).select_related("school__authority")
    for row in rows.order_by("school__name", "school__urn"):
        lines[row.adviser_id].assignments.append(row)
    for adviser_id, days in days_of_advisers(lines, AcademicYear.from_date(on).first, authority.pk).items():
        lines[adviser_id].days = days
    return list(lines.values())


# ---------------------------------------------------------------- next year's plan


@dataclass
class PlanLine:
    """One school in next year's plan, beside who serves it now, with what the rules say of the row."""

    row: PlannedAllocation
    now: Assignment | None
    findings: list[Finding] = field(default_factory=list)

    @property
    def blocks(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.is_warning]

    @property
    def warnings(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_warning]

    @property
    def is_changed(self) -> bool:
        return self.row.adviser_id != (self.now.adviser_id if self.now else None)

    @property
    def is_unanswered(self) -> bool:
        return bool(self.warnings) and not self.row.reason.strip()


@dataclass
class PlanLoad:
    """One SIP in the plan: schools and quarter days against the days that they have."""

    adviser: User
    schools: int
    quarters: int
    available: int | None

    @property
    def is_over(self) -> bool:
        return self.available is not None and self.quarters > self.available


@dataclass
class PlanReview:
    """Everything that stands in the way of a plan, set-based: six queries whatever its size."""

    plan: AllocationPlan
    starts_on: dt.date
    lines: list[PlanLine]
    loads: list[PlanLoad]

    @property
    def without_sip(self) -> list[PlanLine]:
        return [line for line in self.lines if line.row.adviser_id is None]

    @property
    def over(self) -> list[PlanLoad]:
        return [load for load in self.loads if load.is_over]

    @property
    def conflicts(self) -> list[PlanLine]:
        return [line for line in self.lines if line.blocks]

    @property
    def unanswered(self) -> list[PlanLine]:
        return [line for line in self.lines if line.is_unanswered]


def current_sips(school_ids: Iterable[int], on: dt.date) -> dict[int, Assignment]:
    """School id → the assignment of kind SIP that holds on a day."""
    rows = Assignment.objects.on(on).filter(school_id__in=list(school_ids), kind=AssignmentKind.SIP).select_related("adviser")
    return {row.school_id: row for row in rows}


def plan_proposals(rows: Sequence[PlannedAllocation], now: dict[int, Assignment], starts_on: dt.date) -> list[Proposal]:
    """What the plan proposes: from its first day on; the SIP of the day before gives way, and whoever was to begin then."""
    found = []
    for row in rows:
        if row.adviser is not None:
            current = now.get(row.school_id)
            replaces = frozenset([current.pk]) if current else frozenset()
            found.append(Proposal(row.school, row.adviser, AssignmentKind.SIP, starts_on, None, replaces))
    return found


def review_plan(plan: AllocationPlan, *, on: dt.date) -> PlanReview:
    """The plan as the rules see it on a day: conflicts, warnings without a reason, schools without a SIP, SIPs beyond their days."""
    year = AcademicYear(plan.academic_year)
    starts_on = max(year.starts_on, on)
    rows = list(plan.rows.select_related("school__authority", "school__cluster", "adviser").order_by("school__name", "school__urn"))
    now = current_sips([row.school_id for row in rows], starts_on - dt.timedelta(days=1))
    lines = {row.pk: PlanLine(row, now.get(row.school_id)) for row in rows}
    by_school = {row.school_id: lines[row.pk] for row in rows}
    for finding in check_allocations(plan.authority, plan_proposals(rows, now, starts_on), on=on):
        by_school[finding.proposal.school.pk].findings.append(finding)
    sips = {sip.user_id: sip for sip in Sip.objects.filter(on_day(starts_on), authority=plan.authority)}
    loads: dict[int, PlanLoad] = {}
    for row in rows:
        if row.adviser is not None:
            sip = sips.get(row.adviser.pk)
            load = loads.setdefault(row.adviser.pk, PlanLoad(row.adviser, 0, 0, sip.days_available if sip else None))
            load.schools += 1
            load.quarters += row.quarters
    return PlanReview(plan, starts_on, list(lines.values()), sorted(loads.values(), key=lambda load: (not load.is_over, load.adviser.name)))
