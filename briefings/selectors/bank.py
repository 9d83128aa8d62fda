"""Reads of the bank of questions: the pack's and those that SIPs offered, by theme, with how often each worked (P18)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Max, Q

from people.models import Authority, User
from people.packs import AuthorityPack
from targets.pack import measures_of
from visits.questions import Question, questions_of

from ..choices import OfferState
from ..models import QuestionMark, QuestionOffer


@dataclass(frozen=True)
class BankQuestion:
    """One question as it is asked. ``worked``: for how many people; ``is_mine``: whether the person who looks is one of them."""

    code: str
    theme: str
    text: str
    follow_up: str
    phase_groups: tuple[str, ...]
    offered_by: str
    worked: int
    is_mine: bool


@dataclass(frozen=True)
class BankTheme:
    name: str
    questions: tuple[BankQuestion, ...]

    @property
    def title(self) -> str:
        return f"{self.name[:1].upper()}{self.name[1:]}"


def _marks(user: User, authority_id: int) -> Mapping[str, tuple[int, bool]]:
    rows = QuestionMark.objects.visible_to(user).filter(authority_id=authority_id).order_by()
    counted = rows.values("code").annotate(n=Count("pk"), mine=Max("pk", filter=Q(user=user)))
    return {row["code"]: (row["n"], row["mine"] is not None) for row in counted}


def offered_questions(authority: Authority) -> list[Question]:
    """The offers that a manager accepted, as questions of the bank: one query."""
    return [
        Question(
            code=row.public_id,
            theme=row.theme,
            phase_groups=tuple(row.phase_groups) or ("any",),
            text=row.text,
            plain="",
            follow_up=row.follow_up,
            when=None,
            source=row.offered_by.name,
        )
        for row in QuestionOffer.objects.filter(authority=authority, state=OfferState.ACCEPTED).select_related("offered_by").order_by("pk")
    ]


def bank_of(user: User, pack: AuthorityPack, *, theme: str = "", group: str = "", marked: bool = False) -> list[BankTheme]:
    """The bank by theme, in the pack's order; what worked most often first. ``group``: a group of phases. Two queries."""
    part, marks = questions_of(pack.content), _marks(user, pack.authority.pk)
    own = [(question, "") for question in part.questions]
    offered = [(question, question.source) for question in offered_questions(pack.authority)]
    found = [
        BankQuestion(q.code, q.theme, q.unprompted, q.follow_up, q.phase_groups, by, *marks.get(q.code, (0, False)))
        for q, by in [*own, *offered]
    ]
    wanted = [
        q
        for q in found
        if (not theme or q.theme == theme)
        and (not group or group in q.phase_groups or "any" in q.phase_groups)
        and (q.worked or not marked)
    ]
    themes = sorted({q.theme for q in wanted}, key=lambda name: (part.place(name), name))
    return [BankTheme(name, tuple(sorted((q for q in wanted if q.theme == name), key=lambda q: -q.worked))) for name in themes]


def themes_of(pack: AuthorityPack) -> list[tuple[str, str]]:
    """The themes as choices of a form, in the pack's order."""
    part = questions_of(pack.content)
    return [(name, BankTheme(name, ()).title) for name in sorted(part.sections, key=lambda name: (part.place(name), name))]


def groups_of(pack: AuthorityPack) -> list[tuple[str, str]]:
    """The groups of phases as choices of a form."""
    return [(code, f"{code[:1].upper()}{code[1:]}".replace("-", " ")) for code in measures_of(pack.content).phase_groups]
