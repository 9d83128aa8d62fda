"""A service that writes without an event fails the test that called it (architecture.md rule 10).

:func:`watch` wraps the services of every app for a whole run. While one is under way, the statements that it sends are
looked at: rows that it wrote itself need an ``AuditEvent`` that it wrote itself. What a service called by it wrote
without an event of its own is added to the account of the caller.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from types import ModuleType
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection

EVENTS = "core_auditevent"

NO_EVENT_NEEDED: dict[str, str] = {
    "core_outboxemail": "an email is told by its delivery",
    "core_job": "the queue's own account",
    "core_schedulerun": "the queue's own account",
    "core_searchdocument": "an index of what is elsewhere",
    "core_triggerswitch": "a key, not a row",
    "django_session": "sign-in has events of its own",
    "cache": "a cache",
}
"""Tables that a service may write without an event."""

WITHOUT_EVENT: dict[str, str] = {
    "core.tabular.services.receive": "a file is kept for a while; its import is the event",
    "core.tabular.services.preview": "nothing of what the file says is written yet",
    "people.services.keep_filters": "how a person looks at a list is nobody's record",
    "visits.services.save_commentary_section": "the same; test_commentaries.py counts them",
    "visits.services.save_section": "autosave is one event per person, note and hour; test_notes.py counts them",
}
"""Services that may write without an event. Whoever adds one says why."""

_WRITE = re.compile(r"\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE|DELETE\s+FROM)\s+\"?(\w+)", re.IGNORECASE)


def service_modules(*, strict: bool = False) -> Iterator[tuple[str, ModuleType]]:
    """``<app>.services`` of every app of ours and of the kernel's packages. ``strict`` lets a broken one fail."""
    ours = [config.name for config in apps.get_app_configs() if (settings.BASE_DIR / config.name).is_dir()]
    packages = ["core.tabular", *ours]
    for name in (f"{package}.services" for package in packages):
        if importlib.util.find_spec(name) is None:
            continue
        try:
            yield name, importlib.import_module(name)
        except ImportError:
            if strict:
                raise


def services(*, strict: bool = False) -> dict[str, Callable[..., Any]]:
    """Every function that a services module offers, by its full name: its ``__all__``, else what it defines itself."""
    found: dict[str, Callable[..., Any]] = {}
    for name, module in service_modules(strict=strict):
        offered = getattr(module, "__all__", None) or [key for key in vars(module) if not key.startswith("_")]
        for key in offered:
            function = getattr(module, key)
            if inspect.isfunction(function) and inspect.unwrap(function).__module__.startswith(name):
                found[f"{name}.{key}"] = function
    return found


class Account:
    """What one call has written so far."""

    def __init__(self) -> None:
        self.tables: set[str] = set()
        self.events = 0

    def take(self, statement: str) -> None:
        if written := _WRITE.match(statement):
            table = written.group(1).lower()
            if table == EVENTS:
                self.events += 1
            elif table not in NO_EVENT_NEEDED:
                self.tables.add(table)


_current: ContextVar[Account | None] = ContextVar("account", default=None)


def _look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    result = execute(sql, params, many, context)
    if account := _current.get():
        account.take(sql)
    return result


def watched(name: str, service: Callable[..., Any]) -> Callable[..., Any]:
    """The service, with its account checked whenever it succeeds. What it raises is not looked at: it is rolled back."""

    @functools.wraps(service)
    def call(*args: Any, **kwargs: Any) -> Any:
        caller, mine = _current.get(), Account()
        token = _current.set(mine)
        listening = contextlib.nullcontext() if caller is not None else connection.execute_wrapper(_look)
        try:
            with listening:
                result = service(*args, **kwargs)
        finally:
            _current.reset(token)
        if mine.tables and not mine.events and name not in WITHOUT_EVENT:
            if caller is None:
                raise AssertionError(f"{name} wrote {', '.join(sorted(mine.tables))} and left no audit event (architecture.md rule 10).")
            caller.tables |= mine.tables
        return result

    return call


def watch() -> Callable[[], None]:
    """Put every service under watch, wherever a module has it by name. Answers a function that undoes it."""
    replaced: list[tuple[ModuleType, str, Any]] = []
    watching = {id(service): watched(name, service) for name, service in services().items()}
    ours = tuple(f"{config.name}." for config in apps.get_app_configs() if (settings.BASE_DIR / config.name).is_dir())
    for module in [m for n, m in list(sys.modules.items()) if n.startswith((*ours, "tests.", "test_")) and isinstance(m, ModuleType)]:
        for key, value in list(vars(module).items()):
            if inspect.isfunction(value) and id(value) in watching:
                replaced.append((module, key, value))
                setattr(module, key, watching[id(value)])

    def undo() -> None:
        for module, key, value in replaced:
            setattr(module, key, value)

    return undo
