from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from people.permissions_page import PATH, permissions_page


class Command(BaseCommand):
    help = "Write docs/permissions.md from people/roles.py; with --check, only say whether it is in step."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; fail where the page is out of step")

    def handle(self, **options: Any) -> None:
        page = permissions_page()
        if options["check"]:
            if not PATH.is_file() or PATH.read_text() != page:
                raise CommandError("docs/permissions.md is out of step. Run `manage.py permissions_page`.")
            return
        PATH.parent.mkdir(exist_ok=True)
        PATH.write_text(page)
        self.stdout.write(f"{PATH.relative_to(PATH.parent.parent)} is written.")
