"""What quality assurance hears from below: a note is destroyed, and what was said of it goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from visits.signals import notes_going

from .models import GateRating, Moderation, SampledNote


@receiver(notes_going, dispatch_uid="quality.notes_going")
def forget_ratings(sender: Any, notes: Sequence[int], **kwargs: Any) -> None:
    """Ratings of these notes, at the gate and by moderators, and their places in samples. The sample's own counts stay."""
    GateRating.objects.filter(review__note__in=notes).delete()
    Moderation.objects.filter(sampled__note__in=notes).delete()
    SampledNote.objects.filter(note__in=notes).delete()
