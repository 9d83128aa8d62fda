"""What every page knows. Nothing here asks the database."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from core import clock


def portal(request: HttpRequest) -> dict[str, Any]:
    """``is_demo`` shows the demonstration's banner; ``today`` is the portal's day, which the demonstration pins."""
    return {"is_demo": settings.IS_DEMO, "today": clock.today(), "is_day_pinned": settings.SIP_TODAY is not None}
