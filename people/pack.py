"""The parts of a pack that ``people`` owns: the calendar, and the words that every pack must have.

The calendar (domain.md §4) gives bank holidays, term dates and the deadlines with the clock each runs on. The plain
words here are those of the design (domain.md §1): they stand wherever an authority has no pack.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from core.calendar import AcademicYear, Season
from core.packs import Labels, PackContent, PackSection, Problems, Table, Word

SEASONS: Final = tuple(season.value for season in Season)

NEEDED_SETTINGS: Final = {
    "finish_notes_office_days": "whole",
    "read_own_notes_days": "whole",
    "earlier_notes_years": "whole",
    "years_with_school_warning": "whole",
    "interest_worked_there_years": "whole",
    "office_opens": "text",
    "office_closes": "text",
}
"""Settings that ``people`` and ``schools`` read, by kind."""


# ---------------------------------------------------------------- words

PLAIN_LABELS: Final = Labels(
    [
        Word.make("sip", "school improvement partner", short="SIP", short_plural="SIPs"),
        Word.make("note", "note of visit", plural="notes of visit", short="note"),
        Word.make("visit", "visit"),
        Word.make("action", "agreed action", short="action"),
        Word.make("difference", "difference of view", plural="differences of view", short="difference"),
        Word.make("category", "support category", short="category"),
        Word.make("concern", "school causing concern", plural="schools causing concern", short="concern"),
        Word.make("intervention", "intervention"),
        Word.make("cluster", "cluster"),
        Word.make("authority", "authority"),
        Word.make("officer", "officer"),
        Word.make("manager", "SIP manager", short="manager"),
        Word.make("head", "headteacher", short="head"),
        Word.make("chair", "chair of governors", plural="chairs of governors", short="chair"),
        Word.make("governors", "governing body", short="governors", short_plural="governors"),
        Word.make("clerk", "clerk to the governors", plural="clerks to the governors", short="clerk"),
        Word.make("reviewer", "reviewer"),
        Word.make("moderator", "moderator"),
        Word.make("observer", "observer"),
        Word.make("alert", "alert to the authority", plural="alerts to the authority", short="alert"),
        Word.make("head_review", "headteacher's performance management", plural="headteachers' performance management", short="HTPM"),
        Word.make("briefing", "briefing"),
        Word.make("bulletin", "bulletin"),
        Word.make("workshop", "workshop"),
    ]
)
"""The design's own words. A pack says each of them in its own way; :func:`labels_of` fills what it leaves out."""


def labels_of(content: PackContent | None, kind: str = "") -> Labels:
    """The words for a page: the pack's, as this kind of school says them, and plain ones where there is no pack or no word."""
    if content is None:
        return PLAIN_LABELS
    return content.labels(kind).over(PLAIN_LABELS)


# ---------------------------------------------------------------- calendar


@dataclass(frozen=True)
class BankHoliday:
    """A bank holiday of England and Wales, with the academic year (first calendar year) that it lies in."""

    date: dt.date
    label: str
    academic_year: int


@dataclass(frozen=True)
class HalfTermDates:
    """One half of a term, both days included; the break lies between halves."""

    academic_year: int
    term: str
    half: int
    starts: dt.date
    ends: dt.date


@dataclass(frozen=True)
class ClockKind:
    """One of the three clocks, in the words shown beside a deadline: "5 office days"."""

    code: str
    label: str
    counts: str
    people: tuple[str, ...]


@dataclass(frozen=True)
class Deadline:
    """A step with a time limit: its clock, what it runs from, and the setting that says how long it is.

    ``setting_on_concern`` names the setting for a school causing concern; the same as ``setting`` where there is none.
    """

    code: str
    label: str
    clock: str
    runs_from: str
    setting: str
    setting_on_concern: str


@dataclass(frozen=True)
class FixedDate:
    date: dt.date
    label: str


@dataclass(frozen=True)
class CalendarPart:
    bank_holidays: tuple[BankHoliday, ...]
    half_terms: tuple[HalfTermDates, ...]
    clocks: tuple[ClockKind, ...]
    deadlines: tuple[Deadline, ...]
    fixed_dates: tuple[FixedDate, ...]

    def deadline(self, code: str) -> Deadline:
        return next(d for d in self.deadlines if d.code == code)

    def bank_holiday_rows(self) -> list[Mapping[str, Any]]:
        """For ``core.calendar.BankHolidays.from_rows``."""
        return [{"date": holiday.date} for holiday in self.bank_holidays]

    def term_rows(self) -> list[Mapping[str, Any]]:
        """For ``core.calendar.TermDates.from_rows``: ``academic_year, term, half, starts, ends``."""
        return [vars(half) for half in self.half_terms]


def calendar_of(content: PackContent) -> CalendarPart:
    return cast(CalendarPart, content.section("calendar"))


def _academic_year(day: dt.date) -> int:
    return AcademicYear.from_date(day).first if day != dt.date.min else 0


def parse_calendar(table: Table) -> CalendarPart:
    holidays = []
    for entry in table.tables("bank_holiday", name=None):
        holiday = BankHoliday(entry.date("date"), entry.text("label"), entry.whole("academic_year"))
        entry.where = f"bank_holiday {holiday.date}"
        if holiday.date != dt.date.min and holiday.academic_year != _academic_year(holiday.date):
            entry.problem(f"is {holiday.academic_year}, and the day lies in {_academic_year(holiday.date)}. Correct one.", "academic_year")
        holidays.append(holiday)
    halves = []
    for entry in table.tables("term", name=None):
        half = HalfTermDates(
            entry.whole("academic_year"),
            entry.choice("term", SEASONS),
            entry.whole("half", least=1, most=2),
            entry.date("starts"),
            entry.date("ends"),
        )
        entry.where = f"term {half.term} {half.academic_year}, half {half.half}"
        if half.ends < half.starts:
            entry.problem(f"ends ({half.ends}) before it starts ({half.starts}). Put the dates in order.")
        elif {_academic_year(half.starts), _academic_year(half.ends)} != {half.academic_year} and half.starts != dt.date.min:
            entry.problem("does not lie in its academic year. Correct the year or the dates.")
        halves.append(half)
    table.optional_mapping("terms")
    clocks = [
        ClockKind(entry.text("code"), entry.text("label"), entry.text("counts"), entry.texts("for"))
        for entry in table.tables("clock", least=1)
    ]
    deadlines = []
    for entry in table.tables("deadline", least=1):
        setting = entry.text("setting")
        deadlines.append(
            Deadline(
                entry.text("code"),
                entry.text("label"),
                entry.choice("clock", [clock.code for clock in clocks]),
                entry.text("runs_from"),
                setting,
                entry.text("setting_on_concern", setting),
            )
        )
    fixed = [FixedDate(entry.date("date"), entry.text("label")) for entry in table.tables("fixed_date", name=None)]
    return CalendarPart(tuple(holidays), tuple(halves), tuple(clocks), tuple(deadlines), tuple(fixed))


def validate_calendar(calendar: CalendarPart, content: PackContent, problems: Problems) -> None:
    """Half-terms in order and apart, no day twice, each year of the pack with its terms; settings that deadlines name exist."""
    dates = [holiday.date for holiday in calendar.bank_holidays]
    for day in sorted({day for day in dates if dates.count(day) > 1}):
        problems.add(f"bank_holiday {day}", "is there twice. Take one out.")
    ordered = sorted(calendar.half_terms, key=lambda half: half.starts)
    for before, after in itertools.pairwise(ordered):
        entry = f"term {after.term} {after.academic_year}, half {after.half}"
        if after.starts <= before.ends:
            problems.add(entry, f"starts ({after.starts}) before the half-term before it has ended ({before.ends}). Correct the dates.")
        if _place(after) <= _place(before):
            problems.add(entry, "is out of order or there twice. Correct the year, the term or the half.")
    have = {half.academic_year for half in calendar.half_terms}
    for year in range(content.first_academic_year, content.last_academic_year + 1):
        if year not in have:
            problems.add("term", f"has no entry for the academic year {year}, which the pack is for. Add its terms.")
    settings = [setting.name for setting in content.settings]
    for deadline in calendar.deadlines:
        problems.need({deadline.setting, deadline.setting_on_concern}, settings, f"deadline {deadline.code!r}", "setting")


def _place(half: HalfTermDates) -> tuple[int, int, int]:
    return half.academic_year, SEASONS.index(half.term) if half.term in SEASONS else 0, half.half


CALENDAR: Final = PackSection("calendar", parse_calendar, validate_calendar)
