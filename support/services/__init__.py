"""Writes of support. What is here is the app's one way to change its rows."""

from __future__ import annotations

from .records import (
    close_concern,
    decide_category,
    give_warning_notice,
    lift_warning_notice,
    open_concern,
    record_intervention,
    revise_intervention,
)

__all__ = [
    "close_concern",
    "decide_category",
    "give_warning_notice",
    "lift_warning_notice",
    "open_concern",
    "record_intervention",
    "revise_intervention",
]
