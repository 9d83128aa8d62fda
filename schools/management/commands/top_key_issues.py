"""Print the top key issues of inspections: ``python manage.py top_key_issues --authority 999 --phase primary --format json``."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from core.access import Refused
from people.models import Authority
from people.packs import require_pack
from schools.choices import PHASE_FAMILIES
from schools.models import School
from schools.pack import inspection_of
from schools.selectors.inspections import key_issues


class Command(BaseCommand):
    help = "Count the schools that inspections told each theme (P22, P23), most first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--authority", required=True, metavar="CODE")
        parser.add_argument("--phase", choices=list(PHASE_FAMILIES), default="", help="all phases, if not given")
        parser.add_argument("--from", dest="first", type=dt.date.fromisoformat, help="first day (ISO); by default the cycle's")
        parser.add_argument("--to", dest="last", type=dt.date.fromisoformat, help="last day (ISO); by default the pack's report")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        authority = Authority.objects.filter(code=options["authority"]).first()
        if authority is None:
            raise CommandError(f"No authority here has the code {options['authority']}.")
        try:
            part = inspection_of(require_pack(authority, clock.today()).content)
        except Refused as refusal:
            raise CommandError(refusal.message) from None
        first, last = options["first"] or part.cycle_starts_on, options["last"] or part.report_to
        found = key_issues(School.objects.filter(authority=authority), part, first, last, options["phase"])
        rows = [{"theme": line.theme.code, "label": line.theme.label, "schools": len(line.schools)} for line in found.top_ten]
        if options["format"] == "json":
            self.stdout.write(json.dumps(rows, indent=2, ensure_ascii=False))
            return
        self.stdout.write(f"{first:%d/%m/%Y} to {last:%d/%m/%Y}: {found.inspections} inspections with key issues, {found.without} without")
        for row in rows:
            self.stdout.write(f"{row['schools']:>4}  {row['label']}")
        if found.uncoded:
            self.stdout.write(f"{found.uncoded} issues are not coded yet.")
