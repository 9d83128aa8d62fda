"""Work that a request does not wait for: jobs, their progress, and what runs by the clock.

A job is a function under :func:`job`, put into the queue by :func:`enqueue`. Its row of the queue is written in the
caller's transaction, so it begins after the commit and never where that is rolled back. It takes ids and the asker's
id, checks the asker's scope when it runs, and whoever hands out its result checks it again at download
(architecture.md rule 21).

Each run holds a lease that its worker renews while it lives. A worker that is killed renews nothing: the sweep of any
other worker (or its own, restarted) puts the job back into the queue, until its tries are used up. So a job runs *at
least* once: what it applies, it applies in one transaction that can be done again. A run that has lost its lease can
no longer report or finish: it gets :class:`LeaseLost`.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django_tasks import TaskContext, TaskResultStatus
from django_tasks.base import Task, TaskResult
from django_tasks_db.backend import DatabaseBackend
from django_tasks_db.models import DBTaskResult

from . import clock
from .access import Refused, ScopedQuerySet
from .ids import PublicIdField
from .registry import Registry

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

LEASE = dt.timedelta(seconds=60)
FIRST_PAUSE = dt.timedelta(seconds=20)
GROWTH = 4
KEEP = dt.timedelta(days=30)
SECONDS_BETWEEN_REPORTS = 0.5
TRANSIENT: tuple[type[Exception], ...] = (OperationalError, InterfaceError, OSError)
WENT_WRONG = "Something went wrong. Try again; if it goes wrong again, tell your administrator."

_JITTER = random.SystemRandom()


class LeaseLost(RuntimeError):
    """This run of a job is no longer the one that counts: another has taken it over."""


class JobFault(RuntimeError):
    """A job has failed. It carries the class of the fault and no more: a fault's text may quote what people wrote."""


class State(models.TextChoices):
    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class JobQuerySet(ScopedQuerySet["Job"]):
    def visible_to(self, user: Any) -> JobQuerySet:
        """A job is its asker's alone."""
        return self.filter(asker_id=user.pk, asker_id__isnull=False)

    def unfinished(self) -> JobQuerySet:
        return self.filter(state__in=[State.QUEUED, State.RUNNING])


class Job(models.Model):
    """One piece of work, as its asker sees it. Write with :func:`enqueue`; a job reports with :meth:`progress`."""

    public_id = PublicIdField()
    kind = models.CharField(max_length=60)
    asker_id = models.BigIntegerField(null=True)  # a plain value: the kernel knows no user; null is the portal itself
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)  # 0: not known yet
    message = models.CharField(max_length=300, blank=True)
    result = models.CharField(max_length=300, blank=True)
    tries = models.PositiveSmallIntegerField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=100, blank=True)
    task_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # On the machine's own clock; the three above are on the portal's.
    lease_until = models.DateTimeField(null=True)
    renew_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=64, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=["asker_id", "-id"], name="job_asker"),
            models.Index(fields=["state", "lease_until"], name="job_unfinished", condition=Q(state__in=["queued", "running"])),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state="running", lease_until__isnull=False, started_at__isnull=False)
                | (~Q(state="running") & Q(lease_until__isnull=True)),
                name="job_leased_while_running",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "failed"], finished_at__isnull=False)
                | Q(state__in=["queued", "running"], finished_at__isnull=True),
                name="job_finished_has_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} ({self.get_state_display()})"

    @property
    def is_finished(self) -> bool:
        return self.state in (State.DONE, State.FAILED)

    @property
    def percent(self) -> int | None:
        """Whole per cent done, for the progress bar; None while the total is not known."""
        return min(100, self.done * 100 // self.total) if self.total else None

    def _mine(self) -> models.QuerySet[Job]:
        """The row while it is still this run's."""
        return Job.objects.filter(pk=self.pk, state=State.RUNNING, worker=self.worker, attempts=self.attempts)


# ---------------------------------------------------------------- declaring and asking


@dataclass(frozen=True, slots=True)
class JobKind:
    """What :func:`job` declared: how often a killed or transiently failed run is tried, and how long one may take."""

    kind: str
    tries: int
    limit: dt.timedelta


JOB_KINDS: dict[str, JobKind] = {}


def job(
    kind: str, *, tries: int = 3, limit: dt.timedelta = dt.timedelta(minutes=30)
) -> Callable[[Callable[Concatenate[Job, P], str | None]], Task[Any, Any]]:
    """Declare a module-level function ``(job, *, …ids) -> result reference or None`` as a job.

    What it returns is kept in ``Job.result``: the reference of a stored file or an address, as text. It is tried again
    after a fault that passes (a locked database, a broken connection) and after its worker was killed, ``tries`` times
    in all. :class:`core.access.Refused` ends it with its sentence for the asker; any other exception ends it with a
    plain one, and its class in ``last_error``. A run longer than ``limit`` is taken for hung and swept.
    """

    def declare(function: Callable[Concatenate[Job, P], str | None]) -> Task[Any, Any]:
        if JOB_KINDS.get(kind) is not None:
            raise ImproperlyConfigured(f"The job kind {kind!r} is declared twice.")
        declared = JobKind(kind, tries, limit)

        def run(context: TaskContext, *, job_id: int, **ids: Any) -> None:
            _run(declared, function, context.task_result, job_id, ids)

        # The queue finds a task by its path; the name in the module is the task that is made here.
        run.__module__, run.__qualname__, run.__name__ = function.__module__, function.__qualname__, function.__name__
        run.__doc__ = function.__doc__
        made: Task[Any, Any] = _task(run)
        JOB_KINDS[kind] = declared
        _KIND_OF[made.module_path] = declared
        return made

    return declare


_KIND_OF: dict[str, JobKind] = {}


def _task(run: Callable[..., None]) -> Task[Any, Any]:
    from django_tasks import task

    return task(takes_context=True)(run)


def enqueue(task: Task[Any, Any], *, asker_id: int | None = None, message: str = "", **ids: Any) -> Job:
    """Ask for a job, in the caller's transaction: it begins after the commit, and not at all after a roll-back.

    ``ids`` are plain JSON values, ids and dates as text, never rows or content. ``asker_id`` is the primary key of the
    user who will see the job; None where the portal asks itself. ``message`` is what the asker reads until the job
    reports.
    """
    declared = _KIND_OF.get(task.module_path)
    if declared is None:
        raise ImproperlyConfigured(f"{task.module_path} is no job: declare it with @core.jobs.job.")
    if not isinstance(task.get_backend(), DatabaseBackend):
        raise ImproperlyConfigured("Jobs need the database backend of TASKS: others would begin before the commit.")
    with transaction.atomic():
        row = Job.objects.create(kind=declared.kind, asker_id=asker_id, message=message[:300], tries=declared.tries, created_at=clock.now())
        _queue(row, task, ids)
    return row


def _queue(row: Job, task: Task[Any, Any], ids: dict[str, Any], run_after: dt.datetime | None = None) -> None:
    queued = (task.using(run_after=run_after) if run_after else task).enqueue(job_id=row.pk, **ids)
    row.task_id = queued.id
    Job.objects.filter(pk=row.pk).update(task_id=queued.id)


def progress(job: Job, done: int, total: int, message: str = "") -> None:
    """Report ``done`` of ``total``, seldom written more than twice a second. Call it between pieces of work, outside
    a transaction (inside one, nobody sees it before the end).

    Raises :class:`LeaseLost` where another run has taken the job over: let it pass.
    """
    reported: float = getattr(job, "_reported", 0.0)
    now = time.monotonic()
    if done < total and now - reported < SECONDS_BETWEEN_REPORTS and not message:
        return
    job.done, job.total = done, total
    values: dict[str, Any] = {"done": done, "total": total}
    if message:
        job.message = values["message"] = message[:300]
    if not job._mine().update(**values):
        raise LeaseLost
    job._reported = now  # type: ignore[attr-defined]


# ---------------------------------------------------------------- running


def _run(declared: JobKind, function: Callable[..., str | None], result: TaskResult[Any], job_id: int, ids: dict[str, Any]) -> None:
    """Run a job once, in the worker: claim, call, settle. Re-raises what is no sentence, for the log."""
    row = _claim(declared, job_id, result)
    if row is None:
        return  # swept, finished or taken over since it was queued
    try:
        reference = function(row, **ids)
    except LeaseLost:
        logger.warning("job %s (%s) lost its lease", row.public_id, row.kind)
    except (Refused, PermissionDenied) as refusal:
        _finish(row, State.FAILED, message=str(refusal) or "You may not do this.", last_error=type(refusal).__name__)
    except Exception as fault:
        name = type(fault).__name__
        logger.error("job %s (%s) failed on try %d: %s at %s", row.public_id, row.kind, row.attempts, name, _where(fault))
        if not (isinstance(fault, TRANSIENT) and row.attempts < row.tries and _retry(row, result, ids, name)):
            _finish(row, State.FAILED, message=WENT_WRONG, last_error=name)
        raise JobFault(name) from None
    else:
        _finish(row, State.DONE, result=reference or "")


def _claim(declared: JobKind, job_id: int, result: TaskResult[Any]) -> Job | None:
    now = timezone.now()
    worker = result.worker_ids[-1] if result.worker_ids else ""
    claimed = Job.objects.filter(pk=job_id, state=State.QUEUED, task_id=result.id).update(
        state=State.RUNNING,
        attempts=F("attempts") + 1,
        worker=worker,
        lease_until=now + LEASE,
        renew_until=now + declared.limit,
        started_at=clock.now(),
        done=0,
    )
    return Job.objects.get(pk=job_id) if claimed else None


def _where(fault: BaseException) -> str:
    """The innermost places of a fault, as file, line and function: enough to find it, and none of its values."""
    frames = traceback.extract_tb(fault.__traceback__)[-6:]
    return " > ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)


def _finish(row: Job, state: State, *, message: str | None = None, result: str = "", last_error: str = "") -> None:
    values: dict[str, Any] = {"result": result[:300], "last_error": last_error[:100]}
    if message is not None:
        values["message"] = message[:300]
    if state is State.DONE:
        values["done"] = F("total")
    finished = row._mine().update(state=state, finished_at=clock.now(), lease_until=None, renew_until=None, **values)
    if not finished:
        logger.warning("job %s (%s) was taken over before it finished", row.public_id, row.kind)


def _retry(row: Job, result: TaskResult[Any], ids: dict[str, Any], error: str) -> bool:
    pause = FIRST_PAUSE * GROWTH ** (row.attempts - 1) * _JITTER.uniform(0.8, 1.2)
    with transaction.atomic():
        back = row._mine().update(state=State.QUEUED, lease_until=None, renew_until=None, worker="", last_error=error[:100])
        if back:
            _queue(row, result.task.using(run_after=None), ids, run_after=timezone.now() + pause)
    return bool(back)


# ---------------------------------------------------------------- leases and the sweep


def renew(worker: str) -> int:
    """Renew the leases of a worker's running jobs, as it does while it lives. Answers how many."""
    now = timezone.now()
    return Job.objects.filter(worker=worker, state=State.RUNNING, renew_until__gt=now).update(lease_until=now + LEASE)


def sweep() -> int:
    """Put right what killed workers left behind; any worker may, at any time. Answers how many jobs it moved.

    A running job whose lease has run out goes back into the queue, or fails once its tries are used up. A job whose
    worker died between taking it from the queue and beginning it goes back too. It goes back as a new row of the
    queue, so that a worker that was only slow, and not dead, closes its own row and not the next one's.
    """
    now = timezone.now()
    moved = 0
    for row in Job.objects.filter(state=State.RUNNING, lease_until__lt=now).order_by("pk"):
        moved += _take_back(row, row._mine().filter(lease_until__lt=now))

    left = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING, started_at__lt=now - LEASE)
    queued = Job.objects.filter(state=State.QUEUED, task_id__isnull=False)
    for row in queued.filter(task_id__in=left.values("pk")).order_by("pk"):
        moved += _take_back(row, queued.filter(pk=row.pk, task_id=row.task_id))

    # A job that the queue has given up before it began: its function is gone from the code, or its row is gone.
    alive = DBTaskResult.objects.filter(status__in=[TaskResultStatus.READY, TaskResultStatus.RUNNING])
    for row in queued.exclude(task_id__in=alive.values("pk")).order_by("pk"):
        moved += _give_up(row, queued.filter(pk=row.pk, task_id=row.task_id), "NotRunnable")

    # What is still open in the queue for a job that has ended, or has another row there by now.
    current = Job.objects.unfinished().filter(task_id__isnull=False)
    ours = left.filter(args_kwargs__kwargs__has_key="job_id")
    ours.exclude(pk__in=current.values("task_id")).update(**_closed(now))
    return moved


def _closed(now: dt.datetime) -> dict[str, Any]:
    lost = f"{LeaseLost.__module__}.{LeaseLost.__qualname__}"
    return {"status": TaskResultStatus.FAILED, "finished_at": now, "exception_class_path": lost}


def _take_back(row: Job, mine: models.QuerySet[Job]) -> int:
    """Queue a job again that its worker has left, where it has tries left. ``mine`` is its row, as it was found."""
    held = DBTaskResult.objects.filter(pk__in=[row.task_id], status=TaskResultStatus.RUNNING)
    old = held.first()
    if old is None or row.attempts >= row.tries:
        return _give_up(row, mine, "LeaseLost")
    try:
        task = old.task
    except (ImportError, SuspiciousOperation):
        return _give_up(row, mine, "NotRunnable")
    ids = {name: value for name, value in old.args_kwargs["kwargs"].items() if name != "job_id"}
    with transaction.atomic():
        moved = mine.update(state=State.QUEUED, lease_until=None, renew_until=None, worker="", last_error="LeaseLost")
        if moved:
            held.update(**_closed(timezone.now()))
            _queue(row, cast("Task[Any, Any]", task.using(run_after=None)), ids)
    if moved:
        logger.warning("job %s (%s) was left by its worker on try %d of %d", row.public_id, row.kind, row.attempts, row.tries)
    return moved


def _give_up(row: Job, mine: models.QuerySet[Job], error: str) -> int:
    moved = mine.update(
        state=State.FAILED, finished_at=clock.now(), lease_until=None, renew_until=None, message=WENT_WRONG, last_error=error
    )
    if moved:
        logger.error("job %s (%s) was given up after %d of %d tries: %s", row.public_id, row.kind, row.attempts, row.tries, error)
    return moved


# ---------------------------------------------------------------- what runs by the clock


@dataclass(frozen=True, slots=True)
class Schedule:
    """A function ``(at: datetime) -> None`` that the worker calls, once across all workers.

    Either ``every`` so long, the first time at once, or daily ``at`` a local time. It is called with the portal's
    moment and must be short: what takes longer, it enqueues. A time missed while no worker ran is made up once.
    """

    run: Callable[[dt.datetime], object]
    every: dt.timedelta | None = None
    daily_at: dt.time | None = None

    def __post_init__(self) -> None:
        if (self.every is None) == (self.daily_at is None):
            raise ImproperlyConfigured("A schedule runs either every so long or daily at a time.")

    def first(self, now: dt.datetime) -> dt.datetime:
        """When it is due on a machine that has never run it."""
        return now if self.every is not None else self.after(now)

    def after(self, now: dt.datetime) -> dt.datetime:
        """The next time that it is due after ``now``. Daily times are local: an hour that the clock skips or repeats
        is met once."""
        if self.every is not None:
            return now + self.every
        assert self.daily_at is not None
        zone = ZoneInfo(settings.TIME_ZONE)
        day = now.astimezone(zone).date()
        due = dt.datetime.combine(day, self.daily_at, zone)
        return due if due > now else dt.datetime.combine(day + dt.timedelta(days=1), self.daily_at, zone)


SCHEDULES: Registry[Schedule] = Registry("schedules")


class ScheduleRun(models.Model):
    """When each schedule is due next: the row by which workers agree on who runs it. On the machine's own clock."""

    name = models.CharField(max_length=80, unique=True)
    due_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return self.name


def run_schedules(at: dt.datetime) -> list[str]:
    """Run what is due, each in one worker only; answers the names. ``at`` is the portal's moment, handed on.

    One that fails is logged and comes again at its next time.
    """
    now = timezone.now()
    ran: list[str] = []
    rows = {row.name: row for row in ScheduleRun.objects.all()}
    for name, schedule in SCHEDULES.items():
        row = rows.get(name)
        if row is None:
            row, _ = ScheduleRun.objects.get_or_create(name=name, defaults={"due_at": schedule.first(now)})
        if row.due_at > now:
            continue
        won = ScheduleRun.objects.filter(pk=row.pk, due_at=row.due_at).update(due_at=schedule.after(now), started_at=now)
        if not won:
            continue
        error = ""
        try:
            schedule.run(at)
        except Exception as fault:
            logger.exception("schedule %s failed", name)
            error = type(fault).__name__[:100]
        ScheduleRun.objects.filter(pk=row.pk).update(finished_at=timezone.now(), last_error=error)
        ran.append(name)
    return ran


def prune(at: dt.datetime) -> None:
    """Forget jobs that finished thirty days ago, and their rows of the queue. By the machine's clock, as they are kept."""
    before = timezone.now() - KEEP
    old = DBTaskResult.objects.filter(status__in=[TaskResultStatus.SUCCESSFUL, TaskResultStatus.FAILED], finished_at__lt=before)
    with transaction.atomic():
        Job.objects.filter(state__in=[State.DONE, State.FAILED], task_id__in=old.values("pk")).delete()
        old.delete()
