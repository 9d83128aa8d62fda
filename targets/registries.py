"""What the headlines are told from above: sentences that rest on more than results (P7, "All support programmes effective")."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.registry import Registry

HeadlineSource = Callable[[Any, Any, Any, int], Sequence[Any]]
"""``(authority, pack, schools, year)`` → :class:`~targets.selectors.headlines.Sentence` rows that can be written, and
:class:`~targets.selectors.headlines.NotWritten` ones with why not. ``schools`` are those that count, in the asker's scope; ``year`` is
the academic year of the results by its first calendar year. Set-based: the same number of queries whatever their number."""

HEADLINE_SOURCES: Registry[HeadlineSource] = Registry("headline_sources")
