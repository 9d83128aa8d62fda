"""Reads of the directory of services (S12): search and filters, what schools said of a service, what is out of date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, Q, Sum

from core.calendar import AcademicYear
from core.components.formats import day, money_pence, plural
from core.due import DueItem
from core.numbers import format_number, round_half_up
from core.spans import on_day
from people.models import Authority, RoleAssignment, User
from people.packs import AuthorityPack
from people.roles import Permission as P
from people.roles import hats_with

from .choices import SupportState
from .models import WANTED, BrokeringPolicy, Intervention, Service
from .programme_pack import Paragraph, area_labels, programmes_of

COSTS: Final = (("free", "Free to schools"), ("400", "Up to £400 a day"), ("500", "Up to £500 a day"), ("any", "With a price"))
"""The filter's steps: they narrow a list and decide nothing."""


def owners_of(authority: Authority, on: dt.date) -> dict[int, str]:
    """Who may keep an entry: user id → name, of everyone with a role in the authority that reads the directory. One query."""
    roles = [hat.value for hat in hats_with(P.SERVICE_VIEW)]
    rows = RoleAssignment.objects.filter(on_day(on), authority=authority, role__in=roles, user__is_active=True)
    return dict(rows.order_by("user__name").values_list("user_id", "user__name"))


# ---------------------------------------------------------------- the policy


@dataclass(frozen=True)
class Policy:
    """In the authority's own words (``text``), else in the pack's."""

    paragraphs: tuple[Paragraph, ...] = ()
    text: str = ""
    by: str = ""
    on: dt.date | None = None


def policy_of(authority: Authority, pack: AuthorityPack) -> Policy:
    row = BrokeringPolicy.objects.filter(authority=authority).first()
    if row is not None:
        return Policy((), row.text, row.by_name, row.at.date())
    labels = pack.labels()
    found = programmes_of(pack.content).commissioning.policy
    return Policy(tuple(Paragraph(part.heading, labels.fill(part.text)) for part in found))


# ---------------------------------------------------------------- what schools said


@dataclass(frozen=True)
class Marks:
    """What schools said of a service: of how many, the mean impact out of four, how many would buy it again. ``graders``: the schools
    that gave the impact a mark. ``fewest``: below so many schools nothing but their number is told, and below so many graders no
    impact, since one could tell whose word it is."""

    schools: int = 0
    graded: int = 0
    grades: int = 0
    again: int = 0
    fewest: int = 1
    graders: int = 0

    @property
    def impact(self) -> Decimal | None:
        """``None`` too where too few schools gave a mark."""
        return round_half_up(Decimal(self.grades) / self.graded, 1) if self.graded and self.graders >= self.fewest else None

    @property
    def is_shown(self) -> bool:
        return self.schools >= self.fewest

    @property
    def words(self) -> str:
        """ "7 schools, impact 3.1 of 4, 6 would buy again"."""
        if not self.schools:
            return "Not evaluated yet"
        if not self.is_shown:
            return f"{plural(self.schools, 'school')} so far: too few to show"
        impact = ", impact too few to show" if self.graders else ""
        if self.impact is not None:
            impact = f", impact {format_number(self.impact, 1)} of 4"
        return f"{plural(self.schools, 'school')}{impact}, {self.again} would buy again"


def marks_of(service_ids: Sequence[int], fewest: int) -> dict[int, Marks]:
    """Service id → what the schools that evaluated it said, of the whole authority. One query."""
    rows = (
        Intervention.objects.filter(service__in=service_ids, evaluated_on__isnull=False)
        .order_by()
        .values_list("service_id")
        .annotate(
            schools=Count("school", distinct=True),
            graded=Count("impact_grade"),
            grades=Sum("impact_grade", default=0),
            again=Count("school", distinct=True, filter=Q(would_buy_again=True)),
            graders=Count("school", distinct=True, filter=Q(impact_grade__isnull=False)),
        )
    )
    return {pk: Marks(schools, graded, grades, again, fewest, graders) for pk, schools, graded, grades, again, graders in rows}


def agreed_days(service_ids: Sequence[int], first: dt.date, last: dt.date, but: Intervention | None = None) -> dict[int, int]:
    """Service id → quarter days agreed with schools whose support begins between the two days, ``but`` for one of them. What is
    only recorded was agreed nowhere and uses up none. One query."""
    rows = (
        Intervention.objects.filter(service__in=service_ids, starts_on__range=(first, last), quarters__isnull=False)
        .exclude(state__in=[*WANTED, SupportState.RECORDED])
        .exclude(pk=but.pk if but is not None else None)
        .order_by()
        .values_list("service_id")
        .annotate(taken=Sum("quarters", default=0))
    )
    return dict(rows)


# ---------------------------------------------------------------- the list


@dataclass(frozen=True)
class Entry:
    """One line of the directory."""

    service: Service
    areas: tuple[str, ...]
    phases: tuple[str, ...]
    marks: Marks
    taken: int
    is_out_of_date: bool

    @property
    def cost(self) -> str:
        rate = self.service.day_rate_pence
        return "On request" if rate is None else f"{money_pence(rate)} a day" if rate else "Free to schools"

    @property
    def left(self) -> int | None:
        """Quarter days of the year that no school has taken; none known is ``None``."""
        capacity = self.service.capacity_quarters
        return None if capacity is None else max(0, capacity - self.taken)


@dataclass(frozen=True)
class Wish:
    """What the list is narrowed to."""

    words: str = ""
    area: str = ""
    phase: str = ""
    provider_kind: str = ""
    cost: str = ""
    only: str = ""

    def holds(self, service: Service, area_words: str, on: dt.date) -> bool:
        text = f"{service.name} {service.provider} {service.what} {area_words}".lower()
        rate = service.day_rate_pence
        return (
            all(word in text for word in self.words.lower().split())
            and (not self.area or self.area in service.areas)
            and (not self.phase or self.phase in service.phases)
            and (not self.provider_kind or self.provider_kind == service.provider_kind)
            and (self.cost != "free" or rate == 0)
            and (self.cost != "any" or bool(rate))
            and (not self.cost.isdecimal() or (rate is not None and rate <= int(self.cost) * 100))
            and (self.only != "late" or service.is_out_of_date(on))
            and (self.only != "off" or not service.is_listed)
        )


PHASE_WORDS: Final = {
    "primary": "Primary",
    "secondary": "Secondary",
    "special": "Special",
    "pru": "Pupil referral unit",
    "nursery": "Nursery",
}


def directory_of(user: Any, authority: Authority, pack: AuthorityPack, wish: Wish, on: dt.date) -> list[Entry]:
    """The entries that the user sees and the wish asks for, by name: three queries, whatever their number. A directory is a few
    hundred entries at most, so what narrows it is asked of them here and not of the database."""
    labels = area_labels(pack.content)
    rows = Service.objects.visible_to(user).filter(authority=authority).select_related("owner")
    if wish.only != "off":
        rows = rows.filter(is_listed=True)
    found = [row for row in rows if wish.holds(row, " ".join(labels.get(code, code) for code in row.areas), on)]
    return entries_of(found, pack, on)


def entries_of(services: Sequence[Service], pack: AuthorityPack, on: dt.date) -> list[Entry]:
    labels, year = area_labels(pack.content), AcademicYear.from_date(on)
    fewest = programmes_of(pack.content).commissioning.fewest_schools
    ids = [row.pk for row in services]
    marks, taken = marks_of(ids, fewest), agreed_days(ids, year.starts_on, year.ends_on)
    return [
        Entry(
            row,
            tuple(labels.get(code, code) for code in row.areas),
            tuple(PHASE_WORDS.get(code, code.capitalize()) for code in row.phases),
            marks.get(row.pk, Marks(fewest=fewest)),
            taken.get(row.pk, 0),
            row.is_out_of_date(on),
        )
        for row in services
    ]


def counts_by_area(entries: Sequence[Entry]) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for entry in entries:
        for area in entry.areas:
            found[area] = found.get(area, 0) + 1
    return found


# ---------------------------------------------------------------- due


def services_due(user: Any, on: dt.date) -> list[DueItem]:
    """To the owner of an entry: that it should be looked at again. One query; nothing is asked for whoever can own none."""
    if not isinstance(user, User) or not user.hats.roles_granting(P.SERVICE_VIEW):
        return []
    rows = Service.objects.visible_to(user).out_of_date(on).filter(owner=user)
    hat = user.hats.roles_granting(P.SERVICE_VIEW)[0].hat.value
    return [
        DueItem(
            row.review_due_on,
            f"Look at the directory’s entry again: {row.name}",
            row.get_absolute_url(),
            "Is it still offered, at this price, by this person?",
            hat,
            f"since {day(row.review_due_on)}",
            "late",
        )
        for row in rows.order_by("review_due_on", "name")
    ]
