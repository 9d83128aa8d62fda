"""The money and rolls of the full-size Wealdshire: what its finance briefing says (S8 to S10), exactly, with the small story's schools in it.

Every school has a return of each year and January counts. Sums go to the hundred pounds; the last school of a group takes what is left.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .finances import YEARS, Books, income_of, whole

if TYPE_CHECKING:
    from .seed import Place

RESERVES, RESERVES_BEFORE, UNCOMMITTED = 67_600_000, 63_060_000, 28_100_000
LARGE, LARGE_POUNDS, PERSISTENT, STATIC = 92, 200_000, 60, 294
DEFICITS = ((10, 600_000), (42, 2_900_000), (64, 7_800_000))
"""Schools and pounds of 2008/09, 2009/10 and 2010/11."""

SECONDARY, OTHERS = Fraction(5, 100), Fraction(8, 100)
LEAST = 10_000


@dataclass
class Account:
    """One school's: income of 2007/08, and what it keeps at the end of it and of the year before."""

    place: Place
    income: int
    reserve: int = 0
    before: int = 0
    uncommitted: int = 0
    is_high: bool = False
    is_large: bool = False

    @property
    def threshold(self) -> int:
        share = SECONDARY if self.place.school.phase == "secondary" else OTHERS
        return max(int(share * self.income), LEAST)


def keep(places: Sequence[Place], books: Books, phases: dict[int, str]) -> None:
    """``phases`` of the story's schools, whose rows the books hold already."""
    accounts = [Account(place, income_of(place)) for place in places]
    told = _told(books, phases)
    _choose(accounts, told)
    _reserves(accounts, told)
    for account in accounts:
        books.returns += _returns(account)
    _rolls(accounts, books)
    _plans(accounts, books)


@dataclass
class _Told:
    """What the story's schools come to."""

    reserves: int = 0
    before: int = 0
    uncommitted: int = 0
    large: int = 0
    persistent: int = 0


def _told(books: Books, phases: dict[int, str]) -> _Told:
    found, high = _Told(), dict.fromkeys(phases, 0)
    for urn, year, income, _, committed, uncommitted, _ in books.returns:
        reserve, share = committed + uncommitted, SECONDARY if phases[urn] == "secondary" else OTHERS
        high[urn] += uncommitted > max(int(share * income), LEAST)
        if year == "2007/08":
            found.reserves += reserve
            found.uncommitted += uncommitted
            found.large += reserve > LARGE_POUNDS
        elif year == "2006/07":
            found.before += reserve
    found.persistent = sum(count >= len(YEARS) for count in high.values())
    return found


def _choose(accounts: list[Account], told: _Told) -> None:
    """High for years: where reserves are the story, then the largest of the steady; large: those, and the largest incomes after them."""
    families = ("reserves_high_declining", "steady_good", "coasting_leafy", "outstanding_sharing", "middle_attainers_stuck")
    ranked = sorted(
        (account for account in accounts if account.place.family in families),
        key=lambda account: (account.place.family != families[0], account.place.school.urn % 5 != 0, account.place.school.urn),
    )
    for account in ranked[: PERSISTENT - told.persistent]:
        account.is_high = True
    free = [
        account for account in accounts if account.place.family not in ("falling_roll_deficit", "national_challenge", "new_head_after_sm")
    ]
    for account in sorted(free, key=lambda account: (-account.is_high * account.income, -account.income))[: LARGE - told.large]:
        account.is_large = True


def _reserves(accounts: list[Account], told: _Told) -> None:
    for account in accounts:
        draw = random.Random(account.place.school.urn * 29)  # noqa: S311 - sums, not secrets
        if account.is_high:
            account.uncommitted = whole(account.threshold * draw.uniform(1.15, 1.6))
            account.reserve = whole(account.uncommitted * draw.uniform(1.15, 1.4))
        elif account.is_large:
            account.reserve = whole(LARGE_POUNDS + draw.uniform(0.02, 0.9) * 130_000)
            account.uncommitted = whole(min(account.reserve * draw.uniform(0.25, 0.45), account.threshold * 0.9))
        if account.is_high and account.is_large and account.reserve <= LARGE_POUNDS:
            account.reserve = whole(LARGE_POUNDS + draw.uniform(0.02, 0.3) * 60_000)
        elif account.is_high and not account.is_large and account.reserve > LARGE_POUNDS:
            account.reserve = LARGE_POUNDS - whole(draw.uniform(0.02, 0.3) * 30_000)
            account.uncommitted = min(account.uncommitted, account.reserve)
        account.before = whole(account.reserve * 0.96)
    plain = [account for account in accounts if not account.is_high and not account.is_large]
    set_ = [account for account in accounts if account.is_high or account.is_large]
    in_debt = [account for account in plain if account.place.family == "falling_roll_deficit"][:6]
    for account in in_debt:
        account.reserve, account.before = -whole(account.income * 0.01), whole(account.income * 0.005)
        account.uncommitted = account.reserve
    plain = [account for account in plain if account not in in_debt]
    set_ += in_debt
    weights = [account.income * random.Random(account.place.school.urn * 31).uniform(0.5, 1.5) for account in plain]  # noqa: S311 - sums
    tops = [LARGE_POUNDS - 5_000] * len(plain)
    left = RESERVES - told.reserves - sum(account.reserve for account in set_)
    for account, sum_ in zip(plain, _shared(left, weights, tops), strict=True):
        account.reserve = sum_
    left = RESERVES_BEFORE - told.before - sum(account.before for account in set_)
    for account, sum_ in zip(plain, _shared(left, weights, tops), strict=True):
        account.before = sum_
    tops = [whole(min(account.reserve, account.threshold * (1.3 if number % 12 == 0 else 0.95))) for number, account in enumerate(plain)]
    left = UNCOMMITTED - told.uncommitted - sum(account.uncommitted for account in set_)
    for account, sum_ in zip(plain, _shared(left, weights, tops), strict=True):
        account.uncommitted = sum_


def _shared(total: int, weights: Sequence[float], tops: Sequence[int]) -> list[int]:
    """A sum by weights, to the hundred, none above its top; exactly."""
    parts = [0] * len(weights)
    open_ = [number for number, top in enumerate(tops) if top > 0]
    left = total
    while left >= 100 and open_:
        whole_weight = sum(weights[number] for number in open_)
        given = 0
        for number in open_:
            part = min(tops[number] - parts[number], int(left * weights[number] / whole_weight) // 100 * 100)
            parts[number] += part
            given += part
        if not given:
            part = min(tops[open_[0]] - parts[open_[0]], left // 100 * 100)
            parts[open_[0]] += part
            given = part
        left -= given
        open_ = [number for number in open_ if parts[number] < tops[number]]
    if left >= 100:
        raise ValueError(f"{left} pounds of {total} have no place")
    return parts


def _returns(account: Account) -> Iterable[list[Any]]:
    urn = account.place.school.urn
    draw = random.Random(urn * 37)  # noqa: S311 - sums, not secrets
    last = None
    for step, year in enumerate(YEARS):
        earned = whole(account.income * (0.84 + 0.04 * step))
        if year == YEARS[-1]:
            reserve, uncommitted = account.reserve, account.uncommitted
        elif account.is_high:
            uncommitted = whole(account.uncommitted * earned / account.income) + 100
            reserve = account.before if year == YEARS[-2] else whole(account.reserve * earned / account.income)
            reserve = max(reserve, uncommitted) if year != YEARS[-2] else reserve
            uncommitted = min(uncommitted, reserve)
        else:
            reserve = account.before if year == YEARS[-2] else whole(max(account.before, 0) * draw.uniform(0.6, 1.2))
            uncommitted = whole(min(max(reserve, 0) * 0.35, account.threshold * 0.8)) if reserve > 0 else reserve
        moved = whole(account.income * 0.01) if account.is_high and year == YEARS[-1] and urn % 4 == 0 else 0
        opening = whole(reserve * 0.94) if last is None else last
        yield [urn, f"{year}/{(year + 1) % 100:02d}", earned, earned + opening - reserve - moved, reserve - uncommitted, uncommitted, moved]
        last = reserve


# ---------------------------------------------------------------- rolls


def _rolls(accounts: Sequence[Account], books: Books) -> None:
    by_urn: dict[int, dict[int, int]] = {}
    for urn, year, pupils, *_ in books.rolls:
        by_urn.setdefault(urn, {})[year] = pupils
    static = sum(_is_static(years[2007], years[2008]) for years in by_urn.values())
    falling = ("falling_roll_deficit", "national_challenge", "new_head_after_sm", "small_rural")
    ranked = sorted(
        accounts,
        key=lambda account: (
            "roll_2005" not in account.place.figures,
            account.place.family not in falling,
            account.place.school.urn * 7919 % 997,
        ),
    )
    fall = {account.place.school.urn for account in ranked[: STATIC - static]}
    for account in accounts:
        place, urn, roll = account.place, account.place.school.urn, account.place.school.roll or 0
        draw = random.Random(urn * 41)  # noqa: S311 - counts, not secrets
        if urn in fall:
            before = max(roll, round(roll * (1 + draw.uniform(0, 0.04))))
            first = int(place.figures.get("roll_2005", round(roll * (1 + draw.uniform(0.02, 0.1)))))
            years = [max(first, before), max(before, (first + before) // 2), before, roll]
        else:
            before = max(1, min(int(roll * 100 / 101) - 1, round(roll * (1 - draw.uniform(0.015, 0.06)))))
            years = [max(1, round(roll * (1 - draw.uniform(0.06, 0.14)))), max(1, round(before * 0.98)), before, roll]
        for year, pupils in zip((2005, 2006, 2007, 2008), years, strict=True):
            shares = [place.figures.get(name, "") if year == 2008 else "" for name in ("fsm_pct", "eal_pct", "mobility_pct")]
            books.rolls.append([urn, year, pupils, *shares])
    every = STATIC - static
    assert len(fall) == every


def _is_static(before: int, now: int) -> bool:
    """A change of at most one per cent."""
    return (now - before) * 100 <= before


# ---------------------------------------------------------------- plans


def _plans(accounts: Sequence[Account], books: Books) -> None:
    """Deficits where rolls fall, in later years at more schools; the others' balances go down and stay above nought."""
    latest: dict[int, list[Any]] = {row[0]: row for row in (*books.plans, *books.revised)}
    order = ("falling_roll_deficit", "national_challenge", "new_head_after_sm", "small_rural")
    ranked = [
        account
        for family in order
        for account in accounts
        if account.place.family == family and not account.is_high and not account.is_large and account.place.school.urn % 97
    ]
    balances: dict[int, list[int]] = {}
    for step, (schools, pounds) in enumerate(DEFICITS):
        held = [row[4 + step] for row in latest.values() if row[4 + step] < 0]
        some = ranked[: schools - len(held)]
        sums = _shared(pounds + sum(held), [account.income**0.5 for account in some], [pounds] * len(some))
        for account, sum_ in zip(some, sums, strict=True):
            balances.setdefault(account.place.school.urn, [5_000, 2_000, 1_000])[step] = -sum_
    for account in accounts:
        urn, reserve = account.place.school.urn, max(account.reserve, 8_000)
        draw = random.Random(urn * 43)  # noqa: S311 - sums, not secrets
        if urn % 97 == 0:
            continue
        planned = balances.get(urn) or [whole(reserve * 0.9), whole(reserve * 0.7), whole(reserve * 0.5)]
        capital = [whole(reserve * 0.4), "", ""] if account.is_high and urn % 3 == 0 else ["", "", ""]
        books.plans.append([urn, "2008/09", 1, f"{19 + draw.randrange(12)}/05/2008", *planned, *capital])
        if urn not in balances and draw.random() < 0.12:
            books.revised.append(
                [urn, "2008/09", 2, f"{8 + draw.randrange(10)}/09/2008", *(whole(sum_ * 0.9) for sum_ in planned), *capital]
            )
