"""The dictionary of facts, with what is known of each; any of them as a file."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase

from core import audit, clock
from core.access import PortalView
from core.tabular.writing import export_response
from people.models import User
from people.packs import AuthorityPack, require_pack
from people.roles import Permission as P
from people.views.base import Page
from support.selectors import FACT_COLUMNS, fact_lines, fact_rows, fact_schools
from targets.pack import facts_of, measures_of
from targets.wording import FactWords

from .base import authority_of

EXPORTS = ("csv", "xlsx")


def pack_of(request: HttpRequest) -> AuthorityPack:
    return require_pack(authority_of(request, P.FACT_LIST), clock.today())


class FactListView(Page):
    """Every fact that a rule may name: what it means, whose it is, and for how many of one's schools it is known."""

    permission = P.FACT_LIST
    template_name = "support/fact_list.html"

    def authority_id(self) -> int | None:
        return authority_of(self.request, P.FACT_LIST).pk

    def context(self) -> dict[str, Any]:
        pack = pack_of(self.request)
        schools = fact_schools(self.user, pack)
        families = fact_lines(schools, pack, self.today)
        part = facts_of(pack.content)
        return {
            "families": families,
            "total": sum(families[0][1][0].standing.values()) if families else 0,
            "number": sum(len(lines) for _, lines in families),
            "suffixes": [(code, said) for code, said in part.suffixes.items() if code != "(none)"],
            "groups": measures_of(pack.content).groups,
            "managed": pack.authority,
        }


class FactExportView(PortalView):
    """One fact of every school in scope, with the four values told apart, its source and its date."""

    permission = P.FACT_LIST

    def get(self, request: HttpRequest, code: str, kind: str) -> HttpResponseBase:
        assert isinstance(request.user, User)
        pack = pack_of(request)
        if kind not in EXPORTS or not facts_of(pack.content).knows(code, measures_of(pack.content)):
            raise Http404("Not found.")
        if code in facts_of(pack.content).target:
            raise Http404("Not found.")  # facts of one proposed target are of no school
        rows = fact_rows(fact_schools(request.user, pack), code, pack, clock.today())
        audit.record(
            "facts.exported",
            actor=request.user,
            at=clock.now(),
            subject=request.user,
            authority=pack.authority,
            changes={"fact": code, "label": FactWords(pack.content).label(code), "rows": len(rows), "kind": kind},
        )
        return export_response(code.replace(".", "-"), FACT_COLUMNS, rows, kind)
