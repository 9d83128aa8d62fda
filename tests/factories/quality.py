"""Rows of ``quality``, made through its services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from core.calendar import AcademicYear
from core.ids import new_token, token_digest
from people.models import Sip, User
from quality.models import FeedbackRequest
from schools.models import Contact, School

from .people import NOW


def make_feedback(
    sip: Sip,
    school: School,
    reader: User,
    contact: Contact,
    *,
    role: str = "head",
    year: int = 2008,
    answers: Mapping[str, int] | None = None,
    **values: Any,
) -> tuple[FeedbackRequest, str]:
    """A form that was asked for, with the token that only its email holds; with ``answers``, sent."""
    token = new_token()
    row = FeedbackRequest.objects.create(
        authority=sip.authority,
        sip=sip,
        school=school,
        role=role,
        academic_year=AcademicYear.of(year),
        contact=contact,
        reader=reader,
        token_digest=token_digest(token),
        closes_on=values.pop("closes_on", dt.date(year + 1, 7, 1)),
        asked_at=NOW,
        state="asked" if answers is None else "sent",
        answers=dict(answers or {}),
        **values,
    )
    return row, token
