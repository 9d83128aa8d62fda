"""Two hundred people at one moment: a fund is never overdrawn, and no school has a 21st day (S6). In threads, on both databases."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from core.access import Refused
from support import services
from support.models import Drawdown, Enrolment, Fund, Programme
from support.programmes import used_days
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, build_world
from tests.factories.visits import load_england_2008

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]

AT_ONCE, THREADS = 200, 8
LATER = dt.datetime(2008, 12, 1, 10, tzinfo=dt.UTC)


@pytest.fixture
def world(settings: Any, transactional_db: None) -> World:
    settings.SIP_TODAY = TODAY
    world = build_world()
    load_england_2008(world.authority)
    return world


def at_once(deed: Callable[[], Any]) -> tuple[int, list[str]]:
    """The deed two hundred times from eight hands let go at one moment: how many were done, and what the others were told."""
    gate = threading.Barrier(THREADS)
    told: list[str] = []

    def hand() -> int:
        gate.wait(timeout=20)
        done = 0
        try:
            for _ in range(AT_ONCE // THREADS):
                try:
                    deed()
                    done += 1
                except Refused as refusal:
                    told.append(refusal.message)
        finally:
            connections.close_all()
        return done

    with ThreadPoolExecutor(max_workers=THREADS) as pool:
        done = sum(future.result(timeout=120) for future in [pool.submit(hand) for _ in range(THREADS)])
    assert done + len(told) == AT_ONCE
    return done, told


def test_two_hundred_drawdowns_at_once_never_overdraw(world: World) -> None:
    """Of £900 in draws of £70 exactly twelve fit."""
    fund = services.open_fund(
        actor=world.finance_officer, authority=world.authority, code="nc", label="Funding", financial_year=2008, amount_pence=900_00, at=NOW
    )
    actor = world.fresh("manager")
    assert actor.hats

    def draw() -> None:
        own = Fund.objects.select_related("authority").get(pk=fund.pk)
        services.draw_down(actor=actor, fund=own, school=world.elm, pence=70_00, what="Tutoring", on=TODAY, at=NOW)

    done, told = at_once(draw)
    fund.refresh_from_db()
    assert done == 12 == Drawdown.objects.count() and fund.drawn_pence == 840_00
    assert set(told) == {"Funding 2008/09: £60 of £900 are left, and £70 is more than that. Nothing was drawn."}


def test_two_hundred_days_at_once_are_twenty(world: World) -> None:
    programme = services.open_programme(actor=world.manager, authority=world.authority, code="national-challenge", at=NOW)
    row = services.enrol_school(actor=world.manager, programme=programme, school=world.elm, starts_on=TODAY, reason="The panel.", at=NOW)
    services.decide_risk(actor=world.manager, enrolment=row, risk="high", quarters=80, reason="The panel.", at=NOW)
    services.allocate_adviser(actor=world.manager, enrolment=row, adviser=world.nc_adviser, starts_on=dt.date(2008, 11, 1), at=NOW)
    actor = world.fresh("nc_adviser")
    assert actor.hats and Programme.objects.count() == 1

    def log() -> None:
        own = Enrolment.objects.select_related("programme", "school__authority").get(pk=row.pk)
        services.log_programme_days(actor=actor, enrolment=own, on=dt.date(2008, 11, 20), quarters=4, what="Tracking", at=LATER)

    done, told = at_once(log)
    assert done == 20 and used_days([row], TODAY)[row.pk] == 80
    assert all("20 days of National Challenge a year and none is left" in words for words in told)
