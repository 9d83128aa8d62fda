"""The board of schools causing concern: columns, list and map; the register as a file and on paper."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from core import audit, clock
from core.access import PortalView, can
from core.documents import DocumentFailed
from core.spans import on_day
from core.tabular.writing import export_response
from people.models import Authority, User
from people.packs import AuthorityPack, require_pack
from people.roles import Permission as P
from people.views.base import Page
from schools.models import School
from support import documents
from support.board import COLUMNS, Board, board_of, register_rows
from support.board_map import BoardMap, Spot
from support.choices import WarningState
from support.concern_forms import BoardFilterForm
from support.models import EarlyWarning, SchoolCategory
from support.scope import assessed_by
from support.selectors import scheme_in_force

from .base import authority_of
from .cases import pdf_response

EXPORTS = ("csv", "xlsx")
VIEWS = {"columns": "Columns", "list": "List", "map": "Map"}


class _Asked:
    request: Any

    @cached_property
    def managed(self) -> Authority:
        return authority_of(self.request, P.CONCERN_LIST)

    @cached_property
    def pack(self) -> AuthorityPack:
        return require_pack(self.managed, clock.today())

    @cached_property
    def clusters(self) -> list[tuple[str, str]]:
        rows = assessed_by(self.request.user, P.CONCERN_LIST).filter(authority=self.managed).exclude(cluster=None)
        return list(rows.order_by("cluster__name").values_list("cluster__code", "cluster__name").distinct())

    @cached_property
    def filters(self) -> BoardFilterForm:
        return BoardFilterForm(self.request.GET, clusters=self.clusters, pack=self.pack)

    @cached_property
    def board(self) -> Board:
        self.filters.is_valid()
        data = self.filters.cleaned_data
        return board_of(
            self.request.user, self.pack, clock.today(), cluster=data.get("cluster", ""), concern_class=data.get("concern_class", "")
        )


class ConcernBoardView(_Asked, Page):
    """One card a case, those that need a person first; filters and view stand in the address."""

    permission = P.CONCERN_LIST
    template_name = "support/board.html"

    def authority_id(self) -> int | None:
        return self.managed.pk

    @property
    def view(self) -> str:
        asked = str(self.request.GET.get("view") or "")
        return asked if asked in VIEWS else "columns"

    def context(self) -> dict[str, Any]:
        query = self.request.GET.copy()
        views = []
        for key, label in VIEWS.items():
            query["view"] = key
            views.append({"label": label, "url": f"?{query.urlencode()}", "current": key == self.view})
        waiting = EarlyWarning.objects.visible_to(self.user).filter(school__authority=self.managed, state=WarningState.WAITING, fires=True)
        context: dict[str, Any] = {
            "board": self.board,
            "schools": len({card.concern.school_id for card in self.board.cards}),
            "view": self.view,
            "views": views,
            "filters": self.filters,
            "clusters": self.clusters,
            "warnings": waiting.count(),
            "may_open": can(self.user, P.CONCERN_MANAGE, self.managed),
            "query": self.request.GET.urlencode(),
            "alerts": [(card, raised) for card in self.board.cards for raised in card.alerts],
        }
        return context | (self._map() if self.view == "map" else {})

    def _map(self) -> dict[str, Any]:
        """The schools of the scope by place; cases numbered by cluster and name, with a list twin in the same order."""
        cluster = self.filters.cleaned_data.get("cluster", "")
        rows = assessed_by(self.user, P.CONCERN_LIST).filter(authority=self.managed).open_on(self.today)
        if cluster:
            rows = rows.filter(cluster__code=cluster)
        placed = rows.exclude(easting=None).exclude(northing=None)
        levels = dict(SchoolCategory.objects.filter(on_day(self.today), school__in=rows).values_list("school_id", "level"))
        key = {level.rank: level.label for level in scheme_in_force(self.pack, self.today).levels}

        def place(card: Any) -> tuple[str, str]:
            return (card.concern.school.cluster.name if card.concern.school.cluster else "~", card.concern.school.name)

        numbers: dict[int, int] = {}
        groups: dict[str, list[tuple[int, Any]]] = {}
        for card in sorted(self.board.cards, key=place):
            school: School = card.concern.school
            number = numbers.setdefault(school.pk, len(numbers) + 1)
            groups.setdefault(school.cluster.name if school.cluster else "No cluster", []).append((number, card))
        spots = [
            Spot(name, easting, northing, cluster_name or "", levels.get(pk, 0), numbers.get(pk, 0))
            for pk, name, easting, northing, cluster_name in placed.order_by("name").values_list(
                "pk", "name", "easting", "northing", "cluster__name"
            )
            if easting is not None and northing is not None
        ]
        unplaced = [card.concern.school.name for card in self.board.cards if card.concern.school.easting is None]
        picture = BoardMap(key="map", heading="Schools causing concern", spots=spots, levels=key)
        return {"map": picture.draw(640).svg(key="map", title=picture.title, desc=picture.desc), "groups": groups, "unplaced": unplaced}


def _recorded(view: Any, user: User, board: Board, kind: str) -> None:
    changes = {"rows": len(board.cards) + len(board.monitored), "kind": kind}
    audit.record("concern.exported", actor=user, at=clock.now(), subject=user, authority=view.managed, changes=changes)


class ConcernExportView(_Asked, PortalView):
    """What is shown, as CSV or Excel."""

    permission = P.CONCERN_LIST

    def get(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        assert isinstance(request.user, User)
        if kind not in EXPORTS:
            raise Http404("Not found.")
        _recorded(self, request.user, self.board, kind)
        return export_response("schools-causing-concern", COLUMNS, register_rows(self.board), kind)


class ConcernRegisterView(_Asked, PortalView):
    """The register on paper."""

    permission = P.CONCERN_LIST

    def get(self, request: HttpRequest) -> HttpResponseBase:
        assert isinstance(request.user, User)
        try:
            body = documents.register(self.managed, self.board, on=clock.today(), at=clock.now())
        except DocumentFailed as failure:
            messages.error(request, str(failure))
            return HttpResponseRedirect(reverse("support:concern-board"))
        _recorded(self, request.user, self.board, "pdf")
        return pdf_response(body, f"schools-causing-concern-{clock.today():%Y-%m-%d}.pdf")
