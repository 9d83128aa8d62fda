"""What a briefing says of inspections (P21 to P23, P25) and of schools' money (S8 to S11), as slides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.urls import reverse

from core.components.formats import day, plural
from core.numbers import Rate, format_percent, format_total
from people.roles import Permission as P

from .models import Inspection, KeyIssue
from .pack import finance_of, inspection_of
from .selectors.finance import FinanceSummary, Money, money_of, opening_year, roll_change, rolls_of, summarise
from .selectors.inspections import key_issues, outcomes, readiness, readiness_lines
from .slides import SLIDES, Brief, Line, Row, Slide, SlideSource, Source, Table, from_rows

RETURNS = "schools.FinanceReturn"
FINANCE_PAGE = "/finance/"
"""The overview stands in an app above."""


def _page(name: str, brief: Brief, *, phase: bool = True, **query: str) -> str:
    asked = [f"{key}={value}" for key, value in query.items()]
    asked += [f"phase={brief.phase}"] if phase else []
    return reverse(name) + (f"?{'&'.join(asked)}" if asked else "")


# ---------------------------------------------------------------- inspection


def outcomes_slide(brief: Brief) -> Slide | None:
    """Full inspections of the cycle by grade, each framework apart (P21)."""
    part = inspection_of(brief.pack.content)
    schools = brief.of_phase(P.INSPECTION_OVERVIEW)
    first, last = part.cycle_starts_on, part.report_to
    found = outcomes(schools, part.frameworks, first, last)
    if not found:
        return None
    url = _page("schools:inspection-overview", brief)
    by_grade: dict[tuple[str, int | None], list[int]] = defaultdict(list)
    rows = Inspection.objects.filter(school__in=schools, kind="full", starts_on__range=(first, last)).order_by("pk")
    for pk, code, on, grade in rows.values_list("pk", "framework", "starts_on", "overall"):
        by_grade[part.frameworks.of(code, on).code, grade].append(pk)
    lines = []
    for each in found:
        for grade, label in each.grades:
            ids = by_grade[each.framework.code, grade]
            rate = Rate(each.whole.counts.get(grade, 0), each.whole.total)
            percent = rate.percent()
            cells = (label, str(rate.numerator), format_percent(percent) if percent is not None else "")
            source = from_rows("schools.Inspection", ids, url=url, said=each.framework.label, slide="P21")
            lines.append(Row(f"{each.framework.code}-{grade}", cells, source))
    total = sum(each.whole.total for each in found)
    said = f"{brief.phase.capitalize()} schools inspected between {day(first)} and {day(last)}"
    return Slide(
        title=f"{brief.phase.capitalize()} schools inspected, {first:%B %Y} to {last:%B %Y}",
        table=Table(f"{plural(total, 'full inspection')}, by overall effectiveness", ("Grade", "Inspections", "Share"), tuple(lines)),
        about=plural(total, "inspection"),
        foot=said,
    )


def key_issues_slide(brief: Brief) -> Slide | None:
    """The ten themes that most schools were told (P22, P23)."""
    part = inspection_of(brief.pack.content)
    schools = brief.of_phase(P.INSPECTION_OVERVIEW)
    first, last = part.cycle_starts_on, part.report_to
    found = key_issues(schools, part, first, last)
    if not found.top_ten:
        return None
    by_theme: dict[str, list[int]] = defaultdict(list)
    issues = KeyIssue.objects.filter(inspection__school__in=schools, inspection__kind="full", inspection__starts_on__range=(first, last))
    for pk, theme in issues.order_by("pk").values_list("pk", "theme"):
        by_theme[theme].append(pk)
    url = _page("schools:key-issue-list", brief)
    rows = tuple(
        Row(
            line.theme.code,
            (line.theme.label, str(len(line.schools))),
            from_rows("schools.KeyIssue", by_theme[line.theme.code], url=url, said=plural(len(line.schools), "school"), slide="P22, P23"),
        )
        for line in found.top_ten
    )
    return Slide(
        title=f"Top ten {brief.phase} key issues",
        table=Table("Schools that were told each", ("Key issue", "Schools"), rows, is_ranked=True),
        about=f"Counted from {plural(found.inspections, 'report')}",
        foot=f"{brief.phase.capitalize()} schools inspected {first:%B %Y} to {last:%B %Y}",
    )


def readiness_slide(brief: Brief) -> Slide | None:
    """What makes a school ready for inspection, and in how many it is in place this year (P25)."""
    part = inspection_of(brief.pack.content)
    schools = list(brief.of_phase(P.INSPECTION_OVERVIEW).open_on(brief.on))  # type: ignore[attr-defined]
    said = {line.item.code: line for line in readiness_lines(readiness(schools, part, brief.on), part)}
    url = _page("schools:readiness-list", brief)
    lines = []
    for item in part.readiness:
        if not item.source.startswith("P25") or "default" in item.source:
            continue
        word = brief.word("inspection", item.code, slide="P25")
        line = said.get(item.code)
        if line is None or line.unsaid == line.in_place.cohort:
            lines.append(Line(item.code, item.text, word))
            continue
        source = from_rows(
            "schools.Readiness", count=line.in_place.cohort - line.unsaid, url=url, said=f"said by schools; {word.said}", slide="P25"
        )
        lines.append(Line(item.code, f"{item.text}: in place at {line.in_place}", source))
    return Slide(title="Ready for inspection", lines=tuple(lines), about=f"{plural(len(lines), 'thing')} to have in place", foot="")


# ---------------------------------------------------------------- finance: all phases together, as S8 counts them


def _finance(brief: Brief) -> tuple[FinanceSummary, dict[int, Money], list[int]] | None:
    schools = brief.schools(P.FINANCE_OVERVIEW).open_on(brief.on)  # type: ignore[attr-defined]
    year = opening_year(brief.authority.pk, brief.on)
    money = money_of(schools, year, finance_of(brief.pack.content))
    static = brief.pack.content.setting_decimal("static_roll_percent", brief.authority.settings)
    rolls = rolls_of(schools, year - 1, year)
    found = summarise(money.values(), rolls, year, static_percent=static)
    if found.schools == found.without_return:
        return None
    still = [pk for pk, counts in rolls.items() if (change := roll_change(counts, year)) is not None and change <= static]
    return found, money, still


def _said(lines: dict[str, str], code: str, **figures: str | int) -> str:
    return lines[code].format(**figures)


def _ids(money: dict[int, Money], year: int) -> list[int]:
    return sorted(row.pk for each in money.values() if (row := each.returns.get(year)) is not None)


def reserves_slide(brief: Brief) -> Slide | None:
    """Reserves, what of them is uncommitted, large and lasting ones, and rolls (S8, S10)."""
    held = _finance(brief)
    if held is None:
        return None
    found, money, still = held
    part, url = finance_of(brief.pack.content), FINANCE_PAGE
    words, change = dict(part.lines), found.change_percent

    def rows(which: Iterable[Money], said: str, slide: str = "S8") -> Source:
        ids = sorted(row.pk for each in which if (row := each.closed) is not None)
        return from_rows(RETURNS, ids, url=url, said=said, slide=slide)

    lines = []
    if change is not None:
        moved = "increased" if change >= 0 else "fell"
        text = _said(
            words, "reserves-total", moved=moved, percent=format_percent(abs(change), 1).rstrip("%"), total=format_total(found.reserves)
        )
        before = _ids(money, found.year - 2)
        source = from_rows(
            RETURNS, [*_ids(money, found.year - 1), *before], url=url, said=f"Returns to {found.closed.long_label}", slide="S8"
        )
        lines.append(Line("reserves-total", text, source))
    lines.append(
        Line(
            "reserves-uncommitted",
            _said(words, "reserves-uncommitted", uncommitted=format_total(found.uncommitted)),
            rows(money.values(), f"Returns to {found.closed.long_label}"),
        )
    )
    large = [each for each in money.values() if each.is_large]
    lines.append(
        Line(
            "reserves-large",
            _said(words, "reserves-large", count=found.large.numerator, percent=str(found.large.percent() or 0)),
            rows(large, f"of {found.large.cohort} schools with a return"),
        )
    )
    if found.static_rolls.cohort:
        text = _said(words, "rolls", count=found.static_rolls.numerator, percent=str(found.static_rolls.percent() or 0), year=found.january)
        source = from_rows(
            "schools.School", sorted(still), url=url, said=f"January counts of {found.static_rolls.cohort} schools", slide="S8"
        )
        lines.append(Line("rolls", text, source))
    lasting = [each for each in money.values() if each.is_persistent]
    ids = sorted(row.pk for each in lasting for row in each.returns.values())
    source = from_rows(RETURNS, ids, url=url, said=f"{plural(len(lasting), 'school')}, {part.persistent_years} years of each", slide="S10")
    lines.append(Line("persistent", _said(words, "persistent", count=found.persistent), source))
    return Slide(
        title="School finance: where schools stand",
        lines=tuple(lines),
        about=f"Returns of {plural(found.schools - found.without_return, 'school')}",
        foot=f"Returns to {found.closed.long_label}; rolls of January {found.january}",
    )


def forecast_slide(brief: Brief) -> Slide | None:
    """Deficits that the three-year plans forecast (S9, S10)."""
    held = _finance(brief)
    if held is None:
        return None
    found, money, _ = held
    words = dict(finance_of(brief.pack.content).lines)
    lines = []
    for each in found.deficits:
        those = sorted(row.pk for row in money.values() if (balance := row.balance(each.year.first)) is not None and balance < 0)
        source = from_rows(
            "schools.BudgetPlanYear",
            those,
            count=each.schools,
            url=FINANCE_PAGE,
            said=f"schools whose latest plan ends {each.year.label} below nought",
            slide="S9" if each is found.deficits[0] else "S10",
        )
        text = _said(
            words, "deficits", schools=plural(each.schools, "school"), financial_year=each.year.label, total=format_total(each.total)
        )
        lines.append(Line(f"deficit-{each.year.first}", text, source))
    if not any(each.schools for each in found.deficits):
        return None
    return Slide(
        title=f"School finance: {found.deficits[0].year.label} and beyond",
        lines=tuple(lines),
        about=f"Plans from {found.deficits[0].year.label}",
        foot=f"Latest three-year plans of {plural(found.schools - found.without_plan, 'school')}",
    )


SLIDES.add("inspection-outcomes", SlideSource("Inspection outcomes", outcomes_slide, P.INSPECTION_OVERVIEW))
SLIDES.add("key-issues", SlideSource("Top ten key issues", key_issues_slide, P.INSPECTION_OVERVIEW))
SLIDES.add("readiness", SlideSource("Ready for inspection", readiness_slide, P.INSPECTION_OVERVIEW))
SLIDES.add("finance-reserves", SlideSource("School finance: reserves", reserves_slide, P.FINANCE_OVERVIEW))
SLIDES.add("finance-forecast", SlideSource("School finance: forecasts", forecast_slide, P.FINANCE_OVERVIEW))
