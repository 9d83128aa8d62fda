"""What a note, or whoever speaks for one, makes of a target."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction

from core import audit
from core.access import Conflict, require
from people.models import User
from people.roles import Permission as P
from targets.choices import ASIDE, TargetState
from targets.models import Target, TargetStep
from targets.values import check_target
from targets.workflow import TARGET_WORKFLOW

STEPS = {True: "note_agrees", False: "note_sets", None: "note_proposes"}


@transaction.atomic
def set_target(*, actor: User, target: Target, at: dt.datetime, by_note: bool = False, **values: Any) -> Target:
    """Set what a school aims at, by any of ``value``, ``previous``, ``estimate`` (in the measure's unit) and ``agreed``:
    agreed (``True``), set without agreement (``False``), or only proposed (``None``). What is not given stays as it is.

    ``by_note``: a note that becomes final says so (ADR 0016). What the authority has submitted, or set aside, no note changes:
    the note keeps its own figure, and the target stays.
    """
    require(actor, P.TARGET_APPLY if by_note else P.TARGET_SET, target.school, on=at.date())
    check_target(value=values.get("value", target.value), agreed=values.get("agreed", target.agreed), **_others(values))
    changed = {name: value for name, value in values.items() if name != "agreed" and getattr(target, name) != value}
    agreed = values.get("agreed", target.agreed)
    moves = agreed != target.agreed or (target.state == TargetState.INDICATIVE and changed.get("value") is not None)
    if not changed and not moves:
        return target
    if target.state in (TargetState.SUBMITTED, *ASIDE):
        if by_note:
            return target
        raise Conflict(f"This target is {target.get_state_display()}. Revise it in the target round instead.")
    if moves:
        TARGET_WORKFLOW.shift(target, TARGET_WORKFLOW.find(target, STEPS[agreed]), changed_at=at, **changed)
    else:
        for name, entry in changed.items():
            setattr(target, name, entry)
        target.changed_at = at
        target.save(update_fields=[*changed, "changed_at"])
    if moves or "value" in changed:
        role = "note" if by_note else ""
        TargetStep.objects.create(
            target=target, action=STEPS[agreed], figure=target.value, at=at, by=actor, by_name=actor.name, by_role=role
        )
    shown: dict[str, Any] = {name: str(entry) if isinstance(entry, Decimal) else entry for name, entry in changed.items()}
    audit.record(
        "target.set", actor=actor, at=at, subject=target, school=target.school, changes=shown | ({"state": target.state} if moves else {})
    )
    return target


def _others(values: dict[str, Any]) -> dict[str, Any]:
    unknown = set(values) - {"value", "previous", "estimate", "agreed"}
    if unknown:
        raise TypeError(f"A target has no {sorted(unknown)}.")
    return {name: values[name] for name in ("previous", "estimate") if name in values}
