"""How long things are kept: kinds of record, and the one door through which any of them is destroyed (domain.md §10).

An app adds each of its kinds to :data:`RETENTION` in its ``contributions.py``. No period is shipped but where the design
gives one (``shipped``); the authority sets the others from its own schedule, and a kind without one is never disposed of.
:func:`destroy` and :func:`seal` are the only callers of ``core.triggers.unlocked`` beside the tests' flush.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from .registry import Registry
from .search import rebuild_index
from .triggers import unlocked


@dataclass(frozen=True)
class Due:
    """One thing whose time is over: what it is, the day from which its time ran, a digest of what it holds.

    ``school_id`` is ``None`` where it is of several schools or of none: then every hold of the authority holds it.
    """

    subject_id: str
    label: str
    on: dt.date
    digest: str
    school_id: int | None = None


@dataclass(frozen=True)
class RecordKind:
    """``trigger`` says in words what the time runs from.

    ``due(authority_id, last)`` answers for everything whose trigger was on or before ``last``, in a fixed number of queries.
    ``destroy(authority_id, ids)`` deletes them, whole. ``shipped(on)`` gives the last trigger day that is over where the design
    sets the period, and ``shipped_words`` that period in words.
    """

    key: str
    label: str
    trigger: str
    due: Callable[[int, dt.date], list[Due]]
    destroy: Callable[[int, Sequence[str]], None]
    shipped: Callable[[dt.date], dt.date] | None = None
    shipped_words: str = ""
    seal: Callable[[Sequence[str]], None] | None = None
    """Puts things of this kind under seal, where the kind has one: they stay, and are no longer to be read in the tables."""


RETENTION: Registry[RecordKind] = Registry("retention")


def destroy(kind: str, authority_id: int, subject_ids: Sequence[str], *, reason: str) -> None:
    """Destroy these rows, past the triggers that keep them. Permission, hold and log are the caller's, in one transaction."""
    with unlocked(reason):
        RETENTION[kind].destroy(authority_id, subject_ids)
    transaction.on_commit(rebuild_index)  # which still holds their words, though it finds them no more


def seal(kind: str, subject_ids: Sequence[str], *, reason: str) -> None:
    """Put these under seal, past the triggers that keep them. Permission and log are the caller's, in one transaction."""
    put_away = RETENTION[kind].seal
    if put_away is None:
        raise ValueError(f"Things of the kind {kind!r} have no seal.")
    with unlocked(reason):
        put_away(subject_ids)
    transaction.on_commit(rebuild_index)


def digest_of(*values: object) -> str:
    """The SHA-256 by which a thing is known once it is gone."""
    return hashlib.sha256("\x1f".join(str(value) for value in values).encode()).hexdigest()
