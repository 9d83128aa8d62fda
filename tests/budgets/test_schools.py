"""The same number of queries for one row as for many: at most 6 beyond session, user and hats on lists and forms, at most
14 on the pages of a school and the plan (architecture.md rule 11)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from schools.choices import ContactKind, ContactState
from schools.models import (
    BudgetPlan,
    BudgetPlanYear,
    FinanceReturn,
    Inspection,
    InspectionGrade,
    KeyIssue,
    Readiness,
    RollCount,
    School,
)
from schools.services import draft_plan, open_challenge
from targets.models import Target
from tests.factories.concerns import open_case
from tests.factories.people import NOW, make_sip, make_user
from tests.factories.schools import World, make_assignment, make_contact, make_days, make_school
from tests.factories.targets import make_estimate, make_result

pytestmark = pytest.mark.django_db

SESSION_USER_HATS = 7
"""Session and user; roles and their clusters; SIP profiles; mentorships; the school side."""


def inspected_and_accounted(world: World, schools: list[School]) -> None:
    """Inspections with grades and key issues, returns, plans, January counts, readiness and a challenge of each school."""
    for school in schools:
        for year in (2005, 2007):
            row = Inspection.objects.create(
                authority=world.authority, school=school, framework="2005", starts_on=dt.date(year, 11, 8), overall=3
            )
            InspectionGrade.objects.create(inspection=row, area="capacity", grade=3)
            KeyIssue.objects.create(inspection=row, school=school, text="Marking", theme="marking")
            money = {"income_pence": 90_000_000, "uncommitted_pence": 9_900_000, "reserve_pence": 9_900_000}
            FinanceReturn.objects.create(authority=world.authority, school=school, financial_year=year, **money)
            RollCount.objects.create(authority=world.authority, school=school, year=year, pupils=200)
        for version in (1, 2):
            plan = BudgetPlan.objects.create(
                authority=world.authority, school=school, first_year=2008, version=version, received_on=dt.date(2008, 5, 30)
            )
            for year in (2008, 2009, 2010):
                BudgetPlanYear.objects.create(plan=plan, financial_year=year, balance_pence=-100)
        open_case(world, school)
        Readiness.objects.create(school=school, academic_year=2008, item="schedule", state="yes", by=world.sip, at=NOW)
        open_challenge(actor=world.finance_officer, school=school, flag="excess-balance", why="What is it for?", at=NOW)
        has_results(school)


def has_results(school: School) -> None:
    for measure, year in (("ks2.l4_en_ma", 2007), ("ks2.l4_en_ma", 2006), ("fsp.gld", 2007)):
        make_result(school, measure, numerator=20, cohort=30, year=year)


def grow(world: World) -> None:
    """More of everything that the pages show."""
    inspected_and_accounted(world, [world.ash, world.elm])
    for number in range(4):
        person = make_user(f"Sip Number {number}", authority=world.authority)
        make_sip(person, world.authority)
        school = make_school(world.authority, cluster=world.north)
        make_assignment(person, school)
        make_days(person, school, 20)
        make_contact(school, user=make_user(authority=world.authority))
        make_contact(world.oak, ContactKind.GOVERNOR)
        make_contact(world.oak, ContactKind.CLERK, state=ContactState.REPORTED)
        make_contact(world.oak, ContactKind.HEAD, ends_on=NOW.date().replace(year=2007))
        make_school(world.authority, cluster=world.south)
        has_results(school)
        for measure in ("ks2.l4_en_ma", "ks2.prog2_en"):
            Target.objects.get_or_create(
                school=school, measure=measure, summer=2010, state="proposed", value=70, defaults={"changed_at": NOW}
            )


def round_url(world: World) -> str:
    """With a result, an estimate and a target from the beginning: a page without any asks less."""
    if not Target.objects.filter(school=world.oak).exists():
        make_result(world.oak, "ks2.l4_en", numerator=20, cohort=30)
        make_estimate(world.oak, "ks2.l4_en_ma", year=2009)
        Target.objects.create(school=world.oak, measure="ks2.l4_en_ma", summer=2010, state="proposed", value=70, changed_at=NOW)
    return reverse("targets:target-round", args=["999", world.oak.urn])


def report_url(world: World) -> str:
    """A year's document over the whole authority: so many tables in one, each in the same few queries however many schools."""
    round_url(world)
    return reverse("quality:report")


def plan_url(world: World) -> str:
    if not world.authority.plans.exists():
        draft_plan(actor=world.manager, authority=world.authority, academic_year=2009, at=NOW)
    return reverse("schools:plan-detail", args=["999", 2009])


PAGES: list[tuple[str, str, int, Callable[[World], str]]] = [
    ("school-list", "manager", 6, lambda world: reverse("schools:school-list")),
    ("school-list of a SIP", "sip", 6, lambda world: reverse("schools:school-list")),
    ("school-suggest", "manager", 6, lambda world: reverse("schools:school-suggest") + "?q=sch"),
    ("school", "manager", 14, lambda world: world.oak.get_absolute_url()),
    ("school for its head", "head", 14, lambda world: world.oak.get_absolute_url()),
    ("people tab", "administrator", 14, lambda world: world.oak.get_absolute_url() + "people/"),
    ("timeline tab", "sip", 14, lambda world: world.oak.get_absolute_url() + "timeline/"),
    ("results tab", "manager", 14, lambda world: world.oak.get_absolute_url() + "results/"),
    # with its cluster, and the facts of similar schools
    ("making figures speak", "manager", 20, lambda world: reverse("targets:figures-speak", args=["999", world.oak.urn, "key-stage-2"])),
    # the flags of money ask facts of money, rolls and results, each once a table
    ("summary sheet", "manager", 24, lambda world: reverse("targets:summary-sheet", args=["999", world.oak.urn])),
    ("target round", "manager", 6, lambda world: reverse("targets:target-list")),
    ("targets together", "manager", 9, lambda world: reverse("targets:target-roll-up")),  # and last results, estimates, the LA's own
    ("ambition", "manager", 6, lambda world: reverse("targets:target-ambition")),
    ("who is reminded of targets", "manager", 8, lambda world: reverse("targets:target-remind")),
    ("targets of a school", "sip", 18, round_url),  # its own rows, and the facts that its flags compare
    ("headlines", "manager", 7, lambda world: reverse("targets:headlines")),
    ("results", "manager", 6, lambda world: reverse("targets:results-roll-up")),
    ("results of schools", "officer", 6, lambda world: reverse("targets:results-rows")),
    ("caseload-list", "manager", 6, lambda world: reverse("schools:caseload-list")),
    ("caseload-gaps", "manager", 6, lambda world: reverse("schools:caseload-gaps")),
    ("adviser", "manager", 14, lambda world: reverse("schools:adviser-detail", args=[world.sip.public_id])),
    ("assign", "manager", 6, lambda world: reverse("schools:assignment-assign")),
    ("hand over", "manager", 6, lambda world: reverse("schools:assignment-hand-over", args=[world.sip.public_id])),
    ("contact-list", "administrator", 6, lambda world: reverse("schools:contact-list")),
    ("contact-report", "head", 14, lambda world: reverse("schools:contact-report", args=["999", world.oak.urn])),
    ("plan", "manager", 14, plan_url),
    ("inspection tab", "sip", 14, lambda world: world.oak.get_absolute_url() + "inspection/"),
    # its flags ask facts of money, rolls and results, each once a table
    ("finance tab", "finance_officer", 18, lambda world: world.oak.get_absolute_url() + "finance/"),
    ("inspection-overview", "manager", 6, lambda world: reverse("schools:inspection-overview")),
    ("key-issue-list", "sip", 6, lambda world: reverse("schools:key-issue-list")),
    ("concern-board", "manager", 14, lambda world: reverse("support:concern-board")),
    ("concern-board as a map", "manager", 16, lambda world: reverse("support:concern-board") + "?view=map"),
    ("support tab", "manager", 14, lambda world: world.oak.get_absolute_url() + "support/"),
    ("directory of services", "head", 6, lambda world: reverse("support:service-list")),
    ("requests for support", "sip", 6, lambda world: reverse("support:support-requests")),
    ("spend by level", "manager", 6, lambda world: reverse("support:spend-overview") + "?by=category"),
    ("commissions", "officer", 6, lambda world: reverse("support:spend-commissions")),
    ("programmes", "manager", 8, lambda world: reverse("support:programme-list")),
    ("readiness-list", "officer", 6, lambda world: reverse("schools:readiness-list")),
    ("priority-list", "manager", 14, lambda world: reverse("support:priority-list")),
    ("finance-overview", "finance_officer", 14, lambda world: reverse("support:finance-overview")),
    ("home of the finance officer", "finance_officer", 15, lambda world: reverse("home")),
    ("challenge-list", "finance_officer", 6, lambda world: reverse("schools:challenge-list")),
    ("interests", "officer", 6, lambda world: reverse("schools:interest-declare")),
    ("feedback-own", "sip", 6, lambda world: reverse("quality:feedback-own")),
    ("mentoring-list", "manager", 6, lambda world: reverse("quality:mentoring-list")),
    ("sip-review-list", "manager", 6, lambda world: reverse("quality:sip-review-list")),
    ("judgement-list", "manager", 6, lambda world: reverse("quality:judgement-list")),
    ("programme report", "manager", 46, report_url),
    ("feedback-list", "manager", 6, lambda world: reverse("quality:feedback-list")),
    ("feedback-ask", "manager", 8, lambda world: reverse("quality:feedback-ask")),  # the readers' walls too
    ("person-list", "administrator", 6, lambda world: reverse("people:person-list")),
    ("account", "sip", 6, lambda world: reverse("people:account")),
]


def asked(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return [query["sql"] for query in captured]


@pytest.mark.parametrize(("label", "name", "most", "url"), PAGES, ids=[label for label, *_ in PAGES])
def test_queries(world: World, label: str, name: str, most: int, url: Callable[[World], str]) -> None:
    client = Client()
    client.force_login(world.people[name])
    inspected_and_accounted(world, [world.oak])
    client.get(url(world))  # the pack is parsed once a process
    few = asked(client, url(world))
    grow(world)
    many = asked(client, url(world))
    assert len(few) == len(many), "\n".join(many)
    assert len(many) <= most + SESSION_USER_HATS, (len(many) - SESSION_USER_HATS, "\n".join(many))
