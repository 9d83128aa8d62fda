"""A SIP's day at three schools, in a real browser: prepared from home, logged as held, and a section of each note written.

Every kind of page on the way passes axe, and none is wider than a phone or a desk's screen.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from tests.browsing import Person
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY, YEAR_STARTS
from tests.factories.schools import World, build_world, make_assignment
from visits import services
from visits.choices import NoteState, VisitState
from visits.models import NoteOfVisit, StudiedDataset, Visit
from visits.services.visits import VisitPlan

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

TOMORROW = TODAY + dt.timedelta(days=1)
SCHOOLS = ("oak", "ash", "fir")
SAID = "Standards rose from 61% to 68% in two years."


@pytest.fixture
def world(settings: Any, transactional_db: None) -> World:
    """It is the day before; three visits are booked."""
    settings.SIP_TODAY = TODAY
    world = build_world()
    make.load_england_2008(world.authority)
    make_assignment(world.sip, world.fir, starts_on=YEAR_STARTS)
    sip = world.fresh("sip")
    for hour, key in zip((9, 11, 14), SCHOOLS, strict=True):
        plan = VisitPlan(visit_type="autumn", schools=[world.schools[key]], lead=sip)
        services.book_visit(actor=sip, plan=plan, on=TOMORROW, starts_at=dt.time(hour), ends_at=dt.time(hour + 1), at=NOW)
    return world


def test_three_schools_in_a_day(live_server: Any, page: Any, world: World, settings: Any) -> None:
    sip = Person(page, live_server, world.sip, careful=True)
    goes = sip.goes

    def home() -> None:
        sip.opens("/")

    # the day before: prepared from home
    for key in SCHOOLS:
        home()
        goes(re.compile(f"^Prepare for {world.schools[key].name}"))
        page.locator("#prepare-form input[name^=studied-]:enabled").first.check(force=True)
        version = page.locator("#prepare-form .portal-study:has(input[name^=studied-]:checked) input[name^=version-]")
        if version.count():
            version.first.evaluate("field => { const held = field.closest('details'); if (held) held.open = true }")
            version.first.fill("Issue 2")
        goes(re.compile("^Save what"))
    assert StudiedDataset.objects.count() == 3

    # the day: each logged as held, its note begun, a section written
    settings.SIP_TODAY = TOMORROW
    for key in SCHOOLS:
        school = world.schools[key]
        home()
        goes(re.compile(f", {school.name}"))
        goes("Log as held")
        page.locator("input[name=met]").first.check(force=True)
        goes("Log the visit")
        visit = Visit.objects.get(visit_schools__school=school)
        assert (visit.state, visit.on) == (VisitState.HELD, TOMORROW)
        goes("Begin the note")
        goes("Begin writing")
        with page.expect_navigation():
            page.locator("[data-part=sections] a", has_text="Standards and progress").click()
        page.fill("#body", SAID)
        goes("Save and go on")
        note = NoteOfVisit.objects.get(visit=visit)
        assert note.state == NoteState.DRAFT
        assert [section.body for section in note.sections.exclude(body="")] == [SAID]

    # in the evening: three drafts wait, nothing is to be logged
    home()
    shown = page.locator("main").inner_text()
    assert "Log the visit" not in shown and "Begin the note" not in shown
    assert all(world.schools[key].name in shown for key in SCHOOLS)
    assert sip.looked_at == {
        "home", "visits:visit-prepare", "visits:visit-detail", "visits:visit-hold", "visits:note-start", "visits:note-edit"
    }  # fmt: skip
