"""Make the environment that the portal runs in. Standard library only: it runs before anything is installed.

``make setup`` and the other commands of the Makefile call it as ``python3 -I sip_portal/bootstrap.py COMMAND``:

* ``setup``: ``.venv`` with the runtime packages, and the front-end files
* ``run``: the same, then the demonstration (``manage.py demo``)
* ``dev``: the same with the packages that tests and checks need, and the programs that they use
* ``lock``: compile ``requirements/*.txt`` from ``pyproject.toml`` anew

Every step says what it took. A step whose input has not changed since it was last done is not done again: the stamp
beside its output holds the SHA-256 of the input.
"""

import sys

if not (3, 11) <= sys.version_info[:2] < (3, 14):
    import os
    import shutil

    for _name in ("python3.13", "python3.12", "python3.11"):
        if shutil.which(_name) and os.environ.get("SIP_PYTHON") != _name:
            os.environ["SIP_PYTHON"] = _name
            os.execvp(_name, [_name, "-I", *sys.argv])
    sys.exit(
        "The portal needs Python 3.11, 3.12 or 3.13, and this is Python %d.%d. "
        "Install one of them, or name it: make run PYTHON=/path/to/python3.11" % sys.version_info[:2]
    )

import contextlib
import ctypes
import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"
MODULES = ROOT / "node_modules"

# WeasyPrint makes the PDFs with these; no Python package brings them. Library → Debian package.
LIBRARIES = {
    "libpango-1.0.so.0": "libpango-1.0-0",
    "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libharfbuzz-subset.so.0": "libharfbuzz-subset0",
}
# What some of the tests use. Program → Debian package.
TEST_PROGRAMS = {"chromium": "chromium", "pdftoppm": "poppler-utils"}


class Trouble(Exception):
    """One sentence for whoever typed the command."""


def say(text: str) -> None:
    print(text, flush=True)


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Do a step and say how long it took."""
    begun = time.monotonic()
    yield
    say(f"  {title:<52}{time.monotonic() - begun:6.1f} s")


def run(*command: str | Path, hint: str = "") -> None:
    """Run a program quietly; where it fails, show the end of what it said."""
    done = subprocess.run(
        [str(part) for part in command], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode:
        raise Trouble(f"{done.stdout[-3000:]}\n{Path(command[0]).name} failed. {hint}".strip())


def digest(*parts: bytes | str) -> str:
    return hashlib.sha256(b"\0".join(part.encode() if isinstance(part, str) else part for part in parts)).hexdigest()


def is_stamped(stamp: Path, value: str) -> bool:
    return stamp.is_file() and stamp.read_text() == value


# ---------------------------------------------------------------- Python packages


def make_venv() -> None:
    """A virtual environment of this Python in ``.venv``, with uv in it or on the path where uv can be had."""
    version = "%d.%d" % sys.version_info[:2]
    if PYTHON.exists():
        asked = subprocess.run(
            [PYTHON, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], capture_output=True, text=True, check=False
        )
        if asked.stdout.strip() in {"3.11", "3.12", "3.13"}:
            return
        shutil.rmtree(VENV)
    with step(f"Virtual environment in .venv (Python {version})"):
        if shutil.which("uv"):
            run("uv", "venv", "--quiet", "--python", sys.executable, VENV)
            return
        try:
            run(sys.executable, "-m", "venv", VENV)
        except Trouble:
            shutil.rmtree(VENV, ignore_errors=True)
            if not apt_install([f"python{version}-venv"]):
                raise Trouble(
                    f"Python {version} has no venv module here. Install it with `apt-get install python{version}-venv`, or install uv."
                ) from None
            run(sys.executable, "-m", "venv", VENV)


def uv_program() -> str | None:
    """uv from the path, from ``.venv``, or brought into ``.venv`` by pip; None where it cannot be had."""
    for found in (shutil.which("uv"), shutil.which("uv", path=str(VENV / "bin"))):
        if found:
            return found
    with contextlib.suppress(Trouble):
        pip("-r", REQUIREMENTS / "uv.txt")
    return shutil.which("uv", path=str(VENV / "bin"))


def pip(*arguments: str | Path) -> None:
    if not (VENV / "bin" / "pip").exists():
        run(PYTHON, "-m", "ensurepip", "--default-pip")
    run(PYTHON, "-m", "pip", "install", "--quiet", "--no-input", "--require-hashes", *arguments, hint="Is a package index within reach?")


def install(name: str) -> None:
    """``requirements/NAME.txt`` into ``.venv``, every file checked against its hash."""
    requirements = REQUIREMENTS / f"{name}.txt"
    value = digest(requirements.read_bytes())
    stamp = VENV / f".{name}-stamp"
    if is_stamped(stamp, value):
        return
    with step(f"Python packages ({name})"):
        uv = uv_program()
        try:
            if uv is None:
                raise Trouble("uv cannot be had here")
            run(uv, "pip", "install", "--quiet", "--python", PYTHON, "--require-hashes", "-r", requirements)
        except Trouble:  # none, or one that knows no way to the index (its own certificates, its own proxy)
            say("  uv cannot install here, so pip does: about a minute.")
            pip("-r", requirements)
    stamp.write_text(value)


# ---------------------------------------------------------------- front-end files


def install_front_end() -> None:
    """The design system's published files into ``node_modules``, as ``package-lock.json`` pins them."""
    value = digest((ROOT / "package-lock.json").read_bytes())
    stamp = MODULES / ".stamp"
    if is_stamped(stamp, value):
        return
    with step("Front-end files (npm)"):
        npm = machine_npm()
        if npm is None:
            install("node")
            npm = str(VENV / "bin" / "npm")
        run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", hint="Is the npm registry within reach?")
        stamp.write_text(value)


def machine_npm() -> str | None:
    """npm 7 or later on the path: older ones do not know the lock's format."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        return None
    version = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False).stdout.split(".")[0]
    return npm if version.isdigit() and int(version) >= 7 else None


# ---------------------------------------------------------------- the machine's own packages


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages where this machine and this user may. Says whether it did."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    command = ("apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages)
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    with step("Debian packages: " + ", ".join(packages)):
        try:
            run(*command)
        except Trouble:
            try:
                run("apt-get", "update", "--quiet")
                run(*command)
            except Trouble:
                return False
    return True


def has_library(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def system_packages(for_tests: bool) -> None:
    """Bring what is missing where that is allowed; else say exactly what is missing and what goes without."""
    libraries = [package for library, package in LIBRARIES.items() if not has_library(library)]
    programs = [package for program, package in TEST_PROGRAMS.items() if for_tests and not shutil.which(program)]
    if not libraries and not programs:
        return
    if not apt_install(libraries + programs):
        if libraries:
            say(f"  Missing: {', '.join(libraries)}. The portal runs, but makes no PDFs. Install: apt-get install {' '.join(libraries)}")
        if "chromium" in programs:
            say("  Missing: chromium. The tests in a browser are skipped. Install: apt-get install chromium")
        if "poppler-utils" in programs:
            say("  Missing: poppler-utils. The tests that look at a printed page are skipped. Install: apt-get install poppler-utils")


# ---------------------------------------------------------------- commands


def setup(for_tests: bool = False) -> None:
    begun = time.monotonic()
    system_packages(for_tests)
    make_venv()
    install("dev" if for_tests else "runtime")
    install_front_end()
    say(f"  {'Environment ready':<52}{time.monotonic() - begun:6.1f} s")


def start_demonstration() -> None:
    setup()
    os.environ.setdefault("SIP_ENV", "demo")
    port = os.environ.setdefault("PORT", "8000")
    os.environ.setdefault("PORTAL_URL", f"http://127.0.0.1:{port}")
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), "manage.py", "demo"])


def lock() -> None:
    """Hashes of every file that may be installed; no address of where they came from."""
    make_venv()
    uv = uv_program()
    if uv is None:
        raise Trouble("Locking needs uv, and it cannot be had here: install uv and try again.")
    compile_ = (uv, "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-emit-index-url", "--no-header")
    upgrade = ("--upgrade",) if "--upgrade" in sys.argv else ()
    group = ("--group", "pyproject.toml:")
    for name, source in {
        "runtime": ("pyproject.toml",),
        "dev": ("pyproject.toml", group[0], f"{group[1]}dev", "--constraints", "requirements/runtime.txt"),
        "uv": (group[0], f"{group[1]}uv"),
        "node": (group[0], f"{group[1]}node"),
    }.items():
        with step(f"requirements/{name}.txt"):
            run(*compile_, *upgrade, *source, "--output-file", f"requirements/{name}.txt")


COMMANDS = {"setup": setup, "run": start_demonstration, "dev": lambda: setup(for_tests=True), "lock": lock}


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command not in COMMANDS:
        sys.exit(f"Say one of: {', '.join(COMMANDS)}.")
    try:
        COMMANDS[command]()
    except Trouble as trouble:
        sys.exit(str(trouble))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
