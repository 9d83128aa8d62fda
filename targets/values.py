"""What the figures of a target can be, wherever they are typed."""

from __future__ import annotations

from decimal import Decimal

from core.access import Refused


def check_target(*, value: Decimal | None, agreed: bool | None, previous: Decimal | None = None, estimate: Decimal | None = None) -> None:
    """Raises ``Refused`` where a figure is below nought, or where nothing is agreed."""
    for name, number in (("value", value), ("previous", previous), ("estimate", estimate)):
        if number is not None and number < 0:
            raise Refused("A target cannot be less than nought.", field=name)
    if agreed is not None and value is None:
        raise Refused("Enter the target that is agreed, or leave the agreement open.", field="value")
