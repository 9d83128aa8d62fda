"""Triggers that the database keeps: no overlap of spans, no change to records and audit.

They are declared in one list, reinstalled after every ``migrate`` (SQLite drops a table's triggers when it rebuilds
the table) and verified by a system check. They let a change pass only inside :func:`unlocked`, which two callers use:
retention, and the tests' flush.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connection, models, transaction

from .registry import Registry


@dataclass(frozen=True)
class Trigger:
    """SQL that installs one trigger (or, on PostgreSQL, one exclusion constraint) on ``table``; drops it first."""

    name: str
    table: str
    sqlite: Sequence[str] = ()
    postgresql: Sequence[str] = ()
    is_constraint: bool = False

    def statements(self, vendor: str) -> Sequence[str]:
        return self.sqlite if vendor == "sqlite" else self.postgresql

    def mark(self, vendor: str) -> str:
        """What the database says of this trigger once it is installed as declared here: its own text on SQLite, a
        digest in the trigger's comment on PostgreSQL."""
        if vendor == "sqlite":
            return self.sqlite[-1]
        return hashlib.sha256("\n".join(self.postgresql).encode()).hexdigest()[:16]


TRIGGERS: Registry[Trigger] = Registry("triggers")

_SWITCH = "core_triggerswitch"


class TriggerSwitch(models.Model):
    """A row here, inside one transaction only, lets protected rows be changed. Outside it is always empty."""

    reason = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.reason


def insert_only(model: type[models.Model], *, deletable: bool = False, immutable: Sequence[str] | None = None) -> None:
    """Refuse UPDATE (of ``immutable`` columns, by default of all), DELETE and TRUNCATE on this model's table, by any road.

    ``deletable`` lets rows be deleted. SQLite's REPLACE counts as a DELETE, which needs ``PRAGMA recursive_triggers``.
    """
    table = model._meta.db_table
    _refuse(table, "UPDATE", immutable)
    if not deletable:
        _refuse(table, "DELETE", None)
        _refuse(table, "TRUNCATE", None)


def _refuse(table: str, verb: str, columns: Sequence[str] | None) -> None:
    name = f"keep_{table}_{verb.lower()}"
    locked = f"NOT EXISTS (SELECT 1 FROM {_SWITCH})"
    on_sqlite = on_postgresql = locked
    if columns is not None:
        on_sqlite += " AND (" + " OR ".join(f'OLD."{c}" IS NOT NEW."{c}"' for c in columns) + ")"
        on_postgresql += " AND (" + " OR ".join(f'OLD."{c}" IS DISTINCT FROM NEW."{c}"' for c in columns) + ")"
    answer = {"UPDATE": "NEW", "DELETE": "OLD", "TRUNCATE": "NULL"}[verb]
    each = "STATEMENT" if verb == "TRUNCATE" else "ROW"
    TRIGGERS.add(
        name,
        Trigger(
            name=name,
            table=table,
            sqlite=[]
            if verb == "TRUNCATE"
            else [
                f'DROP TRIGGER IF EXISTS "{name}"',
                f'CREATE TRIGGER "{name}" BEFORE {verb} ON "{table}" WHEN {on_sqlite} BEGIN SELECT RAISE(ABORT, \'{table} is never changed\'); END',
            ],
            postgresql=[
                f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"',
                (
                    f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {on_postgresql} THEN '
                    f"RAISE EXCEPTION '{table} is never changed' USING ERRCODE = 'integrity_constraint_violation'; "
                    f"END IF; RETURN {answer}; END $$"
                ),
                f'CREATE TRIGGER "{name}" BEFORE {verb} ON "{table}" FOR EACH {each} EXECUTE FUNCTION "{name}"()',
            ],
        ),
    )


@contextlib.contextmanager
def unlocked(reason: str) -> Iterator[None]:
    """Let protected rows be changed inside this block, which is one transaction. Retention and the tests' flush only."""
    with transaction.atomic():
        TriggerSwitch.objects.create(reason=reason)
        yield
        TriggerSwitch.objects.all().delete()


def install(**kwargs: Any) -> None:
    """Install every trigger that is missing, or not as declared. Connected to ``post_migrate``; runs again without harm."""
    vendor = connection.vendor
    with transaction.atomic(), connection.cursor() as cursor:
        for name in missing():
            trigger = TRIGGERS[name]
            for statement in trigger.statements(vendor):
                cursor.execute(statement)
            if vendor == "postgresql":
                kind = "CONSTRAINT" if trigger.is_constraint else "TRIGGER"
                cursor.execute(f'COMMENT ON {kind} "{name}" ON "{trigger.table}" IS %s', [trigger.mark(vendor)])


def missing() -> list[str]:
    """Names of the declared triggers that the database does not hold as declared: gone, altered or switched off.

    A trigger whose table (or whose switch) is not there yet is not missing.
    """
    vendor = connection.vendor
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if vendor == "sqlite":
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute(
                "SELECT tgname, obj_description(oid, 'pg_trigger') FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D' "
                "UNION ALL SELECT conname, obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE contype = 'x'"
            )
        marks = dict(cursor.fetchall())
    if _SWITCH not in tables:
        return []
    return [t.name for t in TRIGGERS if t.table in tables and t.statements(vendor) and marks.get(t.name) != t.mark(vendor)]


@register(Tags.database)
def check_triggers(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """``check --database default`` says when a trigger is gone, or when the switch was left open.

    A missing trigger is a warning, since ``migrate``, which puts it back, refuses to start on an error.
    """
    if not databases:
        return []
    try:
        gone, switches = missing(), list(TriggerSwitch.objects.all()[:1])
    except DatabaseError:  # before the first `migrate`
        return []
    found: list[CheckMessage] = [
        Warning(
            f"The database does not hold the trigger {name} as it should.",
            hint="Run `manage.py migrate`: it installs the triggers again.",
            id="core.W001",
        )
        for name in gone
        if TRIGGERS[name].table in {model._meta.db_table for model in apps.get_models()}
    ]
    if switches:
        found.append(
            Error(
                f"Protected rows can be changed by anybody: the table {_SWITCH} is not empty ({switches[0].reason}).",
                hint=f"Find out who wrote to {_SWITCH}, then empty it.",
                id="core.E002",
            )
        )
    return found
