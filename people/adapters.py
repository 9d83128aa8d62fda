from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from core import clock
from core.ids import new_token
from core.outbox import enqueue_email


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by invitation: the sign-up page is closed, and ``sip_portal.urls`` has no address for it."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """By the outbox, like all email: an address that is known takes no longer to answer than one that is not."""
        message = self.render_mail(template_prefix, email, context)
        enqueue_email(
            dedupe_key=f"account:{new_token()}",
            to_name="",
            to_address=email,
            subject=message.subject,
            body=message.body,
            context_kind="account",
            at=clock.now(),
        )

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
