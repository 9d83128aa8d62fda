"""The facts that support and visits own, for many schools at once, and the page and files that show them."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.access import Refused
from core.audit import AuditEvent
from core.facts import FactQuestion, Standing, gather
from people.packs import require_pack
from schools.models import School
from support import services
from support.models import SchoolCategory
from targets.pack import facts_of
from tests.factories import visits as make
from tests.factories.concerns import open_case
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, make_days, make_school
from tests.factories.stage import person, stage, undone
from visits.models import AgreedAction, NoteRecord

pytestmark = pytest.mark.django_db

OURS = ("support", "interventions", "concern", "programme", "note", "actions")


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as world:
        yield furnish(world)


@pytest.fixture
def told(standing: World) -> Iterator[World]:
    with undone():
        for user in standing.people.values():
            user.forget_hats()
        yield standing


def furnish(world: World) -> World:
    """Oakfield with one of everything."""
    note = make.release(world.sip, make.submit(world.sip, make.fill(world.sip, make.start(world.sip, world.oak))))
    note = make.finalise(world.sip, note, NOW + dt.timedelta(days=30))
    AgreedAction.objects.filter(note=note).update(due_on=TODAY - dt.timedelta(days=1))
    make_days(world.sip, world.oak, 16)
    make_days(world.sip, world.oak, 6, kind="in_school")
    services.decide_category(
        actor=world.manager, school=world.oak, scheme="current", category="additional", label="Additional support", level=3,
        starts_on=dt.date(2008, 9, 1), decided_by="Panel of 8 July 2008", at=NOW,
    )  # fmt: skip
    open_case(world)
    services.record_intervention(
        actor=world.sip, school=world.oak, name="Reading", origin="brokered", starts_on=TODAY - dt.timedelta(days=30), at=NOW
    )
    services.record_intervention(
        actor=world.sip, school=world.oak, name="Improving Schools Programme", origin="programme", impact="i", value_for_money="good",
        starts_on=TODAY - dt.timedelta(days=30), at=NOW,
    )  # fmt: skip
    return world


def ask(world: World, *codes: str, on: dt.date = TODAY + dt.timedelta(days=60)) -> dict[str, object]:
    table = gather(codes, FactQuestion(School.objects.filter(authority=world.authority), on=on, scope=world.authority))
    return {code: table.value(code, world.oak.pk) for code in codes}


def test_every_fact_of_ours_has_a_value_for_every_school(told: World) -> None:
    codes = [code for code in facts_of(require_pack(told.authority, TODAY).content).school if code.partition(".")[0] in OURS]
    assert len(codes) >= 18
    on = TODAY + dt.timedelta(days=60)
    table = gather(codes, FactQuestion(School.objects.filter(authority=told.authority), on=on, scope=told.authority))
    oak = {code: table.value(code, told.oak.pk) for code in codes}
    assert oak["support.category"].value == 3 and oak["support.category"].source.endswith("Panel of 8 July 2008")
    assert oak["support.days_used_pct"].value == Decimal("81.3")  # 6 quarters of the ledger, 7 of the visit, of 16
    assert oak["concern.open"].value is True and oak["concern.classes"].value == {"low-attaining"}
    assert oak["interventions.unevaluated"].value == 1
    assert oak["programme.isp"].value is True and oak["programme.national_challenge"].value is False
    assert oak["note.capacity"].value == 2 and oak["note.capacity"].source.startswith("Note 2008/")
    assert oak["note.age_days"].value == (on - make.HELD_ON).days
    assert oak["actions.overdue"].value >= 1
    elm = {code: table.value(code, told.elm.pk) for code in codes}
    assert elm["note.capacity"].standing is Standing.UNKNOWN and "no final note" in elm["note.capacity"].why
    assert elm["concern.open"].value is False and elm["actions.overdue"].value == 0
    assert elm["programme.national_challenge"].value is True  # an adviser is assigned (S6)
    assert elm["support.category"].value == 0 and elm["support.days_used_pct"].standing is Standing.UNKNOWN


def test_a_note_whose_withdrawal_is_asked_for_judges_nothing(told: World) -> None:
    from visits import services as visits

    record = NoteRecord.objects.get(school=told.oak, kind="final")
    visits.ask_withdrawal(actor=told.manager, record=record, reason="A pupil can be recognised.", at=NOW)
    assert ask(told, "note.capacity")["note.capacity"].standing is Standing.UNKNOWN  # type: ignore[attr-defined]


def test_as_many_queries_for_many_schools_as_for_few(told: World) -> None:
    codes = [code for code in facts_of(require_pack(told.authority, TODAY).content).school if code.partition(".")[0] in OURS]

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            gather(codes, FactQuestion(School.objects.filter(authority=told.authority), on=TODAY, scope=told.authority))
        return len(captured)

    few = asked()
    for number in range(6):
        school = make_school(told.authority)
        SchoolCategory.objects.create(
            school=school,
            scheme="current",
            category="standard",
            label="Standard",
            level=2,
            decided_on=TODAY,
            decided_by="P",
            starts_on=TODAY,
        )
        make_days(told.sip, school, 20 + number)
    assert asked() == few <= len(codes)


def test_a_warning_notice_is_a_fact_from_the_day_it_is_given_to_the_day_it_is_lifted(told: World) -> None:
    with pytest.raises(Refused, match="on what grounds"):
        services.give_warning_notice(actor=told.manager, school=told.oak, grounds=" ", on=TODAY, at=NOW)
    notice = services.give_warning_notice(actor=told.manager, school=told.oak, grounds="Standards.", on=TODAY, at=NOW)
    assert ask(told, "concern.warning_notice")["concern.warning_notice"].value is True  # type: ignore[attr-defined]
    with pytest.raises(Refused, match="already"):
        services.give_warning_notice(actor=told.manager, school=told.oak, grounds="Again.", on=TODAY, at=NOW)
    services.lift_warning_notice(actor=told.manager, notice=notice, on=TODAY + dt.timedelta(days=9), at=NOW)
    assert ask(told, "concern.warning_notice")["concern.warning_notice"].value is False  # type: ignore[attr-defined]


def test_the_page_lists_every_fact_with_its_coverage_over_ones_own_schools(told: World) -> None:
    client = Client()
    client.force_login(person(told.sip))
    page = client.get(reverse("support:fact-list")).content.decode()
    for code in facts_of(require_pack(told.authority, TODAY).content).school:
        assert f"<code>{code}</code>" in page
    assert "ks2.l4_en_ma" in page and "of 2</span>" in page  # Oakfield and Ashdown, where she serves... and is walled from neither
    client.force_login(person(told.head))
    assert client.get(reverse("support:fact-list")).status_code == 403


def rows(response: object) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))  # type: ignore[attr-defined]


def test_a_fact_as_a_file_tells_the_four_values_apart_and_holds_only_ones_own_schools(told: World) -> None:
    client = Client()
    client.force_login(person(told.manager))
    found = {row["School"]: row for row in rows(client.get(reverse("support:fact-export", args=["note.capacity", "csv"])))}
    assert found["Oakfield Primary School"]["Standing"] == "unknown"  # the note was made final after today
    held = {row["School"]: row for row in rows(client.get(reverse("support:fact-export", args=["support.category", "csv"])))}
    oak = held["Oakfield Primary School"]
    assert (oak["Value"], oak["Standing"], oak["Date"]) == ("3", "figure", "01/09/2008") and "Panel of 8 July 2008" in oak["Source"]
    assert "Gorse Hill School" not in held and len(held) == 7
    assert AuditEvent.objects.filter(event="facts.exported", authority_code="999").count() == 2
    assert client.get(reverse("support:fact-export", args=["support.category", "xlsx"])).content[:2] == b"PK"
    assert client.get(reverse("support:fact-export", args=["target.value", "csv"])).status_code == 404
    assert client.get(reverse("support:fact-export", args=["no.such", "csv"])).status_code == 404
    client.force_login(person(told.officer_chair))  # walled from Elmwood, whose chair he is
    assert "Elmwood High School" not in {
        r["School"] for r in rows(client.get(reverse("support:fact-export", args=["concern.open", "csv"])))
    }
