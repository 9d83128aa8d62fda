"""The policy that an authority works by: its pack for a year, with its own settings, labels and clocks.

A pack is parsed once for each digest and kept; :func:`pack_for` costs one query, and the note keeps its pack's row.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest

from core import files
from core.access import Refused
from core.calendar import AcademicYear, BankHolidays, OfficeDays, OfficeHours, SchoolDays, StatutoryDays, TermDates
from core.packs import Labels, PackContent

from .models import Authority, Pack, User
from .pack import calendar_of, labels_of

_CONTENTS: dict[str, PackContent] = {}


def content_of(row: Pack) -> PackContent:
    """The parsed content of a loaded pack; contents are immutable and few, so they are kept for the process."""
    content = _CONTENTS.get(row.digest)
    if content is None:
        content = _CONTENTS.setdefault(row.digest, PackContent.from_json(files.read(row.file).decode(), digest=row.digest))
    return content


@dataclass(frozen=True)
class AuthorityPack:
    """One authority's pack: content, the authority's own values over its settings, and the three clocks."""

    authority: Authority
    row: Pack

    @cached_property
    def content(self) -> PackContent:
        return content_of(self.row)

    def section(self, name: str) -> Any:
        return self.content.section(name)

    def whole(self, name: str) -> int:
        return self.content.setting_int(name, self.authority.settings)

    def flag(self, name: str) -> bool:
        return self.content.setting_bool(name, self.authority.settings)

    def text(self, name: str) -> str:
        return self.content.setting_text(name, self.authority.settings)

    def labels(self, phase: str = "") -> Labels:
        return labels_of(self.content, phase)

    @cached_property
    def bank_holidays(self) -> BankHolidays:
        return BankHolidays.from_rows(calendar_of(self.content).bank_holiday_rows())

    @cached_property
    def terms(self) -> TermDates:
        return TermDates.from_rows(calendar_of(self.content).term_rows())

    @cached_property
    def closures(self) -> list[dt.date]:
        return [dt.date.fromisoformat(day) for day in self.authority.closure_days]

    @cached_property
    def office_days(self) -> OfficeDays:
        """For SIPs, reviewers, officers."""
        return OfficeDays(self.bank_holidays, self.closures)

    @cached_property
    def office_hours(self) -> OfficeHours:
        """What is measured in hours: an alert that nobody acknowledges."""
        opens, closes = (dt.time.fromisoformat(self.text(name)) for name in ("office_opens", "office_closes"))
        return OfficeHours(self.office_days, ZoneInfo(settings.TIME_ZONE), opens, closes)

    @cached_property
    def school_days(self) -> SchoolDays:
        """For heads and chairs: days on which schools of the authority are in session."""
        return SchoolDays(self.terms, self.bank_holidays)

    @cached_property
    def statutory_days(self) -> StatutoryDays:
        return StatutoryDays(self.bank_holidays)


def pack_row(authority: Authority, academic_year: int) -> Pack | None:
    """The pack in force: of those that cover the year, the one not superseded; the latest loaded if that is not one."""
    return (
        Pack.objects.filter(Q(superseded_at__isnull=True), authority=authority, first_year__lte=academic_year, last_year__gte=academic_year)
        .order_by("-loaded_at")
        .first()
    )


def pack_for(authority: Authority, on: dt.date) -> AuthorityPack | None:
    row = pack_row(authority, AcademicYear.from_date(on).first)
    return AuthorityPack(authority, row) if row else None


def packs_for(user: User, on: dt.date) -> dict[int, AuthorityPack]:
    """Authority id → the pack in force that day, for all authorities of a person's hats: one query, once an instance of the user.

    An instance lives one request, as ``user.hats`` has it; the clocks of what is due are asked for by several contributions.
    """
    kept: dict[int, dict[int, AuthorityPack]] = user.__dict__.setdefault("_packs_of_years", {})
    year = AcademicYear.from_date(on).first
    if year not in kept:
        rows = Pack.objects.filter(
            authority_id__in=user.hats.authority_ids, superseded_at__isnull=True, first_year__lte=year, last_year__gte=year
        ).select_related("authority")
        kept[year] = {row.authority_id: AuthorityPack(row.authority, row) for row in rows.order_by("loaded_at")}
    return kept[year]


def require_pack(authority: Authority, on: dt.date) -> AuthorityPack:
    """The pack of that day's academic year, or a refusal that says what is missing."""
    pack = pack_for(authority, on)
    if pack is None:
        year = AcademicYear.from_date(on)
        raise Refused(f"{authority.name} has no pack for {year}. An administrator loads one first.")
    return pack


def keep_for_page(request: HttpRequest, pack: AuthorityPack, on: dt.date) -> None:
    """A page whose own row brought the pack that is in force need not ask for it again."""
    if pack.row.superseded_at is None and pack.row.first_year <= AcademicYear.from_date(on).first <= pack.row.last_year:
        request.__dict__.setdefault("_portal_packs", {})[pack.authority.pk] = pack.authority, pack


def page_pack(request: HttpRequest, authority_id: int | None, on: dt.date) -> tuple[Authority | None, AuthorityPack | None]:
    """An authority and its pack for the pages of one request: one query for both, once a request."""
    if authority_id is None:
        return None, None
    kept: dict[int, tuple[Authority | None, AuthorityPack | None]] = request.__dict__.setdefault("_portal_packs", {})
    user = getattr(request, "user", None)
    if authority_id not in kept and isinstance(user, User) and (found := packs_for(user, on).get(authority_id)) is not None:
        kept[authority_id] = found.authority, found
    if authority_id not in kept:
        year = AcademicYear.from_date(on).first
        asked = request.user.__dict__.get("_packs_of_years", {}).get(year, {}).get(authority_id)
        if asked is not None:  # what is due to the person has asked for it already
            kept[authority_id] = asked.authority, asked
            return kept[authority_id]
        row = (
            Pack.objects.filter(authority_id=authority_id, superseded_at__isnull=True, first_year__lte=year, last_year__gte=year)
            .select_related("authority")
            .order_by("-loaded_at")
            .first()
        )
        if row is not None:
            kept[authority_id] = row.authority, AuthorityPack(row.authority, row)
        else:
            kept[authority_id] = Authority.objects.filter(pk=authority_id).first(), None
    return kept[authority_id]
