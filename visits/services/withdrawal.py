"""Withdrawal of a final record, of a note or of an annual commentary (domain.md §10): access ends, the other of two confirms."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from core import audit, retention
from core.access import Conflict, Refused, require
from people.models import User
from people.roles import HAT_NAMES, Hat
from people.roles import Permission as P

from .. import seals
from ..choices import RecordKind, WithdrawalState
from ..indexing import unindex_record
from ..models import CommentaryRecord, Incident, RecordWithdrawal, Withdrawable
from ..seals import of_withdrawal
from ..workflow import workflow_of
from .bundles import delete_bundles_with
from .gate import need


def what_is(record: Withdrawable) -> str:
    """ "note" or "commentary", as events and sentences name it."""
    return "commentary" if isinstance(record, CommentaryRecord) else "note"


@transaction.atomic
def ask_withdrawal(*, actor: User, record: Withdrawable, reason: str, at: dt.datetime) -> RecordWithdrawal:
    """Manager or data protection officer asks for a final record to be withdrawn: access ends at once, the files of many
    notes that hold it are deleted, and an incident opens that lists who had opened or downloaded it, or the releases that
    led to it."""
    what = what_is(record)
    reason = need(reason, f"Say why the {what} must be withdrawn.")
    require(actor, P.RECORD_WITHDRAW, record.about, on=at.date())
    if record.kind != RecordKind.FINAL:
        raise Refused("A draft is recalled, not withdrawn.")
    if record.withdrawals.exclude(state=WithdrawalState.REFUSED).exists():
        raise Conflict("The withdrawal of this record has been asked for already.")
    ids = [one.public_id for one in of_withdrawal(record)]
    opened = audit.AuditEvent.objects.filter(
        subject_kind=record._meta.model_name, subject_id__in=ids, event__in=("record.opened", "record.downloaded")
    )
    readers = sorted({f"{e.actor_name}, {e.actor_role}".strip(", ") + f", {e.occurred_at:%-d %B %Y}" for e in opened})
    withdrawal = RecordWithdrawal.objects.create(**{record.held_as: record}, reason=reason, readers=readers, asked_by=actor, asked_at=at)
    Incident.objects.create(authority_id=record.authority_id, withdrawal=withdrawal, opened_at=at)
    files = delete_bundles_with(actor=actor, record=record, at=at)
    audit.record(
        f"{what}.withdrawal_asked",
        actor=actor,
        at=at,
        subject=record,
        school=record.school,
        reason=reason,
        changes={"readers": len(readers), "files": files},
    )
    return withdrawal


@transaction.atomic
def confirm_withdrawal(*, actor: User, withdrawal: RecordWithdrawal, at: dt.datetime) -> RecordWithdrawal:
    """The other of the two confirms. Where the record is the current final version, the note or commentary is withdrawn.

    Its text and PDF, and those of the releases that led to it, go under seal.
    """
    record = withdrawal.of
    _check_other(actor, withdrawal, at)
    about = record.about
    if record.version == about.final_version and not about.is_final_withdrawn:
        if about.state == "final":
            workflow_of(about).move(actor, about, "withdraw", at.date(), is_final_withdrawn=True, state_reason=withdrawal.reason)
        else:  # an amendment is being written: it goes on, over a withdrawn version
            type(about)._base_manager.filter(pk=about.pk).update(is_final_withdrawn=True)
    _settle(withdrawal, WithdrawalState.CONFIRMED, actor, at)
    unindex_record(record)
    retention.seal(seals.KIND, [one.public_id for one in of_withdrawal(record)], reason=f"Withdrawal of {record.public_id}")
    audit.record(f"{what_is(record)}.withdrawn", actor=actor, at=at, subject=record, school=record.school, reason=withdrawal.reason)
    return withdrawal


@transaction.atomic
def refuse_withdrawal(*, actor: User, withdrawal: RecordWithdrawal, at: dt.datetime) -> RecordWithdrawal:
    """The other of the two refuses: the record is readable again."""
    _check_other(actor, withdrawal, at)
    _settle(withdrawal, WithdrawalState.REFUSED, actor, at)
    Incident.objects.filter(withdrawal=withdrawal, closed_at=None).update(
        closed_at=at, closed_by=actor, outcome="The withdrawal was refused: the record is readable again."
    )
    record = withdrawal.of
    audit.record(f"{what_is(record)}.withdrawal_refused", actor=actor, at=at, subject=record, school=record.school)
    return withdrawal


def _check_other(actor: User, withdrawal: RecordWithdrawal, at: dt.datetime) -> None:
    about = withdrawal.of.about
    require(actor, P.RECORD_WITHDRAW, about, on=at.date())
    if withdrawal.asked_by_id == actor.pk:
        raise Refused("One asks and the other confirms: somebody else decides on what you asked for.")
    asked_as = {role.hat for role in withdrawal.asked_by.hats.roles if role.authority_id == about.authority_id}
    decides_as = {role.hat for role in actor.hats.roles if role.authority_id == about.authority_id}
    pair = {Hat.SIP_MANAGER, Hat.DATA_PROTECTION_OFFICER}
    if not any(
        a in asked_as and b in decides_as
        for a, b in ((Hat.SIP_MANAGER, Hat.DATA_PROTECTION_OFFICER), (Hat.DATA_PROTECTION_OFFICER, Hat.SIP_MANAGER))
    ):
        missing = " and the ".join(HAT_NAMES[hat] for hat in sorted(pair))
        raise Refused(f"It takes the {missing}: one asks, the other confirms.")


def _settle(withdrawal: RecordWithdrawal, state: str, actor: User, at: dt.datetime) -> None:
    settled = RecordWithdrawal.objects.filter(pk=withdrawal.pk, state=WithdrawalState.ASKED).update(
        state=state, decided_by=actor, decided_at=at
    )
    if settled != 1:
        raise Conflict("This has been decided already.")
    withdrawal.refresh_from_db()
