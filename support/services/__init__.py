"""Writes of support. What is here is the app's one way to change its rows."""

from __future__ import annotations

from .records import (
    close_concern,
    decide_category,
    evaluate_intervention,
    give_warning_notice,
    lift_warning_notice,
    open_concern,
    record_intervention,
    revise_intervention,
)
from .schemes import (
    add_rule,
    begin_draft,
    change_numbers,
    comment_on_placement,
    discard_draft,
    end_consultation,
    open_consultation,
    place_school,
    publish_scheme,
    remove_rule,
    rewrite_draft,
)

__all__ = [
    "add_rule",
    "begin_draft",
    "change_numbers",
    "close_concern",
    "comment_on_placement",
    "decide_category",
    "discard_draft",
    "end_consultation",
    "evaluate_intervention",
    "give_warning_notice",
    "lift_warning_notice",
    "open_concern",
    "open_consultation",
    "place_school",
    "publish_scheme",
    "record_intervention",
    "remove_rule",
    "revise_intervention",
    "rewrite_draft",
]
