"""Rows of ``targets``: results, estimates, comparators and the source that they all name."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from people.models import Authority
from schools.models import School
from targets.choices import EstimateKind, Level, Release
from targets.models import Comparator, DataSource, Estimate, Result

from .people import NOW


def make_source(authority: Authority, *, kind: str = "results", title: str = "Key Stage 2 results", **values: Any) -> DataSource:
    return DataSource.objects.create(
        authority=authority, kind=kind, title=title, dated=values.pop("dated", dt.date(2008, 9, 2)), imported_at=NOW, **values
    )


def source_of(authority: Authority, release: Release = Release.FINAL) -> DataSource:
    return DataSource.objects.filter(authority=authority, release=release).first() or make_source(authority, release=release)


def _figure(value: Any, numerator: int | None, cohort: int | None) -> dict[str, Any]:
    if value is None and numerator is not None and cohort:
        value = Decimal(100 * numerator) / cohort
    return {"value": None if value is None else round(Decimal(value), 4), "numerator": numerator, "cohort": cohort}


def make_result(
    school: School,
    measure: str = "ks2.l4_en_ma",
    value: Any = None,
    *,
    year: int = 2007,
    numerator: int | None = None,
    cohort: int | None = None,
    release: Release = Release.FINAL,
    **values: Any,
) -> Result:
    """Of summer ``year + 1``. With a numerator and a cohort the value follows; with a ``reason`` there is none."""
    figure = _figure(value, numerator, cohort)
    source = values.pop("source", None) or source_of(school.authority, release)
    return Result.objects.create(school=school, measure=measure, academic_year=year, release=release, source=source, **figure, **values)


def make_estimate(
    school: School,
    measure: str = "ks2.l4_en_ma",
    value: Any = "70",
    *,
    year: int = 2008,
    kind: EstimateKind = EstimateKind.B,
    **values: Any,
) -> Estimate:
    return Estimate.objects.create(
        school=school,
        measure=measure,
        academic_year=year,
        kind=kind,
        source=values.pop("source", None) or source_of(school.authority),
        **_figure(value, None, values.pop("cohort", None)),
        **values,
    )


def make_comparator(
    authority: Authority,
    measure: str = "ks2.l4_en_ma",
    value: Any = None,
    *,
    level: Level = Level.NATIONAL,
    year: int = 2007,
    **values: Any,
) -> Comparator:
    figure = _figure(value, values.pop("numerator", None), values.pop("cohort", None))
    return Comparator.objects.create(
        authority=authority,
        measure=measure,
        level=level,
        academic_year=year,
        release=values.pop("release", Release.FINAL),
        source=values.pop("source", None) or source_of(authority),
        **figure,
        **values,
    )
