"""Rounds: who is in scope, how far each school is, how visits find theirs, booking in bulk, exemptions, and reminders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.access import Conflict, Refused
from core.audit import AuditEvent
from core.due import due_to
from core.outbox import OutboxEmail
from people.models import User
from schools.choices import AssignmentKind, Phase, SchoolStatus
from schools.models import School
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World, make_assignment, make_interest, make_school
from tests.factories.stage import stage, undone
from visits import services
from visits.choices import NoteState, Stage
from visits.coverage import Coverage, coverage, coverages, unbooked, whole_coverages
from visits.models import Round, RoundExemption, Visit
from visits.services import RoundBooking, RoundPlan, RowsRefused
from visits.services.reminders import window
from visits.services.visits import VisitPlan

pytestmark = pytest.mark.django_db

TODAY = NOW.date()  # 14 October 2008
PRIMARY = RoundPlan("Autumn 2008: primary", "autumn", ["primary"], dt.date(2008, 9, 8), dt.date(2008, 12, 12))


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as world:
        yield world


@pytest.fixture
def world(standing: World) -> Iterator[World]:
    with undone():
        for user in standing.people.values():
            user.forget_hats()
            user.__dict__.pop("_packs_of_years", None)
        yield standing


@pytest.fixture
def round_(world: World) -> Round:
    return services.open_round(actor=world.manager, authority=world.authority, plan=PRIMARY, at=NOW)


def seen(world: World, round_: Round, name: str = "manager", on: dt.date = TODAY) -> Coverage:
    return coverage(world.fresh(name), Round.objects.select_related("authority").get(pk=round_.pk), on)


def stages(found: Coverage) -> dict[str, str]:
    return {row.school.name.split()[0]: str(row.stage) for row in found.rows}


def book(world: World, school: School, lead: User, on: dt.date = dt.date(2008, 11, 4)) -> Visit:
    plan = VisitPlan(visit_type="autumn", schools=[school], lead=lead)
    return services.book_visit(actor=lead, plan=plan, on=on, starts_at=dt.time(9), at=NOW)


def client_of(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name])
    return client


# ---------------------------------------------------------------- who is in scope


def test_who_is_in_scope_on_the_day(world: World, round_: Round) -> None:
    late = make_school(world.authority, "Later School", phase=Phase.PRIMARY, opened_on=dt.date(2009, 1, 5))
    was = make_school(world.authority, "Was School", phase=Phase.PRIMARY, status=SchoolStatus.CLOSED, closed_on=dt.date(2009, 8, 31))
    gone = make_school(world.authority, "Gone School", phase=Phase.PRIMARY, status=SchoolStatus.CLOSED, closed_on=dt.date(2008, 8, 31))
    names = {row.school.pk for row in seen(world, round_).rows}
    assert {world.oak.pk, world.ash.pk, world.yew.pk, world.rowan.pk, was.pk} == names
    assert not {late.pk, gone.pk, world.gorse.pk, world.elm.pk, world.birch.pk} & names
    # asked for years later, the scope is that of the round's last day
    assert was.pk in {row.school.pk for row in seen(world, round_, on=dt.date(2011, 1, 5)).rows}


def test_each_sees_the_schools_that_they_serve_and_none_behind_the_wall(world: World, round_: Round) -> None:
    assert set(stages(seen(world, round_, "sip"))) == {"Oakfield", "Ashdown"}
    assert set(stages(seen(world, round_, "officer_south"))) == {"Yew", "Rowan"}
    assert "Ashdown" not in stages(seen(world, round_, "sip_head"))  # headed by them: their own school is not theirs to count
    make_interest(world.manager, world.oak)
    found = seen(world, round_)
    assert "Oakfield" not in stages(found) and found.expected == 3
    page = client_of(world, "manager").get(reverse("visits:round-schools", args=[round_.public_id])).content.decode()
    assert world.ash.name in page and world.oak.name not in page
    for name in ("other_manager", "other_sip"):
        assert client_of(world, name).get(round_.get_absolute_url()).status_code == 404
    for name in ("head", "dpo", "administrator"):
        assert client_of(world, name).get(reverse("visits:round-list")).status_code == 403


# ---------------------------------------------------------------- how visits find their round


def test_a_visit_finds_its_round_and_keeps_it(world: World, round_: Round) -> None:
    mine = book(world, world.oak, world.sip)
    assert mine.round == round_
    assert book(world, world.elm, world.consultant).round is None  # another phase
    before = book(world, world.ash, world.sip, dt.date(2009, 1, 12))
    assert before.round is None  # outside the window
    services.move_visit(actor=world.sip, visit=before, on=dt.date(2008, 12, 1), reason="Sooner.", at=NOW)
    assert Visit.objects.get(pk=before.pk).round == round_
    services.move_visit(actor=world.sip, visit=mine, on=dt.date(2009, 1, 12), reason="Snow.", at=NOW)
    assert Visit.objects.get(pk=mine.pk).round == round_  # late, and its own
    days = [(dt.date(2008, 11, 6), None), (dt.date(2008, 11, 10), None)]
    plan = VisitPlan(visit_type="autumn", schools=[world.rowan], lead=world.new_sip, dates=days)
    assert services.propose_dates(actor=world.new_sip, plan=plan, at=NOW).round == round_
    assert make.hold(world.manager_sip, world.yew).round == round_  # logged, never booked
    services.close_round(actor=world.manager, round=round_, at=NOW)
    assert book(world, world.oak, world.sip, dt.date(2008, 11, 20)).round is None


def test_a_round_opened_late_takes_in_what_is_booked(world: World) -> None:
    inside, outside = book(world, world.oak, world.sip), book(world, world.ash, world.sip, dt.date(2009, 1, 12))
    both = VisitPlan(visit_type="autumn", schools=[world.elm], lead=world.consultant)
    other = services.book_visit(actor=world.consultant, plan=both, on=dt.date(2008, 11, 5), at=NOW)
    round_ = services.open_round(actor=world.manager, authority=world.authority, plan=PRIMARY, at=NOW)
    assert list(round_.visits.all()) == [inside] and outside.pk and other.pk
    assert AuditEvent.objects.get(event="round.opened").changes["visits"] == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": " "}, "Enter a name"),
        ({"ends_on": dt.date(2008, 9, 1)}, "ends before it begins"),
        ({"ends_on": dt.date(2009, 9, 30)}, "within one academic year"),
        ({"visit_type": "htpm"}, "has no note"),
        ({"visit_type": "none"}, "Choose a kind"),
        ({"phases": []}, "at least one phase"),
        ({"visit_type": "additional-nc"}, "not a visit to every phase"),
        ({"clocks": {"draft_office_days": 0}}, "1 to 30 days"),
        ({"name": "Again"}, "expects primary schools in the same weeks"),
    ],
)
def test_what_no_round_can_be(world: World, round_: Round, change: dict[str, Any], says: str) -> None:
    values = {**vars(PRIMARY), **change}
    with pytest.raises(Refused, match=says):
        services.open_round(actor=world.manager, authority=world.authority, plan=RoundPlan(**values), at=NOW)


def test_who_opens_changes_and_closes(world: World, round_: Round) -> None:
    for name in ("sip", "officer", "head_of_improvement", "other_manager"):
        with pytest.raises(PermissionDenied):
            services.open_round(actor=world.people[name], authority=world.authority, plan=PRIMARY, at=NOW)
        with pytest.raises(PermissionDenied):
            services.close_round(actor=world.people[name], round=Round.objects.get(pk=round_.pk), at=NOW)
    mine = book(world, world.oak, world.sip, dt.date(2009, 1, 12))
    plan = RoundPlan(**{**vars(PRIMARY), "name": "Autumn and after", "ends_on": dt.date(2009, 1, 31), "clocks": {"draft_office_days": 8}})
    seen_before = Round.objects.get(pk=round_.pk)
    services.change_round(actor=world.manager, round=round_, plan=plan, lock_version=round_.lock_version, at=NOW)
    assert Visit.objects.get(pk=mine.pk).round == round_
    with pytest.raises(Conflict):
        services.change_round(actor=world.manager, round=seen_before, plan=plan, lock_version=seen_before.lock_version, at=NOW)
    assert AuditEvent.objects.get(event="round.changed").changes["draft_office_days"] == [5, 8]
    services.close_round(actor=world.manager, round=round_, at=NOW)
    with pytest.raises(Conflict, match="Reopen it"):
        services.change_round(actor=world.manager, round=round_, plan=plan, lock_version=round_.lock_version, at=NOW)
    services.reopen_round(actor=world.manager, round=round_, at=NOW)
    assert Round.objects.get(pk=round_.pk).is_open


def test_the_clocks_of_a_round_run_for_its_notes(world: World) -> None:
    clocks = {"draft_office_days": 8, "review_office_days": 2, "school_window_school_days": 7, "final_office_days": 3}
    plan = RoundPlan(**{**vars(PRIMARY), "clocks": clocks})
    services.open_round(actor=world.manager, authority=world.authority, plan=plan, at=NOW)
    note = make.start(world.sip, world.oak)  # held on 9 October
    assert note.draft_due_on == dt.date(2008, 10, 21)
    note = make.submit(world.sip, make.fill(world.sip, note), asks_review=True)
    assert note.review_due_on == dt.date(2008, 10, 16)
    services.approve_note(actor=world.manager, note=note, at=NOW)
    note = make.release(world.sip, note)
    assert (note.school_due_on, note.final_due_on) == (dt.date(2008, 10, 23), dt.date(2008, 10, 28))


# ---------------------------------------------------------------- how far it has come


def test_the_figures_step_by_step(world: World, round_: Round) -> None:
    def figures(name: str = "manager") -> list[tuple[int, int | None]]:
        return [(figure.n, figure.of) for figure in seen(world, round_, name).figures]

    assert figures() == [(0, 4)] * 5
    book(world, world.yew, world.manager_sip)
    note = make.start(world.sip, world.oak)
    assert figures() == [(2, 4), (1, 4), (0, 4), (0, 4), (0, 4)]
    note = make.submit(world.sip, make.fill(world.sip, note))
    assert figures() == [(2, 4), (1, 4), (1, 4), (0, 4), (0, 4)]
    note = make.release(world.sip, note)
    services.answer_note(actor=world.head, note=note, school=world.oak, accuracy="accurate", at=NOW)
    make.finalise(world.sip, note)
    assert figures() == [(2, 4), (1, 4), (1, 4), (1, 4), (1, 4)] and figures("sip")[4] == (1, 2)
    services.amend_note(actor=world.sip, note=make.fresh(note), reason="A figure.", at=NOW)
    assert figures()[4] == (1, 4)  # version 1 stands
    held = make.hold(world.new_sip, world.rowan)
    services.waive_note(actor=world.manager, visit=held, reason="A fire.", at=NOW)
    found = seen(world, round_)
    assert [(f.n, f.of) for f in found.figures] == [(3, 4), (2, 4), (1, 3), (1, 3), (1, 3)] and found.waived == 1
    assert (found.not_booked, found.figures[0].percent, found.figures[2].percent) == (1, 75, 33)


def test_exempt_and_unserved_schools_stand_apart(world: World, round_: Round) -> None:
    lone = make_school(world.authority, "Lone School", phase=Phase.PRIMARY, cluster=world.north)
    services.exempt_schools(actor=world.manager, round=round_, schools=[world.yew], reason="closing", at=NOW)
    found = seen(world, round_)
    assert (found.expected, found.exempt, found.without_sip, len(found.rows)) == (3, 1, 1, 5)
    assert [row.school.name for row in found.narrowed(show="without_sip")] == [lone.name]
    row = RoundExemption.objects.get()
    assert (row.by, row.get_reason_display()) == (world.manager, "It is closing")
    adviser = make_assignment(world.nc_adviser, lone, AssignmentKind.NC_ADVISER, takes_place_of_sip=True)
    assert seen(world, round_).expected == 4 and adviser.pk  # S6: in the SIP's place
    services.lift_exemption(actor=world.manager, exemption=row, at=NOW)
    assert seen(world, round_).expected == 5


def test_who_may_not_exempt(world: World, round_: Round) -> None:
    def exempt(name: str, school: School, reason: str = "closing") -> None:
        services.exempt_schools(actor=world.fresh(name), round=Round.objects.get(pk=round_.pk), schools=[school], reason=reason, at=NOW)

    for name, school, reason, says in (
        ("manager_sip", world.yew, "closing", "a school of your own"),
        ("manager", world.elm, "closing", "not in the round"),
        ("manager", world.birch, "closing", "different authorities"),
        ("manager", world.oak, "agreed", "Say what was agreed"),
        ("manager", world.oak, "because", "Choose the reason"),
    ):
        with pytest.raises(Refused, match=says):
            exempt(name, school, reason)
    make_interest(world.manager, world.oak)
    with pytest.raises(Refused, match="You have an interest"):
        exempt("manager", world.oak)
    for name in ("sip", "officer"):
        with pytest.raises(PermissionDenied):
            exempt(name, world.oak)
    assert not RoundExemption.objects.exists()


def test_what_is_late(world: World, round_: Round) -> None:
    book(world, world.yew, world.manager_sip, dt.date(2008, 10, 13))
    make.hold(world.sip, world.ash, on=dt.date(2008, 10, 3))
    make.start(world.sip, world.oak)  # due 16 October
    make.hold(world.new_sip, world.rowan, on=dt.date(2008, 10, 13))

    def late(on: dt.date) -> dict[str, str]:
        return {row.school.name.split()[0]: row.late for row in seen(world, round_, on=on).narrowed(show="late")}

    assert late(TODAY) == {"Yew": "not logged", "Ashdown": "note not begun"}
    assert late(dt.date(2008, 10, 17))["Oakfield"] == "note late"
    Visit.objects.filter(visit_schools__school=world.yew).update(state="cancelled")
    assert "Yew" not in late(dt.date(2008, 12, 12)) and late(dt.date(2008, 12, 13))["Yew"] == "the round is over"


def test_what_a_colleague_writes_is_hidden_in_the_figures_too(world: World, round_: Round) -> None:
    make_assignment(world.cover_adviser, world.ash, AssignmentKind.NC_ADVISER)
    make.submit(world.sip, make.fill(world.sip, make.start(world.sip, world.ash)))
    assert stages(seen(world, round_, "cover_adviser"))["Ashdown"] == Stage.HELD
    assert stages(seen(world, round_, "sip"))["Ashdown"] == Stage.SUBMITTED


def test_the_same_queries_for_one_round_and_few_schools_as_for_many(world: World, round_: Round) -> None:
    secondary = RoundPlan(**{**vars(PRIMARY), "name": "Secondary", "phases": ["secondary"]})

    def count(rounds: list[Round]) -> int:
        user = world.fresh("manager")
        assert user.hats
        with CaptureQueriesContext(connection) as asked:
            found = coverages(user, rounds, TODAY)
            assert [each.by_cluster() and each.by_sip() for each in found]
        return len(asked)

    few = count([round_])
    make.start(world.sip, world.oak)
    services.exempt_schools(actor=world.manager, round=round_, schools=[world.rowan], reason="closing", at=NOW)
    for _ in range(30):
        make_assignment(world.sip, make_school(world.authority, phase=Phase.PRIMARY, cluster=world.north))
    other = services.open_round(actor=world.manager, authority=world.authority, plan=secondary, at=NOW)
    rounds = list(Round.objects.filter(pk__in=[round_.pk, other.pk]).select_related("authority"))
    assert few == count(rounds) <= 6
    assert len(whole_coverages(rounds, TODAY)[0].rows) == 34


def test_every_number_opens_its_rows_and_the_export_holds_what_is_shown(world: World, round_: Round) -> None:
    book(world, world.oak, world.sip)
    client = client_of(world, "manager")
    page = client.get(round_.get_absolute_url()).content.decode()
    assert f"{reverse('visits:round-schools', args=[round_.public_id])}?show=booked" in page
    url = reverse("visits:round-schools", args=[round_.public_id]) + "?show=booked&cluster=" + world.north.code
    listed = client.get(url).content.decode()
    assert world.oak.name in listed and world.ash.name not in listed
    file = client.get(reverse("visits:round-export", args=[round_.public_id, "csv"]) + "?show=booked").content.decode("utf-8-sig")
    assert [line.split(",")[0].strip('"') for line in file.splitlines()] == ["School", world.oak.name]
    by_sip = client.get(reverse("visits:round-export", args=[round_.public_id, "csv"]) + "?by=sip").content.decode("utf-8-sig")
    lines = by_sip.replace('"', "").splitlines()
    assert lines[0].startswith("SIP,Expected,Booked") and lines[-1].startswith("All,4,1,0")
    book_ = client.get(reverse("visits:round-export", args=[round_.public_id, "xlsx"]))
    assert book_.content[:2] == b"PK" and AuditEvent.objects.filter(event="round.exported").count() == 3
    assert client.get(reverse("visits:round-export", args=[round_.public_id, "pdf"])).status_code == 404


# ---------------------------------------------------------------- booking in bulk


def test_booking_many_at_once_or_none(world: World, round_: Round) -> None:
    day = dt.date(2008, 11, 4)
    good = [RoundBooking(school, world.sip, [(day, dt.time(9))]) for school in (world.oak, world.ash)]
    bad = RoundBooking(world.yew, world.manager_sip, [(dt.date(2009, 2, 1), None)])
    with pytest.raises(RowsRefused) as refused:
        services.book_in_round(actor=world.manager, round=round_, bookings=[*good, bad], at=NOW)
    assert refused.value.rows == {world.yew.pk: "1 February 2009 is outside the round."} and not Visit.objects.exists()
    made = services.book_in_round(actor=world.manager, round=round_, bookings=good, at=NOW)
    assert [(visit.school, visit.lead, visit.round, visit.on) for visit in made] == [
        (world.oak, world.sip, round_, day),
        (world.ash, world.sip, round_, day),
    ]
    with pytest.raises(RowsRefused, match="nothing was"):
        services.book_in_round(actor=world.sip, round=round_, bookings=good[:1], at=NOW)
    with pytest.raises(RowsRefused):  # a SIP books their own alone
        services.book_in_round(actor=world.new_sip, round=round_, bookings=[RoundBooking(world.rowan, world.sip, [(day, None)])], at=NOW)


def test_the_form_for_many(world: World, round_: Round) -> None:
    client, url = client_of(world, "sip"), reverse("visits:round-book", args=[round_.public_id])
    page = client.get(url).content.decode()
    assert world.oak.name in page and world.ash.name in page and world.yew.name not in page
    oak, ash = f"s{world.oak.urn}", f"s{world.ash.urn}"
    wrong = client.post(url, {f"{oak}-day1": "2008-11-04", f"{ash}-day1": "31/2/2008"})
    assert wrong.status_code == 422 and "must be a real day" in wrong.content.decode() and not Visit.objects.exists()
    wrong = client.post(url, {f"{oak}-day1": "2009-03-04"})
    assert wrong.status_code == 422 and "outside the round" in wrong.content.decode()
    assert client.post(url, {}).status_code == 422
    client.post(url, {f"{oak}-day1": "4 November 2008", f"{oak}-starts_at": "9.30am"})
    visit = Visit.objects.get()
    assert (visit.on, visit.starts_at, visit.lead, visit.round) == (dt.date(2008, 11, 4), dt.time(9, 30), world.sip, round_)
    client.post(url + "?how=propose", {f"{ash}-day1": "2008-11-06", f"{ash}-day2": "2008-11-10"})
    proposed = Visit.objects.get(state="proposed")
    assert proposed.dates.count() == 2 and proposed.round == round_
    assert stages(seen(world, round_, "sip")) == {"Oakfield": "booked", "Ashdown": "proposed"}
    choice = proposed.dates.last()
    assert choice is not None
    services.choose_date(actor=world.fresh("sip_head"), visit=Visit.objects.get(pk=proposed.pk), date=choice, at=NOW)
    assert stages(seen(world, round_, "sip"))["Ashdown"] == "booked"
    assert client_of(world, "officer").get(url).status_code == 403


def test_a_manager_books_for_a_sip_and_not_behind_the_wall(world: World, round_: Round) -> None:
    client, url = client_of(world, "manager"), reverse("visits:round-book", args=[round_.public_id])
    assert "Whose caseload" in client.get(url).content.decode()
    make_interest(world.manager, world.oak)
    page = client.get(f"{url}?sip={world.sip.public_id}").content.decode()
    assert world.ash.name in page and world.oak.name not in page
    client.post(f"{url}?sip={world.sip.public_id}", {f"s{world.ash.urn}-day1": "2008-11-06", f"s{world.oak.urn}-day1": "2008-11-06"})
    assert Visit.objects.get().lead == world.sip and Visit.objects.get().school == world.ash


# ---------------------------------------------------------------- what is due


def test_not_booked_is_due_to_the_sip_and_at_the_end_to_the_manager(world: World, round_: Round) -> None:
    def items(name: str, on: dt.date = TODAY) -> list[str]:
        return [f"{item.title}|{item.left}" for item in due_to(world.fresh(name), on) if item.title.startswith(("Book", "4 schools"))]

    assert items("sip") == ["Book 2 visits: Autumn 2008: primary|43 working days left"]
    assert items("new_sip") == ["Book the visit: Rowan Lane Primary School|43 working days left"]
    assert not items("consultant") and not items("manager")
    book(world, world.oak, world.sip)
    assert items("sip") == ["Book the visit: Ashdown Primary School|43 working days left"]
    services.exempt_schools(actor=world.manager, round=round_, schools=[world.ash], reason="closing", at=NOW)
    assert not items("sip") and not unbooked(world.fresh("sip"), TODAY)
    Visit.objects.update(state="cancelled")
    over = [item.title for item in due_to(world.fresh("manager"), dt.date(2008, 12, 15)) if "not visited" in item.title]
    assert over == ["3 schools not visited: Autumn 2008: primary"]


def test_days_late_are_counted_on_the_clock_of_whoever_is_late(world: World) -> None:
    note = make.start(world.sip, world.oak)  # due on Thursday 16 October

    def left(name: str, on: dt.date, words: str) -> list[str]:
        return [item.left for item in due_to(world.fresh(name), on) if words in item.title]

    assert left("sip", dt.date(2008, 10, 14), "Finish") == ["2 working days left"]
    assert left("sip", dt.date(2008, 10, 20), "Finish") == ["2 working days late"]  # over a weekend
    assert left("sip", dt.date(2008, 10, 18), "Finish") == ["1 working day late"]
    assert not left("manager", dt.date(2008, 10, 22), "Late")
    assert left("manager", dt.date(2008, 10, 23), "Late") == ["5 working days late"]
    note = make.release(world.sip, make.submit(world.sip, make.fill(world.sip, note)))
    assert note.school_due_on == dt.date(2008, 10, 21)
    assert left("head", dt.date(2008, 10, 17), "Answer the draft") == ["2 school days left"]


# ---------------------------------------------------------------- reminders


def sent(since: int = 0) -> list[tuple[str, str]]:
    rows = OutboxEmail.objects.filter(context_kind="reminder", pk__gt=since).order_by("pk")
    return [(row.to_name, row.subject) for row in rows]


def at(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, 7, tzinfo=dt.UTC)


def test_once_before_and_once_after_each_deadline(world: World) -> None:
    note = make.start(world.sip, world.oak)  # due on 16 October
    told: dict[dt.date, list[tuple[str, str]]] = {}
    for number in range(14):
        day = dt.date(2008, 10, 11) + dt.timedelta(days=number)
        before = max(OutboxEmail.objects.values_list("pk", flat=True), default=0)
        assert services.send_reminders(at=at(day)) == len(sent(before))
        assert services.send_reminders(at=at(day)) == 0  # twice the same day
        if found := sent(before):
            told[day] = found
    subject = "Oakfield Primary School: Note of Visit {} due on 16 October 2008"
    assert told == {
        dt.date(2008, 10, 15): [("Susan Marlow", subject.format("is"))],
        dt.date(2008, 10, 17): [("Susan Marlow", subject.format("was"))],
    }
    body = OutboxEmail.objects.filter(context_kind="reminder").latest("pk").body
    assert reverse("visits:note-write", args=[note.public_id]) in body and world.oak.name in body


def test_reviewer_school_and_author_each_on_their_clock(world: World) -> None:
    note = make.start(world.sip, world.oak)
    note = make.submit(world.sip, make.fill(world.sip, note), asks_review=True)
    services.send_reminders(at=at(dt.date(2008, 10, 16)))  # the review is due on 17 October
    assert {name for name, subject in sent() if "Review" in subject} == {"Marian Holt", "Mavis Sipthorp"}  # nobody has it yet
    services.approve_note(actor=world.manager, note=note, at=NOW)
    note = make.release(world.sip, note)
    before = OutboxEmail.objects.latest("pk").pk
    services.send_reminders(at=at(dt.date(2008, 10, 20)))  # the school answers by 21 October
    assert sent(before) == [("Anwen Price", f"{world.oak.name}: Your answer on the draft Note of Visit is due on 21 October 2008")]
    services.send_reminders(at=at(dt.date(2008, 10, 27)))  # half-term: nobody at the school, and the author's day is tomorrow
    assert sent(before)[1:] == [("Susan Marlow", f"{world.oak.name}: Final Note of Visit is due on 28 October 2008")]


def test_whoever_switched_emails_off_has_the_list_alone(world: World) -> None:
    client = client_of(world, "sip")
    client.post(reverse("people:account"), {"name": world.sip.name, "telephone": ""})
    assert not User.objects.get(pk=world.sip.pk).has_reminders
    make.start(world.fresh("sip"), world.oak)
    assert services.send_reminders(at=at(dt.date(2008, 10, 15))) == 0
    assert any("Finish the note" in item.title for item in due_to(world.fresh("sip"), dt.date(2008, 10, 15)))


def test_not_booked_before_the_windows_end(world: World, round_: Round) -> None:
    book(world, world.ash, world.sip)
    services.send_reminders(at=at(dt.date(2008, 12, 11)))
    assert sorted(sent()) == [
        (name, "Autumn 2008: primary: one school not booked") for name in ("Mavis Sipthorp", "Nora Fresh", "Susan Marlow")
    ]
    row = OutboxEmail.objects.get(to_name="Susan Marlow")
    assert world.oak.name in row.body and world.ash.name not in row.body
    assert services.send_reminders(at=at(dt.date(2008, 12, 12))) == 0
    assert services.send_reminders(at=at(dt.date(2008, 12, 15))) == 3  # the one after
    assert services.send_reminders(at=at(dt.date(2008, 12, 16))) == 0


def test_a_manager_reminds_by_hand_once_a_day(world: World, round_: Round) -> None:
    client, url = client_of(world, "manager"), reverse("visits:round-remind", args=[round_.public_id])
    User.objects.filter(pk=world.new_sip.pk).update(has_reminders=False)
    page = client.get(url).content.decode()
    assert "Has switched emails off" in page and world.sip.name in page
    said = [client.post(url, follow=True).content.decode() for _ in range(2)]
    assert "2 reminders sent." in said[0] and "Nobody was written to" in said[1]
    page = client.get(url).content.decode()
    assert page.count("Sent today") == 2 and "Send the reminders" not in page
    assert sorted(name for name, _ in sent()) == ["Mavis Sipthorp", "Susan Marlow"]
    assert AuditEvent.objects.filter(event="round.reminded").count() == 2
    services.close_round(actor=world.manager, round=Round.objects.get(pk=round_.pk), at=NOW)
    with pytest.raises(Conflict):
        services.remind_round(actor=world.manager, coverage=seen(world, round_), advisers=[world.sip], at=NOW)


def test_reminders_are_written_all_or_none(world: World, round_: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ValueError("no such address")

    monkeypatch.setattr("visits.services.rounds.audit.record", refuse)
    with pytest.raises(ValueError, match="no such address"):
        services.remind_round(actor=world.manager, coverage=seen(world, round_), advisers=[world.sip], at=NOW)
    assert not sent()


def test_a_reminder_that_could_not_go_is_made_up_for_a_week_and_no_longer(world: World) -> None:
    from people.packs import require_pack

    clock = require_pack(world.authority, TODAY).office_days
    near = window(clock, dt.date(2008, 10, 14), 1, 1)  # a Tuesday
    assert near is not None
    assert near.before == (dt.date(2008, 10, 14), dt.date(2008, 10, 15)) and near.after == (dt.date(2008, 10, 6), dt.date(2008, 10, 13))
    assert window(clock, dt.date(2008, 10, 18), 1, 1) is None
    none = window(clock, TODAY, 0, 0)
    assert none is not None and none.before == (TODAY, TODAY) and none.after[1] == dt.date(2008, 10, 13)
    assert NoteState.DRAFT
