from .briefing import AgendaItem, Briefing

__all__ = ["AgendaItem", "Briefing"]
