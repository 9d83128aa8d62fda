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
from .moderation import CriterionGrade, appoint_moderator, draw_sample, rate_note, take_back_moderation
from .shadowing import (
    Finding,
    ask_other_date,
    cancel_shadowing,
    close_shadowing,
    move_shadowing,
    plan_shadowing,
    respond_to_shadowing,
    tell_head,
    write_shadowing,
)
from .sip_review import agree_objectives, begin_sip_review, close_sip_review, record_mid_year, record_need, set_objective, write_account

__all__ = [
    "CriterionGrade",
    "Finding",
    "agree_objectives",
    "answer_judgement",
    "appoint_moderator",
    "ask_feedback",
    "ask_other_date",
    "begin_sip_review",
    "cancel_shadowing",
    "close_shadowing",
    "close_sip_review",
    "draw_sample",
    "form_of_token",
    "log_mentoring",
    "move_shadowing",
    "note_feedback_read",
    "note_report_exported",
    "plan_shadowing",
    "rate_note",
    "record_judgement",
    "record_mid_year",
    "record_need",
    "release_due_feedback",
    "release_feedback",
    "remind_feedback",
    "respond_to_shadowing",
    "save_feedback",
    "send_feedback",
    "set_objective",
    "sign_off_first_year",
    "summarise_feedback",
    "take_back_moderation",
    "tell_head",
    "withdraw_feedback",
    "write_account",
    "write_shadowing",
]
