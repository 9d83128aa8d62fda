"""What nobody writes here, whatever a linter thinks of it (assurance.md §3)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.sources import dotted, full_name, imported_names, name_of, python_files, templates, tree

MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}
CALLS = {
    "django.utils.safestring.mark_safe": "text becomes HTML by a template or format_html",
    "django.utils.html.html_safe": "text becomes HTML by a template or format_html",
    "django.views.decorators.cache.cache_page": "what a page shows depends on who asks",
    "django.views.decorators.cache.cache_control": "the middleware says no-store",
    "django.views.decorators.csrf.csrf_exempt": "every form is protected",
    "django.db.models.expressions.RawSQL": "SQL is written in core only",
    "django.db.models.RawSQL": "SQL is written in core only",
}
CLOCKS = {
    "datetime.date.today",
    "datetime.datetime.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.utcfromtimestamp",
    "django.utils.timezone.now",
    "django.db.models.functions.Now",
    "time.time",
    "time.localtime",
    "time.gmtime",
    "time.strftime",
}
CONVERTS = {"django.utils.timezone.localtime", "django.utils.timezone.localdate"}
"""They put a given moment into the portal's time zone; without one they ask the clock."""
MAY_ASK_THE_MACHINE = {
    "core/clock.py": "the portal's clock itself",
    "core/audit.py": "when an event was recorded",
    "core/jobs.py": "leases and pauses",
    "core/outbox.py": "leases and pauses",
    "core/management/commands/run_worker.py": "leases and schedules",
    "sip_portal/middleware.py": "the life of sessions",
    "sip_portal/receivers.py": "the life of sessions",
}
MAY_WRITE_SQL = ("core/",)
MAY_PASS_HTML_ON = ("core/components/", "core/templatetags/")
"""Components put together what templates have escaped."""
MAY_ASK_THE_DATABASE_ITSELF = {"sip_portal/views.py": "whether it answers"}
MAY_UNLOCK = {"core/triggers.py", "core/retention.py"}
"""Retention, through which everything is destroyed; the tests' flush is in ``tests/conftest.py``."""
MAY_BE_ANONYMOUS = {
    "people/views/account.py",
    "people/views/calendars.py",
    "sip_portal/views.py",
    "visits/views/offline.py",
    "quality/views/feedback.py",
}


def faults_in(name: str, module: ast.Module) -> Iterator[str]:
    """Every fault of one module, with its line."""
    names = imported_names(module)
    for node in ast.walk(module):
        where = f"{name}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            heads = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            yield from (f"{where} imports {head}: values are kept as JSON" for head in heads if head.partition(".")[0] in MODULES)
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    if whole in CALLS:
                        yield f"{where} imports {whole}: {CALLS[whole]}"
        if isinstance(node, ast.Attribute | ast.Name):
            whole = full_name(node, names)
            if whole in CLOCKS and name not in MAY_ASK_THE_MACHINE:
                yield f"{where} asks {whole}: time comes in as an argument, or from core.clock"
            if isinstance(node, ast.Attribute) and whole in CALLS:
                yield f"{where} uses {whole}: {CALLS[whole]}"
        if isinstance(node, ast.keyword) and node.arg == "fail_silently" and not is_false(node.value):
            yield f"{where} fails silently: a fault is told or raised"
        if isinstance(node, ast.Call):
            called = dotted(node.func)
            verb = called.rpartition(".")[2]
            if full_name(node.func, names) in CONVERTS and not node.args and name not in MAY_ASK_THE_MACHINE:
                yield f"{where} asks {called}(): time comes in as an argument, or from core.clock"
            if isinstance(node.func, ast.Attribute) and verb in {"raw", "extra"} and not name.startswith(MAY_WRITE_SQL):
                yield f"{where} calls .{verb}(): SQL is written in core only"
            if called.endswith("connection.cursor") and not name.startswith(MAY_WRITE_SQL) and name not in MAY_ASK_THE_DATABASE_ITSELF:
                yield f"{where} opens a cursor: SQL is written in core only"
            if verb == "unlocked" and name not in MAY_UNLOCK:
                yield f"{where} unlocks protected rows: retention only"
            if full_name(node.func, names) == "django.utils.safestring.SafeString" and not name.startswith(MAY_PASS_HTML_ON):
                yield f"{where} calls SafeString(): text becomes HTML by a template or format_html"
            if verb in {"eval", "exec"} and called == verb:
                yield f"{where} calls {verb}()"
            if verb == "bulk_create" and any(k.arg == "ignore_conflicts" for k in node.keywords):
                yield f"{where} ignores conflicts: the database says no first, and is heard"
        if (
            isinstance(node, ast.Attribute | ast.Name)
            and dotted(node).rpartition(".")[2] == "login_not_required"
            and name not in MAY_BE_ANONYMOUS
        ):
            yield f"{where} opens a page to everybody: the anonymous surface is one list"


def is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def test_no_module_does_what_is_forbidden() -> None:
    assert [fault for path in python_files() for fault in faults_in(name_of(path), tree(path))] == []


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("from django.utils.safestring import mark_safe", "mark_safe"),
        ("from django.utils import safestring\nsafestring.mark_safe('x')", "mark_safe"),
        ("from django.utils.safestring import SafeString\nSafeString('x')", "SafeString"),
        ("import pickle", "JSON"),
        ("from pickle import loads", "JSON"),
        ("from django.views.decorators.cache import cache_page", "who asks"),
        ("School.objects.raw('SELECT 1')", ".raw()"),
        ("rows.extra(where=['1=1'])", ".extra()"),
        ("send_mail(fail_silently=True)", "silently"),
        ("import datetime as dt\ndt.date.today()", "core.clock"),
        ("from datetime import datetime\ndatetime.now()", "core.clock"),
        ("from django.utils import timezone\nfield(default=timezone.now)", "core.clock"),
        ("import time\ntime.time()", "core.clock"),
        ("from django.utils import timezone\ntimezone.localdate()", "core.clock"),
        ("from core.triggers import unlocked\nwith unlocked('x'): pass", "retention"),
        ("from django.db import connection\nconnection.cursor()", "cursor"),
        ("eval('1')", "eval"),
        ("rows.bulk_create([], ignore_conflicts=True)", "conflicts"),
        ("from django.contrib.auth.decorators import login_not_required\n@login_not_required\ndef f(): ...", "everybody"),
    ],
)
def test_each_rule_finds_its_fault(code: str, says: str) -> None:
    assert any(says in fault for fault in faults_in("visits/views.py", ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "send_mail(fail_silently=False)",
        "log.info('x', extra={})",
        "import datetime as dt\ndt.date(2008, 1, 1)",
        "clock.today()",
        "from django.utils import timezone\ntimezone.localtime(value)",
    ],
)
def test_no_rule_finds_a_fault_where_there_is_none(code: str) -> None:
    assert list(faults_in("visits/views.py", ast.parse(code))) == []


def test_exemptions_are_of_files_that_exist() -> None:
    names = {name_of(path) for path in python_files()}
    assert {*MAY_ASK_THE_MACHINE, *MAY_ASK_THE_DATABASE_ITSELF, *MAY_UNLOCK, *MAY_BE_ANONYMOUS} <= names


# ---------------------------------------------------------------- templates

UNESCAPED = re.compile(r"\|\s*(?:safe|safeseq)\b|\{%\s*autoescape\s+off")
INLINE = re.compile(r"""<script(?![^>]*\ssrc=)|<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*["']|javascript:""", re.IGNORECASE)
ELSEWHERE = re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", re.IGNORECASE)
NO_CSRF = re.compile(r"""<form\b[^>]*method\s*=\s*["']post["'][^>]*>(?:(?!</form>).)*</form>""", re.IGNORECASE | re.DOTALL)
GOES_ELSEWHERE: dict[str, str] = {}
"""Template → why it may name an address on another host."""


def test_no_template_switches_escaping_off() -> None:
    """But in plain text, where an entity would be read as it stands."""
    assert [name_of(path) for path in templates() if path.suffix == ".html" and UNESCAPED.search(path.read_text())] == []


def test_no_page_has_anything_inline() -> None:
    """The policy for content would refuse it. Printed documents have the authority's colours on their root."""
    found = []
    for path in templates():
        name = name_of(path)
        if path.suffix == ".html" and "/documents/" not in name:
            found += [f"{name}: {match.group(0)}" for match in INLINE.finditer(path.read_text())]
    assert found == []


def test_no_page_loads_or_sends_anything_elsewhere() -> None:
    found = []
    for path in templates():
        name = name_of(path)
        if name not in GOES_ELSEWHERE:
            found += [f"{name}: {match.group(0)}" for match in ELSEWHERE.finditer(path.read_text())]
    assert found == []


def test_every_form_that_posts_has_its_token() -> None:
    found = [
        name_of(path)
        for path in templates()
        for form in NO_CSRF.findall(path.read_text())
        if "csrf_token" not in form and "{% crispy" not in form
    ]
    assert found == []
