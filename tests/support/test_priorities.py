"""The priority list and the finance flags: the pack's rules over facts, with the rule and figure for each school (P24, S8 to S11)."""

from __future__ import annotations

import datetime as dt
import io
import json

import pytest
from django.core.management import call_command

from people.packs import require_pack
from schools.choices import Phase
from schools.models import BudgetPlan, BudgetPlanYear, FinanceReturn, Inspection, InspectionGrade, School
from support.flags import finance_flags
from support.priorities import priority_list
from tests.factories.people import TODAY
from tests.factories.schools import World, build_world, make_school

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


def inspected(school: School, on: dt.date, overall: int, capacity: int | None = None, **values: object) -> None:
    row = Inspection.objects.create(authority=school.authority, school=school, framework="2005", starts_on=on, overall=overall, **values)
    if capacity:
        InspectionGrade.objects.create(inspection=row, area="capacity", grade=capacity)


def test_each_school_has_its_rules_with_their_figures_and_unknown_is_counted_never_passed(world: World) -> None:
    inspected(world.oak, dt.date(2007, 3, 14), 3, 3)
    inspected(world.ash, dt.date(2005, 11, 8), 2, 2)
    inspected(world.elm, dt.date(2007, 5, 2), 4, 4, category="special-measures", category_left_on=dt.date(2008, 6, 10))
    inspected(world.yew, dt.date(2007, 5, 2), 3)
    infants = make_school(world.authority, "Acorn Infant School", phase=Phase.INFANT)
    inspected(infants, dt.date(2005, 10, 11), 2, 2)
    schools = School.objects.filter(authority=world.authority).open_on(TODAY)
    found = priority_list(schools, require_pack(world.authority, TODAY), TODAY)
    reasons = {line.school.pk: [reason.code for reason in line.reasons] for line in found.lines}
    assert reasons == {
        world.oak.pk: ["satisfactory-capacity"],
        world.ash.pk: ["early-inspection"],
        world.elm.pk: ["was-in-category"],
        world.rowan.pk: ["not-inspected"],
        world.fir.pk: ["not-inspected"],
        world.pru.pk: ["not-inspected"],
        infants.pk: ["early-inspection"],  # long ago, and no Key Stage 2: never below its floor
    }
    oak = next(line for line in found.lines if line.school == world.oak).reasons[0]
    assert oak.figures == ("overall satisfactory", "capacity satisfactory", "last inspected 14 March 2007")
    counts = {count.priority.code: (count.fired, count.unknown) for count in found.counts}
    assert counts["not-inspected"] == (3, 0)
    assert counts["satisfactory-capacity"] == (1, 4), "yew's capacity is not held; three were not inspected"
    assert counts["low-or-declining"][0] == 0, "no results are loaded"
    assert [line.school for line in found.only("early-inspection")] == [infants, world.ash]
    asked = {count.priority.code: count.asked for count in found.counts}
    assert asked["below-floor-and"] == schools.filter(phase__in=["primary", "junior"]).count() < asked["not-inspected"]

    out = io.StringIO()
    call_command("priority_list", "--authority", "999", "--format", "json", stdout=out)
    printed = json.loads(out.getvalue())
    assert (printed["schools_open"], len(printed["schools"])) == (8, 7)
    assert next(rule for rule in printed["rules"] if rule["rule"] == "satisfactory-capacity")["unknown"] == 4


def money(school: School, year: int, income: int, uncommitted: int, committed: int = 0) -> None:
    FinanceReturn.objects.create(
        authority=school.authority, school=school, financial_year=year, income_pence=income * 100,
        uncommitted_pence=uncommitted * 100, committed_pence=committed * 100, reserve_pence=(uncommitted + committed) * 100,
    )  # fmt: skip


def planned(school: School, *balances: int, to_capital: int = 0) -> None:
    plan = BudgetPlan.objects.create(
        authority=school.authority, school=school, first_year=2008, version=1, received_on=dt.date(2008, 5, 30)
    )
    for place, balance in enumerate(balances):
        BudgetPlanYear.objects.create(
            plan=plan, financial_year=2008 + place, balance_pence=balance * 100, to_capital_pence=to_capital * 100 if not place else 0
        )


def test_flags_of_a_school_s_money_and_the_compound_of_capital_and_deficit(world: World) -> None:
    """S11: reserves planned into capital together with a forecast deficit. Thresholds by phase, net of commitments."""
    for year in range(2003, 2008):
        money(world.oak, year, 900_000, 90_000)
    money(world.ash, 2007, 900_000, 60_000, 200_000)
    money(world.elm, 2007, 4_000_000, -20_000)
    planned(world.oak, 20_000, 5_000, -9_000, to_capital=40_000)
    planned(world.ash, 20_000, 20_000, 20_000)
    planned(world.elm, -60_000, -80_000, -90_000)
    schools = School.objects.filter(authority=world.authority).open_on(TODAY)
    found = finance_flags(schools, require_pack(world.authority, TODAY), TODAY)
    codes = {pk: [fired.flag.code for fired in flags] for pk, flags in found.fired.items()}
    assert codes[world.oak.pk] == ["excess-balance", "persistent-excess", "deficit-forecast", "capital-risk"]
    assert codes[world.ash.pk] == ["large-balance"], "the committed part is no excess"
    assert codes[world.elm.pk] == ["deficit-forecast", "deficit-next-year", "deficit-now"]
    assert codes[world.yew.pk] == ["plan-missing"]
    assert found.counts["deficit-forecast"] == 2
    assert "excess-balance" in [flag.code for flag in found.unknown[world.yew.pk]], "no return is not a low balance"
    assert "falling-roll" in [flag.code for flag in found.unknown[world.oak.pk]]
