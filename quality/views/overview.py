"""Quality assurance on one page: who has been shadowed, what was found, what moderators say, and whether they agree."""

from __future__ import annotations

from typing import Any

from core.components.formats import day
from people.models import Authority
from people.packs import require_pack
from people.roles import Permission as P
from people.views.base import chosen_authority
from visits.views.pages import WithPack

from ..agreement import GRADES
from ..models import ModerationSample, SampledNote, Shadowing
from ..selectors.moderation import results_of
from ..selectors.shadowing import common_findings, shadowing_coverage


class OverviewView(WithPack):
    """Figures of the authority; a name, a sentence or a grade only within the asker's scope."""

    permission = P.QUALITY_OVERVIEW
    template_name = "quality/overview.html"

    def get_object(self) -> Authority:
        return chosen_authority(self.request, P.QUALITY_OVERVIEW)

    def authority_id(self) -> int:
        return int(self.object.pk)

    def context(self) -> dict[str, Any]:
        authority: Authority = self.object
        pack = self.policy_in_force or require_pack(authority, self.today)
        coverage = shadowing_coverage(authority, pack, self.today)
        rows = Shadowing.objects.visible_to(self.user).filter(authority=authority, academic_year__gte=coverage.starts_on.year - 1)
        forms, strengths, developments = common_findings(rows)
        samples = list(ModerationSample.objects.visible_to(self.user).filter(authority=authority).select_related("round"))
        results = results_of(samples, SampledNote.objects.visible_to(self.user).not_to_rate(self.user))
        least = pack.whole("kappa_pairs")
        return {
            "coverage": coverage,
            "target_words": f"Plan for today {coverage.wanted}. All by {day(coverage.by_on)}",
            "planned_words": f"{len(coverage.away)} away, and counted" if coverage.away else "",
            "outside_percent": pack.whole("shadow_outside_line_percent"),
            "forms": forms,
            "strengths": strengths,
            "developments": developments,
            "samples": samples,
            "results": results,
            "kappa": results.agreement.kappa(least),
            "kappa_pairs": least,
            "grades": GRADES,
        }


__all__ = ["OverviewView"]
