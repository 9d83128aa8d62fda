"""Who receives a note or an annual commentary, resolved at the moment of sending (P17): the draft to the head, the final to head, chair, clerk and LA."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.spans import on_day
from people.models import User
from people.packs import AuthorityPack
from schools.choices import CHAIRS, HEADS, ContactKind, ContactState
from schools.models import Contact, School

from .choices import RecordKind
from .models import Dispatched, NoteOfVisit
from .pack import visits_of


@dataclass(frozen=True)
class Recipient:
    """One person of one dispatch. ``is_held``: the role is known but not confirmed, or has no address; it says so."""

    name: str
    role: str
    organisation: str
    email: str
    school: School | None = None
    contact: Contact | None = None
    user: User | None = None
    is_held: bool = False
    starts_window: bool = False

    @property
    def who(self) -> str:
        return f"{self.name}, {self.role}, {self.organisation}"


def contacts_in_post(school_ids: Collection[int], on: dt.date) -> list[Contact]:
    """Who holds a post at these schools that day, confirmed or only reported, with the account of each: one query."""
    return list(
        Contact.objects.filter(on_day(on), school__in=school_ids)
        .exclude(state=ContactState.REFUSED)
        .select_related("user")
        .order_by("kind", "starts_on")
    )


def has_head(school: School, on: dt.date) -> bool:
    """Whether a head is in post that day, confirmed or only reported (release to the latter is held, and says so)."""
    return any(contact.kind in HEADS for contact in contacts_in_post([school.pk], on))


def why_chair(about: Dispatched, pack: AuthorityPack, on: dt.date, manager_says: str = "") -> list[str]:
    """Why the draft goes to the chair as well, or in the head's place (domain.md §4); empty where it does not."""
    reasons = [manager_says.strip()] if manager_says.strip() else []
    if pack.flag("chair_reads_draft"):
        reasons.append("the authority gives the chair the draft")
    if not all(has_head(school, on) for school in about.covered):
        reasons.append(f"there is no {pack.labels(about.school.phase).get('head')} in post")
    return reasons


OTHERS = frozenset((ContactKind.DIOCESE.value, ContactKind.TRUST.value))


def _others(about: Dispatched) -> frozenset[str]:
    """Which kinds of other recipients the pack names; a commentary is for the governors alone."""
    if not isinstance(about, NoteOfVisit):
        return frozenset()
    named = visits_of(AuthorityPack(about.authority, about.pack).content).recipients
    return OTHERS & {recipient.code for recipient in named}


def _recipient(contact: Contact, *, starts_window: bool) -> Recipient:
    email = contact.email or (contact.user.email if contact.user else "")
    return Recipient(
        name=contact.name,
        role=ContactKind(contact.kind).label.capitalize(),
        organisation=contact.school.name,
        email=email,
        school=contact.school,
        contact=contact,
        user=contact.user,
        is_held=contact.state != ContactState.CONFIRMED or not email,
        starts_window=starts_window,
    )


def recipients_of(about: Dispatched, school: School, kind: str, on: dt.date, contacts: Sequence[Contact] | None = None) -> list[Recipient]:
    """For one school of it. Co-heads each receive; with no head in post the chair does, in the head's place.

    The final note goes to the others whom the pack names, too (a diocese, a trust), where the school has one.
    ``contacts``: the school's :func:`contacts_in_post`, from a caller who has read them.
    """
    if contacts is None:
        contacts = contacts_in_post([school.pk], on)
    for contact in contacts:
        contact.school = school
    heads = [contact for contact in contacts if contact.kind in HEADS]
    chairs = [contact for contact in contacts if contact.kind in CHAIRS]
    clerks = [contact for contact in contacts if contact.kind == ContactKind.CLERK]
    found = [_recipient(contact, starts_window=True) for contact in heads]
    if kind == RecordKind.RELEASE:
        if about.goes_to_chair or not heads:
            found += [_recipient(contact, starts_window=not heads) for contact in chairs]
        return found
    others = [contact for contact in contacts if contact.kind in _others(about)]
    found += [_recipient(contact, starts_window=False) for contact in (*chairs, *clerks, *others)]
    authority = about.authority
    found.append(
        Recipient(
            name=authority.service or authority.name,
            role="For the authority's file",
            organisation=authority.full_name or authority.name,
            email=authority.email,
            is_held=not authority.email,
        )
    )
    return found
