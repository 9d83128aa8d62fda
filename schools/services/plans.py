"""Next year's plan: drafted beside this year's allocations, changed row by row, published all at once (domain.md §3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F

from core import audit
from core.access import Conflict, Refused, require, same_authority
from core.calendar import AcademicYear
from people.models import Authority, User
from people.packs import pack_for
from people.roles import Permission as P
from schools.choices import AssignmentKind, DaysKind, DaysSource, PlanState
from schools.models import AllocationPlan, Assignment, DaysEntry, PlannedAllocation, School
from schools.selectors.caseloads import PlanReview, current_sips, review_plan
from schools.selectors.days import days_of_schools

from .assignments import end_rows, insert_assignments

WALLED = "The plan holds a school in which you have an interest: another manager publishes it."
SOMEBODY_ELSE = "Somebody else changed the plan a moment ago. Nothing that you sent was done; look at it again."


@dataclass(frozen=True)
class PlanChange:
    """One row of the plan as it shall be; ``adviser`` ``None`` leaves the school without a SIP. Days in quarters."""

    school: School
    adviser: User | None
    quarters: int
    reason: str = ""


@transaction.atomic
def draft_plan(*, actor: User, authority: Authority, academic_year: int, at: dt.datetime) -> AllocationPlan:
    """Begin next year's plan from what stands: every open school with its SIP of this year and the days that it has now."""
    require(actor, P.PLAN_MANAGE, authority, on=at.date())
    year = AcademicYear(academic_year)
    if year.ends_on < at.date():
        raise Refused(f"{year} is over.", field="academic_year")
    try:
        with transaction.atomic():
            plan = AllocationPlan.objects.create(authority=authority, academic_year=academic_year, created_at=at)
    except IntegrityError:
        raise Conflict(f"There is a plan for {year} already.") from None
    schools = list(School.objects.filter(authority=authority).open_on(year.starts_on).order_by("name", "urn"))
    ids = [school.pk for school in schools]
    now = current_sips(ids, min(at.date(), year.starts_on - dt.timedelta(days=1)))
    days = days_of_schools(ids, year.previous.first)
    usual = PlannedAllocation._meta.get_field("quarters").get_default()
    rows = []
    for school in schools:
        core_days = days[school.pk].by_source.get(DaysSource.CORE) if school.pk in days else None
        quarters = core_days.allocated if core_days and core_days.allocated > 0 else usual
        current = now.get(school.pk)
        rows.append(PlannedAllocation(plan=plan, school=school, adviser=current.adviser if current else None, quarters=quarters))
    PlannedAllocation.objects.bulk_create(rows)
    audit.record("plan.drafted", actor=actor, at=at, subject=plan, authority=authority, changes={"schools": len(rows)})
    return plan


@transaction.atomic
def change_plan(*, actor: User, plan: AllocationPlan, changes: Sequence[PlanChange], lock_version: int, at: dt.datetime) -> AllocationPlan:
    """Change rows of a draft. Conflicts may stand in a draft; they are shown at its top and refuse its publication."""
    require(actor, P.PLAN_MANAGE, plan.authority, on=at.date())
    rows = {row.school_id: row for row in plan.rows.select_related("adviser").filter(school__in=[change.school.pk for change in changes])}
    told = {}
    for change in changes:
        same_authority(plan, change.school)
        if change.school.pk in actor.hats.walled:
            raise Refused("You have an interest in this school: another manager plans for it.", field="adviser")
        row = rows.get(change.school.pk)
        if row is None:
            raise Refused(f"{change.school.name} is not in the plan.", field="school")
        if change.adviser is not None and actor.pk in (change.adviser.pk, row.adviser_id) and change.adviser.pk != row.adviser_id:
            raise Refused("Nobody allocates to themselves: another manager does that.", field="adviser")
        if change.adviser is None and row.adviser_id == actor.pk:
            raise Refused("Nobody decides on their own schools: another manager does that.", field="adviser")
        if change.quarters < 0:
            raise Refused("Days cannot be less than nought.", field="quarters")
        told[str(change.school.urn)] = [row.adviser.name if row.adviser else None, change.adviser.name if change.adviser else None]
        row.adviser, row.quarters, row.reason = change.adviser, change.quarters, change.reason.strip()
    _advance(plan, lock_version)
    PlannedAllocation.objects.bulk_update(rows.values(), ["adviser", "quarters", "reason"])
    audit.record("plan.changed", actor=actor, at=at, subject=plan, authority=plan.authority, changes=told)
    return plan


@transaction.atomic
def publish_plan(*, actor: User, plan: AllocationPlan, lock_version: int, at: dt.datetime) -> AllocationPlan:
    """Put the plan into force, all at once: from 1 September (or today, if that is later) each school has its planned SIP.

    Who serves a school now and is planned for it goes on; all others end on the day before. Core days of the year are
    allocated. Refused while a row breaks a rule or leaves a warning without a reason, to a manager whom the plan gives
    schools (nobody allocates to themselves), and to one who is walled from a school in it (domain.md §3): publishing decides
    on every row. A plan that is published already stays as it is.
    """
    require(actor, P.PLAN_MANAGE, plan.authority, on=at.date())
    if plan.state == PlanState.PUBLISHED:
        return plan
    review = review_plan(plan, on=at.date())
    _publishable(actor, review)
    _advance(plan, lock_version, state=PlanState.PUBLISHED, published_at=at, published_by=actor)

    pack = pack_for(plan.authority, at.date())
    last_day = review.starts_on - dt.timedelta(days=1)
    year = AcademicYear(plan.academic_year)
    for line in review.lines:
        if line.now is not None and line.is_changed and line.now.ends_on != last_day:
            end_rows([line.now], last_day, reason=f"Allocation plan for {year}", is_removal=False, pack=pack, at=at)
    fresh = insert_assignments(
        [
            Assignment(
                authority=plan.authority,
                school=line.row.school,
                adviser=line.row.adviser,
                kind=AssignmentKind.SIP,
                starts_on=review.starts_on,
                reason=line.row.reason,
                created_at=at,
            )
            for line in review.lines
            if line.row.adviser is not None and (line.is_changed or (line.now is not None and line.now.ends_on == last_day))
        ]
    )
    _allocate([line.row for line in review.lines], plan, at)
    for row in fresh:
        audit.record(
            "assignment.made",
            actor=actor,
            at=at,
            subject=row,
            school=row.school,
            changes={"adviser": row.adviser.name, "kind": str(row.kind), "starts_on": row.starts_on.isoformat(), "plan": plan.public_id},
            reason=row.reason,
        )
    told = {"schools": len(review.lines), "changed": len(fresh), "without_sip": len(review.without_sip)}
    audit.record("plan.published", actor=actor, at=at, subject=plan, authority=plan.authority, changes=told)
    return plan


def _publishable(actor: User, review: PlanReview) -> None:
    if any(line.row.school_id in actor.hats.walled for line in review.lines):  # first: the others name schools
        raise Refused(WALLED)
    if any(line.row.adviser_id == actor.pk for line in review.lines):
        raise Refused("The plan gives you schools: another manager publishes it.")
    if conflicts := review.conflicts:
        raise Refused(f"{len(conflicts)} of the plan's rows break a rule. The first: {conflicts[0].blocks[0].sentence}")
    if unanswered := review.unanswered:
        raise Refused(f"{len(unanswered)} of the plan's warnings have no reason. The first: {unanswered[0].warnings[0].sentence}")


def _allocate(rows: Sequence[PlannedAllocation], plan: AllocationPlan, at: dt.datetime) -> None:
    DaysEntry.objects.bulk_create(
        DaysEntry(
            authority=plan.authority,
            school=row.school,
            adviser=row.adviser,
            academic_year=plan.academic_year,
            source=DaysSource.CORE,
            kind=DaysKind.ALLOCATED,
            quarters=row.quarters,
            reference=plan.public_id,
            reason="Allocation plan",
            entered_on=at.date(),
        )
        for row in rows
        if row.adviser is not None and row.quarters
    )


def _advance(plan: AllocationPlan, lock_version: int, **values: object) -> None:
    """One conditional UPDATE: the plan is a draft still, and as the person saw it."""
    moved = AllocationPlan.objects.filter(pk=plan.pk, state=PlanState.DRAFT, lock_version=lock_version).update(
        lock_version=F("lock_version") + 1, **values
    )
    if moved != 1:
        raise Conflict(SOMEBODY_ELSE)
    plan.lock_version = lock_version + 1
    for name, value in values.items():
        setattr(plan, name, value)
