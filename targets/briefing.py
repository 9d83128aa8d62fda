"""What a briefing says of results (P5 to P7) and of targets (P11), as slides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Final

from django.db.models import Count
from django.urls import reverse

from core.calendar import AcademicYear
from core.components.formats import day, plural
from core.numbers import Rate
from people.roles import Permission as P
from schools.slides import SLIDES, Brief, Curve, Line, Slide, SlideSource, from_rows

from .choices import ASIDE, STANDING, Level
from .models import Result, Target
from .pack import Measure, TargetSet, measures_of, targets_of
from .selectors import Headlines, headlines, published
from .selectors.headlines import YEARS, Sentence
from .selectors.rollup import Published, Together, rows_of, together

STAGES: Final = {
    "FS": ("Foundation Stage Profile headlines", "P5"),
    "KS1": ("Key Stage 1 headlines", "P6"),
    "KS2": ("Key Stage 2 headlines", "P7"),
    "KS4": ("Key Stage 4 headlines", ""),
}
CURVES: Final = {"KS2": ("ks2.l4_en", "ks2.l4_ma"), "KS4": ("ks4.ac5_en_ma",)}
"""What is drawn over the years beside the sentences."""
BACK: Final = 5


def _opened(brief: Brief) -> Headlines:
    """The results that the briefing's programme year opened with; worked out once for all stages of one deck."""
    kept = brief.kept.get("headlines")
    if not isinstance(kept, Headlines):
        schools, year = brief.schools(P.RESULTS_VIEW), brief.term.year.first - 1
        kept = headlines(authority=brief.authority, pack=brief.pack, schools=schools, year=year)
        brief.kept["headlines"] = kept
    return kept


def headlines_slide(stage: str, brief: Brief) -> Slide | None:
    """A stage's sentences, each with how many results it is computed from; what could not be written is said beside the slide."""
    page = _opened(brief)
    written = [sentence for sentence in page.written if sentence.key_stage == stage]
    if not written:
        return None
    title, of_slide = STAGES[stage]
    year = page.year
    counts = _results(brief, written, year)
    url = f"{reverse('targets:headlines')}?year={year + 1}"
    lines = tuple(
        Line(
            sentence.code,
            sentence.text.removesuffix("."),
            from_rows(
                "targets.Result",
                count=sum(counts.get(code, 0) for code in sentence.measures),
                url=url,
                said=f"{sentence.rule} Results to summer {year + 1}: {', '.join(sentence.measures)}",
                slide=sentence.source if sentence.source[:1] in "PS" else of_slide,
            ),
        )
        for sentence in written
    )
    missing = [f"{entry.name}. {entry.why}" for entry in page.not_written if entry.key_stage == stage]
    return Slide(
        title=title,
        lines=lines,
        curves=_curves(brief, CURVES.get(stage, ()), year, url),
        about=plural(len(lines), "sentence"),
        foot=f"Results of {AcademicYear(year)}",
        notes="\n".join(f"Not written: {why}" for why in missing),
    )


def _results(brief: Brief, written: Sequence[Sentence], year: int) -> dict[str, int]:
    codes = {code for sentence in written for code in sentence.measures}
    rows = Result.objects.filter(
        measure__in=codes,
        academic_year__range=(year - YEARS + 1, year),
        pupil_group="all",
        is_current=True,
        school__in=brief.schools(P.RESULTS_VIEW).order_by().values("pk"),
    )
    return dict(rows.order_by().values_list("measure").annotate(Count("pk")))


def _curves(brief: Brief, codes: Sequence[str], year: int, url: str) -> tuple[Curve, ...]:
    """The authority's own figure from its schools' integers, else as published; England's beside it. Two points make a line."""
    if not codes:
        return ()
    part, years = measures_of(brief.pack.content), range(year - BACK + 1, year + 1)
    measures = [part.measure(code) for code in codes]
    rows = rows_of(brief.schools(P.RESULTS_VIEW), codes, years)
    beside = published(brief.authority, measures, years)
    found = []
    for measure in measures:
        sums = together(rows.get(measure.code, ()), measure)
        values = tuple(_own(sums.get(at), beside.get((Level.AUTHORITY, measure.code, at))) for at in years)
        england = tuple(held.value if (held := beside.get((Level.NATIONAL, measure.code, at))) else None for at in years)
        if sum(value is not None for value in values) > 1:
            source = from_rows("targets.Result", count=len(rows.get(measure.code, ())), url=url, said=measure.label)
            found.append(Curve(measure.label, tuple(str(at + 1) for at in years), values, england, source))
    return tuple(found)


def _own(summed: Together | None, stated: Published | None) -> Decimal | None:
    if summed is not None and summed.figure is not None:
        return summed.figure
    return stated.value if stated else None


# ---------------------------------------------------------------- targets


def targets_slide(brief: Brief) -> Slide | None:
    """What is set this year, statutory first (P11), and how many schools have agreed it."""
    part, measures, year = targets_of(brief.pack.content), measures_of(brief.pack.content), brief.term.year.first
    sets = [
        one
        for one in part.sets
        if one.set_in_academic_year == year
        and one.level == "school"
        and not (one.is_optional or one.is_zero_rated)
        and set(one.phases) & set(brief.phases)
        and not (one.withdrawn_on and one.withdrawn_on <= brief.on)
    ]
    if not sets:
        return None
    lines = []
    for is_statutory, heading in ((True, "Statutory targets"), (False, "Non-statutory targets")):
        chosen = [one for one in sets if one.is_statutory is is_statutory]
        if not chosen:
            continue
        lines.append(Line(f"statutory-{is_statutory}", heading, brief.word("targets", f"statutory = {is_statutory}".lower(), slide="P11")))
        for one in chosen:
            if is_statutory:
                for code in one.measures:
                    text = f"{measures.measure(code).label}, {_when(one, measures.measure(code))}"
                    lines.append(Line(f"{one.code}.{code}", text, brief.word("targets", one.code, slide="P11"), 1))
            else:
                lines.append(
                    Line(
                        one.code,
                        _together(one, [measures.measure(code) for code in one.measures]),
                        brief.word("targets", one.code, slide="P11"),
                        1,
                    )
                )
    if said := _agreed(brief, [one for one in sets if one.is_statutory]):
        lines.append(said)
    summer = max(one.summer for one in sets)
    return Slide(
        title=f"Target setting for {summer}",
        lines=tuple(lines),
        about=plural(sum(len(one.measures) for one in sets), "target"),
        foot=f"To be set by {day(min(one.deadline_on for one in sets))}",
    )


def _together(one: TargetSet, of: Sequence[Measure]) -> str:
    """ "Key Stage 2, summer 2010: level 4 or above in English, mathematics and science"."""
    stage, what = (of[0].label.split(":")[0].rpartition(" ")[0], of[0].label.partition(": ")[2])
    subjects = [measure.label.split(":")[0].rpartition(" ")[2] for measure in of]
    if not what or any(not measure.label.startswith(stage) or not measure.label.endswith(what) for measure in of):
        return f"{one.label}: {'; '.join(measure.label for measure in of)}"
    named = " and ".join([", ".join(subjects[:-1]), subjects[-1]] if len(subjects) > 1 else subjects)
    return f"{stage}, summer {one.summer}: {what} in {named}"


def _when(one: TargetSet, measure: Measure) -> str:
    return str(AcademicYear(one.summer - 1)) if measure.code.startswith("absence") else f"summer {one.summer}"


def _agreed(brief: Brief, sets: Sequence[TargetSet]) -> Line | None:
    """Schools whose statutory targets all stand, of those that have any to set."""
    phases = [phase for phase in brief.phases if any(phase in one.phases for one in sets)]
    schools = dict(brief.of_phase(P.TARGET_VIEW).open_on(brief.on).filter(phase__in=phases).values_list("pk", "phase"))  # type: ignore[attr-defined]
    keys = {(code, one.summer): one for one in sets for code in one.measures}
    states: dict[int, list[tuple[int, str]]] = defaultdict(list)
    held = Target.objects.filter(school__in=list(schools), pupil_group="all", summer__in={one.summer for one in sets})
    for pk, school, measure, summer, state in held.order_by("pk").values_list("pk", "school_id", "measure", "summer", "state"):
        if (measure, summer) in keys and state not in ASIDE:
            states[school].append((pk, state))
    if not states:
        return None
    done = [school for school, rows in states.items() if all(state in STANDING for _, state in rows)]
    ids = [pk for school in done for pk, _ in states[school]]
    text = f"So far {Rate(len(done), len(schools))} schools have settled their statutory targets"
    return Line("agreed", text, from_rows("targets.Target", ids, url=reverse("targets:target-list"), said=plural(len(done), "school")))


for _stage, (_title, _) in STAGES.items():
    SLIDES.add(f"headlines-{_stage.lower()}", SlideSource(_title, partial(headlines_slide, _stage), P.RESULTS_VIEW))
SLIDES.add("targets-next", SlideSource("Targets", targets_slide))
