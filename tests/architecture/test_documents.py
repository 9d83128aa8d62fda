"""Documents that name things of the code are in step with it."""

from __future__ import annotations

import json
import re

from django.core.management import get_commands

from tests.architecture.sources import ROOT
from tests.architecture.test_files import normal, required

OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
THIRD_PARTY = (ROOT / "THIRD-PARTY.md").read_text()


def test_every_variable_of_the_configuration_is_described() -> None:
    settings = (ROOT / "sip_portal" / "settings.py").read_text()
    read = set(re.findall(r"""(?:env\.\w+|_required)\(\s*["']([A-Z_]+)["']""", settings)) | {"PORT"}
    described = set(re.findall(r"^\| `([A-Z_]+)` \|", OPERATIONS, re.MULTILINE))
    assert described == read
    assert len(read) > 10


def test_every_command_that_is_named_exists() -> None:
    for document in [ROOT / "docs" / "operations.md", *ROOT.glob("*.md")]:
        named = set(re.findall(r"manage\.py ([a-z_]+)", document.read_text()))
        assert named <= set(get_commands()), document.name


def test_every_package_is_in_the_notices() -> None:
    words = {normal(word) for word in re.findall(r"@?[A-Za-z][\w@/.\-]*", THIRD_PARTY)}
    assert [name for name in required("runtime") if name not in words] == []
    npm = json.loads((ROOT / "package.json").read_text())
    packages = [*npm.get("dependencies", {}), *npm.get("devDependencies", {})]
    assert [name for name in packages if normal(name) not in words] == []


def test_links_inside_a_document_lead_somewhere() -> None:
    anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.+)$", OPERATIONS, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([\w-]+)\)", OPERATIONS)) <= anchors


def test_the_licence_is_ours() -> None:
    licence = (ROOT / "LICENSE").read_text()
    assert licence.startswith("MIT License")
    assert "The SIP Portal contributors" in licence
