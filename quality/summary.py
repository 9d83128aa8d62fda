"""What quality assurance comes to for a year, as plain values: for the command, and for reports."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core.calendar import AcademicYear
from people.models import Authority
from people.packs import AuthorityPack

from .agreement import GRADES
from .models import ModerationSample, SampledNote, Shadowing
from .selectors.moderation import Slice, results_of
from .selectors.shadowing import Common, common_findings, shadowing_coverage


def summary(authority: Authority, pack: AuthorityPack, on: dt.date) -> dict[str, Any]:
    """Of the whole authority in the year of ``on``: names of SIPs where the figure names them, no sentence and no grade of a person.

    Moderation is what was drawn in the year, so of the rounds that had closed by then.
    """
    year = AcademicYear.from_date(on)
    coverage = shadowing_coverage(authority, pack, on)
    forms, strengths, areas = common_findings(Shadowing.objects.filter(authority=authority, academic_year=year.first))
    samples = list(
        ModerationSample.objects.filter(
            authority=authority, drawn_at__date__gte=year.starts_on, drawn_at__date__lte=year.ends_on
        ).select_related("round")
    )
    results = results_of(samples, SampledNote.objects.all())
    least = pack.whole("kappa_pairs")
    kappa = results.agreement.kappa(least)
    return {
        "authority": authority.code,
        "year": str(year),
        "on": on.isoformat(),
        "shadowing": {
            "by": coverage.by_on.isoformat(),
            "due": len(coverage.due),
            "done": len(coverage.done),
            "planned": len(coverage.planned),
            "line": coverage.wanted,
            "outside_line": coverage.outside_line,
            "without_plan": [line.name for line in coverage.gaps],
            "away": [line.name for line in coverage.away],
            "no_visit_due": [line.name for line in coverage.without_visit],
        },
        "forms": forms,
        "strengths": [_common(common) for common in strengths],
        "areas": [_common(common) for common in areas],
        "samples": [
            {"round": sample.round.name, "seed": sample.seed, "of": len(sample.frame), "strata": sample.strata} for sample in samples
        ],
        "moderation": {
            "notes": results.notes,
            "criteria": [{"label": line.label, **_grades(line.counts), "good_or_better": line.good} for line in results.criteria],
            "by_kind": [_slice(slice_) for slice_ in results.kinds],
            "by_round": [_slice(slice_) for slice_ in results.rounds],
            "agreement": {
                "pairs": results.agreement.total,
                "same": results.agreement.same,
                "within_one": results.agreement.within_one,
                "words": results.agreement.words,
                "kappa": str(kappa) if kappa is not None else None,
                "kappa_from_pairs": least,
            },
        },
    }


def _common(common: Common) -> dict[str, Any]:
    return {"code": common.sentences[0].code, "label": common.label, "count": common.count, "of": common.of}


def _grades(counts: list[int]) -> dict[str, int]:
    return {str(grade): count for grade, count in zip(GRADES, counts, strict=True)}


def _slice(slice_: Slice) -> dict[str, Any]:
    return {"label": slice_.label, **_grades(slice_.counts), "follow_the_guidance": slice_.conforms}
