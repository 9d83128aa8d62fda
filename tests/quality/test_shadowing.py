"""Shadowing from the plan to the answer, and moderation from the draw to the rating: what goes through, and what is refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from core.access import Refused
from core.audit import AuditEvent
from core.outbox import OutboxEmail
from people.packs import require_pack
from quality import services
from quality.agreement import Agreement
from quality.draw import Candidate, draw
from quality.models import Moderation, SampledNote, Shadowing
from quality.selectors.moderation import frame_of, results_of
from quality.selectors.shadowing import common_findings, shadowing_coverage
from quality.services import Finding
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, make_contact, make_interest, make_school
from tests.factories.shadowing import LATER, SEEN, SOON, again, book, drawn, grades, sampled, sip_of, told, written
from tests.factories.stage import person
from visits import services as visits
from visits.models import NoteOfVisit, NoteReader, NoteRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(observed_world: World) -> World:
    return observed_world


# ---------------------------------------------------------------- shadowing


def test_p28_the_line_manager_observes_the_next_booked_visit_and_the_head_is_told_by_name(world: World) -> None:
    later, first = book(world.sip, world.ash, on=SOON + dt.timedelta(days=9)), book(world.sip, world.oak)
    row = services.plan_shadowing(actor=world.manager, sip=sip_of(world), at=NOW)
    assert (row.observer, row.visit, row.is_outside_line, row.by_on) == (world.head_of_improvement, first, False, dt.date(2009, 4, 3))
    with pytest.raises(Refused, match="planned already"):
        services.plan_shadowing(actor=world.manager, sip=sip_of(world), at=NOW)
    services.tell_head(actor=world.manager, shadowing=again(row), at=NOW)
    email = OutboxEmail.objects.get(context_kind="shadowing")
    assert email.to_address == world.head.email
    assert "Hugh Penrose will observe" in email.body and row.get_absolute_url() in email.body
    assert again(first).observers == ["Hugh Penrose, observer"]
    services.ask_other_date(actor=person(world.head), shadowing=again(row), reason="Governors meet that day.", at=NOW)
    row = again(row)
    assert (row.state, row.reason, again(first).observers) == ("planned", "Governors meet that day.", [])
    services.move_shadowing(actor=world.manager, shadowing=row, visit=later, reason="As the head asked.", at=NOW)
    assert again(row).visit == later
    services.cancel_shadowing(actor=world.manager, shadowing=again(row), reason="Planned anew in spring.", at=NOW)
    assert again(row).state == "cancelled"


def test_never_oneself_never_over_the_wall_and_nobody_plans_their_own(world: World) -> None:
    visit = book(world.sip, world.oak)
    plan = services.plan_shadowing
    with pytest.raises(Refused, match="Nobody shadows themselves"):
        plan(actor=world.manager, sip=sip_of(world), observer=person(world.sip), at=NOW)
    with pytest.raises(Refused, match="does not work for"):
        plan(actor=world.manager, sip=sip_of(world), observer=person(world.other_sip), at=NOW)
    make_interest(world.officer, world.oak)
    with pytest.raises(Refused, match="interest in the school"):
        plan(actor=world.manager, sip=sip_of(world), observer=person(world.officer), visit=visit, at=NOW)
    row = plan(actor=world.manager, sip=sip_of(world), observer=person(world.officer), at=NOW)
    assert row.visit is None and row.is_outside_line, "by default a visit at which the observer may be"
    for actor in ("manager_sip", "sip", "officer", "head_of_improvement", "other_manager"):
        with pytest.raises(PermissionDenied):
            plan(actor=person(world.people[actor]), sip=sip_of(world, "manager_sip"), at=NOW)
    with pytest.raises(Refused, match="Choose the visit first"):
        services.tell_head(actor=world.manager, shadowing=again(row), at=NOW)


def test_the_form_is_coded_with_evidence_answered_by_the_sip_and_closed(world: World) -> None:
    row = told(world)
    write = services.write_shadowing
    step = "Press on attendance in spring."
    hugh, sip = person(world.head_of_improvement), person(world.sip)
    with pytest.raises(Refused, match="still to come"):
        write(actor=hugh, shadowing=row, findings=SEEN, next_step=step, at=NOW)
    with pytest.raises(PermissionDenied):
        write(actor=sip, shadowing=row, findings=SEEN, next_step=step, at=LATER)
    for findings, why in (([], "at least one"), ([Finding("strength", "charm", "x")], "codes of the form")):
        with pytest.raises(Refused, match=why):
            write(actor=hugh, shadowing=row, findings=findings, next_step=step, at=LATER)
    with pytest.raises(Refused, match="Say what you saw"):
        write(actor=hugh, shadowing=row, findings=[Finding("strength", "prepared", " ")], next_step=step, at=LATER)
    write(actor=hugh, shadowing=row, findings=SEEN, next_step=step, at=LATER)
    row = again(row)
    assert (row.state, row.done_on, row.findings.count()) == ("done", SOON, 2)
    with pytest.raises(Refused, match="may answer until"):
        services.close_shadowing(actor=hugh, shadowing=again(row), at=LATER)
    services.respond_to_shadowing(actor=sip, shadowing=again(row), response="Agreed.", at=LATER)
    with pytest.raises(Refused):
        write(actor=hugh, shadowing=again(row), findings=SEEN, next_step=step, at=LATER)
    with pytest.raises(PermissionDenied):
        services.close_shadowing(actor=sip, shadowing=again(row), at=LATER)
    services.close_shadowing(actor=hugh, shadowing=again(row), at=LATER)
    assert again(row).state == "closed"
    assert not [event for event in AuditEvent.objects.filter(event__startswith="shadowing") if "attendance" in str(event.changes)]


def test_coverage_is_over_sips_with_a_visit_due_and_names_the_rest(world: World) -> None:
    row = written(world)
    pack = require_pack(world.authority, TODAY)
    found = shadowing_coverage(world.authority, pack, LATER.date())
    assert [line.name for line in found.done] == [world.sip.name]
    assert {line.name for line in found.due} == {world.sip.name, world.consultant.name}
    assert [line.name for line in found.gaps] == [world.consultant.name]
    assert world.new_sip.name in {line.name for line in found.without_visit}
    assert found.line_on(found.by_on) == 2 and found.percent == 50 and found.months[-1][0] == found.by_on
    total, strengths, areas = common_findings(Shadowing.objects.visible_to(person(world.manager)))
    assert (total, [c.count for c in strengths], areas[0].sentences[0].evidence) == (1, [1], SEEN[1].evidence)
    readers = {name for name, user in world.people.items() if Shadowing.objects.visible_to(person(user)).filter(pk=row.pk).exists()}
    assert readers == {"sip", "head_of_improvement", "manager", "manager_sip", "head"}


# ---------------------------------------------------------------- moderation


def test_the_same_seed_draws_the_same_sample_balanced_over_strata() -> None:
    strata = [("adviser", "primary", False), ("adviser", "primary", True), ("consultant", "secondary", False)]
    frame = [Candidate(f"2008/{n:04}", f"sip{n % 12}", strata[(n // 12 + n) % 3]) for n in range(60)]
    first = draw(frame, seed="20081006", per_sip=1, twice_percent=15)
    assert first == draw(frame[::-1], seed="20081006", per_sip=1, twice_percent=15)
    assert [one.candidate for one in first] != [one.candidate for one in draw(frame, seed="7", per_sip=1, twice_percent=15)]
    assert len(first) == len({one.candidate.sip for one in first}) == 12
    assert sum(one.is_twice for one in first) == 2, "15% of 12, rounded up"
    counts = [sum(one.candidate.stratum == stratum for one in first) for stratum in strata]
    assert max(counts) - min(counts) <= 1
    assert len(draw(frame, seed="7", per_sip=10, twice_percent=0)) == 60, "no more than there are"


def test_a_sample_is_drawn_once_from_a_closed_round_and_the_frame_draws_it_again(world: World) -> None:
    with pytest.raises(PermissionDenied):
        services.draw_sample(actor=person(world.sip), round=world.__dict__["round"], due_on=SOON, at=NOW)
    sample = drawn(world, seed="a seed")
    notes = frame_of(sample.round)
    repeated = draw(list(notes), seed="a seed", per_sip=sample.per_sip, twice_percent=sample.twice_percent)
    held = [(row.note.reference, row.is_twice) for row in sample.notes.select_related("note")]
    assert held == [(one.candidate.reference, one.is_twice) for one in repeated]
    assert len(held) == 2 and len(sample.frame) == 3 and sum(row["drawn"] for row in sample.strata) == 2
    with pytest.raises(Refused, match="drawn already"):
        drawn(world)
    visits.reopen_round(actor=world.manager, round=again(sample.round), at=NOW)
    with pytest.raises(Refused, match="is open"):
        drawn(world)


def test_a_moderator_never_rates_their_own_a_mentees_or_over_the_wall(world: World) -> None:
    note = sampled(world, "sip")
    appoint = services.appoint_moderator
    make_interest(world.officer, note.note.school)
    make_contact(make_school(world.authority, cluster=world.north), user=world.new_sip)
    for name, why in (("sip", "their own"), ("officer", "interest"), ("other_sip", "does not work"), ("new_sip", "same cluster")):
        with pytest.raises(Refused, match=why):
            appoint(actor=world.manager, sampled=note, moderator=person(world.people[name]), at=NOW)
    make_contact(world.rowan, name="Rowena Head", email="rowan@schools.wealdshire.example")
    new = SampledNote(sample=note.sample, note=make.bring_to("final", author=world.new_sip, school=world.rowan, manager=world.manager))
    new.version, new.sip_kind, new.phase, new.is_concern = 1, "consultant", "primary", False
    new.save()
    with pytest.raises(Refused, match="mentors the author"):
        appoint(actor=world.manager, sampled=new, moderator=person(world.mentor), at=NOW)
    for name in ("sip", "head_of_improvement", "other_manager"):
        with pytest.raises(PermissionDenied):
            appoint(actor=person(world.people[name]), sampled=note, moderator=person(world.consultant), at=NOW)


def test_the_note_opens_to_the_moderator_until_it_is_rated_and_never_changes(world: World) -> None:
    note = sampled(world)
    records = NoteRecord.objects.filter(note=note.note, kind="final")
    before = NoteOfVisit.objects.filter(pk=note.note_id).values().get()
    officer = person(world.new_sip)
    assert not records.visible_to(officer).exists()
    row = services.appoint_moderator(actor=world.manager, sampled=note, moderator=officer, at=NOW)
    assert records.visible_to(person(officer)).exists()
    assert "holds nothing" in OutboxEmail.objects.get(context_kind="moderation").body
    services.take_back_moderation(actor=world.manager, moderation=again(row), reason="On leave.", at=NOW)
    assert not records.visible_to(person(officer)).exists()
    row = services.appoint_moderator(actor=world.manager, sampled=note, moderator=person(officer), at=NOW)
    rate = services.rate_note
    with pytest.raises(Refused, match="Choose a grade"):
        rate(actor=person(officer), moderation=again(row), grades=grades(world)[1:], overall=2, at=NOW)
    with pytest.raises(Refused, match="is 2, good, at best"):
        rate(actor=person(officer), moderation=again(row), grades=grades(world, evidence=3), overall=1, at=NOW)
    with pytest.raises(Refused, match="is 3, satisfactory, at best"):
        rate(actor=person(officer), moderation=again(row), grades=grades(world, readable=4), overall=2, at=NOW)
    with pytest.raises(PermissionDenied):
        rate(actor=world.manager, moderation=again(row), grades=grades(world), overall=2, at=NOW)
    rate(actor=person(officer), moderation=again(row), grades=grades(world, conforms=3), overall=2, at=NOW)
    assert not records.visible_to(person(officer)).exists()
    with pytest.raises(Refused, match="given or taken back"):
        rate(actor=person(officer), moderation=again(row), grades=grades(world), overall=2, at=NOW)
    assert NoteOfVisit.objects.filter(pk=note.note_id).values().get() == before
    reader = NoteReader.objects.filter(note=note.note).latest("pk")
    assert visits.close_note_to(actor=person(officer), reader=reader, at=NOW).ends_on == TODAY - dt.timedelta(days=1)
    with pytest.raises(Refused, match="is past"):
        visits.open_note_to(
            actor=world.manager, note=note.note, reader=person(officer), reason="x", ends_on=TODAY - dt.timedelta(days=1), at=NOW
        )


def test_the_second_rating_is_blind_and_the_results_count_the_first(world: World) -> None:
    note = sampled(world)
    SampledNote.objects.filter(pk=note.pk).update(is_twice=True)
    note = again(note)
    hugh, new = person(world.head_of_improvement), person(world.new_sip)
    first = services.appoint_moderator(actor=world.manager, sampled=note, moderator=new, at=NOW)
    second = services.appoint_moderator(actor=world.manager, sampled=again(note), moderator=hugh, at=NOW)
    with pytest.raises(Refused, match="take one back first"):
        services.appoint_moderator(actor=world.manager, sampled=again(note), moderator=person(world.officer), at=NOW)
    services.rate_note(actor=person(new), moderation=again(first), grades=grades(world), overall=2, at=NOW)
    assert list(Moderation.objects.visible_to(person(hugh))) == [second], "blind until it is given"
    assert set(Moderation.objects.visible_to(person(world.manager))) == {first, second}
    services.rate_note(actor=person(hugh), moderation=again(second), grades=grades(world, targets=3), overall=3, at=NOW)
    assert set(Moderation.objects.visible_to(person(hugh))) == {first, second}
    assert list(Moderation.objects.visible_to(person(new))) == [first]
    assert not Moderation.objects.visible_to(person(world.consultant)).exists(), "the author reads no rating"
    results = results_of([note.sample], SampledNote.objects.visible_to(person(world.manager)))
    assert (results.notes, results.kinds[0].counts, results.kinds[0].conforms) == (1, [0, 1, 0, 0], 1)
    assert results.agreement.words == "Same grade in 0 of 1, within one in 1"
    assert [label for label, *_ in results.differing] == ["Targets tested"]
    assert all(line.counts == [0, 1, 0, 0] for line in results.criteria)


def test_kappa_agrees_with_a_hand_worked_example_and_waits_for_twenty_pairs() -> None:
    """20 pairs: (1,1)×3, (2,2)×7, (3,3)×4, (1,2)×2, (2,3)×2, (3,2)×1, (2,4)×1.

    Same 14 of 20; within one 19. First: 5, 10, 5, 0; second: 3, 10, 6, 1. By chance (5×3 + 10×10 + 5×6 + 0×1) / 400 = 145/400.
    Kappa = (280/400 − 145/400) / (1 − 145/400) = 135/255 = 0.529….
    """
    pairs = [(1, 1)] * 3 + [(2, 2)] * 7 + [(3, 3)] * 4 + [(1, 2)] * 2 + [(2, 3)] * 2 + [(3, 2), (2, 4)]
    found = Agreement.of(pairs)
    assert found.words == "Same grade in 14 of 20, within one in 19"
    assert found.kappa(20) == Decimal("0.53")
    assert Agreement.of(pairs[1:]).kappa(20) is None, "19 pairs"
    assert Agreement.of([(2, 2)] * 20).kappa(20) is None, "one grade throughout says nothing"
    assert found.table[1] == (2, [0, 7, 2, 1])
