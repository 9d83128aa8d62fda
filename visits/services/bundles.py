"""Bundles: asked for, made in the background, taken, and deleted when their days are over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django_tasks.base import Task

from core import audit, jobs
from core.access import Refused, require
from core.components.formats import plural
from core.outbox import enqueue_email
from people.models import Authority, User
from people.roles import Permission as P

from ..bundle_choice import MadeBundle, Wanted, records_wanted, still_readable, too_many
from ..choices import BundleForm
from ..models import Bundle, NoteRecord, Withdrawable
from ..selectors import role_at
from .after import note_record_opened

DAYS_KEPT = 7
"""A file of many notes is a thing to lose: after a week it is made again by whoever still needs it."""

FORGOTTEN_AFTER = dt.timedelta(days=30)
AT_ONCE = 3
"""So many of one person may wait or run at the same time."""


@transaction.atomic
def ask_bundle(*, actor: User, authority: Authority, wanted: Wanted, form: str, task: Task[Any, Any], at: dt.datetime) -> Bundle:
    """Ask for all current final notes of a choice as one file. ``task``, the job ``visits.jobs.make_bundle``, makes it after
    the commit."""
    require(actor, P.RECORD_READ, on=at.date())
    if form not in BundleForm.values:
        raise Refused("Choose one PDF, or a zip of the PDFs.", field="form")
    ids = list(records_wanted(actor, authority, wanted).values_list("public_id", flat=True))
    if not ids:
        raise Refused("No final note that you may read matches the choice.")
    chosen = wanted.words()
    title = ", ".join(["Final notes", *(value for _, value in chosen)])[:200]
    return _ask(actor, authority, ids, form, title, [[label, value] for label, value in chosen], task, at)


@transaction.atomic
def remake_bundle(*, actor: User, bundle: Bundle, task: Task[Any, Any], at: dt.datetime) -> Bundle:
    """Ask again for the notes of a file that is gone, as far as they may still be read: those withdrawn since are left out."""
    require(actor, P.RECORD_READ, on=at.date())
    if bundle.asked_by_id != actor.pk or not bundle.is_gone:
        raise Refused("The file is still kept, or not made yet.")
    ids = list(still_readable(bundle, actor).values_list("public_id", flat=True))
    if not ids:
        raise Refused("None of its notes may still be read.")
    return _ask(actor, bundle.authority, ids, bundle.form, bundle.title, bundle.criteria, task, at)


def _ask(
    actor: User,
    authority: Authority,
    ids: list[str],
    form: str,
    title: str,
    criteria: list[list[str]],
    task: Task[Any, Any],
    at: dt.datetime,
) -> Bundle:
    if refusal := too_many(form, len(ids)):
        raise Refused(refusal)
    own = Bundle.objects.filter(asked_by=actor, ready_at__isnull=True)
    running = jobs.Job.objects.unfinished().filter(public_id__in=own.values("job")).count()
    if running >= AT_ONCE:
        raise Refused(f"{running} of your bundles are being made. Wait for one of them to be ready.")
    bundle = Bundle.objects.create(
        authority=authority,
        asked_by=actor,
        form=form,
        title=title,
        criteria=criteria,
        records=ids,
        asked_at=at,
        expires_at=at + dt.timedelta(days=DAYS_KEPT),
    )
    job = jobs.enqueue(task, asker_id=actor.pk, message=f"{plural(len(ids), 'note')} to put together", bundle_id=bundle.public_id)
    Bundle.objects.filter(pk=bundle.pk).update(job=job.public_id)
    bundle.job = job.public_id
    audit.record(
        "bundle.asked",
        actor=actor,
        at=at,
        subject=bundle,
        authority=authority,
        changes={"form": form, "notes": len(ids), "choice": dict(criteria)},
    )
    return bundle


@transaction.atomic
def keep_bundle(*, actor: User, bundle: Bundle, made: MadeBundle, records: Sequence[NoteRecord], at: dt.datetime) -> Bundle:
    """Keep the file that was made, until its days are over, and tell whoever asked."""
    require(actor, P.RECORD_READ, on=at.date())
    left_out = len(bundle.records) - len(records)
    bundle.records = [record.public_id for record in records]
    bundle.left_out, bundle.size, bundle.sha256, bundle.pages, bundle.rendered = (
        left_out, made.size, made.sha256, made.pages, made.rendered,
    )  # fmt: skip
    if still_readable(bundle, actor).count() != len(records):
        raise Refused("A note was withdrawn while the file was put together. Nothing was kept. Ask for it again.")
    bundle.ready_at, bundle.expires_at = at, at + dt.timedelta(days=DAYS_KEPT)
    bundle.file.save("bundle", File(made.file), save=False)
    try:
        bundle.save()
        audit.record(
            "bundle.made",
            actor=actor,
            at=at,
            subject=bundle,
            authority=bundle.authority,
            changes={"notes": len(records), "left_out": left_out, "bytes": made.size, "sha256": made.sha256},
        )
        enqueue_email(
            dedupe_key=f"bundle:{bundle.public_id}",
            to_name=actor.name,
            to_address=actor.email,
            subject="Your file of notes is ready",
            body=(
                f"Dear {actor.name}\n\nThe file that you asked for is ready: {plural(len(records), 'note')}. It is kept until "
                f"{bundle.expires_at.day} {bundle.expires_at:%B %Y}.\n\n{settings.PORTAL_URL}{bundle.get_absolute_url()}\n\n"
                "This message holds nothing of what they say.\n"
            ),
            context_kind="bundle",
            context_reference=bundle.public_id,
            at=at,
        )
    except BaseException:
        bundle.file.delete(save=False)
        raise
    return bundle


@transaction.atomic
def take_bundle(*, actor: User, bundle: Bundle, at: dt.datetime) -> Bundle:
    """Hand the file out: only while every note in it may still be read, and noted down for each as a download of it.

    A note that has been withdrawn, or is no longer the asker's to read, closes the whole file, which cannot be cut.
    """
    require(actor, P.RECORD_READ, on=at.date())
    if not bundle.file or bundle.expires_at <= at:
        raise Refused("The file is no longer kept. Ask for it again.")
    records = list(still_readable(bundle, actor))
    missing = len(bundle.records) - len(records)
    if missing:
        raise Refused(
            f"{plural(missing, 'note')} in this file {'is' if missing == 1 else 'are'} no longer yours to read, or withdrawn. "
            "Ask for the file again: it will be made without."
        )
    for record in records:
        note_record_opened(actor=actor, record=record, role=role_at(actor.hats, record.school), at=at, downloaded=True)
    Bundle.objects.filter(pk=bundle.pk).update(taken_at=at)
    audit.record(
        "bundle.taken",
        actor=actor,
        at=at,
        subject=bundle,
        authority=bundle.authority,
        changes={"notes": len(records), "sha256": bundle.sha256},
    )
    return bundle


@transaction.atomic
def drop_bundle(*, actor: User, bundle: Bundle, at: dt.datetime) -> None:
    """Delete the file before its days are over."""
    require(actor, P.RECORD_READ, on=at.date())
    if not bundle.file:
        raise Refused("There is no file to delete.")
    _delete_file(bundle)
    audit.record("bundle.dropped", actor=actor, at=at, subject=bundle, authority=bundle.authority)


def delete_bundles_with(*, actor: User, record: Withdrawable, at: dt.datetime) -> int:
    """Delete every file that holds a record whose access has ended; whoever asked for one is told on its page. Answers how
    many went. ``ask_withdrawal`` calls it, in its own transaction. Files live for days: there are few, and each is asked."""
    kept = Bundle.objects.filter(authority=record.authority_id).exclude(file="").select_related("authority")
    with_it = [bundle for bundle in kept if record.public_id in bundle.records]
    for bundle in with_it:
        _delete_file(bundle)
        Bundle.objects.filter(pk=bundle.pk).update(withdrawn_at=at)
        audit.record("bundle.withdrawn", actor=actor, at=at, subject=bundle, authority=bundle.authority)
    return len(with_it)


def expire_bundles(*, actor: User | None, at: dt.datetime) -> int:
    """Delete the files whose days are over and, a month later, what was known of them. The clock calls it, as nobody; answers
    how many files went."""
    over = Bundle.objects.filter(expires_at__lte=at).select_related("authority")
    gone = 0
    for bundle in over.exclude(file=""):
        with transaction.atomic():
            _delete_file(bundle)
            audit.record("bundle.expired", actor=actor, at=at, subject=bundle, authority=bundle.authority)
        gone += 1
    for bundle in over.filter(expires_at__lte=at - FORGOTTEN_AFTER, file=""):
        with transaction.atomic():
            audit.record("bundle.forgotten", actor=actor, at=at, subject=bundle, authority=bundle.authority)
            bundle.delete()
    return gone


def _delete_file(bundle: Bundle) -> None:
    """The row forgets the file in the transaction; the bytes go after it."""
    storage, name = bundle.file.storage, str(bundle.file.name)
    Bundle.objects.filter(pk=bundle.pk).update(file="")
    bundle.file = ""
    transaction.on_commit(lambda: storage.delete(name))
