"""Feedback: asked in bulk, reminded, answered in confidence, withdrawn until the release, released once a year by the clock.

Whoever answers by the link has no account: the open form is their right (``actor`` ``None``). What they do is told in sealed
events about the authority, by day: neither the school, the SIP nor the person can be read from the audit.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from core import audit
from core.access import Conflict, Refused, require
from core.calendar import AcademicYear
from core.ids import new_token, token_digest
from core.outbox import enqueue_email
from people.models import Authority, Sip, User
from people.packs import pack_for, require_pack
from people.roles import Permission as P
from quality.choices import FeedbackState
from quality.disclosure import Atom, Group, mean_of, pool_of, whole_is_safe
from quality.models import FeedbackRelease, FeedbackRequest, FeedbackSummary
from quality.pack import Question, quality_of
from quality.selectors.feedback import answers_of, candidates, release_day, told_before
from quality.workflow import FEEDBACK_WORKFLOW

# ---------------------------------------------------------------- asking


@transaction.atomic
def ask_feedback(
    *, actor: User, authority: Authority, chosen: Collection[str], closes_on: dt.date, at: dt.datetime
) -> list[FeedbackRequest]:
    """Send the forms of this year that were chosen in the preview (keys of :class:`Candidate`), each with a link of its own."""
    on = at.date()
    require(actor, P.FEEDBACK_ASK, authority, on=on)
    pack, year = require_pack(authority, on), AcademicYear.from_date(on)
    day = release_day(pack, year)
    if not on < closes_on < day:
        raise Refused(f"The last day for answers lies after today and before the release on {day.day} {day:%B %Y}.", field="closes_on")
    wanted = [row for row in candidates(actor, authority, year, on) if row.key in chosen]
    if not wanted:
        raise Refused("Choose at least one head or chair.", field="chosen")
    if refused := next((row for row in wanted if row.why_not), None):
        raise Refused(f"{refused.school.name}, {refused.role.label}: {refused.why_not}.", field="chosen")
    rows, tokens = [], []
    for row in wanted:
        assert row.contact is not None and row.reader is not None
        tokens.append(new_token())
        rows.append(
            FeedbackRequest(
                authority=authority,
                sip=row.sip,
                school=row.school,
                role=row.role,
                academic_year=year,
                contact=row.contact,
                reader=row.reader,
                token_digest=token_digest(tokens[-1]),
                closes_on=closes_on,
                asked_at=at,
                asked_by=actor,
            )
        )
    FeedbackRequest.objects.bulk_create(rows)
    for form, token in zip(rows, tokens, strict=True):
        _write_to(form, token, at)
    changes = {"year": year.label, "forms": len(rows), "closes_on": closes_on.isoformat()}
    audit.record("feedback.asked", actor=actor, at=at, subject=authority, authority=authority, changes=changes)
    return rows


def _write_to(form: FeedbackRequest, token: str, at: dt.datetime) -> None:
    link = settings.PORTAL_URL + reverse("quality:feedback-form", args=[token])
    again = form.reminders > 0
    enqueue_email(
        dedupe_key=f"feedback:{form.public_id}:{form.reminders}",
        to_name=form.contact.name,
        to_address=form.contact.email,
        subject=f"{'Reminder: your' if again else 'Your'} view of the SIP's work with {form.school.name}",
        body=(
            f"{form.contact.name}\n\n{form.authority.name} asks every headteacher and chair of governors once a year what their SIP's work "
            f"is worth to the school.\n\nAnswer here by {form.closes_on.day} {form.closes_on:%B %Y}. The link is yours alone, and your "
            f"answers can be sent once:\n{link}\n\nThe first page says who will read them.\n"
        ),
        context_kind="feedback",
        context_reference=form.public_id,
        at=at,
    )


@transaction.atomic
def remind_feedback(*, actor: User, forms: Sequence[FeedbackRequest], at: dt.datetime) -> list[FeedbackRequest]:
    """Send each a new link; the old one ends. Those who asked not to be reminded, and forms that are closed, are left out."""
    done = []
    for form in forms:
        user = form.contact.user
        if form.state != FeedbackState.ASKED or form.closes_on < at.date() or (user is not None and not user.has_reminders):
            continue
        token = new_token()
        FEEDBACK_WORKFLOW.move(
            actor, form, "remind", at.date(), token_digest=token_digest(token), reminded_at=at, reminders=form.reminders + 1
        )
        _write_to(form, token, at)
        done.append(form)
    if not done:
        raise Refused("None of these can be reminded: they are answered, closed, or their people have switched reminders off.")
    authority = done[0].authority
    audit.record("feedback.reminded", actor=actor, at=at, subject=authority, authority=authority, changes={"forms": len(done)})
    return done


# ---------------------------------------------------------------- answering


def form_of_token(token: str) -> FeedbackRequest | None:
    """The form of a link, and while its school has that person in post; the same ``None`` for one replaced or made up."""
    return (
        FeedbackRequest.objects.filter(token_digest=token_digest(token))
        .select_related("authority", "sip__user", "school__authority", "reader", "contact__user")
        .first()
    )


def _move(actor: User | None, form: FeedbackRequest, action: str, at: dt.datetime, **values: object) -> None:
    """By an account with its permission, or by the link, which is one."""
    row = FEEDBACK_WORKFLOW.find(form, action)
    if actor is not None:
        require(actor, row.permission, form, on=at.date())
    if not form.contact.holds_on(at.date()):
        raise Refused("This form was for somebody who is no longer in post.")
    FEEDBACK_WORKFLOW.shift(form, row, **values)
    audit.record(f"feedback.{'sent' if action == 'send' else 'saved' if action == 'save' else 'withdrawn'}",
                 actor=actor, at=at, subject=form.authority, authority=form.authority)  # fmt: skip


def _checked(form: FeedbackRequest, answers: Mapping[str, int], at: dt.datetime) -> dict[str, int]:
    if form.closes_on < at.date():
        raise Refused("The last day for answers is past.")
    questions = quality_of(require_pack(form.authority, form.asked_at.date()).content).feedback
    values = {value for value, _ in questions.scale} | {0}
    known = {question.code for question in questions.rated(form.role)}
    if not set(answers) <= known or not set(answers.values()) <= values:
        raise Refused("One of the answers is not on the form.")
    return dict(answers)


@transaction.atomic
def save_feedback(
    *, actor: User | None, form: FeedbackRequest, answers: Mapping[str, int], comment: str, at: dt.datetime
) -> FeedbackRequest:
    """Keep what has been answered so far; nobody reads it until it is sent."""
    _move(actor, form, "save", at, answers=_checked(form, answers, at), comment=comment.strip())
    return form


@transaction.atomic
def send_feedback(
    *, actor: User | None, form: FeedbackRequest, answers: Mapping[str, int], comment: str, at: dt.datetime
) -> FeedbackRequest:
    """Send it, once: from now the link opens nothing but the way to withdraw."""
    checked = _checked(form, answers, at)
    if not checked and not comment.strip():
        raise Refused("Answer at least one question, or write a comment.")
    _move(actor, form, "send", at, answers=checked, comment=comment.strip())
    return form


@transaction.atomic
def withdraw_feedback(*, actor: User | None, form: FeedbackRequest, at: dt.datetime) -> FeedbackRequest:
    """Take it back, until the release: the answers are gone, and no other form comes this year."""
    if FeedbackRelease.objects.filter(authority=form.authority, academic_year=form.academic_year).exists():
        raise Refused("The feedback of this year is released, so nothing can be taken out of it.")
    _move(actor, form, "withdraw", at, answers={}, comment="")
    return form


# ---------------------------------------------------------------- reading, and the release


@transaction.atomic
def note_feedback_read(*, actor: User, sip: Sip, year: AcademicYear, at: dt.datetime) -> None:
    """That the reviewer has opened the answers: once a day in the audit."""
    require(actor, P.FEEDBACK_READ, sip, on=at.date())
    audit.record("feedback.read", actor=actor, at=at, subject=sip, authority=sip.authority, changes={"year": year.label})


@transaction.atomic
def summarise_feedback(*, actor: User, sip: Sip, year: AcademicYear, text: str, at: dt.datetime) -> FeedbackSummary:
    """The reviewer's own summary of comments. Released from enough schools only; refused once the year is."""
    require(actor, P.FEEDBACK_READ, sip, on=at.date())
    if not text.strip():
        raise Refused("Write the summary.", field="text")
    if FeedbackRelease.objects.filter(sip=sip, academic_year=year).exists():
        raise Conflict("The feedback of this year is released.")
    row, _ = FeedbackSummary.objects.update_or_create(sip=sip, academic_year=year, defaults={"text": text.strip(), "by": actor, "at": at})
    audit.record("feedback.summarised", actor=actor, at=at, subject=sip, authority=sip.authority, changes={"text": audit.content(text)})
    return row


def release_due_feedback(*, at: dt.datetime) -> int:
    """What the clock does by itself on the day: every authority whose day has come, once a year."""
    done = 0
    for authority in Authority.objects.all():
        pack = pack_for(authority, at.date())
        year = AcademicYear.from_date(at.date())
        if pack is not None and at.date() >= release_day(pack, year):
            done += bool(release_feedback(actor=None, authority=authority, year=year, at=at))
    return done


@transaction.atomic
def release_feedback(*, actor: None, authority: Authority, year: AcademicYear, at: dt.datetime) -> list[FeedbackRelease]:
    """Release a year: to each SIP who was asked about, and of the authority as a whole. By the clock alone, so that nobody
    chooses the day or decides on themselves; a second run finds it done."""
    pack = require_pack(authority, at.date())
    if at.date() < (day := release_day(pack, year)):
        raise Refused(f"The feedback of {year.label} is released on {day.day} {day:%B %Y}.")
    forms = list(
        FeedbackRequest.objects.filter(authority=authority, academic_year=year).values_list(
            "sip_id", "school_id", "role", "state", "comment"
        )
    )
    earlier = list(FeedbackRelease.objects.filter(authority=authority))
    if not forms or any(release.academic_year == year for release in earlier):
        return []
    least, commented = pack.whole("feedback_schools"), pack.whole("feedback_comment_schools")
    form = quality_of(pack.content).feedback
    values: dict[str, dict[Atom, int]] = defaultdict(dict)
    for answer in answers_of(authority, year):
        values[answer.code][answer.atom] = answer.value
    told = told_before(earlier)
    summaries = {row.sip_id: row.text for row in FeedbackSummary.objects.filter(sip__authority=authority, academic_year=year)}
    asked = {sip: sum(1 for row in forms if row[0] == sip) for sip in sorted({row[0] for row in forms})}
    questions = [(role, question) for role in ("head", "chair") for question in form.rated(role)]
    groups: dict[tuple[int, str], list[Group]] = defaultdict(list)
    """(SIP, question) → what was told of it, a set of answers each time."""
    for (sip_id, code), runs in told.items():
        if sip_id is not None:
            groups[sip_id, code] = [frozenset(atom for atom in values[code] if atom.sip == sip_id and atom.year in years) for years in runs]
    released = []
    for sip, count in asked.items():
        roles = {row[2] for row in forms if row[0] == sip}
        figures = []
        for role, question in questions:
            if role not in roles:
                continue
            mine = {atom: value for atom, value in values[question.code].items() if atom.sip == sip}
            pool = pool_of(mine, year.first, groups[sip, question.code], least) or frozenset()
            if pool:
                groups[sip, question.code].append(pool)
            figures.append(_figure(role, question, [mine[atom] for atom in pool], sorted({atom.year for atom in pool})))
        wrote = {row[1] for row in forms if row[0] == sip and row[4]}
        summary = summaries.get(sip, "") if len(wrote) >= commented else ""
        released.append(
            FeedbackRelease(
                authority=authority, sip_id=sip, academic_year=year, asked=count, figures=figures, summary=summary, released_at=at
            )
        )
    sent = [row for row in forms if row[3] == FeedbackState.SENT]
    released.append(
        FeedbackRelease(
            authority=authority,
            academic_year=year,
            asked=len(forms),
            answered=len(sent) if len({row[1] for row in sent}) >= least else None,
            figures=_whole(questions, year.first, values, groups, told, least),
            released_at=at,
        )
    )
    FeedbackRelease.objects.bulk_create(released)
    changes = {"year": year.label, "sips": len(asked), "forms": len(forms)}
    audit.record("feedback.released", actor=None, at=at, subject=authority, authority=authority, changes=changes)
    return released


def _figure(role: str, question: Question, values: Sequence[int], years: Sequence[int]) -> dict[str, object]:
    mean = mean_of(values) if values else None
    return {"role": role, "code": question.code, "text": question.text, "mean": mean, "years": list(years)}


def _whole(
    questions: Sequence[tuple[str, Question]],
    year: int,
    values: Mapping[str, Mapping[Atom, int]],
    groups: Mapping[tuple[int, str], Sequence[Group]],
    told: Mapping[tuple[int | None, str], Sequence[tuple[int, ...]]],
    least: int,
) -> list[dict[str, object]]:
    """The authority's own figures, each only as far as it gives away nothing beside what SIPs were told."""
    figures = []
    for role, question in questions:
        by_year: dict[int, Group] = {}
        for atom in values[question.code]:
            by_year[atom.year] = by_year.get(atom.year, frozenset()) | {atom}
        parts = [group for (_, code), found in groups.items() if code == question.code for group in found]
        before = {years[0] for years in told.get((None, question.code), ())}
        is_safe = whole_is_safe(by_year, year, parts, before, least)
        found = [values[question.code][atom] for atom in sorted(by_year.get(year, ()))] if is_safe else []
        figures.append(_figure(role, question, found, [year] if found else []))
    return figures
