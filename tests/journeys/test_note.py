"""The main job from end to end in a real browser: plan, hold, write, submit, approve, release, comment, finalise, PDF."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from tests.browsing import Person
from tests.factories import visits as make
from tests.factories.schools import World
from visits.choices import NoteState
from visits.models import NoteOfVisit, NoteRecord, SchoolComment, Visit

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


def test_a_note_from_the_plan_to_the_pdf(live_server: Any, page: Any, world: World) -> None:
    school = world.oak
    sip = Person(page, live_server, world.sip)

    # plan, and hold
    page.goto(f"{sip.root}{reverse('visits:visit-book')}?school={school.public_id}")
    for name, value in (("on_day", "14"), ("on_month", "10"), ("on_year", "2008"), ("starts_at", "9:00"), ("ends_at", "12:30")):
        page.fill(f"[name={name}]", value)
    sip.sends("Book the visit")
    visit = Visit.objects.get()
    sip.opens(reverse("visits:visit-hold", args=[visit.public_id]))
    page.check("[name=met][value='Headteacher']")
    sip.sends("Log the visit")

    # write: begun in the browser, one section typed and saved by itself, the rest by the service
    sip.opens(reverse("visits:note-start", args=[visit.public_id]))
    with page.expect_navigation():
        page.locator("main form button[type=submit]").last.click()
    note = NoteOfVisit.objects.get()
    sip.opens(reverse("visits:note-edit", args=[note.public_id, "standards"]))
    page.locator("#body").press_sequentially("Standards rose from 61% to 68% in two years.")
    page.locator("[data-saved]", has_text=re.compile("^Saved")).wait_for(timeout=60_000)
    assert note.sections.get(code="standards").body.startswith("Standards rose")
    make.fill(world.fresh("sip"), make.fresh(note))

    # submit, approve
    sip.opens(reverse("visits:note-check", args=[note.public_id]))
    page.check("[name=asks_review]")
    with page.expect_navigation():
        page.locator("form[action$='/submit/'] button[type=submit]").click()
    note = make.fresh(note)
    assert note.state == NoteState.IN_REVIEW and note.open_review is not None
    manager = Person(page, live_server, world.manager)
    manager.opens(reverse("visits:review-detail", args=[note.open_review.public_id]))
    with page.expect_navigation():
        page.get_by_role("button", name="Approve").click()
    assert make.fresh(note).state == NoteState.READY

    # release, and its email
    sip = Person(page, live_server, world.sip)
    sip.opens(reverse("visits:note-release", args=[note.public_id]))
    assert "Anwen Price" in page.locator("main").inner_text()
    with page.expect_navigation(timeout=90_000):
        page.locator("main form button[type=submit]").last.click()
    assert make.fresh(note).state == NoteState.WITH_SCHOOL
    make.deliver_mail()

    # the headteacher comments on a section, then answers
    head = Person(page, live_server, world.head)
    head.opens(reverse("visits:note-detail", args=[note.public_id]))
    head.opens(reverse("visits:note-answer", args=[note.public_id]))
    page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
    comment = page.locator("form[action*='comment']").first
    comment.locator("textarea[name$=text]").fill("We recognise this picture.")
    comment.locator("input[type=radio][value=comment]").check()
    with page.expect_navigation():
        comment.locator("button[type=submit]").click()
    assert SchoolComment.objects.get(note=note).text == "We recognise this picture."
    head.opens(reverse("visits:note-answer", args=[note.public_id]))
    page.locator("[name$=accuracy][value=accurate]").check()
    page.locator("[name$=agreement][value=agree]").check()
    with page.expect_navigation():
        page.locator("form:has([name$=accuracy]) button[type=submit]").last.click()
    assert note.responses.get().accuracy == "accurate"

    # final, and the PDF of record
    sip = Person(page, live_server, world.sip)
    sip.opens(reverse("visits:note-finalise", args=[note.public_id]))
    with page.expect_navigation(timeout=90_000):
        page.locator("main form button[type=submit]").last.click()
    assert make.fresh(note).state == NoteState.FINAL
    record = NoteRecord.objects.get(note=note, kind="final")
    chair = Person(page, live_server, world.chair)
    chair.opens(reverse("visits:note-detail", args=[note.public_id]))
    with page.expect_download() as download:
        page.locator(f"a[href='{reverse('visits:record-pdf', args=[record.public_id])}']").first.click()
    content = download.value.path().read_bytes()
    assert content.startswith(b"%PDF-") and content == bytes(record.pdf.content)  # type: ignore[union-attr]
