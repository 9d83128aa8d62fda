"""The part of a pack that ``quality`` owns: the feedback form, mentoring's first year, the SIP review, the reports' headings."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final, cast

from core.calendar import AcademicYear
from core.packs import PackContent, PackSection, Problems, Table

from .criteria import ObservationPart, check_observation, parse_observation

NEEDED_SETTINGS: Final = {
    "feedback_schools": "whole",
    "feedback_comment_schools": "whole",
    "feedback_release_day": "text",
    "shadow_all_by": "date",
    "shadow_outside_line_percent": "whole",
    "moderation_per_sip_per_term": "whole",
    "double_moderated_percent": "whole",
    "kappa_pairs": "whole",
    "gate_rated": "yes_no",
}


@dataclass(frozen=True)
class Question:
    """One of the feedback form. Without ``is_text`` it is answered on the scale."""

    code: str
    text: str
    is_text: bool


@dataclass(frozen=True)
class FeedbackForm:
    """``scale`` is (value, label), 1 the best. ``promise`` names who reads, the two numbers of schools and the day."""

    scale: tuple[tuple[int, str], ...]
    promise: str
    head: tuple[Question, ...]
    chair: tuple[Question, ...]

    def questions(self, role: str) -> tuple[Question, ...]:
        return self.head if role == "head" else self.chair

    def rated(self, role: str) -> tuple[Question, ...]:
        return tuple(question for question in self.questions(role) if not question.is_text)


@dataclass(frozen=True)
class MentoringStage:
    """One step of a new SIP's first year, with what is done in it."""

    code: str
    when: str
    does: tuple[str, ...]


@dataclass(frozen=True)
class ReviewStep:
    """``month`` and ``day`` by which it is due, in the academic year."""

    code: str
    label: str
    month: int
    day: int


@dataclass(frozen=True)
class Template:
    code: str
    text: str


@dataclass(frozen=True)
class SipReviewForm:
    steps: tuple[ReviewStep, ...]
    outcomes: tuple[str, ...]
    templates: tuple[Template, ...]

    def day_of(self, code: str, year: AcademicYear) -> dt.date:
        """The day of a step in an academic year; a pack without the step has the year's last day."""
        step = next((step for step in self.steps if step.code == code), None)
        if step is None:
            return year.ends_on
        return dt.date(year.first if step.month >= 9 else year.first + 1, step.month, step.day)


@dataclass(frozen=True)
class Heading:
    """``is_written``: what stands under it are words of the manager."""

    code: str
    text: str
    is_written: bool


@dataclass(frozen=True)
class Report:
    title: str
    headings: tuple[Heading, ...]


@dataclass(frozen=True)
class QualityPart:
    feedback: FeedbackForm
    mentoring: tuple[MentoringStage, ...]
    sip_review: SipReviewForm
    programme_report: Report
    evidence_pack: Report
    observation: ObservationPart
    people: tuple[tuple[str, str], ...]
    """Who mentors and who assures the quality of whom (P28): code and sentence."""


def quality_of(content: PackContent) -> QualityPart:
    return cast(QualityPart, content.section("quality"))


def observation_of(content: PackContent) -> ObservationPart:
    """Shadowing's codes and the moderators' form."""
    return quality_of(content).observation


OTHERS = ("scale", "settings", "shadowing", "strength", "development", "moderation", "gate", "gate_reason", "criterion")


def parse_quality(table: Table) -> QualityPart:
    table.ignore(*OTHERS)
    return QualityPart(
        feedback=_feedback(table),
        mentoring=tuple(
            MentoringStage(step.text("code"), step.text("when"), step.texts("does")) for step in table.tables("mentoring_step", least=1)
        ),
        sip_review=_sip_review(table),
        programme_report=_report(table.table("programme_report")),
        evidence_pack=_report(table.table("evidence_pack")),
        observation=parse_observation(table),
        people=tuple((rule.text("code"), rule.text("text")) for rule in table.table("people").tables("rules", least=1)),
    )


def _feedback(table: Table) -> FeedbackForm:
    form = table.table("feedback")
    form.ignore(
        "direction", "not_applicable_allowed", "once", "asked_in", "confidential_to", "releases_a_year", "released_on",
        "released_to_sip", "sip_sees_asked", "sip_sees_answered",
    )  # fmt: skip
    return FeedbackForm(
        scale=tuple((row.whole("value", least=1), row.text("label")) for row in form.tables("scale", name=None, least=2)),
        promise=form.text("promise"),
        head=_questions(table, "question_head"),
        chair=_questions(table, "question_chair"),
    )


def _questions(table: Table, key: str) -> tuple[Question, ...]:
    return tuple(
        Question(row.text("code"), row.text("text"), row.choice("kind", ("scale", "text"), "scale") == "text")
        for row in table.tables(key, least=1)
    )


def _sip_review(table: Table) -> SipReviewForm:
    review = table.table("sip_review")
    review.ignore("visible_to", "evidence")
    steps = []
    for row in table.tables("sip_review_step", least=1):
        by: Any = row.table("by")
        steps.append(
            ReviewStep(row.text("code"), row.text("label"), by.whole("month", least=1, most=12), by.whole("day", least=1, most=31))
        )
    templates = tuple(Template(row.text("code"), row.text("text")) for row in table.tables("objective_template"))
    return SipReviewForm(tuple(steps), review.texts("outcomes"), templates)


def _report(table: Table) -> Report:
    table.ignore("aggregate_only")
    rows = []
    for row in table.tables("headings", least=1):
        row.ignore("figures")
        rows.append(Heading(row.text("code"), row.text("text"), row.flag("written", False)))
    return Report(table.text("title"), tuple(rows))


def validate_quality(part: QualityPart, content: PackContent, problems: Problems) -> None:
    check_observation(part.observation, problems)


QUALITY: Final = PackSection("quality", parse_quality, validate_quality)
