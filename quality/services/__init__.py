"""Writes of quality assurance."""

from .feedback import (
    ask_feedback,
    form_of_token,
    note_feedback_read,
    release_due_feedback,
    release_feedback,
    remind_feedback,
    save_feedback,
    send_feedback,
    summarise_feedback,
    withdraw_feedback,
)
from .judgements import answer_judgement, note_report_exported, record_judgement
from .mentoring import log_mentoring, sign_off_first_year
from .sip_review import agree_objectives, begin_sip_review, close_sip_review, record_mid_year, record_need, set_objective, write_account

__all__ = [
    "agree_objectives",
    "answer_judgement",
    "ask_feedback",
    "begin_sip_review",
    "close_sip_review",
    "form_of_token",
    "log_mentoring",
    "note_feedback_read",
    "note_report_exported",
    "record_judgement",
    "record_mid_year",
    "record_need",
    "release_due_feedback",
    "release_feedback",
    "remind_feedback",
    "save_feedback",
    "send_feedback",
    "set_objective",
    "sign_off_first_year",
    "summarise_feedback",
    "withdraw_feedback",
    "write_account",
]
