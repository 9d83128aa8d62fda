"""An authority of the briefings' size whose figures are theirs: key issues of P22 and P23, finance of S8 to S10 (domain.md §9)."""

from __future__ import annotations

import datetime as dt

from people.models import Authority
from schools.choices import Phase
from schools.models import BudgetPlan, BudgetPlanYear, FinanceReturn, Inspection, KeyIssue, RollCount, School

KEY_ISSUES = {
    "marking": 136, "writing": 126, "mathematics": 98, "teaching": 87, "more-able": 67,
    "science": 64, "challenge": 64, "monitoring": 55, "assessment": 55, "tracking": 51,
}  # fmt: skip
PHASES = ((Phase.PRIMARY, 450), (Phase.SECONDARY, 101), (Phase.SPECIAL, 17), (Phase.PRU, 7))
LARGE, PERSISTENT, STATIC = 92, 60, 294
DEFICITS = ((2008, 10, 60_000), (2009, 42, 69_000), (2010, 64, 121_875))
"""Year, schools, pounds each: £0.6m, £2.9m, £7.8m."""


def make_county(authority: Authority) -> list[School]:
    """575 schools, in bulk."""
    phases = [phase for phase, count in PHASES for _ in range(count)]
    School.objects.bulk_create(
        School(authority=authority, urn=910_000 + place, name=f"School {place:03}", phase=phase) for place, phase in enumerate(phases)
    )
    return list(School.objects.filter(authority=authority, urn__gte=910_000).order_by("urn"))


def inspect(authority: Authority, schools: list[School]) -> None:
    """One inspection of each primary school; each theme told to as many schools as the briefing counts, spread round."""
    primaries = [school for school in schools if school.phase == Phase.PRIMARY]
    Inspection.objects.bulk_create(
        Inspection(authority=authority, school=school, framework="2005", starts_on=dt.date(2006, 1, 9) + dt.timedelta(place * 2), overall=2)
        for place, school in enumerate(primaries)
    )
    held = {row.school_id: row for row in Inspection.objects.filter(authority=authority)}
    told: dict[int, int] = dict.fromkeys(held, 0)
    issues, start = [], 0
    for theme, count in KEY_ISSUES.items():
        for place in range(count):
            school = primaries[(start + place) % len(primaries)]
            told[school.pk] += 1
            issues.append(KeyIssue(inspection=held[school.pk], school=school, place=told[school.pk], text=f"Improve: {theme}", theme=theme))
        start += count
    KeyIssue.objects.bulk_create(issues)


def account(authority: Authority, schools: list[School]) -> None:
    """Returns to 2007/08, plans from 2008/09 in one version, January counts of 2007 and 2008."""
    returns = []
    for place, school in enumerate(schools):
        is_large, is_high = place < LARGE, place < PERSISTENT
        for year in range(2003 if is_high else 2006, 2008):
            reserve = (450_000 if year == 2007 else 420_000) if is_large else (54_200 if year == 2007 else 50_500)
            uncommitted = 250_000 if is_high else 25_400
            returns.append(
                FinanceReturn(
                    authority=authority,
                    school=school,
                    financial_year=year,
                    income_pence=(2_000_000 if is_high else 1_000_000) * 100,
                    committed_pence=(reserve - uncommitted) * 100,
                    uncommitted_pence=uncommitted * 100,
                    reserve_pence=reserve * 100,
                )
            )
    FinanceReturn.objects.bulk_create(returns)
    BudgetPlan.objects.bulk_create(
        BudgetPlan(authority=authority, school=school, first_year=2008, version=1, received_on=dt.date(2008, 5, 30)) for school in schools
    )
    plans = {row.school_id: row for row in BudgetPlan.objects.filter(authority=authority)}
    BudgetPlanYear.objects.bulk_create(
        BudgetPlanYear(plan=plans[school.pk], financial_year=year, balance_pence=(-pounds if place >= 575 - count else 10_000) * 100)
        for year, count, pounds in DEFICITS
        for place, school in enumerate(schools)
    )
    RollCount.objects.bulk_create(
        RollCount(authority=authority, school=school, year=year, pupils=200 if year == 2007 else 202 if place < STATIC else 210)
        for place, school in enumerate(schools)
        for year in (2007, 2008)
    )
