"""Evaluation forms (P33): opened for those who came, answered once, anonymous in fact (ADR 0042)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import transaction

from briefings.choices import BookingState, BriefingState, WorkshopState
from briefings.models import Attendance, Booking, Briefing, Evaluation, EvaluationBox, Evaluator, Workshop
from briefings.pack import briefings_of
from core import audit
from core.access import Conflict, Refused, require
from core.ids import lot
from people.models import User
from people.packs import require_pack
from people.roles import Permission as P

WORDS_MOST = 2000
"""Characters of one answer in words."""


@transaction.atomic
def open_evaluation(*, actor: User, of: Briefing | Workshop, at: dt.datetime) -> Evaluation:
    """Ask those who came; the form is that of the pack, kept as it is today. It closes by itself."""
    on = at.date()
    require(actor, P.EVALUATION_OPEN, of, on=on)
    if of.state not in (BriefingState.HELD, WorkshopState.HELD):
        raise Refused("Record who came first: they are the ones who are asked.")
    if isinstance(of, Briefing):
        held = Evaluation.objects.filter(briefing=of)
        came = list(Attendance.objects.filter(briefing=of, came=True).values_list("user_id", flat=True))
    else:
        held = Evaluation.objects.filter(workshop=of)
        came = list(Booking.objects.filter(workshop=of, came=True, state=BookingState.BOOKED).values_list("user_id", flat=True))
    if held.exists():
        raise Conflict("The evaluation is open already.")
    pack = require_pack(of.authority, on)
    form = briefings_of(pack.content).evaluation
    if len(came) < form.least:
        raise Refused(f"Fewer than {form.least} came: so few cannot answer anonymously. Ask them in person.")
    row = Evaluation.objects.create(
        authority=of.authority,
        briefing=of if isinstance(of, Briefing) else None,
        workshop=of if isinstance(of, Workshop) else None,
        form=form.worded("briefing" if isinstance(of, Briefing) else "workshop"),
        least=form.least,
        opened_on=on,
        closes_on=pack.office_days.add(pack.office_days.on_or_before(on), form.office_days),
    )
    EvaluationBox.objects.create(evaluation=row)
    Evaluator.objects.bulk_create(Evaluator(evaluation=row, user_id=user_id) for user_id in sorted(came))
    changes = {"asked": len(came), "closes_on": row.closes_on.isoformat()}
    audit.record("evaluation.opened", actor=actor, at=at, subject=of, authority=of.authority, changes=changes)
    return row


@transaction.atomic
def answer_evaluation(
    *, actor: User, evaluation: Evaluation, ratings: Mapping[str, int], words: Mapping[str, str], at: dt.datetime
) -> None:
    """Put a sheet into the box, once, at a place drawn by lot.

    The person's row is changed by one conditional UPDATE, which also takes its lock; the box's row is touched next, so that
    answers follow one another. No sheet has an id, a time or a place that says when it came; the event names nobody.
    """
    place = Evaluator.objects.filter(evaluation=evaluation, user=actor).first()
    require(actor, P.EVALUATION_ANSWER, place, on=at.date())
    assert place is not None
    if not evaluation.is_open(at.date()):
        raise Refused("The last day for answers is past.")
    form = evaluation.form
    items, open_ = {code for code, _ in form["items"]}, {code for code, _ in form["open"]}
    values = {value for value, _ in form["scale"]}
    if not set(ratings) <= items or not set(ratings.values()) <= values or not set(words) <= open_:
        raise Refused("One of the answers is not on the form.")
    said = {code: text.strip()[:WORDS_MOST] for code, text in words.items() if text.strip()}
    if not ratings and not said:
        raise Refused("Answer at least one question.")
    boxes = EvaluationBox.objects.filter(evaluation=evaluation)
    boxes.update(evaluation=evaluation)  # takes the lock of the one row that everybody's answer goes through
    if not Evaluator.objects.filter(pk=place.pk, has_answered=False).update(has_answered=True):
        raise Conflict("You have answered already. Nobody can tell which answer is yours, so it cannot be changed.")
    sheets = boxes.get().sheets
    sheets.append({"ratings": dict(sorted(ratings.items())), "words": dict(sorted(said.items()))})
    lot().shuffle(sheets)
    boxes.update(sheets=sheets)
    audit.record("evaluation.answered", actor=None, at=at, subject=evaluation.of, authority=evaluation.authority)
