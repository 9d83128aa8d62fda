"""The demonstration authority, made once for this module and rolled back after it."""

from __future__ import annotations

import datetime as dt
import io
import json
import shutil
import sqlite3
import subprocess
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from core import clock, files
from core.documents import make
from core.due import due_to
from core.outbox import OutboxEmail
from people.models import Authority, Cluster, Mentorship, Sip, User
from schools.choices import AssignmentKind, ContactState
from schools.models import Assignment, Contact, Group, Interest, InterestDeclaration, School
from sip_portal.demo import material, seed
from support.models import Concern, Intervention, SchoolCategory
from targets.models import Target
from tests.jobs import run_jobs
from tests.seeded import empty as make_empty
from tests.seeded import keep, place
from tests.seeded import seed as make_demonstration
from visits import services as visits
from visits.bundle_choice import Wanted
from visits.choices import NoteState, RecordKind, VisitState
from visits.documents import CopyFacts, copy_document
from visits.jobs import make_bundle
from visits.models import (
    AgreedAction,
    CommentaryRecord,
    CorrectionRequest,
    Delivery,
    NoteOfVisit,
    NoteRecord,
    NoteShare,
    RecordWithdrawal,
    RequestItem,
    Round,
    Visit,
)
from visits.redaction import all_words, marked_words, remains
from visits.services.release import why_not_final
from visits.services.requests import compose_copy

pytestmark = pytest.mark.django_db

SQLITE = connection.vendor == "sqlite"
TODAY = seed.TODAY


@pytest.fixture(scope="module")
def empty(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the migrated database, before anything is in it (SQLite)."""
    path = tmp_path_factory.mktemp("demonstration") / "second.sqlite3"
    if SQLITE:
        with django_db_blocker.unblock():
            make_empty(path)
    return path


@pytest.fixture(scope="module", autouse=True)
def seeded(empty: Path, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        if SQLITE:  # keys begin at one again, as in a new database
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM sqlite_sequence")
        assert seed.make()
        yield
        transaction.set_rollback(True)


def round_notes() -> Any:
    return NoteOfVisit.objects.filter(visit__is_imported=False)


def at_school(urn: int) -> NoteOfVisit:
    """The note of this year's visit to a school."""
    return round_notes().filter(visit__visit_schools__school__urn=urn).exclude(state=NoteState.ABANDONED).get()


# ---------------------------------------------------------------- what is there


def test_the_authority_at_its_size() -> None:
    authority = Authority.objects.get()
    assert (authority.code, authority.name, authority.lot_seed != "") == ("999", "Wealdshire", True)
    assert School.objects.count() == 40
    assert Counter(School.objects.values_list("phase", flat=True)) == {
        "primary": 24,
        "infant": 3,
        "junior": 3,
        "secondary": 8,
        "special": 1,
        "pru": 1,
    }
    assert not School.objects.filter(cluster=None).exists()
    assert not School.objects.filter(roll=None).exists()
    assert not School.objects.filter(easting=None).exists()
    assert Cluster.objects.count() == 19
    assert Counter(Sip.objects.values_list("kind", flat=True)) == {"adviser": 3, "serving_head": 2, "recent_head": 1, "consultant": 2}
    new = [sip for sip in Sip.objects.all() if sip.is_new_on(TODAY)]
    assert [sip.user.name for sip in new] == ["Kwabena Amponsah"]
    assert Mentorship.objects.filter(sip=new[0], is_reviewer=True).exists()


def test_everybody_is_served_and_declared_but_one() -> None:
    served = Assignment.objects.on(TODAY).filter(kind=AssignmentKind.SIP)
    assert served.count() == 40
    assert Assignment.objects.on(TODAY).filter(kind=AssignmentKind.COVER).count() == 1
    assert Assignment.objects.filter(kind=AssignmentKind.NC_ADVISER).count() == 3
    undeclared = Sip.objects.exclude(user__in=InterestDeclaration.objects.filter(academic_year=2008).values("user"))
    assert [sip.user.name for sip in undeclared] == ["Rachel Standen"]
    assert Interest.objects.count() == 3
    assert Group.objects.get().memberships.count() == 2
    assert Contact.objects.filter(state=ContactState.REPORTED).count() == 2
    assert SchoolCategory.objects.filter(ends_on=None).count() == 40
    assert Concern.objects.count() == 10
    assert Intervention.objects.exists()
    assert Target.objects.filter(state="agreed").exists()


def test_two_hats() -> None:
    officer = User.objects.get(name="Hugh Carstairs-Low")
    school = School.objects.get(urn=990108)
    assert {hat.value for hat in officer.hats.at(school)} == {"chair"}  # his officer's hat is void there
    head = User.objects.get(name="Nasreen Qadri")
    assert {hat.value for hat in head.hats.at(School.objects.get(urn=990465))} == {"head"}
    assert {hat.value for hat in head.hats.at(School.objects.get(urn=990263))} == {"adviser"}


def test_a_visit_and_a_note_in_every_state() -> None:
    assert set(Visit.objects.values_list("state", flat=True)) == set(VisitState.values)
    assert set(NoteOfVisit.objects.values_list("state", flat=True)) == set(NoteState.values)
    counts = Counter(round_notes().values_list("state", flat=True))
    assert counts == {"with_school": 6, "in_review": 4, "draft": 4, "ready": 2, "final": 2, "returned": 1, "abandoned": 2}
    earlier = NoteOfVisit.objects.filter(visit__is_imported=True)
    assert Counter(earlier.values_list("state", flat=True)) == {"final": 77, "draft": 1, "withdrawn": 1}
    held = Visit.objects.filter(state=VisitState.HELD, is_imported=False, note=None, note_waived_at=None)
    assert held.count() == 2
    assert Visit.objects.filter(note_waived_at__isnull=False).count() == 1
    assert Visit.objects.exclude(place_of=None).count() == 1
    assert Visit.objects.exclude(second_adviser=None).count() == 1
    assert [visit.is_group for visit in Visit.objects.filter(visit_schools__position=1)] == [True]


def test_what_is_late_and_what_waits() -> None:
    drafts = round_notes().filter(state=NoteState.DRAFT)
    assert drafts.filter(draft_due_on=TODAY).count() == 1
    assert drafts.filter(draft_due_on__lt=TODAY).count() == 1
    assert [
        review.is_concern for note in round_notes().filter(state="in_review") for review in note.gate_reviews.filter(decision="")
    ].count(True) == 2
    assert why_not_final(at_school(990108), TODAY) == "1 of the inaccuracies that the school raised has no answer yet."
    assert why_not_final(at_school(990303), TODAY) is None
    assert (at_school(990158).school_due_on, why_not_final(at_school(990158), TODAY)) == (dt.date(2008, 10, 7), None)
    assert at_school(990119).school_due_on is None  # the mail came back: the window has not begun
    assert Delivery.objects.filter(state="bounced").count() == 1
    assert NoteShare.objects.count() == 1
    assert CorrectionRequest.objects.filter(state="open").count() == 1
    assert Counter(RecordWithdrawal.objects.values_list("state", flat=True)) == {"confirmed": 2, "asked": 1}
    assert AgreedAction.objects.filter(state="open", due_on__lt=TODAY).exists()
    assert {"open", "met", "not_met", "proposed"} == set(AgreedAction.objects.values_list("state", flat=True))


def test_versions() -> None:
    superseded = NoteOfVisit.objects.get(visit__visit_schools__school__urn=990057, visit__visit_type="summer")
    assert (superseded.state, superseded.final_version) == ("final", 2)
    standing = {record.version: record.is_superseded for record in superseded.records.filter(kind=RecordKind.FINAL).with_standing()}
    assert standing == {1: True, 2: False}
    amended = NoteOfVisit.objects.get(visit__visit_schools__school__urn=990118, visit__visit_type="summer")
    assert (amended.state, amended.version, amended.final_version) == ("draft", 2, 1)


def test_records_have_their_pdf_unless_they_are_imported() -> None:
    own = NoteRecord.objects.filter(is_imported=False).select_related("pdf")
    assert Counter(own.values_list("kind", flat=True)) == {"release": 10, "final": 3}
    assert all(files.read(record.pdf).startswith(b"%PDF-") for record in own if record.pdf)
    assert not NoteRecord.objects.filter(is_imported=True).exclude(pdf=None).exists()
    assert NoteRecord.objects.filter(is_imported=True).count() == 79


def test_mail_is_settled_and_nothing_was_sent() -> None:
    from django.core import mail

    assert set(OutboxEmail.objects.values_list("state", flat=True)) == {"sent", "bounced"}
    assert mail.outbox == []
    assert not Delivery.objects.filter(state="queued").exists()


def test_nothing_happens_after_today() -> None:
    from core.audit import AuditEvent

    assert AuditEvent.objects.latest("occurred_at").occurred_at.date() <= TODAY
    assert not NoteRecord.objects.filter(at__date__gt=TODAY).exists()


def test_only_names_of_the_material() -> None:
    """Every person is one of the made-up people; no note names any of them."""
    known = {person["name"] for person in material.toml("people")["person"]} | {row["Name"] for row in material.rows("contacts")}
    known |= {entry["name"] for entry in material.toml("round")["reported"]}
    assert set(User.objects.values_list("name", flat=True)) <= known
    assert set(Contact.objects.values_list("name", flat=True)) <= known
    assert all(email.endswith(".example") for email in User.objects.values_list("email", flat=True))
    assert all(email.endswith(".example") for email in Contact.objects.exclude(email="").values_list("email", flat=True))
    for record in NoteRecord.objects.all():
        text = json.dumps(json.loads(record.payload)["sections"], ensure_ascii=False)
        for section in json.loads(record.payload)["sections"]:
            for comment in section["comments"]:  # the school's words are signed
                text = text.replace(json.dumps(comment, ensure_ascii=False), "")
        assert not [name for name in known if name in text], record


# ---------------------------------------------------------------- what a year yields


def printed(pdf: bytes, path: Path) -> str:
    """What a reader, and a program that looks into the file, finds in a PDF."""
    path.write_bytes(pdf)
    commands = (["pdftotext", str(path), "-"], ["pdfinfo", str(path)])
    said = [subprocess.run(command, capture_output=True, text=True, check=True).stdout for command in commands]
    return " ".join(" ".join(said).split())


def account(role: str) -> User:
    return next(account.user for account in seed.accounts() if account.role == role)


def test_the_year_has_its_commentary_of_its_final_notes() -> None:
    record = CommentaryRecord.objects.get(kind=RecordKind.FINAL, is_sealed=False)
    for role in ("Chair of governors", "Headteacher", "SIP manager"):
        seen = CommentaryRecord.objects.visible_to(account(role)).filter(kind=RecordKind.FINAL, is_sealed=False)
        assert seen.get() == record, role
    quoted = {source.note.reference for source in record.sources.all()}
    of_the_year = NoteRecord.objects.filter(school=record.school, kind=RecordKind.FINAL, note__visit__academic_year=2007)
    assert quoted == {one.note.reference for one in of_the_year} and len(quoted) == 3
    assert all(reference in record.payload for reference in quoted)
    assert files.read(record.pdf).startswith(b"%PDF-")


def test_a_bundle_holds_every_final_note_of_a_round(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    round_ = next(one for one in Round.objects.all() if "primary" in one.phases)
    final = list(NoteRecord.objects.filter(note__visit__round=round_, kind=RecordKind.FINAL).select_related("pdf"))
    assert len(final) > 1
    bundle = visits.ask_bundle(
        actor=account("SIP manager"),
        authority=round_.authority,
        wanted=Wanted(round=round_),
        form="zip",
        task=make_bundle,
        at=seed.moment(TODAY, 12),
    )
    run_jobs()
    bundle.refresh_from_db()
    assert (bundle.is_ready, bundle.left_out, bundle.rendered) == (True, 0, 0)
    with bundle.file.open("rb") as file, zipfile.ZipFile(file) as packed:
        held = {packed.read(name) for name in packed.namelist() if name.endswith(".pdf")}
    assert held == {files.read(record.pdf) for record in final if record.pdf}
    assert len(held) == len(final)


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="no pdftotext")
def test_the_redacted_copy_holds_none_of_the_removed_strings(tmp_path: Path) -> None:
    """The request of the demonstration: its marks are made, its copy is the next step of the data protection officer."""
    unmade = RequestItem.objects.filter(copies=None).select_related("request__authority")
    (item,) = [one for one in unmade if one.passages and one.names]
    officer = User.objects.get(pk=item.added_by_id)
    at = seed.moment(TODAY, 12)
    text = visits.read_request_item(actor=officer, item=item, at=at)
    removed = marked_words(text, item.passages, item.names)
    assert len(removed) > 3 and remains(all_words(text), removed) == removed
    made = compose_copy(item, officer, at)
    facts = CopyFacts(item.request.reference, item.request.received_on, made.redacted.removed)
    pdf = make(copy_document(made.redacted.payload, made.digest, facts, item.request.authority)).pdf
    copy = visits.keep_copy(actor=officer, item=item, made=made.with_pdf(pdf), at=at)
    shown = printed(visits.take_copy(actor=officer, copy=copy, at=at), tmp_path / "copy.pdf")
    assert remains(shown, removed) == []
    assert "[removed:" in shown and item.request.reference in shown


# ---------------------------------------------------------------- the printed accounts


def test_only_the_printed_accounts_have_a_password() -> None:
    printed = {account.email for account in seed.accounts()}
    assert len(printed) == 10
    assert {user.email for user in User.objects.all() if user.has_usable_password()} == printed


@pytest.mark.parametrize("role", [entry["account"] for entry in material.toml("people")["person"] if "account" in entry])
def test_a_printed_account_signs_in(role: str) -> None:
    account = next(account for account in seed.accounts() if account.role == role)
    client = Client()
    answer = client.post(reverse("account_login"), {"login": account.email, "password": account.password})
    assert (answer.status_code, answer["Location"]) == (302, reverse("home"))
    assert client.session["_auth_user_id"] == str(account.user.pk)


def test_the_accounts_are_printed_with_what_is_due() -> None:
    out = io.StringIO()
    call_command("demo_accounts", stdout=out)
    shown = out.getvalue()
    assert shown.index("rosemary.attfield@") < shown.index("stuart.haffenden@") < shown.index("eamon.prunty@")
    assert shown.count(seed.PASSWORD) == 10
    administrator = next(account for account in seed.accounts() if account.role == "Administrator")
    assert administrator.due(clock.today()) in shown
    assert "2 changes of contacts to confirm" in shown


def test_the_chain_of_the_first_five_minutes() -> None:
    """One school: its SIP has a visit to log today, its head and chair a draft to answer today, its officer a draft to read."""
    people = {account.role: account.user for account in seed.accounts()}
    school = School.objects.get(urn=990015)
    assert Assignment.objects.on(TODAY).filter(school=school, adviser=people["SIP"]).exists()
    hats = {role: {hat.value for hat in people[role].hats.at(school)} for role in ("Headteacher", "Chair of governors", "LA officer")}
    assert hats == {"Headteacher": {"head"}, "Chair of governors": {"chair"}, "LA officer": {"officer"}}
    visit = Visit.objects.get(lead=people["SIP"], state=VisitState.BOOKED, on=TODAY)
    assert visit.school == school
    draft = NoteOfVisit.objects.get(visit__visit_type="additional-concern")
    assert (draft.state, draft.school_due_on, draft.goes_to_chair) == ("with_school", TODAY, True)
    for role in ("Headteacher", "Chair of governors", "LA officer"):
        assert NoteRecord.objects.visible_to(people[role]).filter(note=draft).exists(), role
    assert Concern.objects.filter(school=school).exists()  # so that the manager reviews what the SIP submits


WITH_A_HOME = ["SIP", "SIP manager", "LA officer", "Headteacher", "Chair of governors", "Administrator"]


@pytest.mark.parametrize("role", WITH_A_HOME)
def test_something_is_due_to_each_role_with_a_home(role: str) -> None:
    from core.due import DUE_ITEMS

    if role != "Administrator" and not any(key.startswith("visits.") for key, _ in DUE_ITEMS.items()):
        pytest.skip("visits contribute nothing that is due yet")
    user = next(account.user for account in seed.accounts() if account.role == role)
    assert due_to(user, TODAY)


# ---------------------------------------------------------------- twice the same

DIFFERS = {
    "people_user": {"password", "last_login"},
    "quality_feedbackrequest": {"token_digest"},
    "visits_sealedrecord": {"private", "payload", "pdf"},
    "core_job": {"task_id", "created_at"},
    "django_tasks_database_dbtaskresult": {"id", "enqueued_at"},
}
"""A password has a salt of its own, a link its secret, a seal its key, and the queue its own ids and clock."""

LAID_OUT = ("core_search_stems_", "core_search_words_")
"""How the index of ``core_searchdocument`` lies in its pages: rebuilt on commit, which this module never does."""


@pytest.mark.skipif(not SQLITE, reason="compares two SQLite databases row by row")
def test_two_runs_are_equal_row_by_row(empty: Path) -> None:
    """The second in a process of its own, where sets come in another order. A journey goes on from it."""
    kept = place()
    done = make_demonstration(empty)
    assert "Wealdshire is made" in done.stdout
    assert done.stderr == ""
    keep(empty, kept)
    reads_alike = sqlite3.PARSE_DECLTYPES | sqlite3.PARSE_COLNAMES
    with sqlite3.connect(empty, detect_types=reads_alike) as second, connection.cursor() as first:
        first.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name")
        tables = [
            name for (name,) in first.fetchall() if not name.startswith(LAID_OUT) and name not in ("django_migrations", "sqlite_sequence")
        ]
        assert len(tables) > 50
        for table in tables:
            columns = [row[1] for row in second.execute(f'PRAGMA table_info("{table}")') if row[1] not in DIFFERS.get(table, ())]
            query = f'SELECT {", ".join(f"{chr(34)}{name}{chr(34)}" for name in columns)} FROM "{table}" ORDER BY 1, 2'
            first.execute(query)
            assert first.fetchall() == second.execute(query).fetchall(), table
