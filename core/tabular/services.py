"""The life of an import: receive, preview, commit or discard; or all at once for the command line.

Reading, checking and comparing happen outside any transaction; what is written is one short transaction of changed
rows, with the batch and its audit event. Nothing is written while a row of the file is wrong: all or nothing.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any

from django.core.files.base import File
from django.db import IntegrityError, transaction

from core import audit
from core.access import Conflict, Refused, require
from core.tabular.bulk import Gone
from core.tabular.columns import RowError
from core.tabular.imports import IMPORTS, MAX_CHANGES, MAX_HELD, ImportKind, Plan, Request, summary
from core.tabular.models import ImportBatch, ImportState
from core.tabular.reading import Unreadable
from core.tabular.signals import import_committed

MOVED = "What is held has changed since this file was read. Nothing was written. Import the file again."


def _kind(key: str) -> ImportKind:
    if key not in IMPORTS:
        raise Refused(f"There is no import called {key}. There are: {', '.join(sorted(kind.key for kind in IMPORTS))}.")
    return IMPORTS[key]


def _digest(file: IO[bytes]) -> tuple[str, int]:
    """SHA-256 (hex) and size of an open file, read from its beginning."""
    file.seek(0)
    found, size = hashlib.sha256(), 0
    while chunk := file.read(1 << 20):
        found.update(chunk)
        size += len(chunk)
    file.seek(0)
    return found.hexdigest(), size


# ---------------------------------------------------------------- one step at a time, for the admin site


def receive(
    *,
    actor: Any,
    kind: str,
    authority_code: str,
    file: IO[bytes],
    file_name: str,
    at: dt.datetime,
    year: int | None = None,
    options: Mapping[str, str] | None = None,
) -> ImportBatch:
    """Keep a file that somebody sent. It is not opened here.

    Raises Refused where it is too large or the authority is unknown (only the command line makes an authority).
    """
    what = _kind(kind)
    _permit(actor, what, authority_code)
    if what.needs_year and year is None:
        raise Refused("Say which year the file is of.", field="year")
    chosen = what.chosen(options)
    sha256, size = _digest(file)
    limit = what.format.limits.upload_bytes
    if size > limit:
        raise Refused(f"The file is larger than {limit >> 20} MB.", field="file")
    if size == 0:
        raise Refused("The file is empty.", field="file")
    batch = ImportBatch(
        kind=what.key,
        authority_code=authority_code,
        year=year,
        options=chosen,
        file_name=_short(file_name),
        file_size=size,
        sha256=sha256,
        version=what.version,
        by_id=actor.public_id,
        by_name=actor.name,
        received_at=at,
    )
    batch.upload.save(batch.file_name, File(file), save=False)
    try:
        with transaction.atomic():
            batch.save()
            audit.record("import.received", actor=actor, at=at, subject=batch, authority=what.tenant(authority_code))
    except BaseException:
        batch.upload.delete(save=False)
        raise
    return batch


def preview(
    *, actor: Any, batch: ImportBatch, at: dt.datetime, on: dt.date, progress: Callable[[float], None] | None = None
) -> ImportBatch:
    """Read the file and say what a commit would change. Runs in a job (``jobs.preview_import``).

    Progress is in ``batch.progress``, percent; ``progress`` hears it too, from 0 to 1.
    """
    kind = _kind(batch.kind)
    _permit(actor, kind, batch.authority_code)
    _shift(
        batch,
        ImportState.READING,
        from_states=[ImportState.RECEIVED, ImportState.READING, ImportState.READY, ImportState.REFUSED],
        started_at=at,
        progress=0,
    )
    try:
        with batch.upload.open("rb") as file:
            plan, report = _compare(kind, file, _request(batch, on, actor), batch.sha256, _reporter(batch, progress))
    except BaseException:
        _shift(batch, ImportState.RECEIVED, from_states=[ImportState.READING])
        raise
    _show(batch, plan, report, at)
    return batch


def commit(*, actor: Any, batch: ImportBatch, at: dt.datetime, on: dt.date) -> ImportBatch:
    """Write what the preview showed. Raises Conflict, and renews the preview, where it would now be something else."""
    kind = _kind(batch.kind)
    _permit(actor, kind, batch.authority_code)
    if batch.state != ImportState.READY:
        raise Conflict(f"This import can't be committed: it is {batch.get_state_display()}.")
    with batch.upload.open("rb") as file:
        plan, report = _compare(kind, file, _request(batch, on, actor), batch.sha256, None)
    if plan is None or plan.digest() != batch.plan_digest:
        _show(batch, plan, report, at)
        raise Conflict("What is held has changed since this preview. Nothing was written; here is the new preview.")
    try:
        with _all_or_nothing():
            _shift(batch, ImportState.COMMITTED, from_states=[ImportState.READY], committed_at=at, finished_at=at)
            _write(kind, plan, report, batch, actor, at)
            _forget_upload(batch)
    except BaseException:
        batch.refresh_from_db()
        raise
    return batch


def discard(*, actor: Any, batch: ImportBatch, at: dt.datetime) -> ImportBatch:
    """Give a received file up; its bytes are deleted, what it would have done is forgotten."""
    kind = _kind(batch.kind)
    _permit(actor, kind, batch.authority_code)
    with transaction.atomic():
        _shift(
            batch,
            ImportState.DISCARDED,
            from_states=[ImportState.RECEIVED, ImportState.READING, ImportState.READY, ImportState.REFUSED],
            finished_at=at,
            changes=[],
            held=[],
        )
        _forget_upload(batch)
        audit.record("import.discarded", actor=actor, at=at, subject=batch, authority=kind.tenant(batch.authority_code))
    return batch


# ---------------------------------------------------------------- all at once, for the command line and the demonstration


def run(
    *,
    actor: Any,
    kind: str,
    authority_code: str,
    file: IO[bytes],
    file_name: str,
    at: dt.datetime,
    on: dt.date,
    year: int | None = None,
    options: Mapping[str, str] | None = None,
    should_commit: bool = False,
    again: bool = False,
    progress: Callable[[float], None] | None = None,
) -> ImportBatch:
    """Read a file and report; write it only if ``should_commit`` and nothing in it is wrong.

    The batch returned is saved only where something was committed. ``actor`` is None for the command line, which may
    also make an authority that isn't known yet. A file whose bytes were the last to be committed is reported as
    unchanged without being read, unless ``again``.
    """
    what = _kind(kind)
    if actor is not None:
        _permit(actor, what, authority_code)
    if what.needs_year and year is None:
        raise Refused("Say which year the file is of, by its first calendar year: 2007 for 2007/08.", field="year")
    sha256, size = _digest(file)
    request = Request(authority_code, on, _short(file_name), year, actor, what.chosen(options))
    batch = ImportBatch(
        kind=what.key,
        authority_code=authority_code,
        year=year,
        options=dict(request.options),
        file_name=request.file_name,
        file_size=size,
        sha256=sha256,
        version=what.version,
        by_id=actor.public_id if actor is not None else "",
        by_name=actor.name if actor is not None else "",
        received_at=at,
        started_at=at,
    )
    earlier = None if again else _same_as_last(what, request, sha256)
    if earlier is not None:
        batch.summary = _unchanged(what, request, earlier)
        return batch
    plan, report = _compare(what, file, request, sha256, progress)
    _fill(batch, plan, report)
    if plan is None or report["error_count"]:
        batch.state = ImportState.REFUSED
        return batch
    batch.state = ImportState.READY
    if should_commit:
        with _all_or_nothing():
            batch.state, batch.committed_at, batch.finished_at, batch.progress = ImportState.COMMITTED, at, at, 100
            batch.save()
            _write(what, plan, report, batch, actor, at)
    return batch


def _same_as_last(kind: ImportKind, request: Request, sha256: str) -> ImportBatch | None:
    """The batch that committed these very bytes, if it is the last word on what they are about; else None."""
    if not kind.remembers:
        return None
    committed = ImportBatch.objects.filter(authority_code=request.authority, state=ImportState.COMMITTED)
    last = committed.filter(kind=kind.key, year=request.year).order_by("-id").first()
    if last is None or last.sha256 != sha256 or last.version != kind.version or last.options != request.options:
        return None
    if kind.after and committed.filter(kind__in=kind.after, pk__gt=last.pk).exists():
        return None
    return last


# ---------------------------------------------------------------- parts


def _permit(actor: Any, kind: ImportKind, authority_code: str) -> None:
    tenant = kind.tenant(authority_code)
    if tenant is None:
        raise Refused(f"No authority here has the code {authority_code}.", field="authority")
    require(actor, kind.permission, tenant)


def _request(batch: ImportBatch, on: dt.date, actor: Any) -> Request:
    return Request(batch.authority_code, on, batch.file_name, batch.year, actor, batch.options)


def _short(file_name: str) -> str:
    """A file's own name without folders and control characters; the end, which says its kind, is kept."""
    name = "".join(c for c in file_name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable()).strip()
    return name[-200:] or "unnamed"


def _compare(
    kind: ImportKind, file: IO[bytes], request: Request, sha256: str, progress: Callable[[float], None] | None
) -> tuple[Plan | None, dict[str, Any]]:
    """Read and plan. Without a plan the file was refused as a whole, and the report's only error says why."""
    selection = kind.select(request)
    try:
        reading = kind.format.read(file, name=request.file_name, keep=selection.keep, tally=selection.tally, progress=progress)
    except Unreadable as refusal:
        return None, summary(kind=kind, request=request, sha256=sha256, reading=None, plan=None, errors=[RowError(0, "", "", str(refusal))])
    plan = kind.plan(reading, request)
    return plan, summary(kind=kind, request=request, sha256=sha256, reading=reading, plan=plan)


def _fill(batch: ImportBatch, plan: Plan | None, report: dict[str, Any]) -> None:
    batch.summary = report
    batch.changes = [change.as_json() for change in plan.changes[:MAX_CHANGES]] if plan else []
    batch.held = [held.as_json() for held in plan.held[:MAX_HELD]] if plan else []


def _show(batch: ImportBatch, plan: Plan | None, report: dict[str, Any], at: dt.datetime) -> None:
    _fill(batch, plan, report)
    batch.plan_digest = plan.digest() if plan else ""
    state = ImportState.REFUSED if plan is None or report["error_count"] else ImportState.READY
    _shift(
        batch,
        state,
        from_states=[ImportState.READING, ImportState.READY],
        summary=batch.summary,
        changes=batch.changes,
        held=batch.held,
        plan_digest=batch.plan_digest,
        version=_kind(batch.kind).version,
        finished_at=at,
        progress=100,
    )


def _shift(batch: ImportBatch, to: str, *, from_states: list[str], **values: Any) -> None:
    """One conditional UPDATE: of two who press the same button, one has pressed it."""
    moved = ImportBatch.objects.filter(pk=batch.pk, state__in=from_states).update(state=to, **values)
    if moved != 1:
        raise Conflict("Somebody else has dealt with this import. Look at it again.")
    batch.state = to
    for name, value in values.items():
        setattr(batch, name, value)


@contextlib.contextmanager
def _all_or_nothing() -> Iterator[None]:
    """A transaction, with the sentence for a row that somebody else wrote between the comparison and the write."""
    try:
        with transaction.atomic():
            yield
    except (IntegrityError, Gone) as error:
        raise Conflict(MOVED) from error


def _forget_upload(batch: ImportBatch) -> None:
    """Delete the bytes once the transaction that no longer needs them is committed."""
    storage, name = batch.upload.storage, batch.upload.name
    batch.upload = ""
    ImportBatch.objects.filter(pk=batch.pk).update(upload="")
    if name:
        transaction.on_commit(lambda: storage.delete(name))


def _write(kind: ImportKind, plan: Plan, report: dict[str, Any], batch: ImportBatch, actor: Any, at: dt.datetime) -> None:
    authority = kind.apply(plan, actor=actor, at=at)
    report["committed"] = True
    batch.summary = report
    ImportBatch.objects.filter(pk=batch.pk).update(summary=report)
    counts = {name: report[name] for name in ("created", "updated", "unchanged", "closed", "held", "skipped")}
    audit.record(
        kind.event,
        actor=actor,
        at=at,
        subject=batch,
        authority=authority,
        changes={"file": batch.file_name, "sha256": batch.sha256, **counts},
    )
    import_committed.send(sender=type(kind), authority=authority, kind=kind.key)


def _unchanged(kind: ImportKind, request: Request, earlier: ImportBatch) -> dict[str, Any]:
    """The report on a file that was the last to be committed: its rows are all as they were left."""
    before = earlier.summary
    report = summary(kind=kind, request=request, sha256=earlier.sha256, reading=None, plan=None)
    rows = before["created"] + before["updated"] + before["unchanged"]
    report.update(
        authority_name=before["authority_name"],
        dated=before["dated"],
        read=before["read"],
        unchanged=rows,
        held=before["held"],
        skipped=before["skipped"],
    )
    report["skipped_by"] = before["skipped_by"]
    report["identical"] = True
    report["notes"] = [
        f"These very bytes were committed on {earlier.committed_at:%d/%m/%Y} and nothing has been imported since; the file was not read again."
    ]
    return report


def _reporter(batch: ImportBatch, also: Callable[[float], None] | None) -> Callable[[float], None]:
    """Writes progress at most twice a second: each write takes the database's one lock for a moment."""
    state = {"at": time.monotonic(), "percent": 0}

    def report(share: float) -> None:
        percent = int(share * 100)
        if also is not None:
            also(share)
        if percent > state["percent"] and time.monotonic() - state["at"] > 0.5:
            ImportBatch.objects.filter(pk=batch.pk, state=ImportState.READING).update(progress=percent)
            state.update(at=time.monotonic(), percent=percent)

    return report
