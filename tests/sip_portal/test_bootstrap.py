"""What `make setup` says where something is missing: one clear sentence each."""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings

BOOTSTRAP = Path(settings.BASE_DIR) / "sip_portal" / "bootstrap.py"
AS_OLD = """
import sys
sys.version_info = {version}
sys.argv = ["bootstrap.py", "setup"]
exec(compile(open({path!r}).read(), {path!r}, "exec"), {{"__name__": "__main__", "__file__": {path!r}}})
"""


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The module, with a folder of its own to work in."""
    spec = importlib.util.spec_from_file_location("bootstrap_under_test", BOOTSTRAP)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("ROOT", "VENV", "REQUIREMENTS", "MODULES"):
        monkeypatch.setattr(module, name, tmp_path / name.lower())
        (tmp_path / name.lower()).mkdir()
    return module


@pytest.mark.parametrize("version", [(3, 6), (3, 9), (3, 10), (3, 14)])
def test_another_python_is_one_sentence(version: tuple[int, int], tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", AS_OLD.format(version=(*version, 0, "final", 0), path=str(BOOTSTRAP))],
        env={"PATH": str(tmp_path)},  # no better one to be found
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.strip() == (
        f"The portal needs Python 3.11, 3.12 or 3.13, and this is Python {version[0]}.{version[1]}. "
        "Install one of them, or name it: make run PYTHON=/path/to/python3.11"
    )


def test_pythons_that_are_refused_can_read_the_refusal() -> None:
    """Else they would answer with a SyntaxError."""
    ast.parse(BOOTSTRAP.read_text(), feature_version=(3, 6))


def test_it_needs_nothing_installed() -> None:
    module = ast.parse(BOOTSTRAP.read_text())
    imported = {alias.name.partition(".")[0] for node in ast.walk(module) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {str(node.module).partition(".")[0] for node in ast.walk(module) if isinstance(node, ast.ImportFrom)}
    assert imported <= sys.stdlib_module_names


class TestSystemPackages:
    @pytest.fixture(autouse=True)
    def may_not_install(self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(bootstrap, "apt_install", lambda packages: False)

    def test_a_missing_library_is_one_sentence_with_the_way_out(
        self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(bootstrap, "has_library", lambda name: "pango" not in name)
        bootstrap.system_packages(for_tests=False)
        assert capsys.readouterr().out == (
            "  Missing: libpango-1.0-0, libpangoft2-1.0-0. The portal runs, but makes no PDFs. "
            "Install: apt-get install libpango-1.0-0 libpangoft2-1.0-0\n"
        )

    def test_programs_are_asked_for_by_the_tests_only(
        self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(bootstrap, "has_library", lambda name: True)
        monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
        bootstrap.system_packages(for_tests=False)
        assert capsys.readouterr().out == ""
        bootstrap.system_packages(for_tests=True)
        said = capsys.readouterr().out
        assert "apt-get install chromium\n" in said
        assert "apt-get install poppler-utils\n" in said

    def test_where_it_may_it_installs_them(self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[str] = []
        monkeypatch.setattr(bootstrap, "apt_install", lambda packages: asked.extend(packages) or True)
        monkeypatch.setattr(bootstrap, "has_library", lambda name: "subset" not in name)
        bootstrap.system_packages(for_tests=False)
        assert asked == ["libharfbuzz-subset0"]


class TestInstall:
    @pytest.fixture
    def ran(self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
        found: list[list[str]] = []
        monkeypatch.setattr(bootstrap, "run", lambda *command, hint="": found.append([str(part) for part in command]))
        (bootstrap.REQUIREMENTS / "runtime.txt").write_text("django==5.2\n")
        (bootstrap.ROOT / "package-lock.json").write_text("{}")
        return found

    def test_what_is_done_is_not_done_again_until_its_input_changes(
        self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, ran: list[list[str]]
    ) -> None:
        monkeypatch.setattr(bootstrap, "uv_program", lambda: "uv")
        bootstrap.install("runtime")
        bootstrap.install("runtime")
        assert len(ran) == 1
        assert ran[0][:3] == ["uv", "pip", "install"]
        assert "--require-hashes" in ran[0]
        (bootstrap.REQUIREMENTS / "runtime.txt").write_text("django==5.3\n")
        bootstrap.install("runtime")
        assert len(ran) == 2

    def test_without_uv_pip_does_it(
        self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, ran: list[list[str]], capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(bootstrap, "uv_program", lambda: None)
        bootstrap.install("runtime")
        assert "pip" in ran[-1]
        assert "--require-hashes" in ran[-1]
        assert "uv cannot install here" in capsys.readouterr().out

    def test_where_uv_fails_pip_does_it(self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, ran: list[list[str]]) -> None:
        def run(*command: object, **options: Any) -> None:
            if command[0] == "uv":
                raise bootstrap.Trouble("invalid peer certificate")
            ran.append([str(part) for part in command])

        monkeypatch.setattr(bootstrap, "uv_program", lambda: "uv")
        monkeypatch.setattr(bootstrap, "run", run)
        bootstrap.install("runtime")
        assert "pip" in ran[-1] and "--require-hashes" in ran[-1]
        assert (bootstrap.VENV / ".runtime-stamp").exists()

    def test_a_failed_step_is_not_marked_as_done(
        self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, ran: list[list[str]]
    ) -> None:
        def fail(*command: object, **options: Any) -> None:
            raise bootstrap.Trouble("uv failed.")

        monkeypatch.setattr(bootstrap, "uv_program", lambda: "uv")
        monkeypatch.setattr(bootstrap, "run", fail)
        with pytest.raises(bootstrap.Trouble):
            bootstrap.install("runtime")
        assert not (bootstrap.VENV / ".runtime-stamp").exists()

    def test_without_npm_it_comes_from_a_wheel(self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, ran: list[list[str]]) -> None:
        wheels: list[str] = []
        monkeypatch.setattr(bootstrap, "machine_npm", lambda: None)
        monkeypatch.setattr(bootstrap, "install", wheels.append)
        bootstrap.install_front_end()
        bootstrap.install_front_end()
        assert wheels == ["node"]
        (command,) = ran
        assert command[0] == str(bootstrap.VENV / "bin" / "npm")
        assert command[1:3] == ["ci", "--ignore-scripts"]

    @pytest.mark.parametrize(("version", "taken"), [("10.9.2", True), ("7.0.0", True), ("6.14.12", False), ("", False)])
    def test_an_npm_that_is_too_old_is_not_taken(
        self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, version: str, taken: bool
    ) -> None:
        monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
        done = subprocess.CompletedProcess([], 0, stdout=version)
        monkeypatch.setattr(bootstrap.subprocess, "run", lambda *args, **options: done)
        assert (bootstrap.machine_npm() is not None) is taken


def test_a_program_that_fails_shows_the_end_of_what_it_said(bootstrap: ModuleType) -> None:
    with pytest.raises(bootstrap.Trouble) as trouble:
        bootstrap.run(sys.executable, "-c", "print('why'); raise SystemExit(2)", hint="Is it within reach?")
    said = str(trouble.value)
    assert said.startswith("why")
    assert said.endswith("failed. Is it within reach?")


def test_an_unknown_command_is_told_what_there_is() -> None:
    told = subprocess.run([sys.executable, "-I", str(BOOTSTRAP), "fly"], capture_output=True, text=True, check=False)
    assert (told.returncode, told.stderr) == (1, "Say one of: setup, run, dev, lock.\n")
