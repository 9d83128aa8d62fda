"""The page of permissions as people read it: ``docs/permissions.md``, made from ``people.roles`` and nothing else."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from .roles import BY_RELATION, GRANTS, HAT_NAMES, ROLE_HATS, SCHOOL_HATS, STAFF_HATS, Hat, Permission

PATH: Path = settings.BASE_DIR / "docs" / "permissions.md"

HEAD = """\
# Permissions

Made from `people/roles.py` by `manage.py permissions_page`; a test fails when it is out of step. What is not on this page
is denied. Grants are a union over what a person is (a *hat*); the wall and the separations of the policies always win:
where a person has a role at a school, or a declared interest in it, every authority-side right over it is void, and nobody
decides on themselves.
"""


def _kind(hat: Hat) -> str:
    if hat in ROLE_HATS:
        return "a role in an authority" + ("; may enter the admin site" if hat in STAFF_HATS else "")
    if hat in SCHOOL_HATS or hat == Hat.RECIPIENT:
        return "a confirmed contact of a school, with an account"
    return "a profile, an assignment or a mentorship"


def permissions_page() -> str:
    """The whole page as Markdown."""
    lines = [HEAD]
    for hat in Hat:
        lines += [f"## {HAT_NAMES[hat]}", "", f"`{hat}`: {_kind(hat)}.", ""]
        if GRANTS[hat]:
            lines += ["| May | Because |", "|---|---|"]
            lines += [f"| `{permission}` | {why} |" for permission, why in GRANTS[hat].items()]
        else:
            lines.append("Nothing yet.")
        lines.append("")
    lines += [
        "## By relation to the row",
        "",
        "Beside, or instead of, a hat; the policies of `visits` say how.",
        "",
        "| May | Who |",
        "|---|---|",
    ]
    lines += [f"| `{permission}` | {who} |" for permission, who in BY_RELATION.items()]
    lines += ["", "## Who may do what", "", "| Permission | Hats |", "|---|---|"]
    for permission in Permission:
        hats = ", ".join(HAT_NAMES[hat] for hat in Hat if permission in GRANTS[hat])
        lines.append(f"| `{permission}` | {hats or 'by relation alone'} |")
    return "\n".join(lines) + "\n"
