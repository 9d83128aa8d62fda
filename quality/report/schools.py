"""Sections about what schools gained: targets and challenge, levels of support, concern, brokering, impact."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from core.calendar import AcademicYear
from core.components.formats import day, days_quarters, plural
from core.numbers import format_change, format_number, format_pounds, hidden_below
from core.spans import on_day
from schools.choices import InspectionKind
from schools.models import FinanceChallenge, Inspection, School
from schools.pack import inspection_of
from support.brokering import all_supported, spend_of
from support.effects import HEAD as EFFECT_HEAD
from support.effects import programme_effects, rule_words
from support.models import Concern, ConcernMilestone, SchoolCategory
from targets.choices import ASIDE, EstimateKind, Signer
from targets.models import Estimate, Target, TargetSignature, TargetStep
from targets.pack import Measure, measures_of, targets_of
from targets.selectors import By, result_years, rows_of, together
from targets.selectors.target_rollup import aims_of, phases_of, rolled_targets
from targets.selectors.targets import STAGES, shown, whole_round

from .parts import TOO_FEW, Asked, Figures, Section

GROUPS = {"core": "Core elements of the plan in place", "tracking": "Elements of tracking in place"}


def schools_of(asked: Asked) -> QuerySet[School]:
    return School.objects.filter(authority=asked.authority).open_on(asked.last)


# ---------------------------------------------------------------- targets


def targets(asked: Asked, section: Section) -> None:
    """The round of the academic year: how far schools have come, who has signed, and the statutory targets put together."""
    content, year = asked.pack.content, asked.period.year.first
    aims = [aim for aim in aims_of(content, year, asked.last).values() if aim.is_statutory]
    schools = list(schools_of(asked).select_related("authority", "cluster")) if aims else []
    lines = [line for line in whole_round(content, schools, year, asked.last) if line.stage != "none"]
    if len(lines) < asked.least or not any(line.rows for line in lines):
        return
    stages = Counter(line.stage for line in lines)
    numbers = {label: stages[stage] for stage, label in STAGES.items() if stages[stage]}
    section.tables.append(
        Figures("Statutory targets: how far schools have come", ("Stage", "Schools"), (*asked.counts(numbers), ("All", str(len(lines)))))
    )
    decided = [line for line in lines if line.of and line.agreed == line.of]
    rows = []
    if len(decided) >= asked.least:
        apart = sum(1 for line in decided if line.apart)
        rows.append(("Schools with a target set without agreement, of those with all decided", asked.part(apart, len(decided))))
    milestone = next((one for one in targets_of(content).milestones if one.code == "signed"), None)
    if milestone is not None:
        by = milestone.on(year)
        signed = TargetSignature.objects.filter(
            school__in=[line.school.pk for line in lines], academic_year=year, voided_at__isnull=True, signed_on__lte=by
        )
        full = signed.order_by().values("school").annotate(n=Count("pk")).filter(n=len(Signer)).count()
        rows.append((f"Signed by headteacher, chair and SIP by {day(by)}", asked.part(full, len(lines))))
    section.tables.append(Figures("Agreed and signed", ("What", "Schools"), tuple(rows)))
    found = []
    for aim in aims:
        phases = phases_of(content, year, aim)
        whole, _ = rolled_targets(lines, aim, {line.school.pk: line.school.phase in phases for line in lines}, By.AUTHORITY, {})
        if whole.targets.schools >= asked.least:
            beside = (TOO_FEW if one.schools < asked.least else shown(aim.measure, one.figure) for one in (whole.result, whole.estimate))
            cells = (str(whole.targets.schools), shown(aim.measure, whole.targets.figure), *beside)
            found.append((f"{aim.measure.short_label}, {aim.summer}", *cells))
    if found:
        columns = ("Target", "Schools", "Together", "Their latest results", "FFT D")
        section.tables.append(Figures("Statutory targets together, each school weighed by its pupils", columns, tuple(found)))


def _turn(measure: Measure) -> int:
    return 1 if measure.is_higher_better else -1


def against_estimates(asked: Asked, section: Section) -> None:
    """Statutory targets beside FFT D: how many schools have one below it."""
    aims = {(aim.measure.code, aim.summer): aim for aim in aims_of(asked.pack.content, asked.period.year.first, asked.last).values()}
    aims = {key: aim for key, aim in aims.items() if aim.is_statutory}
    at = {"school__in": schools_of(asked).order_by().values("pk"), "pupil_group": "all", "value__isnull": False}
    codes, summers = {code for code, _ in aims}, {summer for _, summer in aims}
    estimates = {
        (school, code, year + 1): value
        for school, code, year, value in Estimate.objects.filter(
            **at, measure__in=codes, academic_year__in=[summer - 1 for summer in summers], kind=EstimateKind.D
        ).values_list("school", "measure", "academic_year", "value")
    }
    below: dict[int, bool] = {}
    rows = Target.objects.filter(**at, measure__in=codes, summer__in=summers).exclude(state__in=ASIDE)
    for school, code, summer, value in rows.values_list("school", "measure", "summer", "value"):
        estimate, aim = estimates.get((school, code, summer)), aims.get((code, summer))
        if estimate is not None and aim is not None:
            below[school] = below.get(school, False) or (value - estimate) * _turn(aim.measure) < 0
    if len(below) >= asked.least:
        row = ("Schools with a statutory target below FFT D, of those with both", asked.part(sum(below.values()), len(below)))
        section.tables.append(Figures("Targets against estimates", ("What", "Schools"), (row,)))


def through_challenge(asked: Asked, section: Section) -> None:
    """P10: of the schools whose targets a SIP challenged in the period, how many now aim higher than they first proposed."""
    measures = {measure.code: measure for measure in measures_of(asked.pack.content).measures}
    first: dict[int, Decimal] = {}
    steps = TargetStep.objects.filter(
        target__school__authority=asked.authority, at__range=asked.period.moments(), action__in=("propose", "note_proposes", "challenge")
    ).order_by("at", "pk")
    raised: dict[int, bool] = {}
    columns = ("action", "figure", "target", "target__school", "target__measure", "target__value")
    for action, figure, target, school, code, value in steps.values_list(*columns):
        if action != "challenge":
            first.setdefault(target, figure)
        elif code in measures:
            proposed = first.get(target)
            is_up = proposed is not None and value is not None and (value - proposed) * _turn(measures[code]) > 0
            raised[school] = raised.get(school, False) or is_up
    if len(raised) >= asked.least:
        row = ("Schools that now aim higher than they first proposed, of those challenged", asked.part(sum(raised.values()), len(raised)))
        section.tables.append(Figures("Change through challenge of targets", ("What", "Schools"), (row,)))


def money_challenges(asked: Asked, section: Section) -> None:
    """S10, S11: schools asked in the period to account for a balance or a plan, each by how far its latest challenge is."""
    rows = FinanceChallenge.objects.filter(authority=asked.authority, opened_on__range=(asked.period.starts_on, asked.last))
    latest = {row.school_id: row.get_state_display().capitalize() for row in rows.order_by("opened_on", "pk")}
    if len(latest) >= asked.least:
        cells = (*asked.counts(dict(Counter(latest.values()))), ("All", str(len(latest))))
        section.tables.append(Figures("Schools asked to account for a balance or a plan", ("How far it is", "Schools"), cells))


# ---------------------------------------------------------------- levels of support


def categories(asked: Asked, section: Section) -> None:
    """The levels on the last day of the period that has come, and how many schools moved in it."""
    on = asked.last
    here = School.objects.filter(authority=asked.authority).open_on(on)
    now = SchoolCategory.objects.filter(on_day(on), school__in=here).values_list("label", "level")
    levels = Counter(now)
    if sum(levels.values()) < asked.least:
        return
    numbers = {label: levels[label, level] for label, level in sorted(levels, key=lambda pair: pair[1])}
    section.tables.append(
        Figures(f"Schools by level, {day(on)}", ("Level", "Schools"), (*asked.counts(numbers), ("All", str(sum(numbers.values())))))
    )
    begun = SchoolCategory.objects.filter(school__in=here, starts_on__range=(asked.period.starts_on, on)).values_list(
        "school", "level", "starts_on"
    )
    before = {
        (school, ends_on + dt.timedelta(days=1)): level
        for school, level, ends_on in SchoolCategory.objects.filter(school__in=here, ends_on__isnull=False).values_list(
            "school", "level", "ends_on"
        )
    }
    moved = Counter(
        "To more support" if level > before[school, since] else "To less support"
        for school, level, since in begun
        if (school, since) in before and level != before[school, since]
    )
    if sum(moved.values()) >= asked.least:
        section.tables.append(Figures("Moved", ("Way", "Schools"), (*asked.counts(dict(moved)), ("All", str(sum(moved.values()))))))


def moved_between(asked: Asked, section: Section) -> None:
    """Schools that had a level on the first day and have one on the last: whether it is another."""
    here = School.objects.filter(authority=asked.authority).order_by().values("pk")
    levels = SchoolCategory.objects.filter(school__in=here)
    began = dict(levels.filter(on_day(asked.period.starts_on)).values_list("school", "level"))
    ended = dict(levels.filter(on_day(asked.last)).values_list("school", "level"))
    both = began.keys() & ended.keys()
    if len(both) < asked.least:
        return
    way = Counter((ended[school] > began[school]) - (ended[school] < began[school]) for school in both)
    numbers = {"To less support": way[-1], "The same": way[0], "To more support": way[1]}
    caption = f"Levels of support on {day(asked.last)}, beside those of {day(asked.period.starts_on)}"
    section.tables.append(Figures(caption, ("Moved", "Schools"), (*asked.counts(numbers), ("All", str(len(both))))))


# ---------------------------------------------------------------- concern


def concern(asked: Asked, section: Section) -> None:
    """Opened and left are shown together or not at all: with the register of both days one would give the other away."""
    cases = Concern.objects.filter(school__authority=asked.authority)
    span = (asked.period.starts_on, asked.last)
    counts = cases.aggregate(
        start=Count("pk", filter=on_day(asked.period.starts_on - dt.timedelta(days=1))),
        opened=Count("pk", filter=Q(starts_on__range=span)),
        left=Count("pk", filter=Q(ends_on__range=span)),
    )
    live = cases.filter(on_day(asked.last))
    labels = Counter(live.values_list("label", flat=True))
    end = sum(labels.values())
    if not any(counts.values()) and not end:
        return
    is_small = any(0 < number < asked.least for number in (*counts.values(), end))
    rows = [(label, TOO_FEW if is_small else str(counts[key])) for key, label in (("opened", "Opened"), ("left", "Left the register"))]
    rows.append((f"On the register, {day(asked.last)}", TOO_FEW if 0 < end < asked.least else str(end)))
    section.tables.append(Figures("Register of concern", ("What", "Schools"), tuple(rows)))
    if end < asked.least:
        return
    classes = asked.counts(dict(sorted(labels.items())))
    if any(number != TOO_FEW for _, number in classes):
        section.tables.append(Figures("On the register by class", ("Class", "Schools"), (*classes, ("All", str(end)))))
    held = ConcernMilestone.objects.filter(concern__in=live).order_by().values("group")
    held = held.annotate(all=Count("pk"), good=Count("pk", filter=Q(in_place_on__lte=asked.last)))
    milestones = {row["group"]: asked.part(row["good"], row["all"]) for row in held}
    if found := tuple((label, milestones[group]) for group, label in GROUPS.items() if group in milestones):
        section.tables.append(Figures("Milestones of these cases", ("What", "In place"), found))


# ---------------------------------------------------------------- brokering


def brokering(asked: Asked, section: Section) -> None:
    """S12, P30: support begun in the period, by area of need; what it cost, and what it came to where that has been said."""
    spend = spend_of(all_supported(asked.authority, asked.period.starts_on, asked.last), asked.pack, "need", asked.last)
    whole = spend.whole
    if len(whole.schools) < asked.least:
        return
    schools = hidden_below({line.label: len(line.schools) for line in spend.lines}, asked.least)
    graded = hidden_below({line.label: line.graded for line in spend.lines}, asked.least)
    rows: list[tuple[str, ...]] = []
    for line in (*(line for line in spend.lines if schools[line.label] is not None), whole):
        is_told = line.graded >= asked.least and (line is whole or graded[line.label] is not None)
        impact = format_number(line.impact, 1) if is_told and line.impact is not None else TOO_FEW if line.graded else "not yet said"
        cells = (str(len(line.schools)), str(line.interventions), days_quarters(line.quarters), format_pounds(line.pence), impact)
        rows.append((line.label, *cells))
    few = sum(1 for number in schools.values() if number is None)
    if few and len(rows) > 1:
        rows.insert(-1, (plural(few, "other area"), *(TOO_FEW for _ in range(5))))
    columns = ("Area of need", "Schools", "Interventions", "Days", "Cost", "Impact, of 4")
    section.tables.append(Figures("Support begun", columns, tuple(rows)))
    if whole.without_cost >= asked.least:
        section.words.append(f"The cost of {plural(whole.without_cost, 'intervention')} is not known, and not in the sums.")
    if whole.evaluated >= asked.least:
        found = (
            ("Good value for money", asked.part(whole.good, whole.evaluated)),
            ("Would be bought again", asked.part(whole.again, whole.evaluated)),
        )
        section.tables.append(Figures("What was evaluated", ("Judged", "Interventions"), found))


# ---------------------------------------------------------------- impact


def results(asked: Asked, section: Section) -> None:
    """The latest results of a year that had ended by then: of schools by the level that they had before the tests, and of support programmes (P7)."""
    schools = schools_of(asked)
    measures = [measure for measure in measures_of(asked.pack.content).measures if measure.floors]
    years = [year for year in result_years(schools, [measure.code for measure in measures]) if AcademicYear(year).ends_on <= asked.last]
    if not years:
        return
    year = years[0]
    before = dt.date(year + 1, 3, 31)
    held = SchoolCategory.objects.filter(on_day(before), school__in=schools.order_by().values("pk"))
    levels = {school: (level, label) for school, level, label in held.values_list("school", "level", "label")}
    figures = rows_of(schools, [measure.code for measure in measures], (year - 1, year))
    for measure in measures:
        values: dict[int, set[int]] = defaultdict(set)
        for row in figures.get(measure.code, ()):
            if row.value is not None and row.cohort:
                values[row.school_id].add(row.year)
        with_both = {school for school, found in values.items() if len(found) == 2 and school in levels}
        lines = []
        counted = Counter(levels[school] for school in with_both)
        hidden = hidden_below({label: number for (_, label), number in counted.items()}, asked.least)
        for level in sorted(counted):
            mine = {school for school in with_both if levels[school] == level}
            if hidden[level[1]] is not None:
                sums = together((row for row in figures[measure.code] if row.school_id in mine), measure)
                was, now = sums[year - 1].figure or Decimal(0), sums[year].figure or Decimal(0)
                change = format_change(now - was, measure.decimals)
                lines.append((level[1], str(len(mine)), shown(measure, was), shown(measure, now), change))
        if lines:
            columns = ("Level", "Schools", str(year), str(year + 1), "Change")
            section.tables.append(Figures(f"{measure.short_label}, by level on {day(before)}", columns, tuple(lines)))
    effects = programme_effects(asked.authority, asked.pack, schools, year)
    enough = [effect for effect in effects if effect.is_written and min(effect.n, effect.similar) >= asked.least]
    if told := tuple((effect.programme.label, *effect.cells()) for effect in enough):
        section.words.append(f"Support programmes: {rule_words(asked.pack)[:1].lower()}{rule_words(asked.pack)[1:]}")
        section.tables.append(Figures(f"Support programmes, {year} to {year + 1}", ("Programme", *EFFECT_HEAD[1:]), told))


def inspections(asked: Asked, section: Section) -> None:
    """Full inspections that began in the period, by grade in the words of their framework."""
    frameworks = inspection_of(asked.pack.content).frameworks
    rows = Inspection.objects.filter(
        authority=asked.authority,
        kind=InspectionKind.FULL,
        urn_then__isnull=True,
        overall__isnull=False,
        starts_on__range=(asked.period.starts_on, asked.last),
    )
    grades = Counter(
        (grade, frameworks.of(code, on).grade(grade)) for grade, code, on in rows.values_list("overall", "framework", "starts_on")
    )
    total = sum(grades.values())
    if total >= asked.least:
        numbers = {label.capitalize(): grades[grade, label] for grade, label in sorted(grades)}
        section.tables.append(Figures("Full inspections", ("Overall", "Schools"), (*asked.counts(numbers), ("All", str(total)))))
