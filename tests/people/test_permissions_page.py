"""The page of permissions is whole, and its document is in step."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from core.access import POLICIES
from people import permissions_page
from people.management.commands import permissions_page as command
from people.roles import BY_RELATION, GRANTS, Hat, Permission


def test_the_document_is_in_step() -> None:
    call_command("permissions_page", check=True)


def test_a_document_out_of_step_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "permissions.md"
    page.write_text("old")
    monkeypatch.setattr(command, "PATH", page)
    with pytest.raises(CommandError, match="out of step"):
        call_command("permissions_page", check=True)
    call_command("permissions_page", verbosity=0)
    assert page.read_text() == permissions_page.permissions_page()


def test_every_permission_has_a_policy_and_somebody() -> None:
    for permission in Permission:
        assert str(permission) in POLICIES, permission
        assert permission in BY_RELATION or any(permission in GRANTS[hat] for hat in Hat), permission


def test_every_grant_says_why() -> None:
    assert all(why.strip() for hat in Hat for why in GRANTS[hat].values())
