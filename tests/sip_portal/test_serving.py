"""``manage.py serve``: both processes, started and stopped together, with a sentence for what goes wrong."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management.base import CommandError

from sip_portal.serving import require_free_port, serve, web_command

HOST = "127.0.0.1"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind((HOST, 0))
        holder.listen()
        yield int(holder.getsockname()[1])


def wait_for(happened: Callable[[], bool], seconds: float = 90) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happened():
            return True
        time.sleep(0.1)
    return happened()


def test_a_used_port_is_one_sentence(taken_port: int) -> None:
    with pytest.raises(CommandError) as refused:
        require_free_port(HOST, taken_port)
    said = str(refused.value)
    assert said == f"Port {taken_port} on {HOST} cannot be used (Address already in use). Choose another: make run PORT={taken_port + 1}"
    require_free_port(HOST, free_port())


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_the_commands_say_it_before_anything_starts(command: str, taken_port: int, tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=settings.BASE_DIR,
        env=environment(tmp_path) | {"PORT": str(taken_port)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode != 0
    assert told.stdout == ""
    assert told.stderr.count("\n") == 1
    assert f"Port {taken_port} on {HOST} cannot be used" in told.stderr
    assert not (tmp_path / "portal.sqlite3").exists()


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "SIP_ENV": "demo", "DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}", "PYTHONUNBUFFERED": "1"}


# ---------------------------------------------------------------- with stand-ins for the two processes

STAYS = [sys.executable, "-c", "import time; time.sleep(60)"]
ENDS = [sys.executable, "-c", "raise SystemExit(3)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)",
]


@contextmanager
def stand_ins(monkeypatch: pytest.MonkeyPatch, web: list[str], worker: list[str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def start(*args: object, **kwargs: object) -> subprocess.Popen[bytes]:
        process = popen(*args, **kwargs)  # type: ignore[call-overload]
        started.append(process)
        return process  # type: ignore[no-any-return]

    monkeypatch.setattr("sip_portal.serving.web_command", lambda *args: web)
    monkeypatch.setattr("sip_portal.serving.worker_command", lambda: worker)
    monkeypatch.setattr("sip_portal.serving.subprocess.Popen", start)
    try:
        yield started
    finally:
        for process in started:
            if process.poll() is None:
                process.kill()
                process.wait()


@pytest.mark.parametrize(("web", "worker", "who"), [(STAYS, ENDS, "worker"), (ENDS, STAYS, "web server")])
def test_when_one_ends_the_other_is_stopped(monkeypatch: pytest.MonkeyPatch, web: list[str], worker: list[str], who: str) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with stand_ins(monkeypatch, web, worker) as started:
        with pytest.raises(CommandError, match=f"The {who} ended by itself with code 3, so everything was stopped."):
            serve(HOST, free_port())
        assert len(started) == 2
        assert all(process.poll() is not None for process in started)
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_either_signal_stops_both(monkeypatch: pytest.MonkeyPatch, number: signal.Signals) -> None:
    monkeypatch.setattr("sip_portal.serving._answers", lambda *args: True)
    with stand_ins(monkeypatch, STAYS, STAYS) as started:
        serve(HOST, free_port(), when_ready=lambda: os.kill(os.getpid(), number))
        assert [process.returncode for process in started] == [-signal.SIGTERM, -signal.SIGTERM]


def test_whoever_does_not_stop_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sip_portal.serving.STOP_WITHIN", 0.5)
    with stand_ins(monkeypatch, STUBBORN, ENDS) as started:
        with pytest.raises(CommandError):
            serve(HOST, free_port())
        assert all(process.poll() is not None for process in started)


def test_how_gunicorn_is_asked() -> None:
    asked = " ".join(web_command(HOST, 8000, 2, 4))
    for option in ("gthread", "--workers 2", "--threads 4", "--timeout 60", "--graceful-timeout 30", "--max-requests 1000"):
        assert option in asked


# ---------------------------------------------------------------- the real thing


def answers(port: int, path: str = "/healthz") -> int | None:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}{path}", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return None


def children(pid: int) -> list[int]:
    """Processes below this one, and below those."""
    try:
        found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return [*found, *(grandchild for child in found for grandchild in children(child))]


def is_alive(pid: int) -> bool:
    try:
        return not re.search(r"^State:\s+Z", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    except OSError:
        return False


def test_both_start_answer_and_stop(tmp_path: Path) -> None:
    variables = environment(tmp_path)
    for command in (["migrate", "--verbosity", "0"], ["createcachetable"]):
        subprocess.run([sys.executable, "manage.py", *command], cwd=settings.BASE_DIR, env=variables, check=True)
    port = free_port()
    said = tmp_path / "said"
    with said.open("w") as output:
        serving = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(port), "--processes", "1"],
            cwd=settings.BASE_DIR,
            env=variables,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            assert wait_for(lambda: f"http://{HOST}:{port}/" in said.read_text() or serving.poll() is not None), said.read_text()
            assert serving.poll() is None, said.read_text()
            assert (answers(port), answers(port, "/readyz")) == (200, 200)
            below = children(serving.pid)
            assert len(below) >= 3, "gunicorn, its process, and the worker"
            serving.send_signal(signal.SIGTERM)
            assert serving.wait(timeout=40) == 0
        finally:
            if serving.poll() is None:
                serving.kill()
                serving.wait()
    assert answers(port) is None
    assert wait_for(lambda: not [pid for pid in below if is_alive(pid)], 10)
