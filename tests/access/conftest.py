"""The stage of the access tests: one world a session, a note of Oakfield in every state, and every actor beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from core import files
from people.models import User
from people.packs import require_pack
from quality import services as quality
from quality.models import FeedbackRequest, GateRating, Moderation, ModerationSample, OutsideJudgement, SampledNote, Shadowing, SipReview
from schools.choices import ContactKind, ContactState
from schools.models import Contact
from schools.services import draft_plan
from support import services as support
from support.models import CategoryCase, Concern, DraftScheme, Drawdown, EarlyWarning, Enrolment, Intervention, Panel, Service
from support.pack import support_of
from support.services import record_intervention
from tests.access import expected
from tests.factories import visits as make
from tests.factories.concerns import open_case
from tests.factories.people import NOW, TODAY, make_invitation, make_mentorship, make_sip, make_user
from tests.factories.quality import make_feedback
from tests.factories.schools import World, make_assignment, make_contact
from tests.factories.stage import note_of, person, stage
from visits import services
from visits.models import (
    AgreedAction,
    Alert,
    CorrectionRequest,
    GateReview,
    HeadReviewVisit,
    NoteOfVisit,
    NoteReader,
    NoteRecord,
    NoteShare,
    Round,
    SchoolComment,
    Visit,
)
from visits.services.visits import VisitPlan

WHY = "A reason that somebody can follow."


@dataclass
class Stage:
    world: World
    notes: dict[str, NoteOfVisit] = field(default_factory=dict)
    reviews: dict[str, GateReview] = field(default_factory=dict)
    comments: dict[str, SchoolComment] = field(default_factory=dict)
    records: dict[str, NoteRecord] = field(default_factory=dict)
    corrections: dict[str, CorrectionRequest] = field(default_factory=dict)
    actions: dict[str, AgreedAction] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    visits: dict[str, Visit] = field(default_factory=dict)
    schemes: dict[str, DraftScheme] = field(default_factory=dict)
    round: Round | None = None
    panel: Panel | None = None
    case: CategoryCase | None = None
    concern: Concern | None = None
    warning: EarlyWarning | None = None
    contact: Contact | None = None
    head_review: HeadReviewVisit | None = None
    intervention: Intervention | None = None
    service: Service | None = None
    enrolment: Enrolment | None = None
    drawdown: Drawdown | None = None
    feedback: FeedbackRequest | None = None
    sip_review: SipReview | None = None
    judgement: OutsideJudgement | None = None
    shadowing: Shadowing | None = None
    moderation: Moderation | None = None
    differing: SampledNote | None = None
    people: dict[str, User] = field(default_factory=dict)
    token: str = ""


def cast(world: World) -> None:
    """The actors that ``build_world`` has not: a second adviser, mentors of the author, a moderator, a diocese."""
    people, home = world.people, world.authority
    people["second"] = make_user("Sybil Second", authority=home)
    world.sips["second"] = make_sip(people["second"], home)
    make_assignment(people["second"], world.oak, "nc_adviser", starts_on=dt.date(2008, 9, 1))
    make_assignment(
        people["cover_adviser"], world.oak, "cover", starts_on=TODAY, ends_on=TODAY + dt.timedelta(days=30), covers=world.assignments["oak"]
    )
    for name, full in (("mentor_with", "Meg Shared"), ("mentor_without", "Mungo Unshared")):
        people[name] = make_user(full, authority=home)
        make_mentorship(world.sips["sip"], people[name])
    people["moderator"] = make_user("Modesty Rater", authority=home)
    people["diocese"] = make_user("Canon Lacey", authority=home)
    make_contact(world.oak, ContactKind.DIOCESE, user=people["diocese"], name="Canon Lacey", email="canon@diocese.example")


def in_state(world: World, state: str) -> NoteOfVisit:
    starting = {"asked": "final", "withdrawn": "final", "amending": "final"}.get(state, state)
    note = make.bring_to(
        "in_review" if starting == "in_review" else starting, author=world.sip, school=world.oak, manager=world.manager, head=world.head
    )
    if state == "in_review":
        services.reassign_review(actor=world.manager, note=note, reviewer=person(world.consultant), at=NOW)
    if state == "with_school":
        services.comment_on_note(
            actor=world.head, note=note, school=world.oak, section_code="standards", kind="comment", text="Fair.", at=NOW
        )
    if state in ("final", "asked", "withdrawn", "amending"):
        record = NoteRecord.objects.get(note=note, kind="final")
        services.ask_correction(actor=world.head, record=record, place="Section 3", why=WHY, at=NOW)
        if state in ("asked", "withdrawn"):
            asked = services.ask_withdrawal(actor=world.manager, record=record, reason=WHY, at=NOW)
            if state == "withdrawn":
                services.confirm_withdrawal(actor=world.dpo, withdrawal=asked, at=NOW)
        if state == "amending":
            services.amend_note(actor=world.sip, note=note_of(note), reason=WHY, at=NOW)
    return note


def furnish(scene: Stage, state: str) -> None:
    """What the addresses of a note need beside it, in every state: a review, a comment, a reader, a share."""
    world, note = scene.world, in_state(scene.world, state)
    Visit.objects.filter(pk=note.visit_id).update(second_adviser=world.second, second_sections=["leadership"])
    NoteShare.objects.create(note=note, mentor=world.mentor_with, at=NOW)
    NoteReader.objects.create(note=note, user=world.moderator, reason="Moderation of the round", starts_on=TODAY)
    review = GateReview.objects.filter(note=note).first()
    scene.reviews[state] = review or GateReview.objects.create(
        note=note, version=1, reasons=["asked"], due_on=TODAY, decision="approved", decided_at=NOW, decided_by=world.manager
    )
    comment = SchoolComment.objects.filter(note=note).first()
    scene.comments[state] = comment or SchoolComment.objects.create(
        note=note,
        school=world.oak,
        version=note.version,
        kind="comment",
        text="Fair.",
        by=world.head,
        by_name="H",
        by_role="Headteacher",
        at=NOW,
    )
    for found, row in (
        (scene.records, NoteRecord.objects.filter(note=note).order_by("kind").first()),
        (scene.corrections, CorrectionRequest.objects.filter(record__note=note).first()),
        (scene.actions, AgreedAction.objects.filter(note=note, state="open").first()),
    ):
        if row is not None:
            found[state] = row  # type: ignore[index]
    scene.notes[state] = note_of(note)


def alerts_of(scene: Stage) -> None:
    world = scene.world
    scene.intervention = record_intervention(actor=world.sip, school=world.oak, at=NOW, name="Reading Recovery", origin="strategy")
    for state in expected.ALERT_STATES:
        alert = make.alert(world.sip, world.oak)
        if state != "sent":
            services.acknowledge_alert(actor=person(world.officer), alert=alert, at=NOW)
        if state == "closed":
            services.close_alert(actor=person(world.officer), alert=alert, outcome="acted", text="Rang the head.", at=NOW)
        scene.alerts[state] = alert


def directory_of(scene: Stage) -> None:
    """An entry that the officer of the north keeps."""
    world = scene.world
    offer = support.Offer("Writing from talk", "Osmer", "other", ("english-writing",), ("primary",), contact_phone="1")
    scene.service = support.add_service(actor=world.manager, authority=world.authority, offer=offer, owner=world.officer, at=NOW)


def programme_of(scene: Stage) -> None:
    """Oakfield is in the Improving Schools Programme, and has money of its fund."""
    world = scene.world
    programme = support.open_programme(actor=world.manager, authority=world.authority, code="improving-schools", at=NOW)
    scene.enrolment = support.enrol_school(actor=world.manager, programme=programme, school=world.oak, starts_on=TODAY, reason=WHY, at=NOW)
    fund = support.open_fund(
        actor=world.manager, authority=world.authority, code="isp", label="Funding", financial_year=2008, amount_pence=100_00,
        programme=programme, at=NOW,
    )  # fmt: skip
    scene.drawdown = support.draw_down(actor=world.manager, fund=fund, school=world.oak, pence=10_00, what="Books", on=TODAY, at=NOW)


def visits_of(scene: Stage) -> None:
    world = scene.world
    plan = VisitPlan(visit_type="autumn", schools=[world.oak], lead=world.sip)
    days = VisitPlan(visit_type="autumn", schools=[world.oak], lead=world.sip, dates=[(TODAY + dt.timedelta(days=3), None)])

    def booked() -> Visit:
        return services.book_visit(actor=world.sip, plan=plan, on=TODAY, at=NOW)

    scene.visits = {"proposed": services.propose_dates(actor=world.sip, plan=days, at=NOW), "booked": booked()}
    scene.visits["held"] = make.hold(world.sip, world.oak)
    scene.visits["aborted"] = services.abort_visit(actor=world.sip, visit=booked(), reason=WHY, at=NOW)
    scene.visits["cancelled"] = services.cancel_visit(actor=world.sip, visit=booked(), reason=WHY, at=NOW)


def schemes_of(scene: Stage) -> None:
    world = scene.world
    frm = support_of(require_pack(world.authority, TODAY).content).scheme("current")
    for state in expected.SCHEME_STATES:
        scene.schemes[state] = support.begin_draft(actor=world.manager, authority=world.authority, frm=frm, label=state, at=NOW)
    support.open_consultation(actor=world.manager, draft=scene.schemes["consulting"], closes_on=TODAY + dt.timedelta(days=20), at=NOW)


def case_of(scene: Stage) -> None:
    """Oakfield was told of its category by letter; a panel is to come."""
    world = scene.world
    scene.panel = support.call_panel(
        actor=world.manager, authority=world.authority, on=TODAY + dt.timedelta(days=41), members=[world.manager, world.officer], at=NOW
    )
    scene.case = CategoryCase.objects.exclude(state="published").filter(school=world.oak).first() or CategoryCase(
        authority=world.authority, school=world.oak, opened_at=NOW
    )
    case = scene.case
    case.state, case.panel, case.decided, case.decided_label, case.decided_rank = "notified", scene.panel, "standard", "Standard", 2
    case.decided_at = case.notified_at = NOW
    case.publishes_on, case.letter = TODAY, files.store(b"%PDF", "application/pdf", at=NOW)
    case.save()


def concern_of(scene: Stage) -> None:
    """Oakfield is causing concern, with a notice and a power in force; a rule fires of it."""
    world = scene.world
    scene.concern = open_case(world)
    support.give_warning_notice(actor=world.manager, school=world.oak, grounds="Standards.", on=TODAY, at=NOW)
    support.use_power(actor=world.manager, school=world.oak, power="governors", text="Two governors.", on=TODAY, at=NOW)
    scene.warning = EarlyWarning.objects.create(school=world.oak, rule="priority:x", label="x", raised_at=NOW)


def quality_of(scene: Stage) -> None:
    """Officer South observes the SIP at Oakfield, and the head knows; a final note of Oakfield is asked of the new SIP to rate.

    The note itself is closed to the moderator again, so that what opens it is asked elsewhere.
    """
    world, note = scene.world, scene.notes["final"]
    soon = TODAY + dt.timedelta(days=20)
    plan = VisitPlan(visit_type="autumn", schools=[world.oak], lead=world.sip)
    visit = services.book_visit(actor=world.sip, plan=plan, on=soon, at=NOW)
    row = quality.plan_shadowing(
        actor=world.manager, sip=world.sips["sip"], observer=person(world.officer_south), visit=Visit.objects.get(pk=visit.pk), at=NOW
    )
    scene.shadowing = quality.tell_head(actor=world.manager, shadowing=Shadowing.objects.get(pk=row.pk), at=NOW)
    sample = ModerationSample.objects.create(
        authority=world.authority, round=scene.round, academic_year=2008, seed="1", per_sip=1, twice_percent=0, due_on=soon, frame=[],
        strata=[], drawn_at=NOW, drawn_by=world.manager,
    )  # fmt: skip
    sampled = SampledNote.objects.create(sample=sample, note=note, version=1, sip_kind="adviser", phase="primary", is_concern=False)
    scene.moderation = quality.appoint_moderator(actor=world.manager, sampled=sampled, moderator=person(world.new_sip), at=NOW)
    NoteReader.objects.filter(pk=scene.moderation.reader_id).update(ends_on=TODAY - dt.timedelta(days=1))
    other = SampledNote.objects.create(
        sample=sample, note=scene.notes["amending"], version=1, sip_kind="adviser", phase="primary", is_concern=False, is_twice=True
    )
    for place, name in ((1, "moderator"), (2, "consultant")):
        rater = world.people[name]
        reader = NoteReader.objects.create(note=other.note, user=rater, reason="Moderation", starts_on=TODAY, ends_on=TODAY)
        NoteReader.objects.filter(pk=reader.pk).update(starts_on=TODAY - dt.timedelta(days=9), ends_on=TODAY - dt.timedelta(days=1))
        Moderation.objects.create(
            authority=world.authority, sampled=other, moderator=rater, place=place, reader=reader, state="rated", asked_at=NOW,
            asked_by=world.manager, due_on=soon, overall=place, rated_at=NOW,
        )  # fmt: skip
    scene.differing = other
    GateRating.objects.create(authority=world.authority, review=scene.reviews["final"], reviewer=world.manager, overall=2, rated_at=NOW)


@contextmanager
def set_the_stage(blocker: Any) -> Iterator[Stage]:
    with stage(blocker) as world:
        cast(world)
        scene = Stage(world)
        alerts_of(scene)
        directory_of(scene)
        programme_of(scene)
        visits_of(scene)
        for state in expected.STATES:
            furnish(scene, state)
        plan = services.RoundPlan("Autumn 2008", "autumn", ["primary"], dt.date(2008, 9, 8), dt.date(2008, 12, 12))
        scene.round = services.open_round(actor=world.manager, authority=world.authority, plan=plan, at=NOW)
        services.exempt_schools(actor=world.manager, round=scene.round, schools=[world.ash], reason="closing", at=NOW)
        scene.head_review = services.log_head_review(
            actor=person(world.sip), school=world.oak, state="held", on=TODAY, governors=2, quarters=2, at=NOW
        )
        draft_plan(actor=world.manager, authority=world.authority, academic_year=2009, at=NOW)
        schemes_of(scene)
        case_of(scene)
        concern_of(scene)
        quality_of(scene)
        scene.contact = make_contact(world.oak, ContactKind.CHAIR, state=ContactState.REPORTED, name="New Chair", starts_on=TODAY)
        world.sips["manager_sip"].refresh_from_db()
        scene.sip_review = quality.begin_sip_review(actor=world.fresh("manager"), sip=world.sips["manager_sip"], at=NOW)
        scene.judgement = quality.record_judgement(
            actor=world.manager, authority=world.authority, body="regional", title="Note", on=TODAY, words="Outstanding.", at=NOW
        )
        of_head = Contact.objects.get(school=world.oak, user=world.head)
        scene.feedback, _ = make_feedback(world.sips["sip"], world.oak, world.manager, of_head, answers={"h-prepared": 2})
        _, scene.token = make_invitation(make_user("Ivy Invited"), world.authority, world.administrator)
        assert set(expected.ACTORS) <= set(world.people), set(expected.ACTORS) - set(world.people)
        for name in expected.ACTORS:
            scene.people[name] = person(world.people[name])
            assert scene.people[name].hats is not None
        yield scene


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    with set_the_stage(django_db_blocker) as made:
        yield made
