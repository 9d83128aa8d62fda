"""The pages and the admin queues as people use them: what is shown to whom, what a form does, and the figures as JSON."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.audit import AuditEvent
from people.models import Sip
from quality import services
from quality.models import FeedbackRelease, FeedbackRequest, Moderation, SampledNote, Shadowing, SipReview
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, make_contact
from tests.factories.shadowing import LATER, SEEN, again, book, drawn, grades, sip_of, told, written
from tests.factories.stage import person
from visits.models import GateReview

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(observed_world: World) -> World:
    return observed_world


def client_of(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name])
    return client


def page(world: World, name: str, address: str) -> str:
    answer = client_of(world, name).get(address)
    assert answer.status_code == 200, (name, address, answer.status_code)
    return str(answer.content.decode())


def act(client: Client, model: str, deed: str, *rows: Any, **data: Any) -> str:
    """Choose rows, see them listed, confirm; what became of each."""
    url = reverse(f"admin:quality_{model}_changelist")
    chosen = {"action": deed, "_selected_action": [row.pk for row in rows]}
    assert "What became of it" not in client.post(url, chosen).content.decode()
    return str(client.post(url, {**chosen, "confirmed": "yes", **data}).content.decode())


def test_the_form_is_read_by_the_few_and_the_head_sees_who_comes(world: World) -> None:
    row = written(world)
    url = row.get_absolute_url()
    for name in ("sip", "head_of_improvement", "manager"):
        assert SEEN[0].evidence in page(world, name, url), name
    seen = page(world, "head", url)
    assert "Hugh Penrose" in seen and SEEN[0].evidence not in seen and "attendance" not in seen
    overview = page(world, "manager", reverse("quality:overview"))
    assert SEEN[1].evidence in overview and "1 of 2 shadowed" in overview
    assert page(world, "sip", reverse("quality:shadowing-list")).count("Susan Marlow") >= 1
    assert "Hugh Penrose" in page(world, "sip", reverse("quality:shadowing-export", args=["csv"]))
    Sip.objects.filter(pk=row.sip_id).update(line_manager=world.manager)
    review = services.begin_sip_review(actor=person(world.manager), sip=sip_of(world), at=NOW)
    assert "1 strength, 1 area for development" in page(world, "sip", review.get_absolute_url()), "evidence gathered from shadowing"
    answer = client_of(world, "sip").post(reverse("quality:shadowing-respond", args=[row.public_id]), {"response": "Agreed."})
    assert answer.status_code == 302 and again(row).state == "responded"


def test_the_observer_writes_the_form_in_the_portal(world: World, settings: Any) -> None:
    row = told(world)
    settings.SIP_TODAY = LATER.date()
    url = reverse("quality:shadowing-write", args=[row.public_id])
    client = client_of(world, "head_of_improvement")
    assert "Every data set on the list was read" in client.get(url).content.decode()
    assert client.post(url, {"next_step": "Press on."}).status_code == 422
    assert client.post(url, {"strength_prepared": "All was read.", "next_step": "Press on."}).status_code == 302
    assert again(row).findings.get().label == "The SIP was well prepared for the visit"
    manager = client_of(world, "manager")
    assert "Another visit" not in manager.get(row.get_absolute_url()).content.decode()


def test_the_managers_work_in_the_admin_site(world: World) -> None:
    client = client_of(world, "manager")
    book(world.sip, world.oak)
    gaps = client.get(reverse("admin:quality_siptoshadow_changelist")).content.decode()
    assert "Susan Marlow" in gaps and "Simon Marchant" not in gaps
    both = [sip_of(world), sip_of(world, "consultant")]
    assert "Done for 2 of 2" in act(client, "siptoshadow", "plan", *both)
    said = act(client, "siptoshadow", "plan", sip_of(world, "manager_sip"), observer=world.other_sip.public_id)
    assert "What became of it" not in said and world.other_sip.email not in said, "who works elsewhere cannot be chosen"
    row = Shadowing.objects.get(sip=both[0])
    listed = client.get(reverse("admin:quality_shadowing_changelist") + "?todo=tell").content.decode()
    assert "Susan Marlow" in listed and "Conrad Vale" not in listed
    said = act(client, "shadowing", "tell", *Shadowing.objects.all())
    assert "Done for 1 of 2" in said and "Choose the visit first" in said and again(row).state == "told"
    export = client.post(reverse("admin:quality_shadowing_changelist"), {"action": "export", "_selected_action": [row.pk]})
    assert b"Hugh Penrose" in export.content and AuditEvent.objects.filter(event="shadowing.exported").exists()

    round_ = world.__dict__["round"]
    soon = TODAY + dt.timedelta(days=9)
    assert "Done for 1 of 1" in act(client, "roundtosample", "draw", round_, due_on=soon.isoformat(), seed="7")
    notes = list(SampledNote.objects.order_by("pk"))
    said = act(client, "samplednote", "appoint", *notes, moderator=world.consultant.public_id)
    assert "Done for 1 of 2" in said and "Nobody moderates their own note" in said
    rating = Moderation.objects.get()
    assert "Not done" not in act(client, "moderation", "take_back", rating, reason="On leave.")
    assert "moderators=wanted" in client.get(reverse("admin:quality_samplednote_changelist") + "?moderators=wanted").content.decode()
    assert client.get(reverse("admin:quality_siptomentor_changelist")).status_code == 200
    assert client_of(world, "other_manager").get(reverse("admin:quality_samplednote_change", args=[notes[0].pk])).status_code == 302


def test_feedback_and_sip_reviews_in_the_admin_site(world: World) -> None:
    """Forms are sent and chased; nothing shows an answer; a SIP review is in the queue of its reviewer and of nobody else."""
    client = client_of(world, "manager")
    sip = sip_of(world)
    assert "Susan Marlow" in client.get(reverse("admin:quality_siptoaskabout_changelist")).content.decode()
    assert "Done for 1 of 1" in act(client, "siptoaskabout", "ask", sip, closes_on="2008-11-14")
    forms = list(FeedbackRequest.objects.filter(sip=sip))
    assert forms and "Susan Marlow" not in client.get(reverse("admin:quality_siptoaskabout_changelist")).content.decode()
    assert f"Done for {len(forms)} of {len(forms)}" in act(client, "feedbackrequest", "remind", *forms)
    assert {form.reminders for form in FeedbackRequest.objects.filter(sip=sip)} == {1}
    FeedbackRequest.objects.filter(pk=forms[0].pk).update(comment="zqsecretzq", state="sent")
    shown = client.get(reverse("admin:quality_feedbackrequest_change", args=[forms[0].pk])).content.decode()
    export = client.post(reverse("admin:quality_feedbackrequest_changelist"), {"action": "export", "_selected_action": [forms[0].pk]})
    assert "/admin/schools/school/" not in shown and forms[0].school.name in shown, "no link to a page that is closed to the manager"
    assert "answers sent" in shown and "zqsecretzq" not in shown and b"zqsecretzq" not in export.content
    for own in (None, sip):
        FeedbackRelease.objects.create(
            authority=world.authority, sip=own, academic_year=2007, asked=9, answered=None if own else 8, released_at=NOW,
            figures=[{"role": "head", "code": "x", "text": "Of use", "mean": "1.6", "years": [2007]}],
        )  # fmt: skip
    released = client.get(reverse("admin:quality_feedbackrelease_changelist")).content.decode()
    assert released.count('class="action-select"') == 1
    due = reverse("admin:quality_sipreviewdue_changelist")
    assert "Susan Marlow" not in client.get(due).content.decode()
    Sip.objects.filter(pk=sip.pk).update(line_manager=world.manager)
    assert "not begun" in client.get(due + "?stage=begin").content.decode()
    assert "Done for 1 of 1" in act(client, "sipreviewdue", "begin", sip_of(world))
    assert SipReview.objects.get().sip == sip and "objectives being set" in client.get(due + "?stage=agree").content.decode()


def test_the_gate_in_the_admin_site(world: World) -> None:
    from tests.factories import visits as make

    make_contact(world.rowan, name="Rowena Head", email="rowan@schools.wealdshire.example")
    note = make.bring_to("in_review", author=person(world.new_sip), school=world.rowan, manager=person(world.manager))
    review = GateReview.objects.get(note=note, decision="")
    client = client_of(world, "manager")
    queue = client.get(reverse("admin:quality_gatequeue_changelist")).content.decode()
    assert "Rowan Lane" in queue and "the SIP is in the first year" in queue
    assert "What became of it" not in act(client, "gatequeue", "assign", review, reviewer="nobody")
    assert "Nobody reviews their own note" in act(client, "gatequeue", "assign", review, reviewer=world.new_sip.public_id)
    assert "Done for 1 of 1" in act(client, "gatequeue", "assign", review, reviewer=world.consultant.public_id)
    assert "not yours to decide" in act(client, "gatequeue", "return", review, reason="Say what pupils gained.")
    assert "Done for 1 of 1" in act(client, "gatequeue", "assign", review, reviewer=world.manager.public_id)
    assert "Done for 1 of 1" in act(client, "gatequeue", "return", review, reason="Say what pupils gained.")
    assert make.fresh(note).state == "returned"


def test_a_moderator_rates_in_the_portal_and_the_summary_counts(world: World) -> None:
    sample = drawn(world)
    note = SampledNote.objects.get(sample=sample, note__author=world.consultant)
    row = services.appoint_moderator(actor=world.manager, sampled=note, moderator=person(world.new_sip), at=NOW)
    client = client_of(world, "new_sip")
    assert note.note.reference in client.get(reverse("quality:moderation-list")).content.decode()
    seen = client.get(row.get_absolute_url()).content.decode()
    assert "Read it" in seen and "Rate it" in seen
    url = reverse("quality:moderation-rate", args=[row.public_id])
    data = {f"grade_{g.code}": g.grade for g in grades(world)} | {f"evidence_{g.code}": g.evidence for g in grades(world)}
    assert client.get(url).status_code == 200
    assert client.post(url, {**data, "overall": 1, "grade_readable": 4}).status_code == 422
    assert client.post(url, {**data, "overall": 2}).status_code == 302
    assert "Read it" not in client.get(row.get_absolute_url()).content.decode()
    assert f"<strong>{sample.seed}</strong>" in page(world, "manager", sample.get_absolute_url())
    assert "Follows the guidance" in page(world, "head_of_improvement", reverse("quality:overview"))
    out = StringIO()
    call_command("qa_summary", "--authority", "999", "--year", "2008", "--format", "json", stdout=out)
    told_ = json.loads(out.getvalue())
    assert (told_["moderation"]["notes"], told_["moderation"]["agreement"]["pairs"], told_["samples"][0]["seed"]) == (1, 0, sample.seed)
    assert told_["shadowing"]["due"] == 2 and "Susan Marlow" in told_["shadowing"]["without_plan"]


PAGES = (("quality:overview", "manager"), ("quality:shadowing-list", "manager"), ("quality:moderation-list", "new_sip"))


def test_the_number_of_queries_does_not_grow(world: World) -> None:
    """Lists at 1 and at 5 rows."""
    written(world)
    sample = drawn(world)

    def more(number: int) -> None:
        sip = sip_of(world, ("consultant", "new_sip", "sip_head", "cover_adviser", "sip")[number])
        visit = book(world.sip, world.ash, on=TODAY + dt.timedelta(days=10 + number)) if number < 4 else None
        if visit is not None:
            values = {"authority": world.authority, "sip": sip, "observer": world.officer, "visit": visit, "academic_year": 2008}
            Shadowing.objects.create(**values, by_on=TODAY, planned_at=NOW, planned_by=world.manager)
        note = SampledNote.objects.filter(sample=sample).order_by("pk")[number % 2]
        if number < 2 and note.note.author_id != world.new_sip.pk:
            services.appoint_moderator(actor=world.manager, sampled=note, moderator=person(world.new_sip), at=NOW)

    more(0)
    counts: dict[str, list[int]] = {}
    admin = [(f"admin:quality_{name}_changelist", "manager") for name in ("shadowing", "samplednote", "moderation", "siptoshadow")]
    for rows in (range(1, 1), range(1, 5)):
        for number in rows:
            more(number)
        for name, who in (*PAGES, *admin):
            client = client_of(world, who)
            client.get(reverse(name))
            with CaptureQueriesContext(connection) as captured:
                assert client.get(reverse(name)).status_code == 200
            counts.setdefault(name, []).append(len(captured))
    for name, (few, many) in counts.items():
        assert few == many, (name, few, many)
    assert counts["quality:shadowing-list"][0] <= 7 + 6 and counts["quality:overview"][0] <= 7 + 14, counts  # ADR 0054
