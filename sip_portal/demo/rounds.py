"""The autumn rounds: opened before the first visit is booked, so that every visit finds its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from people.models import User
from visits import services as visits
from visits.models import Round
from visits.services import RoundPlan

from . import material

if TYPE_CHECKING:
    from .seed import Place, Seed


def open_rounds(seed: Seed, moment: Callable[[dt.date, int], dt.datetime]) -> None:
    """Both rounds, then who is exempt from them."""
    story = material.toml("rounds")
    opened = {entry["key"]: _open(seed, entry, moment(entry["opened"], 9)) for entry in story["round"]}
    for entry in story.get("exempt", ()):
        _exempt(opened[entry["round"]], seed.users, seed.places, entry, moment(entry["on"], 14))


def _open(seed: Seed, entry: Mapping[str, object], at: dt.datetime) -> Round:
    held = {place.school.phase for place in seed.places.values()}
    plan = RoundPlan(
        name=str(entry["name"]),
        visit_type=str(entry["visit_type"]),
        phases=[phase for phase in entry["phases"] if phase in held],  # type: ignore[attr-defined]
        starts_on=entry["from"],  # type: ignore[arg-type]
        ends_on=entry["until"],  # type: ignore[arg-type]
    )
    return visits.open_round(actor=seed.users[str(entry["by"])], authority=seed.authority, plan=plan, at=at)


def _exempt(round_: Round, users: Mapping[str, User], places: Mapping[int, Place], entry: Mapping[str, object], at: dt.datetime) -> None:
    visits.exempt_schools(
        actor=users[str(entry["by"])],
        round=round_,
        schools=[places[int(str(entry["school"]))].school],
        reason=str(entry["reason"]),
        words=str(entry.get("words", "")),
        at=at,
    )
