"""What the shell does when somebody signs in."""

from __future__ import annotations

import time
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from sip_portal.middleware import SIGNED_IN_AT, TOUCHED_AT


@receiver(user_logged_in, dispatch_uid="sip_portal.begin_session_life")
def begin_session_life(request: HttpRequest | None, **kwargs: Any) -> None:
    """A new sign-in begins a new life of the session, also where the browser kept an older one."""
    if request is not None and hasattr(request, "session"):
        request.session[SIGNED_IN_AT] = request.session[TOUCHED_AT] = int(time.time())
