"""What the two commands refuse, in a database that holds another authority or none."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from core.access import Refused
from core.audit import AuditEvent
from people.models import Authority, User
from people.roles import Hat
from sip_portal.demo import material
from sip_portal.demo.figures import figures_of, holds, quoted
from tests.factories.people import NOW, make_authority
from tests.factories.schools import World
from tests.factories.visits import load_england_2008
from visits import services
from visits.models import AgreedAction, NoteOfVisit, NoteRecord, Visit

pytestmark = pytest.mark.django_db


def test_another_authority_is_never_joined() -> None:
    make_authority("886", "Elsewhere")
    with pytest.raises(CommandError, match="This database holds Elsewhere"):
        call_command("seed_demo")
    assert list(Authority.objects.values_list("code", flat=True)) == ["886"]


def test_its_own_authority_beside_another_is_refused_too() -> None:
    make_authority("999", "Wealdshire")
    make_authority("886", "Elsewhere")
    with pytest.raises(CommandError, match="Elsewhere"):
        call_command("seed_demo")


def test_a_second_run_says_so_and_changes_nothing() -> None:
    make_authority("999", "Wealdshire")
    before = (User.objects.count(), AuditEvent.objects.count())
    out = io.StringIO()
    call_command("seed_demo", stdout=out)
    assert "Nothing was changed" in out.getvalue()
    assert (User.objects.count(), AuditEvent.objects.count()) == before


@override_settings(IS_DEMO=False)
@pytest.mark.parametrize("command", ["seed_demo", "demo_accounts"])
def test_a_portal_that_people_use_gets_no_printed_passwords(command: str) -> None:
    with pytest.raises(CommandError, match="SIP_ENV=demo"):
        call_command(command)
    assert not Authority.objects.exists()


def test_without_the_authority_there_are_no_accounts() -> None:
    with pytest.raises(CommandError, match="seed_demo"):
        call_command("demo_accounts")


# ---------------------------------------------------------------- figures and passages


def test_figures_are_the_schools_own_and_the_same_each_time() -> None:
    situation = material.toml("situations")["low_attaining_improving"]
    once, again, other = (figures_of(urn, "primary", 210, situation) for urn in (990015, 990015, 990158))
    assert once == again != other
    assert 42 <= int(once["main_2008"]) <= 54
    assert int(once["fft_b"]) < int(once["fft_d"])
    assert int(once["target_2010"]) > int(once["floor"])
    assert int(once["change_2y"]) == int(once["main_2008"]) - int(once["main_2006"])
    assert Decimal(once["absence_target_2010"]) < Decimal(once["absence_2008"])


@pytest.mark.parametrize("family", sorted(material.toml("situations")))
def test_every_situation_yields_figures(family: str) -> None:
    phase = {"national_challenge": "secondary", "pru_reintegration": "pru", "special_small_steps": "special"}.get(family, "primary")
    figures = figures_of(990500, phase, 210, material.toml("situations")[family])
    assert figures["category"] in ("Light touch", "Standard", "Additional support", "Intensive")
    assert material.passages(family, "leadership", phase, figures)


def test_a_passage_without_its_figure_is_not_chosen() -> None:
    assert quoted("{main_2008}% in 2008", {}) is None
    assert (
        quoted("{met} of {total} are met. It took {weeks} weeks.", {"met": 2, "total": 4, "weeks": 10})
        == "Two of four are met. It took 10 weeks."
    )
    assert quoted("{main_2008}% in 2008", {"main_2008": 7}) == "7% in 2008"


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        ("abs(target_2010 - fft_d) <= 2", True),
        ("fft_d - target_2010 >= 1", True),
        ("target_2010 > floor", True),
        ("main_2008 <= floor + 6", False),
        ("absent >= 1", False),
    ],
)
def test_conditions_on_figures(condition: str, answer: bool) -> None:
    assert holds(condition, {"target_2010": 65, "fft_d": 66, "floor": 55, "main_2008": 62}) is answer


def test_a_condition_that_nobody_can_read_is_an_error() -> None:
    with pytest.raises(ValueError, match="Not a condition"):
        holds("attendance is good", {})


# ---------------------------------------------------------------- notes from before the portal's time


@pytest.fixture
def world(world: World) -> World:
    load_england_2008(world.authority)
    return world


def earlier(world: World, **values: object) -> services.ImportedNote:
    given: dict[str, object] = {
        "school": world.oak,
        "author": world.sip,
        "visit_type": "summer",
        "on": dt.date(2008, 6, 12),
        "finalised_at": NOW.replace(month=7, day=1),
        "sections": {"year_impact": "Two of five priorities moved pupils on.", "priorities": "Writing."},
        "actions": [
            services.ImportedAction("Joint planning in pairs, one hour a week", "head", dt.date(2008, 9, 30), "Half of lessons good"),
            services.ImportedAction("Rewrite the policy", "deputy", dt.date(2008, 7, 1), state="met", closed_on=dt.date(2008, 7, 1)),
        ],
    }
    return services.ImportedNote(**{**given, **values})  # type: ignore[arg-type]


def test_an_imported_note_is_a_final_record_without_a_pdf(world: World) -> None:
    record = services.import_note(actor=world.fresh("administrator"), note=earlier(world), source="the old forms", at=NOW)
    record.refresh_from_db()
    note = record.note
    assert (record.is_imported, record.pdf, record.kind, record.version) == (True, None, "final", 1)
    assert (note.state, note.final_version, note.reference, note.visit.is_imported) == ("final", 1, "2007/0001", True)
    assert [(a.state, a.agreed_on) for a in AgreedAction.objects.order_by("position")] == [
        ("open", dt.date(2008, 6, 12)),
        ("met", dt.date(2008, 6, 12)),
    ]
    assert "Taken over from the old forms" in record.payload
    event = AuditEvent.objects.get(event="note.imported")
    assert (event.subject_id, event.actor_name) == (note.public_id, world.administrator.name)
    assert NoteRecord.objects.visible_to(world.fresh("head")).filter(pk=record.pk).exists()
    assert not NoteRecord.objects.visible_to(world.fresh("other_manager")).filter(pk=record.pk).exists()


def test_a_batch_is_one_event_and_all_or_nothing(world: World) -> None:
    notes = [earlier(world), earlier(world, school=world.ash)]
    records = services.import_notes(actor=None, authority=world.authority, notes=notes, source="the old forms", at=NOW)
    assert [record.note.reference for record in records] == ["2007/0001", "2007/0002"]
    event = AuditEvent.objects.get(event="note.imported")
    assert (event.changes["notes"], event.changes["schools"], event.changes["actions"]) == (2, 2, 4)
    more = [earlier(world, school=world.elm), earlier(world)]
    with pytest.raises(Refused, match="has a visit of this kind on 12 June 2008 already"):
        services.import_notes(actor=None, authority=world.authority, notes=more, source="the old forms", at=NOW)
    assert (NoteOfVisit.objects.count(), Visit.objects.count()) == (2, 2)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"visit_type": "winter"}, "knows no visit of the kind winter"),
        ({"visit_type": "htpm", "sections": {}}, "has no note"),
        ({"finalised_at": NOW.replace(year=2009)}, "still to come"),
        ({"finalised_at": NOW.replace(month=5)}, "before the visit"),
        ({"sections": {"weather": "Fine."}}, "no section weather"),
        ({"sections": {"priorities": "  "}}, "is empty"),
        ({"actions": [services.ImportedAction("", "head", dt.date(2008, 9, 1))]}, "a text and an owner"),
        ({"actions": [services.ImportedAction("Do", "nobody", dt.date(2008, 9, 1))]}, "a text and an owner"),
        ({"actions": [services.ImportedAction("Do", "head", dt.date(2008, 9, 1), state="met")]}, "the day on which it was closed"),
        ({"actions": [services.ImportedAction("Do", "head", dt.date(2008, 9, 1), state="proposed")]}, "open, met, not met or dropped"),
    ],
)
def test_what_an_imported_note_may_not_be(world: World, values: dict[str, object], says: str) -> None:
    with pytest.raises(Refused, match=says):
        services.import_note(actor=None, note=earlier(world, **values), source="the old forms", at=NOW)
    assert not Visit.objects.exists()


def test_who_may_import_notes(world: World) -> None:
    from django.core.exceptions import PermissionDenied

    for person in ("manager", "sip", "head", "other_administrator"):
        with pytest.raises(PermissionDenied):
            services.import_note(actor=world.fresh(person), note=earlier(world), source="the old forms", at=NOW)
    with pytest.raises(Refused, match="belong to different authorities"):
        services.import_notes(actor=None, authority=world.authority, notes=[earlier(world, school=world.birch)], source="x", at=NOW)
    with pytest.raises(Refused, match="where the notes come from"):
        services.import_note(actor=None, note=earlier(world), source=" ", at=NOW)


def test_an_imported_note_can_be_amended(world: World) -> None:
    record = services.import_note(actor=None, note=earlier(world), source="the old forms", at=NOW)
    note = NoteOfVisit.objects.get(pk=record.note_id)
    services.amend_note(actor=world.sip, note=note, reason="Two figures were reversed", at=NOW)
    services.save_section(actor=world.sip, note=note, key="priorities", base_revision=0, body="Writing, and marking.", at=NOW)
    note.refresh_from_db()
    assert (note.state, note.version, note.final_version) == ("draft", 2, 1)


def test_hats_of_the_material_exist() -> None:
    roles = {role["role"] for person in material.toml("people")["person"] for role in person.get("roles", ())}
    assert roles <= {hat.value for hat in Hat}
