"""``headlines --authority CODE --year Y``: the sentences that open a programme year, from the results of the year before."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.calendar import AcademicYear
from people.models import Authority
from people.packs import AuthorityPack, pack_row
from schools.models import School
from targets.selectors import headlines


class Command(BaseCommand):
    help = "Write the headlines of a programme year: 2008 is what 2008/09 opens with, the results of 2007/08."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--authority", required=True, metavar="CODE", help="the authority's code, as in 999")
        parser.add_argument("--year", required=True, type=int, help="the programme year by its first calendar year: 2008/09 is 2008")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        authority = Authority.objects.filter(code=options["authority"]).first()
        if authority is None:
            raise CommandError(f"No authority here has the code {options['authority']}.")
        row = pack_row(authority, options["year"])
        if row is None:
            raise CommandError(f"{authority.name} has no pack for {AcademicYear(options['year'])}. An administrator loads one first.")
        schools = School.objects.filter(authority=authority)
        page = headlines(authority=authority, pack=AuthorityPack(authority, row), schools=schools, year=options["year"] - 1)
        if options["format"] == "json":
            self.stdout.write(json.dumps({"authority": authority.code, **page.as_json()}, indent=2, ensure_ascii=False))
            return
        self.stdout.write(f"{authority.name}, headlines for {AcademicYear(options['year'])}: results of {AcademicYear(page.year)}")
        for sentence in page.written:
            self.stdout.write(f"  {sentence.text} ({sentence.rule})")
        for entry in page.not_written:
            self.stdout.write(f"  not written: {entry.name}. {entry.why}")
