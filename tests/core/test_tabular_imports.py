"""The life of an import: received, previewed, committed or discarded; who may; what happens when something else is first."""

from __future__ import annotations

import io
import itertools
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from core import clock
from core.access import Conflict, Refused
from core.audit import AuditEvent
from core.jobs import State, enqueue
from core.tabular import bulk, services
from core.tabular.imports import IMPORTS, date_in_name
from core.tabular.jobs import commit_import, preview_import
from core.tabular.models import ImportBatch, ImportState
from schools.models import School, SchoolLink
from tests.factories.people import NOW, TODAY
from tests.factories.tables import gias_bytes, school
from tests.jobs import run_jobs

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def register(world: Any, *more: dict[str, Any]) -> bytes:
    """A register with the schools of Wealdshire as they are, and more."""
    held = School.objects.filter(authority=world.authority, status="open")
    rows = [school(s.urn, s.name, estab=s.establishment_number, phase="Secondary" if s.phase == "secondary" else "Primary") for s in held]
    return gias_bytes(*rows, *more)


def received(world: Any, content: bytes, *, actor: Any = None, name: str = "register.csv", **options: Any) -> ImportBatch:
    options = {"kind": "gias", "authority_code": "999"} | options
    return services.receive(actor=actor or world.administrator, file=io.BytesIO(content), file_name=name, at=NOW, **options)


def previewed(world: Any, batch: ImportBatch) -> ImportBatch:
    return services.preview(actor=world.administrator, batch=batch, at=NOW, on=TODAY)


def stored(batch: ImportBatch) -> bool:
    return bool(batch.upload) and batch.upload.storage.exists(batch.upload.name)


# ---------------------------------------------------------------- the steps


def test_a_file_is_kept_privately_until_it_is_committed(world, settings, django_capture_on_commit_callbacks):
    batch = received(world, register(world, school(1, "New School")), name="../../my register.csv")
    assert (batch.state, batch.file_name, batch.by_name) == (ImportState.RECEIVED, "my register.csv", "Ada Minton")
    path = Path(batch.upload.path)
    assert path.is_relative_to(settings.MEDIA_ROOT)
    assert "register" not in path.name, "nothing of the sender's name"
    assert path.stat().st_mode & 0o077 == 0, "for the portal's own account alone"

    previewed(world, batch)
    batch.refresh_from_db()
    assert (batch.state, batch.progress, batch.summary["created"], batch.summary["committed"]) == (ImportState.READY, 100, 1, False)
    assert {
        "action": "created",
        "key": "1",
        "label": "New School",
        "group": "primary",
        "fields": {"status": [None, "open"]},
    } in batch.changes
    assert not School.objects.filter(urn=1).exists()

    with django_capture_on_commit_callbacks(execute=True):
        services.commit(actor=world.administrator, batch=batch, at=NOW, on=TODAY)
    batch.refresh_from_db()
    assert (batch.state, batch.committed_at, batch.summary["committed"]) == (ImportState.COMMITTED, NOW, True)
    assert School.objects.get(urn=1).name == "New School"
    assert (bool(batch.upload), path.exists()) == (False, False)
    assert set(AuditEvent.objects.values_list("event", flat=True)) == {"import.received", "register.imported"}


def test_a_file_with_errors_is_refused_and_cannot_be_committed(world):
    batch = previewed(world, received(world, register(world, school(1, opened="soon"))))
    assert (batch.state, batch.summary["error_count"]) == (ImportState.REFUSED, 1)
    with pytest.raises(Conflict, match="it is refused"):
        services.commit(actor=world.administrator, batch=batch, at=NOW, on=TODAY)


def test_a_file_that_cannot_be_read_is_refused_in_words(world):
    batch = previewed(world, received(world, b"not,a\nregister,1\n"))
    assert batch.state == ImportState.REFUSED
    assert batch.summary["errors"][0]["message"].startswith("It is not a register of schools")


def test_an_import_may_be_given_up_and_its_bytes_go(world, django_capture_on_commit_callbacks):
    batch = previewed(world, received(world, register(world)))
    with django_capture_on_commit_callbacks(execute=True):
        services.discard(actor=world.administrator, batch=batch, at=NOW)
    batch.refresh_from_db()
    assert (batch.state, batch.changes, batch.held, stored(batch), batch.is_open) == (ImportState.DISCARDED, [], [], False, False)
    for deed in (lambda: services.discard(actor=world.administrator, batch=batch, at=NOW), lambda: previewed(world, batch)):
        with pytest.raises(Conflict):
            deed()
    assert AuditEvent.objects.filter(event="import.discarded").count() == 1


def test_a_preview_that_fails_may_be_asked_for_again(world, monkeypatch):
    batch = received(world, register(world))
    with monkeypatch.context() as patch:
        patch.setattr(services, "_compare", lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            previewed(world, batch)
    assert ImportBatch.objects.get().state == ImportState.RECEIVED
    assert previewed(world, batch).state == ImportState.READY


def test_a_commit_that_would_do_something_else_than_the_preview_is_refused_and_shown_anew(world):
    batch = previewed(world, received(world, register(world, school(1, "New School"))))
    School.objects.filter(pk=world.oak.pk).update(name="Renamed meanwhile")
    with pytest.raises(Conflict, match="here is the new preview"):
        services.commit(actor=world.administrator, batch=batch, at=NOW, on=TODAY)
    batch.refresh_from_db()
    assert (batch.state, School.objects.filter(urn=1).exists()) == (ImportState.READY, False)
    assert any(change["fields"].get("name") == ["Renamed meanwhile", "Oakfield Primary School"] for change in batch.changes)
    services.commit(actor=world.administrator, batch=batch, at=NOW, on=TODAY)
    assert School.objects.get(pk=world.oak.pk).name == "Oakfield Primary School"


def test_two_who_commit_the_same_import_commit_it_once(world):
    batch = previewed(world, received(world, register(world, school(1))))
    other_window = ImportBatch.objects.get(pk=batch.pk)
    services.commit(actor=world.administrator, batch=batch, at=NOW, on=TODAY)
    with pytest.raises((Conflict, ValueError)):
        services.commit(actor=world.administrator, batch=other_window, at=NOW, on=TODAY)
    assert AuditEvent.objects.filter(event="register.imported").count() == 1


def test_somebody_who_was_first_is_a_sentence_and_nothing_is_half_written(world, monkeypatch, tmp_path):
    """Two imports of one file were compared before either was written."""
    content = register(world, school(1), school(2))
    compared = services._compare

    def compare_then_lose(*arguments: Any) -> Any:
        found = compared(*arguments)
        School.objects.create(authority=world.authority, urn=2, name="First", phase="primary")
        return found

    monkeypatch.setattr(services, "_compare", compare_then_lose)
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with path.open("rb") as file, pytest.raises(Conflict, match="Nothing was written"):
        services.run(actor=None, kind="gias", authority_code="999", file=file, file_name="a.csv", at=NOW, on=TODAY, should_commit=True)
    assert not School.objects.filter(urn=1).exists()
    assert not ImportBatch.objects.exists()


def test_what_a_writer_raises_undoes_everything(world, monkeypatch):
    batch = previewed(world, received(world, register(world, school(1))))
    monkeypatch.setattr(services.audit, "record", lambda *arguments, **options: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        services.commit(actor=world.administrator, batch=batch, at=NOW, on=TODAY)
    assert (batch.state, School.objects.filter(urn=1).exists()) == (ImportState.READY, False)
    assert stored(ImportBatch.objects.get())


# ---------------------------------------------------------------- who may


def test_only_whoever_keeps_the_register_of_that_authority_may_import_it(world):
    content = register(world)
    for name in ("sip", "manager", "officer", "other_administrator", "head", "outsider"):
        with pytest.raises(PermissionDenied):
            received(world, content, actor=world.people[name])
    with pytest.raises(Refused, match="No authority here has the code 123"):
        received(world, content, authority_code="123")
    assert not ImportBatch.objects.exists()


def test_each_step_asks_again(world):
    batch = received(world, register(world))
    steps = (
        lambda actor: services.preview(actor=actor, batch=batch, at=NOW, on=TODAY),
        lambda actor: services.commit(actor=actor, batch=batch, at=NOW, on=TODAY),
        lambda actor: services.discard(actor=actor, batch=batch, at=NOW),
    )
    for step, name in itertools.product(steps, ("sip", "other_administrator")):
        with pytest.raises(PermissionDenied):
            step(world.people[name])


def test_a_batch_is_seen_by_those_who_may_import_its_kind_there(world):
    batch = received(world, register(world))
    assert list(ImportBatch.objects.visible_to(world.administrator)) == [batch]
    for name in ("manager", "sip", "other_administrator", "outsider"):
        assert not ImportBatch.objects.visible_to(world.people[name]).exists(), name


def test_what_is_received_is_within_its_limit_and_of_a_known_kind(world):
    with pytest.raises(Refused, match="empty"):
        received(world, b"")
    with pytest.raises(Refused, match="larger than 32 MB"):
        received(world, b"x" * ((32 << 20) + 1))
    with pytest.raises(Refused, match="There is no import called nonsense"):
        received(world, b"x", kind="nonsense")
    assert not ImportBatch.objects.exists()


# ---------------------------------------------------------------- in a job


def test_preview_and_commit_run_as_jobs_for_whoever_asked(world):
    batch = received(world, register(world, school(1)))
    asked = enqueue(preview_import, asker_id=world.administrator.pk, batch_id=batch.public_id)
    run_jobs()
    asked.refresh_from_db()
    batch.refresh_from_db()
    assert (asked.state, asked.result, batch.state) == (State.DONE, batch.public_id, ImportState.READY)
    enqueue(commit_import, asker_id=world.administrator.pk, batch_id=batch.public_id)
    run_jobs()
    batch.refresh_from_db()
    assert (batch.state, School.objects.filter(urn=1).exists()) == (ImportState.COMMITTED, True)


def test_a_job_finds_no_batch_outside_the_asker_s_scope(world):
    batch = received(world, register(world))
    asked = enqueue(preview_import, asker_id=world.other_administrator.pk, batch_id=batch.public_id)
    run_jobs()
    asked.refresh_from_db()
    batch.refresh_from_db()
    assert (asked.state, batch.state) == (State.FAILED, ImportState.RECEIVED)


# ---------------------------------------------------------------- parts


def test_every_kind_has_a_template_a_documentation_and_an_event_that_is_declared():
    from core.audit import AUDIT_EVENTS

    assert {kind.key for kind in IMPORTS} >= {"gias", "gias-links", "contacts", "assignments"}
    for kind in IMPORTS:
        assert kind.event in AUDIT_EVENTS
        assert kind.format.template("csv").startswith(b"\xef\xbb\xbf")
        assert kind.format.documentation().startswith("# ")
        assert kind.title
        assert kind.description


@pytest.mark.parametrize(
    ("names", "day"),
    [
        (["edubaseallstatefunded20260602.csv"], "2026-06-02"),
        (["results_20210506_936.csv", "x20200101.csv"], "2021-05-06"),
        (["links-2024-03-12.csv"], "2024-03-12"),
        (["extract.zip", "12345678.csv", "20081399.csv", "120080901.csv"], None),
    ],
)
def test_a_file_s_day_is_the_one_that_its_name_states(names, day):
    found = date_in_name(names)
    assert (found.isoformat() if found else None) == day


NASTY = ["tab\there", "new\nline", "back\\slash", "quote'\"", "\\N", "", "é€😀", "100%", "{0}"]


def test_rows_written_in_bulk_are_as_the_orm_writes_them(world):
    names = ("authority_id", "urn", "linked_urn", "kind", "linked_name", "linked_on")
    rows = [(world.authority.pk, n, 1000 + n, f"kind {n}", text, TODAY if n % 2 else None) for n, text in enumerate(NASTY)]
    assert bulk.insert(SchoolLink, names, iter(rows)) == len(NASTY)
    assert sorted(SchoolLink.objects.values_list(*names)) == sorted(rows)
    changed = [(link.pk, link.linked_name + "\t!", None) for link in SchoolLink.objects.all()]
    assert bulk.update(SchoolLink, ("linked_name", "linked_on"), changed) == len(NASTY)
    assert set(SchoolLink.objects.values_list("pk", "linked_name", "linked_on")) == set(changed)
    assert bulk.insert(SchoolLink, names, []) == bulk.update(SchoolLink, ("linked_name",), []) == 0


def test_fields_that_are_not_given_get_their_defaults(world):
    bulk.insert(School, ("authority_id", "urn", "name", "phase"), [(world.authority.pk, 1, "A", "primary")])
    row = School.objects.get(urn=1)
    assert (row.status, row.town, row.roll, row.cluster) == ("open", "", None, None)
    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(School, ("authority_id", "urn", "name", "phase"), [(world.authority.pk, 1, "A", "primary")])


def test_a_row_that_has_gone_is_told(world):
    with pytest.raises(bulk.Gone), transaction.atomic():
        bulk.update(School, ("name",), [(world.oak.pk, "A"), (10**9, "B")])
    with pytest.raises(LookupError):
        bulk.update(School, ("colour",), [(world.oak.pk, "red")])


def test_times_are_the_portal_s_and_aware(world):
    batch = received(world, register(world))
    assert timezone.is_aware(batch.received_at)
    assert clock.today() == TODAY
