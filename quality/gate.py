"""What the moderators' form adds to the page of a review at the gate."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from people.packs import AuthorityPack
from visits.models import GateReview
from visits.registries import ReviewLink

from .models import GateRating


def rating_link(user: Any, review: GateReview, decides: bool) -> ReviewLink | None:
    """The rating where it is given and the asker may read it; the form where they decide and the authority lets it be used."""
    if GateRating.objects.filter(review=review).exists():
        row = GateRating.objects.visible_to(user).filter(review=review).first()
        return ReviewLink(f"Rated {row.overall} by the moderators’ form", row.get_absolute_url()) if row is not None else None
    if not decides:
        return None
    if not AuthorityPack(review.note.authority, review.note.pack).flag("gate_rated"):
        return None
    url = reverse("quality:gate-rate", args=[review.public_id])
    return ReviewLink("Rate it by the moderators’ form", url, "If you wish. It decides nothing, and the author does not see it.")
