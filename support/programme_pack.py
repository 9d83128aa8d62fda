"""The parts of a pack that say what programmes there are, how support is brokered, and under which headings (S6, S12, P31)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, cast

from core.numbers import quarters
from core.packs import PackContent, PackSection, Problems, Table
from targets.pack import measures_of


@dataclass(frozen=True)
class Area:
    """An area of need, a heading of the directory. ``themes`` are the key issues of inspection that it covers (P22, P23)."""

    code: str
    label: str
    includes: str
    phase_groups: tuple[str, ...]
    themes: tuple[str, ...]


@dataclass(frozen=True)
class Band:
    """A level of risk, with the days a year that it brings, in quarters, and the rule that suggests it. Heaviest first."""

    code: str
    label: str
    days: int
    rule: Mapping[str, Any]


@dataclass(frozen=True)
class FundPolicy:
    code: str
    label: str


@dataclass(frozen=True)
class ProgrammePolicy:
    """A programme as the pack has it; days in quarters. ``bands`` may be none: then days are set school by school."""

    code: str
    label: str
    phases: tuple[str, ...]
    aim: str
    measure: str
    entry: Mapping[str, Any]
    exit: Mapping[str, Any]
    adviser_role: str
    adviser_assignment: str
    replaces_sip: bool
    allocated_on: dt.date | None
    least: int
    most: int
    length_terms: int | None
    bands: tuple[Band, ...]
    fund: FundPolicy
    intervention_fields: tuple[str, ...]
    stages: tuple[str, ...]
    elements: tuple[str, ...]
    report_to: str
    training_where: str

    def band(self, code: str) -> Band | None:
        return next((band for band in self.bands if band.code == code), None)

    def rank(self, code: str) -> int:
        """1 is the highest risk; what has no band stands last."""
        return next((place for place, band in enumerate(self.bands, start=1) if band.code == code), len(self.bands) + 1)


@dataclass(frozen=True)
class Paragraph:
    heading: str
    text: str


@dataclass(frozen=True)
class Commissioning:
    """How support is brokered. ``impact`` are the words of the four marks, the least first."""

    principle: str
    policy: tuple[Paragraph, ...]
    impact: tuple[str, ...]
    review_months: int
    fewest_schools: int


@dataclass(frozen=True)
class EffectPolicy:
    """Schools of no programme that stood within ``similar_within`` points the year before are similar; of fewer than
    ``fewest_schools`` in a programme nothing is written (P7)."""

    similar_within: Decimal
    fewest_schools: int


@dataclass(frozen=True)
class ProgrammesPart:
    programmes: tuple[ProgrammePolicy, ...]
    commissioning: Commissioning
    effect: EffectPolicy

    def programme(self, code: str) -> ProgrammePolicy | None:
        return next((found for found in self.programmes if found.code == code), None)


NOTHING: Final = ProgrammesPart((), Commissioning("", (), ("1", "2", "3", "4"), 6, 3), EffectPolicy(Decimal(5), 5))
"""Of a pack without the part."""


def programmes_of(content: PackContent) -> ProgrammesPart:
    return cast(ProgrammesPart, content.section("programmes")) if "programmes" in content.parts else NOTHING


def areas_of(content: PackContent) -> tuple[Area, ...]:
    return cast("tuple[Area, ...]", content.section("areas-of-need")) if "areas-of-need" in content.parts else ()


def area_labels(content: PackContent) -> dict[str, str]:
    return {area.code: area.label for area in areas_of(content)}


def parse_areas(table: Table) -> tuple[Area, ...]:
    return tuple(
        Area(entry.text("code"), entry.text("label"), entry.text("includes"), entry.texts("phase_groups"), entry.texts("themes"))
        for entry in table.tables("area", least=1)
    )


def validate_areas(areas: tuple[Area, ...], content: PackContent, problems: Problems) -> None:
    groups = measures_of(content).phase_groups
    for area in areas:
        problems.need(area.phase_groups, groups, f"area {area.code!r}", "group of phases")


def parse_programmes(table: Table) -> ProgrammesPart:
    programmes = tuple(_programme(entry) for entry in table.tables("programme"))
    entry, effect = table.table("commissioning"), table.table("effect")
    entry.ignore("states")
    marks = entry.table("evaluate")
    marks.ignore("value_for_money", "buy_again", "direction")
    impact = marks.texts("impact")
    if len(impact) != 4:
        marks.problem("has not four marks. Give the words of four, the least first.", "impact")
    return ProgrammesPart(
        programmes,
        Commissioning(
            entry.text("principle"),
            tuple(Paragraph(row.text("heading"), row.text("text")) for row in entry.tables("policy", name="heading", least=1)),
            impact,
            entry.whole("review_months", least=1, most=36),
            entry.whole("fewest_schools", least=1),
        ),
        EffectPolicy(effect.decimal("similar_within"), effect.whole("fewest_schools", least=1)),
    )


def _programme(entry: Table) -> ProgrammePolicy:
    entry.ignore("entry_standing", "exit_standing", "bands_standing", "demonstration")
    days, fund = entry.table("days"), entry.table("fund")
    fund.ignore("drawdown")
    least, most = days.whole("least", least=0), days.whole("most", least=1)
    bands = []
    for row in entry.tables("bands"):
        in_days = row.decimal("days")
        if not least <= in_days <= most:
            row.problem(f"gives {in_days} days, and the programme gives {least} to {most}.", "days")
        bands.append(Band(row.text("code"), row.text("label"), quarters(in_days), row.mapping("rule")))
    report, training = entry.optional_table("report"), entry.optional_table("training")
    if report is not None:
        report.ignore("how", "log", "copy_text")
    if training is not None:
        training.ignore("note")
    return ProgrammePolicy(
        code=entry.text("code"),
        label=entry.text("label"),
        phases=entry.texts("phases"),
        aim=entry.text("aim"),
        measure=entry.text("measure"),
        entry=entry.mapping("entry"),
        exit=entry.mapping("exit"),
        adviser_role=entry.text("adviser_role"),
        adviser_assignment=entry.choice("adviser_assignment", ("nc_adviser",), "") if entry.has("adviser_assignment") else "",
        replaces_sip=entry.flag("adviser_replaces_sip"),
        allocated_on=entry.optional_date("allocated_on"),
        least=least * 4,
        most=most * 4,
        length_terms=entry.optional_whole("length_terms", least=1),
        bands=tuple(bands),
        fund=FundPolicy(fund.text("code"), fund.text("label")),
        intervention_fields=entry.texts("intervention_fields"),
        stages=entry.texts("stages", ()),
        elements=entry.texts("elements", ()),
        report_to=report.text("to") if report is not None else "",
        training_where=training.text("where") if training is not None else "",
    )


def validate_programmes(part: ProgrammesPart, content: PackContent, problems: Problems) -> None:
    measures = measures_of(content)
    phases, codes = measures.phase_codes, [measure.code for measure in measures.measures]
    for programme in part.programmes:
        problems.need(programme.phases, phases, f"programme {programme.code!r}", "phase")
        problems.need([programme.measure], codes, f"programme {programme.code!r}, 'measure'", "measure")


PROGRAMMES: Final = PackSection("programmes", parse_programmes, validate_programmes)
AREAS: Final = PackSection("areas-of-need", parse_areas, validate_areas)
