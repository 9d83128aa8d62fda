"""What a briefing says of the programme's quality (P2, P28 to P30; S3), as slides: counts of SIPs and forms, never a person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.urls import reverse

from core.components.formats import day, plural
from core.numbers import Rate
from people.roles import Permission as P
from schools.slides import SLIDES, Brief, Line, Row, Slide, SlideSource, Table, from_rows

from .choices import DONE
from .models import OutsideJudgement, Shadowing
from .pack import quality_of
from .selectors.shadowing import Common, common_findings, shadowing_coverage

TOP = 5
MOST = 2
LATELY = dt.timedelta(days=183)


def judgement_slide(brief: Brief) -> Slide | None:
    """What others said of the programme in the half year before that day, else what they said last, in their own words (P2, S3)."""
    said = list(OutsideJudgement.objects.filter(authority=brief.authority, on__lte=brief.on)[:MOST])
    rows = [row for row in said if brief.on - row.on <= LATELY] or said[:1]
    lines = []
    for row in rows:
        source = from_rows(
            "quality.OutsideJudgement", [row.pk], url=row.get_absolute_url(), said=f"{row.title}, {day(row.on)}", slide="P2, S3"
        )
        lines.append(Line(f"{row.public_id}-title", row.title + (f": {row.grade.lower()}" if row.grade else ""), source))
        lines.append(Line(f"{row.public_id}-words", f"“{row.words}”", source, 1))
        if row.answer:
            lines.append(Line(f"{row.public_id}-answer", f"Our answer: {row.answer}", source, 1))
    if not lines:
        return None
    return Slide(title="What others say of our programme", lines=tuple(lines), about=plural(len(rows), "outside judgement"))


def _shadowings(brief: Brief) -> Sequence[int]:
    """Forms of this year, or where none is written yet of the year before: an autumn's briefing looks back."""
    rows = Shadowing.objects.filter(authority=brief.authority, state__in=DONE)
    year = brief.term.year.first
    for first in (year, year - 1):
        if rows.filter(academic_year=first).exists():
            return list(rows.filter(academic_year=first).order_by("pk").values_list("pk", flat=True))
    return []


def arrangements_slide(brief: Brief) -> Slide | None:
    """Who mentors, who assures quality, and how many SIPs have been shadowed (P28)."""
    part = quality_of(brief.pack.content)
    lines = list(brief.words("quality", [(f"people {code}", text) for code, text in part.people], slide="P28"))
    found = shadowing_coverage(brief.authority, brief.pack, brief.on)
    if found.due:
        done = [line.done.pk for line in found.done if line.done is not None]
        text = f"Shadowed so far: {Rate(len(done), len(found.due))}; planned: {len(found.planned)}; all by {day(found.by_on)}"
        url, said = reverse("quality:shadowing-list"), f"{plural(len(found.due), 'SIP')} with a visit due by then"
        lines.append(Line("shadowed", text, from_rows("quality.Shadowing", done, url=url, said=said, slide="P28")))
    return Slide(
        title="Mentoring, quality assurance and performance management",
        lines=tuple(lines),
        about=f"{len(found.done)} of {len(found.due)} shadowed" if found.due else "pack",
        foot=f"As at {day(brief.on)}",
    )


def _common(brief: Brief, which: str) -> Slide | None:
    ids = _shadowings(brief)
    forms, strengths, areas = common_findings(Shadowing.objects.filter(pk__in=ids))
    found: list[Common] = (strengths if which == "strengths" else areas)[:TOP]
    if not found:
        return None
    slide, url = ("P29" if which == "strengths" else "P30"), reverse("quality:overview")
    rows = tuple(
        Row(
            common.sentences[0].code,
            (common.label, str(common.count)),
            from_rows(
                "quality.ShadowingFinding",
                sorted(each.pk for each in common.sentences),
                url=url,
                said=f"of {plural(forms, 'form')}",
                slide=slide,
            ),
        )
        for common in found
    )
    words = "strengths" if which == "strengths" else "areas for development"
    return Slide(
        title=f"Common {words} from shadowing visits",
        table=Table(f"{plural(forms, 'shadowing visit')}: how many named each", (words.capitalize(), "Visits"), rows),
        about=plural(forms, "form"),
        foot="Counted from the forms; nobody is named",
    )


def strengths_slide(brief: Brief) -> Slide | None:
    return _common(brief, "strengths")


def areas_slide(brief: Brief) -> Slide | None:
    return _common(brief, "areas")


SLIDES.add("judgement", SlideSource("Outside judgement", judgement_slide, P.JUDGEMENT_VIEW))
SLIDES.add("qa-arrangements", SlideSource("Quality assurance", arrangements_slide, P.PROGRAMME_REPORT))
SLIDES.add("strengths", SlideSource("Common strengths", strengths_slide, P.PROGRAMME_REPORT))
SLIDES.add("areas", SlideSource("Common areas for development", areas_slide, P.PROGRAMME_REPORT))
