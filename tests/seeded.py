"""The small demonstration as a file of SQLite, made once for each state of the sources and kept in ``var``.

It costs what forty schools and their notes cost. The test that compares two runs leaves its second one here; a journey takes
it, or makes it where there is none.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

SOURCES = ("core", "people", "schools", "targets", "support", "visits", "quality", "briefings", "sip_portal", "packs", "requirements")
KINDS = {".py", ".toml", ".csv", ".html", ".css", ".txt", ".pdf"}


def place() -> Path:
    """Where the demonstration of these very sources is kept."""
    known = hashlib.sha256()
    for folder in (*SOURCES, "templates/documents", "static/portal"):
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in KINDS:
                known.update(f"{path.relative_to(settings.BASE_DIR)}\0".encode() + path.read_bytes())
    return Path(settings.VAR_DIR) / f"tests-demonstration-{known.hexdigest()[:16]}.sqlite3"


def empty(path: Path) -> Path:
    """A copy of this run's database, before anything is in it."""
    shutil.copy(connection.settings_dict["NAME"], path)
    with contextlib.closing(sqlite3.connect(path)) as copy, copy:
        copy.execute("DELETE FROM sqlite_sequence")
    return path


def seed(path: Path) -> subprocess.CompletedProcess[str]:
    """Make the demonstration in an empty file, in a process of its own, where sets come in another order."""
    environment = {**os.environ, "SIP_ENV": "demo", "DATABASE_URL": f"sqlite:///{path}", "PYTHONHASHSEED": "20081014"}
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "seed_demo"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr[-3000:]
    return done


def keep(path: Path, kept: Path) -> Path:
    """Keep a file that was seeded at the ``place`` of the sources that it was seeded from, and none of other sources."""
    kept.parent.mkdir(exist_ok=True)
    for old in kept.parent.glob("tests-demonstration-*"):
        old.unlink(missing_ok=True)
    shutil.copy(path, half := kept.with_suffix(f".{os.getpid()}"))
    half.replace(kept)
    return kept


def demonstration(folder: Path) -> Path:
    """The file, from ``var`` or new; ``folder`` is for the work."""
    return kept if (kept := place()).is_file() else keep(_made(folder / "demonstration.sqlite3"), kept)


def _made(path: Path) -> Path:
    seed(empty(path))
    return path


@contextlib.contextmanager
def laid_into_the_database(path: Path, folder: Path) -> Iterator[None]:
    """This run's database holds what the file holds, and afterwards what it held before."""
    before = folder / "before.sqlite3"
    _copy(connection.settings_dict["NAME"], before)
    _copy(path, connection.settings_dict["NAME"])
    yield
    _copy(before, connection.settings_dict["NAME"])


def _copy(source: Path | str, target: Path | str) -> None:
    """By SQLite itself, page by page: other connections to the file go on and see the new pages."""
    with contextlib.closing(sqlite3.connect(source)) as one, contextlib.closing(sqlite3.connect(target)) as other:
        one.backup(other)
