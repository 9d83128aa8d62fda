"""What a briefing says of the term's visit (P4, P9), rounds (S2), questions (P18), notes (P19) and cohesion (P26, P27), as slides."""

from __future__ import annotations

from core.components.formats import day, plural
from people.roles import Permission as P
from schools.slides import SLIDES, Brief, Line, Row, Slide, SlideSource, Table, from_rows
from targets.pack import measures_of

from .coverage import Tally, coverages, whole_coverages
from .models import Round
from .pack import VisitType, checks_of, cohesion_of, visits_of
from .questions import Question, questions_of

SHOWN = ("booked", "held", "submitted", "final")
MOST_QUESTIONS = 6


def _visit_type(brief: Brief) -> VisitType | None:
    """The pack's visit of that term with a note."""
    found = [each for each in visits_of(brief.pack.content).visit_types if each.has_note]
    return next((each for each in found if each.code.startswith(brief.term.season.value)), None)


def preparation_slide(brief: Brief) -> Slide | None:
    """What must be studied, and what may be looked at, for the phases of the briefing (P4)."""
    visit = _visit_type(brief)
    if visit is None:
        return None
    part = visits_of(brief.pack.content)
    lines: list[Line] = []
    for codes, heading in ((visit.must_study, "Study all of these"), (visit.may_look_at, "You may also look at")):
        sets = [found for found in (part.dataset(code) for code in codes) if set(found.phases) & set(brief.phases)]
        if sets:
            lines.append(Line(heading, heading, brief.word("visits", f"visit_type {visit.code}", slide="P4")))
            lines += [Line(each.code, each.label, brief.word("visits", f"dataset {each.code}", slide="P4"), 1) for each in sets]
    if not lines:
        return None
    total = sum(line.level for line in lines)
    return Slide(title=f"Preparing for the {visit.short.lower()}", lines=tuple(lines), about=f"{plural(total, 'data set')}, pack")


def purposes_slide(brief: Brief) -> Slide | None:
    visit = _visit_type(brief)
    if visit is None or not visit.purposes:
        return None
    words = [(f"visit_type {visit.code}, purpose {place}", text) for place, text in enumerate(visit.purposes, start=1)]
    slide = "P9" if visit.code.startswith("autumn") else ""
    return Slide(
        title=f"The {visit.short.lower()}: its purposes",
        lines=brief.words("visits", words, slide=slide),
        about=f"{len(words)}, pack",
        foot=f"Window: {visit.window}" if visit.window else "",
    )


def visit_types_slide(brief: Brief) -> Slide | None:
    """The year's visits with their windows (S2, "key elements of next year's visits")."""
    found = [each for each in visits_of(brief.pack.content).visit_types if not each.phases or set(each.phases) & set(brief.phases)]
    rows = tuple(
        Row(each.code, (each.label, each.window), brief.word("visits", f"visit_type {each.code}", slide="S2"))
        for each in found
        if each.window
    )
    if not rows:
        return None
    return Slide(
        title="The year’s visits and what is written",
        table=Table("", ("Visit", "When"), rows),
        about=f"{plural(len(rows), 'visit')}, pack",
    )


def coverage_slide(brief: Brief) -> Slide | None:
    """How far this year's rounds have come (S2): of the schools expected, booked, held, noted, final."""
    year = brief.term.year
    first, last = year.starts_on, min(year.ends_on, brief.on)
    rounds = list(
        Round.objects.filter(authority=brief.authority, starts_on__range=(first, last))
        .select_related("authority")
        .order_by("starts_on", "pk")
    )
    if not rounds:
        return None
    user = brief.user
    found = whole_coverages(rounds, brief.on) if user is None else coverages(user, rounds, brief.on)
    rows = []
    for each in found:
        mine = [row for row in each.rows if row.school.phase in brief.phases]
        of = [row for row in mine if row.is_expected]
        if not of:
            continue
        figures = {figure.key: figure for figure in Tally(mine).figures}
        cells = [f"{figures[key].n} of {figures[key].of}" if key in figures else "" for key in SHOWN]
        source = from_rows(
            "visits.Visit",
            sorted(row.visit.pk for row in of if row.visit is not None),
            url=each.round.get_absolute_url(),
            said=f"{plural(len(of), 'school')} expected",
            slide="S2",
        )
        rows.append(Row(str(each.round.public_id), (each.label, *cells), source))
    if not rows:
        return None
    return Slide(
        title="How far our visits have come",
        table=Table("Schools, of those expected", ("Round", "Booked", "Held", "Note in", "Final"), tuple(rows)),
        about=plural(len(rows), "round"),
        foot=f"As at {day(brief.on)}",
    )


def questions_slide(brief: Brief) -> Slide | None:
    """One question of each theme for these phases, and how to ask (P18)."""
    part, measures = questions_of(brief.pack.content), measures_of(brief.pack.content)
    chosen: dict[str, Question] = {}
    for question in part.questions:
        if any(measures.in_groups(phase, question.phase_groups) for phase in brief.phases):
            chosen.setdefault(question.theme, question)
    words = [(f"question {each.code}", each.unprompted) for each in list(chosen.values())[:MOST_QUESTIONS]]
    return Slide(
        title="Activity: questions that make a school think again",
        lines=brief.words("questions", words, slide="P18"),
        about=f"{len(words)} of {plural(len(part.questions), 'question')}, pack",
        notes="\n".join(part.advice),
    )


def tips_slide(brief: Brief) -> Slide | None:
    part = checks_of(brief.pack.content)
    words = [(f"tip {place}", text) for place, text in enumerate(part.tips, start=1)]
    return Slide(title=part.tips_title, lines=brief.words("checks", words, slide="P19"), about=f"{len(words)}, pack")


def cohesion_slide(brief: Brief) -> Slide | None:
    part = cohesion_of(brief.pack.content)
    return Slide(
        title="Community cohesion",
        lines=brief.words("cohesion", [(f"aim {aim.code}", aim.text) for aim in part.aims], slide="P26"),
        about=f"{len(part.aims)}, pack",
        foot=f"Inspected from {day(part.inspected_from)}",
    )


def dimensions_slide(brief: Brief) -> Slide | None:
    part = cohesion_of(brief.pack.content)
    lines: list[Line] = []
    for each in part.dimensions:
        source = brief.word("cohesion", f"dimension {each.code}", slide="P27")
        lines += [Line(each.code, each.label, source), Line(f"{each.code}-looks", each.looks_for, source, 1)]
    return Slide(title="Community cohesion: four dimensions", lines=tuple(lines), about=f"{len(part.dimensions)}, pack")


SLIDES.add("preparation", SlideSource("Preparing for the visit", preparation_slide))
SLIDES.add("visit-purposes", SlideSource("The visit’s purposes", purposes_slide))
SLIDES.add("visit-types", SlideSource("The year’s visits", visit_types_slide))
SLIDES.add("coverage", SlideSource("How far visits have come", coverage_slide, P.ROUND_VIEW))
SLIDES.add("questions", SlideSource("Asking effective questions", questions_slide))
SLIDES.add("tips", SlideSource("Effective notes", tips_slide))
SLIDES.add("cohesion", SlideSource("Community cohesion", cohesion_slide))
SLIDES.add("cohesion-dimensions", SlideSource("Dimensions of cohesion", dimensions_slide))
