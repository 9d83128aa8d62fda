"""Heads, chairs and clerks from the authority's own list."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from core.audit import AuditEvent
from core.tabular.models import ImportBatch
from core.tabular.services import run
from schools.choices import ContactKind, ContactState
from schools.imports.contacts import FORMAT
from schools.models import Contact
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, make_contact
from tests.factories.tables import csv_bytes, written

pytestmark = [pytest.mark.django_db, pytest.mark.both]

COLUMNS = ("URN", "DfE number", "Role", "Name", "Email", "Telephone", "From", "Until")


@pytest.fixture
def load(tmp_path: Path, world: World):
    def import_rows(*rows: dict[str, Any], actor: Any = None, should_commit: bool = True) -> dict[str, Any]:
        path = written(tmp_path, "contacts.csv", csv_bytes(COLUMNS, rows, "utf-8"))
        with path.open("rb") as file:
            batch = run(
                actor=actor,
                kind="contacts",
                authority_code="999",
                file=file,
                file_name="contacts.csv",
                at=NOW,
                on=TODAY,
                should_commit=should_commit,
            )
        return batch.summary

    return import_rows


def row(school: Any, role: str, name: str, **values: Any) -> dict[str, Any]:
    return {"URN": school.urn, "Role": role, "Name": name, **values}


def confirmed(school: Any) -> set[tuple[str, str, dt.date | None]]:
    return set(school.contacts.filter(state=ContactState.CONFIRMED).values_list("kind", "name", "ends_on"))


def test_a_new_contact_is_confirmed_and_joins_the_account_of_its_address(load, world):
    report = load(
        row(world.fir, "headteacher", "Fiona Head", Email=world.outsider.email.upper(), Telephone="01632 960001", From="01/09/2008"),
        actor=world.administrator,
    )
    assert (report["created"], report["created_by"]) == (1, {"head": 1})
    contact = world.fir.contacts.get()
    assert (contact.kind, contact.name, contact.state, contact.user) == (
        ContactKind.HEAD,
        "Fiona Head",
        ContactState.CONFIRMED,
        world.outsider,
    )
    assert (contact.starts_on, contact.telephone, contact.decided_at) == (dt.date(2008, 9, 1), "01632 960001", NOW)
    assert (contact.reported_by, contact.decided_by) == (world.administrator, world.administrator)
    assert len(contact.public_id) == 20
    assert world.fresh("outsider").hats.contact_hats(world.fir.pk), "the account now wears the hat"


def test_whoever_held_the_office_ends_the_day_before(load, world):
    report = load(
        row(world.oak, "acting headteacher", "Edith Acting", From="03/11/2008"),
        row(world.oak, "Chair of governors", "New Chair", From="01/11/2008"),
    )
    assert (report["created"], report["closed"]) == (2, 2)
    assert confirmed(world.oak) >= {
        ("head", "Anwen Price", dt.date(2008, 11, 2)),
        ("acting_head", "Edith Acting", None),
        ("chair", "Clement Board", dt.date(2008, 10, 31)),
        ("chair", "New Chair", None),
        ("clerk", "Clara Minutes", None),
    }


def test_a_person_who_is_there_already_is_left_as_they_are_or_gets_what_is_new(load, world):
    assert load(row(world.oak, "headteacher", "anwen  PRICE"))["unchanged"] == 1
    report = load(row(world.oak, "headteacher", "Anwen Price", Telephone="01632 960002", Until="31/12/2008"))
    assert (report["updated"], report["closed"]) == (1, 0)
    contact = world.oak.contacts.get(kind="head")
    assert (contact.telephone, contact.ends_on, contact.email) == ("01632 960002", dt.date(2008, 12, 31), world.head.email)
    assert contact.decided_by_id is None, "who confirmed it then is not who imports now"


def test_a_reported_contact_is_confirmed_by_the_import(load, world):
    reported = make_contact(world.fir, ContactKind.CLERK, name="Cora Clerk", email="", state=ContactState.REPORTED)
    assert load(row(world.fir, "clerk", "Cora Clerk"), actor=world.administrator)["updated"] == 1
    reported.refresh_from_db()
    assert (reported.state, reported.decided_by, reported.decided_at) == (ContactState.CONFIRMED, world.administrator, NOW)


def test_nobody_loses_a_role_by_not_being_in_the_file(load, world):
    before = confirmed(world.elm)
    load(row(world.oak, "headteacher", "Anwen Price"))
    assert confirmed(world.elm) == before


def test_staff_and_co_heads_share_and_one_office_has_one_holder(load, world):
    report = load(
        row(world.fir, "co-headteacher", "A One"),
        row(world.fir, "co-headteacher", "B Two"),
        row(world.fir, "governor", "C Three"),
        row(world.fir, "governor", "D Four"),
    )
    assert (report["created"], report["closed"], report["error_count"]) == (4, 0, 0)
    report = load(row(world.rowan, "headteacher", "A One"), row(world.rowan, "headteacher", "B Two"))
    assert "Row 2 names A One for the same office" in report["errors"][0]["message"]
    report = load(row(world.rowan, "headteacher", "A One", Until="31/12/2008"), row(world.rowan, "headteacher", "B Two", From="01/01/2009"))
    assert (report["created"], report["error_count"]) == (2, 0)
    assert load(row(world.pru, "clerk", "A One"), row(world.pru, "clerk", "A One"))["skipped"] == 1


def test_a_successor_before_the_one_in_office_began_is_refused(load, world):
    report = load(row(world.oak, "headteacher", "Too Early", From="01/01/2005"))
    assert report["errors"][0]["message"] == "Anwen Price is headteacher from 01/09/2005. End that first, or correct the day."
    assert not Contact.objects.filter(name="Too Early").exists()


def test_a_school_is_found_by_dfe_number_and_nothing_is_guessed(load, world):
    by_number = {"DfE number": world.fir.dfe_number, "Role": "headteacher", "Name": "By Number"}
    report = load(
        by_number,
        row(world.gorse, "clerk", "At Closed"),
        {"URN": 1, "Role": "clerk", "Name": "At Nowhere"},
        {"Role": "clerk", "Name": "No School"},
        row(world.birch, "clerk", "At Theirs"),
    )
    assert (report["created"], report["held"]) == (1, 4)
    messages = [held["message"] for held in ImportBatch.objects.get().held]
    assert messages[0] == "Gorse Hill School is closed."
    assert "has the URN 1." in messages[1]
    assert "names no school" in messages[2]
    assert not world.birch.contacts.filter(name="At Theirs").exists(), "another authority's school is nowhere"


def test_nobody_confirms_themselves_nor_at_a_school_they_are_walled_from(load, world):
    report = load(row(world.fir, "headteacher", "Ada Minton", Email=world.administrator.email), actor=world.administrator)
    assert "Nobody confirms their own role" in report["errors"][0]["message"]
    make_contact(world.fir, ContactKind.GOVERNOR, user=world.administrator)
    report = load(row(world.fir, "headteacher", "Fiona Head"), actor=world.fresh("administrator"))
    assert report["errors"][0]["message"] == "You may not decide who is at Firbank School."
    assert load(row(world.yew, "clerk", "Cleo Clerk"), actor=world.fresh("administrator"))["created"] == 1


def test_wrong_cells_are_told_and_nothing_is_written(load, world):
    report = load(
        row(world.oak, "caretaker", "A One"),
        row(world.fir, "clerk", "B Two", Email="not an address"),
        row(world.fir, "headteacher", "C Three", Until="01/01/2001"),
    )
    assert [(e["row"], e["column"]) for e in report["errors"]] == [(2, "Role"), (3, "Email"), (4, "Until")]
    assert not Contact.objects.filter(name__in=["A One", "B Two", "C Three"]).exists()


def test_the_report_and_the_audit_hold_no_names_and_no_addresses(load, world):
    load(row(world.fir, "headteacher", "Canary Name", Email="canary@portal.example", Telephone="0999"))
    load(row(world.fir, "headteacher", "Canary Name", Email="canary2@portal.example"))
    kept = str(list(ImportBatch.objects.values())) + str(list(AuditEvent.objects.values()))
    assert "anary" not in kept
    assert AuditEvent.objects.filter(event="contacts.imported").count() == 2


def test_many_rows_cost_no_more_queries_than_few(load, world, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        load(*[row(world.fir, "governor", f"Governor {n}") for n in range(60)])
    assert world.fir.contacts.count() == 60


def test_the_template_names_its_columns_and_roles():
    assert FORMAT.template("csv").decode("utf-8-sig").startswith('"URN","DfE number","School","Role","Name"')
    assert "chair of governors" in FORMAT.documentation()
