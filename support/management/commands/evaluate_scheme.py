"""Print what a scheme comes to for each school: ``python manage.py evaluate_scheme current --authority 999 --format json``."""

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
from support.evaluation import compile_scheme, evaluate
from support.report import as_dict
from support.selectors import scheme_by_code


class Command(BaseCommand):
    help = "Evaluate a scheme (of the pack, or a draft of the portal) for all open schools of an authority. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("scheme", metavar="SCHEME")
        parser.add_argument("--authority", required=True, metavar="CODE")
        parser.add_argument("--on", type=dt.date.fromisoformat, default=None, metavar="DATE", help="as at this day; today by default")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, scheme: str, authority: str, on: dt.date | None, format: str, **options: Any) -> None:
        row = Authority.objects.filter(code=authority).first()
        if row is None:
            raise CommandError(f"There is no authority {authority}.")
        day = on or clock.today()
        try:
            pack = require_pack(row, day)
        except Refused as refusal:
            raise CommandError(refusal.message) from None
        found = scheme_by_code(pack, scheme)
        if found is None:
            raise CommandError(f"There is no scheme {scheme} in {row.name}.")
        schools = School.objects.filter(authority=row).open_on(day).order_by("name", "urn")
        rows = [(school.pk, school.phase) for school in schools]
        (evaluation,) = evaluate([compile_scheme(found, pack)], schools, on=day, pack=pack, rows=rows)
        told = {"on": day.isoformat(), **as_dict(evaluation, schools, pack)}
        if format == "json":
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
            return
        self.stdout.write(f"{told['label']}, {row.name}, as at {day}")
        for code, number in told["counts"].items():
            self.stdout.write(f"{number:6} {code}")
        for school in told["by_school"]:
            rules = "; ".join(fired["rule"] for fired in school["fired"]) or "no rule fires"
            self.stdout.write(f"{school['urn']} {school['school']}: {school['label']} ({school['why_a_person_decides'] or rules})")
