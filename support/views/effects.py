"""The effect of support programmes (P7): the table behind the headline, and its export."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase

from core import audit, clock
from core.access import PortalView
from core.calendar import AcademicYear
from core.tabular.writing import export_response
from people.models import Authority
from people.packs import require_pack
from people.roles import Permission as P
from people.views.base import Page, chosen_authority
from schools.models import School
from support import effects
from support.programme_pack import programmes_of
from targets.selectors import result_years

EXPORTS = ("csv", "xlsx")


class _Effects:
    request: Any
    object: Authority

    def get_object(self) -> Authority:
        return chosen_authority(self.request, P.RESULTS_VIEW)

    @cached_property
    def years(self) -> list[int]:
        part = programmes_of(require_pack(self.object, clock.today()).content)
        return result_years(self.schools, [policy.measure for policy in part.programmes])

    @cached_property
    def year(self) -> int:
        """Of the results; the address names the programme year that opens with them."""
        asked = str(self.request.GET.get("year") or "")
        known = {str(year + 1): year for year in self.years}
        return known.get(asked, max(self.years, default=AcademicYear.from_date(clock.today()).first - 1))

    @cached_property
    def schools(self) -> Any:
        """Those whose results one reads for the authority: not one that is only one's own, nor one that one is walled from."""
        return School.objects.granting(self.request.user, P.RESULTS_VIEW).filter(authority=self.object)

    @cached_property
    def found(self) -> list[effects.ProgrammeEffect]:
        return effects.programme_effects(self.object, require_pack(self.object, clock.today()), self.schools, self.year)


class ProgrammeEffectsView(_Effects, Page):
    permission = P.RESULTS_VIEW
    template_name = "support/programme_effects.html"

    def authority_id(self) -> int | None:
        return self.object.pk

    def context(self) -> dict[str, Any]:
        pack = require_pack(self.object, self.today)
        names = {school.pk: school for school in self.schools.filter(pk__in=[row.school_id for one in self.found for row in one.rows])}
        return {
            "effects": [(one, [(names[row.school_id], row) for row in one.rows]) for one in self.found],
            "rule": effects.rule_words(pack),
            "sentence": effects.headline(self.object, pack, self.schools, self.year)[0],
            "year": AcademicYear(self.year),
            "years": [(f"?year={year + 1}", AcademicYear(year), year == self.year) for year in sorted(self.years, reverse=True)[:6]],
            "query": f"year={self.year + 1}",
        }


class ProgrammeEffectsExportView(_Effects, PortalView):
    """One row a programme; of fewer than five schools the number alone."""

    permission = P.RESULTS_VIEW
    http_method_names = ("get", "head")

    def get(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        if kind not in EXPORTS:
            raise Http404("Not found.")
        rows = [(one.programme.label, one.measure.short_label, *one.cells()) for one in self.found]
        changes = {"rows": len(rows), "kind": kind, "year": str(AcademicYear(self.year))}
        audit.record("programme.exported", actor=request.user, at=clock.now(), subject=request.user, authority=self.object, changes=changes)
        return export_response("effect of programmes", ("Programme", "Measure", *effects.HEAD[1:]), rows, kind)


__all__ = ["ProgrammeEffectsExportView", "ProgrammeEffectsView"]
