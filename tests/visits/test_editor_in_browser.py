"""The editor in a real browser: it saves itself, keeps what was typed whatever happens, and stores nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from tests.browsing import look, sign_in
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, build_world
from visits import services
from visits.choices import NoteState
from visits.models import AgreedAction, NoteIntervention, NoteOfVisit, NoteSection

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(settings: Any, transactional_db: None) -> World:
    settings.SIP_TODAY = TODAY
    world = build_world()
    make.load_england_2008(world.authority)
    return world


@pytest.fixture
def note(world: World) -> NoteOfVisit:
    return make.start(world.sip, world.oak)


class Editor:
    """One section open in the browser."""

    def __init__(self, page: Any, live_server: Any, note: NoteOfVisit) -> None:
        self.page, self.live_server, self.note = page, live_server, note

    def open(self, key: str = "standards") -> Editor:
        self.page.goto(f"{self.live_server.url}{reverse('visits:note-edit', args=[self.note.public_id, key])}")
        return self

    def type(self, words: str) -> None:
        self.page.locator("#body").press_sequentially(words)

    def says(self, words: str) -> None:
        self.page.locator("[data-saved]", has_text=re.compile(words)).wait_for(timeout=30_000)

    @property
    def section(self) -> NoteSection:
        key = self.page.url.rstrip("/").rsplit("/", 1)[1].split("?")[0]
        return NoteSection.objects.get(note=self.note, code=key)


@pytest.fixture
def editor(world: World, note: NoteOfVisit, live_server: Any, context: Any, page: Any) -> Iterator[Editor]:
    """Signed in as the author. At the end nothing may have failed in a script, and the browser's storage holds no text."""
    sign_in(context, live_server.url, world.sip)
    failed: list[str] = []
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.on("console", lambda message: failed.append(message.text) if "Content Security Policy" in message.text else None)
    yield Editor(page, live_server, note)
    assert failed == []
    if page.url.startswith("http"):
        stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}]) + document.cookie")
        assert "canary" not in stored


def test_it_saves_itself_after_a_pause(editor: Editor) -> None:
    editor.open()
    editor.type("canary words")
    editor.says(r"^Saved \d\d:\d\d$")
    assert editor.section.body == "canary words"
    editor.type(" and more")
    editor.page.locator("[data-saved]", has_text="Not saved yet").wait_for()
    editor.says(r"^Saved ")
    assert (editor.section.body, editor.section.revision) == ("canary words and more", 2)
    assert editor.page.locator("[data-words]").inner_text().strip() == "4 words."


def test_the_checks_and_the_list_follow_what_was_saved(editor: Editor) -> None:
    editor.open("groups")
    before = editor.page.locator('[data-part="standing"]').inner_text()
    editor.type("Girls do better than boys in writing.")
    editor.says("^Saved ")
    editor.page.wait_for_function("before => document.querySelector('[data-part=standing]').innerText !== before", arg=before)
    assert "1 of" in editor.page.locator('[data-part="sections"] h2').inner_text() or "0 of" in before


def test_ctrl_s_saves_and_alt_page_down_turns_the_page(editor: Editor) -> None:
    editor.open("standards")
    editor.type("canary")
    editor.page.keyboard.press("Control+s")
    editor.says("^Saved ")
    editor.type(" two")
    editor.page.keyboard.press("Alt+PageDown")
    editor.page.wait_for_url(re.compile(r"/write/(?!standards)"))
    assert NoteSection.objects.get(note=editor.note, code="standards").body == "canary two"
    editor.page.keyboard.press("Alt+PageUp")
    editor.page.wait_for_url(re.compile("/write/standards/"))


def test_without_a_connection_the_text_stays_on_the_page_and_goes_later(editor: Editor, context: Any) -> None:
    editor.open()
    context.set_offline(True)
    editor.type("canary offline")
    editor.says("On this device only, |no connection; what you typed is kept on this page")
    assert editor.section.body == ""
    context.set_offline(False)
    editor.says("^Saved ")
    assert editor.section.body == "canary offline"


def test_the_browser_asks_before_unsaved_text_is_left_behind(editor: Editor, context: Any, world: World) -> None:
    world.authority.settings = {**world.authority.settings, "offline_writing": False}
    world.authority.save()
    editor.open()
    context.set_offline(True)
    editor.type("canary")
    asked: list[str] = []
    editor.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    context.set_offline(False)
    editor.page.evaluate("() => { window.fetch = () => Promise.reject(new Error('down')); }")
    editor.page.reload()
    assert asked == ["beforeunload"]


def test_a_change_in_another_window_shows_both_and_the_writer_chooses(editor: Editor, world: World) -> None:
    editor.open()
    services.save_section(actor=world.sip, note=make.fresh(editor.note), key="standards", base_revision=0, body="From the laptop", at=NOW)
    editor.type("From the phone")
    editor.page.locator("#conflict").wait_for()
    editor.says("changed in another window")
    both = editor.page.locator("#conflict").inner_text()
    assert "From the laptop" in both and "From the phone" in both
    assert editor.section.body == "From the laptop"
    editor.type(", and more")  # still the writer's own text
    editor.page.get_by_role("button", name="Keep both").click()
    editor.page.wait_for_load_state()
    assert editor.section.body == "From the laptop\n\nFrom the phone, and more"


def test_a_note_submitted_meanwhile_takes_nothing_and_the_text_stays(editor: Editor, world: World) -> None:
    make.fill(world.sip, editor.note)
    editor.open()
    make.submit(world.sip, editor.note, asks_review=True)
    editor.page.locator("#body").fill("canary too late")
    editor.page.get_by_text("This note has been submitted").wait_for()
    assert editor.page.locator("#body").input_value() == "canary too late"
    assert "canary" not in editor.section.body
    assert make.fresh(editor.note).state == NoteState.IN_REVIEW


def test_a_session_that_ended_loses_nothing(editor: Editor, world: World, live_server: Any, context: Any) -> None:
    editor.open()
    Session.objects.all().delete()
    editor.type("canary signed out")
    link = editor.page.get_by_role("link", name="Sign in again in a new tab")
    link.wait_for()
    assert link.get_attribute("target") == "_blank"
    assert editor.page.locator("#body").input_value() == "canary signed out"
    sign_in(context, live_server.url, world.sip)  # in the other tab; the page's token is of before
    editor.page.keyboard.press("Control+s")
    editor.says("^Saved ")
    assert editor.section.body == "canary signed out"


def test_rows_are_added_and_taken_out_and_saved_once(editor: Editor) -> None:
    editor.open("actions_new")
    page = editor.page
    page.locator("#id_actions-0-text").fill("One")
    page.locator("#id_actions-0-owner").select_option("head")
    editor.says("^Saved ")
    page.get_by_role("button", name="Add an action").click()
    page.locator("#id_actions-1-text").fill("Two")
    page.locator("#id_actions-1-due_on").fill("31 November")
    editor.says("but for one entry")
    assert page.locator("#id_actions-1-due_on_error").inner_text() == "Due must be a real date, like 12 December 2008"
    page.locator("#id_actions-1-due_on").fill("30 November 2008")
    editor.says(r"^Saved \d\d:\d\d$")
    assert list(AgreedAction.objects.order_by("position").values_list("text", flat=True)) == ["One", "Two"]
    first = page.locator("[data-row]").first
    first.get_by_role("button", name="Remove").click()
    for _ in range(300):
        if AgreedAction.objects.count() == 1:
            break
        page.wait_for_timeout(100)
    assert list(AgreedAction.objects.values_list("text", flat=True)) == ["Two"]
    page.get_by_role("button", name="Put it back").click()
    for _ in range(300):
        if AgreedAction.objects.count() == 2:
            break
        page.wait_for_timeout(100)
    assert set(AgreedAction.objects.values_list("text", flat=True)) == {"One", "Two"}


def test_typing_into_a_new_intervention_makes_one_and_no_more(editor: Editor) -> None:
    editor.open("interventions")
    page = editor.page
    for words in ("Guided", " reading", " by leading teachers"):
        page.locator("#id_interventions-0-name").press_sequentially(words)
        editor.says(r"^Saved \d\d:\d\d$")
        page.wait_for_timeout(200)
    assert [row.staged["name"] for row in NoteIntervention.objects.all()] == ["Guided reading by leading teachers"]


def check(page: Any, url: str) -> None:
    """No violation where pages are wide and where they are narrow, and nothing wider than the narrowest page."""
    for width in (1280, 320):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(url)
        look(page, width)


def test_a_section_is_written_and_left_by_the_keyboard_alone_and_shortcuts_can_be_switched_off(editor: Editor) -> None:
    editor.open("groups")
    page = editor.page
    page.locator("html[data-offline=ready]").wait_for(state="attached")
    stops: list[str] = []
    for _ in range(300):
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim().split('\\n')[0]"))
        if stops[-1] == "body":
            break
    assert stops[0] == "Skip to main content" and stops[-1] == "body"
    page.keyboard.type("Girls do better.")
    for words in ("Save and go on", "Save", "Keyboard shortcuts"):
        for _ in range(12):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent.trim()") == words:
                break
        assert page.evaluate("document.activeElement.textContent.trim()") == words
    page.keyboard.press("Enter")  # opens the list
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert not page.locator("[data-keys-on]").is_checked()
    page.keyboard.press("Alt+PageDown")
    editor.says("^Saved ")
    assert "/groups/" in page.url
    page.keyboard.press("Space")
    page.keyboard.press("Alt+PageDown")
    page.wait_for_url(re.compile("/write/(?!groups)"))
    assert NoteSection.objects.get(note=editor.note, code="groups").body == "Girls do better."


def test_returned_conflicting_and_closed_are_accessible_too(editor: Editor, world: World) -> None:
    page, note = editor.page, make.fill(world.sip, editor.note)
    make.submit(world.sip, note, asks_review=True)
    services.return_note(actor=world.manager, note=make.fresh(note), reason="Two things.", section_reasons={"standards": "Which?"}, at=NOW)
    editor.open()
    look(page, 1280, 320)
    page.set_viewport_size({"width": 1280, "height": 900})
    services.save_section(
        actor=world.sip, note=make.fresh(note), key="standards", base_revision=editor.section.revision, body="From the laptop", at=NOW
    )
    editor.type("From the phone. ")
    page.locator("#conflict").wait_for()
    look(page, 1280, 320)
    page.get_by_role("button", name="Keep both").click()
    page.wait_for_load_state()
    make.submit(world.sip, make.fresh(note))
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("heading", name="What you typed was not saved").wait_for()
    look(page, 1280, 320)


def test_every_kind_of_section_is_accessible(editor: Editor, world: World) -> None:
    make.fill(world.sip, editor.note)
    for key in ("datasets", "standards", "targets_next", "interventions", "cohesion", "category", "differences", "actions_new"):
        check(editor.page, f"{editor.live_server.url}{reverse('visits:note-edit', args=[editor.note.public_id, key])}")
