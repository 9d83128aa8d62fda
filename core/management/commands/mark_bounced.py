"""``manage.py mark_bounced``: a mail server says that an email of ours did not arrive."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from email import message_from_bytes
from email.message import Message
from typing import Any

from django.core.management.base import BaseCommand

from core import clock, outbox

LIMIT = 1_000_000
"""Bytes of a message that are read: a bounce returns our email, which is small."""


class Command(BaseCommand):
    help = "Mark emails as bounced: by their Message-IDs, or by a bounce on the standard input."
    requires_system_checks = ()  # a mail server waits for the answer

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("message_id", nargs="*", help="without any, a whole bounce is read from the standard input")

    def handle(self, *, message_id: list[str], **options: Any) -> None:
        found = message_id or returned_ids(message_from_bytes(sys.stdin.buffer.read(LIMIT)))
        if not found:
            self.stdout.write("That is no bounce: nothing was marked.")
        for one in found:
            marked = outbox.mark_bounced(one, at=clock.now())
            self.stdout.write(f"{one}: {'marked as bounced' if marked else 'not an email of ours that was still to arrive'}")


def returned_ids(bounce: Message) -> list[str]:
    """Message-IDs that a delivery status notification (RFC 3464) returns as failed for good; else none."""
    parts = list(bounce.walk())
    has_failed = any(str(part.get("Action", "")).strip().lower() == "failed" for part in parts)
    if not has_failed:
        return []
    ids = []
    for part in parts:
        if part.get_content_type() == "text/rfc822-headers":
            part = message_from_bytes(part.get_payload(decode=True) or b"")  # type: ignore[arg-type]  # bytes, where decoded  # noqa: PLW2901
        elif part is bounce or (part.get_content_maintype() in {"message", "multipart"} and not part.get("Message-ID")):
            continue
        if part is not bounce and (returned := part.get("Message-ID")):
            ids.append(str(returned).strip())
    return list(dict.fromkeys(ids))
