"""Authorities, their clusters, and the packs that they work by."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db import IntegrityError, transaction

from core import audit, files
from core.access import Conflict, Refused, require
from core.calendar import AcademicYear
from core.components import brand
from core.packs import PackContent, read_pack
from people.choices import AuthorityKind
from people.models import Authority, Cluster, Pack, User
from people.packs import content_of, pack_for
from people.roles import Permission as P

EDITABLE = (
    "name",
    "full_name",
    "kind",
    "directorate",
    "service",
    "address",
    "telephone",
    "email",
    "website",
    "brand_colour",
    "link_colour",
    "settings",
    "closure_days",
)


@transaction.atomic
def create_authority(*, actor: User | None, code: str, name: str, at: dt.datetime, **values: Any) -> Authority:
    """Make a tenant. ``actor`` is ``None`` for a command at the machine (import, seed): there is no administrator yet.

    A person may not make one: an administrator's rights are in their own authority.
    """
    if actor is not None:
        raise Refused("A new authority is made by a command at the machine, not in the portal.")
    _known(values)
    if not code.strip() or not name.strip():
        raise Refused("An authority has a code and a name.", field="code")
    try:
        with transaction.atomic():
            authority = Authority(code=code.strip(), name=name.strip(), created_at=at, **values)
            _checked(authority)
            authority.save()
    except IntegrityError:
        raise Conflict(f"There is an authority with the code {code} already.", field="code") from None
    changes = {"code": authority.code, "name": authority.name}
    audit.record("authority.created", actor=None, at=at, subject=authority, authority=authority, changes=changes)
    return authority


@transaction.atomic
def update_authority(*, actor: User, authority: Authority, at: dt.datetime, **values: Any) -> Authority:
    """Change an authority's details, colours, closure days or its own values of settings.

    White words stand on the brand colour and links on white, at 4.5 to 1 or more (WCAG 2.2, 1.4.3); a setting must be one
    of the pack in force and within its bounds. Raises :class:`Refused` with the field.
    """
    require(actor, P.AUTHORITY_EDIT, authority, on=at.date())
    _known(values)
    changes = {name: [getattr(authority, name), value] for name, value in values.items() if getattr(authority, name) != value}
    if not changes:
        return authority
    for name, value in values.items():
        setattr(authority, name, value)
    _checked(authority)
    if "settings" in changes:
        pack = pack_for(authority, at.date())
        if pack is None and authority.settings:
            raise Refused("Load a pack first: the settings are its own.", field="settings")
        wrong = pack.content.settings.refuse(authority.settings) if pack else {}
        if wrong:
            raise Refused(" ".join(wrong.values()), field="settings")
    authority.save(update_fields=list(changes))
    audit.record("authority.changed", actor=actor, at=at, subject=authority, authority=authority, changes=changes)
    return authority


def _known(values: dict[str, Any]) -> None:
    if unknown := set(values) - set(EDITABLE):
        raise TypeError(f"Not a field of an authority that is edited: {', '.join(sorted(unknown))}.")


def _checked(authority: Authority) -> None:
    if not authority.name.strip():
        raise Refused("Enter the authority's name.", field="name")
    if authority.kind not in AuthorityKind.values:
        raise Refused("Choose what kind of body this is.", field="kind")
    if authority.email:
        try:
            validate_email(authority.email)
        except ValidationError:
            raise Refused("Enter an email address in the correct format, like name@example.com", field="email") from None
    if authority.website:
        try:
            URLValidator(["http", "https"])(authority.website)
        except ValidationError:
            raise Refused("Enter the website as an address, like https://www.example.gov.uk", field="website") from None
    if problems := brand.problems(authority.brand_colour, authority.link_colour):
        raise Refused(". ".join(problems) + ".", field="link_colour" if "link" in problems[0] else "brand_colour")
    for day in authority.closure_days:
        try:
            dt.date.fromisoformat(day)
        except (TypeError, ValueError):
            raise Refused(f"{day} is no date. Write closure days as in 2008-12-24.", field="closure_days") from None


# ---------------------------------------------------------------- clusters


@transaction.atomic
def create_cluster(*, actor: User, authority: Authority, code: str, name: str, at: dt.datetime) -> Cluster:
    require(actor, P.AUTHORITY_EDIT, authority, on=at.date())
    if not code.strip() or not name.strip():
        raise Refused("A cluster has a code and a name.", field="name")
    try:
        with transaction.atomic():
            cluster = Cluster.objects.create(authority=authority, code=code.strip(), name=name.strip())
    except IntegrityError:
        raise Conflict(f"{authority.name} has a cluster of that code or name already.", field="name") from None
    audit.record("cluster.created", actor=actor, at=at, subject=cluster, authority=authority, changes={"code": code, "name": name})
    return cluster


@transaction.atomic
def rename_cluster(*, actor: User, cluster: Cluster, name: str, at: dt.datetime) -> Cluster:
    require(actor, P.AUTHORITY_EDIT, cluster.authority, on=at.date())
    if not name.strip():
        raise Refused("Enter the cluster's name.", field="name")
    was, cluster.name = cluster.name, name.strip()
    try:
        with transaction.atomic():
            cluster.save(update_fields=["name"])
    except IntegrityError:
        raise Conflict(f"There is a cluster called {name.strip()} already.", field="name") from None
    changes = {"name": [was, cluster.name]}
    audit.record("cluster.renamed", actor=actor, at=at, subject=cluster, authority=cluster.authority, changes=changes)
    return cluster


# ---------------------------------------------------------------- packs


def load_pack(*, actor: User | None, authority: Authority, folder: Path, at: dt.datetime) -> Pack:
    """Load a pack from its folder, checked as a whole before a row is written (domain.md §2).

    Raises ``core.packs.PackInvalid`` with all that is wrong. ``actor`` is ``None`` for a command at the machine. The file
    is read outside the transaction.
    """
    if actor is not None:
        require(actor, P.PACK_LOAD, authority, on=at.date())
    return store_pack(actor=actor, authority=authority, content=read_pack(folder), at=at)


@transaction.atomic
def store_pack(*, actor: User | None, authority: Authority, content: PackContent, at: dt.datetime) -> Pack:
    """Put a checked pack into force for its academic years.

    The same content again changes nothing. Another that covers those years supersedes the one in force, which is kept as
    it is: notes rest on it. A pack that would leave a year of the old one without any is refused. A content that was in
    force before comes back into force by its own row.
    """
    if actor is not None:
        require(actor, P.PACK_LOAD, authority, on=at.date())
    held = Pack.objects.filter(authority=authority, code=content.code, digest=content.digest).first()
    if held is not None and held.superseded_at is None:
        return held
    first, last = content.first_academic_year, content.last_academic_year
    in_force = Pack.objects.filter(authority=authority, superseded_at__isnull=True, first_year__lte=last, last_year__gte=first)
    for old in in_force:
        if old.first_year < first or old.last_year > last:
            years = f"{AcademicYear(old.first_year)} to {AcademicYear(old.last_year)}"
            raise Refused(
                f"{old.label} is in force for {years}. Load a pack that covers all of these years, or none of them.", field="folder"
            )
    superseded = [f"{old.code} {old.version}" for old in in_force]
    in_force.update(superseded_at=at)
    if held is not None:
        held.superseded_at = None
        held.save(update_fields=["superseded_at"])
    else:
        held = Pack.objects.create(
            authority=authority,
            code=content.code,
            version=content.version,
            label=content.label,
            first_year=first,
            last_year=last,
            digest=content.digest,
            file=files.store(content.to_json().encode(), "application/json", at=at),
            loaded_at=at,
            loaded_by=actor,
        )
    content_of(held)
    changes = {"code": content.code, "version": content.version, "digest": content.digest, "superseded": superseded}
    audit.record("pack.loaded", actor=actor, at=at, subject=held, authority=authority, changes=changes)
    return held
