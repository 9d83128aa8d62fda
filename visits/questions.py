"""The bank of challenging questions (P18), and which of them a school's own data call up.

A question is asked at any visit to a school of its phases. One with a rule (``when``, in the grammar of ``facts.toml``) is
called up by the preparation pack where the rule holds, in its sharper wording, with the figure that called it. A rule
that is unknown, for want of a figure, calls nothing up. What SIPs offered and a manager accepted is asked like the pack's own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from core.facts import FactQuestion, gather
from core.packs import PackContent, PackSection, Problems, Table
from core.registry import Registry
from core.rules import BadRule, Finding, Rule, RuleBook, Truth, truths
from people.models import Authority
from people.packs import AuthorityPack
from schools.models import School
from targets.pack import facts_of, measures_of
from targets.wording import FactWords

from .pack import visits_of


@dataclass(frozen=True)
class Question:
    """``text`` may state what the figures show; asked without the rule, ``plain`` is used. ``follow_up`` is for an easy answer."""

    code: str
    theme: str
    phase_groups: tuple[str, ...]
    text: str
    plain: str
    follow_up: str
    when: Mapping[str, Any] | None
    source: str

    @property
    def unprompted(self) -> str:
        return self.plain or self.text


@dataclass(frozen=True)
class QuestionsPart:
    """The bank. ``sections``: beside which sections of a note the questions of a theme wait; the first that the note has."""

    questions: tuple[Question, ...]
    most: int
    per_theme: int
    order: tuple[str, ...]
    advice: tuple[str, ...]
    sections: Mapping[str, tuple[str, ...]]

    def question(self, code: str) -> Question:
        """Raises KeyError."""
        for question in self.questions:
            if question.code == code:
                return question
        raise KeyError(code)

    def place(self, theme: str) -> int:
        """Where a theme stands among others."""
        return self.order.index(theme) if theme in self.order else len(self.order)

    def section_for(self, theme: str, codes: Sequence[str]) -> str:
        """The section of a note with these sections beside which a question of the theme waits; empty for none."""
        return next((code for code in self.sections.get(theme, ()) if code in codes), "")


OFFERED_QUESTIONS: Registry[Callable[[Authority], Sequence[Question]]] = Registry("offered questions")
"""What an authority's own people added to the bank; without rules, so that nothing of theirs is called up by figures."""


def questions_of(content: PackContent) -> QuestionsPart:
    """The pack's own bank."""
    return cast(QuestionsPart, content.section("questions"))


def whole_bank(pack: AuthorityPack) -> QuestionsPart:
    """The pack's bank and, after it, what this authority's own people added."""
    part = questions_of(pack.content)
    return replace(part, questions=(*part.questions, *(one for offered in OFFERED_QUESTIONS for one in offered(pack.authority))))


def parse_questions(table: Table) -> QuestionsPart:
    choose, sections = table.table("choose"), table.table("sections")
    return QuestionsPart(
        questions=tuple(
            Question(
                code=entry.text("code"),
                theme=entry.text("theme"),
                phase_groups=entry.texts("phase_groups"),
                text=entry.text("text"),
                plain=entry.text("plain", ""),
                follow_up=entry.text("follow_up", ""),
                when=entry.optional_mapping("when"),
                source=entry.text("source"),
            )
            for entry in table.tables("question", least=1)
        ),
        most=choose.whole("most_in_pack", least=1),
        per_theme=choose.whole("per_theme", least=1),
        order=choose.texts("order"),
        advice=table.texts("advice", ()),
        sections={theme: sections.texts(theme) for theme in sections.names()},
    )


def validate_questions(part: QuestionsPart, content: PackContent, problems: Problems) -> None:
    measures, facts = measures_of(content), facts_of(content)
    book = RuleBook(setting=content.setting)
    known = [section.code for section in visits_of(content).sections]
    for theme, codes in part.sections.items():
        problems.need(codes, known, f"'sections', {theme!r}", "section")
    problems.need(part.order, part.sections, "'choose', 'order'", "theme")
    for question in part.questions:
        entry = f"question {question.code!r}"
        problems.need(question.phase_groups, [*measures.phase_groups, "any"], f"{entry}, 'phase_groups'", "phase group")
        problems.need([question.theme], part.sections, f"{entry}, 'theme'", "theme")
        if question.when is None:
            continue
        try:
            named = book.compile(question.when).codes()
        except BadRule as fault:
            problems.add(f"{entry}, 'when'", f"cannot be read: {fault}")
            continue
        for code in sorted(named):
            if not facts.knows(code, measures):
                problems.add(f"{entry}, 'when'", f"names the fact {code!r}, which facts.toml does not define. Correct the code.")


QUESTIONS: Final = PackSection("questions", parse_questions, validate_questions)

# ---------------------------------------------------------------- called up


@dataclass(frozen=True)
class Called:
    """A question that the school's data call up: the figure that called it, what that is, and the whole reason in words."""

    question: Question
    figure: str
    label: str
    why: str


@dataclass(frozen=True)
class Bank:
    """The questions of one school: those called up, in the pack's order and number, and all the others."""

    called: tuple[Called, ...]
    others: tuple[Called, ...]


def banks_of(schools: Sequence[School], pack: AuthorityPack, on: dt.date) -> dict[int, Bank]:
    """The bank of each school, with what its own data call up; one gathering of facts for all of them."""
    content = pack.content
    part, measures, words = whole_bank(pack), measures_of(content), FactWords(content)
    book = RuleBook(setting=lambda name: content.setting(name, pack.authority.settings))
    rules: dict[str, Rule] = {q.code: book.compile(q.when) for q in part.questions if q.when is not None}
    codes = {code for rule in rules.values() for code in rule.codes()}
    here = School.objects.filter(pk__in=[s.pk for s in schools])
    asked = FactQuestion(here, on, pack.authority, pack.whole("small_cohort"), policy=pack)
    table = gather(codes, asked)
    fires = {code: {pk for pk, _ in truths(rule, table, Truth.TRUE)} for code, rule in rules.items()}
    found = {}
    for school in schools:
        facts = table.of(school.pk)
        own = [q for q in part.questions if measures.in_groups(school.phase, q.phase_groups)]
        own.sort(key=lambda q: part.place(q.theme))
        called: list[Called] = []
        others: list[Called] = []
        per_theme: dict[str, int] = {}
        for question in own:
            if school.pk not in fires.get(question.code, ()):
                others.append(Called(question, "", "", ""))
                continue
            one = _called(question, rules[question.code].explain(facts), words)
            if len(called) < part.most and per_theme.get(question.theme, 0) < part.per_theme:
                per_theme[question.theme] = per_theme.get(question.theme, 0) + 1
                called.append(one)
            else:
                others.append(one)
        found[school.pk] = Bank(tuple(called), tuple(others))
    return found


def _called(question: Question, finding: Finding, words: FactWords) -> Called:
    first = finding.because[0]
    value = first.left.value
    if isinstance(value, frozenset | set | tuple | list):
        value = first.leaf.value  # the one of them that the rule asks for
    figure = words.figure(first.leaf.fact, value)
    return Called(
        question,
        figure=figure[:1].upper() + figure[1:],
        label=words.label(first.leaf.fact),
        why="; ".join(dict.fromkeys(words.compared(compared) for compared in finding.because)),
    )
