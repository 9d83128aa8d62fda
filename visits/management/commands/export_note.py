"""``manage.py export_note PUBLIC_ID --output FILE``: the PDF of record of a note, byte for byte as it is stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import files
from visits.choices import RecordKind
from visits.models import NoteOfVisit, NoteRecord


class Command(BaseCommand):
    help = "Write the PDF of record of a note: the latest final version, or the one named. Two exports are the same bytes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("public_id", metavar="PUBLIC_ID", help="the note's public id, as in its address")
        parser.add_argument("--output", required=True, metavar="FILE", type=Path, help="where the PDF is written")
        parser.add_argument("--school", type=int, metavar="URN", help="which school, where the visit covered several")
        parser.add_argument("--version", dest="number", type=int, metavar="N", help="a final version other than the latest")

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """``--version`` is here the note's version, not Django's."""
        return super().create_parser(prog_name, subcommand, conflict_handler="resolve", **kwargs)

    def handle(self, *args: Any, **options: Any) -> None:
        record = self._find(options["public_id"], options["school"], options["number"])
        if record.pdf is None:
            raise CommandError(
                f"Version {record.version} of note {record.note.reference} was imported from before the portal's time. It has no PDF of record."
            )
        output: Path = options["output"]
        try:
            output.write_bytes(files.read(record.pdf))
        except OSError as failed:
            raise CommandError(f"{output} cannot be written: {failed.strerror}.") from failed
        self.stdout.write(
            f"Note {record.note.reference}, version {record.version}, {record.school.name}: {record.pdf.size} bytes in {output}, SHA-256 {record.pdf_digest}"
        )

    def _find(self, public_id: str, urn: int | None, number: int | None) -> Any:  # a NoteRecord with its standing
        note = NoteOfVisit.objects.filter(public_id=public_id).first()
        if note is None:
            raise CommandError(f"There is no note {public_id}.")
        records: list[Any] = list(
            NoteRecord.objects.with_standing()
            .filter(note=note, kind=RecordKind.FINAL)
            .select_related("school__authority", "note", "pdf")
            .defer("payload")
            .order_by("-version")
        )
        if not records:
            raise CommandError(
                f"Note {note.reference} has no PDF of record: it is {note.get_state_display().lower()}, and no version of it is final."
            )
        schools = {record.school.urn: record.school.name for record in records}
        if urn is None and len(schools) > 1:
            named = "; ".join(f"--school {key} ({name})" for key, name in sorted(schools.items()))
            raise CommandError(f"The visit covered {len(schools)} schools, and each has its own PDF. Name one: {named}.")
        if urn is not None and urn not in schools:
            raise CommandError(
                f"Note {note.reference} has no record for a school with the URN {urn}. It has: {', '.join(map(str, sorted(schools)))}."
            )
        mine = [record for record in records if urn is None or record.school.urn == urn]
        chosen = next((record for record in mine if number is None or record.version == number), None)
        if chosen is None:
            has = ", ".join(str(record.version) for record in reversed(mine))
            raise CommandError(f"Version {number} of note {note.reference} is not a final version. Final: {has}.")
        if chosen.is_withdrawn:  # type: ignore[attr-defined]  # annotated by with_standing
            raise CommandError(f"Version {chosen.version} of note {note.reference} is withdrawn, and its PDF is sealed.")
        return chosen
