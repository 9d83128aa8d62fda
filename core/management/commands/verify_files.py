"""``manage.py verify_files``: after a restore, and whenever one wants to know."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.files import FileDamaged, StoredFile, read


class Command(BaseCommand):
    help = "Read every stored file and compare its digest with the one written beside it."

    def handle(self, **options: Any) -> None:
        damaged = []
        count = 0
        for file in StoredFile.objects.order_by("pk").iterator(chunk_size=100):
            count += 1
            try:
                read(file)
            except FileDamaged as fault:
                damaged.append(file)
                self.stderr.write(str(fault))
        if damaged:
            raise CommandError(f"{len(damaged)} of {count} stored files are not what was stored.")
        self.stdout.write(f"{count} stored files: each is what was stored.")
