"""The library: what is in force, one resource and its versions, and what its keepers do with it."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

from briefings import services
from briefings.choices import RESOURCE_TONES, ResourceState
from briefings.forms.library import ResourceAddForm, ResourceChangeForm, ResourceRetireForm, ResourceWriteForm, SampleOfferForm
from briefings.indexing import PRACTICE, RESOURCE
from briefings.models import Resource, ResourceDraft, ResourceVersion
from briefings.models.files import NamedFile
from briefings.pack import ResourceType
from briefings.selectors.library import (
    copies_to_offer,
    library_of,
    new_to,
    readership,
    resource_types,
    schools_in_category,
    shelves,
    year_of_visits,
)
from briefings.services.library import Content, ResourceFacts
from briefings.uploads import Upload, received
from core import clock, search
from core.access import Refused, can, get_visible
from core.calendar import AcademicYear
from core.components.forms import PortalForm
from people.models import Authority
from people.packs import AuthorityPack, page_pack
from people.roles import HAT_NAMES, Hat
from people.roles import Permission as P
from people.views.base import Deed, FormPage, Page
from schools.pack import inspection_of
from visits.models import RedactedCopy

from .base import FileView


def library_authority(request: Any, permission: P) -> Authority:
    """Whose library a page is of: by its code in the address, else the home, else the first. 404 where it is none of theirs."""
    ids = request.user.hats.authorities_wearing(permission)
    if not ids:
        raise PermissionDenied(f"Not allowed: {permission}.")
    code = str(request.GET.get("authority") or request.POST.get("authority") or "")
    mine = Authority.objects.filter(pk__in=ids).order_by("name")
    if code:
        found = mine.filter(code=code).first()
        if found is None:
            raise Http404("Not found.")
        return found
    return next((row for row in mine if row.pk == request.user.home_authority_id), None) or mine[0]


class InLibrary:
    """A page of one authority's library."""

    permission: ClassVar[Any]
    request: Any
    today: Any

    @cached_property
    def authority(self) -> Authority:
        return library_authority(self.request, self.permission)

    @cached_property
    def pack(self) -> AuthorityPack | None:
        return page_pack(self.request, self.authority.pk, self.today)[1]

    def authority_id(self) -> int | None:
        return self.authority.pk


class OneResource(InLibrary):
    """A page about one resource of the asker's scope."""

    object: Any
    kwargs: dict[str, Any]

    def get_object(self) -> Any:
        rows = Resource.objects.select_related("authority", "current__file")
        return get_visible(rows, self.request.user, public_id=self.kwargs["resource"])

    @cached_property
    def authority(self) -> Authority:
        found: Authority = self.object.authority
        return found

    @cached_property
    def kind(self) -> ResourceType | None:
        """What the pack says of its kind; none if the pack no longer has the kind."""
        return next((kind for kind in resource_types(self.pack) if kind.code == self.object.kind), None)

    @property
    def kind_label(self) -> str:
        return self.kind.label if self.kind is not None else "Resource"


# ---------------------------------------------------------------- the list


class ResourceListView(InLibrary, Page):
    """What is in force for whoever asks, by kind; what is new to them first. ``q`` searches the words and the files."""

    permission = P.RESOURCE_LIST
    template_name = "briefings/library_list.html"

    def context(self) -> dict[str, Any]:
        words = self.request.GET.get("q", "").strip()
        keeps = can(self.user, P.RESOURCE_PUBLISH, self.authority)
        shown = self.request.GET.get("show", "")
        state = {"retired": ResourceState.RETIRED, "drafts": ResourceState.DRAFT}.get(shown, ResourceState.PUBLISHED)
        rows = [] if words else library_of(self.user, self.authority, state=state)
        types = resource_types(self.pack)
        return {
            "words": words,
            "found": search.search(self.user, words, [RESOURCE, PRACTICE], limit=40) if words else None,
            "shelves": shelves(rows, types),
            "fresh": new_to(rows) if state == ResourceState.PUBLISHED else [],
            "shown": state,
            "views": [
                {"label": label, "url": f"?show={code}" if code else "?", "current": code == shown}
                for code, label in (("", "Current"), ("drafts", "Being prepared"), ("retired", "Retired"))
                if code != "drafts" or keeps
            ],
            "keeps": keeps,
            "may_see_questions": can(self.user, P.QUESTION_VIEW),
            "may_see_practice": can(self.user, P.PRACTICE_VIEW),
            "may_see_categories": can(self.user, P.INSPECTION_OVERVIEW),
            "may_see_year": can(self.user, P.VISIT_LIST),
            "may_offer_samples": can(self.user, P.SAMPLE_OFFER),
            "may_suggest": can(self.user, P.SUGGESTION_MAKE),
            "may_answer": can(self.user, P.SUGGESTION_ANSWER),
        }


# ---------------------------------------------------------------- one resource


class ResourceDetailView(OneResource, Page):
    """The current version, or the one that the address names; what is being prepared, to those who publish."""

    permission = P.RESOURCE_LIST
    template_name = "briefings/library_detail.html"

    @cached_property
    def versions(self) -> list[ResourceVersion]:
        return list(self.object.versions.select_related("file").defer("text", "file_words"))

    @cached_property
    def version(self) -> ResourceVersion | None:
        return self.object.current

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.version is not None:
            services.open_version(actor=self.user, version=self.version, at=clock.now())
        return self.show()

    def context(self) -> dict[str, Any]:
        resource = self.object
        keeps = can(self.user, P.RESOURCE_PUBLISH, resource)
        hats = [row.hat for row in resource.audience.all()] if keeps else []
        draft = ResourceDraft.objects.select_related("file", "prepared_by").filter(resource=resource).first() if keeps else None
        return {
            "resource": resource,
            "kind": self.kind_label,
            "tag": (resource.get_state_display(), RESOURCE_TONES[resource.state]),
            "version": self.version,
            "is_current": self.version is not None and self.version.pk == resource.current_id,
            "versions": self.versions,
            "draft": draft,
            "keeps": keeps,
            "is_sample": self.kind is not None and self.kind.from_redacted_copy,
            "older": "No longer in force" if self.kind is not None and self.kind.current_only else "Earlier",
            "readers": readership(resource.authority, hats, self.today) if keeps else [],
        }


class ResourceVersionView(ResourceDetailView):
    """A version by its number: the current one, or an older one, which says so."""

    @cached_property
    def version(self) -> ResourceVersion | None:
        found: ResourceVersion | None = self.object.versions.select_related("file").filter(number=self.kwargs["number"]).first()
        if found is None:
            raise Http404("Not found.")
        return found


class ResourceFileView(OneResource, FileView):
    """The file of a version, in the scope of its resource."""

    permission = P.RESOURCE_LIST

    def named_file(self) -> NamedFile | None:
        version: ResourceVersion | None = self.object.versions.select_related("file").filter(number=self.kwargs["number"]).first()
        if version is not None and version.file is not None:
            services.open_version(actor=self.request.user, version=version, at=clock.now())
        return version


class DraftFileView(OneResource, FileView):
    """The file that is being prepared, to those who publish."""

    permission = P.RESOURCE_PUBLISH

    def named_file(self) -> NamedFile | None:
        return ResourceDraft.objects.visible_to(self.request.user).select_related("file").filter(resource=self.object).first()


# ---------------------------------------------------------------- its keepers


class Written(InLibrary):
    """A form with words and a file: the file is recognised before any transaction."""

    def upload(self, sent: Any) -> Upload | None:
        if sent is None:
            return None
        return received(sent, most_mb=self.pack.whole("resource_file_mb") if self.pack is not None else 10)


class ResourceAddView(Written, FormPage):
    permission = P.RESOURCE_PUBLISH
    template_name = "briefings/library_form.html"

    def form(self, data: Any = None) -> PortalForm:
        kinds = [(kind.code, kind.label) for kind in resource_types(self.pack) if not kind.from_redacted_copy]
        sent = self.request.FILES if data is not None else None
        return ResourceAddForm(data, sent, kinds=kinds, initial={"audience": [Hat.SIP.value, Hat.NC_ADVISER.value]})

    def context(self) -> dict[str, Any]:
        return {
            "title": "Add a resource",
            "over": "Library",
            "back": reverse("briefings:resource-list"),
            "words": "Save, and look at it",
            "says": "Nobody but those who publish sees it until you publish it on the next page.",
        }

    def deed(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        content = Content(text=values["text"], upload=self.upload(values["file"]))
        facts = ResourceFacts(**form.facts)
        row = services.add_resource(actor=self.user, authority=self.authority, facts=facts, content=content, at=clock.now())
        return self.go(row.get_absolute_url(), "It is saved. Look at it, then publish it.")


class KeeperPage(OneResource, FormPage):
    abstract = True
    permission = P.RESOURCE_PUBLISH
    template_name = "briefings/library_form.html"

    def back(self) -> dict[str, Any]:
        return {"over": self.object.title, "back": self.object.get_absolute_url()}


class ResourceWriteView(Written, KeeperPage):
    """The next version, which begins with the words of the current one."""

    @cached_property
    def before(self) -> Any:
        draft = ResourceDraft.objects.filter(resource=self.object).first()
        return draft if draft is not None else self.object.current

    def form(self, data: Any = None) -> PortalForm:
        before = self.before
        initial = {
            "text": before.text if before is not None else "",
            "keeps_file": True,
            "changes": before.changes if isinstance(before, ResourceDraft) else "",
            "revision": before.revision if isinstance(before, ResourceDraft) else 0,
        }
        sent = self.request.FILES if data is not None else None
        return ResourceWriteForm(data, sent, initial=initial, file_name=before.file_name if before is not None else "")

    def context(self) -> dict[str, Any]:
        return {
            **self.back(),
            "title": "Write the next version" if self.object.current_id else "Write it",
            "words": "Save, and look at it",
            "says": "Readers keep the current version until you publish this one." if self.object.current_id else "",
        }

    def deed(self, form: Any) -> HttpResponse:
        values = form.cleaned_data
        content = Content(
            text=values["text"], upload=self.upload(values["file"]), keeps_file=values.get("keeps_file", False), changes=values["changes"]
        )
        services.write_resource(actor=self.user, resource=self.object, content=content, revision=values["revision"], at=clock.now())
        return self.go(self.object.get_absolute_url(), "It is saved. Look at it, then publish it.")


class ResourceChangeView(KeeperPage):
    def form(self, data: Any = None) -> PortalForm:
        row = self.object
        initial = {"title": row.title, "kind": row.kind, "summary": row.summary, "audience": [one.hat for one in row.audience.all()]}
        kinds = [(kind.code, kind.label) for kind in resource_types(self.pack)]
        return ResourceChangeForm(data, kinds=kinds, initial=initial)

    def context(self) -> dict[str, Any]:
        return {**self.back(), "title": "Title and readers", "words": "Save"}

    def deed(self, form: Any) -> HttpResponse:
        services.change_resource(actor=self.user, resource=self.object, facts=ResourceFacts(**form.facts), at=clock.now())
        return self.go(self.object.get_absolute_url(), "It is changed, for all its versions.")


class ResourcePublishView(OneResource, Page):
    """What leaves for whom, before it does (interface.md, principle 5)."""

    permission = P.RESOURCE_PUBLISH
    template_name = "briefings/library_publish.html"

    @cached_property
    def draft(self) -> ResourceDraft | None:
        return ResourceDraft.objects.select_related("prepared_by", "file").filter(resource=self.object).first()

    def context(self) -> dict[str, Any]:
        hats = [row.hat for row in self.object.audience.all()]
        readers = readership(self.authority, hats, self.today)
        number = (self.object.current.number if self.object.current is not None else 0) + 1
        return {
            "title": f"Publish version {number}",
            "resource": self.object,
            "draft": self.draft,
            "kind": self.kind_label,
            "readers": readers,
            "number": number,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        revision = request.POST.get("revision", "")
        try:
            version = services.publish_resource(
                actor=self.user, resource=self.object, revision=int(revision) if revision.isdecimal() else 0, at=clock.now()
            )
        except Refused as refusal:
            return self.show(status=422, refused=refusal.message)
        names = ", ".join(HAT_NAMES[Hat(row.hat)] for row in self.object.audience.all())
        return self.go(self.object.get_absolute_url(), f"Version {version.number} is published for: {names}.")


class ResourceRetireView(KeeperPage):
    def form(self, data: Any = None) -> PortalForm:
        return ResourceRetireForm(data)

    def context(self) -> dict[str, Any]:
        return {
            **self.back(),
            "title": "Retire it",
            "words": "Retire it",
            "says": "It leaves the library’s lists and searches. Who follows an old link still reads it, marked as retired. You can bring it back.",
        }

    def deed(self, form: Any) -> HttpResponse:
        services.retire_resource(actor=self.user, resource=self.object, why=form.cleaned_data["why"], at=clock.now())
        return self.go(self.object.get_absolute_url(), "It is retired.")


class ResourceDeed(OneResource, Deed):
    abstract = True
    permission = P.RESOURCE_PUBLISH

    def back(self) -> str:
        return str(self.object.get_absolute_url())


class ResourceRestoreView(ResourceDeed):
    def deed(self) -> str:
        services.restore_resource(actor=self.request.user, resource=self.object, at=clock.now())
        return "It is in the library again."


class ResourceDiscardView(ResourceDeed):
    def deed(self) -> str:
        services.discard_draft(actor=self.request.user, resource=self.object, at=clock.now())
        return "What was being prepared is given up. The current version stays."


# ---------------------------------------------------------------- sample notes


class SampleListView(InLibrary, Page):
    """The redacted copies that may become sample notes."""

    permission = P.SAMPLE_OFFER
    template_name = "briefings/library_samples.html"

    def context(self) -> dict[str, Any]:
        return {"copies": copies_to_offer(self.user)}


class SampleOfferView(InLibrary, FormPage):
    permission = P.SAMPLE_OFFER
    template_name = "briefings/library_form.html"

    def get_object(self) -> Any:
        rows = RedactedCopy.objects.select_related("item__request__authority")
        return get_visible(rows, self.request.user, public_id=self.kwargs["copy"])

    @cached_property
    def authority(self) -> Authority:
        found: Authority = self.object.item.request.authority
        return found

    def form(self, data: Any = None) -> PortalForm:
        return SampleOfferForm(data)

    def context(self) -> dict[str, Any]:
        return {
            "title": "Offer a sample note",
            "over": "Copies that may become samples",
            "back": reverse("briefings:sample-list"),
            "words": "Offer it",
            "says": "Only the sections of the copy are taken over: no masthead, dates or signatures. A manager looks at it and publishes it.",
        }

    def deed(self, form: Any) -> HttpResponse:
        services.offer_sample(actor=self.user, copy=self.object, at=clock.now(), **form.cleaned_data)
        return self.go(reverse("briefings:sample-list"), "It is offered. A manager publishes it.")


# ---------------------------------------------------------------- made from rows


class VisitYearView(InLibrary, Page):
    """The year's visits on one page, made from the pack and the rounds (S2)."""

    permission = P.VISIT_LIST
    template_name = "briefings/library_year.html"

    @cached_property
    def authority(self) -> Authority:
        return library_authority(self.request, P.RESOURCE_LIST)

    @cached_property
    def year(self) -> AcademicYear:
        try:
            return AcademicYear.of(self.request.GET.get("year", ""))
        except (TypeError, ValueError):
            return AcademicYear.from_date(self.today)

    def context(self) -> dict[str, Any]:
        rows = year_of_visits(self.user, self.pack, self.year.first) if self.pack is not None else []
        return {"rows": rows, "year": self.year}


class CategoryListView(InLibrary, Page):
    """Schools in a category of inspection, from their rows and within the asker's scope (P32)."""

    permission = P.INSPECTION_OVERVIEW
    template_name = "briefings/library_categories.html"

    @cached_property
    def authority(self) -> Authority:
        return library_authority(self.request, P.RESOURCE_LIST)

    def context(self) -> dict[str, Any]:
        part = inspection_of(self.pack.content) if self.pack is not None else None
        rows = schools_in_category(self.user, self.authority, part, self.today) if part is not None else []
        return {"rows": rows, "sees_all": bool(self.user.hats.authorities_granting(P.INSPECTION_OVERVIEW))}
