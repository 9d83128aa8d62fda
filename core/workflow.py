"""States change by table and in one place.

A table lists every legal transition: ``(state, action) -> state, permission, guard``. :meth:`Workflow.move` is the
only way to change a state column. It asks the permission, then the guard, then moves with one conditional UPDATE on
(state, lock_version) that must touch one row: of two people who press the same button, one has pressed it and the
other is told so. This holds on SQLite and PostgreSQL alike.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import models

from .access import Conflict, Refused, require

M = TypeVar("M", bound=models.Model)

Guard = Callable[[Any, dt.date], "str | None"]
"""``(row, on)``: the sentence that says why not, or ``None``. Pure: it asks nothing of the database but the row."""


@dataclass(frozen=True)
class Transition:
    """One row of the table. ``to`` is ``None`` where the action leaves the state as it is.

    An *additive* action (a comment, an answer) adds to the row's surroundings and takes nothing away: two at once are
    both right, so it asks for the state alone and not for the version that the person saw. It still counts the version up.
    """

    frm: str
    action: str
    to: str | None
    permission: str
    guard: Guard | None = None
    additive: bool = False

    @property
    def target(self) -> str:
        return self.to if self.to is not None else self.frm


class Workflow(Generic[M]):
    """The transitions of one model, by (state, action)."""

    def __init__(
        self, model_label: str, states: Iterable[str], rows: Iterable[Transition], *, refusals: dict[str, str] | None = None
    ) -> None:
        self.model_label = model_label
        self.states = tuple(states)
        self.rows: dict[tuple[str, str], Transition] = {}
        self.refusals = refusals or {}
        for row in rows:
            key = (row.frm, row.action)
            if key in self.rows:
                raise ValueError(f"{model_label}: {key} stands twice in the table.")
            if row.frm not in self.states or row.target not in self.states:
                raise ValueError(f"{model_label}: {key} names a state that does not exist.")
            self.rows[key] = row

    @property
    def actions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.action for row in self.rows.values()))

    def __iter__(self) -> Iterator[Transition]:
        return iter(self.rows.values())

    def allows(self, state: str, action: str) -> bool:
        return (state, action) in self.rows

    def find(self, obj: M, action: str) -> Transition:
        state = obj.state  # type: ignore[attr-defined]
        row = self.rows.get((state, action))
        if row is None:
            raise Conflict(self.refusals.get(action, f"This cannot be done while it is {obj.get_state_display().lower()}."))  # type: ignore[attr-defined]
        return row

    def refuses(self, obj: M, on: dt.date, *actions: str) -> str:
        """Why none of these can be taken now, by anybody: what the page of a step says that was opened too late. Empty where one can."""
        why = []
        for action in actions:
            try:
                row = self.find(obj, action)
            except Conflict as conflict:
                why.append(conflict.message)
                continue
            if row.guard is None or not (reason := row.guard(obj, on)):
                return ""
            why.insert(0, reason)
        return why[0] if why else ""

    def check(self, user: Any, obj: M, action: str, on: dt.date) -> Transition:
        """The row of the table, once the permission and the guard have been asked."""
        row = self.find(obj, action)
        require(user, row.permission, obj, on=on)
        if row.guard is not None and (why := row.guard(obj, on)):
            raise Refused(why)
        return row

    def offers(self, user: Any, obj: M, on: dt.date) -> list[str]:
        """The actions that this user may take now: what the page shows as buttons."""
        from .access import can

        found = []
        for (state, action), row in self.rows.items():
            if state == obj.state and can(user, row.permission, obj, on=on) and not (row.guard and row.guard(obj, on)):  # type: ignore[attr-defined]
                found.append(action)
        return found

    def move(self, user: Any, obj: M, action: str, on: dt.date, /, **values: Any) -> Transition:
        """Take the transition: permission, guard, conditional UPDATE with ``values``. Runs in the service's transaction.

        Raises ``PermissionDenied``, ``Refused`` or, where somebody was first, ``Conflict``; then nothing has changed.
        """
        row = self.check(user, obj, action, on)
        self.shift(obj, row, **values)
        return row

    def shift(self, obj: M, row: Transition, /, **values: Any) -> None:
        """The UPDATE of a transition whose permission and guard have been asked."""
        before = obj.lock_version  # type: ignore[attr-defined]
        rows = type(obj)._base_manager.filter(pk=obj.pk, state=row.frm)
        if not row.additive:
            rows = rows.filter(lock_version=before)
        moved = rows.update(state=row.target, lock_version=models.F("lock_version") + 1, **values)
        if moved != 1:
            raise Conflict("Somebody else changed this a moment ago. Nothing that you sent was done; look at it again.")
        obj.state = row.target  # type: ignore[attr-defined]
        obj.lock_version = before + 1  # type: ignore[attr-defined]
        for name, value in values.items():
            setattr(obj, name, value)
