"""The rows behind the cockpit's numbers: one page, narrowed by the address as the number that leads here says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils import timezone

from core.components.formats import day, plural
from core.components.tables import Page as Rows
from visits.coverage import CoverageRow, matches

from ..choices import ModerationState
from ..models import Moderation
from ..selectors.calibration import Compared, calibration
from ..selectors.moderation import sampled_with_notes
from .overview import OfQuality

ROWS_A_PAGE = 100


@dataclass(frozen=True)
class Cell:
    text: str
    url: str = ""
    sub: str = ""


@dataclass(frozen=True)
class Listed:
    """What a number counts, in words; the columns as the component ``table`` takes them; and the rows."""

    title: str
    lede: str
    columns: str
    rows: Sequence[Sequence[Cell]]


def _day(value: Any) -> str:
    return day(value) if value else ""


class RowsView(OfQuality):
    """404 for a kind of rows that there is not; a filter that means nothing narrows nothing."""

    template_name = "quality/rows.html"

    def context(self) -> dict[str, Any]:
        make = KINDS.get(self.kwargs["what"])
        if make is None:
            raise Http404("Not found.")
        found = make(self)
        asked = self.request.GET.get("cursor", "")
        start = int(asked) if asked.isdecimal() and int(asked) < len(found.rows) else 0
        end = start + ROWS_A_PAGE
        previous = str(max(start - ROWS_A_PAGE, 0)) if start else ""
        page: Rows[Any] = Rows(list(found.rows[start:end]), next=str(end) if end < len(found.rows) else "", previous=previous)
        return {"found": found, "page": page, "total": plural(len(found.rows), "row")}

    def asked(self, name: str) -> str:
        return str(self.request.GET.get(name, ""))

    def grade(self, name: str) -> int | None:
        value = self.asked(name)
        return int(value) if value in ("1", "2", "3", "4") else None


# ---------------------------------------------------------------- notes


def _line(row: CoverageRow, sub: str = "") -> list[Cell]:
    note = row.note
    return [
        Cell(row.school.name, note.get_absolute_url() if note is not None else row.school.get_absolute_url(), sub),
        Cell(row.sip.name if row.sip else "Nobody"),
        Cell(_day(row.visit.on) if row.visit is not None else ""),
        Cell(_day(note.draft_due_on if note is not None else row.due_on)),
        Cell(_day(timezone.localtime(note.submitted_at).date()) if note is not None and note.submitted_at is not None else ""),
        Cell(row.tag[0]),
    ]


NOTE_COLUMNS = "School|SIP|Visit:date|Draft due:date|Submitted:date|State"


def notes(view: RowsView) -> Listed:
    """``show``: submitted, waiting (held, and not submitted), late, on-time, not-on-time; without one, all whose visit was held."""
    found, show = view.notes, view.asked("show")
    lines: list[list[Cell]]
    if show == "late":
        title = "Late notes"
        lines = [_line(late.row, f"{plural(late.days, 'working day')} late" if late.days else "late") for late in found.late]
    elif show in ("on-time", "not-on-time"):
        kept = show == "on-time"
        title = "Drafts submitted by their day" if kept else "Drafts submitted after their day"
        lines = [_line(row) for row, was_kept in found.timed if was_kept == kept]
    elif show == "submitted":
        title, lines = "Notes submitted", [_line(row) for row in found.submitted]
    elif show == "waiting":
        title, lines = "Held, and the note still to come", [_line(row) for row in found.due if not matches(row, "submitted")]
    else:
        title, lines = "Visits held", [_line(row) for row in found.due]
    rounds = ", ".join(round_.name for round_ in found.rounds) or "no round is open"
    return Listed(title, f"Of the rounds that are open: {rounds}. One row a school.", NOTE_COLUMNS, lines)


# ---------------------------------------------------------------- ratings


def ratings(view: RowsView) -> Listed:
    """``show``: rated, unrated, differ; ``criterion`` with ``grade``; ``overall``; ``first`` with ``second``."""
    code, grade, overall = view.asked("criterion"), view.grade("grade"), view.grade("overall")
    first, second, show = view.grade("first"), view.grade("second"), view.asked("show")
    rated = Moderation.objects.filter(state=ModerationState.RATED)
    rows = view.sampled
    if show == "rated":
        rows = rows.filter(pk__in=rated.order_by().values("sampled"))
    elif show == "unrated":
        rows = rows.exclude(pk__in=rated.order_by().values("sampled"))
    elif show == "differ":
        rows = rows.to_settle()
    if code:
        of_criterion = {"ratings__code": code, **({"ratings__grade": grade} if grade else {})}
        rows = rows.filter(pk__in=rated.filter(place=1, **of_criterion).order_by().values("sampled"))
    for place, asked in ((1, first), (2, second)):
        if asked is not None:
            rows = rows.filter(pk__in=rated.filter(place=place, overall=asked).order_by().values("sampled"))
    lines = []
    label = ""
    for sampled in sampled_with_notes(rows.select_related("settled_by")).prefetch_related("moderations__ratings"):
        given = sorted((row for row in sampled.moderations.all() if row.state == ModerationState.RATED), key=lambda row: row.place)
        stands = sampled.settled_grade or (given[0].overall if given else None)
        if overall is not None and stands != overall:
            continue
        judged = next((rating for rating in given[0].ratings.all() if rating.code == code), None) if given and code else None
        label = judged.label if judged is not None else label
        lines.append(
            [
                Cell(sampled.note.reference, sampled.note.get_absolute_url(), ", ".join(school.name for school in sampled.note.covered)),
                Cell(sampled.note.author.name, sub=sampled.sample.round.name),
                Cell(str(judged.grade) if judged is not None else str(stands or ""), sub=judged.evidence if judged is not None else ""),
                *(Cell(f"{row.moderator.name}: {row.overall}", row.get_absolute_url()) for row in (given[:1] if given else ())),
                *([Cell("Not yet rated")] if not given else []),
                Cell(f"{given[1].moderator.name}: {given[1].overall}", given[1].get_absolute_url()) if len(given) > 1 else Cell(""),
                Cell(f"{sampled.settled_grade}, {sampled.settled_by.name}", sub=sampled.settled_reason)
                if sampled.settled_grade is not None and sampled.settled_by is not None
                else Cell(""),
            ]
        )
    title = f"{label}: {'grade ' + str(grade) if grade else 'all grades'}" if label else "Notes of the samples"
    columns = "Note|SIP|Grade|First rating|Second rating, blind|Settled"
    return Listed(title, "Final notes drawn by lot, with what moderators gave them. 1 is outstanding, 4 inadequate.", columns, lines)


def gate(view: RowsView) -> Listed:
    """Ratings by the reviewers at the gate; ``overall`` narrows."""
    rows, overall = view.at_gate, view.grade("overall")
    if overall is not None:
        rows = rows.filter(overall=overall)
    related = rows.select_related("reviewer", "review__note__author", "review__note__visit", "review__note__authority")
    lines = [
        [
            Cell(row.review.note.reference, row.get_absolute_url(), ", ".join(school.name for school in row.review.note.covered)),
            Cell(row.review.note.author.name),
            Cell(row.reviewer.name),
            Cell(_day(timezone.localtime(row.rated_at).date())),
            Cell(row.review.get_decision_display() or "open"),
            Cell(str(row.overall)),
        ]
        for row in related.prefetch_related("review__note__visit__visit_schools__school__authority")
    ]
    columns = "Note|SIP|Reviewer|Rated:date|Decision|Overall:num"
    return Listed("Ratings at the gate", "By the moderators’ form, before the school saw the note. Counted apart.", columns, lines)


# ---------------------------------------------------------------- calibration


def _apart(row: Compared) -> str:
    if row.apart == 0:
        return "the same"
    return f"SIP {'higher' if row.apart > 0 else 'lower'} by {abs(row.apart)}"


def compared(view: RowsView) -> Listed:
    """``area``, ``sip`` (a public id), ``band`` of months, ``apart``: same, higher, lower."""
    area, sip, band, apart = (view.asked(name) for name in ("area", "sip", "band", "apart"))
    found = calibration(view.user, view.object, view.pack, view.today)
    tests: tuple[Callable[[Compared], bool], ...] = (
        lambda row: not area or row.area == area,
        lambda row: not sip or row.author.public_id == sip,
        lambda row: not band or row.band == band,
        lambda row: not apart or apart == ("same" if row.apart == 0 else "higher" if row.apart > 0 else "lower"),
    )
    lines = [
        [
            Cell(row.school.name, row.school.get_absolute_url()),
            Cell(row.label),
            Cell(row.author.name, row.record.get_absolute_url(), row.record.note.reference),
            Cell(str(row.sip)),
            Cell(str(row.inspectors), sub=_day(row.inspection.starts_on)),
            Cell(str(row.months)),
            Cell(_apart(row)),
        ]
        for row in found.rows
        if all(test(row) for test in tests)
    ]
    columns = "School|Area|SIP’s note|SIP:num|Inspectors|Months between:num|Apart"
    words = "The SIP’s grade as it was frozen in the last final note before the inspection, and the inspectors’. 1 is outstanding."
    return Listed("SIPs’ judgements and inspectors’", words, columns, lines)


KINDS: dict[str, Callable[[RowsView], Listed]] = {"notes": notes, "ratings": ratings, "gate": gate, "inspection": compared}

__all__ = ["RowsView"]
