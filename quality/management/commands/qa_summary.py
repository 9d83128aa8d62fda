"""Print what quality assurance comes to for a year: ``python manage.py qa_summary --authority 999 --year 2008 --format json``."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from core.access import Refused
from core.calendar import AcademicYear
from people.models import Authority
from people.packs import require_pack
from quality.summary import summary


class Command(BaseCommand):
    help = "Coverage of shadowing, the common strengths and areas, and what moderators found in a programme year. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--authority", required=True, metavar="CODE")
        parser.add_argument("--year", required=True, type=int, metavar="YEAR", help="the programme year: 2008 is 2008/09")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, authority: str, year: int, format: str, **options: Any) -> None:
        row = Authority.objects.filter(code=authority).first()
        if row is None:
            raise CommandError(f"There is no authority {authority}.")
        academic = AcademicYear(year)
        on = min(max(clock.today(), academic.starts_on), academic.ends_on)
        try:
            pack = require_pack(row, on)
        except Refused as refusal:
            raise CommandError(refusal.message) from None
        told = summary(row, pack, on)
        if format == "json":
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        shadowing = told["shadowing"]
        self.stdout.write(f"{row.name}, {told['year']}, as at {told['on']}")
        self.stdout.write(f"Shadowed {shadowing['done']} of {shadowing['due']}, line {shadowing['line']}, all by {shadowing['by']}")
        for kind in ("strengths", "areas"):
            self.stdout.write(f"{kind.capitalize()}, of {told['forms']} forms:")
            for common in told[kind]:
                self.stdout.write(f"{common['count']:6} {common['label']}")
        self.stdout.write(f"{told['moderation']['notes']} notes rated. {told['moderation']['agreement']['words']}.")
