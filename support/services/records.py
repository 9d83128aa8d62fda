"""Interventions, a school's category, concerns, warning notices."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from core import audit
from core.access import Refused, require
from core.spans import on_day
from people.models import User
from people.roles import Permission as P
from schools.models import School
from support.choices import InterventionOrigin, ValueForMoney
from support.models import Concern, Intervention, SchoolCategory, WarningNotice
from support.values import CONTENT, check_intervention, is_evaluated


def _changes(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: audit.content(str(value)) if name in CONTENT else (value.isoformat() if isinstance(value, dt.date) else value)
        for name, value in values.items()
        if value not in ("", None)
    }


@transaction.atomic
def record_intervention(*, actor: User, school: School, at: dt.datetime, by_note: bool = False, **values: Any) -> Intervention:
    """Record support that a school has or had, of any origin (P30). Whoever serves or leads the school may.

    ``by_note``: a note that becomes final is the first to name it (ADR 0016).
    """
    require(actor, P.INTERVENTION_APPLY if by_note else P.INTERVENTION_RECORD, school, on=at.date())
    values["origin"] = values.get("origin") or InterventionOrigin.SCHOOL
    check_intervention(values)
    if is_evaluated(values.get("impact", ""), values.get("value_for_money", "")):
        values["evaluated_on"] = at.date()
    intervention = Intervention.objects.create(authority=school.authority, school=school, created_by=actor, created_at=at, **values)
    audit.record("intervention.recorded", actor=actor, at=at, subject=intervention, school=school, changes=_changes(values))
    return intervention


@transaction.atomic
def revise_intervention(*, actor: User, intervention: Intervention, at: dt.datetime, by_note: bool = False, **values: Any) -> Intervention:
    """Change what is known of it; unchanged values leave no event. It is evaluated when its impact and its worth are told."""
    require(actor, P.INTERVENTION_APPLY if by_note else P.INTERVENTION_RECORD, intervention.school, on=at.date())
    if not values.get("origin"):
        values.pop("origin", None)
    check_intervention({"starts_on": intervention.starts_on, "ends_on": intervention.ends_on, **values})
    changed = {name: value for name, value in values.items() if getattr(intervention, name) != value}
    if not changed:
        return intervention
    if changed.keys() & {"impact", "value_for_money", "value_reason"}:
        worth = changed.get("value_for_money", intervention.value_for_money)
        changed["evaluated_on"] = at.date() if is_evaluated(changed.get("impact", intervention.impact), worth) else None
    for name, value in changed.items():
        setattr(intervention, name, value)
    intervention.save(update_fields=list(changed))
    changed.pop("evaluated_on", None)
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
    would_buy_again: bool | None = None,
    known_on: dt.date | None = None,
    at: dt.datetime,
) -> Intervention:
    """What it did for pupils, and what it was worth (P30); or that it is too early, with the day on which it will be known."""
    if value_for_money == ValueForMoney.TOO_EARLY:
        if known_on is None or known_on <= at.date():
            raise Refused("Enter the day to come on which it will be known.", field="known_on")
    elif value_for_money not in ValueForMoney.values:
        raise Refused("Select the value for money.", field="value_for_money")
    elif not impact.strip():
        raise Refused("Enter what it did for pupils. If it did nothing, say so.", field="impact")
    values = {"impact": impact.strip(), "value_for_money": value_for_money, "value_reason": value_reason.strip()}
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


@transaction.atomic
def open_concern(*, actor: User, school: School, concern_class: str, label: str, issue: str, on: dt.date, at: dt.datetime) -> Concern:
    """Open a concern in one of the national classes (P13)."""
    require(actor, P.ASSIGNMENT_MANAGE, school, on=at.date())
    concern = Concern.objects.create(school=school, concern_class=concern_class, label=label, issue=issue, starts_on=on, opened_by=actor)
    audit.record(
        "concern.opened",
        actor=actor,
        at=at,
        subject=concern,
        school=school,
        changes={"class": concern_class, "issue": audit.content(issue)},
    )
    return concern


@transaction.atomic
def close_concern(*, actor: User, concern: Concern, on: dt.date, reason: str, at: dt.datetime) -> Concern:
    require(actor, P.ASSIGNMENT_MANAGE, concern.school, on=at.date())
    if not reason.strip():
        raise Refused("Say why the concern is closed.", field="reason")
    if on < concern.starts_on:
        raise Refused("It cannot close before it opened.", field="on")
    concern.ends_on = on
    concern.save(update_fields=["ends_on"])
    audit.record("concern.closed", actor=actor, at=at, subject=concern, school=concern.school, reason=reason)
    return concern


@transaction.atomic
def give_warning_notice(*, actor: User, school: School, grounds: str, on: dt.date, at: dt.datetime) -> WarningNotice:
    """Record that a formal warning notice was given (EIA 2006 s.60). While it is in force the schemes count it."""
    require(actor, P.CATEGORY_MANAGE, school, on=at.date())
    if not grounds.strip():
        raise Refused("Say on what grounds the notice was given.", field="grounds")
    if on > at.date():
        raise Refused("A notice is recorded once it has been given. Check the date.", field="on")
    if WarningNotice.objects.filter(on_day(on), school=school).exists():
        raise Refused(f"{school.name} has a warning notice in force already.", field="on")
    notice = WarningNotice.objects.create(school=school, grounds=grounds.strip(), starts_on=on, given_by=actor)
    changes = {"on": on.isoformat(), "grounds": audit.content(grounds)}
    audit.record("notice.given", actor=actor, at=at, subject=notice, school=school, changes=changes)
    return notice


@transaction.atomic
def lift_warning_notice(*, actor: User, notice: WarningNotice, on: dt.date, at: dt.datetime) -> WarningNotice:
    """The last day on which it is in force."""
    require(actor, P.CATEGORY_MANAGE, notice.school, on=at.date())
    if on < notice.starts_on:
        raise Refused("It cannot be lifted before it was given.", field="on")
    notice.ends_on = on
    notice.save(update_fields=["ends_on"])
    audit.record("notice.lifted", actor=actor, at=at, subject=notice, school=notice.school, changes={"on": on.isoformat()})
    return notice
