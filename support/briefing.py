"""What a briefing says of schools causing concern (P13 to P17), priorities (P24) and the criteria for support (P12, S7), as slides."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from functools import partial

from django.urls import reverse

from core.calendar import AcademicYear
from core.components.formats import day, days_quarters, plural
from core.numbers import format_days, format_quarters
from people.roles import Permission as P
from schools.choices import AssignmentKind
from schools.models import Assignment
from schools.slides import SLIDES, Brief, Line, Row, Slide, SlideSource, Table, from_rows

from .choices import ConcernState
from .models import Concern, Enrolment, Programme
from .pack import support_of
from .priorities import priority_list
from .programme_pack import ProgrammePolicy, programmes_of

CORE, TRACKING = "core", "tracking"
HALF_YEAR = dt.timedelta(days=183)
"""A summer's briefing tells of the programme of the autumn to come (S6)."""


def concern_slide(brief: Brief) -> Slide | None:
    """The classes with how many schools are in each (P13); who identified them."""
    part, url = support_of(brief.pack.content), reverse("support:concern-board")
    rows = Concern.objects.filter(
        school__in=brief.of_phase(P.CONCERN_LIST).order_by().values("pk"),
        state__in=[ConcernState.OPEN, ConcernState.ASKED],
        starts_on__lte=brief.on,
    )
    by_class: dict[str, list[int]] = defaultdict(list)
    for pk, code in rows.order_by("pk").values_list("pk", "concern_class"):
        by_class[code].append(pk)
    classes = tuple(
        Row(
            each.code,
            (each.label, str(len(by_class[each.code]))),
            from_rows(
                "support.Concern",
                by_class[each.code],
                url=f"{url}?class={each.code}",
                said=brief.word("support", each.code).said,
                slide="P13",
            ),
        )
        for each in part.concern_classes
    )
    identified = [str(way) for way in part.concern.get("identified_from", ())]
    lines = (
        brief.words("support", [("concern, identified_from", f"Identified from {_join(identified)}")], slide="P13") if identified else ()
    )
    total = sum(len(ids) for ids in by_class.values())
    return Slide(
        title="Schools causing concern",
        lines=lines,
        table=Table(f"{plural(total, f'{brief.phase} school')} on the register", ("Class", "Schools"), classes),
        about=f"{plural(total, 'school')}, {len(classes)} classes",
        foot=f"Register of concern on {day(brief.on)}",
    )


def _join(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _milestones(group: str, title: str, slide: str, brief: Brief) -> Slide | None:
    found = [each for each in support_of(brief.pack.content).milestones if each.group == group]
    lines = brief.words("support", [(each.code, each.label) for each in found], slide=slide)
    notes = "\n".join(f"{each.label}: {each.in_place_when}." for each in found)
    return Slide(title=title, lines=lines, about=f"{len(found)}, pack", notes=notes) if found else None


def elements_slide(brief: Brief) -> Slide | None:
    return _milestones(CORE, "What works well in schools causing concern: the core elements", "P14", brief)


def tracking_slide(brief: Brief) -> Slide | None:
    return _milestones(TRACKING, "Effective tracking: its core elements", "P15", brief)


def duties_slide(brief: Brief) -> Slide | None:
    """P16 and P17, in the pack's words."""
    words = [(f"sip_duty {place}", text) for place, text in enumerate(support_of(brief.pack.content).duties, start=1)]
    labels = brief.pack.labels()
    title = f"The {labels.get('sip', 'short')}’s part in improving leadership and management"
    return Slide(title=title, lines=brief.words("support", words, slide="P16, P17"), about=f"{len(words)}, pack") if words else None


def priorities_slide(brief: Brief) -> Slide | None:
    """Each rule with how many schools it takes in, and of how many it is unknown (P24)."""
    schools = brief.of_phase(P.INSPECTION_OVERVIEW).open_on(brief.on)  # type: ignore[attr-defined]
    found = priority_list(schools, brief.pack, brief.on)
    by_rule: dict[str, list[int]] = defaultdict(list)
    for line in found.lines:
        for reason in line.reasons:
            by_rule[reason.code].append(line.school.pk)
    url = reverse("support:priority-list")
    rows = tuple(
        Row(
            count.priority.code,
            (count.priority.label, str(count.fired)),
            from_rows(
                "schools.School",
                by_rule[count.priority.code],
                url=f"{url}?rule={count.priority.code}",
                said=f"of {count.asked} schools asked, unknown for {count.unknown}",
                slide="P24",
            ),
        )
        for count in found.counts
        if count.asked
    )
    if not rows:
        return None
    unknown = [f"{count.priority.label}: unknown for {plural(count.unknown, 'school')}." for count in found.counts if count.unknown]
    return Slide(
        title=f"Schools that may be a priority in {brief.term.year}",
        table=Table(
            f"{brief.phase.capitalize()} schools meeting each rule; {len(found.lines)} meet at least one", ("Rule", "Schools"), rows
        ),
        about=f"{plural(len(rows), 'rule')}, {plural(len(found.lines), 'school')}",
        foot=f"Computed for {day(brief.on)}; a school can meet several rules",
        notes="\n".join(unknown),
    )


def criteria_slide(brief: Brief) -> Slide | None:
    """The levels of the scheme in force (P12), and of a draft of the pack where there is one (S7): what each gives a school."""
    schemes = support_of(brief.pack.content).schemes
    drafts = [scheme for scheme in schemes if scheme.status == "draft"]
    scheme = drafts[0] if drafts and brief.phase == "secondary" else next((one for one in schemes if one.status != "draft"), None)
    if scheme is None:
        return None
    of_slide = "S7" if scheme.status == "draft" else "P12"
    rows = tuple(
        Row(
            level.code,
            (level.label, days_quarters(level.days), level.entitles),
            brief.word("support", f"{scheme.code}, {level.code}", slide=of_slide),
        )
        for level in scheme.levels
    )
    lines = brief.words("support", [(scheme.code, scheme.label)], slide=of_slide)
    return Slide(
        title="Activity: where would your school fall?",
        lines=lines,
        table=Table("Levels of support", ("Level", "Days", "What a school gets"), rows),
        about=f"{plural(len(rows), 'level')}, pack",
    )


# ---------------------------------------------------------------- programmes (S6, P31)


def _enrolled(brief: Brief, code: str) -> list[tuple[int, str, int]]:
    """Schools of the briefing's phases in a programme, from a day of that school year: id, level of risk, quarter days a year."""
    rows = Enrolment.objects.filter(
        programme__authority=brief.authority,
        programme__code=code,
        school__in=brief.of_phase(P.PROGRAMMES_VIEW).order_by().values("pk"),
        starts_on__lte=AcademicYear.from_date(brief.on + HALF_YEAR).ends_on,
    ).exclude(ends_on__lt=brief.on)
    return list(rows.order_by("risk_rank", "pk").values_list("pk", "risk_label", "days_quarters"))


def _advised(brief: Brief, policy: ProgrammePolicy) -> list[int]:
    """Where no school is enrolled yet: assignments of the programme's advisers that run, or are to come by the year's end."""
    if policy.adviser_assignment not in AssignmentKind.values:
        return []
    rows = Assignment.objects.filter(
        school__in=brief.of_phase(P.PROGRAMMES_VIEW).order_by().values("pk"),
        kind=policy.adviser_assignment,
        starts_on__lte=AcademicYear.from_date(brief.on + HALF_YEAR).ends_on,
    )
    return list(rows.exclude(ends_on__lt=brief.on).order_by("pk").values_list("pk", flat=True))


def _programme(code: str, slide: str, brief: Brief) -> Slide | None:
    policy = programmes_of(brief.pack.content).programme(code)
    if policy is None:
        return None
    held = _enrolled(brief, code)
    programme = Programme.objects.filter(authority=brief.authority, code=code).first()
    url = programme.get_absolute_url() if programme is not None else reverse("support:programme-list")
    lines = [Line("aim", policy.aim, brief.word("programmes", f"programme {code}", slide=slide))]
    if held:
        days = [quarters for _, _, quarters in held if quarters]
        text = f"{plural(len(held), f'{brief.phase} school')} in the programme"
        if days:
            low, high = format_quarters(min(days)), format_days(max(days))
            text += f", each with an adviser for {low} to {high}" if min(days) != max(days) else f", each with an adviser for {high}"
        if programme is not None and programme.allocated_on is not None:
            text += f", allocated from {day(programme.allocated_on)}"
        lines.append(
            Line("enrolled", text, from_rows("support.Enrolment", [pk for pk, _, _ in held], url=url, said=policy.label, slide=slide))
        )
    elif advised := _advised(brief, policy):
        text = f"{plural(len(advised), f'{brief.phase} school')} {'has' if len(advised) == 1 else 'have'} a {policy.adviser_role}"
        lines.append(Line("advised", text, from_rows("schools.Assignment", advised, said=policy.adviser_role, slide=slide)))
    bands: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for pk, risk, quarters in held:
        bands[risk or "Not yet decided"].append((pk, quarters))
    rows = tuple(
        Row(
            risk,
            (risk, str(len(found)), format_quarters(sum(quarters for _, quarters in found))),
            from_rows("support.Enrolment", [pk for pk, _ in found], url=url, said=policy.label, slide=slide),
        )
        for risk, found in bands.items()
    )
    return Slide(
        title=f"{policy.label}: advisers and schools" if code == "national-challenge" else policy.label,
        lines=tuple(lines),
        table=Table("", ("Risk", "Schools", "Days a year"), rows) if len(rows) > 1 else None,
        about=plural(len(held), "school") if held else "pack",
    )


SLIDES.add("national-challenge", SlideSource("National Challenge", partial(_programme, "national-challenge", "S6"), P.PROGRAMMES_VIEW))
SLIDES.add(
    "improving-schools", SlideSource("Improving Schools Programme", partial(_programme, "improving-schools", "P31"), P.PROGRAMMES_VIEW)
)
SLIDES.add("concern-summary", SlideSource("Schools causing concern", concern_slide, P.CONCERN_LIST))
SLIDES.add("concern-elements", SlideSource("What works in schools causing concern", elements_slide))
SLIDES.add("tracking", SlideSource("Effective tracking", tracking_slide))
SLIDES.add("sip-role", SlideSource("Improving leadership and management", duties_slide))
SLIDES.add("priorities", SlideSource("Possible priorities", priorities_slide, P.INSPECTION_OVERVIEW))
SLIDES.add("criteria", SlideSource("Criteria for support", criteria_slide))
