"""What the shell does to every request. The order is that of ``settings.MIDDLEWARE``."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from core import request_id
from core.access import Refused

log = logging.getLogger("sip_portal.request")

Handler = Callable[[HttpRequest], HttpResponse]

BACKGROUND_HEADER = "X-Portal-Background"
SIGNED_IN_AT = "signed_in_at"
TOUCHED_AT = "touched_at"
TOUCH_EVERY = 300  # seconds: each touch is a write, and on SQLite takes the one write lock


class RequestIdMiddleware:
    """Give the request an id (16 hex digits), bind it for logs and audit, answer with it, and log one line.

    The line names the route and never the path, which may hold a token. An id sent by the client is not taken over:
    it could not be trusted to be unique, or clean.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.monotonic()
        with request_id.bound(secrets.token_hex(8)):
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            match = request.resolver_match
            log.info(
                "request",
                extra={
                    "method": request.method,
                    "route": match.route if match else None,
                    "status": response.status_code,
                    "milliseconds": round((time.monotonic() - begun) * 1000),
                },
            )
            return response


class SessionLifeMiddleware:
    """End a signed-in session after an hour without use, and in any case 12 hours after the sign-in.

    A request counts as use unless a timer of the page made it, which the page says with ``X-Portal-Background: 1``.
    Use is written at most once in five minutes. The machine's clock counts here, never ``core.clock``.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            now = int(time.time())
            signed_in_at = request.session.get(SIGNED_IN_AT, 0)
            touched_at = request.session.get(TOUCHED_AT, 0)
            if now - signed_in_at >= settings.SESSION_ABSOLUTE_AGE or now - touched_at >= settings.SESSION_COOKIE_AGE:
                request.session.flush()
            elif now - touched_at >= TOUCH_EVERY and not is_background(request):
                request.session[TOUCHED_AT] = now
        return self.get_response(request)


class RefusedMiddleware:
    """A refusal that a page has no form for, such as that no pack is in force, is a page with its sentence (409), not an error.

    So is the address of a button, opened as a page (405): whoever is signed out, presses it and signs in again comes by it.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and not response.streaming and not response.content:
            page = render(request, "errors/405.html", status=405)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return render(request, "errors/refused.html", {"why": exception.message}, status=409) if isinstance(exception, Refused) else None


class SecondFactorMiddleware:
    """Whoever may enter the admin sets up a second factor before doing anything else (production)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            settings.SECOND_FACTOR_REQUIRED
            and not self._is_exempt(request.path_info)
            and request.user.is_authenticated
            and request.user.is_staff
            and not is_mfa_enabled(request.user, [Authenticator.Type.TOTP])
        ):
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        return self.get_response(request)

    @staticmethod
    def _is_exempt(path: str) -> bool:
        return path in {"/healthz", "/readyz"} or path.startswith(("/accounts/", settings.STATIC_URL))


class NoStoreMiddleware:
    """Nothing that a person was shown is kept by a browser or a proxy, unless the view itself says "public".

    Static files never come here: whitenoise answers them earlier.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "public" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "no-store"
        return response


def is_background(request: HttpRequest) -> bool:
    """Whether a timer of the page made this request, and not a person."""
    return request.headers.get(BACKGROUND_HEADER) == "1"
