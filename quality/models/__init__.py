from .feedback import FeedbackRelease, FeedbackRequest, FeedbackSummary

__all__ = ["FeedbackRelease", "FeedbackRequest", "FeedbackSummary"]
