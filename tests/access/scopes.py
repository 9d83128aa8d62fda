"""A row scope is asked of the database once for each person, and a row fetched once, as long as the database stays as it is.

The matrix asks thousands of pages as the same few people, each of them in the same state of the world. What a scope
(``visible_to``) answers is a function of the person and of the rows; so the ids of its rows are kept until something is
written, and so is what one query found by ``get``. A request that writes goes on with the database alone, and its
rollback makes what was kept true again.
"""

from __future__ import annotations

import functools
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import QuerySet

READS = ("SELECT", "SAVEPOINT", "RELEASE", "PRAGMA")


class Kept:
    """The ids in the scope of (queryset class, model, person), and the rows that were fetched."""

    def __init__(self) -> None:
        self.ids: dict[tuple[type, type, int], frozenset[Any]] = {}
        self.rows: dict[tuple[bytes, ...], bytes | type[Exception]] = {}
        self.in_request = False
        self.wrote = False

    def watch(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Sees every statement: one that may change a row ends what was kept, or suspends it for the rest of a request."""
        if not sql.startswith(READS):
            if self.in_request:
                self.wrote = True
            else:
                self.ids.clear()
                self.rows.clear()
        return execute(sql, params, many, context)

    @contextmanager
    def request(self) -> Iterator[None]:
        """A request whose writes are rolled back before it ends."""
        self.in_request, self.wrote = True, False
        try:
            yield
        finally:
            self.in_request = self.wrote = False

    def scope(self, visible_to: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        @functools.wraps(visible_to)
        def kept(queryset: Any, user: Any) -> Any:
            if not self.in_request or self.wrote:
                return visible_to(queryset, user)
            key = (type(queryset), queryset.model, user.pk)
            if key not in self.ids:
                self.ids[key] = frozenset(visible_to(type(queryset)(queryset.model), user).values_list("pk", flat=True))
            return queryset.filter(pk__in=self.ids[key])

        return kept

    def fetch(self, get: Callable[..., Any]) -> Callable[..., Any]:
        """``QuerySet.get``: each caller is given a row of its own, as from the database."""

        @functools.wraps(get)
        def kept(queryset: Any, *arguments: Any, **lookup: Any) -> Any:
            if not self.in_request or self.wrote:
                return get(queryset, *arguments, **lookup)
            key = (pickle.dumps((queryset.query, arguments, sorted(lookup.items()))), *_prefetched(queryset))
            found = self.rows.get(key)
            if found is None:
                try:
                    row = get(queryset, *arguments, **lookup)
                except queryset.model.DoesNotExist as missing:
                    self.rows[key] = type(missing)
                    raise
                self.rows[key] = pickle.dumps(row)
                return row
            if isinstance(found, bytes):
                return pickle.loads(found)
            raise found("kept")

        return kept


def _prefetched(queryset: Any) -> Iterator[bytes]:
    for lookup in queryset._prefetch_related_lookups:
        named = isinstance(lookup, str) or lookup.queryset is None
        yield pickle.dumps(lookup if named else (lookup.prefetch_through, lookup.to_attr, lookup.queryset.query))
        if not named:
            yield from _prefetched(lookup.queryset)


def _subclasses(kind: type) -> Iterator[type]:
    for one in kind.__subclasses__():
        yield one
        yield from _subclasses(one)


@contextmanager
def asked_once() -> Iterator[Kept]:
    """Inside, every scope of the portal is kept, and every row. Tell it of each request with ``with kept.request():``."""
    kept = Kept()
    ours = {config.name for config in apps.get_app_configs()}
    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(kept.watch):
        for kind in set(_subclasses(QuerySet)):
            if "visible_to" in vars(kind) and kind.__module__.split(".")[0] in ours:
                patch.setattr(kind, "visible_to", kept.scope(vars(kind)["visible_to"]))
        patch.setattr(QuerySet, "get", kept.fetch(QuerySet.get))
        yield kept
