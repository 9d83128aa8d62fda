"""Canonical JSON: one text for one value, so that a digest means the same everywhere and for ever.

Keys sorted, no spaces, UTF-8, characters as themselves. Floats are refused (0.1 has no one text); a figure is an
integer or a string. RFC 8785 describes the same idea; this is the part of it that records need.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical_json(value: Any) -> bytes:
    """The bytes over which a record's digest is taken. Raises ``ValueError`` for what has no one text."""
    _check(value, "the value")
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("The value holds half a character (a lone surrogate), which cannot be written as UTF-8.") from None


def digest(value: Any) -> str:
    """SHA-256 of the canonical JSON: 64 hexadecimal digits, lower case."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def _check(value: Any, where: str) -> None:
    if value is None or isinstance(value, str | bool | int):
        return
    if isinstance(value, float):
        raise ValueError(f"{where} is the float {value!r}. Write a figure as an integer or as text.")
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise ValueError(f"{where} has the key {key!r}. Keys are text.")
            _check(inner, f"{where}[{key!r}]")
        return
    if isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            _check(inner, f"{where}[{index}]")
        return
    raise ValueError(f"{where} is a {type(value).__name__}, which JSON cannot hold. Dates go in as ISO text.")
