"""Every state × action × person over both tables of domain.md §4, guards included: what the table says, and nothing else."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from briefings import services as briefings
from briefings.workflow import (
    BOOKING_WORKFLOW,
    BRIEFING_WORKFLOW,
    BULLETIN_WORKFLOW,
    OFFER_WORKFLOW,
    RESOURCE_WORKFLOW,
    SUGGESTION_WORKFLOW,
    WORKSHOP_WORKFLOW,
)
from core.access import Conflict, Refused, can
from core.workflow import Workflow
from people.models import User
from people.roles import Permission as P
from quality.models import Moderation, SampledNote, Shadowing
from quality.workflow import FEEDBACK_WORKFLOW, MODERATION_WORKFLOW, SHADOWING_WORKFLOW, SIP_REVIEW_WORKFLOW
from schools.models import Assignment
from support.models import Intervention
from support.workflow import SUPPORT_WORKFLOW
from targets.models import Target
from targets.workflow import TARGET_WORKFLOW
from tests.factories import commentaries
from tests.factories import visits as make
from tests.factories.briefings import make_briefing, make_bulletin, make_workshop
from tests.factories.library import make_resource
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, make_assignment
from tests.factories.stage import note_of, person, visit_of
from tests.workflow import expected
from visits import services, workflow
from visits.models import GateReview, NoteOfVisit, NoteShare, Visit
from visits.services.visits import VisitPlan
from visits.workflow import ALERT_WORKFLOW, COMMENTARY_WORKFLOW, NOTE_WORKFLOW, REQUEST_WORKFLOW, ROUND_WORKFLOW, VISIT_WORKFLOW

pytestmark = pytest.mark.django_db


def outcome(table: Workflow[Any], user: User, row: Any, action: str) -> str:
    """What becomes of an action: the state it leads to, or how it is refused."""
    try:
        return table.check(user, row, action, TODAY).target
    except PermissionDenied:
        return "forbidden"
    except Conflict:
        return "not in this state"
    except Refused:
        return "refused"


@dataclass
class Scene:
    """One row, and what each person is to it. Whoever is not named is nothing to it."""

    row: Any
    relations: dict[str, set[str]]
    people: dict[str, User] = field(default_factory=dict)


# ---------------------------------------------------------------- visits


@pytest.fixture(scope="module")
def visits(standing: World) -> Iterator[dict[str, Scene]]:
    world = standing
    with transaction.atomic():

        def booked(lead: User, *schools: Any, **values: Any) -> Visit:
            plan = VisitPlan(visit_type="autumn", schools=list(schools), lead=lead, **values)
            return visit_of(services.book_visit(actor=lead, plan=plan, on=TODAY, at=NOW))

        managers = {"manager": {"manager"}, "manager_sip": {"manager"}}
        scenes = {
            "a school's": Scene(booked(world.sip, world.oak), {**managers, "sip": {"lead"}, "head": {"head"}, "office": {"office"}}),
            "with a second adviser": Scene(
                booked(world.consultant, world.elm, second_adviser=world.nc_adviser),
                {**managers, "consultant": {"lead"}, "elm_head": {"head"}},
            ),
            "of a group": Scene(
                booked(world.sip, world.oak, world.ash),
                {**managers, "sip": {"lead"}, "head": {"head"}, "office": {"office"}, "sip_head": {"head"}},
            ),
            "led by a manager": Scene(
                booked(world.manager_sip, world.yew), {"manager": {"manager"}, "manager_sip": {"lead", "manager of their own"}}
            ),
        }
        former = booked(world.sip, world.oak)
        Visit.objects.filter(pk=former.pk).update(lead=world.former_sip)
        scenes["led by one who left, in the days of grace"] = Scene(
            visit_of(former), {**managers, "former_sip": {"lead in grace"}, "head": {"head"}, "office": {"office"}}
        )
        for scene in scenes.values():
            scene.people = {name: person(user) for name, user in world.people.items()}
        yield scenes
        transaction.set_rollback(True)


def by_visit(scene: Scene, name: str, action: str, who: set[str]) -> bool:
    mine = scene.relations.get(name, set())
    if "manager of their own" in mine and action in ("move", "cancel"):
        return True  # as the lead they are anyway
    return bool(mine & who)


def test_visits_move_as_the_table_says_for_everybody_in_every_state(visits: dict[str, Scene]) -> None:
    seen: Counter[str] = Counter()
    for title, scene in visits.items():
        for state in expected.VISIT_STATES:
            scene.row.state = state
            for action in VISIT_WORKFLOW.actions:
                to, who = expected.VISITS.get((state, action), ("", set()))
                for name, user in scene.people.items():
                    wanted = "not in this state" if not to else to if by_visit(scene, name, action, who) else "forbidden"
                    assert outcome(VISIT_WORKFLOW, user, scene.row, action) == wanted, (title, state, action, name)
                    seen["legal" if wanted == to and to else wanted] += 1
    assert seen["legal"] > 80 and seen["forbidden"] > 1000 and seen["not in this state"] > 3000, seen


def test_rounds_move_as_the_table_says_for_everybody_in_every_state(standing: World) -> None:
    world = standing
    with transaction.atomic():
        plan = services.RoundPlan("Autumn", "autumn", ["primary"], TODAY, TODAY + dt.timedelta(days=60))
        row = services.open_round(actor=world.manager, authority=world.authority, plan=plan, at=NOW)
        people = {name: person(user) for name, user in world.people.items()}
        for state in expected.ROUND_STATES:
            row.state = state
            for action in ROUND_WORKFLOW.actions:
                to, _ = expected.ROUNDS.get((state, action), ("", set()))
                for name, user in people.items():
                    is_manager = name in ("manager", "manager_sip")
                    wanted = "not in this state" if not to else to if is_manager else "forbidden"
                    assert outcome(ROUND_WORKFLOW, user, row, action) == wanted, (state, action, name)
        transaction.set_rollback(True)


# ---------------------------------------------------------------- notes


@pytest.fixture(scope="module")
def notes(standing: World) -> Iterator[dict[str, Scene]]:
    """Notes whose people are everything to them that the table knows."""
    world = standing
    with transaction.atomic():
        elsewhere = {"sip": {"assignment"}, "head": {"head"}, "chair": {"chair"}, "clerk": {"clerk"}}
        managers = {"manager": {"manager"}, "manager_sip": {"manager"}}

        def review(note: NoteOfVisit, reviewer: User | None, *, opened: bool) -> NoteOfVisit:
            GateReview.objects.create(
                note=note, version=1, reasons=["asked"], due_on=TODAY, reviewer=reviewer, opened_at=NOW if opened else None
            )
            return note_of(note)

        def joint() -> NoteOfVisit:
            return make.start(world.consultant, world.elm, second_adviser=world.nc_adviser, second_sections=["leadership"])

        at_elm: dict[str, set[str]] = {**managers, "consultant": {"author"}, "nc_adviser": {"second adviser"}, "elm_head": {"head"}}
        unopened = {"author before it is opened"}
        scenes = {
            "with a reviewer who has not opened it": Scene(
                review(joint(), world.sip, opened=False),
                {**at_elm, "consultant": {"author"} | unopened, "sip": {"reviewer"}, "officer_chair": {"chair"}},
            ),
            "with a reviewer who has opened it": Scene(
                review(joint(), world.sip, opened=True),
                {
                    **at_elm,
                    **{name: {"manager", "manager after it is opened"} for name in managers},
                    "sip": {"reviewer"},
                    "officer_chair": {"chair"},
                },
            ),
            "whose draft goes to the chair": Scene(
                review(joint(), None, opened=False),
                {
                    **at_elm,
                    **{name: {"manager", "reviewer"} for name in managers},
                    "consultant": {"author"} | unopened,
                    "officer_chair": {"chair", "chair with the draft"},
                },
            ),
            "by a manager": Scene(
                review(make.start(world.manager_sip, world.yew), None, opened=True),
                {"manager": {"manager", "reviewer", "manager after it is opened"}, "manager_sip": {"author", "manager of their own"}},
            ),
            "by a mentee, with the mentor as reviewer": Scene(
                review(make.start(world.new_sip, world.rowan), world.mentor, opened=True),
                {
                    **{name: {"manager", "manager after it is opened"} for name in managers},
                    "new_sip": {"author"},
                    "mentor": {"mentor with a share"},
                },
            ),
            "whose reviewer heads the school": Scene(
                review(make.start(world.sip, world.ash), world.sip_head, opened=True),
                {**{name: {"manager", "manager after it is opened"} for name in managers}, "sip": {"author"}, "sip_head": {"head"}},
            ),
            "of a group": Scene(
                review(make.start(world.sip, world.oak, world.ash), world.consultant, opened=False),
                {**elsewhere, **managers, "sip": {"author"} | unopened, "consultant": {"reviewer"}, "sip_head": {"head"}},
            ),
        }
        chairs = scenes["whose draft goes to the chair"].row
        NoteOfVisit.objects.filter(pk=chairs.pk).update(goes_to_chair=True)
        scenes["whose draft goes to the chair"].row = note_of(chairs)
        NoteShare.objects.create(note=scenes["by a mentee, with the mentor as reviewer"].row, mentor=world.mentor, at=NOW)
        left = make.start(world.sip, world.oak)
        NoteOfVisit.objects.filter(pk=left.pk).update(author=world.former_sip)
        Visit.objects.filter(pk=left.visit_id).update(lead=world.former_sip)
        scenes["by one who left, in the days of grace"] = Scene(
            review(left, None, opened=False),
            {
                **elsewhere,
                **{name: {"manager", "reviewer"} for name in managers},
                "former_sip": {"author"} | unopened,
            },
        )
        gone = make.start(world.sip, world.oak)
        make_assignment(world.cover_adviser, world.oak, "nc_adviser", ends_on=dt.date(2008, 9, 12), finish_by=dt.date(2008, 10, 3))
        NoteOfVisit.objects.filter(pk=gone.pk).update(author=world.cover_adviser)
        scenes["by one whose days of grace are over"] = Scene(
            review(gone, None, opened=False),
            {**elsewhere, **{name: {"manager", "reviewer"} for name in managers}, "cover_adviser": {"author who left"}},
        )
        for name, scene in scenes.items():
            scene.row = note_of(scene.row)
            scene.relations["dpo"] = {"dpo"}
            scene.row.covered, scene.row.open_review  # noqa: B018 - read once, so that the table below asks the database nothing
            scene.people = {key: person(user) for key, user in world.people.items()}
            if name == "by one whose days of grace are over":
                for row in Assignment.objects.filter(adviser=world.cover_adviser):
                    assert row.finish_by is not None and row.finish_by < TODAY
        yield scenes
        transaction.set_rollback(True)


VERSIONS: dict[str, dict[str, Any]] = {
    "first": {"version": 1, "final_version": None, "is_final_withdrawn": False},
    "amendment": {"version": 2, "final_version": 1, "is_final_withdrawn": False},
    "amendment of a withdrawn": {"version": 2, "final_version": 1, "is_final_withdrawn": True},
}


def guarded(action: str, kind: str) -> bool:
    """Whether what the note is stands in the way of this way to abandon."""
    return action in expected.ABANDONS.values() and expected.ABANDONS[kind] != action


def test_notes_move_as_the_table_says_for_everybody_in_every_state(notes: dict[str, Scene]) -> None:
    seen: Counter[str] = Counter()
    for title, scene in notes.items():
        note = scene.row
        for kind, values in VERSIONS.items():
            for state in expected.NOTE_STATES:
                for name, value in {**values, "state": state, "abandoned_at": NOW}.items():
                    setattr(note, name, value)
                for action in NOTE_WORKFLOW.actions:
                    to, who = expected.NOTES.get((state, action), ("", set()))
                    for name, user in scene.people.items():
                        if not to:
                            wanted = "not in this state"
                        elif not scene.relations.get(name, set()) & who:
                            wanted = "forbidden"
                        else:
                            wanted = "refused" if guarded(action, kind) else to
                        assert outcome(NOTE_WORKFLOW, user, note, action) == wanted, (title, kind, state, action, name)
                        seen["legal" if to and wanted == to else wanted] += 1
    assert seen["legal"] > 1000 and seen["forbidden"] > 20_000 and seen["refused"] > 50, seen


def test_who_reads_and_who_writes_the_working_text_in_each_state(notes: dict[str, Scene]) -> None:
    for title, scene in notes.items():
        note, review = scene.row, scene.row.open_review
        for state in expected.NOTE_STATES:
            note.state = state
            note.__dict__["open_review"] = review if state == "in_review" else None
            for name, user in scene.people.items():
                relations = scene.relations.get(name, set())
                if state != "in_review":
                    relations = relations - {"reviewer"}
                assert can(user, P.NOTE_READ, note) == bool(relations & expected.TEXT[state]), (title, state, name)
                assert can(user, P.NOTE_WRITE, note) == bool(relations & expected.WRITABLE.get(state, set())), (title, state, name)
        note.__dict__["open_review"] = review


# ---------------------------------------------------------------- alerts


def test_alerts_move_as_the_table_says_for_everybody_in_every_state(world: World) -> None:
    """Raised at Oakfield by its SIP; and at Yew by the manager who is its SIP, and who answers no alert of their own."""
    managers = {"manager": {"manager"}, "manager_sip": {"manager"}}
    for sip, school, relations in (
        (world.sip, world.oak, {**managers, "officer": {"officer"}, "officer_chair": {"officer"}}),
        (world.manager_sip, world.yew, {"manager": {"manager"}}),
    ):
        alert = make.alert(sip, school)
        people = {name: person(user) for name, user in world.people.items()}
        for state in expected.ALERT_STATES:
            alert.state = state
            for action in ALERT_WORKFLOW.actions:
                to, who = expected.ALERTS.get((state, action), ("", set()))
                for name, user in people.items():
                    mine = relations.get(name, set())
                    if school == world.yew and name in ("officer", "officer_chair", "officer_south"):
                        continue  # by cluster: test_alerts.py
                    wanted = "not in this state" if not to else to if mine & who else "forbidden"
                    assert outcome(ALERT_WORKFLOW, user, alert, action) == wanted, (school, state, action, name)


# ---------------------------------------------------------------- requests for information


def test_requests_move_as_the_table_says_for_everybody_in_every_state(world: World) -> None:
    """An administrator handles none; the manager, its second reader, reads and does nothing else."""
    words = services.RequestWords("foi", TODAY, "The Gazette", "All notes", schools=[world.oak])
    request = services.open_request(actor=person(world.dpo), authority=world.authority, words=words, at=NOW)
    request.reviewer = world.manager
    relations = {"dpo": {"dpo"}, "manager": {"second reader"}}
    people = {name: person(user) for name, user in world.people.items()}
    for state in expected.REQUEST_STATES:
        request.state = state
        for action in REQUEST_WORKFLOW.actions:
            to, who = expected.REQUESTS.get((state, action), ("", set()))
            for name, user in people.items():
                wanted = "not in this state" if not to else to if relations.get(name, set()) & who else "forbidden"
                if action == "send" and wanted == to:
                    assert outcome(REQUEST_WORKFLOW, user, request, action) == "refused"
                    request.approved_at = NOW
                assert outcome(REQUEST_WORKFLOW, user, request, action) == wanted, (state, action, name)


# ---------------------------------------------------------------- targets


def test_targets_move_as_the_table_says_for_everybody_in_every_state(world: World) -> None:
    """Of Oakfield, whose SIP is sip; former_sip is in the days of grace."""
    row = Target.objects.create(school=world.oak, measure="ks2.l4_en_ma", summer=2030, changed_at=NOW)
    relations = {
        "manager": {"manager"},
        "manager_sip": {"manager"},
        "sip": {"adviser"},
        "former_sip": {"adviser in grace"},
        "head": {"head"},
        "chair": {"chair"},
    }
    people = {name: person(user) for name, user in world.people.items()}
    for state in expected.TARGET_STATES:
        row.state = state
        for action in TARGET_WORKFLOW.actions:
            to, who = expected.TARGETS.get((state, action), ("", set()))
            for name, user in people.items():
                wanted = "not in this state" if not to else to if relations.get(name, set()) & who else "forbidden"
                assert outcome(TARGET_WORKFLOW, user, row, action) == wanted, (state, action, name)


def test_support_moves_as_the_table_says_for_everybody_in_every_state(world: World) -> None:
    """Of Oakfield, whose SIP is sip; what has not begun cannot be delivered."""
    row = Intervention.objects.create(
        authority=world.authority, school=world.oak, name="Writing", origin="brokered", starts_on=TODAY, created_at=NOW
    )
    relations = {
        "manager": {"manager"},
        "manager_sip": {"manager"},
        "officer": {"officer"},
        "officer_chair": {"officer"},
        "sip": {"adviser"},
        "head": {"head"},
        "chair": {"chair"},
    }
    people = {name: person(user) for name, user in world.people.items()}
    for state in expected.SUPPORT_STATES:
        row.state = state
        for action in SUPPORT_WORKFLOW.actions:
            to, who = expected.SUPPORT.get((state, action), ("", set()))
            for name, user in people.items():
                wanted = "not in this state" if not to else to if relations.get(name, set()) & who else "forbidden"
                assert outcome(SUPPORT_WORKFLOW, user, row, action) == wanted, (state, action, name)
    row.state, row.starts_on = "delivering", TODAY + dt.timedelta(days=1)
    assert outcome(SUPPORT_WORKFLOW, people["sip"], row, "deliver") == "refused"


def test_commentaries_move_as_the_table_says_for_everybody_in_every_state(standing: World) -> None:
    world = standing
    mine = {"sip": {"author"}, "manager": {"manager"}, "manager_sip": {"manager"}, "head": {"head"}, "dpo": {"dpo"}}
    with transaction.atomic():
        make.bring_to("final", author=world.sip, school=world.oak, manager=world.manager, head=world.head)
        row = commentaries.begun(world.sip, world.oak)
        people = {name: person(user) for name, user in world.people.items()}
        for to_chair, kind in ((False, "amendment"), (True, "amendment of a withdrawn")):
            row.goes_to_chair = to_chair
            relations = {**mine, "chair": {"chair with the draft"} if to_chair else set()}
            for state in expected.COMMENTARY_STATES:
                row.state, row.final_version, row.version = state, 1, 2  # an amendment, or its final version
                row.is_final_withdrawn = VERSIONS[kind]["is_final_withdrawn"]
                for action in COMMENTARY_WORKFLOW.actions:
                    to, who = expected.COMMENTARIES.get((state, action), ("", set()))
                    for name, user in people.items():
                        wanted = "not in this state" if not to else to if relations.get(name, set()) & who else "forbidden"
                        wanted = "refused" if wanted == to and guarded(action, kind) else wanted
                        assert outcome(COMMENTARY_WORKFLOW, user, row, action) == wanted, (to_chair, state, action, name)
        row.state, row.version = "draft", 1
        row.final_version = None
        assert outcome(COMMENTARY_WORKFLOW, people["sip"], row, "abandon_amendment") == "refused"
        transaction.set_rollback(True)


def test_shadowings_move_as_the_table_says_for_everybody_in_every_state(world: World) -> None:
    """Of a SIP at Oakfield, observed by an officer; and of the manager who is a SIP, and who plans nothing of their own.

    The guards are asked apart: here the visit is on a day when each lets pass.
    """
    managers = {"manager": {"manager"}, "manager_sip": {"manager"}}
    for name, school, relations in (
        ("sip", world.oak, {**managers, "sip": {"sip"}, "officer_south": {"observer"}, "head": {"head"}}),
        ("manager_sip", world.yew, {"manager": {"manager"}, "manager_sip": {"sip"}, "officer_south": {"observer"}}),
    ):
        plan = VisitPlan(visit_type="autumn", schools=[school], lead=world.people[name])
        row = Shadowing(authority=world.authority, sip=world.sips[name], observer=world.officer_south, academic_year=2008)
        visit = visit_of(services.book_visit(actor=world.manager, plan=plan, on=TODAY, at=NOW))
        people = {one: person(user) for one, user in world.people.items()}
        for state in expected.SHADOWING_STATES:
            for action in SHADOWING_WORKFLOW.actions:
                row.state, row.visit, row.respond_by = state, visit, TODAY - dt.timedelta(days=1)
                visit.on = TODAY + dt.timedelta(days=0 if action == "write" else 5)
                to, who = expected.SHADOWINGS.get((state, action), ("", set()))
                for one, user in people.items():
                    wanted = "not in this state" if not to else to if relations.get(one, set()) & who else "forbidden"
                    assert outcome(SHADOWING_WORKFLOW, user, row, action) == wanted, (name, state, action, one)


def test_ratings_move_as_the_table_says_for_everybody_in_every_state(world: World) -> None:
    """Of a note by the manager who is a SIP: that manager takes no rating of it back."""
    note = make.start(person(world.manager_sip), world.yew)
    sampled = SampledNote(note=note)
    row = Moderation(authority=world.authority, sampled=sampled, moderator=world.consultant)
    relations = {"manager": {"manager"}, "consultant": {"moderator"}}
    people = {one: person(user) for one, user in world.people.items()}
    for state in expected.MODERATION_STATES:
        row.state = state
        for action in MODERATION_WORKFLOW.actions:
            to, who = expected.MODERATIONS.get((state, action), ("", set()))
            for one, user in people.items():
                wanted = "not in this state" if not to else to if relations.get(one, set()) & who else "forbidden"
                assert outcome(MODERATION_WORKFLOW, user, row, action) == wanted, (state, action, one)


# ---------------------------------------------------------------- briefings


def test_briefings_move_as_the_table_says_for_everybody_in_every_state(world: World) -> None:
    """Of Wealdshire, on its day: it may be answered and recorded. The day before nobody records who came, the day after nobody replies."""
    row = make_briefing(world, TODAY)
    briefed = ("sip", "consultant", "sip_head", "new_sip", "cover_adviser", "officer", "officer_south", "officer_chair")
    relations = {name: {"takes part"} for name in (*briefed, "head_of_improvement", "finance_officer")}
    relations |= {name: {"manager"} for name in ("manager", "manager_sip")}
    people = {name: person(user) for name, user in world.people.items()}
    for state in expected.BRIEFING_STATES:
        row.state = state
        for action in BRIEFING_WORKFLOW.actions:
            to, who = expected.BRIEFINGS.get((state, action), ("", set()))
            for name, user in people.items():
                wanted = "not in this state" if not to else to if relations.get(name, set()) & who else "forbidden"
                assert outcome(BRIEFING_WORKFLOW, user, row, action) == wanted, (state, action, name)
    for state, action, on in (("called", "attend", TODAY + dt.timedelta(days=1)), ("called", "reply", TODAY - dt.timedelta(days=1))):
        row.state, row.on = state, on
        assert outcome(BRIEFING_WORKFLOW, people["manager"], row, action) == "refused", action


def test_bulletins_workshops_and_bookings_move_as_the_tables_say(world: World) -> None:
    bulletin, workshop = make_bulletin(world), make_workshop(world, TODAY)
    booking = briefings.book_workshop(actor=person(world.sip), workshop=workshop, at=NOW)
    sips = ("sip", "consultant", "sip_head", "new_sip", "cover_adviser", "manager_sip")
    others = ("officer", "officer_south", "officer_chair", "head_of_improvement", "finance_officer")
    relations = {name: {"takes part", "SIP"} for name in sips} | {name: {"takes part"} for name in others}
    relations["manager"], relations["manager_sip"] = {"manager"}, {"manager", "takes part", "SIP"}
    holders = {"sip": {"holder"}, "manager": {"manager"}, "manager_sip": {"manager"}}
    people = {name: person(user) for name, user in world.people.items()}
    for row, table, states, typed, related in (
        (bulletin, BULLETIN_WORKFLOW, expected.BULLETIN_STATES, expected.BULLETINS, relations),
        (workshop, WORKSHOP_WORKFLOW, expected.WORKSHOP_STATES, expected.WORKSHOPS, relations),
        (booking, BOOKING_WORKFLOW, expected.BOOKING_STATES, expected.BOOKINGS, holders),
    ):
        for state in states:
            row.state = state  # type: ignore[attr-defined]
            for action in table.actions:  # type: ignore[attr-defined]
                to, who = typed.get((state, action), ("", set()))
                for name, user in people.items():
                    wanted = "not in this state" if not to else to if related.get(name, set()) & who else "forbidden"
                    assert outcome(table, user, row, action) == wanted, (state, action, name)  # type: ignore[arg-type]


def test_the_library_moves_as_its_tables_say_for_everybody_in_every_state(world: World) -> None:
    """A published resource of Wealdshire's; a question and a suggestion of sip's."""
    sip, at = world.fresh("sip"), {"authority": world.authority, "at": NOW}
    rows: list[tuple[Workflow[Any], Any, tuple[str, ...], Any]] = [
        (RESOURCE_WORKFLOW, make_resource(world), expected.RESOURCE_STATES, expected.RESOURCES),
        (OFFER_WORKFLOW, briefings.offer_question(actor=sip, theme="targets", text="Which?", **at), expected.OFFER_STATES, expected.OFFERS),
        (SUGGESTION_WORKFLOW, briefings.make_suggestion(actor=sip, text="More", **at), expected.SUGGESTION_STATES, expected.SUGGESTIONS),
    ]
    people = {name: person(user) for name, user in world.people.items()}
    for table, row, states, typed in rows:
        for state in states:
            row.state = state
            for action in table.actions:
                to, _ = typed.get((state, action), ("", set()))
                for name, user in people.items():
                    wanted = "not in this state" if not to else to if name in ("manager", "manager_sip") else "forbidden"
                    assert outcome(table, user, row, action) == wanted, (state, action, name)
    unpublished = make_resource(world, "Never", is_published=False)
    unpublished.state = "retired"
    assert outcome(RESOURCE_WORKFLOW, people["manager"], unpublished, "restore") == "refused"


# ---------------------------------------------------------------- the tables themselves, and their guards


@pytest.mark.parametrize(
    ("table", "states", "typed"),
    [
        (ROUND_WORKFLOW, expected.ROUND_STATES, expected.ROUNDS),
        (VISIT_WORKFLOW, expected.VISIT_STATES, expected.VISITS),
        (NOTE_WORKFLOW, expected.NOTE_STATES, expected.NOTES),
        (ALERT_WORKFLOW, expected.ALERT_STATES, expected.ALERTS),
        (TARGET_WORKFLOW, expected.TARGET_STATES, expected.TARGETS),
        (REQUEST_WORKFLOW, expected.REQUEST_STATES, expected.REQUESTS),
        (FEEDBACK_WORKFLOW, expected.FEEDBACK_STATES, expected.FEEDBACK),
        (SIP_REVIEW_WORKFLOW, expected.SIP_REVIEW_STATES, expected.SIP_REVIEWS),
        (COMMENTARY_WORKFLOW, expected.COMMENTARY_STATES, expected.COMMENTARIES),
        (SHADOWING_WORKFLOW, expected.SHADOWING_STATES, expected.SHADOWINGS),
        (MODERATION_WORKFLOW, expected.MODERATION_STATES, expected.MODERATIONS),
        (BRIEFING_WORKFLOW, expected.BRIEFING_STATES, expected.BRIEFINGS),
        (RESOURCE_WORKFLOW, expected.RESOURCE_STATES, expected.RESOURCES),
        (OFFER_WORKFLOW, expected.OFFER_STATES, expected.OFFERS),
        (SUGGESTION_WORKFLOW, expected.SUGGESTION_STATES, expected.SUGGESTIONS),
        (BULLETIN_WORKFLOW, expected.BULLETIN_STATES, expected.BULLETINS),
        (WORKSHOP_WORKFLOW, expected.WORKSHOP_STATES, expected.WORKSHOPS),
        (BOOKING_WORKFLOW, expected.BOOKING_STATES, expected.BOOKINGS),
    ],
    ids=[
        "rounds",
        "visits",
        "notes",
        "alerts",
        "targets",
        "requests",
        "feedback",
        "sip reviews",
        "commentaries",
        "shadowings",
        "moderations",
        "briefings",
        "resources",
        "questions offered",
        "suggestions",
        "bulletins",
        "workshops",
        "bookings",
    ],
)
def test_the_table_of_the_code_is_the_table_of_the_page(table: Workflow[Any], states: tuple[str, ...], typed: dict[Any, Any]) -> None:
    assert set(table.states) == set(states)
    assert {key: row.target for key, row in table.rows.items()} == {key: to for key, (to, _) in typed.items()}


def test_a_visit_is_held_on_its_day_or_after() -> None:
    assert workflow.day_has_come(Visit(on=TODAY), TODAY) is None
    assert workflow.day_has_come(Visit(on=TODAY - dt.timedelta(days=1)), TODAY) is None
    assert workflow.day_has_come(Visit(on=TODAY + dt.timedelta(days=1)), TODAY)


def test_the_facts_of_a_visit_are_open_until_its_note_is_final(notes: dict[str, Scene]) -> None:
    note = notes["by a manager"].row
    for state in expected.NOTE_STATES:
        note.state = note.visit.note.state = state
        assert bool(workflow.facts_are_open(note.visit, TODAY)) == (state == "final"), state
        assert bool(workflow.has_no_note(note.visit, TODAY)) == (state != "abandoned"), state
    assert workflow.has_no_note(Visit(), TODAY) is None and workflow.facts_are_open(Visit(), TODAY) is None


@pytest.mark.parametrize(("days", "may"), [(0, True), (30, True), (31, False)])
def test_an_abandoned_draft_is_restorable_for_thirty_days(days: int, may: bool) -> None:
    note = NoteOfVisit(state="abandoned", abandoned_at=NOW)
    assert (workflow.within_restore(note, TODAY + dt.timedelta(days=days)) is None) == may
