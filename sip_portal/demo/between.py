"""Between the visits: alerts, progress on actions, and the support that schools have, as the autumn of 2008 had them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core import outbox
from people import services as people
from support.services import record_intervention, revise_intervention
from visits import services as visits
from visits.models import AgreedAction

from . import material

if TYPE_CHECKING:
    from .seed import Seed


def tell(seed: Seed, moment: Callable[..., dt.datetime]) -> None:
    """What is told in ``between.toml``, in its order, by the services that people use."""
    story = material.toml("between")
    people.update_authority(
        actor=seed.users["administrator"],
        authority=seed.authority,
        at=moment(dt.date(2008, 9, 1)),
        settings={**seed.authority.settings, "safeguarding_contacts": story["safeguarding"]},
    )
    visits.import_notes(
        actor=seed.users["administrator"],
        authority=seed.authority,
        notes=[_spring(seed, entry, moment) for entry in story["spring"]],
        source="the forms of 2007/08",
        at=moment(dt.date(2008, 9, 1), 12),
    )
    for entry in story["alert"]:
        _alert(seed, entry, moment)
    outbox.send_due(moment(story["alert"][0]["on"], 16, 25))
    for entry in story["progress"]:
        _progress(seed, entry, moment)
    for entry in story["intervention"]:
        _intervention(seed, entry, moment)


def _spring(seed: Seed, entry: dict[str, Any], moment: Callable[..., dt.datetime]) -> visits.ImportedNote:
    """A visit between last autumn's and last summer's, to which what was agreed in autumn was carried."""
    place = seed.places[entry["school"]]
    at = moment(entry["on"] + dt.timedelta(days=20), 14)
    return visits.ImportedNote(
        school=place.school,
        author=place.sip,
        visit_type="spring",
        on=entry["on"],
        finalised_at=at,
        sections={"leadership": entry["text"]},
        actions=[],
    )


def _alert(seed: Seed, entry: dict[str, Any], moment: Callable[..., dt.datetime]) -> None:
    place = seed.places[entry["school"]]
    school = place.school
    words = visits.AlertWords(
        what=entry["what"],
        urgency=entry["urgency"],
        ask=entry["ask"],
        head_told=entry["head_told"],
        head_told_on=entry.get("head_told_on"),
        head_told_reason=entry.get("head_told_reason", ""),
    )
    alert = visits.raise_alert(actor=place.sip, school=school, words=words, at=moment(entry["on"], *entry["time"]))
    if "by" in entry:
        visits.acknowledge_alert(actor=seed.users[entry["by"]], alert=alert, at=moment(entry["acknowledged"], 11))
    if "outcome" in entry:
        text = entry["outcome_text"]
        visits.close_alert(actor=seed.users[entry["by"]], alert=alert, outcome=entry["outcome"], text=text, at=moment(entry["closed"], 16))


def _progress(seed: Seed, entry: dict[str, Any], moment: Callable[..., dt.datetime]) -> None:
    """On the school's open action that falls due first, or the next after it."""
    place = seed.places[entry["school"]]
    actions = AgreedAction.objects.filter(school=place.school, state="open").select_related("school__authority").order_by("due_on", "pk")
    action = actions[entry.get("number", 0)]
    who = place.sip if entry["by"] == "sip" else seed.users[entry["by"]]
    visits.report_progress(
        actor=who, action=action, text=entry["text"], evidence=entry["evidence"], role=entry["role"], at=moment(entry["on"], 16)
    )


def _intervention(seed: Seed, entry: dict[str, Any], moment: Callable[..., dt.datetime]) -> None:
    place, values = seed.places[entry["school"]], dict(entry)
    del values["school"]
    at, evaluated, evaluation = moment(values.pop("on"), 12), values.pop("evaluated", None), values.pop("evaluation", None)
    one = record_intervention(actor=place.sip, school=place.school, at=at, **values)
    if evaluation:
        revise_intervention(actor=place.sip, intervention=one, at=moment(evaluated, 12), **evaluation)
