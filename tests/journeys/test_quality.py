"""The manager's work in the admin site, in a real browser, with a second factor: return, draw, assign, plan."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth
from django.conf import settings
from django.test import Client
from django.urls import reverse

from people.models import Sip
from quality.models import Moderation, ModerationSample, Shadowing
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, build_world
from tests.factories.shadowing import book
from visits import services as visits
from visits.choices import NoteState
from visits.models import Round

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world(settings: Any, transactional_db: None) -> World:
    settings.SIP_TODAY, settings.SECOND_FACTOR_REQUIRED = TODAY, True
    world = build_world()
    make.load_england_2008(world.authority)
    world.authority.settings = {**world.authority.settings, "gate_lot_one_in": 0}
    world.authority.save()
    plan = visits.RoundPlan("Autumn 2008", "autumn", ["primary"], dt.date(2008, 9, 8), dt.date(2008, 12, 12))
    round_ = visits.open_round(actor=world.manager, authority=world.authority, plan=plan, at=NOW)
    make.bring_to(NoteState.FINAL, author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    visits.close_round(actor=world.manager, round=Round.objects.get(pk=round_.pk), at=NOW)
    book(world.fresh("sip"), world.oak)
    Sip.objects.filter(pk=world.sips["sip"].pk).update(line_manager=world.head_of_improvement)
    return world


def test_the_managers_morning_in_the_admin_site(live_server: Any, page: Any, world: World) -> None:
    note = make.bring_to(NoteState.IN_REVIEW, author=world.fresh("sip"), school=world.ash, manager=world.manager)
    client = Client()
    client.force_login(world.manager)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])

    def deed(model: str, label: str, **fields: str) -> str:
        """Tick the first row, choose the action, confirm it, and read what became of it."""
        page.goto(f"{live_server.url}{reverse(f'admin:quality_{model}_changelist')}")
        page.locator("input.action-select").first.check()
        page.select_option("select[name=action]", label=label)
        with page.expect_navigation():
            page.locator("button[name=index]").click()
        for field, value in fields.items():
            page.fill(f"[name={field}]", value)
        with page.expect_navigation():
            page.locator(".submit-row input[type=submit]").click()
        return str(page.locator("#content-main").inner_text())

    page.goto(f"{live_server.url}{reverse('admin:index')}")
    assert reverse("mfa_activate_totp") in page.url, "no second factor, no admin site"
    auth.TOTP.activate(world.manager, auth.generate_totp_secret())
    page.goto(f"{live_server.url}{reverse('admin:index')}")
    assert "Quality assurance" in page.locator("#content-main").inner_text()

    assert "Done for 1 of 1" in deed("gatequeue", "Return with reasons", reason="Say what the reading project did for pupils.")
    assert make.fresh(note).state == NoteState.RETURNED
    assert "Done for 1 of 1" in deed("roundtosample", "Draw the sample", due_on="2008-10-24", seed="20081014")
    assert ModerationSample.objects.get().seed == "20081014"
    assert "Done for 1 of 1" in deed("samplednote", "Assign a moderator", moderator=world.consultant.email)
    assert Moderation.objects.get().moderator == world.consultant
    page.goto(f"{live_server.url}{reverse('admin:quality_siptoshadow_changelist')}?q=Susan")
    page.locator("input.action-select").first.check()
    page.select_option("select[name=action]", label="Plan a shadowing")
    with page.expect_navigation():
        page.locator("button[name=index]").click()
    with page.expect_navigation():
        page.locator(".submit-row input[type=submit]").click()
    assert Shadowing.objects.get().observer == world.head_of_improvement
    page.get_by_role("link", name="Back to the portal").click()
    assert page.url == f"{live_server.url}/"
