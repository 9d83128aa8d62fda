"""The calendar: a month, or a term, of the visits that a person may see, with their own deadlines. A list per day that looks like one."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import QuerySet

from core.agenda import Entry, agenda
from core.components.formats import month_year
from core.components.forms import PortalFilterForm
from people.roles import Hat
from people.roles import Permission as P
from visits.choices import VisitState
from visits.models import Visit, VisitSchool
from visits.selectors import visit_tag, with_schools

from .pages import WithPack

ONE_DAY = dt.timedelta(days=1)


@dataclass
class Day:
    """One day of the calendar: its visits, the asker's deadlines, and why schools are closed."""

    on: dt.date
    is_beside: bool = False
    closed: str = ""
    visits: list[tuple[Visit, tuple[str, str]]] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.visits or self.entries)


class CalendarFilterForm(PortalFilterForm):
    """Whose visits, of which kind, where; every one stands in the URL."""

    whose = forms.ChoiceField(label="Whose", required=False, choices=[("", "Everybody’s that you see"), ("mine", "Your own")])
    sip = forms.ChoiceField(label="Led by", required=False)
    cluster = forms.ChoiceField(label="Cluster", required=False)
    kind = forms.ChoiceField(label="Kind of visit", required=False)

    def __init__(
        self, *args: Any, leads: list[tuple[str, str]], clusters: list[tuple[str, str]], kinds: list[tuple[str, str]], **kw: Any
    ) -> None:
        super().__init__(*args, **kw)
        for name, first, choices in (("sip", "Anybody", leads), ("cluster", "Any", clusters), ("kind", "Any kind", kinds)):
            self.fields[name].choices = [("", first), *choices]  # type: ignore[attr-defined]


def _month(text: str, today: dt.date) -> dt.date:
    """The first day of the month asked for, "2008-10"; this month's where it is none."""
    try:
        year, month = text.split("-")
        return dt.date(int(year), int(month), 1) if 1990 <= int(year) <= 2100 else today.replace(day=1)
    except ValueError:
        return today.replace(day=1)


class CalendarView(WithPack):
    """Own visits; for a manager or an officer those of the whole scope, with filters."""

    permission = P.VISIT_LIST
    template_name = "visits/calendar.html"

    @cached_property
    def is_term(self) -> bool:
        return self.request.GET.get("view") == "term"

    @cached_property
    def first(self) -> dt.date:
        return _month(self.request.GET.get("month", ""), self.today)

    @cached_property
    def span(self) -> tuple[dt.date, dt.date]:
        """The month, or the term that it lies in, as the authority's calendar has it."""
        after = (self.first + dt.timedelta(days=32)).replace(day=1)
        if not self.is_term:
            return self.first, after - ONE_DAY
        terms = self.policy_in_force.terms if self.policy_in_force else None
        at = self.today if self.first <= self.today < after else self.first
        term = (terms.term_on(at) or terms.next_term(at) or terms.term_of(at)) if terms else None
        return (term.starts_on, term.ends_on) if term else (self.first, after - ONE_DAY)

    @cached_property
    def is_programme(self) -> bool:
        worn = self.user.hats.worn
        return bool(worn & {Hat.SIP_MANAGER, Hat.OFFICER, Hat.HEAD_OF_IMPROVEMENT})

    def visits(self, form: CalendarFilterForm, first: dt.date, last: dt.date) -> QuerySet[Any]:
        rows = with_schools(Visit.objects.visible_to(self.user)).filter(on__range=(first, last))
        rows = rows.exclude(state__in=(VisitState.CANCELLED, VisitState.ABORTED)).order_by("on", "starts_at", "pk")
        values = form.cleaned_data if form.is_bound and form.is_valid() else {}
        if values.get("whose") == "mine" or (not self.is_programme and not self.user.hats.contacts and not values.get("sip")):
            rows = rows.filter(lead=self.user) | rows.filter(second_adviser=self.user)
        if sip := values.get("sip"):
            rows = rows.filter(lead__public_id=sip)
        if kind := values.get("kind"):
            rows = rows.filter(visit_type=kind)
        if cluster := values.get("cluster"):
            rows = rows.filter(pk__in=VisitSchool.objects.filter(school__cluster__code=cluster).values("visit_id"))
        return rows

    def form(self, first: dt.date, last: dt.date) -> CalendarFilterForm:
        """The choices are those of the days shown, by one query."""
        seen = Visit.objects.visible_to(self.user).filter(on__range=(first, last))
        rows = VisitSchool.objects.filter(visit__in=seen.values("pk")).values_list(
            "visit__lead__public_id",
            "visit__lead__name",
            "school__cluster__code",
            "school__cluster__name",
            "visit__visit_type",
            "visit__visit_type_label",
        )
        leads, clusters, kinds = {}, {}, {}
        for lead, name, code, cluster, kind, label in rows:
            leads[lead], kinds[kind] = name, label
            if code:
                clusters[code] = cluster

        def ordered(found: dict[str, str]) -> list[tuple[str, str]]:
            return sorted(found.items(), key=lambda pair: pair[1])

        params = self.request.GET if set(self.request.GET) & {"whose", "sip", "cluster", "kind"} else None
        form = CalendarFilterForm(params, leads=ordered(leads), clusters=ordered(clusters), kinds=ordered(kinds))
        if not self.is_programme:
            for name in ("sip", "cluster", "whose"):
                del form.fields[name]
        return form

    def days(self, form: CalendarFilterForm, first: dt.date, last: dt.date) -> list[Day]:
        start = first - dt.timedelta(days=first.weekday())
        end = last + dt.timedelta(days=6 - last.weekday())
        pack = self.policy_in_force
        by_day: dict[dt.date, Day] = {}
        for number in range((end - start).days + 1):
            on = start + dt.timedelta(days=number)
            by_day[on] = Day(on, is_beside=not first <= on <= last)
            if pack is not None and on.weekday() < 5:
                by_day[on].closed = "Bank holiday" if on in pack.bank_holidays else "" if pack.terms.in_session(on) else "No school"
        for visit in self.visits(form, start, end):
            by_day[visit.on].visits.append((visit, visit_tag(visit)))
        for entry in agenda(self.user, start, end):
            if entry.kind != "visit" or entry.is_tentative:
                by_day[entry.on].entries.append(entry)
        return list(by_day.values())

    def context(self) -> dict[str, Any]:
        first, last = self.span
        form = self.form(first, last)
        days = self.days(form, first, last)
        has_weekend = any(day.on.weekday() >= 5 and not day.is_empty for day in days)
        weeks: dict[dt.date, list[Day]] = defaultdict(list)
        for day in days:
            if day.on.weekday() < 5 or has_weekend:
                weeks[day.on - dt.timedelta(days=day.on.weekday())].append(day)
        before, after = first - ONE_DAY, last + ONE_DAY

        def url(**values: str) -> str:
            query = self.request.GET.copy()
            for name, value in values.items():
                query[name] = value
            return f"?{query.urlencode()}"

        month = f"{self.first:%Y-%m}"
        return {
            "filter": form,
            "title": f"{month_year(first)} to {month_year(last)}" if self.is_term else month_year(first),
            "weeks": [(monday, found, sum(len(day.visits) for day in found)) for monday, found in weeks.items()],
            "is_term": self.is_term,
            "has_weekend": has_weekend,
            "total": sum(len(day.visits) for day in days if not day.is_beside),
            "previous": url(month=f"{before:%Y-%m}"),
            "next": url(month=f"{after:%Y-%m}"),
            "this": url(month=f"{self.today:%Y-%m}"),
            "views": [
                {"label": "Month", "url": url(view="month", month=month), "current": not self.is_term},
                {"label": "Term", "url": url(view="term", month=month), "current": self.is_term},
            ],
            "may_book": self.user.hats.may_somewhere(P.VISIT_BOOK),
        }
