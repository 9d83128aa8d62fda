"""What higher apps add to the pages of visits and notes, each in its ``contributions.py``; nothing here knows who."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.registry import Registry

from .models import GateReview


@dataclass(frozen=True)
class ReviewLink:
    """A link beside the decision on a review at the gate. ``says`` stands under it."""

    label: str
    url: str
    says: str = ""


ReviewLinks = Callable[[Any, GateReview, bool], ReviewLink | None]
"""``(user, review, decides)``: at most two queries; ``decides`` where the review is open and this person's."""

REVIEW_LINKS: Registry[ReviewLinks] = Registry("review_links")
