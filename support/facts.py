"""The facts that support owns (facts.toml): a school's category and days, its concern, its interventions, its programmes."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from core.calendar import AcademicYear
from core.facts import Answer, FactQuestion, FactValue, figure, unknown
from core.numbers import round_half_up
from core.spans import on_day
from schools.choices import AssignmentKind
from schools.models import Assignment
from schools.selectors import days_of_schools

from .choices import InterventionOrigin
from .models import Concern, Enrolment, Intervention, SchoolCategory, WarningNotice

REGISTER = "the register of schools causing concern"


def support_facts(codes: Collection[str], question: FactQuestion) -> Mapping[str, Answer]:
    found: dict[str, Answer] = {}
    on = question.on
    if "support.category" in codes:
        rows = SchoolCategory.objects.filter(on_day(on), school__in=question.subjects.values("pk"))
        values = {row.school_id: figure(row.level, source=f"{row.label}, decided by {row.decided_by}", on=row.starts_on) for row in rows}
        found["support.category"] = Answer(values, figure(0, source="no category has been published"))
    if "support.days_used_pct" in codes:
        year = AcademicYear.from_date(on)
        days = days_of_schools(question.subjects.values_list("pk", flat=True), year.first)
        values = {
            pk: figure(
                round_half_up(Decimal(100 * balance.total.used) / balance.total.allocated, 1), source=f"the ledger of days, {year}", on=on
            )
            for pk, balance in days.items()
            if balance.total.allocated > 0
        }
        found["support.days_used_pct"] = Answer(values, unknown(f"No days of {year} are allocated."))
    return found


def intervention_facts(codes: Collection[str], question: FactQuestion) -> Mapping[str, Answer]:
    """External ones (all but the school's own) that ran in the last year, with impact or value for money not judged."""
    if "interventions.unevaluated" not in codes:
        return {}
    year_ago = question.on - dt.timedelta(days=365)
    rows = (
        Intervention.objects.had()
        .filter(school__in=question.subjects.values("pk"), starts_on__lte=question.on)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gte=year_ago))
        .filter(Q(impact="") | Q(value_for_money=""))
        .exclude(origin=InterventionOrigin.SCHOOL)
        .order_by()
        .values_list("school_id")
        .annotate(number=Count("pk"))
    )
    source = "the register of interventions"
    return {"interventions.unevaluated": Answer({pk: figure(n, source=source, on=question.on) for pk, n in rows}, figure(0, source=source))}


def concern_facts(codes: Collection[str], question: FactQuestion) -> Mapping[str, Answer]:
    found: dict[str, Answer] = {}
    here = question.subjects.values("pk")
    if {"concern.open", "concern.classes"} & set(codes):
        classes: dict[int, set[str]] = defaultdict(set)
        since: dict[int, dt.date] = {}
        for school_id, code, starts_on in (
            Concern.objects.filter(on_day(question.on), school__in=here)
            .order_by("-starts_on")
            .values_list("school_id", "concern_class", "starts_on")
        ):
            classes[school_id].add(code)
            since[school_id] = starts_on
        found["concern.open"] = Answer({pk: figure(True, source=REGISTER, on=since[pk]) for pk in classes}, figure(False, source=REGISTER))
        found["concern.classes"] = Answer(
            {pk: figure(frozenset(held), source=REGISTER, on=since[pk]) for pk, held in classes.items()},
            figure(frozenset(), source=REGISTER),
        )
    if "concern.warning_notice" in codes:
        notices = WarningNotice.objects.filter(on_day(question.on), school__in=here).values_list("school_id", "starts_on")
        found["concern.warning_notice"] = Answer(
            {pk: figure(True, source="the register of formal notices", on=on) for pk, on in notices},
            figure(False, source="the register of formal notices"),
        )
    return {code: answer for code, answer in found.items() if code in codes}


PROGRAMMES: Mapping[str, str] = {"programme.national_challenge": "National Challenge", "programme.isp": "Improving Schools Programme"}


def programme_facts(codes: Collection[str], question: FactQuestion) -> Mapping[str, Answer]:
    """Enrolled in the programme; or support of its name runs at the school, or (National Challenge) an adviser is assigned for it (S6)."""
    asked = [code for code in PROGRAMMES if code in codes]
    if not asked:
        return {}
    here = question.subjects.values("pk")
    enrolled: dict[str, dict[int, FactValue]] = {code: {} for code in asked}
    by_label = {PROGRAMMES[code].lower(): code for code in asked}
    running: Any = Intervention.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=question.on),
        school__in=here,
        origin=InterventionOrigin.PROGRAMME,
        starts_on__lte=question.on,
    ).values_list("school_id", "name", "starts_on")
    for school_id, name, starts_on in running:
        if code := by_label.get(name.strip().lower()):
            enrolled[code][school_id] = figure(True, source="the register of interventions", on=starts_on)
    codes_of = {"national-challenge": "programme.national_challenge", "improving-schools": "programme.isp"}
    for school_id, of_pack, starts_on in Enrolment.objects.filter(
        on_day(question.on), school__in=here, programme__code__in=[key for key, code in codes_of.items() if code in enrolled]
    ).values_list("school_id", "programme__code", "starts_on"):
        enrolled[codes_of[of_pack]][school_id] = figure(True, source="enrolled in the programme", on=starts_on)
    if "programme.national_challenge" in codes:
        advised = Assignment.objects.filter(on_day(question.on), school__in=here, kind=AssignmentKind.NC_ADVISER)
        for school_id, starts_on in advised.values_list("school_id", "starts_on"):
            enrolled["programme.national_challenge"].setdefault(school_id, figure(True, source="an adviser is assigned", on=starts_on))
    return {code: Answer(values, figure(False, source="the register of interventions")) for code, values in enrolled.items()}
