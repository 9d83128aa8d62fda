"""A SIP's day at three schools, in a real browser: prepared from home, logged as held, and a section of each note written.

Every kind of page on the way passes axe, and none is wider than a phone or a desk's screen.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve

from tests.factories import visits as make
from tests.factories.people import NOW, TODAY, YEAR_STARTS
from tests.factories.schools import World, build_world, make_assignment
from visits import services
from visits.choices import NoteState, VisitState
from visits.models import NoteOfVisit, StudiedDataset, Visit
from visits.services.visits import VisitPlan

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

AXE = (Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
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
    client = Client()
    client.force_login(world.sip)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    looked_at: set[str] = set()

    def looks() -> None:
        """The page as it stands: of each kind of page once."""
        kind = resolve(urlsplit(page.url).path).view_name
        if kind in looked_at:
            return
        looked_at.add(kind)
        for width in (375, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (kind, width)
        page.evaluate(AXE)
        found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)["violations"]
        assert found == [], [(kind, each["id"], node["html"][:160]) for each in found for node in each["nodes"][:2]]

    def goes(what: Any) -> None:
        main = page.locator("main")
        with page.expect_navigation():
            main.get_by_role("link", name=what).or_(main.get_by_role("button", name=what)).first.click()
        assert not page.locator(".govuk-error-summary").count(), page.locator(".govuk-error-summary").inner_text()
        looks()

    def home() -> None:
        page.goto(live_server.url)
        looks()

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
    assert looked_at == {
        "home", "visits:visit-prepare", "visits:visit-detail", "visits:visit-hold", "visits:note-start", "visits:note-edit"
    }  # fmt: skip
