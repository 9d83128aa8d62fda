"""``import_data KIND FILE --authority CODE [--year Y] [--commit]``: read a file, report, and on request write it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from core.access import Refused
from core.tabular.imports import IMPORTS, Option
from core.tabular.models import ImportBatch
from core.tabular.services import run

COUNTS = ("read", "created", "updated", "unchanged", "closed", "held", "skipped")


class Command(BaseCommand):
    help = "Import a file. Without --commit it changes nothing and reports; with it, all or nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", help="one of: " + ", ".join(sorted(kind.key for kind in IMPORTS)))
        parser.add_argument("file", type=Path, help="a .csv, .csv.gz, .zip of CSV files, .xlsx or .xls file")
        parser.add_argument("--authority", required=True, metavar="CODE", help="whose rows, by the authority's code, as in 886")
        parser.add_argument(
            "--year", type=int, help="the file's own year by its first calendar year, where it doesn't say: 2017/18 is 2017"
        )
        parser.add_argument(
            "--on", type=dt.date.fromisoformat, help="the day to count from (ISO), where the file bears no date; by default today"
        )
        parser.add_argument("--by", metavar="EMAIL", help="who imports it: asked for permission, and named in the audit")
        for name, option in _options().items():
            parser.add_argument(f"--{name}", choices=option.choices, help=option.help)
        parser.add_argument("--commit", action="store_true", help="write it; nothing is written while a row is wrong")
        parser.add_argument("--again", action="store_true", help="read the file even if these very bytes were the last to be imported")
        parser.add_argument("--format", choices=["text", "json"], default="text", help="how to report")

    def handle(self, *args: Any, **options: Any) -> str | None:
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        try:
            with path.open("rb") as file:
                batch = run(
                    actor=_person(options["by"]),
                    kind=options["kind"],
                    authority_code=options["authority"],
                    file=file,
                    file_name=path.name,
                    at=clock.now(),
                    on=options["on"] or clock.today(),
                    year=options["year"],
                    options={name: options[name] for name in _options() if options[name]},
                    should_commit=options["commit"],
                    again=options["again"],
                )
        except Refused as refusal:
            raise CommandError(refusal.message) from None
        except PermissionDenied:
            raise CommandError(f"{options['by']} may not import this for {options['authority']}.") from None
        if options["format"] == "json":
            self.stdout.write(json.dumps(batch.summary, indent=2, ensure_ascii=False))
        else:
            self._report(batch, verbose=options["verbosity"] > 1, asked=options["commit"])
        if batch.summary["error_count"]:
            raise CommandError("Nothing was written: the file has errors, listed above.", returncode=1)
        return None

    def _report(self, batch: ImportBatch, *, verbose: bool, asked: bool) -> None:
        report = batch.summary
        where = f"{report['authority']} {report['authority_name']}".strip()
        self.stdout.write(f"{report['file']}: {IMPORTS[report['kind']].title}, authority {where}")
        for table in report["tables"]:
            self.stdout.write(f"  {table['name']}: {table['rows']:,} rows, {table['encoding']}, column names in row {table['header_row']}")
        for name in COUNTS:
            self.stdout.write(f"  {name:<10} {report[name]:>8,}{_detail(report.get(name + '_by'))}")
        for error in report["errors"][: None if verbose else 20]:
            place = f"{error['table']} row {error['row']}, {error['column']}: {error['value']!r}. " if error["row"] else ""
            self.stdout.write(f"  error: {place}{error['message']}")
        if report["error_count"] > 20 and not verbose:
            self.stdout.write(f"  {report['error_count']:,} errors in all (-v 2 lists them)")
        for held in batch.held[: None if verbose else 20]:
            self.stdout.write(f"  held: {held['label']}. {held['message']}")
        if verbose:
            for change in batch.changes:
                self.stdout.write(
                    f"  {change['action']}: {change['key']} {change['label']} {json.dumps(change['fields'], ensure_ascii=False) if change['fields'] else ''}"
                )
        for note in report["notes"]:
            self.stdout.write(f"  note: {note}")
        if not report["error_count"]:
            done = (
                "Committed."
                if report["committed"]
                else "Nothing was written."
                if asked
                else "Nothing was written. Give --commit to write it."
            )
            self.stdout.write(done)


def _options() -> dict[str, Option]:
    """Those of all kinds, by name; kinds that share one give it the same choices."""
    return {option.name: option for kind in IMPORTS for option in kind.options}


def _person(email: str | None) -> Any:
    if email is None:
        return None
    person = get_user_model()._default_manager.filter(email__iexact=email, is_active=True).first()
    if person is None:
        raise CommandError(f"Nobody here has an account with the address {email}.")
    return person


def _detail(counts: dict[str, int] | None) -> str:
    return f"   ({', '.join(f'{count:,} {name}' for name, count in counts.items())})" if counts else ""
