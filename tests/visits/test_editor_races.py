"""What happens at the same moment: double submissions, stale windows, a save against a submission. In threads, on both databases."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from core.access import Conflict
from core.audit import AuditEvent
from people.models import User
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, build_world
from visits import services
from visits.choices import NoteState
from visits.models import GateReview, NoteOfVisit, NoteSection

pytestmark = [pytest.mark.both, pytest.mark.django_db(transaction=True)]

ROUNDS = 200
PAGES = 50
"""Through the pages, which cost more and have nothing to add to the services' number."""
T = TypeVar("T")


@pytest.fixture
def world(settings: Any, transactional_db: None) -> World:
    settings.SIP_TODAY = TODAY
    world = build_world()
    make.load_england_2008(world.authority)
    return world


@pytest.fixture
def two() -> Iterator[Callable[..., list[Any]]]:
    """Two people's hands: runs each function in a thread of its own, let go at one moment; gives results or exceptions."""
    pool = ThreadPoolExecutor(max_workers=4)

    def run(*functions: Callable[[], T]) -> list[T | Exception]:
        gate = threading.Barrier(len(functions))

        def one(function: Callable[[], T]) -> T | Exception:
            gate.wait(timeout=20)
            try:
                return function()
            except Exception as error:
                return error

        return [future.result(timeout=60) for future in [pool.submit(one, function) for function in functions]]

    yield run
    for _ in range(4):
        pool.submit(connections.close_all)
    done = threading.Barrier(4)
    for future in [pool.submit(lambda: (done.wait(timeout=20), connections.close_all())) for _ in range(4)]:
        future.result(timeout=30)
    pool.shutdown()


def sip_of(world: World) -> User:
    return world.fresh("sip")


def submission(world: World, note: NoteOfVisit, seen: dict[str, int]) -> Callable[[], str]:
    actor, own = sip_of(world), make.fresh(note)

    def submit() -> str:
        services.submit_note(actor=actor, note=own, revisions=seen, at=NOW, asks_review=True)
        return "submitted"

    return submit


def test_200_double_submissions_give_200_transitions(world: World, two: Callable[..., list[Any]]) -> None:
    """Of each pair one is the transition and the other is told so: one review, one event, one step of the lock."""
    note = make.fill(world.sip, make.start(world.sip, world.oak))
    seen = make.revisions(note)
    refused = 0
    for done in range(1, ROUNDS + 1):
        answers = two(submission(world, note, seen), submission(world, note, seen))
        assert answers.count("submitted") == 1, answers
        refused += sum(isinstance(answer, Conflict) for answer in answers)
        assert GateReview.objects.filter(note=note).count() == done
        services.take_back_note(actor=sip_of(world), note=make.fresh(note), at=NOW)
    assert refused == ROUNDS
    assert AuditEvent.objects.filter(event="note.submitted", subject_id=note.public_id).count() == ROUNDS
    assert make.fresh(note).lock_version == 2 * ROUNDS


def test_many_submissions_of_one_page_give_one_transition(world: World) -> None:
    note = make.fill(world.sip, make.start(world.sip, world.oak))
    client = Client()
    client.force_login(world.sip)
    seen = {f"rev-{key}": revision for key, revision in make.revisions(note).items()}
    address = reverse("visits:note-submit", args=[note.public_id])
    for _ in range(PAGES):
        assert client.post(address, {**seen, "asks_review": "on"}).status_code == 303
    assert make.fresh(note).state == NoteState.IN_REVIEW and make.fresh(note).lock_version == 1
    assert GateReview.objects.filter(note=note).count() == 1
    assert AuditEvent.objects.filter(event="note.submitted", subject_id=note.public_id).count() == 1


def test_1000_stale_saves_give_1000_conflicts_with_both_texts(world: World) -> None:
    note = make.start(world.sip, world.oak)
    for number in range(1000):
        mine, theirs = f"From the phone {number}", f"From the laptop {number}"
        base = 2 * number
        services.save_section(actor=world.sip, note=note, key="standards", base_revision=base, body=theirs, at=NOW)
        with pytest.raises(services.SectionConflict) as caught:
            services.save_section(actor=world.sip, note=note, key="standards", base_revision=base, body=mine, at=NOW)
        conflict = caught.value
        assert (conflict.current, conflict.yours, conflict.revision) == (theirs, mine, base + 1)
        services.save_section(actor=world.sip, note=note, key="standards", base_revision=base + 1, body=mine, at=NOW, keep_earlier=True)
    section = NoteSection.objects.get(note=note, code="standards")
    assert section.body == "From the phone 999"
    assert [body.body for body in section.bodies.all()[:2]] == ["From the laptop 999", "From the laptop 998"]
    assert section.bodies.count() == 20


def test_stale_pages_show_both_texts(world: World) -> None:
    note = make.start(world.sip, world.oak)
    client = Client()
    client.force_login(world.sip)
    address = reverse("visits:note-section-save", args=[note.public_id, "standards"])
    for number in range(PAGES):
        saved = client.post(address, {"base": str(number), "body": f"Laptop {number}"})
        assert saved.json()["revision"] == number + 1
        answer = client.post(address, {"base": str(number), "body": f"Phone {number}"})
        assert answer.status_code == 409
        assert f"Laptop {number}" in answer.json()["html"] and f"Phone {number}" in answer.json()["html"]


def test_of_two_windows_at_one_moment_one_saves_and_the_other_is_shown_both(world: World, two: Callable[..., list[Any]]) -> None:
    note = make.start(world.sip, world.oak)
    for number in range(50):

        def save(words: str, base: int = number) -> Callable[[], str]:
            actor, own = sip_of(world), make.fresh(note)

            def run() -> str:
                services.save_section(
                    actor=actor, note=own, key="standards", base_revision=base, body=words, at=NOW + dt.timedelta(minutes=base)
                )
                return words

            return run

        texts = (f"Laptop {number}", f"Phone {number}")
        answers = two(*(save(text) for text in texts))
        saved = [answer for answer in answers if isinstance(answer, str)]
        told = [answer for answer in answers if isinstance(answer, services.SectionConflict)]
        assert len(saved) == len(told) == 1, answers
        assert {told[0].current, told[0].yours} == set(texts)
        assert NoteSection.objects.get(note=note, code="standards").body == saved[0]


def test_a_save_cannot_land_after_submission(world: World, two: Callable[..., list[Any]]) -> None:
    """Whichever comes first, what was submitted is what the author saw: a save that lands first stops the submission."""
    note = make.fill(world.sip, make.start(world.sip, world.oak))
    first_saved = first_submitted = 0
    for number in range(40):
        seen = make.revisions(note)
        actor, own = sip_of(world), make.fresh(note)

        def save(base: int = seen["groups"], number: int = number, actor: User = actor, own: NoteOfVisit = own) -> str:
            services.save_section(actor=actor, note=own, key="groups", base_revision=base, body=f"At the same moment {number}", at=NOW)
            return "saved"

        submitted, saved = two(submission(world, note, seen), save)
        after = NoteSection.objects.get(note=note, code="groups")
        if submitted == "submitted":
            first_submitted += 1
            assert isinstance(saved, Conflict) and "submitted" in str(saved), saved
            assert after.revision == seen["groups"]
            services.take_back_note(actor=sip_of(world), note=make.fresh(note), at=NOW)
        else:
            first_saved += 1
            assert saved == "saved" and isinstance(submitted, Conflict), (saved, submitted)
            assert after.body == f"At the same moment {number}"
            assert make.fresh(note).state == NoteState.DRAFT
    assert first_saved + first_submitted == 40
