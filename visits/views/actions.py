"""Agreed actions: the list with its filters and its export, and one action with what has been reported since."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from core import audit, clock
from core.access import PortalView, can, get_visible
from core.components.formats import day, short_day
from core.components.tables import keyset_page
from core.spans import on_day
from core.tabular.writing import export_response
from people.models import User
from people.packs import page_pack
from people.roles import Permission as P
from people.views.base import FormPage
from schools.models import Assignment, School
from visits import services
from visits.choices import ActionOwner, ActionState
from visits.forms.notes import ActionFilterForm, ProgressForm
from visits.models import AgreedAction, NoteRecord
from visits.selectors import actions_for, carried_times, school_meant

from .pages import AboutSchools, WithPack

EXPORTS = ("csv", "xlsx")
ORDER = ("due_on", "pk")


def sips_over(user: User, on: Any) -> list[tuple[str, str]]:
    """The advisers of the schools that a manager, an officer or a head of improvement looks after, by name; nobody for others."""
    if not user.hats.may_somewhere(P.CASELOADS_VIEW):
        return []
    serving = Assignment.objects.filter(on_day(on), school__in=School.objects.visible_to(user))
    return list(User.objects.filter(pk__in=serving.values("adviser_id")).order_by("name", "pk").values_list("public_id", "name"))


def narrowed(user: User, form: ActionFilterForm, on: Any, carried: int) -> QuerySet[AgreedAction]:
    """The actions of the asker's scope under these filters: what the list shows and what the export holds."""
    values: Mapping[str, Any] = form.cleaned_data if form.is_bound and form.is_valid() else {}
    found: Any = actions_for(user).with_age()  # type: ignore[attr-defined]
    state = values.get("state") or ""
    if state in ("", "overdue", "silent", "carried"):
        found = found.unfinished()
    elif state != "all":
        found = found.filter(state=state)
    if state in ("overdue", "silent"):
        found = found.overdue(on)
    if state == "silent":
        found = found.filter(progress__isnull=True)
    if state == "carried":
        found = found.filter(age__gte=carried)
    if school := values.get("school"):
        found = found.filter(school__in=School.objects.visible_to(user).filter(school_meant(school)))
    if sip := values.get("sip"):
        found = found.filter(school__in=Assignment.objects.filter(on_day(on), adviser__public_id=sip).values("school_id"))
    if owner := values.get("owner"):
        codes = [choice.value for choice in ActionOwner if owner.lower() in choice.label.lower()]
        found = found.filter(Q(owner_detail__icontains=owner) | Q(owner_detail="", owner__in=codes))
    return found


class ActionListView(WithPack):
    """Agreed actions of the schools whose notes the asker reads; overdue first, since the earliest day comes first."""

    permission = P.VISIT_LIST
    template_name = "visits/action_list.html"

    def context(self) -> dict[str, Any]:
        params = self.request.GET
        form = ActionFilterForm(params if params else None, sips=sips_over(self.user, self.today))
        carried = carried_times(self.policy_in_force)
        found = narrowed(self.user, form, self.today, carried)
        page = keyset_page(found.prefetch_related("progress"), ORDER, params.get("cursor"))
        query = params.copy()
        query.pop("cursor", None)
        return {
            "filter": form,
            "page": page,
            "total": found.count(),
            "carried": carried,
            "query": query.urlencode(),
        }


class ActionExportView(PortalView):
    """Exactly the actions that the list shows under the same filters, as CSV or a workbook."""

    permission = P.VISIT_LIST
    http_method_names = ("get", "head")
    COLUMNS = (
        "School", "URN", "Action", "Owner", "Due", "State", "Overdue", "Visits since agreed", "Agreed", "Closed", "Success measure",
        "Last reported", "By", "What was reported",
    )  # fmt: skip

    def get(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        user = request.user
        assert isinstance(user, User)
        if kind not in EXPORTS:
            raise Http404("Not found.")
        on = clock.today()
        home = user.home_authority_id if user.home_authority_id in user.hats.authority_ids else min(user.hats.authority_ids, default=None)
        form = ActionFilterForm(request.GET or None, sips=sips_over(user, on))
        found: Any = narrowed(user, form, on, carried_times(page_pack(request, home, on)[1])).prefetch_related("progress").order_by(*ORDER)
        rows = []
        for action in found:
            last = next(reversed(action.progress.all()), None)
            overdue = action.state == ActionState.OPEN and action.due_on is not None and action.due_on < on
            rows.append(
                (
                    action.school.name,
                    action.school.urn,
                    action.text,
                    action.owner_label,
                    action.due_on,
                    action.get_state_display(),
                    "yes" if overdue else "no",
                    action.age,
                    action.agreed_on,
                    action.closed_on,
                    action.success_measure,
                    last.on if last else None,
                    f"{last.by_name}, {last.by_role}".strip(", ") if last else "",
                    last.text if last else "",
                )
            )
        audit.record("actions.exported", actor=user, at=clock.now(), subject=user, changes={"rows": len(rows), "kind": kind})
        return export_response("actions", self.COLUMNS, rows, kind)


class ActionDetailView(AboutSchools, FormPage):
    """One action: what was agreed, what has been reported since, and a form to report more."""

    permission = P.VISIT_LIST
    template_name = "visits/action_detail.html"

    def get_object(self) -> AgreedAction:
        actions = (
            AgreedAction.objects.with_age()
            .select_related("school__authority", "note__visit")
            .prefetch_related("progress", "reviews__section__note")
        )
        return get_visible(actions, self.request.user, public_id=self.kwargs["action"])

    @property
    def schools(self) -> list[School]:
        return [self.object.school]

    def form(self, data: Any = None) -> ProgressForm:
        return ProgressForm(data)

    def context(self) -> dict[str, Any]:
        action: AgreedAction = self.object
        record = (
            NoteRecord.objects.visible_to(self.user)
            .filter(note_id=action.note_id, school=action.school, kind="final")
            .order_by("-version")
            .defer("payload")
            .first()
        )
        read = set(
            NoteRecord.objects.visible_to(self.user)
            .filter(school=action.school, kind="final", note__in={r.section.note_id for r in action.reviews.all()})
            .values_list("note_id", "version")
        )
        final_reviews = [
            r
            for r in action.reviews.all()
            if r.status and r.section.note.version == r.section.note.final_version and (r.section.note_id, r.section.note.version) in read
        ]
        is_overdue = action.state == ActionState.OPEN and action.due_on is not None and action.due_on < self.today
        tag = (
            ("Overdue", "late")
            if is_overdue
            else ("Open", "work")
            if action.state == ActionState.OPEN
            else (action.get_state_display(), "done")
        )
        return {
            "action": action,
            "is_carried": action.state == ActionState.OPEN and action.age >= carried_times(self.policy_in_force),  # type: ignore[attr-defined]
            "action_tag": tag,
            "state_words": f"Due {day(action.due_on)}" if action.state == ActionState.OPEN else f"Closed {day(action.closed_on)}",
            "progress": [
                {"by": p.by_name, "about": f"{p.by_role}, {short_day(p.on)}".strip(", "), "text": p.text, "evidence": p.evidence}
                for p in action.progress.all()
            ],
            "record": record,
            "reviews": final_reviews,
            "may_report": action.state == ActionState.OPEN and can(self.user, P.ACTION_REPORT, action),
        }

    def deed(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        services.report_progress(
            actor=self.user, action=self.object, text=values["text"], evidence=values["evidence"], role=self.role, at=self.at
        )
        return self.go(reverse("visits:action-detail", args=[self.object.public_id]), "The progress is recorded.")
