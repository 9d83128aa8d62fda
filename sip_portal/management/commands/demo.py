"""``manage.py demo``: what ``make run`` starts. Prepares what is not prepared, then serves."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from sip_portal.serving import require_free_port, serve

HOST = "127.0.0.1"


class Command(BaseCommand):
    help = "Prepare database, static files and the demonstration authority where they are missing, and serve."
    requires_system_checks = []  # the database may not be there yet; `migrate` makes the checks

    def handle(self, **options: Any) -> None:
        if not settings.IS_DEMO:
            raise CommandError("This is the demonstration. Set SIP_ENV=demo, or use `manage.py serve` in production.")
        port = int(os.environ.get("PORT", "8000"))
        require_free_port(HOST, port)
        self.step("Database", self.migrate)
        self.step("Static files", self.collect_static)
        self.step("Demonstration authority", self.seed)
        serve(HOST, port, when_ready=lambda: self.announce(port))

    def step(self, title: str, work: Callable[[], bool]) -> None:
        """Do the work and, where there was any, say how long it took."""
        begun = time.monotonic()
        if work():
            self.stdout.write(f"  {title:<52}{time.monotonic() - begun:6.1f} s")
            self.stdout.flush()

    def migrate(self) -> bool:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)  # nothing to do where there is one
        return bool(plan)

    def collect_static(self) -> bool:
        """Only when a file, or the code that publishes them, has changed since the last time."""
        stamp = settings.STATIC_ROOT / ".stamp"
        value = self.static_digest()
        if stamp.is_file() and stamp.read_text() == value:
            return False
        call_command("collectstatic", verbosity=0, interactive=False, clear=True)
        stamp.write_text(value)
        return True

    @staticmethod
    def static_digest() -> str:
        known = hashlib.sha256()
        for finder in get_finders():
            for name, storage in finder.list([]):
                path = storage.path(name)
                status = os.stat(path)
                known.update(f"{path}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
        return known.hexdigest()

    def seed(self) -> bool:
        """Only into a database that holds no authority: whatever was entered or imported stays as it is."""
        from people.models import Authority

        if "seed_demo" not in get_commands() or Authority.objects.exists():
            return False
        call_command("seed_demo", verbosity=0)
        return True

    def announce(self, port: int) -> None:
        self.stdout.write(f"\nThe portal answers at http://{HOST}:{port}/ (Ctrl-C stops it).\n")
        if "demo_accounts" in get_commands():
            call_command("demo_accounts", stdout=self.stdout)
        self.stdout.flush()
