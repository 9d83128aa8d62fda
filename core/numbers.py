"""Exact numbers (architecture.md rule 13): pence, quarters of a day, and rates that are divided once.

Money is an ``int`` of pence, days an ``int`` of quarters. A percentage is made from an integer numerator and cohort,
by :class:`Rate`; rates are summed as integers and divided at the very end, rounded half up. No float is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

MINUS: Final = "\N{MINUS SIGN}"
QUARTERS: Final = ("", "¼", "½", "¾")

# ---------------------------------------------------------------- rounding


def round_half_up(value: Decimal, places: int = 0) -> Decimal:
    """Rounded to ``places`` decimals; a half goes away from nought, as in the published tables: 0.5 is 1, −0.5 is −1."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _signed(text: str, is_negative: bool) -> str:
    return f"{MINUS}{text}" if is_negative else text


def format_number(value: Decimal, places: int = 0) -> str:
    """``places`` decimals, thousands apart, a true minus sign; never "−0"."""
    rounded = round_half_up(value, places)
    return _signed(f"{abs(rounded):,f}", rounded < 0)


def format_percent(value: Decimal, places: int = 0) -> str:
    return f"{format_number(value, places)}%"


def format_change(value: Decimal, places: int = 0) -> str:
    """A difference with its sign: "+3.9", "−2", and "0" for none."""
    text = format_number(value, places)
    return f"+{text}" if round_half_up(value, places) > 0 else text


# ---------------------------------------------------------------- rates


@dataclass(frozen=True, slots=True)
class Rate:
    """``numerator`` of ``cohort``: pupils who reached a level, of pupils in the measure. Sums add both."""

    numerator: int
    cohort: int

    def __post_init__(self) -> None:
        if not 0 <= self.numerator <= self.cohort:
            raise ValueError(f"A rate of {self.numerator} in {self.cohort} cannot be: the first lies between 0 and the second.")

    def __add__(self, other: Rate) -> Rate:
        return Rate(self.numerator + other.numerator, self.cohort + other.cohort)

    def percent(self, places: int = 0) -> Decimal | None:
        """Rounded half up to ``places``. None for a cohort of nought: there is no percentage of nobody."""
        if self.cohort == 0:
            return None
        scale = 10**places
        return Decimal((200 * scale * self.numerator + self.cohort) // (2 * self.cohort)).scaleb(-places)

    def __str__(self) -> str:
        """As every percentage on a page is shown: with its numerator and denominator."""
        percent = self.percent()
        return f"{self.numerator:,} of {self.cohort:,}" + ("" if percent is None else f" ({format_percent(percent)})")


def total(rates: Iterable[Rate]) -> Rate:
    """All the rates together, weighted by cohort: the integers are summed, and nothing is divided here."""
    summed = Rate(0, 0)
    for rate in rates:
        summed = summed + rate
    return summed


# ---------------------------------------------------------------- money, in pence


def format_total(pence: int) -> str:
    """A total as a briefing gives it; in whole pounds where it is under a hundred thousand and would read as nothing."""
    return format_millions(pence) if abs(pence) >= 10_000_000 else format_pounds(pence - pence % 100)


_POUNDS = re.compile(r"(?P<sign>[-\N{MINUS SIGN}]?)£?(?P<pounds>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<pence>\d{1,2}))?")


def format_pounds(pence: int) -> str:
    """ "£3,200"; with the pence where there are any: "£3,200.50"."""
    pounds, rest = divmod(abs(pence), 100)
    return _signed(f"£{pounds:,}" + (f".{rest:02d}" if rest else ""), pence < 0)


def format_millions(pence: int) -> str:
    """ "£2.9m", "£0.6m": a total as a briefing gives it, rounded half up to a tenth of a million."""
    tenths = (2 * abs(pence) + 10_000_000) // 20_000_000
    return _signed(f"£{tenths // 10:,}.{tenths % 10}m", pence < 0 and tenths > 0)


def parse_pounds(text: str) -> int:
    """Pence from "£3,200", "3200" or "3200.50". Raises ValueError with what to enter."""
    match = _POUNDS.fullmatch(text.strip().replace(" ", "").replace("£-", "-£"))
    if match is None:
        raise ValueError("Enter a sum in pounds, such as 3,200 or 3,200.50.")
    pence = int(match["pounds"].replace(",", "")) * 100 + int((match["pence"] or "").ljust(2, "0"))
    return -pence if match["sign"] else pence


# ---------------------------------------------------------------- days, in quarters

_DAYS = re.compile(r"(?P<sign>[-\N{MINUS SIGN}]?)(?P<whole>\d{1,4})?(?:(?P<part>[¼½¾])|\.(?P<decimal>\d{1,4}))?")


def format_quarters(quarters: int) -> str:
    """Days as people write them: "1½", "¼", "0"."""
    whole, rest = divmod(abs(quarters), 4)
    return _signed(f"{whole if whole or not rest else ''}{QUARTERS[rest]}", quarters < 0)


def format_days(quarters: int) -> str:
    """With the word: "1 day", "½ day", "1½ days", "0 days"."""
    return f"{format_quarters(quarters)} day{'' if 0 < abs(quarters) <= 4 else 's'}"


def parse_quarters(text: str) -> int:
    """Quarters from "1.25", "1¼", "½" or "2". Raises ValueError with what to enter."""
    match = _DAYS.fullmatch(text.strip().replace(" ", ""))
    if match is None or not (match["whole"] or match["part"] or match["decimal"]):
        raise ValueError("Enter days in quarters, such as 1, 1.25, 1½ or ¾.")
    part = QUARTERS.index(match["part"]) if match["part"] else _quarters_of(match["decimal"] or "0")
    quarters = int(match["whole"] or 0) * 4 + part
    return -quarters if match["sign"] else quarters


def _quarters_of(decimals: str) -> int:
    quarters = Decimal(f"0.{decimals}") * 4
    if quarters != quarters.to_integral_value():
        raise ValueError(f"Days are counted in quarters: .{decimals} is none. Enter .25, .5 or .75.")
    return int(quarters)


def quarters(days: Decimal) -> int:
    """Quarters from an exact number of days. Raises ValueError where it is not a number of quarters."""
    value = days * 4
    if value != value.to_integral_value():
        raise ValueError(f"Days are counted in quarters: {days} is none.")
    return int(value)


def days(quarters: int) -> Decimal:
    """Days as an exact decimal, for a spreadsheet: 5 quarters are 1.25."""
    return Decimal(quarters) / 4


def hidden_below(counts: Mapping[str, int], least: int) -> dict[str, int | None]:
    """Counts that add up to a total which is shown: none from one to ``least`` less one, nor one that the rest would give away."""
    hidden = {key for key, number in counts.items() if 0 < number < least}
    while hidden and sum(counts[key] for key in hidden) < least and (shown := [k for k, n in counts.items() if n and k not in hidden]):
        hidden.add(min(shown, key=lambda key: (counts[key], key)))
    if len(hidden) == 1 and (shown := [k for k, n in counts.items() if n and k not in hidden]):
        hidden.add(min(shown, key=lambda key: (counts[key], key)))
    return {key: None if key in hidden else number for key, number in counts.items()}
