"""The two steps of an import that a request does not wait for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth import get_user_model

from core import clock, jobs
from core.access import Refused
from core.jobs import Job, job
from core.tabular import services
from core.tabular.models import ImportBatch

LIMIT = dt.timedelta(minutes=10)


@job("import.preview", limit=LIMIT)
def preview_import(asked: Job, *, batch_id: str) -> str:
    """Read a received file and say what a commit would change. The result is the batch's public id."""
    actor, batch = _of(asked, batch_id)
    services.preview(
        actor=actor, batch=batch, at=clock.now(), on=clock.today(), progress=lambda share: jobs.progress(asked, int(share * 100), 100)
    )
    return str(batch.public_id)


@job("import.commit", limit=LIMIT)
def commit_import(asked: Job, *, batch_id: str) -> str:
    """Write what the preview showed. The result is the batch's public id; a second run finds it done."""
    actor, batch = _of(asked, batch_id)
    if batch.committed_at is None:
        services.commit(actor=actor, batch=batch, at=clock.now(), on=clock.today())
    return str(batch.public_id)


def _of(asked: Job, batch_id: str) -> tuple[Any, ImportBatch]:
    """Who asked, as they are now, and the batch if it is still in their scope."""
    actor = get_user_model()._default_manager.filter(pk=asked.asker_id, is_active=True).first()
    batch = ImportBatch.objects.visible_to(actor).filter(public_id=batch_id).first() if actor is not None else None
    if batch is None:
        raise Refused("This import is not there any more.")
    return actor, batch
