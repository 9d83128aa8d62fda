"""The gallery in a real browser: what its scripts add, and that all of it is there without them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browsing import sign_in
from tests.factories.people import make_user

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def gallery(live_server: Any, context: Any, page: Any) -> Iterator[Any]:
    """The gallery, signed in; at the end nothing may have been refused or have failed in the console."""
    sign_in(context, live_server.url, make_user("Ruth Ashdown"))
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{live_server.url}/gallery/")
    page.wait_for_load_state("networkidle")
    yield page
    assert said == []


def test_a_wide_table_is_a_stop_for_the_keyboard_only_where_it_scrolls(gallery: Any) -> None:
    box = gallery.locator('.portal-tablebox:has(caption:text-is("Your caseload"))')
    gallery.set_viewport_size({"width": 375, "height": 900})
    box.evaluate("each => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert (box.get_attribute("tabindex"), box.get_attribute("aria-label")) == ("0", "Your caseload")
    first = box.locator("tbody th").first
    before = first.bounding_box()
    box.evaluate("each => each.scrollLeft = 300")
    assert first.bounding_box()["x"] == before["x"]  # the column that names the row stays
    small = gallery.locator('.portal-tablebox:has(caption:text-is("Filters"))')
    assert small.get_attribute("tabindex") is None
    assert small.get_attribute("aria-label") is None


def test_a_school_is_picked_from_suggestions(gallery: Any) -> None:
    box = gallery.locator("#id_empty-school")
    box.fill("bea")
    gallery.get_by_role("option", name="Beacon Hill Infant School").click()
    assert box.input_value() == "Beacon Hill Infant School"
    chosen = gallery.locator('input[name="empty-school_id"]')
    assert chosen.input_value() == "2"
    box.press_sequentially(" x")
    assert chosen.input_value() == ""  # words changed after the choice are words again


def test_a_choice_reveals_its_field(gallery: Any) -> None:
    why = gallery.locator("#id_empty-why")
    assert not why.is_visible()
    gallery.locator("#id_empty-moved_2").check()
    assert why.is_visible()
    gallery.locator("#id_empty-moved_0").check()
    assert not why.is_visible()


def test_words_are_counted_as_one_writes(gallery: Any) -> None:
    area = gallery.locator("#id_empty-text")
    area.fill("Pupils make good progress.")
    assert gallery.locator("#id_empty-text_info").inner_text() == "4 words. Guide: 40 to 120 words"


def test_the_error_summary_takes_the_focus_and_its_links_move_it(gallery: Any) -> None:
    assert gallery.evaluate("document.activeElement.className") == "govuk-error-summary"
    gallery.get_by_role("link", name="Visit date must be a real date").click()
    assert gallery.evaluate("document.activeElement.id") == "id_wrong-on_day"


def test_without_scripts_everything_is_there(live_server: Any, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 900})
    sign_in(context, live_server.url, make_user())
    page = context.new_page()
    page.goto(f"{live_server.url}/gallery/")
    assert page.locator("#id_empty-why").is_visible()
    assert page.locator('input[name="empty-school"]').is_visible()
    assert page.locator('.portal-tablebox:has(caption:text-is("Your caseload"))').get_attribute("tabindex") == "0"
    menu = page.locator("#id_empty-school")
    menu.fill("Beacon")
    assert menu.input_value() == "Beacon"
    context.close()
