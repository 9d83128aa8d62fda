"""The programme report and the regional evidence pack: figures of the whole programme, never of a school or a person.

Each section is made once and stands under the headings that the pack gives to either report; a heading for which the portal
has no figure is left out whole. Counts of people and of schools by level are shown only where no small one can be seen or
worked out from them (domain.md §7, "aggregates only, small numbers suppressed").
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, F, Q

from core.calendar import AcademicYear
from core.components.formats import day, plural
from core.numbers import hidden_below
from core.spans import on_day
from people.choices import SipKind
from people.models import Authority, Mentorship, Sip
from people.packs import AuthorityPack
from schools.models import School
from support.models import SchoolCategory
from visits.choices import DeliveryState
from visits.coverage import whole_coverages
from visits.models import Delivery, DifferenceOfView, NoteOfVisit, NoteRecord, Round, SchoolComment

from .models import FeedbackRelease, ModerationSample, OutsideJudgement, SampledNote, Shadowing
from .pack import Report, quality_of
from .selectors.moderation import results_of
from .selectors.shadowing import common_findings, shadowing_coverage

TOO_FEW = "too few to show"


@dataclass(frozen=True)
class Period:
    """A year or a term, with the address by which it is asked for."""

    key: str
    label: str
    starts_on: dt.date
    ends_on: dt.date
    year: AcademicYear

    def moments(self) -> tuple[dt.datetime, dt.datetime]:
        return (
            dt.datetime.combine(self.starts_on, dt.time.min, dt.UTC),
            dt.datetime.combine(self.ends_on, dt.time.max, dt.UTC),
        )


@dataclass(frozen=True)
class Figures:
    """One table of a section; every cell is a text."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass
class Section:
    code: str
    heading: str
    words: list[str] = field(default_factory=list)
    tables: list[Figures] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.words or self.tables)


@dataclass(frozen=True)
class Made:
    title: str
    period: Period
    on: dt.date
    sections: tuple[Section, ...]


def periods(pack: AuthorityPack, on: dt.date) -> list[Period]:
    """This year and its terms that have begun, then the year before with its own."""
    found = []
    for year in (AcademicYear.from_date(on), AcademicYear.from_date(on).previous):
        found.append(Period(str(year.first), year.label, year.starts_on, year.ends_on, year))
        found += [
            Period(f"{year.first}-{term.season.value}", str(term), term.starts_on, term.ends_on, year)
            for term in pack.terms.in_year(year)
            if term.starts_on <= on
        ]
    return found


def of(part: int, whole: int) -> str:
    """ "19 of 20 (95%)", halves up; nothing to divide by says so."""
    return f"{part} of {whole} ({(200 * part + whole) // (2 * whole)}%)" if whole else "none"


@dataclass(frozen=True)
class Asked:
    authority: Authority
    pack: AuthorityPack
    period: Period
    on: dt.date
    least: int

    def counts(self, numbers: dict[str, int]) -> tuple[tuple[str, ...], ...]:
        return tuple((key, TOO_FEW if number is None else str(number)) for key, number in hidden_below(numbers, self.least).items())


# ---------------------------------------------------------------- sections


def judgement(asked: Asked, section: Section) -> None:
    row = OutsideJudgement.objects.filter(authority=asked.authority, on__lte=asked.on).prefetch_related("actions").first()
    if row is None:
        return
    section.words += [f"{row.title} ({row.get_body_display()}, {day(row.on)}){f': {row.grade}' if row.grade else ''}.", f"“{row.words}”"]
    if row.answer:
        section.words.append(f"Our answer: {row.answer}")
    if actions := tuple((action.text, action.owner, day(action.due_on)) for action in row.actions.all()):
        section.tables.append(Figures("What we do about it", ("Action", "Who", "By"), actions))


def coverage(asked: Asked, section: Section) -> None:
    """Rounds that touch the period. A round of fewer schools than the least is not shown: its row would be a school's."""
    rounds = Round.objects.filter(
        authority=asked.authority, starts_on__lte=asked.period.ends_on, ends_on__gte=asked.period.starts_on
    ).select_related("authority")
    rows = []
    for round_ in whole_coverages(list(rounds.order_by("starts_on", "name")), asked.on):
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
    notes = NoteOfVisit.objects.filter(authority=asked.authority)
    span = asked.period.moments()
    drafts = notes.filter(submitted_at__range=span).aggregate(
        all=Count("pk"), good=Count("pk", filter=Q(submitted_at__date__lte=F("draft_due_on")))
    )
    finals = notes.filter(finalised_at__range=span, final_due_on__isnull=False).aggregate(
        all=Count("pk"), good=Count("pk", filter=Q(finalised_at__date__lte=F("final_due_on")))
    )
    if drafts["all"] >= asked.least:
        rows = [("Drafts submitted by their day", of(drafts["good"], drafts["all"]))]
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
    sips = list(Sip.objects.filter(on_day(asked.on), authority=asked.authority))
    kinds = Counter(sip.kind for sip in sips)
    numbers = {str(kind.label).capitalize(): kinds[kind] for kind in SipKind}
    section.tables.append(Figures("By kind", ("Kind", "How many"), (*asked.counts(numbers), ("All", str(len(sips))))))


def mentoring(asked: Asked, section: Section) -> None:
    new = [sip for sip in Sip.objects.filter(on_day(asked.on), authority=asked.authority) if sip.is_new_on(asked.on)]
    mentored = set(Mentorship.objects.filter(on_day(asked.on), sip__in=new).values_list("sip_id", flat=True))
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
    on = min(asked.on, asked.period.ends_on)
    found = shadowing_coverage(asked.authority, asked.pack, on, year=asked.period.year.first)
    if len(found.due) < asked.least:
        return
    done, planned = len(found.done), len(found.planned)
    shown = hidden_below({"done": done, "planned": planned, "rest": len(found.due) - done - planned}, asked.least)
    if shown["done"] is not None:
        section.words.append(f"{of(done, len(found.due))} of SIPs with a visit due by {day(found.by_on)} have been shadowed.")
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


def categories(asked: Asked, section: Section) -> None:
    """The levels on the last day of the period that has come, and how many schools moved in it."""
    on = min(asked.on, asked.period.ends_on)
    here = School.objects.filter(authority=asked.authority).open_on(on)
    now = SchoolCategory.objects.filter(on_day(on), school__in=here).values_list("label", "level")
    levels = Counter(now)
    if sum(levels.values()) < asked.least:
        return
    numbers = {label: levels[label, level] for label, level in sorted(levels, key=lambda pair: pair[1])}
    section.tables.append(
        Figures(f"Schools by level, {day(on)}", ("Level", "Schools"), (*asked.counts(numbers), ("All", str(sum(numbers.values())))))
    )
    begun = SchoolCategory.objects.filter(school__in=here, starts_on__range=(asked.period.starts_on, on)).values_list(
        "school", "level", "starts_on"
    )
    before = {
        (school, ends_on + dt.timedelta(days=1)): level
        for school, level, ends_on in SchoolCategory.objects.filter(school__in=here, ends_on__isnull=False).values_list(
            "school", "level", "ends_on"
        )
    }
    moved = Counter(
        "To more support" if level > before[school, since] else "To less support"
        for school, level, since in begun
        if (school, since) in before and level != before[school, since]
    )
    if sum(moved.values()) >= asked.least:
        section.tables.append(Figures("Moved", ("Way", "Schools"), (*asked.counts(dict(moved)), ("All", str(sum(moved.values()))))))


Maker = Callable[[Asked, Section], None]
PROGRAMME: dict[str, tuple[Maker, ...]] = {
    "coverage": (coverage,),
    "timeliness": (timeliness,),
    "reporting": (reporting,),
    "people": (people, mentoring),
    "shadowing": (shadowing,),
    "moderation": (moderation,),
    "feedback": (feedback,),
    "categories": (categories,),
}
EVIDENCE: dict[str, tuple[Maker, ...]] = {
    "implementation": (coverage, people),
    "management": (timeliness, reporting),
    "qa": (shadowing, moderation),
    "feedback": (feedback,),
    "development": (mentoring,),
    "concern": (categories,),
}
REPORTS = {"programme": PROGRAMME, "evidence": EVIDENCE}


def make_report(authority: Authority, pack: AuthorityPack, which: str, period: Period, on: dt.date) -> Made:
    """The report as it stands: the latest outside judgement first, then the pack's headings that have figures."""
    part = quality_of(pack.content)
    report: Report = part.programme_report if which == "programme" else part.evidence_pack
    asked = Asked(authority, pack, period, on, pack.whole("members_smallest_count"))
    first = Section("judgement", "What others say: the latest outside judgement")
    judgement(asked, first)
    sections = [first]
    for heading in report.headings:
        section = Section(heading.code, heading.text)
        for maker in REPORTS[which].get(heading.code, ()):
            maker(asked, section)
        sections.append(section)
    title = report.title.replace("{period}", period.label)
    return Made(title, period, on, tuple(section for section in sections if section))


def sheets_of(made: Made) -> Sequence[tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]]]:
    """For a workbook: a first sheet of words, then one a table."""
    words = tuple((section.heading, line) for section in made.sections for line in section.words)
    found: list[tuple[str, tuple[str, ...], tuple[tuple[str, ...], ...]]] = [("Words", ("Section", "Text"), words)]
    found += [(f"{number} {table.caption}", table.columns, table.rows) for number, table in enumerate(_tables(made), start=1)]
    return found


def _tables(made: Made) -> list[Figures]:
    return [table for section in made.sections for table in section.tables]
