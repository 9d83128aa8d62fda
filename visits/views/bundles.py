"""Bundles: choose the notes, see how many they are, ask for one file, leave, and come back for it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponseBase, QueryDict
from django.utils.http import content_disposition_header
from django.utils.text import slugify

from core import clock
from core.access import Refused, get_visible
from core.components.tables import keyset_page
from core.jobs import Job
from people.models import Cluster, User
from people.roles import Permission as P
from people.views.base import Deed
from schools.models import School
from visits import services
from visits.bundle_choice import MOST, Wanted, in_order, records_wanted, too_many
from visits.choices import BundleForm, RecordKind
from visits.forms.bundles import BundleFilterForm
from visits.jobs import make_bundle
from visits.models import Bundle, NoteRecord, Round, Visit
from visits.selectors import school_meant

from .pages import WithPack


class BundleListView(WithPack):
    """What final notes there are of a choice, and the files that were made of earlier ones. The choice stands in the address."""

    permission = P.RECORD_READ
    template_name = "visits/bundle_list.html"

    @cached_property
    def filter(self) -> BundleFilterForm:
        params: QueryDict = self.request.GET
        user = self.user
        finals = NoteRecord.objects.visible_to(user).filter(kind=RecordKind.FINAL)
        visits = Visit.objects.filter(pk__in=finals.values("note__visit"))
        leads = User.objects.filter(pk__in=visits.values("lead_id")).order_by("name", "pk").values_list("public_id", "name")
        clusters = (
            Cluster.objects.filter(pk__in=School.objects.visible_to(user).values("cluster_id")).order_by("name").values_list("pk", "name")
        )
        kinds = [kind for kind in self.part.visit_types if kind.has_note] if self.part else []
        rounds = Round.objects.visible_to(user).filter(authority_id=self.authority_id() or 0).values_list("public_id", "name")
        return BundleFilterForm(params if params else None, rounds=rounds, kinds=kinds, leads=leads, clusters=clusters)

    @cached_property
    def wanted(self) -> Wanted:
        """The choice of the address. A school is one school: of several that fit, nothing is chosen and the form says so."""
        form = self.filter
        if not form.is_bound:
            return Wanted()
        form.is_valid()
        values = form.cleaned_data
        school = None
        if asked := values.get("school"):
            found = list(School.objects.visible_to(self.user).filter(school_meant(asked)).order_by("name")[:2])
            if len(found) == 1:
                school = found[0]
            else:
                form.refuse(
                    "school", "No school that you see matches" if not found else "Several schools match: enter more of the name, or the URN"
                )
        return Wanted(
            round=Round.objects.visible_to(self.user).filter(public_id=values["round"]).first() if values.get("round") else None,
            school=school,
            lead=User.objects.filter(public_id=values["sip"]).first() if values.get("sip") else None,
            cluster=Cluster.objects.filter(pk=values["cluster"]).first() if values.get("cluster") else None,
            kind=values.get("kind") or "",
            kind_label=form.kind_label,
            since=values.get("since"),
            until=values.get("until"),
        )

    def context(self) -> dict[str, Any]:
        wanted, form = self.wanted, self.filter
        authority = self.frame()["authority"]
        wrong = form.is_bound and not form.is_valid()
        found = in_order(NoteRecord.objects.none()) if wrong or authority is None else records_wanted(self.user, authority, wanted)
        total = found.count()
        page = keyset_page(found, ("school__name", "visit_on", "pk"), self.request.GET.get("cursor"), size=20)
        bundles = list(Bundle.objects.visible_to(self.user)[:10])
        waiting = [bundle.job for bundle in bundles if bundle.ready_at is None]
        working = {job.public_id: job for job in Job.objects.visible_to(self.user).filter(public_id__in=waiting)} if waiting else {}
        return {
            "filter": form,
            "wrong": wrong,
            "page": page,
            "total": total,
            "forms": [(value, label, too_many(value, total)) for value, label in BundleForm.choices],
            "most": MOST,
            "bundles": [(bundle, working.get(bundle.job)) for bundle in bundles],
            "days_kept": services.DAYS_KEPT,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        authority = self.frame()["authority"]
        wanted, form = self.wanted, self.filter
        if authority is None or (form.is_bound and not form.is_valid()):
            return self.show(status=422)
        try:
            bundle = services.ask_bundle(
                actor=self.user, authority=authority, wanted=wanted, form=request.POST.get("form", ""), task=make_bundle, at=clock.now()
            )
        except Refused as refusal:
            return self.show(refused=refusal.message, status=422)
        return self.go(bundle.get_absolute_url(), "The file is being put together. You can leave this page.")


class AboutBundle(WithPack):
    """A page about one bundle of the asker's own."""

    abstract = True

    def get_object(self) -> Bundle:
        return get_visible(Bundle.objects.select_related("authority"), self.request.user, public_id=self.kwargs["bundle"])

    def authority_id(self) -> int | None:
        return self.object.authority_id


class BundleDetailView(AboutBundle):
    """How far it is, and what is in it."""

    permission = P.RECORD_READ
    template_name = "visits/bundle_detail.html"

    def context(self) -> dict[str, Any]:
        bundle: Bundle = self.object
        job = Job.objects.visible_to(self.user).filter(public_id=bundle.job).first() if bundle.ready_at is None else None
        return {"bundle": bundle, "job": job}


class BundleDownloadView(AboutBundle):
    """The file, after the scope is asked once more of every note in it."""

    permission = P.RECORD_READ
    template_name = "visits/bundle_detail.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        bundle: Bundle = self.object
        try:
            services.take_bundle(actor=self.user, bundle=bundle, at=clock.now())
        except Refused as refusal:
            return self.show(refused=refusal.message, status=409, bundle=bundle, job=None)
        name = f"{slugify(bundle.title)[:80]}.{bundle.form}"
        response = FileResponse(
            bundle.file.open("rb"), content_type="application/pdf" if bundle.form == BundleForm.PDF else "application/zip"
        )
        response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
        response["Content-Length"] = str(bundle.size)
        response["Cache-Control"] = "no-store, private"
        response["X-Content-Type-Options"] = "nosniff"
        return response


class BundleRemakeView(Deed):
    """Put the notes of a file that is gone together again, without those that may no longer be read."""

    permission = P.RECORD_READ

    def get_object(self) -> Bundle:
        return get_visible(Bundle.objects.select_related("authority"), self.request.user, public_id=self.kwargs["bundle"])

    def deed(self) -> str:
        self.object = services.remake_bundle(actor=self.request.user, bundle=self.object, task=make_bundle, at=clock.now())
        return "The file is being put together. You can leave this page."

    def back(self) -> str:
        return str(self.object.get_absolute_url())


class BundleDropView(Deed):
    """Delete the file before its days are over."""

    permission = P.RECORD_READ

    def get_object(self) -> Bundle:
        return get_visible(Bundle.objects.select_related("authority"), self.request.user, public_id=self.kwargs["bundle"])

    def deed(self) -> str:
        services.drop_bundle(actor=self.request.user, bundle=self.object, at=clock.now())
        return "The file is deleted."

    def back(self) -> str:
        return str(self.object.get_absolute_url())
