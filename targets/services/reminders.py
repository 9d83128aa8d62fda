"""Reminding schools of their targets, and telling the manager of a figure below the floor. An email names schools and holds no figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from core import audit
from core.access import Refused, require
from core.components.formats import day
from core.outbox import enqueue_email
from people.models import Authority, User
from people.roles import Permission as P
from people.selectors import managers_of
from schools.models import Contact, School
from targets.pack import TargetFlag

SIGNED = "This message was sent by the portal of {authority}. It holds no figures: they are behind the link."


@dataclass(frozen=True)
class Reminder:
    """One late school, who is reminded, and of what by when."""

    school: School
    what: str
    due_on: dt.date | None
    to: list[Contact] = field(default_factory=list)


@transaction.atomic
def remind_of_targets(*, actor: User, authority: Authority, reminders: Sequence[Reminder], at: dt.datetime) -> list[str]:
    """An email to head and chair of each late school, once a day. Answers whom, by name and school."""
    told = []
    for one in reminders:
        school = one.school
        require(actor, P.TARGET_REMIND, school, on=at.date())
        link = settings.PORTAL_URL + reverse("targets:target-round", args=[authority.code, school.urn])
        for contact in one.to:
            address = contact.user.email if contact.user else contact.email
            due = f", which were due by {day(one.due_on)}" if one.due_on else ""
            enqueue_email(
                dedupe_key=f"target.reminded:{school.pk}:{contact.pk}:{at.date().isoformat()}",
                to_name=contact.name,
                to_address=address,
                subject=f"Targets of {school.name}",
                body=f"Dear {contact.name}\n\nThe targets of {school.name} wait for the school{due}. Next: {one.what}.\n\n{link}\n\n"
                + SIGNED.format(authority=authority.name),
                context_kind="reminder",
                context_reference=str(school.urn),
                at=at,
            )
            told.append(f"{contact.name}, {school.name}")
    if not told:
        raise Refused("Nobody at these schools can be reminded: no head or chair with an email address is in post.")
    audit.record("target.reminded", actor=actor, at=at, subject=authority, authority=authority, changes={"people": told})
    return told


def tell_managers(*, actor: User, school: School, flags: Mapping[str, Sequence[TargetFlag]], at: dt.datetime) -> int:
    """A figure that raises a flag which the manager is told of (below the floor): one email a day to each manager who may see it.

    Called inside the deed that raised it. Answers how many emails are new.
    """
    raised = [key for key, found in flags.items() if any("manager" in flag.notify for flag in found)]
    if not raised:
        return 0
    link = settings.PORTAL_URL + reverse("targets:target-round", args=[school.authority.code, school.urn])
    count = 0
    for user in managers_of(school.authority, at.date()):
        if user.pk == actor.pk or not user.has_reminders or school.pk in user.hats.walled:
            continue
        enqueue_email(
            dedupe_key=f"target.flagged:{school.pk}:{user.pk}:{'-'.join(sorted(raised))[:80]}:{at.date().isoformat()}",
            to_name=user.name,
            to_address=user.email,
            subject=f"A flagged target at {school.name}",
            body=f"Dear {user.name}\n\nA target of {school.name} has raised a flag of which the manager is told. See the round of the school:\n\n{link}\n\n"
            + SIGNED.format(authority=school.authority.name),
            context_kind="target",
            context_reference=str(school.urn),
            at=at,
        )
        count += 1
    return count
