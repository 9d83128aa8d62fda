"""From suggestion to publication (domain.md §6): suggested, proposed, represented, decided, told, published, reviewed once."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum

from core import audit, files
from core.access import Conflict, Refused, require, same_authority
from core.calendar import AcademicYear
from core.outbox import enqueue_email
from core.spans import on_day
from people.models import Authority, User
from people.packs import require_pack
from people.roles import HAT_NAMES, Hat
from people.roles import Permission as P
from schools import services as schools
from schools.choices import AssignmentKind, DaysKind, DaysSource
from schools.models import Assignment, DaysEntry, School
from support.choices import CaseState
from support.drafts import compiled
from support.evaluation import Way, evaluate
from support.models import CategoryCase, Dissent, Panel, PanelMember, Representation, SchoolCategory
from support.pack import Scheme, support_of
from support.scope import assessed_by
from support.selectors import contacts_told, scheme_in_force
from support.wording import reasons, why_person
from support.workflow import CASE_WORKFLOW
from targets.wording import FactWords

OPEN = (CaseState.SUGGESTED, CaseState.PROPOSED)


def _event(
    code: str, actor: User | None, case: CategoryCase, at: dt.datetime, changes: dict[str, Any] | None = None, reason: str = ""
) -> None:
    audit.record(code, actor=actor, at=at, subject=case, school=case.school, changes=changes or {}, reason=reason)


def in_words(number: int) -> str:
    return {1: "one", 2: "two", 3: "three", 4: "four", 5: "five"}.get(number, str(number))


# ---------------------------------------------------------------- suggested and proposed


@transaction.atomic
def suggest_categories(*, actor: User, authority: Authority, at: dt.datetime) -> list[CategoryCase]:
    """Ask the criteria in force of all schools, and open (or bring up to date) a case where the answer is not the present level."""
    on = at.date()
    require(actor, P.CATEGORY_MANAGE, authority, on=on)
    pack = require_pack(authority, on)
    scheme, words = scheme_in_force(pack, on), FactWords(pack.content)
    mine = assessed_by(actor, P.CATEGORY_MANAGE).open_on(on).filter(authority=authority)
    schools = list(mine.select_related("authority").order_by("name", "urn"))
    rows = [(school.pk, school.phase) for school in schools]
    (evaluation,) = evaluate([compiled(scheme, pack)], mine, on=on, pack=pack, rows=rows)
    now = {row.school_id: row for row in SchoolCategory.objects.filter(on_day(on), school__in=mine)}
    held = {case.school_id: case for case in CategoryCase.objects.exclude(state=CaseState.PUBLISHED).filter(school__in=mine)}
    fresh: list[CategoryCase] = []
    changed: list[CategoryCase] = []
    for school in schools:
        verdict, case = evaluation.verdict(school.pk), held.get(school.pk)
        present = now.get(school.pk)
        is_news = verdict.way != Way.OUTSIDE and (present is None or verdict.key != present.category)
        if (case is None and not is_news) or (case is not None and case.state not in OPEN) or verdict.way == Way.OUTSIDE:
            continue
        case = case or CategoryCase(authority=authority, school=school, opened_at=at)
        told = evaluation.explain(school.pk)
        case.scheme, case.scheme_label = scheme.code, scheme.label
        case.suggested, case.suggested_label, case.suggested_rank = verdict.key, verdict.label, verdict.rank
        case.suggested_at = at
        case.reasons = [
            {"rule": reason.rule, "figure": reason.figure, "source": reason.source, "is_unknown": reason.is_unknown}
            for reason in reasons(words, told)
        ]
        case.left_out = [f"{words.label(code)}: {value.why or 'does not apply'}" for code, value in told.left_out.items()]
        case.why_person = why_person(words, told, scheme.minimum_facts)
        (changed if case.pk else fresh).append(case)
    CategoryCase.objects.bulk_create(fresh)
    fields = [
        "scheme",
        "scheme_label",
        "suggested",
        "suggested_label",
        "suggested_rank",
        "suggested_at",
        "reasons",
        "left_out",
        "why_person",
    ]
    CategoryCase.objects.bulk_update(changed, fields)
    changes = {"scheme": scheme.code, "opened": len(fresh), "brought_up_to_date": len(changed)}
    audit.record("category.suggested", actor=actor, at=at, subject=authority, authority=authority, changes=changes)
    return fresh + changed


@transaction.atomic
def take_proposal(
    *, actor: User, school: School, category: str, label: str, words: str, by: str, on: dt.date, reference: str, at: dt.datetime
) -> CategoryCase | None:
    """The SIP's proposal of a note that became final: it stands in the school's case, decided by the panel. A case that is
    decided already takes none."""
    require(actor, P.SCHOOL_VIEW, school, on=at.date())
    pack = require_pack(school.authority, at.date())
    scheme = scheme_in_force(pack, at.date())
    rank = next((level.rank for level in scheme.levels if level.code == category), 0)
    case = CategoryCase.objects.exclude(state=CaseState.PUBLISHED).filter(school=school).select_related("school__authority").first()
    if case is None:
        case = CategoryCase.objects.create(
            authority=school.authority, school=school, opened_at=at, scheme=scheme.code, scheme_label=scheme.label
        )
    elif case.state not in OPEN:
        return None
    CASE_WORKFLOW.move(
        actor, case, "propose", at.date(), proposed=category, proposed_label=label, proposed_rank=rank, proposed_by=by, proposed_on=on,
        proposal_note=reference, proposal_words=words,
    )  # fmt: skip
    _event("category.proposed", actor, case, at, {"category": category, "note": reference})
    return case


# ---------------------------------------------------------------- the panel


@transaction.atomic
def call_panel(*, actor: User, authority: Authority, on: dt.date, place: str = "", members: Sequence[User], at: dt.datetime) -> Panel:
    """A panel of at least two, on a day (support.toml: decided by manager and officers)."""
    require(actor, P.CATEGORY_MANAGE, authority, on=at.date())
    if on < at.date():
        raise Refused("Choose a day that is still to come.", field="on")
    pack = require_pack(authority, at.date())
    least = support_of(pack.content).panel_members_least
    if len({member.pk for member in members}) < least:
        raise Refused(f"A panel has at least {in_words(least)} members.", field="members")
    if not pack.office_days.is_day(on):
        raise Refused("The authority’s offices are closed on that day. Choose a working day.", field="on")
    if Panel.objects.filter(authority=authority, on=on).exists():
        raise Refused("There is a panel on that day already.", field="on")
    panel = Panel.objects.create(authority=authority, on=on, place=place.strip(), created_by=actor, created_at=at)
    PanelMember.objects.bulk_create(PanelMember(panel=panel, user=member) for member in members)
    changes = {"on": on.isoformat(), "members": [member.name for member in members]}
    audit.record("panel.called", actor=actor, at=at, subject=panel, authority=authority, changes=changes)
    return panel


@transaction.atomic
def put_on_agenda(*, actor: User, panel: Panel, cases: Sequence[CategoryCase], at: dt.datetime) -> Panel:
    """Put schools on a panel's agenda and tell each head and chair, so that the school can answer before it decides."""
    on = at.date()
    if panel.is_held:
        raise Refused("That panel has been held.")
    pack = require_pack(panel.authority, on)
    answer_from = pack.school_days.add(panel.on, -pack.whole("representation_school_days"))
    for case in cases:
        same_authority(panel, case)
        CASE_WORKFLOW.move(actor, case, "place", on, panel=panel, told_on=on, answer_from=answer_from)
        link = settings.PORTAL_URL + case.get_absolute_url()
        _tell(case, "agenda", f"{case.school.name}: a panel on {panel.on.day} {panel.on:%B %Y}", AGENDA.format(link=link), on, at)
        _event("category.on_agenda", actor, case, at, {"panel": panel.on.isoformat(), "told_by": answer_from.isoformat()})
    return panel


AGENDA = """A panel of the authority will decide on the level of support for your school.

What is suggested, and why, and how you can answer before the panel, is in the portal:

{link}
"""
REVIEWED = """The authority has answered your request for a review of the level of support. The answer is in the portal:

{link}
"""
DECIDED = """The authority has decided on the level of support for your school. The letter is in the portal:

{link}
"""


def _tell(case: CategoryCase, what: str, subject: str, body: str, on: dt.date, at: dt.datetime) -> list[str]:
    """Head and chair, by an email with a link and no content. Answers who was told."""
    told = []
    for contact in contacts_told(case.school, on):
        email = contact.email or (contact.user.email if contact.user else "")
        if email:
            enqueue_email(
                dedupe_key=f"category.{what}:{case.public_id}:{case.panel_id}:{contact.pk}", to_name=contact.name, to_address=email,
                subject=subject, body=f"Dear {contact.name}\n\n{body}", context_kind="category", context_reference=case.public_id, at=at,
            )  # fmt: skip
            told.append(f"{contact.name}, {contact.get_kind_display()}")
    return told


def _school_role(actor: User, school: School) -> str:
    worn = actor.hats.contact_hats(school.pk) & {Hat.HEAD, Hat.CHAIR}
    return HAT_NAMES[min(worn, key=list(Hat).index)] if worn else ""


@transaction.atomic
def represent(*, actor: User, case: CategoryCase, text: str, at: dt.datetime) -> Representation:
    """The school answers before the panel: it may add to what it said, and never changes it."""
    if not text.strip():
        raise Refused("Write what the panel should know.", field="text")
    CASE_WORKFLOW.move(actor, case, "represent", at.date(), answered_at=at)
    row = Representation.objects.create(
        case=case, text=text.strip(), by=actor, by_name=actor.name, by_role=_school_role(actor, case.school), at=at
    )
    _event("category.represented", actor, case, at, {"text": audit.content(text)})
    return row


@transaction.atomic
def hold_panel(*, actor: User, panel: Panel, present: Sequence[User], at: dt.datetime) -> Panel:
    """Record who came. Decisions are recorded school by school from then on."""
    require(actor, P.CATEGORY_MANAGE, panel.authority, on=at.date())
    if panel.is_held:
        raise Refused("Who came is recorded already.")
    if at.date() < panel.on:
        raise Refused("The panel has not met yet.")
    here = {user.pk for user in present}
    least = support_of(require_pack(panel.authority, at.date()).content).panel_members_least
    if len(here & set(panel.members.values_list("user_id", flat=True))) < least:
        raise Refused(f"A panel decides with at least {in_words(least)} of its members.", field="present")
    panel.members.filter(user_id__in=here).update(is_present=True)
    panel.held_at = at
    panel.save(update_fields=["held_at"])
    names = [user.name for user in present]
    audit.record("panel.held", actor=actor, at=at, subject=panel, authority=panel.authority, changes={"present": names})
    return panel


def _scheme_of(case: CategoryCase, on: dt.date) -> Scheme:
    return scheme_in_force(require_pack(case.authority, on), on)


def _decision(case: CategoryCase, category: str, reason: str, on: dt.date) -> dict[str, Any]:
    """The columns of a decision. Raises ``Refused`` where one that differs has no reason of some words (support.toml)."""
    scheme = _scheme_of(case, on)
    level = next((level for level in scheme.levels if level.code == category), None)
    if level is None:
        raise Refused("Choose a level.", field="category")
    differs = category not in (case.proposed or case.suggested, case.suggested)
    words = int(support_of(require_pack(case.authority, on).content).decision.get("reason_words_if_differs", 0))
    if differs and len(reason.split()) < words:
        raise Refused(
            f"The decision differs from what was suggested and proposed: give the reason in at least {words} words.", field="reason"
        )
    return {
        "decided": level.code, "decided_label": level.label, "decided_rank": level.rank, "decided_quarters": level.days,
        "scheme": scheme.code, "scheme_label": scheme.label, "reason": reason.strip(),
    }  # fmt: skip


@transaction.atomic
def decide_case(
    *,
    actor: User,
    case: CategoryCase,
    category: str,
    reason: str = "",
    dissents: Mapping[int, str] | None = None,
    lock_version: int,
    at: dt.datetime,
) -> CategoryCase:
    """Record what the panel decided. Members who are walled from the school take no part, and are named as withdrawn; two
    others at least decide. ``dissents``: by user id, why a member saw it otherwise."""
    on = at.date()
    if case.lock_version != lock_version:
        raise Conflict("Somebody else changed this a moment ago. Nothing that you sent was done; look at it again.")
    CASE_WORKFLOW.check(actor, case, "decide", on)
    assert case.panel is not None
    present = [member.user for member in case.panel.members.filter(is_present=True).select_related("user")]
    withdrawn = [user for user in present if case.school_id in user.hats.walled]
    deciding = [user for user in present if user not in withdrawn]
    least = support_of(require_pack(case.authority, on).content).panel_members_least
    if len(deciding) < least:
        raise Refused(f"Fewer than {in_words(least)} members may decide on this school: it goes to another panel.")
    values = _decision(case, category, reason, on)
    by = f"{case.panel}"
    CASE_WORKFLOW.move(actor, case, "decide", on, decided_at=at, decided_by=by, withdrawn=[user.name for user in withdrawn], **values)
    for user in deciding:
        if text := (dissents or {}).get(user.pk, "").strip():
            Dissent.objects.create(case=case, user=user, name=user.name, text=text)
    changes = {
        "category": category, "by": [user.name for user in deciding], "withdrawn": [user.name for user in withdrawn],
        "dissents": sum(1 for text in (dissents or {}).values() if text.strip()), "reason": audit.content(reason),
    }  # fmt: skip
    _event("category.panel_decided", actor, case, at, changes)
    return case


@transaction.atomic
def ask_between_panels(*, actor: User, case: CategoryCase, category: str, reason: str, at: dt.datetime) -> CategoryCase:
    """Between panels the manager and one officer may decide with a reason: one asks, the other agrees."""
    if not reason.strip():
        raise Refused("Say why it cannot wait for the panel.", field="reason")
    values = _decision(case, category, reason, at.date())
    CASE_WORKFLOW.move(actor, case, "ask", at.date(), asked_by=actor, **values)
    _event("category.between_asked", actor, case, at, {"category": category, "reason": audit.content(reason)})
    return case


@transaction.atomic
def agree_between_panels(*, actor: User, case: CategoryCase, at: dt.datetime) -> CategoryCase:
    """The other of the two: the decision stands, and the next panel confirms it."""
    CASE_WORKFLOW.check(actor, case, "agree", at.date())
    asked = case.asked_by
    assert asked is not None
    manages = [Hat.SIP_MANAGER in user.hats.at(case.school) for user in (asked, actor)]
    officers = [Hat.OFFICER in user.hats.at(case.school) for user in (asked, actor)]
    if asked.pk == actor.pk or not ((manages[0] and officers[1]) or (manages[1] and officers[0])):
        raise Refused("Between panels the manager and one officer decide together: one asks, the other agrees.")
    by = f"{asked.name} and {actor.name}, between panels"
    CASE_WORKFLOW.move(actor, case, "agree", at.date(), decided_at=at, decided_by=by, needs_confirming=True)
    _event("category.between_decided", actor, case, at, {"category": case.decided, "by": [asked.name, actor.name]})
    return case


@transaction.atomic
def confirm_decision(*, actor: User, case: CategoryCase, panel: Panel, at: dt.datetime) -> CategoryCase:
    """The next panel confirms what was decided between panels."""
    same_authority(panel, case)
    if not panel.is_held:
        raise Refused("Record who came to the panel first.")
    by = f"{case.decided_by}, confirmed by the {str(panel).lower()}"
    CASE_WORKFLOW.move(actor, case, "confirm", at.date(), needs_confirming=False, decided_by=by)
    _event("category.confirmed", actor, case, at, {"panel": panel.on.isoformat()})
    return case


# ---------------------------------------------------------------- told and published


@transaction.atomic
def notify_school(
    *, actor: User, case: CategoryCase, publishes_on: dt.date, letter: bytes, lock_version: int, at: dt.datetime
) -> CategoryCase:
    """Head and chair are told, with the letter; it is published from a day. ``letter`` is the PDF made from this version."""
    if case.lock_version != lock_version:
        raise Conflict("Somebody else changed this a moment ago. Nothing was sent; look at it again.")
    if publishes_on < at.date():
        raise Refused("It is published today or later: the school hears of it first.", field="publishes_on")
    CASE_WORKFLOW.check(actor, case, "notify", at.date())
    file = files.store(letter, "application/pdf", at=at)
    CASE_WORKFLOW.move(actor, case, "notify", at.date(), notified_at=at, letter=file, publishes_on=publishes_on)
    link = settings.PORTAL_URL + case.get_absolute_url()
    told = _tell(case, "decided", f"{case.school.name}: a letter from the authority", DECIDED.format(link=link), at.date(), at)
    _event("category.notified", actor, case, at, {"to": told, "publishes_on": publishes_on.isoformat(), "letter": file.sha256[:12]})
    return case


@transaction.atomic
def publish_category(*, actor: User, case: CategoryCase, at: dt.datetime) -> SchoolCategory:
    """The category stands from its day; the earlier one ends the day before. The school's core days of the year become those
    of the level, by an entry of the ledger for its SIP."""
    CASE_WORKFLOW.check(actor, case, "publish", at.date())
    return _publish(actor, case, at)


def publish_due_categories(*, at: dt.datetime) -> int:
    """What the clock does by itself: on the day that the letter named, the level is published, in nobody's name. One that cannot be
    (a later one stands) waits on the manager's home. Answers how many."""
    done = 0
    waiting = CategoryCase.objects.filter(state=CaseState.NOTIFIED, publishes_on__lte=at.date())
    for case in waiting.select_related("school__authority", "authority").order_by("pk"):
        with contextlib.suppress(Refused), transaction.atomic():
            _publish(None, case, at)
            done += 1
    return done


def _publish(actor: User | None, case: CategoryCase, at: dt.datetime) -> SchoolCategory:
    on = at.date()
    starts_on = case.publishes_on
    assert starts_on is not None
    if SchoolCategory.objects.filter(school=case.school, starts_on__gte=starts_on).exists():
        raise Refused("A later category stands already. Choose another day in a new decision.")
    CASE_WORKFLOW.shift(case, CASE_WORKFLOW.find(case, "publish"), published_at=at)
    SchoolCategory.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=starts_on), school=case.school).update(
        ends_on=starts_on - dt.timedelta(days=1)
    )
    row = SchoolCategory.objects.create(
        school=case.school, scheme=case.scheme, category=case.decided, label=case.decided_label, level=case.decided_rank,
        starts_on=starts_on, decided_on=min(starts_on, case.decided_at.date() if case.decided_at else on),
        decided_by=case.decided_by[:200], reason=case.reason,
    )  # fmt: skip
    quarters = _price(actor, case, starts_on, at)
    _event("category.published", actor, case, at, {"category": case.decided, "from": starts_on.isoformat(), "quarters": quarters})
    return row


def _price(actor: User | None, case: CategoryCase, starts_on: dt.date, at: dt.datetime) -> int:
    """What is added to the school's core days of that year (below nought: taken back); nought where no SIP serves it."""
    year = AcademicYear.from_date(starts_on)
    sip = (
        Assignment.objects.filter(on_day(max(starts_on, at.date())), school=case.school, kind=AssignmentKind.SIP)
        .select_related("adviser")
        .first()
    )
    if sip is None:
        return 0
    held = DaysEntry.objects.filter(
        school=case.school, academic_year=year.first, kind=DaysKind.ALLOCATED, source=DaysSource.CORE
    ).aggregate(sum=Sum("quarters", default=0))["sum"]
    difference = case.decided_quarters - int(held)
    if difference:
        schools.allocate_days(
            actor=actor, school=case.school, adviser=sip.adviser, academic_year=year.first, quarters=difference,
            reason=f"Category {case.decided_label} from {starts_on:%d/%m/%Y}", at=at,
        )  # fmt: skip
    return difference


# ---------------------------------------------------------------- a review, once


@transaction.atomic
def ask_review(*, actor: User, case: CategoryCase, text: str, at: dt.datetime) -> CategoryCase:
    """The school may ask once for a review of what was decided."""
    if not text.strip():
        raise Refused("Say what should be looked at again, and why.", field="text")
    by = f"{actor.name}, {_school_role(actor, case.school)}"
    CASE_WORKFLOW.move(actor, case, "ask_review", at.date(), review_text=text.strip(), review_by=by, review_at=at)
    _event("category.review_asked", actor, case, at, {"text": audit.content(text)})
    return case


@transaction.atomic
def answer_review(*, actor: User, case: CategoryCase, text: str, at: dt.datetime) -> CategoryCase:
    """In writing. Where the review changes the category, a new case is opened and decided as any other."""
    if not text.strip():
        raise Refused("Write the answer.", field="text")
    CASE_WORKFLOW.move(
        actor, case, "answer_review", at.date(), review_answer=text.strip(), review_answered_by=actor.name, review_answered_at=at
    )
    link = settings.PORTAL_URL + case.get_absolute_url()
    told = _tell(case, "reviewed", f"{case.school.name}: your review is answered", REVIEWED.format(link=link), at.date(), at)
    _event("category.review_answered", actor, case, at, {"to": told, "text": audit.content(text)})
    return case
