"""Lines of the log: whole, one a line, without secrets and without what people wrote."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import request_id
from core.ids import new_token
from sip_portal.logs import JsonFormatter, masked

CONTROLS = "".join(map(chr, [*range(32), 0x7F, 0x85, 0x9B, 0x2028, 0x2029, 0x202E]))


def line(message: str, *args: object, error: bool = False, **extra: Any) -> tuple[str, dict[str, Any]]:
    """The line as written, and what it says."""
    record = logging.makeLogRecord(
        {"name": "sip_portal.test", "levelno": 20, "levelname": "INFO", "msg": message, "args": args, "created": 1_224_000_000.5, **extra}
    )
    record.exc_info = sys.exc_info() if error else None  # type: ignore[assignment]
    written = JsonFormatter().format(record)
    return written, json.loads(written)


def test_what_a_line_holds() -> None:
    with request_id.bound("0123456789abcdef"):
        _, told = line("request", method="GET", status=200, route=None)
    assert told == {
        "at": "2008-10-14T16:00:00.500Z",
        "level": "info",
        "logger": "sip_portal.test",
        "event": "request",
        "request": "0123456789abcdef",
        "method": "GET",
        "status": 200,
        "route": None,
    }


@pytest.mark.parametrize("place", ["message", "argument", "extra"])
def test_control_characters_cannot_forge_a_line(place: str) -> None:
    text = f'ok{CONTROLS}{{"level": "error"}}'
    written, told = {
        "message": lambda: line(text),
        "argument": lambda: line("%s", text),
        "extra": lambda: line("event", name_of_it=text),
    }[place]()
    assert all(" " <= character <= "~" for character in written)
    assert told.get("name_of_it", told["event"]) == text


@given(st.text())
def test_any_text_is_one_line_of_ascii(text: str) -> None:
    written, told = line("%s", text)
    assert written.isascii()
    assert written.isprintable()
    assert told["level"] == "info"


def test_secrets_are_masked_wherever_they_stand() -> None:
    token = new_token()
    written, told = line("GET %s", f"/invitation/{token}/", path=f"/accounts/password/reset/key/1-{token[:20]}/")
    assert token[:20] not in written
    assert (told["event"], told["path"]) == ("GET /invitation/[token]/", "/accounts/password/reset/key/[key]/")
    assert masked("0123456789abcdefghjk is a public id") == "0123456789abcdefghjk is a public id"


def test_requests_and_statements_are_left_out() -> None:
    _, told = line("x", request=object(), sql="SELECT secret", params=("secret",), context={"secret": 1})
    assert set(told) == {"at", "level", "logger", "event"}


class TestErrors:
    def tell(self) -> dict[str, Any]:
        try:
            raise ValueError("Key (email)=(head@school.example) already exists")
        except ValueError:
            written, told = line("failed", error=True)
        assert "\n" not in written
        return told["error"]

    def test_in_production_an_error_is_its_class_and_frames(self, settings: Any) -> None:
        settings.IS_DEMO = False
        error = self.tell()
        assert set(error) == {"class", "frames"}
        assert error["class"] == "builtins.ValueError"
        assert error["frames"][-1].endswith(" tell")

    def test_the_demonstration_tells_the_message_too(self, settings: Any) -> None:
        settings.IS_DEMO = True
        assert self.tell()["message"] == "Key (email)=(head@school.example) already exists"


def test_the_portal_logs_that_way() -> None:
    from django.conf import settings

    handler = settings.LOGGING["handlers"]["stderr"]
    assert settings.LOGGING["formatters"][handler["formatter"]]["()"] == "sip_portal.logs.JsonFormatter"
    assert settings.LOGGING["root"]["handlers"] == ["stderr"]
