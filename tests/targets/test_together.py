"""Targets of schools together, who is late and reminded, and ambition against outcome (domain §5, P10)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from core.outbox import OutboxEmail
from core.tabular.services import run
from people.models import User
from schools.models import School
from targets.choices import Level, TargetState
from targets.due import targets_due
from targets.models import Target
from targets.pack import Measure
from targets.selectors.reminders import recipients
from targets.selectors.target_rollup import ambition
from targets.services import Reminder, propose_targets, remind_of_targets
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, make_school
from tests.factories.targets import make_comparator, make_estimate, make_result

pytestmark = pytest.mark.django_db

MAIN = "ks2.l4_en_ma"
WHY = " ".join(["word"] * 45)


def target(
    school: School, value: Any, cohort: int | None = 30, *, summer: int = 2010, state: str = TargetState.AGREED, **more: Any
) -> Target:
    return Target.objects.create(
        school=school, measure=MAIN, summer=summer, value=value, proposed=value, cohort=cohort, state=state, changed_at=NOW, **more
    )


def test_targets_together_are_pupils_over_cohorts(world: World, client: Client, django_assert_max_num_queries: Any) -> None:
    make.load_england_2008(world.authority)
    north = world.oak.cluster
    hazel = make_school(world.authority, "Hazel Primary School", cluster=north)
    target(world.oak, 80, 10)
    target(hazel, 60, 30, state=TargetState.NOT_AGREED)
    target(world.ash, 70, None, state=TargetState.PROPOSED)  # no cohort is known: counted, and not in the sum
    make_result(world.oak, MAIN, numerator=5, cohort=10)
    make_result(hazel, MAIN, numerator=15, cohort=30)
    make_comparator(world.authority, MAIN, 70, level=Level.TARGET, year=2009)
    client.force_login(world.manager)
    with django_assert_max_num_queries(16):
        page = client.get("/targets/together/", {"target": f"{MAIN}.2010"})
    whole = page.context["whole"]
    assert (whole.decided, whole.apart, whole.targets.schools, whole.targets.pupils) == (2, 1, 2, 40)
    assert whole.targets.figure == Decimal(65)  # 8 and 18 pupils of 40, not the mean of 80 and 60
    assert whole.result.figure == Decimal(50) and page.context["gap"].endswith("5.0") and not page.context["gap"].startswith("+")
    assert sum(row["line"].schools for row in page.context["table"][1:]) == whole.schools
    assert all(row["line"].late == 0 for row in page.context["table"])
    by_phase = client.get("/targets/together/", {"target": f"{MAIN}.2010", "by": "phase"}).context["table"]
    assert [row["label"] for row in by_phase] == [world.authority.name, "Primary"]
    sheet = client.get("/targets/together/export/csv/", {"target": f"{MAIN}.2010"}).content.decode()
    assert "65" in sheet and "set without" not in sheet.splitlines()[1]
    client.force_login(world.head)
    assert client.get("/targets/together/").status_code == 403


def test_ambition_against_outcome_protects_small_numbers(world: World, client: Client) -> None:
    make.load_england_2008(world.authority)
    modest = [make_school(world.authority, f"Modest {number}") for number in range(5)]
    bold = [make_school(world.authority, f"Bold {number}") for number in range(6)]
    lone = make_school(world.authority, "Lone")
    for school, aim, after in [*((one, 65, 63) for one in modest), *((one, 75, 70) for one in bold), (lone, 50, 55)]:
        target(school, aim, summer=2008, state=TargetState.SUBMITTED, was_agreed=True)
        make_estimate(school, MAIN, 62, year=2007)
        make_result(school, MAIN, 60, year=2005)
        make_result(school, MAIN, after, year=2007)
    target(world.oak, 90, summer=2008, state=TargetState.SUBMITTED, was_agreed=True)  # no results: left out
    client.force_login(world.manager)
    page = client.get("/targets/ambition/")
    found = page.context["found"]
    # the one school below its estimate is no band of its own: it stands with its neighbours
    assert [(band.schools, band.gain) for band in found.bands] == [(6, Decimal(3 * 5 - 5) / 6), (6, Decimal(10))]
    assert (found.compared, found.left_out, found.met) == (12, 1, 1)
    assert "gained more than" in page.context["say"] and "n = 6" in page.content.decode()
    assert "Lone" not in page.content.decode()
    few = ambition(
        School.objects.filter(pk__in=[one.pk for one in bold[:4]]), _measure(world), 2008, set_in=2006, points=Decimal(5), smallest=5
    )
    assert few.is_small and not few.is_told and all(band.gain is None for band in few.bands)


def _measure(world: World) -> Measure:
    from people.packs import require_pack
    from targets.pack import measures_of

    return measures_of(require_pack(world.authority, TODAY).content).measure(MAIN)


def test_who_is_late_is_due_reminded_and_below_the_floor_told(world: World, client: Client) -> None:
    make.load_england_2008(world.authority)
    late = dt.date(2008, 12, 8)
    target(world.oak, 70, state=TargetState.ACCEPTED)

    def titles(user: User, on: dt.date) -> list[str]:
        return [item.title for item in targets_due(user, on)]

    chair = world.fresh("chair")
    assert titles(chair, late) == [f"Agree or set the targets of {world.oak.name}"] and titles(chair, dt.date(2008, 10, 1)) == []
    assert any("late with targets" in title for title in titles(world.fresh("manager"), late))
    assert titles(world.fresh("officer"), late) == []

    to = recipients([world.oak.pk], TODAY)
    reminders = [Reminder(world.oak, "signed", late, to[world.oak.pk])]
    with pytest.raises(PermissionDenied):
        remind_of_targets(actor=world.fresh("sip"), authority=world.authority, reminders=reminders, at=NOW)
    told = remind_of_targets(actor=world.fresh("manager"), authority=world.authority, reminders=reminders, at=NOW)
    assert {name.partition(",")[0] for name in told} >= {world.head.name, world.chair.name}
    remind_of_targets(actor=world.fresh("manager"), authority=world.authority, reminders=reminders, at=NOW)  # the same day: no second email
    emails = OutboxEmail.objects.filter(context_kind="reminder")
    assert emails.count() == len(told) and not any("70" in email.body for email in emails)

    make_estimate(world.ash, value="63", year=2009, kind="B", cohort=30)
    rows = {f"{MAIN}.2010": {"value": Decimal(50), "rationale": WHY}}
    Target.objects.filter(school=world.oak).update(state=TargetState.PROPOSED)
    propose_targets(actor=world.fresh("head"), school=world.oak, academic_year=2008, rows=rows, at=NOW)
    mail = OutboxEmail.objects.filter(context_kind="target")
    assert world.manager.email in {email.to_address for email in mail} and not any("50" in email.body for email in mail)
    assert any("below the floor" in title for title in titles(world.fresh("manager"), TODAY))


def test_targets_from_a_file(world: World, tmp_path: Path) -> None:
    make.load_england_2008(world.authority)
    oak = world.oak
    target(world.ash, 75)

    def load(text: str, name: str) -> dict[str, Any]:
        path = tmp_path / name
        path.write_text(text)
        with path.open("rb") as file:
            batch = run(
                actor=world.fresh("administrator"), kind="targets", authority_code="999", file=file, file_name=name, at=NOW, on=TODAY,
                should_commit=True,
            )  # fmt: skip
        return {**batch.summary, "held_rows": batch.held}

    head = "URN,Measure,Summer,Target,Cohort,Standing"
    report = load(
        f"{head}\n{oak.urn},{MAIN},2008,71,28,set without agreement\n{oak.urn},{MAIN},2010,74%,30,\n{world.ash.urn},{MAIN},2010,60,30,\n"
        f"999998,{MAIN},2008,60,30,\n",
        "targets.csv",
    )
    assert (report["created"], report["held"], report["error_count"]) == (2, 2, 0)
    assert "Change it in the round" in " ".join(str(row) for row in report["held_rows"])
    before, now = Target.objects.filter(school=oak).order_by("summer")
    assert (before.state, before.was_agreed, before.value) == (TargetState.SUBMITTED, False, 71)
    assert (now.state, now.proposed, now.cohort) == (TargetState.PROPOSED, 74, 30) and now.steps.get().action == "propose"
    assert load(f"{head}\n{oak.urn},{MAIN},2010,74,30,\n", "again.csv")["unchanged"] == 1
    wrong = load(f"{head}\n{oak.urn},ks4.ac5_en_ma,2010,50,30,\n{oak.urn},{MAIN},2011,50,30,\n{oak.urn},none,2010,5,1,\n", "wrong.csv")
    assert wrong["error_count"] == 3 and not wrong["committed"]
