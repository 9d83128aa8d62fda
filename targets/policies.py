"""Who may set a school's targets: a pure function of hats."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.access import policy
from people.hats import Hats
from people.roles import Permission as P


@policy(P.TARGET_SET)
def may_set_target(hats: Hats, school: Any, on: dt.date) -> bool:
    """Whoever serves the school today; a former adviser in the days of grace, for the note that they finish; the manager."""
    if school is None:
        return hats.may_somewhere(P.TARGET_SET)
    return hats.may(P.TARGET_SET, school) or hats.may_finish_at(school.pk)
