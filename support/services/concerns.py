"""The register of schools causing concern (domain.md §6): a case from its opening to its exit, and a return."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from core import audit
from core.access import Refused, can, require
from core.spans import on_day
from people.models import RoleAssignment, User
from people.packs import AuthorityPack, require_pack
from people.roles import Hat
from people.roles import Permission as P
from schools.models import School
from support.choices import MilestoneState, SignSource
from support.concern_clock import monitored_until, review_by
from support.models import (
    Concern,
    ConcernContact,
    ConcernCriterion,
    ConcernMilestone,
    ConcernReview,
    ConcernSign,
    FormalPower,
    WarningNotice,
)
from support.pack import ConcernClass, support_of
from support.workflow import CONCERN_WORKFLOW

SETTLED = (MilestoneState.IN_PLACE, MilestoneState.MAKING)


@dataclass(frozen=True)
class Sign:
    """How a school was identified: ``source`` of ``SignSource``."""

    source: str
    on: dt.date
    text: str


@dataclass(frozen=True)
class Opening:
    """What a case is opened with (support.toml, "opened_needs"). ``criteria`` are pairs: the criterion, and what will show it."""

    concern_class: str
    issue: str
    aim: str
    criteria: Sequence[tuple[str, str]]
    signs: Sequence[Sign]
    contact: User
    told_head_on: dt.date
    on: dt.date
    position: str = ""
    next_steps: str = ""
    decided_by: str = ""
    why: Sequence[dict[str, str]] = field(default=())


def _event(code: str, actor: User, concern: Concern, at: dt.datetime, changes: dict[str, Any] | None = None, reason: str = "") -> None:
    audit.record(code, actor=actor, at=at, subject=concern, school=concern.school, changes=changes or {}, reason=reason)


def _said(text: str, why: str, name: str) -> str:
    if not text.strip():
        raise Refused(why, field=name)
    return text.strip()


def _not_ahead(day: dt.date, on: dt.date, name: str) -> None:
    if day > on:
        raise Refused("That day is still to come. Check the date.", field=name)


def class_of(pack: AuthorityPack, code: str) -> ConcernClass:
    found = support_of(pack.content).concern_class(code)
    if found is None:
        raise Refused("Choose a class.", field="concern_class")
    return found


def _check_contact(contact: User, school: School, on: dt.date) -> None:
    covering = RoleAssignment.objects.filter(
        on_day(on), user=contact, authority_id=school.authority_id, role__in=[Hat.OFFICER, Hat.SIP_MANAGER, Hat.HEAD_OF_IMPROVEMENT]
    )
    if school.pk in contact.hats.walled or not covering.exists():
        raise Refused("The contact is an officer or manager of the authority who may work with the school.", field="contact")


# ---------------------------------------------------------------- opened


@transaction.atomic
def open_concern(*, actor: User, school: School, opening: Opening, at: dt.datetime) -> Concern:
    """Open a case in one of the national classes (P13), with its single plan. A person has decided, and the head has been told."""
    on = at.date()
    require(actor, P.CONCERN_MANAGE, school, on=on)
    pack = require_pack(school.authority, on)
    found = class_of(pack, opening.concern_class)
    issue = _said(opening.issue, "Enter what the issue is.", "issue")
    aim = _said(opening.aim, "Enter what the school and the authority aim for.", "aim")
    if not opening.criteria:
        raise Refused("Enter at least one exit criterion, agreed with the school.", field="criteria")
    if not opening.signs:
        raise Refused("Enter how the school was identified.", field="source")
    _not_ahead(opening.on, on, "on")
    _not_ahead(opening.told_head_on, on, "told_head_on")
    if Concern.objects.filter(on_day(opening.on), school=school, concern_class=found.code).exists():
        raise Refused(f"{school.name} has a case in that class already.", field="concern_class")
    _check_contact(opening.contact, school, on)
    concern = Concern.objects.create(
        school=school,
        concern_class=found.code,
        label=found.label,
        issue=issue,
        position=opening.position.strip(),
        aim=aim,
        next_steps=opening.next_steps.strip(),
        why=list(opening.why),
        contact=opening.contact,
        opened_by=actor,
        decided_by=opening.decided_by.strip() or actor.name,
        told_head_on=opening.told_head_on,
        starts_on=opening.on,
        review_due_on=review_by(pack, opening.on),
    )
    ConcernCriterion.objects.bulk_create(
        ConcernCriterion(concern=concern, text=text.strip(), shown_by=shown.strip(), agreed_on=opening.on)
        for text, shown in opening.criteria
    )
    ConcernMilestone.objects.bulk_create(
        ConcernMilestone(
            concern=concern,
            code=row.code,
            group=row.group,
            label=row.label,
            in_place_when=row.in_place_when,
            due_on=opening.on + dt.timedelta(weeks=row.due_weeks),
        )
        for row in support_of(pack.content).milestones
    )
    for sign in opening.signs:
        _sign(actor, concern, sign, at)
    changes = {
        "class": found.code, "issue": audit.content(issue), "criteria": len(opening.criteria), "told_head_on": opening.told_head_on.isoformat(),
        "contact": opening.contact.name,
    }  # fmt: skip
    _event("concern.opened", actor, concern, at, changes)
    return concern


def _sign(actor: User, concern: Concern, sign: Sign, at: dt.datetime) -> ConcernSign:
    if sign.source not in SignSource.values:
        raise Refused("Choose how the school was identified.", field="source")
    _said(sign.text, "Enter what identified the school.", "text")
    _not_ahead(sign.on, at.date(), "on")
    if sign.source == SignSource.INTELLIGENCE and not can(actor, P.CONCERN_INTELLIGENCE, concern, on=at.date()):
        raise Refused("Intelligence is kept by the school's named officers: ask one of them to enter it.", field="source")
    return ConcernSign.objects.create(
        concern=concern, source=sign.source, on=sign.on, text=sign.text.strip(), by=actor, by_name=actor.name, at=at
    )


@transaction.atomic
def add_sign(*, actor: User, concern: Concern, sign: Sign, at: dt.datetime) -> ConcernSign:
    """One more dated entry of how the school was identified. Of intelligence the audit says that there is an entry, and no more."""
    CONCERN_WORKFLOW.move(actor, concern, "sign", at.date())
    row = _sign(actor, concern, sign, at)
    _event("concern.identified", actor, concern, at, {"source": sign.source, "on": sign.on.isoformat()})
    return row


@transaction.atomic
def revise_concern(
    *,
    actor: User,
    concern: Concern,
    concern_class: str,
    issue: str,
    position: str,
    aim: str,
    next_steps: str,
    contact: User,
    at: dt.datetime,
) -> Concern:
    """Bring the case up to date; a change of class is dated, so that the board can say who moved."""
    on = at.date()
    found = class_of(require_pack(concern.school.authority, on), concern_class)
    values: dict[str, Any] = {
        "concern_class": found.code,
        "label": found.label,
        "issue": _said(issue, "Enter what the issue is.", "issue"),
        "position": position.strip(),
        "aim": _said(aim, "Enter what the school and the authority aim for.", "aim"),
        "next_steps": next_steps.strip(),
        "contact": contact,
    }
    if contact != concern.contact:
        _check_contact(contact, concern.school, on)
    changed = {name: value for name, value in values.items() if getattr(concern, name) != value}
    if not changed:
        return concern
    if "concern_class" in changed:
        taken = Concern.objects.filter(on_day(on), school=concern.school, concern_class=found.code).exclude(pk=concern.pk)
        if taken.exists():
            raise Refused(f"{concern.school.name} has a case in that class already.", field="concern_class")
        changed |= {"moved_on": on, "moved_from": concern.label}
    CONCERN_WORKFLOW.move(actor, concern, "revise", on, **changed)
    told = {name: audit.content(str(value)) for name, value in changed.items() if name in ("issue", "position", "aim", "next_steps")}
    if "concern_class" in changed:
        told["class"] = found.code
    if "contact" in changed:
        told["contact"] = contact.name
    _event("concern.changed", actor, concern, at, told)
    return concern


# ---------------------------------------------------------------- kept


@transaction.atomic
def set_milestone(*, actor: User, concern: Concern, code: str, state: str, evidence: str, at: dt.datetime) -> ConcernMilestone:
    """How far an element of the single plan has come. In place, or making a difference, only with evidence (P14, P15)."""
    row: ConcernMilestone | None = ConcernMilestone.objects.filter(concern=concern, code=code).first()
    if row is None or state not in MilestoneState.values:
        raise Refused("Choose how far it has come.", field="state")
    if state in SETTLED and not evidence.strip():
        raise Refused("Enter the evidence: without it the element is not in place.", field="evidence")
    CONCERN_WORKFLOW.move(actor, concern, "plan", at.date())
    was = row.state
    row.state, row.evidence, row.changed_on, row.changed_by = state, evidence.strip(), at.date(), actor.name
    row.in_place_on = (row.in_place_on or at.date()) if state in SETTLED else None
    row.save()
    _event("concern.planned", actor, concern, at, {"element": code, "from": was, "to": state, "evidence": audit.content(evidence)})
    return row


@transaction.atomic
def agree_criterion(*, actor: User, concern: Concern, text: str, shown_by: str, on: dt.date, at: dt.datetime) -> ConcernCriterion:
    """One more exit criterion, by agreement with the school and with its date."""
    _said(text, "Enter the criterion.", "text")
    _not_ahead(on, at.date(), "on")
    CONCERN_WORKFLOW.move(actor, concern, "agree_criterion", at.date())
    row = ConcernCriterion.objects.create(concern=concern, text=text.strip(), shown_by=shown_by.strip(), agreed_on=on)
    _event("concern.criterion_agreed", actor, concern, at, {"on": on.isoformat(), "text": audit.content(text)})
    return row


@transaction.atomic
def settle_criterion(
    *, actor: User, concern: Concern, criterion: ConcernCriterion, is_met: bool, evidence: str, at: dt.datetime
) -> ConcernCriterion:
    """An exit criterion is met with evidence, or set aside with a reason."""
    _said(evidence, "Enter the evidence." if is_met else "Say why it is set aside.", "evidence")
    if criterion.concern_id != concern.pk:
        raise Refused("That criterion is of another case.")
    CONCERN_WORKFLOW.move(actor, concern, "settle", at.date())
    criterion.is_met, criterion.is_set_aside, criterion.evidence = is_met, not is_met, evidence.strip()
    criterion.settled_on, criterion.settled_by = at.date(), actor.name
    criterion.save()
    _event("concern.criterion_settled", actor, concern, at, {"is_met": is_met, "evidence": audit.content(evidence)})
    return criterion


@transaction.atomic
def review_concern(*, actor: User, concern: Concern, on: dt.date, text: str, next_on: dt.date, at: dt.datetime) -> ConcernReview:
    """A review, at least termly: the next stands at the latest at the end of the term after."""
    _said(text, "Enter what the review found, and what follows.", "text")
    _not_ahead(on, at.date(), "on")
    latest = review_by(require_pack(concern.school.authority, at.date()), on)
    if not on < next_on <= latest:
        raise Refused(f"A case is reviewed at least termly: choose a day up to {latest.day} {latest:%B %Y}.", field="next_on")
    CONCERN_WORKFLOW.move(actor, concern, "review", at.date(), review_due_on=next_on)
    row = ConcernReview.objects.create(concern=concern, on=on, text=text.strip(), next_on=next_on, by=actor, by_name=actor.name, at=at)
    _event("concern.reviewed", actor, concern, at, {"on": on.isoformat(), "next_on": next_on.isoformat(), "text": audit.content(text)})
    return row


@transaction.atomic
def log_contact(*, actor: User, concern: Concern, on: dt.date, who: str, text: str, at: dt.datetime) -> ConcernContact:
    """The authority's own log of contacts about the case."""
    _said(who, "Enter whom it was with.", "who")
    _said(text, "Enter what was said.", "text")
    _not_ahead(on, at.date(), "on")
    CONCERN_WORKFLOW.move(actor, concern, "log", at.date())
    row = ConcernContact.objects.create(concern=concern, on=on, who=who.strip(), text=text.strip(), by=actor, by_name=actor.name, at=at)
    _event("concern.contact_logged", actor, concern, at, {"on": on.isoformat(), "text": audit.content(text)})
    return row


# ---------------------------------------------------------------- formal steps


@transaction.atomic
def give_warning_notice(*, actor: User, school: School, grounds: str, on: dt.date, at: dt.datetime, action: str = "") -> WarningNotice:
    """Record that a formal warning notice was given (EIA 2006 s.60). While it is in force the schemes count it. The initial
    period runs on the statutory clock, in working days after the day of the notice."""
    require(actor, P.CATEGORY_MANAGE, school, on=at.date())
    if not grounds.strip():
        raise Refused("Say on what grounds the notice was given.", field="grounds")
    if on > at.date():
        raise Refused("A notice is recorded once it has been given. Check the date.", field="on")
    if WarningNotice.objects.filter(on_day(on), school=school).exists():
        raise Refused(f"{school.name} has a warning notice in force already.", field="on")
    pack = require_pack(school.authority, at.date())
    days = support_of(pack.content).notice_days
    notice = WarningNotice.objects.create(
        school=school,
        grounds=grounds.strip(),
        action=action.strip(),
        starts_on=on,
        complies_by=pack.statutory_days.notice(on, days) if days else None,
        given_by=actor,
    )
    changes = {"on": on.isoformat(), "grounds": audit.content(grounds)}
    audit.record("notice.given", actor=actor, at=at, subject=notice, school=school, changes=changes)
    return notice


@transaction.atomic
def lift_warning_notice(*, actor: User, notice: WarningNotice, on: dt.date, at: dt.datetime) -> WarningNotice:
    """The last day on which it is in force."""
    require(actor, P.CATEGORY_MANAGE, notice.school, on=at.date())
    if on < notice.starts_on:
        raise Refused("It cannot be lifted before it was given.", field="on")
    notice.ends_on = on
    notice.save(update_fields=["ends_on"])
    audit.record("notice.lifted", actor=actor, at=at, subject=notice, school=notice.school, changes={"on": on.isoformat()})
    return notice


@transaction.atomic
def use_power(*, actor: User, school: School, power: str, text: str, on: dt.date, at: dt.datetime) -> FormalPower:
    """Record that the authority used a power of intervention (EIA 2006 s.63 to s.66), in its own words."""
    require(actor, P.CATEGORY_MANAGE, school, on=at.date())
    _said(text, "Enter what was done, in the authority's own words.", "text")
    _not_ahead(on, at.date(), "on")
    pack = require_pack(school.authority, at.date())
    found = next((row for row in support_of(pack.content).powers if row.code == power), None)
    if found is None:
        raise Refused("Choose a power.", field="power")
    if FormalPower.objects.filter(on_day(on), school=school, power=power).exists():
        raise Refused("That power is in use at the school already.", field="power")
    row = FormalPower.objects.create(
        school=school, power=found.code, label=found.label, law=found.law, text=text.strip(), starts_on=on, used_by=actor
    )
    changes = {"power": found.code, "on": on.isoformat(), "text": audit.content(text)}
    audit.record("power.used", actor=actor, at=at, subject=row, school=school, changes=changes)
    return row


@transaction.atomic
def end_power(*, actor: User, power: FormalPower, on: dt.date, at: dt.datetime) -> FormalPower:
    require(actor, P.CATEGORY_MANAGE, power.school, on=at.date())
    if on < power.starts_on:
        raise Refused("It cannot end before it began.", field="on")
    power.ends_on = on
    power.save(update_fields=["ends_on"])
    audit.record("power.ended", actor=actor, at=at, subject=power, school=power.school, changes={"on": on.isoformat()})
    return power


# ---------------------------------------------------------------- exit, and return


def _ready_for_exit(concern: Concern, on: dt.date) -> None:
    left = sum(1 for row in concern.criteria.all() if not row.is_settled)
    if left:
        raise Refused(f"{left} exit criteri{'on is' if left == 1 else 'a are'} neither met with evidence nor set aside with a reason.")
    live = WarningNotice.objects.filter(on_day(on), school=concern.school).exists()
    if live or FormalPower.objects.filter(on_day(on), school=concern.school).exists():
        raise Refused("A formal notice or power is in force. A case ends once it is lifted.")


@transaction.atomic
def ask_exit(*, actor: User, concern: Concern, keeps: str, support: str, at: dt.datetime) -> Concern:
    """Ask for the exit: every criterion settled, no formal step live. Another person decides."""
    on = at.date()
    _said(keeps, "Enter what will keep it so.", "keeps")
    CONCERN_WORKFLOW.check(actor, concern, "ask_exit", on)
    _ready_for_exit(concern, on)
    CONCERN_WORKFLOW.move(
        actor, concern, "ask_exit", on, exit_asked_by=actor, exit_asked_on=on, exit_keeps=keeps.strip(), exit_support=support.strip()
    )
    _event("concern.exit_asked", actor, concern, at, {"keeps": audit.content(keeps)})
    return concern


@transaction.atomic
def agree_exit(*, actor: User, concern: Concern, told_on: dt.date, decided_by: str = "", at: dt.datetime) -> Concern:
    """Decide on the exit, as on a category: by another than who asked, of whom one at least is a manager, or as the panel
    decided. The school is monitored from the next day."""
    on = at.date()
    CONCERN_WORKFLOW.check(actor, concern, "agree_exit", on)
    if concern.exit_asked_by_id == actor.pk:
        raise Refused("Another person than the one who asked decides on the exit.")
    asker = concern.exit_asked_by
    assert asker is not None
    if Hat.SIP_MANAGER not in actor.hats.at(concern.school) | asker.hats.at(concern.school):
        raise Refused("One of the two who decide on an exit is the manager.")
    _not_ahead(told_on, on, "told_on")
    _ready_for_exit(concern, on)
    pack = require_pack(concern.school.authority, on)
    by = decided_by.strip() or f"{asker.name} and {actor.name}"
    CONCERN_WORKFLOW.move(
        actor, concern, "agree_exit", on, ends_on=on, exit_decided_by=by, exit_told_on=told_on, monitored_until=monitored_until(pack, on)
    )
    _event("concern.closed", actor, concern, at, {"by": by, "told_on": told_on.isoformat()})
    return concern


@transaction.atomic
def refuse_exit(*, actor: User, concern: Concern, reason: str, at: dt.datetime) -> Concern:
    """The case stays open, with the reason on record."""
    _said(reason, "Say why the case stays open.", "text")
    CONCERN_WORKFLOW.move(actor, concern, "refuse_exit", at.date(), exit_asked_by=None, exit_asked_on=None)
    _event("concern.exit_refused", actor, concern, at, {"reason": audit.content(reason)})
    return concern


@transaction.atomic
def reopen_concern(*, actor: User, concern: Concern, reason: str, at: dt.datetime) -> Concern:
    """In the monitored time one click and a reason open the case again, as it stood."""
    _said(reason, "Say why the case is opened again.", "text")
    on = at.date()
    if Concern.objects.filter(on_day(on), school=concern.school, concern_class=concern.concern_class).exclude(pk=concern.pk).exists():
        raise Refused("The school has another case in that class.")
    CONCERN_WORKFLOW.move(
        actor, concern, "reopen", on, ends_on=None, monitored_until=None, exit_asked_by=None, exit_asked_on=None,
        returned_on=on, return_reason=reason.strip(),
    )  # fmt: skip
    _event("concern.reopened", actor, concern, at, {"reason": audit.content(reason)})
    return concern


@transaction.atomic
def end_monitoring(*, actor: User, concern: Concern, at: dt.datetime) -> Concern:
    """The monitored terms are over and the school has not returned."""
    CONCERN_WORKFLOW.move(actor, concern, "end", at.date())
    _event("concern.monitoring_ended", actor, concern, at)
    return concern
