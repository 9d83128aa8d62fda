"""What an import is: a file of a format, compared with what is held, and the changes that follow from it.

A kind of import reads (``format``), compares (``plan``: pure reading, no write, outside any transaction) and writes
what the plan says and nothing else (``apply``: inside one transaction, changed rows only). The harness around it, in
``core.tabular.services``, is the same for all kinds: preview, report, all or nothing, the same file twice, audit.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core import canonical
from core.access import Refused
from core.registry import Registry
from core.tabular.columns import MAX_ERRORS, Format, Reading, RowError
from core.tabular.reading import Keep

MAX_CHANGES = 2_000  # kept one by one in a preview; all of them are counted
MAX_HELD = 2_000


class Action(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: whose rows, on which day, of which year (for files that don't say), from a file of what name.

    ``actor`` is the person who imports, for the rules about oneself and the wall; None is the command line. ``options`` are
    the kind's own, each with a value.
    """

    authority: str
    on: dt.date
    file_name: str
    year: int | None = None
    actor: Any = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows the reading process hands on, and which columns it tallies over all rows."""

    keep: tuple[Keep, ...] = ()
    tally: tuple[str, ...] = ()


@dataclass(slots=True)
class Change:
    """One row that would be written. ``fields`` maps a field to ``[old, new]``; of a created row only the new is told."""

    action: Action
    key: str
    label: str
    group: str = ""
    fields: dict[str, list[Any]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"action": str(self.action), "key": self.key, "label": self.label, "group": self.group, "fields": self.fields}


@dataclass(frozen=True, slots=True)
class Held:
    """A row for a person to decide on: neither written nor dropped. ``values`` are shown beside the message."""

    row: int
    label: str
    message: str
    table: str = ""
    values: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"row": self.row, "table": self.table, "label": self.label, "message": self.message, "values": self.values}


@dataclass(slots=True)
class Plan:
    """What an import would do. ``payload`` is the kind's own: the rows for ``apply``. Errors forbid the commit.

    Every row that was read is counted once: in a change, as unchanged, held, skipped with a reason, or in an error.
    A change may also come from a row that the file lacks (a school that has gone from it).
    """

    authority_name: str = ""
    dated: dt.date | None = None
    changes: list[Change] = field(default_factory=list)
    unchanged: int = 0
    held: list[Held] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    errors: list[RowError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    payload: Any = None

    def count(self, action: Action) -> int:
        return sum(1 for change in self.changes if change.action is action)

    def groups(self, action: Action) -> dict[str, int]:
        counts = Counter(change.group for change in self.changes if change.action is action and change.group)
        return dict(counts.most_common())

    def digest(self) -> str:
        """Equal for two plans that would do the same; a commit is refused when it isn't what the preview showed."""
        whole = [[change.as_json() for change in self.changes], [held.as_json() for held in self.held], self.unchanged, self.authority_name]
        return canonical.digest(whole)


def plain(value: Any) -> Any:
    """A value as JSON holds it and people read it."""
    if isinstance(value, dt.date):
        return value.isoformat()
    return value if value is None or isinstance(value, str | int | bool) else str(value)


def no_selection(request: Request) -> Selection:
    return Selection()


@dataclass(frozen=True, slots=True)
class Option:
    """Something that a file doesn't say of itself and the person who sends it does; the first choice stands where nobody says."""

    name: str
    choices: tuple[str, ...]
    help: str


@dataclass(frozen=True, slots=True)
class ImportKind:
    """One kind of import, registered in ``IMPORTS`` by the app whose rows it writes.

    ``plan(reading, request)`` compares and returns a plan. ``apply(plan, actor=, at=)`` writes it; it runs inside the
    transaction, after the permission has been asked, with ``actor`` None for the command line, and returns the
    authority (a saved row) that the audit event is about. ``tenant(code)`` is that authority or None. ``event`` is the
    audit event, one a batch. ``version`` goes up when the kind reads more than it did, so that a file imported before is
    read again. ``remembers``: a file whose bytes were the last to be committed changes nothing and is not read again,
    unless a kind named in ``after`` has been committed since; switch it off where people change the same rows by hand.
    """

    key: str
    title: str
    format: Format
    plan: Callable[[Reading, Request], Plan]
    apply: Callable[..., Any]
    tenant: Callable[[str], Any | None]
    permission: str
    event: str
    description: str = ""
    select: Callable[[Request], Selection] = no_selection
    version: int = 1
    remembers: bool = True
    after: tuple[str, ...] = ()
    needs_year: bool = False
    options: tuple[Option, ...] = ()

    def chosen(self, given: Mapping[str, str] | None) -> dict[str, str]:
        """A value for each option. Raises Refused for a value that it doesn't have, and for an option of other kinds."""
        found = {option.name: (given or {}).get(option.name) or option.choices[0] for option in self.options}
        for option in self.options:
            if found[option.name] not in option.choices:
                raise Refused(f"Give one of these for {option.name}: {', '.join(option.choices)}.", field=option.name)
        if strange := sorted(name for name, value in (given or {}).items() if value and name not in found):
            raise Refused(f"The import {self.key} takes no {strange[0]}.", field=strange[0])
        return found


IMPORTS: Registry[ImportKind] = Registry("imports")


_DATED = re.compile(r"(?<!\d)((?:19|20)\d{2})-?(\d{2})-?(\d{2})(?!\d)")


def date_in_name(names: Sequence[str]) -> dt.date | None:
    """The day that a file's name states (``edubaseallstatefunded20260602.csv``); the latest of several."""
    found = []
    for name in names:
        for match in _DATED.finditer(name):
            try:
                found.append(dt.date(int(match[1]), int(match[2]), int(match[3])))
            except ValueError:
                continue
    return max(found, default=None)


def summary(
    *, kind: ImportKind, request: Request, sha256: str, reading: Reading | None, plan: Plan | None, errors: Sequence[RowError] = ()
) -> dict[str, Any]:
    """The report of one run, as JSON. The eight counts and ``errors`` are its contract; the rest explains them."""
    plan = plan or Plan()
    all_errors = [*errors, *(reading.errors if reading else ()), *plan.errors]
    error_count = len(errors) + (reading.error_count if reading else 0) + len(plan.errors)
    skipped = Counter(plan.skipped)
    tables = reading.tables if reading else []
    return {
        "kind": kind.key,
        "authority": request.authority,
        "authority_name": plan.authority_name,
        "file": request.file_name,
        "sha256": sha256,
        "dated": plain(plan.dated),
        "committed": False,
        "identical": False,
        "read": reading.read if reading else 0,
        "created": plan.count(Action.CREATED),
        "updated": plan.count(Action.UPDATED),
        "unchanged": plan.unchanged,
        "closed": plan.count(Action.CLOSED),
        "held": len(plan.held),
        "skipped": sum(skipped.values()),
        "errors": [error.as_json() for error in all_errors[:MAX_ERRORS]],
        "error_count": error_count,
        "created_by": plan.groups(Action.CREATED),
        "skipped_by": dict(skipped.most_common()),
        "blank_rows": sum(table.blank for table in tables),
        "tables": [
            {
                "name": table.name,
                "encoding": table.encoding,
                "header_row": table.header_row,
                "rows": table.read,
                "short_rows": table.short,
                "missing_columns": list(table.missing),
                "unknown_columns": list(table.unknown),
            }
            for table in tables
        ],
        "notes": [*(reading.notes if reading else ()), *plan.notes],
    }
