"""What support adds to the pages of a school: its category and concern, with their reasons and history."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import CharField, F, Value

from core.components.formats import day
from core.spans import on_day
from people.packs import pack_for
from people.roles import Hat
from schools.models import School
from schools.registries import Flag, HeaderPart, Mark

from .choices import CaseState
from .models import CategoryCase, Concern, SchoolCategory, WarningNotice
from .selectors import scheme_labels

READERS = frozenset({Hat.ADVISER, Hat.SIP_MANAGER, Hat.HEAD_OF_IMPROVEMENT, Hat.OFFICER, Hat.HEAD, Hat.CHAIR})
"""domain.md §6: the school sees its own category and class of concern; its SIP, its officers and the manager see them; nobody else."""


ISSUE_READERS = READERS - {Hat.HEAD, Hat.CHAIR}
"""domain.md §6: head and chair see the class, the plan and what follows from it; the case as the authority words it they do not."""


def may_see_support(user: Any, school: School) -> bool:
    return bool(user.hats.at(school) & READERS)


def marks(user: Any, schools: Sequence[School], on: dt.date) -> Mapping[int, Sequence[HeaderPart]]:
    """The category, in words; and a concern, if there is one. One query of two parts."""
    ids = [school.pk for school in schools if may_see_support(user, school)]
    categories = (
        SchoolCategory.objects.filter(on_day(on), school__in=ids)
        .order_by()
        .annotate(part=Value("category", CharField()), number=F("level"))
    )
    concerns = Concern.objects.filter(on_day(on), school__in=ids).order_by().annotate(part=Value("concern", CharField()), number=Value(0))
    columns = ("part", "school_id", "label", "number", "starts_on")
    found: dict[int, list[HeaderPart]] = defaultdict(list)
    for part, school_id, label, level, _ in (
        categories.values_list(*columns).union(concerns.values_list(*columns), all=True).order_by("part", "starts_on")
    ):
        found[school_id].append(Mark(label, ("due" if level >= 3 else "rest") if part == "category" else "late"))
    return found


def flags(user: Any, schools: Sequence[School], on: dt.date) -> Mapping[int, Sequence[Flag]]:
    """The category and a concern, as flags. One query of two parts."""
    ids = [school.pk for school in schools if may_see_support(user, school)]
    categories = SchoolCategory.objects.filter(on_day(on), school__in=ids).order_by().annotate(part=Value("category", CharField()))
    concerns = Concern.objects.filter(on_day(on), school__in=ids).order_by().annotate(part=Value("concern", CharField()))
    columns = ("part", "school_id", "label", "starts_on")
    rows = categories.values_list(*columns, "decided_by").union(concerns.values_list(*columns, "issue"), all=True)
    told = {school.pk for school in schools if user.hats.at(school) & ISSUE_READERS}
    found: dict[int, list[Flag]] = defaultdict(list)
    for part, school_id, label, since, said in rows.order_by("part", "starts_on"):
        detail = said if part == "category" or school_id in told else ""
        title = "Level of support" if part == "category" else "School causing concern"
        found[school_id].append(Flag(label, title, f"Since {day(since)}. {detail}".strip()))
    return found


def level_tab(user: Any, school: School, on: dt.date) -> Mapping[str, Any]:
    """The category with its reasons, what comes next, and its history with the criteria by name: at most five queries."""
    rows = list(SchoolCategory.objects.filter(school=school).order_by("-starts_on"))
    case = (
        CategoryCase.objects.visible_to(user).filter(school=school).select_related("panel", "school", "authority").order_by("-id").first()
    )
    pack = pack_for(school.authority, on)
    labels = scheme_labels(pack, {row.scheme for row in rows}) if pack is not None else {}
    notices = list(WarningNotice.objects.filter(on_day(on), school=school))
    return {
        "now": next((row for row in rows if row.holds_on(on)), None),
        "coming": next((row for row in rows if row.starts_on > on), None),
        "history": [(row, labels.get(row.scheme, row.scheme)) for row in rows],
        "case": case,
        "under_review": case is not None and case.state != CaseState.PUBLISHED,
        "shows_case": case is not None and (case.decided_at is None or case.notified_at is not None or not own_school_only(user, school)),
        "notices": notices,
    }


def own_school_only(user: Any, school: School) -> bool:
    """Whether the person is here as the school's head or chair alone: the decision is told by the letter, not by the page."""
    return not user.hats.at(school) & ISSUE_READERS
