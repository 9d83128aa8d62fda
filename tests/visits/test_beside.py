"""Headteachers' reviews, of which nothing but the fact is kept; and contacts with a school by others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from core.access import Refused
from core.audit import AuditEvent
from schools.models import Contact, DaysEntry
from schools.registries import timeline_of
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, make_contact
from tests.factories.stage import stage, undone
from tests.reading import flat
from visits import services
from visits.models import HeadReviewVisit, SchoolCall

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def standing(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as world:
        yield world


@pytest.fixture
def world(standing: World) -> Iterator[World]:
    with undone():
        yield standing


def log(world: World, **values: Any) -> HeadReviewVisit:
    facts: dict[str, Any] = {"state": "held", "on": TODAY, "governors": 2, "quarters": 3, **values}
    return services.log_head_review(actor=world.fresh("sip"), school=world.oak, at=NOW, **facts)


def sees(world: World, name: str) -> set[str]:
    return set(HeadReviewVisit.objects.visible_to(world.fresh(name)).values_list("public_id", flat=True))


def shown(world: World, name: str) -> str:
    client = Client()
    client.force_login(world.fresh(name))
    return client.get(reverse("visits:head-review-list")).content.decode()


def test_a_review_charges_its_days_and_keeps_a_fact(world: World) -> None:
    review = log(world, next_due_on=dt.date(2009, 10, 1))
    assert review.head.user == world.head and review.academic_year == 2008
    charged = DaysEntry.objects.filter(reference=review.public_id)
    assert charged.aggregate(total=Sum("quarters"))["total"] in (3, -3)
    services.correct_head_review(actor=world.fresh("sip"), review=review, state="held", on=TODAY, governors=3, quarters=2, at=NOW)
    assert charged.aggregate(total=Sum("quarters"))["total"] in (2, -2) and charged.count() == 2
    assert AuditEvent.objects.get(event="head_review.logged").changes == {"state": "held"}


def test_it_is_refused_where_it_cannot_be_so(world: World) -> None:
    wrong: list[dict[str, Any]] = [
        {"on": TODAY + dt.timedelta(days=1)},
        {"governors": 0},
        {"state": "postponed"},
        {"state": "perhaps"},
        {"next_due_on": TODAY},
        {"on": dt.date(2004, 9, 1)},  # nobody is known as head that day
    ]
    for values in wrong:
        with pytest.raises(Refused):
            log(world, **values)
    with pytest.raises(PermissionDenied):
        services.log_head_review(actor=world.fresh("manager"), school=world.oak, state="held", on=TODAY, governors=2, at=NOW)
    review = log(world)
    with pytest.raises(Refused, match="Log another for another year"):
        services.correct_head_review(actor=world.fresh("sip"), review=review, state="postponed", on=dt.date(2008, 7, 1), at=NOW)


def test_it_belongs_to_the_person_reviewed_and_the_manager_sees_held_or_not_held(world: World) -> None:
    review = log(world)
    assert all(sees(world, name) == {review.public_id} for name in ("sip", "head", "chair"))
    others = ("manager", "officer", "head_of_improvement", "clerk", "cover_adviser", "dpo", "administrator", "elm_head", "other_sip")
    assert not any(sees(world, name) for name in others)
    html = flat(shown(world, "manager"))
    row = html[html.index(world.oak.name) :][:200]
    assert "Held" in row and world.head.name not in html and "1 of" in html and "Governors" not in html
    Contact.objects.filter(school=world.oak, user=world.head).update(ends_on=TODAY - dt.timedelta(days=1))
    successor = make_contact(world.oak, "head", user=world.fresh("former_head"), starts_on=TODAY)
    assert successor.user is not None
    assert not sees(world, "former_head") and not sees(world, "head") and not sees(world, "chair")
    assert sees(world, "sip") == {review.public_id}


def test_it_stands_on_no_time_line_and_in_no_search(world: World) -> None:
    from core.search import SEARCH_KINDS

    log(world)
    events = timeline_of(world.fresh("sip"), [world.oak.pk], TODAY, TODAY)[world.oak.pk]
    assert not [event for event in events if "review" in event.title.lower() and "pupil" not in event.title.lower()]
    assert not [key for key, _ in SEARCH_KINDS.items() if "head" in key]


def test_a_contact_is_on_the_time_line_of_the_authoritys_side_alone(world: World) -> None:
    client = Client()
    client.force_login(world.fresh("officer"))
    page = reverse("visits:call-log", args=["999", world.oak.urn])
    assert world.officer.name in client.get(page).content.decode()
    sent = {
        "on_day": "20",
        "on_month": "10",
        "on_year": "2008",
        "kind": "telephone",
        "who": "Ann Lee, writing adviser",
        "about": "Moderation of writing",
    }
    answer = client.post(page, sent)
    assert answer.status_code == 302, answer.context_data["form"].errors  # type: ignore[attr-defined]
    until = dt.date(2008, 12, 1)

    def titles(name: str) -> list[str]:
        return [
            event.detail
            for event in timeline_of(world.fresh(name), [world.oak.pk], TODAY, until)[world.oak.pk]
            if "Ann Lee" in event.detail
        ]

    assert titles("sip") == titles("manager") == titles("officer") == ["Ann Lee, writing adviser: Moderation of writing"]
    assert not any(titles(name) for name in ("head", "chair", "officer_south", "finance_officer", "other_manager"))
    event = AuditEvent.objects.get(event="call.logged")
    assert "Moderation" not in str(event.changes)
    with pytest.raises(PermissionDenied):
        services.log_call(actor=world.fresh("head"), school=world.oak, on=TODAY, kind="telephone", who="A", about="B", at=NOW)
    for values in ({"kind": "x"}, {"who": " "}, {"about": ""}, {"on": dt.date(2006, 1, 1)}):
        with pytest.raises(Refused):
            services.log_call(
                actor=world.fresh("sip"),
                school=world.oak,
                at=NOW,
                **{"on": TODAY, "kind": "email", "who": "A", "about": "B", **values},  # type: ignore[arg-type]
            )
    assert SchoolCall.objects.count() == 1


def test_the_pages_log_and_correct(world: World) -> None:
    client = Client()
    client.force_login(world.fresh("sip"))
    page = reverse("visits:head-review-log")
    assert "nothing of what was said" in client.get(page).content.decode()
    sent = {
        "school": world.oak.public_id,
        "state": "held",
        "governors": "2",
        "quarters": "0.75",
        "on_day": "14",
        "on_month": "10",
        "on_year": "2008",
    }
    assert client.post(page, {**sent, "governors": ""}).status_code == 422
    answer = client.post(page, sent)
    assert answer.status_code == 302, answer.context_data["form"].errors  # type: ignore[attr-defined]
    review = HeadReviewVisit.objects.get()
    correct = reverse("visits:head-review-correct", args=[review.public_id])
    assert client.get(correct).status_code == 200
    assert client.post(correct, {**sent, "state": "postponed"}).status_code == 302
    review.refresh_from_db()
    assert (review.state, review.governors, review.quarters) == ("postponed", 0, 0)
