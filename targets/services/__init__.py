"""Writes of targets: the round (``rounds``), reminders of it (``reminders``), what a note makes of them (``targets``), pupils (``pupils``)."""

from .pupils import close_sheets, replace_pupils, save_pupil
from .reminders import Reminder, remind_of_targets
from .rounds import (
    answer_targets,
    decide_targets,
    issue_indicative,
    propose_targets,
    record_signature,
    revise_targets,
    settle_targets,
    sign_targets,
    submit_targets,
)
from .targets import set_target

__all__ = [
    "Reminder",
    "answer_targets",
    "close_sheets",
    "decide_targets",
    "issue_indicative",
    "propose_targets",
    "record_signature",
    "remind_of_targets",
    "replace_pupils",
    "revise_targets",
    "save_pupil",
    "set_target",
    "settle_targets",
    "sign_targets",
    "submit_targets",
]
