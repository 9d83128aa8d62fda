"""What a SIP would like to learn (S14: CPD); gathered with what shadowing and SIP reviews say."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction

from briefings.models import TrainingNeed
from briefings.pack import briefings_of
from core import audit
from core.access import Conflict, Refused, require
from core.calendar import AcademicYear
from people.models import Sip, User
from people.packs import require_pack
from people.roles import Permission as P


@transaction.atomic
def record_need(*, actor: User, sip: Sip, topic: str = "", text: str = "", at: dt.datetime) -> TrainingNeed:
    """By the SIP: a workshop of the pack, something else in words, or both."""
    require(actor, P.NEED_RECORD, sip, on=at.date())
    if topic and briefings_of(require_pack(sip.authority, at.date()).content).workshop(topic) is None:
        raise Refused("Choose one of the workshops.", field="topic")
    if not topic and not text.strip():
        raise Refused("Choose a workshop, or say what you would like to learn.", field="text")
    year = AcademicYear.from_date(at.date())
    try:
        with transaction.atomic():
            row = TrainingNeed.objects.create(sip=sip, academic_year=year, topic=topic, text=text.strip(), at=at)
    except IntegrityError:
        raise Conflict("You have asked for this one already.", field="topic") from None
    changes = {"topic": topic, "text": audit.content(text)}
    audit.record("need.recorded", actor=actor, at=at, subject=sip, authority=sip.authority, changes=changes)
    return row


@transaction.atomic
def remove_need(*, actor: User, need: TrainingNeed, at: dt.datetime) -> None:
    sip = need.sip
    require(actor, P.NEED_RECORD, sip, on=at.date())
    need.delete()
    audit.record("need.removed", actor=actor, at=at, subject=sip, authority=sip.authority, changes={"topic": need.topic})
