"""Writes of targets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction

from core import audit
from core.access import Refused, require
from people.models import User
from people.roles import Permission as P

from .choices import TargetState
from .models import Target


@transaction.atomic
def set_target(
    *,
    actor: User,
    target: Target,
    value: Decimal | None,
    previous: Decimal | None,
    estimate: Decimal | None,
    agreed: bool | None,
    at: dt.datetime,
) -> Target:
    """Set what a school aims at: agreed (``True``), set without agreement (``False``), or only proposed. In the measure's unit."""
    require(actor, P.SCHOOL_VIEW, target.school, on=at.date())
    for name, number in (("value", value), ("previous", previous), ("estimate", estimate)):
        if number is not None and number < 0:
            raise Refused("A target cannot be less than nought.", field=name)
    if agreed is not None and value is None:
        raise Refused("Enter the target that is agreed, or leave the agreement open.", field="value")
    state = {True: TargetState.AGREED, False: TargetState.NOT_AGREED, None: TargetState.PROPOSED}[agreed]
    new: dict[str, Decimal | str | None] = {"value": value, "previous": previous, "estimate": estimate, "state": state.value}
    changed = {name: entry for name, entry in new.items() if getattr(target, name) != entry}
    if not changed:
        return target
    for name, entry in changed.items():
        setattr(target, name, entry)
    target.changed_at = at
    target.save(update_fields=[*changed, "changed_at"])
    shown = {name: str(entry) if isinstance(entry, Decimal) else entry for name, entry in changed.items()}
    audit.record("target.set", actor=actor, at=at, subject=target, school=target.school, changes=shown)
    return target
