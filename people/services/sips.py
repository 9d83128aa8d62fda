"""SIP profiles and mentors, by the rules of P28 and domain.md §3."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction
from django.db.models import Q

from core import audit
from core.access import Conflict, Refused, require
from core.spans import overlapping
from people.choices import SipKind
from people.models import Authority, Mentorship, Sip, User
from people.roles import Permission as P
from people.signals import sip_changing, sip_named


@dataclass(frozen=True)
class SipFacts:
    """A profile as it shall be. ``days_available`` in quarters; phases are the codes that packs use."""

    kind: str
    phases: Sequence[str]
    starts_on: dt.date
    ends_on: dt.date | None = None
    accreditation: str = ""
    accredited_on: dt.date | None = None
    line_manager: User | None = None
    assigned_person: User | None = None
    days_available: int | None = None
    is_on_review: bool = False


def facts_of(sip: Sip) -> SipFacts:
    """A profile's facts as they stand; with ``dataclasses.replace``, as they shall be."""
    return SipFacts(
        kind=sip.kind,
        phases=tuple(sip.phases),
        starts_on=sip.starts_on,
        ends_on=sip.ends_on,
        accreditation=sip.accreditation,
        accredited_on=sip.accredited_on,
        line_manager=sip.line_manager,
        assigned_person=sip.assigned_person,
        days_available=sip.days_available,
        is_on_review=sip.is_on_review,
    )


@transaction.atomic
def create_sip(*, actor: User | None, user: User, authority: Authority, facts: SipFacts, at: dt.datetime) -> Sip:
    """Make a person a SIP of an authority. ``actor`` ``None``: a command. Nobody makes themselves one."""
    if actor is not None:
        require(actor, P.SIP_MANAGE, authority, on=at.date())
        _not_oneself(actor, user)
    if not user.is_active:
        raise Refused(f"{user.name}'s account is deactivated.", field="user")
    _checked(user, facts)
    sip = Sip(user=user, authority=authority)
    _write(sip, facts)
    _follow_assigned_person(actor, sip, facts.starts_on, at)
    audit.record("sip.created", actor=actor, at=at, subject=sip, authority=authority, changes=_told(facts))
    sip_named.send(sender=Sip, user=user)
    user.forget_hats()
    return sip


@transaction.atomic
def update_sip(*, actor: User, sip: Sip, facts: SipFacts, at: dt.datetime) -> Sip:
    """Change a profile. What rests on it (an assignment before accreditation, say) may refuse, through ``sip_changing``.

    P28: where the assigned person changes, so does the mentor who is also the SIP reviewer.
    """
    require(actor, P.SIP_MANAGE, sip, on=at.date())
    _not_oneself(actor, sip.user)
    _checked(sip.user, facts)
    before = facts_of(sip)
    if facts == replace(before, phases=tuple(before.phases)):
        return sip
    _write(sip, facts)
    sip_changing.send(sender=Sip, sip=sip)
    if facts.assigned_person != before.assigned_person:
        _follow_assigned_person(actor, sip, at.date(), at)
    old, new = _told(before), _told(facts)
    audit.record(
        "sip.changed",
        actor=actor,
        at=at,
        subject=sip,
        authority=sip.authority,
        changes={k: [old[k], new[k]] for k in new if old[k] != new[k]},
    )
    sip.user.forget_hats()
    return sip


def _write(sip: Sip, facts: SipFacts) -> None:
    for name, value in vars(facts).items():
        setattr(sip, name, list(value) if name == "phases" else value)
    try:
        with transaction.atomic():
            sip.save()
    except IntegrityError:
        raise Conflict(f"{sip.user.name} is a SIP of {sip.authority.name} on some of these days already.", field="starts_on") from None


def _checked(user: User, facts: SipFacts) -> None:
    """Each sentence says which rule."""
    if facts.kind not in SipKind.values:
        raise Refused("Choose what kind of SIP this is.", field="kind")
    if not facts.phases:
        raise Refused("Choose the phases that the SIP may serve.", field="phases")
    if facts.ends_on is not None and facts.ends_on < facts.starts_on:
        raise Refused("The last day lies before the first.", field="ends_on")
    is_adviser = facts.kind == SipKind.ADVISER
    if is_adviser and facts.assigned_person is not None:
        raise Refused(
            "An adviser of the authority is reviewed by their line manager, not by an assigned person (P28).", field="assigned_person"
        )
    if not is_adviser and facts.line_manager is not None:
        sentence = "A SIP who is not an adviser of the authority has an assigned person, who is mentor and SIP reviewer in one (P28)."
        raise Refused(sentence, field="line_manager")
    for field, person in (("line_manager", facts.line_manager), ("assigned_person", facts.assigned_person)):
        if person is not None and person.pk == user.pk:
            raise Refused("Nobody is their own SIP reviewer.", field=field)
        if person is not None and not person.is_active:
            raise Refused(f"{person.name}'s account is deactivated.", field=field)
    if facts.accredited_on is not None and not facts.accreditation.strip():
        raise Refused("Enter the accreditation reference with its date.", field="accreditation")
    if facts.days_available is not None and facts.days_available < 0:
        raise Refused("Days cannot be less than nought.", field="days_available")


def _told(facts: SipFacts) -> dict[str, object]:
    def plain(value: object) -> object:
        if isinstance(value, dt.date):
            return value.isoformat()
        if isinstance(value, User):
            return value.name
        return list(value) if isinstance(value, tuple | list) else value

    return {name: plain(value) for name, value in vars(facts).items()}


# ---------------------------------------------------------------- mentors


@transaction.atomic
def assign_mentor(
    *, actor: User, sip: Sip, mentor: User, starts_on: dt.date, ends_on: dt.date | None = None, at: dt.datetime
) -> Mentorship:
    """Give a SIP a mentor (every new SIP has one, P28). Who also reviews is the assigned person, and is set in the profile."""
    require(actor, P.SIP_MANAGE, sip, on=at.date())
    _not_oneself(actor, sip.user)
    if mentor.pk == sip.user_id:
        raise Refused("Nobody is their own mentor.", field="mentor")
    if not mentor.is_active:
        raise Refused(f"{mentor.name}'s account is deactivated.", field="mentor")
    if ends_on is not None and ends_on < starts_on:
        raise Refused("The last day lies before the first.", field="ends_on")
    if sip.mentorships.filter(overlapping(starts_on, ends_on), mentor=mentor).exists():
        raise Refused(f"{mentor.name} is {sip.user.name}'s mentor on some of these days already.", field="mentor")
    return _mentor(actor, sip, mentor, starts_on, ends_on, is_reviewer=False, at=at)


@transaction.atomic
def end_mentor(*, actor: User, mentorship: Mentorship, ends_on: dt.date, at: dt.datetime) -> Mentorship:
    require(actor, P.SIP_MANAGE, mentorship.sip, on=at.date())
    _not_oneself(actor, mentorship.sip.user)
    if mentorship.is_reviewer:
        raise Refused("The assigned person is mentor and SIP reviewer in one: change the profile instead (P28).", field="mentor")
    if ends_on < mentorship.starts_on:
        raise Refused("The last day lies before the first.", field="ends_on")
    _end(actor, mentorship, ends_on, at)
    return mentorship


def _follow_assigned_person(actor: User | None, sip: Sip, on: dt.date, at: dt.datetime) -> None:
    """P28: the assigned person is both mentor and SIP reviewer; the mentorship follows the profile."""
    for old in sip.mentorships.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), is_reviewer=True).select_related("mentor"):
        if old.starts_on >= on:
            old.delete()
        else:
            _end(actor, old, on - dt.timedelta(days=1), at)
    if sip.assigned_person is not None:
        _mentor(actor, sip, sip.assigned_person, max(on, sip.starts_on), None, is_reviewer=True, at=at)


def _mentor(
    actor: User | None, sip: Sip, mentor: User, starts_on: dt.date, ends_on: dt.date | None, *, is_reviewer: bool, at: dt.datetime
) -> Mentorship:
    row = Mentorship.objects.create(sip=sip, mentor=mentor, is_reviewer=is_reviewer, starts_on=starts_on, ends_on=ends_on)
    changes = {"sip": sip.user.name, "mentor": mentor.name, "is_reviewer": is_reviewer, "starts_on": starts_on.isoformat()}
    audit.record("mentor.assigned", actor=actor, at=at, subject=row, authority=sip.authority, changes=changes)
    mentor.forget_hats()
    return row


def _end(actor: User | None, row: Mentorship, ends_on: dt.date, at: dt.datetime) -> None:
    row.ends_on = ends_on
    row.save(update_fields=["ends_on"])
    changes = {"mentor": row.mentor.name, "ends_on": ends_on.isoformat()}
    audit.record("mentor.ended", actor=actor, at=at, subject=row, authority=row.sip.authority, changes=changes)
    row.mentor.forget_hats()


def _not_oneself(actor: User, user: User) -> None:
    if actor.pk == user.pk:
        raise Refused("Nobody decides on themselves: another manager keeps this profile.")
