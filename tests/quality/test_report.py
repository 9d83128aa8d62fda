"""The programme report and the evidence pack: whole figures, the latest judgement first, small numbers hidden."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.audit import AuditEvent
from people.packs import require_pack
from quality import services
from quality.report import TOO_FEW, make_report, periods
from tests.factories.people import NOW, TODAY, make_sip, make_user
from tests.factories.schools import World, make_assignment, make_school
from tests.factories.stage import stage
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
