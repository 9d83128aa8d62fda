"""Reads of support: schemes by their codes, and facts with their coverage."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from core.facts import FactQuestion, FactTable, Standing, gather
from core.numbers import hidden_below
from core.spans import on_day
from people.models import Authority, RoleAssignment, Sip, User
from people.packs import AuthorityPack
from people.roles import Hat
from people.roles import Permission as P
from schools.choices import CHAIRS, HEADS, ContactState
from schools.models import Contact, School
from targets.pack import facts_of, measures_of
from targets.wording import FactWords

from .choices import DraftState
from .drafts import read_scheme
from .models import DraftScheme, SchoolCategory
from .pack import Scheme, support_of
from .scope import assessed_by


def scheme_by_code(pack: AuthorityPack, code: str) -> Scheme | None:
    """A scheme of the pack by its code, or one written in the portal by its public id."""
    found = next((scheme for scheme in support_of(pack.content).schemes if scheme.code == code), None)
    if found is None:
        draft = DraftScheme.objects.filter(authority=pack.authority, public_id=code).first()
        found = read_scheme(draft.definition, pack) if draft is not None else None
    return found


def scheme_in_force(pack: AuthorityPack, on: dt.date) -> Scheme:
    """The criteria of that day: those published in the portal that began last, unless the pack's began later still."""
    own = (
        DraftScheme.objects.filter(authority=pack.authority, state=DraftState.PUBLISHED, starts_on__lte=on)
        .order_by("-starts_on", "-published_at")
        .first()
    )
    of_pack = support_of(pack.content).scheme_on(on)
    if own is None or own.starts_on is None or own.starts_on < of_pack.starts_on:
        return of_pack
    return read_scheme(own.definition, pack)


def contacts_told(school: School, on: dt.date) -> list[Contact]:
    """Who hears of the school's level: its head and chair of that day, as far as they are confirmed."""
    rows = Contact.objects.filter(on_day(on), school=school, state=ContactState.CONFIRMED, kind__in=(*HEADS, *CHAIRS))
    return list(rows.select_related("user").order_by("kind", "starts_on"))


def present_levels(school_ids: Iterable[int], on: dt.date) -> dict[int, SchoolCategory]:
    """School id → the level that stands on that day. One query."""
    return {row.school_id: row for row in SchoolCategory.objects.filter(on_day(on), school__in=school_ids)}


def scheme_labels(pack: AuthorityPack, codes: Iterable[str]) -> dict[str, str]:
    """What the schemes of these codes are called: the pack's, and those written in the portal. A query only for the latter."""
    found = {scheme.code: scheme.label for scheme in support_of(pack.content).schemes}
    if rest := set(codes) - found.keys():
        found |= dict(DraftScheme.objects.filter(authority=pack.authority, public_id__in=rest).values_list("public_id", "label"))
    return found


def advisers_of(authority: Authority, on: dt.date) -> QuerySet[User]:
    """Whoever works for the authority as an adviser on that day: its National Challenge advisers and its SIPs (S6)."""
    named = RoleAssignment.objects.filter(on_day(on), authority=authority, role=Hat.NC_ADVISER.value).values("user_id")
    sips = Sip.objects.filter(on_day(on), authority=authority).values("user_id")
    return User.objects.filter(Q(pk__in=named) | Q(pk__in=sips), is_active=True).order_by("name")


# ---------------------------------------------------------------- facts

TYPES = {
    "number": "number",
    "percent": "percentage",
    "pounds": "pounds",
    "date": "date",
    "boolean": "yes or no",
    "code": "word",
    "set": "list of words",
}


@dataclass(frozen=True)
class FactLine:
    """One fact of the dictionary, and for how many of the asker's schools it stands how."""

    code: str
    definition: str
    type: str
    owner: str
    standing: Counter[Standing]

    @property
    def figures(self) -> int:
        return self.standing[Standing.FIGURE]

    @property
    def of(self) -> int:
        """Schools to which it applies."""
        return sum(self.standing.values()) - self.standing[Standing.DOES_NOT_APPLY]

    @property
    def unknown(self) -> int:
        return self.standing[Standing.UNKNOWN]

    @property
    def suppressed(self) -> int:
        return self.standing[Standing.SUPPRESSED]

    @property
    def not_applicable(self) -> int:
        return self.standing[Standing.DOES_NOT_APPLY]


def fact_schools(user: Any, pack: AuthorityPack) -> QuerySet[School]:
    """The open schools of one authority whose facts the person reads."""
    return assessed_by(user, P.FACT_LIST).open_on(user.hats.on).filter(authority=pack.authority)


def _standings(table: FactTable, code: str) -> Counter[Standing]:
    counted = Counter(table.column(code).standing.tolist())
    return Counter({standing: counted[number] for number, standing in enumerate(Standing) if counted[number]})


def fact_lines(schools: QuerySet[School], pack: AuthorityPack, on: dt.date) -> list[tuple[str, list[FactLine]]]:
    """Every fact of the dictionary, by family: the facts of a school first, then the measures without their suffixes."""
    part, words = facts_of(pack.content), FactWords(pack.content)
    measures = measures_of(pack.content).measures
    table = gather((*part.school, *(measure.code for measure in measures)), FactQuestion(schools.order_by(), on=on, scope=pack.authority))
    found: dict[str, list[FactLine]] = {}
    for entry in part.school.values():
        line = FactLine(entry.code, entry.definition, TYPES[entry.type], entry.owner, _standings(table, entry.code))
        found.setdefault(entry.code.partition(".")[0].capitalize(), []).append(line)
    for measure in measures:
        kind = "percentage" if measure.unit == "%" else measure.unit
        line = FactLine(measure.code, words.label(measure.code), kind, "targets", _standings(table, measure.code))
        found.setdefault(f"Measures: {measure.code.partition('.')[0]}", []).append(line)
    return list(found.items())


FACT_COLUMNS = ("School", "URN", "Phase", "Fact", "Value", "Standing", "Why", "Mark", "Source", "Date")


def fact_rows(schools: QuerySet[School], code: str, pack: AuthorityPack, on: dt.date) -> list[tuple[Any, ...]]:
    """One fact of every school, the four values told apart. A value is a number, a date or words, as the fact has it."""
    table = gather([code], FactQuestion(schools.order_by(), on=on, scope=pack.authority))
    rows = []
    for school in schools.order_by("name", "urn"):
        value = table.value(code, school.pk)
        shown: Any = None
        if value.is_figure:
            shown = ", ".join(sorted(value.value)) or "none" if isinstance(value.value, frozenset | set) else value.value
        rows.append(
            (
                school.name,
                school.urn,
                school.get_phase_display(),
                code,
                shown,
                str(value.standing),
                value.why,
                value.mark,
                value.source,
                value.on,
            )
        )
    return rows


@dataclass(frozen=True)
class LevelCounts:
    """Open schools by level: ``(label, rank, schools)``, None where the number is too small to show. ``least`` nought: all shown."""

    lines: Sequence[tuple[str, int, int | None]]
    total: int
    least: int


def level_counts(user: User, authority: Authority, pack: AuthorityPack, on: dt.date) -> LevelCounts:
    """How many schools stand at each level, in two queries: to whoever sees the schools those of their scope, to others all, none
    under the authority's smallest number nor one from which it could be worked out (domain.md §6)."""
    sees_schools = authority.pk in user.hats.authorities_granting(P.CATEGORY_VIEW)
    schools = (assessed_by(user).filter(authority=authority) if sees_schools else School.objects.filter(authority=authority)).open_on(on)
    counted = Counter(SchoolCategory.objects.filter(on_day(on), school__in=schools).values_list("category", flat=True))
    total = schools.count()
    counted["none"] = total - sum(counted.values())
    levels = [(level.code, level.label, level.rank) for level in sorted(scheme_in_force(pack, on).levels, key=lambda level: level.rank)]
    least = 0 if sees_schools else pack.whole("members_smallest_count")
    shown = hidden_below({code: counted[code] for code, _, _ in [*levels, ("none", "", 0)]}, least)
    return LevelCounts([(label, rank, shown[code]) for code, label, rank in [*levels, ("none", "No category", 0)]], total, least)
