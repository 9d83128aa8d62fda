"""The id of the request or job under way, for the audit and the logs. Empty outside both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token

_current: ContextVar[str] = ContextVar("request_id", default="")


def get() -> str:
    return _current.get()


def set_current(value: str) -> Token[str]:
    return _current.set(value)


def reset(token: Token[str]) -> None:
    _current.reset(token)


@contextmanager
def bound(value: str) -> Iterator[None]:
    """``with request_id.bound(f"job-{pk}"):`` for the time of one request or job."""
    token = set_current(value)
    try:
        yield
    finally:
        reset(token)
