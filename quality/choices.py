"""Closed lists of quality assurance."""

from django.db import models


class FeedbackRole(models.TextChoices):
    HEAD = "head", "headteacher"
    CHAIR = "chair", "chair of governors"


class FeedbackState(models.TextChoices):
    ASKED = "asked", "asked"
    SENT = "sent", "answers sent"
    WITHDRAWN = "withdrawn", "withdrawn"


FEEDBACK_TONES = {FeedbackState.ASKED: "wait", FeedbackState.SENT: "done", FeedbackState.WITHDRAWN: "rest"}
