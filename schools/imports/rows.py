"""Rows of a file compared with the rows that are held: what is new, what differs, what is as it was. One way for every table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from core.tabular import bulk
from core.tabular.columns import Row, RowError
from core.tabular.imports import Action, Change, Held, Plan, Request, plain
from people.models import Authority
from schools.imports import gias
from schools.imports.places import Places
from schools.models import School

Key = tuple[Any, ...]


@dataclass(slots=True)
class Compared:
    """One model's rows by their natural ``key`` (columns of the model). A field that a file lacks stays as it is held."""

    model: type[models.Model]
    key: tuple[str, ...]
    fields: tuple[str, ...]
    held: dict[Key, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    new: dict[Key, dict[str, Any]] = field(default_factory=dict)
    changed: dict[int, dict[str, Any]] = field(default_factory=dict)

    def hold(self, queryset: models.QuerySet[Any]) -> Compared:
        for row in queryset.values("pk", *self.key, *self.fields):
            self.held[tuple(row[name] for name in self.key)] = (row["pk"], {name: row[name] for name in self.fields})
        return self

    def differs(self, key: Key, values: Mapping[str, Any]) -> dict[str, list[Any]] | None:
        """The fields that would change, old and new; None for a row that is not held."""
        if key not in self.held:
            return None
        old = self.held[key][1]
        return {name: [plain(old[name]), plain(value)] for name, value in values.items() if old[name] != value and name not in SOURCES}

    def offer(self, result: Plan, row: Row, key: Key, values: Mapping[str, Any], *, urn: int, label: str, group: str = "") -> None:
        """Sort one row into new, changed or unchanged."""
        if key in self.new or (key in self.held and self.held[key][0] in self.changed):
            result.errors.append(error(row, "", label, "The file has this twice. Take one of the two out."))
            return
        fields = self.differs(key, values)
        if fields is None:
            self.new[key] = dict(values)
            told = {name: [None, plain(value)] for name, value in values.items() if value not in (None, "") and name not in SOURCES}
            result.changes.append(Change(Action.CREATED, str(urn), label, group, told))
        elif fields:
            pk, old = self.held[key]
            self.changed[pk] = old | dict(values)
            result.changes.append(Change(Action.UPDATED, str(urn), label, group, fields))
        else:
            result.unchanged += 1

    def write(self, **same: Any) -> None:
        """Insert and update. ``same`` are columns that every new row has. Inside the harness's transaction."""
        fresh = [self._whole(values) for values in self.new.values()]
        names = (*same, *self.key, *self.fields)
        rows = [(*same.values(), *key, *values) for key, values in zip(self.new, fresh, strict=True)]
        bulk.insert(self.model, names, rows)
        bulk.update(self.model, self.fields, [(pk, *(values[name] for name in self.fields)) for pk, values in self.changed.items()])

    def _whole(self, values: Mapping[str, Any]) -> Sequence[Any]:
        return [values[name] if name in values else self._default(name) for name in self.fields]

    def _default(self, name: str) -> Any:
        found: Any = self.model._meta.get_field(name)
        return found.get_default()


SOURCES = ("source", "source_on")
"""Where a row comes from is not what it says: a file with the same figures changes nothing."""


def error(row: Row, column: str, value: Any, message: str) -> RowError:
    return RowError(row.number, column, str(plain(value)), message, row.table.name)


def begin(request: Request, payload: Any) -> tuple[Plan, Authority | None]:
    """A plan for an authority whose register is held; without one, the error that says what to do first."""
    result = Plan(payload=payload)
    authority = gias.tenant(request.authority)
    if authority is None:
        message = f"No schools of {request.authority} are held here. Import the register first (gias)."
        result.errors.append(RowError(0, "", request.authority, message))
        return result, None
    result.authority_name = authority.name
    return result, authority


def school_of(row: Row, places: Places, result: Plan, request: Request) -> School | None:
    """The open school that the row means; else the row is held, and why. The wall holds for those who import, too."""
    found = places.find(row)
    if isinstance(found, School) and request.actor is not None and found.pk in request.actor.hats.walled:
        found = Held(
            row.number,
            f"row {row.number}: {found.name}",
            "You have a role or an interest at this school: another person imports its rows.",
            row.table.name,
        )
    if isinstance(found, Held):
        result.held.append(found)
        return None
    return found


def tidy(name: str) -> str:
    return name[:200]


def told_on(result: Plan, on: dt.date) -> dt.date:
    """The day that the file states, else the day of the import."""
    return result.dated or on
