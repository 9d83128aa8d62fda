"""Rows of a note about rows of the school: a target, an intervention. What the note says of them waits until it is final."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models

from support.models import Intervention
from targets.choices import TargetState
from targets.models import Target

from .note import NoteSection


def _encoded(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, dt.date) else value


def _plain(value: Any) -> Any:
    return value


def _optional(read: Callable[[str], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


class Discussed(models.Model):
    """A note's word on a row that belongs to the school and outlives the note (ADR 0016).

    ``staged`` holds what the note changes of it and nothing else, so that what others change meanwhile shows through (live
    in the draft); ``seen`` is what the school's row held at the last save. The school's row is touched at final only.
    """

    FIELDS: ClassVar[Mapping[str, Callable[[Any], Any]]]
    """The fields of the school's row that a note may change, each with how it is read from JSON."""

    staged = models.JSONField(default=dict, blank=True)
    seen = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True

    def live(self, name: str) -> Any:
        """What the school's row holds."""
        raise NotImplementedError

    @property
    def changes(self) -> dict[str, Any]:
        """What the note changes of the school's row."""
        return {name: self.FIELDS[name](value) for name, value in self.staged.items()}

    def stage(self, values: Mapping[str, Any]) -> None:
        """Keep of ``values`` what the writer changed: not what the school's row holds, nor what it held when the page was read."""
        kept = {}
        for name, value in values.items():
            is_old = name not in self.staged and name in self.seen and value == self.FIELDS[name](self.seen[name])
            if value != self.live(name) and not is_old:
                kept[name] = _encoded(value)
        self.staged = kept
        self.seen = {name: _encoded(self.live(name)) for name in self.FIELDS}


class NoteTarget(Discussed):
    """A note's discussion of a target; the target itself is ``targets.Target``. Values are frozen in the record."""

    FIELDS = {"value": _optional(Decimal), "previous": _optional(Decimal), "estimate": _optional(Decimal), "agreed": _plain}

    section = models.ForeignKey(NoteSection, models.CASCADE, related_name="note_targets")
    target = models.ForeignKey(Target, models.PROTECT, related_name="discussions")
    position = models.PositiveSmallIntegerField(default=0)
    label = models.CharField(max_length=160)
    unit = models.CharField(max_length=20, blank=True)
    rationale = models.TextField(blank=True)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["section", "target"], name="visits_note_target_once")]

    def __str__(self) -> str:
        return self.label

    def live(self, name: str) -> Any:
        return self.target.agreed if name == "agreed" else getattr(self.target, name)

    @property
    def shown(self) -> Target:
        """The target as this note has it; never saved."""
        found = copy.copy(self.target)
        for name, value in self.changes.items():
            if name == "agreed":
                found.state = {True: TargetState.AGREED, False: TargetState.NOT_AGREED, None: TargetState.PROPOSED}[value]
            else:
                setattr(found, name, value)
        return found


class NoteIntervention(Discussed):
    """An intervention that this note looks at, and what the SIP found of its impact and worth (P30).

    Without an ``intervention`` it is one that this note is the first to name: the school has it once the note is final.
    """

    FIELDS = {
        "name": _plain,
        "origin": _plain,
        "provider": _plain,
        "starts_on": _optional(dt.date.fromisoformat),
        "quarters": _plain,
        "cost_pence": _plain,
        "impact": _plain,
        "value_for_money": _plain,
        "value_reason": _plain,
        "known_on": _optional(dt.date.fromisoformat),
    }

    section = models.ForeignKey(NoteSection, models.CASCADE, related_name="interventions")
    intervention = models.ForeignKey(Intervention, models.PROTECT, null=True, blank=True, related_name="discussions")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["section", "intervention"], name="visits_note_intervention_once")]

    def __str__(self) -> str:
        return self.shown.name

    @property
    def school_id(self) -> int:
        return self.section.school_id or self.section.note.school.pk

    def live(self, name: str) -> Any:
        return getattr(self.intervention or Intervention(origin=""), name)

    @property
    def shown(self) -> Intervention:
        """The intervention as this note has it; never saved."""
        found = copy.copy(self.intervention) if self.intervention else Intervention(origin="")
        for name, value in self.changes.items():
            setattr(found, name, value)
        return found
