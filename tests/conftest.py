"""What every test has: no network, a database of its own, plain static files, a browser where there is one."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.management.commands import flush
from django.core.management.sql import sql_flush
from django.test import override_settings
from hypothesis import settings as hypothesis_settings

from core import clock, triggers
from tests import audited

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def pytest_configure(config: pytest.Config) -> None:
    _close_network()
    # A loaded machine is no fault of the code: time is measured in tests that say so.
    hypothesis_settings.register_profile("portal", deadline=None)
    hypothesis_settings.load_profile("portal")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Journeys last, since the browser's event loop stays for the rest of the process; skip what this machine has not."""
    items.sort(key=lambda item: item.get_closest_marker("journey") is not None)
    for item in items:
        if item.get_closest_marker("journey") and browser() is None:
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))
        if item.get_closest_marker("real_data") and not real_data_folder().is_dir():
            item.add_marker(pytest.mark.skip(reason="no real data files: neither ../shared/data/real nor SIP_REAL_DATA"))


# ---------------------------------------------------------------- network


def _close_network() -> None:
    """Refuse every connection and look-up that leaves this machine, for the whole run."""
    connect, connect_ex, sendto, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto, socket.getaddrinfo

    def refuse(host: object) -> None:
        if isinstance(host, bytes):
            host = host.decode()
        if not (isinstance(host, str) and (host in {"", "localhost", "::1"} or host.startswith("127."))):
            raise RuntimeError(f"A test asked for {host!r} on the network. Tests use this machine only.")

    def check(sock: socket.socket, address: Any) -> None:
        if sock.family in {socket.AF_INET, socket.AF_INET6}:
            refuse(address[0])

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check(self, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check(self, address)
        return connect_ex(self, address)

    def guarded_sendto(self: socket.socket, *arguments: Any) -> int:
        check(self, arguments[-1])
        return sendto(self, *arguments)

    def guarded_getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        if host is not None:
            refuse(host)
        return getaddrinfo(host, *arguments, **options)

    socket.socket.connect = guarded_connect  # type: ignore[method-assign, assignment]
    socket.socket.connect_ex = guarded_connect_ex  # type: ignore[method-assign, assignment]
    socket.socket.sendto = guarded_sendto  # type: ignore[method-assign, assignment]
    socket.getaddrinfo = guarded_getaddrinfo


# ---------------------------------------------------------------- database and files


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A folder of this process, in memory where the machine has one, gone after the run."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="sip-test-", dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, scratch: Path) -> None:
    """The SQLite test database is a file (threads must meet real locks), and no other run's file."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(scratch / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def _test_settings(scratch: Path) -> Iterator[None]:
    """Static files by their plain names through the finders; stored files and mail stay in this run."""
    for folder in ("static", "files"):
        (scratch / folder).mkdir()
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    with override_settings(STORAGES=storages, STATIC_ROOT=scratch / "static", MEDIA_ROOT=scratch / "files"):
        yield


@pytest.fixture(scope="session", autouse=True)
def _tokens_spell_nothing() -> Iterator[None]:
    """Forms carry 64 letters and digits of chance, where now and then stood the word that a test wants not to find."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.middleware.csrf.CSRF_ALLOWED_CHARS", "QXZ")
        yield


@pytest.fixture(scope="session", autouse=True)
def _it_is_afternoon() -> Iterator[None]:
    """The portal's clock begins at 15:00, later than ``NOW``, whatever the hour of the run; where a test travels, it rules."""
    real, begun = clock.now, clock.now()
    ahead = begun.replace(hour=15, minute=0, second=0, microsecond=0) - begun

    def now() -> dt.datetime:
        moment = real()
        if time_machine.escape_hatch.is_travelling():
            return moment
        return (moment + ahead).replace(year=moment.year, month=moment.month, day=moment.day)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", now)
        yield


@pytest.fixture(scope="session", autouse=True)
def _flush_may_pass() -> Iterator[None]:
    """A transactional test ends by emptying the tables, the protected ones too."""
    from core.triggers import TriggerSwitch

    handle = flush.Command.handle

    def handle_unlocked(self: flush.Command, **options: Any) -> None:
        with triggers.unlocked("the tests' flush"):
            handle(self, **options)

    def switch_last(*arguments: Any, **options: Any) -> list[str]:
        """The switch that unlocks is emptied last, or what comes after it is locked again."""
        return sorted(sql_flush(*arguments, **options), key=lambda statement: TriggerSwitch._meta.db_table in statement)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush.Command, "handle", handle_unlocked)
        patch.setattr(flush, "sql_flush", switch_last)
        yield


@pytest.fixture(scope="session", autouse=True)
def _services_leave_events() -> Iterator[None]:
    """Every service that a test calls is watched: rows without an audit event fail the test (``tests.audited``)."""
    undo = audited.watch()
    yield
    undo()


def real_data_folder() -> Path:
    """Published data files in their real formats; not part of the project."""
    return Path(os.environ.get("SIP_REAL_DATA") or settings.BASE_DIR.parent / "shared" / "data" / "real")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """For tests marked ``real_data``."""
    return real_data_folder()


# ---------------------------------------------------------------- browser


def browser() -> str | None:
    """The path of Chromium, or None."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own Chromium, which asks nobody for anything."""
    quiet = ("gpu", "quic", "background-networking", "component-update", "sync")
    return {
        **browser_type_launch_args,
        "executable_path": browser(),
        "args": ["--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in quiet)],
    }


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Playwright keeps an event loop in this thread, where Django would refuse the ORM. Journeys come last, and only for
    them is it let pass; before any fixture, since the database is made after the browser where a journey runs alone."""
    if item.get_closest_marker("journey"):
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


# ---------------------------------------------------------------- a world


@pytest.fixture
def world(db: None) -> Any:
    """Two authorities that must never see each other, and an actor for every hat (``tests.factories.schools.World``)."""
    from tests.factories.schools import build_world

    return build_world()
