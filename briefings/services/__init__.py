"""Writes of ``briefings``."""

from .briefings import BriefingFacts, cancel_briefing, change_briefing, plan_briefing, plan_year

__all__ = ["BriefingFacts", "cancel_briefing", "change_briefing", "plan_briefing", "plan_year"]
