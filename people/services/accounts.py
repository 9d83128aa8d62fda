"""Accounts: one a person, by email; made by an administrator, opened by an invitation, never deleted."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse

from core import audit, outbox
from core.access import Conflict, Refused, require
from core.components.filters import MOST_KEPT
from core.ids import new_token, token_digest
from people.models import Authority, Invitation, User
from people.roles import Permission as P
from people.signals import account_deactivated, sip_named

INVITATION_DAYS = 7
NO_LONGER = "This invitation is no longer valid. Ask whoever invited you for another."


@transaction.atomic
def create_account(*, actor: User | None, authority: Authority, name: str, email: str, telephone: str = "", at: dt.datetime) -> User:
    """One account for a person, without a password: the invitation lets them set it. ``actor`` ``None``: a command."""
    if actor is not None:
        require(actor, P.ACCOUNT_MANAGE, authority, on=at.date())
    name, email = " ".join(name.split()), email.strip()
    if not name:
        raise Refused("Enter the person's name.", field="name")
    _checked_email(email)
    user = User(name=name, email=email, telephone=telephone.strip(), home_authority=authority, created_at=at)
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        sentence = "A person with this email address has an account already. Give it a role here instead of making another."
        raise Conflict(sentence, field="email") from None
    audit.record("account.created", actor=actor, at=at, subject=user, authority=authority, changes={"name": name, "email": email})
    return user


@transaction.atomic
def update_account(
    *, actor: User, user: User, at: dt.datetime, name: str | None = None, telephone: str | None = None, has_reminders: bool | None = None
) -> User:
    """Change a name or telephone: one's own, or by the administrator of the person's authority. Records keep the old name.

    ``has_reminders`` switches the emails of reminders on or off, by the person alone.
    """
    if actor.pk != user.pk:
        require(actor, P.ACCOUNT_MANAGE, user, on=at.date())
    wanted = {
        "name": " ".join(name.split()) if name is not None else user.name,
        "telephone": user.telephone if telephone is None else telephone.strip(),
        "has_reminders": user.has_reminders if has_reminders is None or actor.pk != user.pk else has_reminders,
    }
    if not wanted["name"]:
        raise Refused("Enter the person's name.", field="name")
    changes: dict[str, Any] = {field: [getattr(user, field), value] for field, value in wanted.items() if getattr(user, field) != value}
    if changes:
        for field, value in wanted.items():
            setattr(user, field, value)
        user.save(update_fields=list(changes))
        audit.record("account.changed", actor=actor, at=at, subject=user, authority=user.home_authority, changes=changes)
        if "name" in changes and user.sip_profiles.exists():
            sip_named.send(sender=User, user=user)
    return user


@transaction.atomic
def keep_filters(*, actor: User, path: str, query: str, at: dt.datetime) -> None:
    """The filters that a person set last on a list; an empty query forgets them. The list set longest ago goes first."""
    kept = {place: last for place, last in actor.filters.items() if place != path}
    if query:
        kept[path] = query
    kept = dict(list(kept.items())[-MOST_KEPT:])
    if kept != actor.filters:
        actor.filters = kept
        actor.save(update_fields=["filters"])


@transaction.atomic
def invite(*, actor: User, user: User, authority: Authority, at: dt.datetime) -> tuple[Invitation, str]:
    """Send a single-use link, good for seven days, with which a person sets a first password. Earlier ones end with it.

    Answers the row and its token, which only the email holds: the database keeps the digest.
    """
    require(actor, P.ACCOUNT_MANAGE, authority, on=at.date())
    require(actor, P.ACCOUNT_MANAGE, user, on=at.date())
    if not user.is_active:
        raise Refused(f"{user.name}'s account is deactivated.")
    if user.has_usable_password():
        raise Refused(f"{user.name} has a password already, and can have it reset from the sign-in page.")
    user.invitations.filter(accepted_at__isnull=True, expires_at__gt=at).update(expires_at=at)
    token = new_token()
    row = Invitation.objects.create(
        user=user,
        authority=authority,
        token_digest=token_digest(token),
        sent_at=at,
        expires_at=at + dt.timedelta(days=INVITATION_DAYS),
        invited_by=actor,
    )
    link = settings.PORTAL_URL + reverse("people:invitation-accept", args=[token])
    outbox.enqueue_email(
        dedupe_key=f"invitation:{row.public_id}",
        to_name=user.name,
        to_address=user.email,
        subject=f"Your account in the SIP Portal of {authority.name}",
        body=(
            f"{user.name}\n\n{actor.name} has made an account for you in the SIP Portal of {authority.name}.\n\n"
            f"Set your password here within {INVITATION_DAYS} days. The link works once:\n{link}\n"
        ),
        context_kind="invitation",
        context_reference=row.public_id,
        at=at,
    )
    audit.record("account.invited", actor=actor, at=at, subject=user, authority=authority)
    return row, token


def open_invitation(token: str, at: dt.datetime) -> Invitation | None:
    """The invitation of a token that still opens; the same ``None`` for one used, expired or made up."""
    return (
        Invitation.objects.filter(token_digest=token_digest(token), accepted_at__isnull=True, expires_at__gt=at, user__is_active=True)
        .select_related("user", "authority")
        .first()
    )


@transaction.atomic
def accept_invitation(*, token: str, password: str, at: dt.datetime) -> User:
    """Set the first password by a token: once, in time. Raises ``Refused``; for a weak password at the field ``password``."""
    row = open_invitation(token, at)
    if row is None:
        raise Refused(NO_LONGER)
    user = row.user
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="password") from None
    if Invitation.objects.filter(pk=row.pk, accepted_at__isnull=True).update(accepted_at=at) != 1:
        raise Refused(NO_LONGER)
    user.set_password(password)
    user.save(update_fields=["password"])
    user.invitations.filter(accepted_at__isnull=True, expires_at__gt=at).update(expires_at=at)
    audit.record("invitation.accepted", actor=user, at=at, subject=user, authority=row.authority)
    return user


@transaction.atomic
def deactivate(*, actor: User, user: User, reason: str, at: dt.datetime) -> User:
    """End a person's access with their next request: the account is inactive and its sessions are gone."""
    require(actor, P.ACCOUNT_MANAGE, user, on=at.date())
    if not reason.strip():
        raise Refused("Say why the account is deactivated.", field="reason")
    if User.objects.filter(pk=user.pk, is_active=True).update(is_active=False, deactivated_at=at) != 1:
        raise Conflict(f"{user.name}'s account is deactivated already.")
    user.is_active, user.deactivated_at = False, at
    user.invitations.filter(accepted_at__isnull=True, expires_at__gt=at).update(expires_at=at)
    end_sessions(user)
    account_deactivated.send(User, user=user, at=at)
    audit.record("account.deactivated", actor=actor, at=at, subject=user, authority=user.home_authority, reason=reason)
    return user


@transaction.atomic
def reactivate(*, actor: User, user: User, reason: str, at: dt.datetime) -> User:
    """Let a person in again, with the roles that their dated rows still give."""
    require(actor, P.ACCOUNT_MANAGE, user, on=at.date())
    if not reason.strip():
        raise Refused("Say why the account is reactivated.", field="reason")
    if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True, deactivated_at=None) != 1:
        raise Conflict(f"{user.name}'s account is active already.")
    user.is_active, user.deactivated_at = True, None
    audit.record("account.reactivated", actor=actor, at=at, subject=user, authority=user.home_authority, reason=reason)
    return user


def end_sessions(user: User) -> int:
    """Delete every session of a person; answers how many. A session's content is sealed, so each is opened once."""
    mine = [row.pk for row in Session.objects.iterator() if row.get_decoded().get(SESSION_KEY) == str(user.pk)]
    return Session.objects.filter(pk__in=mine).delete()[0]


def people_with(email: str) -> User | None:
    """The account of an exact address: how a person of another authority is found to be given a role here."""
    return User.objects.filter(Q(email__iexact=email.strip())).first()


def _checked_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        raise Refused("Enter an email address in the correct format, like name@example.com", field="email") from None
