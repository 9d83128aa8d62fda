"""axe on every template and state of the portal, on a desk's screen, and nothing wider than 320 CSS pixels (WCAG 2.2 AA, 1.4.10).

The pages are gathered through the test client (``gathering.py``); one Chromium page shows them one after the other, with their
style sheets and scripts, so that axe is compiled once and not three hundred times.
"""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from tests.access.conftest import set_the_stage
from tests.browsing import AXE, violations
from tests.journeys.gathering import Shown, fewest, gather

pytestmark = [pytest.mark.journey, pytest.mark.django_db]

EXEMPT = ("documents/", "admin/")
"""What WeasyPrint alone renders, and what stands inside Django's admin site. Emails are plain text."""

SHOW = (Path(__file__).parent / "show.js").read_text()
DESK, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 900}
AT_320 = """async () => {
    await new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const told = (what, list) => list.slice(0, 3).map(each => `at 320, ${what}: ${each.outerHTML.slice(0, 200)}`);
    const all = [...document.querySelectorAll("body *")];
    const scrolls = all.filter(each => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX === "auto");
    const wide = all.filter(each => each.getBoundingClientRect().right > innerWidth + 1 && !scrolls.some(one => one.contains(each)));
    const stop = "a[href], button, input, select, textarea, summary, [tabindex='0']";
    return [
        ...(document.scrollingElement.scrollWidth > innerWidth ? told("wider than the page", [...wide, document.body]) : []),
        ...told("scrolls and is no stop for the keyboard", scrolls.filter(each => !each.matches(stop) && !each.querySelector(stop))),
    ];
}"""


@pytest.fixture(scope="module")
def shown(django_db_setup: None, django_db_blocker: Any) -> list[Shown]:
    """Before the browser starts, in whose event loop the connection would be another."""
    with set_the_stage(django_db_blocker) as scene:
        return gather(scene)


@pytest.fixture
def screen(page: Any) -> Any:
    """An empty page of the portal: whatever it asks for is a static file, or is not there."""

    def answer(route: Any) -> None:
        path = route.request.url.removeprefix("http://portal.test")
        file = finders.find(path.removeprefix("/static/")) if path.startswith("/static/") else None
        if path == "/":
            route.fulfill(content_type="text/html", body="<!DOCTYPE html><title>Portal</title>")
        elif file:
            route.fulfill(content_type=mimetypes.guess_type(file)[0] or "text/plain", body=Path(file).read_bytes())
        else:
            route.fulfill(status=404, body="")

    page.route("**/*", answer)
    page.emulate_media(reduced_motion="reduce")
    page.set_viewport_size(DESK)
    page.goto("http://portal.test/")
    page.evaluate(AXE.read_text())
    return page


def test_every_template_is_on_a_page_that_is_looked_at(shown: list[Shown]) -> None:
    folder = Path(settings.BASE_DIR) / "templates"
    ours = {str(path.relative_to(folder)) for path in folder.rglob("*.html")}
    there = {name for each in shown for name in each.templates}
    left_out = {name for name in ours - there if not name.startswith(EXEMPT)}
    assert not left_out, f"add to gathering.py what shows {sorted(left_out)}"


def test_no_template_in_any_state_has_a_fault(shown: list[Shown], screen: Any) -> None:
    faults = []
    for each in fewest(shown):
        screen.evaluate(SHOW, each.html)
        found = violations(screen)
        screen.set_viewport_size(NARROW)
        found += screen.evaluate(AT_320)
        screen.set_viewport_size(DESK)
        faults += [f"{each}: {fault}" for fault in found]
    assert not faults, "\n".join(faults)
