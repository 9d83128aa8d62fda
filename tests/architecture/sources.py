"""The project's own files, for the tests that read them."""

from __future__ import annotations

import ast
import functools
import subprocess
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ["core", "people", "schools", "targets", "support", "visits", "quality", "briefings", "sip_portal"]
"""Lowest first: imports, foreign keys and URL names point to the left."""

_NOT_OURS = {".git", ".venv", "node_modules", "var", "staticfiles", "__pycache__"}


@functools.cache
def tracked() -> tuple[Path, ...]:
    """Every file of the project: what git tracks, and, outside a clone, whatever is not made by a command."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        names = sorted(filter(None, listed.stdout.split("\0")))
        return tuple(ROOT / name for name in names if (ROOT / name).is_file())
    return tuple(sorted(path for path in ROOT.rglob("*") if path.is_file() and not _NOT_OURS & set(path.relative_to(ROOT).parts)))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def python_files(*, tests: bool = False) -> list[Path]:
    """Modules of the apps, without migrations; ``tests`` adds the tests."""
    tops = {*APPS, "tests"} if tests else set(APPS)
    return [p for p in tracked() if p.suffix == ".py" and p.relative_to(ROOT).parts[0] in tops and "migrations" not in p.parts]


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=name_of(path))


def templates() -> list[Path]:
    return [p for p in tracked() if p.suffix in {".html", ".txt", ".css"} and "templates" in p.relative_to(ROOT).parts[:2]]


def dotted(node: ast.AST) -> str:
    """``a.b.c`` of a name or an attribute; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else f"?.{node.attr}"
    return ""


def imported_names(module: ast.Module) -> dict[str, str]:
    """Local name → what it stands for: ``import datetime as dt`` gives ``dt: datetime``."""
    names: dict[str, str] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.partition(".")[0]] = alias.name if alias.asname else alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def full_name(node: ast.AST, names: dict[str, str]) -> str:
    """A dotted name with its first part spelled out by the imports: ``dt.date.today`` is ``datetime.date.today``."""
    found = dotted(node)
    head, dot, rest = found.partition(".")
    return names.get(head, head) + dot + rest


def top_level(module: ast.Module) -> Iterator[ast.stmt]:
    """Statements that run at import: not those of functions, nor those under ``if TYPE_CHECKING``."""
    waiting: list[ast.stmt] = list(module.body)
    while waiting:
        statement = waiting.pop()
        yield statement
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(statement, ast.If) and dotted(statement.test).endswith("TYPE_CHECKING"):
            waiting += statement.orelse
            continue
        for field in ("body", "orelse", "finalbody"):
            waiting += getattr(statement, field, [])
        for handler in getattr(statement, "handlers", []):
            waiting += handler.body
