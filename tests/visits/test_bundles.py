"""Many final notes as one file: what it holds, for whom, for how long, and that nobody gets by it what they may not read."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import zipfile
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from core import files
from core.access import Refused
from core.audit import AuditEvent
from core.documents import Made
from core.jobs import Job
from schools.models import School
from tests.factories import visits as make
from tests.factories.people import NOW
from tests.factories.schools import World
from tests.jobs import run_jobs
from tests.reading import flat
from visits import bundle_choice, bundles, services
from visits.bundle_choice import Wanted
from visits.jobs import make_bundle
from visits.models import Bundle, NoteRecord
from visits.services import ImportedNote

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: World, settings: Any, tmp_path: Path) -> World:
    """A final note of Oakfield and one taken over from before the portal."""
    settings.MEDIA_ROOT = tmp_path
    make.load_england_2008(world.authority)
    make.bring_to("final", author=world.sip, school=world.oak, manager=world.manager, head=world.head)
    services.import_note(
        actor=None,
        note=ImportedNote(
            school=world.oak,
            author=world.sip,
            visit_type="autumn",
            on=dt.date(2007, 11, 1),
            finalised_at=NOW - dt.timedelta(days=300),
            sections={"leadership": "Leaders act on what they see."},
        ),
        source="the earlier system",
        at=NOW,
    )
    return world


def ask(world: World, name: str, form: str = "zip", **wanted: Any) -> Bundle:
    return services.ask_bundle(
        actor=world.fresh(name), authority=world.authority, wanted=Wanted(**wanted), form=form, task=make_bundle, at=NOW
    )


def made(bundle: Bundle) -> Bundle:
    run_jobs()
    bundle.refresh_from_db()
    return bundle


def client_of(world: World, name: str) -> Client:
    client = Client()
    client.force_login(world.people[name])
    return client


def test_one_pdf_with_tags_and_bookmarks(world: World) -> None:
    bundle = made(ask(world, "manager", "pdf", school=world.oak))
    assert bundle.is_ready and (len(bundle.records), bundle.rendered) == (2, 1)
    with bundle.file.open("rb") as file, pikepdf.open(file) as pdf:
        assert len(pdf.pages) == bundle.pages and pdf.Root.MarkInfo.Marked and pdf.docinfo["/Title"] == bundle.title
        with pdf.open_outline() as outline:
            titles = [item.title for item in outline.root]
            assert titles == ["What this file holds", f"{world.oak.name}, 1 November 2007", f"{world.oak.name}, 9 October 2008"]
            assert len(outline.root[2].children) > 5
        assert "/StructParents" in pdf.pages[-1], "the pages of the notes have lost their tags"
    assert [m.subject for m in sent()] == ["Your file of notes is ready"]


def sent() -> list[Any]:
    mail.outbox.clear()
    make.deliver_mail()
    return [message for message in mail.outbox if "file of notes" in message.subject]


def test_a_zip_holds_the_pdfs_of_record_byte_for_byte_and_says_which_are_not(world: World) -> None:
    bundle = made(ask(world, "officer"))
    record = NoteRecord.objects.get(kind="final", pdf__isnull=False)
    with bundle.file.open("rb") as file, zipfile.ZipFile(file) as packed:
        names = packed.namelist()
        assert packed.read(next(name for name in names if "2008-10-09" in name)) == files.read(record.pdf)  # type: ignore[arg-type]
        imported = next(name for name in names if "2007-11-01" in name)
        assert imported.endswith("-imported.pdf") and packed.read(imported).startswith(b"%PDF-1.7")
        rows = list(csv.DictReader(io.StringIO(packed.read("contents.csv").decode("utf-8-sig"))))
    assert {row["What it is"] for row in rows} == {"PDF of record", "imported: made from its text, no PDF of record"}

    client = client_of(world, "officer")
    address = reverse("visits:bundle-download", args=[bundle.public_id])
    response = client.get(address)
    assert b"".join(response.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]
    assert "no-store" in response["Cache-Control"] and "attachment" in response["Content-Disposition"]
    opened = AuditEvent.objects.filter(event="record.downloaded", actor_id=world.officer.public_id)
    assert opened.count() == 2, "who took the notes, in a bundle or not, is seen by all who may read them"

    # what may no longer be read is not to be had from the file that was made when it could be
    School.objects.filter(pk=record.school_id).update(cluster=world.south)
    refused = client.get(address)
    assert refused.status_code == 409 and "no longer yours to read" in html.unescape(refused.content.decode())
    School.objects.filter(pk=record.school_id).update(cluster=world.north)
    services.ask_withdrawal(actor=world.fresh("manager"), record=record, reason="A pupil is named.", at=NOW)
    refused = client.get(address)
    assert refused.status_code == 409 and "no longer kept" in html.unescape(refused.content.decode())
    again = made(ask(world, "officer"))
    assert record.public_id not in again.records and len(again.records) == 1


def test_the_scope_is_the_askers_when_it_is_asked_for_and_when_it_is_made(world: World) -> None:
    with pytest.raises(Refused, match="No final note"):
        ask(world, "officer_south")
    assert [len(ask(world, name).records) for name in ("head", "sip", "chair")] == [2, 2, 2]

    waiting = ask(world, "head_of_improvement")
    services.ask_withdrawal(
        actor=world.fresh("manager"), record=NoteRecord.objects.get(kind="final", is_imported=False), reason="A pupil is named.", at=NOW
    )
    assert (made(waiting).left_out, len(waiting.records)) == (1, 1)


def test_limits_say_what_to_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_choice, "MOST", {"pdf": 1, "zip": 5})
    with pytest.raises(Refused, match="holds at most 1 notes, and this is 2"):
        ask(world, "manager", "pdf")
    for _ in range(3):
        ask(world, "manager")
    with pytest.raises(Refused, match="3 of your bundles are being made"):
        ask(world, "manager")


def test_from_the_page_and_back_until_it_expires(world: World) -> None:
    client = client_of(world, "manager")
    url = reverse("visits:bundle-list") + f"?school={world.oak.public_id}"
    page = flat(html.unescape(client.get(url).content.decode()))
    assert "Make one PDF of 2 notes" in page and "imported, no PDF of record" in page
    assert "Several schools match" in html.unescape(client.get(reverse("visits:bundle-list") + "?school=school").content.decode())
    response = client.post(url, {"form": "zip"})
    bundle = Bundle.objects.get()
    assert response["Location"] == bundle.get_absolute_url() and bundle.title == f"Final notes, {world.oak.name}"
    assert "Being put together" in client.get(bundle.get_absolute_url()).content.decode()
    progress = reverse("people:job-progress", args=[bundle.job])
    assert client.get(progress).json()["finished"] is False
    made(bundle)
    assert client.get(progress).json()["finished"] is True and Job.objects.get().done == 2
    assert "It is ready." in client.get(bundle.get_absolute_url()).content.decode()
    assert bundle.title in client.get("/").content.decode()

    assert services.expire_bundles(actor=None, at=NOW + dt.timedelta(days=6)) == 0
    path = Path(bundle.file.path)
    assert path.exists()
    assert services.expire_bundles(actor=None, at=NOW + dt.timedelta(days=8)) == 1
    bundle.refresh_from_db()
    assert bundle.is_gone and AuditEvent.objects.filter(event="bundle.expired").exists()
    assert client.get(reverse("visits:bundle-download", args=[bundle.public_id])).status_code == 409


def test_a_file_is_kept_taken_and_dropped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "note_made", lambda payload, digest, imported: Made(b"%PDF-", 1))
    bundle, manager = ask(world, "manager"), world.fresh("manager")
    records = list(bundle_choice.still_readable(bundle, manager))
    made = bundles.make_file(bundle, records, NOW, lambda done, total, message: None)
    with made.file:
        services.keep_bundle(actor=manager, bundle=bundle, made=made, records=records, at=NOW)
    services.take_bundle(actor=manager, bundle=bundle, at=NOW)
    services.drop_bundle(actor=manager, bundle=bundle, at=NOW)
    with pytest.raises(Refused, match="no longer kept"):
        services.take_bundle(actor=manager, bundle=bundle, at=NOW)
    done = AuditEvent.objects.filter(subject_id=bundle.public_id).order_by("id").values_list("event", flat=True)
    assert list(done) == ["bundle.asked", "bundle.made", "bundle.taken", "bundle.dropped"]


def test_a_former_lead_reads_the_versions_that_they_wrote_and_no_others(world: World) -> None:
    """domain.md §3: what they wrote, for 90 days; of a version that another wrote they read nothing."""
    note = NoteRecord.objects.get(is_imported=False, kind="final").note
    other = world.people["cover_adviser"]
    from tests.factories.schools import make_assignment

    make_assignment(other, world.oak, "nc_adviser", starts_on=dt.date(2008, 9, 1))
    services.amend_note(
        actor=world.fresh("manager"), note=make.fresh(note), reason="The figures of July.", at=NOW, author=world.fresh("cover_adviser")
    )
    note = make.submit(world.fresh("cover_adviser"), note)
    if note.state == "in_review":
        services.approve_note(actor=world.fresh("manager"), note=note, at=NOW)
    make.release(world.fresh("cover_adviser"), note)
    read = NoteRecord.objects.visible_to(world.fresh("sip")).filter(note=note).values_list("version", "kind")
    assert set(read) == {(1, "release"), (1, "final")}
    assert set(NoteRecord.objects.visible_to(world.fresh("cover_adviser")).filter(note=note).values_list("version", "kind")) >= {
        (2, "release")
    }
