"""Wealdshire at its full size: 575 schools and 72 SIPs, whose totals are the briefings' (domain.md §9).

The small authority's story happens in it unchanged; the other schools have the same register, contacts, results, inspections and money,
settled so that the sums come out, and go through the year by the same services.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from core import outbox
from people.models import Sip, User
from schools import services as schools
from schools.choices import GroupKind
from schools.models import School
from support import services as support
from visits import services as visits

from . import county_finance, county_inspections, county_people, county_results, county_schools, county_year, material
from .figures import figures_of
from .finances import Books
from .results import Lines
from .seed import Place, Seed, moment
from .writing import option_of

FEDERATION = "The Two Rivers Federation"


@dataclass
class County(Seed):
    """Beside the story's ``places`` the ``others``; beside its SIPs ``more_sips``, by name."""

    others: dict[int, Place] = field(default_factory=dict)
    more_sips: dict[str, Sip] = field(default_factory=dict)
    before: dict[int, User] = field(default_factory=dict)
    """Who served a school in 2007/08, where its SIP came later."""
    challenged: dict[School, User] = field(default_factory=dict)
    shadowed: list[Sip] = field(default_factory=list)

    def run(self) -> None:
        super().run()
        county_year.visit(self)
        county_year.plan_the_rest(self)
        county_year.concerns(self)
        county_year.head_reviews(self)
        county_year.readiness(self)
        outbox.send_due(self.moment(2008, 10, 14, 8), limit=2_000)

    def moment(self, year: int, month: int, day: int, hour: int = 9) -> dt.datetime:
        return moment(dt.date(year, month, day), hour)

    def at(self, day: dt.date, hour: int) -> dt.datetime:
        return moment(day, hour)

    def manager_of(self, sip: Sip) -> User:
        return self.users["manager_secondary" if "secondary" in sip.phases else "manager"]

    def author_before(self, place: Place) -> User:
        return self.before.get(place.school.urn) or super().author_before(place)

    def more_challenged(self) -> dict[School, User]:
        return self.challenged

    def more_notes(self) -> Iterable[visits.ImportedNote]:
        return county_year.earlier(self)

    @property
    def everywhere(self) -> list[Place]:
        return [*self.places.values(), *self.others.values()]

    @property
    def asked(self) -> set[int]:
        """One school of every other SIP, beside the story's."""
        return super().asked | {urn for urn, place in self.others.items() if place.turn == 0}

    def more(self, file: str) -> list[list[Any]]:
        return list({"register.csv": county_schools.register, "contacts.csv": county_schools.contacts}[file]())

    # ------------------------------------------------------------ people and schools

    def make_people(self) -> None:
        super().make_people()
        county_people.make(self, self.moment(2007, 8, 22))

    def make_schools(self) -> None:
        super().make_schools()
        at = self.moment(2007, 8, 28)
        administrator = self.users["administrator"]
        held = {
            school.urn: school
            for school in School.objects.filter(authority=self.authority).select_related("authority").order_by("urn")
            if school.urn not in self.places
        }
        rows = {int(row["urn"]): row for row in county_schools.schools()}
        for code, cluster in self.clusters.items():
            members = [held[urn] for urn, row in rows.items() if row["cluster"] == code]
            if members:
                schools.place_in_cluster(actor=administrator, schools=members, cluster=cluster, at=at)
        served = county_people.share_out(list(held.values()), self.more_sips)
        turns: dict[str, int] = {}
        for urn, school in held.items():
            family, name = rows[urn]["situation"], served[urn]
            figures = figures_of(urn, school.phase, school.roll or 0, material.toml("situations")[family])
            self.others[urn] = Place(school, family, figures, self.users[name], turns.get(name, 0))
            turns[name] = turns.get(name, 0) + 1
        pair = [place.school for place in self.others.values() if place.family == "small_rural"][:2]
        schools.create_group(
            actor=administrator,
            authority=self.authority,
            name=FEDERATION,
            kind=GroupKind.FEDERATION,
            schools=pair,
            starts_on=dt.date(2007, 9, 1),
            at=at,
        )
        self.forget_hats()

    def assign(self) -> None:
        super().assign()
        county_people.assign(self)
        for place in self.others.values():
            level = option_of(self.levels, str(place.figures["category"]))
            schools.allocate_days(
                actor=self.users["manager"],
                school=place.school,
                adviser=place.sip,
                academic_year=2008,
                quarters=level.days,
                at=self.moment(2008, 7, 15),
            )
        county_people.challenge(self)

    def declare(self) -> None:
        super().declare()
        for number, user in enumerate(county_people.declaring(self, dt.date(2008, 9, 15))):
            schools.declare_interests(
                actor=user,
                authority=self.authority,
                academic_year=2008,
                interests=[],
                at=self.moment(2008, 9, 15) + dt.timedelta(minutes=7 * number),
            )
        self.forget_hats()

    def classify(self) -> None:
        super().classify()
        for place in self.others.values():
            level = option_of(self.levels, str(place.figures["category"]))
            support.decide_category(
                actor=self.users["manager"],
                school=place.school,
                scheme="current",
                category=level.code,
                label=level.label,
                level=level.rank,
                starts_on=dt.date(2008, 9, 1),
                decided_by="Panel of 8 July 2008",
                at=self.moment(2008, 7, 8, 16),
            )

    # ------------------------------------------------------------ totals

    def settle(self, lines: Lines) -> None:
        county_results.settle(lines, self.others.keys())

    def inspect(self, rows: list[list[Any]], issues: list[list[Any]]) -> None:
        primaries = [urn for urn, place in self.places.items() if place.school.phase in county_inspections.PRIMARY]
        county_inspections.inspect(list(self.others.values()), primaries, rows, issues)

    def keep_books(self, books: Books) -> None:
        phases = {urn: place.school.phase for urn, place in self.places.items()}
        county_finance.keep(list(self.others.values()), books, phases)
