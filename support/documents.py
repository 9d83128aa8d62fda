"""The letter to a school on its category, the agenda of a panel, the register of concern and the list of priorities, as PDFs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from core.calendar import AcademicYear
from core.components.formats import day
from core.documents import Document, make
from core.documents.assets import emblem_url
from people.models import Authority
from people.packs import require_pack

from .board import Board
from .models import CategoryCase, Panel, SchoolCategory
from .pack import Scheme
from .priorities import PriorityList
from .selectors import contacts_told, present_levels


def letter(case: CategoryCase, scheme: Scheme, *, publishes_on: dt.date, at: dt.datetime) -> bytes:
    """What support.toml asks of the notice: the level, the criteria met and the figures, what follows, how to disagree.

    Never call it inside a transaction. Raises ``core.documents.DocumentFailed``.
    """
    authority = case.authority
    labels = require_pack(authority, at.date()).labels(case.school.phase)
    levels = {level.code: level for level in scheme.levels}
    now = present_levels([case.school_id], at.date()).get(case.school_id)
    return make(
        Document(
            template="documents/category_letter.html",
            stylesheet="letter_print.css",
            context={
                "case": case,
                "authority": authority,
                "school": case.school,
                "level": levels.get(case.decided),
                "told": contacts_told(case.school, at.date()),
                "now": now,
                "before": levels.get(now.category) if now else None,
                "publishes_on": publishes_on,
                "on": at.date(),
                "emblem": emblem_url(authority.code),
                "head": labels.get("head"),
                "chair": labels.get("chair"),
            },
            title=f"Level of support: {case.school.name}",
            author=authority.service or authority.name,
            subject=f"Decision of {day(case.decided_at.date())}" if case.decided_at else "",
            created=at,
            identifier=case.public_id,
            brand=authority.brand_colour,
        )
    ).pdf


def agenda(panel: Panel, cases: Sequence[CategoryCase], levels: Mapping[int, SchoolCategory], *, at: dt.datetime) -> bytes:
    """The agenda for one reader: the schools that they see, and nothing of those that they do not."""
    authority = panel.authority
    return make(
        Document(
            template="documents/panel_agenda.html",
            stylesheet="letter_print.css",
            context={
                "panel": panel,
                "cases": [(case, levels.get(case.school_id)) for case in cases],
                "authority": authority,
                "members": [member.user.name for member in panel.members.select_related("user")],
                "emblem": emblem_url(authority.code),
            },
            title=f"Agenda: {panel}",
            author=authority.service or authority.name,
            created=at,
            identifier=panel.public_id,
            brand=authority.brand_colour,
        )
    ).pdf


def priorities(authority: Authority, found: PriorityList, rule: str, *, at: dt.datetime) -> bytes:
    """The schools that may be a priority (P24) as their reader sees them, with rule and figure; of one rule, or of all."""
    year = AcademicYear.from_date(at.date())
    return make(
        Document(
            template="documents/priority_list.html",
            stylesheet="letter_print.css",
            context={
                "found": found,
                "lines": found.only(rule),
                "chosen": next((count.priority for count in found.counts if count.priority.code == rule), None),
                "authority": authority,
                "year": year,
                "on": at.date(),
                "emblem": emblem_url(authority.code),
            },
            title=f"Schools that may be a priority in {year}",
            author=authority.service or authority.name,
            created=at,
            identifier=f"priorities-{authority.code}-{at:%Y%m%d}",
            brand=authority.brand_colour,
        )
    ).pdf


def register(authority: Authority, board: Board, *, on: dt.date, at: dt.datetime) -> bytes:
    """The register of schools causing concern as its reader sees it: never intelligence, never the log."""
    return make(
        Document(
            template="documents/concern_register.html",
            stylesheet="letter_print.css",
            context={"board": board, "authority": authority, "on": on, "emblem": emblem_url(authority.code)},
            title=f"Schools causing concern, {day(on)}",
            author=authority.service or authority.name,
            created=at,
            identifier=f"concern-{authority.code}-{on:%Y%m%d}",
            brand=authority.brand_colour,
        )
    ).pdf
