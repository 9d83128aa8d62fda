"""The directory of services: entries, their review, and the policy for brokering (S12)."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from core import audit
from core.access import Conflict, Refused, require
from core.calendar import add_months
from people.models import Authority, User
from people.packs import require_pack
from people.roles import Permission as P
from support.choices import ProviderKind
from support.directory import owners_of
from support.models import BrokeringPolicy, Service
from support.programme_pack import area_labels, programmes_of
from targets.pack import measures_of


@dataclass(frozen=True)
class Offer:
    """What an entry says. Days in quarters, money in pence; ``day_rate_pence`` 0 is free to schools, ``None`` is to be asked for."""

    name: str
    provider: str
    provider_kind: str
    areas: tuple[str, ...]
    phases: tuple[str, ...]
    what: str = ""
    day_rate_pence: int | None = None
    usual_quarters: int | None = None
    capacity_quarters: int | None = None
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""

    def values(self) -> dict[str, Any]:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


@transaction.atomic
def add_service(*, actor: User, authority: Authority, offer: Offer, owner: User, at: dt.datetime) -> Service:
    """List a service. Its entry is looked at again after the pack's months, by its owner."""
    require(actor, P.SERVICE_MANAGE, authority, on=at.date())
    _check(authority, offer, owner, at)
    try:
        with transaction.atomic():
            service = Service.objects.create(
                authority=authority, owner=owner, created_at=at, **_looked_at(authority, at.date()), **offer.values()
            )
    except IntegrityError:
        raise Refused(f"{offer.provider} has an entry of that name already. Change that one.", field="name") from None
    changes = {"provider": offer.provider, "owner": owner.name, "areas": list(offer.areas)}
    audit.record("service.added", actor=actor, at=at, subject=service, authority=authority, changes=changes)
    return service


@transaction.atomic
def change_service(*, actor: User, service: Service, offer: Offer, owner: User | None = None, at: dt.datetime) -> Service:
    """Whoever keeps the directory, or the entry. A changed entry is a reviewed one. Unchanged values leave no event."""
    require(actor, P.SERVICE_MANAGE, service, on=at.date())
    owner = owner or service.owner
    _check(service.authority, offer, owner, at)
    values = {**offer.values(), "owner": owner}
    changed = {name: value for name, value in values.items() if getattr(service, name) != value}
    if not changed:
        return service
    try:
        with transaction.atomic():
            _touch(service, **changed, **_looked_at(service.authority, at.date()))
    except IntegrityError:
        raise Refused(f"{offer.provider} has another entry of that name.", field="name") from None
    told = {name: audit.content(value) if name == "what" else value.name if name == "owner" else value for name, value in changed.items()}
    audit.record("service.changed", actor=actor, at=at, subject=service, authority=service.authority, changes=told)
    return service


@transaction.atomic
def review_service(*, actor: User, service: Service, at: dt.datetime) -> Service:
    """Say that the entry is right as it stands; it is looked at again after the pack's months."""
    require(actor, P.SERVICE_MANAGE, service, on=at.date())
    values = _looked_at(service.authority, at.date())
    _touch(service, **values)
    changes = {name: value.isoformat() for name, value in values.items()}
    audit.record("service.reviewed", actor=actor, at=at, subject=service, authority=service.authority, changes=changes)
    return service


@transaction.atomic
def list_service(*, actor: User, service: Service, is_listed: bool, at: dt.datetime) -> Service:
    """Take it off the directory, or put it back. What schools have of it stays as it is; nobody can ask for more."""
    require(actor, P.SERVICE_MANAGE, service, on=at.date())
    if service.is_listed == is_listed:
        raise Conflict(f"{service.name} is {'on' if is_listed else 'off'} the directory already.")
    _touch(service, is_listed=is_listed, **(_looked_at(service.authority, at.date()) if is_listed else {}))
    changes = {"is_listed": is_listed}
    audit.record("service.listed", actor=actor, at=at, subject=service, authority=service.authority, changes=changes)
    return service


@transaction.atomic
def write_policy(*, actor: User, authority: Authority, text: str, at: dt.datetime) -> BrokeringPolicy:
    """The authority's own words in the place of the pack's. Earlier words are kept."""
    require(actor, P.SERVICE_MANAGE, authority, on=at.date())
    if not text.strip():
        raise Refused("Write the policy.", field="text")
    row = BrokeringPolicy.objects.create(authority=authority, text=text.strip(), by=actor, by_name=actor.name, at=at)
    audit.record("brokering.policy_written", actor=actor, at=at, subject=row, authority=authority, changes={"text": audit.content(text)})
    return row


def _looked_at(authority: Authority, on: dt.date) -> dict[str, dt.date]:
    months = programmes_of(require_pack(authority, on).content).commissioning.review_months
    return {"reviewed_on": on, "review_due_on": add_months(on, months)}


def _touch(service: Service, **values: Any) -> None:
    """Change the row where it is as the person saw it."""
    seen = Service.objects.filter(pk=service.pk, lock_version=service.lock_version)
    if seen.update(lock_version=F("lock_version") + 1, **values) != 1:
        raise Conflict("Somebody else changed this entry a moment ago. Nothing was done; look at it again.")
    service.lock_version += 1
    for name, value in values.items():
        setattr(service, name, value)


def _check(authority: Authority, offer: Offer, owner: User, at: dt.datetime) -> None:
    content = require_pack(authority, at.date()).content
    if not offer.name.strip():
        raise Refused("Enter the name of the service.", field="name")
    if not offer.provider.strip():
        raise Refused("Enter who provides it.", field="provider")
    if offer.provider_kind not in ProviderKind.values:
        raise Refused("Select the kind of provider.", field="provider_kind")
    if not offer.areas or set(offer.areas) - set(area_labels(content)):
        raise Refused("Select the needs that it is for.", field="areas")
    if not offer.phases or set(offer.phases) - set(measures_of(content).phase_groups):
        raise Refused("Select the schools that it is for.", field="phases")
    if not (offer.contact_email or offer.contact_phone):
        raise Refused("Give an email address or a telephone number, so that a school can ask.", field="contact_email")
    if owner.pk not in owners_of(authority, at.date()):
        raise Refused(f"{owner.name} has no role in the authority that could keep an entry.", field="owner")
