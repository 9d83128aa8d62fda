"""``manage.py add_administrator``: the first account of an authority, which nobody in the portal can make."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from core import clock
from core.access import Refused
from people.models import Authority, User
from people.roles import Hat
from people.services import create_account, create_authority, grant_role


class Command(BaseCommand):
    help = "Make a person an administrator of an authority, and the authority and the account where they are not there yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--authority", required=True, metavar="CODE", help="its code, as in 999")
        parser.add_argument("--authority-name", default="", metavar="NAME", help="where the authority is not there yet")
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", default="", help="where the account is not there yet")

    def handle(self, *, authority: str, authority_name: str, email: str, name: str, **options: Any) -> None:
        at = clock.now()
        try:
            with transaction.atomic():
                tenant = Authority.objects.filter(code=authority).first()
                if tenant is None:
                    if not authority_name:
                        raise CommandError(f"There is no authority {authority} yet: give it a name with --authority-name.")
                    tenant = create_authority(actor=None, code=authority, name=authority_name, at=at)
                user = User.objects.filter(email__iexact=email).first()
                if user is None:
                    if not name:
                        raise CommandError(f"There is no account {email} yet: say whose it is with --name.")
                    user = create_account(actor=None, authority=tenant, name=name, email=email, at=at)
                grant_role(actor=None, user=user, role=Hat.ADMINISTRATOR, authority=tenant, starts_on=at.date(), at=at)
        except Refused as refused:
            raise CommandError(refused.message) from None
        self.stdout.write(f"{user.name} is an administrator of {tenant.name} from today.")
        if not user.has_usable_password():
            self.stdout.write("The account has no password yet: its owner asks for one on the sign-in page.")
