"""Shadowing from the plan to the SIP's answer (P28 to P30): planned, the headteacher told, written up, answered, closed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from core import audit
from core.access import Conflict, Refused, require, same_authority
from core.calendar import AcademicYear
from core.outbox import enqueue_email
from people.choices import SipKind
from people.models import Sip, User
from people.packs import AuthorityPack, require_pack
from people.roles import Permission as P
from schools.choices import HEADS, ContactState
from schools.models import Contact
from visits import services as visits
from visits.choices import VisitState
from visits.models import Visit

from ..choices import FindingKind
from ..mail import told_email
from ..models import Shadowing, ShadowingFinding
from ..pack import observation_of
from ..selectors.shadowing import next_visit_of, reach_by
from ..workflow import SHADOWING_WORKFLOW


@dataclass(frozen=True)
class Finding:
    """One coded observation: the pack's code and what was seen."""

    kind: str
    code: str
    evidence: str


def _event(name: str, actor: User, row: Shadowing, at: dt.datetime, *, changes: dict[str, object] | None = None, reason: str = "") -> None:
    school = row.covered[0] if row.covered else None
    authority = None if school else row.authority
    audit.record(name, actor=actor, at=at, subject=row, school=school, authority=authority, changes=changes, reason=reason)


def _need(text: str, says: str, field: str = "reason") -> str:
    if not text.strip():
        raise Refused(says, field=field)
    return text.strip()


# ---------------------------------------------------------------- who observes which visit


def check_observer(sip: Sip, observer: User, visit: Visit | None) -> None:
    """Raises ``Refused`` with the rule that forbids it: never oneself, never walled from a school of the visit (domain.md §7)."""
    if not observer.is_active:
        raise Refused(f"{observer.name} has no active account.", field="observer")
    if observer.pk == sip.user_id:
        raise Refused("Nobody shadows themselves.", field="observer")
    hats = observer.hats
    is_reviewer = sip.sip_reviewer is not None and observer.pk == sip.sip_reviewer.pk
    if not is_reviewer and sip.authority_id not in {role.authority_id for role in hats.roles} | {row.authority_id for row in hats.sips}:
        raise Refused(f"{observer.name} does not work for {sip.authority.name}.", field="observer")
    if visit is not None:
        if observer.pk in (visit.lead_id, visit.second_adviser_id):
            raise Refused(f"{observer.name} takes part in that visit and cannot observe it.", field="observer")
        if any(school.pk in hats.walled for school in visit.covered):
            raise Refused(f"{observer.name} has an interest in the school and cannot observe there.", field="observer")


def _check_visit(sip: Sip, visit: Visit, on: dt.date) -> None:
    same_authority(sip, visit)
    if visit.lead_id != sip.user_id:
        raise Refused(f"{sip.user.name} does not lead that visit.", field="visit")
    if visit.state != VisitState.BOOKED or visit.on is None or visit.on <= on:
        raise Refused("Choose a visit that is booked and still to come.", field="visit")


def default_observer(sip: Sip) -> User:
    """P28: an adviser's line manager; the assigned person of all others."""
    found = sip.sip_reviewer
    if found is None:
        kind = "line manager" if sip.kind == SipKind.ADVISER else "assigned person"
        raise Refused(f"{sip.user.name} has no {kind}: name the observer, or put that right first.", field="observer")
    return found


def _readers(pack: AuthorityPack) -> dict[str, bool]:
    readers = observation_of(pack.content).readers
    return {"is_read_by_reviewer": "reviewer" in readers, "is_read_by_mentor": "mentor" in readers}


@transaction.atomic
def plan_shadowing(
    *, actor: User, sip: Sip, at: dt.datetime, observer: User | None = None, visit: Visit | None = None, by_on: dt.date | None = None
) -> Shadowing:
    """Plan one: by default the line manager or the assigned person joins the SIP's next booked visit that nobody observes.

    Without a booked visit it is planned for the day by which every SIP is reached, and the visit is chosen later.
    """
    on = at.date()
    require(actor, P.SHADOWING_PLAN, sip, on=on)
    pack = require_pack(sip.authority, on)
    if not sip.holds_on(on):
        raise Refused(f"{sip.user.name} is not a SIP today.")
    open_row = Shadowing.objects.filter(sip=sip, state__in=("planned", "told")).first()
    if open_row is not None:
        raise Refused(f"A shadowing of {sip.user.name} is planned already.")
    chosen = observer or default_observer(sip)
    by_on = by_on or reach_by(pack, on)
    if visit is None:
        visit = next_visit_of(sip, by_on, on, without=chosen)
    else:
        _check_visit(sip, visit, on)
    check_observer(sip, chosen, visit)
    row = Shadowing(
        authority=sip.authority,
        sip=sip,
        observer=chosen,
        is_outside_line=sip.sip_reviewer is None or chosen.pk != sip.sip_reviewer.pk,
        visit=visit,
        academic_year=AcademicYear.from_date(on).first,
        by_on=by_on,
        planned_at=at,
        planned_by=actor,
        **_readers(pack),
    )
    _save(row)
    changes: dict[str, object] = {"observer": chosen.name, "visit": visit.public_id if visit else None, "by": by_on.isoformat()}
    _event("shadowing.planned", actor, row, at, changes=changes)
    return row


def _save(row: Shadowing) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Conflict("Somebody observes that visit already: choose another.", field="visit") from None


def _observer_words(row: Shadowing) -> str:
    return f"{row.observer.name}, observer"


def _forget(actor: User, row: Shadowing, at: dt.datetime) -> None:
    """The visit no longer names the observer, where it is still to come."""
    visit = row.visit
    if visit is not None and _observer_words(row) in visit.observers and visit.state in (VisitState.PROPOSED, VisitState.BOOKED):
        visits.name_observer(actor=actor, visit=visit, observer=_observer_words(row), is_coming=False, at=at)


@transaction.atomic
def move_shadowing(
    *, actor: User, shadowing: Shadowing, visit: Visit | None, observer: User | None = None, reason: str, at: dt.datetime
) -> Shadowing:
    """Another visit, another observer, or both, with the reason. A headteacher who had been told is told anew."""
    reason = _need(reason, "Say why it is moved.")
    on = at.date()
    SHADOWING_WORKFLOW.check(actor, shadowing, "move", on)
    sip, chosen = shadowing.sip, observer or shadowing.observer
    if visit is not None:
        _check_visit(sip, visit, on)
    check_observer(sip, chosen, visit)
    if visit is not None and Shadowing.objects.exclude(pk=shadowing.pk).exclude(state="cancelled").filter(visit=visit).exists():
        raise Conflict("Somebody observes that visit already: choose another.", field="visit")
    before = {"observer": shadowing.observer.name, "visit": shadowing.visit.public_id if shadowing.visit else None}
    if shadowing.state == "told":
        _forget(actor, shadowing, at)
    outside = sip.sip_reviewer is None or chosen.pk != sip.sip_reviewer.pk
    values = {"visit": visit, "observer": chosen, "is_outside_line": outside, "reason": reason, "told_at": None, "told_name": ""}
    SHADOWING_WORKFLOW.move(actor, shadowing, "move", on, **values)
    after = {"observer": chosen.name, "visit": visit.public_id if visit else None}
    changes: dict[str, object] = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
    _event("shadowing.moved", actor, shadowing, at, changes=changes, reason=reason)
    return shadowing


@transaction.atomic
def cancel_shadowing(*, actor: User, shadowing: Shadowing, reason: str, at: dt.datetime) -> Shadowing:
    reason = _need(reason, "Say why it is cancelled.")
    was_told = shadowing.state == "told"
    SHADOWING_WORKFLOW.move(actor, shadowing, "cancel", at.date(), reason=reason)
    if was_told:
        _forget(actor, shadowing, at)
    _event("shadowing.cancelled", actor, shadowing, at, reason=reason)
    return shadowing


@transaction.atomic
def tell_head(*, actor: User, shadowing: Shadowing, at: dt.datetime) -> Shadowing:
    """Tell the headteacher of each school of the visit, by name, who will observe: by email, and on the page of the visit."""
    on = at.date()
    heads = list(
        Contact.objects.filter(
            school__in=[s.pk for s in shadowing.covered], kind__in=HEADS, state=ContactState.CONFIRMED, starts_on__lte=on
        )
        .exclude(ends_on__lt=on)
        .select_related("school")
        .order_by("school__name", "name")
    )
    SHADOWING_WORKFLOW.check(actor, shadowing, "tell", on)
    visit = shadowing.visit
    assert visit is not None
    check_observer(shadowing.sip, shadowing.observer, visit)
    reached = [head for head in heads if head.email]
    missing = [school.name for school in shadowing.covered if all(head.school_id != school.pk for head in reached)]
    if missing:
        raise Refused(f"No headteacher of {' and '.join(missing)} has an address here: nobody can be told. Put the contact right first.")
    names = ", ".join(head.name for head in reached)
    SHADOWING_WORKFLOW.move(actor, shadowing, "tell", on, told_at=at, told_name=names[:200], reason="")
    visits.name_observer(actor=actor, visit=visit, observer=_observer_words(shadowing), at=at)
    pack = require_pack(shadowing.authority, on)
    for head in reached:
        subject, body = told_email(shadowing, head.school.name, head.name, pack.labels(head.school.phase))
        enqueue_email(
            dedupe_key=f"shadowing.told:{shadowing.public_id}:{shadowing.lock_version}:{head.pk}",
            to_name=head.name,
            to_address=head.email,
            subject=subject,
            body=body,
            context_kind="shadowing",
            context_reference=shadowing.public_id,
            at=at,
        )
    _event("shadowing.told", actor, shadowing, at, changes={"to": [f"{head.name}, {head.school.name}" for head in reached]})
    return shadowing


@transaction.atomic
def ask_other_date(*, actor: User, shadowing: Shadowing, reason: str, at: dt.datetime) -> Shadowing:
    """The headteacher asks for another date: it goes back to the plan, and the manager chooses again."""
    reason = _need(reason, "Say what stands against that day.")
    SHADOWING_WORKFLOW.check(actor, shadowing, "ask_other", at.date())
    _forget(actor, shadowing, at)
    SHADOWING_WORKFLOW.move(actor, shadowing, "ask_other", at.date(), reason=reason, told_at=None, told_name="")
    _event("shadowing.other_date", actor, shadowing, at, reason=reason)
    return shadowing


# ---------------------------------------------------------------- the form


@transaction.atomic
def write_shadowing(
    *,
    actor: User,
    shadowing: Shadowing,
    findings: Sequence[Finding],
    next_step: str,
    at: dt.datetime,
    next_step_on: dt.date | None = None,
) -> Shadowing:
    """The observer's form: coded strengths and areas for development, each with evidence, and the step agreed with the SIP.

    It can be written again until the SIP has answered.
    """
    on = at.date()
    SHADOWING_WORKFLOW.check(actor, shadowing, "write", on)
    assert shadowing.visit is not None
    pack = require_pack(shadowing.authority, on)
    part = observation_of(pack.content)
    rows = []
    for kind, options in ((FindingKind.STRENGTH, part.strengths), (FindingKind.DEVELOPMENT, part.developments)):
        given = {finding.code: finding.evidence.strip() for finding in findings if finding.kind == kind}
        if set(given) - {option.code for option in options}:
            raise Refused("Choose among the codes of the form.")
        for position, option in enumerate(options):
            if option.code in given:
                if not given[option.code]:
                    raise Refused(f"Say what you saw: {option.label}.", field=f"{kind}_{option.code}")
                rows.append((kind, option, position, given[option.code]))
    if not rows:
        raise Refused("Choose at least one strength or area for development, with what you saw.")
    next_step = _need(next_step, "Enter the next step that you agreed with the SIP.", "next_step")
    respond_by = pack.office_days.add(on, part.response_office_days)
    SHADOWING_WORKFLOW.move(
        actor,
        shadowing,
        "write",
        on,
        done_on=shadowing.visit.on,
        next_step=next_step,
        next_step_on=next_step_on,
        written_at=at,
        respond_by=shadowing.respond_by or respond_by,
    )
    shadowing.findings.all().delete()
    ShadowingFinding.objects.bulk_create(
        ShadowingFinding(shadowing=shadowing, kind=kind, code=option.code, label=option.label, position=position, evidence=evidence)
        for kind, option, position, evidence in rows
    )
    words = " ".join([next_step, *(row[3] for row in rows)])
    changes: dict[str, object] = {"codes": [row[1].code for row in rows], "text": audit.content(words)}
    _event("shadowing.written", actor, shadowing, at, changes=changes)
    return shadowing


@transaction.atomic
def respond_to_shadowing(*, actor: User, shadowing: Shadowing, response: str, at: dt.datetime) -> Shadowing:
    """The SIP answers; what the observer wrote stands as it is from now on."""
    response = _need(response, "Write your answer.", "response")
    SHADOWING_WORKFLOW.move(actor, shadowing, "respond", at.date(), response=response, responded_at=at)
    _event("shadowing.answered", actor, shadowing, at, changes={"response": audit.content(response)})
    return shadowing


@transaction.atomic
def close_shadowing(*, actor: User, shadowing: Shadowing, at: dt.datetime) -> Shadowing:
    """Closed once the SIP has answered, or the days for it have passed."""
    SHADOWING_WORKFLOW.move(actor, shadowing, "close", at.date(), closed_at=at, closed_by=actor)
    _event("shadowing.closed", actor, shadowing, at)
    return shadowing
