"""What was issued of a note or an annual commentary, and which of it is withdrawn: for the pages of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .choices import RecordKind, WithdrawalState
from .models import Commentary, CommentaryRecord, Dispatched, NoteRecord, RecordWithdrawal, Withdrawable


@dataclass(frozen=True)
class Issued:
    """One final record, without its text, and the withdrawal that stands against it: asked for, or confirmed."""

    record: Withdrawable
    withdrawal: RecordWithdrawal | None

    @property
    def may_decide(self) -> bool:
        return self.withdrawal is not None and self.withdrawal.state == WithdrawalState.ASKED


def issued_of(about: Dispatched) -> list[Issued]:
    """Every final record of it, in two queries; none where no version became final."""
    if about.final_version is None:
        return []
    if isinstance(about, Commentary):
        finals: Any = CommentaryRecord.objects.filter(commentary=about)
    else:
        finals = NoteRecord.objects.filter(note=about)
    rows = finals.filter(kind=RecordKind.FINAL).defer("payload").select_related("school__authority").prefetch_related("withdrawals")
    return [
        Issued(record, next((each for each in record.withdrawals.all() if each.state != WithdrawalState.REFUSED), None)) for record in rows
    ]


def to_withdraw(about: Dispatched) -> list[Issued]:
    """Those of which the withdrawal can be asked for, or decided on."""
    return [row for row in issued_of(about) if row.withdrawal is None or row.may_decide]
