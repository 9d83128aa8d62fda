"""What is withdrawn goes under seal (domain.md §10): the record keeps its digests, date and reason, and loses its words.

:func:`put_away` and :func:`destroy` change what triggers keep, and so are called through ``core.retention`` alone.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from core import canonical, files, sealing
from core.files import StoredFile
from core.retention import RETENTION, Due, RecordKind

from .choices import RecordKind as Kind
from .choices import WithdrawalState
from .models import (
    Commentary,
    CommentaryAnswer,
    CommentaryRecord,
    CommentarySection,
    Dispatched,
    Incident,
    NoteOfVisit,
    NoteRecord,
    NoteSection,
    SchoolComment,
    SchoolResponse,
    SealedRecord,
    Withdrawable,
)

KIND = "withdrawn"


def of_withdrawal(record: Withdrawable) -> list[Withdrawable]:
    """The withdrawn record and the releases that led to it, which say the same."""
    if isinstance(record, CommentaryRecord):
        same: Any = CommentaryRecord.objects.filter(commentary=record.commentary_id)
    else:
        same = NoteRecord.objects.filter(note=record.note_id, school=record.school_id)
    return list(same.filter(Q(pk=record.pk) | Q(kind=Kind.RELEASE, version__lte=record.version)).select_related("pdf").order_by("pk"))


def shell(payload: dict[str, Any]) -> dict[str, Any]:
    """What a sealed record still says: which note or commentary of which school it was, and no word of anybody's."""
    left = {**payload, "sections": [], "response": None}
    if "visit" in payload:
        left |= {"visit": {**payload["visit"], "met": []}, "school_half_page": None}
    return left


def put_away(ids: Sequence[str]) -> None:
    """Seal the text and the PDF of these records, each to a key of its own, and delete both in clear."""
    for model in (NoteRecord, CommentaryRecord):
        for record in model._default_manager.filter(public_id__in=ids, is_sealed=False).select_related("pdf"):
            _put_away(record)


def _put_away(record: Withdrawable) -> None:
    pair = sealing.make_pair(record.public_id)
    pdf = base64.b64encode(files.read(record.pdf)).decode() if record.pdf else None
    SealedRecord.objects.create(
        **{record.held_as: record},
        private=pair.private,
        payload=_sealed(record.payload, pair.public, record.digest),
        pdf=_sealed(pdf, pair.public, record.pdf_digest) if pdf else None,
    )
    left = canonical.canonical_json(shell(json.loads(record.payload))).decode()
    file = record.pdf_id
    type(record)._base_manager.filter(pk=record.pk).update(payload=left, pdf=None, is_sealed=True)
    if file is not None:
        StoredFile.objects.filter(pk=file).delete()


def _sealed(text: str, public: str, header: str) -> dict[str, str]:
    done = sealing.seal(text, public=public, header=header)
    return {"header": done.header, "point": done.point, "nonce": done.nonce, "sealed": done.sealed}


def text_under_seal(record: Withdrawable) -> dict[str, Any] | None:
    """The text of a sealed record; None once it is destroyed. Raises ``core.sealing.Unopened`` where it was changed."""
    seal = SealedRecord.objects.of(record).first()
    if seal is None:
        return None
    text = sealing.open_sealed(sealing.Sealed(**seal.payload), private=seal.private, name=record.public_id)
    payload: dict[str, Any] = json.loads(text)
    return payload


def whole_text(record: Withdrawable) -> dict[str, Any]:
    """What the record says, from under its seal where it is sealed; of one that is destroyed, what is left."""
    payload: dict[str, Any] | None = text_under_seal(record) if record.is_sealed else None
    return payload if payload is not None else json.loads(record.payload)


# ---------------------------------------------------------------- destruction


def due(authority_id: int, last: dt.date) -> list[Due]:
    """Withdrawals that were confirmed long enough ago and whose text is still under seal."""
    kept = SealedRecord.objects.filter(
        Q(record=OuterRef("withdrawal__record")) | Q(commentary_record=OuterRef("withdrawal__commentary_record"))
    )
    incidents = (
        Incident.objects.with_records()
        .filter(
            Exists(kept),
            authority_id=authority_id,
            closed_at__isnull=False,
            withdrawal__state=WithdrawalState.CONFIRMED,
            withdrawal__decided_at__date__lte=last,
        )
        .order_by("withdrawal__decided_at", "pk")
    )
    return [as_due(incident) for incident in incidents]


def as_due(incident: Incident) -> Due:
    """What an incident's seal holds, as a list of disposal names it."""
    record = incident.withdrawal.of
    decided = incident.withdrawal.decided_at or incident.opened_at
    return Due(incident.public_id, str(record), timezone.localtime(decided).date(), record.digest, record.school_id)


def destroy(authority_id: int, ids: Sequence[str]) -> None:
    """Take away the seals of these incidents' records, and with them the only way to their words; and the working text where
    no corrected version is being written or stands."""
    for incident in Incident.objects.with_records().filter(authority_id=authority_id, public_id__in=ids):
        record = incident.withdrawal.of
        SealedRecord.objects.of(*of_withdrawal(record)).delete()
        forget_answers(record)
        about = type(record.about)._base_manager.get(pk=record.about.pk)
        if about.state == "withdrawn" and about.final_version == record.version:
            forget_working_text(about, record.school_id)


def forget_answers(record: NoteRecord | CommentaryRecord) -> None:
    """What the school said of that version and was answered: the record said it too."""
    if isinstance(record, CommentaryRecord):
        CommentaryAnswer.objects.filter(commentary=record.commentary_id, version=record.version).update(words="", reply="")
        return
    of_it = {"note": record.note_id, "school": record.school_id, "version": record.version}
    SchoolResponse.objects.filter(**of_it).update(words="")
    SchoolComment.objects.filter(**of_it).update(text="", answer="")


def forget_working_text(about: Dispatched, school_id: int) -> None:
    """The working copy says what the record said: its text and rows go; of a group's note the shared part and this school's."""
    from .services.after import ROWS

    if isinstance(about, Commentary):
        CommentarySection.objects.filter(commentary=about).update(body="", assembled="")
        return
    sections = NoteSection.objects.filter(note=about).filter(Q(school=None) | Q(school=school_id))
    for model in ROWS:
        model._default_manager.filter(section__in=sections).delete()
    sections.update(body="")
    NoteOfVisit.objects.filter(pk=about.pk).update(kept_rows="")


RETENTION.add(
    KIND,
    RecordKind(
        KIND,
        "Withdrawn versions of notes and commentaries, under seal",
        "the day on which the withdrawal was confirmed, once its incident is closed",
        due,
        destroy,
        seal=put_away,
    ),
)
