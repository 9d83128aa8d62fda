"""Error pages, and the two questions a load balancer asks."""

from __future__ import annotations

import logging
import shutil

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core import triggers

log = logging.getLogger("sip_portal.request")

DISK_NEEDED = 200 * 1024**2  # bytes: below this an upload, a journal or a backup may fail half-way


@login_not_required
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; it asks nothing of database or disk."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 where database, migrations, triggers and disk are fit to serve, else 503; names what is not and no more."""
    answers: dict[str, bool] = {"database": _database_answers(), "disk": _disk_has_room()}
    answers["migrations"] = answers["database"] and _migrations_are_applied()
    answers["triggers"] = answers["database"] and not triggers.missing()
    ready = all(answers.values())
    return JsonResponse({name: "ok" if fit else "failed" for name, fit in sorted(answers.items())}, status=200 if ready else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        return False
    return True


def _migrations_are_applied() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Exception:
        return False


def _disk_has_room() -> bool:
    return all(shutil.disk_usage(folder).free >= DISK_NEEDED for folder in (settings.BASE_DIR, settings.VAR_DIR) if folder.exists())


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same page whether the thing is not there or is outside the asker's scope."""
    return render(request, "errors/404.html", status=404)


def not_here(request: HttpRequest, row: str) -> HttpResponse:
    """For an address of a library that would tell more than a row scope does."""
    raise Http404("Not found.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Without the request's context, which may be what failed; where the template fails too, a sentence."""
    try:
        return HttpResponse(render_to_string("errors/500.html"), status=500)
    except Exception:
        log.exception("The page for errors failed.")
        return HttpResponse("Something went wrong. What was saved is kept. Go back, wait a minute and try again.", "text/plain", status=500)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long, or came from elsewhere."""
    return render(request, "errors/csrf.html", status=403)
