"""What SIPs need to learn, from four sides: shadowing, SIP reviews, the SIPs themselves, and evaluation forms (S14, P30)."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from briefings.models import Evaluation, TrainingNeed, Workshop
from briefings.pack import briefings_of
from core.calendar import AcademicYear
from people.packs import AuthorityPack
from quality.choices import FindingKind, ShadowingState
from quality.models import CpdNeed, ShadowingFinding

from .evaluation import training_asked_for


@dataclass(frozen=True)
class Wanted:
    """A workshop of the pack: how many SIPs ask for it, and the dates on which it is offered in the year."""

    title: str
    count: int
    offered: Sequence[Workshop]


@dataclass(frozen=True)
class Needs:
    """``areas``: shadowing's areas for development, by how many SIPs. ``reviews`` and ``forms`` are words without a name;
    ``reviews_least`` is how many SIPs' reviews must name one before any is told, where fewer do; ``others`` are the SIPs' own words."""

    areas: Sequence[tuple[str, int]]
    shadowed: int
    reviews: Sequence[str]
    reviews_least: int
    wanted: Sequence[Wanted]
    others: Sequence[TrainingNeed]
    forms: Sequence[str]


def needs_of(pack: AuthorityPack, year: AcademicYear, on: dt.date) -> Needs:
    """Everything of an authority and an academic year, in six queries.

    A SIP review is seen by three people; of its needs the text alone comes here, without a name or a date, by the alphabet,
    and only where as many SIPs have one as an evaluation needs.
    """
    authority = pack.authority
    findings = ShadowingFinding.objects.filter(
        shadowing__authority=authority, shadowing__visit__on__range=(year.starts_on, year.ends_on), kind=FindingKind.DEVELOPMENT
    ).exclude(shadowing__state=ShadowingState.CANCELLED)
    by_area: dict[str, set[int]] = defaultdict(set)
    for label, sip_id in findings.values_list("label", "shadowing__sip_id"):
        by_area[label].add(sip_id)
    areas = sorted(((label, len(sips)) for label, sips in by_area.items()), key=lambda pair: (-pair[1], pair[0]))
    asked = list(CpdNeed.objects.filter(review__authority=authority, review__academic_year=year).values_list("review__sip_id", "text"))
    least = briefings_of(pack.content).evaluation.least
    reviews = {text.strip() for _, text in asked} if len({sip for sip, _ in asked}) >= least else set()
    own = list(TrainingNeed.objects.filter(sip__authority=authority, academic_year=year).select_related("sip__user"))
    offered: dict[str, list[Workshop]] = defaultdict(list)
    for workshop in Workshop.objects.filter(authority=authority, academic_year=year).exclude(topic="").exclude(state="cancelled"):
        offered[workshop.topic].append(workshop)
    counts = Counter(need.topic for need in own if need.topic)
    topics = [topic for topic in briefings_of(pack.content).workshops if counts[topic.code] or offered[topic.code]]
    evaluations = list(Evaluation.objects.filter(authority=authority, opened_on__range=(year.starts_on, year.ends_on)))
    return Needs(
        areas=areas,
        shadowed=len(set().union(*by_area.values())),
        reviews=sorted(reviews),
        reviews_least=least if asked and not reviews else 0,
        wanted=sorted((Wanted(t.title, counts[t.code], offered[t.code]) for t in topics), key=lambda row: (-row.count, row.title)),
        others=[need for need in own if need.text],
        forms=training_asked_for(evaluations, on),
    )
