"""What people write in the programme report and the evidence pack, under the headings that no figure fills."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from quality import services

from . import material

if TYPE_CHECKING:
    from .seed import Seed

Moment = Callable[..., dt.datetime]


def write(seed: Seed, moment: Moment) -> None:
    """Of the year that is over, and of the one that has begun."""
    for entry in material.toml("quality")["report"]:
        services.write_report_text(
            actor=seed.users[entry["by"]],
            authority=seed.authority,
            period=entry["period"],
            heading=entry["heading"],
            text=entry["text"],
            base_revision=0,
            at=moment(entry["on"], 16),
        )
