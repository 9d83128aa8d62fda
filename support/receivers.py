"""What support hears from below: new data has landed."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from core import jobs
from core.tabular.signals import import_committed

from .jobs import watch_after_import


@receiver(import_committed, dispatch_uid="support.import_committed")
def new_data(sender: Any, authority: Any, **kwargs: Any) -> None:
    """One job after the commit; it asks all rules of the authority's schools."""
    if authority is not None:
        jobs.enqueue(watch_after_import, authority=authority.code)
