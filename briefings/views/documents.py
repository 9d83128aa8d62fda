"""The documents of a briefing: adding one, opening it, taking it off."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from briefings import services
from briefings.forms.briefings import DocumentForm
from briefings.models import Briefing, BriefingDocument
from briefings.models.files import NamedFile
from briefings.uploads import received
from core import clock
from core.access import get_visible
from core.components.forms import PortalForm
from people.packs import require_pack
from people.roles import Permission as P
from people.views.base import FormPage

from .base import FileView, OneBriefing
from .briefings import BriefingDeed


def documents_url(briefing: Briefing) -> str:
    return f"{briefing.get_absolute_url()}#documents-h"


class DocumentAddView(OneBriefing, FormPage):
    """The form of the briefing's page, with what was wrong. The file is recognised before any transaction."""

    permission = P.BRIEFING_MANAGE
    template_name = "briefings/form.html"

    def context(self) -> dict[str, Any]:
        return {"title": "Add a document", "over": self.object.title, "back": documents_url(self.object), "words": "Add it"}

    def form(self, data: Any = None) -> PortalForm:
        return DocumentForm(data, self.request.FILES if data is not None else None)

    def deed(self, form: Any) -> HttpResponse:
        most = require_pack(self.object.authority, self.today).whole("resource_file_mb")
        upload = received(form.cleaned_data["file"], most_mb=most)
        title = form.cleaned_data["title"]
        services.add_document(actor=self.user, briefing=self.object, title=title, upload=upload, at=clock.now())
        return self.go(documents_url(self.object), f"“{title}” is with the briefing.")


class OneDocument:
    """A document of a briefing in the asker's scope; the permission is asked of the briefing."""

    request: Any
    kwargs: dict[str, Any]
    object: Briefing
    document: BriefingDocument

    def get_object(self) -> Briefing:
        rows = BriefingDocument.objects.select_related("briefing__authority", "file")
        self.document = get_visible(rows, self.request.user, public_id=self.kwargs["document"])
        return self.document.briefing

    def authority_id(self) -> int | None:
        return self.object.authority_id


class DocumentFileView(OneDocument, FileView):
    permission = P.BRIEFING_VIEW

    def named_file(self) -> NamedFile | None:
        return self.document


class DocumentRemoveView(OneDocument, BriefingDeed):
    permission = P.BRIEFING_MANAGE

    def deed(self) -> str:
        services.remove_document(actor=self.request.user, document=self.document, at=clock.now())
        return f"“{self.document.title}” is taken off."

    def back(self) -> str:
        return documents_url(self.object)
