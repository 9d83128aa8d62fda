"""The worker: schedules, outbox, jobs, and the sweep of what killed workers left. As many as one likes."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import signal
import socket
import threading
import time
from argparse import ArgumentParser
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from core import clock, jobs, outbox

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_SWEEPS = 15.0
SECONDS_BETWEEN_RENEWALS = 15.0


class Command(BaseCommand):
    help = "Run the worker: what is due by the clock, emails, and jobs. SIGTERM lets it finish the job in hand."
    requires_system_checks = ()  # they read every page; the web server and `migrate` have made them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--interval", type=float, default=1.0, help="Seconds to wait where there is nothing to do (default: 1).")
        parser.add_argument("--once", action="store_true", help="Do all there is to do, then stop.")

    def handle(self, *, interval: float, once: bool, **options: Any) -> None:
        logging.getLogger("django_tasks_db").setLevel(logging.WARNING)  # it says good-bye after every job
        PortalWorker(interval=interval).run(once=once)


class PortalWorker:
    """One process of the worker. Jobs run one after another, in this thread; a second thread renews their leases."""

    def __init__(self, *, interval: float = 1.0) -> None:
        self.id = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(6)}"
        self.interval = interval
        self.stopping = threading.Event()  # no new work
        self.stopped = threading.Event()  # and the work in hand is done
        self._swept: float | None = None

    def run(self, *, once: bool = False) -> None:
        """Work until told to stop by SIGTERM or SIGINT; with ``once``, until there is nothing left to do."""
        self._listen()
        renewal = threading.Thread(target=self._renew, name="lease renewal", daemon=True)
        renewal.start()
        logger.info("worker %s has started", self.id)
        try:
            while not self.stopping.is_set():
                busy = self.turn()
                if not busy:
                    if once:
                        break
                    self.stopping.wait(self.interval)
        finally:
            self.stopped.set()
            renewal.join(timeout=5)
            logger.info("worker %s has stopped", self.id)

    def turn(self) -> bool:
        """Everything that is due, and one job. Answers whether there was anything. A fault of the database is logged
        and left to the next turn."""
        close_old_connections()
        done = [self._step("sweep", self._sweep)]
        done.append(self._step("schedules", lambda: jobs.run_schedules(clock.now())))
        done.append(self._step("outbox", lambda: outbox.send_due(clock.now())))
        if not self.stopping.is_set():
            done.append(self._step("jobs", self._one_job))
        return any(done)

    def _step(self, name: str, step: Callable[[], object]) -> bool:
        try:
            return bool(step())
        except (DatabaseError, InterfaceError):
            logger.exception("worker: %s failed, and will be tried again", name)
            with contextlib.suppress(Exception):
                connection.close()
            return False

    def _sweep(self) -> int:
        if self._swept is not None and time.monotonic() - self._swept < SECONDS_BETWEEN_SWEEPS:
            return 0
        self._swept = time.monotonic()
        return jobs.sweep()

    def _one_job(self) -> bool:
        # Asked without a lock first: taking one locks a whole SQLite file, and this is asked every second.
        if not DBTaskResult.objects.ready().exists():
            return False
        Worker(
            queue_names=["*"],
            excluded_queue_names=[],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=1,
            worker_id=self.id,
        ).run()
        return True

    def _renew(self) -> None:
        while not self.stopped.wait(SECONDS_BETWEEN_RENEWALS):
            try:
                close_old_connections()
                jobs.renew(self.id)
            except (DatabaseError, InterfaceError):
                logger.warning("worker: renewing leases failed, and will be tried again")
        connection.close()

    def _listen(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return

        def stop(number: int, frame: FrameType | None) -> None:
            if self.stopping.is_set():  # told twice: let go; the sweep of another worker takes the job back
                os._exit(1)
            self.stopping.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
