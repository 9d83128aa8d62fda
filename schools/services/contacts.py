"""Contacts are dated roles: reported by those at hand, confirmed by the administrator in one click."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from core import audit
from core.access import Conflict, Refused, require
from people.models import User
from people.roles import Permission as P
from schools.choices import ContactKind, ContactState
from schools.indexing import index_contacts
from schools.models import Contact, School
from schools.selectors.contacts import predecessors
from schools.signals import contact_confirmed


@transaction.atomic
def report_contact(
    *,
    actor: User,
    school: School,
    kind: str,
    name: str,
    email: str = "",
    telephone: str = "",
    starts_on: dt.date,
    ends_on: dt.date | None = None,
    at: dt.datetime,
) -> Contact:
    """Say who is, or will be, in a role at a school. It gives no right until it is confirmed, and until then release to
    that role is held."""
    require(actor, P.CONTACT_REPORT, school, on=at.date())
    if not name.strip():
        raise Refused("Enter the person's name.", field="name")
    if ends_on is not None and ends_on < starts_on:
        raise Refused("The last day lies before the first.", field="ends_on")
    kind = ContactKind(kind)
    twin = school.contacts.filter(kind=kind, name__iexact=name.strip(), starts_on=starts_on).exclude(state=ContactState.REFUSED).first()
    if twin is not None:
        raise Refused(f"{twin.name} is {twin.get_kind_display()} from that day already ({twin.get_state_display()}).", field="name")
    row = Contact.objects.create(
        school=school,
        kind=kind,
        name=name.strip(),
        email=email.strip(),
        telephone=telephone.strip(),
        starts_on=starts_on,
        ends_on=ends_on,
        reported_by=actor,
        reported_at=at,
    )
    changes = {"kind": str(kind), "starts_on": starts_on.isoformat(), "name": row.name}
    audit.record("contact.reported", actor=actor, at=at, subject=row, school=school, changes=changes)
    return row


def account_for(contact: Contact) -> User | None:
    """The account that a confirmation would join: the active one with the contact's email address, if there is one."""
    if not contact.email:
        return None
    return User.objects.filter(email__iexact=contact.email, is_active=True).first()


@transaction.atomic
def confirm_contact(*, actor: User, contact: Contact, at: dt.datetime) -> Contact:
    """The administrator's one click: the row holds, joins the account of that address, and the predecessor's ends.

    domain.md §3: a head with an end date loses access that day. Predecessors of the same office (:data:`OFFICES`) end on
    the day before the new row begins. Nobody confirms what would give themselves a hat.
    """
    require(actor, P.CONTACT_CONFIRM, contact, on=at.date())
    account = account_for(contact)
    if account is not None and account.pk == actor.pk:
        raise Refused("Nobody confirms their own role at a school: another administrator does that.")
    _decide(contact, ContactState.CONFIRMED, actor, at, user=account)
    last_day = contact.starts_on - dt.timedelta(days=1)
    for before in predecessors(contact).select_related("user"):
        if before.starts_on > last_day:
            raise Refused(
                f"{before.name} is {before.get_kind_display()} from {_day(before.starts_on)}: end that first, or correct the date."
            )
        _end(actor, before, last_day, f"{contact.name} is {contact.get_kind_display()} from {_day(contact.starts_on)}", at)
    changes = {"name": contact.name, "kind": contact.kind, "account": account.public_id if account else None}
    audit.record("contact.confirmed", actor=actor, at=at, subject=contact, school=contact.school, changes=changes)
    if account is not None:
        account.forget_hats()
    index_contacts([contact])
    contact_confirmed.send(Contact, contact=contact, at=at)
    return contact


@transaction.atomic
def refuse_contact(*, actor: User, contact: Contact, reason: str, at: dt.datetime) -> Contact:
    """The report is not so."""
    require(actor, P.CONTACT_CONFIRM, contact, on=at.date())
    if not reason.strip():
        raise Refused("Say why it is not so.", field="reason")
    _decide(contact, ContactState.REFUSED, actor, at)
    audit.record("contact.refused", actor=actor, at=at, subject=contact, school=contact.school, reason=reason)
    return contact


@transaction.atomic
def record_contact(
    *, actor: User, school: School, kind: str, name: str, email: str = "", telephone: str = "", starts_on: dt.date, at: dt.datetime
) -> Contact:
    """An administrator, or an import of theirs, enters a contact that needs no second look: reported and confirmed in one."""
    row = report_contact(actor=actor, school=school, kind=kind, name=name, email=email, telephone=telephone, starts_on=starts_on, at=at)
    return confirm_contact(actor=actor, contact=row, at=at)


@transaction.atomic
def end_contact(*, actor: User, contact: Contact, ends_on: dt.date, reason: str = "", at: dt.datetime) -> Contact:
    """Give a confirmed contact a last day; access through it ends with that day."""
    require(actor, P.CONTACT_CONFIRM, contact, on=at.date())
    if contact.state != ContactState.CONFIRMED:
        raise Refused("Only a confirmed contact is ended; refuse a report instead.")
    if ends_on < contact.starts_on:
        raise Refused(f"{contact.name} began on {_day(contact.starts_on)}: the last day is that day or later.", field="ends_on")
    _end(actor, contact, ends_on, reason, at)
    return contact


@transaction.atomic
def join_account(*, actor: User, contact: Contact, user: User, at: dt.datetime) -> Contact:
    """Join a confirmed contact to an account, made for the person afterwards. The addresses must be the same."""
    require(actor, P.CONTACT_CONFIRM, contact, on=at.date())
    if user.pk == actor.pk:
        raise Refused("Nobody confirms their own role at a school: another administrator does that.")
    if contact.state != ContactState.CONFIRMED or contact.user_id is not None:
        raise Refused("This contact is not confirmed, or has an account already.")
    if not user.is_active or contact.email.lower() != user.email.lower():
        raise Refused(f"{user.name}'s account is deactivated, or its email address is not the contact's.")
    if Contact.objects.filter(pk=contact.pk, user__isnull=True).update(user=user) != 1:
        raise Conflict("Somebody else changed this contact a moment ago.")
    contact.user = user
    changes = {"name": contact.name, "kind": contact.kind, "account": user.public_id}
    audit.record("contact.confirmed", actor=actor, at=at, subject=contact, school=contact.school, changes=changes)
    user.forget_hats()
    return contact


def confirm_contacts(*, actor: User, contacts: Sequence[Contact], at: dt.datetime) -> list[tuple[Contact, str]]:
    """Confirm many, each by itself: contact and, where it was not done, why not."""
    answers = []
    for contact in contacts:
        try:
            confirm_contact(actor=actor, contact=contact, at=at)
            answers.append((contact, ""))
        except Refused as refusal:
            answers.append((contact, refusal.message))
    return answers


def _decide(contact: Contact, state: ContactState, actor: User, at: dt.datetime, *, user: User | None = None) -> None:
    values = {"state": state, "decided_by": actor, "decided_at": at, **({"user": user} if user else {})}
    if Contact.objects.filter(pk=contact.pk, state=ContactState.REPORTED).update(**values) != 1:
        raise Conflict(f"{contact.name}'s report has been decided already.")
    for name, value in values.items():
        setattr(contact, name, value)


def _end(actor: User, contact: Contact, ends_on: dt.date, reason: str, at: dt.datetime) -> None:
    was = contact.ends_on
    contact.ends_on = ends_on
    contact.save(update_fields=["ends_on"])
    changes = {"ends_on": [was.isoformat() if was else None, ends_on.isoformat()], "name": contact.name, "kind": contact.kind}
    audit.record("contact.ended", actor=actor, at=at, subject=contact, school=contact.school, changes=changes, reason=reason)
    if contact.user is not None:
        contact.user.forget_hats()


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B %Y}"
