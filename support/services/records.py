"""Interventions, and a school's category."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import F

from core import audit
from core.access import Conflict, Refused, require
from people.models import User
from people.roles import Permission as P
from schools.models import School
from support.choices import InterventionOrigin, NeedFrom, SupportState, ValueForMoney
from support.models import Intervention, SchoolCategory, Service
from support.values import CONTENT, check_intervention, check_terms, is_evaluated
from support.workflow import SUPPORT_WORKFLOW

from .brokering import within_capacity

COUNTED = (SupportState.AGREED, SupportState.DELIVERING, SupportState.DELIVERED, SupportState.EVALUATED)
"""Agreed with the school: its days are taken from those of the service in the year in which it starts."""


def _changes(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: audit.content(str(value)) if name in CONTENT else (value.isoformat() if isinstance(value, dt.date) else value)
        for name, value in values.items()
        if value not in ("", None)
    }


@transaction.atomic
def record_intervention(
    *, actor: User, school: School, at: dt.datetime, by_note: bool = False, reference: str = "", **values: Any
) -> Intervention:
    """Record support that a school has or had, of any origin (P30). Whoever serves or leads the school may.

    ``by_note``: a note that becomes final is the first to name it (ADR 0016); ``reference`` is the note's. Brokered support that
    the note names and that has not begun is a need: it is asked for, to be matched and agreed (P17, S12). What carries the name and
    provider of an entry of the directory belongs to that entry.
    """
    require(actor, P.INTERVENTION_APPLY if by_note else P.INTERVENTION_RECORD, school, on=at.date())
    values["origin"] = values.get("origin") or InterventionOrigin.SCHOOL
    check_intervention(values)
    if is_evaluated(values.get("impact", ""), values.get("value_for_money", "")):
        values["evaluated_on"] = at.date()
    elif by_note and values["origin"] == InterventionOrigin.BROKERED and not values.get("starts_on"):
        values |= {"state": SupportState.REQUESTED, "need_from": NeedFrom.NOTE, "need_reference": reference}
    service = None
    if values["origin"] == InterventionOrigin.BROKERED and values.get("provider"):
        service = Service.objects.filter(
            authority=school.authority, name__iexact=values["name"], provider__iexact=values["provider"]
        ).first()
    intervention = Intervention.objects.create(
        authority=school.authority, school=school, service=service, created_by=actor, created_at=at, **values
    )
    audit.record("intervention.recorded", actor=actor, at=at, subject=intervention, school=school, changes=_changes(values))
    return intervention


@transaction.atomic
def revise_intervention(*, actor: User, intervention: Intervention, at: dt.datetime, by_note: bool = False, **values: Any) -> Intervention:
    """Change what is known of it; unchanged values leave no event. It is evaluated when its impact and its worth are told.

    What the school has agreed to stays (``support.values.TERMS``). ``Conflict`` where somebody else changed the row meanwhile."""
    require(actor, P.INTERVENTION_APPLY if by_note else P.INTERVENTION_RECORD, intervention.school, on=at.date())
    if intervention.is_wanted:
        raise Refused("It is not agreed yet. What is put to the school changes by matching it anew.")
    if not values.get("origin"):
        values.pop("origin", None)
    check_intervention({"starts_on": intervention.starts_on, "ends_on": intervention.ends_on, **values})
    changed = {name: value for name, value in values.items() if getattr(intervention, name) != value}
    if not changed:
        return intervention
    check_terms(intervention, changed)
    if changed.get("starts_on") is not None and intervention.state in COUNTED:
        within_capacity(intervention, changed["starts_on"])
    if changed.keys() & {"impact", "value_for_money", "value_reason"}:
        worth = changed.get("value_for_money", intervention.value_for_money)
        changed["evaluated_on"] = at.date() if is_evaluated(changed.get("impact", intervention.impact), worth) else None
        if intervention.state in (SupportState.DELIVERED, SupportState.EVALUATED):
            changed["state"] = SupportState.EVALUATED if changed["evaluated_on"] else SupportState.DELIVERED
    seen = Intervention.objects.filter(pk=intervention.pk, lock_version=intervention.lock_version)
    if seen.update(lock_version=F("lock_version") + 1, **changed) != 1:
        raise Conflict("Somebody else changed this a moment ago. Nothing that you sent was done; look at it again.")
    intervention.lock_version += 1
    for name, value in changed.items():
        setattr(intervention, name, value)
    for name in ("evaluated_on", "state"):
        changed.pop(name, None)
    audit.record("intervention.changed", actor=actor, at=at, subject=intervention, school=intervention.school, changes=_changes(changed))
    return intervention


@transaction.atomic
def evaluate_intervention(
    *,
    actor: User,
    intervention: Intervention,
    impact: str,
    value_for_money: str,
    value_reason: str = "",
    impact_grade: int | None = None,
    would_buy_again: bool | None = None,
    known_on: dt.date | None = None,
    at: dt.datetime,
) -> Intervention:
    """What it did for pupils, and what it was worth (P30); or that it is too early, with the day on which it will be known.

    ``impact_grade``: 4 is the most. What was brokered is evaluated once it is delivered."""
    if intervention.state != SupportState.RECORDED:
        SUPPORT_WORKFLOW.check(actor, intervention, "evaluate", at.date())
    if value_for_money == ValueForMoney.TOO_EARLY:
        if known_on is None or known_on <= at.date():
            raise Refused("Enter the day to come on which it will be known.", field="known_on")
    elif value_for_money not in ValueForMoney.values:
        raise Refused("Select the value for money.", field="value_for_money")
    elif not impact.strip():
        raise Refused("Enter what it did for pupils. If it did nothing, say so.", field="impact")
    if value_for_money == ValueForMoney.TOO_EARLY:
        impact_grade = None
    values: dict[str, Any] = {"impact": impact.strip(), "value_for_money": value_for_money, "value_reason": value_reason.strip()}
    values["impact_grade"] = impact_grade
    return revise_intervention(actor=actor, intervention=intervention, at=at, would_buy_again=would_buy_again, known_on=known_on, **values)


@transaction.atomic
def decide_category(
    *,
    actor: User,
    school: School,
    scheme: str,
    category: str,
    label: str,
    level: int,
    starts_on: dt.date,
    decided_by: str,
    at: dt.datetime,
    reason: str = "",
) -> SchoolCategory:
    """Put a school into a category from a day on; the one before ends the day before. The manager records the panel's decision."""
    require(actor, P.ASSIGNMENT_MANAGE, school, on=at.date())
    SchoolCategory.objects.filter(school=school, ends_on__isnull=True, starts_on__lt=starts_on).update(
        ends_on=starts_on - dt.timedelta(days=1)
    )
    row = SchoolCategory.objects.create(
        school=school,
        scheme=scheme,
        category=category,
        label=label,
        level=level,
        starts_on=starts_on,
        decided_on=min(starts_on, at.date()),
        decided_by=decided_by,
        reason=reason,
    )
    audit.record("category.decided", actor=actor, at=at, subject=row, school=school, changes={"category": category}, reason=reason)
    return row
