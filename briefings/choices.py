"""The states of what ``briefings`` keeps, and the tone in which each is shown."""

from __future__ import annotations

from django.db import models


class BriefingState(models.TextChoices):
    """A date of the year's list; its invitations sent; held, with who came; called off."""

    PLANNED = "planned", "Date set"
    CALLED = "called", "Invited"
    HELD = "held", "Held"
    CANCELLED = "cancelled", "Called off"


BRIEFING_TONES: dict[str, str] = {
    BriefingState.PLANNED: "rest",
    BriefingState.CALLED: "work",
    BriefingState.HELD: "done",
    BriefingState.CANCELLED: "late",
}
