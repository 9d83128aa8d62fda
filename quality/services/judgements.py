"""Outside judgements of the programme, our answer and what we do about them."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from core import audit
from core.access import Refused, require
from people.models import Authority, User
from people.roles import Permission as P
from quality.choices import JudgingBody
from quality.models import JudgementAction, OutsideJudgement


@transaction.atomic
def record_judgement(
    *,
    actor: User,
    authority: Authority,
    body: str,
    title: str,
    on: dt.date,
    words: str,
    grade: str = "",
    reference: str = "",
    at: dt.datetime,
) -> OutsideJudgement:
    require(actor, P.JUDGEMENT_RECORD, authority, on=at.date())
    if body not in JudgingBody.values:
        raise Refused("Choose who judged.", field="body")
    if on > at.date():
        raise Refused("The day lies in the future.", field="on")
    if not words.strip():
        raise Refused("Give its words.", field="words")
    row = OutsideJudgement.objects.create(
        authority=authority,
        body=body,
        title=title.strip(),
        on=on,
        words=words.strip(),
        grade=grade.strip(),
        reference=reference.strip(),
        recorded_by=actor,
        recorded_at=at,
    )
    audit.record("judgement.recorded", actor=actor, at=at, subject=row, authority=authority, changes={"body": body, "on": on.isoformat()})
    return row


@transaction.atomic
def answer_judgement(
    *,
    actor: User,
    judgement: OutsideJudgement,
    answer: str,
    action: str = "",
    owner: str = "",
    due_on: dt.date | None = None,
    at: dt.datetime,
) -> OutsideJudgement:
    """Our answer, and one more action with its owner and date."""
    require(actor, P.JUDGEMENT_RECORD, judgement, on=at.date())
    if action.strip() and (not owner.strip() or due_on is None):
        raise Refused("An action has an owner and a date.", field="owner" if not owner.strip() else "due_on")
    judgement.answer = answer.strip()
    judgement.save(update_fields=["answer"])
    if action.strip():
        assert due_on is not None
        JudgementAction.objects.create(judgement=judgement, text=action.strip(), owner=owner.strip(), due_on=due_on)
    changes = {"answer": audit.content(answer), "action": bool(action.strip())}
    audit.record("judgement.answered", actor=actor, at=at, subject=judgement, authority=judgement.authority, changes=changes)
    return judgement
