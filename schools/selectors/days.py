"""The ledger of days: allocated, used and left, by source, for many schools or advisers in one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, Sum

from people.models import User
from schools.choices import DaysKind, DaysSource
from schools.models import DaysEntry, School


@dataclass(frozen=True)
class Balance:
    """Quarter days of one source."""

    allocated: int = 0
    used: int = 0

    @property
    def left(self) -> int:
        """Negative where more was used than allocated."""
        return self.allocated - self.used

    def __add__(self, other: Balance) -> Balance:
        return Balance(self.allocated + other.allocated, self.used + other.used)


@dataclass(frozen=True)
class Days:
    """The balances of one school, one adviser, or one adviser at one school; sources are never mixed in the ledger."""

    by_source: Mapping[str, Balance]

    @property
    def total(self) -> Balance:
        return sum(self.by_source.values(), Balance())

    @property
    def rows(self) -> list[tuple[str, Balance]]:
        """For a page: the source's words and its balance, in the order of the sources."""
        return [(source.label, self.by_source[source]) for source in DaysSource if source in self.by_source]


NO_DAYS = Days({})


def _balances(key: str, academic_year: int, condition: Q) -> dict[int, Days]:
    rows = (
        DaysEntry.objects.filter(condition, academic_year=academic_year)
        .order_by()
        .values_list(key, "source")
        .annotate(
            allocated=Sum("quarters", filter=Q(kind=DaysKind.ALLOCATED), default=0),
            used=Sum("quarters", filter=~Q(kind=DaysKind.ALLOCATED), default=0),
        )
    )
    found: dict[int, dict[str, Balance]] = defaultdict(dict)
    for pk, source, allocated, used in rows:
        found[pk][source] = Balance(allocated, used)
    return {pk: Days(by_source) for pk, by_source in found.items()}


def days_of_schools(school_ids: Iterable[int], academic_year: int) -> dict[int, Days]:
    """School id → its days of the year, whoever uses them. Schools without an entry are left out."""
    return _balances("school_id", academic_year, Q(school_id__in=list(school_ids)))


def days_of_advisers(adviser_ids: Iterable[int], academic_year: int, authority_id: int) -> dict[int, Days]:
    """Adviser's user id → their days of the year in one authority, over all their schools."""
    return _balances("adviser_id", academic_year, Q(adviser_id__in=list(adviser_ids), authority_id=authority_id))


def days_of_adviser_at(adviser: User, school_ids: Iterable[int], academic_year: int) -> dict[int, Days]:
    """School id → the days of this adviser there."""
    return _balances("school_id", academic_year, Q(adviser=adviser, school_id__in=list(school_ids)))


def days_left(school: School, academic_year: int) -> Days:
    """One school's days of the year; where there are many, :func:`days_of_schools`."""
    return days_of_schools([school.pk], academic_year).get(school.pk, NO_DAYS)
