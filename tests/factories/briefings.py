"""Rows of ``briefings``, made through the services that people use."""

from __future__ import annotations

import datetime as dt
from typing import Any

from briefings import services
from briefings.models import Briefing
from briefings.services import BriefingFacts

from .people import NOW, TODAY
from .schools import World

SOON = TODAY + dt.timedelta(days=20)


def facts(on: dt.date = SOON, **values: Any) -> BriefingFacts:
    return BriefingFacts(
        on=on, starts_at=dt.time(9, 30), ends_at=dt.time(12, 30), venue=values.pop("venue", "Weald Teachers’ Centre"), **values
    )


def make_briefing(world: World, on: dt.date = SOON, *, audience: str = "primary", template: str = "termly", **values: Any) -> Briefing:
    """A date with the pack's agenda, of Wealdshire."""
    return services.plan_briefing(
        actor=world.fresh("manager"),
        authority=world.authority,
        audience=audience,
        facts=facts(on, **values),
        name=f"of {on.day} {on:%B}",
        template=template,
        at=NOW,
    )
