"""Pages as they are read, and not as their templates lay them out."""

from __future__ import annotations

import re


def flat(html: str) -> str:
    """Lines as one: a single space for every run of white space, none between two tags or before the end of an element."""
    return re.sub(r" (?=</)|(?<=>) (?=<)", "", re.sub(r"\s+", " ", html))
