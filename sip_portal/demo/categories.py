"""Levels of support in the demonstration: one panel held and published, one to come, and the July draft with the SIPs (S7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from core import outbox
from core.spans import on_day
from people.packs import require_pack
from support import documents
from support import services as support
from support.models import CategoryCase, Panel, SchoolCategory
from support.pack import support_of
from support.selectors import scheme_in_force

if TYPE_CHECKING:
    from .seed import Seed

Moment = Callable[[dt.date, int], dt.datetime]

HELD_ON, TO_COME_ON = dt.date(2008, 9, 24), dt.date(2008, 11, 27)
ON_AGENDA = 4
NORTH = ("KE", "EL", "RO", "HA", "SH", "HT", "GS")
"""Clusters of the officers who sat in September."""
KEPT = (
    "The panel looked at the provisional results of 2008 beside three years, at the last inspection and at what the SIP reported in "
    "the summer, and leaves the level as it is until the autumn visit."
)
ANSWER = (
    "A third of the year group joined us after January of Year 5. For those who were with us from Year 3 the figures are well above. "
    "We ask the panel to read both, and to see the tracking that we keep for each class."
)
COMMENTS = (
    "I put it where I did because the head is new and the governors have just lost two of their experienced members. The draft cannot see that yet.",
    "The draft sees this school as I do, and for the same reason.",
)


def cases(seed: Seed) -> QuerySet[CategoryCase]:
    return CategoryCase.objects.filter(authority=seed.authority).select_related("school__authority", "authority", "panel")


def waiting(seed: Seed) -> QuerySet[CategoryCase]:
    """Those that no panel has yet, the SIPs' proposals first, then by what the criteria suggest."""
    found = cases(seed).filter(decided_at__isnull=True, panel__isnull=True)
    return found.order_by("-proposed_rank", "-suggested_rank", "school__urn")


def _call(seed: Seed, on: dt.date, place: str, members: tuple[str, ...], at: dt.datetime) -> Panel:
    return support.call_panel(
        actor=seed.users["manager"], authority=seed.authority, on=on, place=place, members=[seed.users[key] for key in members], at=at
    )


def hold_a_panel(seed: Seed, moment: Moment) -> None:
    """September: two schools, told, decided, written to and published."""
    manager, told, held = seed.users["manager"], moment(dt.date(2008, 9, 8), 10), moment(HELD_ON, 16)
    support.suggest_categories(actor=manager, authority=seed.authority, at=told)
    panel = _call(seed, HELD_ON, "County Hall, room 3", ("manager", "manager_secondary", "officer_south", "officer_north"), told)
    mine = list(waiting(seed).filter(school__cluster__code__in=NORTH)[:2])
    support.put_on_agenda(actor=manager, panel=panel, cases=mine, at=told)
    came = [seed.users[key] for key in ("manager", "manager_secondary", "officer_north")]
    support.hold_panel(actor=manager, panel=panel, present=came, at=held)
    now = dict(
        SchoolCategory.objects.filter(on_day(HELD_ON), school__in=[case.school for case in mine]).values_list("school_id", "category")
    )
    scheme = scheme_in_force(require_pack(seed.authority, HELD_ON), HELD_ON)
    for number, case in enumerate(cases(seed).filter(pk__in=[case.pk for case in mine]).order_by("school__urn")):
        dissents = {came[2].pk: "The roll has fallen again, and I should have given more support now."} if number == 1 else {}
        support.decide_case(
            actor=manager,
            case=case,
            category=now[case.school_id],
            reason=KEPT,
            dissents=dissents,
            lock_version=case.lock_version,
            at=held,
        )
        sent, begins = moment(dt.date(2008, 9, 26), 11), dt.date(2008, 10, 1)
        letter = documents.letter(case, scheme, publishes_on=begins, at=sent)
        support.notify_school(actor=manager, case=case, publishes_on=begins, letter=letter, lock_version=case.lock_version, at=sent)
        support.publish_category(actor=manager, case=case, at=moment(begins, 9))
    outbox.send_due(moment(dt.date(2008, 10, 1), 9), limit=200)


def await_a_panel(seed: Seed, moment: Moment) -> None:
    """October: the criteria asked again, four schools on the agenda of November, one of which has answered."""
    manager, at = seed.users["manager"], moment(dt.date(2008, 10, 12), 12)
    support.suggest_categories(actor=manager, authority=seed.authority, at=at)
    panel = _call(seed, TO_COME_ON, "County Hall, room 3", ("manager", "manager_secondary", "officer", "officer_chair"), at)
    answering = {990015: "head"} | {urn: f"head_{urn}" for urn in seed.places if f"head_{urn}" in seed.users}
    listed = list(waiting(seed))
    first = [case for case in listed if case.school.urn in answering]
    chosen = (first[:1] + [case for case in listed if case not in first[:1]])[:ON_AGENDA]
    support.put_on_agenda(actor=manager, panel=panel, cases=chosen, at=moment(dt.date(2008, 10, 13), 10))
    for case in first[:1]:
        own = cases(seed).get(pk=case.pk)
        support.represent(actor=seed.users[answering[case.school.urn]], case=own, text=ANSWER, at=moment(dt.date(2008, 10, 14), 8))
    outbox.send_due(moment(dt.date(2008, 10, 14), 8), limit=200)


def ask_the_sips(seed: Seed, moment: Moment) -> None:
    """The draft of July with the SIPs until half-term: two of them have placed some of their schools."""
    manager = seed.users["manager"]
    begun, asked = moment(dt.date(2008, 9, 29), 14), moment(dt.date(2008, 10, 6), 9)
    frm = support_of(require_pack(seed.authority, begun.date()).content).scheme("draft-july-2008")
    draft = support.begin_draft(actor=manager, authority=seed.authority, frm=frm, label="Revised criteria, draft of July 2008", at=begun)
    support.open_consultation(actor=manager, draft=draft, closes_on=dt.date(2008, 11, 7), at=asked)
    for number, urn in enumerate((990015, 990021, 990257)):
        place = seed.places[urn]
        category = SchoolCategory.objects.filter(on_day(asked.date()), school=place.school).values_list("category", flat=True)[0]
        at = moment(dt.date(2008, 10, 9), 16)
        placed = support.place_school(actor=place.sip, draft=draft, school=place.school, category=category, at=at)
        if number < len(COMMENTS):
            support.comment_on_placement(actor=place.sip, placement=placed, text=COMMENTS[number], at=at)
