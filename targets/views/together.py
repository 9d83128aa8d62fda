"""Targets of schools together against the authority's own, and whether those who aimed higher gained more (P10)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.functional import cached_property

from core import audit, clock
from core.calendar import AcademicYear
from core.charts import Bar, Bars, Chart
from core.components.formats import plural
from core.numbers import format_change, format_number, round_half_up
from core.tabular.writing import export_response
from people.roles import Permission as P
from schools.models import School
from targets.choices import Level
from targets.forms import AmbitionForm, TogetherForm
from targets.models import Target
from targets.pack import Measure, measures_of
from targets.selectors import By, published
from targets.selectors.target_rollup import Aim, AmbitionPage, TargetLine, aims_of, ambition, phases_of, rolled_targets

from .round import EXPORTS, _Schools

HORIZON = 2
"""Between the last results known when a target is set and the summer that it is for: autumn 2008, with those of 2008, sets 2010."""


class _Together(_Schools):
    abstract = True
    permission = P.RESULTS_VIEW

    @cached_property
    def aims(self) -> dict[str, Aim]:
        """What schools set in this round, statutory first, in the pack's order."""
        if self.pack is None:
            return {}
        return aims_of(self.pack[1].content, self.year, self.today)

    @cached_property
    def together_form(self) -> TogetherForm:
        choices = [(key, f"{aim.measure.short_label}, {aim.summer}") for key, aim in self.aims.items()]
        return TogetherForm(self.request.GET, targets=choices)

    @property
    def aim(self) -> Aim:
        return self.aims[self.together_form.chosen["target"]]

    @property
    def by(self) -> By:
        return By(self.together_form.chosen["by"])

    @cached_property
    def table(self) -> tuple[TargetLine, list[TargetLine]]:
        assert self.pack is not None
        content, aim = self.pack[1].content, self.aim
        phases = phases_of(content, self.year, aim)
        wanted = {school.pk: school.phase in phases for school in self.schools}
        labels = {phase.code: phase.label for phase in measures_of(content).phases}
        return rolled_targets(self.every_line, aim, wanted, self.by, labels)

    @cached_property
    def la_target(self) -> Decimal | None:
        assert self.pack is not None
        authority, measure = self.pack[0], self.aim.measure
        found = published(authority, [measure], [self.aim.summer - 1]).get((Level.TARGET, measure.code, self.aim.summer - 1))
        return found.value if found else None


class TargetRollUpView(_Together):
    template_name = "targets/together.html"

    def context(self) -> dict[str, Any]:
        if not self.aims:
            return {"aims": False, "year": AcademicYear(self.year)}
        whole, parts = self.table
        aim, measure = self.aim, self.aim.measure
        return {
            "aims": True,
            "year": AcademicYear(self.year),
            "aim": aim,
            "filter_form": self.together_form,
            "by": self.by,
            "whole": whole,
            "table": [self._row(line) for line in [whole, *parts]],
            "la_target": shown_finely(measure, self.la_target),
            "gap": self._gap(whole),
            "reached": shown_finely(measure, whole.targets.figure),
            "charts": self._charts(whole, parts),
            "query": self.request.GET.urlencode(),
        }

    def _gap(self, line: TargetLine) -> str:
        value = line.targets.figure
        return format_change(value - self.la_target, 1) if value is not None and self.la_target is not None else ""

    def _row(self, line: TargetLine) -> dict[str, Any]:
        measure, is_whole = self.aim.measure, not line.key
        where = "" if is_whole or line.key == "none" else f"{'phase' if self.by is By.PHASE else 'cluster'}={line.key}"
        address = reverse("targets:target-list")
        return {
            "line": line,
            "is_whole": is_whole,
            "label": self.pack[0].name if is_whole and self.pack else line.label,
            "url": f"{address}?{where}",
            "late_url": f"{address}?only=late{'&' if where else ''}{where}",
            "result": shown_finely(measure, line.result.figure),
            "estimate": shown_finely(measure, line.estimate.figure),
            "target": shown_finely(measure, line.targets.figure),
            "gap": self._gap(line),
        }

    def _charts(self, whole: TargetLine, parts: Sequence[TargetLine]) -> list[Chart]:
        measure = self.aim.measure
        bars = [Bar(line.label, line.result.figure, line.targets.figure) for line in parts if line.targets.figure is not None]
        if len(bars) < 2:
            return []
        said = f"Targets for {self.aim.summer} come to {shown_finely(measure, whole.targets.figure)}"
        if whole.result.figure is not None:
            said += f"; the last results of the same schools to {shown_finely(measure, whole.result.figure)}"
        return [
            Bars(
                key="targets-together",
                heading=f"{measure.short_label}: last result and target, by {self.by}",
                say=f"{said}.",
                bars=bars,
                of="Last result",
                other_of=f"Target {self.aim.summer}",
                unit="%" if measure.unit == "%" else "",
                decimals=max(measure.decimals, 1),
            )
        ]


def shown_finely(measure: Measure, value: Decimal | None) -> str:
    """A figure of several schools, to at least a tenth."""
    return "" if value is None else format_number(value, max(measure.decimals, 1)) + ("%" if measure.unit == "%" else "")


class TargetRollUpExportView(_Together):
    COLUMNS = (
        "Where", "Measure", "Summer", "Schools", "Decided", "Agreed", "Set without agreement", "Late", "In the sum", "Pupils",
        "Last result", "FFT D", "Target", "LA target", "Target less LA target",
    )  # fmt: skip

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if kwargs["kind"] not in EXPORTS or not self.aims or self.pack is None:
            raise Http404("Not found.")
        whole, parts = self.table
        authority, aim, la = self.pack[0], self.aim, self.la_target
        rows = [
            (
                authority.name if line is whole else line.label, aim.measure.code, aim.summer, line.schools, line.decided, line.agreed,
                line.apart, line.late, line.targets.schools, line.targets.pupils, line.result.figure, line.estimate.figure,
                line.targets.figure, la, line.targets.figure - la if line.targets.figure is not None and la is not None else None,
            )
            for line in [whole, *parts]
        ]  # fmt: skip
        audit.record(
            "target.exported",
            actor=self.user,
            at=clock.now(),
            subject=authority,
            authority=authority,
            changes={"rows": len(rows), "kind": kwargs["kind"], "measure": aim.measure.code},
        )
        return export_response(f"targets {aim.summer} by {self.by}", self.COLUMNS, rows, kwargs["kind"])


# ---------------------------------------------------------------- ambition


class _Ambition(_Schools):
    abstract = True
    permission = P.RESULTS_VIEW

    @cached_property
    def choices(self) -> dict[str, tuple[Measure, int]]:
        """Measures and summers whose results have come and for which targets are held, latest first. One query."""
        if self.pack is None:
            return {}
        measures = {measure.code: measure for measure in measures_of(self.pack[1].content).measures}
        rows = Target.objects.filter(
            school__in=[school.pk for school in self.schools], summer__lte=self.year, pupil_group="all", value__isnull=False
        )
        pairs = rows.order_by("-summer", "measure").values_list("measure", "summer").distinct()
        return {f"{code}.{summer}": (measures[code], summer) for code, summer in pairs if code in measures}

    @cached_property
    def ambition_form(self) -> AmbitionForm:
        return AmbitionForm(
            self.request.GET, targets=[(key, f"{measure.short_label}, {summer}") for key, (measure, summer) in self.choices.items()]
        )

    @cached_property
    def found(self) -> AmbitionPage:
        assert self.pack is not None
        pack = self.pack[1]
        measure, summer = self.choices[self.ambition_form.chosen["target"]]
        return ambition(
            School.objects.filter(pk__in=[school.pk for school in self.schools]),
            measure,
            summer,
            set_in=summer - HORIZON,
            points=Decimal(pack.whole("ambition_points")),
            smallest=pack.whole("ambition_smallest_schools"),
        )


class AmbitionView(_Ambition):
    template_name = "targets/ambition.html"

    def context(self) -> dict[str, Any]:
        if not self.choices:
            return {"measure": None, "this_summer": self.year}
        measure, summer = self.choices[self.ambition_form.chosen["target"]]
        found = self.found
        return {
            "measure": measure,
            "summer": summer,
            "before": summer - HORIZON,
            "filter_form": self.ambition_form,
            "found": found,
            "rows": [(band, change(band.gain)) for band in found.bands],
            "charts": [self._chart(measure, summer)] if found.is_told else [],
            "say": finding(found),
            "smallest": self.pack[1].whole("ambition_smallest_schools") if self.pack else 0,
            "query": self.request.GET.urlencode(),
        }

    def _chart(self, measure: Measure, summer: int) -> Chart:
        found = self.found
        return Bars(
            key="ambition",
            heading=f"Mean gain from summer {summer - HORIZON} to summer {summer}, points",
            say=finding(found),
            bars=[Bar(f"{band.label} (n = {band.schools})", band.gain) for band in found.bands],
            of="Mean gain, points",
            decimals=1,
            source=f"{plural(found.compared, 'school')} compared; {found.left_out} left out.",
        )


def change(value: Decimal | None) -> str:
    return "" if value is None else format_change(value, 1)


def finding(found: AmbitionPage) -> str:
    """What the bands say, and nothing that they don't."""
    told = [band for band in found.bands if band.gain is not None]
    if len(told) < 2:
        return "Too few schools to tell."
    low, high = (round_half_up(band.gain, 1) for band in (told[0], told[-1]) if band.gain is not None)
    verb = "gained more than" if high > low else "gained as much as" if high == low else "gained less than"
    return (
        f"The {told[-1].schools} schools that aimed highest {verb} the {told[0].schools} that aimed lowest: "
        f"{format_change(high, 1)} points against {format_change(low, 1)}."
    )


class AmbitionExportView(_Ambition):
    COLUMNS = ("Measure", "Summer", "Target against FFT B", "Schools", "Mean gain", "Reached the target")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if kwargs["kind"] not in EXPORTS or self.pack is None:
            raise Http404("Not found.")
        if not self.choices:
            return export_response("ambition", self.COLUMNS, [], kwargs["kind"])
        measure, summer = self.choices[self.ambition_form.chosen["target"]]
        rows = [
            (measure.code, summer, band.label, band.schools, None if band.gain is None else round_half_up(band.gain, 2), None if band.is_small else band.met)
            for band in self.found.bands
        ]  # fmt: skip
        audit.record(
            "target.exported",
            actor=self.user,
            at=clock.now(),
            subject=self.pack[0],
            authority=self.pack[0],
            changes={"rows": len(rows), "kind": kwargs["kind"], "measure": measure.code},
        )
        return export_response(f"ambition {measure.code} {summer}", self.COLUMNS, rows, kwargs["kind"])


__all__ = ["AmbitionExportView", "AmbitionView", "TargetRollUpExportView", "TargetRollUpView"]
