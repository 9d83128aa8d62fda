"""What points where: models, templates and URL names point down; heavy libraries are imported where they are used."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.template import engines
from django.urls import URLPattern, URLResolver, get_resolver

from tests.architecture.sources import APPS, ROOT, full_name, imported_names, name_of, python_files, templates, top_level, tree

RANK = {app: rank for rank, app in enumerate(APPS)}
OF_FIGURES = {"core/columns.py", "support/verdicts.py", "targets/against.py", "targets/measured.py", "targets/summers.py"}
"""Modules of arrays, which are imported where facts are asked and nowhere at a module's top (see the next test)."""
HEAVY = {"pandas", "numpy", "weasyprint", "openpyxl", "xlsxwriter", "python_calamine"}
FOR_ALL = re.compile(r"home$|account_|mfa_")
"""Names without a namespace that any app may link to: the way home, and allauth's pages, which lie below all apps."""
URL = re.compile(r"""\{%\s*url\s+["']([\w.:-]+)["']""")
TEMPLATE = re.compile(r"""\{%\s*(?:include|extends)\s+["']([^"']+)["']""")
SHARED = re.compile(r"(?:base\w*\.html$|(?:components|documents|errors|govuk|portal|django/forms)/)")


# ---------------------------------------------------------------- models


def own_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in RANK]


def test_a_models_relations_point_down() -> None:
    """A foreign key named by a string slips past the import contracts; here every field is asked."""
    upwards = []
    for model in own_models():
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
            other = getattr(field, "related_model", None)
            if other is not None and RANK.get(other._meta.app_label, -1) > RANK[model._meta.app_label]:
                upwards.append(f"{model._meta.label}.{field.name} → {other._meta.label}")
    assert upwards == []
    assert len(own_models()) > 30


def test_nothing_of_ours_hangs_on_djangos_permissions_or_groups() -> None:
    """Rule 1: no permission library, and none of Django's tables of permissions."""
    found = [
        f"{model._meta.label}.{field.name}"
        for model in own_models()
        for field in model._meta.get_fields()
        if getattr(field, "related_model", None) is not None and field.related_model._meta.label in {"auth.Permission", "auth.Group"}
    ]
    assert found == []


# ---------------------------------------------------------------- URL names and templates


def url_names(resolver: URLResolver | None = None, namespace: str = "") -> set[str]:
    """Every name of the resolver, with its namespace."""
    found: set[str] = set()
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            found |= url_names(entry, inner)
        elif isinstance(entry, URLPattern) and entry.name:
            found.add(f"{namespace}{entry.name}")
    return found


def points_up(app: str, name: str) -> bool:
    """Whether a URL name is of an app above this one; the shell's names have no namespace."""
    namespace, colon, _ = name.rpartition(":")
    if app == "sip_portal":
        return False
    if not colon:
        return not FOR_ALL.match(name)
    return RANK.get(namespace, len(APPS)) > RANK[app]


def app_of_template(name: str) -> str | None:
    """``templates/visits/note.html`` and ``visits/templates/…`` are of visits; the shell's and the shared are the shell's."""
    parts = name.split("/")
    for part in (parts[0], parts[1] if parts[0] == "templates" else ""):
        if part in RANK:
            return part
    return None


def test_templates_of_an_app_link_down() -> None:
    upwards = []
    for path in templates():
        app = app_of_template(name_of(path))
        if app is None:
            continue
        text = path.read_text()
        upwards += [f"{name_of(path)} links to {name}" for name in URL.findall(text) if points_up(app, name)]
        for other in TEMPLATE.findall(text):
            top = other.split("/")[0]
            if not SHARED.match(other) and RANK.get(top, len(APPS)) > RANK[app]:
                upwards.append(f"{name_of(path)} includes {other}")
    assert upwards == []


def test_components_link_to_nothing() -> None:
    """A component gets its addresses from the page that shows it."""
    found = [
        f"{name_of(path)} names {name}"
        for path in templates()
        if "/components/" in name_of(path) or "/govuk/" in name_of(path)
        for name in URL.findall(path.read_text())
    ]
    assert found == []


REVERSING = {"django.urls.reverse", "django.urls.reverse_lazy", "django.shortcuts.redirect", "django.shortcuts.resolve_url"}


def named_in_code() -> list[tuple[str, str, str]]:
    """(app, file, URL name) of every literal name that code reverses or redirects to."""
    found = []
    for path in python_files():
        module = tree(path)
        names = imported_names(module)
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and node.args and full_name(node.func, names) in REVERSING:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str) and not first.value.startswith(("/", "http")):
                    found.append((name_of(path).split("/")[0], name_of(path), first.value))
    return found


def test_code_of_an_app_links_down() -> None:
    assert [f"{file} links to {name}" for app, file, name in named_in_code() if points_up(app, name)] == []


def test_every_url_name_that_is_linked_to_exists() -> None:
    known = url_names()
    lost = [f"{file} links to {name}" for _, file, name in named_in_code() if name not in known]
    for path in templates():
        lost += [f"{name_of(path)} links to {name}" for name in URL.findall(path.read_text()) if name not in known]
    assert lost == []


def test_every_template_compiles_and_finds_what_it_includes() -> None:
    engine = engines["django"]
    loaded = 0
    for path in templates():
        parts = path.relative_to(ROOT).parts
        name = "/".join(parts[parts.index("templates") + 1 :])
        engine.get_template(name)
        loaded += 1
        for other in TEMPLATE.findall(path.read_text()):
            engine.get_template(other)
    assert loaded > 50


# ---------------------------------------------------------------- heavy imports


def test_heavy_libraries_are_imported_inside_functions() -> None:
    """Rule 11: pandas takes two seconds to import and WeasyPrint nearly as long; only who uses them waits for them."""
    found = []
    for path in python_files():
        for node in top_level(tree(path)) if name_of(path) not in OF_FIGURES else ():
            heads = []
            if isinstance(node, ast.Import):
                heads = [alias.name.partition(".")[0] for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                heads = [node.module.partition(".")[0]]
            found += [f"{name_of(path)} imports {head}" for head in heads if head in HEAVY]
    assert found == []


def test_a_web_process_starts_without_them() -> None:
    """The whole portal loaded, every URL and every app's modules: none of the heavy libraries came along."""
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            (
                "import sys, sip_portal.wsgi\n"
                "from django.urls import get_resolver\n"
                "get_resolver().url_patterns\n"
                f"print(sorted({HEAVY!r} & set(sys.modules)))"
            ),
        ],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout.strip()) == (0, "[]"), told.stderr[-2000:]


@pytest.mark.parametrize(
    ("app", "name", "up"),
    [
        ("visits", "schools:school-detail", False),
        ("visits", "visits:note-detail", False),
        ("schools", "visits:note-detail", True),
        ("schools", "home", False),
        ("people", "mfa_index", False),
        ("schools", "gallery", True),
        ("people", "admin:index", True),
        ("sip_portal", "briefings:briefing-list", False),
        ("sip_portal", "admin:index", False),
    ],
)
def test_what_points_up(app: str, name: str, up: bool) -> None:
    assert points_up(app, name) is up
