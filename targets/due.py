"""What the target round puts on a person's home, and whom a late school's reminder goes to."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse

from core.calendar import AcademicYear
from core.components.formats import plural
from core.due import DueItem
from people.packs import packs_for
from people.roles import Hat
from people.roles import Permission as P
from schools.models import School

from .choices import DECIDED, OPEN, TargetState
from .flags import measure_by_code
from .models import Target
from .pack import Milestone, TargetFlag, targets_of


def targets_due(user: Any, on: dt.date) -> Sequence[DueItem]:
    """The school's head: what is not proposed. The chair: what waits for the governing body. The SIP: what waits for an answer.
    The manager: who is late, and every figure that a flag tells them of (below the floor). One query."""
    hats = user.hats
    packs = packs_for(user, on)
    if not packs:
        return []
    year = AcademicYear.from_date(on).first
    dates = {pk: _dates(targets_of(pack.content).milestones, year) for pk, pack in packs.items()}
    ahead = {pk: on + dt.timedelta(days=pack.whole("target_due_days")) for pk, pack in packs.items()}
    summers, told, pairs = set(), {}, {}
    for pk, pack in packs.items():
        part = targets_of(pack.content)
        sets = [one for one in part.sets if one.set_in_academic_year == year and one.level == "school" and not one.withdrawn_on]
        summers |= {one.summer for one in sets}
        pairs[pk] = {(code, one.summer, phase) for one in sets if one.is_statutory for code in one.measures for phase in one.phases}
        told[pk] = {flag.code: flag for flag in part.flags if "manager" in flag.notify}
    managing = set(hats.authorities_granting(P.TARGET_SUBMIT))
    heads = {contact.school_id for contact in hats.contacts if contact.hat == Hat.HEAD}
    chairs = {contact.school_id for contact in hats.contacts if contact.hat == Hat.CHAIR}
    serves = {row.school_id for row in hats.assignments if row.current and row.school_id not in hats.walled}
    if not (managing or heads or chairs or serves):
        return []
    mine = School.objects.visible_to(user).filter(pk__in=heads | chairs | serves) if not managing else School.objects.visible_to(user)
    rows = Target.objects.filter(school__in=mine.order_by().values("pk"), summer__in=summers, pupil_group="all").exclude(
        state__in=[TargetState.WITHDRAWN, TargetState.DOES_NOT_APPLY, TargetState.CLOSING]
    )
    by_school: dict[int, list[Target]] = defaultdict(list)
    for row in rows.select_related("school__authority"):
        if row.school.authority_id in pairs:
            by_school[row.school_id].append(row)
    found: list[DueItem] = []
    for pk, targets in by_school.items():
        school = targets[0].school
        authority = school.authority_id
        statutory = [row for row in targets if (row.measure, row.summer, school.phase) in pairs[authority]]
        address = reverse("targets:target-round", args=[school.authority.code, school.urn])
        found += _of_school(school, statutory, address, dates[authority], ahead[authority], on, pk in heads, pk in chairs, pk in serves)
    for authority in managing & set(packs):
        its = {pk: targets for pk, targets in by_school.items() if targets[0].school.authority_id == authority and pk not in hats.walled}
        found += _of_manager(its, pairs[authority], told[authority], dates[authority], ahead[authority], on, packs[authority].content)
    return found


def _dates(milestones: Iterable[Milestone], year: int) -> dict[str, dt.date]:
    return {milestone.code: milestone.on(year) for milestone in milestones}


def _left(due: dt.date, on: dt.date) -> tuple[str, str]:
    days = (due - on).days
    if days < 0:
        return f"{plural(-days, 'day')} late", "late"
    return ("Due today", "due") if days == 0 else (f"{plural(days, 'day')} left", "")


def _of_school(
    school: School, statutory: Sequence[Target], address: str, dates: dict[str, dt.date], ahead: dt.date, on: dt.date,
    is_head: bool, is_chair: bool, is_sip: bool,
) -> list[DueItem]:  # fmt: skip
    states = Counter(row.state for row in statutory)
    found = []

    def add(title: str, milestone: str, hat: Hat, why: str) -> None:
        due = dates.get(milestone)
        if due is not None and due <= ahead:
            found.append(DueItem(due, title, address, why, str(hat), *_left(due, on)))

    if is_head and states[TargetState.INDICATIVE]:
        add(f"Propose the targets of {school.name}", "proposed", Hat.HEAD, plural(states[TargetState.INDICATIVE], "statutory target"))
    waiting = states[TargetState.CHALLENGED] + states[TargetState.ACCEPTED]
    if waiting:
        why = f"{plural(waiting, 'target')} for the governing body to decide"
        if is_chair:
            add(f"Agree or set the targets of {school.name}", "signed", Hat.CHAIR, why)
        elif is_head:
            add(f"Agree or set the targets of {school.name}", "signed", Hat.HEAD, why)
    if is_sip and states[TargetState.PROPOSED]:
        why = f"{plural(states[TargetState.PROPOSED], 'target')} to accept or challenge"
        add(f"Answer what {school.name} proposes", "signed", Hat.ADVISER, why)
    return found


def _of_manager(
    its: dict[int, list[Target]], pairs: set[tuple[str, int, str]], told: dict[str, TargetFlag], dates: dict[str, dt.date],
    ahead: dt.date, on: dt.date, content: Any,
) -> list[DueItem]:  # fmt: skip
    """Who is late, in one line; and what a flag says the manager is told, school by school, until the target is decided."""
    found = []
    measures = measure_by_code(content)
    open_ = {
        pk: [row for row in rows if row.state in OPEN and (row.measure, row.summer, row.school.phase) in pairs] for pk, rows in its.items()
    }
    late = sum(1 for rows in open_.values() if any(dates.get(_waits_for(row), on) < on for row in rows))
    if late:
        address = f"{reverse('targets:target-list')}?only=late"
        due = min(dates[_waits_for(row)] for rows in open_.values() for row in rows if dates.get(_waits_for(row), on) < on)
        found.append(
            DueItem(
                due, f"{plural(late, 'school')} late with targets", address, "Remind head and chair", str(Hat.SIP_MANAGER), "Late", "late"
            )
        )
    for rows in its.values():
        for row in rows:
            flags = [told[code] for code in row.flags if code in told]
            if not flags or row.value is None or row.state not in (*OPEN, *DECIDED):
                continue
            school = row.school
            address = reverse("targets:target-round", args=[school.authority.code, school.urn])
            title = f"{school.name}: {measures[row.measure].short_label} {row.summer} {flags[0].title.lower()}"
            found.append(DueItem(dates.get("signed"), title, address, f"The target is {row.get_state_display()}", str(Hat.SIP_MANAGER)))
    statutory = dates.get("return")
    if statutory is not None and on <= statutory <= ahead:
        found.append(
            DueItem(
                statutory, "Make the statutory return", reverse("targets:target-return"), "", str(Hat.SIP_MANAGER), *_left(statutory, on)
            )
        )
    return found


def _waits_for(row: Target) -> str:
    """The date of the round that an open target has to meet next."""
    return "proposed" if row.state == TargetState.INDICATIVE else "signed"
