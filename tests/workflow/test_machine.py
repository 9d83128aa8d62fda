"""A note led through whatever people do to it, beside a model in plain Python written from domain.md §4 and not from the code.

Each step is one service called by one person; the model says beforehand whether it goes through. After each step the
invariants of ``assurance.md`` G5 are asked of the database. ``SIP_MACHINE=2000x50`` runs more and longer.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from core.access import Refused, can
from core.audit import AuditEvent
from core.canonical import digest
from core.outbox import OutboxEmail
from people.roles import Permission as P
from schools.models import Assignment
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World, make_assignment
from tests.factories.stage import note_of, person
from tests.workflow import expected
from visits import services
from visits.choices import RecordKind
from visits.models import (
    CorrectionRequest,
    Delivery,
    DifferenceOfView,
    GateReview,
    NoteOfVisit,
    NoteRecord,
    RecordWithdrawal,
    SchoolComment,
)

pytestmark = pytest.mark.django_db

RUNS, STEPS = (int(part) for part in os.environ.get("SIP_MACHINE", "30x30").split("x"))

BESIDE = ("save", "open", "ask_withdrawal")
"""What is done beside the table."""
REVIEWERS = ("consultant", "sip", "cover_adviser", "manager", "head")
PEOPLE = (
    "sip",
    "cover_adviser",
    "manager",
    "manager_sip",
    "consultant",
    "head",
    "chair",
    "clerk",
    "office",
    "officer",
    "dpo",
    "other_manager",
)
WHY = "A reason."
RELEASE, FINAL = "release", "final"


@dataclass
class Model:
    """What the page says has become of the note."""

    state: str = "draft"
    version: int = 1
    highest: int = 1
    final: int | None = None
    withdrawn: bool = False
    author: str = "sip"
    reviewer: str | None = None
    opened: bool = False
    gone: dict[str, dt.date] = field(default_factory=dict)  # who left → the last day on which they may finish
    reads_until: dict[str, dt.date] = field(default_factory=dict)
    answers: dict[int, str] = field(default_factory=dict)  # version → accuracy
    inaccurate: dict[int, int] = field(default_factory=dict)  # version → inaccuracies marked
    open_comments: list[int] = field(default_factory=list)  # ids of this version's comments without an answer
    views: dict[int, str] = field(default_factory=dict)  # differences that the school wrote
    events: list[str] = field(default_factory=list)
    records: dict[int, str] = field(default_factory=dict)  # id → digest of all of it
    asked_by: str | None = None
    asked_of: int | None = None  # version of which a withdrawal is asked
    corrections: int = 0
    restorable_until: dt.date | None = None

    def kind(self) -> str:
        if self.final is None or self.version <= self.final:
            return "first" if self.final is None else "none"
        return "amendment of a withdrawn" if self.withdrawn else "amendment"

    def serves(self, who: str, on: dt.date) -> bool:
        return who in ("sip", "cover_adviser") and (who not in self.gone or on <= self.gone[who])

    def is_(self, who: str, on: dt.date) -> set[str]:
        """The relations of ``expected`` that hold between a person and the note."""
        found: set[str] = set()
        if who in ("manager", "manager_sip"):
            found.add("manager")
            if self.reviewer in (None, who):
                found.add("reviewer")
            if self.opened:
                found.add("manager after it is opened")
        if who == self.reviewer:
            found.add("reviewer")
        if who == self.author and self.serves(who, on):
            found.add("author")
            if not self.opened:
                found.add("author before it is opened")
        if who in ("head", "chair", "dpo"):
            found.add(who)
        return found

    def may(self, who: str, action: str, on: dt.date) -> bool:
        to_by = expected.NOTES.get((self.state, action))
        return to_by is not None and bool(self.is_(who, on) & to_by[1])


class Machine(RuleBasedStateMachine):
    world: ClassVar[World]
    started: ClassVar[NoteOfVisit]
    loaded: ClassVar[dict[str, Any]] = {}
    hits: ClassVar[Counter[tuple[str, str]]] = Counter()
    illegal: ClassVar[Counter[tuple[str, str]]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.model = Model()
        self.at = NOW
        self.note_id = self.started.pk
        self.before = set(AuditEvent.objects.values_list("pk", flat=True))
        self.loaded.pop("sip", None)
        self.turn = 0
        self.checked: tuple[Any, ...] = ()

    def teardown(self) -> None:
        settings.SIP_TODAY = NOW.date()
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    # -- running one step

    @property
    def note(self) -> NoteOfVisit:
        return NoteOfVisit.objects.get(pk=self.note_id)

    @property
    def on(self) -> dt.date:
        return self.at.date()

    def step(self, who: str, action: str, legal: bool, do: Callable[[Any, NoteOfVisit], object], event: str = "") -> bool:
        """Do it; it goes through exactly where the model says so. Answers whether it did."""
        state = self.model.state
        try:
            with transaction.atomic():
                do(self.people(who), self.note)
        except (PermissionDenied, Refused):
            done = False
        else:
            done = True
        assert done == legal, f"{who}: {action} in {state} {'went through' if done else 'was refused'}; the page says otherwise"
        (self.hits if done else self.illegal)[state, action] += 1
        if done and event:
            self.model.events.append(event)
        return done

    def people(self, name: str) -> Any:
        """The person as a request of this day loads them: for all but the SIP who leaves, every day is like another."""
        if name not in self.loaded:
            self.loaded[name] = person(self.world.people[name])
        return self.loaded[name]

    # -- what is done next

    @rule(
        anything=st.sampled_from([False, False, False, True]),
        pick=st.integers(0, 10_000),
        who=st.integers(0, 10_000),
        option=st.integers(0, 3),
    )
    def somebody_does_something(self, anything: bool, pick: int, who: int, option: int) -> None:
        """Three times in four something that the table lets somebody do now, else anything by anybody."""
        actions = sorted({action for state, action in expected.NOTES if anything or state == self.model.state} | set(BESIDE))
        if not anything:
            actions = [action for action in actions if action in BESIDE or any(self.model.may(name, action, self.on) for name in PEOPLE)]
        action = actions[pick % len(actions)]
        people = [name for name in PEOPLE if not anything and self.model.may(name, action, self.on)] or list(PEOPLE)
        name = people[who % len(people)]
        odd = bool(option % 2)
        deeds: dict[str, Callable[[], None]] = {
            "save": lambda: self.save(name),
            "submit": lambda: self.submit(name, True),
            "submit_ungated": lambda: self.submit(name, False),
            "open": lambda: self.open_review(name),
            "reassign": lambda: self.reassign(name, REVIEWERS[pick % len(REVIEWERS)]),
            "reopen": lambda: self.reopen(name),
            "hand_on": lambda: self.hand_on(name, ("cover_adviser", "sip", "consultant")[option % 3]),
            "abandon": lambda: self.abandon(name, "abandon"),
            "restore": lambda: self.abandon(name, "restore"),
            "abandon_amendment": lambda: self.abandon(name, "abandon_amendment"),
            "abandon_amendment_of_withdrawn": lambda: self.abandon(name, "abandon_amendment"),
            "release": lambda: self.release(name),
            "answer": lambda: self.answer(name, "accurate" if odd else "inaccurate"),
            "comment": lambda: self.comment(name, "comment" if odd else "inaccurate"),
            "differ": lambda: self.differ(name, "Writing" if odd else "Phonics"),
            "reply": lambda: self.reply(name),
            "extend": lambda: self.extend(name),
            "recall": lambda: self.recall(name),
            "finalise": lambda: self.finalise(name),
            "ask_correction": lambda: self.ask_correction(name),
            "decline_correction": lambda: self.decline(name),
            "amend": lambda: self.amend(name, None if odd else "cover_adviser"),
            "ask_withdrawal": lambda: self.ask_withdrawal(name),
            "withdraw": lambda: self.decide_withdrawal(name, odd),
            **{
                decision: (lambda decision=decision: self.decide(name, decision))
                for decision in ("approve", "return", "pass_unreviewed", "take_back")
            },
        }
        deeds[action]()

    # -- time and people

    @precondition(lambda self: self.model.state not in ("draft", "in_review"))
    @rule(days=st.sampled_from([1, 8, 31]))
    def days_pass(self, days: int) -> None:
        self.at += dt.timedelta(days=days)
        settings.SIP_TODAY = self.on
        self.loaded.pop("sip", None)

    @precondition(lambda self: "sip" not in self.model.gone and len(self.model.events) > 4)
    @rule(grace=st.integers(0, 10))
    def the_sip_leaves(self, grace: int) -> None:
        finish_by = self.on + dt.timedelta(days=grace - 1)
        Assignment.objects.filter(adviser=self.world.sip, school=self.world.oak).update(
            ends_on=self.on - dt.timedelta(days=1), finish_by=finish_by, read_until=self.on + dt.timedelta(days=90)
        )
        self.model.gone["sip"], self.model.reads_until["sip"] = finish_by, self.on + dt.timedelta(days=90)
        self.loaded.pop("sip", None)

    @precondition(lambda self: self.model.state == "with_school")
    @rule()
    def mail_is_delivered(self) -> None:
        make.deliver_mail(self.at)

    # -- writing and the gate

    def save(self, who: str) -> None:
        legal = self.model.state in expected.WRITABLE and "author" in self.model.is_(who, self.on)
        revision = self.note.sections.get(code="standards").revision

        def do(actor: Any, note: NoteOfVisit) -> object:
            return services.save_section(
                actor=actor, note=note, key="standards", base_revision=revision, body=f"{make.GOOD_WORDS * 4}{self.at}", at=self.at
            )

        self.step(who, "save", legal, do)

    def submit(self, who: str, reviewed: bool) -> None:
        already = self.note.asks_review
        gated = reviewed or already
        action = "submit" if gated else "submit_ungated"

        def do(actor: Any, note: NoteOfVisit) -> object:
            return services.submit_note(actor=actor, note=note, revisions=make.revisions(note), asks_review=reviewed, at=self.at)

        if self.step(who, action, self.model.may(who, action, self.on), do, "note.submitted"):
            self.model.state = "in_review" if gated else "ready"
            self.model.reviewer, self.model.opened = None, False

    def open_review(self, who: str) -> None:
        legal = self.model.state == "in_review" and "reviewer" in self.model.is_(who, self.on)

        def do(actor: Any, note: NoteOfVisit) -> object:
            return services.open_review(actor=actor, note=note, at=self.at)

        first = not self.model.opened
        if self.step(who, "open", legal, do, "note.opened_for_review" if first else "") and first:
            self.model.reviewer, self.model.opened = self.model.reviewer or who, True

    def decide(self, who: str, decision: str) -> None:
        services_ = {
            "approve": lambda actor, note: services.approve_note(actor=actor, note=note, at=self.at),
            "return": lambda actor, note: services.return_note(actor=actor, note=note, reason=WHY, at=self.at),
            "pass_unreviewed": lambda actor, note: services.pass_note_unreviewed(actor=actor, note=note, reason=WHY, at=self.at),
            "take_back": lambda actor, note: services.take_back_note(actor=actor, note=note, at=self.at),
        }
        event = {"approve": "note.approved", "return": "note.returned", "pass_unreviewed": "note.passed", "take_back": "note.taken_back"}[
            decision
        ]
        if self.step(who, decision, self.model.may(who, decision, self.on), services_[decision], event):
            self.model.state = expected.NOTES["in_review", decision][0]
            self.model.reviewer, self.model.opened = None, False

    def reassign(self, who: str, reviewer: str) -> None:
        if self.model.state not in ("in_review", "draft"):
            return
        fit = reviewer not in (self.model.author, "head")
        legal = self.model.may(who, "reassign", self.on) and fit

        def do(actor: Any, note: NoteOfVisit) -> object:
            return services.reassign_review(actor=actor, note=note, reviewer=self.people(reviewer), at=self.at)

        if self.step(who, "reassign", legal, do, "note.reassigned"):
            self.model.reviewer, self.model.opened = reviewer, False

    def reopen(self, who: str) -> None:
        if self.step(
            who,
            "reopen",
            self.model.may(who, "reopen", self.on),
            lambda a, n: services.reopen_note(actor=a, note=n, at=self.at),
            "note.reopened",
        ):
            self.model.state = "draft"

    def hand_on(self, who: str, to: str) -> None:
        if self.model.state not in ("draft", "returned", "ready", "final"):
            return
        fit = to != self.model.author and to in ("sip", "cover_adviser") and to not in self.model.gone
        legal = self.model.may(who, "hand_on", self.on) and fit

        def do(actor: Any, note: NoteOfVisit) -> object:
            return services.hand_on_note(actor=actor, note=note, author=self.people(to), reason=WHY, at=self.at)

        if self.step(who, "hand_on", legal, do, "note.handed_on"):
            self.model.author = to

    def abandon(self, who: str, wish: str) -> None:
        if self.model.state not in ("draft", "returned", "abandoned", "with_school"):
            return
        if wish == "abandon":
            legal = self.model.may(who, wish, self.on) and self.model.kind() == "first"
            if self.step(who, wish, legal, lambda a, n: services.abandon_note(actor=a, note=n, reason=WHY, at=self.at), "note.abandoned"):
                self.model.state = "abandoned"
                self.model.restorable_until = self.on + dt.timedelta(days=30)
        elif wish == "restore":
            legal = (
                self.model.may(who, wish, self.on) and self.model.restorable_until is not None and self.on <= self.model.restorable_until
            )
            if self.step(who, wish, legal, lambda a, n: services.restore_note(actor=a, note=n, at=self.at), "note.restored"):
                self.model.state = "draft"
        else:
            action = "abandon_amendment_of_withdrawn" if self.model.withdrawn else "abandon_amendment"
            legal = self.model.may(who, action, self.on) and self.model.kind() in expected.ABANDONS and self.model.kind() != "first"
            if self.step(
                who,
                action,
                legal,
                lambda a, n: services.abandon_amendment(actor=a, note=n, reason=WHY, at=self.at),
                "note.amendment_abandoned",
            ):
                self.model.state = "withdrawn" if self.model.withdrawn else "final"

    # -- the school

    def release(self, who: str) -> None:
        def do(actor: Any, note: NoteOfVisit) -> object:
            return services.release_note(
                actor=actor, note=note, rendered=make.rendered(note, RecordKind.RELEASE, actor, self.at), at=self.at
            )

        if self.step(who, "release", self.model.may(who, "release", self.on), do, "note.released"):
            self.model.state = "with_school"
            self.model.open_comments = []

    def comment(self, who: str, kind: str) -> None:
        if self.model.state not in ("with_school", "ready", "final"):
            return

        def do(actor: Any, note: NoteOfVisit) -> object:
            made = services.comment_on_note(
                actor=actor, note=note, school=self.world.oak, section_code="standards", kind=kind, text="Our words.", at=self.at
            )
            if kind == "inaccurate":
                self.model.open_comments.append(made.pk)
            return made

        if self.step(who, "comment", self.model.may(who, "comment", self.on), do, "note.commented") and kind == "inaccurate":
            self.model.inaccurate[self.model.version] = self.model.inaccurate.get(self.model.version, 0) + 1

    def differ(self, who: str, topic: str) -> None:
        if self.model.state not in ("with_school", "ready", "final"):
            return
        view = f"{topic}, as we see it on {self.on}"

        def do(actor: Any, note: NoteOfVisit) -> object:
            made = services.record_school_view(
                actor=actor, note=note, school=self.world.oak, view=view, evidence="", topic=topic, at=self.at
            )
            self.model.views[made.pk] = view
            return made

        self.step(who, "differ", self.model.may(who, "differ", self.on), do, "note.difference")

    def answer(self, who: str, accuracy: str) -> None:
        if self.model.state not in ("with_school", "ready"):
            return
        marked = bool(self.model.inaccurate.get(self.model.version))
        legal = self.model.may(who, "answer", self.on) and marked == (accuracy == "inaccurate")

        def do(actor: Any, note: NoteOfVisit) -> object:
            return services.answer_note(actor=actor, note=note, school=self.world.oak, accuracy=accuracy, at=self.at)

        if self.step(who, "answer", legal, do, "note.answered"):
            self.model.answers[self.model.version] = accuracy

    def reply(self, who: str) -> None:
        if not (SchoolComment.objects.filter(note=self.note_id, version=self.model.version).exists()):
            return
        comment = (
            SchoolComment.objects.select_related("note")
            .filter(note=self.note_id, version=self.model.version)
            .order_by("answered_at", "pk")
            .first()
        )
        assert comment is not None
        done = self.step(
            who,
            "reply",
            self.model.may(who, "reply", self.on),
            lambda a, n: services.reply_to_comment(actor=a, comment=comment, text="Ours.", at=self.at),
            "note.replied",
        )
        if done and comment.pk in self.model.open_comments:
            self.model.open_comments.remove(comment.pk)

    def extend(self, who: str) -> None:
        if self.model.state not in ("with_school", "final"):
            return
        until = max(self.on, self.note.school_due_on or self.on) + dt.timedelta(days=4)
        self.step(
            who,
            "extend",
            self.model.may(who, "extend", self.on),
            lambda a, n: services.extend_window(actor=a, note=n, until=until, reason=WHY, at=self.at),
            "note.extended",
        )

    def recall(self, who: str) -> None:
        if self.model.state not in ("with_school", "final"):
            return
        done = self.step(
            who,
            "recall",
            self.model.may(who, "recall", self.on),
            lambda a, n: services.recall_note(actor=a, note=n, reason=WHY, at=self.at),
            "note.recalled",
        )
        if done:
            self.model.state = "draft"
            self.model.version = self.model.highest = self.model.highest + 1

    def finalise(self, who: str) -> None:
        if self.model.state not in ("with_school", "ready"):
            return
        due = self.note.school_due_on
        answered = self.model.version in self.model.answers
        waited = due is not None and self.on > due
        legal = self.model.may(who, "finalise", self.on) and (answered or waited) and not self.model.open_comments

        def do(actor: Any, note: NoteOfVisit) -> object:
            return services.finalise_note(
                actor=actor, note=note, rendered=make.rendered(note, RecordKind.FINAL, actor, self.at), at=self.at
            )

        if self.step(who, "finalise", legal, do, "note.finalised"):
            self.model.state, self.model.final, self.model.withdrawn = "final", self.model.version, False

    # -- after final

    def ask_correction(self, who: str) -> None:
        if not (self.model.state in ("final", "with_school") and self.model.final is not None):
            return
        record = NoteRecord.objects.select_related("note").get(note=self.note_id, kind=FINAL, version=self.model.final)
        done = self.step(
            who,
            "ask_correction",
            self.model.may(who, "ask_correction", self.on),
            lambda a, n: services.ask_correction(actor=a, record=record, place="3", why=WHY, at=self.at),
            "note.correction_asked",
        )
        self.model.corrections += done

    def decline(self, who: str) -> None:
        if not (self.model.state == "final" and CorrectionRequest.objects.filter(record__note=self.note_id, state="open").exists()):
            return
        request = CorrectionRequest.objects.select_related("record__note").filter(record__note=self.note_id, state="open").first()
        assert request is not None
        self.step(
            who,
            "decline_correction",
            self.model.may(who, "decline_correction", self.on),
            lambda a, n: services.decline_correction(actor=a, request=request, reason=WHY, at=self.at),
            "note.correction_declined",
        )

    def amend(self, who: str, named: str | None) -> None:
        if self.model.state not in ("final", "withdrawn", "draft"):
            return
        author = named or self.model.author
        fit = self.model.serves(author, self.on) and not (author != self.model.author and author == who)
        legal = self.model.may(who, "amend", self.on) and fit

        def do(actor: Any, note: NoteOfVisit) -> object:
            new = self.people(named) if named else None
            return services.amend_note(actor=actor, note=note, reason=WHY, author=new, at=self.at)

        if self.step(who, "amend", legal, do, "note.amended"):
            self.model.state, self.model.author = "draft", author
            self.model.version = self.model.highest = self.model.highest + 1

    def ask_withdrawal(self, who: str) -> None:
        if not (self.model.final is not None and self.model.asked_of is None and not self.model.withdrawn):
            return
        record = NoteRecord.objects.select_related("note").get(note=self.note_id, kind=FINAL, version=self.model.final)
        legal = who in ("manager", "dpo")
        if self.step(who, "ask_withdrawal", legal, lambda a, n: services.ask_withdrawal(actor=a, record=record, reason=WHY, at=self.at)):
            self.model.asked_by, self.model.asked_of = who, self.model.final

    def decide_withdrawal(self, who: str, confirm: bool) -> None:
        if not (self.model.asked_of is not None):
            return
        asked = RecordWithdrawal.objects.select_related("record__note").get(record__note=self.note_id, state="asked")
        managers = ("manager", "manager_sip")
        legal = (who == "dpo" and self.model.asked_by in managers) or (who in managers and self.model.asked_by == "dpo")
        service = services.confirm_withdrawal if confirm else services.refuse_withdrawal
        if self.step(who, "withdraw", legal, lambda a, n: service(actor=a, withdrawal=asked, at=self.at)):
            if confirm and self.model.asked_of == self.model.final:
                self.model.withdrawn = True
                if self.model.state == "final":
                    self.model.state = "withdrawn"
            self.model.asked_by = self.model.asked_of = None

    # -- what holds after each step (assurance.md G5, by its numbers)

    @invariant()
    def the_note_is_where_the_model_says(self) -> None:
        note, model = self.note, self.model
        assert (note.state, note.version, note.final_version, note.is_final_withdrawn, note.author_id) == (
            model.state,
            model.version,
            model.final,
            model.withdrawn,
            self.world.people[model.author].pk,
        )

    @invariant()
    def records_stand(self) -> None:
        """(1) at most one current version; (2) digests constant; (8) versions strictly increase, none is used twice."""
        rows = list(NoteRecord.objects.filter(note=self.note_id).with_standing().select_related("pdf").order_by("pk"))
        assert sum(1 for r in rows if r.kind == FINAL and not r.is_superseded and not r.is_withdrawn) <= 1
        for row in rows:
            whole = hashlib.sha256(
                f"{row.payload}{row.digest}{row.pdf_digest}{row.at}{row.by_name}".encode() + bytes(row.pdf.content)
            ).hexdigest()
            assert self.model.records.setdefault(row.pk, whole) == whole
            assert row.digest == digest_of(row.payload)
        assert set(self.model.records) == {row.pk for row in rows}
        for kind in (RELEASE, FINAL):
            versions = [row.version for row in rows if row.kind == kind]
            assert versions == sorted(set(versions))

    @invariant()
    def nobody_reviews_their_own(self) -> None:
        """(3)"""
        open_ = GateReview.objects.filter(note=self.note_id, decision="").first()
        assert (open_ is not None) == (self.model.state == "in_review")
        if open_ is not None:
            assert open_.reviewer_id != self.world.people[self.model.author].pk

    @invariant()
    def each_step_left_one_event(self) -> None:
        """(5) exactly one audit row a transition; (6) none lost, none out of order."""
        told = (
            AuditEvent.objects.filter(subject_kind="noteofvisit", event__startswith="note.")
            .exclude(event="note.written")
            .exclude(pk__in=self.before)
        )
        assert list(told.order_by("pk").values_list("event", flat=True)) == self.model.events

    @invariant()
    def one_email_for_each_dispatch_and_recipient(self) -> None:
        """(7)"""
        keys = Counter(OutboxEmail.objects.values_list("dedupe_key", flat=True))
        assert not keys or max(keys.values()) == 1
        sent = Counter(Delivery.objects.filter(dispatch__note=self.note_id).exclude(email="").values_list("dispatch", "email"))
        assert not sent or max(sent.values()) == 1

    @invariant()
    def what_the_school_wrote_stays(self) -> None:
        """(9)"""
        kept = dict(DifferenceOfView.objects.filter(note=self.note_id).values_list("pk", "school_view"))
        assert self.model.views.items() <= kept.items()

    @invariant()
    def who_reads_is_who_may(self) -> None:
        """(4) text and records, for each person; the model's answer is typed from "Who reads what, by state"."""
        model, note = self.model, self.note
        standing = (
            model.state,
            model.version,
            model.author,
            model.reviewer,
            model.opened,
            model.asked_of,
            model.withdrawn,
            self.on,
            len(model.gone),
        )
        if standing == self.checked:
            return
        self.checked = standing
        current = None if model.withdrawn or model.asked_of == model.final else model.final
        self.turn += 1
        for name in PEOPLE[self.turn % 3 :: 3]:  # a third of them in turn: each costs four queries
            user = self.people(name)
            relations = model.is_(name, self.on)
            if name == model.author and (name not in model.gone or self.on <= model.reads_until[name]):
                relations = relations | {"author who left"}
            if model.state != "in_review":
                relations = relations - {"reviewer"}
            assert can(user, P.NOTE_READ, note) == bool(relations & expected.TEXT[model.state]), name
            reads = set(NoteRecord.objects.visible_to(user).filter(note=note).values_list("kind", "version"))
            if name in ("head", "chair", "clerk", "officer"):
                wanted = {(FINAL, current)} if current else set()
                if name == "head" and model.state == "with_school":
                    wanted.add((RELEASE, model.version))
                assert {r for r in reads if r[0] == RELEASE or r[1] == model.final} == wanted, name
            elif name in ("office", "other_manager") or (name == "consultant" and "reviewer" not in relations):
                assert not reads, name
            elif name == "dpo":
                assert all(kind == FINAL for kind, _ in reads) and not ({(FINAL, current)} & reads), name


def digest_of(payload: str) -> str:
    import json

    return digest(json.loads(payload))


@pytest.fixture(scope="module")
def ground(standing: World) -> Iterator[World]:
    world = standing
    with transaction.atomic():
        make_assignment(world.cover_adviser, world.oak, "nc_adviser", starts_on=dt.date(2008, 9, 1))
        Machine.started = note_of(make.fill(world.sip, make.start(world.sip, world.oak)))
        Machine.world, Machine.loaded = world, {}
        yield world
        transaction.set_rollback(True)


def test_whatever_people_do_the_note_keeps_to_the_page(ground: World) -> None:
    Machine.hits, Machine.illegal = Counter(), Counter()
    run_state_machine_as_test(
        Machine,
        settings=hypothesis_settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize="SIP_MACHINE" not in os.environ,
            suppress_health_check=list(HealthCheck),
            database=None,
            phases=[Phase.generate, Phase.shrink] if "SIP_MACHINE" in os.environ else [Phase.generate],  # shrinking may take minutes
        ),
    )
    legal = set(expected.NOTES) & set(Machine.hits)
    assert len(legal) > 12, sorted(legal)
    assert sum(Machine.illegal.values()) > RUNS * 3
