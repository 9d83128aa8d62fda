"""A world that many tests look at: built once, each test's changes rolled back to a savepoint.

A parametrised cell with a world of its own costs three times as much (architecture.md, "The shape of ``tests/``").
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction

from people.models import User
from visits.models import NoteOfVisit, Visit

from . import visits as make
from .schools import World, build_world


@contextmanager
def stage(blocker: Any) -> Iterator[World]:
    """The world of ``build_world`` in a transaction that is never committed. ``blocker`` is pytest-django's."""
    with blocker.unblock(), transaction.atomic():
        world = build_world()
        make.load_england_2008(world.other)
        for authority in (world.authority, world.other):  # no lot: whether a note is reviewed must not hang on its id
            authority.settings = {**authority.settings, "gate_lot_one_in": 0}
            authority.save()
        try:
            yield world
        finally:
            transaction.set_rollback(True)


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves no trace in the database."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


def person(user: User) -> User:
    """The person as the next request loads them."""
    return User.objects.get(pk=user.pk)


def note_of(note: NoteOfVisit) -> NoteOfVisit:
    return make.fresh(note)


def visit_of(visit: Visit) -> Visit:
    return Visit.objects.get(pk=visit.pk)
