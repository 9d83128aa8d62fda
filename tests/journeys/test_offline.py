"""A note written where there is no network, in a browser whose profile is looked through afterwards."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from tests.browsing import look, sign_in
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World
from visits import services
from visits.models import OfflineKey, OfflinePiece

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

ONLINE = "Reading improved markedly for seven pupils. "
OFFLINE = "Heronsgate tutoring narrowed the mathematics gap. "
REOPENED = "Kingfisher mentors visited every classroom twice. "
SECONDS = int(os.environ.get("OFFLINE_SECONDS", "0"))
"""How much longer to type, at about ten keys a second: the nightly run's minute."""


class Wire:
    """The network between browser and portal, which can be cut: connections that stand end, and no new one is taken."""

    def __init__(self, host: str, port: int) -> None:
        self.target, self.ends = (host, port), set[socket.socket]()
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port = found.getsockname()[1]
        self.restore()

    def restore(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=[self.listener], daemon=True).start()

    def cut(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        for end in [self.listener, *self.ends]:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.ends.clear()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(self.target)
                self.ends |= {near, far}
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=[one, other], daemon=True).start()

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def wire(live_server: Any) -> Iterator[Wire]:
    wire = Wire(live_server.thread.host, live_server.thread.port)
    yield wire
    wire.cut()


def found_in(folder: Path, *texts: str) -> list[str]:
    """The files that hold one of these texts in clear, in either encoding that browsers write."""
    wanted = [text.strip().encode(code) for text in texts for code in ("utf-8", "utf-16-le")]
    wanted += [text.strip().replace(" ", "+").encode() for text in texts]
    wanted += [text.split()[0].encode(code) for text in texts for code in ("utf-8", "utf-16-le")]
    return [str(file) for file in folder.rglob("*") if file.is_file() and any(each in file.read_bytes() for each in wanted)]


def test_a_note_goes_on_without_a_network_and_comes_back_whole(
    world: World, wire: Wire, browser_type: Any, browser_type_launch_args: dict[str, Any], tmp_path: Path
) -> None:
    note = make.start(world.sip, world.oak)
    root, profile = f"http://127.0.0.1:{wire.port}", tmp_path / "profile"
    path = reverse("visits:note-edit", args=[note.public_id, "standards"])
    faults: list[str] = []

    @contextlib.contextmanager
    def browser(width: int = 1280) -> Iterator[Any]:
        context = browser_type.launch_persistent_context(str(profile), viewport={"width": width, "height": 900}, **browser_type_launch_args)
        page = context.pages[0]
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield page
        context.close()

    def body() -> str:
        return note.sections.get(code="standards").body

    # on the wire, then cut off in mid-writing
    with browser() as page:
        sign_in(page.context, root, world.sip)
        page.goto(root + path)
        page.locator("html[data-offline=ready]").wait_for(state="attached")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.locator("#body").press_sequentially(ONLINE)
        page.locator("[data-saved]", has_text=re.compile(r"^Saved \d")).wait_for()
        wire.cut()
        page.locator("#body").press_sequentially(OFFLINE * (1 + SECONDS // 5), delay=100 if SECONDS else 0)
        page.locator("[data-saved]", has_text="On this device only").wait_for()
        page.get_by_text("You are working without a connection").wait_for()
        assert page.locator("#body").input_value().strip().startswith((ONLINE + OFFLINE).strip())
        page.close()  # without a question: it is kept
    assert body() == ONLINE.strip()
    assert profile.is_dir() and found_in(profile, ONLINE, OFFLINE) == []

    # opened again, still cut off: counted, not shown; and gone on from
    with browser() as page:
        page.goto(root + path)
        page.get_by_text(re.compile(r"\d+ words saved here at \d\d:\d\d, shown again when you are online")).first.wait_for()
        assert "Heronsgate" not in page.content() and "improved" not in page.content()
        assert page.get_by_role("heading", name="Oakfield Primary School").count() == 1
        page.locator("#more").press_sequentially(REOPENED)
        page.locator("[data-shell=kept]", has_text="Kept on this device").wait_for()
        look(page, 1280, 320)
    assert found_in(profile, ONLINE, OFFLINE, REOPENED) == []
    assert body() == ONLINE.strip()

    # back, and signed in again: both are there
    wire.restore()
    with browser() as page:
        page.goto(root + path)
        assert "/accounts/login/" in page.url
        sign_in(page.context, root, world.sip)
        page.goto(root + path)
        page.get_by_text("brought in").first.wait_for()
        text = page.locator("#body").input_value()
        assert text.startswith((ONLINE + OFFLINE).strip()) and text.endswith(REOPENED.strip())
        assert OfflinePiece.objects.count() >= 2
        assert page.evaluate("portalOffline.pieces().then((rows) => rows.length)") == 0

        # once more without a network; then the right to write it ends, and the piece is lost to everybody
        wire.cut()
        page.locator("#body").press_sequentially(" " + OFFLINE)
        page.locator("[data-saved]", has_text="On this device only").wait_for()
        asked = page.locator("#portal-offline", has_text="has not been sent")
        page.get_by_role("button", name="Sign out").click()
        asked.get_by_text(re.compile("Oakfield Primary School, Standards")).wait_for()
        asked.get_by_role("button", name="Stay here").click()
        page.close()
    services.abandon_note(actor=world.fresh("sip"), note=make.fresh(note), reason="The school closes.", at=NOW)
    assert set(OfflineKey.objects.values_list("private_key", flat=True)) == {""}
    wire.restore()
    with browser() as page:
        sign_in(page.context, root, world.fresh("sip"))
        page.goto(root + "/")
        lost = page.locator("#portal-offline", has_text="can no longer be read: the note was abandoned")
        lost.get_by_role("button", name="Remove it from this device").click()
        lost.wait_for(state="detached")
        assert page.evaluate("portalOffline.pieces().then((rows) => rows.length)") == 0
    assert found_in(profile, ONLINE, OFFLINE, REOPENED) == [] and faults == []
