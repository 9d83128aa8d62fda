"""Programmes of the demonstration (S6, P31): functions over the schools that are given, so that an authority of any size can have them.

The National Challenge begins in autumn 2008, with advisers from 1 November; the Improving Schools Programme has run since 2007.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from people.models import Authority, User
from schools.models import School
from support import services as support
from support.models import Enrolment, Fund, Programme

from . import material

if TYPE_CHECKING:
    from .seed import Seed

Moment = Callable[..., dt.datetime]

ENROLLED_ON, ALLOCATED_ON = dt.date(2008, 10, 1), dt.date(2008, 11, 1)
SINCE = dt.date(2007, 9, 10)
CHALLENGE_FUND, IMPROVING_FUND = 20_000_00, 4_500_00
"""Pence a school."""
BY_TURN = (("high", 80), ("medium", 48), ("low", 20))
IMPROVING_FAMILIES = ("low_attaining_improving", "boys_writing", "middle_attainers_stuck", "high_mobility_coastal", "infant_junior_dispute")
PACKAGES = (
    (
        "Questions that reach everyone",
        "Lantern Teaching",
        "Every class of Year 11 English asks all pupils in every lesson, and 12 more reach grade C",
        3,
    ),
    (
        "Six-week tracking",
        "The Alder Assessment Partnership",
        "Each borderline pupil in English or mathematics has a plan that is read every six weeks",
        2,
    ),
    (
        "Leading from the middle",
        "Marl Valley Leadership",
        "Heads of English and mathematics see each class twice a term and act on what they see",
        5,
    ),
)
PUPILS = "borderline C and D in English or mathematics, Year 11"
FIRST = "Its results of 2007, and the SIP’s word of the summer, were before the panel; one of the first schools of the programme."
AGREED = "Panel of 8 October 2008, with the department"


def national_challenge(
    *, authority: Authority, manager: User, finance: User, schools: Sequence[School], advisers: Mapping[int, User], moment: Moment
) -> Programme:
    """Open it, take these secondary schools in, decide risk and days as the rules suggest (in turn where they cannot say), allocate the
    adviser of each (by school id) from 1 November, and open its fund. Whoever has an adviser has the first part of a package, with its
    money drawn. Deterministic in the order of ``schools``."""
    at = moment(ENROLLED_ON, 10)
    programme = support.open_programme(actor=manager, authority=authority, code="national-challenge", at=at)
    fund = _fund(authority, finance, programme, "nc", "National Challenge funding", CHALLENGE_FUND * len(schools), moment)
    rows = support.enrol_schools(actor=manager, programme=programme, schools=schools, starts_on=ENROLLED_ON, reason=AGREED, at=at)
    given = dict(BY_TURN)
    for turn, row in enumerate(rows):
        risk = row.suggested or BY_TURN[turn % len(BY_TURN)][0]
        support.decide_risk(
            actor=manager, enrolment=row, risk=risk, quarters=given[risk], reason=AGREED, at=moment(dt.date(2008, 10, 8), 16)
        )
        adviser = advisers.get(row.school_id)
        if adviser is None:
            continue
        support.allocate_adviser(
            actor=manager, enrolment=row, adviser=adviser, starts_on=ALLOCATED_ON, reason=AGREED, at=moment(dt.date(2008, 10, 10), 11)
        )
        _package(manager, row, fund, turn, moment)
    return programme


def improving_schools(
    *, authority: Authority, manager: User, finance: User, schools: Sequence[School], consultant: User | None, moment: Moment
) -> Programme:
    """The Improving Schools Programme since September 2007, with ten days of a consultant a year at each of these primary schools."""
    at = moment(SINCE, 10)
    programme = support.open_programme(actor=manager, authority=authority, code="improving-schools", at=at)
    _fund(authority, finance, programme, "isp", "Improving Schools Programme funding", IMPROVING_FUND * len(schools), moment)
    for row in support.enrol_schools(actor=manager, programme=programme, schools=schools, starts_on=SINCE, reason=FIRST, at=at):
        support.decide_risk(actor=manager, enrolment=row, quarters=40, at=at)
        if consultant is not None:
            support.allocate_adviser(actor=manager, enrolment=row, adviser=consultant, starts_on=SINCE, at=at)
    return programme


def make(seed: Seed, moment: Moment) -> None:
    """The primaries of the story that were low in 2007; and for the National Challenge the story's three schools, in the larger
    authority all thirty-one."""
    users = seed.users
    low = [place for place in seed.places.values() if place.family in IMPROVING_FAMILIES and place.school.phase in ("primary", "junior")]
    consultant = users["furminger"]
    improving_schools(
        authority=seed.authority, manager=users["manager"], finance=users["finance"], schools=[place.school for place in low],
        consultant=consultant, moment=moment,
    )  # fmt: skip
    advised = {seed.places[int(code)].school: users["challenge"] for code in material.toml("round")["challenge"]} | seed.more_challenged()
    schools, advisers = list(advised), {school.pk: adviser for school, adviser in advised.items()}
    national_challenge(
        authority=seed.authority, manager=users["manager_secondary"], finance=users["finance"], schools=schools, advisers=advisers,
        moment=moment,
    )  # fmt: skip
    improving = Enrolment.objects.filter(programme__code="improving-schools").select_related("programme__authority", "school__authority")
    for row in improving.order_by("school__urn")[:3]:
        day = dt.date(2008, 9, 23)
        support.log_programme_days(
            actor=users["manager"],
            enrolment=row,
            on=day,
            quarters=6,
            what="Single plan agreed, tracking of Years 5 and 6 begun",
            at=moment(day, 17),
        )
    begun = Enrolment.objects.select_related("programme__authority", "school__authority").get(
        programme__code="national-challenge", school=seed.places[990202].school
    )
    day = dt.date(2008, 10, 10)
    support.log_report(actor=users["challenge"], enrolment=begun, sent_on=day, reference="NC/999/0202/1", at=moment(day, 16))
    challenge = Programme.objects.get(authority=seed.authority, code="national-challenge")
    support.record_training(
        actor=users["manager_secondary"], programme=challenge, on=dt.date(2008, 11, 5), title="Regional training of National Challenge advisers",
        place="London", quarters=4, who=[users["challenge"]], at=moment(dt.date(2008, 10, 13), 9),
    )  # fmt: skip


def _fund(authority: Authority, finance: User, programme: Programme, code: str, label: str, pence: int, moment: Moment) -> Fund:
    return support.open_fund(
        actor=finance, authority=authority, code=code, label=label, financial_year=2008, amount_pence=pence, programme=programme,
        at=moment(dt.date(2008, 10, 2), 9),
    )  # fmt: skip


def _package(manager: User, row: Enrolment, fund: Fund, turn: int, moment: Moment) -> None:
    name, provider, goal, days = PACKAGES[turn % len(PACKAGES)]
    at = moment(dt.date(2008, 10, 13), 10)
    package = support.Package(
        name=name,
        provider=provider,
        must_achieve=goal,
        achieve_by=dt.date(2009, 5, 8),
        agreed_with="The headteacher",
        quarters=days * 4,
        cost_pence=days * 480_00,
        pupils=f"{18 + turn % 9 * 3} {PUPILS}",
    )
    part = support.add_to_package(actor=manager, enrolment=row, package=package, at=at)
    money = support.draw_down(
        actor=manager, fund=fund, school=row.school, pence=days * 480_00, what=name, intervention=part, on=at.date(), at=at
    )
    if turn % 2 == 0:
        support.step_drawdown(actor=manager, drawdown=money, stage="committed", reference=f"PO 08/{410 + turn}", on=at.date(), at=at)
