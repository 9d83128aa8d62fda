"""Triggers that the database keeps: no overlap of spans, no change to records and audit.

They are declared in one list, reinstalled after every ``migrate`` (SQLite drops a table's triggers when it rebuilds
the table) and verified by a system check. They let a change pass only inside :func:`unlocked`, which two callers use:
retention, and the tests' flush.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.checks import Error, Tags, register
from django.db import DatabaseError, connection, models, transaction

from .registry import Registry


@dataclass(frozen=True)
class Trigger:
    """SQL that installs one trigger for each vendor. ``table`` is the table that it stands on."""

    name: str
    table: str
    sqlite: Sequence[str]
    postgresql: Sequence[str]


TRIGGERS: Registry[Trigger] = Registry("triggers")

_SWITCH = "core_triggerswitch"


class TriggerSwitch(models.Model):
    """A row here, inside one transaction only, lets protected rows be changed. Outside it is always empty."""

    reason = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.reason


def insert_only(model: type[models.Model], *, deletable: bool = False, immutable: Sequence[str] | None = None) -> None:
    """Refuse UPDATE (of ``immutable`` columns, by default of all) and DELETE on this model's table, by any road."""
    table = model._meta.db_table
    columns = list(immutable) if immutable is not None else None
    deeds = [("update", "UPDATE")] + ([] if deletable else [("delete", "DELETE")])
    for word, verb in deeds:
        name = f"keep_{table}_{word}"
        if word == "update" and columns is not None:
            changed_sqlite = " OR ".join(f'OLD."{c}" IS NOT NEW."{c}"' for c in columns)
            changed_pg = " OR ".join(f'OLD."{c}" IS DISTINCT FROM NEW."{c}"' for c in columns)
        else:
            changed_sqlite = changed_pg = ""
        when_sqlite = f"WHEN NOT EXISTS (SELECT 1 FROM {_SWITCH})" + (f" AND ({changed_sqlite})" if changed_sqlite else "")
        body_pg = f"IF NOT EXISTS (SELECT 1 FROM {_SWITCH})" + (f" AND ({changed_pg})" if changed_pg else "")
        TRIGGERS.add(
            name,
            Trigger(
                name=name,
                table=table,
                sqlite=[
                    f'DROP TRIGGER IF EXISTS "{name}"',
                    f'CREATE TRIGGER "{name}" BEFORE {verb} ON "{table}" {when_sqlite} '
                    f"BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END",
                ],
                postgresql=[
                    f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"',
                    f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    f"{body_pg} THEN RAISE EXCEPTION '{table} is never changed' USING ERRCODE = 'integrity_constraint_violation'; END IF; "
                    f"RETURN {'NEW' if verb == 'UPDATE' else 'OLD'}; END $$",
                    f'CREATE TRIGGER "{name}" BEFORE {verb} ON "{table}" FOR EACH ROW EXECUTE FUNCTION {name}()',
                ],
            ),
        )
    if not deletable:
        name = f"keep_{table}_truncate"
        TRIGGERS.add(
            name,
            Trigger(
                name=name,
                table=table,
                sqlite=[],
                postgresql=[
                    f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"',
                    f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    f"IF NOT EXISTS (SELECT 1 FROM {_SWITCH}) THEN RAISE EXCEPTION '{table} is never changed' "
                    "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NULL; END $$",
                    f'CREATE TRIGGER "{name}" BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION {name}()',
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
    """Install every trigger whose table exists. Connected to ``post_migrate``; runs again without harm."""
    tables = set(connection.introspection.table_names())
    if _SWITCH not in tables:
        return
    with transaction.atomic(), connection.cursor() as cursor:
        for trigger in TRIGGERS:
            if trigger.table in tables:
                for statement in getattr(trigger, connection.vendor):
                    cursor.execute(statement)


def missing() -> list[str]:
    """Names of declared triggers (or exclusion constraints) that the database does not hold."""
    wanted = {t.name: t for t in TRIGGERS if getattr(t, connection.vendor)}
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal UNION SELECT conname FROM pg_constraint WHERE contype = 'x'")
        present = {row[0] for row in cursor.fetchall()}
        tables = set(connection.introspection.table_names(cursor))
    return sorted(name for name, t in wanted.items() if t.table in tables and name not in present)


@register(Tags.database)
def check_triggers(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[Error]:
    """``check --database default`` (and ``migrate``) says so when a trigger is gone."""
    if not databases:
        return []
    try:
        gone = missing()
    except DatabaseError:
        return []
    tables = {m._meta.db_table for m in apps.get_models()}
    return [
        Error(f"The database has lost its trigger {name}.", hint="Run `manage.py migrate`: it installs the triggers again.", id="core.E001")
        for name in gone
        if TRIGGERS[name].table in tables
    ]
