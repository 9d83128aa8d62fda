"""What is told of an intervention, and what it can be, wherever it is typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.access import Refused

from .choices import InterventionOrigin, ValueForMoney

FIELDS = (
    "name",
    "origin",
    "provider",
    "purpose",
    "starts_on",
    "ends_on",
    "quarters",
    "cost_pence",
    "fund",
    "impact",
    "value_for_money",
    "value_reason",
    "known_on",
    "would_buy_again",
    "area_of_need",
    "impact_grade",
    "must_achieve",
    "achieve_by",
    "pupils",
    "remains",
    "plan",
    "commissioner",
)
CONTENT = ("impact", "value_reason", "purpose", "must_achieve", "remains", "pupils")
"""Words, of which the audit keeps the number alone."""


def is_evaluated(impact: str, value_for_money: str) -> bool:
    """P30: each intervention's impact and value for money are told; "too early to say" tells neither."""
    return bool(impact.strip()) and value_for_money not in ("", ValueForMoney.TOO_EARLY)


def check_intervention(values: Mapping[str, Any]) -> None:
    """Raises ``Refused`` with what is to be put right; TypeError for a field that there is not."""
    unknown = set(values) - set(FIELDS)
    if unknown:
        raise TypeError(f"An intervention has no {sorted(unknown)}.")
    if "name" in values and not str(values["name"]).strip():
        raise Refused("Name the intervention.", field="name")
    if values.get("origin") and values["origin"] not in InterventionOrigin.values:
        raise Refused("Choose where the support came from.", field="origin")
    if values.get("value_for_money") and values["value_for_money"] not in ValueForMoney.values:
        raise Refused("Choose the value for money.", field="value_for_money")
    if values.get("impact_grade") is not None and values["impact_grade"] not in (1, 2, 3, 4):
        raise Refused("Choose how strong the effect was.", field="impact_grade")
    starts, ends = values.get("starts_on"), values.get("ends_on")
    if starts and ends and ends < starts:
        raise Refused("It ends before it starts. Check the two dates.", field="ends_on")
