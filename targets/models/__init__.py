"""Targets (``targets``); results, estimates and comparators, and where each figure came from (``results``)."""

from .results import Comparator, DataSource, Estimate, Result
from .targets import Target, TargetQuerySet

__all__ = ["Comparator", "DataSource", "Estimate", "Result", "Target", "TargetQuerySet"]
