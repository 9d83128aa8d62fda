"""Public ids: what stands in an address instead of an integer key.

Twenty characters of lower-case Crockford base32 (100 bits, no ``i l o u``), from the system's randomness. They never
begin with ``-`` and survive being read aloud.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import random
import secrets
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import models

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 20


_drawn_from: ContextVar[random.Random | None] = ContextVar("public ids are drawn from", default=None)


@contextlib.contextmanager
def public_ids_from(source: random.Random) -> Iterator[None]:
    """Draw public ids from a seeded source, for the demonstration alone: two runs are equal. Tokens are never drawn from it."""
    token = _drawn_from.set(source)
    try:
        yield
    finally:
        _drawn_from.reset(token)


def lot() -> random.Random:
    """What a place or an order is drawn by lot from: the system's randomness or, in the demonstration, its seeded source."""
    return _drawn_from.get() or secrets.SystemRandom()


def new_public_id() -> str:
    source = lot()
    return "".join(source.choice(ALPHABET) for _ in range(LENGTH))


class PublicIdField(models.CharField):  # type: ignore[type-arg]  # Django's fields take no parameters at run time
    """A unique public id, made when the row is made."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["max_length"] = LENGTH
        kwargs["unique"] = True
        kwargs["editable"] = False
        kwargs["default"] = new_public_id
        super().__init__(*args, **kwargs)


class PublicIdConverter:
    """URL converter ``<pid:note_id>``."""

    regex = f"[{ALPHABET}]{{{LENGTH}}}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


def new_token() -> str:
    """A secret for a link. Store only :func:`token_digest` of it."""
    return "".join(secrets.choice(ALPHABET) for _ in range(40))


def token_digest(token: str) -> str:
    """Keyed SHA-256 of a token, hex: what is stored and looked up."""
    return hmac.new(settings.SECRET_KEY.encode(), token.encode(), hashlib.sha256).hexdigest()
