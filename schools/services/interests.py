"""Declaring interests, once a year: what raises the wall (domain.md §3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from core import audit
from core.access import Refused, require, same_authority
from core.calendar import AcademicYear
from core.spans import on_day
from people.models import Authority, User
from people.packs import require_pack
from people.roles import Permission as P
from schools.choices import InterestKind
from schools.models import GroupMembership, Interest, InterestDeclaration, School


@dataclass(frozen=True)
class InterestInput:
    """One interest as the person declares it. ``worked_until`` is asked for where they worked there."""

    kind: str
    school: School
    note: str = ""
    worked_until: dt.date | None = None


@transaction.atomic
def declare_interests(
    *, actor: User, authority: Authority, academic_year: int, interests: Sequence[InterestInput], at: dt.datetime
) -> InterestDeclaration:
    """A person's own declaration for a year, with interests or with none. It may be made again in the year: the last counts.

    Interests from before that are not declared again end the day before; those that are go on. "Governor elsewhere in the
    school's group" stands at each school of the group; "worked there" lasts the setting ``interest_worked_there_years``.
    """
    require(actor, P.INTEREST_DECLARE, None, on=at.date())
    on = at.date()
    if authority.pk not in actor.hats.authority_ids:
        raise Refused("Declare where you work with schools.")
    if academic_year not in (AcademicYear.from_date(on).first, AcademicYear.from_date(on).first + 1):
        raise Refused("Declare for this academic year or the next.", field="academic_year")
    held = {(row.kind, row.school_id): row for row in Interest.objects.filter(on_day(on), user=actor, school__authority=authority)}
    wanted = _rows(actor, authority, interests, held, at)
    for key, row in held.items():
        again = wanted.pop(key, None)
        if again is None:
            row.ends_on = max(row.starts_on, on - dt.timedelta(days=1))
            if row.ends_on < on:
                row.save(update_fields=["ends_on"])
            else:  # declared and taken back on one day
                row.delete()
        elif (again.ends_on, again.note) != (row.ends_on, row.note):
            row.ends_on, row.note = again.ends_on, again.note
            row.save(update_fields=["ends_on", "note"])
    Interest.objects.bulk_create(wanted.values())
    declaration, _ = InterestDeclaration.objects.update_or_create(
        user=actor, authority=authority, academic_year=academic_year, defaults={"has_none": not interests, "declared_at": at}
    )
    changes = {"year": academic_year, "interests": sorted({f"{given.kind} {given.school.urn}" for given in interests})}
    audit.record("interest.declared", actor=actor, at=at, subject=declaration, authority=authority, changes=changes)
    actor.forget_hats()
    return declaration


def _rows(
    actor: User, authority: Authority, interests: Sequence[InterestInput], held: Mapping[tuple[str, int], Interest], at: dt.datetime
) -> dict[tuple[str, int], Interest]:
    on = at.date()
    found: dict[tuple[str, int], Interest] = {}
    for given in interests:
        same_authority(authority, given.school)
        kind = InterestKind(given.kind)
        ends_on = None
        school_ids = {given.school.pk}
        if kind == InterestKind.WORKED_THERE and given.worked_until is None and (kind.value, given.school.pk) in held:
            ends_on = held[kind.value, given.school.pk].ends_on  # declared again, with the day that was given then
        elif kind == InterestKind.WORKED_THERE:
            ends_on = _worked_there_ends(given, authority, on)
        elif kind == InterestKind.GOVERNOR_IN_GROUP:
            groups = GroupMembership.objects.filter(on_day(on), school=given.school).values("group_id")
            school_ids |= set(GroupMembership.objects.filter(on_day(on), group_id__in=groups).values_list("school_id", flat=True))
        for school_id in school_ids:
            found[kind.value, school_id] = Interest(
                user=actor, school_id=school_id, kind=kind, note=given.note.strip()[:200], starts_on=on, ends_on=ends_on, declared_at=at
            )
    return found


def _worked_there_ends(given: InterestInput, authority: Authority, on: dt.date) -> dt.date:
    if given.worked_until is None:
        raise Refused(f"Enter the day on which you left {given.school.name}.", field="worked_until")
    if given.worked_until > on:
        raise Refused(
            f"You work at {given.school.name} until {given.worked_until:%-d %B %Y}: the school reports you as its staff.", field="kind"
        )
    years = require_pack(authority, on).whole("interest_worked_there_years")
    left = given.worked_until
    try:
        ends_on = left.replace(year=left.year + years)
    except ValueError:  # 29 February
        ends_on = left.replace(year=left.year + years, day=28)
    if ends_on < on:
        raise Refused(f"You left {given.school.name} more than {years} years ago: that is no longer an interest.", field="worked_until")
    return ends_on
