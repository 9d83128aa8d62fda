"""Writes of targets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction

from core import audit
from core.access import require
from people.models import User
from people.roles import Permission as P

from .choices import TargetState
from .models import Target
from .values import check_target

STATES = {True: TargetState.AGREED, False: TargetState.NOT_AGREED, None: TargetState.PROPOSED}


@transaction.atomic
def set_target(*, actor: User, target: Target, at: dt.datetime, by_note: bool = False, **values: Any) -> Target:
    """Set what a school aims at, by any of ``value``, ``previous``, ``estimate`` (in the measure's unit) and ``agreed``:
    agreed (``True``), set without agreement (``False``), or only proposed (``None``). What is not given stays as it is.

    ``by_note``: a note that becomes final says so (ADR 0016).
    """
    require(actor, P.TARGET_APPLY if by_note else P.TARGET_SET, target.school, on=at.date())
    check_target(value=values.get("value", target.value), agreed=values.get("agreed", target.agreed), **_others(values))
    new: dict[str, Decimal | str | None] = {name: value for name, value in values.items() if name != "agreed"}
    if "agreed" in values and values["agreed"] != target.agreed:
        new["state"] = STATES[values["agreed"]].value
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


def _others(values: dict[str, Any]) -> dict[str, Any]:
    unknown = set(values) - {"value", "previous", "estimate", "agreed"}
    if unknown:
        raise TypeError(f"A target has no {sorted(unknown)}.")
    return {name: values[name] for name in ("previous", "estimate") if name in values}
