"""How far a job is, for the page that waits for it: its asker alone is answered."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse

from .access import SIGNED_IN, PortalView, get_visible
from .jobs import Job


class JobProgressView(PortalView):
    """State, percent and words of one job, as JSON."""

    permission = SIGNED_IN
    http_method_names = ("get", "head")

    def get_object(self) -> Job:
        return get_visible(Job, self.request.user, public_id=self.kwargs["job"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        job: Job = self.object
        response = JsonResponse({"finished": job.is_finished, "percent": job.percent, "words": job.message})
        response["Cache-Control"] = "no-store, private"
        return response
