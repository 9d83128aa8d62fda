"""The workbench: drafts of criteria, each beside today's; and what the SIPs said of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from core import audit, clock
from core.access import PortalView, Refused, can, get_visible
from core.components.formats import days_quarters
from core.components.forms import PortalForm
from core.components.tables import Page as TablePage
from core.tabular.writing import export_response
from people.packs import AuthorityPack, require_pack
from people.roles import Permission as P
from people.views.base import Deed, FormPage, Page
from schools.models import School
from schools.selectors import matching
from support import services
from support.choices import DraftState
from support.drafts import compiled, read_scheme
from support.forms import ConsultForm, DraftBeginForm, PublishSchemeForm, RuleForm, TextForm, numbers_in
from support.models import DraftScheme, Placement
from support.pack import Scheme, support_of
from support.scope import assessed_by
from support.selectors import scheme_in_force
from support.wording import number_at, plain, with_numbers
from support.workbench import Comparison, Mover, level_lines, rule_lines, trial

from .base import authority_of

SHOWN = 20
"""Movers on a page: each is explained, and so no more than are shown."""


class SchemeListView(Page):
    """The criteria in force, those of the pack, and the drafts."""

    permission = P.SCHEME_COMPARE
    template_name = "support/scheme_list.html"

    def authority_id(self) -> int | None:
        return authority_of(self.request, P.SCHEME_COMPARE).pk

    def context(self) -> dict[str, Any]:
        authority = authority_of(self.request, P.SCHEME_COMPARE)
        pack = require_pack(authority, self.today)
        drafts = DraftScheme.objects.visible_to(self.user).filter(authority=authority).exclude(state=DraftState.DISCARDED)
        return {
            "managed": authority,
            "in_force": scheme_in_force(pack, self.today),
            "of_pack": support_of(pack.content).schemes,
            "drafts": drafts.select_related("created_by"),
            "may_edit": can(self.user, P.SCHEME_EDIT, authority),
        }


class SchemeBeginView(FormPage):
    permission = P.SCHEME_EDIT
    template_name = "support/scheme_begin.html"

    def authority_id(self) -> int | None:
        return authority_of(self.request, P.SCHEME_EDIT).pk

    @cached_property
    def pack(self) -> AuthorityPack:
        return require_pack(authority_of(self.request, P.SCHEME_EDIT), self.today)

    @cached_property
    def sources(self) -> dict[str, tuple[str, Any]]:
        found: dict[str, tuple[str, Any]] = {scheme.code: (scheme.label, scheme) for scheme in support_of(self.pack.content).schemes}
        drafts = DraftScheme.objects.visible_to(self.user).filter(authority=self.pack.authority).exclude(state=DraftState.DISCARDED)
        found |= {draft.public_id: (draft.label, draft) for draft in drafts}
        return found

    def form(self, data: Any = None) -> PortalForm:
        return DraftBeginForm(data, schemes=[(key, label) for key, (label, _) in self.sources.items()])

    def deed(self, form: Any) -> HttpResponse:
        source = self.sources[form.cleaned_data["frm"]][1]
        scheme = source if isinstance(source, Scheme) else read_scheme(source.definition, self.pack)
        draft = services.begin_draft(
            actor=self.user, authority=self.pack.authority, frm=scheme, label=form.cleaned_data["label"], at=clock.now()
        )
        return self.go(draft.get_absolute_url(), "The draft is begun. Nothing here changes a school's category.")


class DraftMixin:
    """A page about one draft, inside its scope."""

    object: DraftScheme
    kwargs: dict[str, Any]
    request: Any

    def get_object(self) -> DraftScheme:
        return get_visible(DraftScheme.objects.select_related("authority"), self.request.user, public_id=self.kwargs["draft"])

    def authority_id(self) -> int | None:
        return self.object.authority_id

    @cached_property
    def pack(self) -> AuthorityPack:
        return require_pack(self.object.authority, clock.today())

    def back(self) -> str:
        return self.object.get_absolute_url()


class Workbench(DraftMixin):
    """The comparison that the address asks for: the draft as it is kept, or with other numbers tried."""

    @cached_property
    def numbers(self) -> dict[str, Decimal]:
        """The numbers in the address that are not the draft's own; what is no place of the draft is left out."""
        numbers, _ = numbers_in(self.request.GET)
        held = {path: number_at(self.object.definition, path) for path in numbers}
        return {path: number for path, number in numbers.items() if held[path] is not None and held[path] != number}

    @cached_property
    def definition(self) -> dict[str, Any]:
        return with_numbers(self.object.definition, self.numbers) if self.numbers else dict(self.object.definition)

    @cached_property
    def comparison(self) -> Comparison:
        on = clock.today()
        current = compiled(scheme_in_force(self.pack, on), self.pack)
        saved = compiled(read_scheme(self.object.definition, self.pack), self.pack)
        tried = compiled(read_scheme(self.definition, self.pack), self.pack) if self.numbers else saved
        return Comparison(current, saved, tried, self.schools, on=on, pack=self.pack)

    @property
    def schools(self) -> QuerySet[School]:
        return assessed_by(self.request.user, P.SCHEME_COMPARE).open_on(clock.today()).filter(authority=self.object.authority)

    @property
    def square(self) -> tuple[str, str]:
        return str(self.request.GET.get("from", "")), str(self.request.GET.get("to", ""))

    @property
    def query(self) -> str:
        return urlencode({f"n.{path}": plain(number) for path, number in self.numbers.items()})


class SchemeDetailView(Workbench, Page):
    """The workbench: criteria at the left, who would move at the right. Trying numbers changes the address and nothing else."""

    permission = P.SCHEME_COMPARE
    template_name = "support/workbench.html"

    def context(self) -> dict[str, Any]:
        try:
            comparison = self.comparison
        except Refused as refusal:
            return {"draft": self.object, "refused": refusal.message, "may_edit": can(self.user, P.SCHEME_EDIT, self.object)}
        frm, to = self.square
        chosen = comparison.chosen(frm, to)
        is_draft = self.object.state == DraftState.DRAFT
        scheme = comparison.tried.compiled.scheme
        return {
            "draft": self.object,
            "comparison": comparison,
            "in_force": comparison.current.compiled.scheme,
            "scheme": scheme,
            "rules": rule_lines(comparison),
            "levels": level_lines(scheme, comparison.words, self.definition, comparison.current.compiled.scheme),
            "movers": self.page_of(comparison, chosen),
            "found": len(chosen),
            "square": (frm, to) if frm and to else None,
            "what_ifs": comparison.what_ifs(self.numbers, self.object.definition),
            "query": self.query,
            "numbers": [(f"n.{path}", plain(number)) for path, number in self.numbers.items()],
            "is_trying": bool(self.numbers),
            "may_edit": is_draft and can(self.user, P.SCHEME_EDIT, self.object),
            "may_publish": is_draft and can(self.user, P.SCHEME_PUBLISH, self.object),
            "may_run": can(self.user, P.SCHEME_EDIT, self.object),
            "is_draft": is_draft,
            **self._one_school(comparison),
        }

    def page_of(self, comparison: Comparison, chosen: Sequence[int]) -> TablePage[Mover]:
        """The page of movers that the address asks for, by its number; the first where there is no such page."""
        asked, last = str(self.request.GET.get("page", "")), max(1, -(-len(chosen) // SHOWN))
        page = int(asked) if asked.isascii() and asked.isdecimal() and 1 <= int(asked) <= last else 1
        rows = comparison.movers(chosen[(page - 1) * SHOWN : page * SHOWN])
        return TablePage(rows, str(page + 1) if page < last else "", str(page - 1) if page > 1 else "", "page")

    def _one_school(self, comparison: Comparison) -> dict[str, Any]:
        words = str(self.request.GET.get("school", "")).strip()
        if not words:
            return {"school_words": ""}
        matches = self.schools.filter(matching(words)).select_related("authority", "cluster")
        found = list(matches.order_by("name", "urn")[:6])
        exact = [school for school in found if school.name.lower() == words.lower() or str(school.urn) == words] or found
        return {
            "school_words": words,
            "trial": trial(comparison, exact[0]) if len(exact) == 1 else None,
            "several": exact if len(exact) > 1 else [],
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Compare, or save, the numbers that were sent."""
        numbers, faults = numbers_in(request.POST)
        if faults:
            messages.error(request, faults[0])
            return HttpResponseRedirect(self.back())
        if request.POST.get("do") == "save":
            try:
                services.change_numbers(
                    actor=self.user,
                    draft=self.object,
                    numbers=numbers,
                    lock_version=int(str(request.POST.get("lock_version") or -1)),
                    at=clock.now(),
                )
            except Refused as refusal:
                messages.error(request, refusal.message)
                return HttpResponseRedirect(self.back())
            return self.go(self.back(), "The draft is saved.")
        changed = {path: number for path, number in numbers.items() if number_at(self.object.definition, path) not in (None, number)}
        query = urlencode({f"n.{path}": plain(number) for path, number in changed.items()})
        return HttpResponseRedirect(f"{self.back()}?{query}" if query else self.back())


class SchemeExportView(Workbench, PortalView):
    """All movers under the draft (or with the numbers of the address), with the reasons, as a file."""

    permission = P.SCHEME_COMPARE
    COLUMNS = ("School", "URN", "Phase", "Cluster", "Today", "Under the draft", "Days today", "Days under the draft", "Why")

    def get(self, request: HttpRequest, draft: str, kind: str) -> HttpResponseBase:
        if kind not in ("csv", "xlsx"):
            raise Http404("Not found.")
        frm, to = self.square
        rows = [
            (
                mover.school.name,
                mover.school.urn,
                mover.school.get_phase_display(),
                mover.school.cluster.name if mover.school.cluster else "",
                mover.before.label,
                mover.after.label,
                days_quarters(mover.before.level.days) if mover.before.level else "",
                days_quarters(mover.after.level.days) if mover.after.level else "",
                mover.why,
            )
            for mover in self.comparison.movers(self.comparison.chosen(frm, to))
        ]
        audit.record(
            "scheme.exported",
            actor=request.user,
            at=clock.now(),
            subject=self.object,
            authority=self.object.authority,
            changes={"rows": len(rows), "kind": kind},
        )
        return export_response("movers", self.COLUMNS, rows, kind)


class RuleAddView(DraftMixin, FormPage):
    permission = P.SCHEME_EDIT
    template_name = "support/rule_add.html"

    def context(self) -> dict[str, Any]:
        return {"draft": self.object}

    def form(self, data: Any = None) -> PortalForm:
        return RuleForm(data, pack=self.pack, scheme=read_scheme(self.object.definition, self.pack))

    def deed(self, form: Any) -> HttpResponse:
        data = form.cleaned_data
        services.add_rule(
            actor=self.user,
            draft=self.object,
            label=data["label"],
            rule=data["rule"],
            level=data["level"],
            is_enough=data["how"] == "enough",
            lock_version=self.object.lock_version,
            at=clock.now(),
        )
        return self.go(self.back(), "The rule is added.")


class RuleRemoveView(DraftMixin, Deed):
    permission = P.SCHEME_EDIT

    def deed(self) -> str:
        services.remove_rule(
            actor=self.request.user, draft=self.object, code=self.kwargs["code"], lock_version=self.object.lock_version, at=clock.now()
        )
        return "The rule is taken out."


class SchemeTextView(DraftMixin, FormPage):
    """The rules and levels as text in the pack's grammar: compiled when saved, refused with a sentence that says where."""

    permission = P.SCHEME_EDIT
    template_name = "support/scheme_text.html"

    def context(self) -> dict[str, Any]:
        return {"draft": self.object}

    def form(self, data: Any = None) -> PortalForm:
        written = {key: self.object.definition[key] for key in ("rule", "level")}
        return TextForm(data, initial={"definition": json.dumps(written, ensure_ascii=False, indent=1)})

    def deed(self, form: Any) -> HttpResponse:
        services.rewrite_draft(
            actor=self.user,
            draft=self.object,
            definition=form.cleaned_data["definition"],
            lock_version=self.object.lock_version,
            at=clock.now(),
        )
        return self.go(self.back(), "The draft is saved.")


class SchemeConsultView(DraftMixin, FormPage):
    permission = P.SCHEME_EDIT
    template_name = "support/scheme_consult.html"

    def context(self) -> dict[str, Any]:
        return {"draft": self.object}

    def form(self, data: Any = None) -> PortalForm:
        return ConsultForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.open_consultation(actor=self.user, draft=self.object, closes_on=form.cleaned_data["closes_on"], at=clock.now())
        return self.go(self.back(), "The SIPs are asked: it is on the home of each.")


class SchemeEndView(DraftMixin, Deed):
    permission = P.SCHEME_EDIT

    def deed(self) -> str:
        services.end_consultation(actor=self.request.user, draft=self.object, at=clock.now())
        return "The consultation is ended. The answers are kept."


class SchemeDiscardView(DraftMixin, Deed):
    permission = P.SCHEME_EDIT

    def deed(self) -> str:
        services.discard_draft(actor=self.request.user, draft=self.object, at=clock.now())
        return "The draft is set aside."

    def back(self) -> str:
        return reverse("support:scheme-list")


class SchemePublishView(DraftMixin, FormPage):
    permission = P.SCHEME_PUBLISH
    template_name = "support/scheme_publish.html"

    def context(self) -> dict[str, Any]:
        return {"draft": self.object}

    def form(self, data: Any = None) -> PortalForm:
        return PublishSchemeForm(data)

    def deed(self, form: Any) -> HttpResponse:
        services.publish_scheme(
            actor=self.user,
            draft=self.object,
            starts_on=form.cleaned_data["starts_on"],
            lock_version=self.object.lock_version,
            at=clock.now(),
        )
        return self.go(self.back(), "The criteria are published. Panels decide under them from that day.")


class ConsultationResultView(DraftMixin, Page):
    """What the SIPs placed by hand, beside the draft; agreement counted by criterion (S7)."""

    permission = P.SCHEME_COMPARE
    template_name = "support/consultation_result.html"

    def context(self) -> dict[str, Any]:
        scheme = read_scheme(self.object.definition, self.pack)
        labels = {level.code: level.label for level in scheme.levels} | {
            "person": "For a person to decide",
            "outside": "Outside the scheme",
        }
        rows = list(
            Placement.objects.visible_to(self.user)
            .filter(draft=self.object)
            .select_related("school__authority", "sip")
            .order_by("school__name")
        )
        by_rule = []
        for rule in scheme.rules:
            fired = [row for row in rows if rule.code in row.fired]
            if fired:
                by_rule.append((rule.label, sum(1 for row in fired if row.agrees), len(fired)))
        asked = (
            assessed_by(self.user, P.SCHEME_COMPARE).open_on(self.today).filter(authority=self.object.authority, assignments__kind="sip")
        ).distinct()
        levels = sorted(scheme.levels, key=lambda level: level.rank)
        counted = Counter((row.category, row.answer) for row in rows)
        columns = [(level.code, level.label) for level in levels] + [("person", "For a person")]
        return {
            "draft": self.object,
            "rows": [(row, labels.get(row.category, row.category), labels.get(row.answer, row.answer)) for row in rows],
            "by_rule": by_rule,
            "agree": sum(1 for row in rows if row.agrees),
            "comments": sum(1 for row in rows if row.comment),
            "asked": asked.count(),
            "columns": "|".join(["By hand", *(f"{label}:num" for _, label in columns)]),
            "matrix": [(level.label, level.code, [counted[level.code, code] for code, _ in columns]) for level in levels],
        }
