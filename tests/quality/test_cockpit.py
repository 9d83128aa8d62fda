"""The cockpit: figures that open their rows, the form at the gate, two grades settled, and SIPs' judgements against inspectors'."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from core import canonical
from core.access import Conflict, Refused
from core.triggers import unlocked
from people.packs import require_pack
from quality import services
from quality.models import GateRating, Moderation, SampledNote
from quality.selectors.calibration import calibration, months_between
from schools.models import Inspection, InspectionGrade
from tests.factories import visits as make
from tests.factories.people import NOW, TODAY
from tests.factories.schools import World, make_contact, make_interest
from tests.factories.shadowing import drawn, grades
from tests.factories.stage import person
from visits.models import GateReview, NoteRecord

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(observed_world: World) -> World:
    return observed_world


def page(world: World, name: str, address: str, status: int = 200) -> str:
    client = Client()
    client.force_login(world.people[name])
    answer = client.get(address)
    assert answer.status_code == status, (name, address, answer.status_code)
    return str(answer.content.decode())


def rated_twice(world: World, first: int, second: int) -> SampledNote:
    sampled = SampledNote.objects.get(sample=drawn(world), note__author=world.consultant)
    SampledNote.objects.filter(pk=sampled.pk).update(is_twice=True)
    sampled.refresh_from_db()
    for name, overall in (("new_sip", first), ("officer_south", second)):
        row = services.appoint_moderator(actor=world.manager, sampled=sampled, moderator=person(world.people[name]), at=NOW)
        services.rate_note(
            actor=person(world.people[name]), moderation=Moderation.objects.get(pk=row.pk), grades=grades(world), overall=overall, at=NOW
        )
    return SampledNote.objects.get(pk=sampled.pk)


def test_two_grades_that_differ_are_settled_by_a_manager_who_gave_neither(world: World) -> None:
    sampled = rated_twice(world, 2, 3)
    url = reverse("quality:moderation-settle", args=[sampled.public_id])
    seen = page(world, "manager", reverse("quality:overview"))
    assert "Settle two grades" in seen and url in seen and "1 pair still to settle" in seen
    assert page(world, "manager", reverse("quality:rows", args=["ratings"]) + "?first=2&second=3").count("<tr>") == 2
    with pytest.raises(Refused, match="from 2 to 3"):
        services.settle_grades(actor=world.manager, sampled=sampled, grade=4, reason="So.", at=NOW)
    with pytest.raises(PermissionDenied):
        services.settle_grades(actor=world.head_of_improvement, sampled=sampled, grade=3, reason="So.", at=NOW)
    client = Client()
    client.force_login(world.manager)
    listed = reverse("admin:quality_samplednote_changelist")
    assert client.get(listed + "?grades=differ").content.decode().count('class="action-select"') == 1
    said = client.post(listed, {"action": "settle", "_selected_action": [sampled.pk], "confirmed": "yes", "grade": "4", "reason": "So."})
    assert "from 2 to 3" in said.content.decode()
    assert client.post(url, {"grade": "3"}).status_code == 422
    assert client.post(url, {"grade": "3", "reason": "Section 4 has no evidence."}).status_code == 302
    sampled.refresh_from_db()
    assert (sampled.settled_grade, sampled.settled_by) == (3, world.manager)
    with pytest.raises(Conflict):
        services.settle_grades(actor=world.manager, sampled=sampled, grade=2, reason="So.", at=NOW)
    assert page(world, "manager", url, 404) and "Settle two grades" not in page(world, "manager", reverse("quality:overview"))
    rows = page(world, "manager", reverse("quality:rows", args=["ratings"]) + "?overall=3")
    assert sampled.note.reference in rows and "Section 4 has no evidence." in rows
    assert sampled.note.reference not in page(world, "manager", reverse("quality:rows", args=["ratings"]) + "?overall=2")


def test_a_reviewer_rates_at_the_gate_by_the_same_form_once_and_it_decides_nothing(world: World) -> None:
    make_contact(world.rowan, name="Rowena Head", email="rowan@schools.wealdshire.example")
    note = make.bring_to("in_review", author=person(world.new_sip), school=world.rowan, manager=person(world.manager))
    review = GateReview.objects.select_related("note__author", "note__visit", "note__authority").get(note=note, decision="")
    detail, url = reverse("visits:review-detail", args=[review.public_id]), reverse("quality:gate-rate", args=[review.public_id])
    assert url in page(world, "manager", detail)
    with pytest.raises(PermissionDenied):
        services.rate_at_gate(actor=person(world.new_sip), review=review, grades=grades(world), overall=2, at=NOW)
    client = Client()
    client.force_login(world.manager)
    data = {f"grade_{g.code}": g.grade for g in grades(world)} | {f"evidence_{g.code}": g.evidence for g in grades(world)}
    assert client.post(url, {**data, "overall": 1, "grade_readable": 4}).status_code == 422
    assert client.post(url, {**data, "overall": 2}).status_code == 302
    assert GateRating.objects.get().overall == 2 and make.fresh(note).state == "in_review"
    with pytest.raises(Conflict):
        services.rate_at_gate(actor=world.manager, review=review, grades=grades(world), overall=2, at=NOW)
    assert "Rated 2 by the moderators" in page(world, "manager", detail)
    own = reverse("quality:gate-rating", args=[review.public_id])
    assert grades(world)[0].evidence in page(world, "manager", own) and page(world, "new_sip", own, 404)
    assert note.reference in page(world, "head_of_improvement", reverse("quality:rows", args=["gate"]) + "?overall=2")
    GateRating.objects.all().delete()
    world.authority.settings = {**world.authority.settings, "gate_rated": False}
    world.authority.save()
    assert url not in page(world, "manager", detail)
    review = GateReview.objects.select_related("note__author", "note__visit", "note__authority").get(pk=review.pk)
    with pytest.raises(Refused, match="does not rate"):
        services.rate_at_gate(actor=world.manager, review=review, grades=grades(world), overall=2, at=NOW)


def judged(record: NoteRecord, on: str, **grades: int) -> None:
    """The record as if its SIP had judged so, on that day."""
    payload = json.loads(record.payload)
    payload["visit"]["on"] = on
    payload["sections"] = payload["sections"][:1]
    payload["sections"][0]["blocks"] = [{"kind": "judgement", "area": area, "sip": grade} for area, grade in grades.items()]
    with unlocked("a test tells another story"):
        NoteRecord.objects.filter(pk=record.pk).update(payload=canonical.canonical_json(payload).decode(), digest=canonical.digest(payload))


def inspected(school: Any, on: dt.date, framework: str = "2005", **grades: int) -> None:
    row = Inspection.objects.create(authority=school.authority, school=school, starts_on=on, framework=framework, overall=2)
    for area, grade in grades.items():
        InspectionGrade.objects.create(inspection=row, area=area, grade=grade)


def test_a_sips_judgement_against_the_next_inspection_of_the_same_framework(world: World) -> None:
    pack = require_pack(world.authority, TODAY)
    oak, ash, elm = (NoteRecord.objects.get(kind="final", school=school) for school in (world.oak, world.ash, world.elm))
    judged(oak, "2008-02-04", leadership=2, capacity=2, tracking=1)
    judged(ash, "2007-12-03", leadership=1)
    judged(elm, "2005-06-20", leadership=2)
    inspected(world.oak, dt.date(2008, 10, 3), leadership=3, capacity=2)
    inspected(world.oak, dt.date(2007, 11, 5), leadership=1)
    inspected(world.ash, dt.date(2008, 6, 2), leadership=2)
    inspected(world.elm, dt.date(2006, 3, 6), leadership=2)
    found = calibration(world.manager, world.authority, pack, TODAY)
    assert [(row.school, row.area, row.sip, row.inspectors, row.months, row.apart) for row in found.rows] == [
        (world.ash, "leadership", 1, 2, 5, 1),
        (world.oak, "leadership", 2, 3, 7, 1),
        (world.oak, "capacity", 2, 2, 7, 0),
    ]
    assert (found.other_framework, found.without_note, found.words) == (1, 1, "Same grade in 1 of 3, within one in 3")
    assert [(tally.label, tally.total) for tally in found.by_months] == [("up to 6 months", 1), ("7 to 12 months", 2)]
    url = reverse("quality:rows", args=["inspection"])
    assert page(world, "manager", url + "?apart=higher").count("SIP higher by 1") == 2
    assert "Oakfield" not in page(world, "manager", url + "?band=up to 6 months")
    assert "Same grade in 1 of 3" in page(world, "head_of_improvement", reverse("quality:overview"))
    make_interest(world.manager, world.oak)
    assert {row.school for row in calibration(person(world.manager), world.authority, pack, TODAY).rows} == {world.ash}
    assert months_between(dt.date(2008, 1, 31), dt.date(2008, 2, 29)) == 0


def test_every_number_of_notes_opens_its_rows(world: World) -> None:
    url = reverse("quality:rows", args=["notes"])
    for show in ("", "submitted", "waiting", "late", "on-time", "not-on-time", "nonsense"):
        assert "within what you may see" in (seen := page(world, "manager", f"{url}?show={show}")) or "Nothing here" in seen
    page(world, "manager", reverse("quality:rows", args=["nothing"]), 404)
    assert "None asked for this year yet" in page(world, "manager", reverse("quality:overview"))
    draw = reverse("quality:sample-draw")
    client = Client()
    client.force_login(world.manager)
    assert "closed 14 October 2008" in client.get(draw).content.decode()
    round_ = world.__dict__["round"]
    data = {"round": round_.public_id, "due_on_day": "24", "due_on_month": "10", "due_on_year": "2008", "seed": "5"}
    assert client.post(draw, data).status_code == 302 and SampledNote.objects.filter(sample__seed="5").exists()
    assert "No round waits" in client.get(draw).content.decode()
