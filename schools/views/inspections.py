"""Inspection over the schools of one's scope: outcomes of a period, key issues, readiness (P21 to P23, P25); and what is said of one school."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from core import audit, clock
from core.access import PortalView
from core.calendar import AcademicYear
from core.charts import Bar, Bars
from core.components.formats import day
from core.tabular.writing import export_response
from people.models import Authority, User
from people.packs import AuthorityPack, require_pack
from people.roles import Permission
from people.views.base import FormPage, Page, chosen_authority
from schools.choices import PHASE_FAMILIES
from schools.forms import KeyIssueCodeForm, PeriodFilter, ReadinessForm
from schools.models import Inspection, KeyIssue, School
from schools.pack import InspectionPart, inspection_of
from schools.selectors.inspections import described, key_issues, outcomes, readiness, readiness_lines, standing
from schools.services import code_key_issues, record_readiness

from .school import SchoolPage

EXPORTS = ("csv", "xlsx")


class _Asked:
    """Whose inspections, of which period: by the address, within the asker's scope."""

    request: Any
    object: Authority

    def get_object(self) -> Authority:
        return chosen_authority(self.request, Permission.INSPECTION_OVERVIEW)

    @cached_property
    def policy(self) -> AuthorityPack:
        return require_pack(self.object, clock.today())

    @cached_property
    def part(self) -> InspectionPart:
        return inspection_of(self.policy.content)

    @cached_property
    def filter(self) -> PeriodFilter:
        form = PeriodFilter(self.request.GET)
        form.is_valid()
        return form

    @property
    def period(self) -> tuple[dt.date, dt.date]:
        """As asked, else the pack's cycle and the day that its report goes to (P21)."""
        asked = self.filter.cleaned_data
        return asked.get("first") or self.part.cycle_starts_on, asked.get("last") or self.part.report_to

    @property
    def family(self) -> str:
        return str(self.filter.cleaned_data.get("phase") or "")

    def schools(self) -> QuerySet[School]:
        mine = School.objects.granting(self.request.user, Permission.INSPECTION_OVERVIEW).filter(authority=self.object)
        return mine.filter(phase__in=PHASE_FAMILIES[self.family]) if self.family else mine


class _InspectionPage(_Asked, Page):
    abstract = True
    permission = Permission.INSPECTION_OVERVIEW
    view = ""

    def authority_id(self) -> int | None:
        return self.object.pk

    def frame(self) -> dict[str, Any]:
        query = self.request.GET.urlencode()
        first, last = self.period
        said = f"{day(first)} to {day(last)}" + (f", {self.family} schools" if self.family else "")
        return {**super().frame(), "form": self.filter, "query": query, "period": said}


class InspectionOverviewView(_InspectionPage):
    """Outcomes of a period by phase and grade, each framework apart; and every open school by its latest (P21)."""

    template_name = "schools/inspection_overview.html"
    view = "outcomes"

    def context(self) -> dict[str, Any]:
        first, last = self.period
        found = outcomes(self.schools(), self.part.frameworks, first, last)
        charts = [
            Bars(
                key=f"outcomes-{each.framework.code}",
                heading=f"Outcomes, {day(first)} to {day(last)}",
                say=_said(each.whole.total, each.whole.counts, each.framework.grades),
                bars=[Bar(label, each.whole.counts.get(grade, 0)) for grade, label in each.grades],
                of="Inspections",
                unit="",
                source=f"Ofsted, {each.framework.label}",
            )
            for each in found
        ]
        now = standing(self.schools().open_on(self.today), self.part.frameworks, self.today)  # type: ignore[attr-defined]
        return {"found": list(zip(found, charts, strict=True)), "now": now}


def _said(total: int, counts: Any, grades: Any) -> str:
    told = [f"{counts.get(grade, 0)} {label.lower()}" for grade, label in sorted(grades.items())]
    return f"{total} full inspections: {', '.join(told)}."


class KeyIssueListView(_InspectionPage):
    """What inspections told schools to improve: the top ten with the schools behind each (P22, P23)."""

    template_name = "schools/key_issue_list.html"
    view = "issues"

    def context(self) -> dict[str, Any]:
        first, last = self.period
        found = key_issues(self.schools(), self.part, first, last)
        chart = Bars(
            key="key-issues",
            heading="Top ten key issues",
            bars=[Bar(line.theme.short_label, len(line.schools)) for line in found.top_ten],
            of="Schools",
            unit="",
            is_ranked=True,
            say=f"Most often: {found.top_ten[0].theme.short_label.lower()}, at {len(found.top_ten[0].schools)} schools."
            if found.top_ten
            else "",
            source=f"Inspection reports, {day(first)} to {day(last)}",
        )
        return {"found": found, "chart": chart if found.top_ten else None}


class ReadinessListView(_InspectionPage):
    """Who is ready for inspection: each item as a share of the schools that it is for, and each school (P25)."""

    template_name = "schools/readiness_list.html"
    view = "readiness"

    def context(self) -> dict[str, Any]:
        rows = readiness(_open(self.schools(), self.today), self.part, self.today)
        rows.sort(key=lambda row: (row.in_place.percent() or 0, row.school.name))
        return {"lines": readiness_lines(rows, self.part), "rows": rows, "year": AcademicYear.from_date(self.today)}


def _open(schools: Any, on: dt.date) -> list[School]:
    return list(schools.open_on(on).select_related("authority", "cluster").order_by("name", "urn"))


class InspectionExportView(_Asked, PortalView):
    """The inspections, key issues or readiness that the page shows under the same filters, as CSV or a workbook."""

    permission = Permission.INSPECTION_OVERVIEW

    def get(self, request: HttpRequest, what: str, kind: str) -> HttpResponseBase:
        assert isinstance(request.user, User)
        tables = {"outcomes": self._outcomes, "key-issues": self._issues, "readiness": self._readiness}
        if kind not in EXPORTS or what not in tables:
            raise Http404("Not found.")
        columns, rows = tables[what]()
        audit.record(
            "inspections.exported",
            actor=request.user,
            at=clock.now(),
            subject=request.user,
            authority=self.object,
            changes={"what": what, "rows": len(rows), "kind": kind},
        )
        return export_response(f"inspection-{what}", columns, rows, kind)

    def _outcomes(self) -> tuple[Sequence[str], list[Sequence[Any]]]:
        columns = (
            "School",
            "URN",
            "Phase",
            "First day",
            "Framework",
            "Overall",
            "Capacity",
            "Category",
            "Category left",
            "Inherited from URN",
        )
        found = Inspection.objects.filter(school__in=self.schools(), kind="full", starts_on__range=self.period)
        found = found.select_related("school").prefetch_related("grades").order_by("school__name", "-starts_on")
        rows: list[Sequence[Any]] = []
        for row in found:
            said = described(row, self.part.frameworks)
            capacity = next((grade.grade for grade in row.grades.all() if grade.area == "capacity"), None)
            grade = said["framework"].grade(capacity) if capacity else ""
            school = row.school
            rows.append(
                (
                    school.name,
                    school.urn,
                    school.get_phase_display(),
                    row.starts_on,
                    said["framework"].label,
                    said["overall"],
                    grade,
                    said["category"],
                    row.category_left_on,
                    row.urn_then,
                )
            )
        return columns, rows

    def _issues(self) -> tuple[Sequence[str], list[Sequence[Any]]]:
        labels = {theme.code: theme.label for theme in self.part.themes}
        found = KeyIssue.objects.filter(
            inspection__school__in=self.schools(), inspection__starts_on__range=self.period, inspection__kind="full"
        )
        found = found.select_related("school", "inspection").order_by("school__name", "inspection__starts_on", "place")
        rows: list[Sequence[Any]] = [
            (row.school.name, row.school.urn, row.inspection.starts_on, row.place, row.text, labels.get(row.theme, "")) for row in found
        ]
        return ("School", "URN", "Inspection", "Number", "Key issue", "Theme"), rows

    def _readiness(self) -> tuple[Sequence[str], list[Sequence[Any]]]:
        rows: list[Sequence[Any]] = []
        for each in readiness(_open(self.schools(), clock.today()), self.part, clock.today()):
            for item in each.items:
                said = each.said.get(item.code)
                rows.append(
                    (
                        each.school.name,
                        each.school.urn,
                        item.text,
                        said.get_state_display() if said else "nothing said",
                        said.evidence if said else "",
                        said.by.name if said else "",
                    )
                )
        return ("School", "URN", "Item", "State", "Evidence", "Said by"), rows


# ---------------------------------------------------------------- one school


class _OneSchool(FormPage, SchoolPage):
    abstract = True
    tab = "inspection"

    @cached_property
    def part(self) -> InspectionPart:
        return inspection_of(require_pack(self.object.authority, self.today).content)

    def done(self, message: str) -> HttpResponse:
        return self.go(reverse("schools:school-tab", args=[self.object.authority.code, self.object.urn, "inspection"]), message)


class ReadinessRecordView(_OneSchool):
    """Say what is in place for the next inspection; the school or its adviser (P25)."""

    permission = Permission.READINESS_RECORD
    template_name = "schools/readiness_record.html"

    def form(self, data: Any = None) -> ReadinessForm:
        (held,) = readiness([self.object], self.part, self.today)
        initial = {code: row.state for code, row in held.said.items()}
        initial |= {f"{code}-evidence": row.evidence for code, row in held.said.items()}
        return ReadinessForm(data, items=held.items, initial=initial)

    def deed(self, form: ReadinessForm) -> HttpResponse:
        changed = record_readiness(actor=self.user, school=self.object, answers=form.answers, at=clock.now())
        return self.done(f"Recorded: {changed} changed." if changed else "Nothing had changed.")


class KeyIssueCodeView(_OneSchool):
    """Code the key issues of a school's inspections to themes."""

    permission = Permission.KEY_ISSUE_CODE
    template_name = "schools/key_issue_code.html"

    def form(self, data: Any = None) -> KeyIssueCodeForm:
        issues = list(KeyIssue.objects.filter(school=self.object).order_by("-inspection__starts_on", "place"))
        return KeyIssueCodeForm(data, issues=issues, part=self.part)

    def deed(self, form: KeyIssueCodeForm) -> HttpResponse:
        changed = code_key_issues(actor=self.user, school=self.object, themes=form.themes, at=clock.now())
        return self.done(f"Coded: {changed} changed." if changed else "Nothing had changed.")
