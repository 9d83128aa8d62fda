"""Sections about SIPs and their work: visits, notes, reporting, people, shadowing, moderation, feedback, and what others say."""

from __future__ import annotations

from collections import Counter

from django.db.models import Count, F, Q

from core.components.formats import day, plural
from core.numbers import hidden_below
from core.spans import on_day
from people.choices import SipKind
from people.models import Mentorship
from quality.choices import JudgingBody
from quality.models import FeedbackRelease, ModerationSample, OutsideJudgement, SampledNote, Shadowing
from quality.selectors.moderation import results_of
from quality.selectors.shadowing import common_findings, shadowing_coverage
from visits.choices import DeliveryState, NoteState
from visits.coverage import whole_coverages
from visits.models import Delivery, DifferenceOfView, NoteOfVisit, NoteRecord, Round, SchoolComment

from .parts import TOO_FEW, Asked, Figures, Section, of


def judgement(asked: Asked, section: Section, *, has_last_visit: bool) -> None:
    """The latest, of whatever body: its words, our answer, what we do about it, unless a heading of its own says that."""
    row = OutsideJudgement.objects.filter(authority=asked.authority, on__lte=asked.on).prefetch_related("actions").first()
    if row is None:
        return
    section.words += [f"{row.title} ({row.get_body_display()}, {day(row.on)}){f': {row.grade}' if row.grade else ''}.", f"“{row.words}”"]
    if row.answer:
        section.words.append(f"Our answer: {row.answer}")
    if has_last_visit and row.body == JudgingBody.REGIONAL:
        return
    if actions := tuple((action.text, action.owner, day(action.due_on)) for action in row.actions.all()):
        section.tables.append(Figures("What we do about it", ("Action", "Who", "By"), actions))


def coverage(asked: Asked, section: Section) -> None:
    """Rounds that touch the period. A round of fewer schools than the least is not shown: its row would be a school's."""
    rounds = Round.objects.filter(
        authority=asked.authority, starts_on__lte=asked.period.ends_on, ends_on__gte=asked.period.starts_on
    ).select_related("authority")
    rows = []
    for round_ in whole_coverages(list(rounds.order_by("starts_on", "name")), asked.on, packs={asked.authority.pk: asked.pack}):
        expected = round_.expected
        if expected < asked.least:
            rows.append((round_.label, *(TOO_FEW for _ in range(6))))
            continue
        figures = {figure.key: of(figure.n, figure.of or 0) for figure in round_.figures}
        rows.append((round_.label, str(expected), *(figures[key] for key in ("booked", "held", "submitted", "final")), str(round_.exempt)))
    if rows:
        columns = ("Round", "Schools expected", "Booked", "Held", "Note submitted", "Note final", "Exempt")
        section.tables.append(Figures("How far each round has come", columns, tuple(rows)))


def timeliness(asked: Asked, section: Section) -> None:
    """Of the drafts whose day has come, those not yet submitted among them. Left out: notes of an earlier system, which were
    not written here, and what is returned to its author, which was submitted once."""
    notes = NoteOfVisit.objects.filter(authority=asked.authority, visit__is_imported=False)
    span = asked.period.moments()
    due = notes.filter(draft_due_on__range=(asked.period.starts_on, asked.last)).exclude(
        state__in=(NoteState.ABANDONED, NoteState.RETURNED)
    )
    drafts = due.exclude(submitted_at=None, draft_due_on=asked.on).aggregate(
        all=Count("pk"), good=Count("pk", filter=Q(submitted_at__date__lte=F("draft_due_on")))
    )
    finals = notes.filter(finalised_at__range=span, final_due_on__isnull=False).aggregate(
        all=Count("pk"), good=Count("pk", filter=Q(finalised_at__date__lte=F("final_due_on")))
    )
    if drafts["all"] >= asked.least:
        rows = [("Drafts that were due, submitted by their day", of(drafts["good"], drafts["all"]))]
        if finals["all"] >= asked.least:
            rows.append(("Notes final by their day", of(finals["good"], finals["all"])))
        section.tables.append(Figures("In time", ("What", "In time"), tuple(rows)))


def reporting(asked: Asked, section: Section) -> None:
    span = asked.period.moments()
    records = NoteRecord.objects.filter(authority=asked.authority, is_imported=False, at__range=span, kind="final").count()
    if records < asked.least:
        return
    sent = Delivery.objects.filter(dispatch__note__authority=asked.authority, at__range=span).aggregate(
        all=Count("pk"), good=Count("pk", filter=Q(state=DeliveryState.DELIVERED))
    )
    noted = NoteOfVisit.objects.filter(authority=asked.authority, released_at__range=span)
    released = noted.count()
    commented = noted.filter(pk__in=SchoolComment.objects.values("note")).count()
    differing = noted.filter(pk__in=DifferenceOfView.objects.values("note")).count()
    rows = [
        ("Final notes, one a school", str(records)),
        ("Sent to headteachers, chairs and others, and delivered", of(sent["good"], sent["all"])),
    ]
    if released >= asked.least:
        rows += [("Released drafts on which the school commented", of(commented, released))]
        rows += [("Released drafts that record a difference of view", of(differing, released))]
    section.tables.append(Figures("Reporting to headteachers and governors", ("What", "How many"), tuple(rows)))


def people(asked: Asked, section: Section) -> None:
    kinds = Counter(sip.kind for sip in asked.sips)
    numbers = {str(kind.label).capitalize(): kinds[kind] for kind in SipKind}
    section.tables.append(Figures("By kind", ("Kind", "How many"), (*asked.counts(numbers), ("All", str(len(asked.sips))))))


def mentoring(asked: Asked, section: Section) -> None:
    new = [sip for sip in asked.sips if sip.is_new_on(asked.on)]
    mentored = set(Mentorship.objects.filter(on_day(asked.on), sip__in=new).values_list("sip_id", flat=True)) if new else set()
    if not new or len(mentored) == len(new):
        section.words.append("Every new SIP has a mentor.")
    elif len(new) >= asked.least:
        section.words.append(f"{of(len(mentored), len(new))} of new SIPs have a mentor.")


def feedback(asked: Asked, section: Section) -> None:
    release = FeedbackRelease.objects.filter(
        authority=asked.authority, sip__isnull=True, academic_year__lte=asked.period.year.first, released_at__date__lte=asked.on
    ).first()
    if release is None:
        return
    answered = f", {release.answered} answered" if release.answered is not None else ""
    section.words.append(
        f"Released for {release.academic_year}: {release.asked} asked{answered}. 1 is strongly agree, 4 strongly disagree."
    )
    rows = tuple(
        (figure["text"], "Headteachers" if figure["role"] == "head" else "Chairs", figure["mean"] or TOO_FEW) for figure in release.figures
    )
    section.tables.append(Figures("Means of answers", ("Question", "Asked of", "Mean"), rows))


def shadowing(asked: Asked, section: Section) -> None:
    """P28 to P30: how many have been shadowed by the end of the period, and what observers found in it most often."""
    on = asked.last
    found = shadowing_coverage(asked.authority, asked.pack, on, year=asked.period.year.first)
    if len(found.due) < asked.least:
        section.words += [f"SIPs shadowed by {day(on)}: {TOO_FEW}."] if found.due else []
        return
    done, planned = len(found.done), len(found.planned)
    shown = hidden_below({"done": done, "planned": planned, "rest": len(found.due) - done - planned}, asked.least)
    if shown["done"] is not None:
        section.words.append(f"{of(done, len(found.due))} of SIPs with a visit due by {day(found.by_on)} have been shadowed.")
    else:
        section.words.append(f"SIPs shadowed by {day(on)}: {TOO_FEW}.")
    forms = Shadowing.objects.filter(authority=asked.authority, done_on__range=(asked.period.starts_on, on))
    total, *lists = common_findings(forms)
    if total < asked.least:
        return
    for caption, common in zip(("Common strengths", "Common areas for development"), lists, strict=True):
        rows = tuple((one.label, of(one.count, total)) for one in common if one.count >= asked.least)
        if rows:
            section.tables.append(Figures(caption, ("What was seen", "Forms"), rows))


def moderation(asked: Asked, section: Section) -> None:
    """Of the rounds that ended in the period: final notes rated, good or better by criterion, and whether moderators agree."""
    samples = ModerationSample.objects.filter(
        authority=asked.authority,
        round__ends_on__range=(asked.period.starts_on, asked.period.ends_on),
        drawn_at__date__lte=asked.on,
    )
    results = results_of(list(samples), SampledNote.objects.all())
    if results.notes < asked.least:
        section.words += [f"Final notes rated by sample: {TOO_FEW}."] if results.notes else []
        return
    section.words.append(f"{plural(results.notes, 'final note')} rated by sample, 1 outstanding to 4 inadequate.")
    rows = []
    for line in results.criteria:
        shown = hidden_below({"good": line.good, "rest": line.total - line.good}, asked.least)
        rows.append((line.label, TOO_FEW if shown["good"] is None else of(line.good, line.total)))
    section.tables.append(Figures("Notes rated good or better", ("Criterion", "Good or better"), tuple(rows)))
    if results.agreement.total >= asked.least:
        kappa = results.agreement.kappa(asked.pack.whole("kappa_pairs"))
        section.words.append(f"{results.agreement.words}.{f' Kappa {kappa}.' if kappa is not None else ''}")


def last_visit(asked: Asked, section: Section) -> None:
    """What became of the regional coordinator's last note (P2)."""
    rows = OutsideJudgement.objects.filter(authority=asked.authority, body=JudgingBody.REGIONAL, on__lte=asked.on)
    row = rows.prefetch_related("actions").first()
    if row is not None and (actions := tuple((action.text, action.owner, day(action.due_on)) for action in row.actions.all())):
        section.tables.append(Figures(f"{row.title} ({day(row.on)})", ("Action", "Who", "By"), actions))
