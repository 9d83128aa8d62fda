"""The cockpit of quality assurance: what waits, who is late, who has been shadowed, what was found; and the rows behind each number."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import Count, Q

from core.access import can
from core.calendar import AcademicYear
from core.components.formats import day, short_day
from people.models import Authority
from people.packs import AuthorityPack, require_pack
from people.roles import Permission as P
from people.views.base import chosen_authority
from visits.views.pages import WithPack

from ..agreement import GRADES
from ..models import FeedbackRelease, GateRating, ModerationSample, SampledNote, Shadowing
from ..selectors import cockpit
from ..selectors.calibration import calibration
from ..selectors.moderation import ratings_at_gate, results_of
from ..selectors.shadowing import common_findings, shadowing_coverage


class OfQuality(WithPack):
    """A page of figures of one authority, for those who answer for the quality of the SIPs' work."""

    abstract = True
    permission = P.QUALITY_OVERVIEW

    def get_object(self) -> Authority:
        return chosen_authority(self.request, P.QUALITY_OVERVIEW)

    def authority_id(self) -> int:
        return int(self.object.pk)

    @cached_property
    def pack(self) -> AuthorityPack:
        return self.policy_in_force or require_pack(self.object, self.today)

    @cached_property
    def notes(self) -> cockpit.Notes:
        return cockpit.Notes(self.user, self.object, self.pack, self.today)

    @cached_property
    def samples(self) -> list[Any]:
        rows = ModerationSample.objects.visible_to(self.user).filter(authority=self.object)
        told = SampledNote.objects.visible_to(self.user).not_to_rate(self.user).order_by().values("pk")
        counted: Any = rows.annotate(told=Count("notes", filter=Q(notes__in=told)))
        return list(counted.select_related("round", "authority").order_by("-drawn_at"))

    @property
    def sampled(self) -> Any:
        """The notes of the samples that may be spoken of: not those that the asker is still to rate. Each sample has their number, ``told``."""
        return SampledNote.objects.visible_to(self.user).not_to_rate(self.user).filter(sample__in=[sample.pk for sample in self.samples])

    @property
    def at_gate(self) -> Any:
        return GateRating.objects.visible_to(self.user).filter(authority=self.object)


class OverviewView(OfQuality):
    """Every figure opens its rows; a name, a sentence or a grade only within the asker's scope."""

    template_name = "quality/overview.html"

    def context(self) -> dict[str, Any]:
        authority: Authority = self.object
        pack, user, today = self.pack, self.user, self.today
        coverage = shadowing_coverage(authority, pack, today)
        rows = Shadowing.objects.visible_to(user).filter(authority=authority, academic_year__gte=coverage.starts_on.year - 1)
        forms, strengths, developments = common_findings(rows)
        results = results_of(self.samples, self.sampled)
        manages = can(user, P.MODERATION_MANAGE, authority)
        pairs = results.to_settle if manages else []
        reviews, in_review = cockpit.reviews_waiting(user, authority) if user.hats.may_somewhere(P.REVIEW_QUEUE) else ([], 0)
        waiting = sorted([*reviews, *cockpit.pairs_waiting(user, pairs)], key=lambda row: row.decide_on)
        least = pack.whole("kappa_pairs")
        term = pack.terms.term_of(today)
        release = FeedbackRelease.objects.visible_to(user).filter(authority=authority, sip__isnull=True)
        asks = can(user, P.FEEDBACK_ASK, authority)
        support = cockpit.support_of_sips(authority, pack, today, pack.whole("members_smallest_count"))
        return {
            "period": str(term or AcademicYear.from_date(today)),
            "lede": f"{day(today)}. {cockpit.lede(waiting, today)}",
            "coverage": coverage,
            "chart": cockpit.shadowing_chart(coverage),
            "target_words": f"Plan for today {coverage.wanted}. All by {day(coverage.by_on)}",
            "outside_percent": pack.whole("shadow_outside_line_percent"),
            "notes": self.notes,
            "late": self.notes.late[:5],
            "waiting": waiting,
            "in_review": in_review,
            "forms": forms,
            "strengths": strengths,
            "developments": developments,
            "samples": self.samples,
            "sampled": sum(sample.told for sample in self.samples),
            "results": results,
            "gate": ratings_at_gate(self.at_gate),
            "kappa": results.agreement.kappa(least),
            "kappa_pairs": least,
            "grades": GRADES,
            "asked": cockpit.feedback_asked(user, authority, today) if asks else None,
            "feedback": cockpit.feedback_trend(release),
            "support": support,
            "calibration": calibration(user, authority, pack, today),
            "may_draw": manages,
            "sees_mentoring": can(user, P.MENTORING_VIEW),
            "may_remind": manages and len(self.notes.rounds) > 0,
            "objectives_words": short_day(support.objectives_by),
            "late_words": f"{len(self.notes.late)} late" if self.notes.late else "None is late",
            "on": short_day(today),
        }


__all__ = ["OfQuality", "OverviewView"]
