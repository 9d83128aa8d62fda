from .briefings import BriefingCancelForm, BriefingChangeForm, BriefingPlanForm

__all__ = ["BriefingCancelForm", "BriefingChangeForm", "BriefingPlanForm"]
