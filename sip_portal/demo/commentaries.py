"""Annual commentaries to governors of the year before: one that they have, one that its author is writing, one withdrawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core import outbox
from people.models import User
from visits import services as visits
from visits.choices import RecordKind
from visits.commentary import render_commentary
from visits.models import Commentary

from . import material

if TYPE_CHECKING:
    from .seed import Seed

YEAR = 2007
SEASON = {9: "autumn", 10: "autumn", 11: "autumn", 12: "autumn", 1: "spring", 2: "spring", 3: "spring"}


def write(seed: Seed, moment: Callable[..., dt.datetime]) -> None:
    """What ``commentaries.toml`` tells, by the services that people use."""
    for entry in material.toml("commentaries")["commentary"]:
        _write(seed, entry, moment)


def _write(seed: Seed, entry: dict[str, Any], moment: Callable[..., dt.datetime]) -> None:
    place = seed.places[entry["school"]]
    author = seed.users[entry["by"]] if "by" in entry else place.sip
    commentary = visits.start_commentary(actor=author, school=place.school, academic_year=YEAR, at=moment(entry["begun"], 16))
    references = {}
    for source in commentary.sources.select_related("note__visit").order_by("note__visit__on"):
        on = source.note.visit.on
        assert on is not None
        references[SEASON.get(on.month, "summer")] = source.note.reference
    revisions = dict(commentary.sections.values_list("code", "revision"))
    for code, text in entry["text"].items():
        visits.save_commentary_section(
            actor=author,
            commentary=commentary,
            code=code,
            base_revision=revisions[code],
            body=text.strip().format_map(references),
            at=moment(entry["begun"], 17),
        )
    if "released" not in entry:
        return
    at = moment(entry["released"], 10)
    rendered = render_commentary(commentary, kind=RecordKind.RELEASE, at=at, actor=author)
    visits.release_commentary(actor=author, commentary=commentary, rendered=rendered, at=at)
    outbox.send_due(at + dt.timedelta(minutes=2))
    commentary = Commentary.objects.get(pk=commentary.pk)
    if "answered" in entry:
        words, at = entry["words"], moment(entry["answered"], 8)
        visits.answer_commentary(actor=seed.users["head"], commentary=commentary, accuracy=entry["accuracy"], words=words, at=at)
    at = moment(entry["final"], 15)
    rendered = render_commentary(commentary, kind=RecordKind.FINAL, at=at, actor=author)
    visits.finalise_commentary(actor=author, commentary=commentary, rendered=rendered, at=at)
    outbox.send_due(at + dt.timedelta(minutes=2))
    if "withdrawn" in entry:
        _withdraw(seed, commentary, entry["withdrawn"], moment)


def _withdraw(seed: Seed, commentary: Commentary, story: dict[str, Any], moment: Callable[..., dt.datetime]) -> None:
    """One asks, the other confirms; what was done since is entered, and the incident is still open."""
    officer = User.objects.get(pk=seed.users[story["by"]].pk)
    record = commentary.records.select_related("commentary__school", "school__authority").get(kind=RecordKind.FINAL)
    asked = visits.ask_withdrawal(actor=officer, record=record, reason=story["reason"], at=moment(story["asked"], 14))
    other = User.objects.get(pk=seed.users[story["confirmed_by"]].pk)
    visits.confirm_withdrawal(actor=other, withdrawal=asked, at=moment(story["confirmed"], 9))
    visits.enter_incident(actor=officer, incident=asked.incident, text=story["done"], at=moment(story["told"], 11))
