"""The programme report and the regional evidence pack: figures of the whole programme, never of a school or a person.

Each section is made once and stands under the headings that the pack gives to either report; a heading for which the portal
has no figure is left out whole. Counts of people and of schools by level are shown only where no small one can be seen or
worked out from them (domain.md §7, "aggregates only, small numbers suppressed").
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from core.calendar import AcademicYear
from people.models import Authority
from people.packs import AuthorityPack
from quality.models import ReportText
from quality.pack import Report, quality_of

from . import programme, schools
from .parts import TOO_FEW, Asked, Figures, Made, Maker, Period, Section


def periods(pack: AuthorityPack, on: dt.date) -> list[Period]:
    """This year and its terms that have begun, then the year before with its own."""
    found = []
    for year in (AcademicYear.from_date(on), AcademicYear.from_date(on).previous):
        found.append(Period(str(year.first), year.label, year.starts_on, year.ends_on, year))
        found += [
            Period(f"{year.first}-{term.season.value}", str(term), term.starts_on, term.ends_on, year)
            for term in pack.terms.in_year(year)
            if term.starts_on <= on
        ]
    return found


PROGRAMME: dict[str, tuple[Maker, ...]] = {
    "coverage": (programme.coverage,),
    "timeliness": (programme.timeliness,),
    "reporting": (programme.reporting,),
    "people": (programme.people, programme.mentoring),
    "shadowing": (programme.shadowing,),
    "moderation": (programme.moderation,),
    "feedback": (programme.feedback,),
    "targets": (schools.targets, schools.against_estimates),
    "categories": (schools.categories,),
    "concern": (schools.concern,),
    "brokering": (schools.brokering,),
    "impact": (schools.moved_between, schools.results, schools.inspections),
}
EVIDENCE: dict[str, tuple[Maker, ...]] = {
    "implementation": (programme.coverage, programme.people),
    "management": (programme.timeliness, programme.reporting),
    "qa": (programme.shadowing, programme.moderation),
    "feedback": (programme.feedback,),
    "development": (programme.mentoring,),
    "challenge": (schools.against_estimates, schools.through_challenge, schools.money_challenges),
    "concern": (schools.categories, schools.concern, schools.brokering),
    "impact": (schools.moved_between, schools.results, schools.inspections),
    "last-visit": (programme.last_visit,),
}
REPORTS = {"programme": PROGRAMME, "evidence": EVIDENCE}


def of_pack(pack: AuthorityPack, which: str) -> Report:
    part = quality_of(pack.content)
    return part.programme_report if which == "programme" else part.evidence_pack


def make_report(authority: Authority, pack: AuthorityPack, which: str, period: Period, on: dt.date) -> Made:
    """The report as it stands: the latest outside judgement first, then the pack's headings that have words or figures."""
    report = of_pack(pack, which)
    asked = Asked(authority, pack, period, on, pack.whole("members_smallest_count"))
    texts = dict(ReportText.objects.filter(authority=authority, period=period.key).values_list("heading", "text"))
    first = Section("judgement", "What others say: the latest outside judgement")
    programme.judgement(asked, first, has_last_visit="last-visit" in REPORTS[which])
    sections = [first]
    for heading in report.headings:
        section = Section(heading.code, heading.text)
        if heading.is_written:
            section.words += [part for part in texts.get(heading.code, "").split("\n") if part.strip()]
        for maker in REPORTS[which].get(heading.code, ()):
            maker(asked, section)
        sections.append(section)
    title = report.title.replace("{period}", period.label)
    return Made(title, period, on, tuple(section for section in sections if section))


def sheets_of(made: Made) -> Sequence[tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]]]:
    """For a workbook: a first sheet of words, then one a table."""
    words = tuple((section.heading, line) for section in made.sections for line in section.words)
    found: list[tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]]] = [("Words", ("Section", "Text"), words)]
    found += [(f"{number} {table.caption}", table.columns, table.rows) for number, table in enumerate(_tables(made), start=1)]
    return found


def _tables(made: Made) -> list[Figures]:
    return [table for section in made.sections for table in section.tables]


__all__ = ["REPORTS", "TOO_FEW", "Figures", "Made", "Period", "Section", "make_report", "of_pack", "periods", "sheets_of"]
