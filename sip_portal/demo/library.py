"""The library of the demonstration: what :func:`stock` puts on its shelves is in ``data/library.toml``, for any size of authority."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from briefings import services
from briefings.models import Resource
from briefings.services import Content, ResourceFacts
from briefings.uploads import recognise
from people.models import Authority, User

from . import material

Moment = Callable[..., dt.datetime]
MOST_MB = 10


def stock(authority: Authority, people: Mapping[str, User], moment: Moment) -> None:
    """Fill the library. ``people``: the manager by that name, and whoever offers, marks, records and suggests, by theirs."""
    story = material.toml("library")
    manager = people["manager"]
    for entry in story["resource"]:
        _resource(authority, manager, entry, moment)
    for entry in story["offer"]:
        values = {name: entry[name] for name in ("theme", "text", "phase_groups", "follow_up", "why")}
        offer = services.offer_question(actor=people[entry["by"]], authority=authority, at=moment(entry["on"], 17), **values)
        if "accepted" in entry:
            services.decide_question(actor=manager, offer=offer, accept=True, at=moment(entry["accepted"], 9))
            services.mark_question(actor=people[entry["by"]], authority=authority, code=offer.public_id, at=moment(entry["accepted"], 18))
    for entry in story["mark"]:
        for name in entry["by"]:
            services.mark_question(actor=people[name], authority=authority, code=entry["code"], at=moment(dt.date(2008, 10, 3), 17))
    for entry in story["practice"]:
        values = {name: entry[name] for name in ("place", "title", "what", "source", "contact")}
        services.record_practice(actor=people[entry["by"]], authority=authority, at=moment(entry["on"], 12), **values)
    for entry in story["suggestion"]:
        row = services.make_suggestion(actor=people[entry["by"]], authority=authority, text=entry["text"], at=moment(entry["on"], 20))
        if "answer" in entry:
            services.answer_suggestion(actor=manager, suggestion=row, answer=entry["answer"], at=moment(entry["answered"], 10))


def _content(version: Mapping[str, Any]) -> Content:
    upload = None
    if name := version.get("file"):
        upload = recognise(name, (material.DATA / name).read_bytes(), most_mb=MOST_MB)
    return Content(text=version["text"], upload=upload, changes=version.get("changes", ""))


def _resource(authority: Authority, manager: User, entry: Mapping[str, Any], moment: Moment) -> Resource:
    facts = ResourceFacts(**{name: entry[name] for name in ("kind", "title", "summary", "audience")})
    first, *later = entry["version"]
    at = moment(first["on"], 10)
    resource = services.add_resource(actor=manager, authority=authority, facts=facts, content=_content(first), key=entry["key"], at=at)
    if "prepared" in entry:
        return resource
    services.publish_resource(actor=manager, resource=resource, at=at)
    for version in later:
        at = moment(version["on"], 10)
        services.write_resource(actor=manager, resource=resource, content=_content(version), at=at)
        services.publish_resource(actor=manager, resource=resource, at=at)
    if "retired" in entry:
        services.retire_resource(actor=manager, resource=resource, why=entry["why"], at=moment(entry["retired"], 11))
    return resource
