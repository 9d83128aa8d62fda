"""Finance of one school, as a tab: what its money says, year by year, beside its standards (S8 to S11)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse

from core.access import can
from core.calendar import FinancialYear
from core.charts import Role, Series, Trend
from core.numbers import format_change, format_percent
from people.packs import packs_for, require_pack
from people.roles import GRANTS
from people.roles import Permission as P
from schools.choices import ReturnState
from schools.models import FinanceChallenge, School
from schools.pack import finance_of
from schools.registries import Flag
from schools.selectors.finance import Money, roll_change

from .flags import finance_flags


def sees_finance(user: Any, school: School) -> bool:
    """By a hat at the school, the wall applied; no database."""
    return any(P.FINANCE_VIEW in GRANTS[hat] for hat in user.hats.at(school))


def finance_tab(user: Any, school: School, on: dt.date) -> dict[str, Any]:
    pack = packs_for(user, on).get(school.authority_id) or require_pack(school.authority, on)
    part = finance_of(pack.content)
    found = finance_flags(School.objects.filter(pk=school.pk), pack, on)
    money, rolls = found.money[school.pk], found.rolls.get(school.pk, {})
    percent = part.percent_for(school.phase)
    years = [FinancialYear(year) for year in range(found.year - part.persistent_years, found.year)]
    return {
        "flags": found.of(school.pk),
        "unknown": found.unknown.get(school.pk, ()),
        "years": [_line(money, year) for year in years],
        "money": money,
        "closed": FinancialYear(found.year - 1),
        "threshold": format_percent(percent, 0 if percent == percent.to_integral_value() else 1) if percent is not None else "",
        "least": part.minimum_excess,
        "plan_years": [
            (FinancialYear(year), money.balance(year), money.balance(year, version_before=True) if len(money.plans) > 1 else None)
            for year in money.plan_years
        ],
        "opens": FinancialYear(found.year),
        "rolls": [(year, pupils, _said(roll_change(rolls, year))) for year, pupils in sorted(rolls.items(), reverse=True)][:5],
        "chart": _chart(money, years, percent),
        "challenges": list(FinanceChallenge.objects.filter(school=school)),
        "may_challenge": can(user, P.FINANCE_CHALLENGE, school, on=on),
    }


def flags_of_money(user: Any, schools: Sequence[School], on: dt.date) -> Mapping[int, Sequence[Flag]]:
    """The finance flags of schools whose money the person sees: the figure, and what a SIP asks."""
    mine = [school for school in schools if sees_finance(user, school)]
    pack = packs_for(user, on).get(mine[0].authority_id) if mine else None
    if pack is None:
        return {}
    here = School.objects.filter(pk__in=[school.pk for school in mine], authority=pack.authority)
    found = finance_flags(here, pack, on)
    return {
        school.pk: [
            Flag(
                fired.figure,
                fired.flag.label,
                fired.flag.ask,
                reverse("schools:school-tab", args=[pack.authority.code, school.urn, "finance"]),
            )
            for fired in found.of(school.pk)
        ]
        for school in mine
    }


def _said(change: Decimal | None) -> str:
    return f"{format_change(change, 1)}%" if change is not None else ""


def _line(money: Money, year: FinancialYear) -> dict[str, Any]:
    row = money.returns.get(year.first)
    share = (
        Decimal(row.uncommitted_pence) * 100 / row.income_pence if row and row.uncommitted_pence is not None and row.income_pence else None
    )
    why = ""
    if row is None:
        why = "no return held"
    elif row.state != ReturnState.SUPPLIED:
        why = ReturnState(row.state).label
    return {
        "year": year,
        "row": row if not why else None,
        "why": why,
        "share": share,
        "share_said": format_percent(share, 1) if share is not None else "",
        "excess": money.excess_of(year.first),
    }


def _chart(money: Money, years: list[FinancialYear], percent: Decimal | None) -> Trend | None:
    """The uncommitted balance as a share of income over the years, with the threshold where there is one."""
    values = [line["share"] for line in (_line(money, year) for year in years)]
    if sum(value is not None for value in values) < 2:
        return None
    series = [Series("Uncommitted balance", Role.SUBJECT, values, "Balance")]
    if percent is not None:
        series.append(Series("Threshold for the phase", Role.TARGET, [percent] * len(years), "Threshold"))
    return Trend(
        key="reserve-share",
        heading="Uncommitted balance as a share of income",
        points=[year.label for year in years],
        series=series,
        decimals=1,
        source=f"Returns to {years[-1].long_label}",
    )
