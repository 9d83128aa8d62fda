"""The only way in which a lower app is answered by a higher one: named registries of contributions.

Each app fills them in its ``contributions.py``, imported by ``AppConfig.ready``. A duplicate key raises; the
registries freeze when start-up is over, so that what the portal does never depends on the order of requests.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")


class Registry(Generic[T]):
    """An ordered mapping of key to contribution, open until :func:`freeze_all`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._entries: dict[str, T] = {}
        self._frozen = False
        _ALL.append(self)

    def add(self, key: str, entry: T) -> T:
        if self._frozen:
            raise ImproperlyConfigured(f"The registry {self.name!r} is frozen; {key!r} came after start-up.")
        if key in self._entries:
            raise ImproperlyConfigured(f"{key!r} is in the registry {self.name!r} already.")
        self._entries[key] = entry
        return entry

    def __getitem__(self, key: str) -> T:
        try:
            return self._entries[key]
        except KeyError:
            raise KeyError(f"The registry {self.name!r} holds no {key!r}.") from None

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[T]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def items(self) -> Iterator[tuple[str, T]]:
        return iter(self._entries.items())


_ALL: list[Registry[Any]] = []


def freeze_all() -> None:
    """Called once by the shell's ``AppConfig.ready``, the last of the apps."""
    for registry in _ALL:
        registry._frozen = True
