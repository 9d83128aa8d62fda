"""Headlines, roll-ups by cluster and phase, the rows behind both, and their exports. All in the row scope of who asks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from core import audit, clock
from core.access import PortalView, get_visible
from core.calendar import AcademicYear
from core.charts import Bar, Bars, Chart, Role, Series, Trend
from core.components.formats import plural
from core.numbers import format_change, format_number
from core.tabular.writing import export_response
from people.models import Authority, User
from people.packs import AuthorityPack, page_pack
from people.roles import Permission
from people.views.base import Page
from schools.models import School
from targets.choices import Level
from targets.forms import KEY_STAGES, ResultsForm
from targets.models import Result
from targets.pack import Measure, MeasuresPart, measures_of
from targets.school_page import results_table
from targets.selectors import By, Line, for_measure, headlines, published, roll_up

EXPORTS = ("csv", "xlsx")
FIRST_SHOWN = "ks2.l4_en_ma"
BACK = 4


class _Asked:
    """What both the pages and their exports work from: the authority, its pack, the schools in scope, and the choices."""

    def __init__(self, request: HttpRequest, user: User, on: dt.date, authority: Authority, pack: AuthorityPack) -> None:
        self.user, self.authority, self.pack = user, authority, pack
        self.this_year = AcademicYear.from_date(on).first
        self.years = list(range(self.this_year - 1, self.this_year - 7, -1))
        self.form = ResultsForm(request.GET, part=self.part, years=self.years, default=FIRST_SHOWN)
        self.query = request.GET

    @cached_property
    def part(self) -> MeasuresPart:
        return measures_of(self.pack.content)

    @property
    def measure(self) -> Measure:
        return self.part.measure(self.form.chosen["measure"])

    @property
    def group(self) -> str:
        return self.form.chosen["group"]

    @property
    def year(self) -> int:
        return int(self.form.chosen["year"])

    @property
    def by(self) -> By:
        return By(self.form.chosen["by"])

    @cached_property
    def schools(self) -> QuerySet[School]:
        visible = School.objects.visible_to(self.user).filter(authority=self.authority)
        return for_measure(visible, self.measure)

    def show(self, value: Decimal | None) -> str:
        if value is None:
            return ""
        text = format_number(value, max(self.measure.decimals, 1))
        return f"{text}%" if self.measure.unit == "%" else text


class _ResultsPage(Page):
    abstract = True
    permission = Permission.RESULTS_VIEW

    asked: _Asked

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        asked = _asked(request)
        if asked is None:
            return TemplateResponse(request, "targets/no_measures.html", self.frame())
        self.asked = asked
        return self.show()


class HeadlinesView(_ResultsPage):
    """``?year=2008``: the programme year, which opens with the results of 2007/08."""

    template_name = "targets/headlines.html"

    def context(self) -> dict[str, Any]:
        asked = self.asked
        years = [year + 1 for year in asked.years]
        year = int(self.request.GET["year"]) if self.request.GET.get("year", "") in map(str, years) else years[0]
        schools = School.objects.visible_to(self.user).filter(authority=asked.authority)
        page = headlines(authority=asked.authority, pack=asked.pack, schools=schools, year=year - 1)
        stages = []
        for stage, label in KEY_STAGES.items():
            written = [sentence for sentence in page.written if sentence.key_stage == stage]
            total = len(written) + sum(1 for entry in page.not_written if entry.key_stage == stage)
            if total:
                items = [
                    (
                        sentence,
                        [(f"{sentence.url}?year={year}", "")]
                        if sentence.url
                        else [(self._link(code, year - 1), asked.part.measure(code).short_label) for code in sentence.measures],
                    )
                    for sentence in written
                ]
                stages.append((stage, label, items, total))
        return {
            "page": page,
            "stages": stages,
            "year": AcademicYear(year),
            "summer": year,
            "years": [(reverse("targets:headlines") + f"?year={other}", AcademicYear(other), other == year) for other in years],
        }

    @staticmethod
    def _link(code: str, year: int) -> str:
        return f"{reverse('targets:results-rows')}?measure={code}&year={year}"


# ---------------------------------------------------------------- roll-up


class RollUpView(_ResultsPage):
    template_name = "targets/roll_up.html"

    def context(self) -> dict[str, Any]:
        asked = self.asked
        whole, lines = roll_up(asked.schools, asked.part, asked.measure, year=asked.year, by=asked.by, group=asked.group, back=BACK)
        beside = published(asked.authority, [asked.measure], range(asked.year - BACK, asked.year + 1), asked.group)
        code, year = asked.measure.code, asked.year
        england, target = beside.get((Level.NATIONAL, code, year)), beside.get((Level.TARGET, code, year))
        own = beside.get((Level.AUTHORITY, code, year))
        table = [self._row(line) for line in [whole, *lines]]
        return {
            "asked": asked,
            "filter_form": asked.form,
            "measure": asked.measure,
            "year": AcademicYear(year),
            "before": AcademicYear(year - 1),
            "table": table,
            "whole": whole,
            "england": asked.show(england.value) if england else "",
            "target": asked.show(target.value) if target else "",
            "published": asked.show(own.value) if own else "",
            "charts": list(_charts(asked, whole, lines, beside)) if whole.figure(year) is not None else [],
            "query": self.request.GET.urlencode(),
            "has_floor": whole.floor is not None,
            "rows_url": reverse("targets:results-rows"),
        }

    def _row(self, line: Line) -> dict[str, Any]:
        asked, year = self.asked, self.asked.year
        now, before = line.figure(year), line.figure(year - 1)
        this = line.years.get(year)
        chosen = f"measure={asked.measure.code}&year={year}&group={asked.group}"
        where = "" if not line.key else f"&{'phase' if asked.by is By.PHASE else 'cluster'}={line.key}"
        return {
            "label": asked.authority.name if line.label == "All of them" else line.label,
            "is_whole": line.label == "All of them",
            "url": f"{reverse('targets:results-rows')}?{chosen}{where}",
            "schools": this.schools if this else 0,
            "pupils": this.pupils if this else 0,
            "left_out": this.left_out if this else 0,
            "before": asked.show(before),
            "now": asked.show(now),
            "is_exact": this.is_exact if this else True,
            "change": format_change(now - before, 1) if now is not None and before is not None else "",
            "floor": line.floor,
            "net": format_change(Decimal(line.floor.net)) if line.floor else "",
        }


def _charts(asked: _Asked, whole: Line, lines: Sequence[Line], beside: Any) -> Sequence[Chart]:
    measure, years = asked.measure, range(asked.year - BACK, asked.year + 1)
    unit = "%" if measure.unit == "%" else measure.unit
    places = measure.decimals

    def of(level: str) -> list[Decimal | None]:
        return [found.value if (found := beside.get((level, measure.code, year))) else None for year in years]

    series = [Series(asked.authority.name, Role.SUBJECT, [whole.figure(year) for year in years])]
    if any(value is not None for value in of(Level.NATIONAL)):
        series.append(Series("England", Role.NATIONAL, of(Level.NATIONAL)))
    if any(value is not None for value in of(Level.TARGET)):
        series.append(Series("LA target", Role.TARGET, of(Level.TARGET)))
    floor = measure.floor(asked.year + 1)
    trend = Trend(
        key="results-trend",
        heading=f"{measure.short_label}{', %' if unit == '%' else ''}",
        say=_finding(asked, whole),
        source=f"Results of schools that you see, to summer {asked.year + 1}.",
        points=[str(year + 1) for year in years],
        series=series,
        floor=floor.value if floor and asked.group == "all" else None,
        unit=unit,
        decimals=places,
    )
    if len(lines) < 2:
        return [trend]
    bars = sorted((Bar(line.label, line.figure(asked.year)) for line in lines), key=lambda bar: -(bar.value or 0))
    known = [bar for bar in bars if bar.value is not None]
    say = f"{known[0].label} is highest, {known[-1].label} lowest." if len(known) > 1 else ""
    return [
        trend,
        Bars(
            key="results-bars",
            heading=f"By {asked.by}, summer {asked.year + 1}",
            say=say,
            bars=bars,
            of="This year",
            unit=unit,
            decimals=places,
        ),
    ]


def _finding(asked: _Asked, whole: Line) -> str:
    now, before = whole.figure(asked.year), whole.figure(asked.year - 1)
    if now is None:
        return "No figure for this year is held."
    if before is None:
        return f"{asked.show(now)} in summer {asked.year + 1}."
    change = format_change(now - before, 1)
    verb = (
        "the same as"
        if change == "0" or change == "0.0"
        else f"{change.lstrip('+' + chr(0x2212))} points {'up on' if change.startswith('+') else 'down on'}"
    )
    return f"{asked.show(now)} in summer {asked.year + 1}, {verb} the year before."


class RollUpExportView(PortalView):
    """The table of the roll-up, as CSV or a workbook."""

    permission = Permission.RESULTS_VIEW

    def get(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        if kind not in EXPORTS:
            raise Http404("Not found.")
        asked = _asked(request)
        if asked is None:
            return redirect("targets:results-roll-up")
        whole, lines = roll_up(asked.schools, asked.part, asked.measure, year=asked.year, by=asked.by, group=asked.group)
        columns = (
            str(asked.by).capitalize(),
            "Measure",
            "Pupils",
            "Year",
            "Schools",
            "Left out",
            "Cohort",
            "Reached",
            "Figure",
            "Year before",
            "Exact",
            "Newly at the floor",
            "Newly below",
            "Net",
        )
        rows = []
        for line in [whole, *lines]:
            now, floor = line.years.get(asked.year), line.floor
            rows.append(
                (
                    asked.authority.name if line is whole else line.label,
                    asked.measure.code,
                    asked.group,
                    str(AcademicYear(asked.year)),
                    now.schools if now else 0,
                    now.left_out if now else 0,
                    now.pupils if now else 0,
                    int(now.reached) if now and now.is_exact and now.is_share else None,
                    line.figure(asked.year),
                    line.figure(asked.year - 1),
                    now.is_exact if now else None,
                    len(floor.risen) if floor else None,
                    len(floor.fallen) if floor else None,
                    floor.net if floor else None,
                )
            )
        return _send(request, asked, f"results {asked.measure.code} by {asked.by}", columns, rows, kind)


# ---------------------------------------------------------------- rows


def _rows(asked: _Asked) -> list[dict[str, Any]]:
    """Schools with this year's and last year's figure. Two queries."""
    schools = asked.schools.select_related("authority", "cluster").order_by("name", "urn")
    if asked.query.get("cluster", "").isdigit():
        schools = schools.filter(cluster_id=int(asked.query["cluster"]))
    if asked.query.get("phase") in asked.part.phase_codes:
        schools = schools.filter(phase=asked.query["phase"])
    found: dict[int, dict[int, Result]] = {}
    wanted = Result.objects.filter(
        measure=asked.measure.code,
        pupil_group=asked.group,
        academic_year__in=[asked.year, asked.year - 1],
        is_current=True,
        school__in=schools.order_by().values("pk"),
    )
    for result in wanted.select_related("source"):
        found.setdefault(result.school_id, {})[result.academic_year] = result
    floors = [asked.measure.floor(summer) for summer in (asked.year, asked.year + 1)]
    rows = []
    for school in schools:
        years = found.get(school.pk, {})
        now, before = years.get(asked.year), years.get(asked.year - 1)
        exempt = school.phase in asked.part.floors_do_not_apply_to or asked.group != "all"
        rows.append({"school": school, "now": now, "before": before, "floor": "" if exempt else _standing(now, before, floors)})
    only = asked.query.get("only", "")
    if only:
        rows = [row for row in rows if row["floor"] == only or (only == "below" and row["floor"] == "fallen")]
    return rows


def _standing(now: Result | None, before: Result | None, floors: Sequence[Any]) -> str:
    if floors[1] is None or now is None or now.value is None:
        return ""
    is_at = now.value >= floors[1].value
    was = before is not None and before.value is not None and floors[0] is not None
    if was and before is not None and before.value is not None:
        was_at = before.value >= floors[0].value
        if is_at and not was_at:
            return "risen"
        if was_at and not is_at:
            return "fallen"
    return "at" if is_at else "below"


class RowsView(_ResultsPage):
    """The schools and figures behind a headline or a line of the roll-up."""

    template_name = "targets/rows.html"

    def context(self) -> dict[str, Any]:
        asked = self.asked
        rows = _rows(asked)
        shown = [
            {
                **row,
                "value": asked.show(row["now"].value) if row["now"] else "",
                "last": asked.show(row["before"].value) if row["before"] else "",
                "change": format_change(row["now"].value - row["before"].value, 1)
                if row["now"] and row["before"] and row["now"].value is not None and row["before"].value is not None
                else "",
            }
            for row in rows
        ]
        floor = asked.measure.floor(asked.year + 1)
        counts = {name: sum(1 for row in rows if row["floor"] == name) for name in ("risen", "fallen", "below", "at")}
        base = self.request.GET.copy()
        links = []
        for value, label in (
            ("", "All schools"),
            ("risen", "Newly at or above the floor"),
            ("fallen", "Newly below"),
            ("below", "Below the floor"),
        ):
            base["only"] = value
            links.append({"label": label, "url": f"?{base.urlencode()}", "current": self.request.GET.get("only", "") == value})
        return {
            "asked": asked,
            "filter_form": asked.form,
            "measure": asked.measure,
            "year": AcademicYear(asked.year),
            "before": AcademicYear(asked.year - 1),
            "rows": shown,
            "floor": asked.show(floor.value) if floor else "",
            "counts": counts,
            "views": links if floor else [],
            "query": self.request.GET.urlencode(),
            "total": plural(len(shown), "school"),
        }


class RowsExportView(PortalView):
    permission = Permission.RESULTS_VIEW
    COLUMNS: ClassVar = (
        "School",
        "URN",
        "DfE number",
        "Phase",
        "Cluster",
        "Measure",
        "Pupils",
        "Year",
        "Figure",
        "Why none",
        "Reached",
        "Cohort",
        "Release",
        "Source",
        "Year before",
        "Floor",
    )

    def get(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        if kind not in EXPORTS:
            raise Http404("Not found.")
        asked = _asked(request)
        if asked is None:
            return redirect("targets:results-roll-up")
        words = {"risen": "newly at or above", "fallen": "newly below", "below": "below", "at": "at or above", "": ""}
        rows = [
            (
                row["school"].name,
                row["school"].urn,
                row["school"].dfe_number,
                row["school"].get_phase_display(),
                row["school"].cluster.name if row["school"].cluster else "",
                asked.measure.code,
                asked.group,
                str(AcademicYear(asked.year)),
                row["now"].value if row["now"] else None,
                (row["now"].code or row["now"].get_reason_display()) if row["now"] else "no result held",
                row["now"].numerator if row["now"] else None,
                row["now"].cohort if row["now"] else None,
                row["now"].release if row["now"] else "",
                row["now"].source.title if row["now"] else "",
                row["before"].value if row["before"] else None,
                words[row["floor"]],
            )
            for row in _rows(asked)
        ]
        return _send(request, asked, f"schools {asked.measure.code}", self.COLUMNS, rows, kind)


class SchoolResultsExportView(PortalView):
    """Everything in the school's table of results."""

    permission = Permission.SCHOOL_VIEW

    def get_object(self) -> School:
        schools = School.objects.select_related("authority")
        return get_visible(schools, self.request.user, authority__code=self.kwargs["authority"], urn=self.kwargs["urn"])

    def get(self, request: HttpRequest, kind: str, **_: Any) -> HttpResponseBase:
        if kind not in EXPORTS:
            raise Http404("Not found.")
        school, user = self.object, request.user
        assert isinstance(user, User)
        columns, rows = results_table(user, school)
        audit.record(
            "results.exported", actor=user, at=clock.now(), subject=school, school=school, changes={"rows": len(rows), "kind": kind}
        )
        return export_response(f"results {school.name}", columns, rows, kind)


def _asked(request: HttpRequest) -> _Asked | None:
    """None where the person's authority has no pack for the year: then there are no measures to show."""
    user = request.user
    assert isinstance(user, User)
    ids, home = user.hats.authority_ids, user.home_authority_id
    on = clock.today()
    authority, pack = page_pack(request, home if home in ids else min(ids, default=None), on)
    return _Asked(request, user, on, authority, pack) if authority is not None and pack is not None else None


def _send(
    request: HttpRequest, asked: _Asked, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], kind: str
) -> HttpResponseBase:
    audit.record(
        "results.exported",
        actor=asked.user,
        at=clock.now(),
        subject=asked.authority,
        authority=asked.authority,
        changes={"rows": len(rows), "kind": kind, "measure": asked.measure.code},
    )
    return export_response(name, columns, rows, kind)
