"""Log lines: one JSON object a line, UTC, with the request's id; ids and routes, never content.

Two rules keep content out. A token or a reset key in a message is masked. An exception is told by its class and its
frames, without its message, since a database's or a parser's message quotes the row; the demonstration, whose data is
fictional, tells the message too.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import traceback
from types import TracebackType
from typing import Any

from django.conf import settings

from core import request_id

# What a LogRecord has of itself; everything else on it came from ``extra=``.
_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
# Django puts these objects on its records; they hold the whole request.
_LEFT_OUT = {"request", "server_time", "sql", "params", "context", "task_result", "response"}

_TOKEN = re.compile(r"\b[0-9a-hjkmnp-tv-z]{40}\b")
_RESET_KEY = re.compile(r"(/reset/key/)[^/\s]+")


def masked(text: str) -> str:
    """``text`` without secrets: tokens of links (``core.ids.new_token``) and password reset keys."""
    return _RESET_KEY.sub(r"\1[key]", _TOKEN.sub("[token]", text))


class JsonFormatter(logging.Formatter):
    """A record as one line of ASCII JSON; every control character in it is escaped."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": dt.datetime.fromtimestamp(record.created, tz=dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": masked(record.getMessage()),
        }
        if request := request_id.get():
            line["request"] = request
        for key, value in vars(record).items():
            if key not in _STANDARD and key not in _LEFT_OUT:
                line[key] = value if value is None or isinstance(value, bool | int | float) else masked(str(value))
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = self.error(record.exc_info[1], record.exc_info[2])
        return json.dumps(line, ensure_ascii=True).replace("\x7f", "\\u007f")

    @staticmethod
    def error(error: BaseException | None, trace: TracebackType | None) -> dict[str, Any]:
        frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
        told: dict[str, Any] = {"class": f"{type(error).__module__}.{type(error).__qualname__}", "frames": frames}
        if settings.IS_DEMO:
            told["message"] = masked(str(error))
        return told
