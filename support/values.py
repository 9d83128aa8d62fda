"""What is told of an intervention, and what it can be, wherever it is typed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from core.access import Refused

from .choices import InterventionOrigin, SupportState, ValueForMoney

if TYPE_CHECKING:
    from .models import Intervention

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
TERMS = ("name", "origin", "provider", "quarters", "cost_pence", "fund", "commissioner", "plan")
"""What the school agrees to: only what nobody asked for through the portal (*recorded*) may be rewritten in them."""


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


def check_terms(row: Intervention, changed: Collection[str]) -> None:
    """Raises ``Refused`` where one of these fields is a term of support that goes by request and agreement (domain.md §6)."""
    found = [name for name in TERMS if name in changed]
    if found and row.state != SupportState.RECORDED:
        raise Refused(
            f"{row.name} goes by agreement with the school: its name, origin, provider, days, cost and fund stay as they were agreed. "
            "The days and the cost as they were are entered when it is delivered.",
            field=found[0],
        )
