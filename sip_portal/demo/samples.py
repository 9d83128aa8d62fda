"""A sample note (P19): the copy that answered a request of the summer, offered by who made it, published by the manager."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from briefings import services as briefings
from briefings.samples import names_in
from core.documents import make
from people.models import User
from visits import services as visits
from visits.documents import CopyFacts, copy_document
from visits.models import InformationRequest, NoteRecord, RequestItem
from visits.services.requests import compose_copy

from . import material

if TYPE_CHECKING:
    from .seed import Seed

Moment = Callable[..., dt.datetime]


def publish(seed: Seed, moment: Moment) -> None:
    story = material.toml("library")["sample"]
    officer, manager = (User.objects.get(pk=seed.users[name].pk) for name in ("protection", "manager"))
    record = NoteRecord.objects.filter(kind="final", is_imported=True).order_by("-note__visit__on", "school__urn").first()
    assert record is not None
    item = _found(seed, officer, record, story, moment)
    at = moment(story["marked"], 11)
    marks = [(name, story["exemption"]) for name in names_in(record)]
    visits.mark_passages(actor=officer, item=item, passages={}, names=marks, revision=item.revision, at=at)
    item.refresh_from_db()
    made = compose_copy(item, officer, at)
    facts = CopyFacts(item.request.reference, at.date(), made.redacted.removed)
    pdf = make(copy_document(made.redacted.payload, made.digest, facts, seed.authority)).pdf
    copy = visits.keep_copy(actor=officer, item=item, made=made.with_pdf(pdf), at=at)
    visits.decide_item(actor=officer, item=item, decision="redact", reason="Names of people, and of the school.", at=at)
    request = InformationRequest.objects.get(pk=item.request_id)
    visits.submit_request(actor=officer, request=request, reviewer=manager, at=at)
    visits.approve_request(actor=manager, request=request, at=moment(story["sent"], 10))
    visits.send_request(actor=officer, request=request, at=moment(story["sent"], 14))
    offered = moment(story["offered"], 9)
    copy = type(copy).objects.select_related("item__request__authority").get(pk=copy.pk)
    resource = briefings.offer_sample(actor=officer, copy=copy, title=story["title"], summary=story["summary"], at=offered)
    briefings.publish_resource(actor=manager, resource=resource, at=moment(story["published"], 10))


def _found(seed: Seed, officer: User, record: NoteRecord, story: dict[str, Any], moment: Moment) -> RequestItem:
    """The request, with the one note that it asked for."""
    words = visits.RequestWords(
        kind="foi",
        received_on=story["received"],
        asked_by=story["asked_by"],
        asks=story["asks"],
        schools=[record.school],
        since=record.note.visit.on,
        until=record.note.visit.on,
    )
    at = moment(story["received"], 12)
    request = visits.open_request(actor=officer, authority=seed.authority, words=words, at=at)
    visits.search_for_request(actor=officer, request=request, at=at)
    for place, found in material.toml("records")["request"]["found"].items():
        take = [("record", record.public_id)] if place == "final_notes" else []
        visits.note_place(actor=officer, request=request, place=place, found=found, take=take, at=at)
    visits.decide_on_request(actor=officer, request=request, at=at)
    return request.items.select_related("request__authority").get()
