"""What ``schools`` itself contributes to a school's pages: facts of the register, who leads, chairs and serves it, days,
and its three tabs."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from core.access import can
from core.calendar import AcademicYear
from core.components.formats import day, days_quarters, month_year
from core.due import DueItem
from people.roles import Hat
from people.roles import Permission as P
from people.selectors import officers_of
from schools.choices import AssignmentKind, ContactKind, ContactState, SchoolStatus
from schools.inspection_tab import event as inspection_event
from schools.models import Assignment, Contact, GroupMembership, Inspection, InterestDeclaration, School
from schools.registries import Event, Fact, HeaderPart, Mark, overview_panels, timeline_of
from schools.selectors import advisers_of, chair_of, contacts_on, days_of_schools, head_of, reported_contacts, schools_without_sip

RECENT_DAYS = 120
YEARS_BACK = 3

# ---------------------------------------------------------------- the header


def register_facts(user: Any, schools: Sequence[School], on: dt.date) -> dict[int, list[HeaderPart]]:
    """No query: the school's own columns."""
    found: dict[int, list[HeaderPart]] = {}
    for school in schools:
        phase = school.get_phase_display()
        ages = f"{school.low_age} to {school.high_age}" if school.low_age is not None and school.high_age is not None else ""
        number = f" · {school.dfe_number}" if school.dfe_number else ""
        parts: list[HeaderPart] = [
            Fact("URN · DfE number" if number else "URN", f"{school.urn}{number}"),
            Fact("Phase", (phase if phase.isupper() else phase[:1].upper() + phase[1:]) + (f", {ages}" if ages else ""), school.type),
        ]
        if school.roll is not None:
            parts.append(Fact("Roll", f"{school.roll:,}", f"census of {month_year(school.roll_on)}" if school.roll_on else ""))
        if school.status != SchoolStatus.OPEN:
            words = school.get_status_display()
            when = f" on {day(school.closed_on)}" if school.status == SchoolStatus.CLOSED and school.closed_on else ""
            parts.append(Mark(words[:1].upper() + words[1:] + when, "wait"))
        found[school.pk] = parts
    return found


def cluster_facts(user: Any, schools: Sequence[School], on: dt.date) -> dict[int, list[HeaderPart]]:
    """The cluster, and the officer who looks after it (P34). For one school; a list shows the cluster alone."""
    found: dict[int, list[HeaderPart]] = {}
    for school in schools:
        if school.cluster is not None:
            officer = officers_of(school.authority, school.cluster_id, on).first() if len(schools) == 1 else None
            found[school.pk] = [Fact("cluster", school.cluster.name, f"officer: {officer.user.name}" if officer else "", is_word=True)]
    return found


def contact_facts(user: Any, schools: Sequence[School], on: dt.date) -> dict[int, list[HeaderPart]]:
    contacts = contacts_on([school.pk for school in schools], on)
    found: dict[int, list[HeaderPart]] = {}
    for school in schools:
        rows = contacts.get(school.pk, [])
        parts: list[HeaderPart] = []
        for word, person in (("head", head_of(rows)), ("chair", chair_of(rows))):
            usual = person is None or person.kind in (
                ContactKind.HEAD,
                ContactKind.TEACHER_IN_CHARGE,
                ContactKind.CHAIR,
                ContactKind.COMMITTEE_CHAIR,
            )
            since = f"since {month_year(person.starts_on)}" if person else ""
            kind = "" if usual or person is None else person.get_kind_display() + ", "
            parts.append(Fact(word, person.name if person else "Nobody in post", kind + since, is_word=True))
        found[school.pk] = parts
    return found


def adviser_facts(user: Any, schools: Sequence[School], on: dt.date) -> dict[int, list[HeaderPart]]:
    advisers = advisers_of([school.pk for school in schools], on)
    found: dict[int, list[HeaderPart]] = {}
    for school in schools:
        rows = advisers.get(school.pk, [])
        sip = next((row for row in rows if row.kind == AssignmentKind.SIP), None)
        since = f"since {month_year(sip.starts_on)}" if sip else ""
        parts: list[HeaderPart] = [Fact("sip", sip.adviser.name if sip else "Nobody", since, is_word=True)]
        for row in rows:
            if row.kind == AssignmentKind.COVER:
                parts.append(Fact("Cover", row.adviser.name, f"until {day(row.ends_on)}"))
            elif row.kind == AssignmentKind.NC_ADVISER:
                parts.append(
                    Fact(
                        "NC adviser",
                        row.adviser.name,
                        "in the SIP’s place" if row.takes_place_of_sip else f"since {month_year(row.starts_on)}",
                    )
                )
        found[school.pk] = parts
    return found


def days_facts(user: Any, schools: Sequence[School], on: dt.date) -> dict[int, list[HeaderPart]]:
    """Days left of the year, to those who account for them."""
    mine = [school for school in schools if can(user, P.DAYS_VIEW, school, on=on)]
    if not mine:
        return {}
    days = days_of_schools([school.pk for school in mine], AcademicYear.from_date(on).first)
    return {
        pk: [
            Fact(
                "Days",
                f"{days_quarters(row.total.left)} left of {days_quarters(row.total.allocated)}",
                f"{days_quarters(row.total.used)} used",
            )
        ]
        for pk, row in days.items()
    }


# ---------------------------------------------------------------- the time line


EVENT_COLUMNS = ("part", "school_id", "starts_on", "last_on", "kind", "name", "grade", "said")


def events(user: Any, school_ids: Sequence[int], first: dt.date, last: dt.date) -> Mapping[int, list[Event]]:
    """Assignments begun and ended, contacts that took up a role, inspections, between two days. One query of three parts."""
    ids = list(school_ids)
    assignments = (
        Assignment.objects.filter(Q(starts_on__range=(first, last)) | Q(ends_on__range=(first, last)), school_id__in=ids)
        .order_by()
        .annotate(part=_text("assignment"), last_on=F("ends_on"), name=F("adviser__name"), grade=Value(0), said=_text(""))
    )
    contacts = (
        Contact.objects.filter(starts_on__range=(first, last), school_id__in=ids, state=ContactState.CONFIRMED)
        .order_by()
        .annotate(part=_text("contact"), last_on=F("ends_on"), grade=Value(0), said=_text(""))
    )
    inspections = (
        Inspection.objects.filter(starts_on__range=(first, last), school_id__in=ids)
        .order_by()
        .annotate(
            part=_text("inspection"),
            last_on=F("ends_on"),
            name=F("framework"),
            grade=Coalesce("overall", Value(0)),
            said=Case(When(progress="", then=F("outcome")), default=F("progress"), output_field=CharField()),
        )
    )
    rows = assignments.values_list(*EVENT_COLUMNS).union(
        contacts.values_list(*EVENT_COLUMNS), inspections.values_list(*EVENT_COLUMNS), all=True
    )
    found: dict[int, list[Event]] = defaultdict(list)
    for part, school_id, starts_on, ends_on, kind, name, grade, said in rows:
        if part == "inspection":
            found[school_id].append(inspection_event(starts_on, kind, name, grade, said))
        elif part == "contact":
            found[school_id].append(Event(starts_on, f"{_capital(ContactKind(kind).label)}: {name}", "from this day"))
        else:
            words = _capital(AssignmentKind(kind).label)
            if first <= starts_on <= last:
                found[school_id].append(Event(starts_on, f"{words}: {name}", f"until {day(ends_on)}" if ends_on else "from this day"))
            if ends_on is not None and first <= ends_on <= last and kind != AssignmentKind.COVER:
                found[school_id].append(Event(ends_on, f"{words} until this day: {name}"))
    return found


def _text(text: str) -> Value:
    return Value(text, CharField())


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


# ---------------------------------------------------------------- the tabs


def overview(user: Any, school: School, on: dt.date) -> dict[str, Any]:
    """What the apps show first, the register's facts, and what happened lately and is near."""
    first, last = on - dt.timedelta(days=RECENT_DAYS), on + dt.timedelta(days=RECENT_DAYS)
    address = [school.street, school.locality, school.address3, school.town, school.county, school.postcode]
    more = [
        ("Type", school.type),
        ("Religious character", school.religious_character),
        ("Diocese", school.diocese),
        ("Admissions", school.admissions),
        ("Sixth form", school.sixth_form),
        ("Boarders", school.boarders),
        ("Gender", school.gender),
        ("Capacity", f"{school.capacity:,}" if school.capacity else ""),
        ("Telephone", school.telephone),
        ("Opened", f"{day(school.opened_on)}{f', {school.open_reason}' if school.open_reason else ''}" if school.opened_on else ""),
        ("Closed", f"{day(school.closed_on)}{f', {school.close_reason}' if school.close_reason else ''}" if school.closed_on else ""),
    ]
    panels = overview_panels(user, school, on)
    return {
        "panels": [(panel.template, context) for panel, context in panels if not panel.beside],
        "panels_beside": [(panel.template, context) for panel, context in panels if panel.beside],
        "events": timeline_of(user, [school.pk], first, last)[school.pk][:12],
        "address": [line for line in address if line],
        "more": [(label, value) for label, value in more if value],
        "groups": GroupMembership.objects.filter(school=school, ends_on__isnull=True).select_related("group"),
        "timeline_url": reverse("schools:school-tab", args=[school.authority.code, school.urn, "timeline"]),
    }


def people_tab(user: Any, school: School, on: dt.date) -> dict[str, Any]:
    """Contacts and advisers, now and before; reports that wait. Two queries."""
    contacts = list(Contact.objects.filter(school=school).exclude(state=ContactState.REFUSED).select_related("reported_by", "user"))
    order = [str(kind) for kind in ContactKind]
    contacts.sort(key=lambda row: (order.index(row.kind), row.name))
    confirmed = [row for row in contacts if row.state == ContactState.CONFIRMED]
    assignments = list(Assignment.objects.filter(school=school).select_related("adviser", "covers__adviser").order_by("-starts_on"))
    return {
        "current": [row for row in confirmed if row.holds_on(on)],
        "coming": [row for row in confirmed if row.starts_on > on],
        "past": sorted((row for row in confirmed if row.ends_on and row.ends_on < on), key=lambda row: row.ends_on or on, reverse=True),
        "reported": [row for row in contacts if row.state == ContactState.REPORTED],
        "serving": [row for row in assignments if row.holds_on(on)],
        "served": [row for row in assignments if not row.holds_on(on)],
        "may_report": can(user, P.CONTACT_REPORT, school, on=on),
        "may_confirm": can(user, P.CONTACT_CONFIRM, school, on=on),
        "may_assign": can(user, P.ASSIGNMENT_MANAGE, school, on=on),
        "has_head": head_of(row for row in confirmed if row.holds_on(on)) is not None,
    }


def timeline_tab(user: Any, school: School, on: dt.date) -> dict[str, Any]:
    year = dt.timedelta(days=365)
    return {"events": timeline_of(user, [school.pk], on - YEARS_BACK * year, on + year)[school.pk]}


# ---------------------------------------------------------------- what is due


def declaration_due(user: Any, on: dt.date) -> list[DueItem]:
    """One's own declaration of interests for the year, until it is made."""
    hats = user.hats
    if not hats.may_somewhere(P.INTEREST_DECLARE):
        return []
    year = AcademicYear.from_date(on)
    wanted = {hat.authority_id for hat in hats.roles_granting(P.INTEREST_DECLARE)} | {hat.authority_id for hat in hats.sips}
    made = set(InterestDeclaration.objects.filter(user=user, academic_year=year.first).values_list("authority_id", flat=True))
    if wanted <= made:
        return []
    title = f"Declare your interests for {year}"
    return [DueItem(None, title, reverse("schools:interest-declare"), "Each year, with interests or with none", left="this year")]


def contacts_due(user: Any, on: dt.date) -> list[DueItem]:
    """Reported contacts that wait for an administrator."""
    if not user.hats.may_somewhere(P.CONTACT_CONFIRM):
        return []
    count = reported_contacts(user).count()
    if not count:
        return []
    what = "change of contact" if count == 1 else "changes of contacts"
    why = "Until you confirm, notes to that role are held"
    return [
        DueItem(None, f"{count} {what} to confirm", reverse("schools:contact-list"), why, hat=Hat.ADMINISTRATOR, left="now", tone="due")
    ]


def without_sip_due(user: Any, on: dt.date) -> list[DueItem]:
    """Schools that no SIP serves, to the manager."""
    if not user.hats.may_somewhere(P.ASSIGNMENT_MANAGE):
        return []
    count = schools_without_sip(user, on).count()
    if not count:
        return []
    what = "school has no SIP" if count == 1 else "schools have no SIP"
    return [
        DueItem(
            None,
            f"{count} {what}",
            reverse("schools:caseload-list"),
            "Assign one from the caseloads",
            hat=Hat.SIP_MANAGER,
            left="now",
            tone="due",
        )
    ]
