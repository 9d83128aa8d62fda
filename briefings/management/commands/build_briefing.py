"""Build the slides of a briefing: ``build_briefing --authority 999 --phase primary --term autumn-2008 --format pdf --output FILE``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from briefings.builder.compose import compose, key_of, occasion_of, term_of
from briefings.builder.deck import Shown, document
from briefings.builder.pdf import write_pdf
from briefings.builder.pptx import write_pptx
from core import clock
from core.access import Refused
from core.documents import DocumentFailed
from people.models import Authority
from schools.slides import FAMILIES


class Command(BaseCommand):
    help = "Fill the slides of a briefing from the portal's rows and the pack, as they stand. Changes nothing and keeps nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--authority", required=True, metavar="CODE")
        parser.add_argument("--phase", required=True, choices=list(FAMILIES), help="secondary: with pupil referral units")
        parser.add_argument("--term", required=True, metavar="TERM", help="its season and year, as in autumn-2008")
        parser.add_argument("--format", choices=["json", "pdf", "pptx"], default="json")
        parser.add_argument("--output", metavar="FILE", help="by default JSON goes to the screen")

    def handle(self, *args: Any, **options: Any) -> None:
        authority = Authority.objects.filter(code=options["authority"]).first()
        if authority is None:
            raise CommandError(f"No authority here has the code {options['authority']}.")
        kind, output = options["format"], options["output"]
        if kind != "json" and not output:
            raise CommandError("Say with --output which file to write.")
        try:
            term = term_of(options["term"], authority)
            occasion = occasion_of(authority, phase=options["phase"], term=term, on=clock.today())
            made = compose(occasion, None)
        except Refused as refusal:
            raise CommandError(refusal.message) from None
        shown = [Shown(each.code, each.slide) for each in made.slides]
        body: bytes
        if kind == "json":
            left = [{"label": each.label, "why": each.why} for each in made.left_out]
            head = {"authority": authority.code, "phase": options["phase"], "term": key_of(term), "on": occasion.on.isoformat()}
            whole = document(made.title, made.about, shown, left, **head)
            text = json.dumps(whole, indent=2, ensure_ascii=False)
            if not output:
                self.stdout.write(text)
                return
            body = text.encode("utf-8")
        elif kind == "pdf":
            try:
                body = write_pdf(authority, made.title, made.about, shown, at=clock.now())
            except DocumentFailed as failure:
                raise CommandError(str(failure)) from None
        else:
            body = write_pptx(authority, made.title, made.about, shown, at=clock.now())
        Path(output).write_bytes(body)
        self.stdout.write(f"{made.title}: {len(shown)} slides, written to {output}.")
        for each in made.left_out:
            self.stderr.write(f"Not there: {each.label}. {each.why}")
