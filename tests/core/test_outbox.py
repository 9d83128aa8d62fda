"""The outbox: written with the deed, sent once, retried, parked, bounced, and told."""

from __future__ import annotations

import datetime as dt
import random
import smtplib
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
import time_machine
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, connection, transaction

from core import outbox
from core.outbox import OutboxEmail, State, enqueue_email, mark_bounced, requeue, send_due

AT = dt.datetime(2008, 10, 14, 15, 0, tzinfo=dt.UTC)
LATER = AT + dt.timedelta(days=1)


class Server(BaseEmailBackend):
    """A mail server in memory. ``faults`` are raised in turn, one a message; ``taken`` is what it has accepted."""

    taken: ClassVar[list[Any]] = []
    faults: ClassVar[list[BaseException | None]] = []
    is_down = False
    opened = 0
    kill_after_accepting = False

    def open(self) -> bool:
        type(self).opened += 1
        if type(self).is_down:
            raise ConnectionRefusedError("no server")
        return True

    def send_messages(self, messages: Any) -> int:
        for message in messages:
            fault = type(self).faults.pop(0) if type(self).faults else None
            if fault is not None:
                raise fault
            message.message()  # raises on a header that cannot be
            type(self).taken.append(message)
            if type(self).kill_after_accepting:
                raise KeyboardInterrupt
        return len(messages)


@pytest.fixture(autouse=True)
def server(settings: Any) -> type[Server]:
    settings.EMAIL_BACKEND = f"{__name__}.Server"
    settings.DEFAULT_FROM_EMAIL = "SIP Portal <no-reply@portal.example>"
    Server.taken, Server.faults, Server.is_down, Server.opened, Server.kill_after_accepting = [], [], False, 0, False
    return Server


@pytest.fixture
def told() -> Iterator[list[tuple[str, str]]]:
    heard: list[tuple[str, str]] = []

    def delivered(sender: Any, email: OutboxEmail, at: dt.datetime, **kwargs: Any) -> None:
        heard.append(("delivered", email.dedupe_key))

    def failed(sender: Any, email: OutboxEmail, at: dt.datetime, reason: str, **kwargs: Any) -> None:
        heard.append((reason, email.dedupe_key))

    outbox.email_delivered.connect(delivered)
    outbox.email_failed.connect(failed)
    yield heard
    outbox.email_delivered.disconnect(delivered)
    outbox.email_failed.disconnect(failed)


def put(key: str = "note.released:1:head", **values: Any) -> OutboxEmail:
    said: dict[str, Any] = {
        "to_name": "Anwen Price",
        "to_address": "head@school.example",
        "subject": "A note of visit is ready to read",
        "body": "Oakfield School\nhttps://portal.example/n/1",
        "context_kind": "note",
        "context_reference": "2008/0417",
        "at": AT,
    }
    return enqueue_email(dedupe_key=key, **{**said, **values})


def wait(moment: time_machine.Coordinates, **ahead: float) -> None:
    moment.shift(dt.timedelta(**ahead))


@pytest.fixture
def moment() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC), tick=False) as moment:
        yield moment


# ---------------------------------------------------------------- writing


@pytest.mark.both
@pytest.mark.django_db
def test_one_key_is_one_email() -> None:
    first = put()
    again = put(subject="Something else", to_address="other@school.example")
    assert again.pk == first.pk
    assert again.subject == "A note of visit is ready to read"
    assert OutboxEmail.objects.count() == 1


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_an_email_is_rolled_back_with_its_deed() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        put()
        raise RuntimeError
    assert not OutboxEmail.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong", [{"to_address": "head@"}, {"to_address": "a@b.example\nBcc: x@y.example"}, {"subject": "  "}, {"body": " "}]
)
def test_what_cannot_be_sent_is_refused_at_once(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="email"):
        put(**wrong)
    with pytest.raises(ValueError, match="key"):
        put("")


@pytest.mark.django_db
def test_no_header_can_be_smuggled_in(server: type[Server]) -> None:
    put(subject="Ready\r\nBcc: spy@example.org", to_name='Ann\n"Price" <spy@example.org>')
    assert send_due(AT).sent == 1
    raw = server.taken[0].message()
    assert raw["Bcc"] is None
    assert raw["Subject"] == "Ready Bcc: spy@example.org"
    assert server.taken[0].recipients() == ['"Ann \\"Price\\" <spy@example.org>" <head@school.example>']


@pytest.mark.django_db
def test_message_ids_are_the_same_for_a_key_and_say_nothing() -> None:
    email = put()
    assert email.message_id == outbox.message_id_for("note.released:1:head") != outbox.message_id_for("note.released:2:head")
    assert email.message_id.endswith("@portal.example>")
    assert "note" not in email.message_id


@pytest.mark.both
@pytest.mark.django_db
def test_the_database_refuses_what_cannot_be() -> None:
    email = put()
    for values in ({"state": State.SENT}, {"state": State.SENDING}, {"sent_at": AT}, {"lease_until": AT}):
        with pytest.raises(IntegrityError), transaction.atomic():
            OutboxEmail.objects.filter(pk=email.pk).update(**values)


# ---------------------------------------------------------------- sending


@pytest.mark.both
@pytest.mark.django_db
def test_an_email_is_sent_once_and_told_once(server: type[Server], told: list[tuple[str, str]]) -> None:
    email = put()
    assert (send_due(LATER).sent, send_due(LATER).sent) == (1, 0)
    email.refresh_from_db()
    assert (email.state, email.sent_at, email.attempts, email.lease_until, email.is_told) == (State.SENT, LATER, 1, None, True)
    (message,) = server.taken
    assert message.extra_headers["Message-ID"] == email.message_id
    assert message.recipients() == ["Anwen Price <head@school.example>"]
    assert told == [("delivered", email.dedupe_key)]


@pytest.mark.both
@pytest.mark.django_db
def test_faults_are_tried_again_with_growing_pauses_and_parked_after_eight(
    server: type[Server], moment: time_machine.Coordinates, told: list[tuple[str, str]]
) -> None:
    email = put()
    server.faults = [smtplib.SMTPDataError(451, b"later, Anwen Price") for _ in range(8)]
    pauses = []
    for attempt in range(1, 9):
        assert send_due(AT), f"try {attempt} did not come"
        email.refresh_from_db()
        assert email.attempts == attempt
        assert email.last_error == "SMTPDataError"  # the class only
        if attempt < 8:
            assert email.state == State.FAILED
            pause = email.next_attempt_at - dt.datetime.now(dt.UTC)
            pauses.append(pause.total_seconds() / 60)
            assert not send_due(AT)
            wait(moment, seconds=pause.total_seconds() - 1)
            assert not send_due(AT), "tried before its time"
            wait(moment, seconds=1)
    for pause, middle in zip(pauses, (1, 3, 9, 27, 81, 243, 729), strict=True):
        assert 0.8 * middle <= pause <= 1.2 * middle
    assert email.state == State.PARKED
    assert told == [("parked", email.dedupe_key)]
    wait(moment, days=30)
    assert not send_due(AT)
    assert not server.taken

    assert requeue(email)
    assert not requeue(email)
    assert send_due(AT).sent == 1


@pytest.mark.django_db
def test_one_poisoned_email_does_not_hold_up_the_others(server: type[Server]) -> None:
    for number in range(3):
        put(f"key:{number}")
    server.faults = [RuntimeError("poison"), None, None]
    done = send_due(AT)
    assert (done.sent, done.failed) == (2, 1)
    assert server.opened == 2  # a connection on which something failed is not used again


@pytest.mark.django_db
def test_a_server_that_is_down_is_asked_once_a_round(server: type[Server], moment: time_machine.Coordinates) -> None:
    for number in range(3):
        put(f"key:{number}")
    server.is_down = True
    assert send_due(AT).failed == 1
    assert server.opened == 1
    assert sorted(OutboxEmail.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    server.is_down = False
    wait(moment, minutes=2)
    assert send_due(AT).sent == 3


@pytest.mark.both
@pytest.mark.django_db
def test_a_recipient_refused_for_good_has_bounced(server: type[Server], told: list[tuple[str, str]]) -> None:
    gone, full = put("gone"), put("full")
    server.faults = [
        smtplib.SMTPRecipientsRefused({"head@school.example": (550, b"unknown")}),
        smtplib.SMTPRecipientsRefused({"head@school.example": (452, b"full")}),
    ]
    done = send_due(AT)
    assert (done.bounced, done.failed) == (1, 1)
    gone.refresh_from_db(), full.refresh_from_db()
    assert (gone.state, gone.sent_at, full.state) == (State.BOUNCED, None, State.FAILED)
    assert told == [("bounced", "gone")]


@pytest.mark.both
@pytest.mark.django_db
def test_a_bounce_that_comes_later_is_told_once(told: list[tuple[str, str]]) -> None:
    email = put()
    assert not mark_bounced(email.message_id, at=AT)  # not sent yet
    send_due(AT)
    assert not mark_bounced("nobody@elsewhere.example", at=LATER)
    assert mark_bounced(email.message_id.strip("<>"), at=LATER)
    assert not mark_bounced(email.message_id, at=LATER)
    email.refresh_from_db()
    assert (email.state, email.sent_at) == (State.BOUNCED, AT)
    assert told == [("delivered", email.dedupe_key), ("bounced", email.dedupe_key)]


@pytest.mark.both
@pytest.mark.django_db
def test_a_killed_worker_costs_one_duplicate_with_the_same_id(
    server: type[Server], moment: time_machine.Coordinates, told: list[tuple[str, str]]
) -> None:
    email = put()
    server.kill_after_accepting = True
    with pytest.raises(KeyboardInterrupt):
        send_due(AT)
    server.kill_after_accepting = False
    assert not send_due(AT), "the lease has not run out"
    wait(moment, minutes=6)
    assert send_due(AT).sent == 1
    assert [message.extra_headers["Message-ID"] for message in server.taken] == [email.message_id] * 2
    assert told == [("delivered", email.dedupe_key)]


@pytest.mark.django_db
def test_an_email_that_kills_its_worker_is_parked(server: type[Server], moment: time_machine.Coordinates) -> None:
    email = put()
    server.faults = [KeyboardInterrupt() for _ in range(8)]
    for _ in range(8):
        with pytest.raises(KeyboardInterrupt):
            send_due(AT)
        wait(moment, minutes=6)
    assert send_due(AT).parked == 1
    email.refresh_from_db()
    assert (email.state, email.last_error) == (State.PARKED, "LeaseLost")


@pytest.mark.both
@pytest.mark.django_db
def test_a_receiver_that_fails_is_told_again_and_the_email_is_not_sent_again(
    server: type[Server], moment: time_machine.Coordinates, caplog: pytest.LogCaptureFixture
) -> None:
    email = put()
    heard: list[dt.datetime] = []
    broken = True

    def receiver(sender: Any, email: OutboxEmail, at: dt.datetime, **kwargs: Any) -> None:
        if broken:
            raise RuntimeError("not ready")
        heard.append(at)

    outbox.email_delivered.connect(receiver)
    try:
        send_due(AT)
        email.refresh_from_db()
        assert (email.state, email.is_told, heard) == (State.SENT, False, [])
        broken = False
        send_due(LATER)
        assert heard == [], "told again before its time"
        wait(moment, minutes=2)
        send_due(LATER)
        send_due(LATER)
    finally:
        outbox.email_delivered.disconnect(receiver)
    assert heard == [AT]  # the moment of the sending, not of the telling
    assert len(server.taken) == 1
    assert "a receiver" in caplog.text


@pytest.mark.django_db
def test_nothing_of_an_email_is_logged(server: type[Server], caplog: pytest.LogCaptureFixture) -> None:
    put()
    server.faults = [smtplib.SMTPDataError(554, b"head@school.example Anwen Price")]
    with caplog.at_level("DEBUG"):
        send_due(AT)
    assert "SMTPDataError" in caplog.text
    for secret in ("Anwen", "school.example", "Oakfield"):
        assert secret not in caplog.text


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_many_workers_and_faults_lose_nothing_and_send_nothing_twice(server: type[Server], monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction.atomic():
        for number in range(60):
            put(f"key:{number}")
    chance = random.Random(2008)
    lock = threading.Lock()

    def send(self: Server, messages: Any) -> int:
        with lock:
            if chance.random() < 0.3:
                raise smtplib.SMTPServerDisconnected("gone")
            server.taken.extend(messages)
        return len(messages)

    monkeypatch.setattr(Server, "send_messages", send)
    monkeypatch.setattr(outbox, "FIRST_PAUSE", dt.timedelta(0))
    faults: list[BaseException] = []

    def work() -> None:
        try:
            while send_due(AT):
                pass
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not faults
    ids = [message.extra_headers["Message-ID"] for message in server.taken]
    assert len(ids) == len(set(ids))
    sent = OutboxEmail.objects.filter(state=State.SENT).count()
    parked = OutboxEmail.objects.filter(state=State.PARKED).count()
    assert sent + parked == 60
    assert sent == len(ids) >= 58  # eight faults in a row at 30% are a chance of 1 in 15,000
