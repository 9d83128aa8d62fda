"""Print the schools that may be a priority: ``python manage.py priority_list --authority 999 --format json``."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from core.access import Refused
from people.models import Authority
from people.packs import require_pack
from schools.models import School
from support.priorities import as_rows, priority_list


class Command(BaseCommand):
    help = "Ask the pack's priority rules (P24) of every open school, and print those with a reason, and what is unknown."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--authority", required=True, metavar="CODE")
        parser.add_argument("--on", type=dt.date.fromisoformat, help="the day to ask for (ISO); by default the portal's day")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        authority = Authority.objects.filter(code=options["authority"]).first()
        if authority is None:
            raise CommandError(f"No authority here has the code {options['authority']}.")
        on = options["on"] or clock.today()
        try:
            pack = require_pack(authority, on)
        except Refused as refusal:
            raise CommandError(refusal.message) from None
        found = priority_list(School.objects.filter(authority=authority).open_on(on), pack, on)
        if options["format"] == "json":
            rules = [
                {
                    "rule": count.priority.code,
                    "label": count.priority.label,
                    "schools_asked": count.asked,
                    "schools": count.fired,
                    "unknown": count.unknown,
                    "missing": [{"fact": label, "schools": number} for label, number in count.missing],
                }
                for count in found.counts
            ]
            whole = {
                "authority": authority.code,
                "on": on.isoformat(),
                "schools_open": found.schools,
                "rules": rules,
                "schools": as_rows(found),
            }
            self.stdout.write(json.dumps(whole, indent=2, ensure_ascii=False))
            return
        for count in found.counts:
            self.stdout.write(f"{count.fired:>4} of {count.asked}  {count.priority.label}; unknown for {count.unknown}")
        for line in found.lines:
            self.stdout.write(f"\n{line.school.name} ({line.school.urn})")
            for reason in line.reasons:
                self.stdout.write(f"  {reason.label}: {'; '.join(reason.figures)}")
