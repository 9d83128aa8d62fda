"""Jobs for the tests of jobs, in a module of their own so that a worker process finds them by name."""

from __future__ import annotations

import time
from pathlib import Path

from django.db import OperationalError

from core.access import Refused
from core.jobs import Job, job, progress

calls: list[tuple[str, int]] = []


@job("tests.count")
def count(row: Job, *, upto: int) -> str:
    calls.append(("count", row.attempts))
    for done in range(1, upto + 1):
        progress(row, done, upto, f"Row {done}")
    return f"file:{upto}"


@job("tests.refuse")
def refuse(row: Job) -> None:
    raise Refused("The file has no column URN. Choose another file.")


@job("tests.fail")
def fail(row: Job) -> None:
    calls.append(("fail", row.attempts))
    raise KeyError("Anwen Price")


@job("tests.locked", tries=3)
def locked(row: Job, *, until: int) -> None:
    calls.append(("locked", row.attempts))
    if row.attempts < until:
        raise OperationalError("database is locked")


@job("tests.lose")
def lose(row: Job) -> str:
    """Another run takes the job over while this one works."""
    calls.append(("lose", row.attempts))
    Job.objects.filter(pk=row.pk).update(attempts=row.attempts + 1)
    progress(row, 1, 2)
    raise AssertionError("progress let a lost lease pass")


@job("tests.wait", tries=2)
def wait(row: Job, *, folder: str) -> str:
    """Say that it has begun, then wait for a word, a minute at most."""
    here = Path(folder)
    with (here / "begun").open("a") as begun:
        begun.write(f"{row.attempts}\n")
    progress(row, 1, 2)
    for _ in range(600):
        if (here / "go").exists():
            return "waited"
        time.sleep(0.1)
    raise AssertionError("nobody said go")
