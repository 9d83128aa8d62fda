"""For whom something is: the SIPs who serve one of some phases, or everybody whom its page may be shown to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q

EVERYBODY = "all"


def kept(phases: Iterable[str]) -> str:
    """Codes of phases as :attr:`Audienced.phases` keeps them: ",primary,infant,", so that one of them can be asked for."""
    codes = ",".join(phases)
    return f",{codes}," if codes else ""


class Audienced(models.Model):
    """What is for an audience of the pack (P1: primary; S1: secondary and PRU). Its phases are kept as they were when it was
    made, so that a later pack moves nothing into or out of anybody's sight."""

    audience = models.CharField(max_length=40, default=EVERYBODY, help_text="Code of the pack's audience, or “all”.")
    phases = models.CharField(max_length=200, blank=True, help_text="Codes of its phases between commas; empty: everybody.")

    class Meta:
        abstract = True

    @property
    def phase_codes(self) -> list[str]:
        return [code for code in self.phases.split(",") if code]


def for_sip(user: Any, prefix: str = "") -> Q:
    """The rows (with an ``authority`` and an :class:`Audienced`) that are for this person as a SIP of some phases."""
    found = Q(pk__in=[])
    for sip in user.hats.sips:
        phases = Q(**{f"{prefix}phases": ""})
        for phase in sorted(sip.phases):
            phases |= Q(**{f"{prefix}phases__contains": f",{phase},"})
        found |= Q(**{f"{prefix}authority_id": sip.authority_id}) & phases
    return found
