"""Dated spans: a first day, and a last day or none. Both days belong to the span.

The database refuses overlap: an exclusion constraint on PostgreSQL (over an ``int8range`` of the key, so that no
extension is needed), triggers on SQLite. The two give the same answer, ``IntegrityError``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import F, Q

from .triggers import TRIGGERS, Trigger


def on_day(day: dt.date, prefix: str = "") -> Q:
    """The condition for a span that holds on this day."""
    return Q(**{f"{prefix}starts_on__lte": day}) & (Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gte": day}))


def overlapping(starts_on: dt.date, ends_on: dt.date | None) -> Q:
    """The condition for a span that shares a day with the one given."""
    condition = Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on)
    return condition & Q(starts_on__lte=ends_on) if ends_on else condition


class Span(models.Model):
    """The two dates of a span, and that they stand in order."""

    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day", null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_dates_in_order", condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))
            )
        ]

    def holds_on(self, day: dt.date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or self.ends_on >= day)


def no_overlap(model: type[models.Model], *, keys: Sequence[str], where: str = "") -> None:
    """Declare that no two rows with equal ``keys`` (integer or text columns) overlap; ``where`` narrows it, in SQL."""
    table = model._meta.db_table
    name = f"span_{table}"
    # In the exclusion constraint only ranges can be used with gist, so text keys are hashed to an integer.
    kinds: dict[str, Any] = {}
    for key in keys:
        field: Any = model._meta.get_field(key)
        kinds[field.column] = field
    if any(field.null for field in kinds.values()):
        raise ImproperlyConfigured(f"{name}: a key that may be empty would mean one thing on SQLite and another on PostgreSQL.")
    ranges = []
    for column, field in kinds.items():
        whole = f'"{column}"' if not isinstance(field, models.CharField | models.TextField) else f'hashtextextended("{column}", 0)'
        ranges.append(f"int8range({whole}, {whole}, '[]') WITH &&")
    ranges.append('daterange("starts_on", "ends_on", \'[]\') WITH &&')
    predicate = f" WHERE ({where})" if where else ""
    same = " AND ".join(f'o."{c}" = NEW."{c}"' for c in kinds)
    narrowed_new = " AND " + where_for(where, "NEW", model) if where else ""
    narrowed_old = " AND " + where_for(where, "o", model) if where else ""
    select = (
        f'SELECT RAISE(ABORT, \'{name}\') WHERE EXISTS (SELECT 1 FROM "{table}" o WHERE {same} AND o."id" IS NOT NEW."id" '
        f'AND o."starts_on" <= COALESCE(NEW."ends_on", \'9999-12-31\') AND COALESCE(o."ends_on", \'9999-12-31\') >= NEW."starts_on"'
        f"{narrowed_old}){narrowed_new}"
    )
    for verb in ("INSERT", "UPDATE"):
        trigger = f"{name}_{verb.lower()}"
        TRIGGERS.add(
            trigger,
            Trigger(
                name=trigger,
                table=table,
                sqlite=[
                    f'DROP TRIGGER IF EXISTS "{trigger}"',
                    f'CREATE TRIGGER "{trigger}" BEFORE {verb} ON "{table}" BEGIN {select}; END',
                ],
            ),
        )
    TRIGGERS.add(
        name,
        Trigger(
            name=name,
            table=table,
            is_constraint=True,
            postgresql=[
                f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}"',
                f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" EXCLUDE USING gist ({", ".join(ranges)}){predicate}',
            ],
        ),
    )


def where_for(where: str, alias: str, model: type[models.Model]) -> str:
    """Qualify the quoted columns of ``where`` with an alias."""
    for field in model._meta.concrete_fields:
        where = where.replace(f'"{field.column}"', f'{alias}."{field.column}"')
    return f"({where})"
