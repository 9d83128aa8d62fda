"""What the pages of a school are built from. Each app contributes in its ``contributions.py``; nothing here knows who.

A contribution is set-based: it takes schools (already in the asker's scope) and a date, and answers for all of them in
at most one query.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.registry import Registry
from schools.models import School

# ---------------------------------------------------------------- the header


@dataclass(frozen=True)
class Fact:
    """One of the facts under a school's name. ``label`` is a word of the pack's labels where ``is_word``."""

    label: str
    value: str
    sub: str = ""
    url: str = ""
    is_word: bool = False


@dataclass(frozen=True)
class Mark:
    """A state beside the school's name, in words: its category, a concern. ``tone`` as the component ``tag`` takes it."""

    words: str
    tone: str = "rest"


@dataclass(frozen=True)
class Act:
    """Something that this person can do at the school from any of its pages; one stands out as ``is_primary``."""

    label: str
    url: str
    is_primary: bool = False


HeaderPart = Fact | Mark | Act
SchoolHeader = Callable[[Any, Sequence[School], dt.date], Mapping[int, Sequence[HeaderPart]]]
"""``(user, schools, on)`` → by school id, parts of the header, in the order in which the apps stand."""

SCHOOL_HEADER: Registry[SchoolHeader] = Registry("school_header")

# ---------------------------------------------------------------- the tabs


@dataclass(frozen=True)
class SchoolTab:
    """A page of the school: ``template`` is rendered inside the school's frame with what ``context`` answers.

    ``context(user, school, on)``: at most eight queries, whatever the school holds. ``is_shown(user, school)`` asks the hats
    and no database; the tab of a person who is not shown it does not exist. ``label`` may hold words of the pack in braces:
    "Visits and {note:plural}".
    """

    key: str
    label: str
    place: int
    template: str
    context: Callable[[Any, School, dt.date], Mapping[str, Any]]
    is_shown: Callable[[Any, School], bool] = lambda user, school: True


SCHOOL_TABS: Registry[SchoolTab] = Registry("school_tabs")

# ---------------------------------------------------------------- the Overview


@dataclass(frozen=True)
class OverviewPanel:
    """What an app shows on the Overview of a school: ``template`` is rendered with the panel's own context, as ``panel``, added to the page's.

    ``context(user, school, on)``: at most five queries; an empty answer shows nothing. Panels stand in the order of ``place``
    before what happened lately, or, ``beside``, above the facts of the register.
    """

    key: str
    place: int
    template: str
    context: Callable[[Any, School, dt.date], Mapping[str, Any]]
    beside: bool = False
    is_shown: Callable[[Any, School], bool] = lambda user, school: True


OVERVIEW_PANELS: Registry[OverviewPanel] = Registry("overview_panels")


def overview_panels(user: Any, school: School, on: dt.date) -> list[tuple[OverviewPanel, Mapping[str, Any]]]:
    """Those that have something to show, each with its context."""
    shown = sorted((panel for panel in OVERVIEW_PANELS if panel.is_shown(user, school)), key=lambda panel: panel.place)
    return [(panel, context) for panel in shown if (context := panel.context(user, school, on))]


# ---------------------------------------------------------------- the time line


@dataclass(frozen=True)
class Event:
    """One entry of a school's time line, past or to come."""

    on: dt.date
    title: str
    detail: str = ""
    url: str = ""


Timeline = Callable[[Any, Sequence[int], dt.date, dt.date], Mapping[int, Sequence[Event]]]
"""``(user, school ids, first day, last day)`` → by school id, what happened or is to come between the two days."""

TIMELINE: Registry[Timeline] = Registry("timeline")


def timeline_of(user: Any, school_ids: Sequence[int], first: dt.date, last: dt.date) -> dict[int, list[Event]]:
    """The time lines of schools, latest first."""
    found: dict[int, list[Event]] = {pk: [] for pk in school_ids}
    for contribution in TIMELINE:
        for pk, events in contribution(user, school_ids, first, last).items():
            found[pk] += events
    return {pk: sorted(events, key=lambda event: (event.on, event.title), reverse=True) for pk, events in found.items()}


# ---------------------------------------------------------------- before a visit


@dataclass(frozen=True)
class DataHeld:
    """A data set of the preparation list that the portal holds for a school. ``code`` is the pack's (``visits.toml``);
    ``release`` is its version in words ("2008, provisional"), ``on`` the day of that release; ``stands_out`` one line."""

    code: str
    source: str
    release: str
    on: dt.date | None = None
    stands_out: str = ""
    url: str = ""


@dataclass(frozen=True)
class DataInstead:
    """What this school has meanwhile for a data set that is not out yet: "2005 to 2007 instead: 99.6, not significant"."""

    code: str
    words: str
    url: str = ""


@dataclass(frozen=True)
class Flag:
    """Something about the school that an adviser should know before the visit: its figure, what it means, the rule behind it."""

    figure: str
    title: str
    detail: str = ""
    url: str = ""


PreparationPart = DataHeld | DataInstead | Flag
Preparation = Callable[[Any, Sequence[School], dt.date], Mapping[int, Sequence[PreparationPart]]]
"""``(user, schools, on)`` → by school id, what an app has for the preparation pack; in the rows that the user may see."""

PREPARATION: Registry[Preparation] = Registry("preparation")


Flags = Callable[[Any, Sequence[School], dt.date], Mapping[int, Sequence[Flag]]]
"""``(user, schools, on)`` → by school id, what should be known of it, in the rows that the user may see."""

FLAGS: Registry[Flags] = Registry("flags")


def flags_of(user: Any, schools: Sequence[School], on: dt.date) -> dict[int, list[Flag]]:
    """For whoever is about to visit, and at the head of a school's summary sheet."""
    found: dict[int, list[Flag]] = {school.pk: [] for school in schools}
    for contribution in FLAGS:
        for pk, flags in contribution(user, schools, on).items():
            found[pk] += flags
    return found


def preparation_of(user: Any, schools: Sequence[School], on: dt.date) -> dict[int, list[PreparationPart]]:
    """All of it: flags, and :func:`data_of`."""
    found: dict[int, list[PreparationPart]] = {pk: list(flags) for pk, flags in flags_of(user, schools, on).items()}
    for pk, parts in data_of(user, schools, on).items():
        found[pk] += parts
    return found


def data_of(user: Any, schools: Sequence[School], on: dt.date) -> dict[int, list[PreparationPart]]:
    """The data sets of the list that the portal holds, or has something in the place of."""
    found: dict[int, list[PreparationPart]] = {school.pk: [] for school in schools}
    for contribution in PREPARATION:
        for pk, parts in contribution(user, schools, on).items():
            found[pk] += parts
    return found


def header_of(user: Any, schools: Sequence[School], on: dt.date) -> dict[int, list[HeaderPart]]:
    found: dict[int, list[HeaderPart]] = {school.pk: [] for school in schools}
    for contribution in SCHOOL_HEADER:
        for pk, parts in contribution(user, schools, on).items():
            found[pk] += parts
    return found


def tabs_for(user: Any, school: School) -> list[SchoolTab]:
    return sorted((tab for tab in SCHOOL_TABS if tab.is_shown(user, school)), key=lambda tab: tab.place)
