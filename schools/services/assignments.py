"""Assigning, handing over, covering and ending: one school or many at once, by the rules of domain.md §3."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from core import audit
from core.access import Conflict, Refused, require, same_authority
from core.calendar import AcademicYear
from people.models import Authority, User
from people.packs import AuthorityPack, pack_for
from people.roles import Permission as P
from schools.choices import AssignmentKind, DaysSource
from schools.models import Assignment, School
from schools.selectors.allocation import Finding, Proposal, check_allocations

from .days import allocate_days, move_days_left

OVERLAP = "Somebody else gave this school an adviser for these days a moment ago. Nothing was changed; look at it again."


class RulesBroken(Refused):
    """The rules of domain.md §3 refuse. ``findings`` say which, school by school."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(" ".join(dict.fromkeys(finding.sentence for finding in findings)), field="adviser")


class Overlap(RulesBroken, Conflict):
    """All that stands against it is that somebody serves the school already."""


class ReasonNeeded(Refused):
    """The rules warn; the person may go on by giving a reason, which is kept with the assignment."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        sentences = " ".join(dict.fromkeys(finding.sentence for finding in findings))
        super().__init__(f"{sentences} Give a reason to go on.", field="reason")


def check_rules(authority: Authority, proposals: Sequence[Proposal], *, reason: str, on: dt.date) -> list[Finding]:
    """The warnings that the reason answers. Raises :class:`RulesBroken`, or :class:`ReasonNeeded` where there is no reason."""
    findings = check_allocations(authority, proposals, on=on)
    blocks = [finding for finding in findings if not finding.is_warning]
    if blocks:
        raise (Overlap if all(finding.rule == "overlap" for finding in blocks) else RulesBroken)(blocks)
    if findings and not reason.strip():
        raise ReasonNeeded(findings)
    return findings


def insert_assignments(rows: Sequence[Assignment]) -> list[Assignment]:
    """Write new rows; where the database refuses an overlap, the person reads a sentence."""
    try:
        with transaction.atomic():
            return Assignment.objects.bulk_create(rows)
    except IntegrityError:
        raise Conflict(OVERLAP) from None


def grace(pack: AuthorityPack | None, ends_on: dt.date, *, is_removal: bool) -> dict[str, dt.date]:
    """The two days that follow an end: until when notes begun may be finished, and one's own be read.

    domain.md §3: 15 office days (nought on removal) and 90 days, both settings. An authority without a pack has no notes,
    and so nothing to finish.
    """
    if pack is None:
        return {"finish_by": ends_on, "read_until": ends_on}
    office_days = 0 if is_removal else pack.whole("finish_notes_office_days")
    return {
        "finish_by": pack.office_days.add(ends_on, office_days) if office_days else ends_on,
        "read_until": ends_on + dt.timedelta(days=pack.whole("read_own_notes_days")),
    }


@transaction.atomic
def assign(
    *,
    actor: User,
    schools: Sequence[School],
    adviser: User,
    kind: str = AssignmentKind.SIP,
    starts_on: dt.date,
    ends_on: dt.date | None = None,
    takes_place_of_sip: bool = False,
    quarters: int = 0,
    source: str = DaysSource.CORE,
    reason: str = "",
    at: dt.datetime,
) -> list[Assignment]:
    """Give an adviser one school or many: SIP, or National Challenge adviser (cover goes through :func:`cover`).

    All or none. ``quarters`` are the days that each school gets for the academic year in which the assignment starts.
    Raises :class:`RulesBroken`, :class:`ReasonNeeded`, or ``Conflict`` where somebody was first.
    """
    if kind == AssignmentKind.COVER:
        raise ValueError("Cover is made with cover().")
    authority = _one_authority(schools)
    _may(actor, schools, adviser, at.date())
    _in_order(starts_on, ends_on)
    proposals = [Proposal(school, adviser, kind, starts_on, ends_on) for school in schools]
    check_rules(authority, proposals, reason=reason, on=at.date())
    days = grace(pack_for(authority, at.date()), ends_on, is_removal=False) if ends_on else {}
    rows = insert_assignments(
        [
            Assignment(
                authority=authority,
                school=school,
                adviser=adviser,
                kind=kind,
                starts_on=starts_on,
                ends_on=ends_on,
                takes_place_of_sip=takes_place_of_sip and kind == AssignmentKind.NC_ADVISER,
                reason=reason.strip(),
                created_at=at,
                **days,
            )
            for school in schools
        ]
    )
    for row in rows:
        _made(actor, row, at)
        if quarters:
            year = AcademicYear.from_date(starts_on).first
            allocate_days(actor=actor, school=row.school, adviser=adviser, academic_year=year, quarters=quarters, source=source, at=at)
    adviser.forget_hats()
    return rows


@transaction.atomic
def hand_over(
    *, actor: User, assignments: Sequence[Assignment], adviser: User, on: dt.date, reason: str, at: dt.datetime
) -> list[Assignment]:
    """Give schools from one adviser to another from a day on: the old assignments end the day before, all or none.

    What is left of the first adviser's days of that year goes with the school. The first keeps the days of grace. The
    reason is kept with the end, and answers the warnings that the new adviser raises.
    """
    if not assignments:
        raise Refused("Choose the schools to hand over.", field="schools")
    if not reason.strip():
        raise Refused("Say why the schools are handed over.", field="reason")
    authority = _one_authority([row.school for row in assignments])
    _may(actor, [row.school for row in assignments], adviser, at.date())
    for row in assignments:
        require(actor, P.ASSIGNMENT_MANAGE, row, on=at.date())
        if row.kind == AssignmentKind.COVER:
            raise Refused(f"{row.school.name}: end the cover and make another.", field="schools")
        if row.adviser_id == adviser.pk:
            raise Refused(f"{adviser.name} serves {row.school.name} already.", field="adviser")
        if row.starts_on >= on:
            raise Refused(f"{row.adviser.name} begins at {row.school.name} on {_day(row.starts_on)}: hand over on a later day.", field="on")
    proposals = [Proposal(row.school, adviser, row.kind, on, row.ends_on, frozenset([row.pk])) for row in assignments]
    check_rules(authority, proposals, reason=reason, on=at.date())
    last_day = on - dt.timedelta(days=1)
    pack = pack_for(authority, at.date())
    ends = [row.ends_on for row in assignments]
    end_rows(assignments, last_day, reason=reason, is_removal=False, pack=pack, at=at)
    rows = insert_assignments(
        [
            Assignment(
                authority=authority,
                school=row.school,
                adviser=adviser,
                kind=row.kind,
                takes_place_of_sip=row.takes_place_of_sip,
                starts_on=on,
                ends_on=ends_on,
                reason=reason.strip(),
                created_at=at,
                **(grace(pack, ends_on, is_removal=False) if ends_on else {}),
            )
            for row, ends_on in zip(assignments, ends, strict=True)
        ]
    )
    year = AcademicYear.from_date(on).first
    for old, new in zip(assignments, rows, strict=True):
        move_days_left(actor=actor, school=old.school, frm=old.adviser, to=adviser, academic_year=year, at=at)
        changes = {"adviser": [old.adviser.name, adviser.name], "on": on.isoformat()}
        audit.record("assignment.handed_over", actor=actor, at=at, subject=new, school=new.school, changes=changes, reason=reason)
        old.adviser.forget_hats()
    adviser.forget_hats()
    return rows


@transaction.atomic
def cover(
    *, actor: User, assignment: Assignment, adviser: User, starts_on: dt.date, ends_on: dt.date, reason: str = "", at: dt.datetime
) -> Assignment:
    """Let another adviser stand in for a named SIP's absence, within that SIP's span and with an end."""
    require(actor, P.ASSIGNMENT_MANAGE, assignment, on=at.date())
    _may(actor, [assignment.school], adviser, at.date())
    _in_order(starts_on, ends_on)
    if assignment.kind != AssignmentKind.SIP:
        raise Refused("Cover is for a SIP's absence.", field="assignment")
    if adviser.pk == assignment.adviser_id:
        raise Refused(f"{adviser.name} is the SIP whose absence is covered.", field="adviser")
    if starts_on < assignment.starts_on or (assignment.ends_on is not None and ends_on > assignment.ends_on):
        until = f" until {_day(assignment.ends_on)}" if assignment.ends_on else ""
        name = f"{assignment.adviser.name}'s own time at {assignment.school.name}"
        raise Refused(f"Cover lies within {name}, from {_day(assignment.starts_on)}{until}.", field="starts_on")
    authority = assignment.authority
    check_rules(authority, [Proposal(assignment.school, adviser, AssignmentKind.COVER, starts_on, ends_on)], reason=reason, on=at.date())
    (row,) = insert_assignments(
        [
            Assignment(
                authority=authority,
                school=assignment.school,
                adviser=adviser,
                kind=AssignmentKind.COVER,
                covers=assignment,
                starts_on=starts_on,
                ends_on=ends_on,
                reason=reason.strip(),
                created_at=at,
                **grace(pack_for(authority, at.date()), ends_on, is_removal=False),
            )
        ]
    )
    _made(actor, row, at)
    adviser.forget_hats()
    return row


@transaction.atomic
def end_assignments(
    *, actor: User, assignments: Sequence[Assignment], ends_on: dt.date, reason: str, is_removal: bool = False, at: dt.datetime
) -> list[Assignment]:
    """End one or many on a last day, with a reason. A removal ends the right to finish notes with it."""
    if not assignments:
        raise Refused("Choose the schools.", field="schools")
    if not reason.strip():
        raise Refused("Say why the assignment ends.", field="reason")
    authority = _one_authority([row.school for row in assignments])
    for row in assignments:
        require(actor, P.ASSIGNMENT_MANAGE, row, on=at.date())
        if ends_on < row.starts_on:
            raise Refused(
                f"{row.adviser.name} begins at {row.school.name} on {_day(row.starts_on)}: end it on or after that day.", field="ends_on"
            )
        if row.ends_on is not None and row.ends_on < at.date() and not is_removal:
            raise Refused(f"{row.adviser.name}'s assignment at {row.school.name} ended on {_day(row.ends_on)}.", field="ends_on")
        if row.covers_id is not None and row.ends_on is not None and ends_on > row.ends_on:
            raise Refused(f"Cover at {row.school.name} ends on {_day(row.ends_on)}; make another for a longer absence.", field="ends_on")
    end_rows(assignments, ends_on, reason=reason, is_removal=is_removal, pack=pack_for(authority, at.date()), at=at)
    for row in assignments:
        changes = {"adviser": row.adviser.name, "ends_on": ends_on.isoformat(), "is_removal": is_removal}
        audit.record("assignment.ended", actor=actor, at=at, subject=row, school=row.school, changes=changes, reason=reason)
        row.adviser.forget_hats()
    return list(assignments)


def end_rows(
    assignments: Sequence[Assignment], ends_on: dt.date, *, reason: str, is_removal: bool, pack: AuthorityPack | None, at: dt.datetime
) -> None:
    """Set the last day, each row only where it still is as the person saw it; refuse where a cover would outlive its SIP."""
    beyond = Assignment.objects.filter(covers__in=[row.pk for row in assignments], ends_on__gt=ends_on).select_related("adviser", "school")
    for left in beyond:
        raise Refused(f"{left.adviser.name} covers {left.school.name} until {_day(left.ends_on)}: end that cover first.", field="ends_on")
    values = {"ends_on": ends_on, "end_reason": reason.strip(), "is_removal": is_removal, **grace(pack, ends_on, is_removal=is_removal)}
    for row in assignments:
        unchanged = Assignment.objects.filter(pk=row.pk, starts_on=row.starts_on)
        unchanged = unchanged.filter(ends_on=row.ends_on) if row.ends_on else unchanged.filter(ends_on__isnull=True)
        try:
            with transaction.atomic():
                ended = unchanged.update(**values)
        except IntegrityError:
            raise Conflict(OVERLAP) from None
        if ended != 1:
            raise Conflict("Somebody else changed this assignment a moment ago. Nothing was done; look at it again.")
        for name, value in values.items():
            setattr(row, name, value)


def _one_authority(schools: Sequence[School]) -> Authority:
    if not schools:
        raise Refused("Choose the schools.", field="schools")
    same_authority(*schools)
    return schools[0].authority


def _may(actor: User, schools: Sequence[School], adviser: User, on: dt.date) -> None:
    """The manager, over schools that they are not walled from, and never for themselves."""
    for school in schools:
        require(actor, P.ASSIGNMENT_MANAGE, school, on=on)
    if actor.pk == adviser.pk:
        raise Refused("Nobody allocates to themselves: another manager does that.", field="adviser")


def _in_order(starts_on: dt.date, ends_on: dt.date | None) -> None:
    if ends_on is not None and ends_on < starts_on:
        raise Refused("The last day lies before the first.", field="ends_on")


def _made(actor: User, row: Assignment, at: dt.datetime) -> None:
    changes = {
        "adviser": row.adviser.name,
        "kind": str(row.kind),
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat() if row.ends_on else None,
    }
    audit.record("assignment.made", actor=actor, at=at, subject=row, school=row.school, changes=changes, reason=row.reason)


def _day(day: dt.date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else "further notice"
