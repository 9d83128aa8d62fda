"""The part of a pack that ``briefings`` owns: audiences, dates, templates of agendas, workshops, and the form of evaluation."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from core.packs import PackContent, PackSection, Problems, Table

from .models.audience import EVERYBODY


@dataclass(frozen=True)
class Audience:
    """SIPs who serve one of ``phases``."""

    code: str
    label: str
    phases: tuple[str, ...]


@dataclass(frozen=True)
class PlannedDate:
    """A date of the year's list (S16). ``templates``: audience → template of its agenda. ``name``: as in "autumn 2008"."""

    code: str
    name: str
    on: dt.date
    term: str
    templates: Mapping[str, str]
    source: str

    @property
    def audiences(self) -> tuple[str, ...]:
        return tuple(self.templates)


@dataclass(frozen=True)
class BriefingPage:
    """A page of the briefing's pack; ``builder`` names the block that the builder fills from the portal's own data."""

    code: str
    title: str
    builder: str
    is_activity: bool
    slides: str


@dataclass(frozen=True)
class AgendaLine:
    """A line of the agenda as people read it, with the codes of the pages that belong to it."""

    code: str
    title: str
    minutes: int | None
    is_activity: bool
    pages: tuple[str, ...]


@dataclass(frozen=True)
class AgendaTemplate:
    """``audience`` is a code, or "any"."""

    code: str
    label: str
    audience: str
    agenda: tuple[AgendaLine, ...]
    pages: tuple[BriefingPage, ...]
    source: str


@dataclass(frozen=True)
class Meeting:
    """How long a briefing lasts, unless it says otherwise, and what it takes of the development days of a year (``entitlement``)."""

    starts_at: dt.time
    ends_at: dt.time
    quarters: int
    entitlement_days: int


@dataclass(frozen=True)
class ResourceType:
    """A kind of thing in the library. ``current_only``: an older version is out of force and not merely earlier.

    ``from_redacted_copy``: made from a redacted copy and from nothing else (P19).
    """

    code: str
    label: str
    current_only: bool
    from_redacted_copy: bool


@dataclass(frozen=True)
class WorkshopTopic:
    """A workshop that may be offered (S14); ``suits``: for whom, as advice."""

    code: str
    title: str
    suits: str


@dataclass(frozen=True)
class WorkshopDefaults:
    starts_at: dt.time
    ends_at: dt.time
    quarters: int
    places: int


@dataclass(frozen=True)
class EvaluationForm:
    """The anonymous form (P33): ``scale`` is (value, words), 1 the best; ``items`` are rated, ``open`` answered in words.

    Words may name the ``{event}``: briefing or workshop. ``least``: so many answers before anybody reads them.
    """

    scale: tuple[tuple[int, str], ...]
    items: tuple[tuple[str, str], ...]
    open: tuple[tuple[str, str], ...]
    office_days: int
    least: int

    def worded(self, event: str) -> dict[str, list[list[object]]]:
        """As a form keeps it: plain lists, the event named."""
        return {
            "scale": [[value, label] for value, label in self.scale],
            "items": [[code, text.replace("{event}", event)] for code, text in self.items],
            "open": [[code, text.replace("{event}", event)] for code, text in self.open],
        }


@dataclass(frozen=True)
class BriefingsPart:
    audiences: tuple[Audience, ...]
    dates: tuple[PlannedDate, ...]
    meeting: Meeting
    templates: tuple[AgendaTemplate, ...]
    resource_types: tuple[ResourceType, ...]
    workshops: tuple[WorkshopTopic, ...]
    workshop_defaults: WorkshopDefaults
    evaluation: EvaluationForm

    def resource_type(self, code: str) -> ResourceType | None:
        return next((row for row in self.resource_types if row.code == code), None)

    def workshop(self, code: str) -> WorkshopTopic | None:
        return next((row for row in self.workshops if row.code == code), None)

    def audience(self, code: str) -> Audience | None:
        """An audience by its code; "all" is everybody, with no phases of its own."""
        if code == EVERYBODY:
            return Audience(EVERYBODY, "Everybody", ())
        return next((row for row in self.audiences if row.code == code), None)

    def template(self, code: str) -> AgendaTemplate | None:
        return next((row for row in self.templates if row.code == code), None)

    def templates_for(self, audience: str) -> tuple[AgendaTemplate, ...]:
        return tuple(row for row in self.templates if row.audience in (audience, "any"))


def briefings_of(content: PackContent) -> BriefingsPart:
    return cast(BriefingsPart, content.section("briefings"))


OTHERS = ("bulletin", "headline")


def parse_briefings(table: Table) -> BriefingsPart:
    table.ignore(*OTHERS)
    return BriefingsPart(
        audiences=tuple(Audience(row.text("code"), row.text("label"), row.texts("phases")) for row in table.tables("audience", least=1)),
        dates=tuple(_date(row) for row in table.tables("briefing")),
        meeting=_meeting(table.table("meeting")),
        templates=tuple(_template(row) for row in table.tables("template", least=1)),
        resource_types=tuple(
            ResourceType(row.text("code"), row.text("label"), row.flag("current_only"), row.flag("from_redacted_copy", False))
            for row in table.tables("resource_type", least=1)
        ),
        workshops=tuple(_topic(row) for row in table.tables("workshop")),
        workshop_defaults=_workshop_defaults(table.table("workshops")),
        evaluation=_evaluation(table.table("evaluation")),
    )


def _topic(row: Table) -> WorkshopTopic:
    row.ignore("note")
    return WorkshopTopic(row.text("code"), row.text("title"), row.text("for", ""))


def _workshop_defaults(table: Table) -> WorkshopDefaults:
    table.ignore("waiting_list", "needs_from")
    return WorkshopDefaults(
        _time(table, "starts"),
        _time(table, "ends"),
        table.whole("quarters", least=1, most=4),
        table.whole("default_places", least=1),
    )


def _evaluation(table: Table) -> EvaluationForm:
    table.ignore("anonymous", "direction")
    return EvaluationForm(
        scale=tuple((row.whole("value", least=1), row.text("label")) for row in table.tables("scale", name=None, least=2)),
        items=tuple((row.text("code"), row.text("text")) for row in table.tables("items", least=1)),
        open=tuple((row.text("code"), row.text("text")) for row in table.tables("open")),
        office_days=table.whole("closes_after_office_days", least=1),
        least=table.whole("least", least=3),
    )


def _time(table: Table, key: str) -> dt.time:
    text = table.text(key)
    try:
        return dt.time.fromisoformat(text)
    except ValueError:
        table.problem(f"is {text!r}. Give a time such as 09:30, in quotation marks.", key)
        return dt.time.min


def _meeting(table: Table) -> Meeting:
    table.ignore("dates", "attendance_expected")
    return Meeting(
        _time(table, "starts"), _time(table, "ends"), table.whole("quarters", least=1, most=4), table.whole("entitlement_days", least=0)
    )


def _date(row: Table) -> PlannedDate:
    audiences, templates = row.texts("audiences"), row.mapping("template")
    if missing := [code for code in audiences if not isinstance(templates.get(code), str)]:
        row.problem(f"names no template for {', '.join(missing)}. Give each audience one.", "template")
    return PlannedDate(
        row.text("code"),
        row.text("name"),
        row.date("date"),
        row.choice("term", ("autumn", "spring", "summer")),
        {code: str(templates.get(code, "")) for code in audiences},
        row.text("source", ""),
    )


def _template(row: Table) -> AgendaTemplate:
    pages = tuple(
        BriefingPage(page.text("code"), page.text("title"), page.text("builder"), page.flag("activity", False), page.text("slides", ""))
        for page in row.tables("items", least=1)
    )
    lines = tuple(
        AgendaLine(
            line.text("code"),
            line.text("title"),
            line.optional_whole("minutes", least=1),
            line.flag("activity", False),
            line.texts("pages"),
        )
        for line in row.tables("agenda")
    )
    return AgendaTemplate(
        row.text("code"),
        row.text("label"),
        row.text("audience"),
        lines or tuple(AgendaLine(page.code, page.title, None, page.is_activity, (page.code,)) for page in pages),
        pages,
        row.text("source", ""),
    )


def validate_briefings(part: BriefingsPart, content: PackContent, problems: Problems) -> None:
    audiences = [row.code for row in part.audiences]
    for template in part.templates:
        problems.need([template.audience], [*audiences, "any"], f"template {template.code!r}", "audience")
        pages = [page.code for page in template.pages]
        for line in template.agenda:
            problems.need(line.pages, pages, f"template {template.code!r}, agenda {line.code!r}", "page")
    for date in part.dates:
        problems.need(date.audiences, audiences, f"briefing {date.code!r}", "audience")
        problems.need(date.templates.values(), [row.code for row in part.templates], f"briefing {date.code!r}", "template")


BRIEFINGS: Final = PackSection("briefings", parse_briefings, validate_briefings)
NEEDED_SETTINGS: Final = {"resource_file_mb": "whole"}
