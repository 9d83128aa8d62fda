"""Writes of targets: the round (``rounds``), what a note makes of them (``targets``), pupils (``pupils``)."""

from .pupils import close_sheets, dispose_sheets, replace_pupils, save_pupil
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
    "answer_targets",
    "close_sheets",
    "decide_targets",
    "dispose_sheets",
    "issue_indicative",
    "propose_targets",
    "record_signature",
    "replace_pupils",
    "revise_targets",
    "save_pupil",
    "set_target",
    "settle_targets",
    "sign_targets",
    "submit_targets",
]
