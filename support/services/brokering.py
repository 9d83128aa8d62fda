"""Brokering: from a need to support that the school has agreed to, had, and evaluated (domain.md §6; S12). Each is one intervention."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from core import audit
from core.access import Refused, require, same_authority
from core.calendar import AcademicYear
from core.components.formats import days_words
from people.models import User
from people.packs import require_pack
from people.roles import HAT_NAMES, Hat
from people.roles import Permission as P
from schools.models import School
from support.choices import Commissioner, InterventionOrigin, NeedFrom, SupportState
from support.directory import agreed_days
from support.models import Intervention, Service
from support.programme_pack import area_labels
from support.workflow import SUPPORT_WORKFLOW
from targets.models import Target


@dataclass(frozen=True)
class Proposal:
    """What is put to the school: days in quarters, the price in pence, who pays, against which plan, and when."""

    quarters: int
    cost_pence: int
    commissioner: str
    plan: str
    starts_on: dt.date
    ends_on: dt.date | None = None
    fund: str = ""

    def check(self) -> None:
        if self.quarters < 1:
            raise Refused("Enter the days.", field="quarters")
        if self.commissioner not in Commissioner.values:
            raise Refused("Select who commissions it, and so pays for it.", field="commissioner")
        if not self.plan.strip():
            raise Refused("Say which plan it serves, such as the school’s improvement plan.", field="plan")
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise Refused("It ends before it starts. Check the two dates.", field="ends_on")


@transaction.atomic
def ask_support(
    *,
    actor: User,
    school: School,
    area: str,
    need: str,
    need_from: str = "",
    target: Target | None = None,
    reference: str = "",
    service: Service | None = None,
    at: dt.datetime,
) -> Intervention:
    """Say what a school needs. The school itself, its SIP, an officer of its cluster or the manager may; a service may be wished for."""
    require(actor, P.SUPPORT_ASK, school, on=at.date())
    labels = area_labels(require_pack(school.authority, at.date()).content)
    if area not in labels:
        raise Refused("Select the area of need.", field="area")
    if not need.strip():
        raise Refused("Say what pupils need, and by when they should gain.", field="need")
    if target is not None and target.school_id != school.pk:
        raise Refused("That target is another school’s.", field="target")
    if service is not None:
        same_authority(school, service)
        if not service.is_listed:
            raise Refused(f"{service.name} is not on the directory any more. Ask without naming it, and you will be offered another.")
    origin = need_from or (NeedFrom.TARGET if target is not None else NeedFrom.NOTE if reference else _whose(actor, school))
    row = Intervention.objects.create(
        authority=school.authority,
        school=school,
        state=SupportState.REQUESTED,
        name=f"Support with {labels[area][:1].lower() + labels[area][1:]}" if not labels[area][:2].isupper() else labels[area],
        origin=InterventionOrigin.BROKERED,
        area_of_need=area,
        purpose=need.strip(),
        need_from=origin,
        need_reference=reference,
        target=target,
        service=service,
        created_by=actor,
        created_at=at,
    )
    changes = {"area": area, "need": audit.content(need), "from": str(origin), "service": service.name if service else ""}
    _event("support.asked", actor, row, at, changes)
    return row


def _whose(actor: User, school: School) -> str:
    """The school's own word; else the authority's, for which its SIP speaks too."""
    return NeedFrom.SCHOOL if actor.hats.contact_hats(school.pk) & {Hat.HEAD, Hat.CHAIR} else NeedFrom.AUTHORITY


@transaction.atomic
def match_support(*, actor: User, intervention: Intervention, service: Service, proposal: Proposal, at: dt.datetime) -> Intervention:
    """Put a service of the directory to the school, with days, price, payer and plan. What was declined may be matched anew."""
    same_authority(intervention, service)
    proposal.check()
    if not service.is_listed:
        raise Refused(f"{service.name} is not on the directory any more.", field="service")
    SUPPORT_WORKFLOW.move(
        actor,
        intervention,
        "match",
        at.date(),
        service=service,
        name=service.name,
        provider=service.provider,
        quarters=proposal.quarters,
        cost_pence=proposal.cost_pence,
        commissioner=proposal.commissioner,
        plan=proposal.plan.strip(),
        fund=proposal.fund.strip(),
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        decided_by="",
        decided_on=None,
        decision_reason="",
    )
    changes = {"service": service.name, "quarters": proposal.quarters, "pence": proposal.cost_pence, "commissioner": proposal.commissioner}
    _event("support.matched", actor, intervention, at, changes)
    return intervention


@transaction.atomic
def agree_support(*, actor: User, intervention: Intervention, on_word_of: str = "", at: dt.datetime) -> Intervention:
    """The school decides. Head or chair agrees in the portal; SIP and manager record their word, by name. Never more days of a
    service than it has left in the year."""
    by = _decider(actor, intervention.school, on_word_of)
    SUPPORT_WORKFLOW.check(actor, intervention, "agree", at.date())
    within_capacity(intervention, intervention.starts_on or at.date())
    SUPPORT_WORKFLOW.move(actor, intervention, "agree", at.date(), decided_by=by, decided_on=at.date(), decision_reason="")
    _event("support.agreed", actor, intervention, at, {"by": by, "pence": intervention.cost_pence})
    return intervention


@transaction.atomic
def decline_support(*, actor: User, intervention: Intervention, reason: str, on_word_of: str = "", at: dt.datetime) -> Intervention:
    """The school says no, and why, so that something better is offered."""
    by = _decider(actor, intervention.school, on_word_of)
    if not reason.strip():
        raise Refused("Say why, so that something better can be offered.", field="reason")
    SUPPORT_WORKFLOW.move(actor, intervention, "decline", at.date(), decided_by=by, decided_on=at.date(), decision_reason=reason.strip())
    _event("support.declined", actor, intervention, at, {"by": by, "reason": audit.content(reason)})
    return intervention


@transaction.atomic
def withdraw_support(*, actor: User, intervention: Intervention, reason: str, at: dt.datetime) -> Intervention:
    """It is not needed any more. What the school has agreed to is cancelled by whoever could agree; its fund is given back apart."""
    if not reason.strip():
        raise Refused("Say why it is not needed any more.", field="reason")
    action = "cancel" if intervention.state == SupportState.AGREED else "withdraw"
    SUPPORT_WORKFLOW.move(actor, intervention, action, at.date(), decision_reason=reason.strip())
    _event("support.withdrawn", actor, intervention, at, {"reason": audit.content(reason)})
    return intervention


@transaction.atomic
def begin_support(*, actor: User, intervention: Intervention, starts_on: dt.date, at: dt.datetime) -> Intervention:
    if starts_on > at.date():
        raise Refused("That day is still to come. Record the beginning once it has begun.", field="starts_on")
    within_capacity(intervention, starts_on)
    SUPPORT_WORKFLOW.move(actor, intervention, "begin", at.date(), starts_on=starts_on)
    _event("support.begun", actor, intervention, at, {"starts_on": starts_on.isoformat()})
    return intervention


@transaction.atomic
def deliver_support(
    *,
    actor: User,
    intervention: Intervention,
    ends_on: dt.date,
    quarters: int,
    cost_pence: int,
    known_on: dt.date | None = None,
    at: dt.datetime,
) -> Intervention:
    """It is over: the days and the cost as they were, and when its impact will be known, if not at once."""
    if ends_on > at.date():
        raise Refused("That day is still to come. Record it once the last day is over.", field="ends_on")
    if intervention.starts_on is not None and ends_on < intervention.starts_on:
        raise Refused("It ended before it began. Check the two dates.", field="ends_on")
    SUPPORT_WORKFLOW.move(
        actor, intervention, "deliver", at.date(), ends_on=ends_on, quarters=quarters, cost_pence=cost_pence, known_on=known_on
    )
    _event("support.delivered", actor, intervention, at, {"ends_on": ends_on.isoformat(), "quarters": quarters, "pence": cost_pence})
    return intervention


def _decider(actor: User, school: School, on_word_of: str) -> str:
    own = actor.hats.contact_hats(school.pk) & {Hat.HEAD, Hat.CHAIR}
    if own:
        return f"{actor.name}, {HAT_NAMES[sorted(own)[-1]].lower()}"
    if not on_word_of.strip():
        raise Refused("The school decides. Enter who said so for it, by name and role.", field="on_word_of")
    return f"{on_word_of.strip()}; recorded by {actor.name}"


def within_capacity(row: Intervention, starts_on: dt.date) -> None:
    """Never more days of a service in a year than it has (ADR 0040), also where support that is agreed moves into another year.
    Takes the service's row first, so that two schools that agree at once are counted one after the other."""
    service = row.service
    if service is None:
        return
    Service.objects.filter(pk=service.pk).update(lock_version=F("lock_version"))
    service.refresh_from_db(fields=["capacity_quarters"])
    if service.capacity_quarters is None:
        return
    year = AcademicYear.from_date(starts_on)
    taken = agreed_days([service.pk], year.starts_on, year.ends_on, but=row).get(service.pk, 0)
    left = service.capacity_quarters - taken
    if (row.quarters or 0) > left:
        words = f"only {days_words(left)} of its {days_words(service.capacity_quarters)} are" if left > 0 else "nothing is"
        raise Refused(f"{service.name}: {words} left in {year}. Nothing was changed; ask for fewer days, or for another service.")


def _event(name: str, actor: User, row: Intervention, at: dt.datetime, changes: dict[str, Any]) -> None:
    audit.record(name, actor=actor, at=at, subject=row, school=row.school, changes=changes)
