"""Support that is brokered in the demonstration (S12): evaluated since the summer, under way, put to schools, asked for and declined."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from schools.models import Contact
from support import services as support
from support.models import Intervention, Service

if TYPE_CHECKING:
    from .seed import Place, Seed

Moment = Callable[..., dt.datetime]

NEEDS = {
    "english-writing": "Boys in Years 3 and 4 write little and reluctantly. By June two in three should write a page that holds together.",
    "mathematics": "Pupils lose marks on word problems in Year 5. By May the gap between number and problems should have halved.",
    "tracking": "Nobody can say in November which pupils in Year 9 have stopped moving. By January each class should be talked through.",
    "assessment-marking": "Pupils read the mark and not the comment. By Easter they should answer it in every book.",
    "middle-leadership": "Subject leaders check files and see few lessons. By spring each should have seen all classes twice.",
    "governance": "Governors ask few questions about results. By the December meeting they should ask about each group.",
}
DONE = (  # service, need, impact of four, value, again, and what it did: of schools that had it in the spring and summer
    (
        "Six-week tracking",
        "tracking",
        4,
        "good",
        True,
        "Meetings happen every six weeks. Of 22 pupils who had stopped moving, 15 moved a sublevel by July.",
    ),
    ("Six-week tracking", "tracking", 3, "good", True, "Teachers know whom they mean. Eleven of 30 pupils made up what they had lost."),
    ("Six-week tracking", "tracking", 3, "good", True, "Two year groups are talked through; the others begin in the autumn."),
    ("Six-week tracking", "tracking", 2, "adequate", False, "The calendar was kept, and what was agreed in it was not."),
    (
        "Six-week tracking",
        "tracking",
        4,
        "good",
        True,
        "Level 4 in both subjects rose from 61% to 70%; the pupils named in January were most of it.",
    ),
    ("Writing from talk", "english-writing", 3, "good", True, "Boys in two classes gained about a point more than girls."),
    ("Writing from talk", "english-writing", 4, "good", True, "Two in three boys in Year 4 are secure, from one in two."),
    (
        "Writing from talk",
        "english-writing",
        3,
        "good",
        True,
        "Where two teachers took part it shows in the books; in the third class it does not.",
    ),
    ("The marking clinic", "assessment-marking", 2, "adequate", False, "The policy is better than the marking."),
)
STORY = (  # service, need, how far it came
    ("Every sum tells a story", "mathematics", "delivering"),
    ("Leading from the middle", "middle-leadership", "agreed"),
    ("Every sum tells a story", "mathematics", "matched"),
    ("Governors and the data", "governance", "matched"),
    ("", "english-writing", "requested"),
    ("Headteacher coaching", "middle-leadership", "declined"),
)
PLAN = "School improvement plan, priority 1"


def broker(seed: Seed, moment: Moment) -> None:
    services = {row.name: row for row in Service.objects.filter(authority=seed.authority).select_related("authority")}
    places = [place for place in seed.places.values() if place.school.phase in ("primary", "junior") and place.sip is not None]
    for place, (name, area, grade, value, again, impact) in zip(places, DONE, strict=False):
        row = _agreed(place, services[name], area, dt.date(2008, 2, 4), moment)
        row = support.begin_support(actor=place.sip, intervention=row, starts_on=dt.date(2008, 2, 25), at=moment(dt.date(2008, 2, 25), 16))
        row = support.deliver_support(
            actor=place.sip, intervention=row, ends_on=dt.date(2008, 6, 27), quarters=row.quarters or 4,
            cost_pence=row.cost_pence or 0, at=moment(dt.date(2008, 6, 30), 9),
        )  # fmt: skip
        support.evaluate_intervention(
            actor=place.sip, intervention=row, impact=impact, impact_grade=grade, value_for_money=value,
            value_reason="Pupils’ work before and after, at this cost.", would_buy_again=again, at=moment(dt.date(2008, 9, 9), 10),
        )  # fmt: skip
    rest = places[len(DONE) :]
    for place, (name, area, state) in zip(rest, STORY, strict=False):
        _so_far(place, services.get(name), area, state, moment)
    own = seed.places[990015]  # of the printed headteacher: something to decide
    _so_far(own, services["Six-week tracking"], "tracking", "matched", moment)


def _asked(place: Place, area: str, on: dt.date, moment: Moment) -> Intervention:
    return support.ask_support(actor=place.sip, school=place.school, area=area, need=NEEDS[area], at=moment(on, 15))


def _matched(place: Place, service: Service, area: str, on: dt.date, moment: Moment) -> Intervention:
    proposal = support.Proposal(
        service.usual_quarters or 4, service.usual_cost_pence or 0, "school", PLAN, on + dt.timedelta(weeks=3), fund="School’s own budget"
    )
    return support.match_support(
        actor=place.sip, intervention=_asked(place, area, on, moment), service=service, proposal=proposal, at=moment(on, 16)
    )


def _agreed(place: Place, service: Service, area: str, on: dt.date, moment: Moment) -> Intervention:
    row = _matched(place, service, area, on, moment)
    return support.agree_support(actor=place.sip, intervention=row, on_word_of=_head(place), at=moment(on + dt.timedelta(days=7), 12))


def _head(place: Place) -> str:
    head = Contact.objects.filter(school=place.school, kind__in=("head", "acting_head"), ends_on__isnull=True).first()
    return f"{head.name}, headteacher" if head else "The headteacher"


def _so_far(place: Place, service: Service | None, area: str, state: str, moment: Moment) -> None:
    on = dt.date(2008, 9, 16)
    if service is None:
        _asked(place, area, dt.date(2008, 10, 9), moment)
    elif state in ("agreed", "delivering"):
        row = _agreed(place, service, area, on, moment)
        if state == "delivering":
            support.begin_support(actor=place.sip, intervention=row, starts_on=dt.date(2008, 10, 7), at=moment(dt.date(2008, 10, 7), 16))
    else:
        row = _matched(place, service, area, dt.date(2008, 10, 7), moment)
        if state == "declined":
            support.decline_support(
                actor=place.sip, intervention=row, reason="Six days are more than we can release this term. We would take two.",
                on_word_of=_head(place), at=moment(dt.date(2008, 10, 10), 11),
            )  # fmt: skip
