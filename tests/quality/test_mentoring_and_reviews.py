"""Mentoring, the SIP review and outside judgements: who sees and does what, and that a closed year is locked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from core.access import Conflict, Refused
from core.audit import AuditEvent
from core.due import due_to
from people.models import Mentorship, Sip, User
from quality import services
from quality.models import MentoringEntry, SipReview
from tests.factories.people import NOW, TODAY, make_mentorship
from tests.factories.schools import World
from tests.factories.stage import stage, undone

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with stage(django_db_blocker) as world:
        for sip in world.sips.values():
            sip.refresh_from_db()
        yield world


@pytest.fixture
def world(built: World) -> Iterator[World]:
    for person in built.people.values():
        person.forget_hats()
    with undone():
        yield built


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def begun(world: World, name: str = "sip") -> SipReview:
    sip = Sip.objects.select_related("user", "authority", "line_manager", "assigned_person").get(pk=world.sips[name].pk)
    return services.begin_sip_review(actor=world.fresh("manager" if name != "new_sip" else "mentor"), sip=sip, at=NOW)


def test_a_new_sip_without_a_mentor_is_on_the_managers_list(world: World) -> None:
    assert not [item for item in due_to(world.fresh("manager"), TODAY) if "a mentor" in item.title]
    Mentorship.objects.all().delete()
    assert [item.title for item in due_to(world.fresh("manager"), TODAY) if "a mentor" in item.title] == ["Give Nora Fresh a mentor"]


def test_mentor_and_mentee_write_the_log_and_the_mentor_signs_off_once(world: World) -> None:
    sip = world.sips["new_sip"]
    services.log_mentoring(actor=world.fresh("mentor"), sip=sip, step="start", on=TODAY, text="The handbook.", next_step="A visit", at=NOW)
    services.log_mentoring(actor=world.fresh("new_sip"), sip=sip, on=TODAY, text="I joined a visit.", at=NOW)
    with pytest.raises(PermissionDenied):
        services.log_mentoring(actor=world.fresh("manager"), sip=sip, on=TODAY, text="Words.", at=NOW)
    with pytest.raises(PermissionDenied):
        services.sign_off_first_year(actor=world.fresh("new_sip"), sip=sip, decision="ends", reason="I am ready.", at=NOW)
    services.sign_off_first_year(actor=world.fresh("mentor"), sip=sip, decision="goes_on", reason="One hard case to come.", at=NOW)
    with pytest.raises(Conflict):
        services.sign_off_first_year(actor=world.fresh("mentor"), sip=sip, decision="ends", reason="Done.", at=NOW)
    page = signed_in(world.mentor).get(reverse("quality:mentoring-detail", args=[sip.public_id])).content.decode()
    assert "The handbook." in page and "One hard case" in page
    with pytest.raises(DatabaseError), transaction.atomic():
        MentoringEntry.objects.update(text="Something else")


def test_a_mentorship_that_is_over_opens_nothing(world: World) -> None:
    url = reverse("quality:mentoring-detail", args=[world.sips["new_sip"].public_id])
    assert signed_in(world.mentor).get(url).status_code == 200
    Mentorship.objects.filter(sip=world.sips["new_sip"]).update(ends_on=dt.date(2008, 10, 13))
    assert signed_in(world.fresh("mentor")).get(url).status_code == 404


def test_a_sip_review_from_objectives_to_a_locked_year(world: World) -> None:
    review, manager, sip = begun(world), world.fresh("manager"), world.fresh("sip")
    with pytest.raises(Refused, match="at least one"):
        services.agree_objectives(actor=manager, review=review, at=NOW)
    services.set_objective(actor=manager, review=review, text="All notes in time.", success="19 of 20.", at=NOW)
    with pytest.raises(PermissionDenied):
        services.set_objective(actor=sip, review=review, text="Less.", success="", at=NOW)
    services.agree_objectives(actor=manager, review=review, at=NOW)
    with pytest.raises(Conflict, match="not changed under the year"):
        services.set_objective(actor=manager, review=review, text="One more.", success="", at=NOW)
    services.record_mid_year(actor=manager, review=review, text="On course.", on=TODAY, at=NOW)
    services.write_account(actor=sip, review=review, text="What I did.", at=NOW)
    services.record_need(actor=manager, review=review, text="Early years data", at=NOW)
    page = signed_in(world.sip).get(review.get_absolute_url()).content.decode()
    assert "All notes in time." in page and "Seen by three people" in page and not re.search(r"\bPM\b", page)
    services.close_sip_review(actor=manager, review=review, outcome="meets what is expected", text="A good year.", at=NOW)
    for act in (services.write_account, services.record_need):
        with pytest.raises(Conflict, match="locked"):
            act(actor=sip if act is services.write_account else manager, review=review, text="More.", at=NOW)
    assert "A good year" not in str(list(AuditEvent.objects.filter(event__startswith="sip_review").values_list("changes", flat=True)))


def test_for_everybody_but_three_there_is_no_such_review(world: World) -> None:
    review = begun(world)
    make_mentorship(world.sips["sip"], world.mentor)  # a mentor without review duty
    for name, status in (
        ("sip", 200), ("manager", 200), ("head_of_improvement", 200), ("mentor", 404), ("manager_sip", 404), ("officer", 404),
        ("consultant", 404), ("administrator", 404), ("dpo", 404), ("other_manager", 404),
    ):  # fmt: skip
        assert signed_in(world.people[name]).get(review.get_absolute_url()).status_code == status, name
    own = begun(world, "new_sip")  # whose mentor is the assigned person, and so the reviewer; the manager is not
    assert signed_in(world.mentor).get(own.get_absolute_url()).status_code == 200
    assert signed_in(world.manager).get(own.get_absolute_url()).status_code == 404
    assert own.sip.user.name not in signed_in(world.manager).get(reverse("quality:sip-review-list")).content.decode()


def test_an_outside_judgement_with_our_answer_and_actions(world: World) -> None:
    row = services.record_judgement(
        actor=world.manager, authority=world.authority, body="regional", title="Note of July 2008", on=dt.date(2008, 7, 8),
        words="Implementation is judged to be outstanding.", grade="Outstanding", at=NOW,
    )  # fmt: skip
    with pytest.raises(Refused, match="owner and a date"):
        services.answer_judgement(actor=world.manager, judgement=row, answer="Thank you.", action="Keep on.", at=NOW)
    services.answer_judgement(
        actor=world.manager, judgement=row, answer="Thank you.", action="Keep on.", owner="Marian Holt", due_on=dt.date(2009, 3, 1), at=NOW
    )
    page = signed_in(world.regional_coordinator).get(row.get_absolute_url()).content.decode()
    assert "outstanding" in page and "Keep on." in page and "add an action" not in page


def test_the_lists_and_forms_open(world: World) -> None:
    review = begun(world)
    row = services.record_judgement(
        actor=world.manager, authority=world.authority, body="peer", title="Peers", on=TODAY, words="Well run.", at=NOW
    )
    manager = signed_in(world.manager)
    for name, arguments in (
        ("mentoring-list", []),
        ("sip-review-list", []),
        ("judgement-list", []),
        ("judgement-record", []),
        ("judgement-answer", [row.public_id]),
        ("sip-review-write", [review.public_id, "objective"]),
        ("sip-review-write", [review.public_id, "close"]),
    ):
        assert manager.get(reverse(f"quality:{name}", args=arguments)).status_code == 200, name
    sent = manager.post(reverse("quality:sip-review-write", args=[review.public_id, "objective"]), {"text": "More.", "success": "Seen."})
    assert sent.status_code == 302 and review.objectives.get().text == "More."
    mentor, sip = signed_in(world.mentor), world.sips["new_sip"].public_id
    for name in ("mentoring-log", "mentoring-sign-off"):
        assert mentor.get(reverse(f"quality:{name}", args=[sip])).status_code == 200, name
