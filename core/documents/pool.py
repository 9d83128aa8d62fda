"""Warm processes that make documents, one per document at a time, replaced when they exceed a limit.

A process is started by path with an empty environment, so that it holds no secret of the portal's. Loading takes about
a second; after that a note takes a tenth. Idle processes wait; the last one used is the next one used, so that a quiet
portal keeps one. They end with the process that started them.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.documents import assets, child

log = logging.getLogger(__name__)

APT_LINE = "apt-get install --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
_LIBRARIES = {"gobject": "libgobject-2.0.so.0", "pango": "libpango-1.0.so.0", "pangoft2": "libpangoft2-1.0.so.0",
              "fontconfig": "libfontconfig.so.1", "harfbuzz": "libharfbuzz.so.0"}  # fmt: skip


class DocumentFailed(Exception):
    """The document was not made. The text is a sentence for the person who asked; ``reason`` is for programs:
    ``too_long``, ``too_slow``, ``too_big``, ``stopped``, ``broken`` or ``unavailable``."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True)
class Limits:
    """Assurance G13: 10 seconds and 512 MB, else a clean failure. Twenty thousand table cells take 22 s and 400 MB, so
    a document too long to be made is refused before it is begun.

    ``seconds`` are the process's own, of the processor: a machine that is busy with other things makes a document late and
    not too long. ``wall_seconds`` is for a process that hangs without working.
    """

    seconds: float = 10.0
    wall_seconds: float = 90.0
    start_seconds: float = 60.0
    memory_mb: int = 512
    characters: int = 1_500_000
    elements: int = 12_000
    join_seconds: float = 120.0
    join_wall_seconds: float = 600.0
    replace_above_mb: int = 300
    replace_after: int = 500


@dataclass(frozen=True)
class Made:
    """A document as made: its bytes, its pages, and what WeasyPrint complained of."""

    pdf: bytes
    pages: int
    messages: tuple[str, ...] = ()


def missing_libraries() -> list[str]:
    """The system libraries that WeasyPrint needs and this machine lacks, by asking the loader for each."""
    if not sys.platform.startswith("linux"):
        return []
    import ctypes

    missing = []
    for name, file in _LIBRARIES.items():
        try:
            ctypes.CDLL(file)
        except OSError:
            missing.append(name)
    return missing


class _Worker:
    """One process and the socket to it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.made = 0
        self.folder = tempfile.mkdtemp(prefix="sip-documents-")
        ours, theirs = socket.socketpair()
        self.channel = ours
        environment = {
            name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH") if name in os.environ
        }
        environment |= {"LANG": "C.UTF-8", "HOME": self.folder, "TMPDIR": self.folder, "TZ": "UTC"}
        # For the same bytes every time: the order of sets, and the date that font tools write into a subset.
        environment |= {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "1220223600", "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-s", "-P", str(Path(child.__file__).resolve())],
                stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, cwd=self.folder, close_fds=True,
            )  # fmt: skip
        except OSError:
            self.channel.close()
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        finally:
            theirs.close()

    def load(self, faces: list[dict[str, str]], files: dict[str, str], stylesheets: dict[str, str]) -> None:
        setup = {"faces": faces, "assets": files, "stylesheets": stylesheets, "warm": min(stylesheets), "memory_mb": self.limits.memory_mb}
        answer, _ = self._ask(setup, b"", self.limits.start_seconds)
        if not answer["ok"]:
            raise DocumentFailed("unavailable", f"Documents cannot be made on this machine: {answer['reason']}.")

    def make(self, html: bytes, stylesheet: str, identifier: str, step: str = "make") -> Made:
        limits = self.limits
        seconds, wall = (limits.join_seconds, limits.join_wall_seconds) if step == "join" else (limits.seconds, limits.wall_seconds)
        request = {"step": step, "stylesheet": stylesheet, "identifier": identifier, "seconds": seconds}
        answer, pdf = self._ask(request, html, wall)
        self.made += 1
        self.worn = answer["peak_kb"] > self.limits.replace_above_mb * 1024 or self.made >= self.limits.replace_after
        if answer["ok"]:
            return Made(pdf, answer["pages"], tuple(answer["messages"]))
        self.worn = True
        log.warning("document.failed %s", answer["reason"])
        if answer["reason"] == "MemoryError":
            raise DocumentFailed(
                "too_big", "The document needs more memory than a document may have. Shorten its longest tables and try again."
            )
        raise DocumentFailed("broken", "The document could not be laid out. Nothing was saved; tell the portal's administrator.")

    worn = False

    def _ask(self, header: dict[str, Any], body: bytes, seconds: float) -> tuple[dict[str, Any], bytes]:
        deadline = time.monotonic() + seconds
        self.channel.settimeout(seconds)
        try:
            child.send(self.channel, header, body)
            self.channel.settimeout(max(0.05, deadline - time.monotonic()))
            return child.receive(self.channel)
        except TimeoutError:
            raise self._too_slow(seconds) from None
        except (EOFError, OSError):
            with contextlib.suppress(subprocess.TimeoutExpired):
                if self.process.wait(1) == -signal.SIGXCPU:
                    raise self._too_slow(self.limits.seconds) from None
            raise DocumentFailed("stopped", "The document was stopped before it was ready. Nothing was saved; try again.") from None

    @staticmethod
    def _too_slow(seconds: float) -> DocumentFailed:
        sentence = f"The document was not ready after {seconds:g} seconds and was stopped. Shorten its longest tables and try again."
        return DocumentFailed("too_slow", sentence)

    def alive(self) -> bool:
        return self.process.poll() is None

    def stop(self) -> None:
        self.channel.close()
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Pool:
    """At most ``size`` workers. :meth:`make` takes an idle one, starts one, or waits for one."""

    def __init__(self, size: int, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.size = size
        self._idle: list[_Worker] = []
        self._places = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()

    def make(self, html: str, stylesheet: str, identifier: str) -> Made:
        """Raises :class:`DocumentFailed`; whatever it raises, the next document finds a fresh process."""
        body = self.checked(html)
        if not self._places.acquire(timeout=self.limits.wall_seconds + self.limits.start_seconds):
            raise DocumentFailed("too_slow", "Too many documents are being made at once. Try again in a minute.")
        try:
            worker = self._take()
            try:
                made = worker.make(body, stylesheet, identifier)
            except BaseException:
                worker.stop()
                raise
            self._give_back(worker)
            return made
        finally:
            self._places.release()

    def checked(self, html: str) -> bytes:
        """The page as it is sent, unless it is too long to be made."""
        if len(html) > self.limits.characters or html.count("<") > 2 * self.limits.elements:
            raise DocumentFailed("too_long", "The document is too long to be made. Shorten its longest sections or tables and try again.")
        return html.encode("utf-8", "replace")

    def _take(self) -> _Worker:
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.alive():
                    return worker
                worker.stop()
        return self.start()

    def start(self) -> _Worker:
        """A new process, ready. Whoever asked for it gives it back or stops it."""
        try:
            faces, files = assets.faces()
        except assets.MissingFonts as error:
            raise DocumentFailed("unavailable", str(error)) from None
        if lacking := missing_libraries():
            raise DocumentFailed("unavailable", f"Documents need system libraries that are missing ({', '.join(lacking)}). Run: {APT_LINE}")
        try:
            worker = _Worker(self.limits)
        except OSError as error:
            raise DocumentFailed("unavailable", f"The process that makes documents could not be started: {error.strerror}.") from None
        try:
            worker.load(faces, files | assets.emblems(), assets.stylesheets())
        except BaseException:
            worker.stop()
            raise
        return worker

    def _give_back(self, worker: _Worker) -> None:
        if worker.worn:
            worker.stop()
            return
        with self._lock:
            self._idle.append(worker)

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            worker.stop()


def usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


_pools: dict[int, Pool] = {}


def the_pool() -> Pool:
    """This process's pool, made when first asked for. By process id: after a fork the sockets are the parent's, and a
    web server's new worker makes its own."""
    return _pools.setdefault(os.getpid(), Pool(max(1, min(4, usable_cores()))))


@atexit.register
def _close() -> None:
    if pool := _pools.pop(os.getpid(), None):
        pool.close()
