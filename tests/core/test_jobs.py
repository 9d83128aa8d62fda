"""Jobs: after the commit, with progress, under a lease, swept and tried again; schedules; the worker itself."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, OperationalError, connection, transaction
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from core import clock, jobs, outbox
from core.jobs import Job, JobFault, LeaseLost, Schedule, ScheduleRun, State, enqueue, progress, prune, run_schedules, sweep
from core.management.commands.run_worker import PortalWorker
from core.registry import Registry
from tests.core import sample_jobs
from tests.jobs import run_jobs

AT = dt.datetime(2008, 10, 14, 15, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def calls() -> list[tuple[str, int]]:
    sample_jobs.calls.clear()
    return sample_jobs.calls


def fresh(row: Job) -> Job:
    return Job.objects.get(pk=row.pk)


def make_due() -> None:
    """Bring forward what waits in the queue for its pause to pass."""
    DBTaskResult.objects.filter(status=TaskResultStatus.READY).update(run_after=clock.machine_now() - dt.timedelta(seconds=1))


def lose_worker(row: Job) -> Job:
    """The state that a worker killed in the middle of this job leaves behind, with its lease run out."""
    past = clock.machine_now() - dt.timedelta(minutes=5)
    DBTaskResult.objects.filter(pk=row.task_id).update(status=TaskResultStatus.RUNNING, started_at=past, worker_ids=["gone"])
    Job.objects.filter(pk=row.pk).update(
        state=State.RUNNING, attempts=row.attempts + 1, worker="gone", started_at=AT, lease_until=past, renew_until=past
    )
    return fresh(row)


# ---------------------------------------------------------------- asking and running


@pytest.mark.both
@pytest.mark.django_db
def test_a_job_runs_and_its_asker_sees_how_far_it_is(calls: list[tuple[str, int]]) -> None:
    row = enqueue(sample_jobs.count, asker_id=7, message="Reading the file", upto=3)
    assert (row.state, row.message, row.kind, row.percent) == (State.QUEUED, "Reading the file", "tests.count", None)
    assert run_jobs() == 1
    row = fresh(row)
    assert (row.state, row.result, row.message, row.done, row.total, row.percent) == (State.DONE, "file:3", "Row 3", 3, 3, 100)
    assert row.is_finished
    assert row.finished_at is not None
    assert row.lease_until is None
    assert calls == [("count", 1)]
    assert list(Job.objects.visible_to(SimpleNamespace(pk=7))) == [row]
    assert not Job.objects.visible_to(SimpleNamespace(pk=8))
    assert not Job.objects.visible_to(SimpleNamespace(pk=None))


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_a_job_is_rolled_back_with_its_deed(calls: list[tuple[str, int]]) -> None:
    @transaction.atomic
    def deed() -> None:
        enqueue(sample_jobs.count, upto=1)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        deed()
    assert run_jobs() == 0
    assert not Job.objects.exists()
    assert not DBTaskResult.objects.exists()
    assert not calls


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_nobody_can_take_a_job_before_the_commit() -> None:
    seen: list[int] = []

    def look() -> None:
        seen.append(DBTaskResult.objects.ready().count())
        connection.close()

    with transaction.atomic():
        enqueue(sample_jobs.count, upto=1)
        looker = threading.Thread(target=look)
        looker.start()
        looker.join()
    look()
    assert seen == [0, 1]


@pytest.mark.django_db
def test_a_refusal_reaches_its_asker_as_a_sentence() -> None:
    row = enqueue(sample_jobs.refuse, asker_id=7)
    assert run_jobs() == 1
    row = fresh(row)
    assert (row.state, row.message, row.last_error) == (State.FAILED, "The file has no column URN. Choose another file.", "Refused")


@pytest.mark.django_db
def test_a_fault_fails_the_job_at_once_and_quotes_nothing(calls: list[tuple[str, int]], caplog: pytest.LogCaptureFixture) -> None:
    row = enqueue(sample_jobs.fail)
    with caplog.at_level("DEBUG"):
        run_jobs(may_fail=True)
    row = fresh(row)
    assert (row.state, row.message, row.last_error) == (State.FAILED, jobs.WENT_WRONG, "KeyError")
    assert calls == [("fail", 1)]
    assert "KeyError at" in caplog.text
    assert "sample_jobs.py" in caplog.text
    task = DBTaskResult.objects.get()
    assert task.exception_class_path == f"core.jobs.{JobFault.__name__}"
    for kept in (caplog.text, task.traceback):
        assert "Anwen" not in kept


@pytest.mark.django_db
def test_run_jobs_fails_a_test_whose_job_fails() -> None:
    enqueue(sample_jobs.fail)
    with pytest.raises(AssertionError, match=r"tests\.fail: KeyError"):
        run_jobs()


@pytest.mark.both
@pytest.mark.django_db
@pytest.mark.parametrize(("until", "state", "tried"), [(3, State.DONE, [1, 2, 3]), (9, State.FAILED, [1, 2, 3])])
def test_a_fault_that_passes_is_tried_again_after_a_pause(calls: list[tuple[str, int]], until: int, state: State, tried: list[int]) -> None:
    row = enqueue(sample_jobs.locked, until=until)
    run_jobs(may_fail=True)
    assert fresh(row).state == State.QUEUED
    assert run_jobs(may_fail=True) == 0, "its pause has not passed"
    for _ in range(3):
        make_due()
        run_jobs(may_fail=True)
    assert fresh(row).state == state
    assert calls == [("locked", attempt) for attempt in tried]
    assert sweep() == 0


@pytest.mark.django_db
def test_what_is_no_job_is_not_enqueued() -> None:
    from django_tasks import task

    plain = task(_plain)
    with pytest.raises(ImproperlyConfigured, match="is no job"):
        enqueue(plain)
    with pytest.raises(ImproperlyConfigured, match="declared twice"):
        jobs.job("tests.count")(_plain)


def _plain() -> None:
    """Not declared as a job."""


@pytest.mark.django_db
def test_jobs_refuse_a_backend_that_would_begin_before_the_commit(settings: Any) -> None:
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
    with pytest.raises(ImproperlyConfigured, match="before the commit"):
        enqueue(sample_jobs.count, upto=1)


@pytest.mark.django_db
def test_progress_is_not_written_for_every_row(django_assert_num_queries: Any) -> None:
    row = lose_worker(enqueue(sample_jobs.count, upto=1))
    with django_assert_num_queries(2):  # the first, and the last
        for done in range(1, 1001):
            progress(row, done, 1000)
    assert (fresh(row).done, fresh(row).percent) == (1000, 100)


@pytest.mark.both
@pytest.mark.django_db
def test_the_database_refuses_what_cannot_be() -> None:
    row = enqueue(sample_jobs.count, upto=1)
    for values in ({"state": State.RUNNING}, {"state": State.DONE}, {"finished_at": AT}, {"lease_until": AT}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Job.objects.filter(pk=row.pk).update(**values)


# ---------------------------------------------------------------- leases and the sweep


@pytest.mark.both
@pytest.mark.django_db
def test_a_job_left_by_its_worker_runs_again(calls: list[tuple[str, int]]) -> None:
    row = lose_worker(enqueue(sample_jobs.count, upto=2))
    assert run_jobs() == 0, "it is not in the queue"
    assert (sweep(), sweep()) == (1, 0)
    assert fresh(row).state == State.QUEUED
    assert run_jobs() == 1
    assert (fresh(row).state, fresh(row).attempts, calls) == (State.DONE, 2, [("count", 2)])
    assert not DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING)


@pytest.mark.both
@pytest.mark.django_db
def test_a_job_that_kills_its_workers_is_given_up() -> None:
    row = enqueue(sample_jobs.count, upto=2)
    for _ in range(3):
        row = lose_worker(row)
        assert sweep() == 1
        row = fresh(row)
    assert (row.state, row.attempts, row.message, row.last_error) == (State.FAILED, 3, jobs.WENT_WRONG, "LeaseLost")
    assert sweep() == 0
    assert set(DBTaskResult.objects.values_list("status", flat=True)) == {TaskResultStatus.FAILED}


@pytest.mark.both
@pytest.mark.django_db
def test_a_worker_killed_before_its_job_began_costs_no_try(calls: list[tuple[str, int]]) -> None:
    row = enqueue(sample_jobs.count, upto=2)
    taken = DBTaskResult.objects.filter(pk=row.task_id)
    taken.update(status=TaskResultStatus.RUNNING, started_at=clock.machine_now())
    assert sweep() == 0, "its worker may be about to begin"
    taken.update(started_at=clock.machine_now() - dt.timedelta(minutes=5))
    assert sweep() == 1
    assert run_jobs() == 1
    assert calls == [("count", 1)]


@pytest.mark.both
@pytest.mark.django_db
def test_a_worker_killed_after_its_job_ended_leaves_nothing_open() -> None:
    row = enqueue(sample_jobs.count, upto=2)
    run_jobs()
    DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, started_at=clock.machine_now() - dt.timedelta(minutes=5), finished_at=None)
    assert sweep() == 0
    assert not DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING)
    assert fresh(row).state == State.DONE


@pytest.mark.django_db
def test_a_job_whose_function_is_gone_is_given_up() -> None:
    row = enqueue(sample_jobs.count, upto=2)
    DBTaskResult.objects.update(task_path="core.no_longer.here")
    run_jobs(may_fail=True)
    assert sweep() == 1
    assert (fresh(row).state, fresh(row).last_error) == (State.FAILED, "NotRunnable")


@pytest.mark.both
@pytest.mark.django_db
def test_a_slow_worker_that_was_taken_over_can_change_nothing(caplog: pytest.LogCaptureFixture) -> None:
    row = enqueue(sample_jobs.lose)
    assert run_jobs() == 0
    assert fresh(row).state == State.RUNNING  # the other run's
    assert "lost its lease" in caplog.text

    slow = lose_worker(enqueue(sample_jobs.count, upto=1))
    sweep()
    with pytest.raises(LeaseLost):
        progress(slow, 1, 2)
    jobs._finish(slow, State.DONE, result="late")
    assert (fresh(slow).state, fresh(slow).result) == (State.QUEUED, "")
    # And when it closes its own row of the queue, the next one's is still there.
    DBTaskResult.objects.get(pk=slow.task_id).set_successful(None)
    assert run_jobs() == 1
    assert fresh(slow).state == State.DONE


@pytest.mark.both
@pytest.mark.django_db
def test_a_living_worker_renews_until_the_limit() -> None:
    row = lose_worker(enqueue(sample_jobs.count, upto=1))
    now = clock.machine_now()
    assert jobs.renew("gone") == 0, "past its limit it is taken for hung"
    Job.objects.filter(pk=row.pk).update(renew_until=now + dt.timedelta(minutes=1))
    assert jobs.renew("somebody else") == 0
    assert jobs.renew("gone") == 1
    assert fresh(row).lease_until > now
    assert sweep() == 0


@pytest.mark.both
@pytest.mark.django_db
def test_finished_jobs_are_forgotten_after_a_month() -> None:
    old, waiting, recent = (enqueue(sample_jobs.count, upto=1) for _ in range(3))
    DBTaskResult.objects.filter(pk=waiting.task_id).update(run_after=clock.machine_now() + dt.timedelta(days=90))
    run_jobs()
    long_ago = clock.machine_now() - dt.timedelta(days=31)
    DBTaskResult.objects.filter(pk=old.task_id).update(finished_at=long_ago)
    DBTaskResult.objects.filter(pk=waiting.task_id).update(enqueued_at=long_ago)
    prune(AT)
    assert set(Job.objects.all()) == {waiting, recent}
    assert DBTaskResult.objects.count() == 2


# ---------------------------------------------------------------- schedules


@pytest.fixture
def schedules(monkeypatch: pytest.MonkeyPatch) -> Registry[Schedule]:
    registry: Registry[Schedule] = Registry("schedules of a test")
    monkeypatch.setattr(jobs, "SCHEDULES", registry)
    return registry


@pytest.fixture
def moment() -> Iterator[time_machine.Coordinates]:
    with time_machine.travel(dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC), tick=False) as moment:
        yield moment


@pytest.mark.both
@pytest.mark.django_db
def test_schedules_run_when_they_are_due(schedules: Registry[Schedule], moment: time_machine.Coordinates) -> None:
    ran: list[tuple[str, dt.datetime]] = []
    schedules.add("often", Schedule(lambda at: ran.append(("often", at)), every=dt.timedelta(minutes=10)))
    schedules.add("daily", Schedule(lambda at: ran.append(("daily", at)), daily_at=dt.time(6, 30)))
    assert run_schedules(AT) == ["often"]
    assert run_schedules(AT) == []
    moment.shift(dt.timedelta(minutes=10))
    assert run_schedules(AT) == ["often"]
    moment.move_to(dt.datetime(2026, 5, 2, 5, 29, tzinfo=dt.UTC))  # 06:29 in London
    assert run_schedules(AT) == ["often"]
    moment.shift(dt.timedelta(minutes=1))
    assert run_schedules(AT) == ["daily"]
    moment.shift(dt.timedelta(days=3))  # nobody worked at the weekend: made up once
    assert run_schedules(AT) == ["often", "daily"]
    assert run_schedules(AT) == []
    assert {at for _, at in ran} == {AT}
    assert ScheduleRun.objects.get(name="daily").due_at == dt.datetime(2026, 5, 6, 5, 30, tzinfo=dt.UTC)


@pytest.mark.django_db
def test_a_schedule_that_fails_is_logged_and_comes_again(
    schedules: Registry[Schedule], moment: time_machine.Coordinates, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(at: dt.datetime) -> None:
        raise RuntimeError("broken")

    schedules.add("broken", Schedule(broken, every=dt.timedelta(minutes=1)))
    schedules.add("whole", Schedule(lambda at: None, every=dt.timedelta(minutes=1)))
    assert run_schedules(AT) == ["broken", "whole"]
    assert "broken" in caplog.text
    assert ScheduleRun.objects.get(name="broken").last_error == "RuntimeError"
    moment.shift(dt.timedelta(minutes=1))
    assert run_schedules(AT) == ["broken", "whole"]


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_runs_a_schedule(schedules: Registry[Schedule]) -> None:
    ran: list[int] = []
    schedules.add("once", Schedule(lambda at: ran.append(1), every=dt.timedelta(hours=1)))
    faults: list[BaseException] = []

    def work() -> None:
        try:
            run_schedules(AT)
        except BaseException as fault:  # reported by the main thread
            faults.append(fault)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not faults
    assert ran == [1]


def test_a_schedule_has_one_rhythm() -> None:
    with pytest.raises(ImproperlyConfigured, match="either"):
        Schedule(print)
    with pytest.raises(ImproperlyConfigured, match="either"):
        Schedule(print, every=dt.timedelta(minutes=1), daily_at=dt.time(3))


def test_a_daily_time_is_local_over_both_clock_changes() -> None:
    daily = Schedule(print, daily_at=dt.time(3))
    before_summer = dt.datetime(2026, 3, 28, 12, tzinfo=dt.UTC)
    first = daily.after(before_summer)
    assert first == dt.datetime(2026, 3, 29, 2, tzinfo=dt.UTC)
    assert daily.after(first) == dt.datetime(2026, 3, 30, 2, tzinfo=dt.UTC)
    before_winter = dt.datetime(2026, 10, 24, 12, tzinfo=dt.UTC)
    assert daily.after(before_winter) == dt.datetime(2026, 10, 25, 3, tzinfo=dt.UTC)


# ---------------------------------------------------------------- the worker


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_one_turn_does_all_there_is_to_do(calls: list[tuple[str, int]], schedules: Registry[Schedule], mailoutbox: list[Any]) -> None:
    ran: list[int] = []
    schedules.add("now", Schedule(lambda at: ran.append(1), every=dt.timedelta(hours=1)))
    outbox.enqueue_email(dedupe_key="k", to_name="", to_address="a@school.example", subject="Ready", body="https://x.example", at=AT)
    left = lose_worker(enqueue(sample_jobs.count, upto=1))
    enqueue(sample_jobs.count, upto=1)
    call_command("run_worker", "--once")
    assert fresh(left).state == State.DONE
    assert (sorted(calls), ran, len(mailoutbox)) == ([("count", 1), ("count", 2)], [1], 1)


@pytest.mark.django_db(transaction=True)
def test_a_fault_of_the_database_does_not_end_the_worker(
    calls: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def locked(at: dt.datetime) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(outbox, "send_due", locked)
    enqueue(sample_jobs.count, upto=1)
    assert PortalWorker().turn()
    assert calls == [("count", 1)]
    assert "outbox failed" in caplog.text


def _database_url() -> str:
    held = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{held['NAME']}"
    return f"postgres://{held['USER']}:{held['PASSWORD']}@{quote(held['HOST'], safe='')}:{held['PORT']}/{held['NAME']}"


@pytest.fixture
def start_worker() -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """A real worker process on the tests' database."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", "import sys; from django.core.management import execute_from_command_line as go; go(sys.argv)"]
        process = subprocess.Popen(
            [*command, "run_worker", "--interval", "0.1", *arguments],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DATABASE_URL": _database_url(), "EMAIL_URL": "dummy:"},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def wait_for(said: Callable[[], object], what: str) -> None:
    for _ in range(900):
        if said():
            return
        time.sleep(0.1)
    raise AssertionError(f"waited a minute and a half for: {what}")


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_is_killed_is_swept_and_run_again(start_worker: Any, tmp_path: Path) -> None:
    row = enqueue(sample_jobs.wait, folder=str(tmp_path))
    worker = start_worker()
    wait_for(lambda: fresh(row).done == 1, "the job's first report")
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert fresh(row).state == State.RUNNING
    assert DBTaskResult.objects.get().status == TaskResultStatus.RUNNING
    assert sweep() == 0, "its lease has not run out: it might be alive"

    Job.objects.filter(pk=row.pk).update(lease_until=clock.machine_now() - dt.timedelta(seconds=1))
    (tmp_path / "go").touch()
    assert start_worker("--once").wait(timeout=60) == 0
    assert (fresh(row).state, fresh(row).result, fresh(row).attempts) == (State.DONE, "waited", 2)
    assert (tmp_path / "begun").read_text().split() == ["1", "2"]
    assert not DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING)


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_sigterm_lets_the_worker_finish_the_job_in_hand(start_worker: Any, tmp_path: Path) -> None:
    row = enqueue(sample_jobs.wait, folder=str(tmp_path))
    other = enqueue(sample_jobs.count, upto=1)
    worker = start_worker()
    wait_for(lambda: fresh(row).done == 1, "the job's first report")
    worker.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert worker.poll() is None, "it stopped in the middle of its job"
    (tmp_path / "go").touch()
    assert worker.wait(timeout=30) == 0
    assert fresh(row).state == State.DONE
    assert fresh(other).state == State.QUEUED, "it began another job after it was told to stop"


@pytest.mark.django_db(transaction=True)
def test_sigterm_stops_an_idle_worker_at_once(start_worker: Any) -> None:
    row = enqueue(sample_jobs.count, upto=1)
    worker = start_worker()
    wait_for(lambda: fresh(row).state == State.DONE, "the job before the pause")
    begun = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=30) == 0
    assert time.monotonic() - begun < 15, "an idle worker has nothing to wait for"
