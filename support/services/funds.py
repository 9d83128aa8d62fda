"""Funds and their append-only ledger: what is drawn is never more than the fund (S6)."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import F

from core import audit
from core.access import Conflict, Refused, require, same_authority
from core.components.formats import money_pence
from people.models import Authority, User
from people.roles import Permission as P
from schools.models import School
from support.choices import DrawdownStage
from support.models import Drawdown, DrawdownStep, Fund, Intervention, Programme


@transaction.atomic
def open_fund(
    *,
    actor: User,
    authority: Authority,
    code: str,
    label: str,
    financial_year: int,
    amount_pence: int,
    programme: Programme | None = None,
    at: dt.datetime,
) -> Fund:
    """Money of one financial year (by its first calendar year), of a programme or for brokering."""
    require(actor, P.FUND_MANAGE, authority, on=at.date())
    same_authority(authority, programme)
    if not code.strip() or not label.strip():
        raise Refused("Name the fund.", field="label")
    if amount_pence < 1:
        raise Refused("Enter the amount.", field="amount_pence")
    try:
        with transaction.atomic():
            fund = Fund.objects.create(
                authority=authority,
                programme=programme,
                code=code.strip(),
                label=label.strip(),
                financial_year=financial_year,
                amount_pence=amount_pence,
            )
    except IntegrityError:
        raise Conflict("That fund is open for the year already.") from None
    audit.record("fund.opened", actor=actor, at=at, subject=fund, authority=authority, changes={"pence": amount_pence})
    return fund


@transaction.atomic
def change_fund(*, actor: User, fund: Fund, amount_pence: int, reason: str, at: dt.datetime) -> Fund:
    """More or less of it, with a reason; never less than is drawn."""
    require(actor, P.FUND_MANAGE, fund, on=at.date())
    if not reason.strip():
        raise Refused("Say why the amount changes.", field="reason")
    if Fund.objects.filter(pk=fund.pk, drawn_pence__lte=amount_pence).update(amount_pence=amount_pence) != 1:
        fund.refresh_from_db()
        raise Refused(f"{money_pence(fund.drawn_pence)} of it are drawn already. Give some back first.", field="amount_pence")
    changes = {"pence": [fund.amount_pence, amount_pence]}
    fund.amount_pence = amount_pence
    audit.record("fund.changed", actor=actor, at=at, subject=fund, authority=fund.authority, changes=changes, reason=reason)
    return fund


def _may(actor: User, fund: Fund, school: School, on: dt.date) -> None:
    """Whoever keeps the funds, over a school that they are not walled from (domain.md §3)."""
    require(actor, P.FUND_MANAGE, fund, on=on)
    if school.pk in actor.hats.walled:
        raise Refused(f"You have an interest in {school.name}: another person keeps account of its money.", field="school")


@transaction.atomic
def draw_down(
    *,
    actor: User,
    fund: Fund,
    school: School,
    pence: int,
    what: str,
    reference: str = "",
    intervention: Intervention | None = None,
    on: dt.date,
    at: dt.datetime,
) -> Drawdown:
    """Agree money of the fund for a school. One conditional UPDATE takes it: of any number at once none overdraws."""
    _may(actor, fund, school, at.date())
    same_authority(fund, school)
    if intervention is not None and intervention.school_id != school.pk:
        raise Refused("That support is another school’s.", field="intervention")
    if pence < 1:
        raise Refused("Enter the amount.", field="pence")
    if not what.strip():
        raise Refused("Say what it is for.", field="what")
    if Fund.objects.filter(pk=fund.pk, drawn_pence__lte=F("amount_pence") - pence).update(drawn_pence=F("drawn_pence") + pence) != 1:
        fund.refresh_from_db()
        raise Refused(
            f"{fund}: {money_pence(fund.left_pence)} of {money_pence(fund.amount_pence)} {'is' if fund.left_pence == 100 else 'are'} left, and "
            f"{money_pence(pence)} is more than that. Nothing was drawn.",
            field="pence",
        )
    row = Drawdown.objects.create(
        fund=fund,
        school=school,
        intervention=intervention,
        pence=pence,
        what=what.strip(),
        reference=reference.strip(),
        on=on,
        by=actor,
        by_name=actor.name,
        at=at,
    )
    fund.refresh_from_db(fields=["drawn_pence"])
    audit.record("fund.drawn", actor=actor, at=at, subject=row, school=school, changes={"fund": str(fund), "pence": pence})
    return row


@transaction.atomic
def give_back(*, actor: User, drawdown: Drawdown, reason: str, on: dt.date, at: dt.datetime) -> Drawdown:
    """What was drawn goes back to the fund by an entry of its own, once; never what is paid."""
    _may(actor, drawdown.fund, drawdown.school, at.date())
    if not reason.strip():
        raise Refused("Say why the money goes back.", field="reason")
    if drawdown.pence < 0:
        raise Refused("This entry gives money back already.")
    Fund.objects.filter(pk=drawdown.fund_id).update(drawn_pence=F("drawn_pence"))  # one at a time over a fund
    if drawdown.steps.filter(stage=DrawdownStage.PAID).exists():
        raise Refused("It is paid. What comes back of it is entered by Finance, not here.")
    try:
        with transaction.atomic():
            row = Drawdown.objects.create(
                fund=drawdown.fund,
                school=drawdown.school,
                intervention=drawdown.intervention,
                pence=-drawdown.pence,
                gives_back=drawdown,
                what=reason.strip()[:200],
                on=on,
                by=actor,
                by_name=actor.name,
                at=at,
            )
    except IntegrityError:
        raise Conflict("It was given back a moment ago.") from None
    Fund.objects.filter(pk=drawdown.fund_id).update(drawn_pence=F("drawn_pence") - drawdown.pence)
    changes = {"fund": str(drawdown.fund), "pence": row.pence}
    audit.record("fund.given_back", actor=actor, at=at, subject=row, school=row.school, changes=changes, reason=reason)
    return row


@transaction.atomic
def step_drawdown(*, actor: User, drawdown: Drawdown, stage: str, reference: str = "", on: dt.date, at: dt.datetime) -> DrawdownStep:
    """Committed, claimed, paid: in this order, each once."""
    _may(actor, drawdown.fund, drawdown.school, at.date())
    order = list(DrawdownStage.values)
    Fund.objects.filter(pk=drawdown.fund_id).update(drawn_pence=F("drawn_pence"))  # one at a time over a fund
    if drawdown.pence < 0 or Drawdown.objects.filter(gives_back=drawdown).exists():
        raise Refused("It was given back.")
    done = drawdown.steps.count()
    if done == len(order) or order[done] != stage:
        now = DrawdownStage(order[done - 1]).label.lower() if done else "agreed"
        raise Conflict(f"It is {now}." if done == len(order) else f"It is {now}: next comes “{DrawdownStage(order[done]).label.lower()}”.")
    row = DrawdownStep.objects.create(drawdown=drawdown, stage=stage, on=on, reference=reference.strip(), by=actor, by_name=actor.name)
    changes = {"stage": stage, "on": on.isoformat(), "reference": row.reference}
    audit.record("fund.stepped", actor=actor, at=at, subject=drawdown, school=drawdown.school, changes=changes)
    return row
