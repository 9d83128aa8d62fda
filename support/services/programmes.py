"""Programmes: opened from the pack, schools enrolled, risk and days decided, advisers allocated, days and reports logged (S6, P31)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from core import audit
from core.access import Conflict, Refused, require, same_authority
from core.calendar import AcademicYear
from core.components.formats import day, days_words
from core.spans import on_day
from people.models import Authority, User
from people.packs import require_pack
from people.roles import Permission as P
from schools import services as schools
from schools.choices import AssignmentKind, DaysKind, DaysSource
from schools.models import Assignment, School
from support.choices import Commissioner, InterventionOrigin, SupportState
from support.models import AdviserAllocation, Enrolment, Intervention, Programme, ProgrammeReport, ProgrammeTraining
from support.programme_pack import ProgrammePolicy, programmes_of
from support.programmes import suggestions, used_days
from support.selectors import advisers_of


def _policy(programme: Programme, on: dt.date) -> ProgrammePolicy:
    found = programmes_of(require_pack(programme.authority, on).content).programme(programme.code)
    if found is None:
        raise Refused(f"The pack in force has no programme {programme.label}.")
    return found


@transaction.atomic
def open_programme(*, actor: User, authority: Authority, code: str, at: dt.datetime) -> Programme:
    """Begin a programme of the pack in this authority."""
    require(actor, P.PROGRAMMES_MANAGE, authority, on=at.date())
    policy = programmes_of(require_pack(authority, at.date()).content).programme(code)
    if policy is None:
        raise Refused("The pack in force has no such programme.")
    if Programme.objects.filter(authority=authority, code=code).exists():
        raise Conflict(f"{policy.label} is open already.")
    programme = Programme.objects.create(
        authority=authority,
        code=code,
        label=policy.label,
        aim=policy.aim,
        adviser_role=policy.adviser_role,
        is_assignment=bool(policy.adviser_assignment),
        replaces_sip=policy.replaces_sip,
        allocated_on=policy.allocated_on,
        least_quarters=policy.least,
        most_quarters=policy.most,
        opened_on=at.date(),
    )
    audit.record("programme.opened", actor=actor, at=at, subject=programme, authority=authority, changes={"code": code})
    return programme


@transaction.atomic
def enrol_school(*, actor: User, programme: Programme, school: School, starts_on: dt.date, reason: str = "", at: dt.datetime) -> Enrolment:
    """Take a school in. Where the pack's rules would not, a reason is kept. Risk and days are decided apart."""
    (row,) = enrol_schools(actor=actor, programme=programme, schools=[school], starts_on=starts_on, reason=reason, at=at)
    return row


@transaction.atomic
def enrol_schools(
    *, actor: User, programme: Programme, schools: Sequence[School], starts_on: dt.date, reason: str = "", at: dt.datetime
) -> list[Enrolment]:
    """The same of many at once, all or none: the rules are asked of all of them together."""
    same_authority(programme, *schools)
    policy, pack = _policy(programme, at.date()), require_pack(programme.authority, at.date())
    told = suggestions(School.objects.filter(pk__in=[school.pk for school in schools]), policy, pack, at.date())
    found = []
    for school in schools:
        require(actor, P.PROGRAMMES_MANAGE, school, on=at.date())
        if school.phase not in policy.phases:
            raise Refused(f"{programme.label} is not for {school.get_phase_display()} schools.", field="school")
        said = told[school.pk]
        if not said.is_entry and not reason.strip():
            raise Refused(f"By the rules of {programme.label} {school.name} would not be in it. Give the reason.", field="reason")
        try:
            with transaction.atomic():
                row = Enrolment.objects.create(
                    programme=programme,
                    school=school,
                    starts_on=starts_on,
                    most_quarters=programme.most_quarters,
                    risk_rank=99,
                    suggested=said.band.code if said.band else "",
                    figures=[dict(line) for line in said.figures],
                )
        except IntegrityError:
            raise Conflict(f"{school.name} is in {programme.label} already.") from None
        changes = {"programme": programme.label, "starts_on": starts_on.isoformat()}
        audit.record("programme.enrolled", actor=actor, at=at, subject=row, school=school, changes=changes, reason=reason)
        found.append(row)
    return found


@transaction.atomic
def decide_risk(*, actor: User, enrolment: Enrolment, risk: str = "", quarters: int, reason: str = "", at: dt.datetime) -> Enrolment:
    """The level of risk, and the adviser's days a year by need: within the programme's own (S6: 5 to 20), and never fewer than are
    used. Another band than the rules suggest, or other days than the band's, needs a reason."""
    programme, school = enrolment.programme, enrolment.school
    require(actor, P.PROGRAMMES_MANAGE, school, on=at.date())
    policy = _policy(programme, at.date())
    band = policy.band(risk)
    if policy.bands and band is None:
        raise Refused("Select the level of risk.", field="risk")
    if not programme.least_quarters <= quarters <= programme.most_quarters:
        least, most = days_words(programme.least_quarters), days_words(programme.most_quarters)
        more = "too many" if quarters > programme.most_quarters else "too few"
        raise Refused(
            f"{programme.label} gives a school {least} to {most} of an adviser a year: {days_words(quarters)} are {more}.", field="quarters"
        )
    differs = (enrolment.suggested and risk != enrolment.suggested) or (band is not None and quarters != band.days)
    if differs and not reason.strip():
        raise Refused("This is not what the rules and the level of risk suggest. Give the reason.", field="reason")
    _take(enrolment)
    used = used_days([enrolment], at.date())[enrolment.pk]
    if quarters < used:
        raise Refused(f"{days_words(used)} are used already.", field="quarters")
    label_before, quarters_before = enrolment.risk_label, enrolment.days_quarters
    values: dict[str, Any] = {
        "risk": risk,
        "risk_label": band.label if band else "",
        "risk_rank": policy.rank(risk) if policy.bands else 0,
        "risk_by": actor.name,
        "risk_on": at.date(),
        "risk_reason": reason.strip(),
        "days_quarters": quarters,
    }
    _set(enrolment, **values)
    given = (
        AdviserAllocation.objects.filter(on_day(at.date()), enrolment=enrolment, assignment__isnull=False).select_related("adviser").first()
    )
    if given is not None and quarters != quarters_before:
        why = f"{programme.label}: {values['risk_label'] or 'days'} decided on {day(at.date())}"
        _give_days(actor, enrolment, given.adviser, quarters - quarters_before, why, at)
    changes = {"risk": [label_before, values["risk_label"]], "quarters": [quarters_before, quarters]}
    audit.record("programme.risk_decided", actor=actor, at=at, subject=enrolment, school=school, changes=changes, reason=reason)
    return enrolment


@transaction.atomic
def allocate_adviser(
    *,
    actor: User,
    enrolment: Enrolment,
    adviser: User,
    starts_on: dt.date,
    takes_place_of_sip: bool = False,
    reason: str = "",
    at: dt.datetime,
) -> AdviserAllocation:
    """Name the adviser from a day on (S6), with the days that were decided. The one before ends the day before. Where the programme's
    adviser holds an assignment it is made, or taken up if that person holds it already; the rules of assignments apply. Only one of
    the authority's advisers on that day, never oneself, and nobody who is walled from the school (domain.md §3)."""
    programme, school = enrolment.programme, enrolment.school
    require(actor, P.PROGRAMMES_MANAGE, school, on=at.date())
    if adviser.pk == actor.pk:
        raise Refused("Nobody allocates to themselves: another manager does that.", field="adviser")
    if school.pk in adviser.hats.walled:
        raise Refused(f"{adviser.name} has an interest in {school.name}: choose another adviser.", field="adviser")
    if not advisers_of(programme.authority, starts_on).filter(pk=adviser.pk).exists():
        raise Refused(
            f"{adviser.name} is neither a SIP nor a National Challenge adviser of {programme.authority.name} on {day(starts_on)}.",
            field="adviser",
        )
    if programme.allocated_on is not None and starts_on < programme.allocated_on:
        raise Refused(f"Advisers of {programme.label} are allocated from {day(programme.allocated_on)}.", field="starts_on")
    if not enrolment.days_quarters:
        raise Refused("Decide on the risk and the days first.", field="starts_on")
    _take(enrolment)
    eve = starts_on - dt.timedelta(days=1)
    standing = enrolment.advisers.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on)).select_related(
        "assignment__school", "adviser"
    )
    for old in standing:
        if old.adviser_id == adviser.pk:
            raise Conflict(f"{adviser.name} is {school.name}’s adviser already.")
        if old.starts_on > eve:
            raise Refused(f"{old.adviser.name} begins on {day(old.starts_on)}: choose a later day.", field="starts_on")
        if old.assignment is not None:
            why = reason.strip() or f"{adviser.name} is the adviser of {programme.label} from {day(starts_on)}"
            schools.end_assignments(actor=actor, assignments=[old.assignment], ends_on=eve, reason=why, at=at)
        AdviserAllocation.objects.filter(pk=old.pk).update(ends_on=eve)
    assignment = _assignment(actor, enrolment, adviser, starts_on, takes_place_of_sip, reason, at) if programme.is_assignment else None
    row = AdviserAllocation.objects.create(enrolment=enrolment, adviser=adviser, assignment=assignment, starts_on=starts_on)
    adviser.forget_hats()
    changes = {"programme": programme.label, "adviser": adviser.name, "starts_on": starts_on.isoformat()}
    audit.record("programme.adviser_allocated", actor=actor, at=at, subject=enrolment, school=school, changes=changes, reason=reason)
    return row


def _assignment(
    actor: User, enrolment: Enrolment, adviser: User, starts_on: dt.date, takes_place: bool, reason: str, at: dt.datetime
) -> Assignment:
    held = Assignment.objects.filter(on_day(starts_on), school=enrolment.school, adviser=adviser, kind=AssignmentKind.NC_ADVISER).first()
    if held is not None:
        _give_days(actor, enrolment, adviser, enrolment.days_quarters, enrolment.programme.label, at, starts_on)
        return held
    (made,) = schools.assign(
        actor=actor,
        schools=[enrolment.school],
        adviser=adviser,
        kind=AssignmentKind.NC_ADVISER,
        starts_on=starts_on,
        takes_place_of_sip=takes_place,
        quarters=enrolment.days_quarters,
        source=DaysSource.PROGRAMME,
        reason=reason,
        at=at,
    )
    return made


def _give_days(
    actor: User, enrolment: Enrolment, adviser: User, quarters: int, reason: str, at: dt.datetime, on: dt.date | None = None
) -> None:
    schools.allocate_days(
        actor=actor,
        school=enrolment.school,
        adviser=adviser,
        academic_year=AcademicYear.from_date(on or at.date()).first,
        quarters=quarters,
        source=DaysSource.PROGRAMME,
        reason=reason,
        at=at,
    )


@transaction.atomic
def log_programme_days(*, actor: User, enrolment: Enrolment, on: dt.date, quarters: int, what: str, at: dt.datetime) -> Enrolment:
    """Enter days of the programme's adviser that no visit of the portal has charged. Never more than were decided for the school: the
    enrolment's row is taken first, so that of two at once the second is counted after the first."""
    programme, school = enrolment.programme, enrolment.school
    require(actor, P.PROGRAMMES_LOG, school, on=at.date())
    if on > at.date():
        raise Refused("That day is still to come.", field="on")
    if quarters < 1:
        raise Refused("Enter the days.", field="quarters")
    if not what.strip():
        raise Refused("Say what the day was for.", field="what")
    _take(enrolment)
    given = enrolment.advisers.filter(on_day(on)).select_related("adviser").first()
    if given is None:
        raise Refused(f"{school.name} had no adviser of {programme.label} on {day(on)}.", field="on")
    used = used_days([enrolment], on)[enrolment.pk]
    if used + quarters > enrolment.days_quarters:
        left = enrolment.days_quarters - used
        rest = f"{days_words(left)} {'is' if left == 4 else 'are'} left" if left > 0 else "none is left"
        raise Refused(
            f"{school.name} has {days_words(enrolment.days_quarters)} of {programme.label} a year and {rest}. Nothing was entered. "
            f"The SIP manager may decide on more, up to {days_words(enrolment.most_quarters)}.",
            field="quarters",
        )
    schools.charge_days(
        actor=actor,
        school=school,
        adviser=given.adviser,
        academic_year=AcademicYear.from_date(on).first,
        source=DaysSource.PROGRAMME,
        kind=DaysKind.IN_SCHOOL,
        quarters=quarters,
        reference=enrolment.public_id,
        reason=f"{day(on)}: {what.strip()}"[:200],
        at=at,
    )
    changes = {"on": on.isoformat(), "quarters": quarters, "what": audit.content(what)}
    audit.record("programme.days_logged", actor=actor, at=at, subject=enrolment, school=school, changes=changes)
    return enrolment


@transaction.atomic
def log_report(*, actor: User, enrolment: Enrolment, sent_on: dt.date, reference: str, at: dt.datetime) -> ProgrammeReport:
    """That the adviser reported to the department, by date and reference; the text is not copied (S6)."""
    require(actor, P.PROGRAMMES_LOG, enrolment.school, on=at.date())
    if sent_on > at.date():
        raise Refused("That day is still to come.", field="sent_on")
    if not reference.strip():
        raise Refused("Enter the reference of the report.", field="reference")
    try:
        with transaction.atomic():
            row = ProgrammeReport.objects.create(
                enrolment=enrolment, sent_on=sent_on, reference=reference.strip(), by=actor, by_name=actor.name, at=at
            )
    except IntegrityError:
        raise Conflict("A report with that reference is logged already.") from None
    changes = {"sent_on": sent_on.isoformat(), "reference": row.reference}
    audit.record("programme.reported", actor=actor, at=at, subject=enrolment, school=enrolment.school, changes=changes)
    return row


@transaction.atomic
def leave_programme(*, actor: User, enrolment: Enrolment, ends_on: dt.date, reason: str, at: dt.datetime) -> Enrolment:
    """The school's time in it ends, with a reason; its adviser's too. What it had and used stays as it is."""
    require(actor, P.PROGRAMMES_MANAGE, enrolment.school, on=at.date())
    if not reason.strip():
        raise Refused("Say why the school leaves.", field="reason")
    if ends_on < enrolment.starts_on:
        raise Refused(f"It began on {day(enrolment.starts_on)}.", field="ends_on")
    _take(enrolment)
    if enrolment.ends_on is not None:
        raise Conflict(f"It ended on {day(enrolment.ends_on)}.")
    for given in enrolment.advisers.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=ends_on)).select_related(
        "assignment__school", "adviser"
    ):
        last = max(ends_on, given.starts_on)
        if given.assignment is not None and (given.assignment.ends_on is None or given.assignment.ends_on > last):
            schools.end_assignments(actor=actor, assignments=[given.assignment], ends_on=last, reason=reason, at=at)
        AdviserAllocation.objects.filter(pk=given.pk).update(ends_on=last)
    _set(enrolment, ends_on=ends_on, end_reason=reason.strip())
    changes = {"ends_on": ends_on.isoformat()}
    audit.record("programme.left", actor=actor, at=at, subject=enrolment, school=enrolment.school, changes=changes, reason=reason)
    return enrolment


@dataclass(frozen=True)
class Package:
    """One part of a school's tailored package (S6): what it must achieve and by when, from whom, for whom, days and price."""

    name: str
    provider: str
    must_achieve: str
    achieve_by: dt.date
    agreed_with: str
    quarters: int | None = None
    cost_pence: int | None = None
    pupils: str = ""
    area_of_need: str = ""
    plan: str = ""


@transaction.atomic
def add_to_package(*, actor: User, enrolment: Enrolment, package: Package, at: dt.datetime) -> Intervention:
    """The adviser agrees it with the school; it is an intervention like any other, and moves and is evaluated as one."""
    require(actor, P.PROGRAMMES_LOG, enrolment.school, on=at.date())
    if enrolment.ends_on is not None and enrolment.ends_on < at.date():
        raise Refused(f"The school left {enrolment.programme.label} on {day(enrolment.ends_on)}.")
    for field, words in (
        ("name", "Name the support."),
        ("must_achieve", "Say what it must achieve, in terms of pupils."),
        ("agreed_with", "Say with whom it was agreed at the school, by name and role."),
    ):
        if not str(getattr(package, field)).strip():
            raise Refused(words, field=field)
    row = Intervention.objects.create(
        authority=enrolment.school.authority,
        school=enrolment.school,
        enrolment=enrolment,
        state=SupportState.AGREED,
        origin=InterventionOrigin.PROGRAMME,
        commissioner=Commissioner.PROGRAMME,
        name=package.name.strip(),
        provider=package.provider.strip(),
        must_achieve=package.must_achieve.strip(),
        achieve_by=package.achieve_by,
        known_on=package.achieve_by,
        decided_by=f"{package.agreed_with.strip()}; recorded by {actor.name}",
        decided_on=at.date(),
        quarters=package.quarters,
        cost_pence=package.cost_pence,
        pupils=package.pupils.strip(),
        area_of_need=package.area_of_need,
        plan=package.plan.strip() or enrolment.programme.label,
        created_by=actor,
        created_at=at,
    )
    changes = {"programme": enrolment.programme.label, "pence": package.cost_pence, "must_achieve": audit.content(package.must_achieve)}
    audit.record("intervention.recorded", actor=actor, at=at, subject=row, school=row.school, changes=changes)
    return row


@transaction.atomic
def record_training(
    *, actor: User, programme: Programme, on: dt.date, title: str, place: str, quarters: int, who: Sequence[User], at: dt.datetime
) -> ProgrammeTraining:
    """Training of advisers (S6), counted in days and charged to no school. ``who`` are advisers of the programme."""
    require(actor, P.PROGRAMMES_MANAGE, programme, on=at.date())
    if not title.strip():
        raise Refused("Enter what the training is about.", field="title")
    if quarters < 1:
        raise Refused("Enter the days.", field="quarters")
    if not who:
        raise Refused("Select who goes, or went.", field="who")
    advisers = set(AdviserAllocation.objects.filter(enrolment__programme=programme).values_list("adviser_id", flat=True))
    for person in who:
        if person.pk not in advisers:
            raise Refused(f"{person.name} is no adviser of {programme.label}.", field="who")
    try:
        with transaction.atomic():
            row = ProgrammeTraining.objects.create(programme=programme, on=on, title=title.strip(), place=place.strip(), quarters=quarters)
    except IntegrityError:
        raise Conflict("That training is recorded already.") from None
    row.who.set(who)
    changes = {"on": on.isoformat(), "title": row.title, "quarters": quarters, "people": len(who)}
    audit.record("programme.trained", actor=actor, at=at, subject=programme, authority=programme.authority, changes=changes)
    return row


def _take(enrolment: Enrolment) -> None:
    """Take the row, where it is as the person saw it, before what rests on it is counted."""
    taken = Enrolment.objects.filter(pk=enrolment.pk).update(lock_version=F("lock_version") + 1)
    if taken != 1:
        raise Conflict("This enrolment is not there any more.")
    enrolment.refresh_from_db(fields=["lock_version", "days_quarters", "ends_on", "risk_label"])


def _set(enrolment: Enrolment, **values: Any) -> None:
    Enrolment.objects.filter(pk=enrolment.pk).update(**values)
    for name, value in values.items():
        setattr(enrolment, name, value)
