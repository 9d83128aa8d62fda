"""Rows of ``people``, made straight in the database: small, fast, and without a password (clients ``force_login``).

Every maker takes what a test cares about and makes up the rest; names never repeat within a run.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from core import files
from core.ids import new_token, token_digest
from core.packs import PackContent, read_pack
from people.choices import SipKind
from people.models import Authority, Cluster, Invitation, Mentorship, Pack, RoleAssignment, Sip, User
from people.roles import Hat

TODAY = dt.date(2008, 10, 14)
"""The day on which the demonstration, and so the tests, are pinned."""
NOW = dt.datetime(2008, 10, 14, 10, 30, tzinfo=ZoneInfo("Europe/London"))
YEAR = 2008
YEAR_STARTS = dt.date(2008, 9, 1)

_numbers = itertools.count(1)


def make_authority(code: str = "", name: str = "", **values: Any) -> Authority:
    number = next(_numbers)
    code = code or f"{700 + number}"
    return Authority.objects.create(code=code, name=name or f"Authority {code}", created_at=NOW, **values)


def make_cluster(authority: Authority, name: str = "", **values: Any) -> Cluster:
    number = next(_numbers)
    return Cluster.objects.create(authority=authority, code=values.pop("code", f"C{number}"), name=name or f"Cluster {number}", **values)


def make_user(name: str = "", *, authority: Authority | None = None, **values: Any) -> User:
    number = next(_numbers)
    name = name or f"Person {number}"
    email = values.pop("email", f"{'.'.join(name.lower().replace(chr(39), '').split())}.{number}@portal.example")
    user = User(name=name, email=email, home_authority=authority, created_at=values.pop("created_at", NOW), **values)
    user.set_unusable_password()
    user.save()
    return user


def give_role(
    user: User,
    role: Hat | str,
    authority: Authority,
    *,
    clusters: list[Cluster] | None = None,
    starts_on: dt.date = dt.date(2007, 9, 1),
    ends_on: dt.date | None = None,
    **values: Any,
) -> RoleAssignment:
    """A dated role; with ``clusters`` limited to them."""
    row = RoleAssignment.objects.create(
        user=user,
        authority=authority,
        role=str(role),
        is_limited_to_clusters=clusters is not None,
        starts_on=starts_on,
        ends_on=ends_on,
        **values,
    )
    if clusters:
        row.clusters.set(clusters)
    user.forget_hats()
    return row


def make_sip(
    user: User, authority: Authority, *, kind: SipKind = SipKind.ADVISER, starts_on: dt.date = dt.date(2006, 9, 1), **values: Any
) -> Sip:
    """A SIP profile that may serve every phase, accredited the day before it starts."""
    phases = values.pop(
        "phases", ["nursery", "infant", "junior", "first", "primary", "middle", "secondary", "all-through", "special", "pru"]
    )
    sip = Sip.objects.create(
        user=user,
        authority=authority,
        kind=kind,
        phases=phases,
        accreditation=values.pop("accreditation", f"NCSL-{next(_numbers):05d}"),
        accredited_on=values.pop("accredited_on", starts_on - dt.timedelta(days=1)),
        starts_on=starts_on,
        **values,
    )
    user.forget_hats()
    return sip


def make_mentorship(sip: Sip, mentor: User, *, is_reviewer: bool = False, starts_on: dt.date = YEAR_STARTS, **values: Any) -> Mentorship:
    mentor.forget_hats()
    return Mentorship.objects.create(sip=sip, mentor=mentor, is_reviewer=is_reviewer, starts_on=starts_on, **values)


def make_invitation(
    user: User, authority: Authority, invited_by: User, *, sent_at: dt.datetime = NOW, **values: Any
) -> tuple[Invitation, str]:
    """The row, and the token that only its email holds."""
    token = new_token()
    row = Invitation.objects.create(
        user=user,
        authority=authority,
        token_digest=token_digest(token),
        sent_at=sent_at,
        expires_at=sent_at + dt.timedelta(days=7),
        invited_by=invited_by,
        **values,
    )
    return row, token


@functools.cache
def england_2008() -> PackContent:
    """The pack that ships, read and checked once a process."""
    return read_pack(settings.BASE_DIR / "packs" / "england-2008")


def make_pack(authority: Authority, content: PackContent | None = None, **values: Any) -> Pack:
    """A loaded pack: ``england-2008`` unless another content is given."""
    content = content or england_2008()
    return Pack.objects.create(
        authority=authority,
        code=content.code,
        version=content.version,
        label=content.label,
        first_year=values.pop("first_year", content.first_academic_year),
        last_year=values.pop("last_year", content.last_academic_year),
        digest=values.pop("digest", content.digest),
        file=files.store(content.to_json().encode(), "application/json", at=NOW),
        loaded_at=values.pop("loaded_at", NOW),
        loaded_by=None,
        **values,
    )
