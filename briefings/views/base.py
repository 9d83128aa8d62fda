"""What the pages of briefings share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.text import slugify

from briefings.agenda import entry_of
from briefings.models import Briefing, Workshop
from briefings.models.files import NamedFile
from briefings.pack import BriefingsPart, briefings_of
from core import files
from core.access import PortalView, get_visible
from people.models import Authority
from people.packs import require_pack
from people.roles import Permission as P
from people.views.base import chosen_authority
from people.views.calendars import feed


class Managed:
    """A page over the briefings of one authority that the asker keeps; ``permission`` says which part of them."""

    request: Any
    today: Any
    permission: ClassVar[str | None] = P.BRIEFING_MANAGE

    @cached_property
    def managed(self) -> Authority:
        return chosen_authority(self.request, P(self.permission or ""))

    @cached_property
    def part(self) -> BriefingsPart:
        return briefings_of(require_pack(self.managed, self.today).content)

    def authority_id(self) -> int | None:
        return self.managed.pk


class OneBriefing:
    """A briefing of the asker's scope; 404 for everybody else."""

    request: Any
    kwargs: dict[str, Any]
    object: Briefing

    def get_object(self) -> Briefing:
        return get_visible(Briefing.objects.select_related("authority"), self.request.user, public_id=self.kwargs["briefing"])

    def authority_id(self) -> int | None:
        return self.object.authority_id


class FileView(PortalView):
    """A file as a download, in the scope of what it belongs to: never inline, never cached, never guessed at."""

    abstract = True
    http_method_names: Sequence[str] = ("get", "head")

    def named_file(self) -> NamedFile | None:
        """What holds the file; 404 where it holds none."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        held = self.named_file()
        if held is None or held.file is None:
            raise Http404("Not found.")
        return files.download_response(held.file, held.file_name)


def calendar_file(row: Briefing | Workshop) -> HttpResponse:
    """One date as a file that any calendar takes."""
    response = HttpResponse(feed([entry_of(row)]), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slugify(row.title)[:60]}-{row.on.isoformat()}.ics"'
    return response
