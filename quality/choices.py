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


class MentoringDecision(models.TextChoices):
    ENDS = "ends", "mentoring ends"
    GOES_ON = "goes_on", "mentoring goes on"


class SipReviewState(models.TextChoices):
    SETTING = "setting", "objectives being set"
    AGREED = "agreed", "objectives agreed"
    MID_YEAR = "mid_year", "mid-year review held"
    CLOSED = "closed", "closed"


REVIEW_TONES = {
    SipReviewState.SETTING: "due",
    SipReviewState.AGREED: "work",
    SipReviewState.MID_YEAR: "work",
    SipReviewState.CLOSED: "done",
}


class JudgingBody(models.TextChoices):
    REGIONAL = "regional", "regional coordinator"
    JOINT_AREA = "joint_area", "joint area review"
    PEER = "peer", "peer review"
    OTHER = "other", "another body"
