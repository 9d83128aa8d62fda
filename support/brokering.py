"""Reads of brokering (domain.md §6; S12): requests with where they stand, needs that nobody has asked for yet, spend and impact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from core.components.formats import day
from core.due import DueItem
from core.numbers import round_half_up
from core.spans import on_day
from people.models import Authority
from people.packs import AuthorityPack
from people.roles import Hat
from people.roles import Permission as P
from schools.models import School
from targets.models import Target

from .choices import Commissioner, SupportState, ValueForMoney
from .models import Intervention, SchoolCategory
from .programme_pack import area_labels

OPEN: Final = (
    SupportState.REQUESTED,
    SupportState.MATCHED,
    SupportState.DECLINED,
    SupportState.AGREED,
    SupportState.DELIVERING,
    SupportState.DELIVERED,
)


def requests_of(user: Any, *, state: str = "", area: str = "", words: str = "") -> QuerySet[Intervention]:
    """Support that went, or goes, by request: of one's own school, of the schools that one serves or looks after. The oldest first."""
    rows = Intervention.objects.brokered().filter(school__in=School.objects.granting(user, P.INTERVENTION_VIEW).values("pk"))
    if state != "all":
        rows = rows.filter(state=state) if state else rows.filter(state__in=OPEN)
    if area:
        rows = rows.filter(area_of_need=area)
    for word in words.split():
        rows = rows.filter(Q(school__name__icontains=word) | Q(name__icontains=word) | Q(provider__icontains=word))
    found: QuerySet[Intervention] = rows.select_related("school__authority", "service", "created_by").order_by("created_at", "pk")
    return found


def flagged_needs(user: Any, on: dt.date) -> list[Target]:
    """Targets whose school asked for support and for which nobody has asked yet (P10). One query."""
    asked = Intervention.objects.filter(target=OuterRef("pk")).exclude(state=SupportState.WITHDRAWN)
    rows = Target.objects.filter(~Exists(asked), needs_support=True, summer__gte=on.year)
    rows = rows.filter(school__in=School.objects.granting(user, P.SUPPORT_ASK).values("pk"))
    return list(rows.select_related("school__authority").order_by("school__name", "summer", "measure"))


def requests_due(user: Any, on: dt.date) -> list[DueItem]:
    """To head and chair: what is put to the school. To its advisers: needs to match, what the school declined. One query."""
    hats = user.hats
    own = [contact.school_id for contact in hats.contacts if contact.hat in (Hat.HEAD, Hat.CHAIR)]
    serving = [a.school_id for a in hats.assignments if a.current and a.school_id not in hats.walled]
    if not own and not serving:
        return []
    rows = Intervention.objects.filter(
        Q(school__in=own, state=SupportState.MATCHED) | Q(school__in=serving, state__in=(SupportState.REQUESTED, SupportState.DECLINED))
    ).select_related("school")
    found = []
    for row in rows.order_by("created_at"):
        if row.state == SupportState.MATCHED:
            hat = next(c.hat.value for c in hats.contacts if c.school_id == row.school_id and c.hat in (Hat.HEAD, Hat.CHAIR))
            title, why = f"Decide on support: {row.name}", f"From {row.provider}. The school decides."
        else:
            hat = Hat.SIP.value
            title = f"Match a need with a service: {row.school.name}"
            why = row.name if row.state == SupportState.REQUESTED else f"{row.name}: the school declined what was offered."
        found.append(DueItem(None, title, row.get_absolute_url(), why, hat, f"since {day(row.created_at.date())}", "due"))
    return found


# ---------------------------------------------------------------- spend and impact


@dataclass
class Sum:
    """One line of the table. Days in quarters, money in pence; what is not known is left out of the sums and counted."""

    label: str
    interventions: int = 0
    schools: set[int] = field(default_factory=set)
    quarters: int = 0
    pence: int = 0
    without_cost: int = 0
    evaluated: int = 0
    graded: int = 0
    grades: int = 0
    good: int = 0
    again: int = 0

    def add(self, row: Intervention) -> None:
        self.interventions += 1
        self.schools.add(row.school_id)
        self.quarters += row.quarters or 0
        self.pence += row.cost_pence or 0
        self.without_cost += row.cost_pence is None
        self.evaluated += row.evaluated_on is not None
        self.graded += row.impact_grade is not None
        self.grades += row.impact_grade or 0
        self.good += row.value_for_money == ValueForMoney.GOOD
        self.again += row.would_buy_again is True

    @property
    def impact(self) -> Decimal | None:
        return round_half_up(Decimal(self.grades) / self.graded, 1) if self.graded else None

    def cells(self) -> tuple[Any, ...]:
        return (self.label, self.interventions, len(self.schools), Decimal(self.quarters) / 4, Decimal(self.pence) / 100, self.without_cost,
                self.evaluated, self.impact, self.graded, self.good, self.again)  # fmt: skip


HEAD: Final = (
    "Interventions",
    "Schools",
    "Days",
    "Pounds",
    "Cost not known",
    "Evaluated",
    "Impact of 4",
    "Graded",
    "Good value",
    "Would buy again",
)
BY: Final = {"service": "Service", "need": "Area of need", "category": "Level of support", "fund": "Fund"}


@dataclass(frozen=True)
class Spend:
    by: str
    lines: tuple[Sum, ...]
    whole: Sum


def supported(user: Any, authority: Authority, first: dt.date, last: dt.date) -> QuerySet[Intervention]:
    """Support that schools of the user's scope had: begun between the two days, or still without a day and recorded then."""
    rows = all_supported(authority, first, last).filter(school__in=School.objects.granting(user, P.SPEND_VIEW).values("pk"))
    found: QuerySet[Intervention] = rows.select_related("school__authority", "service").order_by("-starts_on", "school__name", "pk")
    return found


def all_supported(authority: Authority, first: dt.date, last: dt.date) -> QuerySet[Intervention]:
    """The same of every school, whoever asks: for figures of the whole programme, never for rows that a person is shown."""
    dated = Q(starts_on__range=(first, last)) | Q(starts_on__isnull=True, created_at__date__range=(first, last))
    found: QuerySet[Intervention] = Intervention.objects.had().filter(dated, authority=authority)
    return found


def spend_of(rows: Iterable[Intervention], pack: AuthorityPack, by: str, on: dt.date) -> Spend:
    """Put together by service, need, level of support or fund; the dearest first. One query more where it is by level."""
    found = list(rows)
    labels = area_labels(pack.content)
    levels: Mapping[int, str] = {}
    if by == "category":
        held = SchoolCategory.objects.filter(on_day(on), school__in={row.school_id for row in found})
        levels = dict(held.values_list("school_id", "label"))
    key: Callable[[Intervention], str] = {
        "service": lambda row: f"{row.name}, {row.provider}" if row.provider else row.name,
        "need": lambda row: labels.get(row.area_of_need, "Not said"),
        "category": lambda row: levels.get(row.school_id, "No level"),
        "fund": lambda row: row.fund or (Commissioner(row.commissioner).label.capitalize() if row.commissioner else "Not said"),
    }[by]
    sums: dict[str, Sum] = {}
    whole = Sum("All")
    for row in found:
        whole.add(row)
        sums.setdefault(key(row), Sum(key(row))).add(row)
    return Spend(by, tuple(sorted(sums.values(), key=lambda line: (-line.pence, line.label))), whole)


def commissioned(rows: QuerySet[Intervention]) -> Sequence[Intervention]:
    """Who commissions what, from whom, against which plan, at what price (P31): what was agreed, or recorded with a payer."""
    return list(rows.filter(~Q(commissioner="") | Q(cost_pence__isnull=False)))
