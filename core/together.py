"""Rows of several tables in one query.

Something that is shown whole, such as a note with its judgements, actions and targets, has its rows in a dozen small tables.
Read one by one they cost a journey to the database each; here they come as the branches of one ``UNION ALL``, a row as a JSON
object of its columns, and are the instances that Django would have made. For a few rows of many tables; for many rows of one
table read that table.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import connections, models
from django.db.models import F, IntegerField, JSONField, Value
from django.db.models.functions import JSONObject


class _Exact(json.JSONDecoder):
    """Numbers with a point are exact."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, parse_float=Decimal)


def read_together(*querysets: models.QuerySet[Any]) -> list[list[Any]]:
    """The rows of each queryset, in its own list, by one query for all; their order is the caller's to make.

    A queryset says which rows: filters and sub-queries, no ``select_related``, no annotation, no slice.
    """
    branches = []
    for number, queryset in enumerate(querysets):
        columns = {field.attname: F(field.attname) for field in queryset.model._meta.concrete_fields}
        row = JSONObject(**columns)
        row.output_field = JSONField(decoder=_Exact)  # type: ignore[misc]
        branches.append(
            queryset.order_by().annotate(which_table=Value(number, IntegerField()), whole_row=row).values_list("which_table", "whole_row")
        )
    found: list[list[Any]] = [[] for _ in querysets]
    first, *others = branches
    using = first.db
    for number, columns in first.union(*others, all=True):
        found[number].append(_instance(querysets[number].model, columns, using))
    return found


def _instance(model: type[models.Model], columns: dict[str, Any], using: str) -> models.Model:
    fields: Sequence[Any] = model._meta.concrete_fields
    names = [field.attname for field in fields]
    return model.from_db(using, names, [_value(field, columns[field.attname], using) for field in fields])


def _value(field: Any, value: Any, using: str) -> Any:
    """As Django would have read it from a column of its own."""
    if value is None:
        return None
    field = field.target_field if field.is_relation else field
    if isinstance(field, models.JSONField):
        # SQLite keeps JSON as text, and so it stands in the object
        return json.loads(value, cls=field.decoder) if connections[using].vendor == "sqlite" else value
    if isinstance(field, models.DecimalField):
        return Decimal(value).quantize(Decimal(1).scaleb(-field.decimal_places))
    if isinstance(field, models.DateTimeField):
        moment = dt.datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return field.to_python(value)
