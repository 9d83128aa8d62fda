"""Sort order from the URL, and keyset pages: lists that cost the same on their last page as on their first.

A view names the orders that a list can have; nothing of the request reaches ``order_by``::

    SORTS = {"name": ("name",), "due": ("due_on", "name")}

    sort = Sort.read(request.GET, SORTS, default="due")
    page = keyset_page(queryset, sort.order, request.GET.get("cursor"))

and the template shows ``{% table "Notes" columns="School:sort=name|Due:date:sort=due" sort=sort %}`` and ``{% pager page %}``.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.core.exceptions import FieldError, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Q, QuerySet

T = TypeVar("T")
PAGE_SIZE = 50
KINDS = frozenset({"num", "date", "strip", "tick", "tight", "hidden", "wide"})


@dataclass(frozen=True, slots=True)
class Column:
    """A heading of a table.

    ``kinds``: ``num`` right-aligned figures; ``date`` not broken over lines; ``strip`` the comparison strip; ``tick`` a
    checkbox; ``tight`` a narrow column; ``hidden`` a heading for screen readers alone; ``wide`` left out on a phone (give
    its cells the class ``portal-wide-only``). ``sort`` is a key of the view's orders.
    """

    label: str
    kinds: tuple[str, ...] = ()
    sort: str = ""

    @property
    def css(self) -> str:
        return " ".join("portal-wide-only" if kind == "wide" else kind for kind in self.kinds if kind != "hidden")

    @property
    def is_hidden(self) -> bool:
        return "hidden" in self.kinds


@lru_cache(maxsize=512)
def columns_from(spec: str) -> tuple[Column, ...]:
    """Headings written in a template: ``"School:sort=name|Due:date:sort=due|Days left:num|Change:hidden"``.

    Raises ``ValueError`` for a kind that does not exist.
    """
    found = []
    for part in spec.split("|"):
        label, *options = part.split(":")
        kinds = tuple(option for option in options if not option.startswith("sort="))
        if unknown := set(kinds) - KINDS:
            raise ValueError(f"{', '.join(sorted(unknown))}: a column is one or more of {', '.join(sorted(KINDS))}, not that.")
        sort = next((option[5:] for option in options if option.startswith("sort=")), "")
        found.append(Column(label.strip(), kinds, sort))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Sort:
    """The order in force: its key, whether it is turned round, and the fields it stands for."""

    key: str
    is_descending: bool
    order: tuple[str, ...]

    @property
    def value(self) -> str:
        """What stands in the URL: ``due`` or ``-due``."""
        return f"-{self.key}" if self.is_descending else self.key

    @classmethod
    def read(cls, params: Mapping[str, Any], orders: Mapping[str, Sequence[str]], *, default: str, name: str = "sort") -> Sort:
        """The order asked for in ``params``, or ``default`` (a key, turned round by a leading "-") where it asks for none.

        ``orders`` maps a key to field paths; an order asked for that is not among them is not an error but the default.
        """
        asked = str(params.get(name) or default)
        if asked.removeprefix("-") not in orders:
            asked = default
        key, is_descending = asked.removeprefix("-"), asked.startswith("-")
        fields = tuple(orders[key])
        if is_descending:
            fields = tuple(field[1:] if field.startswith("-") else f"-{field}" for field in fields)
        return cls(key, is_descending, fields)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows, and the cursors before and after them; an empty cursor means that there are no more."""

    rows: list[T]
    next: str = ""
    previous: str = ""
    param: str = "cursor"

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def is_whole(self) -> bool:
        return not (self.next or self.previous)


def _encode(direction: str, values: Sequence[Any]) -> str:
    raw = json.dumps([direction, *values], cls=DjangoJSONEncoder, separators=(",", ":"))
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def _decode(cursor: str | None, length: int) -> tuple[str, list[Any]] | None:
    """Direction and values, or ``None`` for a cursor that is none of ours (an old or mangled link)."""
    if not cursor or len(cursor) > 2000:
        return None
    try:
        direction, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, TypeError):
        return None
    scalar = all(value is None or isinstance(value, str | int | float) for value in values)
    return (direction, values) if direction in ("after", "before") and len(values) == length and scalar else None


def _value(row: Any, path: str) -> Any:
    if isinstance(row, Mapping):
        value: Any = row["id"] if path == "pk" and "pk" not in row else row[path]
    else:
        value = row
        for name in path.split("__"):
            value = getattr(value, name, None)
    return value.isoformat() if isinstance(value, dt.datetime | dt.date | dt.time) else value


def _beyond(fields: Sequence[tuple[str, bool]], values: Sequence[Any], *, forwards: bool) -> Q:
    """Rows that stand after (or before) the given values in an order whose empty values always stand last."""
    beyond, equal = Q(pk__in=[]), Q()
    for (path, descending), value in zip(fields, values, strict=True):
        if value is None:
            step = Q(pk__in=[]) if forwards else Q(**{f"{path}__isnull": False})
            same = Q(**{f"{path}__isnull": True})
        else:
            step = Q(**{f"{path}__{'gt' if forwards != descending else 'lt'}": value})
            if forwards:
                step |= Q(**{f"{path}__isnull": True})
            same = Q(**{path: value})
        beyond |= equal & step
        equal &= same
    return beyond


def keyset_page(queryset: QuerySet[Any, T], order: Sequence[str], cursor: str | None = None, *, size: int = PAGE_SIZE) -> Page[T]:
    """One page of the queryset in ``order`` (field or annotation paths, "-" turns one round), in one query.

    The primary key is added, so that equal rows keep one order; select what a path like ``school__name`` goes through. Empty values stand last in either direction, on both
    databases. A cursor that cannot be read gives the first page.
    """
    names = [*order, *([] if any(path.lstrip("-") in ("pk", "id") for path in order) else ["pk"])]
    fields = [(name.lstrip("-"), name.startswith("-")) for name in names]
    read = _decode(cursor, len(fields))
    backwards = bool(read) and read is not None and read[0] == "before"

    def ordered(rows: QuerySet[Any, T]) -> QuerySet[Any, T]:
        return rows.order_by(
            *(
                F(path).desc(nulls_last=not backwards or None, nulls_first=backwards or None)
                if descending != backwards
                else F(path).asc(nulls_last=not backwards or None, nulls_first=backwards or None)
                for path, descending in fields
            )
        )

    rows: list[T]
    if read is None:
        rows = list(ordered(queryset)[: size + 1])
    else:
        try:
            rows = list(ordered(queryset.filter(_beyond(fields, read[1], forwards=not backwards)))[: size + 1])
        except (ValueError, TypeError, ValidationError, FieldError):
            return keyset_page(queryset, order, None, size=size)
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    if not rows:
        # An old link whose rows have gone shows the first page, never an empty list that looks like an answer.
        return Page([]) if read is None else keyset_page(queryset, order, None, size=size)
    first, last = ([_value(row, path) for path, _ in fields] for row in (rows[0], rows[-1]))
    has_next, has_previous = (True, more) if backwards else (more, read is not None)
    return Page(rows, _encode("after", last) if has_next else "", _encode("before", first) if has_previous else "")
