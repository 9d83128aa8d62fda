"""The web server and one worker, started together and stopped together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from types import FrameType

from django.conf import settings
from django.core.management import get_commands
from django.core.management.base import CommandError

STOP_WITHIN = 35  # seconds: gunicorn gives a request 30 to end


def require_free_port(host: str, port: int) -> None:
    """Say in one sentence that the port is taken, before anything has started."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} on {host} cannot be used ({error.strerror}). Choose another: make run PORT={port + 1}"
            ) from None


def web_command(host: str, port: int, processes: int, threads: int) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", "sip_portal.wsgi:application"),
        *("--bind", f"{host}:{port}", "--chdir", str(settings.BASE_DIR)),
        *("--worker-class", "gthread", "--workers", str(processes), "--threads", str(threads)),
        *("--timeout", "60", "--graceful-timeout", "30", "--max-requests", "1000", "--max-requests-jitter", "100"),
        *("--no-control-socket", "--log-level", "warning"),
    ]


def worker_command() -> list[str]:
    """``run_worker`` (leases, retries, schedules) where the kernel has it."""
    command = "run_worker" if "run_worker" in get_commands() else "db_worker"
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), command]


def serve(host: str, port: int, *, processes: int = 2, threads: int = 4, when_ready: Callable[[], None] | None = None) -> None:
    """Serve until SIGINT or SIGTERM, or until one of the two ends by itself: then the other is stopped, and that is an error.

    ``when_ready`` is called once, when ``/healthz`` has answered.
    """
    require_free_port(host, port)
    stop = threading.Event()

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, ask_to_stop) for number in (signal.SIGINT, signal.SIGTERM)}
    # In sessions of their own, so that Ctrl-C reaches them through us and once only.
    children = {
        "web server": subprocess.Popen(web_command(host, port, processes, threads), start_new_session=True),
        "worker": subprocess.Popen(worker_command(), start_new_session=True),
    }
    ended: str | None = None
    announced = when_ready is None
    try:
        while not stop.wait(0.2):
            ended = next((name for name, child in children.items() if child.poll() is not None), None)
            if ended:
                break
            if not announced and _answers(host, port):
                announced = True
                assert when_ready is not None
                when_ready()
    finally:
        _stop_all(list(children.values()))
        for number, handler in before.items():
            signal.signal(number, handler)
    if ended:
        raise CommandError(f"The {ended} ended by itself with code {children[ended].returncode}, so everything was stopped.")


def _answers(host: str, port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return True  # behind https or under another name, but it answers
    except OSError:
        return False


def _stop_all(children: list[subprocess.Popen[bytes]]) -> None:
    """TERM to all, then KILL to the group of whoever is still there when the time is up."""
    for child in children:
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + STOP_WITHIN
    for child in children:
        try:
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
