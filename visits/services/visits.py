"""Booking, holding and ending visits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F

from core import audit
from core.access import Refused, require, same_authority
from core.calendar import AcademicYear
from people.models import User
from people.packs import AuthorityPack, require_pack
from people.roles import Hat
from people.roles import Permission as P
from schools.choices import DaysKind
from schools.models import Assignment, School
from schools.services import charge_days

from ..choices import VisitState
from ..models import NoteOfVisit, Round, Visit, VisitDate, VisitSchool
from ..pack import VisitType, visits_of
from ..selectors import colleagues, group_of
from ..workflow import VISIT_WORKFLOW


@dataclass(frozen=True)
class VisitFacts:
    """What is logged of a held visit. Days in quarters; ``met`` are roles, never pupils' names."""

    on: dt.date
    starts_at: dt.time | None = None
    ends_at: dt.time | None = None
    met: Sequence[str] = ()
    preparation_quarters: int = 0
    in_school_quarters: int = 0
    writing_quarters: int = 0
    second_quarters: int = 0
    observers: Sequence[str] = ()
    next_visit: str = ""
    days_source: str = "core"

    def values(self) -> dict[str, object]:
        return {
            "on": self.on,
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
            "met": list(self.met),
            "preparation_quarters": self.preparation_quarters,
            "in_school_quarters": self.in_school_quarters,
            "writing_quarters": self.writing_quarters,
            "second_quarters": self.second_quarters,
            "observers": list(self.observers),
            "next_visit": self.next_visit,
            "days_source": self.days_source,
        }


@dataclass(frozen=True)
class VisitPlan:
    """Who goes where, and for what: what booking and proposing have in common."""

    visit_type: str
    schools: Sequence[School]
    lead: User
    second_adviser: User | None = None
    second_sections: Sequence[str] = ()
    observers: Sequence[str] = ()
    days_source: str = "core"
    place_of: Visit | None = None
    round: Round | None = None
    dates: Sequence[tuple[dt.date, dt.time | None]] = field(default=())


def _check_plan(actor: User, plan: VisitPlan, on: dt.date) -> tuple[AuthorityPack, VisitType]:
    if not plan.schools:
        raise Refused("Choose the school.", field="school")
    same_authority(*plan.schools)
    authority = plan.schools[0].authority
    for school in plan.schools:
        require(actor, P.VISIT_BOOK, school, on=on)
        if not school.is_open:
            raise Refused(f"{school.name} is closed.", field="school")
    others = {school.pk for school in plan.schools[1:]}
    if others and not others <= {school.pk for school in group_of(plan.schools[0], on)}:
        raise Refused("One visit covers several schools where they belong to one group.", field="covers")
    if actor.pk != plan.lead.pk and not all(Hat.SIP_MANAGER in actor.hats.at(school) for school in plan.schools):
        raise Refused("You can book your own visits; the manager books for others.", field="lead")
    pack = require_pack(authority, on)
    try:
        visit_type = visits_of(pack.content).visit_type(plan.visit_type)
    except KeyError:
        raise Refused("Choose a kind of visit.", field="visit_type") from None
    if not visit_type.has_note:
        raise Refused("This kind of visit is logged as a fact, not booked as a visit with a note.", field="visit_type")
    for school in plan.schools:
        if visit_type.phases and school.phase not in visit_type.phases:
            raise Refused(f"{visit_type.label} is not a visit to {school.name}, which is {school.get_phase_display()}.", field="visit_type")
    for adviser in filter(None, (plan.lead, plan.second_adviser)):
        adviser_hats = adviser.hats
        walled = [school.name for school in plan.schools if school.pk in adviser_hats.walled]
        if walled:
            raise Refused(f"{adviser.name} has an interest in {walled[0]} and cannot visit it.", field="lead")
    assigned = set(
        Assignment.objects.on(on).filter(adviser=plan.lead, school__in=[s.pk for s in plan.schools]).values_list("school_id", flat=True)
    )
    unassigned = [school.name for school in plan.schools if school.pk not in assigned]
    if unassigned:
        raise Refused(f"{plan.lead.name} holds no assignment at {unassigned[0]} on {on:%-d %B %Y}.", field="lead")
    _check_second(plan, visit_type, on)
    _check_place_of(plan)
    return pack, visit_type


def _check_second(plan: VisitPlan, visit_type: VisitType, on: dt.date) -> None:
    """Somebody else, who advises schools of this authority, and writes sections that the note has."""
    second = plan.second_adviser
    if second is not None and second.pk == plan.lead.pk:
        raise Refused("The second adviser is somebody other than the lead.", field="second_adviser")
    if second is not None and not colleagues(plan.schools[0].authority, on).filter(pk=second.pk).exists():
        raise Refused(f"{second.name} is no adviser of this authority on {on:%-d %B %Y}.", field="second_adviser")
    if set(plan.second_sections) - {use.section.code for use in visit_type.sections}:
        raise Refused("Choose sections that the note of this visit has.", field="second_sections")


def _check_place_of(plan: VisitPlan) -> None:
    """The cancelled visit was to one of these schools, and nothing has replaced it yet."""
    cancelled = plan.place_of
    if cancelled is None:
        return
    if not {school.pk for school in plan.schools} & {school.pk for school in cancelled.covered}:
        raise Refused("The visit that this one replaces was to another school.", field="place_of")
    if cancelled.state != VisitState.CANCELLED or hasattr(cancelled, "replaced_by"):
        raise Refused("Only a cancelled visit that has no replacement yet can be replaced.", field="place_of")


def _create(
    actor: User, plan: VisitPlan, visit_type: VisitType, state: str, on: dt.date | None, at: dt.datetime, **values: object
) -> Visit:
    authority = plan.schools[0].authority
    days = visit_type.days
    defaults: dict[str, object] = {
        "preparation_quarters": days.preparation,
        "in_school_quarters": days.in_school,
        "writing_quarters": days.writing,
    }
    if plan.place_of is not None:  # the preparation moves with it
        defaults["preparation_quarters"] = plan.place_of.preparation_quarters
    visit = Visit.objects.create(
        authority=authority,
        visit_type=visit_type.code,
        visit_type_label=visit_type.label,
        academic_year=AcademicYear.from_date(on or at.date()).first,
        round=plan.round or _round_of(authority.pk, visit_type.code, plan.schools, on or min(day for day, _ in plan.dates)),
        lead=plan.lead,
        second_adviser=plan.second_adviser,
        second_sections=list(plan.second_sections),
        observers=list(plan.observers),
        days_source=plan.days_source,
        state=state,
        on=on,
        place_of=plan.place_of,
        created_at=at,
        created_by=actor,
        **{**defaults, **values},
    )
    VisitSchool.objects.bulk_create([VisitSchool(visit=visit, school=school, position=i) for i, school in enumerate(plan.schools)])
    if plan.place_of is not None:
        _move_preparation(plan.place_of, visit)
    return visit


def _move_preparation(cancelled: Visit, visit: Visit) -> None:
    """What was studied, chosen and written for the cancelled visit is this one's, at the schools that both cover."""
    for row in VisitSchool.objects.filter(visit=cancelled, school__in=[school.pk for school in visit.covered]):
        cancelled.studied.filter(school=row.school_id).update(visit=visit)
        cancelled.questions.filter(school=row.school_id).update(visit=visit)
        VisitSchool.objects.filter(visit=visit, school=row.school_id).update(
            half_page=row.half_page, half_page_by=row.half_page_by, half_page_at=row.half_page_at
        )


def _round_of(authority_id: int, visit_type: str, schools: Sequence[School], day: dt.date) -> Round | None:
    """The open round to which a visit belongs by its kind, the phases of its schools and its day."""
    found = Round.objects.filter(authority_id=authority_id).fitting(visit_type, {school.phase for school in schools}, day)
    return found[0] if found else None


def _keeping_round(visit: Visit, day: dt.date) -> dict[str, object]:
    """A visit of a round stays its own when it moves, late or not; one of none joins the round that its new day fits."""
    if visit.round_id is not None:
        return {}
    return {"round": _round_of(visit.authority_id, visit.visit_type, visit.covered, day)}


def _event(
    name: str, actor: User | None, visit: Visit, at: dt.datetime, *, changes: dict[str, object] | None = None, reason: str = ""
) -> None:
    audit.record(name, actor=actor, at=at, subject=visit, school=visit.school, changes=changes, reason=reason)


@transaction.atomic
def propose_dates(*, actor: User, plan: VisitPlan, at: dt.datetime) -> Visit:
    """Offer the school a choice of days; it chooses, or asks for others."""
    first = min((day for day, _ in plan.dates), default=None)
    if first is None:
        raise Refused("Propose at least one day.", field="dates")
    if first < at.date():
        raise Refused("Propose days that are still to come.", field="dates")
    _, visit_type = _check_plan(actor, plan, first)
    visit = _create(actor, plan, visit_type, VisitState.PROPOSED, None, at)
    VisitDate.objects.bulk_create([VisitDate(visit=visit, on=day, starts_at=time) for day, time in dict.fromkeys(plan.dates)])
    _event("visit.proposed", actor, visit, at, changes={"dates": [day.isoformat() for day, _ in plan.dates]})
    return visit


@transaction.atomic
def book_visit(
    *, actor: User, plan: VisitPlan, on: dt.date, starts_at: dt.time | None = None, ends_at: dt.time | None = None, at: dt.datetime
) -> Visit:
    """Book a day that is agreed already."""
    _check_order(starts_at, ends_at)
    _, visit_type = _check_plan(actor, plan, on)
    visit = _create(actor, plan, visit_type, VisitState.BOOKED, on, at, starts_at=starts_at, ends_at=ends_at)
    _event("visit.booked", actor, visit, at, changes={"on": on.isoformat()})
    return visit


def _check_order(starts_at: dt.time | None, ends_at: dt.time | None) -> None:
    if starts_at and ends_at and ends_at <= starts_at:
        raise Refused("The visit ends before it begins. Check the two times.", field="ends_at")


@transaction.atomic
def choose_date(*, actor: User, visit: Visit, date: VisitDate, at: dt.datetime) -> Visit:
    """The school, or the SIP on its word, takes one of the days proposed."""
    if date.visit_id != visit.pk:
        raise Refused("That day was not proposed for this visit.")
    if date.on < at.date():
        raise Refused("That day has passed. Ask for others.")
    VISIT_WORKFLOW.move(
        actor,
        visit,
        "choose",
        at.date(),
        on=date.on,
        starts_at=date.starts_at,
        academic_year=AcademicYear.from_date(date.on).first,
        **_keeping_round(visit, date.on),
    )
    _event("visit.booked", actor, visit, at, changes={"on": date.on.isoformat()})
    return visit


@transaction.atomic
def ask_other_dates(*, actor: User, visit: Visit, reason: str, at: dt.datetime) -> Visit:
    """None of the days suits the school."""
    VISIT_WORKFLOW.move(actor, visit, "ask_others", at.date(), ended_reason=reason)
    _event("visit.dates_asked", actor, visit, at, reason=reason)
    return visit


def _side(actor: User, visit: Visit) -> str:
    return "school" if any(actor.hats.contact_hats(school.pk) for school in visit.covered) else "sip"


@transaction.atomic
def move_visit(
    *,
    actor: User,
    visit: Visit,
    on: dt.date,
    starts_at: dt.time | None = None,
    ends_at: dt.time | None = None,
    reason: str,
    at: dt.datetime,
) -> Visit:
    """Another day, by either side, with who asked and why."""
    if on < at.date():
        raise Refused("Choose a day that is still to come.", field="on")
    if not reason.strip():
        raise Refused("Say why the visit moves.", field="reason")
    _check_order(starts_at, ends_at)
    was = visit.on
    VISIT_WORKFLOW.move(
        actor,
        visit,
        "move",
        at.date(),
        on=on,
        starts_at=starts_at,
        ends_at=ends_at,
        ended_by_side=_side(actor, visit),
        academic_year=AcademicYear.from_date(on).first,
        **_keeping_round(visit, on),
    )
    _event("visit.moved", actor, visit, at, changes={"on": [was.isoformat() if was else None, on.isoformat()]}, reason=reason)
    return visit


@transaction.atomic
def name_observer(*, actor: User, visit: Visit, observer: str, at: dt.datetime, is_coming: bool = True) -> Visit:
    """Say who observes a visit that is still to come, by name and role, so that everybody who reads of it knows; or that they do not."""
    require(actor, P.VISIT_MOVE, visit, on=at.date())
    if visit.state not in (VisitState.PROPOSED, VisitState.BOOKED):
        raise Refused("The visit is over.")
    others = [name for name in visit.observers if name != observer]
    visit.observers = [*others, observer] if is_coming else others
    visit.save(update_fields=["observers"])
    _event("visit.observer", actor, visit, at, changes={"observer": observer, "comes": is_coming})
    return visit


@transaction.atomic
def cancel_visit(*, actor: User, visit: Visit, reason: str, at: dt.datetime) -> Visit:
    """By either side. With less notice than the pack asks for, the lead is charged what the pack says."""
    if not reason.strip():
        raise Refused("Say why the visit is cancelled.", field="reason")
    side = _side(actor, visit)
    VISIT_WORKFLOW.move(actor, visit, "cancel", at.date(), ended_reason=reason, ended_by_side=side)
    charged = 0
    if visit.on is not None:
        pack = require_pack(visit.authority, visit.on)
        notice = pack.office_days.between(at.date(), visit.on)
        if notice < pack.whole("cancel_notice_office_days"):
            charged = pack.whole("cancel_late_days")
            _charge(actor, visit, DaysKind.CANCELLATION, charged, at)
    _event("visit.cancelled", actor, visit, at, changes={"asked_by": side, "charged_quarters": charged}, reason=reason)
    return visit


def _charge(actor: User, visit: Visit, kind: str, quarters: int, at: dt.datetime, *, adviser: User | None = None, reason: str = "") -> None:
    """One visit's days, shared out over the schools of a group in whole quarters, the first taking what is left over."""
    if not quarters:
        return
    schools = visit.covered
    each, rest = divmod(abs(quarters), len(schools))
    sign = 1 if quarters > 0 else -1
    for place, school in enumerate(schools):
        share = sign * (each + (1 if place < rest else 0))
        if share:
            charge_days(
                actor=actor,
                school=school,
                adviser=adviser or visit.lead,
                academic_year=visit.academic_year,
                source=visit.days_source,
                kind=kind,
                quarters=share,
                reference=visit.public_id,
                reason=reason,
                at=at,
            )


_CHARGES = (
    ("preparation_quarters", DaysKind.PREPARATION, False),
    ("in_school_quarters", DaysKind.IN_SCHOOL, False),
    ("writing_quarters", DaysKind.WRITING, False),
    ("second_quarters", DaysKind.IN_SCHOOL, True),
)


@transaction.atomic
def hold_visit(*, actor: User, visit: Visit, facts: VisitFacts, at: dt.datetime) -> Visit:
    """Log a booked visit as held: what happened, who was met, what it cost. Each adviser's ledger is charged."""
    _check_facts(facts, at)
    values = {**facts.values(), "academic_year": AcademicYear.from_date(facts.on).first, **_keeping_round(visit, facts.on)}
    VISIT_WORKFLOW.move(actor, visit, "hold", at.date(), held_logged_at=at, **values)
    for name, kind, is_second in _CHARGES:
        adviser = visit.second_adviser if is_second else visit.lead
        if adviser is not None:
            _charge(actor, visit, kind, getattr(visit, name), at, adviser=adviser)
    _event("visit.held", actor, visit, at, changes={"on": facts.on.isoformat(), "quarters": _total(facts)})
    return visit


def _total(facts: VisitFacts) -> int:
    return facts.preparation_quarters + facts.in_school_quarters + facts.writing_quarters


def _check_facts(facts: VisitFacts, at: dt.datetime) -> None:
    if facts.on > at.date():
        raise Refused("The visit is in the future: it can be logged as held on its day or after.", field="on")
    _check_order(facts.starts_at, facts.ends_at)
    if min(facts.preparation_quarters, facts.in_school_quarters, facts.writing_quarters, facts.second_quarters) < 0:
        raise Refused("Days cannot be less than nought.", field="in_school_quarters")


@transaction.atomic
def log_visit(*, actor: User, plan: VisitPlan, facts: VisitFacts, at: dt.datetime) -> Visit:
    """Log a visit that was never booked in the portal: booked and held in one step."""
    visit = book_visit(actor=actor, plan=plan, on=facts.on, starts_at=facts.starts_at, ends_at=facts.ends_at, at=at)
    return hold_visit(actor=actor, visit=visit, facts=facts, at=at)


@transaction.atomic
def abort_visit(*, actor: User, visit: Visit, reason: str, at: dt.datetime) -> Visit:
    """The SIP came and the visit could not be held: preparation and the pack's charge are the lead's."""
    if not reason.strip():
        raise Refused("Say why the visit could not be held.", field="reason")
    VISIT_WORKFLOW.move(actor, visit, "abort", at.date(), ended_reason=reason)
    pack = require_pack(visit.authority, visit.on or at.date())
    _charge(actor, visit, DaysKind.PREPARATION, visit.preparation_quarters, at)
    _charge(actor, visit, DaysKind.IN_SCHOOL, pack.whole("abort_days"), at)
    _event("visit.aborted", actor, visit, at, reason=reason)
    return visit


@transaction.atomic
def correct_facts(*, actor: User, visit: Visit, facts: VisitFacts, at: dt.datetime) -> Visit:
    """Correct the facts of a held visit until its note is final; the ledger gets the difference, and keeps the first entry."""
    _check_facts(facts, at)
    before = {name: getattr(visit, name) for name, _, _ in _CHARGES}
    was = visit.on
    VISIT_WORKFLOW.move(actor, visit, "correct", at.date(), **facts.values())
    for name, _, is_second in _CHARGES:
        adviser = visit.second_adviser if is_second else visit.lead
        difference = getattr(visit, name) - before[name]
        if adviser is not None and difference:
            _charge(actor, visit, DaysKind.CORRECTION, difference, at, adviser=adviser, reason="Facts of the visit corrected")
    # A PDF that was made from the facts as they stood is not accepted any more.
    NoteOfVisit.objects.filter(visit=visit).update(lock_version=F("lock_version") + 1)
    changes: dict[str, object] = {"on": [was.isoformat() if was else None, facts.on.isoformat()], "quarters": _total(facts)}
    _event("visit.corrected", actor, visit, at, changes=changes)
    return visit


@transaction.atomic
def waive_note(*, actor: User, visit: Visit, reason: str, at: dt.datetime) -> Visit:
    """The manager decides that no note is due, and says why."""
    if not reason.strip():
        raise Refused("Say why no note is due.", field="reason")
    VISIT_WORKFLOW.move(actor, visit, "waive", at.date(), no_note_reason=reason, note_waived_at=at, note_waived_by=actor)
    _event("visit.note_waived", actor, visit, at, reason=reason)
    return visit


@transaction.atomic
def write_half_page(*, actor: User, visit: Visit, school: School, text: str, at: dt.datetime) -> Visit:
    """The school's own half page, until the note is submitted. It opens beside the editor and is printed as the school's."""
    require(actor, P.HALF_PAGE_WRITE, visit, on=at.date())
    require(actor, P.HALF_PAGE_WRITE, school, on=at.date())
    if visit.state not in (VisitState.PROPOSED, VisitState.BOOKED, VisitState.HELD):
        raise Refused("This visit is over.")
    if visit.has_note and visit.note.submitted_at is not None:
        raise Refused("The note has been submitted: answer it when it reaches you.")
    if len(text) > 4000:
        raise Refused("Half a page is 4,000 characters at most.", field="text")
    if len(text.split()) > 400:
        raise Refused("Half a page is 400 words at most.", field="text")
    written = VisitSchool.objects.filter(visit=visit, school=school).update(
        half_page=text.strip(), half_page_by=actor.name, half_page_at=at
    )
    if not written:
        raise Refused("This visit is not to that school.")
    audit.record("visit.half_page", actor=actor, at=at, subject=visit, school=school, changes={"half_page": audit.content(text)})
    return visit
