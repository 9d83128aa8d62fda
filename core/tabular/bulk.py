"""Many rows in one statement, past the ORM's per-row cost (performance.md, goals 7 and 8).

For imports inside their transaction. Values go through the model's fields, so that they are stored as the ORM stores
them; signals are not sent and constraints are the database's.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection, models


class Gone(Exception):
    """Rows that were to be updated are not there any more: what was planned is not what is held."""


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def insert(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows given as values of the fields ``names``; other fields get their default. Returns how many.

    SQLite by ``executemany``, PostgreSQL by ``COPY``. A foreign key is named by its column (``authority_id``).
    Raises IntegrityError as an INSERT does.
    """
    given = [_field(model, name) for name in names]
    rest = [f for f in model._meta.concrete_fields if f not in given and not isinstance(f, models.AutoField)]
    fields = [*given, *rest]
    stored = [_stored(f) for f in given]
    defaults = [(_stored(f), f.get_default) for f in rest]
    prepared = [
        [store(value) for store, value in zip(stored, row, strict=True)] + [store(default()) for store, default in defaults] for row in rows
    ]
    if not prepared:
        return 0
    quote = connection.ops.quote_name
    table, columns = quote(model._meta.db_table), ", ".join(quote(_column(f)) for f in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            text = io.StringIO("".join("\t".join(map(_copied, row)) + "\n" for row in prepared))
            with connection.wrap_database_errors:
                cursor.cursor.copy_expert(f"COPY {table} ({columns}) FROM STDIN", text)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", prepared)
    return len(prepared)


def update(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Update rows by primary key. Each row is the key, then the values of the fields ``names``. Returns how many.

    Raises Gone where one of them is not there any more.
    """
    key = model._meta.pk
    fields = [_field(model, name) for name in names]
    stored = [_stored(f) for f in fields]
    prepared = [[row[0], *(store(value) for store, value in zip(stored, row[1:], strict=True))] for row in rows]
    if not prepared:
        return 0
    quote = connection.ops.quote_name
    table, pk = quote(model._meta.db_table), quote(_column(key))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            from psycopg2.extras import execute_values

            casts = ", ".join(f"%s::{f.cast_db_type(connection)}" for f in [key, *fields])
            names_sql = ", ".join(quote(_column(f)) for f in [key, *fields])
            sets = ", ".join(f"{quote(_column(f))} = v.{quote(_column(f))}" for f in fields)
            source = f"(VALUES %s) AS v ({names_sql})"
            sql = f"UPDATE {table} AS t SET {sets} FROM {source} WHERE t.{pk} = v.{pk} RETURNING t.{pk}"
            with connection.wrap_database_errors:
                done = len(execute_values(cursor.cursor, sql, prepared, template=f"({casts})", page_size=1000, fetch=True))
        else:
            sets = ", ".join(f"{quote(_column(f))} = %s" for f in fields)
            sql = f"UPDATE {table} SET {sets} WHERE {pk} = %s"
            cursor.executemany(sql, [[*row[1:], row[0]] for row in prepared])
            done = cursor.rowcount
    if done != len(prepared):
        raise Gone(f"{len(prepared) - done} rows of {model._meta.verbose_name_plural} are not there any more.")
    return done


def _field(model: type[models.Model], name: str) -> Any:
    for field in model._meta.concrete_fields:
        if name in (field.name, field.attname):
            return field
    raise LookupError(f"{model.__name__} has no field {name!r}.")


def _stored(field: Any) -> Callable[[Any], Any]:
    """How the field stores a value: text in a text field and a whole number in a number field are as they are."""
    own = type(field).get_prep_value
    as_it_is: tuple[type, ...] = (type(None),)
    if own in (models.CharField.get_prep_value, models.TextField.get_prep_value):
        as_it_is = (type(None), str)
    elif own is models.IntegerField.get_prep_value:
        as_it_is = (type(None), int)
    days: dict[dt.date, Any] = {}

    def store(value: Any) -> Any:
        kind = type(value)
        if kind in as_it_is:
            return value
        if kind is not dt.date:
            return field.get_db_prep_save(value, connection)
        if value not in days:
            days[value] = field.get_db_prep_save(value, connection)
        return days[value]

    return store


def _column(field: Any) -> str:
    return str(field.column)


def _copied(value: Any) -> str:
    """A value in PostgreSQL's COPY text format."""
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, str):
        return value.translate(_ESCAPES)
    return str(value)
