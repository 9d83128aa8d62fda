"""An evaluation as plain values: what the command prints and the workbench's files hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.facts import FactValue
from people.packs import AuthorityPack
from schools.models import School
from targets.wording import FactWords

from .evaluation import Evaluation, FiredRule, Way
from .wording import why_person


def _fact(words: FactWords, code: str, value: FactValue) -> dict[str, Any]:
    return {"fact": code, "label": words.label(code), "value": words.figure(code, value)}


def _fired(words: FactWords, fired: FiredRule) -> dict[str, Any]:
    figures: dict[str, dict[str, Any]] = {}
    for compared in fired.finding.because:
        figures.setdefault(compared.leaf.fact, _fact(words, compared.leaf.fact, compared.left))
        if compared.right is not None:
            figures.setdefault(compared.leaf.than, _fact(words, compared.leaf.than, compared.right))
    return {"code": fired.rule.code, "rule": fired.rule.label, "decides": fired.decides, "figures": list(figures.values())}


def as_dict(evaluation: Evaluation, evaluated: Iterable[School], pack: AuthorityPack) -> dict[str, Any]:
    """Counts by category, and for each school its category, the rules that fired with their figures, what is not known and
    what was left out, and why."""
    words, scheme = FactWords(pack.content), evaluation.compiled.scheme
    labels = {level.code: level.label for level in scheme.levels} | {str(way): way.label for way in Way}
    schools = []
    for school in evaluated:
        told = evaluation.explain(school.pk)
        schools.append(
            {
                "urn": school.urn,
                "school": school.name,
                "phase": school.phase,
                "category": told.verdict.key,
                "label": told.verdict.label,
                "known_facts_alone": told.verdict.level.code if told.verdict.level else None,
                "why_a_person_decides": why_person(words, told, scheme.minimum_facts),
                "fired": [_fired(words, fired) for fired in told.fired],
                "unknown": [{**_fact(words, code, value), "why": value.why} for code, value in told.missing.items()],
                "left_out": [{**_fact(words, code, value), "why": value.why} for code, value in told.left_out.items()],
            }
        )
    return {
        "scheme": scheme.code,
        "label": scheme.label,
        "authority": pack.authority.code,
        "schools": len(schools),
        "counts": {code: evaluation.counts.get(code, 0) for code in labels},
        "days": str(evaluation.quarters / 4 if evaluation.quarters % 4 else evaluation.quarters // 4),
        "rules": {rule.code: evaluation.fires_for[rule.code] for rule in scheme.rules},
        "by_school": schools,
    }
