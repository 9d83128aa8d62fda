"""Wealdshire, made through the services that its users use, as it stands on Tuesday 14 October 2008.

Everything is one transaction: the authority is there whole, or not at all. Two runs write the same rows (public ids come
from a seeded source, and the machine's clock is held), but for the salts of passwords. PDFs of record are made by warm
processes while the next notes are written.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import io
import json
import random
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from core import clock, outbox
from core.access import Refused
from core.documents import is_available
from core.documents.pool import the_pool
from core.due import due_to
from core.ids import public_ids_from
from core.tabular import services as imports
from people import services as people
from people.models import Authority, Cluster, RoleAssignment, Sip, User
from people.packs import require_pack
from people.roles import HAT_NAMES, Hat, Permission, hats_with
from schools import services as schools
from schools.choices import AssignmentKind, GroupKind
from schools.models import Assignment, School
from support import services as support
from support.pack import CategoryOption, support_of
from visits import documents
from visits import services as visits
from visits.choices import NoteState, RecordKind
from visits.models import AgreedAction, NoteOfVisit, NoteRecord, SchoolComment, Visit
from visits.payload import RenderedRecord
from visits.services.visits import VisitFacts, VisitPlan

from . import (
    between,
    brokering,
    categories,
    commentaries,
    concerns,
    decks,
    directory,
    feedback,
    finances,
    inspections,
    library,
    material,
    meetings,
    mentoring,
    preparing,
    programmes,
    quality,
    records,
    reporting,
    samples,
    targets,
)
from .aims import load_aims
from .figures import Figure, figures_of
from .results import Lines, load_results
from .rounds import open_rounds
from .writing import ROWS, Writer, option_of

CODE = "999"
PASSWORD = "demonstration-2008"  # noqa: S105 - printed for everybody to use
"""Of the printed accounts, and printed with them: they hold nothing of anybody's."""

ZONE = ZoneInfo("Europe/London")
TODAY = dt.date(2008, 10, 14)
SEED = 999
EARLIER_SYSTEM = "the forms of 2007/08"


class NotHere(Refused):
    """The demonstration is not made in a database that holds any other authority."""


def moment(day: dt.date, hour: int = 9, minute: int = 0) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE)


def is_made() -> bool:
    """Whether the authority is here already. Raises :class:`NotHere` where any other is."""
    others = list(Authority.objects.exclude(code=CODE).values_list("name", flat=True))
    if others:
        raise NotHere(f"This database holds {others[0]}. The demonstration is made only where there is no authority but its own.")
    return Authority.objects.filter(code=CODE).exists()


def make(what: type[Seed] | None = None) -> bool:
    """Make the authority, at the size of ``what``; ``False``, and nothing changed, where it is here already."""
    if is_made():
        return False
    usable, why = is_available()
    if not usable:
        raise Refused(why)
    pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="demonstration")
    try:
        warm = [
            pool.submit(the_pool().make, "<!doctype html><html lang=en><title>Ready</title><p>Ready</p>", "note_print.css", "")
            for _ in range(2)
        ]
        with _held(), transaction.atomic():
            (what or Seed)(pool).run()
        for answer in warm:
            answer.result()
    finally:
        pool.shutdown(cancel_futures=True)
    return True


@contextlib.contextmanager
def _held() -> Iterator[None]:
    """Ids from a seeded source, one moment on the machine's clock, and mail that goes nowhere."""
    backend = settings.EMAIL_BACKEND
    source = random.Random(SEED)  # noqa: S311 - ids, not secrets
    with public_ids_from(source), clock.machine_held_at(moment(TODAY, 7)):
        settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
        try:
            yield
        finally:
            settings.EMAIL_BACKEND = backend


# ---------------------------------------------------------------- the authority


@dataclass
class Place:
    """One school with what the demonstration knows of it."""

    school: School
    family: str
    figures: dict[str, Figure]
    sip: User
    turn: int = 0


@dataclass
class Seed:
    """One run. The parts are made in the order of :meth:`run`; each is a past moment."""

    pool: ThreadPoolExecutor
    users: dict[str, User] = field(default_factory=dict)
    sips: dict[str, Sip] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)
    assignments: dict[int, Assignment] = field(default_factory=dict)

    def run(self) -> None:
        self.make_authority()
        self.make_people()
        self.make_schools()
        self.assign()
        load_results(self.users["administrator"], [(place.school, place.figures) for place in self.everywhere], self.settle)
        load_aims(self.users["administrator"], [(place.school, place.figures) for place in self.everywhere])
        self.declare()
        self.classify()
        directory.make(self, moment)
        inspections.make(self)
        finances.make(self)
        self.take_over_notes()
        quality.moderate(self, moment)
        open_rounds(self, moment)
        targets.issue(self, moment)
        categories.hold_a_panel(self, moment)
        self.hold_the_round()
        quality.shadow(self, moment)
        between.tell(self, moment)
        targets.go_round(self, moment)
        commentaries.write(self, moment)
        categories.await_a_panel(self, moment)
        categories.ask_the_sips(self, moment)
        brokering.broker(self, moment)
        programmes.make(self, moment)
        self.report_contacts()
        preparing.prepare(self)
        preparing.beside(self)
        feedback.collect(self, moment)
        feedback.ask_again(self, moment)
        concerns.begin_to_watch(self, moment)
        concerns.watch(self, moment)
        mentoring.tell(self, moment)
        reporting.write(self, moment)
        library.stock(self.authority, self.users, moment)
        samples.publish(self, moment)
        meetings.hold(self.authority, self.users, moment)
        records.keep(self, moment)
        decks.build(self, moment)  # after the briefings
        self.open_accounts()
        outbox.send_due(moment(TODAY, 8), limit=500)  # what was asked above and not sent on the way

    @property
    def everywhere(self) -> list[Place]:
        """Every school; the larger authority has more than those of the story."""
        return list(self.places.values())

    @property
    def asked(self) -> set[int]:
        """Schools, by URN, that are asked for feedback about their SIP."""
        return set(self.places)

    def more(self, file: str) -> list[list[Any]]:
        """Rows that the larger authority has beyond a file's own, in its columns."""
        return []

    def settle(self, lines: Lines) -> None:
        """Bring the schools' results to the figures that the authority is known to have: the larger one's."""

    def inspect(self, rows: list[list[Any]], issues: list[list[Any]]) -> None:
        """Add inspections and key issues of the larger authority's schools."""

    def more_notes(self) -> Iterable[visits.ImportedNote]:
        """Notes of the years before at the larger authority's schools."""
        return ()

    def more_challenged(self) -> dict[School, User]:
        """National Challenge schools of the larger authority, with the adviser of each."""
        return {}

    def keep_books(self, books: finances.Books) -> None:
        """Add rolls, plans and returns of the larger authority's schools."""

    @cached_property
    def authority(self) -> Authority:
        return Authority.objects.get(code=CODE)

    @cached_property
    def clusters(self) -> dict[str, Cluster]:
        return {cluster.code: cluster for cluster in self.authority.clusters.all()}

    @cached_property
    def levels(self) -> list[CategoryOption]:
        return list(support_of(require_pack(self.authority, TODAY).content).categories_on(TODAY))

    @cached_property
    def officers(self) -> list[tuple[User, set[int]]]:
        """Officers with the clusters that each has, named ones first."""
        rows = RoleAssignment.objects.filter(authority=self.authority, role=Hat.OFFICER, clusters__isnull=False).distinct()
        by_id = {user.pk: user for user in self.users.values()}
        return [
            (by_id[row.user_id], {cluster.pk for cluster in row.clusters.all()})
            for row in rows.order_by("-is_named_officer", "user__name").prefetch_related("clusters")
        ]

    def forget_hats(self) -> None:
        for user in self.users.values():
            user.forget_hats()

    def make_authority(self) -> None:
        values = dict(material.toml("authority")["authority"])
        at = moment(dt.date(2007, 8, 20))
        lot_seed = values.pop("lot_seed")
        authority = people.create_authority(actor=None, code=values.pop("code"), name=values.pop("name"), at=at, **values)
        Authority.objects.filter(pk=authority.pk).update(lot_seed=lot_seed)
        people.load_pack(actor=None, authority=authority, folder=settings.BASE_DIR / "packs" / "england-2008", at=at)

    def make_people(self) -> None:
        """The first administrator by the command; everybody else by that administrator and, for SIPs, by the manager."""
        at = moment(dt.date(2007, 8, 21))
        entries = material.toml("people")["person"]
        for entry in entries:
            actor = self.users.get("administrator")
            email = material.email_of(entry["name"], at_school=entry.get("at_school", False))
            user = people.create_account(actor=actor, authority=self.authority, name=entry["name"], email=email, at=at)
            self.users[entry["key"]] = user
            if actor is None:
                self._grant(None, user, entry["roles"], at)
        administrator = self.users["administrator"]
        for cluster in material.toml("authority")["cluster"]:
            people.create_cluster(actor=administrator, authority=self.authority, at=at, **cluster)
        for entry in entries[1:]:
            self._grant(administrator, self.users[entry["key"]], entry.get("roles", []), at)
        self.forget_hats()
        for entry in entries:
            if facts := entry.get("sip"):
                self.sips[entry["key"]] = people.create_sip(
                    actor=self.users["manager"], user=self.users[entry["key"]], authority=self.authority, facts=self._facts(facts), at=at
                )
        self.forget_hats()

    def _grant(self, actor: User | None, user: User, roles: Sequence[dict[str, Any]], at: dt.datetime) -> None:
        for role in roles:
            people.grant_role(
                actor=actor,
                user=user,
                role=role["role"],
                authority=self.authority,
                clusters=[self.clusters[code] for code in role["clusters"]] if "clusters" in role else None,
                post=role["post"],
                is_named_officer=role.get("is_named", False),
                starts_on=role.get("from", dt.date(2006, 9, 1)),
                at=at,
            )

    def _facts(self, facts: dict[str, Any]) -> people.SipFacts:
        return people.SipFacts(
            kind=facts["kind"],
            phases=facts["phases"],
            starts_on=facts["from"],
            accreditation=f"NCSL-{facts['accredited']:%y%m%d}",
            accredited_on=facts["accredited"],
            line_manager=self.users.get(facts.get("line_manager", "")),
            assigned_person=self.users.get(facts.get("assigned_person", "")),
            days_available=facts["days"] * 4,
        )

    def make_schools(self) -> None:
        """The register and the contacts from files, as an administrator imports them; then clusters and the federation."""
        administrator = self.users["administrator"]
        at = moment(dt.date(2007, 8, 28))
        self._import("gias", "register.csv", at)
        self._import("contacts", "contacts.csv", at)
        held = {school.urn: school for school in School.objects.filter(authority=self.authority).select_related("authority")}
        in_cluster: dict[str, list[School]] = defaultdict(list)
        for row in material.rows("schools"):
            in_cluster[row["cluster"]].append(held[int(row["urn"])])
        for code, members in in_cluster.items():
            schools.place_in_cluster(actor=administrator, schools=members, cluster=self.clusters[code], at=at)
        served = {urn: entry["key"] for entry in material.toml("people")["person"] for urn in entry.get("schools", ())}
        turns: dict[str, int] = defaultdict(int)
        for row in material.rows("schools"):
            urn, family = int(row["urn"]), row["situation"]
            school, key = held[urn], served[int(row["urn"])]
            figures = figures_of(urn, school.phase, school.roll or 0, material.toml("situations")[family])
            self.places[urn] = Place(school, family, figures, self.users[key], turns[key])
            turns[key] += 1
        group = material.toml("round")["group"]
        schools.create_group(
            actor=administrator,
            authority=self.authority,
            name=group["name"],
            kind=GroupKind.FEDERATION,
            schools=[held[urn] for urn in group["schools"]],
            starts_on=group["from"],
            at=at,
        )
        self.forget_hats()

    def _import(self, kind: str, file: str, at: dt.datetime) -> None:
        with tempfile.TemporaryFile("w+b") as opened:
            text = io.StringIO(newline="")
            csv.writer(text).writerows(self.more(file))
            opened.write((material.DATA / file).read_bytes() + text.getvalue().encode())
            opened.flush()
            batch = imports.run(
                actor=self.users["administrator"],
                kind=kind,
                authority_code=CODE,
                file=opened,
                file_name=file,
                at=at,
                on=at.date(),
                should_commit=True,
            )
        if batch.summary["error_count"] or batch.summary["held"]:
            raise ValueError(f"{file}: {batch.summary['errors']} {batch.held}")

    def assign(self) -> None:
        """2007/08, the changes of September 2008, cover, and the National Challenge adviser; days for both years."""
        before, begins = moment(dt.date(2007, 8, 30)), dt.date(2007, 9, 1)
        story = material.toml("round")
        for key in self.sips:
            mine = [place.school for place in self.places.values() if place.sip == self.users[key]]
            if key == "amponsah":  # new in September 2008: two schools come from another SIP, the unit had none
                handed = [school for school in mine if school.phase == "secondary"]
                rows = schools.assign(
                    actor=self.users["manager"], schools=handed, adviser=self.users["tumusiime"], starts_on=begins, quarters=20, at=before
                )
                year, moved = dt.date(2008, 9, 1), moment(dt.date(2008, 7, 14))
                rows = schools.hand_over(
                    actor=self.users["manager_secondary"],
                    assignments=rows,
                    adviser=self.users[key],
                    on=year,
                    reason="Caseloads of 2008/09",
                    at=moved,
                )
                fresh = [school for school in mine if school.phase != "secondary"]
                rows += schools.assign(
                    actor=self.users["manager_secondary"], schools=fresh, adviser=self.users[key], starts_on=year, at=moved
                )
            else:
                rows = schools.assign(
                    actor=self.users["manager"], schools=mine, adviser=self.users[key], starts_on=begins, quarters=20, at=before
                )
            self.assignments |= {row.school.urn: row for row in rows}
        for place in self.places.values():
            level = option_of(self.levels, str(place.figures["category"]))
            schools.allocate_days(
                actor=self.users["manager"],
                school=place.school,
                adviser=place.sip,
                academic_year=2008,
                quarters=level.days,
                at=moment(dt.date(2008, 7, 15)),
            )
        cover = story["cover"]
        schools.cover(
            actor=self.users["manager"],
            assignment=self.assignments[cover["school"]],
            adviser=self.users[cover["adviser"]],
            starts_on=cover["from"],
            ends_on=cover["until"],
            reason="Brenda Hickmott is in hospital; this visit can't wait",
            at=moment(dt.date(2008, 10, 3)),
        )
        for code, starts_on in story["challenge"].items():
            schools.assign(
                actor=self.users["manager_secondary"],
                schools=[self.places[int(code)].school],
                adviser=self.users["challenge"],
                kind=AssignmentKind.NC_ADVISER,
                starts_on=starts_on,
                at=moment(dt.date(2008, 9, 8)),
            )
        self.forget_hats()

    def declare(self) -> None:
        """Declarations of 2008/09 by everyone on the authority's side, but for those who have not made theirs."""
        story = material.toml("round")["declarations"]
        given: dict[str, list[schools.InterestInput]] = defaultdict(list)
        for entry in story["interest"]:
            given[entry["person"]].append(
                schools.InterestInput(
                    kind=entry["kind"], school=self.places[entry["school"]].school, note=entry["note"], worked_until=entry.get("until")
                )
            )
        for place, key in enumerate(dict.fromkeys([*self.sips, *self._with_role()])):
            if key not in story["without"]:
                schools.declare_interests(
                    actor=self.users[key],
                    authority=self.authority,
                    academic_year=2008,
                    interests=given[key],
                    at=moment(story["on"], 9 + place // 4, place % 4 * 15),
                )
        self.forget_hats()

    def _with_role(self) -> list[str]:
        declaring = hats_with(Permission.INTEREST_DECLARE)
        return [
            entry["key"]
            for entry in material.toml("people")["person"]
            if any(Hat(role["role"]) in declaring for role in entry.get("roles", ()))
        ]

    def classify(self) -> None:
        """Each school's category of 2008/09, and the schools causing concern."""
        for place in self.places.values():
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
                at=moment(dt.date(2008, 7, 8), 16),
            )
        concerns.open_cases(self, moment)

    # ------------------------------------------------------------ 2007/08

    def take_over_notes(self) -> None:
        """The year before, as a real authority would have it: final notes of autumn and summer, without PDFs of record."""
        notes = [note for place in self.places.values() if place.school.phase != "pru" for note in self.earlier_notes(place)]
        notes += self.more_notes()
        visits.import_notes(
            actor=self.users["administrator"],
            authority=self.authority,
            notes=notes,
            source=EARLIER_SYSTEM,
            at=moment(dt.date(2008, 9, 1), 11),
        )

    def earlier_notes(self, place: Place) -> Iterator[visits.ImportedNote]:
        """Autumn 2007 with four actions (two met since, one not, one open) and summer 2008 with two that are due this autumn."""
        urn, school = place.school.urn, place.school
        author = self.author_before(place)
        days = urn % 40
        autumn, summer = dt.date(2007, 10, 15) + dt.timedelta(days=days), dt.date(2008, 6, 2) + dt.timedelta(days=days)
        autumn, summer = (day - dt.timedelta(days=max(0, day.weekday() - 4)) for day in (autumn, summer))
        drawn = material.actions_for(place.family)
        states = ("met", "open", "met", "not_met")
        yield visits.ImportedNote(
            school=school,
            author=author,
            visit_type="autumn",
            on=autumn,
            finalised_at=moment(autumn + dt.timedelta(days=24), 14),
            sections={code: self.undated(place, code) for code in ("leadership", "cohesion", "tracking") if self.undated(place, code)},
            actions=[
                self._action(entry, autumn + dt.timedelta(days=(100, 150, 180, 210)[number]), states[number], summer)
                for number, entry in enumerate(drawn[:4])
            ],
            judgements=quality.judged_before(place),
        )
        later = [
            self._action(entry, (dt.date(2008, 9, 30), dt.date(2008, 10, 24))[number], "open", summer)
            for number, entry in enumerate(drawn[4:6])
        ]
        later += [
            visits.ImportedAction(entry["text"], entry["owner"], entry["due"], entry["success"], entry["owner_detail"])
            for entry in material.toml("round")["action"]
            if entry["school"] == urn
        ]
        sections = {
            code: self._summer(place, name)
            for code, name in (("year_impact", "impact_of_plan"), ("interventions", "value_of_support"), ("priorities", "priorities"))
        }
        yield visits.ImportedNote(
            school=school,
            author=author,
            visit_type="summer",
            on=summer,
            finalised_at=moment(min(summer + dt.timedelta(days=21), dt.date(2008, 7, 22)), 15),
            sections={code: text for code, text in sections.items() if text},
            actions=later,
        )

    def author_before(self, place: Place) -> User:
        """Who wrote the school's notes of 2007/08."""
        return self.users["tumusiime"] if place.sip == self.users["amponsah"] else place.sip

    @staticmethod
    def undated(place: Place, code: str) -> str:
        """Of last autumn's texts only those that say no date and no result."""
        found = material.passages(place.family, code, place.school.phase, place.figures)
        plain = [passage.text for passage in found if "200" not in passage.text and "2010" not in passage.text]
        return plain[place.turn % len(plain)] if plain else ""

    @staticmethod
    def _summer(place: Place, name: str) -> str:
        own = material.toml("own")["sections"]["year_impact" if name == "impact_of_plan" else "priorities"][0]
        found = material.passages(place.family, f"summer_{name}", place.school.phase, place.figures)
        text = found[0].text if found else ""
        return f"{text}\n\n{own}" if name != "value_of_support" else text

    @staticmethod
    def _action(entry: dict[str, Any], due_on: dt.date, state: str, closed_on: dt.date) -> visits.ImportedAction:
        return visits.ImportedAction(
            text=entry["text"],
            owner=entry["owner"],
            owner_detail=entry["owner_detail"],
            due_on=due_on,
            success_measure=entry["success"],
            state=state,
            closed_on=None if state == "open" else closed_on,
        )

    # ------------------------------------------------------------ the round

    def hold_the_round(self) -> None:
        """Every visit of the story. What needs PDFs comes first, and the rest is written while they are made.

        The order is fixed and never that in which the PDFs are ready: two runs write the same rows in the same order.
        """
        story = material.toml("round")
        cancelled: dict[int, Visit] = {}
        tellings = [Telling(self, entry, cancelled) for entry in (*story["visit"], *story["earlier"])]
        twice = _go_on(telling.tell() for telling in tellings if "finalise" in telling.deeds)
        once = _go_on(telling.tell() for telling in tellings if "release" in telling.deeds and "finalise" not in telling.deeds)
        twice = _go_on(twice)
        _go_on(telling.tell() for telling in tellings if "release" not in telling.deeds)
        while twice or once:
            once, twice = _go_on(once), _go_on(twice)

    def report_contacts(self) -> None:
        """Changes that were reported and wait for the administrator."""
        for entry in material.toml("round")["reported"]:
            schools.report_contact(
                actor=self.users[entry["by"]],
                school=self.places[entry["school"]].school,
                kind=entry["kind"],
                name=entry["name"],
                email=entry["email"],
                starts_on=entry["from"],
                at=moment(entry["on"], 12),
            )

    def open_accounts(self) -> None:
        """The printed accounts get the one password, hashed once: a hash costs a seventh of a second."""
        keys = [entry["key"] for entry in material.toml("people")["person"] if "account" in entry]
        User.objects.filter(pk__in=[self.users[key].pk for key in keys]).update(password=make_password(PASSWORD))


def _go_on(tellings: Iterable[Iterator[bool]]) -> list[Iterator[bool]]:
    """Each as far as its next PDF; those that are not at their end."""
    return [telling for telling in tellings if next(telling, None) is not None]


# ---------------------------------------------------------------- one visit and its note


@dataclass
class Telling:
    """One visit of the story. :meth:`tell` goes on until a PDF is needed, and yields while it is made."""

    seed: Seed
    entry: dict[str, Any]
    cancelled: dict[int, Visit]

    @cached_property
    def place(self) -> Place:
        return self.seed.places[self.entry["schools"][0] if "schools" in self.entry else self.entry["school"]]

    @cached_property
    def schools(self) -> list[School]:
        return [self.seed.places[urn].school for urn in self.entry["schools"]]

    @cached_property
    def lead(self) -> User:
        return self.seed.users[self.entry["lead"]] if "lead" in self.entry else self.place.sip

    @property
    def manager(self) -> User:
        return self.seed.users["manager_secondary" if self.place.school.phase in ("secondary", "special", "pru") else "manager"]

    def person(self, name: str) -> User:
        return self.seed.users[name]

    def head(self, school: School) -> User:
        """The headteacher who has an account."""
        if school.urn == 990015:
            return self.seed.users["head"]
        return self.seed.users[f"head_{school.urn}"]

    @property
    def deeds(self) -> set[str]:
        return {step["do"] for step in self.entry.get("steps", ())}

    def tell(self) -> Iterator[bool]:
        entry = self.entry
        if "type" not in entry:  # a note of the year before
            note = NoteOfVisit.objects.get(
                visit__visit_schools__school=self.place.school, visit__visit_type="summer", visit__is_imported=True
            )
            yield from self._steps(note.pk)
            return
        visit = self._book()
        ends = entry.get("ends", "")
        if ends in ("proposed", "booked"):
            return
        on: dt.date = entry["on"]
        if ends == "cancelled":
            visits.cancel_visit(actor=self.person(entry["by"]), visit=visit, reason=entry["reason"], at=moment(entry["ended"], 11))
            self.cancelled[self.place.school.urn] = visit
            return
        if ends == "aborted":
            visits.abort_visit(actor=self.lead, visit=visit, reason=entry["reason"], at=moment(on, 9, 30))
            return
        visit = self._hold(visit)
        if ends == "waived":
            visits.waive_note(actor=self.manager, visit=visit, reason=entry["reason"], at=moment(entry["ended"], 10))
        if ends:
            return
        note = visits.start_note(actor=self.lead, visit=visit, at=moment(on, 17))
        self._write(note, moment(on, 17, 5))
        yield from self._steps(note.pk)

    # -- the visit

    def _book(self) -> Visit:
        entry, at = self.entry, moment(self.entry["booked"], 10)
        plan = VisitPlan(
            visit_type=entry["type"],
            schools=self.schools,
            lead=self.lead,
            second_adviser=self.person(entry["second"]) if "second" in entry else None,
            second_sections=entry.get("second_sections", ()),
            place_of=self.cancelled[self.place.school.urn] if entry.get("replaces") else None,
            dates=[(day, dt.time(9)) for day in entry.get("dates", ())],
        )
        if "dates" in entry:
            return visits.propose_dates(actor=self.lead, plan=plan, at=at)
        visit = visits.book_visit(actor=self.lead, plan=plan, on=entry["on"], starts_at=dt.time(9), ends_at=dt.time(12, 30), at=at)
        if "half_page" in entry:
            day = entry["on"] - dt.timedelta(days=4)
            visits.write_half_page(
                actor=self.head(self.place.school), visit=visit, school=self.place.school, text=entry["half_page"], at=moment(day, 16)
            )
        return quality.before_visit(self.seed, Visit.objects.get(pk=visit.pk), moment)

    def _hold(self, visit: Visit) -> Visit:
        head = "Teacher in charge" if self.place.school.phase == "pru" else "Headteacher"
        facts = VisitFacts(
            on=self.entry["on"],
            starts_at=dt.time(9),
            ends_at=dt.time(12, 30),
            observers=visit.observers,
            met=[head, "Deputy headteacher", "Assessment leader", *(["Chair of governors"] if self.place.turn % 2 else [])],
            preparation_quarters=visit.preparation_quarters,
            in_school_quarters=visit.in_school_quarters,
            writing_quarters=visit.writing_quarters,
            second_quarters=2 if visit.second_adviser_id else 0,
            next_visit="Spring term, to be arranged",
        )
        visits.hold_visit(actor=self.lead, visit=visit, facts=facts, at=moment(self.entry["on"], 16))
        return Visit.objects.get(pk=visit.pk)

    # -- the note

    def _write(self, note: NoteOfVisit, at: dt.datetime) -> None:
        how_much = self.entry["writes"]
        if how_much == "none":
            return
        sections = list(note.sections.select_related("school").prefetch_related(*ROWS).order_by("position", "school_id"))
        if how_much == "some":
            sections = sections[: len(sections) // 3]
        writers = {urn: self._writer(self.seed.places[urn]) for urn in self.entry["schools"]}
        for number, section in enumerate(sections):
            writer = writers[section.school.urn if section.school else self.entry["schools"][0]]
            body, rows = writer.section(section)
            if body or rows:
                visits.save_section(
                    actor=self.lead,
                    note=note,
                    key=section.key,
                    base_revision=section.revision,
                    body=body,
                    rows=rows,
                    at=at + dt.timedelta(minutes=6 * number),
                )

    def _writer(self, place: Place) -> Writer:
        agreed = list(AgreedAction.objects.filter(school=place.school).values_list("text", flat=True))
        proposed = option_of(self.seed.levels, str(place.figures["category"]))
        return Writer(place.school, place.family, dict(place.figures), self.entry["on"], place.turn, proposed, agreed)

    def _steps(self, note_id: int) -> Iterator[bool]:
        for number, step in enumerate(self.entry.get("steps", ())):
            note = NoteOfVisit.objects.select_related("authority", "author", "pack", "visit__authority").get(pk=note_id)
            at = moment(step["on"], 10 + number // 2, 20 * (number % 2))
            if step["do"] in ("release", "finalise"):
                yield from self._dispatch(note, step, at)
            else:
                getattr(self, f"_{step['do']}")(note, step, at)

    def _actor(self, note: NoteOfVisit, step: dict[str, Any]) -> User:
        """The author, as the demonstration holds them: with the hats that were loaded once."""
        if "by" in step:
            return self.person(step["by"])
        return next(user for user in self.seed.users.values() if user.pk == note.author_id)

    def _submit(self, note: NoteOfVisit, step: dict[str, Any], at: dt.datetime) -> None:
        revisions = {section.key: section.revision for section in note.sections.select_related("school")}
        visits.submit_note(actor=self._actor(note, step), note=note, revisions=revisions, asks_review=step.get("asks_review", False), at=at)

    def _review(self, note: NoteOfVisit, step: dict[str, Any], at: dt.datetime) -> None:
        visits.open_review(actor=self.manager, note=note, at=at)
        quality.rate_at_gate(self.manager, note, at)

    def _approve(self, note: NoteOfVisit, step: dict[str, Any], at: dt.datetime) -> None:
        visits.approve_note(actor=self.manager, note=note, at=at)

    def _approve_if_reviewed(self, note: NoteOfVisit, step: dict[str, Any], at: dt.datetime) -> None:
        """The lot sends one note in ten to review."""
        if note.state == NoteState.IN_REVIEW:
            self._approve(note, step, at)

    def _return(self, note: NoteOfVisit, step: dict[str, Any], at: dt.datetime) -> None:
        visits.return_note(actor=self.manager, note=note, reason=step["reason"], section_reasons=step["sections"], at=at)

    def _abandon(self, note: NoteOfVisit, step: dict[str, Any], at: dt.datetime) -> None:
        visits.abandon_note(actor=self._actor(note, step), note=note, reason=step["reason"], at=at)

    def _share(self, note: NoteOfVisit, step: dict[str, Any], at: dt.datetime) -> None:
        visits.share_note(actor=self.lead, note=note, mentor=self.person(step["by"]), at=at)

    def _comment(self, note: NoteOfVisit, step: dict[str, Any], at: dt.datetime) -> None:
        school = self.place.school
        visits.comment_on_note(
            actor=self.head(school), note=note, school=school, section_code=step["section"], kind=step["kind"], text=step["text"], at=at
        )

    def _difference(self, note: NoteOfVisit, step: dict[str, Any], at: dt.datetime) -> None:
        school = self.place.school
        visits.record_school_view(
            actor=self.head(school), note=note, school=school, topic=step["topic"], view=step["view"], evidence=step["evidence"], at=at
        )

    def _answer(self, note: NoteOfVisit, step: dict[str, Any], at: dt.datetime) -> None:
        school = self.place.school
        visits.answer_note(
            actor=self.head(school),
            note=note,
            school=school,
            accuracy=step["accuracy"],
            agreement=step["agreement"],
            words=step["words"],
            at=at,
        )

    def _reply(self, note: NoteOfVisit, step: dict[str, Any], at: dt.datetime) -> None:
        comment = SchoolComment.objects.select_related("note").filter(note=note, answered_at__isnull=True).earliest("at")
        visits.reply_to_comment(actor=self._actor(note, step), comment=comment, text=step["text"], at=at)

    def _opened(self, note: NoteOfVisit, step: dict[str, Any], at: dt.datetime) -> None:
        role = HAT_NAMES[Hat.OFFICER]
        visits.note_record_opened(actor=self.person(step["by"]), record=self._final(note), role=role, at=at)

    def _correction(self, note: NoteOfVisit, step: dict[str, Any], at: dt.datetime) -> None:
        visits.ask_correction(actor=self.person(step["by"]), record=self._final(note), place=step["place"], why=step["why"], at=at)

    def _amend(self, note: NoteOfVisit, step: dict[str, Any], at: dt.datetime) -> None:
        visits.amend_note(actor=self._actor(note, step), note=note, reason=step["reason"], at=at)

    def _section(self, note: NoteOfVisit, step: dict[str, Any], at: dt.datetime) -> None:
        section = note.sections.get(code=step["section"])
        visits.save_section(
            actor=self._actor(note, step), note=note, key=section.key, base_revision=section.revision, body=step["text"], at=at
        )

    def _ask_withdrawal(self, note: NoteOfVisit, step: dict[str, Any], at: dt.datetime) -> None:
        visits.ask_withdrawal(actor=self.person(step["by"]), record=self._final(note), reason=step["reason"], at=at)

    def _confirm_withdrawal(self, note: NoteOfVisit, step: dict[str, Any], at: dt.datetime) -> None:
        visits.confirm_withdrawal(actor=self.person(step["by"]), withdrawal=self._final(note).withdrawals.get(), at=at)

    @staticmethod
    def _final(note: NoteOfVisit) -> NoteRecord:
        finals = note.records.select_related("note", "school__authority").filter(kind=RecordKind.FINAL)
        return next(record for record in finals if record.version == note.final_version)

    # -- the two dispatches

    def _dispatch(self, note: NoteOfVisit, step: dict[str, Any], at: dt.datetime) -> Iterator[bool]:
        """Compose; let the PDFs be made while others write; then send, and let the mail arrive."""
        actor = self._actor(note, step)
        kind = RecordKind.RELEASE if step["do"] == "release" else RecordKind.FINAL
        composed = documents.compose_records(note, kind=kind, at=at, actor=actor)
        waiting = [(record, self._pdf(record)) for record in composed]
        yield True
        rendered = [record.with_pdf(pdf.result()) for record, pdf in waiting]
        if kind == RecordKind.RELEASE:
            visits.release_note(actor=actor, note=note, rendered=rendered, to_chair_reason=step.get("to_chair", ""), at=at)
        else:
            visits.finalise_note(actor=actor, note=note, rendered=rendered, at=at)
        outbox.send_due(at + dt.timedelta(minutes=2))
        if step.get("bounces"):
            email = outbox.OutboxEmail.objects.filter(context_kind="delivery").latest("pk")
            outbox.mark_bounced(email.message_id, at=at + dt.timedelta(minutes=5))

    def _pdf(self, record: RenderedRecord) -> Future[bytes]:
        return self.seed.pool.submit(documents.note_pdf, json.loads(record.text), record.digest)


# ---------------------------------------------------------------- the printed accounts


@dataclass(frozen=True)
class Account:
    """One printed account: whose it is, and where to begin."""

    role: str
    name: str
    email: str
    password: str
    user: User

    def due(self, on: dt.date) -> str:
        """What is due to this person, in a line: how much, and what comes first. Empty where no app knows of anything."""
        items = due_to(self.user, on)
        if not items:
            return ""
        first = items[0]
        when = f" ({first.on.day} {first.on:%B})" if first.on else ""
        return f"{len(items)} due, first: {first.title}{when}"


def accounts() -> list[Account]:
    """One account for each role with a home, in the order of the first five minutes; empty where the authority is not here."""
    printed = [entry for entry in material.toml("people")["person"] if "account" in entry]
    order = ("SIP", "SIP manager", "Headteacher", "Chair of governors", "LA officer", "Administrator")
    printed.sort(key=lambda entry: order.index(entry["account"]) if entry["account"] in order else len(order))
    held = {user.email: user for user in User.objects.filter(home_authority__code=CODE)}
    found = []
    for entry in printed:
        user = held.get(material.email_of(entry["name"], at_school=entry.get("at_school", False)))
        if user is not None and user.is_active and user.has_usable_password():
            found.append(Account(entry["account"], user.name, user.email, PASSWORD, user))
    return found
