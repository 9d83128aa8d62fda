"""Writes of ``briefings``."""

from .briefings import BriefingFacts, cancel_briefing, change_briefing, plan_briefing, plan_year
from .library import (
    Content,
    ResourceFacts,
    add_resource,
    change_resource,
    discard_draft,
    offer_sample,
    open_version,
    publish_resource,
    restore_resource,
    retire_resource,
    write_resource,
)
from .sharing import (
    answer_suggestion,
    decide_question,
    make_suggestion,
    mark_question,
    offer_question,
    record_practice,
    unmark_question,
    withdraw_practice,
)

__all__ = [
    "BriefingFacts",
    "Content",
    "ResourceFacts",
    "add_resource",
    "answer_suggestion",
    "cancel_briefing",
    "change_briefing",
    "change_resource",
    "decide_question",
    "discard_draft",
    "make_suggestion",
    "mark_question",
    "offer_question",
    "offer_sample",
    "open_version",
    "plan_briefing",
    "plan_year",
    "publish_resource",
    "record_practice",
    "restore_resource",
    "retire_resource",
    "unmark_question",
    "withdraw_practice",
    "write_resource",
]
