"""What the queues of quality assurance have in common."""

from __future__ import annotations

from typing import Any

from core.access import Refused
from people.models import User
from people.services import people_with


def person_at(email: str, field: str) -> User:
    """The account with an address; the sentence that the confirm page shows where there is none."""
    found = people_with(email.strip())
    if found is None:
        raise Refused(f"There is no account with the email address {email.strip()}.", field=field)
    return found


def places(row: Any) -> str:
    return ", ".join(school.name for school in row.covered)
