"""``make test``: the tests on SQLite, then in a browser and, what differs there, on PostgreSQL. One closing line.

``python -m tests.run`` runs the tests marked ``both`` on PostgreSQL; with ``--all``, every test but the journeys.
Further arguments go to pytest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from xml.etree import ElementTree

from tests import postgres

ROOT = Path(__file__).resolve().parent.parent
OUTCOMES = ("failed", "passed", "skipped", "error")
AT_ONCE = ["-n", str(min(4, os.cpu_count() or 1)), "--dist", "loadfile", "--no-loadscope-reorder"]
"""A file's tests share what they set up; the folders come in their order, so that the long ones, of access, begin first."""
NO_TESTS = 5  # pytest's code for a run that found none


class Part:
    """One pytest process. ``aside``: it runs beside another, and what it says is shown when it has ended."""

    def __init__(self, title: str, report: Path, arguments: list[str], *, aside: bool = False, **environment: str) -> None:
        self.title, self.report = title, report
        report.unlink(missing_ok=True)
        environment = {**os.environ, **environment}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # some forty processes start in a run, and each would compile for two seconds
        self.said = report.with_suffix(".txt") if aside else None
        if not aside:
            print(f"\n{title}", flush=True)
        command = [sys.executable, "-m", "pytest", "-q", "-rfEs", f"--junit-xml={report}", *arguments]
        with self.said.open("wb") if self.said else nullcontext() as output:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT if output else None)

    def result(self) -> tuple[int, dict[str, int]]:
        """Its exit code and what it counted, when it has ended."""
        code = self.process.wait()
        if self.said is not None:
            print(f"\n{self.title}\n{self.said.read_text(errors='replace')}", end="", flush=True)
        return (0 if code == NO_TESTS else code), counted(self.report)


def counted(report: Path) -> dict[str, int]:
    if not report.is_file():
        return dict.fromkeys(OUTCOMES, 0)
    suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
    failed, error, skipped, tests = (
        sum(int(suite.get(name, 0)) for suite in suites) for name in ("failures", "errors", "skipped", "tests")
    )
    return {"failed": failed, "passed": tests - failed - error - skipped, "skipped": skipped, "error": error}


def main(arguments: list[str]) -> int:
    begun = time.monotonic()
    everything = "--all" in arguments
    arguments = [argument for argument in arguments if argument != "--all"]
    reports = ROOT / "var"
    reports.mkdir(exist_ok=True)

    left_out = []
    pages = ["-m", "not journey", *AT_ONCE, *arguments]
    results = [Part("On SQLite", reports / "tests-sqlite.xml", pages, TEST_DB="sqlite").result()]
    # A browser waits a good deal, and so does a server of a database: beside each other they leave the machine less idle.
    beside = None
    if postgres.programs():
        chosen = ["--migrations", "-m", "not journey" if everything else "both", *AT_ONCE, *arguments]
        beside = Part("On PostgreSQL", reports / "tests-postgres.xml", chosen, aside=True, TEST_DB="pg")
    else:
        left_out.append("The tests on PostgreSQL were left out: no wheel of it for this machine, and no /usr/lib/postgresql.")
    journeys = ["-m", "journey", *AT_ONCE, *arguments]
    results.append(Part("In a browser, on SQLite", reports / "tests-journeys.xml", journeys, TEST_DB="sqlite").result())
    if beside is not None:
        results.append(beside.result())
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        left_out.append("The journeys in a browser were skipped: there is no Chromium.")

    print()
    for sentence in left_out:
        print(sentence)
    total = {outcome: sum(counts[outcome] for _, counts in results) for outcome in OUTCOMES}
    told = ", ".join(f"{count} {outcome}" for outcome, count in total.items() if count or outcome == "passed")
    seconds = time.monotonic() - begun
    print(f" {told} in {seconds:.2f}s ({int(seconds) // 3600}:{int(seconds) // 60 % 60:02}:{int(seconds) % 60:02}) ".center(80, "="))
    return max((abs(code) for code, _ in results), default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
