from .feedback import FeedbackRelease, FeedbackRequest, FeedbackSummary
from .judgement import JudgementAction, OutsideJudgement
from .mentoring import MentoringEntry, MentoringSignOff
from .sip_review import CpdNeed, ReviewObjective, SipReview

__all__ = [
    "CpdNeed",
    "FeedbackRelease",
    "FeedbackRequest",
    "FeedbackSummary",
    "JudgementAction",
    "MentoringEntry",
    "MentoringSignOff",
    "OutsideJudgement",
    "ReviewObjective",
    "SipReview",
]
