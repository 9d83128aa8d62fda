"""Who belongs to what is for an audience."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from briefings.models import Briefing
from briefings.models.audience import Audienced
from core.spans import on_day
from people.models import Authority, RoleAssignment, Sip, User
from people.roles import GRANTS, ROLE_HATS, Permission


def sips_of(row: Audienced, on: dt.date) -> list[Sip]:
    """The SIPs of the authority on a day who serve a phase of the audience, by name; all, where it is for everybody."""
    phases = set(row.phase_codes)
    sips = Sip.objects.filter(on_day(on), authority_id=row.authority_id, user__is_active=True)  # type: ignore[attr-defined]
    return [sip for sip in sips.select_related("user").order_by("user__name") if not phases or phases & set(sip.phases)]


def people_of(briefing: Briefing) -> list[User]:
    """Who is invited: the SIPs of the audience on the day, and those who lead an item; each once."""
    found = {sip.user_id: sip.user for sip in sips_of(briefing, briefing.on)}
    for user in User.objects.filter(agenda_items__briefing=briefing, is_active=True).distinct():
        found.setdefault(user.pk, user)
    return sorted(found.values(), key=lambda user: (user.name, user.pk))


def leads_of(authority: Authority, on: dt.date) -> list[User]:
    """Who may lead an item or a workshop: the SIPs and those with a role beside them, by name."""
    roles = [str(hat) for hat in ROLE_HATS if Permission.BRIEFING_TAKE_PART in GRANTS[hat]]
    held = RoleAssignment.objects.filter(on_day(on), authority=authority, role__in=roles).values("user_id")
    sips = Sip.objects.filter(on_day(on), authority=authority).values("user_id")
    return list(User.objects.filter(Q(pk__in=held) | Q(pk__in=sips), is_active=True).order_by("name", "pk"))
