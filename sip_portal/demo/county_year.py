"""Two years of notes that the full-size Wealdshire took over, and the autumn of 2008 as far as it has come: visits booked and held,
concerns, headteachers' reviews, readiness for inspection, and every SIP shadowed or to be (P13, P25, P28 to P30)."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from people.models import Sip, User
from people.packs import require_pack
from quality import services as quality
from quality.selectors.shadowing import shadowing_coverage
from quality.services import Finding
from schools import services as schools
from schools.models import Inspection
from schools.pack import inspection_of
from support import services as support
from visits import services as visits
from visits.models import Visit
from visits.services.visits import VisitFacts, VisitPlan

from . import material
from .concerns import officer_of

if TYPE_CHECKING:
    from .county import County
    from .seed import Place

TODAY = dt.date(2008, 10, 14)
FIRST, LAST, LAST_SECONDARY = dt.date(2008, 9, 15), dt.date(2008, 12, 11), dt.date(2008, 11, 27)
BEGUN = dt.date(2006, 9, 1)


def earlier(county: County) -> Iterator[visits.ImportedNote]:
    """Of 2006/07 the autumn's, where the SIP was there by then; of 2007/08 autumn and summer, with actions met, open and not met."""
    for place in county.others.values():
        if place.school.phase in ("pru", "nursery"):
            continue
        if (sip := county.more_sips[place.sip.name]).starts_on == BEGUN:
            yield _first(county, place, sip.user)
        yield from county.earlier_notes(place)


def _first(county: County, place: Place, author: User) -> visits.ImportedNote:
    on = dt.date(2006, 10, 9) + dt.timedelta(days=place.school.urn * 7 % 50)
    on -= dt.timedelta(days=max(0, on.weekday() - 4))
    actions = material.actions_for(place.family)[6:8] or material.actions_for(place.family)[:2]
    codes = ("leadership", "tracking")
    return visits.ImportedNote(
        school=place.school,
        author=author,
        visit_type="autumn",
        on=on,
        finalised_at=county.at(on + dt.timedelta(days=23), 14),
        sections={code: text for code in codes if (text := county.undated(place, code))} or {"leadership": "As agreed in the summer."},
        actions=[
            visits.ImportedAction(
                text=entry["text"],
                owner=entry["owner"],
                owner_detail=entry["owner_detail"],
                due_on=dt.date(2007, 3, 30),
                success_measure=entry["success"],
                state="met" if number == 0 else "not_met",
                closed_on=dt.date(2007, 6, 29),
            )
            for number, entry in enumerate(actions)
        ],
    )


# ---------------------------------------------------------------- the autumn's visits


def _days(last: dt.date) -> list[dt.date]:
    """Days for visits: Mondays to Thursdays, not in half-term."""
    every = (FIRST + dt.timedelta(days=number) for number in range((last - FIRST).days + 1))
    return [day for day in every if day.weekday() < 4 and not dt.date(2008, 10, 27) <= day <= dt.date(2008, 10, 31)]


def visit(county: County) -> None:
    """Each SIP's schools in their order, a day each; one in eight has no date yet. What lies before today is held; the first visit of
    every second SIP was shadowed."""
    by_sip: dict[str, list[Place]] = {}
    for place in county.others.values():
        by_sip.setdefault(place.sip.name, []).append(place)
    for number, (name, places) in enumerate(by_sip.items()):
        sip = county.more_sips[name]
        for turn, place in enumerate(places):
            if (number + turn) % 8 == 7 or place.school.phase == "nursery":
                continue
            days = _days(LAST_SECONDARY if place.school.phase in ("secondary", "special", "pru") else LAST)
            step = len(days) / len(places)
            on = days[min(int(turn * step) + number % max(int(step), 1), len(days) - 1)]
            _visit(county, place, sip, on, is_shadowed=turn == 0 and number % 2 == 0)


def _visit(county: County, place: Place, sip: Sip, on: dt.date, *, is_shadowed: bool) -> None:
    begun = county.at(dt.date(2008, 9, 4) + dt.timedelta(days=place.school.urn % 6), 16)
    plan = VisitPlan(visit_type="autumn", schools=[place.school], lead=place.sip)
    booked = visits.book_visit(actor=place.sip, plan=plan, on=on, starts_at=dt.time(9), ends_at=dt.time(12, 30), at=begun)
    if on >= TODAY:
        return
    shadowing = None
    if is_shadowed:
        at = county.at(dt.date(2008, 9, 11), 11)
        shadowing = quality.plan_shadowing(actor=county.manager_of(sip), sip=sip, visit=booked, at=at)
        quality.tell_head(actor=county.manager_of(sip), shadowing=shadowing, at=at + dt.timedelta(minutes=20))
        booked = Visit.objects.get(pk=booked.pk)
    facts = VisitFacts(
        on=on,
        starts_at=dt.time(9),
        ends_at=dt.time(12, 30),
        observers=booked.observers,
        met=["Teacher in charge" if place.school.phase == "pru" else "Headteacher", "Deputy headteacher"],
        preparation_quarters=booked.preparation_quarters,
        in_school_quarters=booked.in_school_quarters,
        writing_quarters=booked.writing_quarters,
    )
    visits.hold_visit(actor=place.sip, visit=booked, facts=facts, at=county.at(on, 16))
    if shadowing is not None:
        _write_up(county, sip, shadowing, on)


# ---------------------------------------------------------------- shadowing


def _write_up(county: County, sip: Sip, shadowing: Any, on: dt.date) -> None:
    story, place = material.toml("county")["shadowing"], len(county.shadowed)
    county.shadowed.append(sip)
    findings = [
        Finding("strength", code, text)
        for number, (code, (every, text)) in enumerate(story["strength"].items())
        if (place + number) % every
    ]
    findings += [
        Finding("development", code, text)
        for number, (code, (every, text)) in enumerate(story["development"].items())
        if place % every == number % every
    ]
    observer = next(user for user in county.users.values() if user.pk == shadowing.observer_id)
    written = min(on + dt.timedelta(days=2), TODAY - dt.timedelta(days=1))
    quality.write_shadowing(
        actor=observer,
        shadowing=shadowing,
        findings=findings,
        next_step="Ask of every programme what it cost and what pupils gained, and write the answer into the note.",
        next_step_on=dt.date(2008, 12, 5),
        at=county.at(written, 15),
    )


def plan_the_rest(county: County) -> None:
    """Whoever has not been shadowed is to be, on a visit that is booked: so all of them by the end of March (P28)."""
    at = county.at(dt.date(2008, 10, 13), 14)
    pack = require_pack(county.authority, TODAY)
    held = {sip.user_id: sip for sip in (*county.sips.values(), *county.more_sips.values())}
    for line in shadowing_coverage(county.authority, pack, TODAY).gaps:
        sip = held[line.sip.user_id]
        quality.plan_shadowing(actor=county.manager_of(sip), sip=sip, at=at)


# ---------------------------------------------------------------- concern, headteachers' reviews, readiness


def concerns(county: County) -> None:
    """A case for each school in a category, and for some of each other class; opened with the school and told to its head (P13)."""
    story = {entry["class"]: entry for entry in material.toml("county")["concern"]}
    opened: set[int] = set()
    category = Inspection.objects.filter(authority=county.authority, category__gt="", category_left_on=None).order_by("starts_on", "pk")
    for urn in category.values_list("school__urn", flat=True):
        if urn in county.others:
            _open(county, county.others[urn], story["inadequate"])
            opened.add(urn)
    for entry in story.values():
        for family, every in entry["families"].items():
            some = [place for urn, place in county.others.items() if place.family == family and urn not in opened]
            for place in some[::every]:
                _open(county, place, entry)
                opened.add(place.school.urn)


def _open(county: County, place: Place, entry: dict[str, Any]) -> None:
    on = dt.date(2008, 9, 15) + dt.timedelta(days=place.school.urn % 15)
    officer = officer_of(county, place.school)
    support.open_concern(
        actor=county.users["manager"],
        school=place.school,
        opening=support.Opening(
            concern_class=entry["class"],
            issue=entry["issue"],
            aim=entry["aim"],
            criteria=[(text, shown) for text, shown in entry["criteria"]],
            signs=[support.Sign("sip" if entry["class"] == "other-vulnerable" else "data", dt.date(2008, 9, 8), entry["sign"])],
            contact=officer,
            told_head_on=on,
            on=on,
            decided_by="SIP manager and area officer",
        ),
        at=county.at(on, 15),
    )


def head_reviews(county: County) -> None:
    """The review of one headteacher for each SIP: held, or to be held by the end of December."""
    for place in county.others.values():
        if place.turn == 1 and place.school.phase not in ("pru", "nursery"):
            on = dt.date(2008, 9, 22) + dt.timedelta(days=place.school.urn % 4 + 7 * (place.school.urn % 3))
            visits.log_head_review(
                actor=place.sip,
                school=place.school,
                state="held",
                on=on,
                governors=2 + place.school.urn % 2,
                quarters=2,
                at=county.at(on, 17),
            )


def readiness(county: County) -> None:
    """What SIPs found in place before the next inspection, at one school in four (P25)."""
    part = inspection_of(require_pack(county.authority, TODAY).content)
    for place in county.others.values():
        if place.turn % 4:
            continue
        draw = random.Random(place.school.urn * 13)  # noqa: S311 - states, not secrets
        answers = {item.code: (draw.choice(("yes", "yes", "yes", "partly", "no")), "") for item in part.readiness_for(place.school.phase)}
        day = dt.date(2008, 10, 6) + dt.timedelta(days=draw.randrange(5))
        schools.record_readiness(actor=place.sip, school=place.school, answers=answers, at=county.at(day, 16))
