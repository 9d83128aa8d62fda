"""Feedback answers, SIP reviews and commentaries: kept by the schedule, stopped by a hold, and found for a request."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import pytest

from core import retention
from core.access import Refused
from core.files import StoredFile
from core.retention import RETENTION
from core.search import SearchDocument
from quality.models import (
    CriterionRating,
    FeedbackRequest,
    FeedbackSummary,
    GateRating,
    Moderation,
    ModerationSample,
    SampledNote,
    SipReview,
)
from tests.factories import commentaries
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.quality import make_feedback
from tests.factories.schools import World, make_contact, make_interest
from tests.factories.stage import person, stage, undone
from visits import services
from visits.held import HELD, in_place
from visits.models import (
    Commentary,
    CommentaryRecord,
    DisposalList,
    GateReview,
    InformationRequest,
    NoteOfVisit,
    NoteReader,
    NoteRecord,
    RequestItem,
)

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


def rate(world: World) -> tuple[GateRating, Moderation]:
    """The final note of Oakfield rated at the gate, and by a moderator whose grade was settled."""
    note = NoteOfVisit.objects.get(records__kind="final", records__school=world.oak)
    review = GateReview.objects.create(
        note=note, version=1, reasons=["asked"], due_on=NOW.date(), decision="approved", decided_at=NOW, decided_by=world.manager
    )
    gate = GateRating.objects.create(
        authority=world.authority, review=review, reviewer=world.manager, overall=3, comment="The gate saw it.", rated_at=NOW
    )
    CriterionRating.objects.create(gate=gate, code="x", label="Evidence", grade=3, evidence="Thin on phonics.")
    plan = services.RoundPlan("Autumn", "autumn", ["primary"], NOW.date(), NOW.date() + dt.timedelta(days=30))
    sample = ModerationSample.objects.create(
        authority=world.authority, round=services.open_round(actor=person(world.manager), authority=world.authority, plan=plan, at=NOW),
        academic_year=2008, seed="1", per_sip=1, twice_percent=0, due_on=NOW.date(), frame=[], strata=[], drawn_at=NOW, drawn_by=world.manager,
    )  # fmt: skip
    sampled = SampledNote.objects.create(
        sample=sample, note=note, version=1, sip_kind="adviser", phase="primary", is_concern=False,
        settled_grade=2, settled_reason="Both read again.", settled_at=NOW, settled_by=world.manager,
    )  # fmt: skip
    moderation = Moderation.objects.create(
        authority=world.authority, sampled=sampled, moderator=world.consultant, place=1, state="rated", overall=2, comment="Balanced.",
        reader=NoteReader.objects.create(note=note, user=world.consultant, reason="Moderation", starts_on=NOW.date()),
        asked_at=NOW, asked_by=world.manager, due_on=NOW.date(), rated_at=NOW,
    )  # fmt: skip
    return gate, moderation


def test_ratings_and_why_a_grade_stands_are_found_for_a_request_and_go_by_the_schedule(world: World) -> None:
    gate, moderation = rate(world)
    dpo = person(world.dpo)

    def found(school: Any, *terms: str, walled: frozenset[int] = frozenset()) -> list[str]:
        words = services.RequestWords("foi", NOW.date(), "The Gazette", "All of it", schools=[school] if school else [], words=terms)
        asked = services.open_request(actor=dpo, authority=world.authority, words=words, at=NOW)
        return [row.kind for row in in_place(InformationRequest.objects.get(pk=asked.pk), "quality", walled)]

    assert sorted(found(world.oak)) == ["gate_rating", "moderation"] and found(world.ash) == []
    assert found(world.oak, "phonics") == ["gate_rating"] and found(world.oak, "both read") == ["moderation"]
    assert found(world.oak, "unheard") == [] and found(world.oak, walled=frozenset([world.oak.pk])) == []
    assert found(None, "good year") == ["sip_review"]
    for kind, key, says in (
        ("gate_rating", gate.review.public_id, "Thin on phonics."),
        ("moderation", moderation.public_id, "2. Both read again."),
        ("sip_review", SipReview.objects.get().public_id, "A good year."),
    ):
        assert says in str(HELD[kind].text(RequestItem(kind=kind, subject_id=key, label="x"), dpo, NOW))
    for kind, key in (("gate_rating", gate.review.public_id), ("moderation", moderation.public_id)):
        with pytest.raises(Refused, match="about your own work"):
            HELD[kind].text(RequestItem(kind=kind, subject_id=key, label="x"), gate.review.note.author, NOW)

    words = services.RequestWords("foi", NOW.date(), "The Gazette", "All of it", schools=[], words=("phonics",))
    asked = services.open_request(actor=dpo, authority=world.authority, words=words, at=NOW)
    key = ("gate_rating", gate.review.public_id)
    asked = InformationRequest.objects.get(pk=services.search_for_request(actor=dpo, request=asked, at=NOW).pk)
    item = services.note_place(actor=dpo, request=asked, place="quality", found="One.", take=[key], at=NOW)[0]
    assert "phonics" in str(services.read_request_item(actor=dpo, item=item, at=NOW))
    make_interest(world.dpo, world.oak)
    with pytest.raises(Refused, match="walled"):
        services.read_request_item(actor=person(world.dpo), item=item, at=NOW)

    due = RETENTION["rating"].due(world.authority.pk, NOW.date())
    assert len(due) == 2 and "phonics" not in str(due) and RETENTION["rating"].due(world.authority.pk, dt.date(2008, 1, 1)) == []
    retention.destroy("rating", world.authority.pk, [row.subject_id for row in due], reason="Over")
    assert not CriterionRating.objects.exists() and not Moderation.objects.exists()
    sampled = SampledNote.objects.get()
    assert (sampled.settled_grade, sampled.settled_reason) == (2, "")


def test_a_note_that_was_rated_is_destroyed_with_what_was_said_of_it(world: World) -> None:
    gate = rate(world)[0]
    retention.destroy("note", world.authority.pk, [gate.review.note.public_id], reason="Over")
    assert not GateRating.objects.exists() and not SampledNote.objects.exists() and ModerationSample.objects.exists()
