"""``manage.py serve``: gunicorn and one worker, for a small installation or a trial."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from sip_portal.serving import serve


class Command(BaseCommand):
    help = "Start the web server and one worker; Ctrl-C or SIGTERM stops both."
    requires_system_checks = ()  # `migrate` and `check --deploy` make them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")), help="default: PORT, else 8000")
        parser.add_argument("--processes", type=int, default=2, help="web processes (default: %(default)s)")
        parser.add_argument("--threads", type=int, default=4, help="threads in each (default: %(default)s)")

    def handle(self, *, host: str, port: int, processes: int, threads: int, **options: Any) -> None:
        serve(
            host,
            port,
            processes=processes,
            threads=threads,
            when_ready=lambda: self.stdout.write(f"The portal answers at http://{host}:{port}/ (Ctrl-C stops it)."),
        )
