"""What visits do in the background."""

from __future__ import annotations

import datetime as dt

from core import clock, jobs
from core.access import Refused
from core.jobs import Job, job
from people.models import User

from . import services
from .bundle_choice import still_readable
from .bundles import make_file
from .models import Bundle


@job("visits.bundle", limit=dt.timedelta(minutes=30))
def make_bundle(asked: Job, *, bundle_id: str) -> str:
    """Make the file of a bundle from what its asker may read now. The result is the bundle's public id; a second run finds it made."""
    actor = User.objects.filter(pk=asked.asker_id, is_active=True).first()
    bundle = (
        Bundle.objects.visible_to(actor).select_related("authority", "asked_by").filter(public_id=bundle_id).first()
        if actor is not None
        else None
    )
    if actor is None or bundle is None:
        raise Refused("This bundle is not there any more.")
    if bundle.ready_at is not None:
        return bundle.public_id
    records = list(still_readable(bundle, actor))
    if not records:
        raise Refused("None of the notes can be read any more.")
    bundle.left_out = len(bundle.records) - len(records)
    at = clock.now()
    made = make_file(bundle, records, at, lambda done, total, message: jobs.progress(asked, done, total, message))
    with made.file:
        services.keep_bundle(actor=actor, bundle=bundle, made=made, records=records, at=clock.now())
    return bundle.public_id
