"""Targets and what was said of them (``targets``); pupils, by reference (``pupils``); results, estimates and comparators, and where each figure came from (``results``)."""

from .pupils import Pupil, PupilSheet
from .results import Comparator, DataSource, Estimate, Result
from .targets import Target, TargetQuerySet, TargetSignature, TargetStep

__all__ = [
    "Comparator",
    "DataSource",
    "Estimate",
    "Pupil",
    "PupilSheet",
    "Result",
    "Target",
    "TargetQuerySet",
    "TargetSignature",
    "TargetStep",
]
