"""Print what the checks find in a note: ``python manage.py check_note PUBLIC_ID --format json``."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from visits.checks import run_checks, summary
from visits.models import NoteOfVisit


class Command(BaseCommand):
    help = "Run the checks of the pack on a note, and print the findings, worst first. Changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("public_id", metavar="PUBLIC_ID")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, public_id: str, format: str, **options: Any) -> None:
        note = NoteOfVisit.objects.filter(public_id=public_id).first()
        if note is None:
            raise CommandError(f"There is no note {public_id}.")
        findings = run_checks(note)
        counted = summary(findings)
        if format == "json":
            counts = {name: getattr(counted.total, name) for name in ("blocks", "warns", "advises", "answered")}
            self.stdout.write(
                json.dumps(
                    {
                        "note": public_id,
                        "reference": note.reference,
                        "counts": counts,
                        "findings": [finding.as_dict() for finding in findings],
                    },
                    ensure_ascii=False,
                    indent=2,
                )
            )
            return
        for finding in findings:
            answered = f" (answered: {finding.answered})" if finding.answered else ""
            self.stdout.write(f"{finding.severity:8} {finding.section_title}: {finding.message}{answered} [{finding.code}]")
        total = counted.total
        self.stdout.write(f"{note.reference}: {total.blocks} block, {total.warns} warn, {total.advises} advise; {total.answered} answered.")
