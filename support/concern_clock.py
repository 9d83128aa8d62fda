"""By when a case is reviewed, and how long a school is monitored after its exit: in terms (domain.md §6)."""

from __future__ import annotations

import datetime as dt

from core.calendar import Term
from people.packs import AuthorityPack


def review_by(pack: AuthorityPack, on: dt.date) -> dt.date:
    """The last day of the term after the one that ``on`` counts to: a case is reviewed at least termly. Where its dates are not
    held, 17 weeks on."""
    following = pack.terms.next_term(on)
    return following.ends_on if following is not None else on + dt.timedelta(weeks=17)


def monitored_until(pack: AuthorityPack, on: dt.date) -> dt.date:
    """The end of the monitored terms after the term of the exit (the setting ``concern_monitored_terms``)."""
    last: Term | None = None
    day = on
    for _ in range(pack.whole("concern_monitored_terms")):
        last = pack.terms.next_term(day)
        if last is None:
            return on + dt.timedelta(weeks=17 * pack.whole("concern_monitored_terms"))
        day = last.starts_on
    return last.ends_on if last is not None else on
