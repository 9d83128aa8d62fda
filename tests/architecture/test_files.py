"""What is committed: no host that packages came from, no path of one machine, no secret, locks in step."""

from __future__ import annotations

import importlib.metadata
import json
import re
import tomllib
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.architecture.sources import ROOT, name_of, python_files, tracked

# Written so that this file does not name what it looks for.
HOSTS = re.compile(
    r"(?:pypi\.(?:org|python)|files\.pythonhosted|registry\.(?:npmjs|yarnpkg)|npm\.pkg\.github|(?<!emit-)index-url|find-links|trusted-host)[^\n]*",
    re.IGNORECASE,
)
PATHS = re.compile(r"(?<![\w.\-*/])/(?:work|root|Users|home)/[\w.-]+")
SECRETS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bghp_\w{30,}")
BINARY = {".woff2", ".png", ".ico", ".jpg", ".pdf", ".xlsx", ".zip", ".gz"}
LOCKS = ["runtime", "dev", "uv", "node"]


def texts() -> list[tuple[str, str]]:
    return [(name_of(path), path.read_text(encoding="utf-8")) for path in tracked() if path.suffix not in BINARY]


def test_every_text_is_utf_8_and_there_are_texts() -> None:
    assert len(texts()) > 200


@pytest.mark.parametrize("pattern", [HOSTS, PATHS, SECRETS], ids=["hosts", "paths", "secrets"])
def test_no_file_names_it(pattern: re.Pattern[str]) -> None:
    here = name_of(Path(__file__))
    found = [f"{name}: {match.group(0)[:80]}" for name, text in texts() if name != here for match in pattern.finditer(text)]
    assert found == []


def test_the_patterns_find_what_they_are_for() -> None:
    registry = "https://registry." + "npmjs.org/x.tgz"
    assert HOSTS.search(registry)
    assert HOSTS.search("--index" + "-url https://mirror.example/simple")
    assert PATHS.search("see /" + "home/jo/portal")
    assert not PATHS.search("/var/lib/sip-portal and ../shared/work/x")


def test_nothing_made_by_a_command_is_committed() -> None:
    names = [name_of(path) for path in tracked()]
    made = [
        name for name in names if name.startswith((".venv", "node_modules", "var/", "staticfiles/")) or name.endswith((".pyc", ".sqlite3"))
    ]
    assert made == []
    assert not [path for path in tracked() if path.is_symlink()]


def test_files_stay_small() -> None:
    """Nothing that is rather data, or somebody else's library."""
    large = {name_of(path): path.stat().st_size for path in tracked() if path.stat().st_size > 400_000}
    assert large == {}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_versions_and_hashes_and_nothing_else(name: str) -> None:
    lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
    entries = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert entries
    for entry in entries:
        assert re.match(r"[A-Za-z0-9][\w.\-]*==[\w.!+]+", entry), entry
    assert not [line for line in lines if "://" in line or " @ " in line]
    assert sum("--hash=sha256:" in line for line in lines) >= len(entries)


def required(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{lock}.txt").read_text()
    return {normal(m[1]): m[2] for m in re.finditer(r"^([A-Za-z0-9][\w.\-]*)==([\w.!+]+)", text, re.MULTILINE)}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_locks_hold_what_pyproject_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = {"runtime": project["project"]["dependencies"], **project["dependency-groups"]}
    for lock, asked in groups.items():
        locked = required(lock)
        missing = [entry for entry in asked if normal(re.match(r"[\w.\-]+", entry)[0]) not in locked]  # type: ignore[index]
        assert missing == [], f"requirements/{lock}.txt is behind pyproject.toml: make lock"


def test_tests_run_on_the_versions_that_are_served() -> None:
    runtime, dev = required("runtime"), required("dev")
    assert {name: version for name, version in runtime.items() if dev.get(name) != version} == {}


def test_the_npm_lock_names_no_address_and_is_in_step() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    asked = json.loads((ROOT / "package.json").read_text())
    packages = lock["packages"]
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert not [name for name, entry in packages.items() if name and "integrity" not in entry]
    for group in ("dependencies", "devDependencies"):
        assert packages[""].get(group, {}) == asked.get(group, {})
        for name, version in asked.get(group, {}).items():
            assert packages[f"node_modules/{name}"]["version"] == version, "pinned to one version"


@pytest.mark.django_db
def test_migrations_are_in_step_with_the_models() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


USED_BY_OTHERS = {
    "argon2-cffi": "Django hashes passwords with it",
    "defusedxml": "openpyxl reads workbooks through it",
    "pandas": "figures of schools and pupils are read with it",
    "psycopg2-binary": "Django speaks to PostgreSQL with it",
}
"""Runtime packages that no module of ours imports or names."""


def test_every_runtime_package_is_used() -> None:
    modules: dict[str, set[str]] = {}
    for module, owners in importlib.metadata.packages_distributions().items():
        for owner in owners:
            modules.setdefault(normal(owner), set()).add(module)
    code = "\n".join(path.read_text() for path in python_files())
    unused = []
    for entry in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]:
        name = normal(re.match(r"[\w.\-]+", entry)[0])  # type: ignore[index]
        named = any(re.search(rf"""(?:import|from)\s+{module}\b|["']{module}[.'"]""", code) for module in modules[name])
        if not named and name not in USED_BY_OTHERS:
            unused.append(name)
    assert unused == []
