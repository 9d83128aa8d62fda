"""Writing without a network: a key for the device, the pieces that come back, and the page that stands in meanwhile."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.generic import View

from core import clock
from core.access import Conflict, Refused, SignedInRequest, can
from core.components.formats import plural
from core.sealing import Sealed
from people.roles import Permission as P

from .. import services
from ..forms.tables import Place, takes_text
from ..models import NoteSection
from ..policies import writes_section
from ..services.notes import find_section
from .base import NoteView
from .editor import NoteEditView, Sent, save

SHELL_FILES = (
    "portal/fonts.css",
    "govuk/govuk-frontend.min.css",
    "portal/portal.css",
    "portal/portal-data.css",
    "portal/editor.css",
    "portal/boot.js",
    "portal/portal.js",
    "portal/offline-store.js",
    "portal/offline-shell.js",
    "govuk/all.bundle.js",
    "portal/icon.svg",
    *(f"fonts/source-sans-3-latin-{face}.woff2" for face in ("400-normal", "400-italic", "600-normal", "700-normal")),
)
"""All that a device keeps of the portal, beside the shell itself."""

TRIES = 3
"""How often text that goes on from a section is put after what stands there, where another save comes between."""


@method_decorator(login_not_required, name="dispatch")
class OfflineShellView(View):
    """The page that a device shows when the portal cannot be reached. The same for everybody: it holds nothing of anybody."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "visits/offline/shell.html")


@method_decorator(login_not_required, name="dispatch")
class OfflineWorkerView(View):
    """The service worker. It stores the shell and its files when it is installed, and never an answer to a request."""

    def get(self, request: HttpRequest) -> HttpResponse:
        files = [staticfiles_storage.url(name) for name in SHELL_FILES]
        version = hashlib.sha256("\n".join(files).encode()).hexdigest()[:12]
        context = {"files": files, "shell": reverse("visits:offline-shell"), "version": version}
        return render(request, "visits/offline/worker.js", context, content_type="text/javascript; charset=utf-8")


class NoteOfflineKeyView(NoteView):
    """A device asks for the key to which it seals this note, and is told the section titles that its shell shows."""

    permission = P.NOTE_WRITE

    def post(self, request: SignedInRequest, **kwargs: Any) -> JsonResponse:
        at = clock.now()
        try:
            key = services.offer_offline_key(actor=request.user, note=self.note, device=request.POST.get("device", ""), at=at)
        except Refused as refusal:
            return JsonResponse({"status": "refused", "message": refusal.message}, status=422)
        bar = self.bar()
        sections = []
        for section in self.note.sections.select_related("school").order_by("position", "school_id"):
            section.note = self.note
            title = f"{section.title}, {section.school.name}" if section.school else section.title
            text = takes_text(Place(self.note, section, self.pack)) and writes_section(request.user.hats, self.note, section.code)
            sections.append({"key": section.key, "title": title, "text": text})
        return JsonResponse(
            {
                "status": "key",
                "key": key.public_id,
                "public": key.public_key,
                "seconds": int((key.expires_at - at).total_seconds()),  # the portal's clock may not be the device's
                "school": bar["school"],
                "what": bar["what"],
                "write": reverse("visits:note-write", args=[self.note.public_id]),
                "piece": reverse("visits:note-offline-piece", args=[self.note.public_id]),
                "sections": sections,
            }
        )


class NoteOfflinePieceView(NoteEditView):
    """A sealed piece comes back. To the page's script it answers in JSON; sent as a form, it shows both texts where the
    portal's is newer, and the writer chooses as between two windows."""

    permission = P.NOTE_READ

    def get(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(reverse("visits:note-write", args=[self.note.public_id]))

    def post(self, request: SignedInRequest, **kwargs: Any) -> HttpResponse:
        status, message = self.bring_in(request)
        if request.headers.get("Accept") == "application/json":
            code = {"conflict": 409, "unreadable": 422}.get(status, 200)
            return JsonResponse({"status": status, "message": message}, status=code)
        if self.conflict is not None:
            return self.show(sent=self.sent, conflict=self.conflict, status=409)
        if message:
            messages.add_message(request, messages.WARNING if status == "unreadable" else messages.SUCCESS, message)
        return HttpResponseRedirect(reverse("visits:note-write", args=[self.note.public_id]), status=303)

    conflict: services.SectionConflict | None = None
    sent: Sent | None = None

    def bring_in(self, request: SignedInRequest) -> tuple[str, str]:
        note, user, at = self.note, request.user, clock.now()
        if not can(user, P.NOTE_WRITE, note):
            services.end_unused_offline_keys(actor=user, at=at, note=note)
        sealed = Sealed(*(request.POST.get(name, "") for name in ("header", "point", "nonce", "sealed")))
        try:
            opened = services.open_offline_piece(actor=user, note=note, sent=sealed, at=at)
            if opened.is_taken:
                return "already", ""
            section = find_section(note, opened.section)
            self.kwargs["key"] = section.key
            section = self.put(section, opened)
        except services.AlreadyTaken:
            return "already", ""
        except services.SectionConflict as conflict:
            self.conflict = conflict
            return "conflict", f"{conflict.section.title} was changed after you wrote in it here."
        except Conflict as conflict:
            return "unreadable", conflict.message
        except Refused as refusal:
            return "unreadable", refusal.message
        words = plural(len((QueryDict(opened.text).get("body", "") if opened.kind == "whole" else opened.text).split()), "word")
        when = f", {timezone.localtime(opened.at):%H:%M}" if opened.at else ""
        said = f"Written on this device{when}: {words} in “{section.title}” {'was' if words == '1 word' else 'were'} brought in."
        messages.success(request, said)
        return "taken", said

    def put(self, section: NoteSection, opened: services.OpenedPiece) -> NoteSection:
        """Through the one save of a section: the form as it was, or more text after what stands."""
        note = self.note
        if opened.kind == "whole":
            data = QueryDict(opened.text, mutable=True)
            data["base"] = str(opened.base)
            data["piece"] = f"{opened.piece.key}:{opened.piece.name}"
            try:
                save(self, section, data)
            except services.SectionConflict as conflict:
                conflict.section.note = note
                self.sent = Sent(note, conflict.section, Place(note, conflict.section, self.pack), data)
                _ = self.sent.rows
                raise
            return section
        for last in (False,) * (TRIES - 1) + (True,):
            body = f"{section.body}\n\n{opened.text.strip()}".strip()
            try:
                services.save_section(
                    actor=self.request.user,
                    note=note,
                    key=section.key,
                    base_revision=section.revision,
                    body=body,
                    piece=opened.piece,
                    at=clock.now(),
                )
                break
            except services.SectionConflict:
                if last:
                    raise
                section = find_section(note, section.key)
        return section


__all__ = ["SHELL_FILES", "NoteOfflineKeyView", "NoteOfflinePieceView", "OfflineShellView", "OfflineWorkerView"]
