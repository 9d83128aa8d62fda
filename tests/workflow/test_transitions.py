"""One legal and one refused run of every transition, through its service: state, version, one event, or nothing at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from core.audit import AuditEvent
from people.models import Sip, User
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, make_assignment
from tests.factories.stage import note_of, person, undone, visit_of
from tests.workflow import expected
from visits import services
from visits.choices import RecordKind
from visits.models import CorrectionRequest, NoteOfVisit, NoteRecord, RecordWithdrawal, SchoolComment, Visit, VisitDate
from visits.services.visits import VisitPlan

pytestmark = pytest.mark.django_db

WHY = "A reason that somebody can follow."


@dataclass(frozen=True)
class Run:
    """How one action is done: ``who`` may, ``nobody`` may not, ``do`` calls the service, ``event`` is what it leaves."""

    who: str
    nobody: str
    event: str
    do: Callable[[User, Any, World], object]
    where: str = ""
    """Another starting point than the state's own."""


# ---------------------------------------------------------------- notes


@pytest.fixture(scope="module")
def prepared(standing: World) -> Iterator[dict[str, NoteOfVisit]]:
    """A note in every state, and the amendments. The SIP's are on review at submission where they must be reviewed."""
    world = standing

    def bring(state: str) -> NoteOfVisit:
        return make.bring_to(state, author=world.sip, school=world.oak, manager=world.manager, head=world.head)

    with transaction.atomic():
        make_assignment(world.cover_adviser, world.oak, "nc_adviser")
        found = {state: bring(state) for state in ("in_review", "ready", "with_school", "final", "abandoned")}
        services.comment_on_note(
            actor=world.head, note=found["with_school"], school=world.oak, section_code="standards", kind="comment", text="Fair.", at=NOW
        )
        services.answer_note(actor=world.head, note=note_of(found["with_school"]), school=world.oak, accuracy="accurate", at=NOW)

        def amending(*, withdrawn: bool) -> NoteOfVisit:
            note = bring("final")
            if withdrawn:
                withdraw(note)
            services.amend_note(actor=world.sip, note=note_of(note), reason=WHY, at=NOW)
            return note_of(note)

        def withdraw(note: NoteOfVisit) -> None:
            record = NoteRecord.objects.get(note=note, kind=RecordKind.FINAL)
            asked = services.ask_withdrawal(actor=world.manager, record=record, reason=WHY, at=NOW)
            services.confirm_withdrawal(actor=world.dpo, withdrawal=asked, at=NOW)

        def again(note: NoteOfVisit) -> NoteOfVisit:
            services.submit_note(actor=world.sip, note=note, revisions=make.revisions(note), asks_review=True, at=NOW)
            services.return_note(actor=world.manager, note=note_of(note), reason=WHY, at=NOW)
            return note_of(note)

        withdrawn = bring("final")
        withdraw(withdrawn)
        found["withdrawn"] = note_of(withdrawn)
        for name, is_withdrawn in (("abandon_amendment", False), ("abandon_amendment_of_withdrawn", True)):
            found[f"draft {name}"] = amending(withdrawn=is_withdrawn)
            found[f"returned {name}"] = again(amending(withdrawn=is_withdrawn))
        final = found["final"]
        services.ask_correction(actor=world.head, record=NoteRecord.objects.get(note=final, kind="final"), place="3", why=WHY, at=NOW)
        asked_of = bring("final")
        services.ask_withdrawal(actor=world.manager, record=NoteRecord.objects.get(note=asked_of, kind="final"), reason=WHY, at=NOW)
        found["final withdraw"] = asked_of
        # the drafts last, so that every action of the notes above is judged in them
        Sip.objects.filter(user=world.sip).update(is_on_review=True)
        found["returned"] = make.submit(world.sip, make.fill(world.sip, bring("draft")))
        services.return_note(actor=world.manager, note=found["returned"], reason=WHY, at=NOW)
        Sip.objects.filter(user=world.sip).update(is_on_review=False)
        found["draft"] = make.fill(world.sip, bring("draft"))
        found = {name: note_of(note) for name, note in found.items()}
        yield found
        transaction.set_rollback(True)


def submit(user: User, note: NoteOfVisit, world: World, *, reviewed: bool) -> object:
    return services.submit_note(actor=user, note=note, revisions=make.revisions(note), asks_review=reviewed, at=NOW)


def rendered(kind: str) -> Callable[[User, NoteOfVisit, World], object]:
    service = services.release_note if kind == RecordKind.RELEASE else services.finalise_note

    def run(user: User, note: NoteOfVisit, world: World) -> object:
        return service(actor=user, note=note, rendered=make.rendered(note, kind, world.sip), at=NOW)

    return run


def final_record(note: NoteOfVisit) -> NoteRecord:
    return NoteRecord.objects.get(note=note, kind=RecordKind.FINAL)


RUNS: dict[str, Run] = {
    "submit": Run("sip", "cover_adviser", "note.submitted", lambda u, n, w: submit(u, n, w, reviewed=True)),
    "submit_ungated": Run("sip", "manager", "note.submitted", lambda u, n, w: submit(u, n, w, reviewed=False)),
    "hand_on": Run(
        "manager",
        "sip",
        "note.handed_on",
        lambda u, n, w: services.hand_on_note(actor=u, note=n, author=person(w.cover_adviser), reason=WHY, at=NOW),
    ),
    "abandon": Run("sip", "head", "note.abandoned", lambda u, n, w: services.abandon_note(actor=u, note=n, reason=WHY, at=NOW)),
    "restore": Run("manager", "officer", "note.restored", lambda u, n, w: services.restore_note(actor=u, note=n, at=NOW)),
    "take_back": Run("sip", "manager", "note.taken_back", lambda u, n, w: services.take_back_note(actor=u, note=n, at=NOW)),
    "reassign": Run(
        "manager",
        "sip",
        "note.reassigned",
        lambda u, n, w: services.reassign_review(actor=u, note=n, reviewer=person(w.consultant), at=NOW),
    ),
    "pass_unreviewed": Run(
        "manager", "sip", "note.passed", lambda u, n, w: services.pass_note_unreviewed(actor=u, note=n, reason=WHY, at=NOW)
    ),
    "return": Run("manager", "sip", "note.returned", lambda u, n, w: services.return_note(actor=u, note=n, reason=WHY, at=NOW)),
    "approve": Run("manager", "sip", "note.approved", lambda u, n, w: services.approve_note(actor=u, note=n, at=NOW)),
    "reopen": Run("sip", "manager", "note.reopened", lambda u, n, w: services.reopen_note(actor=u, note=n, at=NOW)),
    "release": Run("sip", "head", "note.released", rendered(RecordKind.RELEASE)),
    "answer": Run(
        "head", "chair", "note.answered", lambda u, n, w: services.answer_note(actor=u, note=n, school=w.oak, accuracy="accurate", at=NOW)
    ),
    "comment": Run(
        "head",
        "clerk",
        "note.commented",
        lambda u, n, w: services.comment_on_note(
            actor=u, note=n, school=w.oak, section_code="standards", kind="comment", text="Yes.", at=NOW
        ),
    ),
    "differ": Run(
        "head",
        "office",
        "note.difference",
        lambda u, n, w: services.record_school_view(actor=u, note=n, school=w.oak, view="No.", evidence="", topic="Writing", at=NOW),
    ),
    "reply": Run(
        "sip",
        "head",
        "note.replied",
        lambda u, n, w: services.reply_to_comment(
            actor=u, comment=SchoolComment.objects.select_related("note").get(note=n), text="Thanks.", at=NOW
        ),
    ),
    "extend": Run(
        "manager",
        "sip",
        "note.extended",
        lambda u, n, w: services.extend_window(actor=u, note=n, until=dt.date(2008, 11, 7), reason=WHY, at=NOW),
    ),
    "recall": Run("manager", "head", "note.recalled", lambda u, n, w: services.recall_note(actor=u, note=n, reason=WHY, at=NOW)),
    "finalise": Run("sip", "head", "note.finalised", rendered(RecordKind.FINAL)),
    "ask_correction": Run(
        "chair",
        "clerk",
        "note.correction_asked",
        lambda u, n, w: services.ask_correction(actor=u, record=final_record(n), place="3", why=WHY, at=NOW),
    ),
    "decline_correction": Run(
        "sip",
        "head",
        "note.correction_declined",
        lambda u, n, w: services.decline_correction(actor=u, request=CorrectionRequest.objects.get(record__note=n), reason=WHY, at=NOW),
    ),
    "amend": Run("sip", "chair", "note.amended", lambda u, n, w: services.amend_note(actor=u, note=n, reason=WHY, at=NOW)),
    "abandon_amendment": Run(
        "sip", "head", "note.amendment_abandoned", lambda u, n, w: services.abandon_amendment(actor=u, note=n, reason=WHY, at=NOW)
    ),
    "abandon_amendment_of_withdrawn": Run(
        "manager", "dpo", "note.amendment_abandoned", lambda u, n, w: services.abandon_amendment(actor=u, note=n, reason=WHY, at=NOW)
    ),
    "withdraw": Run(
        "dpo",
        "sip",
        "note.withdrawn",
        lambda u, n, w: services.confirm_withdrawal(actor=u, withdrawal=RecordWithdrawal.objects.get(record__note=n), at=NOW),
    ),
}


def starting(prepared: dict[str, NoteOfVisit], state: str, action: str) -> NoteOfVisit:
    return note_of(prepared.get(f"{state} {action}") or prepared[state])


def events() -> list[tuple[int, str]]:
    return list(AuditEvent.objects.order_by("id").values_list("id", "event"))


@pytest.mark.parametrize(("state", "action"), expected.NOTES, ids=lambda part: part)
def test_a_legal_run(world: World, prepared: dict[str, NoteOfVisit], state: str, action: str) -> None:
    run, note = RUNS[action], starting(prepared, state, action)
    assert note.state == state
    lock, before = note.lock_version, events()
    run.do(person(world.people[run.who]), note, world)
    after = note_of(note)
    assert (after.state, after.lock_version) == (expected.NOTES[state, action][0], lock + 1)
    kind = run.event.partition(".")[0]  # what a final note hands on to other rows has events of its own
    assert [event for _, event in events()[len(before) :] if event.startswith(f"{kind}.")] == [run.event]


@pytest.mark.parametrize(("state", "action"), expected.NOTES, ids=lambda part: part)
def test_a_refused_run(world: World, prepared: dict[str, NoteOfVisit], state: str, action: str) -> None:
    run, note = RUNS[action], starting(prepared, state, action)
    before, row = events(), NoteOfVisit.objects.filter(pk=note.pk).values().get()
    with pytest.raises(PermissionDenied), undone():
        run.do(person(world.people[run.nobody]), note, world)
    assert events() == before
    assert NoteOfVisit.objects.filter(pk=note.pk).values().get() == row


def test_a_withdrawal_needs_the_other_of_the_two(world: World, prepared: dict[str, NoteOfVisit]) -> None:
    from core.access import Refused

    asked = RecordWithdrawal.objects.get(record__note=prepared["final withdraw"])
    for name in ("manager", "manager_sip"):  # the asker, and another of the same role
        with pytest.raises(Refused), undone():
            services.confirm_withdrawal(actor=person(world.people[name]), withdrawal=asked, at=NOW)


def test_nothing_is_written_by_the_second_of_two_who_press_the_same_button(world: World, prepared: dict[str, NoteOfVisit]) -> None:
    """Both saw the same version of the row: the second is told so."""
    from core.access import Conflict

    for (state, action), (to, _) in expected.NOTES.items():
        if action in ("answer", "comment", "differ", "reply", "ask_correction", "decline_correction"):
            continue  # additive: two at once are both right, or refused by the row that they answer
        run = RUNS[action]
        with undone():
            seen = [starting(prepared, state, action) for _ in range(2)]
            run.do(person(world.people[run.who]), seen[0], world)
            before = events()
            with pytest.raises(Conflict), transaction.atomic():
                run.do(person(world.people[run.who]), seen[1], world)
            assert events() == before, (state, action)
            assert note_of(seen[0]).state == to


# ---------------------------------------------------------------- visits


@pytest.fixture(scope="module")
def visits(standing: World) -> Iterator[dict[str, Visit]]:
    world = standing
    with transaction.atomic():
        plan = VisitPlan(visit_type="autumn", schools=[world.oak], lead=world.sip)
        days = VisitPlan(
            visit_type="autumn",
            schools=[world.oak],
            lead=world.sip,
            dates=[(dt.date(2008, 10, 20), dt.time(9)), (dt.date(2008, 10, 21), None)],
        )
        found = {
            "proposed": services.propose_dates(actor=world.sip, plan=days, at=NOW),
            "booked": services.book_visit(actor=world.sip, plan=plan, on=TODAY, at=NOW),
            "held": make.hold(world.sip, world.oak),
        }
        yield found
        transaction.set_rollback(True)


def first_date(visit: Visit) -> VisitDate:
    return VisitDate.objects.filter(visit=visit).first()  # type: ignore[return-value]


VISIT_RUNS: dict[str, Run] = {
    "choose": Run("head", "chair", "visit.booked", lambda u, v, w: services.choose_date(actor=u, visit=v, date=first_date(v), at=NOW)),
    "ask_others": Run(
        "office", "clerk", "visit.dates_asked", lambda u, v, w: services.ask_other_dates(actor=u, visit=v, reason=WHY, at=NOW)
    ),
    "move": Run(
        "head", "office", "visit.moved", lambda u, v, w: services.move_visit(actor=u, visit=v, on=dt.date(2008, 11, 4), reason=WHY, at=NOW)
    ),
    "cancel": Run("manager", "chair", "visit.cancelled", lambda u, v, w: services.cancel_visit(actor=u, visit=v, reason=WHY, at=NOW)),
    "hold": Run("sip", "manager", "visit.held", lambda u, v, w: services.hold_visit(actor=u, visit=v, facts=make.facts(TODAY), at=NOW)),
    "abort": Run("sip", "head", "visit.aborted", lambda u, v, w: services.abort_visit(actor=u, visit=v, reason=WHY, at=NOW)),
    "correct": Run(
        "sip",
        "manager",
        "visit.corrected",
        lambda u, v, w: services.correct_facts(actor=u, visit=v, facts=make.facts(met=["Chair"]), at=NOW),
    ),
    "waive": Run("manager", "sip", "visit.note_waived", lambda u, v, w: services.waive_note(actor=u, visit=v, reason=WHY, at=NOW)),
}


@pytest.mark.parametrize(("state", "action"), expected.VISITS, ids=lambda part: part)
def test_a_legal_run_of_a_visit(world: World, visits: dict[str, Visit], state: str, action: str) -> None:
    run, visit = VISIT_RUNS[action], visit_of(visits[state])
    lock, before = visit.lock_version, events()
    run.do(person(world.people[run.who]), visit, world)
    after = visit_of(visit)
    assert (after.state, after.lock_version) == (expected.VISITS[state, action][0], lock + 1)
    told = [event for _, event in events()[len(before) :]]
    assert [event for event in told if event != "days.charged"] == [run.event]


@pytest.mark.parametrize(("state", "action"), expected.VISITS, ids=lambda part: part)
def test_a_refused_run_of_a_visit(world: World, visits: dict[str, Visit], state: str, action: str) -> None:
    run, visit = VISIT_RUNS[action], visit_of(visits[state])
    before, row = events(), Visit.objects.filter(pk=visit.pk).values().get()
    with pytest.raises(PermissionDenied), undone():
        run.do(person(world.people[run.nobody]), visit, world)
    assert events() == before
    assert Visit.objects.filter(pk=visit.pk).values().get() == row
