"""Annual commentaries to governors of the year before: one that they have, one that its author is writing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from core import outbox
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
    author, place = seed.users[entry["by"]], seed.places[entry["school"]]
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
    visits.answer_commentary(
        actor=seed.users["head"], commentary=commentary, accuracy=entry["accuracy"], words=entry["words"], at=moment(entry["answered"], 8)
    )
    at = moment(entry["final"], 15)
    rendered = render_commentary(commentary, kind=RecordKind.FINAL, at=at, actor=author)
    visits.finalise_commentary(actor=author, commentary=commentary, rendered=rendered, at=at)
    outbox.send_due(at + dt.timedelta(minutes=2))
