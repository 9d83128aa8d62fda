"""Schools' money over the years: the closed year, the five before it, the plan by version; totals and counts as S8 to S11.

``year`` is always the year that opens (a report's ``--year``): 2008 means the closing balances of 2007/08 and the plans
from 2008/09. Sums in pence; nothing is divided but at the edge.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Max, QuerySet

from core.calendar import FinancialYear
from core.numbers import Rate
from schools.choices import ReturnState
from schools.models import BudgetPlanYear, FinanceReturn, RollCount, School
from schools.pack import FinancePart


class Return(NamedTuple):
    """A closed year as it was returned: see :class:`FinanceReturn`."""

    pk: int
    school_id: int
    financial_year: int
    state: str
    income_pence: int | None
    committed_pence: int | None
    uncommitted_pence: int | None
    reserve_pence: int | None
    to_capital_pence: int | None


RETURN = Return._fields


@dataclass(slots=True)
class Plan:
    """One version of a three-year plan: the balance at the end of each year, and what of revenue is to go into capital."""

    version: int
    received_on: dt.date
    balances: dict[int, int] = field(default_factory=dict)
    to_capital: int = 0

    @property
    def lines(self) -> list[tuple[FinancialYear, int]]:
        return [(FinancialYear(year), balance) for year, balance in sorted(self.balances.items())]


@dataclass(slots=True)
class Money:
    """One school's. ``returns`` by financial year; ``plans`` of the period, latest version first, each with its years."""

    pk: int
    phase: str
    year: int
    part: FinancePart
    returns: dict[int, Return] = field(default_factory=dict)
    plans: list[Plan] = field(default_factory=list)

    @property
    def closed(self) -> Return | None:
        return self.returns.get(self.year - 1)

    @property
    def before(self) -> Return | None:
        return self.returns.get(self.year - 2)

    @property
    def reserve(self) -> int | None:
        return self.closed.reserve_pence if self.closed else None

    @property
    def uncommitted(self) -> int | None:
        return self.closed.uncommitted_pence if self.closed else None

    @property
    def percent(self) -> Decimal | None:
        """The uncommitted balance as a share of income."""
        return _percent(self.uncommitted, self.closed.income_pence if self.closed else None)

    @property
    def excess(self) -> int | None:
        """By how much the closed year is above the threshold; None where it can't be known."""
        return self.excess_of(self.year - 1)

    def excess_of(self, year: int) -> int | None:
        row = self.returns.get(year)
        if row is None or row.uncommitted_pence is None or not row.income_pence:
            return None
        return self.part.excess(self.phase, uncommitted=row.uncommitted_pence, income=row.income_pence)

    @property
    def years_excess(self) -> tuple[int, int]:
        """In how many of the latest five years it was above the threshold, and of how many that can be said."""
        known = [
            excess for year in range(self.year - self.part.persistent_years, self.year) if (excess := self.excess_of(year)) is not None
        ]
        return sum(1 for excess in known if excess > 0), len(known)

    @property
    def is_large(self) -> bool:
        return self.reserve is not None and self.reserve > self.part.large_balance

    @property
    def is_persistent(self) -> bool:
        return self.years_excess[0] >= self.part.persistent_at_least

    @property
    def plan(self) -> Plan | None:
        return self.plans[0] if self.plans else None

    def balance(self, year: int, *, version_before: bool = False) -> int | None:
        """What the plan in force says of the end of a year; with ``version_before`` the one that it replaced."""
        plans = self.plans[1:] if version_before else self.plans
        return plans[0].balances.get(year) if plans else None

    @property
    def balances(self) -> list[int | None]:
        return [self.balance(year) for year in self.plan_years]

    @property
    def plan_years(self) -> range:
        return range(self.year, self.year + self.part.plan_years)

    @property
    def first_deficit(self) -> int | None:
        """First year of the plan that ends in deficit, from 1; 0 for none; None without a plan."""
        if self.plan is None:
            return None
        return next((place for place, balance in enumerate(self.balances, start=1) if balance is not None and balance < 0), 0)

    @property
    def to_capital_planned(self) -> int | None:
        return self.plan.to_capital if self.plan else None


def _percent(part: int | None, whole: int | None) -> Decimal | None:
    return Decimal(part) * 100 / whole if part is not None and whole else None


def money_of(schools: QuerySet[School], year: int, part: FinancePart) -> dict[int, Money]:
    """By school, in the order of their names. Three queries for all of them."""
    return read_money(schools, dict(schools.order_by("name", "urn").values_list("pk", "phase")), year, part)


def read_money(
    schools: QuerySet[School],
    phases: Mapping[int, str],
    year: int,
    part: FinancePart,
    *,
    returns: range | None = None,
    with_plans: bool = True,
) -> dict[int, Money]:
    """The same where the phases are at hand: in their order. ``returns`` says of which years, else all that count."""
    found = {pk: Money(pk, phase, year, part) for pk, phase in phases.items()}
    years = returns if returns is not None else range(year - part.persistent_years, year)
    rows = FinanceReturn.objects.filter(school__in=schools, financial_year__in=years).order_by()
    for row in map(Return._make, rows.values_list(*RETURN)):
        found[row.school_id].returns[row.financial_year] = row
    if not with_plans:
        return found
    kept: dict[int, Plan] = {}
    lines = BudgetPlanYear.objects.filter(plan__school__in=schools, plan__first_year=year).order_by("-plan__version", "financial_year")
    names = ("plan_id", "plan__school_id", "plan__version", "plan__received_on", "financial_year", "balance_pence", "to_capital_pence")
    for plan_id, school_id, version, received_on, financial_year, balance, to_capital in lines.values_list(*names):
        plan = kept.get(plan_id)
        if plan is None:
            plan = kept[plan_id] = Plan(version, received_on)
            found[school_id].plans.append(plan)
        plan.balances[financial_year] = balance
        plan.to_capital += to_capital
    return found


def opening_year(authority_id: int, on: dt.date) -> int:
    """The year that opens for this authority on a day: the one after the latest closed year whose returns it holds; where it
    holds none, the one under way."""
    current = FinancialYear.from_date(on).first
    held = FinanceReturn.objects.filter(authority=authority_id, financial_year__lt=current).aggregate(last=Max("financial_year"))["last"]
    return current if held is None else int(held) + 1


# ---------------------------------------------------------------- rolls


def rolls_of(schools: QuerySet[School] | Sequence[int], first: int, last: int) -> dict[int, dict[int, int]]:
    """Pupils by school and January. One query."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    rows = RollCount.objects.filter(school__in=schools, year__range=(first, last)).order_by()
    for school_id, year, pupils in rows.values_list("school_id", "year", "pupils"):
        found[school_id][year] = pupils
    return found


def roll_change(rolls: Mapping[int, int], year: int, years: int = 1) -> Decimal | None:
    """The change on so many Januaries earlier, in per cent."""
    now, before = rolls.get(year), rolls.get(year - years)
    if now is None or not before:
        return None
    return Decimal(now - before) * 100 / before


# ---------------------------------------------------------------- the term's briefing (S8 to S10)


@dataclass(frozen=True)
class Deficits:
    """One year of the plans: how many schools forecast a deficit, how much together; the same by the versions before."""

    year: FinancialYear
    schools: int
    total: int
    schools_before: int
    total_before: int


@dataclass(frozen=True)
class FinanceSummary:
    """What the finance briefing says. Every count with what it is of; sums in pence."""

    year: int
    reserves: int
    reserves_before: int
    uncommitted: int
    large: Rate
    over_threshold: int
    excess: int
    persistent: int
    static_rolls: Rate
    deficits: tuple[Deficits, ...]
    schools: int
    without_return: int
    without_plan: int
    without_roll: int

    @property
    def change_percent(self) -> Decimal | None:
        """Of all reserves on the year before; None without one."""
        return _percent(self.reserves - self.reserves_before, self.reserves_before or None)

    @property
    def closed(self) -> FinancialYear:
        return FinancialYear(self.year - 1)

    @property
    def january(self) -> int:
        return self.year


def summarise(money: Iterable[Money], rolls: Mapping[int, Mapping[int, int]], year: int, *, static_percent: Decimal) -> FinanceSummary:
    """No query: the sums and counts of :func:`money_of` and :func:`rolls_of`."""
    rows = list(money)
    with_return = [row for row in rows if row.reserve is not None]
    changes = [change for row in rows if (change := roll_change(rolls.get(row.pk, {}), year)) is not None]
    excesses = [row.excess for row in rows if row.excess]
    plan_years = rows[0].plan_years if rows else range(0)
    return FinanceSummary(
        year=year,
        reserves=sum(row.reserve or 0 for row in with_return),
        reserves_before=sum(row.before.reserve_pence or 0 for row in rows if row.before is not None),
        uncommitted=sum(row.uncommitted or 0 for row in rows),
        large=Rate(sum(row.is_large for row in with_return), len(with_return)),
        over_threshold=len(excesses),
        excess=sum(excesses),
        persistent=sum(row.is_persistent for row in rows),
        static_rolls=Rate(sum(change <= static_percent for change in changes), len(changes)),
        deficits=tuple(_deficits(rows, plan_year) for plan_year in plan_years),
        schools=len(rows),
        without_return=sum(1 for row in rows if row.reserve is None and not _is_federated(row)),
        without_plan=sum(row.plan is None for row in rows),
        without_roll=len(rows) - len(changes),
    )


def _is_federated(row: Money) -> bool:
    return row.closed is not None and row.closed.state == ReturnState.FEDERATED


def _deficits(rows: Sequence[Money], year: int) -> Deficits:
    now = [balance for row in rows if (balance := row.balance(year)) is not None and balance < 0]
    # a plan that has one version is its own version before: what did not change has not grown
    earlier = [balance for row in rows if (balance := row.balance(year, version_before=len(row.plans) > 1)) is not None and balance < 0]
    return Deficits(FinancialYear(year), len(now), -sum(now), len(earlier), -sum(earlier))
