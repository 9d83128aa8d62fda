"""Facts of measures: every suffix, the four values, few queries however many schools."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from core.facts import FactQuestion, FactTable, Standing, gather
from schools.choices import Phase
from schools.models import RollCount, School
from targets.choices import Level, Release
from targets.models import Target
from tests.factories.people import NOW
from tests.factories.schools import World, make_school
from tests.factories.targets import make_comparator, make_estimate, make_result

pytestmark = pytest.mark.django_db

ON = dt.date(2008, 10, 14)
MAIN = "ks2.l4_en_ma"


def ask(world: World, *codes: str, pooled_below: int = 0, schools: Any = None, on: dt.date = ON) -> FactTable:
    subjects = School.objects.filter(authority=world.authority) if schools is None else schools
    return gather(codes, FactQuestion(subjects, on, world.authority, pooled_below))


def test_every_suffix_of_one_school(world: World) -> None:
    oak = world.oak
    for year, reached in ((2003, 25), (2004, 24), (2005, 23), (2006, 21), (2007, 18)):
        make_result(oak, numerator=reached, cohort=30, year=year, release=Release.FINAL if year < 2007 else Release.PROVISIONAL)
    make_result(world.ash, numerator=27, cohort=30)
    make_result(oak, pupil_group="girls", value="70")
    make_result(oak, pupil_group="boys", value="55")
    make_result(oak, "ks2.cva", value="99.1", lower=Decimal("98.2"), upper=Decimal(100), cohort=30)
    for summer, value in ((2008, 70), (2009, 72)):
        Target.objects.create(school=oak, measure=MAIN, summer=summer, state="agreed", value=value, changed_at=NOW)
    make_estimate(oak, value="66")
    make_estimate(oak, value="74", kind="D")
    make_comparator(world.authority, "ks2.cva", value="100.2", level=Level.AUTHORITY)
    suffixes = {
        "": 60, "previous": 70, "change_1y": -10, "change_3y": -20, "falls_running": 4, "rises_running": 0, "national": 73, "la": 75,
        "estimate_b": 66, "estimate_d": 74, "target": 72, "target_missed_by": 10, "cohort": 30, "gap.girls_boys": 15,
    }  # fmt: skip
    codes = [f"{MAIN}.{suffix}".rstrip(".") for suffix in suffixes]
    table = ask(
        world,
        *codes,
        f"{MAIN}.mean_3y",
        "ks2.cva.lower",
        "ks2.cva.upper",
        "ks2.cva.la",
        f"{MAIN}.current",
        "ks2.l4_en.floor",
        MAIN + ".floor",
    )
    for code, expected in zip(codes, suffixes.values(), strict=True):
        assert table.value(code, oak.pk).value == expected, code
    assert round(table.value(f"{MAIN}.mean_3y", oak.pk).value, 1) == Decimal("68.9")
    assert table.value(MAIN, oak.pk).mark == "provisional"
    assert (table.value("ks2.cva.lower", oak.pk).value, table.value("ks2.cva.la", oak.pk).value) == (Decimal("98.2"), Decimal("100.2"))
    assert table.value(f"{MAIN}.current", oak.pk).standing is Standing.UNKNOWN
    assert table.value(f"{MAIN}.floor", oak.pk).value == 55
    assert table.value("ks2.l4_en.floor", oak.pk).standing is Standing.UNKNOWN  # no result of it is held


def test_the_four_values(world: World) -> None:
    make_result(world.oak, numerator=20, cohort=30)
    make_result(world.ash, reason="suppressed", code="SUPP", cohort=4)
    make_result(world.rowan, reason="low_coverage", code="LOWCOV")
    table = ask(world, MAIN, f"{MAIN}.change_1y", f"{MAIN}.fsm", "ks2.l4_sc", "ks9.none")
    told = {name: table.value(MAIN, world.schools[name].pk) for name in ("oak", "ash", "rowan", "yew", "elm", "fir")}
    assert {name: value.standing.value for name, value in told.items()} == {
        "oak": "figure", "ash": "suppressed", "rowan": "unknown", "yew": "unknown", "elm": "does not apply", "fir": "unknown",
    }  # fmt: skip
    assert "2007/08" in told["yew"].why
    assert "so few pupils" in told["ash"].why
    assert table.value(f"{MAIN}.change_1y", world.oak.pk).why.startswith("No result of 2006/07")
    assert "No results of 2007/08 or the year before" in table.value("ks2.l4_sc", world.oak.pk).why
    assert table.value(f"{MAIN}.fsm", world.oak.pk).standing is Standing.UNKNOWN
    assert "ks9.none" not in table.answers
    nobody = ask(world, MAIN, on=dt.date(2013, 1, 1))
    assert nobody.value(MAIN, world.oak.pk).standing is Standing.UNKNOWN  # old figures decide nothing


def test_small_cohorts_are_judged_on_three_years(world: World) -> None:
    for year, reached, cohort in ((2005, 9, 12), (2006, 6, 10), (2007, 3, 8)):
        make_result(world.oak, numerator=reached, cohort=cohort, year=year)
    make_result(world.ash, numerator=20, cohort=30)
    plain = ask(world, MAIN).value(MAIN, world.oak.pk)
    pooled = ask(world, MAIN, pooled_below=11)
    assert plain.value == Decimal("37.5")
    assert (pooled.value(MAIN, world.oak.pk).value, pooled.value(MAIN, world.oak.pk).mark) == (60, "three years together")
    assert (pooled.value(MAIN, world.ash.pk).mark, round(pooled.value(MAIN, world.ash.pk).value)) == ("", 67)


def test_floors_and_similar_schools(world: World) -> None:
    for year, value in ((2006, "64"), (2007, "63")):
        make_result(world.oak, "ks2.l4_en", value, year=year, cohort=30)
        make_result(world.fir, "ks2.l4_en", value, year=year, cohort=30)
    table = ask(world, "ks2.l4_en.years_below_floor", "ks2.l4_en.floor")
    assert (table.value("ks2.l4_en.years_below_floor", world.oak.pk).value, table.value("ks2.l4_en.floor", world.oak.pk).value) == (2, 65)
    assert table.value("ks2.l4_en.floor", world.fir.pk).standing is Standing.DOES_NOT_APPLY
    schools = [make_school(world.authority, f"S{number}", phase=Phase.PRIMARY) for number in range(15)]
    for number, school in enumerate(schools):
        RollCount.objects.create(authority=world.authority, school=school, year=2008, pupils=200, fsm=Decimal(number))
        make_result(school, value=str(60 + number), cohort=30)
    similar = ask(world, f"{MAIN}.similar")
    assert [similar.value(f"{MAIN}.similar", school.pk).value for school in schools[:4]] == [61, 61, 61, 64]
    assert "January count" in similar.value(f"{MAIN}.similar", world.oak.pk).why


def test_one_school_and_a_hundred_cost_the_same_queries(world: World, django_assert_max_num_queries: Any) -> None:
    codes = [
        MAIN,
        f"{MAIN}.change_3y",
        f"{MAIN}.la",
        f"{MAIN}.national",
        f"{MAIN}.similar",
        "ks2.cva.upper",
        "absence.total",
        f"{MAIN}.estimate_d",
        f"{MAIN}.target",
    ]
    make_result(world.oak, numerator=20, cohort=30)
    ask(world, MAIN)  # the pack is read once in a process
    with django_assert_max_num_queries(11):
        one = ask(world, *codes, schools=School.objects.filter(pk=world.oak.pk))
    for school in [make_school(world.authority, phase=Phase.PRIMARY) for _ in range(100)]:
        make_result(school, numerator=25, cohort=30)
    with django_assert_max_num_queries(11):
        many = ask(world, *codes)
    assert one.value(MAIN, world.oak.pk).value == many.value(MAIN, world.oak.pk).value
