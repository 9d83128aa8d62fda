"""What a briefing says of itself: its agenda (P3, S2), the dates to come (S16) and the workshops (S14), as slides."""

from __future__ import annotations

from collections import defaultdict

from core.calendar import AcademicYear, Season
from core.components.formats import day, plural, weekday
from schools.slides import SLIDES, Brief, Line, Slide, SlideSource, from_rows

from ..models import AgendaItem, Briefing, Workshop
from ..pack import AgendaTemplate, briefings_of


def agenda_slide(brief: Brief) -> Slide | None:
    """The lines of the agenda with who leads each; what an earlier briefing left is named. Without a briefing, the pack's."""
    briefing: Briefing | None = brief.extra.get("briefing")
    template: AgendaTemplate | None = brief.extra.get("template")
    if briefing is not None:
        items = list(AgendaItem.objects.filter(briefing=briefing).select_related("lead").order_by("position", "pk"))
        lines = tuple(
            Line(
                f"item-{item.public_id}",
                item.title + (f" ({item.led_by})" if item.led_by else ""),
                from_rows("briefings.AgendaItem", [item.pk], url=briefing.get_absolute_url(), said=briefing.title, slide="P3, S2"),
            )
            for item in items
        )
        if lines:
            return Slide(title="Agenda", lines=lines, about=plural(len(lines), "item"))
    if template is None:
        return None
    words = [(f"template {template.code}, {line.code}", line.title) for line in template.agenda]
    return Slide(title="Agenda", lines=brief.words("briefings", words, slide="P3, S2"), about=f"{plural(len(words), 'item')}, pack")


def dates_slide(brief: Brief) -> Slide | None:
    """From a summer's briefing the dates of the year to come (S16: July 2008 tells those of 2008/09); else those still to come."""
    year = brief.term.year.first + (brief.term.season is Season.SUMMER)
    audience = brief.extra["audience"]
    rows = Briefing.objects.filter(authority=brief.authority, academic_year=year, audience__in=(audience, "all"), on__gt=brief.on)
    found = list(rows.exclude(state="cancelled").order_by("on"))
    if found:
        lines = tuple(
            Line(
                f"date-{row.public_id}",
                weekday(row.on) + (f", {row.venue}" if row.venue else ""),
                from_rows("briefings.Briefing", [row.pk], url=row.get_absolute_url(), said=row.title, slide="S16"),
            )
            for row in found
        )
    else:
        planned = [
            date for date in briefings_of(brief.pack.content).dates if audience in date.audiences and date.on > brief.on
        ]  # fmt: skip
        planned = [date for date in planned if AcademicYear.from_date(date.on).first == year]
        lines = brief.words("briefings", [(f"briefing {date.code}", day(date.on)) for date in planned], slide="S16")
    if not lines:
        return None
    return Slide(title=f"Briefing dates {AcademicYear(year)}", lines=lines, about=plural(len(lines), "date"))


def workshops_slide(brief: Brief) -> Slide | None:
    """The optional workshops of the year (S14): the pack's topics, those that have a date with it, and the authority's others."""
    year = brief.term.year.first + (brief.term.season is Season.SUMMER)
    held = Workshop.objects.filter(authority=brief.authority, on__gte=AcademicYear(year).starts_on, on__lte=AcademicYear(year).ends_on)
    dated: dict[str, list[Workshop]] = defaultdict(list)
    for row in held.exclude(state="cancelled").order_by("on", "pk"):
        dated[row.topic or str(row.public_id)].append(row)
    listed = [(str(row["code"]), str(row["title"])) for row in brief.pack.content.parts.get("briefings", {}).get("workshop", ())]
    listed += [(code, rows[0].title) for code, rows in dated.items() if code not in dict(listed)]
    lines = []
    for code, title in listed:
        rows = dated.get(code, ())
        when = ", ".join(day(row.on) for row in rows)
        source = (
            from_rows("briefings.Workshop", [row.pk for row in rows], url=rows[0].get_absolute_url(), said=title, slide="S14")
            if rows
            else brief.word("briefings", f"workshop {code}", slide="S14")
        )
        lines.append(Line(f"workshop-{code}", f"{title}: {when}" if when else title, source))
    if not lines:
        return None
    return Slide(title="Optional workshops", lines=tuple(lines), about=plural(len(lines), "workshop"))


SLIDES.add("agenda", SlideSource("Agenda", agenda_slide))
SLIDES.add("dates", SlideSource("Briefing dates", dates_slide))
SLIDES.add("workshops", SlideSource("Workshops", workshops_slide))
