"""``manage.py demo_accounts``: one account for each role with a home, with its password and what is due there."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from core import clock
from sip_portal.demo import seed


class Command(BaseCommand):
    help = "Print the accounts of the demonstration authority: address, email, password, and what is due to each."

    def handle(self, **options: Any) -> None:
        if not settings.IS_DEMO:
            raise CommandError("There are no demonstration accounts here. Set SIP_ENV=demo.")
        found = seed.accounts()
        if not found:
            raise CommandError("The demonstration authority is not in this database. Run: manage.py seed_demo")
        self.stdout.write(f"One account for each role. Sign in at {settings.PORTAL_URL}{reverse('account_login')}:")
        for account in found:
            due = account.due(clock.today())
            self.stdout.write(f"  {account.role:<27}{account.email:<46}{account.password}")
            self.stdout.write(f"  {'':<27}{account.name}{': ' + due if due else ''}")
