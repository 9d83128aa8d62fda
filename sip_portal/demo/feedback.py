"""Feedback of heads and chairs: of 2007/08 collected and released, of 2008/09 asked for. Each SIP's reviewer reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

from core import outbox
from core.calendar import AcademicYear
from people.models import Sip
from people.packs import require_pack
from quality import services
from quality.choices import FeedbackRole
from quality.models import FeedbackRequest
from quality.pack import quality_of
from quality.selectors.feedback import Candidate, candidates

if TYPE_CHECKING:
    from .seed import Seed

Moment = Callable[[dt.date, int], dt.datetime]

ASKED_ON, CLOSED_ON, RELEASED_ON = dt.date(2008, 6, 2), dt.date(2008, 7, 1), dt.date(2008, 7, 10)
COMMENTS = (
    "We look at our data harder before each visit, because we know that we will be asked. The note could come a week sooner.",
    "The best conversation of the term. More time with subject leaders, please.",
    "Fair and well prepared. I should like to see what other schools do about writing.",
    "The questions about interventions made us drop one that did nothing. Thank you.",
    "The notes are clear, and governors use them. We would like the chair to be told of dates earlier.",
)
SUMMARY = (
    "Heads say that visits are well prepared and that questions make them think again; several changed an intervention because of one. "
    "They ask for notes a little sooner, and for more time with those who lead subjects."
)


def _is_asked(seed: Seed, row: Candidate) -> bool:
    return not row.why_not and row.school.urn in seed.asked


def collect(seed: Seed, moment: Moment) -> None:
    """June and July 2008: asked, answered by most, summed up by reviewers, released on the day by the clock."""
    pack = require_pack(seed.authority, ASKED_ON)
    form = quality_of(pack.content).feedback
    sips = {sip.pk: sip for sip in Sip.objects.filter(authority=seed.authority).select_related("user", "line_manager", "assigned_person")}
    for key in ("manager", "manager_secondary"):
        manager = seed.users[key]
        rows = [row for row in candidates(manager, seed.authority, AcademicYear.of(2007), ASKED_ON) if _is_asked(seed, row)]
        if rows:
            services.ask_feedback(
                actor=manager, authority=seed.authority, chosen=[row.key for row in rows], closes_on=CLOSED_ON, at=moment(ASKED_ON, 10)
            )
    outbox.send_due(moment(ASKED_ON, 11), limit=500)  # what is sent keeps no link
    asked = FeedbackRequest.objects.filter(authority=seed.authority).select_related("authority", "school", "contact__user")
    for place, row in enumerate(asked.order_by("sip_id", "school__urn", "role")):
        if place % 6 == 5:  # one in six does not answer
            continue
        answers = {
            question.code: (0 if (place + at) % 11 == 10 else (1, 2, 2, 1, 3, 2, 1)[(place * 3 + at) % 7])
            for at, question in enumerate(form.rated(row.role))
        }
        comment = COMMENTS[place % len(COMMENTS)] if row.role == FeedbackRole.HEAD else ""
        services.send_feedback(
            actor=None, form=row, answers=answers, comment=comment, at=moment(ASKED_ON + dt.timedelta(days=2 + place % 20), 16)
        )
    for sip in sorted({row.sip_id for row in asked}):
        reader = sips[sip].sip_reviewer
        assert reader is not None
        actor = next(user for user in seed.users.values() if user.pk == reader.pk)
        services.summarise_feedback(
            actor=actor, sip=sips[sip], year=AcademicYear.of(2007), text=SUMMARY, at=moment(dt.date(2008, 7, 7), 15)
        )
    services.release_due_feedback(at=moment(RELEASED_ON, 6))


def ask_again(seed: Seed, moment: Moment) -> None:
    """October 2008: the form of the year is out, about the SIPs of the primary schools; two have answered."""
    on = dt.date(2008, 10, 6)
    manager = seed.users["manager"]
    rows = [row for row in candidates(manager, seed.authority, AcademicYear.of(2008), on) if _is_asked(seed, row)]
    services.ask_feedback(
        actor=manager, authority=seed.authority, chosen=[row.key for row in rows], closes_on=dt.date(2008, 10, 24), at=moment(on, 9)
    )
    outbox.send_due(moment(on, 10), limit=500)
    forms = FeedbackRequest.objects.filter(authority=seed.authority, academic_year=2008).select_related(
        "authority", "contact__user", "school"
    )
    content = quality_of(require_pack(seed.authority, on).content).feedback
    for form in forms.order_by("sip_id", "school__urn", "role")[3:5]:
        answers = {question.code: 2 for question in content.rated(form.role)}
        services.send_feedback(actor=None, form=form, answers=answers, comment=COMMENTS[0], at=moment(dt.date(2008, 10, 9), 11))
