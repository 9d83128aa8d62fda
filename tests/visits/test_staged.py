"""What a note says of the school's targets and interventions waits until the note is final (ADR 0016)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from core.access import Refused
from support.models import Intervention
from support.services import record_intervention, revise_intervention
from targets.models import Target
from targets.services import set_target
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World
from visits import checks, services
from visits.models import NoteOfVisit
from visits.payload import PayloadBuilder

pytestmark = pytest.mark.django_db

LATER = NOW + dt.timedelta(hours=2)


@pytest.fixture
def note(world: World) -> NoteOfVisit:
    make.load_england_2008(world.authority)
    world.authority.settings = {"gate_lot_one_in": 0}
    world.authority.save()
    record_intervention(actor=world.sip, school=world.oak, at=NOW, name="Reading Recovery", origin="strategy", cost_pence=320_000)
    return make.fill(world.sip, make.start(world.sip, world.oak))


def save(world: World, note: NoteOfVisit, key: str, name: str, rows: list[dict[str, Any]]) -> None:
    section = note.sections.get(code=key)
    services.save_section(actor=world.sip, note=note, key=key, base_revision=section.revision, rows={name: rows}, at=LATER)


def say(world: World, note: NoteOfVisit, **more: Any) -> None:
    """The note agrees a target, judges Reading Recovery, and names a project of the school's."""
    first = note.sections.get(code="targets_next").note_targets.earliest("position")
    save(world, note, "targets_next", "targets", [{"id": str(first.pk), "value": "72", "previous": "61", "agreed": "yes"}])
    known = Intervention.objects.get()
    rows = [
        {
            "id": known.public_id,
            "name": known.name,
            "cost_pence": "320000",
            "impact": "Six of eight reached level 2.",
            "value_for_money": "good",
        },
        {"name": "Writing project", "quarters": "6"},
    ]
    save(world, note, "interventions", "interventions", [{**row, **more} for row in rows])


def test_an_abandoned_draft_leaves_the_schools_rows_as_they_were(world: World, note: NoteOfVisit) -> None:
    say(world, note)
    services.abandon_note(actor=world.sip, note=make.fresh(note), reason="Written up elsewhere.", at=LATER)
    assert not Target.objects.exclude(value=None).exists()
    known = Intervention.objects.get()
    assert (known.name, known.impact, known.evaluated_on, known.origin) == ("Reading Recovery", "", None, "strategy")


def test_the_draft_shows_what_is_staged_and_final_applies_it(world: World, note: NoteOfVisit) -> None:
    say(world, note)
    shot = checks.load(make.fresh(note)).snapshot
    assert [row.value for row in shot.targets if row.value is not None] == [Decimal("72")]
    told = next(section for section in shot.sections if section.code == "interventions").interventions
    assert [(row.name, row.impact) for row in told] == [("Reading Recovery", "Six of eight reached level 2."), ("Writing project", "")]
    payload = PayloadBuilder(make.fresh(note), kind="release", at=LATER, actor=world.sip).build(world.oak)
    blocks = {block["kind"]: block for section in payload["sections"] for block in section["blocks"]}
    assert [row["target"] for row in blocks["targets"]["rows"]] == [72] and blocks["targets"]["rows"][0]["agreed"] is True
    assert [row["origin_label"] for row in blocks["interventions"]["rows"]] == ["national strategy", "the school's own"]

    note = make.release(world.sip, make.submit(world.sip, note, LATER), LATER)
    assert Intervention.objects.count() == 1 and not Target.objects.exclude(value=None).exists()
    services.answer_note(actor=world.head, note=note, school=world.oak, accuracy="accurate", at=LATER)
    make.finalise(world.sip, note, LATER)
    target = Target.objects.exclude(value=None).get()
    assert (target.value, target.previous, target.state) == (Decimal("72"), Decimal("61"), "agreed")
    recovery, project = Intervention.objects.order_by("pk")
    assert (recovery.impact, recovery.value_for_money, recovery.evaluated_on) == ("Six of eight reached level 2.", "good", LATER.date())
    assert (project.name, project.origin, project.quarters, project.school_id) == ("Writing project", "school", 6, world.oak.pk)
    rows = note.sections.get(code="interventions").interventions.all()
    assert [(row.intervention_id, row.staged) for row in rows] == [(recovery.pk, {}), (project.pk, {})]


def test_what_others_change_meanwhile_shows_through_and_is_not_undone(world: World, note: NoteOfVisit) -> None:
    say(world, note)
    known = Intervention.objects.get()
    revise_intervention(actor=world.head, intervention=known, at=LATER, cost_pence=400_000, provider="The authority")
    row = note.sections.get(code="interventions").interventions.get(intervention=known)
    assert (row.shown.cost_pence, row.shown.provider, row.shown.impact) == (400_000, "The authority", "Six of eight reached level 2.")
    say(world, note)  # the page was read before: it still sends the old cost, and no provider
    row.refresh_from_db()
    assert row.changes == {"impact": "Six of eight reached level 2.", "value_for_money": "good"}


def test_a_note_says_what_agreed_support_did_and_not_what_was_agreed(world: World, note: NoteOfVisit) -> None:
    Intervention.objects.update(state="delivered", decided_by="Ms Head", decided_on=NOW.date())
    with pytest.raises(Refused, match="stay as they were agreed"):
        say(world, note, cost_pence="900000")
    say(world, note)
    row = note.sections.get(code="interventions").interventions.get(intervention__isnull=False)
    assert row.changes == {"impact": "Six of eight reached level 2.", "value_for_money": "good"}


def test_a_row_left_out_of_the_note_stays_the_schools(world: World, note: NoteOfVisit) -> None:
    say(world, note)
    save(world, note, "interventions", "interventions", [])
    assert not note.sections.get(code="interventions").interventions.exists()
    assert Intervention.objects.get().name == "Reading Recovery"


def test_who_may_write_the_schools_rows(world: World, note: NoteOfVisit) -> None:
    target, known = Target.objects.earliest("pk"), Intervention.objects.get()
    for name, may_target, may_intervention in (
        ("manager", True, True),
        ("sip", True, True),
        ("head", False, True),
        ("former_sip", False, False),  # in the days of grace by the note that they finish alone
        ("officer", False, False),
        ("chair", False, False),
        ("consultant", False, False),
        ("administrator", False, False),
    ):
        actor = world.fresh(name)
        for may, deed in (
            (may_target, lambda actor=actor: set_target(actor=actor, target=target, value=Decimal("70"), at=NOW)),
            (may_intervention, lambda actor=actor: revise_intervention(actor=actor, intervention=known, fund="Standards Fund", at=NOW)),
        ):
            if may:
                deed()
            else:
                with pytest.raises(PermissionDenied):
                    deed()
    former = world.fresh("former_sip")
    set_target(actor=former, target=target, value=Decimal("71"), at=NOW, by_note=True)
    revise_intervention(actor=former, intervention=known, fund="Other", at=NOW, by_note=True)


def test_of_a_group_each_school_declares_for_itself(world: World) -> None:
    make.load_england_2008(world.authority)
    note = make.start(world.sip, world.oak, world.ash)
    oak, ash = f"differences.{world.oak.urn}", f"differences.{world.ash.urn}"
    services.save_section(actor=world.sip, note=note, key=oak, base_revision=0, rows={"differences": [{"declared_none": "on"}]}, at=NOW)
    found = [(one.code, one.section_key) for one in checks.run_checks(note) if one.code == "difference-undeclared"]
    assert [key for _, key in found] == [ash]
    for school, none in ((world.oak, True), (world.ash, None)):
        payload = PayloadBuilder(make.fresh(note), kind="release", at=NOW, actor=world.sip).build(school)
        blocks = [block for section in payload["sections"] for block in section["blocks"] if block["kind"] == "differences"]
        assert [block["declared_none"] for block in blocks] == ([True] if none else [])
