"""The register of schools causing concern: ten cases at different stages, a formal notice, one monitored, two early warnings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from people.models import User
from people.packs import require_pack
from schools.models import School
from support import services as support
from support.concern_clock import review_by
from support.models import Concern, EarlyWarning

from . import material

if TYPE_CHECKING:
    from .seed import Seed

Moment = Callable[..., dt.datetime]

MONITORED = 990257
WAITING = ((990119, "class:low-attaining"), (990394, "class:underperforming"))
WATCHED = "The SIP looks at it at the autumn visit, and the panel of 27 November has the figures. No case until both have been heard."
DISMISSED = "The figures are provisional and the school knows them. It stands on the list of priorities, and the SIP’s visit follows it up."
ENDED_ON = dt.date(2008, 7, 10)


def officer_of(seed: Seed, school: School) -> User:
    """The officer of the school's cluster, the named one first."""
    for user, clusters in seed.officers:
        if school.cluster_id in clusters and school.pk not in user.hats.walled:
            return user
    return seed.users["manager"]


def open_cases(seed: Seed, moment: Moment) -> None:
    """Each case on its day, with what came of it until September."""
    told = {entry["school"]: entry for entry in material.toml("concerns")["case"]}
    for entry in material.toml("round")["concern"]:
        _open(seed, moment, entry, told[entry["school"]])
    _monitored(seed, moment)


def _open(seed: Seed, moment: Moment, entry: dict[str, Any], more: dict[str, Any]) -> Concern:
    school, on, manager = seed.places[entry["school"]].school, entry["on"], seed.users["manager"]
    officer = officer_of(seed, school)
    at = moment(on, 15)
    signs = [support.Sign(source, dt.date.fromisoformat(day), text) for source, day, text in more["signs"]]
    then = [sign for sign in signs if sign.on <= on]
    concern = support.open_concern(
        actor=manager,
        school=school,
        opening=support.Opening(
            concern_class=entry["class"],
            issue=entry["issue"],
            position=more.get("position", ""),
            aim=more["aim"],
            next_steps=more.get("next_steps", ""),
            criteria=[(text, shown) for text, shown in more["criteria"]],
            signs=[sign for sign in then if sign.source != "intelligence"],
            contact=officer,
            told_head_on=on,
            on=on,
            decided_by="SIP manager and area officer",
        ),
        at=at,
    )
    for sign in signs:
        if sign.source == "intelligence":
            support.add_sign(actor=officer, concern=concern, sign=sign, at=moment(max(sign.on, on), 16))
    for number, code in enumerate(more["in_place"]):
        day = min(on + dt.timedelta(weeks=5 + 3 * number), dt.date(2008, 10, 8))
        support.set_milestone(
            actor=officer,
            concern=concern,
            code=code,
            state="in_place",
            evidence="Seen at the visit, and in the governors’ minutes.",
            at=moment(day, 11),
        )
    for code in more["begun"]:
        support.set_milestone(actor=officer, concern=concern, code=code, state="begun", evidence="", at=moment(dt.date(2008, 9, 18), 11))
    for criterion in concern.criteria.all()[: more.get("met", 0)]:
        support.settle_criterion(
            actor=officer, concern=concern, criterion=criterion, is_met=True,
            evidence="Seen by the officer and the SIP at two visits; the record is in the plan.", at=moment(dt.date(2008, 9, 23), 14),
        )  # fmt: skip
    pack = require_pack(seed.authority, dt.date(2008, 10, 14))
    for day, text in more["reviews"]:
        held = dt.date.fromisoformat(day)
        support.review_concern(actor=officer, concern=concern, on=held, text=text, next_on=review_by(pack, held), at=moment(held, 16))
    for day, who, text in more.get("log", ()):
        said = dt.date.fromisoformat(day)
        support.log_contact(actor=officer, concern=concern, on=said, who=who, text=text, at=moment(said, 15))
    if "notice" in more:
        day, grounds, action = more["notice"]
        given = dt.date.fromisoformat(day)
        support.give_warning_notice(actor=manager, school=school, grounds=grounds, action=action, on=given, at=moment(given, 10))
    if "power" in more:
        power, day, text = more["power"]
        used = dt.date.fromisoformat(day)
        support.use_power(actor=manager, school=school, power=power, text=text, on=used, at=moment(used, 10))
    return concern


def _monitored(seed: Seed, moment: Moment) -> None:
    """One that ended in July: the officer asked, the manager agreed."""
    school, manager = seed.places[MONITORED].school, seed.users["manager"]
    officer, on = officer_of(seed, school), dt.date(2007, 10, 8)
    concern = support.open_concern(
        actor=manager,
        school=school,
        opening=support.Opening(
            concern_class="other-vulnerable",
            issue="No permanent headteacher since Easter 2007, and a third of the governors’ places empty.",
            aim="Settled leadership and a full governing body.",
            criteria=[("A permanent headteacher in post", "Appointment"), ("No more than one governor’s place empty", "Clerk’s list")],
            signs=[support.Sign("sip", dt.date(2007, 10, 3), "The SIP reported the second acting headteacher in a year.")],
            contact=officer,
            told_head_on=on,
            on=on,
            decided_by="SIP manager and area officer",
        ),
        at=moment(on, 15),
    )
    at = moment(dt.date(2008, 7, 8), 11)
    for criterion in concern.criteria.all():
        support.settle_criterion(
            actor=officer, concern=concern, criterion=criterion, is_met=True, evidence="Seen in the clerk’s papers.", at=at
        )
    support.ask_exit(
        actor=officer,
        concern=concern,
        keeps="The headteacher is permanent and governors have their own calendar.",
        support="Mentor until spring.",
        at=at,
    )
    support.agree_exit(actor=manager, concern=concern, told_on=ENDED_ON, at=moment(ENDED_ON, 12))


def begin_to_watch(seed: Seed, moment: Moment) -> None:
    """In August, before the results of the summer: what fires then is known."""
    support.watch_schools(authority=seed.authority, at=moment(dt.date(2008, 8, 20), 7))


def watch(seed: Seed, moment: Moment) -> None:
    """In October the figures of the summer raise what they newly say. Two wait; the others are answered by their officers."""
    support.watch_schools(authority=seed.authority, at=moment(dt.date(2008, 10, 9), 7))
    rows = EarlyWarning.objects.filter(school__authority=seed.authority, state="waiting").select_related(
        "school__authority", "school__cluster"
    )
    for row in rows.order_by("school__urn", "rule"):
        if (row.school.urn, row.rule) in WAITING:
            continue
        officer, at = officer_of(seed, row.school), moment(dt.date(2008, 10, 13), 10)
        if row.concern_class:
            support.watch_warning(actor=officer, warning=row, reason=WATCHED, look_again_on=dt.date(2008, 11, 28), at=at)
        else:
            support.dismiss_warning(actor=officer, warning=row, reason=DISMISSED, at=at)
