"""Early warnings: what new data says of a school, for a person to answer. Nothing is escalated by the machine alone."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from core import audit
from core.access import Refused
from people.models import Authority, User
from people.packs import pack_for
from schools.models import School
from support.choices import ConcernState, WarningState
from support.models import Concern, EarlyWarning, Watching
from support.pack import support_of
from support.registries import last_looks
from support.watch import CLASS, Watch
from support.workflow import WARNING_WORKFLOW

from .concerns import Opening, open_concern


@transaction.atomic
def watch_schools(*, authority: Authority, at: dt.datetime, takes_as_known: bool = False) -> list[EarlyWarning]:
    """Ask the concern classes and the priority rules of all open schools. A rule that fires and did not before makes a warning;
    one that no longer does ends its own. What fires the first time is known, and so is what an open case speaks of already.
    A rule that cannot be computed changes nothing. The figures of open cases are brought up to date.

    The portal asks, in nobody's name: after an import, by the command, or (``takes_as_known``) to begin the watch anew.
    """
    on = at.date()
    pack = pack_for(authority, on)
    if pack is None:
        return []
    schools = School.objects.filter(authority=authority).open_on(on)
    watch = Watch(schools, pack, on)
    every = EarlyWarning.objects.filter(school__authority=authority)
    watching, is_first = Watching.objects.get_or_create(authority=authority, defaults={"began_at": at, "asked_at": at})
    if not is_first:
        Watching.objects.filter(pk=watching.pk).update(asked_at=at)
    is_first = is_first or takes_as_known
    held = {(row.school_id, row.rule): row for row in every.filter(fires=True)}
    ceased = [row.pk for key, row in held.items() if key not in watch.fires and key not in watch.undetermined]
    EarlyWarning.objects.filter(pk__in=ceased).update(fires=False, ceased_at=at)
    fresh = sorted(watch.fires - held.keys())
    live = list(Concern.objects.filter(school__authority=authority, state__in=[ConcernState.OPEN, ConcernState.ASKED]))
    open_at: dict[int, set[str]] = {}
    replaced = {row.code: set(row.replaces) for row in support_of(pack.content).concern_classes}
    for concern in live:
        open_at.setdefault(concern.school_id, set()).update({concern.concern_class, *replaced.get(concern.concern_class, ())})
    looks = last_looks(sorted({pk for pk, _ in fresh}), on)
    rows = []
    for pk, key in fresh:
        asked, look, classes = watch.by_key[key], looks.get(pk), open_at.get(pk, set())
        is_known = is_first or (asked.concern_class in classes if asked.concern_class else bool(classes))
        rows.append(
            EarlyWarning(
                school_id=pk,
                rule=key,
                label=asked.label,
                concern_class=asked.concern_class,
                figures=watch.figures(pk, key),
                seen_on=look.on if look else None,
                seen_by=look.what if look else "",
                raised_at=at,
                state=WarningState.KNOWN if is_known else WarningState.WAITING,
            )
        )
    EarlyWarning.objects.bulk_create(rows)
    changed = []
    for concern in live:
        why = watch.figures(concern.school_id, f"{CLASS}:{concern.concern_class}")
        if why != concern.why:
            concern.why = why
            changed.append(concern)
    Concern.objects.bulk_update(changed, ["why"])
    made = [row for row in rows if row.state == WarningState.WAITING]
    changes = {"raised": len(made), "ceased": len(ceased), "figures_brought_up_to_date": len(changed)}
    audit.record("warnings.watched", actor=None, at=at, subject=authority, authority=authority, changes=changes)
    return made


def _answer(actor: User, warning: EarlyWarning, action: str, at: dt.datetime, reason: str, **values: object) -> EarlyWarning:
    WARNING_WORKFLOW.move(actor, warning, action, at.date(), reason=reason.strip(), answered_by=actor.name, answered_at=at, **values)
    changes = {"rule": warning.rule, "answer": action, "reason": audit.content(reason)}
    audit.record("warning.answered", actor=actor, at=at, subject=warning, school=warning.school, changes=changes)
    return warning


@transaction.atomic
def watch_warning(*, actor: User, warning: EarlyWarning, reason: str, look_again_on: dt.date, at: dt.datetime) -> EarlyWarning:
    """No case yet: a person looks again on a day."""
    if not reason.strip():
        raise Refused("Say why it is watched.", field="reason")
    if look_again_on <= at.date():
        raise Refused("Choose a day that is still to come.", field="look_again_on")
    return _answer(actor, warning, "watch", at, reason, look_again_on=look_again_on)


@transaction.atomic
def dismiss_warning(*, actor: User, warning: EarlyWarning, reason: str, at: dt.datetime) -> EarlyWarning:
    """No concern, with the reason; it is not raised again until the rule has ceased and fires anew."""
    if not reason.strip():
        raise Refused("Say why it is dismissed.", field="reason")
    return _answer(actor, warning, "dismiss", at, reason, look_again_on=None)


@transaction.atomic
def accept_warning(*, actor: User, warning: EarlyWarning, opening: Opening, at: dt.datetime) -> Concern:
    """Open the case that the warning speaks of. What a person entered is opened, not what the machine found."""
    WARNING_WORKFLOW.check(actor, warning, "accept", at.date())
    concern = open_concern(actor=actor, school=warning.school, opening=opening, at=at)
    _answer(actor, warning, "accept", at, opening.issue, concern=concern, look_again_on=None)
    return concern
