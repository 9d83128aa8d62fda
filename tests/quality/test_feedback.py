"""Feedback of heads and chairs: who is asked, who reads, what is released, and that nothing more can be worked out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from core.access import Refused
from core.audit import AuditEvent
from core.calendar import AcademicYear
from core.numbers import hidden_below
from core.outbox import OutboxEmail
from people.models import User
from quality import services
from quality.disclosure import Atom, Group, pool_of, schools_in, whole_is_safe
from quality.models import FeedbackRelease, FeedbackRequest
from quality.selectors.feedback import candidates
from schools.choices import ContactKind
from schools.models import Contact
from tests.factories.people import NOW, TODAY
from tests.factories.quality import make_feedback
from tests.factories.schools import World, make_assignment, make_contact, make_school
from tests.factories.stage import stage, undone
from tests.reading import flat

YEAR = AcademicYear.of(2008)
RELEASED = dt.datetime(2009, 7, 10, 6, tzinfo=ZoneInfo("Europe/London"))
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as world:
        yield world


@pytest.fixture
def world(built: World) -> Iterator[World]:
    for person in built.people.values():
        person.forget_hats()
    for sip in built.sips.values():
        sip.refresh_from_db()
    with undone():
        yield built


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def form_for(world: World, **values: Any) -> tuple[FeedbackRequest, str]:
    contact = Contact.objects.get(school=world.oak, kind=ContactKind.HEAD)
    return make_feedback(world.sips["sip"], world.oak, world.manager, contact, **values)


def answered(world: World, count: int, *, year: int = 2008, value: int = 2, comment: str = "") -> None:
    """Sent by the heads of so many more schools of ``sip``."""
    for _ in range(count):
        school = make_school(world.authority)
        make_assignment(world.sip, school)
        contact = make_contact(school, email="head@school.example")
        make_feedback(world.sips["sip"], school, world.manager, contact, year=year, answers={"h-prepared": value}, comment=comment)


# ---------------------------------------------------------------- asked


def test_asked_in_bulk_each_by_a_link_of_their_own(world: World) -> None:
    rows = candidates(world.manager, world.authority, YEAR, TODAY)
    by_school = {(row.school, row.role): row for row in rows}
    assert by_school[world.oak, "head"].why_not == ""
    assert by_school[world.oak, "head"].reader == world.manager
    assert "nobody is named" in by_school[world.elm, "head"].why_not  # the consultant has no assigned person
    assert by_school[world.yew, "head"].why_not == "no email address"
    chosen = [by_school[world.oak, "head"].key, by_school[world.oak, "chair"].key]
    done = services.ask_feedback(actor=world.manager, authority=world.authority, chosen=chosen, closes_on=dt.date(2008, 11, 14), at=NOW)
    assert {form.contact.user for form in done} == {world.head, world.chair}
    emails = list(OutboxEmail.objects.filter(context_kind="feedback"))
    assert len(emails) == 2
    assert "/feedback/form/" in emails[0].body
    with pytest.raises(Refused, match="asked already"):
        services.ask_feedback(actor=world.manager, authority=world.authority, chosen=chosen, closes_on=dt.date(2008, 11, 14), at=NOW)


def test_nobody_asks_about_themselves(world: World) -> None:
    rows = candidates(world.manager_sip, world.authority, YEAR, TODAY)
    assert rows and world.manager_sip not in {row.sip.user for row in rows}
    form, _ = make_feedback(world.sips["manager_sip"], world.yew, world.manager, make_contact(world.yew))
    assert form not in FeedbackRequest.objects.visible_to(world.manager_sip)
    assert form in FeedbackRequest.objects.visible_to(world.manager)


def test_a_reader_who_is_walled_from_the_school_reads_nothing_of_it(world: World) -> None:
    form, _ = form_for(world, answers={"h-prepared": 1})
    assert form in FeedbackRequest.objects.read_by(world.manager)
    make_contact(world.oak, ContactKind.GOVERNOR, user=world.manager)
    walled = world.fresh("manager")
    assert form not in FeedbackRequest.objects.read_by(walled)
    assert all(row.school != world.oak for row in candidates(walled, world.authority, YEAR, TODAY))


def test_a_reminder_brings_a_new_link_and_ends_the_old_one(world: World) -> None:
    form, token = form_for(world)
    services.remind_feedback(actor=world.manager, forms=[form], at=NOW)
    assert services.form_of_token(token) is None
    page = signed_in(world.manager).post(reverse("quality:feedback-list"), {"form": [form.public_id]})
    assert page.status_code == 302
    form.refresh_from_db()
    assert form.reminders == 2


# ---------------------------------------------------------------- answered


def test_by_the_link_the_first_screen_names_the_reader_and_the_form_is_sent_once(world: World) -> None:
    form, token = form_for(world)
    url, client = reverse("quality:feedback-form", args=[token]), Client()
    first = client.get(url).content.decode()
    assert world.manager.name in first and "confidential, not anonymous" in first and "10 July 2009" in first
    client.post(url + "?page=1", {"do": "next", "h-prepared": "2", "h-context": "0"})
    form.refresh_from_db()
    assert form.state == "asked" and form.answers == {"h-prepared": 2, "h-context": 0}
    assert form not in FeedbackRequest.objects.read_by(world.manager)  # kept, not yet sent
    client.post(url + "?page=4", {"do": "send", "comment": "Frank and useful."})
    form.refresh_from_db()
    assert form.state == "sent" and form.comment == "Frank and useful."
    again = client.post(url + "?page=1", {"do": "next", "h-prepared": "4"})
    assert again.status_code == 422
    form.refresh_from_db()
    assert form.answers["h-prepared"] == 2
    assert "Withdraw" in client.get(url).content.decode()
    client.post(url, {"do": "withdraw"})
    form.refresh_from_db()
    assert (form.state, form.answers, form.comment) == ("withdrawn", {}, "")


def test_answers_are_told_in_sealed_events_that_name_nobody(world: World) -> None:
    form, _ = form_for(world)
    services.send_feedback(actor=world.fresh("head"), form=form, answers={"h-prepared": 3}, comment="Late notes.", at=NOW)
    event = AuditEvent.objects.get(event="feedback.sent")
    assert (event.actor_id, event.actor_name, event.school_urn, event.request_id) == ("", "", None, "")
    assert event.subject_kind == "authority" and event.changes == {} and event.occurred_at.astimezone(ZoneInfo("Europe/London")).hour == 0
    assert "Late" not in str(vars(event))


def test_by_an_account_the_person_in_post_alone(world: World) -> None:
    form, _ = form_for(world)
    assert signed_in(world.head).get(form.answer_url).status_code == 200
    for name in ("chair", "sip", "manager", "elm_head", "other_head"):
        assert signed_in(world.people[name]).get(form.answer_url).status_code == 404, name
    form.contact.ends_on = dt.date(2008, 10, 13)
    form.contact.save()
    assert signed_in(world.fresh("head")).get(form.answer_url).status_code == 404


def test_a_link_that_does_not_open_says_no_more(world: World) -> None:
    made_up = Client().get(reverse("quality:feedback-form", args=["0" * 40]))
    form, token = form_for(world)
    Contact.objects.filter(pk=form.contact_id).update(ends_on=dt.date(2008, 10, 13))
    ended = Client().get(reverse("quality:feedback-form", args=[token]))
    assert made_up.status_code == ended.status_code == 404
    assert made_up.content == ended.content


def test_the_answers_are_for_the_named_reader(world: World) -> None:
    form_for(world, answers={"h-prepared": 1}, comment="Words for Marian alone.")
    url = reverse("quality:feedback-read", args=[world.sips["sip"].public_id, 2008])
    page = signed_in(world.manager).get(url)
    assert b"Words for Marian alone." in page.content
    assert AuditEvent.objects.filter(event="feedback.read", actor_id=world.manager.public_id).exists()
    for name in ("sip", "head", "head_of_improvement", "manager_sip", "officer", "administrator", "mentor"):
        assert signed_in(world.people[name]).get(url).status_code in (403, 404), name
    # a new line manager is not the one whom the form named
    world.sips["sip"].line_manager = world.head_of_improvement
    world.sips["sip"].save()
    assert b"Words for Marian" not in signed_in(world.head_of_improvement).get(url).content


# ---------------------------------------------------------------- released


def release(world: World, year: int = 2008) -> FeedbackRelease:
    at = RELEASED.replace(year=year + 1)
    services.release_feedback(actor=None, authority=world.authority, year=AcademicYear.of(year), at=at)
    return FeedbackRelease.objects.get(sip=world.sips["sip"], academic_year=AcademicYear.of(year))


def mean(row: FeedbackRelease, code: str = "h-prepared") -> Any:
    return next(figure["mean"] for figure in row.figures if figure["code"] == code)


def test_released_on_the_day_and_not_before(world: World) -> None:
    answered(world, 4)
    with pytest.raises(Refused, match="10 July 2009"):
        services.release_feedback(actor=None, authority=world.authority, year=YEAR, at=NOW)
    assert services.release_due_feedback(at=NOW) == 0
    assert services.release_due_feedback(at=RELEASED) == 1
    assert services.release_due_feedback(at=RELEASED) == 0
    form = FeedbackRequest.objects.filter(state="sent").first()
    assert form is not None
    with pytest.raises(Refused, match="released"):
        services.withdraw_feedback(actor=None, form=form, at=RELEASED)


def test_three_schools_are_too_few_and_four_are_enough(world: World) -> None:
    answered(world, 3, value=1)
    with undone():
        assert mean(release(world)) is None
    answered(world, 1, value=4)
    row = release(world)
    assert mean(row) == "1.8"  # (1 + 1 + 1 + 4) / 4 = 1.75
    assert mean(row, "h-context") is None
    assert row.answered is None and row.asked == 4


def test_years_are_pooled_until_there_are_enough(world: World) -> None:
    answered(world, 2, year=2007, value=1)
    answered(world, 2, year=2008, value=3)
    assert mean(release(world, 2007)) is None
    row = release(world, 2008)
    assert mean(row) == "2.0"
    assert row.figures[0]["years"] == [2007, 2008]


def test_comments_only_as_the_reviewers_summary_and_from_eight_schools(world: World) -> None:
    answered(world, 7, comment="The very words of a head.")
    services.summarise_feedback(actor=world.fresh("manager"), sip=world.sips["sip"], year=YEAR, text="Prompt notes are valued.", at=NOW)
    with undone():
        assert release(world).summary == ""
    answered(world, 1, comment="The very words of a head.")
    assert release(world).summary == "Prompt notes are valued."
    page = flat(signed_in(world.sip).get(reverse("quality:feedback-own")).content.decode())
    assert "Prompt notes are valued." in page and "very words" not in page
    assert "8 asked" in page and "answered" not in page.replace("Who has answered, and how many, is not shown to you", "")


# ---------------------------------------------------------------- nothing can be worked out

atoms = st.frozensets(st.builds(Atom, sip=st.integers(1, 3), school=st.integers(1, 9), year=st.integers(2006, 2008)), max_size=40)


def history(answers: Group, least: int) -> tuple[list[Group], list[Group]]:
    """What three years' releases tell: the SIPs' groups and the authority's years."""
    parts: dict[int, list[Group]] = {1: [], 2: [], 3: []}
    wholes: dict[int, Group] = {}
    for year in (2006, 2007, 2008):
        there = frozenset(atom for atom in answers if atom.year <= year)
        for sip, told in parts.items():
            if pool := pool_of([atom for atom in there if atom.sip == sip], year, told, least):
                told.append(pool)
        by_year = {each: frozenset(atom for atom in there if atom.year == each) for each in (2006, 2007, 2008)}
        if whole_is_safe(by_year, year, [group for told in parts.values() for group in told], set(wholes), least):
            wholes[year] = by_year[year]
    return [group for told in parts.values() for group in told], list(wholes.values())


@settings(max_examples=120, deadline=None)
@given(atoms, st.integers(2, 5))
def test_no_released_figures_let_a_third_be_worked_out(answers: Group, least: int) -> None:
    """Any sum of the authority's years less any of the SIPs' figures inside it is nothing, or answers of enough schools."""
    parts, wholes = history(answers, least)
    assert all(schools_in(group) >= least for group in (*parts, *wholes))
    assert all(not one & other for one, other in combinations(parts, 2))  # no SIP's figure can be taken from another
    for count in range(1, len(wholes) + 1):
        for chosen in combinations(wholes, count):
            run = frozenset().union(*chosen)
            inside = [part for part in parts if part <= run]
            for taken in range(len(inside) + 1):
                for away in combinations(inside, taken):
                    left = run - frozenset().union(*away)
                    assert not left or schools_in(left) >= least


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 12), min_size=1), st.integers(2, 5))
def test_no_small_count_can_be_taken_from_the_total(counts: dict[str, int], least: int) -> None:
    shown = hidden_below(counts, least)
    hidden = [key for key, number in shown.items() if number is None]
    assert all(number == counts[key] for key, number in shown.items() if number is not None)
    assert not any(0 < counts[key] < least for key in counts if key not in hidden)
    if hidden and any(shown[key] for key in counts if key not in hidden):
        assert len(hidden) > 1 and sum(counts[key] for key in hidden) >= least


def test_what_is_kept_is_not_read_and_the_past_is_closed(world: World) -> None:
    form, _ = form_for(world)
    services.save_feedback(actor=world.fresh("head"), form=form, answers={"h-prepared": 1}, comment="", at=NOW)
    assert not FeedbackRequest.objects.read_by(world.manager).exists()
    with pytest.raises(Refused, match="not on the form"):
        services.save_feedback(actor=None, form=form, answers={"c-candid": 1}, comment="", at=NOW)
    with pytest.raises(Refused, match="last day"):
        services.send_feedback(actor=None, form=form, answers={"h-prepared": 1}, comment="", at=RELEASED)
    services.note_feedback_read(actor=world.fresh("manager"), sip=world.sips["sip"], year=YEAR, at=NOW)
