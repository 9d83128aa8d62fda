"""Cases of the register of concern, opened as a manager would."""

from __future__ import annotations

import datetime as dt
from typing import Any

from support.models import Concern
from support.services import Opening, Sign, open_concern

from .people import NOW, TODAY


def opening(world: Any, **values: Any) -> Opening:
    given: dict[str, Any] = {
        "concern_class": "low-attaining",
        "issue": "Writing",
        "aim": "Above the floor.",
        "criteria": [("Results above the floor", "Results of 2009")],
        "signs": [Sign("data", TODAY, "Below the floor.")],
        "contact": world.officer,
        "told_head_on": TODAY,
        "on": TODAY,
    }
    return Opening(**(given | values))


def open_case(world: Any, school: Any = None, *, actor: Any = None, at: dt.datetime = NOW, **values: Any) -> Concern:
    return open_concern(actor=actor or world.manager, school=school or world.oak, opening=opening(world, **values), at=at)
