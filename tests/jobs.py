"""``run_jobs()``: what has been enqueued runs now, in this process, as the worker would run it."""

from __future__ import annotations

from unittest import mock

from django_tasks_db.management.commands import db_worker

from core.jobs import WENT_WRONG, Job, State


def run_jobs(*, may_fail: bool = False) -> int:
    """Run every job that is ready, and those that they enqueue; answers how many jobs have ended by it.

    A job that fails with anything but a sentence for its asker fails the test, unless it ``may_fail``. A job that is
    to be tried again later waits in the queue, as it would.
    """
    ended = Job.objects.filter(state__in=[State.DONE, State.FAILED])
    before = set(ended.values_list("pk", flat=True))
    worker = db_worker.Worker(
        queue_names=["*"],
        excluded_queue_names=[],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="tests",
    )
    with mock.patch.object(db_worker, "close_old_connections"):  # a test's transaction is on this connection
        worker.run()
    now = ended.exclude(pk__in=before)
    if not may_fail:
        broken = [f"{job.kind}: {job.last_error}" for job in now.filter(state=State.FAILED, message=WENT_WRONG)]
        assert not broken, f"Jobs failed ({', '.join(broken)}); the log says where."
    return now.count()
