"""Drafts of criteria: begun, changed, tried by the SIPs on their own schools (S7), published on a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from core import audit
from core.access import Conflict, Refused, require, same_authority
from people.models import Authority, User
from people.packs import require_pack
from people.roles import Permission as P
from schools.models import School
from support.choices import DraftState
from support.drafts import compiled, read_scheme, with_rule, without_rule
from support.evaluation import Way, evaluate
from support.models import DraftScheme, Placement
from support.pack import Scheme
from support.wording import in_a_line, number_at, plain, why_person, with_numbers
from support.workflow import SCHEME_WORKFLOW
from targets.wording import FactWords

SOMEBODY_ELSE = "Somebody else changed the draft a moment ago. Nothing that you sent was done; look at it again."


@transaction.atomic
def begin_draft(*, actor: User, authority: Authority, frm: Scheme, label: str, at: dt.datetime) -> DraftScheme:
    """Begin a draft from a scheme of the pack, or from one that was written in the portal."""
    require(actor, P.SCHEME_EDIT, authority, on=at.date())
    if not label.strip():
        raise Refused("Name the draft.", field="label")
    definition = {**frm.raw, "status": "draft", "label": label.strip()[:160]}
    draft = DraftScheme.objects.create(
        authority=authority,
        label=label.strip()[:160],
        begun_from=frm.code,
        definition=definition,
        created_by=actor,
        created_at=at,
        changed_at=at,
    )
    audit.record("scheme.begun", actor=actor, at=at, subject=draft, authority=authority, changes={"from": frm.code})
    return draft


def _write(
    actor: User, draft: DraftScheme, definition: dict[str, Any], lock_version: int, at: dt.datetime, told: dict[str, Any]
) -> DraftScheme:
    """Compile, then write; a definition that does not compile is refused with the sentence that says where."""
    if draft.lock_version != lock_version:
        raise Conflict(SOMEBODY_ELSE)
    SCHEME_WORKFLOW.check(actor, draft, "change", at.date())
    read_scheme(definition, require_pack(draft.authority, at.date()))
    SCHEME_WORKFLOW.move(actor, draft, "change", at.date(), definition=definition, changed_at=at)
    audit.record("scheme.changed", actor=actor, at=at, subject=draft, authority=draft.authority, changes=told)
    return draft


@transaction.atomic
def change_numbers(*, actor: User, draft: DraftScheme, numbers: Mapping[str, Decimal], lock_version: int, at: dt.datetime) -> DraftScheme:
    """Change thresholds, counts and days of a draft, each by its path."""
    changed = {path: number for path, number in numbers.items() if number_at(draft.definition, path) != number}
    SCHEME_WORKFLOW.check(actor, draft, "change", at.date())
    if not changed:
        return draft
    try:
        definition = with_numbers(draft.definition, changed)
    except KeyError as error:
        raise Refused(f"The draft has no number at {error}. Look at it again.") from None
    told = {path: [plain(number_at(draft.definition, path) or Decimal(0)), plain(number)] for path, number in changed.items()}
    return _write(actor, draft, definition, lock_version, at, told)


@transaction.atomic
def add_rule(
    *,
    actor: User,
    draft: DraftScheme,
    label: str,
    rule: Mapping[str, Any],
    level: str,
    is_enough: bool,
    lock_version: int,
    at: dt.datetime,
) -> DraftScheme:
    """One more rule, enough by itself for a level or counted with others."""
    if not label.strip():
        raise Refused("Say the rule in words.", field="label")
    definition = with_rule(draft.definition, label.strip(), rule, level, is_enough=is_enough)
    return _write(actor, draft, definition, lock_version, at, {"added": label.strip(), "level": level})


@transaction.atomic
def remove_rule(*, actor: User, draft: DraftScheme, code: str, lock_version: int, at: dt.datetime) -> DraftScheme:
    return _write(actor, draft, without_rule(draft.definition, code), lock_version, at, {"removed": code})


@transaction.atomic
def rewrite_draft(*, actor: User, draft: DraftScheme, definition: Any, lock_version: int, at: dt.datetime) -> DraftScheme:
    """Write the rules and levels of a draft as text in the pack's grammar."""
    if not isinstance(definition, dict) or not isinstance(definition.get("rule"), list) or not isinstance(definition.get("level"), list):
        raise Refused("The text is to hold the lists “rule” and “level”.", field="definition")
    kept = {key: value for key, value in draft.definition.items() if key not in ("rule", "level")}
    whole = {**kept, "rule": definition["rule"], "level": definition["level"]}
    return _write(actor, draft, whole, lock_version, at, {"rules": len(definition["rule"]), "rewritten": True})


@transaction.atomic
def open_consultation(*, actor: User, draft: DraftScheme, closes_on: dt.date, at: dt.datetime) -> DraftScheme:
    """Ask the SIPs to place their own schools by hand, then to see the draft's answer and comment (S7)."""
    if closes_on < at.date():
        raise Refused("Choose a day that is still to come.", field="closes_on")
    read_scheme(draft.definition, require_pack(draft.authority, at.date()))
    SCHEME_WORKFLOW.move(actor, draft, "consult", at.date(), opened_on=at.date(), closes_on=closes_on)
    changes = {"closes_on": closes_on.isoformat()}
    audit.record("scheme.consulted", actor=actor, at=at, subject=draft, authority=draft.authority, changes=changes)
    return draft


@transaction.atomic
def end_consultation(*, actor: User, draft: DraftScheme, at: dt.datetime) -> DraftScheme:
    SCHEME_WORKFLOW.move(actor, draft, "end", at.date())
    audit.record("scheme.consultation_ended", actor=actor, at=at, subject=draft, authority=draft.authority)
    return draft


@transaction.atomic
def place_school(*, actor: User, draft: DraftScheme, school: School, category: str, at: dt.datetime) -> Placement:
    """The SIP's own placing of a school, once, before the draft's answer is shown; the answer is kept as it was shown."""
    on = at.date()
    require(actor, P.SCHEME_PLACE, school, on=on)
    same_authority(draft, school)
    if draft.state != DraftState.CONSULTING or (draft.closes_on is not None and on > draft.closes_on):
        raise Refused("This draft is not with the SIPs any more.")
    pack = require_pack(draft.authority, on)
    scheme = read_scheme(draft.definition, pack)
    if category not in {level.code for level in scheme.levels}:
        raise Refused("Choose the level that you would give.", field="category")
    (evaluation,) = evaluate(
        [compiled(scheme, pack)], School.objects.filter(pk=school.pk), on=on, pack=pack, rows=[(school.pk, school.phase)]
    )
    told, words = evaluation.explain(school.pk), FactWords(pack.content)
    said = in_a_line(words, told) if told.verdict.way == Way.SUGGESTED else why_person(words, told, scheme.minimum_facts)
    try:
        with transaction.atomic():
            placement = Placement.objects.create(
                draft=draft,
                school=school,
                sip=actor,
                category=category,
                placed_at=at,
                answer=told.verdict.key,
                fired=[fired.rule.code for fired in told.fired],
                reasons=said,
            )
    except IntegrityError:
        raise Conflict(f"{school.name} has been placed already.") from None
    audit.record("scheme.placed", actor=actor, at=at, subject=placement, school=school, changes={"category": category})
    return placement


@transaction.atomic
def comment_on_placement(*, actor: User, placement: Placement, text: str, at: dt.datetime) -> Placement:
    """What the SIP says to the draft's answer; it may be changed while the consultation lasts."""
    require(actor, P.SCHEME_PLACE, placement.school, on=at.date())
    if placement.sip_id != actor.pk:
        raise Refused("Another SIP placed this school.")
    if placement.draft.state != DraftState.CONSULTING:
        raise Refused("This draft is not with the SIPs any more.")
    if not text.strip():
        raise Refused("Write your comment.", field="text")
    placement.comment, placement.commented_at = text.strip(), at
    placement.save(update_fields=["comment", "commented_at"])
    changes = {"comment": audit.content(text)}
    audit.record("scheme.commented", actor=actor, at=at, subject=placement, school=placement.school, changes=changes)
    return placement


@transaction.atomic
def publish_scheme(*, actor: User, draft: DraftScheme, starts_on: dt.date, lock_version: int, at: dt.datetime) -> DraftScheme:
    """Put the criteria into force from a day. No school's category changes by it: panels decide under it from then on."""
    if draft.lock_version != lock_version:
        raise Conflict(SOMEBODY_ELSE)
    if starts_on < at.date():
        raise Refused("Criteria begin today or later, so that nobody is judged by what was not yet in force.", field="starts_on")
    read_scheme(draft.definition, require_pack(draft.authority, at.date()))
    SCHEME_WORKFLOW.move(actor, draft, "publish", at.date(), starts_on=starts_on, published_at=at, published_by=actor)
    changes = {"starts_on": starts_on.isoformat()}
    audit.record("scheme.published", actor=actor, at=at, subject=draft, authority=draft.authority, changes=changes)
    return draft


@transaction.atomic
def discard_draft(*, actor: User, draft: DraftScheme, at: dt.datetime) -> DraftScheme:
    SCHEME_WORKFLOW.move(actor, draft, "discard", at.date())
    audit.record("scheme.discarded", actor=actor, at=at, subject=draft, authority=draft.authority)
    return draft
