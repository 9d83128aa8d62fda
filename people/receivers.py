"""What people answer to signals: of sign-in, for the audit; of the outbox, for invitations."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from core import audit, clock, outbox
from people.models import User


@receiver(user_logged_in, dispatch_uid="people.audit_sign_in")
def audit_sign_in(user: User, **kwargs: Any) -> None:
    audit.record("session.signed_in", actor=user, at=clock.now(), subject=user, authority=user.home_authority)


@receiver(user_logged_out, dispatch_uid="people.audit_sign_out")
def audit_sign_out(user: User | None, **kwargs: Any) -> None:
    if user is not None:
        audit.record("session.signed_out", actor=user, at=clock.now(), subject=user, authority=user.home_authority)


@receiver(user_login_failed, dispatch_uid="people.audit_failed_sign_in")
def audit_failed_sign_in(credentials: dict[str, Any], **kwargs: Any) -> None:
    """Only where the address is an account's: what else was typed into the form might be a password."""
    email = credentials.get("email") or credentials.get("username") or ""
    user = User.objects.filter(email__iexact=email).select_related("home_authority").first() if email else None
    if user is not None:
        audit.record("session.failed", actor=None, at=clock.now(), subject=user, authority=user.home_authority)


@receiver(outbox.email_delivered, dispatch_uid="people.forget_invitation_link")
def forget_invitation_link(email: outbox.OutboxEmail, **kwargs: Any) -> None:
    """A token is kept nowhere once its email has gone."""
    if email.context_kind == "invitation":
        outbox.OutboxEmail.objects.filter(pk=email.pk).update(body="The link of this invitation is not kept.")


@receiver([password_changed, password_reset, password_set], dispatch_uid="people.audit_password")
def audit_password(user: User, **kwargs: Any) -> None:
    audit.record("password.changed", actor=user, at=clock.now(), subject=user, authority=user.home_authority)
