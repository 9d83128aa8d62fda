"""The id of the request being answered, for the audit and the logs. Empty outside a request."""

from __future__ import annotations

from contextvars import ContextVar, Token

_current: ContextVar[str] = ContextVar("request_id", default="")


def get() -> str:
    return _current.get()


def set_current(value: str) -> Token[str]:
    return _current.set(value)


def reset(token: Token[str]) -> None:
    _current.reset(token)
