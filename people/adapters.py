from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by invitation: the sign-up page is closed, and ``sip_portal.urls`` has no address for it."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
