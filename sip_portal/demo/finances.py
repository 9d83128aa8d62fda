"""Returns of five years, plans in two versions and January counts of Wealdshire's schools, as the finance officer imports them; and
the challenges that he has logged. Balances, deficits and rolls are those that the notes quote; seeded by URN."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schools import services as schools

from .inspections import load

if TYPE_CHECKING:
    from .seed import Place, Seed

PER_PUPIL = {"secondary": 4_600, "special": 14_200, "pru": 13_500, "nursery": 4_100}
RETURN = ("URN", "Financial year", "Income", "Expenditure", "Committed balance", "Uncommitted balance", "Revenue moved to capital")
PLAN = ("URN", "First year", "Version", "Received", *(f"Balance year {n}" for n in (1, 2, 3)), *(f"To capital year {n}" for n in (1, 2, 3)))
ROLL = ("URN", "January", "Pupils", "Free school meals %", "English as an additional language %", "Mobility %")
YEARS = range(2003, 2008)


@dataclass
class Books:
    """What the officer imports, in the columns above."""

    rolls: list[list[Any]]
    plans: list[list[Any]]
    returns: list[list[Any]]
    revised: list[list[Any]]


def make(seed: Seed) -> None:
    places = list(seed.places.values())
    books = Books(
        rolls=[row for place in places for row in _rolls(place)],
        plans=[row for place in places for row in _plan(place, 1)],
        returns=[row for place in places for row in _returns(place)],
        revised=[row for place in places for row in _plan(place, 2)],
    )
    seed.keep_books(books)
    load(seed, "finance", "january-rolls", "january-2008.csv", ROLL, books.rolls, _at(2008, 3, 3))
    load(seed, "finance", "budget-plans", "plans-may-2008.csv", PLAN, books.plans, _at(2008, 6, 2))
    load(seed, "finance", "finance-returns", "returns-to-2008.csv", RETURN, books.returns, _at(2008, 6, 30))
    load(seed, "finance", "budget-plans", "plans-revised.csv", PLAN, books.revised, _at(2008, 9, 22))
    challenge(seed)


def challenge(seed: Seed) -> None:
    """Two of the three that have held high balances: one met by the panel, one with the letter on its way."""
    high = [place.school for place in seed.places.values() if place.family == "reserves_high_declining"]
    officer = seed.users["finance"]
    why = "The balance has been above the threshold for five years while results fell. What is it for, by when will it be spent, and which pupils will gain?"
    for number, school in enumerate(high[:2]):
        row = schools.open_challenge(actor=officer, school=school, flag="persistent-excess", why=why, at=_at(2008, 7, 7))
        schools.send_challenge_letter(actor=officer, challenge=row, letter_on=dt.date(2008, 7, 9 if number else 8), at=_at(2008, 7, 10))
        if number == 0:
            schools.meet_challenge(
                actor=officer,
                challenge=row,
                panel_on=dt.date(2008, 9, 18),
                came="Headteacher, chair of governors, bursar",
                explanation="Governors have saved for a hall. No project has been approved, and results were not part of the discussion.",
                at=_at(2008, 9, 19),
            )
            schools.decide_challenge(
                actor=officer,
                challenge=row,
                decided_on=dt.date(2008, 9, 25),
                decision="A spending plan tied to writing and mathematics by the spring visit; no clawback this year.",
                review_on=dt.date(2009, 3, 16),
                at=_at(2008, 9, 26),
            )


def _at(year: int, month: int, day: int) -> dt.datetime:
    return dt.datetime(year, month, day, 10, tzinfo=dt.UTC)


def whole(value: float | int) -> int:
    """To the nearest hundred pounds."""
    return round(value / 100) * 100


def income_of(place: Place) -> int:
    """Of 2007/08. Where a note gives a balance and its share of income, the income that both imply."""
    if place.family == "reserves_high_declining":
        return whole(int(place.figures["reserve_k"]) * 100_000 // int(place.figures["reserve_pct"]))
    phase = place.school.phase
    return whole((place.school.roll or 40) * PER_PUPIL.get(phase, 3_350) + 60_000)


def _reserve(place: Place) -> int:
    if place.family == "reserves_high_declining":
        return int(place.figures["reserve_k"]) * 1_000
    share = int(place.figures["reserve_pct"])
    if place.family == "falling_roll_deficit" and place.school.urn % 3 == 0:
        share = -share
    return whole(income_of(place) * share / 100)


def _returns(place: Place) -> Iterable[list[Any]]:
    draw = random.Random(place.school.urn * 17)  # noqa: S311 - sums, not secrets
    income, reserve = income_of(place), _reserve(place)
    is_high = place.family == "reserves_high_declining"
    shares = [0.78, 0.84, 0.9, 0.95, 1.0] if is_high else [draw.uniform(0.5, 1.3) for _ in YEARS]
    before = whole(reserve * 0.9)
    for place_in, year in enumerate(YEARS):
        earned = whole(income * (0.84 + 0.04 * place_in))
        balance = reserve if year == YEARS[-1] else whole(reserve * shares[place_in])
        committed = 0 if balance <= 0 else whole(balance * (0.08 if is_high else 0.55))
        moved = whole(balance * 0.2) if is_high and year == YEARS[-1] and place.school.urn % 2 else 0
        yield [
            place.school.urn,
            f"{year}/{(year + 1) % 100:02d}",
            earned,
            earned + before - balance - moved,
            committed,
            balance - committed,
            moved,
        ]
        before = balance


def _plan(place: Place, version: int) -> Iterable[list[Any]]:
    """Version 1 from everybody but two, in May; version 2 in September from those whose plan has moved."""
    urn, reserve = place.school.urn, _reserve(place)
    draw = random.Random(urn * 19)  # noqa: S311 - sums, not secrets
    received = (
        dt.date(2008, 5, 19) + dt.timedelta(draw.randrange(12)) if version == 1 else dt.date(2008, 9, 8) + dt.timedelta(draw.randrange(10))
    )
    capital: list[int | str] = ["", "", ""]
    if urn % 19 == 0:
        return
    if place.family == "falling_roll_deficit":
        sought = int(place.figures["deficit_k_before" if version == 1 else "deficit_k"]) * 1_000
        balances = [whole(min(reserve, 12_000)), -sought, -whole(sought * 1.6)]
    elif place.family == "national_challenge":
        if version == 2 and urn % 2:
            return
        balances = [
            whole(reserve * 0.6),
            whole(reserve * 0.2),
            -whole(40_000 + draw.randrange(90) * 1_000 + (30_000 if version == 2 else 0)),
        ]
    elif place.family == "reserves_high_declining":
        capital = [whole(reserve * 0.6), "", ""]
        balances = [whole(reserve * 0.4), whole(reserve * 0.15), -whole(reserve * 0.12) if urn % 2 else whole(reserve * 0.05)]
        if version == 2:
            return
    else:
        if version == 2 and draw.random() > 0.2:
            return
        shift = -whole(draw.randrange(4, 18) * 1_000) if version == 2 else 0
        balances = [whole(reserve * 0.9) + shift, whole(reserve * 0.7) + shift, whole(reserve * 0.55) + 2 * shift]
    yield [urn, "2008/09", version, f"{received:%d/%m/%Y}", *balances, *capital]


def _rolls(place: Place) -> Iterable[list[Any]]:
    """January 2005 to 2008, in a straight line between the two that a note quotes."""
    roll = place.school.roll or 0
    draw = random.Random(place.school.urn * 23)  # noqa: S311 - counts, not secrets
    first = int(place.figures["roll_2005"]) if "roll_2005" in place.figures else round(roll * (1 - draw.uniform(-0.04, 0.14)))
    for step, year in enumerate((2005, 2006, 2007, 2008)):
        pupils = round(first + (roll - first) * step / 3)
        shares = [place.figures.get(name, "") if year == 2008 else "" for name in ("fsm_pct", "eal_pct", "mobility_pct")]
        yield [place.school.urn, year, pupils, *shares]
