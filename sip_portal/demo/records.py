"""What the data protection officer answers for: a request being answered, a hold, a list of what is to be destroyed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from people.models import User
from schools.models import School
from visits import services as visits
from visits.models import InformationRequest, NoteOfVisit, NoteRecord
from visits.redaction import passages_of, people_in
from visits.services.requests import text_of
from visits.services.visits import VisitFacts, VisitPlan

from . import material

if TYPE_CHECKING:
    from .seed import Seed

Moment = Callable[..., dt.datetime]


def keep(seed: Seed, moment: Moment) -> None:
    story = material.toml("records")
    officer = User.objects.get(pk=seed.users["protection"].pk)
    for period in story["period"]:
        visits.set_period(actor=officer, authority=seed.authority, at=moment(dt.date(2008, 9, 1)), **period)
    _abandon(seed, story["draft"], moment)
    visits.propose_disposal(actor=None, authority=seed.authority, at=moment(story["draft"]["looked"], 4))
    held = next(place.school for place in seed.places.values() if place.school.phase == "secondary")
    visits.place_hold(
        actor=officer, authority=seed.authority, school=held, reason=story["hold"]["reason"], at=moment(story["hold"]["on"], 11)
    )
    _answer(seed, officer, story["request"], moment)


def _abandon(seed: Seed, entry: dict[str, Any], moment: Moment) -> NoteOfVisit:
    """A note that was begun and given up more than thirty days ago."""
    place = seed.places[entry["school"]]
    at = moment(entry["on"], 16)
    plan = VisitPlan(visit_type=entry["type"], schools=[place.school], lead=place.sip)
    visit = visits.log_visit(actor=place.sip, plan=plan, facts=VisitFacts(on=entry["on"], in_school_quarters=1, met=["Headteacher"]), at=at)
    note = visits.start_note(actor=place.sip, visit=visit, at=at)
    return visits.abandon_note(actor=place.sip, note=note, reason=entry["reason"], at=moment(entry["abandoned"], 9))


def _asked_about(seed: Seed) -> School:
    """The first school, by number, whose note of this autumn is final."""
    record = NoteRecord.objects.filter(kind="final", is_imported=False, withdrawals=None).order_by("school__urn").first()
    assert record is not None
    return seed.places[record.school.urn].school


def _answer(seed: Seed, officer: User, entry: dict[str, Any], moment: Moment) -> InformationRequest:
    """Searched everywhere; the passages and names of this autumn's note are marked, and its copy is still to be made."""
    words = visits.RequestWords(
        kind=entry["kind"],
        received_on=entry["received"],
        asked_by=entry["asked_by"],
        asks=entry["asks"],
        schools=[_asked_about(seed)],
        since=dt.date(2007, 9, 1),
    )
    request = visits.open_request(actor=officer, authority=seed.authority, words=words, at=moment(entry["received"], 10))
    at = moment(entry["searched"], 10)
    visits.search_for_request(actor=officer, request=request, at=at)
    final = NoteRecord.objects.filter(school__in=request.schools.all(), kind="final", note__visit__on__gte=dt.date(2007, 9, 1))
    take = [("record", public_id) for public_id in final.order_by("pk").values_list("public_id", flat=True)]
    for place, found in entry["found"].items():
        visits.note_place(actor=officer, request=request, place=place, found=found, take=take if place == "final_notes" else [], at=at)
    visits.decide_on_request(actor=officer, request=request, at=at)
    item = request.items.select_related("request__authority").order_by("-on").first()
    assert item is not None
    at = moment(entry["marked"], 15)
    text = text_of(item, officer, at)
    passage = next(one for one in passages_of(text) if one.path.startswith("sections.") and len(one.text.split()) > 20)
    visits.mark_passages(
        actor=officer,
        item=item,
        passages={passage.path: entry["exemption_of_passage"]},
        names=[(name, entry["exemption_of_names"]) for name in people_in(text)[:3]],
        revision=item.revision,
        at=at,
    )
    return request
