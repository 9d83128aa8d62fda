"""Facts for a test: a registry with one source for every family, drawn by the school's key."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from core.facts import Answer, FactQuestion, FactSource
from core.registry import Registry
from tests.support.test_evaluation import drawn, value

TAUGHT = {"primary": ("ks2",), "junior": ("ks2",), "secondary": ("ks4",)}


def drawn_facts(codes: Collection[str], question: FactQuestion) -> Mapping[str, Answer]:
    """One query a fact; the same school has the same figures on every day."""
    found = {}
    for code in sorted(codes):
        values = {}
        for pk, phase in question.subjects.values_list("pk", "phase"):
            stage = code.partition(".")[0]
            if stage in ("ks2", "ks4") and stage not in TAUGHT.get(phase, ()):
                values[pk] = value(("n/a",))
            else:
                source = random.Random(f"{pk} {code}")
                values[pk] = value(("unknown",)) if source.random() < 0.02 else value(("figure", drawn(source, code)))
        found[code] = Answer(values)
    return found


@contextmanager
def facts_from(source: FactSource, **families: FactSource) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        double: Registry[Any] = Registry("facts, a double")
        double.add("*", source)
        for family, own in families.items():
            double.add(family, own)
        patch.setattr("core.facts.FACT_SOURCES", double)
        yield


TODAY = dt.date(2008, 10, 14)
