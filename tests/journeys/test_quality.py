"""A term's quality assurance run from the admin site, in a real browser, with a second factor.

A gate review is returned, resubmitted and approved; a sample is drawn, two moderators differ and are settled; a shadowing is
planned, told, written up and closed; feedback is asked for, answered by link, and released by the clock.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal import auth
from django.conf import settings
from django.test import Client
from django.urls import reverse

from core.outbox import OutboxEmail
from people.models import Sip, User
from quality import services as quality
from quality.models import Moderation, ModerationSample, SampledNote, Shadowing
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, build_world
from tests.factories.shadowing import LATER, SEEN, again, book, grades
from visits import services as visits
from visits.choices import NoteState
from visits.models import Round

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(settings: Any, transactional_db: None) -> World:
    settings.SIP_TODAY, settings.SECOND_FACTOR_REQUIRED = TODAY, True
    world = build_world()
    make.load_england_2008(world.authority)
    world.authority.settings = {**world.authority.settings, "gate_lot_one_in": 0, "double_moderated_percent": 100}
    world.authority.save()
    plan = visits.RoundPlan("Autumn 2008", "autumn", ["primary"], dt.date(2008, 9, 8), dt.date(2008, 12, 12))
    round_ = visits.open_round(actor=world.manager, authority=world.authority, plan=plan, at=NOW)
    make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    visits.close_round(actor=world.manager, round=Round.objects.get(pk=round_.pk), at=NOW)
    book(world.fresh("sip"), world.oak)
    Sip.objects.filter(pk=world.sips["sip"].pk).update(line_manager=world.head_of_improvement)
    return world


def signed_in(page: Any, live_server: Any, user: User) -> None:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])


def test_the_managers_term_in_the_admin_site(live_server: Any, page: Any, world: World) -> None:
    note = make.bring_to(NoteState.IN_REVIEW, author=world.fresh("sip"), school=world.ash, manager=world.manager)
    signed_in(page, live_server, world.manager)

    def deed(model: str, label: str, query: str = "", **fields: str) -> None:
        """Tick the first row, choose the action, confirm it, and read that it was done."""
        page.goto(f"{live_server.url}{reverse(f'admin:quality_{model}_changelist')}{query}")
        page.locator("input.action-select").first.check()
        page.select_option("select[name=action]", label=label)
        with page.expect_navigation():
            page.locator("button[name=index]").click()
        for field, value in fields.items():
            where = page.locator(f"[name={field}]")
            if where.first.evaluate("field => field.tagName") == "SELECT":
                where.select_option(value)
            else:
                where.fill(value)
        with page.expect_navigation():
            page.locator(".submit-row input[type=submit]").click()
        said = page.locator("#content-main").inner_text()
        assert "Done for 1 of 1" in said, (model, label, said)

    # no second factor, no admin site
    page.goto(f"{live_server.url}{reverse('admin:index')}")
    assert reverse("mfa_activate_totp") in page.url
    auth.TOTP.activate(world.manager, auth.generate_totp_secret())
    page.goto(f"{live_server.url}{reverse('admin:index')}")
    assert "Quality assurance" in page.locator("#content-main").inner_text()

    # a gate review returned, resubmitted by its author, and approved
    deed("gatequeue", "Return with reasons", reason="Say what the reading project did for pupils.")
    note = make.fresh(note)
    assert note.state == NoteState.RETURNED
    make.submit(world.fresh("sip"), note, asks_review=True)
    page.goto(f"{live_server.url}{reverse('quality:overview')}")
    assert "Returned, now resubmitted" in page.locator("main").inner_text()
    deed("gatequeue", "Approve")
    assert make.fresh(note).state == NoteState.READY

    # a sample, two moderators who differ, and the grade that stands
    deed("roundtosample", "Draw the sample", due_on="2008-10-24", seed="20081014")
    assert ModerationSample.objects.get().seed == "20081014"
    for name, overall in (("consultant", 2), ("officer", 3)):
        deed("samplednote", "Assign a moderator", moderator=world.people[name].public_id)
        rating = Moderation.objects.get(moderator=world.people[name])
        quality.rate_note(actor=world.fresh(name), moderation=rating, grades=grades(world), overall=overall, at=NOW)
    deed("samplednote", "Settle two grades", "?grades=differ", grade="3", reason="Two actions have no measure.")
    assert SampledNote.objects.get().settled_grade == 3

    # a shadowing planned, the headteacher told, written up, answered and closed
    deed("siptoshadow", "Plan a shadowing", "?q=Susan")
    deed("shadowing", "Tell the headteacher", "?todo=tell")
    row = Shadowing.objects.get(observer=world.head_of_improvement)
    quality.write_shadowing(actor=world.fresh("head_of_improvement"), shadowing=row, findings=SEEN, next_step="Press on.", at=LATER)
    quality.respond_to_shadowing(actor=world.fresh("sip"), shadowing=again(row), response="Agreed.", at=LATER)
    quality.close_shadowing(actor=world.fresh("head_of_improvement"), shadowing=again(row), at=LATER)
    assert again(row).state == "closed"

    # feedback asked for, answered by the link alone, released by the clock
    deed("siptoaskabout", "Send the forms", "?q=Susan", closes_on="2008-11-14")
    email = OutboxEmail.objects.filter(context_kind="feedback", to_address=world.head.email).latest("pk")
    link = next(word for word in email.body.split() if "/feedback/form/" in word)
    page.context.clear_cookies()
    page.goto(f"{live_server.url}{urlsplit(link).path}")
    assert "Hugh Penrose" in page.locator("main").inner_text(), "the first screen names who reads"
    with page.expect_navigation():
        page.get_by_role("button", name="Start").click()
    while (send := page.get_by_role("button", name="Send my answers")).count() == 0:
        for group in page.locator("fieldset").all():
            group.locator("input[type=radio]").first.check(force=True)
        with page.expect_navigation():
            page.get_by_role("button", name="Save and go on").click()
    with page.expect_navigation():
        send.click()
    assert "Your answers are sent" in page.locator("main").inner_text()
    quality.release_due_feedback(at=dt.datetime(2009, 7, 10, 6, tzinfo=dt.UTC))
    signed_in(page, live_server, world.manager)
    page.goto(f"{live_server.url}{reverse('admin:quality_feedbackrelease_changelist')}")
    assert page.locator("#result_list tbody tr").count() == 1 and "2008/09" in page.locator("#result_list").inner_text()
    page.get_by_role("link", name="Back to the portal").click()
    assert page.url == f"{live_server.url}/"
