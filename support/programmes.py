"""Reads of programmes (S6, P31): who is enrolled, at what risk, with which adviser from when, days and money.

:func:`programme_allocations` answers S6: schools by risk, days, advisers with the date of allocation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.urls import reverse

from core.calendar import AcademicYear
from core.components.formats import plural
from core.due import DueItem
from core.rules import ORDER, Rule, Truth
from core.spans import on_day
from people.packs import AuthorityPack
from people.roles import Hat
from people.roles import Permission as P
from schools.choices import DaysKind, DaysSource
from schools.models import DaysEntry, School
from targets.wording import FactWords

from .models import AdviserAllocation, Enrolment, Programme
from .programme_pack import Band, ProgrammePolicy, programmes_of
from .rulebook import facts_for, rule_book
from .watch import figures

# ---------------------------------------------------------------- what the pack's rules say of schools


@dataclass(frozen=True)
class Suggestion:
    """Of one school: the band that the rules suggest (``None``: none fires) with its figures; ``is_entry`` whether it is to be
    enrolled by them; ``unknown`` facts without which the answer might be another."""

    band: Band | None
    figures: tuple[Mapping[str, str], ...]
    is_entry: bool
    unknown: tuple[str, ...]


def suggestions(schools: QuerySet[School], policy: ProgrammePolicy, pack: AuthorityPack, on: dt.date) -> dict[int, Suggestion]:
    """School id → what the programme's rules say of it, the heaviest band first. Set-based: as many queries as facts have sources."""
    book, words = rule_book(pack), FactWords(pack.content)
    entry = book.compile(policy.entry)
    bands: list[tuple[Band, Rule]] = [(band, book.compile(band.rule)) for band in policy.bands]
    rules = [entry, *(rule for _, rule in bands)]
    table = facts_for(schools.order_by(), {code for rule in rules for code in rule.codes()}, pack, on)
    found = {}
    columns = {id(rule): rule.column(table).tolist() for rule in rules}
    for place, pk in enumerate(table.keys):
        facts = table.of(pk)
        wanting: dict[str, None] = {}
        chosen, because = None, entry.explain(facts).because
        for band, rule in bands:
            truth = ORDER[columns[id(rule)][place]]
            if truth is Truth.TRUE:
                chosen, because = band, rule.explain(facts).because
                break
            if truth is Truth.UNKNOWN:
                wanting |= {words.label(code): None for compared in rule.explain(facts).because for code in compared.missing}
        found[pk] = Suggestion(chosen, tuple(figures(words, because)), ORDER[columns[id(entry)][place]] is Truth.TRUE, tuple(wanting))
    return found


def candidates(user: Any, programme: Programme, pack: AuthorityPack, on: dt.date) -> list[tuple[School, Suggestion]]:
    """Schools of the programme's phases that its rules would take in and that are not enrolled, the highest risk first: those that
    the user may enrol, and so none that they are walled from."""
    policy = programmes_of(pack.content).programme(programme.code)
    if policy is None:
        return []
    there = Enrolment.objects.filter(on_day(on), programme=programme).values("school_id")
    mine = School.objects.granting(user, P.PROGRAMMES_MANAGE)
    schools = mine.filter(authority=programme.authority, phase__in=policy.phases).open_on(on).exclude(pk__in=there)
    told = suggestions(schools, policy, pack, on)
    rows = [(school, told[school.pk]) for school in schools.select_related("authority", "cluster") if told[school.pk].is_entry]
    return sorted(rows, key=lambda pair: (policy.rank(pair[1].band.code) if pair[1].band else 99, pair[0].name))


# ---------------------------------------------------------------- days


def used_days(enrolments: Iterable[Enrolment], on: dt.date) -> dict[int, int]:
    """Enrolment id → quarter days of the programme used in the academic year of ``on``, by any of its advisers, visits included: the
    one ledger of days holds them. Two queries."""
    rows = list(enrolments)
    who = AdviserAllocation.objects.filter(enrolment__in=rows).values_list("enrolment_id", "adviser_id", "enrolment__school_id")
    keys: dict[tuple[int, int], list[int]] = {}
    for enrolment_id, adviser_id, school_id in who:
        places = keys.setdefault((adviser_id, school_id), [])
        if enrolment_id not in places:
            places.append(enrolment_id)
    found = {row.pk: 0 for row in rows}
    entries = (
        DaysEntry.objects.filter(
            school__in=[row.school_id for row in rows], source=DaysSource.PROGRAMME, academic_year=AcademicYear.from_date(on).first
        )
        .exclude(kind=DaysKind.ALLOCATED)
        .order_by()
        .values_list("adviser_id", "school_id")
        .annotate(used=Sum("quarters", default=0))
    )
    for adviser_id, school_id, used in entries:
        for enrolment_id in keys.get((adviser_id, school_id), ()):
            found[enrolment_id] += used
    return found


# ---------------------------------------------------------------- allocations


@dataclass(frozen=True)
class Allocation:
    """One school of a programme, as lists and briefings show it. Days a year and used, in quarters; ``adviser`` is empty where
    nobody is allocated yet, else the person's name and since when."""

    enrolment: Enrolment
    school: School
    risk: str
    risk_label: str
    days: int
    used: int
    adviser: str
    adviser_from: dt.date | None

    @property
    def left(self) -> int:
        return self.days - self.used


@dataclass(frozen=True)
class Allocations:
    """A programme on a day. ``rows`` the highest risk first, then by name; ``bands`` label → number of schools, in the same order."""

    programme: Programme
    rows: tuple[Allocation, ...]

    @property
    def bands(self) -> list[tuple[str, int]]:
        found: dict[str, int] = {}
        for row in self.rows:
            label = row.risk_label or ("" if row.days else "Not decided")  # a programme without levels has days alone
            if label:
                found[label] = found.get(label, 0) + 1
        return list(found.items())

    @property
    def days(self) -> int:
        return sum(row.days for row in self.rows)

    @property
    def used(self) -> int:
        return sum(row.used for row in self.rows)

    @property
    def without_adviser(self) -> int:
        return sum(1 for row in self.rows if not row.adviser)


def programme_allocations(user: Any, programmes: Sequence[Programme], on: dt.date) -> list[Allocations]:
    """For pages and briefings (S6): the schools of the user's scope that are in each of these programmes on the day, with risk, days,
    adviser and date; an adviser to come is shown with the day. Four queries, whatever the number of programmes and schools."""
    enrolments = Enrolment.objects.visible_to(user).filter(on_day(on), programme__in=programmes)
    rows = list(enrolments.select_related("school__authority", "school__cluster", "programme"))
    used = used_days(rows, on)
    advisers: dict[int, AdviserAllocation] = {}
    standing = AdviserAllocation.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), enrolment__in=rows)
    for given in standing.select_related("adviser").order_by("-starts_on"):
        if given.enrolment_id not in advisers or given.starts_on <= on:
            advisers[given.enrolment_id] = given
    found: dict[int, list[Allocation]] = {programme.pk: [] for programme in programmes}
    for row in sorted(rows, key=lambda row: (row.risk_rank or 99, row.school.name)):
        who = advisers.get(row.pk)
        found[row.programme_id].append(
            Allocation(
                row,
                row.school,
                row.risk,
                row.risk_label,
                row.days_quarters,
                used[row.pk],
                who.adviser.name if who else "",
                who.starts_on if who else None,
            )
        )
    return [Allocations(programme, tuple(found[programme.pk])) for programme in programmes]


# ---------------------------------------------------------------- due


def programmes_due(user: Any, on: dt.date) -> list[DueItem]:
    """To the manager: schools enrolled whose days are not decided, and those without an adviser, by programme. One query."""
    managing = user.hats.authorities_granting(P.PROGRAMMES_MANAGE)
    if not managing:
        return []
    standing = AdviserAllocation.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), enrolment=OuterRef("pk"))
    rows = (
        Enrolment.objects.visible_to(user)
        .filter(on_day(on), ~Exists(standing), programme__authority__in=managing)
        .order_by("programme__label")
        .values_list("programme__label", "programme__public_id")
        .annotate(undecided=Count("pk", filter=Q(days_quarters=0)), without=Count("pk", filter=Q(days_quarters__gt=0)))
    )
    found = []
    for label, public_id, undecided, without in rows:
        url = reverse("support:programme-detail", args=[public_id])
        if undecided:
            title = f"Decide on days for {plural(undecided, 'school')} in {label}"
            found.append(DueItem(None, title, url, "By need, as the rules and the panel see it.", Hat.SIP_MANAGER.value))
        if without:
            title = f"Allocate an adviser to {plural(without, 'school')} in {label}"
            found.append(DueItem(None, title, url, "Days are decided, and nobody is named.", Hat.SIP_MANAGER.value))
    return found
