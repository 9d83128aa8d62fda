"""Writing without a network (domain.md §4, "Offline"): keys for devices, and the sealed pieces that come back.

What is sealed opens here alone, for its writer, while they may write the note. The text itself goes in through
``save_section``, as everything does; here is only what comes before and after.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from core import audit
from core.access import Conflict, Refused, can, require
from core.ids import new_public_id
from core.sealing import Sealed, Unopened, make_pair, open_sealed
from people.models import User
from people.packs import AuthorityPack
from people.roles import Permission as P

from ..choices import OfflineEnd
from ..models import NoteOfVisit, OfflineKey, OfflinePiece

RENEW = dt.timedelta(days=1)
"""A key that is in use lives on; its row is written at most once a day."""

LOST = "What was kept on this device can no longer be read"


class AlreadyTaken(Conflict):
    """This piece was taken in before; it is not taken twice."""

    def __init__(self) -> None:
        super().__init__("This was brought in already.")


@dataclass(frozen=True)
class SentPiece:
    """A piece by the key that it was sealed to and the name that its device gave it."""

    key: str
    name: str

    @classmethod
    def named(cls, text: str) -> SentPiece | None:
        """From a form's field: ``key:name``."""
        key, colon, name = text.partition(":")
        return cls(key, name) if key and colon and 0 < len(name) <= 40 else None


@dataclass(frozen=True)
class OpenedPiece:
    """A piece, opened. ``kind`` is "whole" (the section's form upon ``base``) or "more" (text that goes on from it)."""

    piece: SentPiece
    section: str
    kind: str
    base: int
    text: str
    at: dt.datetime | None
    is_taken: bool


# ---------------------------------------------------------------- keys


@transaction.atomic
def offer_offline_key(*, actor: User, note: NoteOfVisit, device: str, at: dt.datetime) -> OfflineKey:
    """The key to which this person's device seals this note; the same one again while it is in use."""
    require(actor, P.NOTE_WRITE, note, on=at.date())
    pack = AuthorityPack(note.authority, note.pack)
    if not pack.flag("offline_writing"):
        raise Refused("Your authority has switched off writing without a network.")
    if not device.isalnum() or not 8 <= len(device) <= 40:
        raise Refused("The device has no name.")
    ends = at + dt.timedelta(days=pack.whole("offline_key_days"))
    own = OfflineKey.objects.filter(note=note, user=actor, device=device)
    key = own.live(at).first()
    if key is not None and key.expires_at > ends - RENEW:
        return key
    own.filter(expires_at__lte=at).end(OfflineEnd.EXPIRED, at)
    if key is not None:
        key.expires_at = ends
        key.save(update_fields=["expires_at"])
    else:
        name = new_public_id()
        pair = make_pair(name)
        key = OfflineKey.objects.create(
            public_id=name,
            note=note,
            user=actor,
            device=device,
            public_key=pair.public,
            private_key=pair.private,
            made_at=at,
            expires_at=ends,
        )
    audit.record("note.offline_ready", actor=actor, at=at, subject=note, school=note.school, changes={"until": ends.date().isoformat()})
    return key


@transaction.atomic
def end_unused_offline_keys(*, actor: User | None, at: dt.datetime, note: NoteOfVisit | None = None) -> int:
    """Delete the keys whose time is over, and those of people who may no longer write the note. Answers how many."""
    keys = OfflineKey.objects.filter(ended_at__isnull=True)
    if note is not None:
        keys = keys.filter(note=note)
    ended = 0
    for key in keys.select_related("note__authority", "note__visit", "user").order_by("pk"):
        if key.expires_at <= at:
            why = OfflineEnd.EXPIRED
        elif not key.user.is_active:
            why = OfflineEnd.DEACTIVATED
        elif not can(key.user, P.NOTE_WRITE, key.note, on=at.date()):
            why = OfflineEnd.REVOKED
        else:
            continue
        if OfflineKey.objects.filter(pk=key.pk).end(why, at):
            ended += 1
            changes = {"writer": key.user.name, "why": why.label}
            audit.record("note.offline_ended", actor=actor, at=at, subject=key.note, school=key.note.school, changes=changes)
    return ended


# ---------------------------------------------------------------- pieces


def open_offline_piece(*, actor: User, note: NoteOfVisit, sent: Sealed, at: dt.datetime) -> OpenedPiece:
    """Open what a device of this person kept of this note. Raises ``Refused`` with the sentence that says why not."""
    try:
        header = json.loads(sent.header)
        piece = SentPiece(str(header["key"]), str(header["id"]))
        section, kind, base, written = str(header["section"]), str(header["kind"]), int(header["base"]), str(header["at"])
    except (ValueError, KeyError, TypeError):
        raise Refused(f"{LOST}: it is damaged.") from None
    key = OfflineKey.objects.filter(public_id=piece.key, note=note, user=actor).first()
    if key is None or kind not in ("whole", "more") or not 0 < len(piece.name) <= 40:
        raise Refused(f"{LOST}: it was not sealed by you for this note.")
    if key.ended_at is not None:
        raise Refused(f"{LOST}: {OfflineEnd(key.end_reason).label}.")
    if key.expires_at <= at:
        raise Refused(f"{LOST}: {OfflineEnd.EXPIRED.label}.")
    require(actor, P.NOTE_WRITE, note, on=at.date())
    try:
        text = open_sealed(sent, private=key.private_key, name=key.public_id)
    except Unopened:
        raise Refused(f"{LOST}: it is damaged.") from None
    return OpenedPiece(piece, section, kind, base, text, _moment(written), key.pieces.filter(name=piece.name).exists())


def _moment(text: str) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if timezone.is_aware(found) else None


def take_piece(actor: User, note: NoteOfVisit, piece: SentPiece, at: dt.datetime) -> None:
    """Part of a save: this piece is in. A name that belongs to no live key of the writer's is nobody's, and no matter."""
    key = OfflineKey.objects.filter(public_id=piece.key, note=note, user=actor, ended_at__isnull=True).first()
    if key is not None and not OfflinePiece.objects.get_or_create(key=key, name=piece.name, defaults={"at": at})[1]:
        raise AlreadyTaken


@transaction.atomic
def set_offline_piece_aside(*, actor: User, note: NoteOfVisit, piece: SentPiece, at: dt.datetime) -> None:
    """The writer saw both texts and chose the portal's: the piece counts as taken in, and nothing is written in the note."""
    require(actor, P.NOTE_WRITE, note, on=at.date())
    take_piece(actor, note, piece, at)
    audit.record("note.offline_set_aside", actor=actor, at=at, subject=note, school=note.school)
