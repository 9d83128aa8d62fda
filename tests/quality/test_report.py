"""The programme report and the evidence pack: whole figures, the latest judgement first, small numbers hidden."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.audit import AuditEvent
from people.models import Sip
from people.packs import require_pack
from quality import services
from quality.models import Shadowing, ShadowingFinding
from quality.report import TOO_FEW, make_report, periods
from tests.factories.people import NOW, TODAY, make_sip, make_user
from tests.factories.schools import World, make_assignment, make_school
from tests.factories.stage import stage
from visits.models import Visit
from visits.services import RoundPlan, open_round

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as built:
        for _ in range(12):
            adviser = make_user(authority=built.authority)
            make_sip(adviser, built.authority)
            make_assignment(adviser, make_school(built.authority, cluster=built.north))
        for name, phases in (("Autumn 2008", ["primary"]), ("Units, autumn 2008", ["pru"])):
            plan = RoundPlan(name, "autumn", phases, dt.date(2008, 9, 8), dt.date(2008, 12, 12))
            open_round(actor=built.manager, authority=built.authority, plan=plan, at=NOW)
        for on, words in ((dt.date(2007, 7, 1), "Good."), (dt.date(2008, 7, 8), "Outstanding in every part.")):
            services.record_judgement(
                actor=built.manager, authority=built.authority, body="regional", title="Note of the visit", on=on, words=words, at=NOW
            )
        yield built


def test_it_opens_with_the_latest_judgement_and_shows_no_round_of_one_school(world: World) -> None:
    pack = require_pack(world.authority, TODAY)
    year = periods(pack, TODAY)[0]
    report = make_report(world.authority, pack, "programme", year, TODAY)
    assert report.sections[0].code == "judgement" and "“Outstanding in every part.”" in report.sections[0].words
    found = {section.code: section for section in report.sections}
    rows = {row[0]: row[1:] for row in found["coverage"].tables[0].rows}
    assert rows["Units, autumn 2008"] == (TOO_FEW,) * 6
    assert int(rows["Autumn 2008"][0]) >= 12
    kinds = dict(found["people"].tables[0].rows)
    small = [number for name, number in kinds.items() if name != "All" and number != TOO_FEW]
    assert all(int(number) == 0 or int(number) >= pack.whole("members_smallest_count") for number in small)
    assert "moderation" not in found  # for which there is no figure: the heading is left out whole


def test_page_and_workbook_name_no_school_and_no_person_and_the_coordinator_sees_them(world: World) -> None:
    client = Client()
    client.force_login(world.regional_coordinator)
    for which in ("report", "evidence"):
        page = client.get(reverse(f"quality:{which}")).content.decode().partition("<main")[2]
        assert "Outstanding in every part." in page
        for name in (world.oak.name, world.elm.name, world.sip.name, world.head.name):
            assert name not in page, (which, name)
    file = client.get(reverse("quality:report-file", args=["programme", "xlsx"]))
    assert file.status_code == 200 and file.content[:2] == b"PK"
    assert AuditEvent.objects.filter(event="report.exported").count() == 1
    services.note_report_exported(actor=world.manager, authority=world.authority, which="evidence", period="2008/09", kind="pdf", at=NOW)
    assert client.get(reverse("quality:report-file", args=["other", "pdf"])).status_code == 404
    assert client.get(reverse("quality:report") + "?period=1999").status_code == 404


def test_shadowing_and_moderation_stand_in_both_reports_and_show_no_small_number(world: World) -> None:
    pack = require_pack(world.authority, TODAY)
    sips = list(Sip.objects.filter(authority=world.authority).order_by("pk"))[:9]
    for place, sip in enumerate(sips):
        visit = Visit.objects.create(
            authority=world.authority, lead=sip.user, visit_type="autumn", visit_type_label="Autumn", state="held", on=TODAY,
            academic_year=2008, created_at=NOW, held_logged_at=NOW,
        )  # fmt: skip
        if place > 6:
            continue
        row = Shadowing.objects.create(
            authority=world.authority, sip=sip, observer=world.manager, visit=visit, academic_year=2008, by_on=TODAY, state="done",
            planned_at=NOW, planned_by=world.manager, told_at=NOW, done_on=TODAY, written_at=NOW,
        )  # fmt: skip
        for kind, code, least in (("strength", "Prepared", 0), ("development", "Balance", 2), ("development", "Rare", 5)):
            if place >= least:
                ShadowingFinding.objects.create(shadowing=row, kind=kind, code=code.lower(), label=code, evidence="Seen.")
    for which, code in (("programme", "shadowing"), ("evidence", "qa")):
        report = make_report(world.authority, pack, which, periods(pack, TODAY)[0], TODAY)
        section = next(section for section in report.sections if section.code == code)
        tables = {table.caption: dict(table.rows) for table in section.tables}
        assert tables["Common strengths"] == {"Prepared": "7 of 7 (100%)"}
        assert tables["Common areas for development"] == {"Balance": "5 of 7 (71%)"}, "two of seven are too few to show"
        assert not section.words, "two of nine without a shadowing could be told"
