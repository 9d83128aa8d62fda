"""Shadowings and ratings, made through the services that users use."""

from __future__ import annotations

import datetime as dt
from typing import Any

from people.models import Sip, User
from people.packs import require_pack
from quality import services
from quality.models import ModerationSample, SampledNote, Shadowing
from quality.pack import observation_of
from quality.services import CriterionGrade, Finding
from visits import services as visits
from visits.models import Round, Visit
from visits.services.visits import VisitPlan

from .people import NOW, TODAY
from .schools import World

SOON = TODAY + dt.timedelta(days=6)
LATER = NOW + dt.timedelta(days=7)
SEEN = [
    Finding("strength", "prepared", "Every data set on the list had been read."),
    Finding("development", "balance", "A weak answer on attendance was let go."),
]


def book(lead: User, *schools: Any, on: dt.date = SOON) -> Visit:
    plan = VisitPlan(visit_type="autumn", schools=list(schools), lead=lead)
    return Visit.objects.get(pk=visits.book_visit(actor=lead, plan=plan, on=on, at=NOW).pk)


def again(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def sip_of(world: World, name: str = "sip") -> Sip:
    return Sip.objects.select_related("user", "authority", "line_manager", "assigned_person").get(pk=world.sips[name].pk)


def told(world: World) -> Shadowing:
    book(world.sip, world.oak)
    row = services.plan_shadowing(actor=world.manager, sip=sip_of(world), at=NOW)
    return again(services.tell_head(actor=world.manager, shadowing=again(row), at=NOW))


def written(world: World) -> Shadowing:
    row = told(world)
    services.write_shadowing(
        actor=world.head_of_improvement, shadowing=row, findings=SEEN, next_step="Press on attendance in spring.", at=LATER
    )
    return again(row)


def drawn(world: World, **values: Any) -> ModerationSample:
    round_ = Round.objects.get(pk=world.__dict__["round"].pk)
    return services.draw_sample(actor=world.manager, round=round_, due_on=SOON, at=NOW, **values)


def sampled(world: World, author: str = "consultant") -> SampledNote:
    return SampledNote.objects.get(sample=drawn(world), note__author=world.people[author])


def grades(world: World, **other: int) -> list[CriterionGrade]:
    part = observation_of(require_pack(world.authority, TODAY).content)
    return [CriterionGrade(c.code, other.get(c.code.replace("-", "_"), 2), "Section 3, second paragraph.") for c in part.criteria]
