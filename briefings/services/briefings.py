"""Dates of briefings: the year's list from the pack, one more, another day, called off (S16)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from briefings.models import AgendaItem, Briefing
from briefings.models.audience import kept
from briefings.pack import AgendaTemplate, Audience, briefings_of
from briefings.workflow import BRIEFING_WORKFLOW
from core import audit
from core.access import Conflict, Refused, require
from core.calendar import AcademicYear
from people.models import Authority, User
from people.packs import AuthorityPack, require_pack
from people.roles import Permission as P


@dataclass(frozen=True)
class BriefingFacts:
    """When and where. ``quarters``: of a development day, for whoever comes."""

    on: dt.date
    starts_at: dt.time
    ends_at: dt.time
    venue: str = ""
    quarters: int = 2


def _checked(facts: BriefingFacts) -> BriefingFacts:
    if facts.ends_at <= facts.starts_at:
        raise Refused("It ends before it begins.", field="ends_at")
    if not 1 <= facts.quarters <= 4:
        raise Refused("Development time is between a quarter of a day and a day.", field="quarters")
    return facts


def _plan(
    authority: Authority, audience: Audience, template: AgendaTemplate | None, title: str, facts: BriefingFacts, term: str, at: dt.datetime
) -> Briefing:
    try:
        with transaction.atomic():
            row = Briefing.objects.create(
                authority=authority,
                audience=audience.code,
                phases=kept(audience.phases),
                academic_year=AcademicYear.from_date(facts.on),
                term=term,
                title=title,
                template=template.code if template else "",
                created_at=at,
                **vars(facts),
            )
    except IntegrityError:
        raise Conflict(f"There is a briefing for {audience.label} on that day already.", field="on") from None
    AgendaItem.objects.bulk_create(
        AgendaItem(briefing=row, position=place, code=line.code, title=line.title, minutes=line.minutes, is_activity=line.is_activity)
        for place, line in enumerate(template.agenda if template else (), start=1)
    )
    return row


def _named(pack: AuthorityPack, audience: Audience, name: str) -> str:
    return f"{audience.label} {pack.labels().get('sip', 'short')} briefing, {name}"


@transaction.atomic
def plan_briefing(
    *, actor: User, authority: Authority, audience: str, facts: BriefingFacts, name: str, template: str = "", at: dt.datetime
) -> Briefing:
    """Set a date for an audience of the pack; with a template its agenda stands at once. ``name``: as in "autumn 2008"."""
    require(actor, P.BRIEFING_MANAGE, authority, on=at.date())
    pack = require_pack(authority, _checked(facts).on)
    part = briefings_of(pack.content)
    found = part.audience(audience)
    if found is None:
        raise Refused("Choose for whom it is.", field="audience")
    if not name.strip():
        raise Refused("Give it a name, as in “autumn 2008”.", field="name")
    if template and part.template(template) is None:
        raise Refused("Choose one of the agendas.", field="template")
    term = pack.terms.term_of(facts.on)
    row = _plan(authority, found, part.template(template), _named(pack, found, name.strip()), facts, _season(facts.on), at)
    changes = {"on": facts.on.isoformat(), "audience": found.code, "in_term": term is not None}
    audit.record("briefing.planned", actor=actor, at=at, subject=row, authority=authority, changes=changes)
    return row


def _season(on: dt.date) -> str:
    return "autumn" if on.month >= 9 else "spring" if on.month < 4 else "summer"


@transaction.atomic
def plan_year(*, actor: User, authority: Authority, year: AcademicYear, venue: str = "", at: dt.datetime) -> Sequence[Briefing]:
    """Take the dates of the pack over for a year (S16), for each audience; those that stand already are left as they are."""
    require(actor, P.BRIEFING_MANAGE, authority, on=at.date())
    pack = require_pack(authority, year.starts_on)
    part = briefings_of(pack.content)
    there = set(Briefing.objects.filter(authority=authority, academic_year=year).values_list("audience", "on"))
    meeting, made = part.meeting, []
    for date in part.dates:
        if not year.starts_on <= date.on <= year.ends_on:
            continue
        for code, template in date.templates.items():
            audience = part.audience(code)
            assert audience is not None
            if (code, date.on) in there:
                continue
            facts = BriefingFacts(date.on, meeting.starts_at, meeting.ends_at, venue, meeting.quarters)
            row = _plan(authority, audience, part.template(template), _named(pack, audience, date.name), facts, date.term, at)
            changes = {"on": date.on.isoformat(), "audience": code}
            audit.record("briefing.planned", actor=actor, at=at, subject=row, authority=authority, changes=changes)
            made.append(row)
    if not made:
        raise Refused(f"The pack has no date for {year} that does not stand already.")
    return made


@transaction.atomic
def change_briefing(*, actor: User, briefing: Briefing, facts: BriefingFacts, at: dt.datetime) -> Briefing:
    """Another day, time or place."""
    _checked(facts)
    old = {name: str(getattr(briefing, name)) for name in vars(facts)}
    try:
        with transaction.atomic():
            BRIEFING_WORKFLOW.move(actor, briefing, "change", at.date(), academic_year=AcademicYear.from_date(facts.on), **vars(facts))
    except IntegrityError:
        raise Conflict("There is a briefing for the same people on that day already.", field="on") from None
    changes = {name: [old[name], str(value)] for name, value in vars(facts).items() if old[name] != str(value)}
    audit.record("briefing.changed", actor=actor, at=at, subject=briefing, authority=briefing.authority, changes=changes)
    return briefing


@transaction.atomic
def cancel_briefing(*, actor: User, briefing: Briefing, reason: str, at: dt.datetime) -> Briefing:
    if not reason.strip():
        raise Refused("Say why it is called off.", field="reason")
    BRIEFING_WORKFLOW.move(actor, briefing, "cancel", at.date(), cancelled_reason=reason.strip())
    audit.record("briefing.cancelled", actor=actor, at=at, subject=briefing, authority=briefing.authority, reason=reason.strip())
    return briefing
