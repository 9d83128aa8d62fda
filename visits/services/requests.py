"""Requests for information: recorded, searched, decided passage by passage, read by a second person, sent (domain.md §10)."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.db.models import F

from core import audit, canonical, files
from core.access import Conflict, Refused, require, same_authority
from people.models import Authority, User
from people.packs import AuthorityPack, require_pack
from people.roles import Hat
from people.roles import Permission as P
from people.selectors import holders_of
from schools.models import School

from ..choices import REQUEST_OPEN
from ..held import HELD, HeldFile, Text, in_place
from ..models import InformationRequest, RedactedCopy, RequestItem, RequestSearch
from ..redaction import PassageGone, Redacted, all_words, marked_words, passages_of, redact, remains, unicode_of
from ..request_pack import RequestKind, RequestsPart, requests_of
from ..workflow import REQUEST_WORKFLOW


@dataclass(frozen=True)
class RequestWords:
    """A request as it came. ``kind`` is a code of the pack; no school means every school of the authority."""

    kind: str
    received_on: dt.date
    asked_by: str
    asks: str
    schools: Sequence[School] = ()
    person: str = ""
    words: Sequence[str] = field(default_factory=tuple)
    since: dt.date | None = None
    until: dt.date | None = None


def months_after(on: dt.date, months: int) -> dt.date:
    """The same day so many months on; where that month is shorter, its last."""
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    return dt.date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))


def due_on(pack: AuthorityPack, kind: RequestKind, received_on: dt.date) -> dt.date:
    """By the clock of the kind: statutory working days after the day of receipt, or months of the calendar."""
    length = pack.whole(kind.setting)
    return pack.statutory_days.add(received_on, length) if kind.clock == "statutory" else months_after(received_on, length)


def part_of(request: InformationRequest) -> RequestsPart:
    return requests_of(require_pack(request.authority, request.received_on).content)


def _event(name: str, actor: User, request: InformationRequest, at: dt.datetime, **values: object) -> None:
    audit.record(name, actor=actor, at=at, subject=request, authority=request.authority, **values)  # type: ignore[arg-type]


@transaction.atomic
def open_request(*, actor: User, authority: Authority, words: RequestWords, at: dt.datetime) -> InformationRequest:
    """Record a request as it came. It names a school, a person or words: what is not bounded by any is not searched."""
    require(actor, P.REQUEST_HANDLE, authority, on=at.date())
    pack = require_pack(authority, words.received_on)
    part = requests_of(pack.content)
    if words.kind not in {kind.code for kind in part.kinds}:
        raise Refused("Choose what is asked for.", field="kind")
    if not words.asked_by.strip():
        raise Refused("Say who asks.", field="asked_by")
    if not words.asks.strip():
        raise Refused("Copy what is asked.", field="asks")
    if words.received_on > at.date():
        raise Refused("It cannot have come in the future.", field="received_on")
    if words.since and words.until and words.until < words.since:
        raise Refused("The last day is before the first.", field="until")
    if not (words.schools or words.person.strip() or words.words):
        raise Refused("Name a school, a person or words to look for.", field="words")
    if any(school.pk in actor.hats.walled for school in words.schools):
        raise Refused("You are walled from one of these schools: another officer answers this.", field="schools")
    if words.schools:
        same_authority(authority, *words.schools)
    kind = part.kind(words.kind)
    number = InformationRequest.objects.filter(authority=authority, received_on__year=words.received_on.year).count() + 1
    request = InformationRequest.objects.create(
        authority=authority,
        reference=f"R{words.received_on.year}/{number:03}",
        kind=kind.code,
        kind_label=kind.label,
        received_on=words.received_on,
        due_on=due_on(pack, kind, words.received_on),
        asked_by=words.asked_by.strip()[:200],
        asks=words.asks.strip(),
        person=words.person.strip()[:200],
        words=[word.strip() for word in words.words if word.strip()],
        since=words.since,
        until=words.until,
        created_at=at,
        created_by=actor,
    )
    request.schools.set(words.schools)
    _event(
        "request.received",
        actor,
        request,
        at,
        changes={"kind": kind.code, "due": request.due_on.isoformat(), "asks": audit.content(request.asks)},
    )
    return request


@transaction.atomic
def clarify_request(*, actor: User, request: InformationRequest, at: dt.datetime) -> InformationRequest:
    """The asker is asked to say more: meanwhile no time runs."""
    REQUEST_WORKFLOW.move(actor, request, "clarify", at.date(), waiting_since=at.date())
    _event("request.clarified", actor, request, at)
    return request


@transaction.atomic
def resume_request(*, actor: User, request: InformationRequest, words: Sequence[str] = (), at: dt.datetime) -> InformationRequest:
    """The asker has said more, and the search begins. On the statutory clock the time begins anew that day (FOIA 2000
    s.10(6)); of a person's own data it goes on after the days of waiting."""
    kind = part_of(request).kind(request.kind)
    pack = require_pack(request.authority, request.received_on)
    waited = at.date() - (request.waiting_since or at.date())
    due = due_on(pack, kind, at.date()) if kind.clock == "statutory" else request.due_on + waited
    more = list(dict.fromkeys([*request.words, *(word.strip() for word in words if word.strip())]))
    REQUEST_WORKFLOW.move(actor, request, "resume", at.date(), due_on=due, waiting_since=None, words=more)
    _event("request.resumed", actor, request, at, changes={"due": due.isoformat()})
    return request


@transaction.atomic
def search_for_request(*, actor: User, request: InformationRequest, at: dt.datetime) -> InformationRequest:
    """Begin the search, or take it up again."""
    REQUEST_WORKFLOW.move(actor, request, "search", at.date())
    _event("request.searching", actor, request, at)
    return request


@transaction.atomic
def note_place(
    *, actor: User, request: InformationRequest, place: str, found: str, take: Iterable[tuple[str, str]] = (), at: dt.datetime
) -> list[RequestItem]:
    """That a place was searched and what was found; ``take``, of what the request covers there, becomes what is decided on.

    From then until the request is closed its data protection officer reads those rows; nothing else is opened by it.
    """
    REQUEST_WORKFLOW.move(actor, request, "note_place", at.date())
    part = part_of(request)
    if place not in {word.code for word in part.places}:
        raise Refused("There is no such place to search.")
    if not found.strip():
        raise Refused("Say what was found, or that nothing was.", field="found")
    covered = {(row.kind, row.subject_id): row for row in in_place(request, place, actor.hats.walled)}
    wanted = dict.fromkeys(take)
    if any(key not in covered for key in wanted):
        raise Refused("The request does not cover one of these rows any more. Look at the list again.")
    RequestSearch.objects.update_or_create(
        request=request, place=place, defaults={"found": found.strip(), "by": actor, "by_name": actor.name, "at": at}
    )
    made = []
    have = set(request.items.values_list("kind", "subject_id"))
    for key in wanted:
        row = covered[key]
        if key not in have:
            made.append(
                RequestItem.objects.create(
                    request=request,
                    kind=row.kind,
                    subject_id=row.subject_id,
                    label=row.label[:240],
                    school_id=row.school_id,
                    on=row.on,
                    added_by=actor,
                    added_at=at,
                )
            )
    _event("request.searched", actor, request, at, changes={"place": place, "taken": len(made), "found": audit.content(found)})
    return made


@transaction.atomic
def decide_on_request(*, actor: User, request: InformationRequest, at: dt.datetime) -> InformationRequest:
    """Everything has been searched: drafts, comments, alerts, feedback and the audit are held information too."""
    searched = set(request.searches.values_list("place", flat=True))
    missing = [place.label.lower() for place in part_of(request).places if place.code not in searched]
    if missing:
        raise Refused(f"Not searched yet: {', '.join(missing)}.")
    REQUEST_WORKFLOW.move(actor, request, "decide", at.date())
    _event("request.deciding", actor, request, at)
    return request


# ---------------------------------------------------------------- what was found


def text_of(item: RequestItem, actor: User, at: dt.datetime) -> Text:
    """The whole text, as whoever answers the request reads it."""
    text: Text = unicode_of(HELD[item.kind].text(item, actor, at))
    return text


def _is_walled(item: RequestItem, walled: frozenset[int]) -> bool:
    """Whether the reader's wall hides it; what has no one school of its own (a rating of a group's note) is asked as the search does."""
    if item.school_id is not None or not walled:
        return item.school_id in walled

    def is_among(hidden: frozenset[int]) -> bool:
        return any(row.subject_id == item.subject_id for row in HELD[item.kind].rows(item.request, hidden))

    return is_among(frozenset()) and not is_among(walled)


@transaction.atomic
def read_request_item(*, actor: User, item: RequestItem, at: dt.datetime) -> Text:
    """Read what was found: only under an open request, and every day's reading is in the audit."""
    request = item.request
    require(actor, P.REQUEST_HANDLE, request, on=at.date())
    if request.state not in REQUEST_OPEN:
        raise Refused("The request is closed: what was found for it can no longer be read here.")
    if _is_walled(item, actor.hats.walled):
        raise Refused("You are walled from this school.")
    today = at.replace(hour=0, minute=0, second=0, microsecond=0)
    seen = audit.AuditEvent.objects.about("requestitem", item.public_id).filter(
        event="request.item_read", actor_id=actor.public_id, occurred_at__gte=today
    )
    if not seen.exists():
        audit.record(
            "request.item_read",
            actor=actor,
            at=at,
            subject=item,
            authority=request.authority,
            school=item.school,
            reason=f"Request {request.reference}",
            changes={"kind": item.kind, "of": item.subject_id},
        )
    return text_of(item, actor, at)


@transaction.atomic
def take_request_file(*, actor: User, item: RequestItem, at: dt.datetime) -> HeldFile:
    """The file itself, for what the portal cannot read of it: refused and noted down as a reading of it is."""
    read_request_item(actor=actor, item=item, at=at)
    hand_out = HELD[item.kind].file
    if hand_out is None:
        raise Refused("There is no file of it.")
    audit.record(
        "request.file_taken", actor=actor, at=at, subject=item, authority=item.request.authority, reason=f"Request {item.request.reference}"
    )
    return hand_out(item)


@transaction.atomic
def mark_passages(
    *, actor: User, item: RequestItem, passages: Mapping[str, str], names: Sequence[tuple[str, str]], revision: int, at: dt.datetime
) -> RequestItem:
    """What its copy leaves out: ``passages`` maps a path to an exemption; ``names`` are words, each with one, wherever they stand."""
    request = item.request
    REQUEST_WORKFLOW.move(actor, request, "mark", at.date())
    allowed = {exemption.code for exemption in part_of(request).exemptions_for(request.kind)}
    used = {*passages.values(), *(code for _, code in names)}
    if used - allowed:
        raise Refused("Choose an exemption that the kind of request knows for everything that is removed.")
    known = {passage.path: passage for passage in passages_of(text_of(item, actor, at))}
    if any(path not in known for path in passages):
        raise Conflict("The text has changed since the page was opened. Nothing was marked; look at it again.")
    if any(len(text.strip()) < 2 for text, _ in names):
        raise Refused("A name or word to remove has at least two characters.", field="names")
    marked = RequestItem.objects.filter(pk=item.pk, revision=revision).update(
        passages=[{"path": path, "digest": known[path].digest, "exemption": code} for path, code in passages.items()],
        names=[{"text": " ".join(text.split()), "exemption": code} for text, code in names],
        revision=F("revision") + 1,
    )
    if marked != 1:
        raise Conflict("Somebody else marked passages a moment ago. Nothing that you sent was kept; look at it again.")
    item.refresh_from_db()
    _event("request.marked", actor, request, at, changes={"item": item.public_id, "passages": len(passages), "names": len(names)})
    return item


@transaction.atomic
def decide_item(*, actor: User, item: RequestItem, decision: str, exemption: str = "", reason: str = "", at: dt.datetime) -> RequestItem:
    """Release, release with passages removed, or withhold; what is kept back names its exemption."""
    request = item.request
    part = part_of(request)
    chosen = next((one for one in part.decisions if one.code == decision), None)
    if chosen is None:
        raise Refused("Choose what is done with it.", field="decision")
    if decision == "redact" and not item.removes:
        raise Refused("Mark what is removed first, then decide.", field="decision")
    if decision == "withhold" and exemption not in {one.code for one in part.exemptions_for(request.kind)}:
        raise Refused("Choose the exemption under which it is withheld.", field="exemption")
    REQUEST_WORKFLOW.move(actor, request, "mark", at.date())
    RequestItem.objects.filter(pk=item.pk).update(
        decision=decision, exemption=exemption if decision == "withhold" else "", reason=reason.strip(), decided_by=actor, decided_at=at
    )
    item.refresh_from_db()
    _event("request.item_decided", actor, request, at, changes={"item": item.public_id, "decision": decision, "exemption": item.exemption})
    return item


@dataclass(frozen=True)
class MadeCopy:
    """A copy ready to be kept: made from the item's marks at ``revision``, before the transaction that keeps it."""

    revision: int
    redacted: Redacted
    digest: str
    pdf: bytes = b""

    def with_pdf(self, pdf: bytes) -> MadeCopy:
        return replace(self, pdf=pdf)


def compose_copy(item: RequestItem, actor: User, at: dt.datetime) -> MadeCopy:
    """The text without what is marked; refused where a marked word would still stand in it. Reads only."""
    part = part_of(item.request)
    text = text_of(item, actor, at)
    short = {exemption.code: exemption.short for exemption in part.exemptions}
    try:
        redacted = redact(text, item.passages, item.names, short)
    except PassageGone:
        raise Conflict("The text has changed since its passages were marked. Look at it, and mark them again.") from None
    left = remains(all_words(redacted.payload), marked_words(text, item.passages, item.names))
    if left:
        raise Refused(f"“{left[0][:60]}” would still stand elsewhere in the copy. Add it to the names and words to remove.")
    return MadeCopy(item.revision, redacted, canonical.digest(redacted.payload))


@transaction.atomic
def keep_copy(*, actor: User, item: RequestItem, made: MadeCopy, at: dt.datetime) -> RedactedCopy:
    """Keep the redacted copy, text and PDF. The original is not changed."""
    request = item.request
    REQUEST_WORKFLOW.move(actor, request, "mark", at.date())
    if not RequestItem.objects.filter(pk=item.pk, revision=made.revision).exists():
        raise Conflict("Somebody else marked passages a moment ago. Make the copy again.")
    removed = [{"where": one.where, "exemption": one.exemption, "words": one.words} for one in made.redacted.removed]
    kept = RedactedCopy.objects.create(
        item=item,
        revision=made.revision,
        payload=canonical.canonical_json(made.redacted.payload).decode(),
        digest=made.digest,
        pdf=files.store(made.pdf, "application/pdf", at=at),
        removed=removed,
        by=actor,
        by_name=actor.name,
        at=at,
    )
    audit.record(
        "request.copy_made",
        actor=actor,
        at=at,
        subject=kept,
        authority=request.authority,
        school=item.school,
        changes={"removed": len(removed), "digest": made.digest},
    )
    return kept


# ---------------------------------------------------------------- the second reader, and the answer


@transaction.atomic
def submit_request(*, actor: User, request: InformationRequest, reviewer: User | None, at: dt.datetime) -> InformationRequest:
    """Give the answer to a second reader: another data protection officer or a SIP manager, who decided nothing of it."""
    if reviewer is None:
        raise Refused("Choose who reads it a second time.", field="reviewer")
    if reviewer.pk == actor.pk or request.items.filter(decided_by=reviewer).exists():
        raise Refused("Somebody who decided nothing of it reads it a second time.", field="reviewer")
    if reviewer not in second_readers(request, actor):
        raise Refused("A data protection officer or SIP manager of the authority reads it a second time.", field="reviewer")
    items = list(request.items.prefetch_related("copies"))
    undecided = [item for item in items if not item.decision]
    if undecided:
        raise Refused(f"Not decided yet: {undecided[0].label}" + (f", and {len(undecided) - 1} more." if len(undecided) > 1 else "."))
    for item in items:
        if item.decision == "redact" and not any(copy.revision == item.revision for copy in item.copies.all()):
            raise Refused(f"Make the redacted copy first: {item.label}.")
    REQUEST_WORKFLOW.move(actor, request, "submit", at.date(), reviewer=reviewer, approved_at=None, remark="")
    _event("request.submitted", actor, request, at, changes={"reviewer": reviewer.name, "items": len(items)})
    return request


def second_readers(request: InformationRequest, actor: User) -> list[User]:
    """Who may be asked to read an answer: by role, and never who asks."""
    readers = holders_of(request.authority, (Hat.SIP_MANAGER, Hat.DATA_PROTECTION_OFFICER), actor.hats.on)
    return [user for user in readers if user.pk != actor.pk]


@transaction.atomic
def approve_request(*, actor: User, request: InformationRequest, at: dt.datetime) -> InformationRequest:
    """The second reader agrees with what is sent and what is kept back."""
    REQUEST_WORKFLOW.move(actor, request, "approve", at.date(), approved_at=at)
    _event("request.approved", actor, request, at)
    return request


@transaction.atomic
def return_request(*, actor: User, request: InformationRequest, reason: str, at: dt.datetime) -> InformationRequest:
    """The second reader does not agree, and says why."""
    if not reason.strip():
        raise Refused("Say what is to be looked at again.", field="reason")
    REQUEST_WORKFLOW.move(actor, request, "return", at.date(), remark=reason.strip(), approved_at=None)
    _event("request.returned", actor, request, at, changes={"remark": audit.content(reason)})
    return request


@transaction.atomic
def send_request(*, actor: User, request: InformationRequest, at: dt.datetime) -> InformationRequest:
    """The answer has gone to the asker. The request is closed, and with it the reading of what was found."""
    REQUEST_WORKFLOW.move(actor, request, "send", at.date(), sent_on=at.date())
    _event("request.sent", actor, request, at, changes={"on": at.date().isoformat(), "late": request.due_on < at.date()})
    return request


@transaction.atomic
def take_back_request(*, actor: User, request: InformationRequest, reason: str, at: dt.datetime) -> InformationRequest:
    """The asker has taken it back."""
    if not reason.strip():
        raise Refused("Say how the asker took it back.", field="reason")
    REQUEST_WORKFLOW.move(actor, request, "take_back", at.date(), remark=reason.strip())
    _event("request.taken_back", actor, request, at, changes={"remark": audit.content(reason)})
    return request


@transaction.atomic
def take_copy(*, actor: User, copy: RedactedCopy, at: dt.datetime) -> bytes:
    """Hand out a redacted copy's PDF, byte for byte, and note it down."""
    request = copy.item.request
    require(actor, P.REQUEST_READ, request, on=at.date())
    audit.record("request.copy_taken", actor=actor, at=at, subject=copy, authority=request.authority, school=copy.item.school)
    return files.read(copy.pdf)
