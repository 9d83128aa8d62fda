"""The directory of services of the demonstration (S12): what its officers keep, two entries of it out of date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from people.models import Authority, User
from support import services as support
from support.models import Service

from . import material

if TYPE_CHECKING:
    from .seed import Seed

Moment = Callable[..., dt.datetime]

AREAS: Mapping[str, tuple[str, ...]] = {
    "writing": ("english-writing",),
    "reading": ("english-reading",),
    "mathematics": ("mathematics",),
    "science": ("science",),
    "marking": ("assessment-marking", "teaching"),
    "assessment": ("assessment-marking",),
    "more able": ("more-able",),
    "tracking": ("tracking",),
    "quality of teaching": ("teaching",),
    "leadership": ("middle-leadership",),
    "headship": ("headship",),
    "governance": ("governance",),
    "finance": ("finance",),
    "mobility": ("eal-minority", "looked-after"),
}
PHASES = {"primary": ("primary",), "secondary": ("secondary",), "both": ("primary", "secondary", "special", "pru")}
KINDS = {"Cluster moderators": "school", "Wealdshire Governor Services": "authority", "Authority school finance team": "authority"}
OWNERS = {"finance": "finance", "governance": "administrator2", "leadership": "administrator2", "mobility": "officer"}
LATE = ("Writing from talk", "First day, first week")
"""Looked at in January and not since."""
CAPACITY = {"Writing from talk": 40, "Every sum tells a story": 60, "Six-week tracking": 36, "Headteacher coaching": 24}
"""Days in a year, where they are known."""


def make(seed: Seed, moment: Moment) -> None:
    owners = {key: seed.users.get(key, seed.users["manager"]) for key in ("manager", *OWNERS.values())}
    keep(seed.authority, seed.users["manager"], owners, moment)


def keep(authority: Authority, manager: User, owners: Mapping[str, User], moment: Moment) -> dict[str, Service]:
    """The directory of an authority from the raw list, by name; ``owners`` by the keys of ``OWNERS``, with ``manager`` for the rest."""
    found = {}
    for row in material.rows("services"):
        name, area = row["name"], "headship" if "eadteacher" in row["name"] else row["area"]
        is_late = name in LATE
        at = moment(dt.date(2008, 1, 21) if is_late else dt.date(2008, 9, 3), 14)
        email = f"{row['provider'].lower().replace(' and ', '-').replace(' ', '-')}@services.wealdshire.example"
        offer = support.Offer(
            name=name,
            provider=row["provider"],
            provider_kind=KINDS.get(row["provider"], "other"),
            areas=AREAS[area],
            phases=PHASES.get(row["phase"], PHASES["both"]),
            what=WHAT.get(name, ""),
            day_rate_pence=int(row["day_rate"]) * 100,
            usual_quarters=int(row["days"]) * 4,
            capacity_quarters=CAPACITY[name] * 4 if name in CAPACITY else None,
            contact_email=email,
        )
        owner = owners.get(OWNERS.get(row["area"], "manager"), manager)
        found[name] = support.add_service(actor=manager, authority=authority, offer=offer, owner=owner, at=at)
    return found


WHAT = {
    "Writing from talk": "A term in which classes tell, retell and then write. Two teachers or more take part, and watch each other.",
    "Every sum tells a story": "Word problems read aloud, drawn and solved, ten minutes a day, with a subject leader who keeps it going.",
    "The marking clinic": "Teachers bring six books each, mark them together, and see what pupils did with the last comment.",
    "Stretching the most able": "Tasks without a ceiling in mathematics and writing, and how to plan one a week.",
    "Six-week tracking": "A calendar of pupil progress meetings, one page for each class, and the questions to ask at them.",
    "Moderation in threes": "Three schools level the same pieces of work and agree before the summer.",
    "Science by doing": "Two days in the field centre with the class, and two in school to plan what follows.",
    "Questions that reach everyone": "Coaching in pairs on who is asked what, and on waiting for the answer.",
    "Leading from the middle": "Five days over a year for subject leaders who have to change other people’s lessons.",
    "Headteacher coaching": "Six conversations with somebody who has done the job, in confidence.",
    "Governors and the data": "An evening with the school’s own figures and the six questions that they raise.",
    "Reserves and standards": "What the balance is for, by when it will be spent, and which pupils will gain.",
    "Three-year budget surgery": "Two days on the three-year plan with the bursar and the head, before it goes to governors.",
    "First day, first week": "Who meets a newcomer, what is found out at once, and what a teacher knows by Friday.",
}
