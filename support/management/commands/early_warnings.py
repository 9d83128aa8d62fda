"""Ask the rules of the schools now: ``python manage.py early_warnings --authority 999``."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from people.models import Authority
from support.services import watch_schools


class Command(BaseCommand):
    help = "Ask the concern classes and priority rules of every open school; what newly fires becomes an early warning."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--authority", required=True, metavar="CODE")
        parser.add_argument("--take-as-known", action="store_true", help="begin the watch anew: what fires now makes no warning")

    def handle(self, *args: Any, authority: str, take_as_known: bool, **options: Any) -> None:
        row = Authority.objects.filter(code=authority).first()
        if row is None:
            raise CommandError(f"There is no authority {authority}.")
        made = watch_schools(authority=row, at=clock.now(), takes_as_known=take_as_known)
        for warning in made:
            self.stdout.write(f"{warning.school.urn} {warning.school.name}: {warning.label}")
        self.stdout.write(f"{len(made)} early warnings raised.")
