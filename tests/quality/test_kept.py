"""Feedback answers, SIP reviews and commentaries: kept by the schedule, stopped by a hold, and found for a request."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest

from core.files import StoredFile
from core.retention import RETENTION
from core.search import SearchDocument
from quality.models import FeedbackRequest, FeedbackSummary, SipReview
from tests.factories import commentaries
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.quality import make_feedback
from tests.factories.schools import World, make_contact
from tests.factories.stage import person, stage, undone
from visits import services
from visits.held import HELD, in_place
from visits.models import Commentary, CommentaryRecord, DisposalList, InformationRequest, NoteRecord, RequestItem

pytestmark = [pytest.mark.django_db, pytest.mark.both]

YEARS_ON = NOW + dt.timedelta(days=4 * 366)


@pytest.fixture(scope="module")
def staged(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as made:
        make.bring_to("final", author=made.sip, school=made.oak, manager=made.manager, head=made.head)
        commentaries.in_state("final", made.sip, made.oak, made.head)
        make.bring_to("final", author=made.sip, school=made.ash, manager=made.manager)
        commentaries.begun(made.sip, made.ash)
        sip = made.sips["sip"]
        contact = make_contact(made.oak, name="Perpetua Quill")
        make_feedback(sip, made.oak, made.manager, contact, answers={"h-prepared": 1}, comment="Frank and useful.")
        FeedbackSummary.objects.create(sip=sip, academic_year=2008, text="Frank", by=made.manager, at=NOW)
        SipReview.objects.create(
            authority=made.authority, sip=sip, academic_year=2008, state="closed", account="A good year.", closed_at=NOW, created_at=NOW
        )
        yield made


@pytest.fixture
def world(staged: World) -> Iterator[World]:
    with undone():
        yield staged


MODELS = {"feedback": FeedbackRequest, "sip_review": SipReview, "commentary": Commentary}


def test_each_is_destroyed_whole_by_the_schedule_and_not_while_it_is_held(world: World) -> None:
    pdfs = list(CommentaryRecord.objects.values_list("pdf", flat=True))
    record = CommentaryRecord.objects.get(kind="final")
    hold = services.place_hold(actor=person(world.dpo), authority=world.authority, school=world.oak, reason="A claim", at=NOW)
    for kind in MODELS:
        services.set_period(actor=person(world.administrator), authority=world.authority, kind=kind, months=24, schedule="Row 12", at=NOW)
    services.propose_every_disposal(actor=None, at=YEARS_ON)
    assert not DisposalList.objects.exists()  # what is of no school is held by the hold of any
    services.lift_hold(actor=person(world.dpo), hold=hold, reason="Settled", at=NOW)
    services.propose_every_disposal(actor=None, at=YEARS_ON)
    for disposal in DisposalList.objects.filter(state="proposed"):
        assert "Frank" not in json.dumps(disposal.rows) and disposal.count == 1
        services.confirm_disposal(actor=person(world.dpo), disposal=disposal, at=YEARS_ON)
    assert not FeedbackRequest.objects.exists() and not FeedbackSummary.objects.exists() and not SipReview.objects.exists()
    assert Commentary.objects.get().school == world.ash and not CommentaryRecord.objects.exists()
    assert not StoredFile.objects.filter(pk__in=pdfs).exists() and NoteRecord.objects.exists()
    assert not SearchDocument.objects.filter(subject=record.public_id).exists()


def test_a_request_finds_commentaries_and_feedback_by_school_and_word(world: World) -> None:
    dpo = person(world.dpo)

    def found(place: str, school: Any, *terms: str) -> list[str]:
        words = services.RequestWords("foi", NOW.date(), "The Gazette", "All of it", schools=[school], words=terms)
        asked = services.open_request(actor=dpo, authority=world.authority, words=words, at=NOW)
        return [row.kind for row in in_place(InformationRequest.objects.get(pk=asked.pk), place, frozenset())]

    assert sorted(found("final_notes", world.oak)) == ["commentary", "record"]
    assert "commentary_draft" in found("drafts", world.ash) and "commentary_draft" not in found("drafts", world.oak)
    assert found("feedback", world.oak, "frank") == ["feedback"] and found("feedback", world.oak, "unheard") == []
    assert found("feedback", world.ash) == [] and found("final_notes", world.ash) == ["record"]

    form = FeedbackRequest.objects.get()
    text = HELD["feedback"].text(RequestItem(kind="feedback", subject_id=form.public_id, label="Feedback"), dpo, NOW)
    assert "Frank and useful." in str(text) and "Perpetua Quill" in str(text)
    record = CommentaryRecord.objects.get(kind="final")
    sections = HELD["commentary"].text(RequestItem(kind="commentary", subject_id=record.public_id, label="C"), dpo, NOW)["sections"]
    assert len(sections) == len(json.loads(record.payload)["sections"]) and any(part["text"] for part in sections)
    assert {"feedback", "sip_review", "commentary", "pupil_rows", "withdrawn"} <= {kind.key for kind in RETENTION}
