"""``manage.py seed_demo``: the demonstration authority, fictional, in a database that holds no other."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.access import Refused
from sip_portal.demo import county, seed

SIZES: dict[str, tuple[type[seed.Seed], str]] = {
    "small": (seed.Seed, "40 schools, 8 SIPs"),
    "county": (county.County, "575 schools, 72 SIPs"),
}


class Command(BaseCommand):
    help = "Make the demonstration authority (Wealdshire, LA code 999; nothing of it exists). Run again, it changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--size", choices=list(SIZES), default="small", help="small: 40 schools, 8 SIPs; county: 575 and 72 (default: %(default)s)"
        )

    def handle(self, *, size: str, verbosity: int, **options: Any) -> None:
        if not settings.IS_DEMO:
            raise CommandError("The printed accounts have a printed password. Set SIP_ENV=demo, and keep it off a portal that people use.")
        begun = time.monotonic()
        try:
            made = seed.make(SIZES[size][0])
        except Refused as refusal:
            raise CommandError(refusal.message) from None
        if verbosity:
            if made:
                self.stdout.write(f"Wealdshire is made: {SIZES[size][1]}, the autumn round of 2008/09 ({time.monotonic() - begun:.1f} s).")
            else:
                self.stdout.write("Wealdshire is here already. Nothing was changed.")
