"""The pages of visits, notes and records in a real browser: no violation at three widths, nothing wider than the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World, build_world
from visits import services
from visits.choices import NoteState
from visits.models import AgreedAction, NoteRecord
from visits.services.visits import VisitPlan

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

AXE = Path(settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (1280, 375, 320)


@pytest.fixture
def pages() -> list[tuple[str, Any, str]]:
    """A small world in many states; and who looks at which address of it, by a name for the page."""
    world = build_world()
    make.load_england_2008(world.authority)
    return list(_pages(world))


def _pages(world: World) -> Iterator[tuple[str, Any, str]]:
    visit_url: Callable[[str, Any], str] = lambda name, visit: reverse(f"visits:visit-{name}", args=[visit.public_id])  # noqa: E731
    note_url: Callable[[str, Any], str] = lambda name, note: reverse(f"visits:note-{name}", args=[note.public_id])  # noqa: E731
    people = world.people
    final = make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    action = AgreedAction.objects.get(note=final)
    services.report_progress(
        actor=world.fresh("head"), action=action, text="Two meetings were held.", evidence="Minutes", role="Headteacher", at=NOW
    )
    record = NoteRecord.objects.get(note=final, kind="final")
    services.ask_correction(actor=world.fresh("chair"), record=record, place="Section 3", why="The figure is last year's.", at=NOW)
    with_school = make.start(world.consultant, world.elm)
    with_school = make.submit(world.consultant, make.fill(world.consultant, with_school))
    if with_school.state == NoteState.IN_REVIEW:
        services.approve_note(actor=world.manager, note=with_school, at=NOW)
    with_school = make.release(world.consultant, with_school)
    elm_head = world.fresh("elm_head")
    services.comment_on_note(actor=elm_head, note=make.fresh(with_school), school=world.elm, section_code="standards", kind="inaccurate", text="It was 69%.", at=NOW)  # fmt: skip
    services.record_school_view(actor=elm_head, note=make.fresh(with_school), school=world.elm, topic="Are the most able doing well?", view="Yes.", evidence="Tracking", at=NOW)  # fmt: skip
    ready = make.bring_to(NoteState.READY, author=world.manager_sip, school=world.yew, manager=world.manager)
    draft = make.start(world.sip, world.ash)
    plan = VisitPlan(visit_type="spring", schools=[world.oak], lead=world.sip, observers=["Olive Northcote, partnership manager"])
    booked = services.book_visit(actor=world.sip, plan=plan, on=dt.date(2008, 10, 20), starts_at=dt.time(9), at=NOW)
    plan = VisitPlan(visit_type="summer", schools=[world.oak], lead=world.sip, dates=[(dt.date(2009, 6, 2), dt.time(9, 30)), (dt.date(2009, 6, 4), None)])  # fmt: skip
    proposed = services.propose_dates(actor=world.sip, plan=plan, at=NOW)

    yield "visit-list", people["sip"], reverse("visits:visit-list")
    yield "visit-book", people["sip"], f"{reverse('visits:visit-book')}?school={world.oak.public_id}"
    yield "visit-log", people["sip"], reverse("visits:visit-log")
    yield "visit-before", people["head"], booked.get_absolute_url()
    yield "visit-proposed", people["head"], proposed.get_absolute_url()
    yield "visit-choose", people["head"], visit_url("choose", proposed)
    yield "visit-held", people["sip"], final.visit.get_absolute_url()
    yield "visit-correct", people["sip"], visit_url("correct", draft.visit)
    yield "visit-cancel", people["head"], visit_url("cancel", booked)
    yield "visit-half-page", people["head"], visit_url("half-page", booked)
    yield "note-facts", people["manager"], draft.get_absolute_url()
    yield "note-draft", people["sip"], draft.get_absolute_url()
    yield "note-text", people["manager"], ready.get_absolute_url()
    yield "note-release", people["manager"], note_url("release", ready)
    yield "note-answer", people["elm_head"], note_url("answer", with_school)
    yield "note-with-school", people["consultant"], with_school.get_absolute_url()
    yield "note-finalise", people["consultant"], note_url("finalise", with_school)
    yield "note-final", people["head"], final.get_absolute_url()
    yield "note-final-author", people["sip"], final.get_absolute_url()
    yield "note-amend", people["manager"], note_url("amend", final)
    yield "record-detail", people["chair"], record.get_absolute_url()
    yield "record-verify", people["chair"], reverse("visits:record-verify")
    yield "correction-ask", people["head"], reverse("visits:correction-ask", args=[record.public_id])
    yield "withdrawal-ask", people["manager"], reverse("visits:withdrawal-ask", args=[record.public_id])
    yield "action-list", people["head"], reverse("visits:action-list")
    yield "action-detail", people["head"], reverse("visits:action-detail", args=[action.public_id])
    yield "school-tab", people["sip"], f"{world.oak.get_absolute_url()}visits/"


def test_no_violation_and_no_sideways_scrolling(live_server: Any, context: Any, page: Any, pages: list[tuple[str, Any, str]]) -> None:
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    for name, user, address in pages:
        client = Client()
        client.force_login(user)
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value, "url": live_server.url}
        context.add_cookies([cookie])
        page.set_viewport_size({"width": 1280, "height": 900})
        response = page.goto(f"{live_server.url}{address}")
        if response.status != 200:
            wrong.append(f"{name}: {response.status}")
            continue
        page.wait_for_load_state("networkidle")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wrong.append(f"{name} at {width}: wider than the page")
            if width != WIDTHS[1]:
                page.evaluate(AXE.read_text())
                found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)["violations"]
                wrong += [f"{name} at {width}: {each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"][:2]]
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = false)")
    assert wrong == [], "\n".join(wrong)
