"""The days of each clock: those of the visit's round, else the authority's own (domain.md §4, "Three clocks")."""

from __future__ import annotations

from people.packs import AuthorityPack

from .models import Visit

OF_A_ROUND = ("draft_office_days", "review_office_days", "school_window_school_days", "final_office_days")


def clock_days(visit: Visit, pack: AuthorityPack, name: str) -> int:
    """So many days of the clock ``name`` for a visit and its note. Of a concern school's review the authority decides alone."""
    if visit.round_id is not None and name in OF_A_ROUND:
        return int(getattr(visit.round, name))
    return pack.whole(name)
