"""Bulletins (P32, S15): written, published under the next number of the year, read, and done."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Max

from briefings.choices import ItemKind
from briefings.mail import bulletin_email
from briefings.models import Bulletin, BulletinDone, BulletinItem, BulletinReading
from briefings.models.audience import kept
from briefings.pack import briefings_of
from briefings.selectors.audience import sips_of
from briefings.workflow import BULLETIN_WORKFLOW
from core import audit
from core.access import Conflict, Refused, require
from core.calendar import AcademicYear
from core.outbox import enqueue_email
from people.models import Authority, User
from people.packs import require_pack
from people.roles import Permission as P


@dataclass(frozen=True)
class BulletinItemFacts:
    """``kind``: action or information; an action says by when."""

    kind: str
    title: str
    text: str = ""
    complete_by: dt.date | None = None
    contact: str = ""
    link: str = ""


def _phases(authority: Authority, audience: str, on: dt.date) -> str:
    found = briefings_of(require_pack(authority, on).content).audience(audience)
    if found is None:
        raise Refused("Choose for whom it is.", field="audience")
    return kept(found.phases)


@transaction.atomic
def begin_bulletin(*, actor: User, authority: Authority, title: str, audience: str = "all", opening: str = "", at: dt.datetime) -> Bulletin:
    require(actor, P.BULLETIN_WRITE, authority, on=at.date())
    if not title.strip():
        raise Refused("Give the bulletin a title.", field="title")
    row = Bulletin.objects.create(
        authority=authority,
        audience=audience,
        phases=_phases(authority, audience, at.date()),
        academic_year=AcademicYear.from_date(at.date()),
        title=title.strip(),
        opening=opening.strip(),
        created_at=at,
    )
    audit.record("bulletin.begun", actor=actor, at=at, subject=row, authority=authority, changes={"audience": audience})
    return row


@transaction.atomic
def write_bulletin(*, actor: User, bulletin: Bulletin, title: str, audience: str, opening: str, at: dt.datetime) -> Bulletin:
    """Its head, until it is published."""
    if not title.strip():
        raise Refused("Give the bulletin a title.", field="title")
    phases = _phases(bulletin.authority, audience, at.date())
    BULLETIN_WORKFLOW.move(
        actor, bulletin, "write", at.date(), title=title.strip(), audience=audience, phases=phases, opening=opening.strip()
    )
    changes = {"audience": audience, "opening": audit.content(opening)}
    audit.record("bulletin.written", actor=actor, at=at, subject=bulletin, authority=bulletin.authority, changes=changes)
    return bulletin


def _checked(facts: BulletinItemFacts) -> dict[str, object]:
    if facts.kind not in ItemKind.values:
        raise Refused("Choose whether it is for action or for information.", field="kind")
    if not facts.title.strip():
        raise Refused("Give the item a title.", field="title")
    if facts.kind == ItemKind.ACTION and facts.complete_by is None:
        raise Refused("Say by when it is to be done.", field="complete_by")
    return {**vars(facts), "complete_by": facts.complete_by if facts.kind == ItemKind.ACTION else None}


@transaction.atomic
def add_bulletin_item(*, actor: User, bulletin: Bulletin, facts: BulletinItemFacts, at: dt.datetime) -> BulletinItem:
    values = _checked(facts)
    BULLETIN_WORKFLOW.move(actor, bulletin, "write", at.date())
    last = BulletinItem.objects.filter(bulletin=bulletin).aggregate(last=Max("position"))["last"] or 0
    row = BulletinItem.objects.create(bulletin=bulletin, position=last + 1, **values)
    changes = {"added": row.kind, "text": audit.content(facts.text)}
    audit.record("bulletin.written", actor=actor, at=at, subject=bulletin, authority=bulletin.authority, changes=changes)
    return row


@transaction.atomic
def change_bulletin_item(*, actor: User, item: BulletinItem, facts: BulletinItemFacts, at: dt.datetime) -> BulletinItem:
    values, bulletin = _checked(facts), item.bulletin
    BULLETIN_WORKFLOW.move(actor, bulletin, "write", at.date())
    for name, value in values.items():
        setattr(item, name, value)
    item.save()
    changes = {"changed": item.kind, "text": audit.content(facts.text)}
    audit.record("bulletin.written", actor=actor, at=at, subject=bulletin, authority=bulletin.authority, changes=changes)
    return item


@transaction.atomic
def remove_bulletin_item(*, actor: User, item: BulletinItem, at: dt.datetime) -> None:
    bulletin = item.bulletin
    BULLETIN_WORKFLOW.move(actor, bulletin, "write", at.date())
    kind = item.kind
    item.delete()
    audit.record("bulletin.written", actor=actor, at=at, subject=bulletin, authority=bulletin.authority, changes={"removed": kind})


@transaction.atomic
def publish_bulletin(*, actor: User, bulletin: Bulletin, at: dt.datetime) -> Bulletin:
    """Give it the next number of the year and tell the SIPs of its audience, by an email with a link and no content."""
    on = at.date()
    if not bulletin.items.exists():
        raise Refused("A bulletin without items is not published. Write one first.")
    if late := bulletin.items.filter(kind=ItemKind.ACTION, complete_by__lt=on).first():
        raise Refused(f"“{late.title}” was to be done by a day that is past. Change it first.")
    year = AcademicYear.from_date(on)
    last = Bulletin.objects.filter(authority_id=bulletin.authority_id, academic_year=year).aggregate(last=Max("number"))["last"] or 0
    values = {"academic_year": year, "number": last + 1, "published_on": on, "published_by": actor}
    try:
        with transaction.atomic():
            BULLETIN_WORKFLOW.move(actor, bulletin, "publish", on, **values)
    except IntegrityError:
        raise Conflict("Another bulletin took this number a moment ago. Publish again.") from None
    for sip in sips_of(bulletin, on):
        subject, body = bulletin_email(bulletin, sip.user)
        enqueue_email(
            dedupe_key=f"bulletin.published:{bulletin.public_id}:{sip.user.public_id}",
            to_name=sip.user.name,
            to_address=sip.user.email,
            subject=subject,
            body=body,
            context_kind="bulletin",
            context_reference=bulletin.public_id,
            at=at,
        )
    audit.record("bulletin.published", actor=actor, at=at, subject=bulletin, authority=bulletin.authority, changes={"number": last + 1})
    return bulletin


@transaction.atomic
def note_bulletin_read(*, actor: User, bulletin: Bulletin, at: dt.datetime) -> bool:
    """That a person has opened it, the first time; answers whether this was it."""
    BULLETIN_WORKFLOW.check(actor, bulletin, "read", at.date())
    _, is_first = BulletinReading.objects.get_or_create(bulletin=bulletin, user=actor, defaults={"at": at})
    if is_first:
        audit.record("bulletin.read", actor=actor, at=at, subject=bulletin, authority=bulletin.authority)
    return is_first


@transaction.atomic
def mark_item_done(*, actor: User, item: BulletinItem, at: dt.datetime) -> BulletinDone:
    """That a person has done what an item asks; a second press changes nothing."""
    bulletin = item.bulletin
    BULLETIN_WORKFLOW.check(actor, bulletin, "done", at.date())
    if item.kind != ItemKind.ACTION:
        raise Refused("It is for information: there is nothing to do.")
    row, is_first = BulletinDone.objects.get_or_create(item=item, user=actor, defaults={"at": at})
    if is_first:
        audit.record("bulletin.done", actor=actor, at=at, subject=bulletin, authority=bulletin.authority, changes={"item": item.position})
    return row
