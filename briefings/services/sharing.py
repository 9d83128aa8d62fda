"""What the SIPs bring: questions that worked (P18), practice elsewhere (S2), what they would like to see (P32)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import IntegrityError, transaction

from core import audit
from core.access import Conflict, Refused, require
from people.models import Authority, User
from people.packs import require_pack
from people.roles import Permission as P
from targets.pack import measures_of
from visits.questions import questions_of, whole_bank

from ..indexing import index_practice
from ..models import Practice, QuestionMark, QuestionOffer, Suggestion
from ..workflow import OFFER_WORKFLOW, SUGGESTION_WORKFLOW

# ---------------------------------------------------------------- questions


@transaction.atomic
def offer_question(
    *,
    actor: User,
    authority: Authority,
    theme: str,
    text: str,
    phase_groups: Sequence[str] = (),
    follow_up: str = "",
    why: str = "",
    at: dt.datetime,
) -> QuestionOffer:
    """Offer a question to the bank; it stands there once a manager has accepted it."""
    require(actor, P.QUESTION_OFFER, authority, on=at.date())
    content = require_pack(authority, at.date()).content
    if theme not in questions_of(content).sections:
        raise Refused("Choose what it is about.", field="theme")
    if set(phase_groups) - set(measures_of(content).phase_groups):
        raise Refused("Choose the schools that it is for.", field="phase_groups")
    if not text.strip():
        raise Refused("Enter the question.", field="text")
    if not text.strip().endswith("?"):
        raise Refused("Put it as a question: it ends with a question mark.", field="text")
    offer = QuestionOffer.objects.create(
        authority=authority,
        theme=theme,
        phase_groups=list(phase_groups),
        text=text.strip(),
        follow_up=follow_up.strip(),
        why=why.strip(),
        offered_by=actor,
        offered_at=at,
    )
    changes = {"theme": theme, "text": audit.content(text)}
    audit.record("question.offered", actor=actor, at=at, subject=offer, authority=authority, changes=changes)
    return offer


@transaction.atomic
def decide_question(*, actor: User, offer: QuestionOffer, accept: bool, answer: str = "", at: dt.datetime) -> QuestionOffer:
    """Take a question into the bank, or say why not."""
    if not accept and not answer.strip():
        raise Refused("Say why it is not taken up: whoever offered it sees the answer.", field="answer")
    values = {"answer": answer.strip(), "decided_by": actor, "decided_at": at}
    OFFER_WORKFLOW.move(actor, offer, "accept" if accept else "decline", at.date(), **values)
    changes = {"accepted": accept, "answer": audit.content(answer)}
    audit.record("question.decided", actor=actor, at=at, subject=offer, authority=offer.authority, changes=changes)
    return offer


@transaction.atomic
def mark_question(*, actor: User, authority: Authority, code: str, at: dt.datetime) -> QuestionMark:
    """Say that a question of the bank worked. Once each; nothing is kept of where."""
    require(actor, P.QUESTION_OFFER, authority, on=at.date())
    if all(question.code != code for question in whole_bank(require_pack(authority, at.date())).questions):
        raise Refused("This question is no longer in the bank.")
    try:
        with transaction.atomic():
            mark = QuestionMark.objects.create(authority=authority, code=code, user=actor, at=at)
    except IntegrityError:
        raise Conflict("You have said so already.") from None
    audit.record("question.marked", actor=actor, at=at, subject=mark, authority=authority)
    return mark


@transaction.atomic
def unmark_question(*, actor: User, authority: Authority, code: str, at: dt.datetime) -> None:
    """Take one's own mark back."""
    require(actor, P.QUESTION_OFFER, authority, on=at.date())
    mark = QuestionMark.objects.filter(authority=authority, code=code, user=actor).first()
    if mark is None:
        raise Conflict("It is not marked.")
    audit.record("question.unmarked", actor=actor, at=at, subject=mark, authority=authority)
    mark.delete()


# ---------------------------------------------------------------- practice elsewhere


@transaction.atomic
def record_practice(
    *,
    actor: User,
    authority: Authority,
    place: str,
    title: str,
    what: str,
    source: str,
    contact: str = "",
    practice: Practice | None = None,
    at: dt.datetime,
) -> Practice:
    """Record what another authority does well, or correct it (``practice``)."""
    require(actor, P.PRACTICE_RECORD, practice or authority, on=at.date())
    for name, value, says in (
        ("place", place, "Enter the authority"),
        ("title", title, "Enter what it is, in a line"),
        ("what", what, "Say what they do"),
        ("source", source, "Give the source: who reads it wants to check it"),
    ):
        if not value.strip():
            raise Refused(f"{says}.", field=name)
    row = practice or Practice(authority=authority, recorded_by=actor, recorded_at=at)
    if row.withdrawn_on is not None:
        raise Refused("It was withdrawn.")
    row.place, row.title, row.what, row.source, row.contact = (text.strip() for text in (place, title, what, source, contact))
    row.save()
    index_practice(row)
    event = "practice.changed" if practice is not None else "practice.recorded"
    audit.record(event, actor=actor, at=at, subject=row, authority=row.authority, changes={"place": row.place, "what": audit.content(what)})
    return row


@transaction.atomic
def withdraw_practice(*, actor: User, practice: Practice, at: dt.datetime) -> Practice:
    """Take it off the list: it no longer holds, or its source is gone."""
    require(actor, P.PRACTICE_RECORD, practice, on=at.date())
    if Practice.objects.filter(pk=practice.pk, withdrawn_on__isnull=True).update(withdrawn_on=at.date()) != 1:
        raise Conflict("It was withdrawn already.")
    practice.withdrawn_on = at.date()
    index_practice(practice)
    audit.record("practice.withdrawn", actor=actor, at=at, subject=practice, authority=practice.authority)
    return practice


# ---------------------------------------------------------------- suggestions


@transaction.atomic
def make_suggestion(*, actor: User, authority: Authority, text: str, at: dt.datetime) -> Suggestion:
    """Tell the library's keepers what one would like to see in it (P32)."""
    require(actor, P.SUGGESTION_MAKE, authority, on=at.date())
    if not text.strip():
        raise Refused("Say what you would like to see.", field="text")
    row = Suggestion.objects.create(authority=authority, text=text.strip(), made_by=actor, made_at=at)
    audit.record("suggestion.made", actor=actor, at=at, subject=row, authority=authority, changes={"text": audit.content(text)})
    return row


@transaction.atomic
def answer_suggestion(*, actor: User, suggestion: Suggestion, answer: str, at: dt.datetime) -> Suggestion:
    if not answer.strip():
        raise Refused("Write the answer: whoever suggested it reads it.", field="answer")
    SUGGESTION_WORKFLOW.move(actor, suggestion, "answer", at.date(), answer=answer.strip(), answered_by=actor, answered_at=at)
    changes = {"answer": audit.content(answer)}
    audit.record("suggestion.answered", actor=actor, at=at, subject=suggestion, authority=suggestion.authority, changes=changes)
    return suggestion
