"""Heads, chairs and clerks from a file that the authority keeps: the kind ``contacts``.

The register's files carry heads' names, but an authority knows its own better and answers for holding them (domain.md
§3), so contacts come from its own list. An import is an administrator's: its rows are confirmed. A row that names
somebody else for an office ends the one before on the day before, as a confirmation in the portal does. A person who
isn't in the file stays.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models.functions import Lower

from core.access import can
from core.tabular import bulk
from core.tabular.columns import Column, Format, Kind, Reading, Row, RowError
from core.tabular.imports import Action, Change, Held, ImportKind, Plan, Request, plain
from core.tabular.reading import Limits
from people.models import Authority, User
from people.roles import Permission
from schools.choices import ContactKind, ContactState
from schools.imports import gias
from schools.imports.places import COLUMNS, Places
from schools.indexing import index_contacts
from schools.models import Contact, School
from schools.selectors.contacts import OFFICES

ROLES = {kind.label: kind.value for kind in ContactKind} | {
    "head": ContactKind.HEAD.value,
    "chair": ContactKind.CHAIR.value,
    "clerk": ContactKind.CLERK.value,
}

FORMAT = Format(
    key="contacts",
    title="a list of contacts",
    description="Who is head, chair or clerk at which school. One row a person and role.",
    limits=Limits(upload_bytes=8 << 20, csv_rows=20_000, xlsx_rows=20_000, columns=100),
    columns=(
        *COLUMNS,
        Column("role", "Role", Kind.CHOICE, required=True, filled=True, choices=ROLES, example="headteacher"),
        Column("name", "Name", required=True, filled=True, max_length=200, example="Anwen Price"),
        Column("email", "Email", Kind.EMAIL, help="Joins the account with this address, if there is one.", example="head@oakfield.example"),
        Column("telephone", "Telephone", max_length=40),
        Column("starts_on", "From", Kind.DATE, help="First day in the role; the day of the import if left blank.", example="01/09/2008"),
        Column("ends_on", "Until", Kind.DATE, help="Last day in the role, if it is known."),
    ),
)

SHARED = (ContactKind.CO_HEAD, ContactKind.STAFF, ContactKind.GOVERNOR)
"""Roles that several people hold at one school at the same time."""


@dataclass(slots=True)
class New:
    school: School
    kind: ContactKind
    name: str
    email: str
    telephone: str
    starts_on: dt.date
    ends_on: dt.date | None
    user_id: int | None


@dataclass(slots=True)
class Writes:
    code: str
    new: list[New] = field(default_factory=list)
    changed: list[tuple[Contact, dict[str, Any]]] = field(default_factory=list)
    ended: dict[int, dt.date] = field(default_factory=dict)


@dataclass(slots=True)
class _Held:
    """What is held of the schools in the file: contacts neither refused nor over, and the accounts of the addresses."""

    contacts: dict[int, list[Contact]] = field(default_factory=dict)
    accounts: dict[str, User] = field(default_factory=dict)


def plan(reading: Reading, request: Request) -> Plan:
    writes = Writes(request.authority)
    result = Plan(payload=writes)
    authority = gias.tenant(request.authority)
    if authority is None:
        result.errors.append(
            RowError(0, "", request.authority, f"No schools of {request.authority} are held here. Import the register first (gias).")
        )
        return result
    result.authority_name = authority.name
    places = Places.of(request.authority)
    found = [(row, places.find(row)) for row in reading.rows]
    held = _gather([school for _, school in found if isinstance(school, School)], reading.rows)
    taken: dict[tuple[int, ContactKind], list[tuple[Row, dt.date, dt.date | None]]] = {}
    for row, school in found:
        if isinstance(school, Held):
            result.held.append(school)
            continue
        kind, starts_on, ends_on = ContactKind(row["role"]), row.get("starts_on") or request.on, row.get("ends_on")
        if ends_on is not None and ends_on < starts_on:
            result.errors.append(_error(row, "Until", ends_on, "The last day lies before the first."))
            continue
        if request.actor is not None and not can(request.actor, Permission.CONTACT_CONFIRM, school, on=request.on):
            result.errors.append(_error(row, "URN", school.urn, f"You may not decide who is at {school.name}."))
            continue
        if not _place_is_free(taken, row, school, kind, starts_on, ends_on, result):
            continue
        twin = _twin(held, school, kind, row["name"], starts_on)
        account = held.accounts.get((row.get("email") or "").lower())
        if account is not None and request.actor is not None and account.pk == request.actor.pk:
            result.errors.append(
                _error(row, "Email", row["email"], "Nobody confirms their own role at a school: another administrator imports this row.")
            )
        elif twin is not None:
            _compare(row, twin, account, school, result, writes)
        else:
            _add(row, school, kind, starts_on, ends_on, account, held, result, writes)
    return result


def _gather(schools: list[School], rows: list[Row]) -> _Held:
    held = _Held()
    contacts = Contact.objects.filter(school__in={school.pk for school in schools}).exclude(state=ContactState.REFUSED)
    for contact in contacts.order_by("starts_on", "pk"):
        held.contacts.setdefault(contact.school_id, []).append(contact)
    addresses = {row["email"].lower() for row in rows if row.get("email")}
    for user in User.objects.annotate(address=Lower("email")).filter(is_active=True, address__in=addresses):
        held.accounts[user.email.lower()] = user
    return held


def _twin(held: _Held, school: School, kind: ContactKind, name: str, starts_on: dt.date) -> Contact | None:
    """The row of this person in this role that is in force on the day, or begins later."""
    for contact in held.contacts.get(school.pk, []):
        if (
            contact.kind == kind
            and contact.name.casefold() == name.casefold()
            and (contact.ends_on is None or contact.ends_on >= starts_on)
        ):
            return contact
    return None


def _place_is_free(
    taken: dict[tuple[int, ContactKind], list[tuple[Row, dt.date, dt.date | None]]],
    row: Row,
    school: School,
    kind: ContactKind,
    starts_on: dt.date,
    ends_on: dt.date | None,
    result: Plan,
) -> bool:
    """Whether no other row of the file gives the office to somebody for the same days."""
    if kind in SHARED:
        return True
    office = (school.pk, min(OFFICES[kind]))
    for other, other_starts, other_ends in taken.get(office, []):
        if (other_ends is None or other_ends >= starts_on) and (ends_on is None or other_starts <= ends_on):
            if other.values == row.values:
                result.skipped["a row that the file has already"] += 1
                return False
            message = f"Row {other.number} names {other['name']} for the same office at {school.name} and the same days. Keep one of the two, or give their days."
            result.errors.append(_error(row, "Name", row["name"], message))
            return False
    taken.setdefault(office, []).append((row, starts_on, ends_on))
    return True


def _compare(row: Row, contact: Contact, account: User | None, school: School, result: Plan, writes: Writes) -> None:
    """A person who is there already: what the row says differently. A blank cell says nothing."""
    facts = {name: row[name] for name in ("email", "telephone", "ends_on") if row.get(name)}
    if contact.state == ContactState.REPORTED:
        facts["state"] = ContactState.CONFIRMED.value
    if account is not None and contact.user_id is None:
        facts["user_id"] = account.pk
    changed = {name: [plain(getattr(contact, name)), plain(value)] for name, value in facts.items() if getattr(contact, name) != value}
    if not changed:
        result.unchanged += 1
        return
    whole = {name: facts.get(name, getattr(contact, name)) for name in ("email", "telephone", "ends_on", "state", "user_id")}
    writes.changed.append((contact, whole))
    result.changes.append(
        Change(Action.UPDATED, str(school.urn), f"{contact.get_kind_display()} of {school.name}", contact.kind, _told(changed))
    )


def _told(changed: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """What the report says of a person: which facts change, not the addresses themselves."""
    return {name: (values if name in ("ends_on", "state") else ["", "changed"]) for name, values in changed.items()}


def _add(
    row: Row,
    school: School,
    kind: ContactKind,
    starts_on: dt.date,
    ends_on: dt.date | None,
    account: User | None,
    held: _Held,
    result: Plan,
    writes: Writes,
) -> None:
    """A person who is new in the role. Whoever holds the office ends the day before."""
    last_day = starts_on - dt.timedelta(days=1)
    before = [
        contact
        for contact in held.contacts.get(school.pk, [])
        if contact.state == ContactState.CONFIRMED
        and contact.kind in OFFICES[kind]
        and (contact.ends_on is None or contact.ends_on >= starts_on)
        and (ends_on is None or contact.starts_on <= ends_on)
    ]
    for contact in before:
        if contact.starts_on > last_day:
            message = (
                f"{contact.name} is {contact.get_kind_display()} from {contact.starts_on:%d/%m/%Y}. End that first, or correct the day."
            )
            result.errors.append(_error(row, "From", starts_on, message))
            return
    for contact in before:
        writes.ended[contact.pk] = last_day
        fields = {"ends_on": [plain(contact.ends_on), last_day.isoformat()]}
        result.changes.append(
            Change(Action.CLOSED, str(school.urn), f"{contact.get_kind_display()} of {school.name}", contact.kind, fields)
        )
    writes.new.append(
        New(
            school,
            kind,
            row["name"],
            row.get("email") or "",
            row.get("telephone") or "",
            starts_on,
            ends_on,
            account.pk if account else None,
        )
    )
    fields = {"starts_on": [None, starts_on.isoformat()], "account": [None, "joined" if account else "none"]}
    result.changes.append(Change(Action.CREATED, str(school.urn), f"{kind.label} of {school.name}", kind.value, fields))


def _error(row: Row, column: str, value: Any, message: str) -> RowError:
    return RowError(row.number, column, str(plain(value)), message, row.table.name)


def apply(plan: Plan, *, actor: Any, at: dt.datetime) -> Authority:
    """Write the plan. Inside the harness's transaction."""
    writes: Writes = plan.payload
    by = actor.pk if actor is not None else None
    bulk.update(Contact, ("ends_on",), list(writes.ended.items()))
    decided = []
    for contact, facts in writes.changed:
        was_reported = contact.state == ContactState.REPORTED
        who, when = (by, at) if was_reported else (contact.decided_by_id, contact.decided_at)
        decided.append((contact.pk, facts["email"], facts["telephone"], facts["ends_on"], facts["state"], facts["user_id"], who, when))
    bulk.update(Contact, ("email", "telephone", "ends_on", "state", "user_id", "decided_by_id", "decided_at"), decided)
    bulk.insert(
        Contact,
        (
            "school_id",
            "kind",
            "name",
            "email",
            "telephone",
            "starts_on",
            "ends_on",
            "user_id",
            "state",
            "reported_by_id",
            "reported_at",
            "decided_by_id",
            "decided_at",
        ),
        [
            (
                n.school.pk,
                n.kind.value,
                n.name,
                n.email,
                n.telephone,
                n.starts_on,
                n.ends_on,
                n.user_id,
                ContactState.CONFIRMED.value,
                by,
                at,
                by,
                at,
            )
            for n in writes.new
        ],
    )
    schools = {n.school.pk for n in writes.new} | {contact.school_id for contact, _ in writes.changed}
    index_contacts(Contact.objects.filter(school__in=schools, state=ContactState.CONFIRMED).select_related("school__authority"))
    return Authority.objects.get(code=writes.code)


CONTACTS = ImportKind(
    key="contacts",
    title="Contacts of schools",
    description="Confirms who is head, chair or clerk at which school, and ends whoever held the office before. Takes nobody away.",
    format=FORMAT,
    plan=plan,
    apply=apply,
    tenant=gias.tenant,
    permission=Permission.CONTACT_CONFIRM,
    event="contacts.imported",
    remembers=False,  # people change the same rows in the portal
)
