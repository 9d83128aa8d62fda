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

__all__ = [
    "ask_feedback",
    "form_of_token",
    "note_feedback_read",
    "release_due_feedback",
    "release_feedback",
    "remind_feedback",
    "save_feedback",
    "send_feedback",
    "summarise_feedback",
    "withdraw_feedback",
]
