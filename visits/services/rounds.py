"""Opening, changing and closing rounds; who is exempt; booking and reminding in bulk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from core import audit
from core.access import Conflict, Refused, require, same_authority
from core.calendar import AcademicYear
from core.models import OutboxEmail
from core.outbox import enqueue_email
from people.models import Authority, User
from people.packs import require_pack
from people.roles import Permission as P
from schools.choices import Phase
from schools.models import School

from ..choices import ExemptionReason, RoundState
from ..coverage import Coverage
from ..mail import round_reminder
from ..models import Round, RoundExemption, Visit, VisitSchool
from ..pack import visits_of
from ..workflow import ROUND_WORKFLOW
from .visits import VisitPlan, book_visit, propose_dates

CLOCKS = ("draft_office_days", "review_office_days", "school_window_school_days", "final_office_days")
MOST_DAYS = 30


@dataclass(frozen=True)
class RoundPlan:
    """What a round is: its name, window and clocks (days of each clock; none given are the authority's own)."""

    name: str
    visit_type: str
    phases: Sequence[str]
    starts_on: dt.date
    ends_on: dt.date
    clocks: dict[str, int] | None = None


def _checked(plan: RoundPlan, authority: Authority) -> dict[str, object]:
    if not " ".join(plan.name.split()):
        raise Refused("Enter a name for the round.", field="name")
    if plan.ends_on < plan.starts_on:
        raise Refused("The window ends before it begins. Check the two dates.", field="ends_on")
    year = AcademicYear.from_date(plan.starts_on)
    if plan.ends_on not in year:
        raise Refused(f"A round lies within one academic year: {year} ends on 31 August {year.first + 1}.", field="ends_on")
    pack = require_pack(authority, plan.starts_on)
    clocks = {name: pack.whole(name) for name in CLOCKS} | (plan.clocks or {})
    for name, days in clocks.items():
        if not 1 <= days <= MOST_DAYS:
            raise Refused(f"Each clock runs for 1 to {MOST_DAYS} days.", field=name)
    return {
        "name": " ".join(plan.name.split()),
        "starts_on": plan.starts_on,
        "ends_on": plan.ends_on,
        "academic_year": year.first,
        **clocks,
    }


def _no_other(round_: Round) -> None:
    """No two open rounds of one kind of visit expect the same school on the same day."""
    rows = Round.objects.filter(
        authority=round_.authority, visit_type=round_.visit_type, starts_on__lte=round_.ends_on, ends_on__gte=round_.starts_on
    )
    for other in rows.exclude(pk=round_.pk).exclude(state=RoundState.CLOSED):
        if shared := set(other.phases) & set(round_.phases):
            words = " and ".join(str(Phase(phase).label) for phase in Phase.values if phase in shared)
            raise Refused(f"{other.name} expects {words} schools in the same weeks. Change its window or phases, or these.", field="phases")


@transaction.atomic
def open_round(*, actor: User, authority: Authority, plan: RoundPlan, at: dt.datetime) -> Round:
    """Open a round. Visits that are booked already and fit its kind, phases and window become its own."""
    require(actor, P.ROUND_MANAGE, authority, on=at.date())
    values = _checked(plan, authority)
    pack = require_pack(authority, plan.starts_on)
    try:
        visit_type = visits_of(pack.content).visit_type(plan.visit_type)
    except KeyError:
        raise Refused("Choose a kind of visit.", field="visit_type") from None
    if not visit_type.has_note:
        raise Refused("This kind of visit has no note, and no round.", field="visit_type")
    phases = [phase for phase in Phase.values if phase in set(plan.phases)]
    if not phases or len(phases) != len(set(plan.phases)):
        raise Refused("Choose at least one phase.", field="phases")
    if visit_type.phases and set(phases) - set(visit_type.phases):
        raise Refused(f"{visit_type.label} is not a visit to every phase chosen.", field="phases")
    round_ = Round(
        authority=authority,
        visit_type=visit_type.code,
        visit_type_label=visit_type.label,
        phases=phases,
        opened_at=at,
        opened_by=actor,
        **values,
    )
    _no_other(round_)
    try:
        with transaction.atomic():
            round_.save()
    except IntegrityError:
        raise Conflict(f"A round of {AcademicYear(round_.academic_year)} has this name already.", field="name") from None
    taken = _take_in(round_)
    told: dict[str, object] = {"from": plan.starts_on.isoformat(), "until": plan.ends_on.isoformat(), "phases": phases, "visits": taken}
    audit.record("round.opened", actor=actor, at=at, subject=round_, authority=authority, changes=told)
    return round_


def _take_in(round_: Round) -> int:
    """Visits of no round that fit it; of a group's, only where every school is of its phases."""
    elsewhere = VisitSchool.objects.exclude(school__phase__in=round_.phases)
    rows = Visit.objects.filter(
        authority=round_.authority,
        round__isnull=True,
        visit_type=round_.visit_type,
        on__gte=round_.starts_on,
        on__lte=round_.ends_on,
    )
    return rows.exclude(pk__in=elsewhere.values("visit_id")).update(round=round_)


@transaction.atomic
def change_round(*, actor: User, round: Round, plan: RoundPlan, lock_version: int, at: dt.datetime) -> Round:
    """Its name, window and clocks; its kind and phases stay. Visits that now fit become its own, and none is turned out."""
    values = _checked(plan, round.authority)
    before = {name: getattr(round, name) for name in values}
    round.lock_version = lock_version
    try:
        with transaction.atomic():
            ROUND_WORKFLOW.move(actor, round, "change", at.date(), **values)
    except IntegrityError:
        raise Conflict(f"A round of {AcademicYear(round.academic_year)} has this name already.", field="name") from None
    _no_other(round)
    _take_in(round)
    changes = {name: [_plain(before[name]), _plain(value)] for name, value in values.items() if before[name] != value}
    audit.record("round.changed", actor=actor, at=at, subject=round, authority=round.authority, changes=changes)
    return round


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.date) else value


@transaction.atomic
def close_round(*, actor: User, round: Round, at: dt.datetime) -> Round:
    """No visit joins it any more, and nobody is reminded of it. Its visits and notes go on as they are."""
    ROUND_WORKFLOW.move(actor, round, "close", at.date(), closed_at=at)
    audit.record("round.closed", actor=actor, at=at, subject=round, authority=round.authority)
    return round


@transaction.atomic
def reopen_round(*, actor: User, round: Round, at: dt.datetime) -> Round:
    ROUND_WORKFLOW.check(actor, round, "reopen", at.date())
    _no_other(round)
    ROUND_WORKFLOW.move(actor, round, "reopen", at.date(), closed_at=None)
    _take_in(round)
    audit.record("round.reopened", actor=actor, at=at, subject=round, authority=round.authority)
    return round


# ---------------------------------------------------------------- who is exempt


def _deciding(actor: User, round_: Round, school: School) -> None:
    """A school of the round; never one from which the actor is walled, or that they serve: nobody decides on themselves."""
    same_authority(round_, school)
    if school.pk in actor.hats.walled:
        raise Refused("You have an interest in this school: another manager decides.", field="schools")
    if actor.hats.is_adviser_of(school.pk):
        raise Refused(f"{school.name} is a school of your own: another manager decides.", field="schools")
    if school.phase not in round_.phases:
        raise Refused(f"{school.name} is not in the round.", field="schools")


@transaction.atomic
def exempt_schools(
    *, actor: User, round: Round, schools: Sequence[School], reason: str, words: str = "", at: dt.datetime
) -> list[RoundExemption]:
    """Say that the round expects no visit to these schools, and why. Whoever is exempt already stays so, for the first reason."""
    ROUND_WORKFLOW.move(actor, round, "exempt", at.date())
    if reason not in ExemptionReason.values:
        raise Refused("Choose the reason.", field="reason")
    words = " ".join(words.split())
    if reason == ExemptionReason.AGREED and not words:
        raise Refused("Say what was agreed, and with whom.", field="words")
    for school in schools:
        _deciding(actor, round, school)
    held = set(RoundExemption.objects.filter(round=round, school__in=schools).values_list("school_id", flat=True))
    rows = RoundExemption.objects.bulk_create(
        RoundExemption(round=round, school=school, reason=reason, words=words, by=actor, at=at)
        for school in schools
        if school.pk not in held
    )
    for row in rows:
        changes: dict[str, object] = {"school": row.school.name, "why": str(ExemptionReason(reason).label)}
        audit.record("round.exempted", actor=actor, at=at, subject=round, school=row.school, changes=changes, reason=words)
    return rows


@transaction.atomic
def lift_exemption(*, actor: User, exemption: RoundExemption, at: dt.datetime) -> Round:
    """The round expects a visit to the school again."""
    round_, school = exemption.round, exemption.school
    ROUND_WORKFLOW.move(actor, round_, "lift", at.date())
    _deciding(actor, round_, school)
    exemption.delete()
    audit.record("round.expected", actor=actor, at=at, subject=round_, school=school, changes={"school": school.name})
    return round_


# ---------------------------------------------------------------- booking in bulk


@dataclass(frozen=True)
class RoundBooking:
    """One line of the form: a day that is agreed, or days among which the school chooses."""

    school: School
    lead: User
    dates: Sequence[tuple[dt.date, dt.time | None]]


class RowsRefused(Refused):
    """Some lines cannot be booked; then none was. ``rows`` maps a school's id to why."""

    def __init__(self, rows: dict[int, str]) -> None:
        several = f"{len(rows)} lines" if len(rows) > 1 else "One line"
        super().__init__(f"{several} cannot be booked, so nothing was. Put right what is marked, and send it again.")
        self.rows = rows


@transaction.atomic
def book_in_round(
    *, actor: User, round: Round, bookings: Sequence[RoundBooking], is_proposal: bool = False, at: dt.datetime
) -> list[Visit]:
    """Book the agreed days, or propose days, for many schools at once: all of them, or none and each line says why."""
    require(actor, P.ROUND_VIEW, round, on=at.date())
    if round.state != RoundState.OPEN:
        raise Refused("The round is closed. Book the visits one by one.")
    made: list[Visit] = []
    refused: dict[int, str] = {}
    for booking in bookings:
        plan = VisitPlan(
            visit_type=round.visit_type,
            schools=[booking.school],
            lead=booking.lead,
            dates=booking.dates if is_proposal else (),
            round=round,
        )
        try:
            with transaction.atomic():
                outside = [day for day, _ in booking.dates if not round.starts_on <= day <= round.ends_on]
                if outside:
                    day = outside[0]
                    raise Refused(f"{day.day} {day:%B %Y} is outside the round.")
                if _has_visit(round, booking.school):
                    raise Refused("It has a visit in this round already.")
                if is_proposal:
                    made.append(propose_dates(actor=actor, plan=plan, at=at))
                else:
                    day, starts_at = booking.dates[0]
                    if day < at.date():
                        raise Refused("Enter a day that is still to come; what was held is logged, not booked.")
                    made.append(book_visit(actor=actor, plan=plan, on=day, starts_at=starts_at, at=at))
        except Refused as refusal:
            refused[booking.school.pk] = refusal.message
    if refused:
        raise RowsRefused(refused)
    return made


def _has_visit(round_: Round, school: School) -> bool:
    rows = VisitSchool.objects.filter(visit__round=round_, school=school)
    return rows.exclude(visit__state__in=("cancelled", "aborted")).exists()


# ---------------------------------------------------------------- reminding by hand


def _reminder_key(round_: Round, adviser: User, on: dt.date) -> str:
    """By which the outbox knows that somebody was written to that day already."""
    return f"round.reminded:{round_.public_id}:{adviser.public_id}:{on.isoformat()}"


def reminded_today(round_: Round, advisers: Iterable[User], on: dt.date) -> set[int]:
    """Who was written to on this day already, by key: one query."""
    keys = {_reminder_key(round_, adviser, on): adviser.pk for adviser in advisers}
    return {keys[key] for key in OutboxEmail.objects.filter(dedupe_key__in=list(keys)).values_list("dedupe_key", flat=True)}


@transaction.atomic
def remind_round(*, actor: User, coverage: Coverage, advisers: Iterable[User], at: dt.datetime) -> list[User]:
    """Remind SIPs of their schools that are not booked, by email, once a day; who has switched emails off is left out.

    Answers whom. ``coverage`` is the actor's own: of schools that they do not see nobody is told.
    """
    round_, advisers = coverage.round, list(advisers)
    ROUND_WORKFLOW.move(actor, round_, "remind", at.date())
    already = reminded_today(round_, advisers, at.date())
    link = settings.PORTAL_URL + reverse("visits:round-book", args=[round_.public_id])
    told = []
    for adviser in advisers:
        names = [row.school.name for row in coverage.narrowed(show="none", sip=adviser.public_id)]
        if not names or not adviser.is_active or not adviser.has_reminders or adviser.pk in already:
            continue
        subject, body = round_reminder(round_, adviser.name, names, link)
        enqueue_email(
            dedupe_key=_reminder_key(round_, adviser, at.date()),
            to_name=adviser.name,
            to_address=adviser.email,
            subject=subject,
            body=body,
            context_kind="reminder",
            context_reference=round_.public_id,
            at=at,
        )
        told.append(adviser)
    audit.record(
        "round.reminded", actor=actor, at=at, subject=round_, authority=round_.authority, changes={"people": [user.name for user in told]}
    )
    return told
