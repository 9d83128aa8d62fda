"""The private link of a person's calendar: its token is shown once, kept as a digest, renewed or taken back at will."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from core import audit
from core.ids import new_token, token_digest
from people.models import CalendarLink, User


@transaction.atomic
def make_calendar_link(*, actor: User, at: dt.datetime) -> tuple[CalendarLink, str]:
    """A new link for oneself; an earlier one ends with it. Answers the row and the token, which nothing keeps."""
    CalendarLink.objects.filter(user=actor, revoked_at__isnull=True).update(revoked_at=at)
    token = new_token()
    row = CalendarLink.objects.create(user=actor, token_digest=token_digest(token), made_at=at)
    audit.record("calendar.linked", actor=actor, at=at, subject=actor, authority=actor.home_authority)
    return row, token


@transaction.atomic
def revoke_calendar_link(*, actor: User, at: dt.datetime) -> bool:
    """End one's link. True where there was one."""
    link = CalendarLink.objects.filter(user=actor, revoked_at__isnull=True).first()
    if link is None:
        return False
    link.revoked_at = at
    link.save(update_fields=["revoked_at"])
    audit.record("calendar.revoked", actor=actor, at=at, subject=actor, authority=actor.home_authority)
    return True
