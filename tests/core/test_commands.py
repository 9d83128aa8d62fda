"""Commands for whoever runs the portal: bounces and stored files."""

from __future__ import annotations

import datetime as dt
import io
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from core.files import StoredFile, store
from core.outbox import OutboxEmail, State, enqueue_email, send_due
from core.triggers import unlocked

pytestmark = pytest.mark.django_db

AT = dt.datetime(2008, 10, 14, 15, 0, tzinfo=dt.UTC)


@pytest.fixture
def sent() -> OutboxEmail:
    enqueue_email(
        dedupe_key="note.released:1:head", to_name="Anwen Price", to_address="head@school.example", subject="A note", body="Link", at=AT
    )
    send_due(AT)
    return OutboxEmail.objects.get(state=State.SENT)


def bounce(message_id: str, *, action: str = "failed", returned: str = "message/rfc822") -> bytes:
    """A report as mail servers write them."""
    return "\r\n".join(
        [
            "From: MAILER-DAEMON@mail.example",
            "To: no-reply@portal.example",
            "Subject: Undelivered Mail Returned to Sender",
            "Message-ID: <report@mail.example>",
            "MIME-Version: 1.0",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
            "",
            "--b",
            "Content-Type: text/plain",
            "",
            "I'm sorry to have to inform you that your message could not be delivered.",
            "--b",
            "Content-Type: message/delivery-status",
            "",
            "Reporting-MTA: dns; mail.example",
            "",
            "Final-Recipient: rfc822; head@school.example",
            f"Action: {action}",
            "Status: 5.1.1",
            "",
            "--b",
            f"Content-Type: {returned}",
            "",
            "From: SIP Portal <no-reply@portal.example>",
            "Subject: A note",
            f"Message-ID: {message_id}",
            "",
            "Link" if returned == "message/rfc822" else "",
            "--b--",
            "",
        ]
    ).encode()


def mark(monkeypatch: pytest.MonkeyPatch, *arguments: str, stdin: bytes = b"") -> str:
    said = io.StringIO()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(stdin)))
    call_command("mark_bounced", *arguments, stdout=said)
    return said.getvalue()


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
def test_a_bounce_marks_the_email_that_it_returns(sent: OutboxEmail, monkeypatch: pytest.MonkeyPatch, returned: str) -> None:
    assert "marked as bounced" in mark(monkeypatch, stdin=bounce(sent.message_id, returned=returned))
    sent.refresh_from_db()
    assert sent.state == State.BOUNCED
    assert "not an email of ours" in mark(monkeypatch, stdin=bounce(sent.message_id, returned=returned))


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"Subject: Out of office\r\nMessage-ID: <ID>\r\nIn-Reply-To: <ID>\r\n\r\nI am away.",
        bounce("<ID>", action="delayed"),
        bounce("<somebody-elses@mail.example>"),
    ],
    ids=["nothing", "out of office", "late only", "not ours"],
)
def test_anything_else_marks_nothing(sent: OutboxEmail, monkeypatch: pytest.MonkeyPatch, message: bytes) -> None:
    mark(monkeypatch, stdin=message.replace(b"<ID>", sent.message_id.encode()))
    sent.refresh_from_db()
    assert sent.state == State.SENT


def test_by_its_id(sent: OutboxEmail, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "marked as bounced" in mark(monkeypatch, sent.message_id.strip("<>"))
    sent.refresh_from_db()
    assert sent.state == State.BOUNCED


def test_every_stored_file_is_verified() -> None:
    store(b"one", "text/plain", at=AT)
    two = store(b"two", "text/plain", at=AT)
    said = io.StringIO()
    call_command("verify_files", stdout=said)
    assert said.getvalue() == "2 stored files: each is what was stored.\n"
    with unlocked("this test"):
        StoredFile.objects.filter(pk=two.pk).update(content=b"tow")
    wrong = io.StringIO()
    with pytest.raises(CommandError, match="1 of 2 stored files are not what was stored"):
        call_command("verify_files", stdout=said, stderr=wrong)
    assert two.public_id in wrong.getvalue()
