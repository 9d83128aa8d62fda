"""Making Figures Speak (P4 to P8): one school's figures of one key stage, in sentences, charts and one table.

Foundation Stage, Key Stages 1, 2 and 4. What a figure is set beside, and why a figure is missing, is always said; nothing is
judged here. The page and the PDF are the same markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from django.urls import reverse

from core.charts import Chart
from core.components.formats import plural
from core.tabular.columns import Reason
from schools.models import School

from . import school_charts as charts
from .beside import BesideRow, beside_others
from .choices import EstimateKind, Level, TargetState
from .pack import Measure
from .school_rows import FigureRow
from .selectors.rollup import Together
from .selectors.school import SchoolFigures, shown

SMALL_COHORT: Final = "small_cohort"
POOLED: Final = 3


@dataclass(frozen=True)
class Stage:
    """``key_stage`` is the pack's; ``dataset`` the code of the pack in the preparation list (``visits.toml``), "" where it has none.

    ``trends`` are the measures charted over the years where they are held, the first of them the one that matters most.
    """

    code: str
    key_stage: str
    label: str
    dataset: str
    trends: tuple[str, ...]
    levels: tuple[str, ...] = ()


STAGES: Final = (
    Stage("foundation-stage", "FS", "Foundation Stage", "fsp-mfs", ("fsp.gld", "fsp.gap20")),
    Stage("key-stage-1", "KS1", "Key Stage 1", "ks1-mfs", ("ks1.l2_re", "ks1.l2_wr", "ks1.l2_ma"), ("l2_", "l2b_", "l3_")),
    Stage("key-stage-2", "KS2", "Key Stage 2", "ks2-mfs", ("ks2.l4_en_ma", "ks2.l4_en", "ks2.l4_ma"), ("l4_", "l5_")),
    Stage("key-stage-4", "KS4", "Key Stage 4", "", ("ks4.ac5_en_ma", "ks4.ac5")),
)
BY_CODE: Final = {stage.code: stage for stage in STAGES}


def address(school: School, stage: Stage, *, pdf: bool = False) -> str:
    name = "targets:figures-speak-pdf" if pdf else "targets:figures-speak"
    return reverse(name, args=[school.authority.code, school.urn, stage.code])


@dataclass
class Speaking:
    """One school, one key stage."""

    figures: SchoolFigures
    stage: Stage

    @cached_property
    def measures(self) -> list[Measure]:
        return [measure for measure in self.figures.measures if measure.key_stage == self.stage.key_stage]

    @cached_property
    def trends(self) -> list[Measure]:
        by_code = {measure.code: measure for measure in self.measures}
        named = [by_code[code] for code in self.stage.trends if code in by_code]
        return named or self.measures[:3]

    @property
    def main(self) -> Measure | None:
        return self.trends[0] if self.trends else None

    @property
    def years(self) -> Sequence[int]:
        return self.figures.years

    @property
    def summer(self) -> int | None:
        return self.years[-1] + 1 if self.years else None

    @cached_property
    def rows(self) -> list[FigureRow]:
        return [FigureRow(self.figures, measure, self.years) for measure in self.measures]

    @property
    def columns(self) -> str:
        return "|".join(["Measure", *(f"{year + 1}:num" for year in self.years), "Change:num", "LA:num", "England:num", "Pupils:num"])

    @cached_property
    def beside(self) -> list[BesideRow]:
        """The latest figures beside cluster, similar schools, authority and England, each marked."""
        return beside_others(self.figures, self.measures)

    @cached_property
    def ahead(self) -> list[tuple[str, str, str, str, str, int | None]]:
        """Estimates and targets of the summers to come: measure, summer, FFT B, FFT D, target and its state, pupils."""
        if self.stage.key_stage not in ("KS1", "KS2", "KS4"):
            return []
        figures, found = self.figures, []
        for measure in self.measures:
            summers = {year + 1 for code, year, _ in figures.estimates if code == measure.code}
            summers |= {summer for code, summer in figures.targets if code == measure.code}
            for summer in sorted(summer for summer in summers if summer > (self.summer or 0)):
                b, d = (figures.estimates.get((measure.code, summer - 1, kind)) for kind in (EstimateKind.B, EstimateKind.D))
                target = figures.targets.get((measure.code, summer))
                aimed = f"{shown(measure, target.value)}, {TargetState(target.key).label}" if target else ""
                either = d or b
                found.append(
                    (
                        measure.short_label,
                        str(summer),
                        shown(measure, b.value) if b else "",
                        shown(measure, d.value) if d else "",
                        aimed,
                        either.cohort if either else target.cohort if target else None,
                    )
                )
        return found

    @cached_property
    def charts(self) -> list[Chart]:
        """Years, then levels or aspects, gaps between groups, and where the school lies among the authority's."""
        figures, main = self.figures, self.main
        found: list[Chart | None] = [charts.trend(figures, measure) for measure in self.trends]
        if self.stage.levels:
            leveled = [
                measure
                for start in self.stage.levels
                for measure in self.measures
                if measure.unit == "%" and measure.code.partition(".")[2].startswith(start)
            ]
            found.append(charts.levels(figures, leveled, key="levels", heading="At each level and above"))
        if self.stage.key_stage == "FS":
            aspects = [measure for measure in self.measures if measure.unit == "%" and measure.code.endswith("6")]
            found.append(charts.beside_authority(figures, aspects, key="aspects", heading="6+ points in each aspect, %"))
        if main is not None:
            found += [charts.gaps(figures, main), charts.distribution(figures, main)]
        return [chart for chart in found if chart is not None]

    @cached_property
    def summary(self) -> list[str]:
        """What the figures say, in sentences that a governor can read; a sentence without its figures is not written."""
        if self.main is None or not self.years:
            return []
        said = [charts.sentence(self.figures, self.main)]
        said += filter(None, [self._against_england(), self._since_last_year(), self._exempt(), self._cohort(), self._missing()])
        return said

    def _against_england(self) -> str:
        year = self.years[-1]
        pairs = [
            (value, other)
            for measure in self.measures
            if measure.unit == "%" and measure.is_higher_better
            if (value := self.figures.value(measure, year)) is not None
            and (other := self.figures.published(Level.AUTHORITY, measure, year)) is not None
        ]
        higher = sum(1 for value, other in pairs if value >= other)
        place = self.figures.school.authority.name
        return f"At or above {place} in {higher} of {len(pairs)} measures of summer {year + 1}." if len(pairs) > 1 else ""

    def _since_last_year(self) -> str:
        changes = [
            change
            for measure in self.measures
            if measure.unit == "%" and measure.is_higher_better and (change := self.figures.change(measure, self.years[-1])) is not None
        ]
        up, down = sum(1 for change in changes if change > 0), sum(1 for change in changes if change < 0)
        return f"Since summer {self.years[-1]}, {up} of {len(changes)} measures rose and {down} fell." if len(changes) > 1 else ""

    def _exempt(self) -> str:
        has_floor = any(measure.floor(self.years[-1] + 1) for measure in self.measures)
        return "Floors do not apply to this kind of school." if has_floor and self.figures.is_exempt else ""

    def _cohort(self) -> str:
        assert self.main is not None
        row = self.figures.row(self.main, self.years[-1])
        if row is None or not row.cohort:
            return ""
        pack = self.figures.pack
        said = f"{plural(row.cohort, 'pupil')} in summer {self.years[-1] + 1}."
        if row.cohort < 50:
            said += f" {charts.pupil_worth(row.cohort)}"
        if pack is not None and row.cohort < pack.whole(SMALL_COHORT):
            pooled = Together(is_share=self.main.unit == "%")
            for held in filter(None, (self.figures.row(self.main, year) for year in self.years[-POOLED:])):
                pooled.add(held.value, held.numerator, held.cohort)
            if pooled.schools > 1:
                said += f" So few that {pooled.schools} summers together, {shown(self.main, pooled.figure)}, say more than one."
        return said

    def _missing(self) -> str:
        year = self.years[-1]
        hidden = sum(
            1
            for (code, _), held in self.figures.results.items()
            if code in {measure.code for measure in self.measures}
            and (row := held.get(year)) is not None
            and row.reason == Reason.SUPPRESSED
        )
        if not hidden:
            return ""
        is_one = hidden == 1
        return f"{plural(hidden, 'figure')} of summer {year + 1} {'is' if is_one else 'are'} suppressed: so few pupils could be known."


def stages_for(figures: SchoolFigures) -> list[Stage]:
    """The stages for which the school's pupils are old enough, and something is held."""
    held = {measure.key_stage for measure in figures.measures}
    return [stage for stage in STAGES if stage.key_stage in held]


def applies(figures: SchoolFigures, stage: Stage) -> bool:
    """Whether pupils of this kind of school are assessed at this stage at all."""
    return any(measure.key_stage == stage.key_stage for measure in figures.measures_for_phase)


__all__ = ["BY_CODE", "STAGES", "Speaking", "Stage", "address", "applies", "stages_for"]
